// SPDX-License-Identifier: EUPL-1.2
// The matrix for people: text, a spreadsheet's CSV, a page.
#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "policies/analysis/matrix.h"

namespace seinpost::policies {
namespace {

struct NeedWords {
  NeedBit need;
  const char* name;
  const char* nl;
  const char* en;
};

constexpr NeedWords kNeedWords[] = {
    {kNeedsJustification, "justification", "onderbouwing", "justification"},
    {kNeedsInformed, "informed", "vermelding of ouders of leerling het weten",
     "whether parents or pupil know"},
    {kNeedsSenderRole, "sender-role", "actie of rol van de afzender in de casus",
     "action or role of the sender in the case"},
    {kNeedsRecipientRole, "recipient-role", "actie of rol van de ontvanger in de casus",
     "action or role of the recipient in the case"},
    {kNeedsSchool, "tie-school", "band: de school staat in het mandaat van de ontvanger",
     "tie: the recipient's mandate names the school"},
    {kNeedsWard, "tie-ward", "band: het gebied staat in het mandaat van de ontvanger",
     "tie: the recipient's mandate names the place"},
    {kNeedsCompetence, "competence", "band: de ontvanger is bevoegd voor dit doel",
     "tie: the recipient is competent for this purpose"},
    {kNeedsAcuteDanger, "acute-danger", "alleen bij een doel van acuut gevaar",
     "only for a purpose of acute danger"},
    {kNeedsBridge, "bridge", "open brug aan beide kanten", "bridge open on both sides"},
    {kNeedsApprovers, "approvers", "gaat naar de goedkeuringsgroepen, niet naar de ontvanger",
     "goes to the approval groups, not to the recipient"},
    {kNeedsEmergencyCall, "emergency-call", "vraag of 112 is gebeld", "question whether 112 was called"},
};

struct Words {
  bool nl;
  const char* operator()(const char* dutch, const char* english) const { return nl ? dutch : english; }
};

std::string StandingNote(const std::set<Standing>& places, Words say) {
  std::vector<std::string> notes;
  if (places.count(Standing::kOwn) != 0) {
    notes.emplace_back(places.size() == 1 ? say("alleen eigen organisatie", "own organisation only")
                                          : say("ook eigen organisatie", "own organisation too"));
  }
  if (places.count(Standing::kOther) != 0) {
    notes.emplace_back(places.count(Standing::kHere) == 0
                           ? say("van een andere school of wijk", "of another school or ward")
                           : say("ook van een andere school of wijk", "of another school or ward too"));
  }
  return notes.empty() ? "" : absl::StrCat(" (", absl::StrJoin(notes, ", "), ")");
}

std::string ItemNames(const std::vector<Item>& items, Language language) {
  return absl::StrJoin(items, ", ", [&](std::string* out, Item item) {
    absl::StrAppend(out, language == Language::kDutch ? TraitsOf(item).nl : TraitsOf(item).en);
  });
}

std::string KindList(const std::vector<std::string>& kinds) {
  return kinds.empty() ? "-" : absl::StrJoin(kinds, ", ");
}

// The rows of each set of channels, in order.
std::map<std::string, std::vector<const MatrixRow*>> ByChannels(const Matrix& matrix) {
  std::map<std::string, std::vector<const MatrixRow*>> by;
  for (const MatrixRow& row : matrix.rows) by[absl::StrJoin(row.channels, ", ")].push_back(&row);
  return by;
}

std::string CsvCell(absl::string_view text) {
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

std::string CsvPeople(const std::vector<Someone>& people) {
  return absl::StrJoin(people, " ", [&](std::string* out, const Someone& one) {
    absl::StrAppend(out, one.kind, "/", one.function);
    if (!one.convenant.empty()) {
      absl::StrAppend(out, "@", one.convenant);
    } else if (one.place != Standing::kHere) {
      absl::StrAppend(out, ":", ToString(one.place));
    }
  });
}

std::string Escape(absl::string_view text) {
  return absl::StrReplaceAll(
      text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}});
}

void AppendTableRow(std::string& html, const char* cell, const std::vector<std::string>& cells) {
  absl::StrAppend(&html, "<tr>");
  for (const std::string& text : cells) absl::StrAppend(&html, "<", cell, ">", Escape(text), "</", cell, ">");
  absl::StrAppend(&html, "</tr>\n");
}

using Table = std::vector<std::vector<std::string>>;  // the first row is the head

void AppendTable(std::string& html, const std::string& heading, const Table& table) {
  absl::StrAppend(&html, "<h2>", Escape(heading), "</h2>\n<table>\n<thead>");
  AppendTableRow(html, "th", table.front());
  absl::StrAppend(&html, "</thead>\n<tbody>\n");
  for (size_t i = 1; i < table.size(); ++i) AppendTableRow(html, "td", table[i]);
  absl::StrAppend(&html, "</tbody>\n</table>\n");
}

Table OnwardTable(const Matrix& matrix, Words say) {
  Table table = {{say("kanaal", "channel"), say("afzender", "sender"), say("niveau", "level"),
                  say("rechtstreeks", "direct"), say("alleen na doorsturen", "only when passed on")}};
  for (const OnwardRow& row : matrix.onward) {
    table.push_back({row.channel, row.from, std::string(ToString(row.level)), KindList(row.direct),
                     KindList(row.onward)});
  }
  return table;
}

Table RevealTable(const Matrix& matrix, Words say) {
  Table table = {{say("kanaal", "channel"), say("bewaart", "keeps"), say("mag vragen", "may ask"),
                  say("doel", "purpose"), say("alle groepen keuren goed", "all groups approve")}};
  for (const RevealRow& row : matrix.reveals) {
    table.push_back({row.channel, KindList(row.keepers), KindList(row.askers), KindList(row.purposes),
                     absl::StrJoin(row.groups, "; ")});
  }
  return table;
}

std::string Remarks(const Matrix& matrix, Words say) {
  std::string text = absl::StrCat(
      say("Wat hier niet staat, mag nooit.", "What does not stand here is never allowed."), " ",
      say("Iets op naam gaat in één signaal naar hooguit ", "Something named goes in one signal to at most "),
      matrix.max_recipients,
      say(" andere organisaties, tenzij de voorzitter met meer instemt.",
          " other organisations, unless the chair approves of more."));
  if (!matrix.peers.empty()) {
    absl::StrAppend(&text, " ", say("Meegenomen: ", "Asked about too: "), absl::StrJoin(matrix.peers, ", "),
                    ".");
  }
  if (!matrix.unasked_bridges.empty()) {
    absl::StrAppend(&text, " ", say("Niet meegenomen bruggen: ", "Bridges not asked about: "),
                    absl::StrJoin(matrix.unasked_bridges, ", "), ".");
  }
  return text;
}

}  // namespace

std::vector<std::string> NeedNames(uint32_t needs) {
  std::vector<std::string> names;
  for (const NeedWords& words : kNeedWords) {
    if ((needs & words.need) != 0) names.emplace_back(words.name);
  }
  return names;
}

std::vector<std::string> NeedSentences(uint32_t needs, Language language) {
  std::vector<std::string> sentences;
  for (const NeedWords& words : kNeedWords) {
    if ((needs & words.need) != 0) sentences.emplace_back(language == Language::kDutch ? words.nl : words.en);
  }
  return sentences;
}

std::string Names(const std::vector<Someone>& people, Language language) {
  const Words say{language == Language::kDutch};
  using Kind = std::pair<std::string, std::string>;  // convenant, kind
  std::map<std::pair<Kind, Standing>, std::vector<std::string>> functions;
  for (const Someone& one : people) functions[{{one.convenant, one.kind}, one.place}].push_back(one.function);
  std::map<std::pair<Kind, std::vector<std::string>>, std::set<Standing>> places;
  for (auto& [kind_place, names] : functions) {
    std::sort(names.begin(), names.end());
    places[{kind_place.first, names}].insert(kind_place.second);
  }
  std::vector<std::string> words;
  for (const auto& [kind_functions, where] : places) {
    const auto& [kind, names] = kind_functions;
    words.push_back(absl::StrCat(kind.second, kind.first.empty() ? "" : "@", kind.first,
                                 StandingNote(where, say), ": ", absl::StrJoin(names, ", ")));
  }
  return absl::StrJoin(words, "; ");
}

std::string MatrixText(const Matrix& matrix, Language language) {
  const Words say{language == Language::kDutch};
  std::string text = absl::StrCat(matrix.title, " (", matrix.convenant, "), ", say("versie ", "version "),
                                  matrix.version, "\n", Remarks(matrix, say), "\n");
  for (const auto& [channels, rows] : ByChannels(matrix)) {
    absl::StrAppend(&text, "\n== ", channels, " ==\n");
    for (const MatrixRow* row : rows) {
      absl::StrAppend(&text, "\n", say("wat       ", "what      "), ItemNames(row->items, language), "\n",
                      say("van       ", "from      "), Names(row->from, language), "\n",
                      say("aan       ", "to        "), Names(row->to, language), "\n",
                      say("doel      ", "purpose   "), absl::StrJoin(row->purposes, ", "), "\n",
                      say("over      ", "about     "), absl::StrJoin(row->categories, ", "), "\n");
      const std::vector<std::string> needs = NeedSentences(row->needs, language);
      if (!needs.empty())
        absl::StrAppend(&text, say("mits      ", "needs     "), absl::StrJoin(needs, "; "), "\n");
    }
  }
  absl::StrAppend(&text, "\n== ", say("Wat doorsturen erbij brengt", "What passing on adds"), " ==\n");
  for (const OnwardRow& row : matrix.onward) {
    if (row.onward.empty()) continue;
    absl::StrAppend(&text, row.channel, ", ", row.from, ", ", ToString(row.level),
                    say(": ook bij ", ": also to "), KindList(row.onward), "\n");
  }
  if (std::all_of(matrix.onward.begin(), matrix.onward.end(),
                  [](const OnwardRow& row) { return row.onward.empty(); })) {
    absl::StrAppend(
        &text, say("niets: niemand krijgt door doorsturen wat hij niet rechtstreeks had kunnen krijgen\n",
                   "nothing: nobody gets by passing on what he could not have got directly\n"));
  }
  for (const RevealRow& row : matrix.reveals) {
    absl::StrAppend(&text, "\n", say("bewaarde identiteit in ", "kept identity in "), row.channel, ": ",
                    KindList(row.keepers), "; ", say("mag vragen: ", "may ask: "), KindList(row.askers), "; ",
                    say("doel: ", "purpose: "), KindList(row.purposes), "; ",
                    say("alle groepen keuren goed: ", "all groups approve: "),
                    absl::StrJoin(row.groups, "; "), "\n");
  }
  return text;
}

std::string MatrixCsv(const Matrix& matrix) {
  std::string csv = "channels,from,to,items,purposes,categories,needs\n";
  for (const MatrixRow& row : matrix.rows) {
    const std::string items = absl::StrJoin(
        row.items, "; ", [](std::string* out, Item item) { absl::StrAppend(out, TraitsOf(item).name); });
    absl::StrAppend(&csv, CsvCell(absl::StrJoin(row.channels, " ")), ",", CsvCell(CsvPeople(row.from)), ",",
                    CsvCell(CsvPeople(row.to)), ",", CsvCell(items), ",",
                    CsvCell(absl::StrJoin(row.purposes, " ")), ",",
                    CsvCell(absl::StrJoin(row.categories, " ")), ",",
                    CsvCell(absl::StrJoin(NeedNames(row.needs), " ")), "\n");
  }
  return csv;
}

std::string MatrixHtml(const Matrix& matrix, Language language) {
  const Words say{language == Language::kDutch};
  const std::string title =
      absl::StrCat(say("Wie mag wat met wie delen: ", "Who may share what with whom: "), matrix.title);
  std::string html = absl::StrCat(
      "<!DOCTYPE html>\n<html lang=\"", say("nl", "en"), "\">\n<head>\n<meta charset=\"utf-8\">\n",
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">\n",
      "<title>", Escape(title),
      "</title>\n<style>\nbody{font:15px/1.4 sans-serif;margin:2em;max-width:90em}\n",
      "table{border-collapse:collapse;width:100%}\nth,td{border:1px solid #999;padding:.3em "
      ".5em;text-align:left;",
      "vertical-align:top}\nth{background:#eee}\n</style>\n</head>\n<body>\n<h1>", Escape(title),
      "</h1>\n<p>", Escape(matrix.convenant), ", ", say("versie ", "version "), matrix.version, ". ",
      Escape(Remarks(matrix, say)), "</p>\n");
  for (const auto& [channels, rows] : ByChannels(matrix)) {
    Table table = {{say("wat", "what"), say("van", "from"), say("aan", "to"), say("doel", "purpose"),
                    say("over", "about"), say("mits", "needs")}};
    for (const MatrixRow* row : rows) {
      table.push_back({ItemNames(row->items, language), Names(row->from, language), Names(row->to, language),
                       absl::StrJoin(row->purposes, ", "), absl::StrJoin(row->categories, ", "),
                       absl::StrJoin(NeedSentences(row->needs, language), "; ")});
    }
    AppendTable(html, absl::StrCat(say("Kanaal ", "Channel "), channels), table);
  }
  AppendTable(html, say("Wat doorsturen erbij brengt", "What passing on adds"), OnwardTable(matrix, say));
  if (!matrix.reveals.empty()) {
    AppendTable(html, say("Bewaarde identiteit", "Kept identity"), RevealTable(matrix, say));
  }
  absl::StrAppend(&html, "</body>\n</html>\n");
  return html;
}

}  // namespace seinpost::policies
