// SPDX-License-Identifier: EUPL-1.2
// Refusals that clients report.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "crypto/hash.h"
#include "tests/server/harness.h"
#include "tests/server/operations.h"
#include "trust/labels.h"

namespace seinpost::test {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

class DenialTest : public testing::Test {
 protected:
  v1::DenialStatement Statement() {
    v1::DenialStatement statement;
    *statement.mutable_request() = SmallQuestion();
    auto& recipients = *statement.mutable_request()->mutable_parts(0)->mutable_recipients();
    *recipients.Add() = "brandweer/piet";
    recipients.SwapElements(0, 1);
    statement.add_codes("NOT_A_PARTY");
    statement.set_device_id(test_.network().device(kSender).id);
    statement.set_time(absl::ToUnixSeconds(test_.clock().Now()));
    statement.set_nonce(crypto::RandomBytes(16));
    return statement;
  }
  absl::StatusOr<v1::ReportDenialReply> Report(const v1::DenialStatement& statement) {
    const auto request =
        Signed<v1::ReportDenialRequest>(statement, trust::kDenialLabel, test_.network().device(kSender));
    return Await<v1::ReportDenialReply>(
        [&](auto done) { test_.broker().denials().Report(test_.SessionOf(kSender), request, done); });
  }
  TestBroker test_;
};

TEST_F(DenialTest, BecomesALeafWithoutTheNamesOfStrangers) {
  const v1::DenialStatement statement = Statement();
  const absl::StatusOr<v1::ReportDenialReply> reply = Report(statement);
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(test_.LastEvent(), "DECISION_DENY NOT_A_PARTY");
  const std::optional<audit::Event> event = test_.EventAt(test_.LogSize() - 1);
  EXPECT_EQ(event->Text(audit::Tag::kSource), "client");
  ASSERT_THAT(*event->Recipients(), SizeIs(1)) << "only a member of the directory has a reference";
  EXPECT_EQ((*event->Recipients())[0].member_ref, test_.network().member(kReader));
  EXPECT_THAT(reply->receipt().opening(), testing::Not(HasSubstr("brandweer")));
  EXPECT_EQ(Report(statement).status().code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(DenialTest, IsNotLoggedBehindARevocation) {
  const TestDevice& sender = test_.network().device(kSender);
  const auto request = Signed<v1::ReportDenialRequest>(Statement(), trust::kDenialLabel, sender);
  v1::ListExposureRequest exposure;
  exposure.set_convenant_id("plaats");
  exposure.set_device_id(sender.id);
  absl::Notification reached, go, answered[2];
  absl::Status reported, listed;
  uint64_t revocation = 0;
  test_.broker().sequencer().Enqueue(std::make_unique<Gate>(reached, go));
  reached.WaitForNotification();
  test_.broker().sequencer().Enqueue(std::make_unique<AddObject>(
      test_.realm(), test_.network().RevokeDeviceObject(sender), test_.clock().Now(), &revocation));
  test_.broker().denials().Report(test_.SessionOf(sender), request, [&](const auto& reply) {
    reported = reply.status();
    answered[0].Notify();
  });
  test_.broker().devices().ListExposure(test_.SessionOf(sender), exposure, [&](const auto& source) {
    listed = source.status();
    answered[1].Notify();
  });
  go.Notify();
  for (absl::Notification& one : answered) one.WaitForNotification();
  EXPECT_EQ(reported.code(), absl::StatusCode::kUnauthenticated) << reported;
  EXPECT_EQ(listed.code(), absl::StatusCode::kUnauthenticated) << listed;
  EXPECT_EQ(test_.LogSize(), revocation + 1) << "the revocation is the last leaf";
}

TEST_F(DenialTest, MemberReportsNameEachMemberOnce) {
  v1::DenialStatement statement = Statement();
  v1::AskedPart& part = *statement.mutable_request()->mutable_parts(0);
  for (int i = 0; i < 15; ++i) *statement.mutable_request()->add_parts() = part;
  ASSERT_TRUE(Report(statement).ok());
  EXPECT_THAT(*test_.EventAt(test_.LogSize() - 1)->Recipients(), SizeIs(1));

  const uint64_t size = test_.LogSize();
  statement = Statement();
  statement.mutable_request()->mutable_parts(0)->add_recipients(kReader);
  absl::Status refused = Report(statement).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("parts.recipients"));
  statement = Statement();
  statement.add_codes("NOT_A_PARTY");
  refused = Report(statement).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("statement.codes"));
  EXPECT_EQ(test_.LogSize(), size);
}

TEST_F(DenialTest, MemberReportsAreBoundedHoweverManyMembersThereAre) {
  constexpr int kMost = 512;
  const size_t before = test_.network().objects().size();
  for (int i = 0; i <= kMost; ++i) {
    test_.network().AddDevice(absl::StrCat("school/lid-", i), /*with_prekeys=*/false);
  }
  const std::vector<Bytes>& objects = test_.network().objects();
  ASSERT_TRUE(test_.Publish({objects.begin() + static_cast<std::ptrdiff_t>(before), objects.end()}).ok());
  v1::DenialStatement statement = Statement();
  v1::DecideSendRequest& request = *statement.mutable_request();
  request.mutable_parts(0)->clear_recipients();
  *request.add_parts() = request.parts(0);
  for (int i = 0; i < kMost; ++i) {
    request.mutable_parts(i % 2)->add_recipients(absl::StrCat("school/lid-", i));
  }
  ASSERT_TRUE(Report(statement).ok());
  EXPECT_LE(test_.realm().log().ReadOpening(test_.LogSize() - 1)->Encode().size(), 32u * 1024);
  statement.set_nonce(crypto::RandomBytes(16));
  request.mutable_parts(0)->add_recipients(absl::StrCat("school/lid-", kMost));
  EXPECT_EQ(Report(statement).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(DenialTest, TakesOnlyWordsOfTheConvenant) {
  const uint64_t size = test_.LogSize();
  struct Row {
    const char* text;
    std::function<void(v1::DenialStatement&)> change;
  };
  const Row rows[] = {
      {"channel", [](auto& s) { s.mutable_request()->set_channel("Jan Jansen"); }},
      {"purpose", [](auto& s) { s.mutable_request()->set_purpose("Jan Jansen"); }},
      {"category", [](auto& s) { s.mutable_request()->set_category("Jan Jansen"); }},
      {"statement.codes", [](auto& s) { s.set_codes(0, "JAN_JANSEN"); }},
      {"statement.codes", [](auto& s) { s.clear_codes(); }},
      {"parts.recipients", [](auto& s) { s.mutable_request()->mutable_parts(0)->set_recipients(0, "x"); }},
      {"level", [](auto& s) { s.mutable_request()->clear_level(); }},
      {"convenant_id", [](auto& s) { s.mutable_request()->set_convenant_id("elders"); }},
  };
  for (const Row& row : rows) {
    v1::DenialStatement statement = Statement();
    row.change(statement);
    const absl::Status status = Report(statement).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << row.text;
    EXPECT_THAT(std::string(status.message()), HasSubstr(row.text));
    EXPECT_THAT(std::string(status.message()), testing::Not(HasSubstr("Jansen")));
  }
  EXPECT_EQ(test_.LogSize(), size);
}

}  // namespace
}  // namespace seinpost::test
