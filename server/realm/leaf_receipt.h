// SPDX-License-Identifier: EUPL-1.2
// Receipts of leaves, as they go out.
#ifndef SEINPOST_SERVER_REALM_LEAF_RECEIPT_H_
#define SEINPOST_SERVER_REALM_LEAF_RECEIPT_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "seinpost/v1/common.pb.h"
#include "server/commit/prepared_event.h"
#include "server/realm/realm.h"
#include "server/rows/device_records.h"
#include "util/bytes.h"

namespace seinpost::server {

// Where and as what something was logged.
struct Logged {
  uint64_t leaf_index;
  Digest leaf_hash;
  Bytes request_hash;
  absl::Time time;

  static Logged Of(const LoggedStatement& row);
};

// The receipt of a leaf, with `opening` as the caller may see it (empty: none).
v1::Receipt MakeReceipt(Realm& realm, const Logged& logged, ByteView opening);
// That of an event which became leaf `index`, for who caused it: with its opening.
v1::Receipt MakeReceipt(Realm& realm, uint64_t index, const PreparedEvent& event);
// The receipt that was given before for the caller's own leaf, once more. Reads the database.
absl::StatusOr<v1::Receipt> ReceiptAgain(Realm& realm, const Logged& logged);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_REALM_LEAF_RECEIPT_H_
