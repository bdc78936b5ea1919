// SPDX-License-Identifier: EUPL-1.2
#include "server/gate/free_space.h"

#include <sys/statvfs.h>

#include "absl/strings/str_cat.h"
#include "server/gate/quota.h"

namespace seinpost::server {

namespace {
// Somebody has to make room.
constexpr absl::Duration kLookAgain = absl::Minutes(1);
}  // namespace

bool FreeSpace::Low() {
  if (floor_ == 0) return false;
  const absl::Time now = clock_.Now();
  absl::MutexLock lock(&mutex_);
  // A clock set back measures too.
  if (now < measured_ || now - measured_ >= absl::Seconds(1)) {
    const absl::StatusOr<uint64_t> free = measure_();
    low_ = free.ok() && *free < floor_;
    measured_ = now;
  }
  return low_;
}

absl::Status FreeSpace::CheckRoomFor(size_t bytes) {
  return bytes > kSmallBytes && Low() ? OverQuota(kLookAgain) : absl::OkStatus();
}

absl::Status FreeSpace::CheckFloor() {
  if (!Low()) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat("less than ", floor_ / 1024 / 1024, " MiB are free: only small things are taken"));
}

FreeSpace::Measure FreeSpaceOf(std::string directory) {
  return [directory = std::move(directory)]() -> absl::StatusOr<uint64_t> {
    struct statvfs stats{};
    if (statvfs(directory.c_str(), &stats) != 0) return absl::UnavailableError("cannot ask for free space");
    return static_cast<uint64_t>(stats.f_bavail) * stats.f_frsize;
  };
}

}  // namespace seinpost::server
