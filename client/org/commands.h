// SPDX-License-Identifier: EUPL-1.2
// `seinpost org`: does what the headers below declare and says it (words.h). For administrators: messages are
// English.
#ifndef SEINPOST_CLIENT_ORG_COMMANDS_H_
#define SEINPOST_CLIENT_ORG_COMMANDS_H_

#include "absl/status/status.h"
#include "client/org/invite.h"
#include "client/org/keys.h"
#include "client/org/mandates.h"
#include "client/org/publish.h"
#include "client/terminal/context.h"

namespace seinpost::client {

absl::Status OrgInit(Context& context, const OrgInitArgs& args);
absl::Status OrgIssuer(Context& context, const OrgIssuerArgs& args);
absl::Status OrgRoot(Context& context, const OrgRootArgs& args);
absl::Status OrgFingerprint(Context& context, const OrgFingerprintArgs& args);
absl::Status OrgInvite(Context& context, const OrgInviteArgs& args);
absl::Status OrgGrant(Context& context, const OrgGrantArgs& args);
absl::Status OrgEnd(Context& context, const OrgEndArgs& args);
absl::Status OrgMandates(Context& context, const OrgMandatesArgs& args);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_ORG_COMMANDS_H_
