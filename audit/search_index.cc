// SPDX-License-Identifier: EUPL-1.2
#include "audit/search_index.h"

#include <set>
#include <utility>

#include "audit/rows.h"
#include "crypto/hash.h"
#include "crypto/hkdf.h"
#include "crypto/key_file.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::audit {
namespace {

constexpr size_t kTermBytes = 16;  // of the HMAC: enough that two terms don't meet

}  // namespace

std::vector<SearchTerm> SearchTerms(const Event& event) {
  std::set<std::pair<Tag, Bytes>> terms;
  for (Tag tag : {Tag::kObject, Tag::kCaseRef, Tag::kActorMember}) {
    if (std::optional<Bytes> value = event.Text(tag)) terms.emplace(tag, *std::move(value));
  }
  for (const RecipientVerdict& recipient : event.Recipients().value_or(std::vector<RecipientVerdict>())) {
    terms.emplace(Tag::kActorMember, recipient.member_ref);
  }
  std::vector<SearchTerm> result;
  result.reserve(terms.size());
  for (const auto& [tag, value] : terms) result.push_back({tag, value});
  return result;
}

SearchIndex::SearchIndex(crypto::Secret<32> key, absl::string_view origin)
    : key_(std::move(key)), log_prefix_(LogPrefix(origin)) {}

absl::StatusOr<SearchIndex> SearchIndex::Open(const std::string& key_file, absl::string_view origin,
                                              KeyFile missing) {
  absl::StatusOr<crypto::Secret<32>> key = crypto::ReadKeyBytes(key_file);
  if (absl::IsNotFound(key.status()) && missing == KeyFile::kMake) {
    key = crypto::Secret<32>::Random();
    RETURN_IF_ERROR(WriteFileAtomically(key_file, key->ExposeSecretView()));
  }
  RETURN_IF_ERROR(key.status());
  return SearchIndex(*std::move(key), origin);
}

FixedBytes<16> SearchIndex::KeyFingerprint() const {
  return crypto::HkdfExpandFixed<16>(key_, "seinpost/v1/index-key-name");
}

Bytes SearchIndex::RowPrefix(const SearchTerm& term) const {
  const Digest mac =
      crypto::HmacSha256Concat(key_.ExposeSecretView(), {U16(static_cast<uint16_t>(term.tag)), term.value});
  return log_prefix_ + Bytes(View(mac).substr(0, kTermBytes));
}

Bytes SearchIndex::RowKey(const SearchTerm& term, uint64_t index) const {
  return LeafKey(RowPrefix(term), index);
}

void SearchIndex::Add(const SearchTerm& term, uint64_t index, Batch& batch) const {
  batch.Put(Family::kAuditIndex, RowKey(term, index), "");
}

void SearchIndex::Remove(const SearchTerm& term, uint64_t index, Batch& batch) const {
  batch.Delete(Family::kAuditIndex, RowKey(term, index));
}

absl::StatusOr<std::vector<uint64_t>> SearchIndex::Find(const Store& store, const SearchTerm& term,
                                                        uint64_t first, uint64_t limit, size_t max) const {
  const Bytes prefix = RowPrefix(term);
  std::vector<uint64_t> found;
  if (first >= limit || max == 0) return found;
  absl::Status bad_row;
  RETURN_IF_ERROR(store.Scan(Family::kAuditIndex, LeafKey(prefix, first), LeafKey(prefix, limit),
                             [&](ByteView key, ByteView /*value*/) {
                               const absl::StatusOr<uint64_t> index = ReadU64(key.substr(prefix.size()));
                               if (!index.ok()) {
                                 bad_row = absl::DataLossError("search index: malformed row");
                                 return false;
                               }
                               found.push_back(*index);
                               return found.size() < max;
                             }));
  RETURN_IF_ERROR(bad_row);
  return found;
}

}  // namespace seinpost::audit
