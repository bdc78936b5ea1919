// SPDX-License-Identifier: EUPL-1.2
// What was erased is told from what is withheld, and from what is lost.
#include "audit/erasure.h"

#include <gtest/gtest.h>

#include "audit/verifier.h"
#include "crypto/merkle.h"
#include "tests/audit/log_testing.h"

namespace seinpost::audit {
namespace {

const absl::Time kErasedAt = absl::FromUnixSeconds(1795000000);

Erasure SomeErasure(uint64_t first, uint64_t last, uint64_t count) {
  return {"event", 202611, crypto::Sha256("key"), first, last, count};
}

TEST(Erasure, IsReadFromItsEvent) {
  const Erasure erasure = SomeErasure(4, 9, 6);
  EXPECT_EQ(ErasureOf(ErasedEvent(erasure, kErasedAt)), erasure);
  EXPECT_EQ(ErasureOf(TestEvent()), std::nullopt);
  EXPECT_EQ(ErasureOf(ErasedEvent(SomeErasure(9, 4, 1), kErasedAt)), std::nullopt);
  EXPECT_EQ(ErasureOf(ErasedEvent(SomeErasure(4, 9, 7), kErasedAt)), std::nullopt) << "more than there are";
  EXPECT_EQ(ErasureOf(ErasedEvent(SomeErasure(4, 9, 0), kErasedAt)), std::nullopt);
  EXPECT_EQ(ErasureOf(ErasedEvent(SomeErasure(0, UINT64_MAX, UINT64_MAX), kErasedAt))->last, UINT64_MAX);
  Event without = ErasedEvent(erasure, kErasedAt);
  without.SetText(Tag::kObject, "short");
  EXPECT_EQ(ErasureOf(without), std::nullopt);
}

// An export of which the tree is not looked at.
class Reading {
 public:
  // An event, shown or not; a leaf of the directory.
  void Shown(const Event& event) { Add(*CommitEvent(event), true); }
  void Hidden() { Add(*CommitEvent(TestEvent()), false); }
  void Directory() { AddLeaf(EncodeLeaf(LeafClass::kDirectory, crypto::Sha256("object")), std::nullopt); }
  ExportReport Finish() { return verifier_.Finish(); }

 private:
  void Add(const CommittedEvent& event, bool shown) {
    const Bytes opening = event.opening.Encode();
    AddLeaf(event.leaf, shown ? std::optional<ByteView>(opening) : std::nullopt);
  }
  void AddLeaf(const Bytes& leaf, std::optional<ByteView> opening) {
    const Bytes hash = ToBytes(crypto::LeafHash(leaf));
    EXPECT_TRUE(verifier_.Add({next_++, leaf, hash, opening}));
  }
  ExportVerifier verifier_{{0, 1000, "no note"}, {}};
  uint64_t next_ = 0;
};

TEST(ExportVerifier, TellsErasedFromWithheld) {
  Reading reading;
  reading.Directory();
  for (int i = 0; i < 3; ++i) reading.Hidden();  // 1, 2, 3
  reading.Directory();
  reading.Hidden();  // 5
  reading.Shown(TestEvent());
  reading.Shown(ErasedEvent(SomeErasure(1, 3, 3), kErasedAt));
  reading.Hidden();
  const ExportReport report = reading.Finish();
  EXPECT_EQ(report.opened, 2u);
  EXPECT_EQ(report.erased, 3u);
  EXPECT_EQ(report.withheld, 2u);
  ASSERT_EQ(report.erasures.size(), 1u);
  EXPECT_EQ(report.erasures[0].index, 7u);
  EXPECT_EQ(report.erasures[0].erased, 3u);
}

TEST(ExportVerifier, AnErasureExplainsNoMoreThanItCounted) {
  Reading reading;
  for (int i = 0; i < 6; ++i) reading.Hidden();
  reading.Shown(ErasedEvent(SomeErasure(0, 5, 4), kErasedAt));
  const ExportReport report = reading.Finish();
  EXPECT_EQ(report.erased, 4u);
  EXPECT_EQ(report.withheld, 2u) << "an event of that month that was not among them";
}

TEST(ExportVerifier, AnErasureSpeaksOfWhatLiesBehindIt) {
  Reading reading;
  reading.Hidden();
  reading.Shown(ErasedEvent(SomeErasure(0, 2, 2), kErasedAt));
  reading.Hidden();
  const ExportReport report = reading.Finish();
  EXPECT_EQ(report.erased, 0u);
  EXPECT_EQ(report.withheld, 2u);
  EXPECT_TRUE(report.erasures.empty());
}

TEST(ExportVerifier, MonthsThatOverlapExplainAllOfThem) {
  Reading reading;
  for (int i = 0; i < 10; ++i) reading.Hidden();
  reading.Shown(ErasedEvent(SomeErasure(0, 5, 5), kErasedAt));    // 0 to 3 and 5
  reading.Shown(ErasedEvent(SomeErasure(4, 9, 5), kErasedAt));    // 4 and 6 to 9
  reading.Shown(ErasedEvent(SomeErasure(0, 10, 11), kErasedAt));  // of which nothing is left
  const ExportReport report = reading.Finish();
  EXPECT_EQ(report.erased, 10u);
  EXPECT_EQ(report.withheld, 0u);
  ASSERT_EQ(report.erasures.size(), 3u);
  EXPECT_EQ(report.erasures[1].erased, 5u);
  EXPECT_EQ(report.erasures[2].erased, 0u);
}

class LogKeysTest : public testing::Test {
 protected:
  // One event in the log, and its key.
  void SetUp() override {
    test_ = *TestLog::Open(directory_.path());
    Batch batch;
    ASSERT_TRUE(test_.StageEvent(TestEvent(), batch).ok());
    EXPECT_TRUE(test_.log->Keys().empty()) << "not yet committed";
    ASSERT_TRUE(test_.Commit(batch).ok());
  }
  TemporaryDirectory directory_;
  TestLog test_;
};

TEST_F(LogKeysTest, TakesNoteOfAKeyWithTheFirstLeafUnderIt) {
  const std::vector<KeyPeriod> keys = test_.log->Keys();
  ASSERT_EQ(keys.size(), 1u);
  EXPECT_EQ(keys[0].retention_class, kTestClass);
  EXPECT_EQ(keys[0].month, MonthOf(*TestEvent().Time()));
  EXPECT_EQ(keys[0].fingerprint, *test_.keys->Fingerprint(kTestClass, keys[0].month));
  EXPECT_EQ(keys[0].erased_by, std::nullopt);
  EXPECT_TRUE(test_.log->CheckKeys().ok());
  test_ = TestLog();
  test_ = *TestLog::Open(directory_.path());
  EXPECT_EQ(test_.log->Keys(), keys);
  EXPECT_TRUE(test_.log->UnknownKeys()->empty());
}

TEST_F(LogKeysTest, DestroysNoKeyThatNoLeafSpeaksOf) {
  KeyPeriod period = test_.log->Keys()[0];
  EXPECT_TRUE(absl::IsFailedPrecondition(test_.log->DestroyKey(period.retention_class, period.month)));
  period.erased_by = 7;
  test_.log->KnowKey(period);
  ASSERT_TRUE(test_.log->DestroyKey(period.retention_class, period.month).ok());
  EXPECT_TRUE(test_.log->CheckKeys().ok()) << "it may be gone";
  EXPECT_TRUE(absl::IsNotFound(test_.keys->Fingerprint(period.retention_class, period.month).status()));
  EXPECT_TRUE(test_.log->DestroyKey(period.retention_class, period.month).ok()) << "again is fine";
}

TEST_F(LogKeysTest, MakesNoKeyInThePlaceOfALostOne) {
  const KeyPeriod period = test_.log->Keys()[0];
  test_ = TestLog();
  std::filesystem::remove(absl::StrCat(directory_.path(), "/keys/", kTestClass, ".", period.month, ".key"));
  test_ = *TestLog::Open(directory_.path());
  EXPECT_TRUE(absl::IsDataLoss(test_.log->CheckKeys())) << test_.log->CheckKeys();
  Batch batch;
  EXPECT_TRUE(absl::IsDataLoss(test_.StageEvent(TestEvent(), batch).status()));
  test_.log->Abandon();
}

TEST_F(LogKeysTest, GivesTheRowsOfAnOpening) {
  const std::vector<Log::Row> rows = test_.log->RowsOfOpening(0);
  ASSERT_EQ(rows.size(), 1 + SearchTerms(TestEvent()).size());
  Batch batch;
  for (const Log::Row& row : rows) {
    EXPECT_TRUE(*test_.store->Contains(row.family, row.key));
    batch.Delete(row.family, row.key);
  }
  ASSERT_TRUE(test_.store->Commit(batch).ok());
  EXPECT_TRUE(absl::IsNotFound(test_.log->ReadOpening(0).status()));
  size_t visited = 0;
  EXPECT_EQ(
      *test_.log->VisitSealed(0, 10, [&](uint64_t, absl::string_view, uint32_t) { return ++visited > 0; }),
      std::nullopt);
  EXPECT_EQ(visited, 0u);
}

}  // namespace
}  // namespace seinpost::audit
