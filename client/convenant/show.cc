// SPDX-License-Identifier: EUPL-1.2
#include "client/convenant/show.h"

#include "client/session/session.h"
#include "util/status_macros.h"

namespace seinpost::client {

absl::StatusOr<ConvenantShown> ShowConvenant(const Context& context) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, Session::Open(context));
  const absl::Status synced = session->SyncDirectory();
  if (!synced.ok() && (!session->has_directory() || ExitCodeOf(synced) != kUnreachable)) return synced;
  const trust::Directory& directory = session->directory();
  return ConvenantShown{.convenant = directory.versions().back().convenant,
                        .hash = directory.convenant_hash(),
                        .versions = directory.versions(),
                        .restrictions = directory.RestrictionsAsOf(),
                        .logs = directory.log_identities(),
                        .lost_tails = directory.lost_tails(),
                        .proposals = directory.proposals(),
                        .witnesses = directory.witnesses(),
                        .witness_quorum = directory.witness_quorum(),
                        .next_trust_update = directory.NextTrustUpdateNumber(),
                        .next_restriction = directory.NextRestrictionNumber(),
                        .next_epoch = directory.NextEpochNumber()};
}

}  // namespace seinpost::client
