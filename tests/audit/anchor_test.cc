// SPDX-License-Identifier: EUPL-1.2
#include "audit/anchor.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/audit/log_testing.h"

namespace seinpost::audit {
namespace {

class AnchorTest : public testing::Test {
 protected:
  std::string path() const { return directory_.path() + "/anchor"; }
  std::unique_ptr<Anchor> OpenAnchor() const {
    absl::StatusOr<std::unique_ptr<Anchor>> anchor = Anchor::Open(path(), {log_key_.key});
    EXPECT_TRUE(anchor.ok()) << anchor.status();
    return anchor.ok() ? *std::move(anchor) : nullptr;
  }
  Bytes Note(uint64_t size, absl::string_view root, uint64_t seq = 1, int64_t seconds = 1795000000) const {
    return SignCheckpoint({.origin = kTestOrigin,
                           .size = size,
                           .root = crypto::Sha256(root),
                           .directory = DirectoryHead{seq, Digest{}},
                           .time = absl::FromUnixSeconds(seconds)},
                          key_);
  }

  TemporaryDirectory directory_;
  const crypto::SigningKey key_ = TestKey('k');
  const VerifierKey log_key_ = LogKey(kTestOrigin, key_.public_key());
};

TEST_F(AnchorTest, KeepsTheLastCheckpoint) {
  {
    const auto anchor = OpenAnchor();
    EXPECT_FALSE(anchor->checkpoint().has_value());
    ASSERT_TRUE(anchor->Advance(Note(5, "five"), log_key_).ok());
    ASSERT_TRUE(anchor->Advance(Note(9, "nine"), log_key_).ok());
  }
  const auto anchor = OpenAnchor();
  EXPECT_EQ(anchor->checkpoint()->size, 9u);
  EXPECT_EQ(anchor->note(), Note(9, "nine"));
}

TEST_F(AnchorTest, OnlyGoesForward) {
  const auto anchor = OpenAnchor();
  ASSERT_TRUE(anchor->Advance(Note(9, "nine", 4), log_key_).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(anchor->Advance(Note(8, "eight", 4), log_key_)));
  EXPECT_TRUE(absl::IsFailedPrecondition(anchor->Advance(Note(10, "ten", 3), log_key_)));
  EXPECT_TRUE(absl::IsFailedPrecondition(anchor->Advance(Note(9, "other", 4), log_key_)));
  EXPECT_TRUE(anchor->Advance(Note(9, "nine", 4, 1795000300), log_key_).ok()) << "an idle log signs anew";
  EXPECT_EQ(anchor->note(), Note(9, "nine", 4, 1795000300));
}

TEST_F(AnchorTest, RefusesForeignCheckpoints) {
  const auto anchor = OpenAnchor();
  Bytes damaged = Note(9, "nine");
  damaged.replace(damaged.find("\n9\n"), 3, "\n8\n");
  EXPECT_TRUE(absl::IsPermissionDenied(anchor->Advance(damaged, log_key_)));
  EXPECT_TRUE(absl::IsInvalidArgument(anchor->Advance("nothing", log_key_)));
  EXPECT_FALSE(anchor->checkpoint().has_value());
}

TEST_F(AnchorTest, NoticesAnotherWriter) {
  const auto anchor = OpenAnchor();
  ASSERT_TRUE(anchor->Advance(Note(5, "five"), log_key_).ok());
  ASSERT_TRUE(WriteFileAtomically(path(), Note(4, "four")).ok());
  EXPECT_TRUE(absl::IsAborted(anchor->Advance(Note(6, "six"), log_key_)));
}

TEST_F(AnchorTest, IsHeldByOne) {
  const auto anchor = OpenAnchor();
  EXPECT_TRUE(absl::IsUnavailable(Anchor::Open(path(), {log_key_.key}).status()));
}

TEST_F(AnchorTest, DamagedFileIsDataLoss) {
  for (const Bytes& content : {Bytes(), Bytes("x"), Note(5, "five").substr(0, 90)}) {
    ASSERT_TRUE(WriteFileAtomically(path(), content).ok());
    EXPECT_TRUE(absl::IsDataLoss(Anchor::Open(path(), {log_key_.key}).status()));
  }
}

TEST_F(AnchorTest, GoesOnUnderAnotherKeyAndReadsBackUnderAnyItIsGiven) {
  const crypto::SigningKey next = TestKey('n');
  const VerifierKey next_key = LogKey(kTestOrigin, next.public_key());
  Checkpoint checkpoint{.origin = kTestOrigin,
                        .size = 9,
                        .root = crypto::Sha256("nine"),
                        .directory = DirectoryHead{2, Digest{}},
                        .time = absl::FromUnixSeconds(1795000000)};
  {
    const auto anchor = OpenAnchor();
    EXPECT_EQ(anchor->signer(), std::nullopt);
    ASSERT_TRUE(anchor->Advance(Note(5, "five"), log_key_).ok());
    EXPECT_EQ(anchor->signer(), log_key_.key);
    ASSERT_TRUE(anchor->Advance(SignCheckpoint(checkpoint, next), next_key).ok());
    EXPECT_EQ(anchor->signer(), next_key.key);
  }
  EXPECT_TRUE(absl::IsDataLoss(Anchor::Open(path(), {log_key_.key}).status()));
  EXPECT_TRUE(absl::IsDataLoss(Anchor::Open(path(), {}).status()));
  const auto anchor = Anchor::Open(path(), {log_key_.key, next_key.key});
  ASSERT_TRUE(anchor.ok()) << anchor.status();
  EXPECT_EQ((*anchor)->signer(), next_key.key);
}

TEST_F(AnchorTest, StartsAnewOnlyUnderAnotherOrigin) {
  const std::string origin = absl::StrCat(kTestOrigin, "/2");
  const VerifierKey epoch_key = LogKey(origin, key_.public_key());
  const Bytes smaller = SignCheckpoint({.origin = origin,
                                        .size = 4,
                                        .root = crypto::Sha256("four"),
                                        .directory = DirectoryHead{1, Digest{}},
                                        .time = absl::FromUnixSeconds(1795000000)},
                                       key_);
  const auto anchor = OpenAnchor();
  EXPECT_TRUE(absl::IsFailedPrecondition(anchor->BeginEpoch(smaller, epoch_key))) << "nothing to give up";
  ASSERT_TRUE(anchor->Advance(Note(5, "five"), log_key_).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(anchor->Advance(smaller, epoch_key)));
  EXPECT_TRUE(absl::IsFailedPrecondition(anchor->BeginEpoch(Note(4, "four"), log_key_)));
  ASSERT_TRUE(anchor->BeginEpoch(smaller, epoch_key).ok());
  EXPECT_EQ(anchor->note(), smaller);
  EXPECT_TRUE(absl::IsFailedPrecondition(anchor->Advance(Note(6, "six"), log_key_)))
      << "there is no way back";
}

class StartCheckTest : public AnchorTest {
 protected:
  void Append(TestLog& test, uint64_t first, uint64_t limit) {
    Batch batch;
    for (uint64_t i = first; i < limit; ++i) {
      const Bytes leaf = NumberedLeaf(i);
      ASSERT_TRUE(test.log->Stage({.leaf = leaf}, batch).ok());
    }
    ASSERT_TRUE(test.Commit(batch).ok());
  }
  Bytes NoteOf(const TestLog& test) const {
    return SignCheckpoint(
        test.log->CheckpointOf(test.log->head(), DirectoryHead{}, absl::FromUnixSeconds(1795000000)), key_);
  }
};

TEST_F(StartCheckTest, AcceptsALogThatWentOn) {
  TestLog test = TestLog::Open(directory_.path()).value();
  const auto anchor = OpenAnchor();
  EXPECT_TRUE(CheckAgainstAnchor(*test.log, *anchor).ok()) << "no anchor yet";
  Append(test, 0, 7);
  ASSERT_TRUE(anchor->Advance(NoteOf(test), log_key_).ok());
  EXPECT_TRUE(CheckAgainstAnchor(*test.log, *anchor).ok());
  Append(test, 7, 300);
  EXPECT_TRUE(CheckAgainstAnchor(*test.log, *anchor).ok());
}

TEST_F(StartCheckTest, RefusesALogThatLostItsTail) {
  TestLog test = TestLog::Open(directory_.path()).value();
  Append(test, 0, 7);
  const auto anchor = OpenAnchor();
  ASSERT_TRUE(anchor->Advance(NoteOf(test), log_key_).ok());
  const TemporaryDirectory backup;
  TestLog restored = TestLog::Open(backup.path()).value();
  Append(restored, 0, 6);
  const absl::Status status = CheckAgainstAnchor(*restored.log, *anchor);
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_TRUE(absl::StrContains(status.message(), "has 6 leaves, a checkpoint over 7")) << status;
}

TEST_F(StartCheckTest, RefusesALogWithOtherLeaves) {
  TestLog test = TestLog::Open(directory_.path()).value();
  Append(test, 0, 7);
  const auto anchor = OpenAnchor();
  ASSERT_TRUE(anchor->Advance(NoteOf(test), log_key_).ok());
  const TemporaryDirectory elsewhere;
  TestLog other = TestLog::Open(elsewhere.path()).value();
  Append(other, 100, 120);
  EXPECT_TRUE(absl::IsDataLoss(CheckAgainstAnchor(*other.log, *anchor)));
}

}  // namespace
}  // namespace seinpost::audit
