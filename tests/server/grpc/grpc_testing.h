// SPDX-License-Identifier: EUPL-1.2
// A TestBroker over gRPC and TLS on a port of its own.
#ifndef SEINPOST_TESTS_SERVER_GRPC_GRPC_TESTING_H_
#define SEINPOST_TESTS_SERVER_GRPC_GRPC_TESTING_H_

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "seinpost/v1/session.grpc.pb.h"
#include "seinpost/v1/signal.grpc.pb.h"
#include "server/grpc/grpc_server.h"
#include "server/program/tls_certificate.h"
#include "tests/server/harness.h"
#include "trust/labels.h"

namespace seinpost::test {

class GrpcTest : public testing::Test {
 protected:
  void SetUp() override { Start({}); }
  void Start(const TestBrokerOptions& options, server::GrpcServerOptions server_options = {}) {
    test_ = std::make_unique<TestBroker>(options);
    static const auto& tls = *new server::TlsCertificate(
        *server::MakeSelfSignedCertificate({"127.0.0.1", "localhost"}, absl::Now()));
    server_options.listen = "127.0.0.1:0";
    server_options.tls_certificate = tls.certificate_pem;
    server_options.tls_key = tls.key_pem;
    absl::StatusOr<std::unique_ptr<server::GrpcServer>> server =
        server::GrpcServer::Start(test_->broker(), server_options);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    grpc::SslCredentialsOptions trusted;
    trusted.pem_root_certs = tls.certificate_pem;
    channel_ = grpc::CreateChannel(server_->address(), grpc::SslCredentials(trusted));
  }
  void TearDown() override {
    server_.reset();
    test_.reset();
  }

  Bytes Login(absl::string_view profile) { return LoginAs(test_->network().device(profile)); }
  Bytes LoginAs(const TestDevice& device) {
    const auto stub = v1::SessionService::NewStub(channel_);
    v1::ChallengeReply challenge;
    grpc::ClientContext first, second;
    EXPECT_TRUE(stub->Challenge(&first, {}, &challenge).ok());
    v1::SessionStatement statement;
    statement.set_role("broker");
    statement.set_service_identity(ToBytes(test_->network().log_key().public_key()));
    statement.set_convenant_id("plaats");
    statement.set_device_id(device.id);
    statement.set_nonce(challenge.nonce());
    statement.set_time(absl::ToUnixSeconds(test_->clock().Now()));
    v1::LoginReply reply;
    const grpc::Status status =
        stub->Login(&second, Signed<v1::LoginRequest>(statement, trust::kSessionLabel, device), &reply);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return reply.token();
  }
  static std::unique_ptr<grpc::ClientContext> With(const Bytes& token) {
    auto context = std::make_unique<grpc::ClientContext>();
    context->AddMetadata("seinpost-session-bin", token);
    return context;
  }
  grpc::Status Submit(const v1::Envelope& envelope, grpc::ClientContext& context) {
    v1::SubmitRequest request;
    *request.mutable_envelope() = envelope;
    v1::SubmitReply reply;
    return v1::SubmissionService::NewStub(channel_)->Submit(&context, request, &reply);
  }
  v1::SubscribeRequest FromStart() {
    v1::SubscribeRequest request;
    request.set_convenant_id("plaats");
    return request;
  }

  std::unique_ptr<TestBroker> test_;
  std::unique_ptr<server::GrpcServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace seinpost::test

#endif  // SEINPOST_TESTS_SERVER_GRPC_GRPC_TESTING_H_
