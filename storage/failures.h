// SPDX-License-Identifier: EUPL-1.2
// Inside of storage/ only: what goes wrong with a database, and how it is told. Not for other folders, since
// it names RocksDB.
#ifndef SEINPOST_STORAGE_FAILURES_H_
#define SEINPOST_STORAGE_FAILURES_H_

#include <rocksdb/env.h>
#include <rocksdb/listener.h>

#include <cstdarg>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

namespace seinpost {

// As store.h says: kNotFound, kDataLoss, or kUnavailable with the text of RocksDB for Explain() alone.
absl::Status ToStatus(const rocksdb::Status& status);
// Whether the disk takes as much as opening the database may need at least, and syncs it.
rocksdb::Status TryDisk(rocksdb::Env& env, const std::string& directory);

// RocksDB's info log shows keys (the bounds of a compaction) and is of no use to an operator: none is
// written. But only there RocksDB says that it did not take in the whole of a write-ahead log: that one
// message is kept, which holds a file name and a number of bytes. Thread-safe.
class OpeningLog final : public rocksdb::Logger {
 public:
  OpeningLog() : rocksdb::Logger(rocksdb::InfoLogLevel::WARN_LEVEL) {}
  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list arguments) override;
  std::string truncated() const;  // empty: the whole was taken in

 private:
  mutable absl::Mutex mutex_;
  std::string truncated_ ABSL_GUARDED_BY(mutex_);
};

// Whether a database can still be written. RocksDB keeps errors of its own threads to itself until the next
// write; here they are known at once. It recovers by itself from a full disk: not here, where nobody would
// hold what it holds against what others remember. Thread-safe.
class WriteHealth final : public rocksdb::EventListener {
 public:
  absl::Status failure() const;
  // The first one counts.
  void Fail(const absl::Status& status);
  void Recovered();
  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override;
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason reason, rocksdb::Status error,
                            bool* by_itself) override;

 private:
  mutable absl::Mutex mutex_;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace seinpost

#endif  // SEINPOST_STORAGE_FAILURES_H_
