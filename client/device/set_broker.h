// SPDX-License-Identifier: EUPL-1.2
// `seinpost profile set-broker`: the broker has another address or certificate authority.
#ifndef SEINPOST_CLIENT_DEVICE_SET_BROKER_H_
#define SEINPOST_CLIENT_DEVICE_SET_BROKER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/terminal/context.h"
#include "client/terminal/json.h"

namespace seinpost::client {

struct SetBrokerArgs {
  std::string address;  // "host:port"
  std::string ca;       // file, PEM; empty: the one that the profile has
};
struct BrokerSet {
  std::string convenant;
  std::string before, now;  // addresses
  bool other_ca = false;
};
// Logs in at the new address and lets the broker there prove that it keeps the log of this convenant: a
// checkpoint of now by the key that the convenant and its changes state, of the history that this device has
// seen, about the directory that it holds. Only then is the profile changed. Errors of
// Session::SyncDirectory: kUnavailable (exit 4) nobody there, or another certificate authority; kDataLoss
// (exit 5) another broker. A usage error: no address, or no certificate in the file.
absl::StatusOr<BrokerSet> SetBroker(const Context& context, const SetBrokerArgs& args);

Json ToJson(const BrokerSet& set);
std::string ToText(const BrokerSet& set, Language language);
absl::Status ProfileSetBroker(Context& context, const SetBrokerArgs& args);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_DEVICE_SET_BROKER_H_
