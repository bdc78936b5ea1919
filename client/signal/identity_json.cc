// SPDX-License-Identifier: EUPL-1.2
#include "client/signal/identity_json.h"

#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "client/signal/fold.h"
#include "client/terminal/context.h"
#include "envelope/limits.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

constexpr size_t kMaxValues = 16;
constexpr size_t kMaxValueBytes = 200;
// What padding to 512 bytes leaves: LP(signal_id), kind, the length of the content, 0x80.
constexpr size_t kMaxEncodedBytes = envelope::kIdentityBytes - (4 + 16) - 1 - 4 - 1;

absl::Status Wrong(absl::string_view field, absl::string_view what) {
  return UsageError(absl::StrCat("identity file: ", field, ": ", what));
}

absl::Status CheckValue(const char* field, const Json& value) {
  if (!value.is_text()) return Wrong(field, "not a text");
  const std::string& text = value.text();
  if (text.empty()) return Wrong(field, "an empty text");
  if (text.size() > kMaxValueBytes) return Wrong(field, "more than 200 bytes");
  if (Printable(text) != text || absl::StrContains(text, "\n")) return Wrong(field, "control characters");
  return absl::OkStatus();
}

absl::Status ReadList(const Json& json, const char* field,
                      google::protobuf::RepeatedPtrField<std::string>* into) {
  const Json* const list = json.Find(field);
  if (list == nullptr) return absl::OkStatus();
  if (!list->is_list()) return Wrong(field, "not a list");
  if (list->size() > kMaxValues) return Wrong(field, "more than 16 values");
  for (const Json& value : list->items()) {
    RETURN_IF_ERROR(CheckValue(field, value));
    *into->Add() = value.text();
  }
  return absl::OkStatus();
}

absl::Status ReadText(const Json& json, const char* field, std::string* into) {
  const Json* const value = json.Find(field);
  if (value == nullptr || value->is_null()) return absl::OkStatus();
  RETURN_IF_ERROR(CheckValue(field, *value));
  *into = value->text();
  return absl::OkStatus();
}

bool IsDate(const std::string& text, absl::CivilDay& day) {
  return text.size() == 10 && absl::ParseCivilTime(text, &day) && absl::FormatCivilTime(day) == text;
}

template <typename List>
void AddList(const char* field, const List& values, Json& json) {
  if (values.empty()) return;
  Json list = Json::array();
  for (const std::string& value : values) list.push_back(value);
  json[field] = std::move(list);
}

template <typename List>
bool AnyStands(const List& values, const FoldedText& text) {
  for (const std::string& value : values) {
    if (text.HasWords(value)) return true;
  }
  return false;
}

template <typename List>
bool AnyNumberStands(const List& values, const FoldedText& text) {
  for (const std::string& value : values) {
    if (text.HasWords(value) || text.HasNumber(value)) return true;
  }
  return false;
}

bool DateStands(const std::string& date, const FoldedText& text) {
  absl::CivilDay day;
  if (!IsDate(date, day)) return false;
  // Words are compared, so whatever separates day, month and year does not matter.
  const std::string y = absl::StrCat(day.year());
  for (const std::string& d :
       {absl::StrCat(day.day()), absl::StrCat(absl::Dec(day.day(), absl::kZeroPad2))}) {
    for (const std::string& m :
         {absl::StrCat(day.month()), absl::StrCat(absl::Dec(day.month(), absl::kZeroPad2))}) {
      if (text.HasWords(absl::StrCat(d, " ", m, " ", y))) return true;
    }
  }
  return text.HasWords(date);
}

}  // namespace

absl::StatusOr<v1::Identity> ParseIdentity(ByteView text) {
  if (text.size() > kMaxIdentityFileBytes) return UsageError("identity file: more than 16 KiB");
  const absl::StatusOr<Json> parsed = Json::Parse(text);
  if (absl::IsAlreadyExists(parsed.status())) return UsageError("identity file: a field stands there twice");
  if (!parsed.ok() || !parsed->is_object()) return UsageError("identity file: not a JSON object");
  const Json& json = *parsed;
  static const std::set<std::string> kFields = {"first",   "last",    "nick",   "birth_date",
                                                "numbers", "address", "handles"};
  for (const Json::Member& field : json.members()) {
    if (kFields.count(field.name) == 0) {
      return UsageError(
          "identity file: unknown field; there are first, last, nick, birth_date, numbers, address, handles");
    }
  }
  v1::Identity identity;
  RETURN_IF_ERROR(ReadList(json, "first", identity.mutable_first()));
  RETURN_IF_ERROR(ReadList(json, "last", identity.mutable_last()));
  RETURN_IF_ERROR(ReadList(json, "nick", identity.mutable_nick()));
  RETURN_IF_ERROR(ReadText(json, "birth_date", identity.mutable_birth_date()));
  RETURN_IF_ERROR(ReadList(json, "numbers", identity.mutable_numbers()));
  RETURN_IF_ERROR(ReadText(json, "address", identity.mutable_address()));
  RETURN_IF_ERROR(ReadList(json, "handles", identity.mutable_handles()));
  absl::CivilDay day;
  if (!identity.birth_date().empty() && !IsDate(identity.birth_date(), day)) {
    return Wrong("birth_date", "not a date like 2009-03-14");
  }
  if (identity.ByteSizeLong() == 0) return UsageError("identity file: it says nothing");
  if (identity.ByteSizeLong() > kMaxEncodedBytes) {
    return WithExit(absl::ResourceExhaustedError("identity file: more than an identity part holds"), kUsage);
  }
  return identity;
}

Json IdentityToJson(const v1::Identity& identity) {
  Json json = Json::object();
  AddList("first", identity.first(), json);
  AddList("last", identity.last(), json);
  AddList("nick", identity.nick(), json);
  if (!identity.birth_date().empty()) json["birth_date"] = identity.birth_date();
  AddList("numbers", identity.numbers(), json);
  if (!identity.address().empty()) json["address"] = identity.address();
  AddList("handles", identity.handles(), json);
  return json;
}

std::vector<std::string> IdentifierHits(const v1::Identity& identity, absl::string_view text) {
  const FoldedText folded(text);
  std::vector<std::string> hits;
  if (AnyStands(identity.first(), folded)) hits.emplace_back("first");
  if (AnyStands(identity.last(), folded)) hits.emplace_back("last");
  if (AnyStands(identity.nick(), folded)) hits.emplace_back("nick");
  if (DateStands(identity.birth_date(), folded)) hits.emplace_back("birth_date");
  if (AnyNumberStands(identity.numbers(), folded)) hits.emplace_back("numbers");
  if (!identity.address().empty() && folded.HasWords(identity.address())) hits.emplace_back("address");
  if (AnyStands(identity.handles(), folded)) hits.emplace_back("handles");
  return hits;
}

}  // namespace seinpost::client
