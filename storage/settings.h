// SPDX-License-Identifier: EUPL-1.2
// Inside of storage/ only: how RocksDB is set up. Why: docs/formats/storage.md.
#ifndef SEINPOST_STORAGE_SETTINGS_H_
#define SEINPOST_STORAGE_SETTINGS_H_

#include <rocksdb/options.h>

#include "storage/store.h"

namespace seinpost {

rocksdb::DBOptions MakeOptions(const StoreOptions& store_options);
// Every family has the same settings.
rocksdb::ColumnFamilyOptions MakeFamilyOptions();

}  // namespace seinpost

#endif  // SEINPOST_STORAGE_SETTINGS_H_
