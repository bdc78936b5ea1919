// SPDX-License-Identifier: EUPL-1.2
// The calls that need no session, all of them: who has none can ask for one, learn the convenant, and hand
// over objects that carry their own authority.
#ifndef SEINPOST_SERVER_SERVICES_OPEN_METHODS_H_
#define SEINPOST_SERVER_SERVICES_OPEN_METHODS_H_

#include "server/broker/broker.h"
#include "server/rpc/open_calls.h"

namespace seinpost::server {

// SessionService, ConvenantService and PublicationService over gRPC; reflection describes them, but lists
// only the services of members. Borrows `broker`.
void AddOpenMethods(OpenCalls& calls, Broker& broker);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_SERVICES_OPEN_METHODS_H_
