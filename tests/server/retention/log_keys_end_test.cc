// SPDX-License-Identifier: EUPL-1.2
// The keys of the log's openings: they end with their month and term, named by a leaf; any other loss of one
// is told at the start.
#include "server/retention/log_keys_end.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>

#include "absl/strings/str_cat.h"
#include "audit/verifier.h"
#include "crypto/merkle.h"
#include "tests/server/retention/retention_testing.h"
#include "util/secure_file.h"

namespace seinpost::test {
namespace {

using audit::EventType;
using testing::HasSubstr;

TestBrokerOptions ForOneMonth() {
  TestBrokerOptions options;
  options.limits.log_months = 1;
  return options;
}

// The end of the month of `time` and of `months` more.
absl::Time MonthEnd(absl::Time time, int months) {
  return absl::FromCivil(absl::ToCivilMonth(time, absl::UTCTimeZone()) + 1 + months, absl::UTCTimeZone());
}

std::string KeyPath(TestBroker& test, absl::string_view retention_class, absl::Time of) {
  return absl::StrCat(test.directory(), "/keys/plaats/payload/", retention_class, ".", audit::MonthOf(of),
                      ".key");
}

// What somebody who has the whole log open can export, checked.
audit::ExportReport VerifyLog(TestBroker& test) {
  const Bytes note = test.Checkpoint();
  const audit::Log& log = test.realm().log();
  const uint64_t size = log.head().size;
  audit::ExportVerifier verifier(
      {0, size, note}, {audit::LogKey(test.realm().origin(), test.realm().log_public_key()), {}, 0});
  for (uint64_t index = 0; index < size; ++index) {
    const Bytes leaf = *log.ReadLeaf(index);
    const Bytes leaf_hash = ToBytes(crypto::LeafHash(leaf));
    const absl::StatusOr<audit::Opening> opening = log.ReadOpening(index);
    const Bytes encoded = opening.ok() ? opening->Encode() : Bytes();
    EXPECT_TRUE(opening.ok() || absl::IsNotFound(opening.status())) << opening.status();
    audit::ExportEntry entry{index, leaf, leaf_hash, std::nullopt};
    if (opening.ok()) entry.opening = encoded;
    EXPECT_TRUE(verifier.Add(entry));
  }
  return verifier.Finish();
}

TEST(LogKeys, EndWithTheirMonthAndTermNamedByALeaf) {
  TestBroker test(ForOneMonth());
  const absl::Time start = test.clock().Now();
  const envelope::SealedSignal sealed = test.Seal(SmallPlan(test.network()));
  ASSERT_TRUE(test.Submit(sealed.envelope).ok());
  const Bytes signal_id = CoreOf(sealed.envelope).signal_id();
  const audit::Log* log = &test.realm().log();
  ASSERT_EQ(log->Find({audit::Tag::kObject, signal_id}, 0, 10)->size(), 1u);
  const audit::ExportReport before = VerifyLog(test);
  ASSERT_TRUE(before.ok) << before.reason;
  EXPECT_EQ(before.erased + before.withheld, 0u);

  const absl::Time end = MonthEnd(start, 1);
  PassTime(test, end - start - absl::Hours(1));
  EXPECT_EQ(EventsOf(test, EventType::kErased), 0u);
  EXPECT_TRUE(VerifyLog(test).erasures.empty());
  PassTime(test, absl::Hours(2));
  Maintain(test.broker(), 6);
  EXPECT_EQ(EventsOf(test, EventType::kErased), 1u);
  EXPECT_THAT(*ReadFile(KeyPath(test, "event", start), 96), HasSubstr("key destroyed"));
  EXPECT_TRUE(log->Find({audit::Tag::kObject, signal_id}, 0, 10)->empty()) << "nor is it found any more";
  const audit::ExportReport after = VerifyLog(test);
  ASSERT_TRUE(after.ok) << after.reason;
  ASSERT_EQ(after.erasures.size(), 1u);
  EXPECT_EQ(after.erasures[0].erasure.month, audit::MonthOf(start));
  EXPECT_EQ(after.erasures[0].erasure.retention_class, "event");
  EXPECT_EQ(after.erased, after.erasures[0].erasure.count);
  EXPECT_EQ(after.erased, before.opened);
  EXPECT_EQ(after.withheld, 0u);

  ASSERT_TRUE(test.Restart().ok());
  EXPECT_TRUE(test.broker().Writable().ok()) << test.broker().Writable();
  Maintain(test.broker(), 6);
  EXPECT_EQ(EventsOf(test, EventType::kErased), 1u) << "once";
}

TEST(LogKeys, ADestructionThatWasCutShortIsTakenUpAgain) {
  TestBroker test(ForOneMonth());
  const absl::Time start = test.clock().Now();
  const std::string path = KeyPath(test, "event", start);
  const Bytes key = *ReadFile(path, 64);
  PassTime(test, MonthEnd(start, 1) - start + absl::Hours(1));
  Maintain(test.broker(), 6);
  ASSERT_NE(*ReadFile(path, 96), key);
  test.Stop();
  ASSERT_TRUE(WriteFileAtomically(path, key).ok());  // as if the power had failed just before
  ASSERT_TRUE(test.Restart().ok());
  EXPECT_TRUE(test.broker().Writable().ok()) << "the leaf is there: " << test.broker().Writable();
  Maintain(test.broker(), 6);
  EXPECT_THAT(*ReadFile(path, 96), HasSubstr("key destroyed"));
  EXPECT_EQ(EventsOf(test, EventType::kErased), 1u);
}

// A database that was put back from before the leaf, with keys from after it.
TEST(LogKeys, ALeafThatWasLostIsWrittenAnew) {
  TestBroker test;
  const absl::Time start = test.clock().Now();
  ASSERT_TRUE(test.Submit(test.Seal(SmallPlan(test.network())).envelope).ok());
  const Bytes fingerprint = ToBytes(test.realm().log().Keys()[0].fingerprint);
  PassTime(test, MonthEnd(start, 0) - start + absl::Hours(1));
  test.Stop();
  ASSERT_TRUE(
      WriteFileAtomically(KeyPath(test, "event", start), "seinpost payload key destroyed\n" + fingerprint)
          .ok());
  ASSERT_TRUE(test.Restart().ok());
  EXPECT_TRUE(test.broker().Writable().ok()) << test.broker().Writable();
  Maintain(test.broker(), 6);
  EXPECT_EQ(EventsOf(test, EventType::kErased), 1u);
  const audit::ExportReport report = VerifyLog(test);
  EXPECT_TRUE(report.ok) << report.reason;
  EXPECT_GT(report.erased, 0u);
  EXPECT_EQ(report.withheld, 0u);
}

struct Loss {
  std::string name;
  std::function<void(const std::string& path, Bytes key)> happens;
  std::string told;
};
class LostKeyTest : public testing::TestWithParam<Loss> {};

TEST_P(LostKeyTest, IsToldAtTheStartAndNotReplaced) {
  TestBroker test;
  ASSERT_TRUE(test.Submit(test.Seal(SmallPlan(test.network())).envelope).ok());
  const std::string path = KeyPath(test, "event", test.clock().Now());
  const Bytes key = *ReadFile(path, 64);
  const v1::Envelope next = test.Seal(SmallPlan(test.network())).envelope;
  test.Stop();
  GetParam().happens(path, key);
  ASSERT_TRUE(test.Restart().ok());
  const absl::Status writable = test.broker().Writable();
  EXPECT_FALSE(writable.ok());
  EXPECT_THAT(std::string(writable.message()), HasSubstr(GetParam().told));
  EXPECT_THAT(std::string(writable.message()), HasSubstr("put it back from a backup of the keys"));
  EXPECT_FALSE(test.Submit(next).ok());
  test.Stop();
  ASSERT_TRUE(WriteFileAtomically(path, key).ok());
  ASSERT_TRUE(test.Restart().ok());
  EXPECT_TRUE(test.broker().Writable().ok()) << test.broker().Writable();
}

INSTANTIATE_TEST_SUITE_P(H3, LostKeyTest,
                         testing::Values(Loss{"Removed",
                                              [](const std::string& path, const Bytes&) {
                                                std::filesystem::remove(path);
                                              },
                                              "is missing or empty"},
                                         Loss{"Emptied",
                                              [](const std::string& path, const Bytes&) {
                                                EXPECT_TRUE(WriteFileAtomically(path, "").ok());
                                              },
                                              "is missing or empty"},
                                         Loss{"Cut",
                                              [](const std::string& path, const Bytes& key) {
                                                EXPECT_TRUE(WriteFileAtomically(path, key.substr(1)).ok());
                                              },
                                              "is no key any more"},
                                         Loss{"Flipped",
                                              [](const std::string& path, Bytes key) {
                                                key[7] = static_cast<char>(key[7] ^ 1);
                                                EXPECT_TRUE(WriteFileAtomically(path, key).ok());
                                              },
                                              "is not the one"}),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace seinpost::test
