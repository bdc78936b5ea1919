// SPDX-License-Identifier: EUPL-1.2
// `seinpost convenant check`, `matrix`, `diff` and `explain`: what a file means, for those who draw it up or
// are to sign it. Offline; needs no profile.
#include <algorithm>
#include <ostream>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/convenant/commands.h"
#include "client/terminal/arguments.h"
#include "client/terminal/output.h"
#include "crypto/hash.h"
#include "policies/analysis/compare.h"
#include "policies/analysis/explain.h"
#include "policies/analysis/findings.h"
#include "policies/analysis/matrix.h"
#include "policies/document/convenant.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

// A file as it was read, with what it says.
struct ReadConvenant {
  Bytes yaml;
  policies::Convenant convenant;
};

absl::StatusOr<ReadConvenant> Read(const std::string& file) {
  ASSIGN_OR_RETURN(Bytes yaml, ReadArgumentFile(file, policies::kMaxConvenantBytes));
  ASSIGN_OR_RETURN(policies::Convenant convenant, policies::Convenant::Parse(yaml, file));
  return ReadConvenant{std::move(yaml), std::move(convenant)};
}

// On a terminal, once a second has passed; nothing otherwise.
policies::Progress ShowProgress(const Context& context) {
  if (!context.progress) return {};
  const absl::Time start = context.clock.Now();
  return [&context, start](size_t done, size_t total) {
    if (context.clock.Now() - start < absl::Seconds(1)) return;
    context.err << "\r" << done * 100 / total << " %" << (done == total ? "\n" : "") << std::flush;
  };
}

std::string Pick(const Context& context, const std::string& nl, const std::string& en) {
  return context.language == Language::kDutch ? nl : en;
}

// One "file:line:column: sentence".
Json ProblemJson(absl::string_view line) {
  // The file's name may hold a colon: look for ":<line>:<column>: ".
  for (size_t at = line.find(':'); at != absl::string_view::npos; at = line.find(':', at + 1)) {
    const std::vector<absl::string_view> rest = absl::StrSplit(line.substr(at + 1), absl::MaxSplits(':', 2));
    int line_number = 0, column = 0;
    if (rest.size() == 3 && absl::SimpleAtoi(rest[0], &line_number) && absl::SimpleAtoi(rest[1], &column)) {
      return Json{{"file", std::string(line.substr(0, at))},
                  {"line", line_number},
                  {"column", column},
                  {"sentence", std::string(absl::StripLeadingAsciiWhitespace(rest[2]))}};
    }
  }
  return Json{{"file", nullptr}, {"line", nullptr}, {"column", nullptr}, {"sentence", std::string(line)}};
}

Json Problems(const absl::Status& status) {
  Json problems = Json::array();
  for (const absl::string_view line : absl::StrSplit(status.message(), '\n', absl::SkipEmpty())) {
    problems.push_back(ProblemJson(line));
  }
  return problems;
}

Json FindingsJson(const std::string& file, const std::vector<policies::Finding>& findings) {
  Json json = Json::array();
  for (const policies::Finding& finding : findings) {
    json.push_back(Json{{"code", finding.code},
                        {"severity", policies::ToString(finding.severity)},
                        {"file", file},
                        {"line", finding.at.line},
                        {"path", finding.at.path},
                        {"sentence_nl", finding.sentence_nl},
                        {"sentence_en", finding.sentence_en}});
  }
  return json;
}

std::string FindingsText(const Context& context, const std::string& file,
                         const std::vector<policies::Finding>& findings) {
  std::string text;
  for (const policies::Finding& finding : findings) {
    const bool warning = finding.severity == policies::Severity::kWarning;
    absl::StrAppend(&text, file, ":", finding.at.line, ": ",
                    warning ? Pick(context, "waarschuwing", "warning") : Pick(context, "opmerking", "note"),
                    ": ", Pick(context, finding.sentence_nl, finding.sentence_en), " [", finding.code, "]\n");
  }
  return text;
}

Json SomeoneJson(const policies::Someone& one, bool recipient) {
  Json json{{"kind", one.kind}, {"function", one.function}};
  if (recipient) json["place"] = policies::ToString(one.place);
  if (!one.convenant.empty()) json["convenant"] = one.convenant;
  return json;
}

Json ItemsJson(const std::vector<policies::Item>& items) {
  Json json = Json::array();
  for (const policies::Item item : items) json.push_back(policies::TraitsOf(item).name);
  return json;
}

Json RowJson(const policies::MatrixRow& row) {
  Json from = Json::array(), to = Json::array();
  for (const policies::Someone& one : row.from) from.push_back(SomeoneJson(one, false));
  for (const policies::Someone& one : row.to) to.push_back(SomeoneJson(one, true));
  return Json{{"channels", row.channels},
              {"items", ItemsJson(row.items)},
              {"from", std::move(from)},
              {"to", std::move(to)},
              {"purposes", row.purposes},
              {"categories", row.categories},
              {"needs", policies::NeedNames(row.needs)}};
}

Json MatrixJson(const policies::Matrix& matrix) {
  Json rows = Json::array(), onward = Json::array(), reveals = Json::array();
  for (const policies::MatrixRow& row : matrix.rows) rows.push_back(RowJson(row));
  for (const policies::OnwardRow& row : matrix.onward) {
    onward.push_back(Json{{"channel", row.channel},
                          {"from", row.from},
                          {"level", std::string(policies::ToString(row.level))},
                          {"direct", row.direct},
                          {"onward", row.onward}});
  }
  for (const policies::RevealRow& row : matrix.reveals) {
    reveals.push_back(Json{{"channel", row.channel},
                           {"keepers", row.keepers},
                           {"askers", row.askers},
                           {"purposes", row.purposes},
                           {"groups", row.groups}});
  }
  return Json{{"convenant", matrix.convenant},
              {"title", matrix.title},
              {"version", matrix.version},
              {"peers", matrix.peers},
              {"unasked_bridges", matrix.unasked_bridges},
              {"max_recipients", matrix.max_recipients},
              {"asked", matrix.asked},
              {"rows", std::move(rows)},
              {"onward", std::move(onward)},
              {"reveals", std::move(reveals)}};
}

Json ChangeJson(const policies::RequestChange& change) {
  return Json{{"effect", policies::ToString(change.effect())},
              {"channel", change.channel},
              {"from", change.from_kind},
              {"to", change.to_kind},
              {"item", policies::TraitsOf(change.item).name},
              {"allowed", change.allowed},
              {"sender_role", change.sender_role},
              {"recipient_role", change.recipient_role},
              {"codes", change.codes},
              {"count", change.count},
              {"clause", change.clause},
              {"sentence_nl", change.sentence_nl},
              {"sentence_en", change.sentence_en},
              {"may_i", change.flags}};
}

Json TermJson(const policies::TermChange& change) {
  return Json{{"effect", policies::ToString(change.effect)},
              {"path", change.path},
              {"old_line", change.old_line},
              {"new_line", change.new_line},
              {"sentence_nl", change.sentence_nl},
              {"sentence_en", change.sentence_en}};
}

// Names of members and codes need no quotes.
std::string CommandLine(const std::vector<std::string>& flags) {
  return absl::StrCat("seinpost may-i ", absl::StrJoin(flags, " "));
}

std::string EffectWord(const Context& context, policies::Effect effect) {
  switch (effect) {
    case policies::Effect::kWidening:
      return Pick(context, "verruimt", "widens");
    case policies::Effect::kNarrowing:
      return Pick(context, "beperkt", "narrows");
    case policies::Effect::kNeutral:
      break;
  }
  return Pick(context, "neutraal", "neutral");
}

std::string DiffText(const Context& context, const policies::Comparison& comparison) {
  if (comparison.empty()) return Pick(context, "geen verschil\n", "no difference\n");
  std::string text;
  for (const policies::RequestChange& change : comparison.requests) {
    absl::StrAppend(&text, EffectWord(context, change.effect()), ": ",
                    Pick(context, change.sentence_nl, change.sentence_en), " [",
                    absl::StrJoin(change.codes, " "), "; ", change.count, " x]\n");
    if (!change.flags.empty()) absl::StrAppend(&text, "    ", CommandLine(change.flags), "\n");
  }
  for (const policies::TermChange& change : comparison.terms) {
    absl::StrAppend(&text, EffectWord(context, change.effect), ": ",
                    Pick(context, change.sentence_nl, change.sentence_en), " (", change.path, ")\n");
  }
  absl::StrAppend(
      &text, comparison.Widens()
                 ? Pick(context, "De nieuwe versie verruimt.\n", "The new version widens.\n")
                 : Pick(context, "De nieuwe versie verruimt niet.\n", "The new version does not widen.\n"));
  return text;
}

Json ExplanationJson(const std::string& file, const policies::Explanation& explanation) {
  Json lets = Json::array(), stops = Json::array();
  for (const policies::MatrixRow& row : explanation.lets) lets.push_back(RowJson(row));
  for (const policies::Stopped& stop : explanation.stops) {
    stops.push_back(Json{{"channel", stop.channel},
                         {"from", stop.from_kind},
                         {"to", stop.to_kind},
                         {"items", ItemsJson(stop.items)},
                         {"codes", stop.codes},
                         {"rules", stop.rules},
                         {"count", stop.count},
                         {"sentence_nl", stop.sentence_nl},
                         {"sentence_en", stop.sentence_en}});
  }
  return Json{{"path", explanation.at.path},
              {"file", file},
              {"line", explanation.at.line},
              {"text", explanation.text},
              {"meaning_nl", explanation.meaning_nl},
              {"meaning_en", explanation.meaning_en},
              {"rules", explanation.rules},
              {"lets", std::move(lets)},
              {"stops", std::move(stops)}};
}

std::string ItemList(const Context& context, const std::vector<policies::Item>& items) {
  return absl::StrJoin(items, ", ", [&](std::string* out, policies::Item item) {
    const policies::ItemTraits& traits = policies::TraitsOf(item);
    absl::StrAppend(out, context.language == Language::kDutch ? traits.nl : traits.en);
  });
}

std::string ExplanationText(const Context& context, const std::string& file,
                            const policies::Explanation& explanation) {
  std::string text =
      absl::StrCat(file, ":", explanation.at.line, ": ", explanation.at.path, "\n\n", explanation.text,
                   "\n\n", Pick(context, explanation.meaning_nl, explanation.meaning_en), "\n",
                   Pick(context, "regels: ", "rules: "),
                   explanation.rules.empty() ? "-" : absl::StrJoin(explanation.rules, ", "), "\n");
  if (!explanation.lets.empty())
    absl::StrAppend(&text, "\n", Pick(context, "Dit mag:", "This is allowed:"), "\n");
  for (const policies::MatrixRow& row : explanation.lets) {
    const std::vector<std::string> needs = policies::NeedSentences(row.needs, context.language);
    absl::StrAppend(&text, "- ", absl::StrJoin(row.channels, ", "), ": ", ItemList(context, row.items),
                    "\n    ", policies::Names(row.from, context.language), "\n    > ",
                    policies::Names(row.to, context.language), "\n",
                    needs.empty() ? ""
                                  : absl::StrCat("    ", Pick(context, "mits ", "needs "),
                                                 absl::StrJoin(needs, "; "), "\n"));
  }
  if (explanation.stops.empty()) {
    absl::StrAppend(&text, "\n",
                    Pick(context, "Deze regel houdt zelf niets tegen.", "This clause itself stops nothing."),
                    "\n");
    return text;
  }
  absl::StrAppend(&text, "\n", Pick(context, "Dit houdt zij tegen:", "This it stops:"), "\n");
  for (const policies::Stopped& stop : explanation.stops) {
    absl::StrAppend(&text, "- ", stop.channel, ", ", stop.from_kind, " > ", stop.to_kind, ": ",
                    ItemList(context, stop.items), "\n    ", absl::StrJoin(stop.codes, " "), ": ",
                    Pick(context, stop.sentence_nl, stop.sentence_en), "\n");
  }
  return text;
}

}  // namespace

absl::Status ConvenantCheck(Context& context, const std::string& file, bool strict) {
  ASSIGN_OR_RETURN(const Bytes yaml, ReadArgumentFile(file, policies::kMaxConvenantBytes));
  const absl::StatusOr<policies::Convenant> convenant = policies::Convenant::Parse(yaml, file);
  const std::string hash = ToHex(crypto::Sha256(yaml));
  if (!convenant.ok()) {
    Print(context,
          Json{{"ok", false}, {"file", file}, {"hash", hash}, {"problems", Problems(convenant.status())}},
          absl::StrCat(convenant.status().message(), "\n"));
    return PrintedError(kUsage);
  }
  const std::vector<policies::Finding> findings = policies::FindingsOf(*convenant, ShowProgress(context));
  Print(context,
        Json{{"ok", true},
             {"file", file},
             {"hash", hash},
             {"convenant", convenant->id()},
             {"version", convenant->version()},
             {"kind", std::string(policies::ToString(convenant->kind()))},
             {"has_keys", convenant->HasKeys()},
             {"parties", convenant->parties().size()},
             {"channels", convenant->ChannelInstances()},
             {"problems", Json::array()},
             {"findings", FindingsJson(file, findings)}},
        absl::StrCat(FindingsText(context, file, findings), file, ": in order. ", convenant->id(),
                     " version ", convenant->version(), ", ", convenant->parties().size(), " parties, ",
                     convenant->ChannelInstances().size(), " channels, ",
                     convenant->HasKeys() ? "with keys" : "an example without keys", "\n"));
  const bool warned = std::any_of(findings.begin(), findings.end(), [](const policies::Finding& finding) {
    return finding.severity == policies::Severity::kWarning;
  });
  return strict && warned ? PrintedError(kFailed) : absl::OkStatus();
}

absl::Status ConvenantMatrix(Context& context, const ConvenantMatrixArgs& args) {
  if (args.format != "text" && args.format != "csv" && args.format != "html") {
    return UsageError("--format: text, csv or html");
  }
  ASSIGN_OR_RETURN(const ReadConvenant read, Read(args.file));
  std::vector<ReadConvenant> peers;
  for (const std::string& file : args.with) {
    ASSIGN_OR_RETURN(ReadConvenant peer, Read(file));
    if (peer.convenant.id() == read.convenant.id()) return UsageError("--with: names the convenant itself");
    peers.push_back(std::move(peer));
  }
  std::vector<const policies::Convenant*> others;
  for (const ReadConvenant& peer : peers) others.push_back(&peer.convenant);
  const policies::Matrix matrix = policies::MatrixOf(read.convenant, others, ShowProgress(context));
  std::string text = args.format == "csv"    ? policies::MatrixCsv(matrix)
                     : args.format == "html" ? policies::MatrixHtml(matrix, context.language)
                                             : policies::MatrixText(matrix, context.language);
  Json json = MatrixJson(matrix);
  if (!args.out.empty()) {
    RETURN_IF_ERROR(WriteFileAtomically(args.out, text));
    json["out"] = args.out;
    text = absl::StrCat(args.out, ": ", matrix.rows.size(), Pick(context, " regels\n", " rows\n"));
  }
  Print(context, json, text);
  return absl::OkStatus();
}

absl::Status ConvenantDiff(Context& context, const ConvenantDiffArgs& args) {
  ASSIGN_OR_RETURN(const ReadConvenant before, Read(args.old_file));
  ASSIGN_OR_RETURN(const ReadConvenant after, Read(args.new_file));
  if (before.convenant.id() != after.convenant.id()) {
    return UsageError("these are not two versions of one convenant: they have different ids");
  }
  const policies::Comparison comparison =
      policies::Compare(before.convenant, after.convenant, ShowProgress(context));
  Json requests = Json::array(), terms = Json::array();
  for (const policies::RequestChange& change : comparison.requests) requests.push_back(ChangeJson(change));
  for (const policies::TermChange& change : comparison.terms) terms.push_back(TermJson(change));
  Print(context,
        Json{{"widens", comparison.Widens()},
             {"asked", comparison.asked},
             {"requests", std::move(requests)},
             {"terms", std::move(terms)}},
        DiffText(context, comparison));
  return args.no_widening && comparison.Widens() ? PrintedError(kRefused) : absl::OkStatus();
}

absl::Status ConvenantExplain(Context& context, const ConvenantExplainArgs& args) {
  ASSIGN_OR_RETURN(const ReadConvenant read, Read(args.file));
  ASSIGN_OR_RETURN(const policies::Explanation explanation,
                   policies::Explain(read.convenant, read.yaml, args.clause, ShowProgress(context)));
  Print(context, ExplanationJson(args.file, explanation), ExplanationText(context, args.file, explanation));
  return absl::OkStatus();
}

}  // namespace seinpost::client
