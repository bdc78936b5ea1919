// SPDX-License-Identifier: EUPL-1.2
#include "client/mail/delivered.h"

#include <algorithm>

#include "client/mail/inbox.h"
#include "client/mail/sync.h"
#include "client/mail/words.h"
#include "client/profile/prekeys.h"
#include "gmock/gmock.h"
#include "seinpost/v1/signal.pb.h"
#include "tests/client/sent_signals.h"
#include "trust/labels.h"
#include "trust/strict.h"

namespace seinpost::client {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class DeliveredTest : public test::SentSignals {
 protected:
  // Unconfirmed deliveries to the device that reads; the network's own devices never answer.
  std::vector<Unconfirmed> ToReader() {
    const absl::StatusOr<std::vector<Unconfirmed>> all = UnconfirmedDeliveries(*sender_);
    EXPECT_TRUE(all.ok()) << all.status();
    std::vector<Unconfirmed> found;
    for (const Unconfirmed& one : *all) {
      if (one.device_id == reader_->own_device_id()) found.push_back(one);
    }
    return found;
  }

  v1::SignedDelivered Statement(const std::string& id, const Bytes& device, const crypto::SigningKey& key,
                                std::optional<Digest> header_hash = std::nullopt) {
    const StateData data = *sender_->state().Load();
    v1::DeliveredStatement statement;
    statement.set_convenant_id(network_.convenant().id());
    statement.set_signal_id(Bytes(16, id[0]));
    statement.set_header_hash(ToBytes(header_hash.value_or(data.sent.at(Bytes(16, id[0])).header_hash)));
    statement.set_device_id(device);
    statement.set_time(absl::ToUnixSeconds(now()));
    v1::SignedDelivered made;
    made.set_statement(trust::StrictSerialize(statement));
    made.set_signature(crypto::Sign(key, trust::kDeliveredLabel, made.statement()));
    return made;
  }
};

TEST_F(DeliveredTest, ARecipientSignsForWhatHeHasStored) {
  broker_.mailbox = {Send("a"), Send("b")};
  ASSERT_TRUE(FetchMail(*reader_).ok());
  ASSERT_THAT(reader_->state().Load()->to_confirm, SizeIs(2));
  ASSERT_TRUE(client::Sync(*reader_).ok());
  EXPECT_THAT(reader_->state().Load()->to_confirm, IsEmpty());
  ASSERT_THAT(broker_.confirmed, SizeIs(2));
  // The sender is given them, and believes them.
  EXPECT_THAT(ToReader(), SizeIs(2));
  broker_.statements = broker_.confirmed;
  ASSERT_TRUE(FetchDelivered(*sender_).ok());
  EXPECT_THAT(ToReader(), IsEmpty());
}

TEST_F(DeliveredTest, FailingToSignLosesNothingAndIsTriedAgainUnchanged) {
  broker_.mailbox = {Send("a")};
  ASSERT_TRUE(FetchMail(*reader_).ok());
  broker_.refuse_confirm = [] { return absl::InternalError("not now"); };
  EXPECT_TRUE(client::Sync(*reader_).ok());
  EXPECT_THAT(ReadInbox(*reader_).value(), SizeIs(1));
  const std::vector<ToConfirm> waiting = reader_->state().Load()->to_confirm;
  ASSERT_THAT(waiting, SizeIs(1));
  Advance(absl::Hours(1));
  broker_.refuse_confirm = nullptr;
  ASSERT_TRUE(client::Sync(*reader_).ok());
  ASSERT_THAT(broker_.confirmed, SizeIs(1));
  v1::DeliveredStatement statement;
  ASSERT_TRUE(statement.ParseFromString(broker_.confirmed[0].statement()));
  EXPECT_EQ(statement.time(), absl::ToUnixSeconds(waiting[0].time));
}

// The state was lost, or put back: the broker holds an earlier statement of this very device.
TEST_F(DeliveredTest, AProfileThatWasPutBackSettlesOnWhatItHadSigned) {
  const StateData before = *reader_->state().Load();
  broker_.mailbox = {Send("a"), Send("b")};
  ASSERT_TRUE(FetchMail(*reader_).ok());
  ASSERT_TRUE(client::Sync(*reader_).ok());
  const uint64_t logged = log_.size();
  ASSERT_TRUE(reader_->state()
                  .Update([&](StateData& data) {
                    data = before;
                    return absl::OkStatus();
                  })
                  .ok());
  Advance(absl::Hours(1));
  const std::unique_ptr<Session> again = recipient_.OpenSession(broker_);
  ASSERT_TRUE(client::Sync(*again).ok());
  ASSERT_TRUE(FetchMail(*again).ok());
  const size_t said = recipient_.err().size();
  const absl::Status synced = client::Sync(*again);
  EXPECT_TRUE(synced.ok()) << synced;
  EXPECT_EQ(log_.size(), logged) << "nothing was logged twice";
  EXPECT_THAT(again->state().Load()->to_confirm, IsEmpty());
  const std::string told = recipient_.err().substr(said);
  EXPECT_THAT(told, HasSubstr("gekopieerd of teruggezet"));
  EXPECT_EQ(told.find("gekopieerd"), told.rfind("gekopieerd")) << "said once";
  EXPECT_TRUE(client::Sync(*again).ok());
  EXPECT_THAT(ReadInbox(*again).value(), SizeIs(2));
}

TEST_F(DeliveredTest, HostileEarlierStatementIsRefused) {
  broker_.mailbox = {Send("a")};
  ASSERT_TRUE(FetchMail(*reader_).ok());
  const test::TestDevice& stranger = network_.device("school/teamleider");
  const Bytes reader = reader_->own_device_id();
  const crypto::SigningKey& key = reader_->profile().device_key();
  Advance(absl::Seconds(7));
  v1::SignedDelivered unsigned_one = Statement("a", reader, key);
  unsigned_one.mutable_signature()->back() = static_cast<char>(unsigned_one.signature().back() ^ 1);
  const struct {
    const char* name;
    v1::SignedDelivered statement;
  } cases[] = {{"not signed by this device", unsigned_one},
               {"of another device", Statement("a", stranger.id, stranger.key)},
               {"of another header", Statement("a", reader, key, crypto::Sha256("another"))}};
  for (const auto& test : cases) {
    broker_.spoil_confirm = [&](v1::ConfirmDeliveryReply& reply) {
      *reply.mutable_logged(0) = test.statement;
      *reply.mutable_receipts(0) = log_.Log(crypto::Sha256(test.statement.statement()), true, now());
    };
    const absl::Status confirmed = ConfirmDeliveries(*reader_);
    EXPECT_EQ(ExitCodeOf(confirmed), kTampered) << test.name << ": " << confirmed;
    EXPECT_THAT(std::string(confirmed.message()), HasSubstr("een bewijs van aflevering klopt niet"));
    EXPECT_THAT(reader_->state().Load()->to_confirm, SizeIs(1)) << test.name;
    EXPECT_THAT(recipient_.err(), testing::Not(HasSubstr("gekopieerd"))) << test.name;
  }
  broker_.spoil_confirm = [](v1::ConfirmDeliveryReply& reply) { reply.clear_logged(); };  // an older broker
  EXPECT_TRUE(ConfirmDeliveries(*reader_).ok());
}

// Noted while the clock was wrong: it would be refused for ever, and keep the others back.
TEST_F(DeliveredTest, AStatementOfAWrongTimeIsSignedAnew) {
  broker_.mailbox = {Send("a"), Send("b")};
  ASSERT_TRUE(FetchMail(*reader_).ok());
  ASSERT_TRUE(reader_->state()
                  .Update([&](StateData& data) {
                    data.to_confirm[0].time = now() + absl::Hours(24 * 365);
                    return absl::OkStatus();
                  })
                  .ok());
  broker_.refuse_statement = [&](const v1::DeliveredStatement& statement) {
    return absl::FromUnixSeconds(statement.time()) > now() + absl::Minutes(5)
               ? absl::FailedPreconditionError(
                     "statement.time: ahead of the broker's clock by over 5 minutes")
               : absl::OkStatus();
  };
  const absl::Status confirmed = ConfirmDeliveries(*reader_);
  EXPECT_TRUE(confirmed.ok()) << confirmed;
  EXPECT_THAT(reader_->state().Load()->to_confirm, IsEmpty());
}

TEST_F(DeliveredTest, OneThatTheBrokerDoesNotKnowKeepsNoOthersBack) {
  broker_.mailbox = {Send("a"), Send("b")};
  ASSERT_TRUE(FetchMail(*reader_).ok());
  int calls = 0;
  broker_.refuse_confirm = [&] { return ++calls <= 2 ? absl::NotFoundError("who?") : absl::OkStatus(); };
  EXPECT_TRUE(client::Sync(*reader_).ok());  // together, the first alone, the second alone
  EXPECT_EQ(calls, 3);
  EXPECT_THAT(broker_.confirmed, SizeIs(1));
  EXPECT_THAT(reader_->state().Load()->to_confirm, IsEmpty());
}

TEST_F(DeliveredTest, ManyAreSignedForInBatches) {
  ASSERT_TRUE(reader_->state()
                  .Update([&](StateData& data) {
                    for (uint64_t i = 0; i < 70; ++i) {
                      data.to_confirm.push_back(
                          {.signal_id = U64(i) + U64(i), .header_hash = {}, .time = now()});
                    }
                    return absl::OkStatus();
                  })
                  .ok());
  int calls = 0;
  broker_.refuse_confirm = [&] {
    ++calls;
    return absl::OkStatus();
  };
  ASSERT_TRUE(ConfirmDeliveries(*reader_).ok());
  EXPECT_EQ(calls, 2);
  EXPECT_THAT(broker_.confirmed, SizeIs(70));
}

TEST_F(DeliveredTest, SilenceIsToldAfterADay) {
  Send("a");
  ASSERT_THAT(ToReader(), SizeIs(1));
  EXPECT_FALSE(ToReader()[0].missing);
  Advance(absl::Hours(24));
  EXPECT_FALSE(ToReader()[0].missing);
  Advance(absl::Seconds(1));
  EXPECT_TRUE(ToReader()[0].missing);
  EXPECT_FALSE(ToReader()[0].was_online);
  EXPECT_THAT(SentenceOf(ToReader()[0], Language::kDutch),
              HasSubstr("na 24 uur nog niet afgeleverd bij politie/wijkagent"));
}

TEST_F(DeliveredTest, HostileSuppressedDeliveryShowsAtOnceByALaterConfirmation) {
  Send("a");
  const v1::Delivery second = Send("b");
  broker_.mailbox = {second};  // the first is kept back
  ASSERT_TRUE(FetchMail(*reader_).ok());
  ASSERT_TRUE(ConfirmDeliveries(*reader_).ok());
  broker_.statements = broker_.confirmed;
  ASSERT_TRUE(FetchDelivered(*sender_).ok());
  ASSERT_THAT(ToReader(), SizeIs(1));
  EXPECT_EQ(ToReader()[0].signal_id, Bytes(16, 'a'));
  EXPECT_TRUE(ToReader()[0].missing);
  EXPECT_THAT(SentenceOf(ToReader()[0], Language::kDutch),
              HasSubstr("hoewel dat apparaat later wel bij de broker was"));
}

TEST_F(DeliveredTest, HostileSuppressedDeliveryShowsAtOnceByALaterPrekey) {
  Send("a");
  EXPECT_FALSE(ToReader()[0].was_online);
  recipient_.clock().Advance(absl::Hours(24 * 31));  // a new month: the reader publishes prekeys
  Profile profile = recipient_.OpenProfile();
  const absl::StatusOr<std::vector<Bytes>> prekeys =
      RenewPrekeys(profile, reader_->directory(), recipient_.clock().Now());
  ASSERT_TRUE(prekeys.ok()) << prekeys.status();
  for (const Bytes& prekey : *prekeys) {
    network_.Add(prekey);
  }
  log_.TakeObjects();
  ASSERT_TRUE(sender_->SyncDirectory().ok());
  ASSERT_THAT(ToReader(), SizeIs(1));
  EXPECT_TRUE(ToReader()[0].was_online);
  EXPECT_TRUE(ToReader()[0].missing);
}

TEST_F(DeliveredTest, HostileForgedStatementIsRefused) {
  Send("a");
  const test::TestDevice& stranger = network_.device("school/teamleider");
  const Bytes reader = reader_->own_device_id();
  const crypto::SigningKey& key = reader_->profile().device_key();
  v1::SignedDelivered flipped = Statement("a", reader, key);
  flipped.mutable_signature()->back() = static_cast<char>(flipped.signature().back() ^ 1);
  const struct {
    const char* name;
    v1::SignedDelivered statement;
  } cases[] = {{"another key", Statement("a", reader, stranger.key)},
               {"a bit", flipped},
               {"another header", Statement("a", reader, key, crypto::Sha256("another"))},
               {"no recipient", Statement("a", stranger.id, stranger.key)},
               {"nobody's device", Statement("a", Bytes(16, 'x'), key)}};
  for (const auto& test : cases) {
    broker_.statements = {test.statement};
    const absl::Status fetched = FetchDelivered(*sender_);
    EXPECT_EQ(ExitCodeOf(fetched), kTampered) << test.name;
    EXPECT_THAT(std::string(fetched.message()), HasSubstr("een bewijs van aflevering klopt niet"))
        << test.name;
    EXPECT_THAT(ToReader(), SizeIs(1)) << test.name;
  }
  broker_.statements = {Statement("a", reader, key)};
  EXPECT_TRUE(FetchDelivered(*sender_).ok());
  EXPECT_THAT(ToReader(), IsEmpty());
}

TEST_F(DeliveredTest, ARevokedDeviceIsNotWaitedFor) {
  Send("a");
  const absl::StatusOr<std::vector<Unconfirmed>> before = UnconfirmedDeliveries(*sender_);
  network_.Add(network_.RevokeDeviceObject(network_.device(test::kReader)));
  log_.TakeObjects();
  ASSERT_TRUE(sender_->SyncDirectory().ok());
  EXPECT_EQ(UnconfirmedDeliveries(*sender_)->size(), before->size() - 1);
}

}  // namespace
}  // namespace seinpost::client
