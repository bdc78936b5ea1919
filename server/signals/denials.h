// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_SIGNALS_DENIALS_H_
#define SEINPOST_SERVER_SIGNALS_DENIALS_H_

#include "seinpost/v1/signal.pb.h"
#include "server/gate/context.h"
#include "server/gate/sessions.h"
#include "server/stream/source.h"

namespace seinpost::server {

// Denials keeps refusals that a client found itself on a real send: metadata only. Thread-safe.
class Denials {
 public:
  explicit Denials(const Context& context) : context_(context) {}

  // As SubmissionService.ReportDenial.
  void Report(const Session& session, const v1::ReportDenialRequest& request,
              Done<v1::ReportDenialReply> done);

 private:
  const Context& context_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_SIGNALS_DENIALS_H_
