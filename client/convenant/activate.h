// SPDX-License-Identifier: EUPL-1.2
// What was signed goes to the broker.
#ifndef SEINPOST_CLIENT_CONVENANT_ACTIVATE_H_
#define SEINPOST_CLIENT_CONVENANT_ACTIVATE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/convenant/bundle.h"
#include "client/terminal/context.h"

namespace seinpost::client {

struct ConvenantActivateArgs {
  std::string file;
  std::string broker;
  std::string tls_ca;
};

struct DocumentActivated {
  Document document;
  bool active = false;  // false: proposed, and still to be in public
  // Unless active:
  absl::Time proposed, earliest;
  absl::Duration wait;
};
// Sends FILE with FILE.sig, checked before, to the broker: a version that is to come into force, or an act.
// Where the root key of a party is lost, with the evidence that it was proposed 72 hours ago
// (ProposeVersion); until then nothing is sent. kPermissionDenied: signatures are missing.
// kFailedPrecondition: the version does not follow the one in force.
absl::StatusOr<DocumentActivated> ActivateDocument(const Context& context, const ConvenantActivateArgs& args);

struct VersionProposed {
  Document document;  // a convenant
  std::string lost;   // party whose root key is replaced without it
  absl::Time proposed, earliest;
  std::string checkpoint;  // file: the first checkpoint with the proposal, FILE.proposed
};
// Publishes FILE as a proposal, and keeps the first checkpoint with it. Once more changes nothing. Errors as
// above; a usage error: it replaces no lost root key.
absl::StatusOr<VersionProposed> ProposeVersion(const Context& context, const ConvenantActivateArgs& args);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_CONVENANT_ACTIVATE_H_
