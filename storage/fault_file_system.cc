// SPDX-License-Identifier: EUPL-1.2
#include "storage/fault_file_system.h"

#include <rocksdb/file_system.h>
#include <unistd.h>

#include <map>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "storage/asking_directory.h"
#include "storage/file_system_handle.h"

namespace seinpost {

using rocksdb::FileOptions;
using rocksdb::FSDirectory;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

// Counts operations, and on the chosen one cuts closed files back to what was synced of them. Thread-safe.
class CrashClock {
 public:
  CrashClock(int64_t crash_at, CrashMode mode) : crash_at_(crash_at), mode_(mode) {}

  // OK, or the error of a disk that is gone.
  IOStatus Count() {
    absl::MutexLock lock(&mutex_);
    ++operations_;
    if (!crashed_ && crash_at_ > 0 && operations_ >= crash_at_) Crash();
    return crashed_ ? IOStatus::IOError("simulated crash") : IOStatus::OK();
  }
  int64_t operations() const {
    absl::MutexLock lock(&mutex_);
    return operations_;
  }
  bool crashed() const {
    absl::MutexLock lock(&mutex_);
    return crashed_;
  }

  // A file was closed with bytes that were never synced: a crash would cut it back to `synced_bytes`.
  void ClosedUnsynced(const std::string& path, uint64_t synced_bytes) {
    absl::MutexLock lock(&mutex_);
    unsynced_[path] = synced_bytes;
  }
  void Renamed(const std::string& from, const std::string& to) {
    absl::MutexLock lock(&mutex_);
    unsynced_.erase(to);
    if (auto node = unsynced_.extract(from); !node.empty()) unsynced_[to] = node.mapped();
  }
  void Deleted(const std::string& path) {
    absl::MutexLock lock(&mutex_);
    unsynced_.erase(path);
  }

 private:
  void Crash() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    crashed_ = true;
    for (const auto& [path, synced_bytes] : unsynced_) {
      if (truncate(path.c_str(), static_cast<off_t>(synced_bytes)) != 0)
        continue;  // It is gone: no bytes to lose.
    }
    if (mode_ == CrashMode::kExitProcess) _exit(kCrashExitCode);
  }

  const int64_t crash_at_;
  const CrashMode mode_;
  mutable absl::Mutex mutex_;
  int64_t operations_ ABSL_GUARDED_BY(mutex_) = 0;
  bool crashed_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<std::string, uint64_t> unsynced_ ABSL_GUARDED_BY(mutex_);
};

namespace {

// Holds appended bytes back until Sync. RocksDB serialises calls on one file, IsSyncThreadSafe() being false.
class CrashingFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  CrashingFile(std::unique_ptr<FSWritableFile> file, std::string path, uint64_t size,
               std::shared_ptr<CrashClock> clock)
      : FSWritableFileOwnerWrapper(std::move(file)),
        path_(std::move(path)),
        synced_(size),
        clock_(std::move(clock)) {}

  IOStatus Append(const Slice& data, const IOOptions& /*options*/, IODebugContext* /*debug*/) override {
    const IOStatus status = clock_->Count();
    if (status.ok()) held_back_.append(data.data(), data.size());
    return status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo& /*info*/,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus PositionedAppend(const Slice&, uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::NotSupported("positioned append");
  }
  IOStatus PositionedAppend(const Slice&, uint64_t, const IOOptions&, const rocksdb::DataVerificationInfo&,
                            IODebugContext*) override {
    return IOStatus::NotSupported("positioned append");
  }
  IOStatus Truncate(uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    IOStatus status = clock_->Count();
    if (!status.ok()) return status;
    if (size >= synced_) {  // Cuts off only what is held back.
      held_back_.resize(size - synced_);
      return IOStatus::OK();
    }
    held_back_.clear();
    synced_ = size;
    return target()->Truncate(size, options, debug);
  }
  IOStatus Flush(const IOOptions& /*options*/, IODebugContext* /*debug*/) override { return clock_->Count(); }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    IOStatus status = clock_->Count();
    if (!status.ok()) return status;
    status = WriteHeldBack(options, debug);
    if (!status.ok()) return status;
    return target()->Sync(options, debug);
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override { return Sync(options, debug); }
  IOStatus RangeSync(uint64_t /*offset*/, uint64_t /*size*/, const IOOptions& /*options*/,
                     IODebugContext* /*debug*/) override {
    return clock_->Count();  // Promises nothing, so it keeps nothing.
  }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    IOStatus status = clock_->Count();
    if (status.ok() && !held_back_.empty()) {
      clock_->ClosedUnsynced(path_, synced_);
      status = WriteHeldBack(options, debug);
    }
    const IOStatus closed = target()->Close(options, debug);
    return status.ok() ? closed : status;
  }
  bool IsSyncThreadSafe() const override { return false; }
  uint64_t GetFileSize(const IOOptions& /*options*/, IODebugContext* /*debug*/) override {
    return synced_ + held_back_.size();
  }

 private:
  IOStatus WriteHeldBack(const IOOptions& options, IODebugContext* debug) {
    const IOStatus status = target()->Append(held_back_, options, debug);
    if (!status.ok()) return status;
    synced_ += held_back_.size();
    held_back_.clear();
    return status;
  }

  const std::string path_;
  uint64_t synced_;  // bytes
  std::string held_back_;
  const std::shared_ptr<CrashClock> clock_;
};

class CrashingFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit CrashingFileSystem(std::shared_ptr<CrashClock> clock)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), clock_(std::move(clock)) {}
  const char* Name() const override { return "CrashingFileSystem"; }

  IOStatus NewWritableFile(const std::string& path, const FileOptions& options,
                           std::unique_ptr<FSWritableFile>* result, IODebugContext* debug) override {
    return Open(path, 0, result, [&] { return target()->NewWritableFile(path, options, result, debug); });
  }
  IOStatus ReopenWritableFile(const std::string& path, const FileOptions& options,
                              std::unique_ptr<FSWritableFile>* result, IODebugContext* debug) override {
    uint64_t size = 0;
    if (!target()->GetFileSize(path, options.io_options, &size, debug).ok()) size = 0;
    return Open(path, size, result,
                [&] { return target()->ReopenWritableFile(path, options, result, debug); });
  }
  IOStatus ReuseWritableFile(const std::string&, const std::string&, const FileOptions&,
                             std::unique_ptr<FSWritableFile>*, IODebugContext*) override {
    return IOStatus::NotSupported("reuse of files");
  }
  IOStatus NewDirectory(const std::string& path, const IOOptions& options,
                        std::unique_ptr<FSDirectory>* result, IODebugContext* debug) override {
    const IOStatus status = target()->NewDirectory(path, options, result, debug);
    if (status.ok()) {
      *result =
          std::make_unique<AskingDirectory>(std::move(*result), [clock = clock_] { return clock->Count(); });
    }
    return status;
  }
  IOStatus DeleteFile(const std::string& path, const IOOptions& options, IODebugContext* debug) override {
    IOStatus status = clock_->Count();
    if (status.ok()) status = target()->DeleteFile(path, options, debug);
    if (status.ok()) clock_->Deleted(path);
    return status;
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* debug) override {
    IOStatus status = clock_->Count();
    if (status.ok()) status = target()->RenameFile(from, to, options, debug);
    if (status.ok()) clock_->Renamed(from, to);
    return status;
  }
  IOStatus LinkFile(const std::string& from, const std::string& to, const IOOptions& options,
                    IODebugContext* debug) override {
    const IOStatus status = clock_->Count();
    return status.ok() ? target()->LinkFile(from, to, options, debug) : status;
  }
  IOStatus Truncate(const std::string& path, size_t size, const IOOptions& options,
                    IODebugContext* debug) override {
    const IOStatus status = clock_->Count();
    return status.ok() ? target()->Truncate(path, size, options, debug) : status;
  }
  IOStatus CreateDir(const std::string& path, const IOOptions& options, IODebugContext* debug) override {
    const IOStatus status = clock_->Count();
    return status.ok() ? target()->CreateDir(path, options, debug) : status;
  }
  IOStatus CreateDirIfMissing(const std::string& path, const IOOptions& options,
                              IODebugContext* debug) override {
    const IOStatus status = clock_->Count();
    return status.ok() ? target()->CreateDirIfMissing(path, options, debug) : status;
  }

 private:
  template <typename OpenTarget>
  IOStatus Open(const std::string& path, uint64_t size, std::unique_ptr<FSWritableFile>* result,
                OpenTarget open) {
    IOStatus status = clock_->Count();
    if (status.ok()) status = open();
    if (status.ok()) *result = std::make_unique<CrashingFile>(std::move(*result), path, size, clock_);
    return status;
  }

  const std::shared_ptr<CrashClock> clock_;
};

}  // namespace

std::shared_ptr<FileSystemHandle> MakeInMemoryFileSystem() {
  return std::make_shared<FileSystemHandle>(
      std::unique_ptr<rocksdb::Env>(rocksdb::NewMemEnv(rocksdb::Env::Default())), /*on_disk=*/false);
}

std::shared_ptr<CrashingEnv> MakeCrashingEnv(int64_t exit_at_operation, CrashMode mode) {
  std::shared_ptr<CrashingEnv> env(new CrashingEnv);
  env->clock_ = std::make_shared<CrashClock>(exit_at_operation, mode);
  env->handle_ = std::make_shared<FileSystemHandle>(
      rocksdb::NewCompositeEnv(std::make_shared<CrashingFileSystem>(env->clock_)), /*on_disk=*/true);
  return env;
}

int64_t CrashingEnv::operations() const { return clock_->operations(); }
bool CrashingEnv::CountOperation() { return clock_->Count().ok(); }
bool CrashingEnv::crashed() const { return clock_->crashed(); }

}  // namespace seinpost
