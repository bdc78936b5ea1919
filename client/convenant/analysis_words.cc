// SPDX-License-Identifier: EUPL-1.2
// `seinpost convenant check`, `matrix`, `diff` and `explain` in words.
#include <ostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/convenant/commands.h"
#include "client/convenant/words.h"
#include "client/terminal/say.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

// On a terminal, once a second has passed; nothing otherwise.
policies::Progress ShowProgress(const Context& context) {
  if (!context.progress) return {};
  const absl::Time start = context.clock.Now();
  return [&context, start](size_t done, size_t total) {
    if (context.clock.Now() - start < absl::Seconds(1)) return;
    context.err << "\r" << done * 100 / total << " %" << (done == total ? "\n" : "") << std::flush;
  };
}

std::string Pick(Language language, const std::string& nl, const std::string& en) {
  return language == Language::kDutch ? nl : en;
}

Json ProblemJson(const ConvenantProblem& problem) {
  const bool placed = !problem.file.empty();
  return Json{{"file", OrNull(problem.file)},
              {"line", placed ? Json(problem.line) : Json(nullptr)},
              {"column", placed ? Json(problem.column) : Json(nullptr)},
              {"sentence", problem.sentence}};
}

std::string ProblemText(const ConvenantProblem& problem) {
  if (problem.file.empty()) return problem.sentence;
  return absl::StrCat(problem.file, ":", problem.line, ":", problem.column, ": ", problem.sentence);
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

std::string FindingsText(Language language, const std::string& file,
                         const std::vector<policies::Finding>& findings) {
  std::string text;
  for (const policies::Finding& finding : findings) {
    const bool warning = finding.severity == policies::Severity::kWarning;
    absl::StrAppend(&text, file, ":", finding.at.line, ": ",
                    warning ? Pick(language, "waarschuwing", "warning") : Pick(language, "opmerking", "note"),
                    ": ", Pick(language, finding.sentence_nl, finding.sentence_en), " [", finding.code,
                    "]\n");
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

std::string EffectWord(Language language, policies::Effect effect) {
  switch (effect) {
    case policies::Effect::kWidening:
      return Pick(language, "verruimt", "widens");
    case policies::Effect::kNarrowing:
      return Pick(language, "beperkt", "narrows");
    case policies::Effect::kNeutral:
      break;
  }
  return Pick(language, "neutraal", "neutral");
}

std::string ItemList(Language language, const std::vector<policies::Item>& items) {
  return absl::StrJoin(items, ", ", [&](std::string* out, policies::Item item) {
    const policies::ItemTraits& traits = policies::TraitsOf(item);
    absl::StrAppend(out, language == Language::kDutch ? traits.nl : traits.en);
  });
}

}  // namespace

Json ToJson(const ConvenantChecked& checked) {
  Json problems = Json::array();
  for (const ConvenantProblem& problem : checked.problems) problems.push_back(ProblemJson(problem));
  Json json{{"ok", checked.ok()}, {"file", checked.file}, {"hash", ToHex(checked.hash)}};
  if (checked.ok()) {
    const policies::Convenant& convenant = *checked.convenant;
    json["convenant"] = convenant.id();
    json["version"] = convenant.version();
    json["kind"] = std::string(policies::ToString(convenant.kind()));
    json["has_keys"] = convenant.HasKeys();
    json["parties"] = convenant.parties().size();
    json["channels"] = convenant.ChannelInstances();
  }
  json["problems"] = std::move(problems);
  if (checked.ok()) json["findings"] = FindingsJson(checked.file, checked.findings);
  return json;
}

std::string ToText(const ConvenantChecked& checked, Language language) {
  std::string text;
  for (const ConvenantProblem& problem : checked.problems) {
    absl::StrAppend(&text, ProblemText(problem), "\n");
  }
  if (!checked.ok()) return text;
  const policies::Convenant& convenant = *checked.convenant;
  return absl::StrCat(FindingsText(language, checked.file, checked.findings), checked.file, ": in order. ",
                      convenant.id(), " version ", convenant.version(), ", ", convenant.parties().size(),
                      " parties, ", convenant.ChannelInstances().size(), " channels, ",
                      convenant.HasKeys() ? "with keys" : "an example without keys", "\n");
}

Json ToJson(const MatrixMade& made) {
  const policies::Matrix& matrix = made.matrix;
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
  Json json{{"convenant", matrix.convenant},
            {"title", matrix.title},
            {"version", matrix.version},
            {"peers", matrix.peers},
            {"unasked_bridges", matrix.unasked_bridges},
            {"max_recipients", matrix.max_recipients},
            {"asked", matrix.asked},
            {"rows", std::move(rows)},
            {"onward", std::move(onward)},
            {"reveals", std::move(reveals)}};
  if (!made.file.empty()) json["out"] = made.file;
  return json;
}

std::string ToText(const MatrixMade& made, Language language) {
  if (made.file.empty()) return MatrixDocument(made.matrix, made.format, language);
  return absl::StrCat(made.file, ": ", made.matrix.rows.size(), Pick(language, " regels\n", " rows\n"));
}

Json ToJson(const VersionsCompared& compared) {
  Json requests = Json::array(), terms = Json::array();
  for (const policies::RequestChange& change : compared.comparison.requests) {
    requests.push_back(ChangeJson(change));
  }
  for (const policies::TermChange& change : compared.comparison.terms) terms.push_back(TermJson(change));
  return Json{{"widens", compared.comparison.Widens()},
              {"asked", compared.comparison.asked},
              {"requests", std::move(requests)},
              {"terms", std::move(terms)}};
}

std::string ToText(const VersionsCompared& compared, Language language) {
  const policies::Comparison& comparison = compared.comparison;
  if (comparison.empty()) return Pick(language, "geen verschil\n", "no difference\n");
  std::string text;
  for (const policies::RequestChange& change : comparison.requests) {
    absl::StrAppend(&text, EffectWord(language, change.effect()), ": ",
                    Pick(language, change.sentence_nl, change.sentence_en), " [",
                    absl::StrJoin(change.codes, " "), "; ", change.count, " x]\n");
    if (!change.flags.empty()) absl::StrAppend(&text, "    ", CommandLine(change.flags), "\n");
  }
  for (const policies::TermChange& change : comparison.terms) {
    absl::StrAppend(&text, EffectWord(language, change.effect), ": ",
                    Pick(language, change.sentence_nl, change.sentence_en), " (", change.path, ")\n");
  }
  absl::StrAppend(
      &text, comparison.Widens()
                 ? Pick(language, "De nieuwe versie verruimt.\n", "The new version widens.\n")
                 : Pick(language, "De nieuwe versie verruimt niet.\n", "The new version does not widen.\n"));
  return text;
}

Json ToJson(const ClauseExplained& explained) {
  const policies::Explanation& explanation = explained.explanation;
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
              {"file", explained.file},
              {"line", explanation.at.line},
              {"text", explanation.text},
              {"meaning_nl", explanation.meaning_nl},
              {"meaning_en", explanation.meaning_en},
              {"rules", explanation.rules},
              {"lets", std::move(lets)},
              {"stops", std::move(stops)}};
}

std::string ToText(const ClauseExplained& explained, Language language) {
  const policies::Explanation& explanation = explained.explanation;
  std::string text =
      absl::StrCat(explained.file, ":", explanation.at.line, ": ", explanation.at.path, "\n\n",
                   explanation.text, "\n\n", Pick(language, explanation.meaning_nl, explanation.meaning_en),
                   "\n", Pick(language, "regels: ", "rules: "),
                   explanation.rules.empty() ? "-" : absl::StrJoin(explanation.rules, ", "), "\n");
  if (!explanation.lets.empty())
    absl::StrAppend(&text, "\n", Pick(language, "Dit mag:", "This is allowed:"), "\n");
  for (const policies::MatrixRow& row : explanation.lets) {
    const std::vector<std::string> needs = policies::NeedSentences(row.needs, language);
    absl::StrAppend(
        &text, "- ", absl::StrJoin(row.channels, ", "), ": ", ItemList(language, row.items), "\n    ",
        policies::Names(row.from, language), "\n    > ", policies::Names(row.to, language), "\n",
        needs.empty()
            ? ""
            : absl::StrCat("    ", Pick(language, "mits ", "needs "), absl::StrJoin(needs, "; "), "\n"));
  }
  if (explanation.stops.empty()) {
    absl::StrAppend(&text, "\n",
                    Pick(language, "Deze regel houdt zelf niets tegen.", "This clause itself stops nothing."),
                    "\n");
    return text;
  }
  absl::StrAppend(&text, "\n", Pick(language, "Dit houdt zij tegen:", "This it stops:"), "\n");
  for (const policies::Stopped& stop : explanation.stops) {
    absl::StrAppend(&text, "- ", stop.channel, ", ", stop.from_kind, " > ", stop.to_kind, ": ",
                    ItemList(language, stop.items), "\n    ", absl::StrJoin(stop.codes, " "), ": ",
                    Pick(language, stop.sentence_nl, stop.sentence_en), "\n");
  }
  return text;
}

absl::Status ConvenantCheck(Context& context, const std::string& file, bool strict) {
  const absl::StatusOr<ConvenantChecked> checked = CheckConvenant(file, ShowProgress(context));
  RETURN_IF_ERROR(Say(context, checked));
  if (!checked->ok()) return PrintedError(kUsage);
  return strict && checked->HasWarning() ? PrintedError(kFailed) : absl::OkStatus();
}

absl::Status ConvenantMatrix(Context& context, const ConvenantMatrixArgs& args) {
  return Say(context, MakeMatrix(context, args, ShowProgress(context)));
}

absl::Status ConvenantDiff(Context& context, const ConvenantDiffArgs& args) {
  const absl::StatusOr<VersionsCompared> compared = CompareVersions(args, ShowProgress(context));
  RETURN_IF_ERROR(Say(context, compared));
  const policies::Comparison& comparison = compared->comparison;
  return args.no_widening && comparison.Widens() ? PrintedError(kRefused) : absl::OkStatus();
}

absl::Status ConvenantExplain(Context& context, const ConvenantExplainArgs& args) {
  return Say(context, ExplainClause(args, ShowProgress(context)));
}

}  // namespace seinpost::client
