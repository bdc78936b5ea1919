// SPDX-License-Identifier: EUPL-1.2
#include "audit/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "audit/receipt.h"
#include "audit/rows.h"
#include "crypto/merkle.h"
#include "tests/audit/log_testing.h"

namespace seinpost::audit {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class LogTest : public testing::Test {
 protected:
  LogTest() { options_.file_system = MakeInMemoryFileSystem(); }

  TestLog Open() {
    absl::StatusOr<TestLog> test = TestLog::Open(directory_.path(), options_);
    EXPECT_TRUE(test.ok()) << test.status();
    return *std::move(test);
  }
  absl::Status OpenStatus() { return TestLog::Open(directory_.path(), options_).status(); }

  // Appends leaves number `first` up to `limit`, `per_batch` at a time.
  static void Append(TestLog& test, uint64_t first, uint64_t limit, uint64_t per_batch) {
    for (uint64_t next = first; next < limit;) {
      Batch batch;
      for (uint64_t i = 0; i < per_batch && next < limit; ++i, ++next) {
        const Bytes leaf = NumberedLeaf(next);
        ASSERT_EQ(test.log->Stage({.leaf = leaf}, batch).value(), next);
      }
      ASSERT_TRUE(test.Commit(batch).ok());
    }
  }

  TemporaryDirectory directory_;
  StoreOptions options_;
};

std::vector<Bytes> NumberedLeaves(uint64_t count) {
  std::vector<Bytes> leaves;
  for (uint64_t i = 0; i < count; ++i) leaves.push_back(NumberedLeaf(i));
  return leaves;
}

TEST_F(LogTest, EmptyLogHasTheEmptyRoot) {
  const TestLog test = Open();
  EXPECT_EQ(test.log->head(), (LogHead{0, crypto::Sha256("")}));
  EXPECT_TRUE(absl::IsOutOfRange(test.log->ReadLeaf(0).status()));
  EXPECT_EQ(test.log->RootAt(0).value(), crypto::Sha256(""));
}

// Compared with the slow tree, and opened anew every few leaves.
TEST_F(LogTest, AgreesWithTheReferenceAtEverySize) {
  constexpr uint64_t kSize = 600;
  const std::vector<Bytes> leaves = NumberedLeaves(kSize);
  TestLog test = Open();
  for (uint64_t size = 1; size <= kSize; ++size) {
    if (size % 23 == 0) {
      test = TestLog();
      test = Open();
    }
    Append(test, size - 1, size, 1);
    const Digest root = ReferenceRoot(std::span(leaves).first(size));
    ASSERT_EQ(test.log->head(), (LogHead{size, root}));
    for (uint64_t index = size % 7; index < size; index += 31) {
      const std::vector<Digest> proof = test.log->ProveInclusion(index, size).value();
      ASSERT_TRUE(crypto::VerifyInclusion(index, size, crypto::LeafHash(leaves[index]), proof, root).ok());
      const std::vector<Digest> consistency = test.log->ProveConsistency(index + 1, size).value();
      const Digest old = test.log->RootAt(index + 1).value();
      ASSERT_EQ(old, ReferenceRoot(std::span(leaves).first(index + 1)));
      ASSERT_TRUE(crypto::VerifyConsistency(index + 1, size, old, root, consistency).ok());
    }
  }
}

// Past a full tile of level 1, which holds 65,536 leaves.
TEST_F(LogTest, FillsTilesOfHigherLevels) {
  constexpr uint64_t kSize = 65536 + 256 * 3 + 5;
  RightEdge edge;
  for (uint64_t i = 0; i < kSize; ++i) edge.Append(crypto::LeafHash(NumberedLeaf(i)));
  {
    TestLog test = Open();
    Append(test, 0, 65000, 5000);
  }
  TestLog test = Open();
  Append(test, 65000, kSize, 4000);
  EXPECT_EQ(test.log->head(), (LogHead{kSize, edge.Root()}));
  uint64_t tiles = 0;
  ASSERT_TRUE(test.store
                  ->Scan(Family::kAuditTile, "", "",
                         [&](ByteView, ByteView value) {
                           EXPECT_EQ(value.size(), 256 * 32u);
                           ++tiles;
                           return true;
                         })
                  .ok());
  EXPECT_EQ(tiles, 256 + 3 + 1u);
  uint64_t head_rows = 0;
  ASSERT_TRUE(
      test.store->Scan(Family::kAuditHead, "", "", [&](ByteView, ByteView) { return ++head_rows > 0; }).ok());
  EXPECT_EQ(head_rows, 1 + 3 + 1u) << "head, three hashes of level 1, one of level 2";

  const TestLog again = [&] {
    test = TestLog();
    return Open();
  }();
  EXPECT_EQ(again.log->head(), (LogHead{kSize, edge.Root()}));
  for (uint64_t index :
       {uint64_t{0}, uint64_t{255}, uint64_t{256}, uint64_t{65535}, uint64_t{65536}, kSize - 1}) {
    const std::vector<Digest> proof = again.log->ProveInclusion(index, kSize).value();
    EXPECT_TRUE(
        crypto::VerifyInclusion(index, kSize, crypto::LeafHash(NumberedLeaf(index)), proof, edge.Root())
            .ok());
    const std::vector<Digest> consistency = again.log->ProveConsistency(index + 1, kSize).value();
    EXPECT_TRUE(crypto::VerifyConsistency(index + 1, kSize, again.log->RootAt(index + 1).value(), edge.Root(),
                                          consistency)
                    .ok());
  }
}

TEST_F(LogTest, StagedLeavesAreInvisibleUntilCommitted) {
  TestLog test = Open();
  Append(test, 0, 300, 100);
  const LogHead before = test.log->head();
  Batch batch;
  const Bytes leaf = NumberedLeaf(300);
  ASSERT_EQ(test.log->Stage({.leaf = leaf}, batch).value(), 300u);
  const LogHead staged = test.log->StageHead(batch);
  EXPECT_EQ(staged.size, 301u);
  EXPECT_EQ(test.log->head(), before);
  EXPECT_TRUE(absl::IsOutOfRange(test.log->ReadLeaf(300).status()));
  EXPECT_TRUE(absl::IsOutOfRange(test.log->ProveInclusion(300, 301).status()));
  ASSERT_TRUE(test.store->Commit(batch).ok());
  test.log->Committed();
  EXPECT_EQ(test.log->head(), staged);
  EXPECT_EQ(test.log->ReadLeaf(300).value(), leaf);
}

TEST_F(LogTest, AbandonedLeavesLeaveNoTrace) {
  const std::vector<Bytes> leaves = NumberedLeaves(520);
  TestLog test = Open();
  Append(test, 0, 250, 250);
  {
    Batch dropped;  // Completes a tile.
    for (int i = 0; i < 20; ++i) {
      const Bytes leaf = NumberedLeaf(9000 + static_cast<uint64_t>(i));
      ASSERT_TRUE(test.log->Stage({.leaf = leaf}, dropped).ok());
    }
    test.log->StageHead(dropped);
    test.log->Abandon();
  }
  Append(test, 250, 520, 30);
  EXPECT_EQ(test.log->head(), (LogHead{520, ReferenceRoot(leaves)}));
  test = TestLog();
  EXPECT_EQ(Open().log->head(), (LogHead{520, ReferenceRoot(leaves)}));
}

TEST_F(LogTest, EventsOpenAgain) {
  TestLog test = Open();
  Batch batch;
  ASSERT_EQ(test.StageEvent(TestEvent(), batch).value(), 0u);
  ASSERT_EQ(test.StageEvent(TestEvent(), batch).value(), 1u);
  const Bytes leaf = NumberedLeaf(2);
  ASSERT_TRUE(test.log->Stage({.leaf = leaf}, batch).ok());
  ASSERT_TRUE(test.Commit(batch).ok());
  EXPECT_EQ(test.log->ReadOpening(1)->event(), TestEvent());
  EXPECT_TRUE(absl::IsNotFound(test.log->ReadOpening(2).status())) << "a directory leaf has none";
  EXPECT_TRUE(absl::IsOutOfRange(test.log->ReadOpening(3).status()));
  test = TestLog();
  EXPECT_EQ(Open().log->ReadOpening(0)->event(), TestEvent()) << "the keys are on disk";
}

TEST_F(LogTest, DestroyedKeysLeaveALogThatVerifies) {
  TestLog test = Open();
  Batch batch;
  ASSERT_TRUE(test.StageEvent(TestEvent(), batch).ok());
  ASSERT_TRUE(test.Commit(batch).ok());
  ASSERT_TRUE(test.keys->Destroy(kTestClass, MonthOf(*TestEvent().Time())).ok());
  EXPECT_TRUE(absl::IsNotFound(test.log->ReadOpening(0).status()));
  EXPECT_EQ(test.log->RootAt(1).value(), crypto::LeafHash(test.log->ReadLeaf(0).value()));
  Batch late;
  EXPECT_TRUE(absl::IsFailedPrecondition(test.StageEvent(TestEvent(), late).status()));
  EXPECT_TRUE(late.empty()) << "nothing is staged when the payload cannot be sealed";
  test = TestLog();
  EXPECT_TRUE(absl::IsNotFound(Open().log->ReadOpening(0).status()));
}

TEST_F(LogTest, NothingOfAnEventIsReadableInTheDatabase) {
  TestLog test = Open();
  Batch batch;
  ASSERT_TRUE(test.StageEvent(TestEvent(), batch).ok());
  test.log->StageHead(batch);
  for (const Batch::Operation& operation : batch.operations()) {
    for (const char* told :
         {"care-coordinator", "plaats", "prevention", "mmmmmmmm", "c-7f3a", "LEVEL_EXCEEDED"}) {
      EXPECT_EQ(operation.key.find(told), Bytes::npos) << told;
      EXPECT_EQ(operation.value.find(told), Bytes::npos) << told;
    }
  }
  test.log->Abandon();
}

TEST_F(LogTest, FindsByCaseMemberAndObject) {
  TestLog test = Open();
  for (int i = 0; i < 6; ++i) {
    Event event = TestEvent();
    event.SetText(Tag::kCaseRef, i % 2 == 0 ? "even" : "odd")
        .SetText(Tag::kObject, absl::StrCat("signal ", i));
    Batch batch;
    ASSERT_TRUE(test.StageEvent(event, batch).ok());
    ASSERT_TRUE(test.Commit(batch).ok());
  }
  EXPECT_THAT(test.log->Find({Tag::kCaseRef, "even"}, 0, 100).value(), ElementsAre(0, 2, 4));
  EXPECT_THAT(test.log->Find({Tag::kCaseRef, "even"}, 1, 100).value(), ElementsAre(2, 4));
  EXPECT_THAT(test.log->Find({Tag::kCaseRef, "even"}, 0, 2).value(), ElementsAre(0, 2));
  EXPECT_THAT(test.log->Find({Tag::kObject, "signal 3"}, 0, 100).value(), ElementsAre(3));
  EXPECT_THAT(test.log->Find({Tag::kActorMember, Bytes(16, 'q')}, 4, 100).value(), ElementsAre(4, 5))
      << "a recipient";
  EXPECT_THAT(test.log->Find({Tag::kObject, "even"}, 0, 100).value(), IsEmpty());
  Batch removal;
  test.index->Remove({Tag::kCaseRef, "even"}, 2, removal);
  ASSERT_TRUE(test.store->Commit(removal).ok());
  EXPECT_THAT(test.log->Find({Tag::kCaseRef, "even"}, 0, 100).value(), ElementsAre(0, 4));
}

TEST_F(LogTest, ReadsLeavesInOrder) {
  TestLog test = Open();
  Append(test, 0, 20, 7);
  std::vector<uint64_t> seen;
  ASSERT_TRUE(test.log
                  ->ReadLeaves(3, 9,
                               [&](uint64_t index, ByteView leaf) {
                                 EXPECT_EQ(leaf, NumberedLeaf(index));
                                 seen.push_back(index);
                                 return index < 6;
                               })
                  .ok());
  EXPECT_THAT(seen, ElementsAre(3, 4, 5, 6));
  const auto nothing = [](uint64_t, ByteView) { return true; };
  EXPECT_TRUE(absl::IsOutOfRange(test.log->ReadLeaves(3, 21, nothing)));
  EXPECT_TRUE(absl::IsOutOfRange(test.log->ReadLeaves(4, 3, nothing)));
}

TEST_F(LogTest, LogsInOneStoreAreApart) {
  TestLog test = Open();
  Append(test, 0, 10, 10);
  const auto other = Log::Open(*test.store, "seinpost.example/ede", *test.keys, *test.index).value();
  EXPECT_EQ(other->head().size, 0u);
}

TEST_F(LogTest, RefusesWhatIsNoLeaf) {
  TestLog test = Open();
  Batch batch;
  const Bytes directory_leaf = NumberedLeaf(0);
  const Bytes event_leaf = EncodeLeaf(LeafClass::kEvent, Digest{});
  for (const NewLeaf& leaf :
       {NewLeaf{.leaf = "x"}, NewLeaf{.leaf = event_leaf},
        NewLeaf{.leaf = directory_leaf, .opening = "opening", .retention_class = kTestClass}}) {
    EXPECT_TRUE(absl::IsInvalidArgument(test.log->Stage(leaf, batch).status()));
  }
  EXPECT_TRUE(batch.empty());
  EXPECT_TRUE(absl::IsInvalidArgument(Log::Open(*test.store, "two words", *test.keys, *test.index).status()));
}

struct Damage {
  std::string name;
  Family family;
  uint64_t row;  // counted from the first of the family
  bool remove;   // or flip a bit of the value
};
class DamagedLogTest : public LogTest, public testing::WithParamInterface<Damage> {};

TEST_P(DamagedLogTest, IsDataLoss) {
  {
    TestLog test = Open();
    Append(test, 0, 256 + 20, 50);
    uint64_t row = 0;
    Batch batch;
    ASSERT_TRUE(test.store
                    ->Scan(GetParam().family, "", "",
                           [&](ByteView key, ByteView value) {
                             if (row++ != GetParam().row) return true;
                             Bytes damaged(value);
                             damaged.back() = static_cast<char>(damaged.back() ^ 1);
                             if (GetParam().remove) {
                               batch.Delete(GetParam().family, key);
                             } else {
                               batch.Put(GetParam().family, key, damaged);
                             }
                             return false;
                           })
                    .ok());
    ASSERT_EQ(batch.size(), 1u);
    ASSERT_TRUE(test.store->Commit(batch).ok());
  }
  EXPECT_TRUE(absl::IsDataLoss(OpenStatus())) << OpenStatus();
}

INSTANTIATE_TEST_SUITE_P(All, DamagedLogTest,
                         testing::Values(Damage{"LeafAltered", Family::kAuditEntry, 260, false},
                                         Damage{"LeafLost", Family::kAuditEntry, 260, true},
                                         Damage{"LastLeafLost", Family::kAuditEntry, 275, true},
                                         Damage{"HeadAltered", Family::kAuditHead, 0, false},
                                         Damage{"HeadLost", Family::kAuditHead, 0, true},
                                         Damage{"TileHashAltered", Family::kAuditHead, 1, false},
                                         Damage{"TileHashLost", Family::kAuditHead, 1, true}),
                         [](const auto& test) { return test.param.name; });

TEST_F(LogTest, LostTileAndPayloadAreDataLossWhenRead) {
  TestLog test = Open();
  Append(test, 0, 300, 50);
  Batch event;
  ASSERT_TRUE(test.StageEvent(TestEvent(), event).ok());
  ASSERT_TRUE(test.Commit(event).ok());
  Batch batch;
  batch.Delete(Family::kAuditTile, TileKey(LogPrefix(kTestOrigin), 0, 0));
  const Bytes payload_key = LeafKey(LogPrefix(kTestOrigin), 300);
  Bytes payload = test.store->Get(Family::kAuditPayload, payload_key).value();
  payload.back() = static_cast<char>(payload.back() ^ 1);
  batch.Put(Family::kAuditPayload, payload_key, payload);
  ASSERT_TRUE(test.store->Commit(batch).ok());
  EXPECT_TRUE(absl::IsDataLoss(test.log->ProveInclusion(3, 300).status()));
  EXPECT_TRUE(absl::IsDataLoss(test.log->ReadOpening(300).status()));
}

TEST_F(LogTest, ReadersRunBesideTheSequencer) {
  TestLog test = Open();
  Append(test, 0, 10, 10);
  std::atomic<bool> stop{false};
  std::thread reader([&] {
    while (!stop.load()) {
      const LogHead head = test.log->head();
      const uint64_t index = head.size - 1;
      const absl::StatusOr<std::vector<Digest>> proof = test.log->ProveInclusion(index, head.size);
      ASSERT_TRUE(proof.ok()) << proof.status();
      const Digest leaf_hash = crypto::LeafHash(test.log->ReadLeaf(index).value());
      ASSERT_TRUE(crypto::VerifyInclusion(index, head.size, leaf_hash, *proof, head.root).ok());
    }
  });
  Append(test, 10, 800, 9);
  stop.store(true);
  reader.join();
}

}  // namespace
}  // namespace seinpost::audit
