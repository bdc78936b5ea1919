// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_CLIENT_SESSION_LOGGED_H_
#define SEINPOST_CLIENT_SESSION_LOGGED_H_

#include <optional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "audit/event.h"
#include "client/session/session.h"

namespace seinpost::client {

// Something that this device did with a signal, as the log must tell it.
struct Deed {
  absl::string_view name;               // "sent": ends the sentence if the log does not tell it
  std::vector<audit::EventType> types;  // one of these; empty: any
  Bytes signal_id;
  std::optional<uint32_t> part;
  std::vector<std::pair<audit::Tag, Bytes>> also;  // further texts of the event
};

// Session::CheckReceipt of a receipt of this device's own, and that the event which its opening shows is the
// deed. kDataLoss (exit 5): the receipt does not verify, or "the log does not say what was sent".
absl::StatusOr<CheckedReceipt> CheckLogged(Session& session, const v1::Receipt& receipt,
                                           const Digest& request_hash, const Deed& deed);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_SESSION_LOGGED_H_
