// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_CLIENT_CONVENANT_BROKER_KEYS_H_
#define SEINPOST_CLIENT_CONVENANT_BROKER_KEYS_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "util/bytes.h"

namespace seinpost::client {

// The keys that `seinpostd init` prints. kInvalidArgument: not its JSON.
struct BrokerKeys {
  Bytes broker_key;  // 32 bytes
  Bytes log_key;     // 32 bytes
};
absl::StatusOr<BrokerKeys> ParseBrokerKeys(absl::string_view json, absl::string_view convenant);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_CONVENANT_BROKER_KEYS_H_
