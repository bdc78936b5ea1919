// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_GRPC_GRPC_SERVER_H_
#define SEINPOST_SERVER_GRPC_GRPC_SERVER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/broker/broker.h"
#include "server/grpc/acceptor.h"
#include "server/grpc/bounds.h"

namespace seinpost::server {

// Larger messages are refused with RESOURCE_EXHAUSTED before they are parsed.
inline constexpr int kMaxMessageBytes = 3 * 1024 * 1024;

struct GrpcServerOptions {
  std::string listen = "127.0.0.1:0";  // port 0 picks one
  std::string tls_certificate;         // PEM, with its chain
  std::string tls_key;                 // PEM
  DoorBounds door = {};
  uint32_t memory_mib = 512;  // of what gRPC reads into for all connections together
  // What whoever runs the broker should know; may be empty.
  std::function<void(absl::string_view)> log = nullptr;
  absl::Duration probe_pace = absl::Seconds(20);  // SelfProbe's
  // Called once, on a thread of its own, when the broker accepts nobody though it should; may be empty.
  std::function<void()> deaf = nullptr;
  const Clock* clock = nullptr;  // for deadlines, borrowed; null: one of its own, that is never set
};

// GrpcServer serves a Broker over TLS, with health and, for members, reflection. There is no way to serve
// without TLS. Connections are accepted within the bounds of the door; every call but the open ones needs a
// session, and no call waits for its caller longer than CallWatch lets it.
//
// grpc.health.v1.Health/Check says what Broker::condition() comes to (services/health.h).
class GrpcServer {
 public:
  // kUnavailable: cannot listen there. kInvalidArgument: no certificate or key. Borrows `broker`.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(Broker& broker, const GrpcServerOptions& options);
  ~GrpcServer();  // as Shutdown()

  const std::string& address() const { return address_; }  // "host:port"
  Acceptor::Counts CountConnections();
  // Ends streams with UNAVAILABLE and lets other calls finish, for at most `grace`; returns when none is
  // left.
  void Shutdown(absl::Duration grace = absl::Seconds(5));

 private:
  struct Services;
  GrpcServer(Broker& broker, std::unique_ptr<Services> services);

  Broker& broker_;
  std::unique_ptr<Services> services_;
  std::string address_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_GRPC_GRPC_SERVER_H_
