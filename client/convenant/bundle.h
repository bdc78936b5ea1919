// SPDX-License-Identifier: EUPL-1.2
// What several parties sign in different places: a document FILE (the YAML of a convenant, or an act that
// `convenant trust-update`, `restrict` or `epoch` made) and beside it FILE.sig, an encoded SignedObject with
// the signatures so far. Who must sign is in docs/formats/convenant_signatures.md. No secrets; no network.
#ifndef SEINPOST_CLIENT_CONVENANT_BUNDLE_H_
#define SEINPOST_CLIENT_CONVENANT_BUNDLE_H_

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/broker/convenant_file.h"
#include "crypto/sign.h"
#include "policies/document/convenant.h"
#include "seinpost/v1/trust.pb.h"
#include "trust/succession.h"
#include "util/bytes.h"

namespace seinpost::client {

// An act that parties sign.
using Act = std::variant<v1::TrustUpdate, v1::RestrictionOrder, v1::LogEpoch>;

// Exactly one of `convenant` and `act` is there: what `body` says.
struct Document {
  std::string path;
  v1::ObjectKind kind = v1::OBJECT_KIND_CONVENANT;
  Bytes body;
  std::optional<ConvenantFile> convenant;
  std::optional<Act> act;

  std::string SignatureFile() const { return path + ".sig"; }
  // Of the convenant it is, or speaks of.
  const std::string& convenant_id() const;
};
// An act is an encoded SignedObject without signatures; anything else is taken for YAML. kInvalidArgument:
// neither.
absl::StatusOr<Document> ReadDocument(const std::string& path);
// An act that is to lie at `path`, and its file, for ReadDocument.
Document MakeDocument(std::string path, Act act);
Bytes EncodeAct(const Document& act);

// Who can sign a document, with which key, and how many must.
struct Needed {
  trust::SignerKeys keys;  // "PARTY", or "PARTY/new" for a root key that replaces another
  size_t quorum = 0;
  // What must follow what: of a convenant, the version before; otherwise null.
  const ConvenantFile* previous = nullptr;
};
// `in_force` is the version before for a convenant (null for version 1), and the version in force for an act;
// it outlives the result. kInvalidArgument: it is missing, is not the one that an act speaks of, or states no
// change_quorum though the act needs one. kFailedPrecondition: the convenant does not follow it.
absl::StatusOr<Needed> NeededFor(const Document& document, const ConvenantFile* in_force);
// Whether this is the key in force of a party that changes its key: if it is lost, it can be done without.
bool IsReplaced(const Needed& needed, absl::string_view signer);

// How far the signing has come.
struct Standing {
  std::vector<std::string> missing;  // signers that are not there
  size_t lacking = 0;                // how many of them are still needed
  std::string lost;                  // the only one missing, whose key is replaced without it; or empty
  bool complete() const { return lacking == 0; }
};
// `object` is what FILE.sig holds, or empty. kDataLoss (exit 5): a signature does not fit its key, or is by
// somebody who has nothing to sign.
absl::StatusOr<Standing> CheckSignatures(ByteView object, const Document& document, const Needed& needed);
// FILE.sig, empty if there is none yet; or another file like it. kInvalidArgument: over another text.
absl::StatusOr<Bytes> ReadSignatures(const Document& document);
absl::StatusOr<Bytes> ReadSignaturesFrom(const std::string& path, const Document& document);
// `object`, which may be empty, with one more signature.
absl::StatusOr<Bytes> AddSignature(ByteView object, const Document& document, absl::string_view signer,
                                   const crypto::SigningKey& key);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_CONVENANT_BUNDLE_H_
