// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/terminal/json.h"

namespace seinpost::client {

JsonFields::JsonFields(const Json& object, absl::string_view what) : object_(object), what_(what) {}

void JsonFields::Fail(absl::string_view name) {
  if (!status_.ok()) return;
  status_ = absl::InvalidArgumentError(absl::StrCat(what_, ": field \"", name, "\" is missing or wrong"));
}

bool JsonFields::IsNull(absl::string_view name) const {
  const Json* const value = object_.Find(name);
  return value != nullptr && value->is_null();
}

const Json* JsonFields::Take(absl::string_view name, Json::Kind kind) {
  const Json* const value = object_.Find(name);
  if (value != nullptr && value->kind() == kind) return value;
  Fail(name);
  return nullptr;
}

std::string JsonFields::Text(absl::string_view name) {
  const Json* const value = Take(name, Json::Kind::kText);
  return value == nullptr ? "" : value->text();
}

std::string JsonFields::TextOrNull(absl::string_view name) { return IsNull(name) ? "" : Text(name); }

uint64_t JsonFields::Number(absl::string_view name) {
  const Json* const value = Take(name, Json::Kind::kUnsigned);
  return value == nullptr ? 0 : value->number();
}

bool JsonFields::Flag(absl::string_view name) {
  const Json* const value = Take(name, Json::Kind::kFlag);
  return value != nullptr && value->flag();
}

absl::Time JsonFields::Time(absl::string_view name) {
  const uint64_t seconds = Number(name);
  if (seconds > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) Fail(name);
  return absl::FromUnixSeconds(static_cast<int64_t>(seconds));
}

Bytes JsonFields::HexOrEmpty(absl::string_view name, size_t size) {
  absl::StatusOr<Bytes> bytes = FromHex(Text(name));
  if (bytes.ok() && (bytes->size() == size || bytes->empty())) return *std::move(bytes);
  Fail(name);
  return Bytes();
}

Bytes JsonFields::Hex(absl::string_view name, size_t size) {
  Bytes bytes = HexOrEmpty(name, size);
  if (bytes.size() != size) Fail(name);
  return bytes;
}

Digest JsonFields::Hash(absl::string_view name) {
  Digest digest{};
  const Bytes bytes = Hex(name, digest.size());
  if (bytes.size() == digest.size()) std::copy(bytes.begin(), bytes.end(), digest.begin());
  return digest;
}

Bytes JsonFields::Base64(absl::string_view name) {
  absl::StatusOr<Bytes> bytes = FromBase64(Text(name));
  if (bytes.ok()) return *std::move(bytes);
  Fail(name);
  return Bytes();
}

const std::vector<Json>& JsonFields::List(absl::string_view name) {
  static const auto* const none = new std::vector<Json>();
  const Json* const value = Take(name, Json::Kind::kList);
  return value == nullptr ? *none : value->items();
}

std::vector<std::string> JsonFields::Texts(absl::string_view name) {
  std::vector<std::string> texts;
  for (const Json& item : List(name)) {
    if (!item.is_text()) Fail(name);
    texts.push_back(item.text());
  }
  return texts;
}

std::set<Bytes> JsonFields::HexSet(absl::string_view name, size_t size) {
  std::set<Bytes> values;
  for (const std::string& text : Texts(name)) {
    absl::StatusOr<Bytes> value = FromHex(text);
    if (!value.ok() || value->size() != size || !values.insert(*std::move(value)).second) Fail(name);
  }
  return values;
}

const Json& JsonFields::Object(absl::string_view name) {
  static const auto* const none = new Json(Json::object());
  const Json* const value = Take(name, Json::Kind::kObject);
  return value == nullptr ? *none : *value;
}

}  // namespace seinpost::client
