// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_OVERSIGHT_REVIEW_H_
#define SEINPOST_SERVER_OVERSIGHT_REVIEW_H_

#include <memory>

#include "seinpost/v1/audit.pb.h"
#include "server/gate/context.h"

namespace seinpost::server {

// Review opens the log to privacy officers (R29), each query being a leaf of its own, on the disk before the
// answer. Thread-safe.
class Review {
 public:
  explicit Review(const Context& context) : context_(context) {}

  // As AuditService.Export. The export runs up to the first checkpoint that covers the query itself. Officers
  // of the convenant's oversight parties see every opening, others those that their own organisation acts or
  // is addressed in; the remaining leaves come closed.
  void Export(const Session& session, const v1::ExportRequest& request,
              Done<std::shared_ptr<Source<v1::ExportReply>>> done);

 private:
  const Context& context_;
};

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

#endif  // SEINPOST_SERVER_OVERSIGHT_REVIEW_H_
