// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_STORAGE_ASKING_DIRECTORY_H_
#define SEINPOST_STORAGE_ASKING_DIRECTORY_H_

#include <rocksdb/file_system.h>

#include <functional>
#include <memory>
#include <utility>

namespace seinpost {

// A directory that is synced only if what it asks first says so: for file systems that fail on purpose.
class AskingDirectory final : public rocksdb::FSDirectory {
 public:
  AskingDirectory(std::unique_ptr<rocksdb::FSDirectory> target, std::function<rocksdb::IOStatus()> ask)
      : target_(std::move(target)), ask_(std::move(ask)) {}
  rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    const rocksdb::IOStatus status = ask_();
    return status.ok() ? target_->Fsync(options, debug) : status;
  }
  rocksdb::IOStatus Close(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    return target_->Close(options, debug);
  }
  size_t GetUniqueId(char* id, size_t size) const override { return target_->GetUniqueId(id, size); }

 private:
  const std::unique_ptr<rocksdb::FSDirectory> target_;
  const std::function<rocksdb::IOStatus()> ask_;
};

}  // namespace seinpost

#endif  // SEINPOST_STORAGE_ASKING_DIRECTORY_H_
