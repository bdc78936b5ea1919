// SPDX-License-Identifier: EUPL-1.2
#include "storage/store.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include <array>
#include <atomic>
#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "storage/file_system_handle.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost {
namespace {

constexpr size_t kMiB = size_t{1} << 20;
constexpr absl::string_view kFormatKey = "store/format";
constexpr absl::string_view kFormat = "1";

constexpr std::array<absl::string_view, kFamilyCount> kFamilyNames = {
    "meta",   "a_entry", "a_tile",  "a_payload", "a_head",     "a_index", "directory", "convenant",
    "signal", "part",    "mailbox", "nonce",     "attachment", "device",  "case"};

rocksdb::Slice ToSlice(ByteView bytes) { return {bytes.data(), bytes.size()}; }
ByteView ToView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

// The text of RocksDB's errors names files and sizes, no keys or values.
absl::Status ToStatus(const rocksdb::Status& status) {
  if (status.ok()) return absl::OkStatus();
  if (status.IsNotFound()) return absl::NotFoundError("no such key");
  if (status.IsCorruption())
    return absl::DataLossError(absl::StrCat("database is damaged: ", status.ToString()));
  return absl::UnavailableError(absl::StrCat("database: ", status.ToString()));
}

absl::Status OpenFailed(const rocksdb::Status& status, const std::string& directory) {
  if (status.IsIOError() && absl::StrContains(status.ToString(), "lock")) {
    return absl::UnavailableError(absl::StrCat("database '", directory, "' is in use by another process"));
  }
  if (status.IsInvalidArgument()) {
    return absl::FailedPreconditionError(
        absl::StrCat("database '", directory, "' was written by another version: ", status.ToString()));
  }
  return ToStatus(status);
}

// RocksDB's info log shows keys (the bounds of a compaction) and is of no use to an operator: none is
// written.
class NoInfoLog final : public rocksdb::Logger {
 public:
  NoInfoLog() : rocksdb::Logger(rocksdb::InfoLogLevel::HEADER_LEVEL) {}
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

// What decides over durability stands here, apart from what decides over speed.
void SetDurability(rocksdb::Options& options) {
  options.unordered_write = false;
  options.two_write_queues = false;
  options.enable_pipelined_write = false;
  options.manual_wal_flush = false;
  options.track_and_verify_wals_in_manifest = false;
  options.recycle_log_file_num = 0;  // Old bytes of a recycled log could be taken for new ones after a crash.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  options.paranoid_checks = true;
  options.atomic_flush = false;          // The log on disk keeps batches whole across families.
  options.max_bgerror_resume_count = 0;  // After a failed write nothing is known: see Store::Commit().
}

rocksdb::Options MakeOptions(const StoreOptions& store_options) {
  rocksdb::Options options;
  SetDurability(options);
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.info_log = std::make_shared<NoInfoLog>();
  options.info_log_level = rocksdb::InfoLogLevel::HEADER_LEVEL;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.max_total_wal_size = 32 * kMiB;  // Bounds the time that recovery takes.
  options.max_manifest_file_size = 4 * kMiB;
  options.db_write_buffer_size = 64 * kMiB;
  options.max_background_jobs = 2;
  options.skip_stats_update_on_db_open = true;
  if (store_options.file_system != nullptr) options.env = store_options.file_system->env();
  return options;
}

// Every family has the same settings.
rocksdb::ColumnFamilyOptions MakeFamilyOptions() {
  rocksdb::ColumnFamilyOptions options;
  // Uncompressed, so that "nothing readable is in the database" can be checked by searching its files:
  // compressed blocks hide most of what a search looks for. Ciphertext and hashes don't compress anyway.
  options.compression = rocksdb::kNoCompression;
  options.bottommost_compression = rocksdb::kDisableCompressionOption;
  options.write_buffer_size = 16 * kMiB;
  return options;
}

rocksdb::BlockBasedTableOptions MakeTableOptions() {
  rocksdb::BlockBasedTableOptions options;
  options.block_cache = rocksdb::NewLRUCache(64 * kMiB);
  options.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  options.block_size = 8 * 1024;
  return options;
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

struct Store::Database {
  std::shared_ptr<FileSystemHandle> file_system;  // Dies after the database.
  std::array<rocksdb::ColumnFamilyHandle*, kFamilyCount> families{};
  rocksdb::ColumnFamilyHandle* unused_default = nullptr;
  std::unique_ptr<rocksdb::DB> db;
  std::atomic<bool> healthy{true};

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
};

Store::Store(std::unique_ptr<Database> database) : database_(std::move(database)) {}
Store::~Store() = default;

absl::StatusOr<std::unique_ptr<Store>> Store::Open(const std::string& directory,
                                                   const StoreOptions& store_options) {
  if (store_options.file_system == nullptr || store_options.file_system->on_disk()) {
    RETURN_IF_ERROR(MakePrivateDirectory(directory));
  }
  rocksdb::ColumnFamilyOptions family_options = MakeFamilyOptions();
  family_options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(MakeTableOptions()));
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  descriptors.emplace_back(rocksdb::kDefaultColumnFamilyName, family_options);
  for (absl::string_view name : kFamilyNames) descriptors.emplace_back(std::string(name), family_options);

  auto database = std::make_unique<Database>();
  database->file_system = store_options.file_system;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status opened = rocksdb::DB::Open(rocksdb::DBOptions(MakeOptions(store_options)), directory,
                                                   descriptors, &handles, &db);
  if (!opened.ok()) return OpenFailed(opened, directory);
  database->db.reset(db);
  database->unused_default = handles[0];
  for (size_t i = 0; i < kFamilyCount; ++i) database->families[i] = handles[i + 1];

  std::unique_ptr<Store> store(new Store(std::move(database)));
  const absl::StatusOr<Bytes> format = store->Get(Family::kMeta, kFormatKey);
  if (absl::IsNotFound(format.status())) {
    Batch batch;
    batch.Put(Family::kMeta, kFormatKey, kFormat);
    RETURN_IF_ERROR(store->Commit(batch));
    return store;
  }
  RETURN_IF_ERROR(format.status());
  if (*format != kFormat) {
    return absl::FailedPreconditionError(
        absl::StrCat("database '", directory, "' has format ", *format, ", this program reads ", kFormat));
  }
  return store;
}

absl::StatusOr<Bytes> Store::Get(Family family, ByteView key) const {
  Bytes value;
  RETURN_IF_ERROR(
      ToStatus(database_->db->Get(rocksdb::ReadOptions(), database_->Of(family), ToSlice(key), &value)));
  return value;
}

absl::StatusOr<bool> Store::Contains(Family family, ByteView key) const {
  rocksdb::PinnableSlice value;
  const rocksdb::Status status =
      database_->db->Get(rocksdb::ReadOptions(), database_->Of(family), ToSlice(key), &value);
  if (status.IsNotFound()) return false;
  RETURN_IF_ERROR(ToStatus(status));
  return true;
}

absl::Status Store::Commit(const Batch& batch) { return Write(batch, /*sync=*/true); }
absl::Status Store::CommitUnsynced(const Batch& batch) { return Write(batch, /*sync=*/false); }
absl::Status Store::Compact(const std::vector<Family>& families) {
  const std::vector<rocksdb::ColumnFamilyHandle*> all(database_->families.begin(), database_->families.end());
  RETURN_IF_ERROR(ToStatus(database_->db->Flush(rocksdb::FlushOptions(), all)));
  rocksdb::CompactRangeOptions options;
  options.exclusive_manual_compaction = false;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  for (const Family family : families) {
    RETURN_IF_ERROR(ToStatus(database_->db->CompactRange(options, database_->Of(family), nullptr, nullptr)));
  }
  return absl::OkStatus();
}

bool Store::healthy() const { return database_->healthy.load(); }

absl::Status Store::Write(const Batch& batch, bool sync) {
  if (!healthy()) return absl::UnavailableError("database: an earlier commit failed; it must be opened anew");
  rocksdb::WriteBatch write_batch(batch.size_bytes() + 16 * batch.size() + 16);
  for (const Batch::Operation& operation : batch.operations()) {
    rocksdb::ColumnFamilyHandle* const family = database_->Of(operation.family);
    const rocksdb::Status added =
        operation.kind == Batch::Kind::kPut
            ? write_batch.Put(family, ToSlice(operation.key), ToSlice(operation.value))
            : write_batch.Delete(family, ToSlice(operation.key));
    RETURN_IF_ERROR(ToStatus(added));
  }
  rocksdb::WriteOptions options;
  options.sync = sync;
  const rocksdb::Status written = database_->db->Write(options, &write_batch);
  if (!written.ok()) database_->healthy.store(false);
  return ToStatus(written);
}

struct Store::Iterator::State {
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
  auto state = std::make_unique<Iterator::State>();
  state->limit = Bytes(limit);
  state->limit_slice = rocksdb::Slice(state->limit);
  rocksdb::ReadOptions options;
  if (!state->limit.empty()) options.iterate_upper_bound = &state->limit_slice;
  state->iterator.reset(database_->db->NewIterator(options, database_->Of(family)));
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
  const std::unique_ptr<rocksdb::Iterator> iterator(
      database_->db->NewIterator(rocksdb::ReadOptions(), database_->Of(family)));
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
