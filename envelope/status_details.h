// SPDX-License-Identifier: EUPL-1.2
// A refusal as the error details of a call (docs/formats/refusal.md): written by the broker, read by the
// client. Pure; thread-safe.
#ifndef SEINPOST_ENVELOPE_STATUS_DETAILS_H_
#define SEINPOST_ENVELOPE_STATUS_DETAILS_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "seinpost/v1/common.pb.h"

namespace seinpost::envelope {

// Details travel in a header, in base64, and gRPC takes at most 8 KiB of headers.
inline constexpr size_t kMaxStatusDetailsBytes = 4 * 1024;

// `decision` with as many of its first reasons, then alternatives, then verdicts as fit in `max_bytes`
// encoded, and the number of those left out. The first reason keeps its code and rule whatever it takes, and
// alternatives leave reasons five eighths of the room.
v1::Decision CutToFit(const v1::Decision& decision, size_t max_bytes);

// The encoded RpcStatus with one detail, `decision` cut to fit: at most kMaxStatusDetailsBytes if `message`
// is at most 1 KiB; of a longer one it has the first.
std::string EncodeStatusDetails(int code, absl::string_view message, const v1::Decision& decision);
// The decision in the details of a call; nothing if they hold none. `details` are untrusted.
std::optional<v1::Decision> DecisionInStatusDetails(const std::string& details);

}  // namespace seinpost::envelope

#endif  // SEINPOST_ENVELOPE_STATUS_DETAILS_H_
