// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_GRPC_SESSION_CHECK_H_
#define SEINPOST_SERVER_GRPC_SESSION_CHECK_H_

#include <grpcpp/security/auth_metadata_processor.h>

#include "server/gate/sessions.h"
#include "server/rpc/open_calls.h"

namespace seinpost::server {

// SessionCheck turns away who has no valid session by the headers of his call, before gRPC reads his request:
// UNAUTHENTICATED for every path that is not open, whether or not there is such a method. Thread-safe.
class SessionCheck final : public grpc::AuthMetadataProcessor {
 public:
  // Borrows both.
  SessionCheck(Sessions& sessions, const OpenCalls& open) : sessions_(sessions), open_(open) {}

  bool IsBlocking() const override { return false; }
  grpc::Status Process(const InputMetadata& metadata, grpc::AuthContext* context, OutputMetadata* consumed,
                       OutputMetadata* response) override;

 private:
  Sessions& sessions_;
  const OpenCalls& open_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_GRPC_SESSION_CHECK_H_
