// SPDX-License-Identifier: EUPL-1.2
// Signatures that are made in different places, offline, over a FILE that parties sign
// (client/convenant/bundle.h).
#ifndef SEINPOST_CLIENT_CONVENANT_SIGN_H_
#define SEINPOST_CLIENT_CONVENANT_SIGN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/convenant/bundle.h"
#include "client/terminal/context.h"

namespace seinpost::client {

struct ConvenantSignArgs {
  std::string file;
  std::string org_dir;
  std::string previous;    // version n, for version n+1; the version in force, for an act
  std::string new_root;    // key directory with the new root key, if it is another
  bool lost_root = false;  // the key in force is lost: only the new one signs
};
struct DocumentSigned {
  Document document;
  Standing standing;
  std::string signer;                  // party
  std::vector<std::string> signed_as;  // "PARTY", "PARTY/new"
};
// Signs with every key with which the party of this key directory must sign FILE, into FILE.sig. Asks for the
// passphrase. A usage error: it has nothing to sign, or another key than is needed.
absl::StatusOr<DocumentSigned> SignDocument(const Context& context, const ConvenantSignArgs& args);

struct ConvenantBundleArgs {
  std::string file;
  std::vector<std::string> signatures;
  std::string previous;
};
struct SignaturesBundled {
  Document document;
  Standing standing;
};
// Adds to FILE.sig the signatures of other files like it, if every one fits; without others only looks how
// far the signing has come.
absl::StatusOr<SignaturesBundled> BundleSignatures(const ConvenantBundleArgs& args);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_CONVENANT_SIGN_H_
