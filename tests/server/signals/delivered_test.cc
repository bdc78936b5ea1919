// SPDX-License-Identifier: EUPL-1.2
// What devices say that they received: who may, once per signal and device, each a leaf.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "tests/server/harness.h"
#include "tests/server/operations.h"
#include "trust/labels.h"

namespace seinpost::test {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

class DeliveredTest : public testing::Test {
 protected:
  void SetUp() override { envelope_ = Send(); }
  v1::Envelope Send() {
    const v1::Envelope envelope = test_.Seal(SmallPlan(test_.network())).envelope;
    EXPECT_TRUE(test_.Submit(envelope).ok());
    return envelope;
  }
  const TestDevice& reader() { return test_.network().device(kReader); }
  v1::DeliveredStatement Statement() { return test_.DeliveredOf(envelope_, reader()); }
  absl::StatusOr<v1::GetDeliveredReply> Get(const std::vector<v1::Envelope>& envelopes,
                                            absl::string_view profile = kSender) {
    v1::GetDeliveredRequest request;
    request.set_convenant_id("plaats");
    for (const v1::Envelope& envelope : envelopes) request.add_signal_ids(CoreOf(envelope).signal_id());
    return Await<v1::GetDeliveredReply>(
        [&](auto done) { test_.broker().deliveries().Get(test_.SessionOf(profile), request, done); });
  }
  static uint64_t IndexOf(const v1::Receipt& receipt) {
    return audit::ReceiptBody::Decode(receipt.body())->index;
  }

  TestBroker test_;
  v1::Envelope envelope_;
};

TEST_F(DeliveredTest, BecomesALeafAndReachesTheSender) {
  EXPECT_THAT(Get({envelope_})->statements(), SizeIs(0));
  const v1::DeliveredStatement statement = Statement();
  const absl::StatusOr<v1::ConfirmDeliveryReply> confirmed = test_.Confirm({statement}, reader());
  ASSERT_TRUE(confirmed.ok()) << confirmed.status();
  ASSERT_THAT(confirmed->receipts(), SizeIs(1));
  EXPECT_EQ(IndexOf(confirmed->receipts(0)), test_.LogSize() - 1);
  const std::optional<audit::Event> event = test_.EventAt(test_.LogSize() - 1);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->Type(), audit::EventType::kDeliver);
  EXPECT_EQ(event->Text(audit::Tag::kActorDevice), reader().id);
  EXPECT_EQ(event->Text(audit::Tag::kObject), CoreOf(envelope_).signal_id());
  EXPECT_EQ(event->Text(audit::Tag::kRequestHash), ToBytes(crypto::Sha256(statement.SerializeAsString())));

  const absl::StatusOr<v1::GetDeliveredReply> got = Get({envelope_});
  ASSERT_TRUE(got.ok()) << got.status();
  ASSERT_THAT(got->statements(), SizeIs(1));
  EXPECT_EQ(got->statements(0).statement(), statement.SerializeAsString());
  EXPECT_TRUE(crypto::Verify(View(reader().key.public_key()), trust::kDeliveredLabel,
                             got->statements(0).statement(), got->statements(0).signature())
                  .ok());
}

TEST_F(DeliveredTest, IsLoggedOnceAlsoWhenSignedAnewAndAfterARestart) {
  const absl::StatusOr<v1::ConfirmDeliveryReply> first = test_.Confirm({Statement()}, reader());
  ASSERT_TRUE(first.ok()) << first.status();
  const uint64_t size = test_.LogSize();
  const Bytes logged = Statement().SerializeAsString();
  const auto again = [&](const v1::DeliveredStatement& statement) {
    const absl::StatusOr<v1::ConfirmDeliveryReply> reply = test_.Confirm({statement}, reader());
    EXPECT_TRUE(reply.ok()) << reply.status();
    EXPECT_EQ(reply->SerializeAsString(), first->SerializeAsString());
    // Whoever does not remember the first one is shown it.
    EXPECT_EQ(reply->logged(0).statement(), logged);
    EXPECT_TRUE(crypto::Verify(View(reader().key.public_key()), trust::kDeliveredLabel, logged,
                               reply->logged(0).signature())
                    .ok());
  };
  again(Statement());
  test_.clock().Advance(absl::Hours(48));
  again(Statement());
  ASSERT_TRUE(test_.Restart().ok());
  again(Statement());
  EXPECT_EQ(test_.LogSize(), size);
  EXPECT_THAT(Get({envelope_})->statements(), SizeIs(1));
}

TEST_F(DeliveredTest, TakesManyAtOnceInTheirOrder) {
  std::vector<v1::Envelope> envelopes = {envelope_, Send(), Send()};
  std::vector<v1::DeliveredStatement> statements;
  ASSERT_TRUE(test_.Confirm({test_.DeliveredOf(envelopes[1], reader())}, reader()).ok());
  const uint64_t known = test_.LogSize() - 1;
  for (const v1::Envelope& envelope : envelopes) statements.push_back(test_.DeliveredOf(envelope, reader()));
  const absl::StatusOr<v1::ConfirmDeliveryReply> reply = test_.Confirm(statements, reader());
  ASSERT_TRUE(reply.ok()) << reply.status();
  ASSERT_THAT(reply->receipts(), SizeIs(3));
  EXPECT_EQ(IndexOf(reply->receipts(0)), known + 1);
  EXPECT_EQ(IndexOf(reply->receipts(1)), known);
  EXPECT_EQ(IndexOf(reply->receipts(2)), known + 2);
  EXPECT_THAT(Get(envelopes)->statements(), SizeIs(3));
}

TEST_F(DeliveredTest, TakesAllOfARequestOrNothing) {
  v1::DeliveredStatement wrong = test_.DeliveredOf(Send(), reader());
  wrong.mutable_header_hash()->back() ^= 1;
  const uint64_t size = test_.LogSize();
  const absl::Status refused = test_.Confirm({Statement(), wrong}, reader()).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("statements[1]: statement.header_hash"));
  EXPECT_EQ(test_.LogSize(), size);
  EXPECT_THAT(Get({envelope_})->statements(), SizeIs(0));
}

TEST_F(DeliveredTest, IsOnlyForDevicesThatTheSignalIsAddressedTo) {
  const TestDevice& other = test_.network().device("jongerenwerk/jongerenwerker");
  const uint64_t size = test_.LogSize();
  EXPECT_EQ(test_.Confirm({test_.DeliveredOf(envelope_, other)}, other).status().code(),
            absl::StatusCode::kNotFound);
  const TestDevice& later = test_.AddDevice(kReader);
  EXPECT_EQ(test_.Confirm({test_.DeliveredOf(envelope_, later)}, later).status().code(),
            absl::StatusCode::kNotFound)
      << "of the same member, but enrolled later";
  v1::DeliveredStatement unknown = Statement();
  unknown.set_signal_id(Bytes(16, 'x'));
  EXPECT_EQ(test_.Confirm({unknown}, reader()).status().code(), absl::StatusCode::kNotFound);
  for (uint64_t index = size; index < test_.LogSize(); ++index) {
    const std::optional<audit::Event> event = test_.EventAt(index);
    EXPECT_TRUE(!event || event->Type() != audit::EventType::kDeliver) << index;
  }
}

TEST_F(DeliveredTest, NamesTheFieldThatIsWrong) {
  struct Row {
    const char* text;
    std::function<void(v1::DeliveredStatement&)> change;
  };
  const Row rows[] = {
      {"statement.convenant_id", [](auto& s) { s.set_convenant_id("elders"); }},
      {"statement.signal_id", [](auto& s) { s.mutable_signal_id()->pop_back(); }},
      {"statement.header_hash", [](auto& s) { s.mutable_header_hash()->pop_back(); }},
      {"statement.header_hash", [](auto& s) { s.mutable_header_hash()->back() ^= 1; }},
      {"statement.device_id", [&](auto& s) { s.set_device_id(test_.network().device(kSender).id); }},
      {"statement.time", [](auto& s) { s.set_time(s.time() + 301); }},
      {"statement.time", [](auto& s) { s.set_time(s.time() - 301); }},
      {"statement.time", [](auto& s) { s.set_time(-1); }},
  };
  const uint64_t size = test_.LogSize();
  for (const Row& row : rows) {
    v1::DeliveredStatement statement = Statement();
    row.change(statement);
    const absl::Status status = test_.Confirm({statement}, reader()).status();
    EXPECT_THAT(std::string(status.message()), HasSubstr(row.text)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("statements[0]: "));
  }
  const auto confirm = [&](const v1::ConfirmDeliveryRequest& request) {
    return Await<v1::ConfirmDeliveryReply>([&](auto done) {
             test_.broker().deliveries().Confirm(test_.SessionOf(reader()), request, done);
           })
        .status();
  };
  v1::ConfirmDeliveryRequest request;
  request.set_convenant_id("plaats");
  EXPECT_THAT(std::string(confirm(request).message()), HasSubstr("statements: 1 to 64"));
  *request.add_statements() =
      Signed<v1::SignedDelivered>(Statement(), trust::kDeliveredLabel, test_.network().device(kSender));
  EXPECT_THAT(std::string(confirm(request).message()), HasSubstr("signature"));
  *request.mutable_statements(0) = Signed<v1::SignedDelivered>(Statement(), trust::kOpenLabel, reader());
  EXPECT_THAT(std::string(confirm(request).message()), HasSubstr("signature")) << "another label";
  request.mutable_statements(0)->mutable_statement()->append("\x78\x01");  // an unknown field
  EXPECT_THAT(std::string(confirm(request).message()), HasSubstr("statement"));
  *request.mutable_statements(0) = Signed<v1::SignedDelivered>(Statement(), trust::kDeliveredLabel, reader());
  request.set_convenant_id("elders");
  EXPECT_THAT(std::string(confirm(request).message()), HasSubstr("convenant_id"));
  request.set_convenant_id("plaats");
  *request.add_statements() = request.statements(0);
  EXPECT_THAT(std::string(confirm(request).message()),
              HasSubstr("statements[1]: statement.signal_id: twice"));
  while (request.statements_size() <= 64) *request.add_statements() = request.statements(0);
  EXPECT_THAT(std::string(confirm(request).message()), HasSubstr("statements: 1 to 64"));
  EXPECT_EQ(test_.LogSize(), size) << "faults of form are no leaves";
}

TEST_F(DeliveredTest, IsToldToTheSendersMemberOnly) {
  ASSERT_TRUE(test_.Confirm({Statement()}, reader()).ok());
  EXPECT_THAT(Get({envelope_}, kReader)->statements(), SizeIs(0));
  EXPECT_THAT(Get({envelope_}, "school/teamleider")->statements(), SizeIs(0));
  const TestDevice& later = test_.AddDevice(kSender);
  v1::GetDeliveredRequest request;
  request.set_convenant_id("plaats");
  request.add_signal_ids(CoreOf(envelope_).signal_id());
  const auto get = [&] {
    return Await<v1::GetDeliveredReply>(
        [&](auto done) { test_.broker().deliveries().Get(test_.SessionOf(later), request, done); });
  };
  const auto got = get();
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_THAT(got->statements(), SizeIs(1)) << "another device of the sender's";
  request.add_signal_ids(Bytes(16, 'x'));
  EXPECT_THAT(get()->statements(), SizeIs(1)) << "one that is not there hides no other";
  request.mutable_signal_ids()->RemoveLast();
  request.set_signal_ids(0, "short");
  EXPECT_THAT(std::string(get().status().message()), HasSubstr("signal_ids"));
  request.clear_signal_ids();
  EXPECT_THAT(std::string(get().status().message()), HasSubstr("signal_ids: 1 to 64"));
  for (int i = 0; i < 65; ++i) request.add_signal_ids(CoreOf(envelope_).signal_id());
  EXPECT_THAT(std::string(get().status().message()), HasSubstr("signal_ids: 1 to 64"));
}

TEST_F(DeliveredTest, NothingComesAfterTheRevocation) {
  ASSERT_TRUE(test_.PutInForce(test_.network().RevokeDeviceObject(reader())).ok());
  const uint64_t size = test_.LogSize();
  EXPECT_EQ(test_.Confirm({Statement()}, reader()).status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(test_.LogSize(), size);
}

TEST_F(DeliveredTest, IsJudgedAnewWhenARevocationComesInBetween) {
  v1::ConfirmDeliveryRequest request;
  request.set_convenant_id("plaats");
  *request.add_statements() = Signed<v1::SignedDelivered>(Statement(), trust::kDeliveredLabel, reader());
  absl::Notification reached, go, answered;
  absl::Status confirmed;
  uint64_t revocation = 0;
  test_.broker().sequencer().Enqueue(std::make_unique<Gate>(reached, go));
  reached.WaitForNotification();
  test_.broker().sequencer().Enqueue(std::make_unique<AddObject>(
      test_.realm(), test_.network().RevokeDeviceObject(reader()), test_.clock().Now(), &revocation));
  test_.broker().deliveries().Confirm(test_.SessionOf(reader()), request, [&](const auto& reply) {
    confirmed = reply.status();
    answered.Notify();
  });
  go.Notify();
  answered.WaitForNotification();
  EXPECT_EQ(confirmed.code(), absl::StatusCode::kUnauthenticated) << confirmed;
  EXPECT_EQ(test_.LogSize(), revocation + 1) << "the revocation is the last leaf";
}

TEST(Delivered, HasAQuota) {
  TestBrokerOptions options;
  options.limits.opens = 1;
  options.limits.questions = 1;
  TestBroker test(options);
  const v1::Envelope envelope = test.Seal(SmallPlan(test.network())).envelope;
  ASSERT_TRUE(test.Submit(envelope).ok());
  const TestDevice& reader = test.network().device(kReader);
  EXPECT_TRUE(test.Confirm({test.DeliveredOf(envelope, reader)}, reader).ok());
  EXPECT_EQ(test.Confirm({test.DeliveredOf(envelope, reader)}, reader).status().code(),
            absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace seinpost::test
