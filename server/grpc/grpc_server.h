// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_GRPC_GRPC_SERVER_H_
#define SEINPOST_SERVER_GRPC_GRPC_SERVER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/broker/broker.h"

namespace seinpost::server {

// Larger messages are refused with RESOURCE_EXHAUSTED before they are parsed.
inline constexpr int kMaxMessageBytes = 3 * 1024 * 1024;

struct GrpcServerOptions {
  std::string listen = "127.0.0.1:0";  // port 0 picks one
  std::string tls_certificate;         // PEM, with its chain
  std::string tls_key;                 // PEM
};

// GrpcServer serves a Broker over TLS, with health and reflection. There is no way to serve without TLS.
class GrpcServer {
 public:
  // kUnavailable: cannot listen there. kInvalidArgument: no certificate or key. Borrows `broker`.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(Broker& broker, const GrpcServerOptions& options);
  ~GrpcServer();  // as Shutdown()

  const std::string& address() const { return address_; }  // "host:port"
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
