// SPDX-License-Identifier: EUPL-1.2
#include "server/services/open_methods.h"

#include <utility>

#include "seinpost/v1/directory.grpc.pb.h"
#include "seinpost/v1/session.grpc.pb.h"
#include "trust/objects.h"

namespace seinpost::server {

namespace {

constexpr size_t kMaxOpenRequestBytes = 4 * 1024;
constexpr size_t kMaxFrameBytes = 4 * 1024;  // what protobuf adds to the objects
constexpr size_t kMaxPublishBytes = 1024 * 1024 + kMaxFrameBytes;
constexpr size_t kMaxActivateBytes = trust::kMaxObjectBytes + kMaxFrameBytes;

}  // namespace

void AddOpenMethods(OpenCalls& calls, Broker& broker) {
  calls.Add<v1::ChallengeRequest, v1::ChallengeReply>(
      "SessionService", "Challenge", kMaxOpenRequestBytes,
      [&broker](const v1::ChallengeRequest&, absl::string_view, const Done<v1::ChallengeReply>& done) {
        done(broker.sessions().Challenge());
      });
  calls.Add<v1::LoginRequest, v1::LoginReply>(
      "SessionService", "Login", kMaxOpenRequestBytes,
      [&broker](const v1::LoginRequest& request, absl::string_view, const Done<v1::LoginReply>& done) {
        done(broker.sessions().Login(request));
      });
  calls.Add<v1::GetConvenantRequest, v1::GetConvenantReply>(
      "ConvenantService", "GetConvenant", kMaxOpenRequestBytes,
      [&broker](const v1::GetConvenantRequest& request, absl::string_view, Done<v1::GetConvenantReply> done) {
        broker.publication().GetConvenant(request, std::move(done));
      });
  calls.Add<v1::ProvePublishedRequest, v1::ProvePublishedReply>(
      "ConvenantService", "ProvePublished", kMaxOpenRequestBytes,
      [&broker](const v1::ProvePublishedRequest& request, absl::string_view,
                Done<v1::ProvePublishedReply> done) {
        broker.publication().ProvePublished(request, std::move(done));
      });
  calls.Add<v1::ActivateRequest, v1::PublishReply>(
      "ConvenantService", "Activate", kMaxActivateBytes,
      [&broker](const v1::ActivateRequest& request, absl::string_view address, Done<v1::PublishReply> done) {
        broker.publication().Activate(request, std::move(done), address);
      });
  calls.Add<v1::PublishRequest, v1::PublishReply>(
      "PublicationService", "Publish", kMaxPublishBytes,
      [&broker](const v1::PublishRequest& request, absl::string_view address, Done<v1::PublishReply> done) {
        broker.publication().Publish(request, std::move(done), address);
      });
}

}  // namespace seinpost::server
