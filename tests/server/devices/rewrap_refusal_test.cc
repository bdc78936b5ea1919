// SPDX-License-Identifier: EUPL-1.2
// Requests for keys and answers that are not taken: of the wrong person, malformed, or after a revocation.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/server/devices/rewrap_fixture.h"
#include "tests/server/operations.h"

namespace seinpost::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(RewrapTest, IsRefusedToAnybodyElseWithALeaf) {
  // The police asks for the source, which is of the school's; as a request can be made of anything that was
  // seen, change what was asked for.
  const uint32_t source = PlaceOf(sealed_.envelope, v1::PART_KIND_SOURCE);
  const v1::AskRewrapRequest others = Changed([&](auto& r) { r.set_part(source); }, *later_);
  uint64_t size = test_.LogSize();
  const absl::Status refused = test_.Ask(others, *later_).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied) << refused;
  EXPECT_THAT(CodesOf(refused), Contains("KEYSET_MISMATCH"));
  EXPECT_EQ(test_.LogSize(), size + 1);
  EXPECT_THAT(test_.LastEvent(), HasSubstr("DECISION_DENY"));
  uint32_t unused = 0;
  while (std::any_of(sealed_.envelope.parts().begin(), sealed_.envelope.parts().end(),
                     [&](const v1::Part& part) { return part.index() == unused; })) {
    ++unused;
  }
  const absl::Status none =
      test_.Ask(Changed([&](auto& r) { r.set_part(unused); }, *later_), *later_).status();
  ASSERT_TRUE(server::RefusalOf(refused) && server::RefusalOf(none)) << none;
  EXPECT_EQ(server::RefusalOf(refused)->SerializeAsString(), server::RefusalOf(none)->SerializeAsString())
      << "a part of others and none are told alike";
  EXPECT_THAT(*Requests(test_.network().device("school/teamleider")), IsEmpty());
}

TEST_F(RewrapTest, IsGivenByARecipientOfThePartOnly) {
  const v1::AskRewrapRequest request = Request();
  ASSERT_TRUE(test_.Ask(request, *later_).ok());
  const TestDevice& outsider = test_.network().device("school/teamleider");
  const uint64_t size = test_.LogSize();
  const absl::Status refused =
      test_
          .Give(ChangedAnswer(
                    request, [&](auto& r) { r.set_giver_device(outsider.id); }, outsider),
                outsider)
          .status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied) << refused;
  EXPECT_THAT(CodesOf(refused), Contains("KEYSET_MISMATCH"));
  EXPECT_EQ(test_.LogSize(), size + 1);
  EXPECT_THAT(test_.LastEvent(), HasSubstr("DECISION_DENY"));
  EXPECT_THAT(*Requests(reader()), SizeIs(1)) << "still open";
  EXPECT_TRUE(test_.Give(AnswerTo(request), reader()).ok());
}

// The sender could always read what he sent; a device of his that has no key can neither read nor give.
TEST_F(RewrapTest, ANewDeviceOfTheSendersHasNoKeyEither) {
  const TestDevice& sender = test_.AddDevice(kSender);
  EXPECT_THAT(CodesOf(Open(sender).status()), Contains("KEYSET_MISMATCH"));
  const v1::AskRewrapRequest request = Request();
  ASSERT_TRUE(test_.Ask(request, *later_).ok());
  const absl::Status refused =
      test_.Give(ChangedAnswer(
                     request, [&](auto& r) { r.set_giver_device(sender.id); }, sender),
                 sender)
          .status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied) << refused;
  EXPECT_THAT(*Requests(reader()), SizeIs(1)) << "still open";
}

TEST_F(RewrapTest, NamesTheFieldThatIsWrongInARequest) {
  struct Row {
    const char* text;
    std::function<void(v1::RewrapRequest&)> change;
  };
  const Row rows[] = {
      {"request.convenant_id", [](auto& r) { r.set_convenant_id("elders"); }},
      {"request.signal_id", [](auto& r) { r.mutable_signal_id()->pop_back(); }},
      {"request.signal_id", [](auto& r) { r.mutable_signal_id()->back() ^= 1; }},
      {"request.header_hash", [](auto& r) { r.mutable_header_hash()->pop_back(); }},
      {"request.header_hash", [](auto& r) { r.mutable_header_hash()->back() ^= 1; }},
      {"request.part", [](auto& r) { r.set_part(16); }},
      {"request.group", [](auto& r) { r.set_group(1); }},
      {"request.nonce", [](auto& r) { r.set_nonce("kort"); }},
      {"request.time", [](auto& r) { r.set_time(r.time() - 301); }},
      {"request.time", [](auto& r) { r.set_time(r.time() + 301); }},
      {"request.prekey", [](auto& r) { r.set_prekey("x"); }},
      {"request.prekey_sig", [](auto& r) { r.mutable_prekey_sig()->back() ^= 1; }},
      {"request.expires", [](auto& r) { r.set_expires(r.time()); }},
      {"request.version", [](auto& r) { r.set_version(2); }},
  };
  const uint64_t size = test_.LogSize();
  for (const Row& row : rows) {
    const absl::Status status = test_.Ask(Changed(row.change, *later_), *later_).status();
    EXPECT_FALSE(status.ok()) << row.text;
    EXPECT_THAT(std::string(status.message()), HasSubstr(row.text)) << status;
  }
  EXPECT_THAT(std::string(test_.Ask(Changed([](auto&) {}, reader()), *later_).status().message()),
              HasSubstr("signature"));
  EXPECT_EQ(test_.Ask(Request(), reader()).status().code(), absl::StatusCode::kInvalidArgument)
      << "of another device";
  EXPECT_EQ(test_.LogSize(), size) << "faults of form are no leaves";
}

TEST_F(RewrapTest, NamesTheFieldThatIsWrongInAnAnswer) {
  const v1::AskRewrapRequest request = Request();
  ASSERT_TRUE(test_.Ask(request, *later_).ok());
  struct Row {
    const char* text;
    std::function<void(v1::Rewrap&)> change;
  };
  const Row rows[] = {
      {"rewrap.convenant_id", [](auto& r) { r.set_convenant_id("elders"); }},
      {"rewrap.signal_id", [](auto& r) { r.mutable_signal_id()->back() ^= 1; }},
      {"rewrap.header_hash", [](auto& r) { r.mutable_header_hash()->back() ^= 1; }},
      {"rewrap.part", [](auto& r) { r.set_part(16); }},
      {"rewrap.request_hash", [](auto& r) { r.mutable_request_hash()->back() ^= 1; }},
      {"rewrap.request_hash", [&](auto& r) { r.set_target_device(reader().id); }},
      {"rewrap.target_device", [](auto& r) { r.set_target_device("x"); }},
      {"rewrap.device_id", [&](auto& r) { r.set_giver_device(later_->id); }},
      {"rewrap.prekey_id", [](auto& r) { r.mutable_prekey_id()->back() ^= 1; }},
      {"rewrap.wrap", [](auto& r) { r.mutable_wrap()->pop_back(); }},
      {"rewrap.group", [](auto& r) { r.set_group(1); }},
      {"rewrap.time", [](auto& r) { r.set_time(r.time() - 301); }},
      {"rewrap.expires", [](auto& r) { r.set_expires(r.expires() + 1); }},
  };
  const uint64_t size = test_.LogSize();
  for (const Row& row : rows) {
    const absl::Status status = test_.Give(ChangedAnswer(request, row.change, reader()), reader()).status();
    EXPECT_FALSE(status.ok()) << row.text;
    EXPECT_THAT(std::string(status.message()), HasSubstr(row.text)) << status;
  }
  EXPECT_THAT(std::string(test_.Give(ChangedAnswer(
                                         request, [](auto&) {}, *later_),
                                     reader())
                              .status()
                              .message()),
              HasSubstr("signature"));
  EXPECT_EQ(test_.LogSize(), size) << "faults of form are no leaves";
  EXPECT_TRUE(test_.Give(AnswerTo(request), reader()).ok());
}

TEST_F(RewrapTest, NothingIsAskedOrGivenAfterARevocation) {
  const v1::AskRewrapRequest request = Request();
  ASSERT_TRUE(test_.Ask(request, *later_).ok());
  const v1::GiveRewrapRequest answer = AnswerTo(request);
  ASSERT_TRUE(test_.PutInForce(test_.network().RevokeDeviceObject(*later_)).ok());
  const uint64_t size = test_.LogSize();
  EXPECT_EQ(test_.Give(answer, reader()).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(test_.LogSize(), size);
  const TestDevice& third = test_.AddDevice(kReader);
  const v1::AskRewrapRequest another = test_.RewrapRequestOf(sealed_.envelope, v1::PART_KIND_IDENTITY, third);
  ASSERT_TRUE(test_.Ask(another, third).ok());
  const v1::GiveRewrapRequest too_late = AnswerTo(another);
  ASSERT_TRUE(test_.PutInForce(test_.network().RevokeDeviceObject(reader())).ok());
  EXPECT_EQ(test_.Give(too_late, reader()).status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(CodesOf(Open(third).status()), Contains("KEYSET_MISMATCH"));
}

// Whoever is revoked in the batch before, asker or giver: nothing passes.
TEST_F(RewrapTest, IsJudgedAnewWhenARevocationComesInBetween) {
  const v1::AskRewrapRequest request = Request();
  ASSERT_TRUE(test_.Ask(request, *later_).ok());
  const v1::GiveRewrapRequest answer = AnswerTo(request);
  const v1::AskRewrapRequest another = Request(v1::PART_KIND_NARRATIVE);
  absl::Notification reached, go, gave, asked;
  absl::Status given, refused;
  test_.broker().sequencer().Enqueue(std::make_unique<Gate>(reached, go));
  reached.WaitForNotification();
  uint64_t revocation = 0;
  test_.broker().sequencer().Enqueue(std::make_unique<AddObject>(
      test_.realm(), test_.network().RevokeDeviceObject(*later_), test_.clock().Now(), &revocation));
  test_.broker().rewraps().Give(test_.SessionOf(reader()), answer, [&](const auto& reply) {
    given = reply.status();
    gave.Notify();
  });
  test_.broker().rewraps().Ask(test_.SessionOf(*later_), another, [&](const auto& reply) {
    refused = reply.status();
    asked.Notify();
  });
  go.Notify();
  gave.WaitForNotification();
  asked.WaitForNotification();
  EXPECT_EQ(given.code(), absl::StatusCode::kFailedPrecondition) << given;
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnauthenticated) << refused;
  EXPECT_EQ(test_.LogSize(), revocation + 1) << "the revocation is the last leaf";
}

}  // namespace
}  // namespace seinpost::test
