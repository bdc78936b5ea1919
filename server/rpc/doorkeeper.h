// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_RPC_DOORKEEPER_H_
#define SEINPOST_SERVER_RPC_DOORKEEPER_H_

#include <grpcpp/server_context.h>

namespace seinpost::server {

// Doorkeeper is told of every call that came with a valid session: the connection it came by is a member's.
// Thread-safe.
class Doorkeeper {
 public:
  virtual ~Doorkeeper() = default;
  virtual void ShowedSession(const grpc::CallbackServerContext& context) = 0;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_RPC_DOORKEEPER_H_
