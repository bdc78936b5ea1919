// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_RETENTION_RETENTION_H_
#define SEINPOST_SERVER_RETENTION_RETENTION_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/gate/context.h"
#include "server/retention/log_keys_end.h"
#include "server/retention/retention_clock.h"
#include "server/rows/due_records.h"

namespace seinpost::server {

// What has expired is destroyed this long after it. Whatever was decided about it before it expired is
// committed by then.
inline constexpr absl::Duration kGrace = absl::Minutes(10);

// Retention destroys what has expired (R32): parts, with them signals and what belongs to them (each with an
// EXPIRED leaf, in one batch); rewraps and requests for them; references to cases; what was left of signals;
// and the keys of the log's openings (LogKeysEnd). It finds what is due by time (due_records.h) and does a
// bounded piece of it at each call, and once a day takes what was deleted off the disk. While the clock may
// have jumped it destroys nothing and says so (JudgeClock).
//
// Thread-safe; not for the commit thread, to which it hands what is prepared.
class Retention {
 public:
  // `log_months`: how long the log's openings are kept after the end of their month; 0: for good.
  Retention(const Context& context, uint32_t log_months);
  ~Retention();

  // One pass.
  void Sweep(Realm& realm, absl::Time now);

 private:
  struct State {
    State(const Context& context, Realm& realm, uint32_t log_months) : keys(context, realm, log_months) {}
    LogKeysEnd keys;
    bool clock_read = false;
    std::optional<RetentionClockRow> clock, stored_clock;
    bool due_complete = false;
    Bytes indexed;                        // what an earlier version wrote was indexed up to here
    std::weak_ptr<void> running;          // what was handed to the sequencer last
    absl::Time done = absl::UnixEpoch();  // what had expired by then is gone
  };
  absl::Status SweepOrFail(Realm& realm, State& state, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<bool> ClockHolds(Realm& realm, State& state, absl::Time now);
  void TellDone() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Index(Realm& realm, State& state);
  absl::Status Compact(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Whether nothing was due.
  absl::StatusOr<bool> DestroyDue(Realm& realm, State& state, absl::Time now);

  const Context& context_;
  const uint32_t log_months_;
  absl::Mutex mutex_;
  absl::Time compacted_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  std::map<const Realm*, State> states_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_RETENTION_RETENTION_H_
