// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_HEALTH_CONDITION_H_
#define SEINPOST_SERVER_HEALTH_CONDITION_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/gate/metrics.h"
#include "util/clock.h"

namespace seinpost::server {

// What keeps a broker from something, or what whoever runs it has to know.
enum class Cause : uint8_t {
  kDisk,     // the database cannot be written
  kAnchor,   // checkpoints cannot be anchored
  kLog,      // a log contradicts what was signed
  kDoor,     // nobody is accepted
  kSpace,    // only small things are taken: the disk is nearly full
  kClock,    // the clock jumped
  kHistory,  // at the start something was missing that tells what was acknowledged before
};
inline constexpr Cause kCauses[] = {Cause::kDisk,  Cause::kAnchor, Cause::kLog,    Cause::kDoor,
                                    Cause::kSpace, Cause::kClock,  Cause::kHistory};
absl::string_view CauseName(Cause cause);

// Condition is the one place that knows what a broker can do now and why not. Health, the gauges
// seinpost_trouble{cause} and seinpost_writable, and one line of the log for each change follow from it.
// Thread-safe. Borrows both.
class Condition {
 public:
  Condition(Metrics& metrics, const Clock& clock);

  // OK: this cause does not (or no longer) hold for `subject`, a convenant or, if empty, the broker. A status
  // that was told before is not told again, whatever its text is now. The text goes to the log alone.
  void Set(Cause cause, absl::string_view subject, const absl::Status& status);

  bool Has(Cause cause) const;
  // Whether all that is hosted can be written: none of the disk, an anchor, a log.
  bool CanWrite() const;
  // Whether whoever comes is accepted.
  bool Accepts() const { return !stopping_ && !Has(Cause::kDoor); }
  // From now on nobody is accepted, as it should be: no trouble.
  void BeginShutdown() { stopping_ = true; }

 private:
  using Subject = std::pair<Cause, std::string>;
  bool HasLocked(Cause cause) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool CanWriteLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Metrics& metrics_;
  const Clock& clock_;
  std::atomic<bool> stopping_{false};
  mutable absl::Mutex mutex_;
  std::map<Subject, absl::Time> since_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_HEALTH_CONDITION_H_
