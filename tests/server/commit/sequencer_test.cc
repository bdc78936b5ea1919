// SPDX-License-Identifier: EUPL-1.2
// The commit thread by itself: a log takes part that belongs to no convenant.
#include "server/commit/sequencer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "crypto/hash.h"
#include "server/commit/over_quota.h"
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

// Notes that it was applied and that it was completed, and writes nothing.
class Note final : public server::Operation {
 public:
  struct Book {
    std::vector<std::string> applied;  // on the commit thread
    absl::Mutex mutex;
    std::map<std::string, absl::Status> completed ABSL_GUARDED_BY(mutex);
  };
  Note(Book& book, std::string name, size_t bytes = 0, bool urgent = false)
      : book_(book), name_(std::move(name)), bytes_(bytes), urgent_(urgent) {}
  size_t bytes() const override { return bytes_; }
  bool urgent() const override { return urgent_; }
  void Apply(server::Transaction&) override { book_.applied.push_back(name_); }
  void Complete(const absl::Status& commit) override {
    absl::MutexLock lock(&book_.mutex);
    book_.completed[name_] = commit;
  }

 private:
  Book& book_;
  const std::string name_;
  const size_t bytes_;
  const bool urgent_;
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

// A sequencer whose commit thread is held while `fill` enqueues; then everything is finished. Returns how
// each operation was completed, and in `book` the order in which they were applied.
std::map<std::string, absl::Status> Through(Store& store, const server::SequencerBounds& bounds,
                                            Note::Book& book,
                                            const std::function<void(server::Sequencer&)>& fill) {
  absl::Notification reached, go;
  server::Sequencer sequencer(
      store, {.synced = [](size_t) {}, .failed = [](const absl::Status&) {}, .after_batch = [] {}}, bounds);
  sequencer.Enqueue(std::make_unique<Gate>(reached, go));
  reached.WaitForNotification();
  fill(sequencer);
  go.Notify();
  sequencer.Stop();
  absl::MutexLock lock(&book.mutex);
  return book.completed;
}

TEST_F(SequencerTest, WhatIsUrgentGoesBeforeOthersThatWait) {
  Note::Book book;
  const auto completed = Through(*log_.store, {}, book, [&](server::Sequencer& sequencer) {
    for (const char* name : {"submit 1", "submit 2"}) sequencer.Enqueue(std::make_unique<Note>(book, name));
    for (const char* name : {"revocation 1", "revocation 2"})
      sequencer.Enqueue(std::make_unique<Note>(book, name, 0, /*urgent=*/true));
  });
  EXPECT_THAT(book.applied, ElementsAre("revocation 1", "revocation 2", "submit 1", "submit 2"));
  for (const auto& [name, status] : completed) EXPECT_TRUE(status.ok()) << name << ": " << status;
}

// What waits may fill its own lane, in operations or in bytes, and not that of revocations.
TEST_F(SequencerTest, MemberSubmitsNeitherGrowWithoutBoundNorHoldOffARevocation) {
  const server::SequencerBounds bounds{.ordinary = {100, 10'000}, .urgent = {2, 10'000}};
  for (const size_t bytes : {size_t{0}, size_t{1000}}) {
    Note::Book book;
    const auto completed = Through(*log_.store, bounds, book, [&](server::Sequencer& sequencer) {
      for (int i = 0; i < 200; ++i) {
        sequencer.Enqueue(std::make_unique<Note>(book, absl::StrCat("submit ", i), bytes));
      }
      for (int i = 0; i < 3; ++i) {
        sequencer.Enqueue(
            std::make_unique<Note>(book, absl::StrCat("revocation ", i), bytes, /*urgent=*/true));
      }
    });
    EXPECT_EQ(completed.size(), 203u);
    std::map<std::string, int> taken;
    for (const auto& [name, status] : completed) {
      if (status.ok()) ++taken[name.substr(0, name.find(' '))];
      if (status.ok()) continue;
      EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
      EXPECT_GT(server::RetryAfter(status), absl::ZeroDuration());
    }
    // The gate's own operation is on its way too, of 4096 bytes.
    EXPECT_EQ(taken["submit"], bytes == 0 ? 99 : 5);
    EXPECT_EQ(taken["revocation"], 2);
    ASSERT_FALSE(book.applied.empty());
    EXPECT_EQ(book.applied[0], "revocation 0");
  }
}

TEST_F(SequencerTest, HasRoomAgainForWhatWasCompleted) {
  const server::SequencerBounds bounds{.ordinary = {2, 10'000}, .urgent = {2, 10'000}};
  Note::Book book;
  server::Sequencer sequencer(
      *log_.store, {.synced = [](size_t) {}, .failed = [](const absl::Status&) {}, .after_batch = [] {}},
      bounds);
  for (int i = 0; i < 20; ++i) {
    // The room is given back just after the answer.
    absl::Status status = absl::ResourceExhaustedError("");
    for (int attempt = 0; attempt < 1'000'000 && absl::IsResourceExhausted(status); ++attempt) {
      const std::string name = absl::StrCat(i, "/", attempt);
      sequencer.Enqueue(std::make_unique<Note>(book, name, 9'000));
      const auto done = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(book.mutex) {
        return book.completed.contains(name);
      };
      absl::MutexLock lock(&book.mutex);
      book.mutex.Await(absl::Condition(&done));
      status = book.completed[name];
    }
    ASSERT_TRUE(status.ok()) << status;
  }
  sequencer.Stop();
}

}  // namespace
}  // namespace seinpost::test
