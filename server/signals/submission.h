// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_SIGNALS_SUBMISSION_H_
#define SEINPOST_SERVER_SIGNALS_SUBMISSION_H_

#include "seinpost/v1/signal.pb.h"
#include "server/gate/context.h"
#include "server/gate/sessions.h"
#include "server/signals/mailbox.h"
#include "server/signals/question.h"
#include "server/stream/source.h"

namespace seinpost::server {

// Submission takes in signals: verifies the envelope, asks the convenant, and has state and leaf committed
// together. Thread-safe.
//
// A decision is made on the directory of the moment, off the commit thread. The commit thread looks whether
// that directory is still the one in force and the case reference still as it was, and otherwise decides
// anew: what is logged after a revocation was decided after it. The key sets are judged by the directory that
// the sender had seen, as his checkpoint says.
class Submission {
 public:
  Submission(const Context& context, Mailbox& mailbox) : context_(context), mailbox_(mailbox) {}

  // As SubmissionService.Submit (proto/seinpost/v1/signal.proto). `request` must live until `done` is called.
  // A small signal is verified and judged on the caller's thread. For a refused one a worker looks for what
  // is allowed instead, within a budget, and no longer than somebody waits for the answer.
  void Submit(const Session& session, const v1::SubmitRequest& request, Done<v1::SubmitReply> done,
              Abandoned abandoned = {});

 private:
  const Context& context_;
  Mailbox& mailbox_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_SIGNALS_SUBMISSION_H_
