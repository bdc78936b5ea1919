// SPDX-License-Identifier: EUPL-1.2
#include "tools/vectors/json.h"

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "util/status_macros.h"

namespace seinpost::vectors {

namespace {

absl::Status Bad(Names names, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(*names.begin(), " ", why));
}

absl::StatusOr<Bytes> DecodeHex(absl::string_view text, Names names) {
  absl::StatusOr<Bytes> bytes = FromHex(text);
  if (!bytes.ok()) return Bad(names, "is not hexadecimal");
  return bytes;
}

}  // namespace

const Json* Find(const Json& object, Names names) {
  if (!object.is_object()) return nullptr;
  for (const char* name : names) {
    const auto field = object.find(name);
    if (field != object.end() && !field->is_null()) return &*field;
  }
  return nullptr;
}

std::vector<Json> Items(const Json& object, Names names) {
  const Json* field = Find(object, names);
  if (field == nullptr) return {};
  if (!field->is_array()) return std::vector<Json>(1, *field);
  return std::vector<Json>(field->begin(), field->end());
}

absl::StatusOr<std::string> Text(const Json& object, Names names) {
  const Json* field = Find(object, names);
  if (field == nullptr) return Bad(names, "is missing");
  if (!field->is_string()) return Bad(names, "is not a string");
  return field->get<std::string>();
}

absl::StatusOr<bool> Boolean(const Json& object, Names names) {
  const Json* field = Find(object, names);
  if (field == nullptr) return Bad(names, "is missing");
  if (!field->is_boolean()) return Bad(names, "is neither true nor false");
  return field->get<bool>();
}

absl::StatusOr<uint64_t> Number(const Json& object, Names names) {
  const Json* field = Find(object, names);
  if (field == nullptr) return Bad(names, "is missing");
  if (field->is_number_unsigned()) return field->get<uint64_t>();
  if (field->is_string()) {
    const std::string text = field->get<std::string>();
    uint64_t value = 0;
    if (absl::SimpleAtoi(text, &value)) return value;
    if (absl::SimpleHexAtoi(text, &value)) return value;
  }
  return Bad(names, "is not a whole number from 0");
}

absl::StatusOr<Bytes> Hex(const Json& object, Names names) {
  ASSIGN_OR_RETURN(const std::string text, Text(object, names));
  return DecodeHex(text, names);
}

absl::StatusOr<Bytes> HexOrEmpty(const Json& object, Names names) {
  if (!Has(object, names)) return Bytes();
  return Hex(object, names);
}

absl::StatusOr<std::vector<Bytes>> HexList(const Json& object, Names names) {
  const Json* field = Find(object, names);
  if (field == nullptr) return Bad(names, "is missing");
  std::vector<Bytes> list;
  if (field->is_string()) {
    for (absl::string_view piece :
         absl::StrSplit(absl::string_view(field->get_ref<const std::string&>()), ',')) {
      ASSIGN_OR_RETURN(Bytes bytes, DecodeHex(absl::StripAsciiWhitespace(piece), names));
      list.push_back(std::move(bytes));
    }
    return list;
  }
  if (!field->is_array()) return Bad(names, "is neither a string nor a list");
  for (const Json& item : *field) {
    if (!item.is_string()) return Bad(names, "holds something that is not a string");
    ASSIGN_OR_RETURN(Bytes bytes, DecodeHex(item.get_ref<const std::string&>(), names));
    list.push_back(std::move(bytes));
  }
  return list;
}

absl::StatusOr<Bytes> Base64(const Json& object, Names names) {
  ASSIGN_OR_RETURN(const std::string text, Text(object, names));
  absl::StatusOr<Bytes> bytes = FromBase64(text);
  if (!bytes.ok()) return Bad(names, "is not base64");
  return bytes;
}

absl::Status MatchIfPresent(const Json& object, Names names, ByteView actual) {
  if (!Has(object, names)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Bytes expected, Hex(object, names));
  return Same(*names.begin(), expected, actual);
}

absl::Status Same(absl::string_view what, ByteView expected, ByteView actual) {
  if (expected == actual) return absl::OkStatus();
  return absl::PermissionDeniedError(absl::StrCat(what, " differs"));
}

}  // namespace seinpost::vectors
