// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_SIGNALS_DELIVERED_H_
#define SEINPOST_SERVER_SIGNALS_DELIVERED_H_

#include "seinpost/v1/signal.pb.h"
#include "server/gate/context.h"
#include "server/gate/sessions.h"
#include "server/stream/source.h"

namespace seinpost::server {

// Deliveries keeps what devices state, signed, that they have received, so that a sender can tell what was
// suppressed. One statement per signal and device, each a leaf. Thread-safe.
class Deliveries {
 public:
  explicit Deliveries(const Context& context) : context_(context) {}

  // As MailboxService.ConfirmDelivery: all of the statements or none. The text of an error starts with
  // "statements[2]".
  void Confirm(const Session& session, const v1::ConfirmDeliveryRequest& request,
               Done<v1::ConfirmDeliveryReply> done);
  // As MailboxService.GetDelivered. kInvalidArgument: the answer would be too large, ask about fewer.
  void Get(const Session& session, const v1::GetDeliveredRequest& request, Done<v1::GetDeliveredReply> done);

 private:
  const Context& context_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_SIGNALS_DELIVERED_H_
