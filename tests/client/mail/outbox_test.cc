// SPDX-License-Identifier: EUPL-1.2
// What was sealed is sent once, whatever gets lost on the way: the signal, the answer, or this process.
#include "client/mail/outbox.h"

#include <cstdio>

#include "client/mail/sync.h"
#include "client/mail/words.h"
#include "client/terminal/context.h"
#include "gmock/gmock.h"
#include "tests/client/sent_signals.h"

namespace seinpost::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class OutboxTest : public test::SentSignals {
 protected:
  Queued Seal(const std::string& id, bool queued = false) {
    envelope::SignalPlan plan = Plan(id);
    plan.core.set_queued(queued);
    const absl::StatusOr<envelope::SealedSignal> sealed =
        envelope::Seal(plan, sender_->directory(), sender_->own_device_id(), sender_->profile().device_key());
    EXPECT_TRUE(sealed.ok()) << sealed.status();
    return {.signal_id = plan.core.signal_id(),
            .envelope = sealed->envelope,
            .attachments = sealed->attachments,
            .created = now(),
            .personal = true,
            .channel = plan.core.channel()};
  }
  std::vector<Queued> Waiting() { return sender_->state().ListQueued().value(); }
  // The next command of the sender.
  std::vector<OutboxResult> Flush() {
    const absl::StatusOr<std::vector<OutboxResult>> results = FlushOutbox(*sender_);
    EXPECT_TRUE(results.ok()) << results.status();
    return results.value_or(std::vector<OutboxResult>());
  }
  uint64_t Sent() const { return broker_.submitted.size(); }
};

TEST_F(OutboxTest, WhatIsAnsweredLeavesNothingBehind) {
  const absl::StatusOr<CheckedReceipt> receipt = SubmitSealed(*sender_, Seal("a"));
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  EXPECT_THAT(Waiting(), IsEmpty());
  EXPECT_EQ(sender_->state().Load()->sent.count(Bytes(16, 'a')), 1u);
}

TEST_F(OutboxTest, ALostAnswerKeepsTheBytesAndTheNextCommandGetsTheSameReceipt) {
  for (const absl::Status& lost :
       {UnreachableError("the line went dead"), absl::DeadlineExceededError("too slow"),
        absl::InternalError("who knows"), absl::UnknownError("stream reset"), absl::CancelledError("cut")}) {
    SCOPED_TRACE(lost.ToString());
    const std::string id(1, static_cast<char>('a' + Sent()));
    const Queued sealed = Seal(id);
    broker_.lose_submit = [&] { return lost; };
    EXPECT_FALSE(SubmitSealed(*sender_, sealed).ok());
    ASSERT_THAT(Waiting(), SizeIs(1));
    EXPECT_FALSE(IsQueued(Waiting()[0]));
    EXPECT_EQ(Waiting()[0].envelope.SerializeAsString(), sealed.envelope.SerializeAsString());
    const uint64_t sent = Sent();
    broker_.lose_submit = nullptr;
    Advance(absl::Hours(1));  // later than a new signal of then would be taken
    Sync();
    const std::vector<OutboxResult> results = Flush();
    ASSERT_THAT(results, SizeIs(1));
    EXPECT_EQ(results[0].outcome, OutboxResult::Outcome::kSent);
    EXPECT_EQ(results[0].leaf_index,
              audit::ReceiptBody::Decode(broker_.submitted.at(sealed.envelope.header()).body())->index);
    EXPECT_EQ(Sent(), sent) << "there is one";
    EXPECT_THAT(Waiting(), IsEmpty());
    EXPECT_THAT(author_.err(), HasSubstr("waarvan het antwoord niet was aangekomen, is verzonden"));
  }
}

// A broker that takes it in and answers what does not verify.
TEST_F(OutboxTest, HostileAnswerThatDoesNotVerifyIsNoReasonToSendTwice) {
  const Queued sealed = Seal("a");
  broker_.lose_submit = [] { return TamperedError("another receipt"); };
  EXPECT_EQ(ExitCodeOf(SubmitSealed(*sender_, sealed).status()), kTampered);
  EXPECT_THAT(Waiting(), SizeIs(1));
  EXPECT_EQ(ExitCodeOf(FlushOutbox(*sender_).status()), kTampered);
  broker_.lose_submit = nullptr;
  EXPECT_EQ(Flush().size(), 1u);
  EXPECT_EQ(Sent(), 1u);
}

TEST_F(OutboxTest, WhatNeverArrivedIsSaidToBeSoOnceItIsTooLate) {
  broker_.refuse_submit = [] { return UnreachableError("nobody there"); };
  EXPECT_EQ(ExitCodeOf(SubmitSealed(*sender_, Seal("a")).status()), kUnreachable);
  EXPECT_EQ(ExitCodeOf(FlushOutbox(*sender_).status()), kUnreachable);
  EXPECT_THAT(Waiting(), SizeIs(1));
  broker_.refuse_submit = [] { return absl::FailedPreconditionError("created: too old"); };
  Advance(kDirectLife);
  Sync();
  const std::vector<OutboxResult> results = Flush();
  ASSERT_THAT(results, SizeIs(1));
  EXPECT_EQ(results[0].outcome, OutboxResult::Outcome::kExpired);
  EXPECT_THAT(Waiting(), IsEmpty());
  EXPECT_THAT(author_.err(), HasSubstr("is niet verzonden en kan dat niet meer"));
}

// Also after a day: it was sent, and is not said to have expired unsent.
TEST_F(OutboxTest, AQueuedSignalWhoseAnswerWasLostIsNotCalledUnsent) {
  const Queued sealed = Seal("a", true);
  ASSERT_TRUE(sender_->state().PutQueued(sealed).ok());
  broker_.lose_submit = [] { return UnreachableError("the line went dead"); };
  EXPECT_FALSE(FlushOutbox(*sender_).ok());
  broker_.lose_submit = nullptr;
  broker_.refuse_submit = [] { return absl::FailedPreconditionError("created: too old"); };
  Advance(absl::Hours(30));
  Sync();
  ASSERT_TRUE(sender_->state().PutQueued(Seal("b", true)).ok());
  Queued never = Seal("c", true);
  never.created = now() - kQueuedLife;
  ASSERT_TRUE(sender_->state().PutQueued(never).ok());
  std::map<Bytes, OutboxResult::Outcome> outcomes;
  for (const OutboxResult& result : Flush()) outcomes[result.signal_id] = result.outcome;
  EXPECT_EQ(outcomes[Bytes(16, 'a')], OutboxResult::Outcome::kSent);
  EXPECT_EQ(outcomes[Bytes(16, 'b')], OutboxResult::Outcome::kRefused);
  EXPECT_EQ(outcomes[Bytes(16, 'c')], OutboxResult::Outcome::kExpired);
}

TEST_F(OutboxTest, WhatIsRefusedOrCannotHaveArrivedIsNotKept) {
  broker_.refuse_submit = [] { return absl::InvalidArgumentError("no"); };
  EXPECT_EQ(ExitCodeOf(SubmitSealed(*sender_, Seal("a")).status()), kUsage);
  EXPECT_THAT(Waiting(), IsEmpty());
  broker_.refuse_submit = [] { return absl::ResourceExhaustedError("later"); };
  EXPECT_FALSE(SubmitSealed(*sender_, Seal("a")).ok());
  EXPECT_THAT(Waiting(), IsEmpty()) << "the broker said that it did not take it";
  // But what waits there goes on waiting.
  const Queued sealed = Seal("b");
  ASSERT_TRUE(sender_->state().PutQueued(sealed).ok());
  EXPECT_FALSE(FlushOutbox(*sender_).ok());
  EXPECT_THAT(Waiting(), SizeIs(1));
}

TEST_F(OutboxTest, AttachmentsGoWithItEachTime) {
  Queued sealed = Seal("a");
  sealed.attachments = {{Bytes(32, 'h'), "sealed photo"}};
  broker_.lose_upload = [] { return UnreachableError("the line went dead"); };
  EXPECT_EQ(ExitCodeOf(SubmitSealed(*sender_, sealed).status()), kUnreachable);
  EXPECT_THAT(Waiting(), IsEmpty()) << "the envelope never left";
  EXPECT_EQ(broker_.submits, 0);
  broker_.lose_upload = nullptr;
  broker_.lose_submit = broker_.refuse_submit = [] { return UnreachableError("the line went dead"); };
  EXPECT_FALSE(SubmitSealed(*sender_, sealed).ok());
  ASSERT_THAT(Waiting(), SizeIs(1));
  EXPECT_EQ(Waiting()[0].attachments, sealed.attachments);
  broker_.lose_submit = broker_.refuse_submit = nullptr;
  EXPECT_EQ(Flush().size(), 1u);
  EXPECT_THAT(broker_.uploaded, ElementsAre(Bytes(32, 'h'), Bytes(32, 'h'), Bytes(32, 'h')));
}

// The disk fails after the broker has it: it was sent, and the next command says so.
TEST_F(OutboxTest, WhatTheBrokerHasStaysKnownThoughTheDiskFails) {
  const Queued sealed = Seal("a");
  const std::string state = sender_->state().directory() + "/state.json";
  broker_.lose_submit = [&] {
    EXPECT_EQ(std::rename(state.c_str(), (state + ".kept").c_str()), 0);
    EXPECT_TRUE(MakePrivateDirectory(state).ok());  // cannot be read, nor replaced by a file
    return absl::OkStatus();
  };
  EXPECT_FALSE(SubmitSealed(*sender_, sealed).ok());
  EXPECT_EQ(std::remove(state.c_str()), 0);
  EXPECT_EQ(std::rename((state + ".kept").c_str(), state.c_str()), 0);
  broker_.lose_submit = nullptr;
  ASSERT_THAT(Waiting(), SizeIs(1));
  EXPECT_EQ(Flush().size(), 1u);
  EXPECT_EQ(Sent(), 1u);
}

TEST_F(OutboxTest, WhileOneCommandSendsOthersLeaveTheOutboxAlone) {
  ASSERT_TRUE(sender_->state().PutQueued(Seal("a")).ok());
  {
    const absl::StatusOr<FileLock> lock = sender_->state().LockOutbox();
    ASSERT_TRUE(lock.ok());
    EXPECT_THAT(Flush(), IsEmpty());
    EXPECT_EQ(broker_.submits, 0);
  }
  EXPECT_THAT(Flush(), SizeIs(1));
}

TEST_F(OutboxTest, TellsWhatMayHaveBeenSentFromWhatWaits) {
  OutboxContents outbox;
  outbox.waiting = {Seal("a", true), Seal("b", false)};
  const Json json = ToJson(outbox);
  ASSERT_EQ(json.size(), 2u);
  EXPECT_EQ(*json.items()[0].Find("state"), Json("waiting"));
  EXPECT_EQ(*json.items()[1].Find("state"), Json("may_have_been_sent"));
  EXPECT_THAT(ToText(outbox, Language::kDutch), HasSubstr("mogelijk verzonden"));
}

}  // namespace
}  // namespace seinpost::client
