// SPDX-License-Identifier: EUPL-1.2
// Inside of storage/ only: whether there is a database, and who may open it.
#ifndef SEINPOST_STORAGE_PRESENCE_H_
#define SEINPOST_STORAGE_PRESENCE_H_

#include <rocksdb/env.h>

#include <string>

#include "absl/status/statusor.h"

namespace seinpost {

// Whether `directory` holds a database; RocksDB goes by the file CURRENT alone, and without it would make an
// empty one and delete the files of the old. kDataLoss: there are files of one, more than a creation that did
// not come to its end leaves, but no CURRENT.
absl::StatusOr<bool> IsDatabaseThere(const std::string& directory, rocksdb::Env& env);
// kNotFound.
absl::Status NoDatabase(const std::string& directory);

// Holds off whoever would open a database for writing, by the file that RocksDB locks too, without writing
// it.
class ReadingLock {
 public:
  ReadingLock() = default;
  ~ReadingLock();
  ReadingLock(const ReadingLock&) = delete;
  ReadingLock& operator=(const ReadingLock&) = delete;

  // False: somebody has it open for writing. Nothing to lock, as in a copy, is fine.
  bool Take(const std::string& directory);
  bool held() const { return held_; }

 private:
  int fd_ = -1;
  bool held_ = false;
};

}  // namespace seinpost

#endif  // SEINPOST_STORAGE_PRESENCE_H_
