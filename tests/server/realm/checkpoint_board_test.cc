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
  void WaitFor(uint64_t size, const absl::Status& refusal = absl::OkStatus()) {
    board_.WhenCovered(size, refusal, [this](const absl::StatusOr<CheckpointBoard::Published>& published) {
      if (published.ok()) {
        told_.push_back((*published)->checkpoint.size);
      } else {
        refused_.push_back(published.status());
      }
    });
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

}  // namespace
}  // namespace seinpost::server
