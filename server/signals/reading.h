// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_SIGNALS_READING_H_
#define SEINPOST_SERVER_SIGNALS_READING_H_

#include "seinpost/v1/signal.pb.h"
#include "server/gate/context.h"
#include "server/gate/sessions.h"
#include "server/stream/source.h"

namespace seinpost::server {

// Reading releases the wrapped keys of one part to one device: on a signed request, judged by the rules of
// this moment, and only after the leaf that tells of it is on the disk (R19). Thread-safe.
class Reading {
 public:
  explicit Reading(const Context& context) : context_(context) {}

  // As ReadingService.Open. A part that is not there and one that is not addressed to the caller get the same
  // refusal, so that nobody learns of parts that are not his.
  void Open(const Session& session, const v1::OpenRequest& request, Done<v1::OpenReply> done);

 private:
  const Context& context_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_SIGNALS_READING_H_
