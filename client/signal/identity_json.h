// SPDX-License-Identifier: EUPL-1.2
// The identity file: who a signal is about (docs/formats/json.md). Names stay in memory for as long as a
// command runs. Pure functions; thread-safe.
#ifndef SEINPOST_CLIENT_SIGNAL_IDENTITY_JSON_H_
#define SEINPOST_CLIENT_SIGNAL_IDENTITY_JSON_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/terminal/output.h"
#include "seinpost/v1/envelope.pb.h"
#include "util/bytes.h"

namespace seinpost::client {

inline constexpr size_t kMaxIdentityFileBytes = 16 * 1024;

// Parses {"first": [], "last": [], "nick": [], "birth_date": "2009-03-14" | null, "numbers": [], "address":
// "…" | null, "handles": []}; each may be absent, none may be empty text, and at least one must say
// something. kInvalidArgument: not JSON, a field that is not in this list or stands there twice, a wrong
// type, a date that is none; the text names the field, never its value. kResourceExhausted: more than an
// identity part holds.
absl::StatusOr<v1::Identity> ParseIdentity(ByteView json);

// The same shape back, only the fields that say something; for `signal open`.
Json IdentityToJson(const v1::Identity& identity);

// The kinds of field ("first", …, each once, in the order above) of which a value stands in `text`: the same
// letters but for case, compatibility forms and diacritics, as whole words (a possessive s may follow),
// numbers also without their spaces, dots and dashes, a birth date also as 14-3-2009 and 14/03/2009 (R6).
std::vector<std::string> IdentifierHits(const v1::Identity& identity, absl::string_view text);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_SIGNAL_IDENTITY_JSON_H_
