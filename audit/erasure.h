// SPDX-License-Identifier: EUPL-1.2
// An Erasure says that the key of a month's openings is destroyed: which key, and of which leaves. It is the
// event ERASED of the log (docs/formats/audit_log.md), whose own opening is kept as long as the log, so that
// a reader of an export can tell what was erased from what is withheld from him.
//
// Plain values and pure functions; thread-safe.
#ifndef SEINPOST_AUDIT_ERASURE_H_
#define SEINPOST_AUDIT_ERASURE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "audit/event.h"
#include "util/bytes.h"

namespace seinpost::audit {

// Retention class of openings that are kept as long as the log: those of ERASED.
inline constexpr char kLastingClass[] = "lasting";

struct Erasure {
  std::string retention_class;
  uint32_t month = 0;    // as MonthOf()
  Digest fingerprint{};  // as PayloadKeys::Fingerprint()
  uint64_t first = 0;    // indices of the first and the last leaf whose opening is erased;
  uint64_t last = 0;     // between them may lie leaves of another class or month
  uint64_t count = 0;    // of the leaves whose opening is erased

  bool operator==(const Erasure&) const = default;
};

Event ErasedEvent(const Erasure& erasure, absl::Time now);
// Nothing: another event, or not well formed.
std::optional<Erasure> ErasureOf(const Event& event);

}  // namespace seinpost::audit

#endif  // SEINPOST_AUDIT_ERASURE_H_
