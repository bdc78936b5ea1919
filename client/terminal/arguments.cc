// SPDX-License-Identifier: EUPL-1.2
#include "client/terminal/arguments.h"

#include <ostream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/terminal/output.h"
#include "client/terminal/prompt.h"
#include "trust/fields.h"
#include "util/secure_file.h"

namespace seinpost::client {

absl::StatusOr<Bytes> ReadArgumentFile(const std::string& path, size_t max_bytes) {
  absl::StatusOr<Bytes> content = ReadFile(path, max_bytes);
  if (!content.ok()) return UsageError(absl::StrCat(path, ": ", content.status().message()));
  return content;
}

std::string BesideConvenant(absl::string_view file, absl::string_view suffix) {
  for (const absl::string_view ending : {".yaml", ".yml"}) {
    if (absl::EndsWith(file, ending)) file.remove_suffix(ending.size());
  }
  return absl::StrCat(file, suffix);
}

absl::StatusOr<absl::Time> ParseTimeFlag(absl::string_view text, absl::string_view flag) {
  absl::Time time;
  std::string error;
  if (absl::ParseTime("%Y-%m-%d", text, absl::UTCTimeZone(), &time, &error) ||
      absl::ParseTime(absl::RFC3339_sec, text, &time, &error)) {
    return time;
  }
  return UsageError(absl::StrCat(flag, ": not a date such as 2026-03-01"));
}

absl::StatusOr<Bytes> ParseId(absl::string_view text, absl::string_view error) {
  const absl::StatusOr<Bytes> id = FromHex(text);
  if (id.ok() && id->size() == trust::kIdBytes) return *id;
  return UsageError(error);
}

absl::StatusOr<Bytes> ParseKeyFlag(absl::string_view text, absl::string_view flag) {
  const absl::StatusOr<Bytes> key = FromHex(text);
  if (key.ok() && key->size() == trust::kKeyBytes) return *key;
  return UsageError(absl::StrCat(flag, ": not a key of 64 hexadecimal digits"));
}

bool AskYes(const Context& context, absl::string_view question) {
  context.err << Printable(question) << " " << std::flush;
  std::string answer = ReadLine(context).value_or("");
  answer = absl::AsciiStrToLower(absl::StripAsciiWhitespace(answer));
  return answer == "ja" || answer == "j" || answer == "yes" || answer == "y";
}

}  // namespace seinpost::client
