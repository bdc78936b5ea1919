// SPDX-License-Identifier: EUPL-1.2
// What an administrator gives to somebody who is to join.
#ifndef SEINPOST_CLIENT_ORG_INVITE_H_
#define SEINPOST_CLIENT_ORG_INVITE_H_

#include <string>

#include "absl/status/statusor.h"
#include "client/org/invitation.h"
#include "client/org/publish.h"
#include "client/terminal/context.h"

namespace seinpost::client {

// An invitation to the version in force, as the broker gives it and this organisation's own root key has
// signed it, or to that of `convenant_file`.
struct OrgInviteArgs : OrgArgs {
  std::string convenant_file;
  std::string out;
};
struct InvitationWritten {
  std::string file;
  Invitation invitation;
  bool signed_by_own_key = false;  // false: another party signs for this one; to be compared first
};
// kDataLoss (exit 5): the broker gives a convenant that the root key of this organisation has not signed. A
// usage error: the key directory does not know where the broker is, or this organisation is no party.
absl::StatusOr<InvitationWritten> WriteInvitation(const Context& context, const OrgInviteArgs& args);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_ORG_INVITE_H_
