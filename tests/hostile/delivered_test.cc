// SPDX-License-Identifier: EUPL-1.2
// A broker that suppresses what was sent, or lies about what was delivered.
#include "crypto/hash.h"
#include "tests/hostile/hostile_testing.h"
#include "trust/labels.h"
#include "trust/strict.h"

namespace seinpost::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class HostileDelivered : public Hostile {
 protected:
  // What `status --json` of the sender says of `device` and `id`; null: it has signed.
  static ParsedJson Unconfirmed(LiveMember& sender, const std::string& id, const LiveMember& device) {
    const Ran ran = sender.Run({"--json", "status"});
    EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
    const ParsedJson status = ran.json();
    for (const ParsedJson& one : status.at("unconfirmed")) {
      if (one.at("signal_id") == id && one.at("device_id") == ToHex(device.device_id())) return one;
    }
    return nullptr;
  }
};

TEST_F(HostileDelivered, SuppressedDelivery) {
  LiveMember sender(broker_, kSender), reader(broker_, kReader, liar_.door());
  const std::string lost = sender.Send(kReader, "een mes gevonden");
  liar_.OnReplies<v1::Delivery>("Subscribe", [&](v1::Delivery delivery) {
    v1::Header header;
    v1::Core core;
    EXPECT_TRUE(header.ParseFromString(delivery.header()) && core.ParseFromString(header.core()));
    if (ToHex(core.signal_id()) == lost) return std::vector<v1::Delivery>();
    return std::vector<v1::Delivery>{std::move(delivery)};
  });
  EXPECT_THAT(reader.List(), IsEmpty());
  EXPECT_FALSE(Unconfirmed(sender, lost, reader).is_null());
  EXPECT_FALSE(Unconfirmed(sender, lost, reader).at("missing"));

  // The reader was at the broker after it, as what he signs for shows.
  const std::string arrived = sender.Send(kReader, "en nog iets");
  ASSERT_EQ(reader.List().size(), 1u);
  ASSERT_EQ(reader.List().size(), 1u);  // signs for what the first one stored
  EXPECT_TRUE(Unconfirmed(sender, arrived, reader).is_null());
  const ParsedJson missing = Unconfirmed(sender, lost, reader);
  ASSERT_FALSE(missing.is_null());

  // Whatever the broker does, silence is told after a day.
  broker_.Advance(absl::Hours(25));
  const ParsedJson late = Unconfirmed(sender, lost, reader);
  ASSERT_FALSE(late.is_null());
  EXPECT_TRUE(late.at("missing"));
  const Ran status = sender.Run({"status"});
  EXPECT_THAT(status.out, HasSubstr(lost));
  EXPECT_THAT(status.out, HasSubstr("de broker kan het achterhouden"));
  EXPECT_TRUE(Unconfirmed(sender, arrived, reader).is_null());
}

// Only the reader's device can say that it has what was sent.
TEST_F(HostileDelivered, ForgedStatements) {
  LiveMember sender(broker_, kSender, liar_.door()), reader(broker_, kReader);
  const std::string other = sender.Send(kReader, "iets anders");
  ASSERT_EQ(reader.List().size(), 1u);
  ASSERT_EQ(reader.List().size(), 1u);
  v1::SignedDelivered real;
  liar_.OnReply<v1::GetDeliveredReply>("GetDelivered", [&](v1::GetDeliveredReply& reply) {
    for (const v1::SignedDelivered& statement : reply.statements()) real = statement;
  });
  ASSERT_EQ(sender.Run({"status"}).code, 0);
  ASSERT_FALSE(real.statement().empty()) << "the reader has signed for the other signal";
  const std::string id = sender.Send(kReader, "een mes gevonden");  // never fetched by the reader

  v1::DeliveredStatement truth;
  ASSERT_TRUE(truth.ParseFromString(real.statement()));
  const Bytes header_hash = ToBytes(sender.OpenState().Load()->sent.at(*FromHex(id)).header_hash);
  const auto statement = [&](const std::function<void(v1::DeliveredStatement&)>& change,
                             const crypto::SigningKey& key) {
    v1::DeliveredStatement made = truth;
    made.set_signal_id(*FromHex(id));
    made.set_header_hash(header_hash);
    change(made);
    v1::SignedDelivered signed_statement;
    signed_statement.set_statement(trust::StrictSerialize(made));
    signed_statement.set_signature(crypto::Sign(key, trust::kDeliveredLabel, signed_statement.statement()));
    return signed_statement;
  };
  const auto nothing = [](v1::DeliveredStatement&) {};
  const TestDevice& bystander = network().device("school2/zorgcoordinator");
  const auto by_bystander = [&](v1::DeliveredStatement& made) { made.set_device_id(bystander.id); };
  v1::SignedDelivered moved = real;
  moved.set_statement(statement(nothing, bystander.key).statement());
  const struct {
    const char* what;
    v1::SignedDelivered statement;
  } rows[] = {
      {"signed by another device", statement(nothing, bystander.key)},
      {"signed by the log", statement(nothing, network().log_key())},
      {"with the signature of another statement", moved},
      {"by a device that is no recipient", statement(by_bystander, bystander.key)},
      {"by a ghost",
       statement([](v1::DeliveredStatement& made) { made.set_device_id(Bytes(16, 'g')); }, bystander.key)},
      {"of another header", statement(
                                [&](v1::DeliveredStatement& made) {
                                  made.set_device_id(network().device(kReader).id);
                                  made.set_header_hash(Bytes(32, 'h'));
                                },
                                network().device(kReader).key)},
      {"of another convenant", statement(
                                   [&](v1::DeliveredStatement& made) {
                                     made.set_device_id(network().device(kReader).id);
                                     made.set_convenant_id("elders");
                                   },
                                   network().device(kReader).key)},
      {"of a signal that was never sent", statement(
                                              [&](v1::DeliveredStatement& made) {
                                                made.set_device_id(network().device(kReader).id);
                                                made.set_signal_id(Bytes(16, 'x'));
                                              },
                                              network().device(kReader).key)},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    liar_.BeHonest();
    liar_.OnReply<v1::GetDeliveredReply>(
        "GetDelivered", [&](v1::GetDeliveredReply& reply) { *reply.add_statements() = row.statement; });
    ExpectCaught(sender.Run({"status"}), "een bewijs van aflevering klopt niet");
  }
  liar_.BeHonest();
  EXPECT_FALSE(Unconfirmed(sender, id, reader).is_null());
}

// The reader wants a receipt for what he signs: the broker cannot swallow it.
TEST_F(HostileDelivered, SwallowedConfirmation) {
  LiveMember sender(broker_, kSender), reader(broker_, kReader, liar_.door());
  sender.Send(kReader, "een mes gevonden");
  ASSERT_EQ(reader.List().size(), 1u);
  sender.Send(kReader, "en nog iets");
  liar_.OnReply<v1::ConfirmDeliveryReply>("ConfirmDelivery", [](v1::ConfirmDeliveryReply& reply) {
    for (v1::Receipt& receipt : *reply.mutable_receipts()) Flip(receipt.mutable_signature());
  });
  Ran last;
  for (int i = 0; i < 2; ++i) last = reader.Run({"signal", "list"});
  ExpectCaught(last, "de ontvangstbevestiging is niet door het logboek ondertekend");
  EXPECT_FALSE(reader.OpenState().Load()->to_confirm.empty()) << "it still waits for a good receipt";
  liar_.BeHonest();
  EXPECT_EQ(reader.Run({"signal", "list"}).code, 0);
  EXPECT_EQ(reader.Run({"signal", "list"}).code, 0);
  EXPECT_TRUE(reader.OpenState().Load()->to_confirm.empty());
}

// Whoever watches is told, and goes on watching.
TEST_F(HostileDelivered, ForgedDeliveryUnderAWatch) {
  LiveMember sender(broker_, kSender), reader(broker_, kReader, liar_.door());
  const std::string forged = sender.Send(kReader, "een"), good = sender.Send(kReader, "twee");
  liar_.OnReplies<v1::Delivery>("Subscribe", [&](v1::Delivery delivery) {
    v1::Header header;
    v1::Core core;
    EXPECT_TRUE(header.ParseFromString(delivery.header()) && core.ParseFromString(header.core()));
    if (ToHex(core.signal_id()) == forged) Flip(delivery.mutable_header_sig());
    return std::vector<v1::Delivery>{std::move(delivery)};
  });
  const Ran watched = reader.Run({"--json", "signal", "watch", "--count", "1"});
  EXPECT_EQ(watched.code, client::kOk) << watched.err;
  EXPECT_EQ(watched.json().at("signal_id"), good);
  EXPECT_THAT(watched.err, HasSubstr("Een bericht is geweigerd"));
  EXPECT_TRUE(Unconfirmed(sender, good, reader).is_null()) << "signed for";
  EXPECT_FALSE(Unconfirmed(sender, forged, reader).is_null());
}

}  // namespace
}  // namespace seinpost::test
