// SPDX-License-Identifier: EUPL-1.2
#include "client/session/logged.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/terminal/context.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

bool Tells(const audit::Event& event, const Deed& deed, ByteView device_id) {
  const bool type =
      deed.types.empty() || std::any_of(deed.types.begin(), deed.types.end(),
                                        [&](audit::EventType one) { return event.Type() == one; });
  return type && event.Text(audit::Tag::kObject) == deed.signal_id &&
         (!deed.part.has_value() || event.Number(audit::Tag::kPart) == *deed.part) &&
         event.Text(audit::Tag::kActorDevice) == Bytes(device_id) &&
         std::all_of(deed.also.begin(), deed.also.end(),
                     [&](const auto& field) { return event.Text(field.first) == field.second; });
}

}  // namespace

absl::StatusOr<CheckedReceipt> CheckLogged(Session& session, const v1::Receipt& receipt,
                                           const Digest& request_hash, const Deed& deed) {
  ASSIGN_OR_RETURN(CheckedReceipt checked, session.CheckReceipt(receipt, request_hash));
  if (!Tells(checked.opening->event(), deed, session.own_device_id())) {
    return TamperedError(absl::StrCat("the log does not say what was ", deed.name));
  }
  return checked;
}

}  // namespace seinpost::client
