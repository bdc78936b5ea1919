// SPDX-License-Identifier: EUPL-1.2
#include "server/grpc/bounds.h"

#include <sys/resource.h>

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace seinpost::server {

uint64_t RaiseFileLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  if (limit.rlim_cur < limit.rlim_max) {
    rlimit raised = limit;
    raised.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  return limit.rlim_cur;
}

absl::StatusOr<DoorBounds> FitBounds(const DoorWish& wish, uint64_t files) {
  DoorBounds bounds;
  bounds.per_address = wish.per_address.value_or(bounds.per_address);
  const uint64_t left = files > kFilesApart ? files - kFilesApart : 0;
  bounds.without_session = wish.without_session.value_or(
      static_cast<uint32_t>(std::min<uint64_t>(bounds.without_session, left / 4)));
  const uint64_t strangers = bounds.without_session;
  const uint64_t wanted = wish.connections.value_or(
      std::min<uint64_t>(bounds.connections, left > strangers ? left - strangers : 0));
  const uint64_t needed = kFilesApart + strangers + std::max(wanted, kFewestConnections);
  if (needed > files) {
    return absl::InvalidArgumentError(
        absl::StrCat("this process may open ", files, " files and the bounds on connections need ", needed,
                     ": raise the limit (LimitNOFILE= of systemd, `ulimit -n`) to at least ", needed,
                     wish.connections || wish.without_session ? ", or ask for fewer under door:" : ""));
  }
  if (strangers > wanted) {
    return absl::InvalidArgumentError(absl::StrCat("door: connections_without_session is ", strangers,
                                                   ", more than the ", wanted,
                                                   " connections in all: make it smaller"));
  }
  bounds.connections = static_cast<uint32_t>(wanted);
  return bounds;
}

}  // namespace seinpost::server
