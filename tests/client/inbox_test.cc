// SPDX-License-Identifier: EUPL-1.2
// The recipient's steps (docs/formats/envelope.md) as the client takes them, without a broker: deliveries are
// made by hand, and nothing listens where the profile says its broker is.
#include "client/inbox.h"

#include <functional>

#include "client/context.h"
#include "crypto/hash.h"
#include "envelope/seal.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/test_member.h"
#include "util/secure_file.h"

namespace seinpost::client {
namespace {

using test::TestLog;
using test::TestMember;
using test::TestNetwork;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kSender[] = "school/zorgcoordinator";
constexpr char kReader[] = "politie/wijkagent";

class InboxTest : public testing::Test {
 protected:
  InboxTest() {
    reader_.Synchronise(network_);
    session_ = reader_.OpenSession();
  }

  envelope::SignalPlan Plan(absl::string_view text = "een mes gevonden") const {
    envelope::SignalPlan plan;
    v1::Core& core = plan.core;
    core.set_signal_id(Bytes(16, 's'));
    core.set_channel("core@school-a");
    core.set_category("wapen");
    core.set_purpose("dreiging");
    core.set_level(v1::LEVEL_L1);
    core.set_case_ref(Bytes(16, 'c'));
    core.set_created(absl::ToUnixSeconds(network_.now()));
    core.set_checkpoint(TestLog{network_, 50}.Checkpoint(network_.now()));
    envelope::PartPlan part;
    part.kind = v1::PART_KIND_NARRATIVE;
    part.retention_class = "casus";
    part.expires = network_.now() + absl::Hours(24 * 30);
    part.content = Bytes(text);
    part.members = {network_.member(kReader)};
    plan.parts.push_back(part);
    return plan;
  }

  v1::Delivery Deliver(const envelope::SignalPlan& plan, uint64_t leaf = 60) const {
    const test::TestDevice& device = network_.device(kSender);
    const absl::StatusOr<envelope::SealedSignal> sealed =
        envelope::Seal(plan, network_.directory(), device.id, device.key);
    EXPECT_TRUE(sealed.ok()) << sealed.status();
    return AsDelivered(sealed->envelope, leaf);
  }

  v1::Delivery AsDelivered(const v1::Envelope& envelope, uint64_t leaf) const {
    v1::Delivery delivery;
    delivery.set_cursor(leaf);
    delivery.set_header(envelope.header());
    delivery.set_header_sig(envelope.header_sig());
    for (const v1::Part& part : envelope.parts()) {
      *delivery.add_parts() = part;
      delivery.mutable_parts(delivery.parts_size() - 1)->clear_wraps();
    }
    *delivery.mutable_receipt() =
        TestLog{network_}.Receipt(crypto::Sha256(envelope.header()), leaf, false, network_.now());
    return delivery;
  }

  // A delivery that is made wrong after it was sealed: refused with exit code 5, not kept, told in the local
  // log.
  void ExpectTampered(const v1::Delivery& delivery, const char* reason) {
    const absl::StatusOr<Letter> letter = Accept(*session_, delivery);
    EXPECT_EQ(ExitCodeOf(letter.status()), kTampered) << reason << ": " << letter.status();
    EXPECT_THAT(*session_->state().ListDeliveries(), IsEmpty()) << reason;
    EXPECT_EQ(session_->state().Load()->cursor, delivery.cursor()) << reason;
    EXPECT_THAT(std::string(letter.status().message()), testing::Not(HasSubstr("step")));
    const absl::StatusOr<Bytes> log = ReadFile(session_->state().directory() + "/log", 1 << 20);
    ASSERT_TRUE(log.ok());
    EXPECT_THAT(*log, HasSubstr(reason));
  }

  TestNetwork network_ = TestNetwork::Arnhem(TestNetwork::AnyTime());
  TestMember reader_{network_, kReader};
  std::unique_ptr<Session> session_;
};

TEST_F(InboxTest, TakesAGoodSignalIn) {
  const absl::StatusOr<Letter> letter = Accept(*session_, Deliver(Plan()));
  ASSERT_TRUE(letter.ok()) << letter.status();
  EXPECT_EQ(letter->sender, kSender);
  EXPECT_TRUE(letter->unread);
  EXPECT_FALSE(letter->own);
  const StateData data = *session_->state().Load();
  EXPECT_EQ(data.cursor, 60u);
  EXPECT_EQ(data.replay.count(Bytes(16, 's')), 1u);
  ASSERT_EQ(data.pending.size(), 1u);  // its leaf must be in a later checkpoint
  EXPECT_EQ(data.pending[0].index, 60u);

  const absl::StatusOr<std::vector<Letter>> inbox = ReadInbox(*session_);
  ASSERT_EQ(inbox->size(), 1u);
  EXPECT_EQ(
      ToJson((*inbox)[0]),
      Json::parse(
          R"({"signal_id": "73737373737373737373737373737373", "channel": "core@school-a", "level": "L1",
              "category": "wapen", "purpose": "dreiging", "sender": "school/zorgcoordinator", "created": ")" +
          FormatUtc(network_.now()) +
          R"(", "case_ref": "63636363636363636363636363636363", "in_reply_to": null, "unread": true,
              "parts": ["narrative"]})"));
  EXPECT_TRUE(FindLetter(*session_, Bytes(16, 's')).ok());
}

TEST_F(InboxTest, TakesTheSameSignalTwiceAsOne) {
  const v1::Delivery delivery = Deliver(Plan());
  ASSERT_TRUE(Accept(*session_, delivery).ok());
  ASSERT_TRUE(Accept(*session_, delivery).ok());
  EXPECT_EQ(ReadInbox(*session_)->size(), 1u);
  EXPECT_EQ(session_->state().Load()->pending.size(), 1u);
}

TEST_F(InboxTest, RefusesOtherBytesUnderAKnownId) {
  ASSERT_TRUE(Accept(*session_, Deliver(Plan())).ok());
  const v1::Delivery other = Deliver(Plan("iets heel anders"), 61);
  EXPECT_EQ(ExitCodeOf(Accept(*session_, other).status()), kTampered);
  const absl::StatusOr<std::vector<Letter>> inbox = ReadInbox(*session_);
  ASSERT_EQ(inbox->size(), 1u);
  EXPECT_EQ((*inbox)[0].cursor, 60u);
}

TEST_F(InboxTest, RefusesWhatDoesNotVerify) {
  const v1::Delivery good = Deliver(Plan());
  const auto flip = [](std::string* bytes) { bytes->back() = static_cast<char>(bytes->back() ^ 1); };
  uint64_t cursor = 100;
  const auto spoilt = [&](const std::function<void(v1::Delivery&)>& spoil) {
    v1::Delivery delivery = good;
    delivery.set_cursor(++cursor);
    spoil(delivery);
    return delivery;
  };
  ExpectTampered(spoilt([&](v1::Delivery& d) { flip(d.mutable_header_sig()); }), "step 3");
  ExpectTampered(spoilt([&](v1::Delivery& d) { flip(d.mutable_receipt()->mutable_signature()); }), "receipt");
  ExpectTampered(spoilt([&](v1::Delivery& d) { flip(d.mutable_receipt()->mutable_request_proof()); }),
                 "request proof");
  ExpectTampered(spoilt([&](v1::Delivery& d) { d.mutable_receipt()->clear_request_proof(); }),
                 "request proof");
  ExpectTampered(spoilt([&](v1::Delivery& d) { d.clear_receipt(); }), "receipt");
  ExpectTampered(spoilt([&](v1::Delivery& d) { flip(d.mutable_parts(0)->mutable_ciphertext()); }), "step 8");
  ExpectTampered(spoilt([&](v1::Delivery& d) { d.mutable_parts(0)->set_index(d.parts(0).index() ^ 1); }),
                 "step 8");
  ExpectTampered(spoilt([&](v1::Delivery& d) { d.clear_parts(); }), "step 1");
  // The receipt of another signal.
  ExpectTampered(spoilt([&](v1::Delivery& d) {
                   *d.mutable_receipt() =
                       TestLog{network_}.Receipt(crypto::Sha256("x"), 60, false, network_.now());
                 }),
                 "another request");
}

TEST_F(InboxTest, RefusesASenderWhoKnewALaterLog) {
  envelope::SignalPlan plan = Plan();
  plan.core.set_checkpoint(TestLog{network_, 61}.Checkpoint(network_.now()));
  ExpectTampered(Deliver(plan), "step 5");
  plan.core.set_checkpoint("no checkpoint at all");
  ExpectTampered(Deliver(plan, 70), "step 5");
}

TEST_F(InboxTest, R04RefusesWhatTheRulesForbid) {
  envelope::SignalPlan plan = Plan();
  plan.core.set_level(v1::LEVEL_L2);  // the core team goes up to L1
  plan.core.set_informed(v1::INFORMED_YES);
  ExpectTampered(Deliver(plan), "LEVEL_EXCEEDED");
}

TEST_F(InboxTest, ForgetsWhatHasExpired) {
  ASSERT_TRUE(Accept(*session_, Deliver(Plan())).ok());
  reader_.clock().Advance(absl::Hours(24 * 30) - absl::Seconds(1));
  EXPECT_EQ(ReadInbox(*session_)->size(), 1u);
  reader_.clock().Advance(absl::Seconds(1));
  EXPECT_THAT(*ReadInbox(*session_), IsEmpty());
  EXPECT_THAT(*session_->state().ListDeliveries(), IsEmpty());
  EXPECT_TRUE(session_->state().Load()->replay.empty());
  EXPECT_EQ(FindLetter(*session_, Bytes(16, 's')).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(InboxTest, NoticesAStoredSignalThatWasChanged) {
  ASSERT_TRUE(Accept(*session_, Deliver(Plan())).ok());
  // Another signal, good in itself, put in the place of the one that was seen.
  envelope::SignalPlan plan = Plan("iets anders");
  ASSERT_TRUE(session_->state().PutDelivery(Bytes(16, 's'), Deliver(plan)).ok());
  EXPECT_EQ(ExitCodeOf(FindLetter(*session_, Bytes(16, 's')).status()), kTampered);
}

TEST_F(InboxTest, TellsTheRulesWhatIsPassedOn) {
  ASSERT_TRUE(Accept(*session_, Deliver(Plan())).ok());
  const absl::StatusOr<policies::OriginalFacts> original = OriginalOf(*session_, Bytes(16, 's'));
  ASSERT_TRUE(original.ok()) << original.status();
  EXPECT_EQ(policies::ToString(original->sender), kSender);
  EXPECT_EQ(original->channel, "core@school-a");
  EXPECT_EQ(original->level, policies::Level::kL1);
  ASSERT_EQ(original->parts.size(), 1u);
}

TEST_F(InboxTest, AReceiptOfOnesOwnCallShowsTheEvent) {
  const Digest request = crypto::Sha256("a request");
  const TestLog log{network_};
  const v1::Receipt own = log.Receipt(request, 7, true, network_.now());
  const auto check = [&](const v1::Receipt& receipt, const Digest& hash, Session::ReceiptKind kind) {
    return ExitCodeOf(session_->CheckReceipt(receipt, hash, kind).status());
  };
  EXPECT_EQ(check(own, request, Session::ReceiptKind::kOwn), kOk);
  EXPECT_EQ(session_->state().Load()->pending.size(), 1u);
  EXPECT_EQ(check(own, crypto::Sha256("another"), Session::ReceiptKind::kOwn), kTampered);
  EXPECT_EQ(check(own, request, Session::ReceiptKind::kDelivered), kTampered);
  EXPECT_EQ(check(log.Receipt(request, 7, false, network_.now()), request, Session::ReceiptKind::kOwn),
            kTampered);
  v1::Receipt mixed = own;  // the opening of another event
  mixed.set_opening(log.Receipt(request, 7, true, network_.now()).opening());
  EXPECT_EQ(check(mixed, request, Session::ReceiptKind::kOwn), kTampered);
  EXPECT_EQ(session_->state().Load()->pending.size(), 1u);
}

TEST_F(InboxTest, WithoutABrokerTheCommandsSaySo) {
  EXPECT_EQ(ExitCodeOf(session_->Sync()), kUnreachable);
  EXPECT_EQ(ExitCodeOf(FetchMail(*session_)), kUnreachable);
}

}  // namespace
}  // namespace seinpost::client
