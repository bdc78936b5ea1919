// SPDX-License-Identifier: EUPL-1.2
#include "policies/analysis/explain.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "policies/document/fields.h"
#include "policies/document/yaml_tree.h"

namespace seinpost::policies {
namespace {

constexpr size_t kMaxTextLines = 20;

// What keys mean; "*" stands for a name. A clause without a line of its own means what the one above it does.
struct Meaning {
  const char* path;
  const char* rules;
  const char* nl;
  const char* en;
};

constexpr Meaning kMeanings[] = {
    {"convenant", "R1", "kop van de afspraak: welke, welke versie, hoe lang",
     "head of the agreement: which, which version, how long"},
    {"convenant.kind", "R1",
     "de soort afspraak begrenst alles: NETWORK L0, WORKING_AGREEMENT L1, CONVENANT L2",
     "the kind of agreement caps everything: NETWORK L0, WORKING_AGREEMENT L1, CONVENANT L2"},
    {"convenant.version", "R31", "alleen wat onder deze versie is gemaakt, wordt aangenomen",
     "only what was made under this version is taken"},
    {"convenant.valid_from", "R1", "voor deze dag mag er niets", "before this day nothing is allowed"},
    {"convenant.valid_until", "R1", "na deze dag mag er niets meer",
     "after this day nothing is allowed any more"},
    {"convenant.controller", "R31", "deze partij bewaakt de afspraak en kan plafonds verlagen",
     "this party guards the agreement and can lower ceilings"},
    {"scopes", "R3 R23", "de plekken waarvoor kanalen bestaan", "the places that channels exist for"},
    {"parties", "R2", "alleen deze partijen mogen versturen en ontvangen",
     "only these parties may send and receive"},
    {"parties.*", "R2 R21 R31", "een partij van het convenant", "a party of the convenant"},
    {"parties.*.scopes", "R2 R9", "de partij zit alleen in kanalen van deze plekken",
     "the party sits in channels of these places only"},
    {"parties.*.guest", "R12", "een gast krijgt en stuurt niets boven L0",
     "a guest gets and sends nothing above L0"},
    {"purposes", "R1 R10", "alleen voor deze doelen mag gedeeld worden",
     "things are shared for these purposes only"},
    {"purposes.*", "R10 R14", "een doel om te delen, met zijn grond",
     "a purpose to share for, with its ground"},
    {"purposes.*.may_use", "R10", "alleen deze partnersoorten mogen dit doel opgeven",
     "only these partner kinds may give this purpose"},
    {"purposes.*.acute_danger", "R22", "bij dit doel mogen zorgdetails ook naar wie ze anders niet krijgt",
     "for this purpose care details may reach those who otherwise do not get them"},
    {"categories", "R1", "een signaal gaat over een van deze categorieën",
     "a signal is about one of these categories"},
    {"categories.*", "R22", "een categorie; care en criminal begrenzen wie details krijgt",
     "a category; care and criminal limit who gets details"},
    {"levels", "R3 R4", "hoe ver elke partnersoort en functie mag gaan",
     "how far each partner kind and function may go"},
    {"levels.*", "R3 R4 R14", "hoe ver deze partnersoort mag gaan", "how far this partner kind may go"},
    {"levels.*.ceiling", "R4", "hoger dan dit stuurt en krijgt deze partnersoort niets",
     "this partner kind sends and gets nothing above this"},
    {"levels.*.tied", "R4", "met een actie of rol in de casus gaat deze soort tot hier",
     "with an action or role in the case this kind goes up to here"},
    {"levels.*.functions", "R3 R4", "de functies waarvoor een mandaat iets geeft",
     "the functions for which a mandate gives anything"},
    {"levels.*.functions.*", "R3 R4", "hoe ver deze functie mag gaan", "how far this function may go"},
    {"levels.*.details", "R22", "welke details (zorg, strafrecht) deze soort mag krijgen",
     "which details (care, criminal) this kind may get"},
    {"levels.*.competence", "R9", "voor deze doelen mag deze soort ingrijpen zonder andere band",
     "for these purposes this kind may intervene without another tie"},
    {"levels.*.contact", "", "de functie van het vaste aanspreekpunt",
     "the function of the fixed contact point"},
    {"channels", "R1 R2", "alleen langs deze kanalen mag gedeeld worden",
     "things are shared along these channels only"},
    {"channels.*", "R2 R12 R23", "een kanaal: wie erin zit en hoe ver het gaat",
     "a channel: who sits in it and how far it goes"},
    {"channels.*.members", "R2 R8 R11 R14", "alleen deze partnersoorten sturen en krijgen hier iets",
     "only these partner kinds send and get anything here"},
    {"channels.*.parties", "R2", "deze partijen zitten er ook in", "these parties sit in it as well"},
    {"channels.*.guests", "R12", "deze partnersoorten zijn te gast, op L0",
     "these partner kinds are guests, at L0"},
    {"channels.*.chair", "R5 R9",
     "wie voorzit: brengt in namens een verborgen school en stemt in met meer ontvangers",
     "who chairs: contributes for a hidden school and approves of more recipients"},
    {"channels.*.ceiling", "R4 R5 R6 R11 R34", "hoger dan dit gaat hier geen signaal",
     "no signal here goes above this"},
    {"channels.*.identity", "R7 R11", "of hier een identiteitsdeel mag reizen",
     "whether an identity part may travel here"},
    {"channels.*.kept_identity", "R6", "of een identiteit bewaard kan worden voor de goedkeuringsgroepen",
     "whether an identity can be kept for the approval groups"},
    {"channels.*.retention", "R32", "hoe lang iets uit dit kanaal blijft",
     "how long something from this channel stays"},
    {"retention", "R32", "de bewaartermijnen", "the retention periods"},
    {"retention.*", "R32", "na sluiting van de casus en in elk geval na `cap` verdwijnt het",
     "it is gone after the case closed, and after `cap` in any case"},
    {"oversight", "R10 R29", "wiens privacy officers elke onderbouwing lezen",
     "whose privacy officers read every justification"},
    {"thresholds", "R9", "drempels", "thresholds"},
    {"thresholds.max_recipients", "R9",
     "hooguit zoveel andere organisaties krijgen iets op naam, tenzij de voorzitter instemt",
     "at most so many other organisations get something named, unless the chair approves"},
    {"thresholds.agenda_days", "R17", "zoveel werkdagen voor het overleg staat de agenda vast",
     "so many working days before the meeting the agenda is fixed"},
    {"thresholds.small_cell", "R30", "kleinere aantallen worden niet verteld", "smaller counts are not told"},
    {"thresholds.trend_schools", "R30", "zoveel scholen maken een trend", "so many schools make a trend"},
    {"reveal", "R6", "wie een bewaarde identiteit mag vragen en wie samen instemmen",
     "who may ask for a kept identity, and who approve together"},
    {"matching", "R20", "opmerken dat meer partners over één persoon signaleren",
     "noticing that several partners signal about one person"},
    {"alerts", "R24 R25 R26", "wie alarm slaat en wie in welke volgorde wordt geroepen",
     "who raises an alert, and who is called in which order"},
    {"alerts.*.identity_to", "R24", "alleen aan deze partnersoorten mag een alarm iemand noemen",
     "an alert may name somebody to these partner kinds only"},
    {"bridges", "R13", "wat boven L0 met een ander convenant mag, als dat hetzelfde zegt",
     "what may pass above L0 to another convenant, if that says the same"},
    {"trust", "", "de sleutels waarop alles rust", "the keys that everything rests on"},
};

// "levels.police.ceiling" fits "levels.*.ceiling".
bool Fits(const std::vector<std::string>& words, absl::string_view pattern) {
  const std::vector<absl::string_view> parts = absl::StrSplit(pattern, '.');
  if (parts.size() != words.size()) return false;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] != "*" && parts[i] != words[i]) return false;
  }
  return true;
}

const Meaning* MeaningOf(absl::string_view path) {
  std::vector<std::string> words = absl::StrSplit(path, '.');
  for (; !words.empty(); words.pop_back()) {
    for (const Meaning& meaning : kMeanings) {
      if (Fits(words, meaning.path)) return &meaning;
    }
  }
  return nullptr;
}

void Collect(const YamlNode& node, const std::string& prefix, std::vector<Position>& clauses) {
  for (const YamlNode::Entry& entry : node.entries) {
    const std::string path = prefix.empty() ? entry.key : absl::StrCat(prefix, ".", entry.key);
    clauses.push_back({entry.line, entry.column, path});
    Collect(entry.value, path, clauses);
  }
  // Steps of a chain are clauses; single words of a list are not.
  for (size_t i = 0; i < node.items.size(); ++i) {
    const YamlNode& item = node.items[i];
    if (item.kind != YamlNode::Kind::kMap) continue;
    const std::string path = absl::StrCat(prefix, "[", i, "]");
    clauses.push_back({item.line, item.column, path});
    Collect(item, path, clauses);
  }
}

absl::StatusOr<Position> FindClause(const std::vector<Position>& clauses, absl::string_view clause) {
  int line = 0;
  if (absl::SimpleAtoi(clause, &line)) {
    // The clause on that line, or the one that the line belongs to.
    const Position* found = nullptr;
    for (const Position& one : clauses) {
      if (one.line <= line && (found == nullptr || one.line > found->line)) found = &one;
    }
    if (found != nullptr) return *found;
    return absl::InvalidArgumentError(absl::StrCat("no clause stands on line ", line));
  }
  std::vector<std::string> paths;
  for (const Position& one : clauses) {
    if (one.path == clause) return one;
    paths.push_back(one.path);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("there is no clause \"", clause.substr(0, 128), "\"", DidYouMean(clause, paths)));
}

size_t Indent(absl::string_view line) { return line.find_first_not_of(' '); }

// The clause's line and those indented below it.
std::string TextAt(absl::string_view yaml, const Position& at) {
  const std::vector<absl::string_view> lines = absl::StrSplit(yaml, '\n');
  std::vector<absl::string_view> text = {lines[static_cast<size_t>(at.line - 1)]};
  const size_t own = Indent(text.front());
  for (size_t i = static_cast<size_t>(at.line); i < lines.size() && text.size() < kMaxTextLines; ++i) {
    const size_t indent = Indent(lines[i]);
    if (indent != absl::string_view::npos && indent <= own) break;
    text.push_back(lines[i]);
  }
  while (text.size() > 1 && Indent(text.back()) == absl::string_view::npos) text.pop_back();
  return absl::StrJoin(text, "\n");
}

bool IsWithin(absl::string_view path, absl::string_view clause) {
  return absl::ConsumePrefix(&path, clause) && (path.empty() || path.front() == '.' || path.front() == '[');
}

class StopFinder {
 public:
  StopFinder(const Convenant& convenant, std::string clause)
      : domain_({&convenant}), asker_(convenant), clause_(std::move(clause)) {}

  std::vector<Stopped> Find(const Progress& progress) {
    domain_.Visit([&](const Share& share) { Visit(share); }, progress);
    std::vector<Stopped> stops;
    for (auto& [key, group] : groups_) {
      Stopped& stop = stops.emplace_back(std::move(group.stopped));
      stop.items.assign(group.items.begin(), group.items.end());
      stop.codes.assign(group.codes.begin(), group.codes.end());
      stop.rules.assign(group.rules.begin(), group.rules.end());
    }
    return stops;
  }

 private:
  struct Group {
    Stopped stopped;
    std::set<Item> items;
    std::set<std::string> codes, rules;
  };

  void Visit(const Share& share) {
    SendRequest request = asker_.RequestFor(share, "", "");
    for (const std::vector<std::string>& purposes : domain_.purposes()) {
      for (const std::vector<std::string>& categories : domain_.categories()) {
        request.purpose = purposes.front();
        request.category = categories.front();
        const Decision decision = asker_.Ask(request, share);
        bool counted = false;
        for (const Reason& reason : decision.reasons) {
          if (!IsWithin(reason.clause.path, clause_)) continue;
          Add(share, reason, !counted);
          counted = true;
        }
      }
    }
  }

  void Add(const Share& share, const Reason& reason, bool first) {
    const std::string channel = share.instance->substr(0, share.instance->find('@'));
    Group& group = groups_[{channel, share.sender->kind, share.recipient->kind}];
    if (group.stopped.count == 0) {
      group.stopped.channel = channel;
      group.stopped.from_kind = share.sender->kind;
      group.stopped.to_kind = share.recipient->kind;
      group.stopped.sentence_nl = reason.sentence_nl;
      group.stopped.sentence_en = reason.sentence_en;
    }
    group.items.insert(share.item);
    group.codes.emplace(ToString(reason.code));
    group.rules.insert(reason.rule);
    if (first) ++group.stopped.count;
  }

  Domain domain_;
  Asker asker_;
  const std::string clause_;
  std::map<std::tuple<std::string, std::string, std::string>, Group> groups_;
};

// Whether a row is about what the clause names.
bool Concerns(const MatrixRow& row, const std::vector<std::string>& clause) {
  if (clause.size() < 2) return false;
  const std::string& name = clause[1];
  if (clause[0] == "channels") {
    return std::any_of(row.channels.begin(), row.channels.end(), [&](const std::string& channel) {
      return channel.substr(0, channel.find('@')) == name;
    });
  }
  if (clause[0] == "purposes") return absl::c_linear_search(row.purposes, name);
  if (clause[0] == "categories") return absl::c_linear_search(row.categories, name);
  if (clause[0] != "levels") return false;
  const std::string function = clause.size() > 3 && clause[2] == "functions" ? clause[3] : "";
  const auto meant = [&](const Someone& one) {
    return one.convenant.empty() && one.kind == name && (function.empty() || one.function == function);
  };
  return std::any_of(row.from.begin(), row.from.end(), meant) ||
         std::any_of(row.to.begin(), row.to.end(), meant);
}

}  // namespace

absl::StatusOr<Explanation> Explain(const Convenant& convenant, absl::string_view yaml,
                                    absl::string_view clause, const Progress& progress) {
  Problems problems(convenant.file());
  const YamlNode tree = ParseYaml(yaml, kMaxConvenantBytes, problems);
  if (!problems.empty()) return absl::InvalidArgumentError(problems.Join());
  std::vector<Position> clauses;
  Collect(tree, "", clauses);
  const absl::StatusOr<Position> at = FindClause(clauses, clause);
  if (!at.ok()) return at.status();
  Explanation explanation;
  explanation.at = *at;
  explanation.text = TextAt(yaml, *at);
  std::set<std::string> rules;
  if (const Meaning* meaning = MeaningOf(at->path)) {
    explanation.meaning_nl = meaning->nl;
    explanation.meaning_en = meaning->en;
    for (const absl::string_view rule : absl::StrSplit(meaning->rules, ' ', absl::SkipEmpty()))
      rules.emplace(rule);
  }
  explanation.stops = StopFinder(convenant, at->path).Find(progress);
  for (const Stopped& stop : explanation.stops) rules.insert(stop.rules.begin(), stop.rules.end());
  explanation.rules.assign(rules.begin(), rules.end());
  const std::vector<std::string> words = absl::StrSplit(at->path, '.');
  Matrix matrix = MatrixOf(convenant);
  for (MatrixRow& row : matrix.rows) {
    if (Concerns(row, words)) explanation.lets.push_back(std::move(row));
  }
  return explanation;
}

}  // namespace seinpost::policies
