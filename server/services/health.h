// SPDX-License-Identifier: EUPL-1.2
// grpc.health.v1.Health/Check, for everybody who reaches the port.
#ifndef SEINPOST_SERVER_SERVICES_HEALTH_H_
#define SEINPOST_SERVER_SERVICES_HEALTH_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "server/broker/broker.h"
#include "server/rpc/open_calls.h"

namespace seinpost::server {

// Whether `service` ("seinpost.v1.MailboxService"; empty: the whole broker) can do what it is for, under this
// condition. Nothing: there is no such service.
std::optional<bool> IsServing(absl::string_view service, const Condition& condition);

// Check of one service or, without a name, of the whole: SERVING or NOT_SERVING; NOT_FOUND for any other
// name. Watch is not offered: it would be an open stream. Borrows `broker`.
void AddHealth(OpenCalls& calls, Broker& broker);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_SERVICES_HEALTH_H_
