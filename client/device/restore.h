// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_CLIENT_DEVICE_RESTORE_H_
#define SEINPOST_CLIENT_DEVICE_RESTORE_H_

#include <cstddef>
#include <set>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/terminal/context.h"
#include "util/bytes.h"

namespace seinpost::client {

struct KeysAskedFor {
  std::set<Bytes> signals;        // whose keys are asked for
  size_t asked = 0, refused = 0;  // parts
  Bytes device_id;                // this one
  absl::Status unverified;        // the first delivery that did not verify (kDataLoss, exit 5), or OK
};
// Takes in the signals that other devices of this member can open and this one cannot, and asks for the key
// of each part. What was asked for and has not expired is not asked for anew.
absl::StatusOr<KeysAskedFor> AskForKeys(const Context& context);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_DEVICE_RESTORE_H_
