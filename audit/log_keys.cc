// SPDX-License-Identifier: EUPL-1.2
// What a Log knows of the keys of its openings: which there were, and which of them were destroyed. The rest
// of Log is in log.cc.
#include <utility>

#include "absl/strings/str_cat.h"
#include "audit/log.h"
#include "audit/payload_row.h"
#include "audit/reader.h"
#include "audit/rows.h"
#include "util/status_macros.h"

namespace seinpost::audit {
namespace {

constexpr uint8_t kPayloadVersion = 1;
constexpr uint8_t kKeyRowVersion = 1;

absl::StatusOr<KeyPeriod> DecodeKeyRow(ByteView name, ByteView value) {
  Reader reader(value);
  KeyPeriod period;
  const uint64_t version = reader.Number(1);
  period.fingerprint = reader.Hash();
  const uint64_t behind = reader.Number(8);  // the index of the leaf, plus 1
  if (behind > 0) period.erased_by = behind - 1;
  if (!reader.Finish("key row").ok() || version != kKeyRowVersion || name.size() < 5) {
    return absl::DataLossError("audit log: malformed row of a key");
  }
  period.retention_class = std::string(name.substr(0, name.size() - 4));
  Reader month(name.substr(name.size() - 4));
  period.month = static_cast<uint32_t>(month.Number(4));
  return period;
}

absl::Status BadKey(const KeyPeriod& period, absl::string_view what) {
  return absl::DataLossError(absl::StrCat("the payload key ", period.retention_class, ".", period.month,
                                          ".key ", what, ": put it back from a backup of the keys"));
}

}  // namespace

Bytes EncodePayload(const SealedRow& row) {
  return U8(kPayloadVersion) + Lp(row.retention_class) + U32(row.month) + Bytes(row.sealed);
}

absl::StatusOr<SealedRow> DecodePayload(ByteView bytes) {
  Reader reader(bytes);
  SealedRow row;
  const uint64_t version = reader.Number(1);
  row.retention_class = reader.Lp(kMaxClassBytes);
  row.month = static_cast<uint32_t>(reader.Number(4));
  if (reader.failed() || version != kPayloadVersion) return absl::DataLossError("audit payload: malformed");
  row.sealed = bytes.substr(1 + 4 + row.retention_class.size() + 4);
  return row;
}

Log::Row Log::KeyRow(const KeyPeriod& period) const {
  return {
      Family::kAuditHead, KeyRowPrefix(prefix_) + Bytes(period.retention_class) + U32(period.month),
      U8(kKeyRowVersion) + ToBytes(period.fingerprint) + U64(period.erased_by ? *period.erased_by + 1 : 0)};
}

void Log::KnowKey(const KeyPeriod& period) {
  keys_.MarkMade(period.retention_class, period.month);
  absl::MutexLock lock(&mutex_);
  known_keys_[{period.retention_class, period.month}] = period;
}

absl::Status Log::LoadKeys() {
  const Bytes prefix = KeyRowPrefix(prefix_);
  absl::Status decoded;
  RETURN_IF_ERROR(
      store_.Scan(Family::kAuditHead, prefix, PrefixLimit(prefix), [&](ByteView key, ByteView value) {
        const absl::StatusOr<KeyPeriod> period = DecodeKeyRow(key.substr(prefix.size()), value);
        decoded = period.status();
        if (period.ok()) KnowKey(*period);
        return period.ok();
      }));
  return decoded;
}

// The first leaf under a key takes note of it, in the same batch.
absl::Status Log::StageKey(absl::string_view retention_class, uint32_t month, Batch& batch) {
  {
    absl::MutexLock lock(&mutex_);
    if (known_keys_.count({std::string(retention_class), month}) > 0) return absl::OkStatus();
  }
  for (const KeyPeriod& staged : staged_keys_) {
    if (staged.retention_class == retention_class && staged.month == month) return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const Digest fingerprint, keys_.Fingerprint(retention_class, month));
  staged_keys_.push_back({std::string(retention_class), month, fingerprint, std::nullopt});
  const Row row = KeyRow(staged_keys_.back());
  batch.Put(row.family, row.key, row.value);
  return absl::OkStatus();
}

std::vector<KeyPeriod> Log::Keys() const {
  absl::MutexLock lock(&mutex_);
  std::vector<KeyPeriod> periods;
  for (const auto& entry : known_keys_) periods.push_back(entry.second);
  return periods;
}

absl::Status Log::CheckKeys() const {
  for (const KeyPeriod& period : Keys()) {
    if (period.erased_by || WasDestroyedUnnamed(period)) continue;
    const absl::StatusOr<Digest> found = keys_.Fingerprint(period.retention_class, period.month);
    if (absl::IsNotFound(found.status())) {
      return BadKey(period, "is missing or empty, and no leaf says that it was destroyed");
    }
    if (absl::IsDataLoss(found.status())) return BadKey(period, "is no key any more");
    RETURN_IF_ERROR(found.status());
    if (*found != period.fingerprint) {
      return BadKey(period, "is not the one that the openings of the log were sealed with");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<KeyPeriod>> Log::UnknownKeys() const {
  std::vector<KeyPeriod> unknown;
  ASSIGN_OR_RETURN(const auto listed, keys_.List());
  for (const auto& [retention_class, month] : listed) {
    {
      absl::MutexLock lock(&mutex_);
      if (known_keys_.count({retention_class, month}) > 0) continue;
    }
    ASSIGN_OR_RETURN(const Digest fingerprint, keys_.Fingerprint(retention_class, month));
    unknown.push_back({retention_class, month, fingerprint, std::nullopt});
  }
  return unknown;
}

bool Log::WasDestroyedUnnamed(const KeyPeriod& period) const {
  return !period.erased_by && keys_.WasDestroyed(period.retention_class, period.month, period.fingerprint);
}

absl::Status Log::DestroyKey(absl::string_view retention_class, uint32_t month) {
  {
    absl::MutexLock lock(&mutex_);
    const auto found = known_keys_.find({std::string(retention_class), month});
    if (found == known_keys_.end() || !found->second.erased_by) {
      return absl::FailedPreconditionError("audit log: no leaf says that this key is destroyed");
    }
  }
  return keys_.Destroy(retention_class, month);
}

absl::StatusOr<std::optional<uint64_t>> Log::VisitSealed(
    uint64_t first, size_t max,
    absl::FunctionRef<bool(uint64_t index, absl::string_view retention_class, uint32_t month)> visit) const {
  std::optional<uint64_t> next;
  size_t visited = 0;
  absl::Status decoded;
  RETURN_IF_ERROR(store_.Scan(Family::kAuditPayload, LeafKey(prefix_, first), LeafKey(prefix_, head().size),
                              [&](ByteView key, ByteView value) {
                                const absl::StatusOr<uint64_t> index = ReadU64(key.substr(prefix_.size()));
                                const absl::StatusOr<SealedRow> row = DecodePayload(value);
                                decoded = index.ok() ? row.status() : index.status();
                                if (!decoded.ok()) return false;
                                const bool go_on = visit(*index, row->retention_class, row->month);
                                if (++visited == max || !go_on) next = *index + 1;
                                return !next;
                              }));
  RETURN_IF_ERROR(decoded);
  return next;
}

std::vector<Log::Row> Log::RowsOfOpening(uint64_t index) const {
  std::vector<Row> rows{{Family::kAuditPayload, LeafKey(prefix_, index), {}}};
  const absl::StatusOr<Opening> opening = ReadOpening(index);
  if (!opening.ok()) return rows;
  for (const SearchTerm& term : SearchTerms(opening->event())) {
    rows.push_back({Family::kAuditIndex, index_.RowKey(term, index), {}});
  }
  return rows;
}

}  // namespace seinpost::audit
