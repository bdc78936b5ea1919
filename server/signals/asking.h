// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_SIGNALS_ASKING_H_
#define SEINPOST_SERVER_SIGNALS_ASKING_H_

#include "seinpost/v1/signal.pb.h"
#include "server/gate/context.h"
#include "server/gate/sessions.h"
#include "server/signals/question.h"
#include "server/stream/source.h"

namespace seinpost::server {

// Asking answers dry runs, by the same rules and facts as the real thing. Changes nothing, leaves no leaf.
// Thread-safe.
class Asking {
 public:
  explicit Asking(const Context& context) : context_(context) {}

  // As DecisionService. kInvalidArgument: a channel, purpose, category or handle that does not exist; the
  // text names what does; or more than question.h allows. kNotFound: a signal that the caller does not know
  // of. kResourceExhausted: over quota, of calls, kilobytes or computing, or too much is asked at once.
  // What is allowed instead is looked for within a budget, where all recipients are known, and no longer
  // than somebody waits for the answer.
  void DecideSend(const Session& session, const v1::DecideSendRequest& request, Done<v1::Decision> done,
                  Abandoned abandoned = {});
  void DecideOpen(const Session& session, const v1::DecideOpenRequest& request, Done<v1::Decision> done);

 private:
  const Context& context_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_SIGNALS_ASKING_H_
