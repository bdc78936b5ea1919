// SPDX-License-Identifier: EUPL-1.2
// The commit thread by itself: a log takes part that belongs to no convenant.
#include "server/commit/sequencer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/synchronization/notification.h"
#include "crypto/hash.h"
#include "tests/audit/log_testing.h"
#include "tests/server/operations.h"

namespace seinpost::test {
namespace {

using testing::ElementsAre;

class LogAlone final : public server::Participant {
 public:
  explicit LogAlone(audit::Log& log) : log_(log) {}
  audit::Log& sequenced_log() override { return log_; }
  void Committed() override {
    log_.Committed();
    ++committed;
  }
  void Abandon() override {
    log_.Abandon();
    ++abandoned;
  }
  int committed = 0;
  int abandoned = 0;

 private:
  audit::Log& log_;
};

// Adds a leaf, then has the whole batch fail if `fault` is an error.
class AddLeaf final : public server::Operation {
 public:
  AddLeaf(LogAlone& log, absl::Status fault, absl::Notification& done, absl::Status& result)
      : log_(log), fault_(std::move(fault)), done_(done), result_(result) {}
  void Apply(server::Transaction& transaction) override {
    transaction.StageDirectoryLeaf(log_, crypto::Sha256("leaf"));
    if (!fault_.ok()) transaction.Fail(fault_);
  }
  void Complete(const absl::Status& commit) override {
    result_ = commit;
    done_.Notify();
  }

 private:
  LogAlone& log_;
  const absl::Status fault_;
  absl::Notification& done_;
  absl::Status& result_;
};

class SequencerTest : public testing::Test {
 protected:
  SequencerTest() {
    StoreOptions options;
    options.file_system = MakeInMemoryFileSystem();
    log_ = audit::TestLog::Open(directory_.path(), options).value();
    alone_ = std::make_unique<LogAlone>(*log_.log);
    sequencer_ = std::make_unique<server::Sequencer>(
        *log_.store,
        server::SequencerHooks{.synced = [this](size_t operations) { synced_.push_back(operations); },
                               .failed = [this](const absl::Status& status) { failed_.push_back(status); },
                               .after_batch = [this] { ++batches_; }});
  }

  // One batch of as many leaves as `faults`.
  std::vector<absl::Status> AddInOneBatch(const std::vector<absl::Status>& faults) {
    absl::Notification reached, go;
    sequencer_->Enqueue(std::make_unique<Gate>(reached, go));
    reached.WaitForNotification();
    std::vector<absl::Notification> done(faults.size());
    std::vector<absl::Status> results(faults.size());
    for (size_t i = 0; i < faults.size(); ++i) {
      sequencer_->Enqueue(std::make_unique<AddLeaf>(*alone_, faults[i], done[i], results[i]));
    }
    go.Notify();
    for (absl::Notification& one : done) one.WaitForNotification();
    return results;
  }

  audit::TemporaryDirectory directory_;
  audit::TestLog log_;
  std::unique_ptr<LogAlone> alone_;
  std::vector<size_t> synced_;
  std::vector<absl::Status> failed_;
  int batches_ = 0;
  std::unique_ptr<server::Sequencer> sequencer_;
};

TEST_F(SequencerTest, CommitsTheLeavesOfManyInOneSync) {
  const std::vector<absl::Status> results = AddInOneBatch({absl::OkStatus(), absl::OkStatus()});
  sequencer_->Stop();
  for (const absl::Status& result : results) EXPECT_TRUE(result.ok()) << result;
  EXPECT_EQ(log_.log->head().size, 2u);
  EXPECT_THAT(synced_, ElementsAre(2u)) << "nothing is synced for a batch that writes nothing";
  EXPECT_EQ(alone_->committed, 1) << "told once, however many leaves";
  EXPECT_EQ(alone_->abandoned, 0);
  EXPECT_EQ(batches_, 2);
}

TEST_F(SequencerTest, DropsABatchWholeAndSaysWhy) {
  const std::vector<absl::Status> results = AddInOneBatch({absl::OkStatus(), absl::DataLossError("a row")});
  for (const absl::Status& result : results) {
    EXPECT_EQ(result.code(), absl::StatusCode::kUnavailable) << result;
    EXPECT_THAT(std::string(result.message()), testing::Not(testing::HasSubstr("a row")));
  }
  EXPECT_EQ(log_.log->head().size, 0u);
  EXPECT_TRUE(sequencer_->Healthy().ok()) << "the disk is not to blame";
  EXPECT_TRUE(AddInOneBatch({absl::OkStatus()})[0].ok());
  sequencer_->Stop();
  EXPECT_THAT(failed_, ElementsAre(absl::DataLossError("a row")));
  EXPECT_EQ(log_.log->head().size, 1u);
  EXPECT_EQ(alone_->committed, 1);
  EXPECT_EQ(alone_->abandoned, 1);
}

}  // namespace
}  // namespace seinpost::test
