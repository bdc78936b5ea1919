// SPDX-License-Identifier: EUPL-1.2
// A signal by name to a reader who enrols another device after it, which then asks for keys.
#ifndef SEINPOST_TESTS_SERVER_DEVICES_REWRAP_FIXTURE_H_
#define SEINPOST_TESTS_SERVER_DEVICES_REWRAP_FIXTURE_H_

#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "tests/server/harness.h"
#include "trust/labels.h"
#include "trust/strict.h"

namespace seinpost::test {

class RewrapTest : public testing::Test {
 protected:
  void SetUp() override {
    sealed_ = test_.Seal(NamedPlan(test_.network()));
    for (const auto& [ct_hash, bytes] : sealed_.attachments) ASSERT_TRUE(test_.Upload(ct_hash, bytes).ok());
    ASSERT_TRUE(test_.Submit(sealed_.envelope).ok());
    later_ = &test_.AddDevice(kReader);
  }
  const TestDevice& reader() { return test_.network().device(kReader); }
  v1::AskRewrapRequest Request(v1::PartKind kind = v1::PART_KIND_IDENTITY) {
    return test_.RewrapRequestOf(sealed_.envelope, kind, *later_);
  }
  v1::GiveRewrapRequest AnswerTo(const v1::AskRewrapRequest& asked,
                                 v1::PartKind kind = v1::PART_KIND_IDENTITY) {
    return test_.RewrapOf(asked, sealed_.envelope, kind, reader());
  }
  absl::StatusOr<v1::OpenReply> Open(const TestDevice& device, v1::PartKind kind = v1::PART_KIND_IDENTITY) {
    return test_.Open(test_.OpenStatementOf(sealed_.envelope, PlaceOf(sealed_.envelope, kind), device),
                      device);
  }
  absl::StatusOr<std::vector<v1::RewrapRequested>> Requests(const TestDevice& device) {
    v1::ListRewrapRequestsRequest request;
    request.set_convenant_id("plaats");
    return PullAll<v1::RewrapRequested>([&](auto done) {
      test_.broker().rewraps().ListRequests(test_.SessionOf(device), request, std::move(done));
    });
  }
  size_t RestorableParts() {
    v1::ListRestorableRequest request;
    request.set_convenant_id("plaats");
    const auto found = PullAll<v1::Delivery>([&](auto done) {
      test_.broker().devices().ListRestorable(test_.SessionOf(*later_), request, std::move(done));
    });
    EXPECT_TRUE(found.ok()) << found.status();
    size_t parts = 0;
    for (const v1::Delivery& delivery : *found) parts += static_cast<size_t>(delivery.parts_size());
    return parts;
  }
  // A request with a field changed, signed again by `signer`.
  v1::AskRewrapRequest Changed(const std::function<void(v1::RewrapRequest&)>& change,
                               const TestDevice& signer) {
    v1::RewrapRequest message;
    v1::AskRewrapRequest request = Request();
    EXPECT_TRUE(message.ParseFromString(request.request()));
    change(message);
    request.set_request(trust::StrictSerialize(message));
    request.set_signature(crypto::Sign(signer.key, trust::kRewrapRequestLabel, request.request()));
    return request;
  }
  v1::GiveRewrapRequest ChangedAnswer(const v1::AskRewrapRequest& asked,
                                      const std::function<void(v1::Rewrap&)>& change,
                                      const TestDevice& signer) {
    v1::Rewrap message;
    v1::GiveRewrapRequest request = AnswerTo(asked);
    EXPECT_TRUE(message.ParseFromString(request.rewrap()));
    change(message);
    request.set_rewrap(trust::StrictSerialize(message));
    request.set_signature(crypto::Sign(signer.key, trust::kRewrapLabel, request.rewrap()));
    return request;
  }

  TestBroker test_;
  envelope::SealedSignal sealed_;
  const TestDevice* later_ = nullptr;
};

}  // namespace seinpost::test

#endif  // SEINPOST_TESTS_SERVER_DEVICES_REWRAP_FIXTURE_H_
