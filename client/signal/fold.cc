// SPDX-License-Identifier: EUPL-1.2
#include "client/signal/fold.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace seinpost::client {
namespace {

bool IsJoint(char c) { return c == ' ' || c == '.' || c == '-' || c == '/'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

icu::UnicodeString Casefolded(absl::string_view text) {
  const icu::UnicodeString source =
      icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* casefold = icu::Normalizer2::getNFKCCasefoldInstance(error);
  const icu::Normalizer2* decompose = icu::Normalizer2::getNFKDInstance(error);
  if (U_FAILURE(error)) return source;
  const icu::UnicodeString folded = casefold->normalize(source, error);
  icu::UnicodeString decomposed = decompose->normalize(folded, error);
  return U_FAILURE(error) ? source : decomposed;
}

// Words apart by one space: everything that is neither letter nor digit ends a word, but an apostrophe is
// left out.
std::string Words(absl::string_view text) {
  const icu::UnicodeString folded = Casefolded(text);
  icu::UnicodeString words;
  for (int32_t i = 0; i < folded.length(); i = folded.moveIndex32(i, 1)) {
    const UChar32 c = folded.char32At(i);
    if (u_charType(c) == U_NON_SPACING_MARK || c == '\'' || c == 0x2019) continue;
    if (u_isalnum(c)) {
      words.append(c);
    } else if (!words.isEmpty() && words.charAt(words.length() - 1) != ' ') {
      words.append(static_cast<UChar>(' '));
    }
  }
  std::string utf8;
  words.toUTF8String(utf8);
  while (!utf8.empty() && utf8.back() == ' ') utf8.pop_back();
  return utf8;
}

// Runs of digits, joined over single spaces, dots and dashes.
std::string DigitRuns(absl::string_view text) {
  std::string runs = " ";
  for (size_t i = 0; i < text.size(); ++i) {
    if (IsDigit(text[i])) {
      runs.push_back(text[i]);
    } else if (runs.back() != ' ' && !(IsJoint(text[i]) && i + 1 < text.size() && IsDigit(text[i + 1]))) {
      runs.push_back(' ');
    }
  }
  if (runs.back() != ' ') runs.push_back(' ');
  return runs;
}

}  // namespace

std::string Fold(absl::string_view text) { return Words(text); }

FoldedText::FoldedText(absl::string_view text)
    : folded_(absl::StrCat(" ", Words(text), " ")), digits_(DigitRuns(text)) {}

bool FoldedText::HasWords(absl::string_view value) const {
  const std::string words = Words(value);
  if (icu::UnicodeString::fromUTF8(words).countChar32() < 2) return false;
  return absl::StrContains(folded_, absl::StrCat(" ", words, " ")) ||
         absl::StrContains(folded_, absl::StrCat(" ", words, "s "));
}

bool FoldedText::HasNumber(absl::string_view value) const {
  std::string digits;
  for (const char c : value) {
    if (IsDigit(c)) digits.push_back(c);
  }
  return digits.size() >= 5 && absl::StrContains(digits_, digits);
}

}  // namespace seinpost::client
