// SPDX-License-Identifier: EUPL-1.2
#include <rocksdb/file_system.h>

#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "storage/asking_directory.h"
#include "storage/fault_file_system.h"
#include "storage/file_system_handle.h"

namespace seinpost {

using rocksdb::FileOptions;
using rocksdb::FSDirectory;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

// Decides which operations are refused. Thread-safe.
class FaultSwitch {
 public:
  enum class Operation { kWrite, kSync };

  void Set(Fault fault, int64_t after) {
    absl::MutexLock lock(&mutex_);
    fault_ = fault;
    after_ = after;
  }
  int64_t refused() const {
    absl::MutexLock lock(&mutex_);
    return refused_;
  }
  IOStatus Ask(Operation operation) {
    absl::MutexLock lock(&mutex_);
    const bool concerned =
        fault_ != Fault::kNone && (fault_ != Fault::kFailedSync || operation == Operation::kSync);
    if (!concerned || after_-- > 0) return IOStatus::OK();
    ++refused_;
    if (fault_ == Fault::kNoSpace) {
      IOStatus full = IOStatus::NoSpace("No space left on device", "simulated");
      full.SetRetryable(true);  // as RocksDB's own has it
      return full;
    }
    return IOStatus::IOError("Input/output error", "simulated");
  }

 private:
  mutable absl::Mutex mutex_;
  Fault fault_ ABSL_GUARDED_BY(mutex_) = Fault::kNone;
  int64_t after_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t refused_ ABSL_GUARDED_BY(mutex_) = 0;
};

namespace {

using Operation = FaultSwitch::Operation;

class FaultyFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyFile(std::unique_ptr<FSWritableFile> file, std::shared_ptr<FaultSwitch> faults)
      : FSWritableFileOwnerWrapper(std::move(file)), faults_(std::move(faults)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    const IOStatus status = faults_->Ask(Operation::kWrite);
    if (status.ok()) return target()->Append(data, options, debug);
    target()->Append(Slice(data.data(), data.size() / 2), options, debug).PermitUncheckedError();
    return status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo& /*info*/,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Flush(const IOOptions& options, IODebugContext* debug) override {
    const IOStatus status = faults_->Ask(Operation::kWrite);
    return status.ok() ? target()->Flush(options, debug) : status;
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    const IOStatus status = faults_->Ask(Operation::kSync);
    return status.ok() ? target()->Sync(options, debug) : status;
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    const IOStatus status = faults_->Ask(Operation::kSync);
    return status.ok() ? target()->Fsync(options, debug) : status;
  }
  bool IsSyncThreadSafe() const override { return false; }

 private:
  const std::shared_ptr<FaultSwitch> faults_;
};

class FaultyFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  FaultyFileSystem(const std::shared_ptr<rocksdb::FileSystem>& under, std::shared_ptr<FaultSwitch> faults)
      : FileSystemWrapper(under), faults_(std::move(faults)) {}
  const char* Name() const override { return "FaultyFileSystem"; }

  IOStatus NewWritableFile(const std::string& path, const FileOptions& options,
                           std::unique_ptr<FSWritableFile>* result, IODebugContext* debug) override {
    IOStatus status = faults_->Ask(Operation::kWrite);
    if (status.ok()) status = target()->NewWritableFile(path, options, result, debug);
    return Wrap(status, result);
  }
  IOStatus ReopenWritableFile(const std::string& path, const FileOptions& options,
                              std::unique_ptr<FSWritableFile>* result, IODebugContext* debug) override {
    IOStatus status = faults_->Ask(Operation::kWrite);
    if (status.ok()) status = target()->ReopenWritableFile(path, options, result, debug);
    return Wrap(status, result);
  }
  IOStatus NewDirectory(const std::string& path, const IOOptions& options,
                        std::unique_ptr<FSDirectory>* result, IODebugContext* debug) override {
    const IOStatus status = target()->NewDirectory(path, options, result, debug);
    if (status.ok()) {
      *result = std::make_unique<AskingDirectory>(
          std::move(*result), [faults = faults_] { return faults->Ask(Operation::kSync); });
    }
    return status;
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* debug) override {
    const IOStatus status = faults_->Ask(Operation::kWrite);
    return status.ok() ? target()->RenameFile(from, to, options, debug) : status;
  }

 private:
  IOStatus Wrap(const IOStatus& opened, std::unique_ptr<FSWritableFile>* result) const {
    if (opened.ok()) *result = std::make_unique<FaultyFile>(std::move(*result), faults_);
    return opened;
  }

  const std::shared_ptr<FaultSwitch> faults_;
};

}  // namespace

std::shared_ptr<FaultyEnv> MakeFaultyEnv(const std::shared_ptr<FileSystemHandle>& under) {
  std::shared_ptr<FaultyEnv> env(new FaultyEnv);
  env->switch_ = std::make_shared<FaultSwitch>();
  rocksdb::Env* const base = under == nullptr ? rocksdb::Env::Default() : under->env();
  env->handle_ = std::make_shared<FileSystemHandle>(
      rocksdb::NewCompositeEnv(std::make_shared<FaultyFileSystem>(base->GetFileSystem(), env->switch_)),
      under == nullptr || under->on_disk());
  return env;
}

void FaultyEnv::Set(Fault fault, int64_t after) { switch_->Set(fault, after); }
int64_t FaultyEnv::refused() const { return switch_->refused(); }

}  // namespace seinpost
