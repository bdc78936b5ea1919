// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_TRUST_STRICT_H_
#define SEINPOST_TRUST_STRICT_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "util/bytes.h"

namespace seinpost::trust {

// Parses `bytes` into `message` and refuses every encoding but the one: unknown fields, repeated singular
// fields, overlong varints, fields out of order and explicit default values all fail, because encoding the
// parsed message again must give the same bytes (docs/formats/encoding.md). kInvalidArgument names `what`,
// never the content. kResourceExhausted: more than `max_bytes`.
absl::Status StrictParse(ByteView bytes, size_t max_bytes, absl::string_view what,
                         google::protobuf::Message& message);

// The second half of StrictParse, for a `message` that was parsed from `bytes` already: whether they are its
// one encoding.
absl::Status CheckStrict(ByteView bytes, size_t max_bytes, absl::string_view what,
                         google::protobuf::Message& message);

// The one encoding that StrictParse accepts.
Bytes StrictSerialize(const google::protobuf::Message& message);

}  // namespace seinpost::trust

#endif  // SEINPOST_TRUST_STRICT_H_
