// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_DEVICES_ROW_PAGES_H_
#define SEINPOST_SERVER_DEVICES_ROW_PAGES_H_

#include <cstddef>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "storage/store.h"
#include "util/bytes.h"

namespace seinpost::server {

// RowPages walks the rows below a prefix in the order of their keys, some at a time. Between two pages it
// holds nothing but the place where it was, so rows that come or go meanwhile are seen or not as they lie.
// Not thread-safe. Borrows the store.
class RowPages {
 public:
  RowPages(const Store& store, Family family, Bytes prefix, size_t rows_per_page)
      : store_(store),
        family_(family),
        prefix_(prefix),
        rows_per_page_(rows_per_page),
        next_(std::move(prefix)) {}

  // Visits the rows of the next page, until `visit` fails. False: there were none left, and the next call
  // starts from the beginning. Errors of the store, or of `visit`.
  absl::StatusOr<bool> Next(absl::FunctionRef<absl::Status(ByteView key, ByteView value)> visit);

 private:
  const Store& store_;
  const Family family_;
  const Bytes prefix_;
  const size_t rows_per_page_;
  Bytes next_;  // the first key that was not visited is this or behind it
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_DEVICES_ROW_PAGES_H_
