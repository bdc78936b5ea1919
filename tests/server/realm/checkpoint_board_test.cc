// SPDX-License-Identifier: EUPL-1.2
#include "server/realm/checkpoint_board.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace seinpost::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

PublishedCheckpoint Of(uint64_t size) {
  PublishedCheckpoint published;
  published.note = absl::StrCat("note of ", size);
  published.checkpoint.size = size;
  return published;
}

class CheckpointBoardTest : public testing::Test {
 protected:
  void WaitFor(uint64_t size, const absl::Status& refusal = absl::OkStatus(),
               CheckpointBoard::InVain in_vain = CheckpointBoard::InVain::kError) {
    board_.WhenCovered(
        size, refusal,
        [this](const absl::StatusOr<CheckpointBoard::Published>& published) {
          if (published.ok()) {
            told_.push_back((*published)->checkpoint.size);
          } else {
            refused_.push_back(published.status());
          }
        },
        in_vain);
  }
  CheckpointBoard board_;
  std::vector<uint64_t> told_;
  std::vector<absl::Status> refused_;
};

TEST_F(CheckpointBoardTest, TellsEachAsSoonAsHisLeavesAreCovered) {
  EXPECT_EQ(board_.newest(), nullptr);
  WaitFor(2);
  WaitFor(5);
  board_.Put(Of(3));
  EXPECT_THAT(told_, ElementsAre(3u));
  WaitFor(3);
  EXPECT_THAT(told_, ElementsAre(3u, 3u)) << "at once";
  board_.Put(Of(7));
  EXPECT_THAT(told_, ElementsAre(3u, 3u, 7u));
  EXPECT_EQ(board_.newest()->checkpoint.size, 7u);
  EXPECT_EQ(board_.Recall("note of 3")->size, 3u);
  EXPECT_FALSE(board_.Recall("note of 4"));
}

TEST_F(CheckpointBoardTest, RefusesOnlyWhatIsNotCovered) {
  const absl::Status read_only = absl::UnavailableError("read-only");
  const absl::Status ended = absl::UnavailableError("shutting down");
  board_.Put(Of(3));
  WaitFor(3, read_only);
  EXPECT_THAT(refused_, IsEmpty());
  WaitFor(4, read_only);
  EXPECT_THAT(refused_, ElementsAre(read_only));
  WaitFor(5);
  board_.EndWaits(ended);
  WaitFor(6);
  WaitFor(2);
  EXPECT_THAT(refused_, ElementsAre(read_only, ended, ended));
  EXPECT_THAT(told_, ElementsAre(3u, 3u));
}

TEST_F(CheckpointBoardTest, WhoWaitsInVainGetsTheNewestIfThatIsWhatHeWants) {
  const absl::Status read_only = absl::UnavailableError("read-only");
  const auto newest = CheckpointBoard::InVain::kNewest;
  WaitFor(1, read_only, newest);
  EXPECT_THAT(refused_, ElementsAre(read_only)) << "there is none";
  board_.Put(Of(3));
  WaitFor(4, read_only, newest);
  EXPECT_THAT(told_, ElementsAre(3u));
  WaitFor(5, absl::OkStatus(), newest);
  WaitFor(6);
  EXPECT_THAT(told_, ElementsAre(3u)) << "they wait";
  board_.GiveUp(read_only);
  EXPECT_THAT(told_, ElementsAre(3u, 3u));
  EXPECT_THAT(refused_, ElementsAre(read_only, read_only));
  WaitFor(7);
  board_.Put(Of(7));
  EXPECT_THAT(told_, ElementsAre(3u, 3u, 7u)) << "later ones wait again";
}

TEST_F(CheckpointBoardTest, WhatIsOnlyShownIsNotRecalled) {
  board_.Show(Of(3));
  WaitFor(2);
  EXPECT_THAT(told_, ElementsAre(3u));
  EXPECT_FALSE(board_.Recall("note of 3"));
}

}  // namespace
}  // namespace seinpost::server
