// SPDX-License-Identifier: EUPL-1.2
#include "tests/hostile/hostile_testing.h"

#include <memory>

#include "crypto/hash.h"

namespace seinpost::test {

using testing::HasSubstr;
using testing::IsEmpty;

namespace {
// What `signal list` says of a delivery that does not verify.
constexpr char kNotKept[] = "er is een signaal bezorgd dat niet klopt; het is niet bewaard";
}  // namespace

v1::Envelope Hostile::SealedBy(absl::string_view profile, const envelope::SignalPlan& plan) {
  return broker_.test().Seal(plan, profile).envelope;
}

v1::Delivery Hostile::Intercept(LiveMember& member) {
  const auto last = std::make_shared<v1::Delivery>();
  liar_.BeHonest("Subscribe");
  liar_.OnReplies<v1::Delivery>("Subscribe", [last](v1::Delivery delivery) {
    if (delivery.header().empty()) return std::vector<v1::Delivery>{delivery};
    *last = std::move(delivery);
    return std::vector<v1::Delivery>();
  });
  EXPECT_EQ(member.Run({"signal", "list"}).code, client::kOk);
  liar_.BeHonest("Subscribe");
  EXPECT_FALSE(last->header().empty()) << "nothing was delivered";
  return *last;
}

void Hostile::DeliverOnly(std::vector<v1::Delivery> deliveries) {
  for (v1::Delivery& delivery : deliveries) delivery.set_cursor(++cursor_);
  liar_.BeHonest("Subscribe");
  liar_.OnReplies<v1::Delivery>("Subscribe", [deliveries](v1::Delivery delivery) {
    if (!delivery.header().empty()) return std::vector<v1::Delivery>();
    std::vector<v1::Delivery> all = deliveries;
    all.push_back(std::move(delivery));
    return all;
  });
}

void Hostile::Slip(const v1::Envelope& envelope, const LiveMember& member) {
  DeliverOnly({ForgedDelivery(network(), envelope, member.device_id(), NextLeaf(), now())});
}

v1::OpenReply Hostile::LoggedReading(const v1::OpenRequest& request) {
  v1::OpenStatement statement;
  EXPECT_TRUE(statement.ParseFromString(request.statement()));
  audit::Event event;
  event.SetType(audit::EventType::kRead)
      .SetTime(now())
      .SetText(audit::Tag::kActorDevice, statement.device_id())
      .SetText(audit::Tag::kObject, statement.signal_id())
      .SetNumber(audit::Tag::kPart, statement.part())
      .SetText(audit::Tag::kPurpose, statement.purpose())
      .SetText(audit::Tag::kRequestHash, View(crypto::Sha256(request.statement())));
  v1::OpenReply reply;
  *reply.mutable_receipt() = ReceiptForCaller(network(), event, NextLeaf(), now());
  return reply;
}

void Hostile::AnswerOpenOf(const v1::Envelope& envelope, const LiveMember& member) {
  const Bytes device = member.device_id();
  liar_.Answer<v1::OpenRequest, v1::OpenReply>("Open", [=, this](const v1::OpenRequest& request) {
    v1::OpenReply reply = LoggedReading(request);
    v1::OpenStatement statement;
    EXPECT_TRUE(statement.ParseFromString(request.statement()));
    for (const v1::Part& part : envelope.parts()) {
      if (part.index() != statement.part()) continue;
      const v1::PartDescriptor descriptor = DescriptorOf(part);
      for (int i = 0; i < descriptor.recipients_size(); ++i) {
        if (descriptor.recipients(i).device_id() != device) continue;
        v1::ReleasedWrap* wrap = reply.add_wraps();
        wrap->set_group(descriptor.recipients(i).group());
        wrap->set_prekey_id(descriptor.recipients(i).prekey_id());
        wrap->set_wrap(part.wraps(i));
      }
    }
    return reply;
  });
}

void Hostile::ExpectCaught(const Ran& ran, const std::string& sentence) {
  EXPECT_EQ(ran.code, client::kTampered) << ran.out << ran.err;
  EXPECT_THAT(ran.out, IsEmpty());
  EXPECT_THAT(ran.err, HasSubstr(sentence));
}

void Hostile::ExpectRefused(LiveMember& member, const std::string& reason) {
  const size_t before = Kept(member);
  const size_t logged = member.LocalLog().size();
  ExpectCaught(member.Run({"signal", "list"}), kNotKept);
  EXPECT_EQ(Kept(member), before);
  EXPECT_THAT(member.LocalLog().substr(logged), HasSubstr(reason));
}

}  // namespace seinpost::test
