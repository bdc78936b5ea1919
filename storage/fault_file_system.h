// SPDX-License-Identifier: EUPL-1.2
// File systems that tests put under a Store: one in memory, one that dies at a chosen operation, one that
// refuses for as long as it is told to. Never used in service.
#ifndef SEINPOST_STORAGE_FAULT_FILE_SYSTEM_H_
#define SEINPOST_STORAGE_FAULT_FILE_SYSTEM_H_

#include <cstdint>
#include <memory>

#include "storage/store.h"

namespace seinpost {

// Files live as long as the handle, so a store can be closed and opened again on it.
std::shared_ptr<FileSystemHandle> MakeInMemoryFileSystem();

// What happens at the operation that was chosen. In both cases bytes that were not synced are lost.
enum class CrashMode {
  kExitProcess,    // _exit(kCrashExitCode), as a power failure would
  kFailFromThere,  // that operation and every later one fails; the process lives and can open the directory
                   // anew
};
inline constexpr int kCrashExitCode = 77;

class CrashClock;  // counts, and decides when the end has come

// CrashingEnv passes file operations on to the machine's file system and counts those that change it: create,
// append, flush, sync, close, truncate, rename, delete, sync of a directory. Appended bytes are held back
// until Sync; what is closed unsynced is cut off again by the crash. Names (create, rename, delete) are
// durable at once. Thread-safe.
class CrashingEnv {
 public:
  // Null-safe to pass as StoreOptions::file_system.
  std::shared_ptr<FileSystemHandle> handle() const { return handle_; }
  // How many operations there have been: run once without a crash to learn how many there are to crash at.
  int64_t operations() const;
  // Counts one operation outside the database, such as the writing of a file beside it, and crashes if it is
  // the chosen one: call it before and after that write. False: crashed (kFailFromThere only).
  bool CountOperation();
  bool crashed() const;

 private:
  friend std::shared_ptr<CrashingEnv> MakeCrashingEnv(int64_t, CrashMode);
  CrashingEnv() = default;
  std::shared_ptr<CrashClock> clock_;
  std::shared_ptr<FileSystemHandle> handle_;
};

// Crashes at operation number `exit_at_operation`, counted from 1 and before it takes effect; 0 or less:
// never.
std::shared_ptr<CrashingEnv> MakeCrashingEnv(int64_t exit_at_operation,
                                             CrashMode mode = CrashMode::kExitProcess);

// What a disk that refuses does. A write that fails leaves half of its bytes in the file.
enum class Fault {
  kNone,
  kNoSpace,     // creates, appends and syncs nothing more: ENOSPC
  kIoError,     // the same with EIO
  kFailedSync,  // takes whatever is written, and fails to sync files and directories: EIO
};

class FaultSwitch;

// FaultyEnv passes file operations on to another file system, and refuses while a fault is set those that
// change files. Nothing is ever lost that was written. Thread-safe.
class FaultyEnv {
 public:
  std::shared_ptr<FileSystemHandle> handle() const { return handle_; }
  // From the next operation on. `after`: so many operations that the fault concerns still succeed first.
  void Set(Fault fault, int64_t after = 0);
  // How many operations were refused.
  int64_t refused() const;

 private:
  friend std::shared_ptr<FaultyEnv> MakeFaultyEnv(const std::shared_ptr<FileSystemHandle>&);
  FaultyEnv() = default;
  std::shared_ptr<FaultSwitch> switch_;
  std::shared_ptr<FileSystemHandle> handle_;
};

// `under` null: the machine's own files.
std::shared_ptr<FaultyEnv> MakeFaultyEnv(const std::shared_ptr<FileSystemHandle>& under = nullptr);

}  // namespace seinpost

#endif  // SEINPOST_STORAGE_FAULT_FILE_SYSTEM_H_
