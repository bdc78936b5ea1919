// SPDX-License-Identifier: EUPL-1.2
#include "server/devices/row_pages.h"

#include "util/status_macros.h"

namespace seinpost::server {

absl::StatusOr<bool> RowPages::Next(absl::FunctionRef<absl::Status(ByteView key, ByteView value)> visit) {
  size_t rows = 0;
  absl::Status visited;
  Bytes last;
  RETURN_IF_ERROR(store_.Scan(family_, next_, PrefixLimit(prefix_), [&](ByteView key, ByteView value) {
    visited = visit(key, value);
    last = Bytes(key);
    return visited.ok() && ++rows < rows_per_page_;
  }));
  RETURN_IF_ERROR(visited);
  if (rows == 0) {
    next_ = prefix_;
    return false;
  }
  next_ = last + '\0';
  return true;
}

}  // namespace seinpost::server
