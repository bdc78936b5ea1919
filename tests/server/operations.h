// SPDX-License-Identifier: EUPL-1.2
// Operations that tests hand to the sequencer themselves, and a hold on workers, to have things happen in one
// order or one batch.
#ifndef SEINPOST_TESTS_SERVER_OPERATIONS_H_
#define SEINPOST_TESTS_SERVER_OPERATIONS_H_

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "server/commit/sequencer.h"
#include "server/realm/realm.h"
#include "server/rows/records.h"

namespace seinpost::test {

// Holds the commit thread from `reached` to `go`: what is queued meanwhile becomes one batch.
class Gate final : public server::Operation {
 public:
  Gate(absl::Notification& reached, absl::Notification& go) : reached_(reached), go_(go) {}
  void Apply(server::Transaction&) override {
    reached_.Notify();
    go_.WaitForNotification();
  }
  void Complete(const absl::Status&) override {}

 private:
  absl::Notification& reached_;
  absl::Notification& go_;
};

// Tells when everything that was queued before it is committed.
class Mark final : public server::Operation {
 public:
  explicit Mark(absl::Notification& committed) : committed_(committed) {}
  void Apply(server::Transaction&) override {}
  void Complete(const absl::Status&) override { committed_.Notify(); }

 private:
  absl::Notification& committed_;
};

// Adds an object to the directory as Publication does, but tells nobody: no stream ends for it.
class AddObject final : public server::Operation {
 public:
  AddObject(server::Realm& realm, Bytes object, absl::Time now, uint64_t* index = nullptr)
      : realm_(realm),
        object_(std::move(object)),
        index_(index),
        next_(std::make_shared<trust::Directory>(*realm.directory())) {
    EXPECT_TRUE(next_->Add(object_, now).ok());
  }
  const trust::Directory& next() const { return *next_; }

  void Apply(server::Transaction& transaction) override {
    const uint64_t index = transaction.StageDirectoryLeaf(realm_, next_->chain_hash());
    const uint64_t seq = next_->size() - 1;
    EXPECT_TRUE(next_->SetLeafIndex(seq, index).ok());
    transaction.Put(Family::kDirectory, server::DirectoryKey(realm_.prefix(), seq),
                    server::DirectoryRow{index, object_}.Encode());
    realm_.StageDirectory(next_);
    if (index_ != nullptr) *index_ = index;
  }
  void Complete(const absl::Status& commit) override { EXPECT_TRUE(commit.ok()) << commit; }

 private:
  server::Realm& realm_;
  const Bytes object_;
  uint64_t* const index_;
  const std::shared_ptr<trust::Directory> next_;
};

// Holds every search for what is allowed instead, from its beginning until Go(): its question whether anybody
// waits for it is not answered before.
class SearchHold {
 public:
  std::function<bool()> Hook() {
    return [this] {
      absl::MutexLock lock(&mutex_);
      reached_ = true;
      mutex_.Await(absl::Condition(&go_));
      return false;
    };
  }
  void WaitUntilReached() {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&reached_));
  }
  void Go() {
    absl::MutexLock lock(&mutex_);
    go_ = true;
  }

 private:
  absl::Mutex mutex_;
  bool reached_ = false, go_ = false;
};

}  // namespace seinpost::test

#endif  // SEINPOST_TESTS_SERVER_OPERATIONS_H_
