// SPDX-License-Identifier: EUPL-1.2
#include "audit/erasure.h"

#include <limits>

namespace seinpost::audit {

Event ErasedEvent(const Erasure& erasure, absl::Time now) {
  Event event;
  event.SetType(EventType::kErased)
      .SetTime(now)
      .SetText(Tag::kAction, "D")
      .SetNumber(Tag::kOutcome, 0)
      .SetText(Tag::kObject, View(erasure.fingerprint))
      .SetText(Tag::kObjectType, "payload-key")
      .SetText(Tag::kSource, "broker")
      .SetText(Tag::kRetentionClass, erasure.retention_class)
      .SetNumber(Tag::kMonth, erasure.month)
      .SetNumber(Tag::kFirst, erasure.first)
      .SetNumber(Tag::kLast, erasure.last)
      .SetNumber(Tag::kCount, erasure.count);
  return event;
}

std::optional<Erasure> ErasureOf(const Event& event) {
  if (event.Type() != EventType::kErased) return std::nullopt;
  const std::optional<Bytes> object = event.Text(Tag::kObject);
  const std::optional<Bytes> retention_class = event.Text(Tag::kRetentionClass);
  const std::optional<uint64_t> month = event.Number(Tag::kMonth);
  const std::optional<uint64_t> first = event.Number(Tag::kFirst);
  const std::optional<uint64_t> last = event.Number(Tag::kLast);
  const std::optional<uint64_t> count = event.Number(Tag::kCount);
  if (!object || !retention_class || !month || !first || !last || !count) return std::nullopt;
  const absl::StatusOr<Digest> fingerprint = ToFixed<32>(*object, "fingerprint");
  if (!fingerprint.ok() || *month > std::numeric_limits<uint32_t>::max() || *first > *last || *count == 0 ||
      *count - 1 > *last - *first) {
    return std::nullopt;
  }
  return Erasure{*retention_class, static_cast<uint32_t>(*month), *fingerprint, *first, *last, *count};
}

}  // namespace seinpost::audit
