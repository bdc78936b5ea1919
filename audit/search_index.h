// SPDX-License-Identifier: EUPL-1.2
// SearchIndex finds the leaves whose events hold a value, without the database showing the value: a row's key
// is HMAC(index key, tag, value), and the index key lies in a file outside the database. Untrusted and
// rebuildable: what it finds is read and checked from the log.
//
// Thread-safe.
#ifndef SEINPOST_AUDIT_SEARCH_INDEX_H_
#define SEINPOST_AUDIT_SEARCH_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "audit/event.h"
#include "crypto/secret.h"
#include "storage/store.h"
#include "util/bytes.h"

namespace seinpost::audit {

struct SearchTerm {
  Tag tag{};
  Bytes value;
};
// What an event is found by: case reference, object id, and each member in it (actor or recipient, as
// Tag::kActorMember), every term once.
std::vector<SearchTerm> SearchTerms(const Event& event);

class SearchIndex {
 public:
  // Reads the 32-byte key file; one that is not there is made (0600, fsynced), or is kNotFound. `origin`
  // names the log. kDataLoss: the file is not a key. kUnavailable: cannot be written.
  enum class KeyFile { kMake, kMustBeThere };
  static absl::StatusOr<SearchIndex> Open(const std::string& key_file, absl::string_view origin,
                                          KeyFile missing = KeyFile::kMake);

  // Tells the key from others, and nothing about it.
  FixedBytes<16> KeyFingerprint() const;

  void Add(const SearchTerm& term, uint64_t index, Batch& batch) const;
  void Remove(const SearchTerm& term, uint64_t index, Batch& batch) const;
  // The row that Add() puts, in Family::kAuditIndex.
  Bytes RowKey(const SearchTerm& term, uint64_t index) const;
  // At most `max` leaf indices in [first, limit), ascending.
  absl::StatusOr<std::vector<uint64_t>> Find(const Store& store, const SearchTerm& term, uint64_t first,
                                             uint64_t limit, size_t max) const;

 private:
  SearchIndex(crypto::Secret<32> key, absl::string_view origin);
  Bytes RowPrefix(const SearchTerm& term) const;

  crypto::Secret<32> key_;
  Bytes log_prefix_;
};

}  // namespace seinpost::audit

#endif  // SEINPOST_AUDIT_SEARCH_INDEX_H_
