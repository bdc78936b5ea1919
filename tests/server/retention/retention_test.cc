// SPDX-License-Identifier: EUPL-1.2
// R32: what has expired is destroyed, with a leaf, and nothing else is.
#include "server/retention/retention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "server/rows/device_records.h"
#include "server/rows/due_records.h"
#include "server/rows/records.h"
#include "tests/server/retention/retention_testing.h"

namespace seinpost::test {
namespace {

using audit::EventType;
using testing::Contains;
using testing::HasSubstr;

constexpr absl::Duration kDay = absl::Hours(24);

// The plan with all parts but justifications to expire `after` from now.
envelope::SignalPlan Expiring(envelope::SignalPlan plan, TestBroker& test, absl::Duration after) {
  for (envelope::PartPlan& part : plan.parts) part.expires = test.clock().Now() + after;
  return plan;
}

class RetentionTest : public testing::Test {
 protected:
  envelope::SealedSignal Send(envelope::SignalPlan plan) {
    const envelope::SealedSignal sealed = test_.Seal(std::move(plan));
    for (const auto& [ct_hash, bytes] : sealed.attachments) {
      EXPECT_TRUE(test_.Upload(ct_hash, bytes).ok());
    }
    const absl::Status submitted = test_.Submit(sealed.envelope).status();
    EXPECT_TRUE(submitted.ok()) << submitted;
    return sealed;
  }
  absl::Status Open(const envelope::SealedSignal& sealed, v1::PartKind kind) {
    const uint32_t place = PlaceOf(sealed.envelope, kind);
    return test_.Open(test_.OpenStatementOf(sealed.envelope, place, kReader), kReader).status();
  }
  absl::Status Fetch(const envelope::SealedSignal& sealed) {
    v1::FetchAttachmentRequest request;
    request.set_convenant_id("plaats");
    request.set_signal_id(CoreOf(sealed.envelope).signal_id());
    request.set_part(PlaceOf(sealed.envelope, v1::PART_KIND_ATTACHMENT));
    return PullAll<v1::FetchAttachmentReply>([&](auto done) {
             test_.broker().attachments().Fetch(test_.SessionOf(kReader), request, done);
           })
        .status();
  }
  absl::Status Confirm(const envelope::SealedSignal& sealed) {
    const TestDevice& reader = test_.network().device(kReader);
    return test_.Confirm({test_.DeliveredOf(sealed.envelope, reader)}, reader).status();
  }
  size_t Rows(Family family, const Bytes& prefix = {}) {
    return RowsOf(test_.broker().store(), family, prefix);
  }
  // Deletes rows as if they had never been written.
  void Forget(const Bytes& prefix);

  TestBroker test_;
};

class DeleteBelow final : public server::Operation {
 public:
  DeleteBelow(const Store& store, Bytes prefix) : store_(store), prefix_(std::move(prefix)) {}
  void Apply(server::Transaction& transaction) override {
    EXPECT_TRUE(store_
                    .Scan(Family::kMeta, prefix_, PrefixLimit(prefix_),
                          [&](ByteView key, ByteView) {
                            transaction.Delete(Family::kMeta, key);
                            return true;
                          })
                    .ok());
  }
  void Complete(const absl::Status& commit) override { EXPECT_TRUE(commit.ok()); }

 private:
  const Store& store_;
  const Bytes prefix_;
};

void RetentionTest::Forget(const Bytes& prefix) {
  test_.broker().sequencer().Enqueue(std::make_unique<DeleteBelow>(test_.broker().store(), prefix));
  ASSERT_TRUE(test_.Restart().ok()) << "after which it is done";
}

TEST_F(RetentionTest, R32DestroysASignalWithAllThatBelongsToIt) {
  Maintain(test_.broker());
  const envelope::SealedSignal sealed = Send(Expiring(SmallPlan(test_.network()), test_, 3 * kDay));
  ASSERT_TRUE(Open(sealed, v1::PART_KIND_NARRATIVE).ok());
  ASSERT_TRUE(Confirm(sealed).ok());
  const uint64_t before = test_.LogSize();
  PassTime(test_, 3 * kDay);
  EXPECT_GT(Rows(Family::kPart), 0u) << "what was decided before it expired may be on its way";
  EXPECT_EQ(test_.LogSize(), before);
  test_.clock().Advance(server::kGrace);
  Maintain(test_.broker());
  EXPECT_EQ(Rows(Family::kPart), 0u);
  EXPECT_EQ(Rows(Family::kMailbox), 0u);
  EXPECT_EQ(Rows(Family::kDevice), 0u);
  ASSERT_EQ(test_.LogSize(), before + 1) << "one leaf";
  const audit::Event event = *test_.EventAt(before);
  EXPECT_EQ(event.Type(), EventType::kExpired);
  EXPECT_EQ(event.Text(audit::Tag::kObject), CoreOf(sealed.envelope).signal_id());
  EXPECT_EQ(event.Text(audit::Tag::kActorOrganisation), "school");
  std::set<Bytes> members;
  const auto recipients = event.Recipients();
  ASSERT_TRUE(recipients.has_value());
  for (const audit::RecipientVerdict& recipient : *recipients) members.insert(recipient.member_ref);
  EXPECT_THAT(members, Contains(test_.network().member(kReader)));
  EXPECT_THAT(members, Contains(test_.network().member(kSender)));

  // What remains is a name, for a while, and then nothing.
  EXPECT_EQ(Rows(Family::kSignal), 1u);
  EXPECT_EQ(Rows(Family::kCase), 1u);
  PassTime(test_, server::kRemainsLife + kDay);
  EXPECT_EQ(Rows(Family::kSignal), 0u);
  EXPECT_EQ(Rows(Family::kCase), 0u);
  EXPECT_EQ(Rows(Family::kMeta, server::DuePrefix(test_.realm().prefix())), 0u);
  EXPECT_EQ(test_.LogSize(), before + 1);
}

TEST_F(RetentionTest, R32TellsWhoComesLaterThatItHasExpired) {
  const envelope::SealedSignal sealed = Send(Expiring(NamedPlan(test_.network()), test_, 3 * kDay));
  PassTime(test_, 4 * kDay);
  const absl::Status opened = Open(sealed, v1::PART_KIND_IDENTITY);
  EXPECT_THAT(CodesOf(opened), Contains("EXPIRED")) << opened;
  EXPECT_THAT(test_.LastEvent(), HasSubstr("DECISION_DENY")) << "an attempt is a leaf, as ever";
  EXPECT_THAT(std::string(Fetch(sealed).message()), HasSubstr("retention period is over"));

  const envelope::SealedSignal small = Send(Expiring(SmallPlan(test_.network()), test_, 3 * kDay));
  PassTime(test_, 4 * kDay);
  EXPECT_THAT(CodesOf(Open(small, v1::PART_KIND_NARRATIVE)), Contains("EXPIRED"));
  v1::DecideOpenRequest may_i;
  may_i.set_convenant_id("plaats");
  may_i.set_signal_id(CoreOf(small.envelope).signal_id());
  may_i.set_part(PlaceOf(small.envelope, v1::PART_KIND_NARRATIVE));
  const auto decision = Await<v1::Decision>(
      [&](auto done) { test_.broker().asking().DecideOpen(test_.SessionOf(kReader), may_i, done); });
  ASSERT_TRUE(decision.ok()) << decision.status();
  EXPECT_FALSE(decision->allowed());
  EXPECT_EQ(Confirm(small).code(), absl::StatusCode::kNotFound);
  v1::GetDeliveredRequest delivered;
  delivered.set_convenant_id("plaats");
  delivered.add_signal_ids(CoreOf(small.envelope).signal_id());
  EXPECT_TRUE(Await<v1::GetDeliveredReply>([&](auto done) {
                test_.broker().deliveries().Get(test_.SessionOf(kSender), delivered, done);
              }).ok())
      << "its sender asks about others too";
  PassTime(test_, server::kRemainsLife + kDay);
  EXPECT_EQ(Open(small, v1::PART_KIND_NARRATIVE).code(), absl::StatusCode::kNotFound);
}

TEST_F(RetentionTest, APartThatHoldsOnStaysReadable) {
  const envelope::SealedSignal sealed = Send(Expiring(NamedPlan(test_.network()), test_, 3 * kDay));
  const size_t parts = Rows(Family::kPart);
  PassTime(test_, 4 * kDay);
  EXPECT_EQ(Rows(Family::kPart), 2u) << "of " << parts << ": the justification and its wraps";
  EXPECT_EQ(Rows(Family::kAttachment), 0u);
  EXPECT_EQ(EventsOf(test_, EventType::kExpired), 1u);
  EXPECT_TRUE(test_.Backlog(kReader).empty());
  const uint32_t place = PlaceOf(sealed.envelope, v1::PART_KIND_JUSTIFICATION);
  v1::PartDescriptor descriptor;
  for (const v1::Part& part : sealed.envelope.parts()) {
    if (part.index() == place) descriptor = DescriptorOf(part);
  }
  for (const TestDevice* device : test_.network().devices()) {
    const auto& recipients = descriptor.recipients();
    if (std::none_of(recipients.begin(), recipients.end(),
                     [&](const v1::Recipient& of) { return of.device_id() == device->id; })) {
      continue;
    }
    if (device->profile == kSender) continue;
    const auto opened = test_.Open(test_.OpenStatementOf(sealed.envelope, place, *device), *device);
    EXPECT_TRUE(opened.ok()) << device->profile << ": " << opened.status();
    EXPECT_EQ(test_.Backlog(device->profile).size(), 1u);
  }
}

TEST_F(RetentionTest, ADestroyedSignalIsNotTakenInAgain) {
  envelope::SignalPlan plan = Expiring(SmallPlan(test_.network()), test_, absl::Hours(1));
  plan.core.set_queued(true);
  const envelope::SealedSignal sealed = Send(plan);
  test_.clock().Advance(absl::Hours(2));
  Maintain(test_.broker());
  ASSERT_EQ(Rows(Family::kPart), 0u);
  const uint64_t size = test_.LogSize();
  const absl::Status again = test_.Submit(sealed.envelope).status();
  EXPECT_FALSE(again.ok());
  EXPECT_EQ(Rows(Family::kPart), 0u);
  PassTime(test_, 2 * kDay);
  EXPECT_FALSE(test_.Submit(sealed.envelope).ok()) << "and later its time tells";
  EXPECT_EQ(EventsOf(test_, EventType::kSubmit, size), 0u);
}

TEST_F(RetentionTest, AnAttachmentStaysForAsLongAsAPartSpeaksOfIt) {
  const envelope::SealedSignal longer = Send(Expiring(NamedPlan(test_.network()), test_, 20 * kDay));
  // Another signal names the same bytes and expires first: a hostile sender's, or the same sender's.
  envelope::SealedSignal shorter = test_.Seal(Expiring(NamedPlan(test_.network()), test_, 3 * kDay));
  const Bytes& ct_hash = longer.attachments.begin()->first;
  shorter.envelope = Resigned(
      test_.network(), shorter.envelope, [](v1::Core&) {},
      [&](v1::PartDescriptor& descriptor) {
        if (descriptor.kind() == v1::PART_KIND_ATTACHMENT) descriptor.set_ct_hash(ct_hash);
      });
  const absl::Status submitted = test_.Submit(shorter.envelope).status();
  ASSERT_TRUE(submitted.ok()) << submitted;
  const size_t rows = Rows(Family::kAttachment);
  PassTime(test_, 4 * kDay);
  EXPECT_EQ(EventsOf(test_, EventType::kExpired), 1u);
  EXPECT_EQ(Rows(Family::kAttachment), rows);
  EXPECT_TRUE(Fetch(longer).ok()) << Fetch(longer);
  PassTime(test_, 17 * kDay);
  EXPECT_EQ(Rows(Family::kAttachment), 0u);
}

TEST_F(RetentionTest, TellsUpToWhenWhatExpiredIsGone) {
  const auto told = [&](absl::Time until) {
    return test_.broker().metrics().Text().find(absl::StrCat(
               "seinpost_retention_done_seconds ", absl::ToUnixSeconds(until), "\n")) != std::string::npos;
  };
  Maintain(test_.broker(), 6);
  const absl::Time before = test_.clock().Now() - server::kGrace;
  EXPECT_TRUE(told(before)) << test_.broker().metrics().Text();
  Send(Expiring(SmallPlan(test_.network()), test_, kDay));
  test_.clock().Advance(kDay + server::kGrace);
  test_.broker().RunMaintenance();
  EXPECT_TRUE(told(before)) << "what is on its way is not gone";
  Maintain(test_.broker(), 6);
  EXPECT_TRUE(told(test_.clock().Now() - server::kGrace));
  EXPECT_EQ(Rows(Family::kPart), 0u);
  test_.clock().Advance(365 * kDay);
  Maintain(test_.broker(), 6);
  EXPECT_FALSE(told(test_.clock().Now() - server::kGrace)) << "nothing is destroyed by this clock";
}

TEST_F(RetentionTest, NothingIsDestroyedByAClockThatJumped) {
  Maintain(test_.broker());
  const envelope::SealedSignal sealed = Send(Expiring(SmallPlan(test_.network()), test_, 30 * kDay));
  const size_t parts = Rows(Family::kPart);
  const absl::Time right = test_.clock().Now();
  test_.clock().Advance(365 * kDay);
  Maintain(test_.broker());
  ASSERT_TRUE(test_.Restart().ok());
  Maintain(test_.broker());
  EXPECT_EQ(Rows(Family::kPart), parts);
  EXPECT_THAT(test_.broker().metrics().Text(), HasSubstr("seinpost_retention_held 1"));
  test_.clock().Set(right + absl::Hours(1));
  Maintain(test_.broker());
  EXPECT_THAT(test_.broker().metrics().Text(), HasSubstr("seinpost_retention_held 0"));
  EXPECT_EQ(EventsOf(test_, EventType::kExpired), 0u);
  const absl::Status opened = Open(sealed, v1::PART_KIND_NARRATIVE);
  EXPECT_TRUE(opened.ok()) << opened;
}

TEST_F(RetentionTest, WhatAnEarlierVersionWroteExpiresToo) {
  const envelope::SealedSignal sealed = Send(Expiring(NamedPlan(test_.network()), test_, 3 * kDay));
  Send(Expiring(SmallPlan(test_.network()), test_, 3 * kDay));
  Forget("due");
  ASSERT_EQ(Rows(Family::kMeta, "due"), 0u);
  PassTime(test_, 4 * kDay);
  EXPECT_EQ(Rows(Family::kPart), 2u) << "a justification";
  EXPECT_EQ(Rows(Family::kAttachment), 0u);
  EXPECT_EQ(EventsOf(test_, EventType::kExpired), 2u);
}

TEST_F(RetentionTest, ACaseStaysForAsLongAsOneOfItsSignals) {
  Send(Expiring(SmallPlan(test_.network()), test_, 3 * kDay));
  Send(Expiring(SmallPlan(test_.network()), test_, 20 * kDay));
  PassTime(test_, server::kRemainsLife + 10 * kDay);
  EXPECT_EQ(Rows(Family::kCase), 1u);
  PassTime(test_, 11 * kDay);
  EXPECT_EQ(Rows(Family::kCase), 0u);
}

}  // namespace
}  // namespace seinpost::test
