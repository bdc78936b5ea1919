// SPDX-License-Identifier: EUPL-1.2
#include "server/services/health.h"

#include <string>
#include <vector>

#include "absl/strings/strip.h"

namespace seinpost::server {

namespace {

constexpr size_t kMaxRequestBytes = 4 * 1024;
constexpr absl::string_view kPackage = "seinpost.v1.";

struct Service {
  absl::string_view name;
  bool writes;  // every call of it, or what it is there for, leaves a leaf
};
constexpr Service kServices[] = {
    {"SessionService", false},      {"ConvenantService", false}, {"PublicationService", true},
    {"DirectoryService", false},    {"DecisionService", false},  {"SubmissionService", true},
    {"MailboxService", false},      {"ReadingService", true},    {"DeviceService", true},
    {"TransparencyService", false}, {"AuditService", true},
};

std::string BytesOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

// HealthCheckRequest is {string service = 1}, by hand: the message is not among ours.
absl::StatusOr<std::string> ServiceIn(const std::string& request) {
  if (request.empty()) return std::string();
  const auto length = static_cast<uint8_t>(request.size() > 1 ? request[1] : 0xff);
  if (request[0] != 0x0a || length > 0x7f || request.size() != size_t{2} + length) {
    return absl::InvalidArgumentError(
        "request: not a HealthCheckRequest with a service of at most 127 bytes");
  }
  return request.substr(2);
}

}  // namespace

std::optional<bool> IsServing(absl::string_view service, const Condition& condition) {
  if (service.empty()) return condition.Accepts() && condition.CanWrite();
  if (!absl::ConsumePrefix(&service, kPackage)) return std::nullopt;
  for (const Service& one : kServices) {
    if (one.name == service) return condition.Accepts() && (!one.writes || condition.CanWrite());
  }
  return std::nullopt;
}

void AddHealth(OpenCalls& calls, Broker& broker) {
  calls.AddRaw(
      "/grpc.health.v1.Health/Check", nullptr, nullptr, kMaxRequestBytes,
      [&broker](const grpc::ByteBuffer& request, absl::string_view, const Done<grpc::ByteBuffer>& done) {
        const absl::StatusOr<std::string> service = ServiceIn(BytesOf(request));
        if (!service.ok()) return done(service.status());
        broker.Look();
        const std::optional<bool> serving = IsServing(*service, broker.condition());
        if (!serving) return done(absl::NotFoundError("service: not one of this broker's"));
        // HealthCheckResponse is {status = 1}, 1 SERVING, 2 NOT_SERVING.
        const grpc::Slice reply(*serving ? "\x08\x01" : "\x08\x02", 2);
        done(grpc::ByteBuffer(&reply, 1));
      });
}

}  // namespace seinpost::server
