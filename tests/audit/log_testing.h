// SPDX-License-Identifier: EUPL-1.2
// A whole log for tests: store, keys, index, log.
#ifndef SEINPOST_TESTS_AUDIT_LOG_TESTING_H_
#define SEINPOST_TESTS_AUDIT_LOG_TESTING_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "audit/commitment.h"
#include "audit/log.h"
#include "storage/fault_file_system.h"
#include "storage/store.h"
#include "tests/audit/audit_testing.h"

namespace seinpost::audit {

inline constexpr char kTestOrigin[] = "seinpost.example/plaats";
inline constexpr char kTestClass[] = "audit";

// What a broker holds for one log. Borrows nothing; members die in the right order.
struct TestLog {
  std::unique_ptr<Store> store;
  std::unique_ptr<PayloadKeyFiles> keys;
  std::unique_ptr<SearchIndex> index;
  std::unique_ptr<Log> log;

  // `directory` gets keys, and the database unless `options` name another file system.
  static absl::StatusOr<TestLog> Open(const std::string& directory, const StoreOptions& options = {}) {
    TestLog test;
    absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(directory + "/db", options);
    if (!store.ok()) return store.status();
    test.store = *std::move(store);
    test.keys = PayloadKeyFiles::Open(directory + "/keys", kTestOrigin).value();
    test.index =
        std::make_unique<SearchIndex>(SearchIndex::Open(directory + "/index.key", kTestOrigin).value());
    absl::StatusOr<std::unique_ptr<Log>> log = Log::Open(*test.store, kTestOrigin, *test.keys, *test.index);
    if (!log.ok()) return log.status();
    test.log = *std::move(log);
    return test;
  }

  // Stages an event into `batch`.
  absl::StatusOr<uint64_t> StageEvent(const Event& event, Batch& batch) {
    const absl::StatusOr<CommittedEvent> committed = CommitEvent(event);
    if (!committed.ok()) return committed.status();
    const Bytes opening = committed->opening.Encode();
    const std::vector<SearchTerm> terms = SearchTerms(event);
    return log->Stage({.leaf = committed->leaf,
                       .opening = opening,
                       .retention_class = kTestClass,
                       .time = event.Time().value_or(absl::UnixEpoch()),
                       .terms = &terms},
                      batch);
  }
  // Head, commit, and what follows from its outcome.
  absl::Status Commit(Batch& batch) {
    log->StageHead(batch);
    const absl::Status status = store->Commit(batch);
    if (status.ok()) {
      log->Committed();
    } else {
      log->Abandon();
    }
    return status;
  }
};

// A directory leaf that is told from others by its number.
inline Bytes NumberedLeaf(uint64_t number) {
  return EncodeLeaf(LeafClass::kDirectory, crypto::Sha256(absl::StrCat("object ", number)));
}

}  // namespace seinpost::audit

#endif  // SEINPOST_TESTS_AUDIT_LOG_TESTING_H_
