// SPDX-License-Identifier: EUPL-1.2
#include "policies/document/fields.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "policies/document/quote.h"

namespace seinpost::policies {
namespace {

constexpr size_t kMaxTextBytes = 2000;
constexpr size_t kMaxNameBytes = 64;
constexpr size_t kMaxListItems = 500;

// Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`.
size_t EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1), last[j] + 1, row[j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

// Digits only, no sign, no leading zero.
bool ParseNumber(absl::string_view text, uint32_t& value) {
  if (text.empty() || text.size() > 9 || (text.size() > 1 && text[0] == '0')) return false;
  for (char c : text) {
    if (!absl::ascii_isdigit(c)) return false;
  }
  return absl::SimpleAtoi(text, &value);
}

}  // namespace

bool IsName(absl::string_view word) {
  if (word.empty() || word.size() > kMaxNameBytes || word[0] == '-' || word[0] == '_') return false;
  return std::all_of(word.begin(), word.end(), [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-' || c == '_';
  });
}

std::string DidYouMean(absl::string_view word, const std::vector<std::string>& known) {
  if (word.size() > kMaxNameBytes) return "";
  const std::string lower = absl::AsciiStrToLower(word);
  const std::string* best = nullptr;
  size_t best_distance = word.size() <= 4 ? 2 : 3;  // Farther is no likeness.
  for (const std::string& candidate : known) {
    const size_t distance = EditDistance(lower, absl::AsciiStrToLower(candidate));
    if (distance < best_distance) {
      best = &candidate;
      best_distance = distance;
    }
  }
  return best == nullptr ? "" : absl::StrCat(" (did you mean ", Quote(*best), "?)");
}

std::string ListOf(const std::vector<std::string>& words) {
  constexpr size_t kMax = 20;
  if (words.empty()) return "none";
  if (words.size() <= kMax) return absl::StrJoin(words, ", ");
  return absl::StrCat(absl::StrJoin(words.begin(), words.begin() + kMax, ", "), ", …");
}

Fields::Fields(const YamlNode& node, Position at, Problems& problems)
    : node_(node), at_(std::move(at)), problems_(problems) {
  if (node_.kind == YamlNode::Kind::kMap) return;
  Complain(node_, absl::StrCat(at_.path.empty() ? "the file" : Quote(at_.path),
                               " must hold keys, each written as name: value"));
}

std::string Fields::PathOf(absl::string_view key) const {
  return at_.path.empty() ? std::string(key) : absl::StrCat(at_.path, ".", key);
}

Position Fields::At(absl::string_view key) const {
  const YamlNode::Entry* entry = node_.Find(key);
  if (entry == nullptr) return at_;
  return {entry->line, entry->column, PathOf(key)};
}

void Fields::Complain(const YamlNode& node, absl::string_view sentence) {
  problems_.Add(node.line, node.column, sentence);
}

void Fields::Complain(const Position& position, absl::string_view sentence) {
  problems_.Add(position.line, position.column, sentence);
}

const YamlNode::Entry* Fields::Entry(absl::string_view key, Need need) {
  asked_.emplace_back(key);
  const YamlNode::Entry* entry = node_.Find(key);
  if (entry == nullptr && need == Need::kRequired && node_.kind == YamlNode::Kind::kMap) {
    Complain(at_,
             absl::StrCat(at_.path.empty() ? "the file" : Quote(at_.path), " lacks the key ", Quote(key)));
  }
  return entry;
}

const YamlNode::Entry* Fields::Scalar(absl::string_view key, Need need) {
  const YamlNode::Entry* entry = Entry(key, need);
  if (entry == nullptr || entry->value.kind == YamlNode::Kind::kScalar) return entry;
  Complain(entry->value, absl::StrCat(Quote(PathOf(key)), " must be a single value"));
  return nullptr;
}

std::string Fields::Text(absl::string_view key, Need need) {
  const YamlNode::Entry* entry = Scalar(key, need);
  if (entry == nullptr) return "";
  std::string text(absl::StripAsciiWhitespace(entry->value.scalar));
  if (text.empty() || text.size() > kMaxTextBytes) {
    Complain(entry->value,
             absl::StrCat(Quote(PathOf(key)), " must be a text of 1 to ", kMaxTextBytes, " bytes"));
    return "";
  }
  return text;
}

std::string Fields::Word(absl::string_view key, Need need) {
  const YamlNode::Entry* entry = Scalar(key, need);
  if (entry == nullptr) return "";
  if (IsName(entry->value.scalar)) return entry->value.scalar;
  Complain(entry->value,
           absl::StrCat(Quote(PathOf(key)), " must be a name of lower-case letters, digits, - and _, not ",
                        Quote(entry->value.scalar)));
  return "";
}

std::vector<std::string> Fields::Words(absl::string_view key, Need need) {
  const YamlNode::Entry* entry = Entry(key, need);
  std::vector<std::string> words;
  if (entry == nullptr) return words;
  if (entry->value.kind != YamlNode::Kind::kList || entry->value.items.size() > kMaxListItems) {
    Complain(entry->value, absl::StrCat(Quote(PathOf(key)), " must be a list of names, written as [a, b]"));
    return words;
  }
  for (const YamlNode& item : entry->value.items) {
    if (item.kind != YamlNode::Kind::kScalar || !IsName(item.scalar)) {
      Complain(item,
               absl::StrCat(Quote(PathOf(key)), " must list names of lower-case letters, digits, - and _"));
    } else if (absl::c_linear_search(words, item.scalar)) {
      Complain(item, absl::StrCat(Quote(PathOf(key)), " lists ", Quote(item.scalar), " twice"));
    } else {
      words.push_back(item.scalar);
    }
  }
  return words;
}

bool Fields::Flag(absl::string_view key, Need need) {
  const YamlNode::Entry* entry = Scalar(key, need);
  if (entry == nullptr) return false;
  if (entry->value.scalar == "yes") return true;
  if (entry->value.scalar != "no") {
    Complain(entry->value,
             absl::StrCat(Quote(PathOf(key)), " must be yes or no, not ", Quote(entry->value.scalar)));
  }
  return false;
}

std::optional<uint32_t> Fields::Number(absl::string_view key, Need need, uint32_t min, uint32_t max) {
  const YamlNode::Entry* entry = Scalar(key, need);
  if (entry == nullptr) return std::nullopt;
  uint32_t value = 0;
  if (ParseNumber(entry->value.scalar, value) && value >= min && value <= max) return value;
  Complain(entry->value, absl::StrCat(Quote(PathOf(key)), " must be a whole number from ", min, " to ", max,
                                      ", not ", Quote(entry->value.scalar)));
  return std::nullopt;
}

std::optional<absl::Time> Fields::Date(absl::string_view key, Need need) {
  const YamlNode::Entry* entry = Scalar(key, need);
  if (entry == nullptr) return std::nullopt;
  const std::string& text = entry->value.scalar;
  absl::CivilDay day;
  // Formatting it again refuses what absl reads more kindly (signs, missing zeros, 30 February).
  if (text.size() == 10 && absl::ParseCivilTime(text, &day) && absl::FormatCivilTime(day) == text &&
      day.year() >= 2000 && day.year() < 2200) {
    return absl::FromCivil(day, absl::UTCTimeZone());
  }
  Complain(entry->value,
           absl::StrCat(Quote(PathOf(key)), " must be a date written as 2026-08-01, not ", Quote(text)));
  return std::nullopt;
}

std::optional<absl::Duration> Fields::Days(absl::string_view key, Need need) {
  const YamlNode::Entry* entry = Scalar(key, need);
  if (entry == nullptr) return std::nullopt;
  const std::vector<absl::string_view> words = absl::StrSplit(entry->value.scalar, ' ');
  uint32_t count = 0;
  if (words.size() == 2 && ParseNumber(words[0], count) && count >= 1 && count <= 9999) {
    if (words[1] == "day" || words[1] == "days") return absl::Hours(24) * count;
    if (words[1] == "month" || words[1] == "months") return absl::Hours(24 * 30) * count;
    if (words[1] == "year" || words[1] == "years") return absl::Hours(24 * 365) * count;
  }
  Complain(entry->value,
           absl::StrCat(Quote(PathOf(key)), " must be a period such as 30 days, 6 months or 3 years, not ",
                        Quote(entry->value.scalar)));
  return std::nullopt;
}

std::optional<absl::Duration> Fields::Wait(absl::string_view key, Need need) {
  const YamlNode::Entry* entry = Scalar(key, need);
  if (entry == nullptr) return std::nullopt;
  const std::vector<absl::string_view> words = absl::StrSplit(entry->value.scalar, ' ');
  uint32_t count = 0;
  if (words.size() == 2 && ParseNumber(words[0], count) && count >= 1 && count <= 999) {
    if (words[1] == "minute" || words[1] == "minutes") return absl::Minutes(count);
    if (words[1] == "hour" || words[1] == "hours") return absl::Hours(count);
  }
  Complain(entry->value,
           absl::StrCat(Quote(PathOf(key)), " must be a time such as 2 minutes or 24 hours, not ",
                        Quote(entry->value.scalar)));
  return std::nullopt;
}

std::optional<Bytes> Fields::Hex32(absl::string_view key, Need need) {
  const YamlNode::Entry* entry = Scalar(key, need);
  if (entry == nullptr) return std::nullopt;
  const std::string& text = entry->value.scalar;
  if (text.size() == 64 && absl::AsciiStrToLower(text) == text) {
    absl::StatusOr<Bytes> bytes = FromHex(text);
    if (bytes.ok()) return *std::move(bytes);
  }
  Complain(entry->value, absl::StrCat(Quote(PathOf(key)), " must be 64 hexadecimal digits in lower case"));
  return std::nullopt;
}

void Fields::Finish() {
  for (const YamlNode::Entry& entry : node_.entries) {
    if (absl::c_linear_search(asked_, entry.key)) continue;
    problems_.Add(entry.line, entry.column,
                  absl::StrCat("unknown key ", Quote(PathOf(entry.key)), DidYouMean(entry.key, asked_),
                               "; known here: ", ListOf(asked_)));
  }
}

}  // namespace seinpost::policies
