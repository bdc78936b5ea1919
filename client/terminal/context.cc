// SPDX-License-Identifier: EUPL-1.2
#include "client/terminal/context.h"

#include <unistd.h>

#include <cstdlib>
#include <istream>
#include <ostream>
#include <set>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/terminal/output.h"
#include "client/terminal/prompt.h"
#include "client/terminal/texts.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

constexpr char kExitPayload[] = "seinpost/exit";
constexpr char kDecisionPayload[] = "seinpost/decision";
constexpr char kArgvPayload[] = "seinpost/argv";
constexpr char kReadOnlyPayload[] = "seinpost/read-only";
constexpr char kPrintedPayload[] = "seinpost/printed";
constexpr size_t kMaxPassphraseBytes = 4096;

absl::StatusOr<crypto::WipedBytes> Checked(Bytes& line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
  if (line.empty() || line.size() > kMaxPassphraseBytes) {
    crypto::Wipe(line);
    return absl::UnauthenticatedError("no passphrase, an empty one, or one of more than 4096 bytes");
  }
  crypto::WipedBytes passphrase = crypto::WipedBytes::Copy(line);
  crypto::Wipe(line);
  return passphrase;
}

absl::StatusOr<crypto::WipedBytes> Ask(const Context& context, Text question) {
  ASSIGN_OR_RETURN(Bytes line,
                   AskSecretly(context, TextOf(question, context.language), kMaxPassphraseBytes + 1));
  return Checked(line);
}

Text HeadingOf(ExitCode code) {
  if (code > kInterruptedBase) return Text::kInterruptedHeading;
  switch (code) {
    case kUsage:
      return Text::kUsageHeading;
    case kUnreachable:
      return Text::kUnreachableHeading;
    case kTampered:
      return Text::kTamperedHeading;
    default:
      return Text::kFailedHeading;
  }
}

const std::string& Sentence(const v1::Reason& reason, Language language) {
  return language == Language::kDutch ? reason.sentence_nl() : reason.sentence_en();
}

std::string WholeSentence(const v1::Decision& decision, Language language) {
  std::vector<std::string> sentences;
  std::set<std::string> seen;
  for (const v1::Reason& reason : decision.reasons()) {
    if (seen.insert(Sentence(reason, language)).second) sentences.push_back(Sentence(reason, language));
  }
  return absl::StrJoin(sentences, " ");
}

void PrintRefusal(const Context& context, const v1::Decision& decision, const Json& argvs) {
  if (context.json) {
    Json reasons = Json::array();
    for (const v1::Reason& reason : decision.reasons()) {
      reasons.push_back(Json{{"code", reason.code()},
                             {"rule", reason.rule()},
                             {"part", OrNull(reason.part_kind())},
                             {"recipient", OrNull(reason.recipient())},
                             {"clause", reason.clause()},
                             {"file", reason.file()},
                             {"line", reason.line()},
                             {"sentence", Sentence(reason, context.language)},
                             {"decided_by_broker", reason.decided_by_broker()}});
    }
    Json instead = Json::array();
    for (int i = 0; i < decision.instead_size(); ++i) {
      const v1::Alternative& other = decision.instead(i);
      const size_t place = static_cast<size_t>(i);
      instead.push_back(
          Json{{"text", context.language == Language::kDutch ? other.text_nl() : other.text_en()},
               {"argv", place < argvs.size() ? argvs.items()[place] : Json::array()}});
    }
    PrintJson(context, Json{{"refused", true},
                            {"reasons", std::move(reasons)},
                            {"sentence", WholeSentence(decision, context.language)},
                            {"instead", std::move(instead)},
                            {"more_reasons", decision.more_reasons()},
                            {"more_instead", decision.more_instead()}});
    return;
  }
  std::string text;
  std::set<std::string> seen;
  for (const v1::Reason& reason : decision.reasons()) {
    const std::string line = absl::StrCat(reason.code(), " · ", reason.file(), ":", reason.line(), " · ",
                                          Sentence(reason, context.language), "\n");
    if (seen.insert(line).second) absl::StrAppend(&text, line);
  }
  for (const v1::Alternative& other : decision.instead()) {
    absl::StrAppend(&text, TextOf(Text::kAllowedInstead, context.language), ": ",
                    context.language == Language::kDutch ? other.text_nl() : other.text_en(), "\n");
  }
  for (const auto& [count, what] : {std::pair(decision.more_reasons(), Text::kMoreReasons),
                                    std::pair(decision.more_instead(), Text::kMoreInstead)}) {
    if (count > 0) absl::StrAppend(&text, TextOf(what, context.language), ": ", count, "\n");
  }
  PrintText(context, text);
}

}  // namespace

absl::StatusOr<crypto::WipedBytes> ReadPassphrase(const Context& context, bool twice) {
  if (!context.passphrase.file.empty()) {
    absl::StatusOr<Bytes> content = ReadSecretFile(context, context.passphrase.file, kMaxPassphraseBytes + 2);
    if (absl::IsCancelled(content.status())) return content.status();
    if (!content.ok()) return UsageError(absl::StrCat("passphrase file: ", content.status().message()));
    return Checked(*content);
  }
  if (const char* variable = std::getenv("SEINPOST_PASSPHRASE"); variable != nullptr) {
    Bytes line(variable);
    return Checked(line);
  }
  if (!context.passphrase.prompt || isatty(STDIN_FILENO) == 0) {
    return absl::UnauthenticatedError(
        "no passphrase: give --passphrase-file or SEINPOST_PASSPHRASE, or use a terminal");
  }
  ASSIGN_OR_RETURN(crypto::WipedBytes first, Ask(context, twice ? Text::kNewPassphrase : Text::kPassphrase));
  if (twice) {
    ASSIGN_OR_RETURN(const crypto::WipedBytes second, Ask(context, Text::kPassphraseAgain));
    if (first.ExposeSecretView() != second.ExposeSecretView()) {
      return absl::UnauthenticatedError("the two passphrases differ");
    }
  }
  return first;
}

absl::Status WithExit(absl::Status status, ExitCode code) {
  if (!status.ok()) status.SetPayload(kExitPayload, absl::Cord(absl::StrCat(static_cast<int>(code))));
  return status;
}

absl::Status UsageError(absl::string_view text) { return absl::InvalidArgumentError(text); }
absl::Status UnreachableError(absl::string_view text) { return absl::UnavailableError(text); }
absl::Status ReadOnlyError() {
  absl::Status status =
      absl::UnavailableError("the broker cannot store anything now; what is there can still be read");
  status.SetPayload(kReadOnlyPayload, absl::Cord("1"));
  return status;
}
bool IsReadOnly(const absl::Status& status) { return status.GetPayload(kReadOnlyPayload).has_value(); }
absl::Status TamperedError(absl::string_view text) { return absl::DataLossError(text); }

absl::Status RefusedError(const v1::Decision& decision, const std::vector<std::vector<std::string>>& argvs) {
  absl::Status status = absl::PermissionDeniedError("refused by the rules of the convenant");
  status.SetPayload(kDecisionPayload, absl::Cord(decision.SerializeAsString()));
  status.SetPayload(kArgvPayload, absl::Cord(Json(argvs).Dump()));
  return WithExit(std::move(status), kRefused);
}

absl::Status PrintedError(ExitCode code) {
  absl::Status status = absl::UnknownError("see the result printed before");
  status.SetPayload(kPrintedPayload, absl::Cord("1"));
  return WithExit(std::move(status), code);
}

bool IsRefusal(const absl::Status& status) { return status.GetPayload(kDecisionPayload).has_value(); }

v1::Decision RefusalOf(const absl::Status& status) {
  v1::Decision decision;
  if (const auto payload = status.GetPayload(kDecisionPayload); payload.has_value()) {
    if (!decision.ParseFromString(std::string(*payload))) decision.Clear();
  }
  return decision;
}

ExitCode ExitCodeOf(const absl::Status& status) {
  if (status.ok()) return kOk;
  if (const auto payload = status.GetPayload(kExitPayload); payload.has_value()) {
    int code = 0;
    if (absl::SimpleAtoi(std::string(*payload), &code)) return static_cast<ExitCode>(code);
  }
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
      return kUsage;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return kUnreachable;
    case absl::StatusCode::kDataLoss:
      return kTampered;
    default:
      return kFailed;
  }
}

ExitCode Report(const Context& context, const absl::Status& status) {
  if (status.ok()) return kOk;
  const ExitCode code = ExitCodeOf(status);
  if (status.GetPayload(kPrintedPayload).has_value()) return code;
  if (IsRefusal(status)) {
    const auto payload = status.GetPayload(kArgvPayload);
    PrintRefusal(context, RefusalOf(status),
                 Json::Parse(std::string(payload.value_or(absl::Cord()))).value_or(Json::array()));
    return code;
  }
  if (context.json) {
    PrintJson(context, Json{{"error", absl::StatusCodeToString(status.code())},
                            {"detail", std::string(status.message())}});
    if (CheckWritten(context).ok()) return code;
  }
  Note(context, IsReadOnly(status)
                    ? std::string(TextOf(Text::kBrokerReadOnly, context.language))
                    : absl::StrCat(TextOf(HeadingOf(code), context.language), ": ", status.message()));
  return code;
}

int End(const Context& context, absl::Status status) {
  if (status.ok()) status = CheckWritten(context);
  const ExitCode code = ExitCodeOf(status);
  // What does not verify, and what the rules say, is so whether or not somebody waited for it.
  if (context.Stopped() && (code == kFailed || code == kUnreachable)) {
    status = WithExit(std::move(status), static_cast<ExitCode>(kInterruptedBase + context.stop->signal()));
  }
  return Report(context, status);
}

}  // namespace seinpost::client
