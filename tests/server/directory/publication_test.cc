// SPDX-License-Identifier: EUPL-1.2
// Publication and activation of a directory; what the start checks notice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/civil_time.h"
#include "crypto/hpke.h"
#include "server/gate/quota.h"
#include "tests/server/harness.h"
#include "trust/strict.h"

namespace seinpost::test {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

TEST(Publication, KeepsTheDirectoryInItsOrderThroughARestart) {
  TestBroker test;
  const trust::Directory& directory = test.network().directory();
  EXPECT_EQ(test.realm().directory()->chain_hash(), directory.chain_hash());
  ASSERT_TRUE(test.Restart().ok());
  EXPECT_EQ(test.realm().directory()->chain_hash(), directory.chain_hash());
  ASSERT_TRUE(test.broker().Writable().ok()) << test.broker().Writable();

  v1::GetDirectoryRequest request;
  request.set_convenant_id("plaats");
  request.set_from(5);
  using Pages = std::shared_ptr<server::Source<v1::GetDirectoryReply>>;
  const auto pages = Await<Pages>(
      [&](auto done) { test.broker().publication().GetDirectory(test.SessionOf(kSender), request, done); });
  ASSERT_TRUE(pages.ok()) << pages.status();
  std::vector<Bytes> objects;
  Bytes checkpoint;
  while (true) {
    const auto page = Pull(**pages);
    ASSERT_TRUE(page.ok()) << page.status();
    if (!*page) break;
    EXPECT_EQ((*page)->first_seq(), 5 + objects.size());
    objects.insert(objects.end(), (*page)->objects().begin(), (*page)->objects().end());
    checkpoint = (*page)->checkpoint();
  }
  EXPECT_EQ(objects,
            std::vector<Bytes>(test.network().objects().begin() + 5, test.network().objects().end()));
  EXPECT_EQ(checkpoint, test.realm().published()->note);
}

TEST(Publication, IsAllOrNothingAndSaysWhichObjectIsWrong) {
  TestBroker test;
  const uint64_t size = test.LogSize();
  const Bytes good = test.network().PrekeyObject(test.network().device(kSender), "casus", 5);
  Bytes bad = test.network().PrekeyObject(test.network().device(kSender), "naam", 5);
  bad.back() ^= 1;
  const absl::Status refused = test.Publish({good, bad});
  EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("objects[1]"));
  EXPECT_EQ(test.LogSize(), size);
  ASSERT_TRUE(test.Publish({good}).ok());
  EXPECT_EQ(test.LogSize(), size + 1);
  ASSERT_TRUE(test.Publish({good}).ok()) << "what is there is skipped";
  EXPECT_EQ(test.LogSize(), size + 1);
}

TEST(Publication, ActivatesOnlyWhatTheConfigurationNames) {
  TestBroker other({{}, nullptr, false});
  const Bytes& object = other.network().objects()[0];
  const auto activate = [](TestBroker& test, const Bytes& bytes) {
    v1::ActivateRequest request;
    request.set_object(bytes);
    return Await<v1::PublishReply>([&](auto done) { test.broker().publication().Activate(request, done); });
  };
  v1::GetConvenantRequest get;
  const auto active = [&] {
    return Await<v1::GetConvenantReply>(
        [&](auto done) { other.broker().publication().GetConvenant(get, done); });
  };
  EXPECT_EQ(active().status().code(), absl::StatusCode::kNotFound);
  Bytes flipped = object;
  flipped.back() ^= 1;
  EXPECT_FALSE(activate(other, flipped).ok());
  const absl::StatusOr<v1::PublishReply> done = activate(other, object);
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_THAT(done->receipts(), SizeIs(1));
  EXPECT_EQ(other.LastEvent(), "CONVENANT_ACTIVATED ");
  EXPECT_TRUE(activate(other, object).ok()) << "again is fine";
  ASSERT_TRUE(active().ok());
  EXPECT_EQ(active()->object(), object);
}

TestBrokerOptions Limited(const server::Limits& limits) {
  TestBrokerOptions options;
  options.limits = limits;
  return options;
}

absl::StatusOr<v1::PublishReply> PublishAs(TestBroker& test, const std::vector<Bytes>& objects,
                                           absl::string_view peer = {}) {
  v1::PublishRequest request;
  request.set_convenant_id("plaats");
  for (const Bytes& object : objects) request.add_objects(object);
  return Await<v1::PublishReply>(
      [&](auto done) { test.broker().publication().Publish(request, done, peer); });
}

// One more mandate for `profile`, as he has one already.
Bytes MandateLike(TestNetwork& network, absl::string_view profile) {
  const trust::MandateEntry& has = *network.directory().MandatesOf(network.member(profile)).front();
  return network.MandateObject(profile, has.function, has.scopes, has.max_level, has.from, has.until);
}

// The kind and body of a revocation or an order, signed by nobody.
Bytes Unsigned(const Bytes& object) {
  v1::SignedObject parsed = *trust::ParseSignedObject(object);
  parsed.mutable_signatures(0)->mutable_signature()->front() ^= 1;
  return trust::StrictSerialize(parsed);
}

// D4: 600 of these a second, from one connection, held off every revocation and every order.
TEST(DoorPublications, JunkHoldsOffNoRevocationAndNoOrder) {
  TestBroker test(Limited({.publications = 40}));
  TestNetwork& network = test.network();
  const std::string stranger = "ipv4:203.0.113.9:1";
  const Bytes revocation = network.RevokeDeviceObject(network.device(kReader));
  const Bytes order = network.RestrictChannelObject("core", policies::Level::kL0);
  const uint64_t size = test.LogSize();
  const size_t counted = test.broker().publication().signers_counted();
  const std::vector<Bytes> junk[] = {{"x"},
                                     {Unsigned(revocation)},
                                     {Unsigned(order)},
                                     {network.objects()[5], Unsigned(revocation), "x"},
                                     {std::string("\x08\x05", 2) + Bytes(1000, 'x')}};
  for (int i = 0; i < 1000; ++i) {
    for (const std::vector<Bytes>& objects : junk) {
      const absl::Status refused = PublishAs(test, objects, stranger).status();
      ASSERT_TRUE(absl::IsInvalidArgument(refused) || absl::IsPermissionDenied(refused)) << refused;
    }
  }
  EXPECT_EQ(test.LogSize(), size);
  EXPECT_EQ(test.broker().publication().signers_counted(), counted) << "nothing is kept of strangers";
  EXPECT_TRUE(PublishAs(test, {revocation}, "ipv4:192.0.2.1:1").ok());
  EXPECT_TRUE(PublishAs(test, {order}, "ipv4:192.0.2.2:1").ok());
}

TEST(DoorPublications, WhatIsThereAlreadyCountsForNobody) {
  TestBroker test(Limited({.publications = 40}));
  TestNetwork& network = test.network();
  const Bytes first = network.RevokeDeviceObject(network.device(kReader));
  ASSERT_TRUE(PublishAs(test, {first}).ok());
  network.Add(first);
  for (int i = 0; i < 200; ++i) {
    const absl::StatusOr<v1::PublishReply> again = PublishAs(test, {first, network.objects()[9]});
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(again->receipts_size(), 0);
    EXPECT_EQ(again->dir_size(), network.objects().size());
    v1::ActivateRequest convenant;
    convenant.set_object(network.objects()[0]);
    ASSERT_TRUE(Await<v1::PublishReply>([&](auto done) {
                  test.broker().publication().Activate(convenant, done);
                }).ok());
  }
  EXPECT_TRUE(PublishAs(test, {network.RevokeMandateObject(
                                  *network.directory().MandatesOf(network.member(kReader)).front())})
                  .ok());
}

TEST(MemberPublications, AreCountedInObjectsBySigner) {
  TestBroker test(Limited({.publications = 40}));
  TestNetwork& network = test.network();
  test.clock().Advance(absl::Minutes(2));
  std::vector<Bytes> mandates;
  for (int i = 0; i < 40; ++i) mandates.push_back(MandateLike(network, kSender));
  ASSERT_TRUE(PublishAs(test, mandates).ok());
  const Bytes more = MandateLike(network, kSender);
  const absl::Status over = PublishAs(test, {more}).status();
  EXPECT_EQ(over.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(server::RetryAfter(over), absl::Milliseconds(1500));
  EXPECT_TRUE(PublishAs(test, {MandateLike(network, kReader)}).ok()) << "another issuer";
  EXPECT_TRUE(PublishAs(test, {network.RevokeDeviceObject(network.device("school/teamleider"))}).ok())
      << "a revocation of the same issuer";
  test.clock().Advance(absl::Milliseconds(1500));
  EXPECT_TRUE(PublishAs(test, {more}).ok());
}

TEST(MemberPublications, AnIssuerGrantsSoMuchADay) {
  TestBroker test(Limited({.publications = 0, .grants = 30}));
  TestNetwork& network = test.network();
  test.clock().Advance(absl::Hours(24));
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(PublishAs(test, {MandateLike(network, kSender)}).ok()) << i;
  const absl::Status over = PublishAs(test, {MandateLike(network, kSender)}).status();
  EXPECT_EQ(over.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(server::RetryAfter(over), absl::Minutes(48));
}

// Keeps the commit thread until it is let go.
class Blocking final : public server::Operation {
 public:
  Blocking(absl::Notification& begun, absl::Notification& over) : begun_(begun), over_(over) {}
  void Apply(server::Transaction&) override {
    begun_.Notify();
    over_.WaitForNotification();
  }
  void Complete(const absl::Status&) override {}

 private:
  absl::Notification& begun_;
  absl::Notification& over_;
};

// M12: 300 of 749 KiB took 533 MiB, and an administrator waited behind them.
TEST(MemberPublications, AreBoundedWhileTheyWaitAndARevocationGoesBefore) {
  TestBroker test;
  TestNetwork& network = test.network();
  absl::Notification begun, over;
  test.broker().sequencer().Enqueue(std::make_unique<Blocking>(begun, over));
  begun.WaitForNotification();

  struct Answer {
    absl::Notification answered;
    absl::StatusOr<v1::PublishReply> reply = absl::UnknownError("");
  };
  std::vector<std::unique_ptr<Answer>> answers;
  const auto start = [&](const Bytes& object, const std::string& peer) {
    v1::PublishRequest request;
    request.set_convenant_id("plaats");
    request.add_objects(object);
    answers.push_back(std::make_unique<Answer>());
    test.broker().publication().Publish(
        request,
        [answer = answers.back().get()](absl::StatusOr<v1::PublishReply> reply) {
          answer->reply = std::move(reply);
          answer->answered.Notify();
        },
        peer);
    return answers.back().get();
  };
  for (int i = 0; i < 64; ++i) start(MandateLike(network, kSender), absl::StrCat("ipv4:192.0.2.", i, ":1"));
  Answer& refused = *start(MandateLike(network, kSender), "ipv4:198.51.100.1:1");
  ASSERT_TRUE(refused.answered.HasBeenNotified());
  EXPECT_EQ(refused.reply.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_GT(server::RetryAfter(refused.reply.status()), absl::ZeroDuration());
  Answer& revoked = *start(network.RevokeDeviceObject(network.device(kReader)), "ipv4:198.51.100.2:1");
  EXPECT_FALSE(revoked.answered.HasBeenNotified());
  over.Notify();
  revoked.answered.WaitForNotification();
  ASSERT_TRUE(revoked.reply.ok()) << revoked.reply.status();
  // One mandate was at work already. Of the others none is before it but those judged before it was checked.
  for (int i = 0; i < 64; ++i) {
    answers[i]->answered.WaitForNotification();
    EXPECT_TRUE(answers[i]->reply.ok()) << i << answers[i]->reply.status();
  }
  EXPECT_LT(revoked.reply->dir_size(), test.realm().directory()->size());
}

TEST(MemberPrekeys, ADevicePublishesOneForEachClassAndMonthAndNoMore) {
  TestBroker test;
  TestNetwork& network = test.network();
  const TestDevice& device = network.device(kSender);
  for (const auto& entry : network.convenant().retention()) {
    ASSERT_TRUE(PublishAs(test, {network.PrekeyObject(device, entry.first, 5)}).ok());
    EXPECT_EQ(PublishAs(test, {network.PrekeyObject(device, entry.first, 6)}).status().code(),
              absl::StatusCode::kFailedPrecondition);
  }
  const uint64_t size = test.realm().directory()->size();
  const absl::Duration cap = network.convenant().FindRetention("naam")->cap;
  const absl::Time month =
      absl::FromCivil(absl::ToCivilMonth(network.now(), absl::UTCTimeZone()) + 5, absl::UTCTimeZone());
  for (int i = 0; i < 50; ++i) {
    v1::Prekey prekey;
    prekey.set_version(1);
    prekey.set_suite_id(network.convenant().trust()->suite);
    prekey.set_convenant_id("plaats");
    prekey.set_device_id(device.id);
    prekey.set_hpke_pk(ToBytes(
        crypto::HpkeKeyPair::FromSecret(TestNetwork::SecretNamed(absl::StrCat("flood ", i))).public_key));
    prekey.set_retention_class("naam");
    const absl::Time from = month + i * absl::Seconds(1), until = from + absl::Hours(24 * 30);
    prekey.set_seal_from(absl::ToUnixSeconds(from));
    prekey.set_seal_until(absl::ToUnixSeconds(until));
    prekey.set_delete_after(absl::ToUnixSeconds(until + cap));
    const Bytes object = trust::SignObject(v1::OBJECT_KIND_PREKEY, trust::StrictSerialize(prekey),
                                           ToHex(device.id), device.key);
    EXPECT_FALSE(PublishAs(test, {object}).ok()) << i;
  }
  EXPECT_EQ(test.realm().directory()->size(), size);
  // A month later the next one is due.
  test.clock().Advance(absl::Hours(24 * 31));
  EXPECT_TRUE(PublishAs(test, {network.PrekeyObject(device, "naam", 6)}).ok());
}

TEST(Publisher, SignsAnewAfterFiveIdleMinutesAndNotBefore) {
  TestBroker test;
  const Bytes first = test.Checkpoint();
  test.clock().Advance(absl::Minutes(5) - absl::Seconds(1));
  EXPECT_EQ(test.Checkpoint(), first);
  test.clock().Advance(absl::Seconds(1));
  const Bytes second = test.Checkpoint();
  EXPECT_NE(second, first);
  const auto key = audit::LogKey(test.realm().origin(), test.realm().log_public_key());
  const audit::Checkpoint before = *audit::VerifyCheckpoint(first, key);
  const audit::Checkpoint after = *audit::VerifyCheckpoint(second, key);
  EXPECT_EQ(after.root, before.root);
  EXPECT_EQ(*after.time - *before.time, absl::Minutes(5));
  // The clock set back: nothing older is published after it, and a restart goes on from what is anchored.
  test.clock().Advance(-absl::Hours(1));
  ASSERT_TRUE(test.Restart().ok());
  EXPECT_EQ(test.Checkpoint(), second);
}

}  // namespace
}  // namespace seinpost::test
