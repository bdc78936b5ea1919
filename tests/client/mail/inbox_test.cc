// SPDX-License-Identifier: EUPL-1.2
// The recipient's steps (docs/formats/envelope.md) as the client takes them, without a broker: deliveries are
// made by hand, and nothing listens where the profile says its broker is.
#include "client/mail/inbox.h"

#include <functional>

#include "audit/checkpoint.h"
#include "client/broker/fork_evidence.h"
#include "client/mail/sync.h"
#include "client/mail/words.h"
#include "client/terminal/context.h"
#include "client/terminal/output.h"
#include "client/terminal/texts.h"
#include "crypto/hash.h"
#include "envelope/seal.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/test_member.h"
#include "util/secure_file.h"

namespace seinpost::client {
namespace {

using test::FakeBroker;
using test::TestLog;
using test::TestMember;
using test::TestNetwork;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kWriter[] = "school/zorgcoordinator";
constexpr char kReader[] = "politie/wijkagent";

class InboxTest : public testing::Test {
 protected:
  InboxTest() {
    reader_.Synchronise(network_, log_);
    session_ = reader_.OpenSession(broker_);
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
    core.set_checkpoint(log_.Note(network_.now()));
    envelope::PartPlan part;
    part.kind = v1::PART_KIND_NARRATIVE;
    part.retention_class = "casus";
    part.expires = network_.now() + absl::Hours(24 * 30);
    part.content = Bytes(text);
    part.members = {network_.member(kReader)};
    plan.parts.push_back(part);
    return plan;
  }

  v1::Envelope Seal(const envelope::SignalPlan& plan) const {
    const test::TestDevice& device = network_.device(kWriter);
    const absl::StatusOr<envelope::SealedSignal> sealed =
        envelope::Seal(plan, network_.directory(), device.id, device.key);
    EXPECT_TRUE(sealed.ok()) << sealed.status();
    return sealed.ok() ? sealed->envelope : v1::Envelope();
  }

  // Logs a signal and hands it over as the broker does.
  v1::Delivery Deliver(const envelope::SignalPlan& plan) {
    const v1::Envelope envelope = Seal(plan);
    return AsDelivered(envelope, log_.Log(crypto::Sha256(envelope.header()), false, network_.now()));
  }

  static v1::Delivery AsDelivered(const v1::Envelope& envelope, const v1::Receipt& receipt) {
    v1::Delivery delivery;
    delivery.set_cursor(audit::ReceiptBody::Decode(receipt.body())->index + 1);
    delivery.set_header(envelope.header());
    delivery.set_header_sig(envelope.header_sig());
    for (const v1::Part& part : envelope.parts()) {
      *delivery.add_parts() = part;
      delivery.mutable_parts(delivery.parts_size() - 1)->clear_wraps();
    }
    *delivery.mutable_receipt() = receipt;
    return delivery;
  }

  // A delivery that is made wrong after it was sealed: refused with exit code 5, not kept, told in the local
  // log.
  void ExpectTampered(const v1::Delivery& delivery, const char* reason) {
    const absl::StatusOr<Letter> letter = Accept(*session_, delivery);
    EXPECT_EQ(ExitCodeOf(letter.status()), kTampered) << reason << ": " << letter.status();
    EXPECT_THAT(*session_->state().ListDeliveries(), IsEmpty()) << reason;
    EXPECT_GE(session_->state().Load()->cursor, delivery.cursor()) << reason;
    EXPECT_EQ(letter.status().message(), TextOf(Text::kSignalRefused, Language::kDutch)) << reason;
    EXPECT_THAT(LocalLog(), HasSubstr(reason));
  }

  std::string LocalLog() { return ReadFile(session_->state().directory() + "/log", 1 << 20).value_or(""); }

  TestNetwork network_ = TestNetwork::Example(TestNetwork::AnyTime());
  TestMember reader_{network_, kReader};
  TestLog log_{network_};
  FakeBroker broker_{network_, log_, reader_.clock()};
  std::unique_ptr<Session> session_;
};

TEST_F(InboxTest, TakesAGoodSignalIn) {
  const v1::Delivery delivery = Deliver(Plan());
  const absl::StatusOr<Letter> letter = Accept(*session_, delivery);
  ASSERT_TRUE(letter.ok()) << letter.status();
  EXPECT_EQ(letter->sender, kWriter);
  EXPECT_TRUE(letter->unread);
  EXPECT_FALSE(letter->own);
  const StateData data = *session_->state().Load();
  EXPECT_EQ(data.cursor, delivery.cursor());
  EXPECT_EQ(data.replay.count(Bytes(16, 's')), 1u);
  ASSERT_EQ(data.pending.size(), 1u);  // its leaf must be in a later checkpoint
  EXPECT_EQ(data.pending[0].index, log_.size() - 1);
  ASSERT_EQ(data.to_confirm.size(), 1u);  // the sender wants to know
  EXPECT_EQ(data.to_confirm[0].signal_id, Bytes(16, 's'));

  const absl::StatusOr<std::vector<Letter>> inbox = ReadInbox(*session_);
  ASSERT_EQ(inbox->size(), 1u);
  EXPECT_EQ(
      ToJson((*inbox)[0]),
      Json::Parse(
          R"({"signal_id": "73737373737373737373737373737373", "channel": "core@school-a", "level": "L1",
              "category": "wapen", "purpose": "dreiging", "sender": "school/zorgcoordinator", "created": ")" +
          FormatUtc(network_.now()) +
          R"(", "case_ref": "63636363636363636363636363636363", "in_reply_to": null, "unread": true,
              "parts": ["narrative"]})")
          .value());
  EXPECT_TRUE(FindLetter(*session_, Bytes(16, 's')).ok());
}

TEST_F(InboxTest, TakesTheSameSignalTwiceAsOne) {
  const v1::Delivery delivery = Deliver(Plan());
  ASSERT_TRUE(Accept(*session_, delivery).ok());
  ASSERT_TRUE(Accept(*session_, delivery).ok());
  EXPECT_EQ(ReadInbox(*session_)->size(), 1u);
  EXPECT_LE(session_->state().Load()->pending.size(), 1u);
  EXPECT_EQ(session_->state().Load()->to_confirm.size(), 1u);
}

TEST_F(InboxTest, RefusesOtherBytesUnderAKnownId) {
  const v1::Delivery first = Deliver(Plan());
  ASSERT_TRUE(Accept(*session_, first).ok());
  const v1::Delivery other = Deliver(Plan("iets heel anders"));
  EXPECT_EQ(ExitCodeOf(Accept(*session_, other).status()), kTampered);
  EXPECT_THAT(LocalLog(), HasSubstr("step 6: another signal under a known id"));
  const absl::StatusOr<std::vector<Letter>> inbox = ReadInbox(*session_);
  ASSERT_EQ(inbox->size(), 1u);
  EXPECT_EQ((*inbox)[0].cursor, first.cursor());
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
  ExpectTampered(spoilt([&](v1::Delivery& d) { d.clear_parts(); }), "step 1");
  ExpectTampered(spoilt([&](v1::Delivery& d) { flip(d.mutable_header_sig()); }), "step 3");
  ExpectTampered(spoilt([&](v1::Delivery& d) { flip(d.mutable_receipt()->mutable_signature()); }),
                 "step 5: the receipt is not signed by the log");
  ExpectTampered(spoilt([&](v1::Delivery& d) { flip(d.mutable_receipt()->mutable_request_proof()); }),
                 "request proof");
  ExpectTampered(spoilt([&](v1::Delivery& d) { d.mutable_receipt()->clear_request_proof(); }),
                 "request proof");
  ExpectTampered(spoilt([&](v1::Delivery& d) { flip(d.mutable_parts(0)->mutable_ciphertext()); }), "step 8");
  ExpectTampered(spoilt([&](v1::Delivery& d) { d.mutable_parts(0)->set_index(d.parts(0).index() ^ 1); }),
                 "step 8");
  // The receipt of another signal.
  ExpectTampered(spoilt([&](v1::Delivery& d) {
                   *d.mutable_receipt() = log_.Log(crypto::Sha256("x"), false, network_.now());
                 }),
                 "another request");
  // No receipt at all says neither when nor where: the signal is judged by nothing.
  EXPECT_EQ(ExitCodeOf(Accept(*session_, spoilt([](v1::Delivery& d) { d.clear_receipt(); })).status()),
            kTampered);
}

TEST_F(InboxTest, RefusesASenderWhoKnewALaterLog) {
  envelope::SignalPlan plan = Plan();
  const v1::Receipt early = log_.Log(crypto::Sha256("x"), false, network_.now());
  plan.core.set_checkpoint(log_.Note(network_.now()));
  const v1::Envelope envelope = Seal(plan);
  // The broker gives it a place that lies before what its sender had seen.
  const uint64_t place = audit::ReceiptBody::Decode(early.body())->index;
  v1::Receipt receipt =
      log_.Receipt(crypto::Sha256(envelope.header()), place, log_.leaf(place), network_.now());
  receipt.set_request_proof(early.request_proof());
  ExpectTampered(AsDelivered(envelope, receipt), "request proof");  // it cannot even show a leaf for it
  plan.core.set_checkpoint("no checkpoint at all");
  ExpectTampered(Deliver(plan), "step 5: the sender's checkpoint");
}

TEST_F(InboxTest, RefusesACheckpointThatWasTooOldForItsSignal) {
  const struct {
    absl::Duration age;
    bool queued;
    bool good;
  } cases[] = {{absl::Minutes(10), false, true},
               {absl::Minutes(10) + absl::Seconds(1), false, false},
               {absl::Minutes(10), true, true},
               {absl::Minutes(10) + absl::Seconds(1), true, false}};
  char id = '0';
  for (const auto& test : cases) {
    envelope::SignalPlan plan = Plan();
    plan.core.set_signal_id(Bytes(16, id++));
    plan.core.set_queued(test.queued);
    plan.core.set_checkpoint(log_.Note(network_.now() - test.age));
    const absl::Status accepted = Accept(*session_, Deliver(plan)).status();
    EXPECT_EQ(ExitCodeOf(accepted), test.good ? kOk : kTampered) << test.age << ": " << accepted;
  }
  EXPECT_THAT(LocalLog(), HasSubstr("step 5: the sender's checkpoint was too old when the signal was made"));
}

TEST_F(InboxTest, RefusesACheckpointAboutAnotherDirectory) {
  envelope::SignalPlan plan = Plan();
  audit::Checkpoint checkpoint = *VerifyNoteOfLog(log_.Note(network_.now()), session_->directory());
  checkpoint.directory->hash = crypto::Sha256("another directory");
  plan.core.set_checkpoint(audit::SignCheckpoint(checkpoint, network_.log_key()));
  ExpectTampered(Deliver(plan), "step 5: the sender's checkpoint speaks of another directory");
}

// --- revocation (5): what counts is the place in the log, not when it is read

TEST_F(InboxTest, KeepsWhatWasSentBeforeItsSenderWasRevoked) {
  const v1::Delivery delivery = Deliver(Plan());
  network_.Add(network_.RevokeDeviceObject(network_.device(kWriter)));
  log_.TakeObjects();
  ASSERT_TRUE(session_->SyncDirectory().ok());
  const absl::StatusOr<Letter> letter = Accept(*session_, delivery);
  EXPECT_TRUE(letter.ok()) << letter.status();
  EXPECT_TRUE(FindLetter(*session_, Bytes(16, 's')).ok());
}

TEST_F(InboxTest, ReopensASignalOfASenderWhoWasRevokedSince) {
  ASSERT_TRUE(Accept(*session_, Deliver(Plan())).ok());
  network_.Add(network_.RevokeDeviceObject(network_.device(kWriter)));
  log_.TakeObjects();
  ASSERT_TRUE(session_->SyncDirectory().ok());
  EXPECT_TRUE(FindLetter(*session_, Bytes(16, 's')).ok());
}

TEST_F(InboxTest, RefusesWhatWasSentAfterItsSenderWasRevoked) {
  const envelope::SignalPlan plan = Plan();
  const v1::Envelope envelope = Seal(plan);
  network_.Add(network_.RevokeDeviceObject(network_.device(kWriter)));
  log_.TakeObjects();
  // The session has not heard of the revocation: it looks again before it judges.
  ExpectTampered(AsDelivered(envelope, log_.Log(crypto::Sha256(envelope.header()), false, network_.now())),
                 "step 2: sender_device: revoked");
}

TEST_F(InboxTest, RefusesADeviceThatALostTailRevoked) {
  ASSERT_TRUE(session_->state()
                  .Update([&](StateData& data) {
                    data.revoked.insert(network_.device(kWriter).id);
                    return absl::OkStatus();
                  })
                  .ok());
  ExpectTampered(Deliver(Plan()), "step 5: the sender's device was revoked, in a tail that the log lost");
}

// --- gossip (5)

TEST_F(InboxTest, HostileSenderWithAnotherHistoryIsAForkWithEvidence) {
  TestLog fork = log_;
  fork.Rewrite(5, crypto::Sha256("another history"));
  envelope::SignalPlan plan = Plan();
  plan.core.set_checkpoint(fork.Note(network_.now()));
  const v1::Delivery delivery = Deliver(plan);
  const absl::StatusOr<Letter> letter = Accept(*session_, delivery);
  EXPECT_EQ(ExitCodeOf(letter.status()), kTampered);
  EXPECT_THAT(std::string(letter.status().message()), HasSubstr("kreeg een ander logboek te zien"));
  EXPECT_EQ(ListEvidence(session_->state().directory()).size(), 1u);
  EXPECT_THAT(*session_->state().ListDeliveries(), IsEmpty());
  EXPECT_LT(session_->state().Load()->cursor, delivery.cursor());
}

TEST_F(InboxTest, AsksOnceWhetherASendersCheckpointIsOfThisLog) {
  envelope::SignalPlan plan = Plan();
  const Bytes seen = log_.Note(network_.now());
  log_.Append(crypto::Sha256("more"));
  ASSERT_TRUE(session_->SyncDirectory().ok());
  plan.core.set_checkpoint(seen);
  const v1::Delivery delivery = Deliver(plan);
  ASSERT_TRUE(session_->SyncDirectory().ok());
  const int before = broker_.consistency_proofs;
  ASSERT_TRUE(Accept(*session_, delivery).ok());
  EXPECT_EQ(broker_.consistency_proofs, before + 1);
  ASSERT_TRUE(Accept(*session_, delivery).ok());
  EXPECT_EQ(broker_.consistency_proofs, before + 1);
}

TEST_F(InboxTest, PassesOverWhatHasExpiredBeforeItCame) {
  const v1::Delivery expired = Deliver(Plan());
  reader_.clock().Advance(absl::Hours(24 * 30));
  broker_.mailbox = {expired};
  ASSERT_TRUE(session_->SyncDirectory().ok());
  EXPECT_TRUE(FetchMail(*session_).ok());
  EXPECT_THAT(*session_->state().ListDeliveries(), IsEmpty());
  EXPECT_EQ(session_->state().Load()->cursor, expired.cursor());
  EXPECT_THAT(LocalLog(), HasSubstr("step 6: every part has expired"));
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
  EXPECT_THAT(*session_->state().ListDeliveries(), SizeIs(1)) << "a clock alone destroys nothing";
  EXPECT_EQ(FindLetter(*session_, Bytes(16, 's')).status().code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(session_->SyncDirectory().ok());
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
  EXPECT_EQ(policies::ToString(original->sender), kWriter);
  EXPECT_EQ(original->channel, "core@school-a");
  EXPECT_EQ(original->level, policies::Level::kL1);
  ASSERT_EQ(original->parts.size(), 1u);
}

TEST_F(InboxTest, AReceiptOfOnesOwnCallShowsTheEvent) {
  const Digest request = crypto::Sha256("a request");
  const v1::Receipt own = log_.Log(request, true, network_.now());
  const auto check = [&](const v1::Receipt& receipt, const Digest& hash, Session::ReceiptKind kind) {
    return ExitCodeOf(session_->CheckReceipt(receipt, hash, kind).status());
  };
  EXPECT_EQ(check(own, request, Session::ReceiptKind::kOwn), kOk);
  EXPECT_EQ(session_->state().Load()->pending.size(), 1u);
  EXPECT_EQ(check(own, crypto::Sha256("another"), Session::ReceiptKind::kOwn), kTampered);
  EXPECT_EQ(check(own, request, Session::ReceiptKind::kDelivered), kTampered);
  EXPECT_EQ(check(log_.Log(request, false, network_.now()), request, Session::ReceiptKind::kOwn), kTampered);
  v1::Receipt mixed = own;  // the opening of another event
  mixed.set_opening(log_.Log(request, true, network_.now()).opening());
  EXPECT_EQ(check(mixed, request, Session::ReceiptKind::kOwn), kTampered);
}

TEST_F(InboxTest, WithoutABrokerTheCommandsSaySo) {
  const std::unique_ptr<Session> alone = reader_.OpenSession();
  EXPECT_EQ(ExitCodeOf(Sync(*alone)), kUnreachable);
  EXPECT_EQ(ExitCodeOf(FetchMail(*alone)), kUnreachable);
}

}  // namespace
}  // namespace seinpost::client
