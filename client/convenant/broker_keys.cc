// SPDX-License-Identifier: EUPL-1.2
#include "client/convenant/broker_keys.h"

#include "client/terminal/json.h"
#include "trust/fields.h"

namespace seinpost::client {

absl::StatusOr<BrokerKeys> ParseBrokerKeys(absl::string_view json, absl::string_view convenant) {
  const Json object = Json::Parse(json).value_or(Json());
  JsonFields fields(object, "broker keys");
  BrokerKeys keys;
  keys.broker_key = fields.Hex("identity", trust::kKeyBytes);
  JsonFields log_keys(fields.Object("log_keys"), "log keys");
  if (fields.ok() && !log_keys.Has(convenant)) {
    return absl::InvalidArgumentError(
        "the broker has no log key for this convenant: add it to its configuration");
  }
  keys.log_key = log_keys.Hex(convenant, trust::kKeyBytes);
  if (!fields.ok() || !log_keys.ok()) {
    return absl::InvalidArgumentError("the broker's keys are not what seinpostd init prints");
  }
  return keys;
}

}  // namespace seinpost::client
