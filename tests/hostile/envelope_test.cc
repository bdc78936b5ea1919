// SPDX-License-Identifier: EUPL-1.2
// A broker that alters, moves, repeats or makes up signals, alone or with a sender on its side.
#include <algorithm>

#include "tests/hostile/hostile_testing.h"
#include "trust/labels.h"

namespace seinpost::test {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST_F(Hostile, HonestRelayIsNotNoticed) {
  LiveMember sender(broker_, kSender, liar_.door()), reader(broker_, kReader, liar_.door());
  const std::string id = sender.Send(kReader, "een mes gevonden");
  ASSERT_EQ(reader.List().size(), 1u);
  const Ran opened = reader.Open(id);
  EXPECT_EQ(opened.code, 0) << opened.out << opened.err;
  EXPECT_THAT(opened.out, HasSubstr("een mes gevonden"));
  EXPECT_EQ(sender.Run({"status"}).code, 0);
  EXPECT_GT(liar_.calls("Open"), 0);
}

// What the liar makes of an accomplice's signal is good, but for what the other tests spoil.
TEST_F(Hostile, WhatIsSlippedInIsGoodUntilItIsSpoilt) {
  LiveMember reader(broker_, kReader, liar_.door());
  Slip(SealedBy(kAccomplice), reader);
  EXPECT_EQ(reader.List().size(), 1u);
}

TEST_F(Hostile, AlteredEnvelope) {
  LiveMember sender(broker_, kSender), reader(broker_, kReader, liar_.door());
  sender.Send(kReader, "een mes gevonden");
  const v1::Delivery good = Intercept(reader);
  const struct {
    const char* what;
    std::function<void(v1::Delivery&)> alter;
    const char* reason;
  } rows[] = {
      {"header", [](v1::Delivery& d) { Flip(d.mutable_header()); }, "step 3"},
      {"header with its own receipt",
       [&](v1::Delivery& d) {
         Flip(d.mutable_header());
         *d.mutable_receipt() = ReceiptForHeader(network(), d.header(), NextLeaf(), now());
       },
       "step 3"},
      {"header_sig", [](v1::Delivery& d) { Flip(d.mutable_header_sig()); }, "step 3"},
      {"no header_sig", [](v1::Delivery& d) { d.clear_header_sig(); }, "step 1"},
      {"no parts", [](v1::Delivery& d) { d.clear_parts(); }, "step 1"},
      {"a part twice", [](v1::Delivery& d) { *d.add_parts() = d.parts(0); }, "step 1"},
      {"place", [](v1::Delivery& d) { d.mutable_parts(0)->set_index(d.parts(0).index() ^ 1); }, "step 8"},
      {"place past the last", [](v1::Delivery& d) { d.mutable_parts(0)->set_index(16); }, "step 1"},
      {"descriptor", [](v1::Delivery& d) { Flip(d.mutable_parts(0)->mutable_descriptor_bytes()); }, "step "},
      {"expires",
       [](v1::Delivery& d) {
         v1::PartDescriptor descriptor = DescriptorOf(d.parts(0));
         descriptor.set_expires(descriptor.expires() - 1);
         d.mutable_parts(0)->set_descriptor_bytes(descriptor.SerializeAsString());
       },
       "step 8: part_hash"},
      {"ciphertext", [](v1::Delivery& d) { Flip(d.mutable_parts(0)->mutable_ciphertext()); },
       "step 8: ct_hash"},
      {"a shorter ciphertext", [](v1::Delivery& d) { d.mutable_parts(0)->mutable_ciphertext()->pop_back(); },
       "step 8: ciphertext"},
      {"a wrap before the reading is logged",
       [](v1::Delivery& d) { d.mutable_parts(0)->add_wraps(Bytes(80, 'w')); }, "step 8: wraps"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    v1::Delivery altered = good;
    row.alter(altered);
    DeliverOnly({altered});
    ExpectRefused(reader, row.reason);
  }
  EXPECT_EQ(Kept(reader), 0u);
  DeliverOnly({good});
  EXPECT_EQ(reader.List().size(), 1u);
}

TEST_F(Hostile, ReplayedEnvelopeIsOneSignal) {
  LiveMember sender(broker_, kSender), reader(broker_, kReader, liar_.door());
  const std::string id = sender.Send(kReader, "een mes gevonden");
  const v1::Delivery good = Intercept(reader);
  DeliverOnly({good, good});
  ASSERT_EQ(reader.List().size(), 1u);
  ASSERT_EQ(reader.Open(id).code, 0);
  // Again, later, as if it were news.
  v1::Delivery again = good;
  again.set_cursor(good.cursor() + 10);
  again.set_live(true);
  DeliverOnly({again});
  const ParsedJson list = reader.List();
  ASSERT_EQ(list.size(), 1u);
  EXPECT_FALSE(list[0].at("unread")) << "what was read does not become new";
}

TEST_F(Hostile, OtherBytesUnderAKnownId) {
  LiveMember reader(broker_, kReader, liar_.door());
  envelope::SignalPlan plan = SmallPlan(network());
  plan.core.set_signal_id(Bytes(16, 's'));
  Slip(SealedBy(kAccomplice, plan), reader);
  ASSERT_EQ(reader.List().size(), 1u);
  const v1::Delivery kept = *reader.OpenState().GetDelivery(Bytes(16, 's'));
  Slip(SealedBy(kAccomplice, plan), reader);  // sealed anew: other keys, other bytes
  ExpectRefused(reader, "step 6");
  EXPECT_EQ(reader.OpenState().GetDelivery(Bytes(16, 's'))->header(), kept.header());
}

TEST_F(Hostile, PartMovedToAnotherSignal) {
  LiveMember sender(broker_, kSender), reader(broker_, kReader, liar_.door());
  sender.Send(kReader, "het eerste");
  v1::Delivery first = Intercept(reader);
  sender.Send(kReader, "het tweede");
  v1::Delivery second = Intercept(reader);
  ASSERT_NE(first.header(), second.header());
  // Whole parts, in their own place and in the other's.
  v1::Delivery moved = first;
  *moved.mutable_parts(0) = second.parts(0);
  DeliverOnly({moved});
  ExpectRefused(reader, "step 8: part_hash");
  moved.mutable_parts(0)->set_index(first.parts(0).index());
  DeliverOnly({moved});
  ExpectRefused(reader, "step 8: part_hash");
  // The ciphertext alone.
  moved = first;
  moved.mutable_parts(0)->set_ciphertext(second.parts(0).ciphertext());
  DeliverOnly({moved});
  ExpectRefused(reader, "step 8: ct_hash");
  EXPECT_EQ(Kept(reader), 0u);
}

// Police must not learn from a descriptor what else there is; a core reader gets no descriptor of another
// part.
TEST_F(Hostile, DescriptorOfAnotherPart) {
  LiveMember sender(broker_, kSender), reader(broker_, kReader, liar_.door());
  const v1::Envelope sealed = SealedBy(kSender, NamedPlan(network()));
  const v1::Delivery good = ForgedDelivery(network(), sealed, reader.device_id(), NextLeaf(), now());
  ASSERT_EQ(good.parts_size(), 3);  // narrative, identity, attachment
  v1::Delivery wrong = good;
  for (const v1::Part& part : sealed.parts()) {
    if (DescriptorOf(part).kind() != v1::PART_KIND_SOURCE) continue;
    v1::Part* added = wrong.mutable_parts(0);
    *added = part;
    added->clear_wraps();
  }
  while (wrong.parts_size() > 1) wrong.mutable_parts()->RemoveLast();
  DeliverOnly({wrong});
  ExpectRefused(reader, "step 7: recipients: not this device");
  // One descriptor under the other's place.
  wrong = good;
  wrong.mutable_parts(0)->set_descriptor_bytes(good.parts(1).descriptor_bytes());
  DeliverOnly({wrong});
  ExpectRefused(reader, "step 8");
  EXPECT_EQ(Kept(reader), 0u);
}

// The broker alone can change no list; with the sender on its side the whole key set is judged (R18).
TEST_F(Hostile, RecipientAddedDroppedOrSwapped) {
  LiveMember reader(broker_, kReader, liar_.door());
  const TestDevice& stranger = network().device("school2/zorgcoordinator");
  const auto prekey_of = [&](const TestDevice& device) {
    return network().directory().PrekeyFor(device.id, "casus", now())->prekey_id;
  };
  const auto sorted = [](v1::PartDescriptor& descriptor) {
    std::sort(descriptor.mutable_recipients()->begin(), descriptor.mutable_recipients()->end(),
              [](const v1::Recipient& a, const v1::Recipient& b) { return a.device_id() < b.device_id(); });
  };
  const struct {
    const char* what;
    std::function<void(v1::PartDescriptor&)> change;
    const char* reason;
  } rows[] = {
      {"a ghost added",
       [&](v1::PartDescriptor& d) {
         v1::Recipient* added = d.add_recipients();
         *added = d.recipients(0);
         added->set_device_id(Bytes(16, 'g'));
         sorted(d);
       },
       "step 7: recipients.device_id: not certified"},
      {"another school added, which is not at the table",
       [&](v1::PartDescriptor& d) {
         v1::Recipient* added = d.add_recipients();
         *added = d.recipients(0);
         added->set_device_id(stranger.id);
         added->set_prekey_id(prekey_of(stranger));
         sorted(d);
       },
       "step 7: NOT_A_PARTY"},
      {"one of a member's devices dropped",
       [&](v1::PartDescriptor& d) {
         for (int i = 0; i < d.recipients_size(); ++i) {
           if (d.recipients(i).device_id() != network().device(kReader).id) continue;
           d.mutable_recipients()->DeleteSubrange(i, 1);
           return;
         }
         FAIL();
       },
       "step 7: recipients: a device of a chosen member is missing"},
      {"swapped: a device with the prekey of another",
       [&](v1::PartDescriptor& d) {
         for (v1::Recipient& recipient : *d.mutable_recipients()) {
           if (recipient.device_id() == network().device(kReader).id)
             recipient.set_prekey_id(prekey_of(stranger));
         }
       },
       "step 7: recipients.prekey_id: of another device"},
      {"not in order",
       [](v1::PartDescriptor& d) { d.mutable_recipients()->SwapElements(0, d.recipients_size() - 1); },
       "step 7: recipients: not sorted"},
      {"said to be unreached",
       [&](v1::PartDescriptor& d) {
         for (int i = 0; i < d.recipients_size(); ++i) {
           if (d.recipients(i).device_id() != network().device(kReader).id) continue;
           d.add_unreached(d.recipients(i).device_id());
           d.mutable_recipients()->DeleteSubrange(i, 1);
           return;
         }
       },
       "step 7: unreached: a device that has a prekey"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    const v1::Envelope sealed = SealedBy(kAccomplice);
    // The broker alone.
    v1::Delivery altered = ForgedDelivery(network(), sealed, reader.device_id(), NextLeaf(), now());
    v1::PartDescriptor descriptor = DescriptorOf(altered.parts(0));
    row.change(descriptor);
    altered.mutable_parts(0)->set_descriptor_bytes(descriptor.SerializeAsString());
    DeliverOnly({altered});
    ExpectRefused(reader, "step ");
    // With the sender.
    DeliverOnly({});
    Slip(Resigned(network(), sealed, {}, row.change, &network().device(kAccomplice).key), reader);
    ExpectRefused(reader, row.reason);
  }
  EXPECT_EQ(Kept(reader), 0u);
}

TEST_F(Hostile, ForwardedAsOnesOwn) {
  LiveMember sender(broker_, kSender), reader(broker_, kReader, liar_.door());
  const std::string id = sender.Send(kReader, "een mes gevonden");
  const v1::Delivery good = Intercept(reader);
  const TestDevice& thief = network().device(kAccomplice);
  // The signature replaced.
  v1::Delivery stolen = good;
  stolen.set_header_sig(crypto::Sign(thief.key, trust::kHeaderLabel, stolen.header()));
  DeliverOnly({stolen});
  ExpectRefused(reader, "step 3");
  // The sender too: the signature holds, and so does the key set, but every key was made for other core
  // bytes.
  v1::Envelope envelope;
  envelope.set_header(good.header());
  *envelope.mutable_parts() = good.parts();
  const auto claim = [&](v1::Core& core) {
    core.set_sender_device(thief.id);
    core.set_sender_cert_hash(network().directory().FindDevice(thief.id)->cert_hash);
  };
  const v1::Envelope claimed = Resigned(network(), envelope, claim, {}, &thief.key);
  stolen.set_header(claimed.header());
  stolen.set_header_sig(claimed.header_sig());
  *stolen.mutable_parts() = claimed.parts();
  *stolen.mutable_receipt() = ReceiptForHeader(network(), claimed.header(), NextLeaf(), now());
  DeliverOnly({stolen});
  ExpectRefused(reader, "step 7");  // the thief's own devices are not among the recipients
  EXPECT_EQ(reader.Open(id).out.find("een mes"), std::string::npos);
}

// A signal of one's own party's colleague, who is a recipient of the original: here the key set holds.
TEST_F(Hostile, ForwardedByAColleagueDoesNotOpen) {
  LiveMember reader(broker_, kReader, liar_.door());
  const TestDevice& author = network().device(kSender);
  const TestDevice& thief = network().device(kAccomplice);
  envelope::SignalPlan plan = SmallPlan(network(), "een mes gevonden");
  plan.core.set_signal_id(Bytes(16, 's'));
  plan.parts[0].members.push_back(author.member_ref);
  plan.parts[0].members.push_back(thief.member_ref);
  const v1::Envelope original = SealedBy(kSender, plan);
  const auto claim = [&](v1::Core& core) {
    core.set_sender_device(thief.id);
    core.set_sender_cert_hash(network().directory().FindDevice(thief.id)->cert_hash);
  };
  const v1::Envelope claimed = Resigned(network(), original, claim, {}, &thief.key);
  Slip(claimed, reader);
  ASSERT_EQ(reader.List().size(), 1u);  // as if the colleague had written it …
  AnswerOpenOf(claimed, reader);
  const Ran opened = reader.Open(ToHex(Bytes(16, 's')));  // … but no key of the author fits
  EXPECT_EQ(opened.code, client::kTampered);
  EXPECT_THAT(opened.out, HasSubstr("the part does not open"));
  EXPECT_THAT(opened.out, Not(HasSubstr("een mes")));
  EXPECT_THAT(reader.LocalLog(), HasSubstr("wrap"));
}

}  // namespace
}  // namespace seinpost::test
