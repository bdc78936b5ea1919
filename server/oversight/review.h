// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_OVERSIGHT_REVIEW_H_
#define SEINPOST_SERVER_OVERSIGHT_REVIEW_H_

#include <memory>

#include "seinpost/v1/audit.pb.h"
#include "server/gate/context.h"
#include "server/gate/sessions.h"
#include "server/stream/source.h"

namespace seinpost::server {

// Review opens the log to privacy officers (R29), each query being a leaf of its own, on the disk before the
// answer. Thread-safe.
class Review {
 public:
  explicit Review(const Context& context) : context_(context) {}

  // As AuditService.Export. The export runs up to the first checkpoint that covers the query itself. Officers
  // of the convenant's oversight parties see every opening, others those that their own organisation acts or
  // is addressed in; the remaining leaves come closed. Both are judged anew for each page: an export ends
  // with kPermissionDenied where its reader has ceased to be an officer.
  void Export(const Session& session, const v1::ExportRequest& request,
              Done<std::shared_ptr<Source<v1::ExportReply>>> done);

 private:
  const Context& context_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_OVERSIGHT_REVIEW_H_
