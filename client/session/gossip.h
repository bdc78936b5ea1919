// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_CLIENT_SESSION_GOSSIP_H_
#define SEINPOST_CLIENT_SESSION_GOSSIP_H_

#include "absl/status/status.h"
#include "client/session/session.h"

namespace seinpost::client {

// Profiles on one machine compare what they are shown: each leaves its newest note in the directory that
// `--gossip` (or SEINPOST_GOSSIP) names, as CONVENANT.HASH.note, and checks those of all others
// (LogView::CheckSameHistory). OK without such a directory. A file there that is no note of this log is
// passed over: anybody may write one. kDataLoss (exit 5): two profiles are shown two histories; the evidence
// is kept.
absl::Status Gossip(Session& session);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_SESSION_GOSSIP_H_
