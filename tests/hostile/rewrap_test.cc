// SPDX-License-Identifier: EUPL-1.2
// A broker that lies when keys are asked for and passed on.
#include "crypto/hash.h"
#include "tests/hostile/hostile_testing.h"
#include "trust/labels.h"
#include "trust/strict.h"

namespace seinpost::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kText[] = "een mes gevonden";

// The statement in a released rewrap, changed and signed anew by `key`.
void Resign(v1::ReleasedRewrap& released, const crypto::SigningKey& key,
            const std::function<void(v1::Rewrap&)>& change) {
  v1::Rewrap rewrap;
  rewrap.ParseFromString(released.rewrap());
  change(rewrap);
  released.set_rewrap(trust::StrictSerialize(rewrap));
  released.set_signature(crypto::Sign(key, trust::kRewrapLabel, released.rewrap()));
}

class HostileRewrap : public Hostile {
 protected:
  // Everything but the opening: two signals, whose keys were passed on to the phone.
  void PassOnBoth(LiveMember& sender, LiveMember& phone) {
    ASSERT_EQ(phone.Run({"device", "restore"}).code, 0);
    ASSERT_EQ(sender.Run({"device", "pass-on", "--yes"}).code, 0);
  }
};

TEST_F(HostileRewrap, RewrapsSwappedForgedOrReplayed) {
  LiveMember sender(broker_, kSender), old(broker_, kReader);
  const std::string other = sender.Send(kReader, "iets anders");
  const std::string id = sender.Send(kReader, kText);
  LiveMember phone(broker_, kReader, liar_.door());
  PassOnBoth(sender, phone);
  const client::Profile giver = sender.OpenProfile();
  const TestDevice& accomplice = network().device(kAccomplice);
  v1::ReleasedRewrap foreign;
  liar_.OnReply<v1::OpenReply>("Open", [&](v1::OpenReply& reply) { foreign = reply.rewraps(0); });
  ASSERT_EQ(phone.Open(other).code, 0);
  const auto nothing = [](v1::Rewrap&) {};
  const struct {
    const char* what;
    std::function<void(v1::OpenReply&)> lie;
    const char* reason;
  } rows[] = {
      {"of another signal", [&](v1::OpenReply& reply) { *reply.mutable_rewraps(0) = foreign; },
       "step 7: header_hash: another signal"},
      {"altered", [](v1::OpenReply& reply) { Flip(reply.mutable_rewraps(0)->mutable_rewrap()); }, "step 7"},
      {"of a forged signature",
       [](v1::OpenReply& reply) { Flip(reply.mutable_rewraps(0)->mutable_signature()); },
       "step 7: signature"},
      {"signed by an accomplice in the giver's name",
       [&](v1::OpenReply& reply) { Resign(*reply.mutable_rewraps(0), accomplice.key, nothing); },
       "step 7: signature"},
      {"of somebody the part is not for",
       [&](v1::OpenReply& reply) {
         Resign(*reply.mutable_rewraps(0), accomplice.key,
                [&](v1::Rewrap& rewrap) { rewrap.set_giver_device(accomplice.id); });
       },
       "step 7: recipients: not this device"},
      {"an answer to another request",
       [&](v1::OpenReply& reply) {
         Resign(*reply.mutable_rewraps(0), giver.device_key(),
                [](v1::Rewrap& rewrap) { rewrap.set_request_hash(Bytes(32, 'r')); });
       },
       "step 7: request_hash"},
      {"another wrap, signed by the giver",
       [&](v1::OpenReply& reply) {
         Resign(*reply.mutable_rewraps(0), giver.device_key(),
                [](v1::Rewrap& rewrap) { rewrap.set_wrap(Bytes(80, 'w')); });
       },
       "step 9"},
      {"none", [](v1::OpenReply& reply) { reply.clear_rewraps(); }, "step 8: not exactly one rewrap"},
      {"two, to be tried in turn", [](v1::OpenReply& reply) { *reply.add_rewraps() = reply.rewraps(0); },
       "step 8: not exactly one rewrap"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    liar_.BeHonest();
    liar_.OnReply<v1::OpenReply>("Open", row.lie);
    const size_t logged = phone.LocalLog().size();
    const Ran ran = phone.Run({"signal", "open", id});
    ExpectCaught(ran, "the part does not open");
    EXPECT_THAT(ran.out + ran.err, Not(HasSubstr(kText)));
    EXPECT_THAT(phone.LocalLog().substr(logged), HasSubstr(row.reason));
  }
  liar_.BeHonest();
  EXPECT_THAT(phone.Open(id).out, HasSubstr(kText));
}

// The broker lets somebody ask for what he was never sent, in the hope that a member confirms unseeing.
TEST_F(HostileRewrap, RequestsOfThoseThePartIsNotFor) {
  LiveMember sender(broker_, kSender, liar_.door()), old(broker_, kReader);
  sender.Send(kReader, kText);
  LiveMember phone(broker_, kReader);
  ASSERT_EQ(phone.Run({"device", "restore"}).code, 0);
  const TestDevice& accomplice = network().device(kAccomplice);
  const auto as_accomplice = [&](v1::RewrapRequested& requested, bool prekey_too) {
    v1::RewrapRequest request;
    request.ParseFromString(requested.request());
    if (prekey_too) {
      v1::Prekey prekey;
      prekey.ParseFromString(request.prekey());
      prekey.set_device_id(accomplice.id);
      request.set_prekey(trust::StrictSerialize(prekey));
      request.set_prekey_sig(crypto::Sign(accomplice.key, trust::kPrekeyLabel, request.prekey()));
    }
    requested.set_request(trust::StrictSerialize(request));
    requested.set_signature(crypto::Sign(accomplice.key, trust::kRewrapRequestLabel, requested.request()));
  };
  const struct {
    const char* what;
    std::function<void(v1::RewrapRequested&)> lie;
    const char* reason;
  } rows[] = {
      {"an accomplice's own device", [&](v1::RewrapRequested& r) { as_accomplice(r, true); },
       "of nobody the part is for"},
      {"an accomplice in the phone's name", [&](v1::RewrapRequested& r) { as_accomplice(r, false); },
       "signature"},
      {"altered", [](v1::RewrapRequested& r) { Flip(r.mutable_request()); }, "request for a key refused"},
      {"rubbish", [](v1::RewrapRequested& r) { r.set_request("x"); }, "request for a key refused"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    liar_.BeHonest();
    liar_.OnReply<v1::RewrapRequested>("ListRewrapRequests", row.lie);
    const size_t logged = sender.LocalLog().size();
    const Ran ran = sender.Run({"--json", "device", "pass-on", "--yes"});
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(ran.json(), ParsedJson::array()) << "nobody is even asked about it";
    EXPECT_EQ(liar_.calls("GiveRewrap"), 0);
    EXPECT_THAT(sender.LocalLog().substr(logged), HasSubstr(row.reason));
  }
  liar_.BeHonest();
  EXPECT_EQ(sender.Run({"--json", "device", "pass-on", "--yes"}).json().at(0).at("passed_on"), 1);
}

TEST_F(HostileRewrap, RestorableSignalsAltered) {
  LiveMember sender(broker_, kSender), old(broker_, kReader);
  sender.Send(kReader, kText);
  LiveMember phone(broker_, kReader, liar_.door());
  const std::function<void(v1::Delivery&)> lies[] = {
      [](v1::Delivery& delivery) { Flip(delivery.mutable_header_sig()); },
      [](v1::Delivery& delivery) { Flip(delivery.mutable_parts(0)->mutable_ciphertext()); },
      [](v1::Delivery& delivery) { Flip(delivery.mutable_parts(0)->mutable_descriptor_bytes()); },
      [](v1::Delivery& delivery) { Flip(delivery.mutable_receipt()->mutable_signature()); },
  };
  for (const auto& lie : lies) {
    liar_.BeHonest();
    liar_.OnReply<v1::Delivery>("ListRestorable", lie);
    const Ran ran = phone.Run({"device", "restore"});
    EXPECT_EQ(ran.code, client::kTampered) << ran.out << ran.err;
    EXPECT_EQ(liar_.calls("AskRewrap"), 0);
    EXPECT_EQ(Kept(phone), 0u);
  }
  liar_.BeHonest();
  EXPECT_EQ(phone.Run({"device", "restore"}).code, 0);
  EXPECT_EQ(Kept(phone), 1u);
}

// What is asked for and passed on is logged, or nothing is believed to have happened.
TEST_F(HostileRewrap, NoReceiptForAskingOrPassingOn) {
  LiveMember sender(broker_, kSender, liar_.door()), old(broker_, kReader);
  sender.Send(kReader, kText);
  LiveMember phone(broker_, kReader, liar_.door());
  liar_.OnReply<v1::AskRewrapReply>("AskRewrap", [](v1::AskRewrapReply& reply) { reply.clear_receipt(); });
  EXPECT_EQ(phone.Run({"device", "restore"}).code, client::kTampered);
  liar_.BeHonest();
  ASSERT_EQ(phone.Run({"device", "restore"}).code, 0) << "asked again, with the same request";
  liar_.OnReply<v1::GiveRewrapReply>("GiveRewrap", [](v1::GiveRewrapReply& reply) { reply.clear_receipt(); });
  EXPECT_EQ(sender.Run({"device", "pass-on", "--yes"}).code, client::kTampered);
}

}  // namespace
}  // namespace seinpost::test
