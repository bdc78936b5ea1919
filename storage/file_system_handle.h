// SPDX-License-Identifier: EUPL-1.2
// Inside of storage/ only: what a FileSystemHandle holds. Not for other folders, since it names RocksDB.
#ifndef SEINPOST_STORAGE_FILE_SYSTEM_HANDLE_H_
#define SEINPOST_STORAGE_FILE_SYSTEM_HANDLE_H_

#include <rocksdb/env.h>

#include <memory>

namespace seinpost {

class FileSystemHandle {
 public:
  FileSystemHandle(std::unique_ptr<rocksdb::Env> env, bool on_disk)
      : env_(std::move(env)), on_disk_(on_disk) {}
  rocksdb::Env* env() const { return env_.get(); }
  bool on_disk() const { return on_disk_; }

 private:
  std::unique_ptr<rocksdb::Env> env_;
  bool on_disk_;
};

}  // namespace seinpost

#endif  // SEINPOST_STORAGE_FILE_SYSTEM_HANDLE_H_
