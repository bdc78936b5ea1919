// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_OVERSIGHT_TRANSPARENCY_H_
#define SEINPOST_SERVER_OVERSIGHT_TRANSPARENCY_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "seinpost/v1/audit.pb.h"
#include "server/gate/context.h"
#include "server/gate/sessions.h"
#include "server/stream/source.h"

namespace seinpost::server {

// Transparency proves what the published log holds, to every member. Thread-safe.
class Transparency {
 public:
  explicit Transparency(const Context& context) : context_(context) {}

  // As TransparencyService.
  void GetCheckpoint(const Session& session, const v1::GetCheckpointRequest& request,
                     Done<v1::GetCheckpointReply> done);
  void ProveInclusion(const Session& session, const v1::ProveInclusionRequest& request,
                      Done<v1::ProveInclusionReply> done);
  void ProveConsistency(const Session& session, const v1::ProveConsistencyRequest& request,
                        Done<v1::ProveConsistencyReply> done);

 private:
  absl::StatusOr<Realm*> Admit(const Session& session, absl::string_view convenant_id);
  const Context& context_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_OVERSIGHT_TRANSPARENCY_H_
