// SPDX-License-Identifier: EUPL-1.2
// Reading fields of vector files. Nothing here throws: a missing field, a wrong type or bad hexadecimal is
// kInvalidArgument naming the field, so that a case which must be refused may be malformed in any way.
// `names` are spellings of one field; the first that is present counts. A null counts as absent.
#ifndef SEINPOST_TOOLS_VECTORS_JSON_H_
#define SEINPOST_TOOLS_VECTORS_JSON_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"
#include "util/bytes.h"

namespace seinpost::vectors {

using Json = nlohmann::json;
using Names = std::initializer_list<const char*>;

// Null if absent, or if `object` is no object.
const Json* Find(const Json& object, Names names);
inline bool Has(const Json& object, Names names) { return Find(object, names) != nullptr; }

// The array, or a single value as an array of one. Empty if absent.
std::vector<Json> Items(const Json& object, Names names);

absl::StatusOr<std::string> Text(const Json& object, Names names);
absl::StatusOr<bool> Boolean(const Json& object, Names names);
// A number, or a string with one, decimal or 0x….
absl::StatusOr<uint64_t> Number(const Json& object, Names names);

absl::StatusOr<Bytes> Hex(const Json& object, Names names);
// The same, empty if absent.
absl::StatusOr<Bytes> HexOrEmpty(const Json& object, Names names);
// An array of hex strings, or one string, which may list several with commas.
absl::StatusOr<std::vector<Bytes>> HexList(const Json& object, Names names);
absl::StatusOr<Bytes> Base64(const Json& object, Names names);

// OK if the field is absent or holds exactly `actual` as hex.
absl::Status MatchIfPresent(const Json& object, Names names, ByteView actual);
// OK if equal. kPermissionDenied says that `what` differs.
absl::Status Same(absl::string_view what, ByteView expected, ByteView actual);

}  // namespace seinpost::vectors

#endif  // SEINPOST_TOOLS_VECTORS_JSON_H_
