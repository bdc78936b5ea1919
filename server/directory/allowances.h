// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_DIRECTORY_ALLOWANCES_H_
#define SEINPOST_SERVER_DIRECTORY_ALLOWANCES_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "seinpost/v1/trust.pb.h"
#include "util/bytes.h"

namespace seinpost::server {

// How many objects one signer may publish; 0: no limit.
struct PublicationLimits {
  uint32_t per_minute = 1200;      // of each kind
  uint32_t grants_per_day = 5000;  // certificates of each kind, mandates
};

// Allowances counts published objects by signer and kind, so that nobody spends what is another's: not a
// stranger, who has signed nothing, and not whoever shows an old object of somebody else, since what is there
// already is not counted. Kinds are counted apart: who sends a party's convenant round spends none of its
// restriction orders.
//
// A bucket per signer, kind and span holds what may come at once and refills evenly; only what was rightly
// signed makes one, and a full one is forgotten. Thread-safe.
class Allowances {
 public:
  explicit Allowances(const PublicationLimits& limits) : limits_(limits) {}

  // Whether `signer` of `realm` (a prefix of rows) may have `objects` of `kind` now; spends nothing. More
  // than a full bucket may be asked for when it is full. kResourceExhausted says when to come back.
  absl::Status Check(ByteView realm, v1::ObjectKind kind, absl::string_view signer, uint32_t objects,
                     absl::Time now) const;
  // Spends one, though there be none: the next Check() waits for it.
  void Spend(ByteView realm, v1::ObjectKind kind, absl::string_view signer, absl::Time now);

  size_t signers() const;  // buckets that are not full

 private:
  struct Span {
    char name;
    double full;
    absl::Duration refill;  // from empty to full
  };
  struct Bucket {
    Span span;
    double left;  // below zero: spent before it was there
    absl::Time at;
    double LeftAt(absl::Time now) const;
  };
  std::vector<Span> SpansOf(v1::ObjectKind kind) const;
  void ForgetFull(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const PublicationLimits limits_;
  mutable absl::Mutex mutex_;
  std::map<Bytes, Bucket, std::less<>> buckets_ ABSL_GUARDED_BY(mutex_);
  absl::Time forgotten_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

// What this broker asks of a new prekey besides (docs/formats/directory.md), so that a device publishes one
// per class and month and few to replace it: its window is one calendar month (UTC), for a replacement but
// for its first seconds (trust::kMaxPrekeyReplacements), and begins no more than kPrekeyMonthsAhead months
// after the month of `now`. Honest clients publish four months ahead; the fifth is for a clock that is a
// little fast at the end of a month. kInvalidArgument, kFailedPrecondition.
inline constexpr int kPrekeyMonthsAhead = 5;
absl::Status CheckPrekeyMonth(const v1::Prekey& prekey, absl::Time now);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_DIRECTORY_ALLOWANCES_H_
