// SPDX-License-Identifier: EUPL-1.2
// A broker that lies when a part is opened.
#include "audit/commitment.h"
#include "crypto/hash.h"
#include "envelope/part_crypto.h"
#include "tests/hostile/hostile_testing.h"

namespace seinpost::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kOpenText[] = "een mes gevonden";

class HostileReading : public Hostile {
 protected:
  // Neither the text nor a reading: the part is as unread as before.
  static void ExpectNothingShown(const LiveMember& reader, const Ran& ran, const std::string& id) {
    EXPECT_THAT(ran.out + ran.err, Not(HasSubstr(kOpenText)));
    EXPECT_EQ(reader.OpenState().Load()->read.count(*FromHex(id)), 0u);
  }
};

TEST_F(HostileReading, WrapsSwapped) {
  LiveMember sender(broker_, kSender), reader(broker_, kReader, liar_.door());
  const std::string other = sender.Send(kReader, "iets anders");
  const std::string id = sender.Send(kReader, kOpenText);
  ASSERT_EQ(reader.List().size(), 2u);
  // What the liar has from elsewhere.
  v1::ReleasedWrap foreign;
  liar_.OnReply<v1::OpenReply>("Open", [&](v1::OpenReply& reply) { foreign = reply.wraps(0); });
  ASSERT_EQ(reader.Open(other).code, 0);
  const struct {
    const char* what;
    std::function<void(v1::OpenReply&)> lie;
    const char* reason;
  } rows[] = {
      {"of another signal", [&](v1::OpenReply& reply) { *reply.mutable_wraps(0) = foreign; }, "wrap"},
      {"altered", [](v1::OpenReply& reply) { Flip(reply.mutable_wraps(0)->mutable_wrap()); }, "wrap"},
      {"none", [](v1::OpenReply& reply) { reply.clear_wraps(); }, "wrap"},
      {"two, to be tried in turn", [&](v1::OpenReply& reply) { *reply.add_wraps() = reply.wraps(0); },
       "wrap"},
      {"for another prekey of this device",
       [&](v1::OpenReply& reply) { reply.mutable_wraps(0)->set_prekey_id(Bytes(32, 'p')); }, ""},
      {"of another group", [](v1::OpenReply& reply) { reply.mutable_wraps(0)->set_group(1); }, "wrap"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    liar_.BeHonest();
    liar_.OnReply<v1::OpenReply>("Open", row.lie);
    const size_t logged = reader.LocalLog().size();
    const Ran ran = reader.Run({"signal", "open", id});
    ExpectCaught(ran, "the part does not open");
    ExpectNothingShown(reader, ran, id);
    EXPECT_THAT(reader.LocalLog().substr(logged), HasSubstr(row.reason));
  }
  liar_.BeHonest();
  EXPECT_THAT(reader.Open(id).out, HasSubstr(kOpenText));
}

TEST_F(HostileReading, NoWrapIsUsedWithoutAReceipt) {
  LiveMember sender(broker_, kSender), reader(broker_, kReader, liar_.door());
  const std::string other = sender.Send(kReader, "iets anders");
  const std::string id = sender.Send(kReader, kOpenText);
  ASSERT_EQ(reader.List().size(), 2u);
  v1::Receipt earlier;
  liar_.OnReply<v1::OpenReply>("Open", [&](v1::OpenReply& reply) { earlier = reply.receipt(); });
  ASSERT_EQ(reader.Open(other).code, 0);
  // A receipt that is good in itself, of an event that says something else.
  const auto says = [this](v1::OpenReply& reply, const std::function<void(audit::Event&)>& change) {
    const absl::StatusOr<audit::Opening> opening = audit::Opening::Decode(reply.receipt().opening());
    ASSERT_TRUE(opening.ok());
    audit::Event event = opening->event();
    change(event);
    *reply.mutable_receipt() = ReceiptForCaller(network(), event, kNeverLeaf, now());
  };
  const struct {
    const char* what;
    std::function<void(v1::OpenReply&)> lie;
    const char* sentence;
  } rows[] = {
      {"none", [](v1::OpenReply& reply) { reply.clear_receipt(); }, "ontvangstbevestiging"},
      {"of an earlier reading", [&](v1::OpenReply& reply) { *reply.mutable_receipt() = earlier; },
       "de ontvangstbevestiging is voor een ander verzoek"},
      {"without its opening", [](v1::OpenReply& reply) { reply.mutable_receipt()->clear_opening(); },
       "de ontvangstbevestiging toont iets anders dan wat is vastgelegd"},
      {"with the opening of another leaf",
       [&](v1::OpenReply& reply) { reply.mutable_receipt()->set_opening(earlier.opening()); },
       "de ontvangstbevestiging toont iets anders dan wat is vastgelegd"},
      {"by another key", [](v1::OpenReply& reply) { Flip(reply.mutable_receipt()->mutable_signature()); },
       "de ontvangstbevestiging is niet door het logboek ondertekend"},
      {"of another log",
       [&](v1::OpenReply& reply) {
         ForgeReceipt(network(), *reply.mutable_receipt(),
                      [](audit::ReceiptBody& body) { body.origin = "seinpost/elders"; });
       },
       "de ontvangstbevestiging is niet door het logboek ondertekend"},
      {"of a leaf that is no reading",
       [&](v1::OpenReply& reply) {
         says(reply, [](audit::Event& event) { event.SetType(audit::EventType::kDeliver); });
       },
       "the log does not say what was opened"},
      {"of a reading by another device",
       [&](v1::OpenReply& reply) {
         says(reply, [](audit::Event& event) { event.SetText(audit::Tag::kActorDevice, Bytes(16, 'x')); });
       },
       "the log does not say what was opened"},
      {"of a reading of another signal",
       [&](v1::OpenReply& reply) {
         says(reply, [](audit::Event& event) { event.SetText(audit::Tag::kObject, Bytes(16, 'x')); });
       },
       "the log does not say what was opened"},
      {"of a reading of another part",
       [&](v1::OpenReply& reply) {
         says(reply, [](audit::Event& event) { event.SetNumber(audit::Tag::kPart, 99); });
       },
       "the log does not say what was opened"},
      {"of an event that holds another request",
       [&](v1::OpenReply& reply) {
         const absl::StatusOr<audit::ReceiptBody> body = audit::ReceiptBody::Decode(reply.receipt().body());
         says(reply, [](audit::Event& event) { event.SetText(audit::Tag::kRequestHash, Bytes(32, 'x')); });
         ForgeReceipt(network(), *reply.mutable_receipt(),
                      [&](audit::ReceiptBody& forged) { forged.request_hash = body->request_hash; });
       },
       "de ontvangstbevestiging toont iets anders dan wat is vastgelegd"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    liar_.BeHonest();
    liar_.OnReply<v1::OpenReply>("Open", row.lie);
    const Ran ran = reader.Run({"signal", "open", id});
    ExpectCaught(ran, row.sentence);
    ExpectNothingShown(reader, ran, id);
  }
}

// The wrap is for this device and opens, but holds another key than the part commits to: an accomplice of the
// broker lets one ciphertext mean two things. Neither is shown.
TEST_F(HostileReading, TwoKeysForOneCiphertext) {
  LiveMember reader(broker_, kReader, liar_.door());
  envelope::SignalPlan plan = SmallPlan(network(), kOpenText);
  plan.core.set_signal_id(Bytes(16, 's'));
  v1::Envelope sealed = SealedBy(kAccomplice, plan);
  v1::Part& part = *sealed.mutable_parts(0);
  const v1::PartDescriptor descriptor = DescriptorOf(part);
  v1::Header header;
  ASSERT_TRUE(header.ParseFromString(sealed.header()));
  Bytes wrap;
  int place = 0;
  for (; descriptor.recipients(place).device_id() != reader.device_id(); ++place) {
  }
  const v1::Recipient& recipient = descriptor.recipients(place);
  envelope::WrapContext context;
  context.h = crypto::Sha256(header.core());
  context.index = static_cast<uint16_t>(part.index());
  context.group = 0;
  context.device_id = recipient.device_id();
  context.prekey_id = recipient.prekey_id();
  context.commit = *ToFixed<32>(descriptor.commit(), "commit");
  context.ct_hash = *ToFixed<32>(descriptor.ct_hash(), "ct_hash");
  context.recipient_set_hash = envelope::RecipientSetHash(descriptor);
  wrap = *envelope::SealWrap(context, network().directory().FindPrekey(recipient.prekey_id())->hpke_pk,
                             crypto::Secret<32>::Random());
  part.set_wraps(place, wrap);
  sealed = Resigned(
      network(), sealed, {},
      [&](v1::PartDescriptor& changed) {
        changed.mutable_recipients(place)->set_wrap_hash(ToBytes(crypto::Sha256(wrap)));
      },
      &network().device(kAccomplice).key);
  Slip(sealed, reader);
  ASSERT_EQ(reader.List().size(), 1u);
  AnswerOpenOf(sealed, reader);
  const std::string id = ToHex(Bytes(16, 's'));
  const Ran ran = reader.Run({"signal", "open", id});
  ExpectCaught(ran, "the part does not open");
  ExpectNothingShown(reader, ran, id);
  EXPECT_THAT(reader.LocalLog(), HasSubstr("commit"));
}

// Whatever is wrong with the bytes, broker and onlookers hear one and the same thing, and no prekey is tried
// that the descriptor does not name.
TEST_F(HostileReading, NoTrialDecryption) {
  LiveMember sender(broker_, kSender), reader(broker_, kReader, liar_.door());
  const std::string id = sender.Send(kReader, kOpenText);
  ASSERT_EQ(reader.List().size(), 1u);
  // The right wrap, but said to be for each of this device's other prekeys.
  for (const trust::PrekeyEntry* prekey : network().directory().PrekeysOf(reader.device_id())) {
    if (prekey->retention_class == "casus" && prekey->OpenAt(now())) continue;
    liar_.BeHonest();
    liar_.OnReply<v1::OpenReply>(
        "Open", [&](v1::OpenReply& reply) { reply.mutable_wraps(0)->set_prekey_id(prekey->prekey_id); });
    const Ran ran = reader.Run({"signal", "open", id});
    ExpectCaught(ran, "the part does not open");
    ExpectNothingShown(reader, ran, id);
    break;  // one of them says it all, at a tenth of a second each
  }
}

TEST_F(HostileReading, AlteredAttachment) {
  LiveMember reader(broker_, kReader, liar_.door());
  const envelope::SealedSignal sealed = broker_.test().Seal(NamedPlan(network()), kSender);
  for (const auto& [hash, bytes] : sealed.attachments) ASSERT_TRUE(broker_.test().Upload(hash, bytes).ok());
  ASSERT_TRUE(broker_.test().Submit(sealed.envelope).ok());
  const ParsedJson list = reader.List();
  ASSERT_EQ(list.size(), 1u);
  const std::string id = list[0].at("signal_id");
  liar_.OnReply<v1::FetchAttachmentReply>(
      "FetchAttachment", [](v1::FetchAttachmentReply& reply) { Flip(reply.mutable_chunk()); });
  const Ran ran =
      reader.Run({"signal", "open", id, "--part", "attachment", "--out", reader.profile_directory()});
  ExpectCaught(ran, "the attachment is not the one that was sent");
}

}  // namespace
}  // namespace seinpost::test
