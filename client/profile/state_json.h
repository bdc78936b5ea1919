// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_CLIENT_PROFILE_STATE_JSON_H_
#define SEINPOST_CLIENT_PROFILE_STATE_JSON_H_

#include <string>

#include "absl/status/statusor.h"
#include "client/profile/state.h"
#include "util/bytes.h"

namespace seinpost::client {

// The content of state.json (docs/formats/profile.md).
std::string EncodeState(const StateData& data);
// kInvalidArgument: not what EncodeState gives. Lists that an older program did not write are empty.
absl::StatusOr<StateData> DecodeState(ByteView text);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_PROFILE_STATE_JSON_H_
