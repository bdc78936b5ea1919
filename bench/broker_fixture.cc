// SPDX-License-Identifier: EUPL-1.2
#include "bench/broker_fixture.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "bench/echo_server.h"
#include "bench/sender.h"
#include "seinpost/v1/directory.grpc.pb.h"
#include "server/realm/key_files.h"
#include "util/status_macros.h"

namespace seinpost::bench {
namespace {

constexpr size_t kObjectsAtOnce = 64;

}  // namespace

BrokerFixture::BrokerFixture() : clock_(test::TestNetwork::AnyTime()) {}

absl::StatusOr<std::unique_ptr<BrokerFixture>> BrokerFixture::Start() {
  const test::TestNetwork network = Network();
  std::unique_ptr<BrokerFixture> fixture(new BrokerFixture);
  std::string name = (std::filesystem::current_path() / "build/bench-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) return absl::UnavailableError("cannot make a folder below build/");
  fixture->directory_ = name;
  RETURN_IF_ERROR(fixture->StartServer(network));
  RETURN_IF_ERROR(fixture->Publish(network));
  return fixture;
}

BrokerFixture::~BrokerFixture() {
  if (server_ != nullptr) server_->Shutdown(absl::Seconds(1));
  server_.reset();
  broker_.reset();
  if (!directory_.empty()) std::filesystem::remove_all(directory_);
}

absl::Status BrokerFixture::StartServer(const test::TestNetwork& network) {
  const policies::Convenant& convenant = network.convenant();
  server::BrokerOptions options;
  options.data_dir = directory_ + "/data";
  options.keys_dir = directory_ + "/keys";
  options.anchor_dir = directory_ + "/anchor";
  const policies::Party& host = convenant.SignatoryOf(convenant.host());
  options.convenants.push_back({convenant.id(), *host.root});
  options.limits = server::Limits::WithoutQuotas();
  RETURN_IF_ERROR(
      server::WriteKeyFile(server::LogKeyPath(options.keys_dir, convenant.id()), network.log_key()));
  RETURN_IF_ERROR(server::WriteKeyFile(server::IdentityKeyPath(options.keys_dir), network.broker_key()));
  ASSIGN_OR_RETURN(broker_, server::Broker::Open(std::move(options), clock_));

  const TlsPair tls = MakeTlsPair();
  ASSIGN_OR_RETURN(server_, server::GrpcServer::Start(*broker_, {.listen = "127.0.0.1:0",
                                                                 .tls_certificate = tls.certificate,
                                                                 .tls_key = tls.key}));
  door_ = {.address = server_->address(), .certificate = tls.certificate, .ahead = clock_.ahead()};
  return absl::OkStatus();
}

absl::Status BrokerFixture::Publish(const test::TestNetwork& network) {
  const std::shared_ptr<grpc::Channel> channel = Connect(door_);
  const std::vector<Bytes>& objects = network.objects();
  {
    grpc::ClientContext context;
    v1::ActivateRequest request;
    request.set_object(objects.front());
    v1::PublishReply reply;
    RETURN_IF_ERROR(FromGrpc(v1::ConvenantService::NewStub(channel)->Activate(&context, request, &reply)));
  }
  const auto stub = v1::PublicationService::NewStub(channel);
  for (size_t first = 1; first < objects.size(); first += kObjectsAtOnce) {
    grpc::ClientContext context;
    v1::PublishRequest request;
    request.set_convenant_id(network.convenant().id());
    for (size_t i = first; i < std::min(first + kObjectsAtOnce, objects.size()); ++i) {
      request.add_objects(objects[i]);
    }
    v1::PublishReply reply;
    RETURN_IF_ERROR(FromGrpc(stub->Publish(&context, request, &reply)));
  }
  // By itself the broker publishes the checkpoint that covers them up to 100 ms later.
  broker_->PublishCheckpoints();
  return absl::OkStatus();
}

BrokerFixture::Syncs BrokerFixture::CountSyncs() const {
  Syncs syncs;
  for (absl::string_view line : absl::StrSplit(broker_->metrics().Text(), '\n')) {
    if (absl::ConsumePrefix(&line, "seinpost_requests_per_sync_sum ")) {
      if (!absl::SimpleAtod(line, &syncs.requests)) syncs.requests = 0;
    } else if (absl::ConsumePrefix(&line, "seinpost_requests_per_sync_count ")) {
      if (!absl::SimpleAtod(line, &syncs.syncs)) syncs.syncs = 0;
    }
  }
  return syncs;
}

}  // namespace seinpost::bench
