// SPDX-License-Identifier: EUPL-1.2
#include "server/gate/free_space.h"

#include <sys/statvfs.h>

#include "server/gate/quota.h"

namespace seinpost::server {

namespace {
// Somebody has to make room.
constexpr absl::Duration kLookAgain = absl::Minutes(1);
}  // namespace

absl::Status FreeSpace::CheckRoomFor(size_t bytes) {
  if (floor_ == 0 || bytes <= kSmallBytes) return absl::OkStatus();
  const absl::Time now = clock_.Now();
  absl::MutexLock lock(&mutex_);
  // A clock set back measures too.
  if (now < measured_ || now - measured_ >= absl::Seconds(1)) {
    const absl::StatusOr<uint64_t> free = measure_();
    low_ = free.ok() && *free < floor_;
    measured_ = now;
  }
  return low_ ? OverQuota(kLookAgain) : absl::OkStatus();
}

FreeSpace::Measure FreeSpaceOf(std::string directory) {
  return [directory = std::move(directory)]() -> absl::StatusOr<uint64_t> {
    struct statvfs stats{};
    if (statvfs(directory.c_str(), &stats) != 0) return absl::UnavailableError("cannot ask for free space");
    return static_cast<uint64_t>(stats.f_bavail) * stats.f_frsize;
  };
}

}  // namespace seinpost::server
