// SPDX-License-Identifier: EUPL-1.2
#include "storage/store.h"

#include <rocksdb/db.h>
#include <rocksdb/iterator.h>
#include <rocksdb/utilities/checkpoint.h>

#include <array>
#include <atomic>
#include <cstdlib>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "storage/failures.h"
#include "storage/file_system_handle.h"
#include "storage/presence.h"
#include "storage/settings.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost {
namespace {

// How long a read that has begun may take until the database is opened anew.
constexpr int kReopenTries = 10'000;
constexpr absl::Duration kReopenPause = absl::Milliseconds(1);
constexpr absl::string_view kFormatKey = "store/format";
constexpr absl::string_view kFormat = "1";

constexpr std::array<absl::string_view, kFamilyCount> kFamilyNames = {
    "meta",   "a_entry", "a_tile",  "a_payload", "a_head",     "a_index", "directory", "convenant",
    "signal", "part",    "mailbox", "nonce",     "attachment", "device",  "case"};

rocksdb::Slice ToSlice(ByteView bytes) { return {bytes.data(), bytes.size()}; }
ByteView ToView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

absl::Status InUse(const std::string& directory) {
  return absl::UnavailableError(absl::StrCat("database '", directory, "' is in use by another process"));
}

absl::Status OpenFailed(const rocksdb::Status& status, const std::string& directory) {
  if (status.IsIOError() && absl::StrContains(status.ToString(), "lock")) return InUse(directory);
  if (status.IsInvalidArgument()) {
    return absl::FailedPreconditionError(
        absl::StrCat("database '", directory, "' was written by another version: ", status.ToString()));
  }
  return status.IsCorruption() ? ToStatus(status)
                               : absl::UnavailableError(absl::StrCat("database: ", status.ToString()));
}

rocksdb::Env* EnvOf(const StoreOptions& options) {
  return options.file_system == nullptr ? rocksdb::Env::Default() : options.file_system->env();
}

}  // namespace

absl::string_view FamilyName(Family family) { return kFamilyNames[static_cast<size_t>(family)]; }

void Batch::Put(Family family, ByteView key, ByteView value) {
  size_bytes_ += key.size() + value.size();
  operations_.push_back({Kind::kPut, family, Bytes(key), Bytes(value)});
}

void Batch::Delete(Family family, ByteView key) {
  size_bytes_ += key.size();
  operations_.push_back({Kind::kDelete, family, Bytes(key), Bytes()});
}

void Batch::Clear() {
  operations_.clear();
  size_bytes_ = 0;
}

Bytes PrefixLimit(ByteView prefix) {
  Bytes limit(prefix);
  while (!limit.empty() && limit.back() == '\xff') limit.pop_back();
  if (!limit.empty()) limit.back() = static_cast<char>(static_cast<uint8_t>(limit.back()) + 1);
  return limit;
}

// One opening of the database.
struct Store::Database {
  std::shared_ptr<OpeningLog> log = std::make_shared<OpeningLog>();
  std::array<rocksdb::ColumnFamilyHandle*, kFamilyCount> families{};
  rocksdb::ColumnFamilyHandle* unused_default = nullptr;
  std::unique_ptr<rocksdb::DB> db;

  Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() {
    if (db == nullptr) return;
    for (rocksdb::ColumnFamilyHandle* family : families)
      db->DestroyColumnFamilyHandle(family).PermitUncheckedError();
    db->DestroyColumnFamilyHandle(unused_default).PermitUncheckedError();
    db->Close().PermitUncheckedError();  // Everything acknowledged is synced; there is nothing left to lose.
  }
  rocksdb::ColumnFamilyHandle* Of(Family family) const { return families[static_cast<size_t>(family)]; }

  // For reading only: nothing on the disk is changed, nor has it to be writable.
  rocksdb::Status Open(const std::string& directory, const StoreOptions& store_options,
                       const std::shared_ptr<WriteHealth>& health, bool read_only) {
    const rocksdb::ColumnFamilyOptions family_options = MakeFamilyOptions();
    std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
    descriptors.emplace_back(rocksdb::kDefaultColumnFamilyName, family_options);
    for (absl::string_view name : kFamilyNames) descriptors.emplace_back(std::string(name), family_options);
    rocksdb::DBOptions options = MakeOptions(store_options);
    options.info_log = log;
    if (!read_only) options.listeners.push_back(health);
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* opened = nullptr;
    const rocksdb::Status status =
        read_only ? rocksdb::DB::OpenForReadOnly(options, directory, descriptors, &handles, &opened)
                  : rocksdb::DB::Open(options, directory, descriptors, &handles, &opened);
    if (!status.ok()) return status;
    db.reset(opened);
    unused_default = handles[0];
    for (size_t i = 0; i < kFamilyCount; ++i) families[i] = handles[i + 1];
    return status;
  }
};

struct Store::State {
  State(std::string where, StoreOptions how) : directory(std::move(where)), options(std::move(how)) {}

  const std::string directory;
  const StoreOptions options;  // its file system dies after the database
  ReadingLock only_reading;    // held: nothing may be written
  const std::shared_ptr<WriteHealth> health = std::make_shared<WriteHealth>();

  // How often `database` is in use. While `closed` no thread begins to use it: that waits for `reopening`.
  std::atomic<int64_t> users{0};
  std::atomic<bool> closed{false};
  absl::Mutex reopening;
  std::unique_ptr<Database> database;  // null: it could not even be opened for reading
};

// The database, in use until this ends, on the thread that made it. A thread that uses it already may do so
// once more at any time: whoever waits until nobody uses it waits for that thread.
class Store::Use {
 public:
  explicit Use(State& state) : state_(state) {
    if (own.depth == 0) own.state = &state;
    counted_ = own.state == &state;
    const bool again = counted_ && own.depth > 0;
    if (counted_) ++own.depth;
    while (true) {
      ++state_.users;
      if (again || !state_.closed) return;
      --state_.users;
      absl::MutexLock until_open(&state_.reopening);
    }
  }
  ~Use() {
    if (counted_) --own.depth;
    --state_.users;
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

  // OK unless there is none.
  absl::Status status() const {
    return state_.database == nullptr ? state_.health->failure() : absl::OkStatus();
  }
  rocksdb::DB& db() const { return *state_.database->db; }
  rocksdb::ColumnFamilyHandle* Of(Family family) const { return state_.database->Of(family); }

 private:
  // What this thread uses, and how often. Of several stores it is the first.
  static inline thread_local struct {
    const State* state;
    int64_t depth;
  } own{nullptr, 0};

  State& state_;
  bool counted_ = false;
};

Store::Store(std::unique_ptr<State> state) : state_(std::move(state)) {}
Store::~Store() = default;

absl::StatusOr<std::unique_ptr<Store>> Store::Open(const std::string& directory,
                                                   const StoreOptions& store_options) {
  ASSIGN_OR_RETURN(const bool there, IsDatabaseThere(directory, *EnvOf(store_options)));
  if (!there && !store_options.create) return NoDatabase(directory);
  if (store_options.file_system == nullptr || store_options.file_system->on_disk()) {
    RETURN_IF_ERROR(MakePrivateDirectory(directory));
  }
  auto state = std::make_unique<State>(directory, store_options);
  state->database = std::make_unique<Database>();
  const rocksdb::Status opened = state->database->Open(directory, store_options, state->health, false);
  if (!opened.ok()) return OpenFailed(opened, directory);
  std::unique_ptr<Store> store(new Store(std::move(state)));
  RETURN_IF_ERROR(store->CheckFormat());
  return store;
}

absl::StatusOr<std::unique_ptr<Store>> Store::OpenForReading(const std::string& directory) {
  ASSIGN_OR_RETURN(const bool there, IsDatabaseThere(directory, *rocksdb::Env::Default()));
  if (!there) return NoDatabase(directory);
  StoreOptions options;
  options.create = false;
  auto state = std::make_unique<State>(directory, options);
  if (!state->only_reading.Take(directory)) return InUse(directory);
  state->health->Fail(absl::UnavailableError("the database was opened to be read only"));
  state->database = std::make_unique<Database>();
  const rocksdb::Status opened = state->database->Open(directory, options, state->health, true);
  if (!opened.ok()) return OpenFailed(opened, directory);
  std::unique_ptr<Store> store(new Store(std::move(state)));
  RETURN_IF_ERROR(store->CheckFormat());
  return store;
}

absl::Status Store::MakeCheckpoint(const std::string& to) const {
  const Use use(*state_);
  RETURN_IF_ERROR(use.status());
  rocksdb::Checkpoint* made = nullptr;
  RETURN_IF_ERROR(ToStatus(rocksdb::Checkpoint::Create(&use.db(), &made)));
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  return ToStatus(checkpoint->CreateCheckpoint(to));
}

// The files as a whole, then their blocks: files that an older program wrote have no checksum of the whole.
absl::Status Store::VerifyFiles() const {
  const Use use(*state_);
  RETURN_IF_ERROR(use.status());
  RETURN_IF_ERROR(ToStatus(use.db().VerifyFileChecksums(rocksdb::ReadOptions())));
  return ToStatus(use.db().VerifyChecksum());
}

absl::Status Store::CheckFormat() {
  const absl::StatusOr<Bytes> format = Get(Family::kMeta, kFormatKey);
  if (absl::IsNotFound(format.status())) {
    Batch batch;
    batch.Put(Family::kMeta, kFormatKey, kFormat);
    return Commit(batch);
  }
  RETURN_IF_ERROR(format.status());
  if (*format == kFormat) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("database '", state_->directory, "' has format ", *format,
                                                    ", this program reads ", kFormat));
}

absl::Status Store::failure() const { return state_->health->failure(); }

std::string Store::truncated() const {
  const Use use(*state_);
  return use.status().ok() ? state_->database->log->truncated() : std::string();
}

absl::Status Store::Reopen() {
  State& state = *state_;
  if (healthy()) return absl::OkStatus();
  if (state.only_reading.held()) return failure();
  ASSIGN_OR_RETURN(const bool there, IsDatabaseThere(state.directory, *EnvOf(state.options)));
  if (!there) return NoDatabase(state.directory);
  RETURN_IF_ERROR(ToStatus(TryDisk(*EnvOf(state.options), state.directory)));
  absl::MutexLock lock(&state.reopening);
  state.closed = true;
  const absl::Cleanup open_again = [&state] { state.closed = false; };
  for (int tries = 0; state.users > 0; ++tries) {
    if (tries == kReopenTries) return absl::UnavailableError("the database is in use for too long");
    absl::SleepFor(kReopenPause);
  }
  state.database.reset();  // its lock on the directory, first of all
  const absl::Status before = state.health->failure();
  state.health->Recovered();
  auto anew = std::make_unique<Database>();
  const rocksdb::Status opened = anew->Open(state.directory, state.options, state.health, false);
  if (opened.ok()) {
    state.database = std::move(anew);
    return state.health->failure();
  }
  state.health->Fail(before);
  anew = std::make_unique<Database>();
  if (anew->Open(state.directory, state.options, state.health, true).ok()) state.database = std::move(anew);
  return ToStatus(opened);
}

absl::StatusOr<Bytes> Store::Get(Family family, ByteView key) const {
  const Use use(*state_);
  RETURN_IF_ERROR(use.status());
  Bytes value;
  RETURN_IF_ERROR(ToStatus(use.db().Get(rocksdb::ReadOptions(), use.Of(family), ToSlice(key), &value)));
  return value;
}

absl::StatusOr<bool> Store::Contains(Family family, ByteView key) const {
  const Use use(*state_);
  RETURN_IF_ERROR(use.status());
  rocksdb::PinnableSlice value;
  const rocksdb::Status status = use.db().Get(rocksdb::ReadOptions(), use.Of(family), ToSlice(key), &value);
  if (status.IsNotFound()) return false;
  RETURN_IF_ERROR(ToStatus(status));
  return true;
}

absl::Status Store::Commit(const Batch& batch) { return Write(batch, /*sync=*/true); }
absl::Status Store::CommitUnsynced(const Batch& batch) { return Write(batch, /*sync=*/false); }
absl::Status Store::Compact(const std::vector<Family>& families) {
  const Use use(*state_);
  RETURN_IF_ERROR(use.status());
  const std::vector<rocksdb::ColumnFamilyHandle*> all(state_->database->families.begin(),
                                                      state_->database->families.end());
  RETURN_IF_ERROR(ToStatus(use.db().Flush(rocksdb::FlushOptions(), all)));
  rocksdb::CompactRangeOptions options;
  options.exclusive_manual_compaction = false;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  for (const Family family : families) {
    RETURN_IF_ERROR(ToStatus(use.db().CompactRange(options, use.Of(family), nullptr, nullptr)));
  }
  return absl::OkStatus();
}

absl::Status Store::Write(const Batch& batch, bool sync) {
  const Use use(*state_);
  RETURN_IF_ERROR(use.status());
  RETURN_IF_ERROR(failure());
  rocksdb::WriteBatch write_batch(batch.size_bytes() + 16 * batch.size() + 16);
  for (const Batch::Operation& operation : batch.operations()) {
    rocksdb::ColumnFamilyHandle* const family = use.Of(operation.family);
    const rocksdb::Status added =
        operation.kind == Batch::Kind::kPut
            ? write_batch.Put(family, ToSlice(operation.key), ToSlice(operation.value))
            : write_batch.Delete(family, ToSlice(operation.key));
    RETURN_IF_ERROR(ToStatus(added));
  }
  rocksdb::WriteOptions options;
  options.sync = sync;
  const absl::Status written = ToStatus(use.db().Write(options, &write_batch));
  if (!written.ok()) state_->health->Fail(written);
  return written;
}

struct Store::Iterator::State {
  explicit State(Store::State& store) : use(store) {}
  const Store::Use use;  // Ends after the iterator.
  Bytes limit;
  rocksdb::Slice limit_slice;  // RocksDB borrows it for the iterator's life.
  std::unique_ptr<rocksdb::Iterator> iterator;
};

Store::Iterator::Iterator(std::unique_ptr<State> state) : state_(std::move(state)) {}
Store::Iterator::~Iterator() = default;
bool Store::Iterator::Valid() const { return state_->iterator->Valid(); }
ByteView Store::Iterator::key() const { return ToView(state_->iterator->key()); }
ByteView Store::Iterator::value() const { return ToView(state_->iterator->value()); }
void Store::Iterator::Next() { state_->iterator->Next(); }
absl::Status Store::Iterator::status() const { return ToStatus(state_->iterator->status()); }

std::unique_ptr<Store::Iterator> Store::NewIterator(Family family, ByteView first, ByteView limit) const {
  auto state = std::make_unique<Iterator::State>(*state_);
  if (!state->use.status().ok()) {
    state->iterator.reset(rocksdb::NewErrorIterator(rocksdb::Status::IOError("no database is open")));
    return std::unique_ptr<Iterator>(new Iterator(std::move(state)));
  }
  state->limit = Bytes(limit);
  state->limit_slice = rocksdb::Slice(state->limit);
  rocksdb::ReadOptions options;
  if (!state->limit.empty()) options.iterate_upper_bound = &state->limit_slice;
  state->iterator.reset(state->use.db().NewIterator(options, state->use.Of(family)));
  state->iterator->Seek(ToSlice(first));
  return std::unique_ptr<Iterator>(new Iterator(std::move(state)));
}

absl::Status Store::Scan(Family family, ByteView first, ByteView limit,
                         absl::FunctionRef<bool(ByteView key, ByteView value)> visit) const {
  const std::unique_ptr<Iterator> iterator = NewIterator(family, first, limit);
  for (; iterator->Valid(); iterator->Next()) {
    if (!visit(iterator->key(), iterator->value())) break;
  }
  return iterator->status();
}

absl::StatusOr<std::optional<std::pair<Bytes, Bytes>>> Store::Last(Family family, ByteView first,
                                                                   ByteView limit) const {
  const Use use(*state_);
  RETURN_IF_ERROR(use.status());
  const std::unique_ptr<rocksdb::Iterator> iterator(
      use.db().NewIterator(rocksdb::ReadOptions(), use.Of(family)));
  if (limit.empty()) {
    iterator->SeekToLast();
  } else {
    iterator->SeekForPrev(ToSlice(limit));
    if (iterator->Valid() && ToView(iterator->key()) == limit) iterator->Prev();
  }
  RETURN_IF_ERROR(ToStatus(iterator->status()));
  if (!iterator->Valid() || ToView(iterator->key()) < first) return std::nullopt;
  return std::make_pair(iterator->key().ToString(), iterator->value().ToString());
}

}  // namespace seinpost
