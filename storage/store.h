// SPDX-License-Identifier: EUPL-1.2
// Store is a server's one durable home: a RocksDB database with a fixed set of key families.
// What lies in which family is in docs/formats/storage.md; change the two together.
//
// Errors, everywhere below: kDataLoss: stored bytes fail their checksum or the database contradicts itself.
// kUnavailable: the disk refuses (full, gone, not permitted) or another process holds the directory. Once a
// store is open, the text of kUnavailable names no file; what exactly happened, for whoever runs the program,
// is in Explain().
#ifndef SEINPOST_STORAGE_STORE_H_
#define SEINPOST_STORAGE_STORE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "util/bytes.h"

namespace seinpost {

// A family is a key space of its own. Values are never reused; the name on disk is FamilyName().
enum class Family : uint8_t {
  kMeta = 0,          // "meta": format version, the server's own settings
  kAuditEntry = 1,    // "a_entry": log, index -> leaf
  kAuditTile = 2,     // "a_tile": log, level, index -> 256 hashes
  kAuditPayload = 3,  // "a_payload": log, index -> encrypted opening of the leaf
  kAuditHead = 4,     // "a_head": log -> size, root, right edge
  kAuditIndex = 5,    // "a_index": search index over payloads, rebuildable
  kDirectory = 6,     // "directory": certificates, mandates, prekeys, ... in their order
  kConvenant = 7,     // "convenant": signed convenant versions
  kSignal = 8,        // "signal": signed headers
  kPart = 9,          // "part": descriptors, ciphertexts, wraps
  kMailbox = 10,      // "mailbox": what waits for which device
  kNonce = 11,        // "nonce": identifiers seen, against replay
  kAttachment = 12,   // "attachment": chunks
  kDevice = 13,       // "device": what devices confirmed, were given and passed on
  kCase = 14,         // "case": where a case reference belongs
};
inline constexpr size_t kFamilyCount = 15;
absl::string_view FamilyName(Family family);

// Batch collects changes, in order, for one Commit. Owns copies of what it is given. Not thread-safe.
class Batch {
 public:
  enum class Kind : uint8_t { kPut, kDelete };
  struct Operation {
    Kind kind;
    Family family;
    Bytes key;
    Bytes value;  // empty for kDelete
  };

  void Put(Family family, ByteView key, ByteView value);
  void Delete(Family family, ByteView key);  // no such key is fine
  void Clear();

  bool empty() const { return operations_.empty(); }
  size_t size() const { return operations_.size(); }  // operations
  size_t size_bytes() const { return size_bytes_; }   // keys and values
  const std::vector<Operation>& operations() const { return operations_; }

 private:
  std::vector<Operation> operations_;
  size_t size_bytes_ = 0;
};

// The smallest key greater than every key that starts with `prefix`; empty (no limit) if there is none.
Bytes PrefixLimit(ByteView prefix);

// A file system other than the machine's own; storage/fault_file_system.h makes them for tests.
class FileSystemHandle;

struct StoreOptions {
  std::shared_ptr<FileSystemHandle> file_system;  // null: the machine's own
  bool create = true;                             // where there is no database yet
};

// The text of `status`, and after it what the file system said, if it is an error of a store. For logs.
std::string Explain(const absl::Status& status);
// Whether it is an error of a store whose text leaves out what the file system said.
bool IsStoreFailure(const absl::Status& status);

// Thread-safe. Owns its directory: opening it twice fails. Outlives its iterators.
class Store {
 public:
  // Walks a range in key order and sees the database as it was when the iterator was made.
  // key() and value() are valid until the next Next(). For the thread that made it, which destroys it too.
  class Iterator {
   public:
    ~Iterator();
    Iterator(const Iterator&) = delete;
    Iterator& operator=(const Iterator&) = delete;

    bool Valid() const;      // false: at the end, or failed; status() tells which
    ByteView key() const;    // REQUIRES: Valid()
    ByteView value() const;  // REQUIRES: Valid()
    void Next();             // REQUIRES: Valid()
    absl::Status status() const;

   private:
    friend class Store;
    struct State;
    explicit Iterator(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
  };

  // Opens the database in `directory`, or creates it (with mode 0700) where there is nothing of one: never
  // over files that are there. kNotFound: there is none, and `options` say not to create it. kDataLoss: there
  // are files of one, but CURRENT, which names those in use, is gone. kUnavailable: another process, or this
  // one, holds it. kFailedPrecondition: another format version.
  static absl::StatusOr<std::unique_ptr<Store>> Open(const std::string& directory,
                                                     const StoreOptions& options = {});
  // Opens it to be read only: no file is written, created, touched or removed, what the write-ahead log holds
  // is read into memory, and every commit is refused. Keeps others from opening it for writing as long as it
  // lives. Not in a process that has the same database open for writing: it would lose its lock. kNotFound:
  // there is none. Others as Open().
  static absl::StatusOr<std::unique_ptr<Store>> OpenForReading(const std::string& directory);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // Makes the directory `to`, an absolute path on the same disk, a database that holds everything committed
  // so far. Its larger files are hard links to those of this one, which are never changed, only removed.
  // Commits go on meanwhile. kUnavailable: `to` exists already.
  absl::Status MakeCheckpoint(const std::string& to) const;
  // Reads every block of every file and compares the checksums. kDataLoss: one does not fit.
  absl::Status VerifyFiles() const;

  // kNotFound: no such key.
  absl::StatusOr<Bytes> Get(Family family, ByteView key) const;
  absl::StatusOr<bool> Contains(Family family, ByteView key) const;

  // Applies all of `batch` or none of it, also through a crash. OK means synced to disk, with every earlier
  // commit. After an error it is unknown whether the batch will be there after the next Open or Reopen, so
  // the store then refuses every further commit (kUnavailable) while reads go on, without it: see healthy().
  absl::Status Commit(const Batch& batch);
  // As Commit, but OK does not mean durable: a crash may undo it. The next Commit that succeeds makes it
  // durable. For what is worthless until a later synced batch names it, such as attachment chunks.
  absl::Status CommitUnsynced(const Batch& batch);
  // Takes what was deleted off the disk: flushes every family, so that no log file holds it any more, and
  // compacts `families`. Reads and commits go on; takes as long as copying what is in them.
  absl::Status Compact(const std::vector<Family>& families);
  // False once a commit has failed, or the database could not write in the background; only opening anew
  // helps.
  bool healthy() const { return failure().ok(); }
  // OK, or kUnavailable: why it is not healthy, Explain() tells exactly.
  absl::Status failure() const;
  // Opens the database anew in its place, as the start after a crash would: every commit that was synced is
  // there, and the one that failed is, whole, or is not. Reads wait for it. Tries first whether the disk
  // takes and syncs a megabyte. OK: healthy. Otherwise reads go on as before, and it may be tried again. One
  // thread at a time; no iterator of the calling thread may be alive.
  absl::Status Reopen();

  // Empty, or what the last opening cut off from the log of what was not yet in its files, for whoever runs
  // the program: the end of a write that a power failure interrupted, or damage, and then commits that were
  // synced may be missing.
  std::string truncated() const;

  // Iterates over first <= key < limit; an empty `limit` means to the end of the family.
  std::unique_ptr<Iterator> NewIterator(Family family, ByteView first, ByteView limit) const;
  // Calls `visit` for each pair of the range until it returns false. The views live as long as the call.
  absl::Status Scan(Family family, ByteView first, ByteView limit,
                    absl::FunctionRef<bool(ByteView key, ByteView value)> visit) const;
  // The pair with the greatest key of the range, or nothing.
  absl::StatusOr<std::optional<std::pair<Bytes, Bytes>>> Last(Family family, ByteView first,
                                                              ByteView limit) const;

 private:
  struct Database;
  struct State;
  class Use;
  explicit Store(std::unique_ptr<State> state);
  absl::Status CheckFormat();
  absl::Status Write(const Batch& batch, bool sync);
  std::unique_ptr<State> state_;
};

}  // namespace seinpost

#endif  // SEINPOST_STORAGE_STORE_H_
