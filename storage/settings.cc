// SPDX-License-Identifier: EUPL-1.2
#include "storage/settings.h"

#include <rocksdb/cache.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include "storage/file_system_handle.h"

namespace seinpost {

namespace {

constexpr size_t kMiB = size_t{1} << 20;

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

rocksdb::BlockBasedTableOptions MakeTableOptions() {
  rocksdb::BlockBasedTableOptions options;
  options.block_cache = rocksdb::NewLRUCache(64 * kMiB);
  options.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  options.block_size = 8 * 1024;
  return options;
}

}  // namespace

rocksdb::DBOptions MakeOptions(const StoreOptions& store_options) {
  rocksdb::Options options;
  SetDurability(options);
  options.create_if_missing = store_options.create;
  options.create_missing_column_families = true;
  options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  options.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();  // for VerifyFiles()
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.max_total_wal_size = 32 * kMiB;  // Bounds the time that recovery takes.
  options.max_manifest_file_size = 4 * kMiB;
  options.db_write_buffer_size = 64 * kMiB;
  options.max_background_jobs = 2;
  options.skip_stats_update_on_db_open = true;
  // By default each family gets sixteen threads to open its few files with, at every start.
  options.max_file_opening_threads = 1;
  if (store_options.file_system != nullptr) options.env = store_options.file_system->env();
  return rocksdb::DBOptions(options);
}

rocksdb::ColumnFamilyOptions MakeFamilyOptions() {
  rocksdb::ColumnFamilyOptions options;
  // Uncompressed, so that "nothing readable is in the database" can be checked by searching its files:
  // compressed blocks hide most of what a search looks for. Ciphertext and hashes don't compress anyway.
  options.compression = rocksdb::kNoCompression;
  options.bottommost_compression = rocksdb::kDisableCompressionOption;
  options.write_buffer_size = 16 * kMiB;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(MakeTableOptions()));
  return options;
}

}  // namespace seinpost
