// SPDX-License-Identifier: EUPL-1.2
// A broker that lies about what it logged, and about the time.
#include "audit/commitment.h"
#include "tests/hostile/hostile_testing.h"

namespace seinpost::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class HostileLog : public Hostile {
 protected:
  static std::vector<std::string> SendArguments() {
    return {"signal", "send",      "--channel", "core@school-a", "--level", "L1",     "--category",
            "wapen",  "--purpose", "dreiging",  "--to",          kReader,   "--text", "een mes gevonden"};
  }
  // The leaf that a receipt names is not in the log: not of that event, or not there at all.
  void Lose(v1::Receipt& receipt) {
    const absl::StatusOr<audit::Opening> opening = audit::Opening::Decode(receipt.opening());
    const absl::StatusOr<audit::ReceiptBody> body = audit::ReceiptBody::Decode(receipt.body());
    ASSERT_TRUE(opening.ok() && body.ok());
    receipt =
        ReceiptForCaller(network(), opening->event(), body->index, body->time);  // with salts of its own
  }
};

TEST_F(HostileLog, ForgedReceipt) {
  LiveMember sender(broker_, kSender, liar_.door());
  v1::Receipt earlier;
  liar_.OnReply<v1::SubmitReply>("Submit", [&](v1::SubmitReply& reply) { earlier = reply.receipt(); });
  ASSERT_EQ(sender.Run(SendArguments()).code, 0);
  const auto says = [this](v1::Receipt& receipt, const std::function<void(audit::Event&)>& change) {
    const absl::StatusOr<audit::Opening> opening = audit::Opening::Decode(receipt.opening());
    ASSERT_TRUE(opening.ok());
    audit::Event event = opening->event();
    change(event);
    receipt = ReceiptForCaller(network(), event, kNeverLeaf, now());
  };
  const crypto::SigningKey other_key = crypto::SigningKey::Generate();
  const struct {
    const char* what;
    std::function<void(v1::Receipt&)> lie;
    const char* sentence;
  } rows[] = {
      {"none", [](v1::Receipt& receipt) { receipt.Clear(); }, "de ontvangstbevestiging"},
      {"altered", [](v1::Receipt& receipt) { Flip(receipt.mutable_body()); },
       "de ontvangstbevestiging is niet door het logboek ondertekend"},
      {"by another key",
       [&](v1::Receipt& receipt) {
         const audit::Receipt made =
             audit::MakeReceipt(*audit::ReceiptBody::Decode(receipt.body()), other_key);
         receipt.set_signature(made.signature);
       },
       "de ontvangstbevestiging is niet door het logboek ondertekend"},
      {"of another log",
       [&](v1::Receipt& receipt) {
         ForgeReceipt(network(), receipt, [](audit::ReceiptBody& body) { body.origin = "seinpost/elders"; });
       },
       "de ontvangstbevestiging is niet door het logboek ondertekend"},
      {"of the signal before", [&](v1::Receipt& receipt) { receipt = earlier; },
       "de ontvangstbevestiging is voor een ander verzoek"},
      {"for another request",
       [&](v1::Receipt& receipt) {
         ForgeReceipt(network(), receipt, [](audit::ReceiptBody& body) { body.request_hash[0] ^= 1; });
       },
       "de ontvangstbevestiging is voor een ander verzoek"},
      {"of another leaf",
       [&](v1::Receipt& receipt) {
         ForgeReceipt(network(), receipt, [](audit::ReceiptBody& body) { body.leaf_hash[0] ^= 1; });
       },
       "de ontvangstbevestiging toont iets anders dan wat is vastgelegd"},
      {"without the event", [](v1::Receipt& receipt) { receipt.clear_opening(); },
       "de ontvangstbevestiging toont iets anders dan wat is vastgelegd"},
      {"of a denial",
       [&](v1::Receipt& receipt) {
         says(receipt, [](audit::Event& event) { event.SetType(audit::EventType::kDecisionDeny); });
       },
       "the log does not say what was sent"},
      {"of another signal",
       [&](v1::Receipt& receipt) {
         says(receipt, [](audit::Event& event) { event.SetText(audit::Tag::kObject, Bytes(16, 'x')); });
       },
       "the log does not say what was sent"},
      {"by another device",
       [&](v1::Receipt& receipt) {
         says(receipt, [](audit::Event& event) { event.SetText(audit::Tag::kActorDevice, Bytes(16, 'x')); });
       },
       "the log does not say what was sent"},
      {"in another channel",
       [&](v1::Receipt& receipt) {
         says(receipt, [](audit::Event& event) { event.SetText(audit::Tag::kChannel, "theme"); });
       },
       "the log does not say what was sent"},
      {"for another purpose",
       [&](v1::Receipt& receipt) {
         says(receipt, [](audit::Event& event) { event.SetText(audit::Tag::kPurpose, "opsporing"); });
       },
       "the log does not say what was sent"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    liar_.BeHonest();
    liar_.OnReply<v1::SubmitReply>("Submit",
                                   [&](v1::SubmitReply& reply) { row.lie(*reply.mutable_receipt()); });
    ExpectCaught(sender.Run(SendArguments()), row.sentence);
    EXPECT_EQ(sender.OpenState().Load()->sent.size(), 1u) << "remembered as sent";
  }
}

TEST_F(HostileLog, ForgedReceiptOfADelivery) {
  LiveMember sender(broker_, kSender), reader(broker_, kReader, liar_.door());
  sender.Send(kReader, "het eerste");
  const v1::Delivery first = Intercept(reader);
  const audit::ReceiptBody first_body = *audit::ReceiptBody::Decode(first.receipt().body());
  broker_.test().Checkpoint();
  sender.Send(kReader, "het tweede");
  const v1::Delivery good = Intercept(reader);
  const struct {
    const char* what;
    std::function<void(v1::Receipt&)> lie;
    const char* reason;
  } rows[] = {
      {"none", [](v1::Receipt& receipt) { receipt.Clear(); }, "step "},
      {"of another signal", [&](v1::Receipt& receipt) { receipt = first.receipt(); }, "another request"},
      {"altered", [](v1::Receipt& receipt) { Flip(receipt.mutable_signature()); }, "not signed"},
      {"for another request",
       [&](v1::Receipt& receipt) {
         ForgeReceipt(network(), receipt, [](audit::ReceiptBody& body) { body.request_hash[0] ^= 1; });
       },
       "another request"},
      {"of another leaf",
       [&](v1::Receipt& receipt) {
         ForgeReceipt(network(), receipt, [](audit::ReceiptBody& body) { body.leaf_hash[0] ^= 1; });
       },
       "request proof: of another leaf"},
      {"without its proof", [](v1::Receipt& receipt) { receipt.clear_request_proof(); },
       "request proof: malformed"},
      {"with the proof of another request",
       [&](v1::Receipt& receipt) { receipt.set_request_proof(first.receipt().request_proof()); },
       "request proof: of another request"},
      {"of the leaf of another request, with its proof",
       [&](v1::Receipt& receipt) {
         ForgeReceipt(network(), receipt,
                      [&](audit::ReceiptBody& body) { body.leaf_hash = first_body.leaf_hash; });
         receipt.set_request_proof(first.receipt().request_proof());
       },
       "request proof: of another request"},
      {"that the log gave just before the sender looked",
       [&](v1::Receipt& receipt) {
         ForgeReceipt(network(), receipt, [&](audit::ReceiptBody& body) { body.index = first_body.index; });
       },
       "newer than the signal's place in the log"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    v1::Delivery wrong = good;
    row.lie(*wrong.mutable_receipt());
    DeliverOnly({wrong});
    ExpectRefused(reader, row.reason);
  }
  EXPECT_EQ(Kept(reader), 0u);
  EXPECT_THAT(reader.OpenState().Load()->pending, IsEmpty());
}

// A receipt is a promise. At the next checkpoint it is due.
TEST_F(HostileLog, MissingLeaf) {
  LiveMember sender(broker_, kSender, liar_.door()), reader(broker_, kReader, liar_.door());
  liar_.OnReply<v1::SubmitReply>("Submit", [&](v1::SubmitReply& reply) { Lose(*reply.mutable_receipt()); });
  ASSERT_EQ(sender.Run(SendArguments()).code, 0) << "a promise so far";
  liar_.BeHonest();
  ExpectCaught(sender.Run({"status"}), "maar die regel staat er niet in");
  ExpectCaught(sender.Run({"status"}), "maar die regel staat er niet in");  // it stays so

  // What was delivered but never logged: shown in the list, and then an alarm before it can be opened.
  Slip(SealedBy(kAccomplice), reader);
  const Ran listed = reader.Run({"--json", "signal", "list"});
  ASSERT_EQ(listed.code, 0) << listed.out << listed.err;
  const std::string id = listed.json()[0].at("signal_id");
  ASSERT_TRUE(broker_.test().Submit(broker_.test().Seal(SmallPlan(network())).envelope).ok());
  ASSERT_TRUE(broker_.test().Submit(broker_.test().Seal(SmallPlan(network())).envelope).ok());
  ExpectCaught(reader.Run({"signal", "open", id}), "maar die regel staat er niet in");
}

// However far away the leaf is that it promises: the log has not come so far when it should have.
TEST_F(HostileLog, PromiseThatNeverComesDue) {
  LiveMember sender(broker_, kSender, liar_.door());
  liar_.OnReply<v1::SubmitReply>("Submit", [&](v1::SubmitReply& reply) {
    ForgeReceipt(network(), *reply.mutable_receipt(),
                 [](audit::ReceiptBody& body) { body.index = 1'000'000'000'000; });
  });
  ASSERT_EQ(sender.Run(SendArguments()).code, 0) << "a promise so far";
  liar_.BeHonest();
  ASSERT_EQ(sender.Run({"status"}).code, 0);
  broker_.Advance(client::kPromiseBound + absl::Minutes(1));
  ExpectCaught(sender.Run({"status"}), "maar het logboek heeft nu nog steeds maar");
  ExpectCaught(sender.Run({"status"}), "maar het logboek heeft nu nog steeds maar");  // it stays so
}

TEST_F(HostileLog, MissingLeafOfAReading) {
  LiveMember sender(broker_, kSender), reader(broker_, kReader, liar_.door());
  const std::string id = sender.Send(kReader, "een mes gevonden");
  ASSERT_EQ(reader.List().size(), 1u);
  liar_.OnReply<v1::OpenReply>("Open", [&](v1::OpenReply& reply) { Lose(*reply.mutable_receipt()); });
  ASSERT_EQ(reader.Open(id).code, 0) << "a promise so far";
  liar_.BeHonest();
  ExpectCaught(reader.Run({"signal", "list"}), "maar die regel staat er niet in");
}

TEST_F(HostileLog, ForgedInclusion) {
  LiveMember sender(broker_, kSender, liar_.door());
  const struct {
    const char* what;
    std::function<void(v1::ProveInclusionReply&)> lie;
  } rows[] = {
      {"altered", [](v1::ProveInclusionReply& reply) { Flip(reply.mutable_hashes(0)); }},
      {"shorter", [](v1::ProveInclusionReply& reply) { reply.mutable_hashes()->RemoveLast(); }},
      {"none", [](v1::ProveInclusionReply& reply) { reply.clear_hashes(); }},
      {"malformed", [](v1::ProveInclusionReply& reply) { reply.set_hashes(0, "short"); }},
  };
  ASSERT_EQ(sender.Run(SendArguments()).code, 0);
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    liar_.BeHonest();
    liar_.OnReply<v1::ProveInclusionReply>("ProveInclusion", row.lie);
    ExpectCaught(sender.Run({"status"}), "maar die regel staat er niet in");
  }
  liar_.BeHonest();
  EXPECT_EQ(sender.Run({"status"}).code, 0);
  EXPECT_THAT(sender.OpenState().Load()->pending, IsEmpty());
}

TEST_F(HostileLog, ClockLies) {
  LiveMember reader(broker_, kReader, liar_.door());
  ASSERT_EQ(reader.Run({"signal", "list"}).code, 0);
  const Bytes seen = reader.OpenState().Load()->checkpoint;
  const auto dated = [&](absl::Duration by) {
    liar_.BeHonest();
    liar_.OnReply<v1::GetDirectoryReply>("GetDirectory", [=, this](v1::GetDirectoryReply& reply) {
      if (reply.checkpoint().empty()) return;
      reply.set_checkpoint(
          ForgedCheckpoint(network(), reply.checkpoint(),
                           [by](audit::Checkpoint& checkpoint) { checkpoint.time = *checkpoint.time + by; }));
    });
  };
  dated(absl::Minutes(30));
  ExpectCaught(reader.Run({"signal", "list"}), "de broker dateert zijn checkpoint 30 minuten in de toekomst");
  dated(-absl::Minutes(30));
  ExpectCaught(reader.Run({"signal", "list"}),
               "de broker houdt achter wat nieuwer is: zijn laatste checkpoint is 30 minuten oud");
  // And says that it is this device's clock: that is another refusal, not a way in.
  for (const absl::Duration by : {absl::Minutes(30), -absl::Minutes(30)}) {
    dated(by);
    liar_.OnReply<v1::ChallengeReply>("Challenge", [by](v1::ChallengeReply& reply) {
      reply.set_time(reply.time() + absl::ToInt64Seconds(by));
    });
    const Ran ran = reader.Run({"signal", "list"});
    EXPECT_EQ(ran.code, client::kFailed) << ran.out << ran.err;
    // A clock before what this device has verified is the broker's own fault.
    EXPECT_THAT(ran.err,
                HasSubstr(by > absl::ZeroDuration()
                              ? "de klok van dit apparaat loopt 30 minuten achter"
                              : "de klok van de broker loopt 30 minuten achter op zijn eigen logboek"));
    EXPECT_THAT(ran.out, IsEmpty());
  }
  EXPECT_EQ(reader.OpenState().Load()->checkpoint, seen);
}

// A signal is dated by its receipt, and the receipt by the log; the sender's word alone moves nothing.
TEST_F(HostileLog, BackdatedSignalOfARevokedDevice) {
  LiveMember sender(broker_, kSender), reader(broker_, kReader, liar_.door());
  ASSERT_EQ(reader.Run({"signal", "list"}).code, 0);
  envelope::SignalPlan plan = SmallPlan(network(), "van een gestolen apparaat");
  plan.core.set_signal_id(Bytes(16, 's'));
  const uint64_t before = NextLeaf();
  const absl::Time then = now();
  const v1::Envelope sealed = SealedBy(kAccomplice, plan);  // by a thief, dated before the loss was told
  sender.Send(kReader, "een gewone regel");                 // leaf `before`
  broker_.Add({network().RevokeDeviceObject(network().device(kAccomplice))});
  sender.Send(kReader, "nog een gewone regel");

  // Logged when it was sent: after the revocation.
  DeliverOnly({ForgedDelivery(network(), sealed, reader.device_id(), NextLeaf() - 1, then)});
  ExpectRefused(reader, "step 2: sender_device: revoked");
  // Or said to have been logged before, where something else lies.
  DeliverOnly({ForgedDelivery(network(), sealed, reader.device_id(), before, then)});
  const Ran listed = reader.Run({"signal", "list"});
  AnswerOpenOf(sealed, reader);
  const Ran opened = reader.Run({"signal", "open", ToHex(Bytes(16, 's'))});
  EXPECT_EQ(opened.code, client::kTampered) << opened.out << opened.err;
  EXPECT_THAT(listed.out + opened.out + opened.err, testing::Not(HasSubstr("gestolen")));
}

}  // namespace
}  // namespace seinpost::test
