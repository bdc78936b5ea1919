// SPDX-License-Identifier: EUPL-1.2
// `seinpost convenant draft` and `test` in words.
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/convenant/commands.h"
#include "client/convenant/words.h"
#include "client/terminal/say.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

size_t Passed(const policies::QuestionReport& report) {
  size_t passed = 0;
  for (const policies::QuestionResult& result : report.results) passed += result.passed ? 1 : 0;
  return passed;
}

}  // namespace

Json ToJson(const ConvenantDrafted& drafted) {
  const bool written = !drafted.file.empty();
  return Json{{"convenant", drafted.convenant},
              {"version", drafted.version},
              {written ? "file" : "text", written ? drafted.file : drafted.text},
              {"hash", ToHex(drafted.hash)},
              {"remarks", drafted.remarks}};
}

std::string ToText(const ConvenantDrafted& drafted, Language /*language*/) {
  if (drafted.file.empty()) return drafted.text;
  return absl::StrCat(drafted.file, ": version ", drafted.version, ", to be signed by ", drafted.signatories,
                      " parties\nSHA-256 ", ToHex(drafted.hash), "\n");
}

Json ToJson(const QuestionsAsked& asked) {
  Json failures = Json::array();
  for (const policies::QuestionResult& result : asked.report.results) {
    if (result.passed) continue;
    failures.push_back(
        Json{{"name", result.name}, {"file", asked.file}, {"line", result.line}, {"detail", result.detail}});
  }
  return Json{{"ok", failures.empty()},
              {"passed", Passed(asked.report)},
              {"failed", failures.size()},
              {"failures", failures}};
}

std::string ToText(const QuestionsAsked& asked, Language /*language*/) {
  std::string text;
  for (const policies::QuestionResult& result : asked.report.results) {
    if (result.passed) continue;
    absl::StrAppend(&text, asked.file, ":", result.line, ": ", result.name, ": ", result.detail, "\n");
  }
  const size_t passed = Passed(asked.report);
  absl::StrAppend(&text, passed, " passed, ", asked.report.results.size() - passed, " failed\n");
  return text;
}

absl::Status ConvenantDraft(Context& context, const ConvenantDraftArgs& args) {
  return Say(context, DraftConvenant(context, args));
}

absl::Status ConvenantTest(Context& context, const std::string& file) {
  const absl::StatusOr<QuestionsAsked> asked = AskQuestions(file);
  RETURN_IF_ERROR(Say(context, asked));
  return Passed(asked->report) == asked->report.results.size() ? absl::OkStatus() : PrintedError(kFailed);
}

}  // namespace seinpost::client
