// SPDX-License-Identifier: EUPL-1.2
#include "server/health/condition.h"

#include "absl/strings/str_cat.h"

namespace seinpost::server {

absl::string_view CauseName(Cause cause) {
  switch (cause) {
    case Cause::kDisk:
      return "disk";
    case Cause::kAnchor:
      return "anchor";
    case Cause::kLog:
      return "log";
    case Cause::kDoor:
      return "door";
    case Cause::kSpace:
      return "space";
    case Cause::kClock:
      return "clock";
    case Cause::kHistory:
      return "history";
  }
  return "unknown";
}

Condition::Condition(Metrics& metrics, const Clock& clock) : metrics_(metrics), clock_(clock) {
  for (const Cause cause : kCauses) metrics_.SetTrouble(CauseName(cause), 0);
  metrics_.SetWritable(true);
}

bool Condition::HasLocked(Cause cause) const {
  const auto first = since_.lower_bound({cause, ""});
  return first != since_.end() && first->first.first == cause;
}

bool Condition::CanWriteLocked() const {
  return !HasLocked(Cause::kDisk) && !HasLocked(Cause::kAnchor) && !HasLocked(Cause::kLog);
}

bool Condition::Has(Cause cause) const {
  absl::MutexLock lock(&mutex_);
  return HasLocked(cause);
}

bool Condition::CanWrite() const {
  absl::MutexLock lock(&mutex_);
  return CanWriteLocked();
}

void Condition::Set(Cause cause, absl::string_view subject, const absl::Status& status) {
  const absl::Time now = clock_.Now();
  const absl::string_view name = CauseName(cause);
  const std::string of = subject.empty() ? std::string() : absl::StrCat(" of ", subject);
  std::string line;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = since_.find({cause, std::string(subject)});
    if (status.ok() == (found == since_.end())) return;
    if (status.ok()) {
      line = absl::StrCat("trouble is over: ", name, of, ", after ",
                          absl::FormatDuration(absl::Trunc(now - found->second, absl::Seconds(1))));
      since_.erase(found);
    } else {
      line = absl::StrCat("trouble: ", name, of);
      since_[{cause, std::string(subject)}] = now;
    }
    size_t subjects = 0;
    for (const auto& [of_cause, since] : since_) subjects += of_cause.first == cause ? 1 : 0;
    metrics_.SetTrouble(name, subjects);
    metrics_.SetWritable(CanWriteLocked());
  }
  metrics_.Tell(line, status);
}

}  // namespace seinpost::server
