// SPDX-License-Identifier: EUPL-1.2
#include "tests/policies/document/mutations.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace seinpost::policies {
namespace {

// Where `text` stands; it must stand there once.
size_t OnlyPlaceOf(const std::string& text, const std::string& in) {
  const size_t at = in.find(text);
  EXPECT_NE(at, std::string::npos) << text;
  EXPECT_EQ(in.find(text, at + 1), std::string::npos) << "stands twice: " << text;
  return at == std::string::npos ? 0 : at;
}

}  // namespace

Mutated Apply(const Mutation& mutation) {
  Mutated mutated;
  mutated.yaml = FileText(kComplete);
  std::string to = mutation.to;
  const size_t mark = to.find('^');
  if (mark != std::string::npos) to.erase(mark, 1);
  const size_t begin = mutation.from.empty() ? 0 : OnlyPlaceOf(mutation.from, mutated.yaml);
  mutated.yaml.replace(begin, mutation.from.empty() ? mutated.yaml.size() : mutation.from.size(), to);
  size_t place = 0;
  if (mark != std::string::npos) {
    place = begin + mark;
  } else if (!mutation.at.empty()) {
    std::string at = mutation.at;
    const size_t at_mark = std::min(at.find('^'), at.size());
    at.erase(at_mark, 1);
    place = OnlyPlaceOf(at, mutated.yaml);
    place += at_mark < at.size() ? at_mark : at.find_first_not_of(" \n");
  }
  const std::string before = mutated.yaml.substr(0, place);
  const size_t line_start = before.rfind('\n') + 1;  // 0 on the first line
  mutated.line += static_cast<int>(std::count(before.begin(), before.end(), '\n'));
  mutated.column +=
      static_cast<int>(std::count_if(before.begin() + static_cast<std::ptrdiff_t>(line_start), before.end(),
                                     [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; }));
  return mutated;
}

std::vector<Mutation> ShapeMutations() {
  const std::string key(64, 'c');
  const std::string threshold = "  max_recipients: 6";
  std::string wide;
  for (size_t i = 0; i + 1 < kMaxYamlEntries; ++i) absl::StrAppend(&wide, "  s", i, ": school\n");
  std::string list;
  for (size_t i = 0; i < 501; ++i) absl::StrAppend(&list, i == 0 ? "" : ", ", "k", i);
  std::string many;
  for (size_t i = 0; i <= kMaxProblems; ++i) absl::StrAppend(&many, "x", i, ": y\n");
  return {
      // The file as text.
      {"Empty", "", "# niets\n", "the file is empty"},
      {"Huge", "", std::string(kMaxConvenantBytes + 1, '#'), "the file has 262145 bytes; at most 262144"},
      {"NotUtf8", "title: Gemeente", "title: ^\xffGemeente", "the file is not UTF-8"},
      {"Latin1", "title: Kernteam", "title: Kernte^\xe4m", "the file is not UTF-8"},
      {"Nul", "title: Kernteam", std::string("title: Kern^\0team", 17), "the invisible character U+0000"},
      {"ByteOrderMark", "# SPDX", "^\xef\xbb\xbf# SPDX", "the invisible character U+FEFF"},
      {"RightToLeft", "title: Kernteam", "title: Kern^\xe2\x80\xaeteam", "the invisible character U+202E"},
      {"ZeroWidthInName", "  id: volledig", "  id: volledig^\xe2\x80\x8b", "the invisible character U+200B"},
      {"TabAsIndent", "  id: volledig", "^\tid: volledig", "tabs are not allowed"},
      {"TabAfterValue", "version: 2", "version: 2^\t# tweede", "tabs are not allowed"},
      {"WindowsLineEnd", "version: 2\n", "version: 2^\r\n", "Windows line ends are not allowed"},
      {"Directive", "# SPDX", "^%YAML 1.2\n# SPDX", "YAML directives (%) are not allowed"},
      {"SecondDocument", "\nscopes:", "\n^---\nscopes:", "the file holds more than one YAML document"},
      {"BareWord", "", "^convenant\n", "the file must be a list of sections"},
      {"ListOfSections", "", "^- convenant\n", "the file must hold keys, each written as name: value"},
      {"Syntax", "youth_work]\n    parties: ", "youth_work\n    parties^: ",
       "not valid YAML: end of sequence flow not found"},
      {"SyntaxAfterWideCharacters", "title: Thema's", "title: ë ë^: x", "not valid YAML: illegal map value"},
      {"Anchor", "title: Gemeente", "title: ^&naam Gemeente", "anchors (&) are not allowed"},
      {"AnchorOnNothing", "title: Gemeente\n", "title: ^&naam\n", "anchors (&) are not allowed"},
      {"AnchorOnMap", "  gemeente:\n", "  gemeente: ^&g\n", "anchors (&) are not allowed"},
      {"Alias", "  zorg:\n", "  zorg: ^*naam\n", "aliases (*) are not allowed"},
      {"Bomb", "scopes:\n", "bom: ^&a [x, x]\nbom2: &b [*a, *a]\nbom3: [*b, *b, *b]\nscopes:\n",
       "anchors (&)"},
      {"MergeKey", "    kind: transport\n", "    <<: ^*gemeente\n    kind: transport\n", "aliases (*)"},
      {"Tag", "version: 2", "version: ^!!int 2", "tags (!) are not allowed"},
      {"OwnTag", "title: Kernteam", "title: ^!geheim Kernteam", "tags (!) are not allowed"},
      {"QuoteOverLines", "title: Kernteam\n", "title: ^\"Kern\n      team\"\n",
       "a quoted text must end on the line"},
      {"HiddenByEscape", "title: Kernteam", "title: ^\"Kern\\u202eteam\"",
       "this text holds an invisible character"},
      {"TooDeep", "title: Kernteam",
       absl::StrCat("title: ", std::string(13, '['), "^[x", std::string(14, ']')),
       "nested deeper than 16 levels"},
      {"MapAsKey", "  theme:\n    title", "  ? ^{a: b}\n  : c\n  theme:\n    title",
       "a key must be a plain word"},
      {"TooMany", "  school-a: school\n", absl::StrCat("  school-a: school\n", wide, "  last: ^school\n"),
       "more than 2000 entries in one place"},
      {"DuplicateKey", "version: 2\n", "version: 2\n  ^version: 3\n",
       "the key \"version\" stands here twice"},
      {"DuplicateSection",
       "\noversight:", "\n^scopes: {school-a: school}\n\noversight:", "the key \"scopes\" stands"},
      {"DuplicateParty", "  vervoerder:\n", "  ^politie:\n    kind: police\n  vervoerder:\n",
       "the key \"politie\" stands here twice"},
      {"DuplicateInQuotes", "version: 2\n", "version: 2\n  ^\"version\": 3\n",
       "the key \"version\" stands here twice"},
      {"DuplicateLongKey", "version: 2\n",
       absl::StrCat("version: 2\n  ", std::string(59, 'k'), "é: 1\n  ^", std::string(59, 'k'), "é: 1\n"),
       absl::StrCat("the key \"", std::string(59, 'k'), "…\" stands")},
      {"NoValue", "  id: volledig\n", "  ^id:\n", "a value is missing here"},
      {"NullValue", "  id: volledig\n", "  ^id: ~\n", "a value is missing here"},
      {"NoValueBeforeARemark", "max_recipients: 6\n", "^max_recipients:\n  # later\n\n",
       "a value is missing here"},
      {"NoItem", "      - party: handhaving\n        within: 10 minutes\n", "      ^-\n",
       "a value is missing here"},
      // The kinds of value.
      {"SectionIsText", "oversight:\n  privacy_officers: [gemeente, bestuur]\n", "oversight: ^gemeente\n",
       "\"oversight\" must hold keys, each written as name: value"},
      {"PartyIsText", "  politie:\n    title: Politie\n    kind: police\n    root",
       "  politie: ^police\n  x:\n    root", "\"parties.politie\" must hold keys"},
      {"PartiesAreText", "purposes:\n  dreiging:\n", "purposes: ^geen\nx:\n  dreiging:\n",
       "\"purposes\" must hold at least one name: value"},
      {"NoBridges", "bridges:\n  buurgemeente:\n", "bridges: ^{}\nx:\n  buurgemeente:\n",
       "\"bridges\" must hold at least one name: value"},
      {"ValueIsList", "version: 2", "version: ^[2]", "\"convenant.version\" must be a single value"},
      {"ValueIsMap", "    ceiling: L0\n    retention: lang", "    ceiling: ^{L0: L0}\n    retention: lang",
       "\"channels.theme.ceiling\" must be a single value"},
      {"TextEmpty", "ground: Jeugdwet", "ground: ^\"\"",
       "\"purposes.zorg.ground\" must be a text of 1 to 2000 bytes"},
      {"TextLong", "title: Kernteam", absl::StrCat("title: ^", std::string(10'000, 'x')),
       "\"channels.core.title\" must be a text of 1 to 2000 bytes"},
      {"NameInCapitals", "controller: gemeente", "controller: ^Gemeente",
       "\"convenant.controller\" must be a name of lower-case letters, digits, - and _, not \"Gemeente\""},
      {"NameOfEmoji", "controller: gemeente", "controller: ^\xf0\x9f\x99\x82",
       "\"convenant.controller\" must be a name"},
      {"NameLong", "convenant: elders", absl::StrCat("convenant: ^", std::string(65, 'a')),
       "\"bridges.buurgemeente.convenant\" must be a name"},
      {"WordForList", "members: [school, youth_work, municipality]", "members: ^school",
       "\"channels.core.members\" must be a list of names, written as [a, b]"},
      {"ListTooLong", "members: [school, youth_work, municipality]", absl::StrCat("members: ^[", list, "]"),
       "\"channels.core.members\" must be a list of names"},
      {"ListOfLists", "members: [school, youth_work, municipality]", "members: [^[school], youth_work]",
       "\"channels.core.members\" must list names"},
      {"ListHoldsText", "ask: [school, municipality]", "ask: [school, ^de gemeente]",
       "\"reveal.ask\" must list names"},
      {"NameTwice", "ask: [school, municipality]", "ask: [school, ^school]",
       "\"reveal.ask\" lists \"school\" twice"},
      {"BooleanWord", "host: yes", "host: ^true",
       "\"parties.gemeente.host\" must be yes or no, not \"true\""},
      {"FlagInCapitals", "acute_danger: yes", "acute_danger: ^Yes",
       "\"purposes.dreiging.acute_danger\" must be yes"},
      {"NumberWithZero", "version: 2", "version: ^02",
       "\"convenant.version\" must be a whole number from 1 to 999999"},
      {"NumberWithSign", threshold, "  max_recipients: ^-6",
       "\"thresholds.max_recipients\" must be a whole number"},
      {"NumberTooHigh", threshold, "  max_recipients: ^151",
       "\"thresholds.max_recipients\" must be a whole number"},
      {"AgendaDaysNone", "agenda_days: 5", "agenda_days: ^0",
       "\"thresholds.agenda_days\" must be a whole number"},
      {"SmallCellTooSmall", "small_cell: 5", "small_cell: ^4",
       "\"thresholds.small_cell\" must be a whole number from 5"},
      {"TrendOfTwo", "trend_schools: 3", "trend_schools: ^2",
       "\"thresholds.trend_schools\" must be a whole number from 3"},
      {"MatchOfTwo", "signals: 3", "signals: ^2",
       "\"matching.threshold.signals\" must be a whole number from 3"},
      {"MatchOfOneKind", "kinds: 2\n", "kinds: ^1\n",
       "\"matching.threshold.kinds\" must be a whole number from 2"},
      {"DateLoose", "valid_from: 2026-01-01", "valid_from: ^2026-1-1",
       "\"convenant.valid_from\" must be a date written as"},
      {"DateImpossible", "from: 2026-02-01", "from: ^2026-02-30",
       "\"bridges.buurgemeente.from\" must be a date"},
      {"PeriodBare", "cap: 12 months", "cap: ^12", "\"retention.kort.cap\" must be a period such as 30 days"},
      {"PeriodInDutch", "expires: 14 days", "expires: ^14 dagen", "\"reveal.expires\" must be a period"},
      {"DrillBare", "drill_every: 6 months", "drill_every: ^half-yearly",
       "\"alerts.oranje.drill_every\" must be a period"},
      {"TimeInSeconds", "within: 2 minutes", "within: ^120 seconds",
       "\"alerts.oranje.steps[0].within\" must be a time such as 2 minutes or 24 hours"},
      {"TimeInDays", "justify_within: 24 hours", "justify_within: ^1 day",
       "\"alerts.oranje.justify_within\" must be a time"},
      {"WitnessTimeBare", "witness_alarm_after: 24 hours", "witness_alarm_after: ^24",
       "\"trust.witness_alarm_after\" must be a time"},
      {"KeyShort", "  log_key: b2", "  log_key: ^b2b2",
       "\"trust.log_key\" must be 64 hexadecimal digits in lower case"},
      {"KeyInCapitals", "    archief: b5", "    archief: ^B5",
       "\"trust.witnesses.archief\" must be 64 hexadecimal digits"},
      {"KeyNotHex", "    root: a3", "    root: ^g3",
       "\"parties.politie.root\" must be 64 hexadecimal digits"},
      {"LevelInLowerCase", "tied: L2\n    competence", "tied: ^l2\n    competence",
       "\"l2\" is not a level; there are: L0, L1, L2"},
      {"LevelWithNewLine", "tied: L2\n    competence", "tied: ^|\n      L2\n    competence",
       "\"L2\\n\" is not a level"},
      {"LevelOfWideCharacters", "tied: L2\n    competence",
       "tied: ^éééééééééééééééééééééééééééééééé\n    competence",
       "\"éééééééééééééééééééééééééééééé…\" is not a level"},
      {"KindOfConvenant", "kind: CONVENANT", "kind: ^PACT", "\"PACT\" is not a kind of convenant"},
      {"KindOfCategory", "kind: criminal", "kind: ^crime", "\"crime\" is not a kind of category"},
      {"KeptIdentityWord", "kept_identity: allowed", "kept_identity: ^yes",
       "\"yes\" is not a setting of kept_identity"},
      {"UnknownSuite", "suite: 1", "^suite: 2", "unknown suite; this version knows suite 1"},
      // Keys and names.
      {"LacksSection", "thresholds:\n", "drempels:\n", "the file lacks the key \"thresholds\""},
      {"UnknownSection",
       "\noversight:", "\n^oversigth:", "unknown key \"oversigth\" (did you mean \"oversight\"?)"},
      {"LacksPurpose", "  purposes: [dreiging, zorg]\n", "", "\"reveal\" lacks the key \"purposes\"",
       "\nreveal:"},
      {"LacksGround", "    ground: Jeugdwet\n", "", "\"purposes.zorg\" lacks the key \"ground\"", "  zorg:"},
      {"LacksKind", "    title: Vervoerder\n    kind: transport\n", "",
       "\"parties.vervoerder\" lacks the key \"kind\"", "  vervoerder:"},
      {"LacksJustifyWithin", "    justify_within: 24 hours\n", "",
       "\"alerts.oranje\" lacks the key \"justify_within\"", "  oranje:"},
      {"LacksStepTime", "        within: 10 minutes\n", "",
       "\"alerts.oranje.steps[1]\" lacks the key \"within\"", "party: handhaving"},
      {"LacksRetentionLevel", "{L0: lang, L1: kort}", "{L0: lang}",
       "\"channels.core.retention\" lacks the key \"L1\"", "retention: {L0: lang}"},
      {"LacksRetentionOfJustification", "L2: kort, justification: lang}", "L2: kort}",
       "\"channels.case.retention\" lacks the key \"justification\"",
       "retention: {L0: lang, L1: kort, L2: kort}"},
      {"ManyUnknownKeys", "\nscopes:", absl::StrCat("\n^", many, "scopes:"), "unknown key \"x0\""},
      {"UnknownKey", "    ground: Jeugdwet", "    ^grond: Jeugdwet",
       "unknown key \"purposes.zorg.grond\" (did you mean \"ground\"?); known here:"},
      {"UnknownMatchKey",
       "    pupil_number:", "    ^bsn:", "unknown key \"matching.keys.bsn\"; known here: name_dob"},
      {"UnknownRetentionLevel", "{L0: lang, L1: kort}", "{L0: lang, L1: kort, ^L3: kort}",
       "unknown key \"channels.core.retention.L3\""},
      {"PartyInCapitals", "  politie:\n    title", "  ^Politie:\n    title",
       "\"parties\" must name its entries with"},
      {"ScopeInCapitals", "  wijk-a: ward", "  ^Wijk: ward", "\"scopes\" must name its entries with"},
      {"FunctionInCapitals", "      concierge: L1", "      ^Concierge: L1",
       "a function is a name of lower-case letters"},
      {"WitnessInCapitals", "    archief: b5", "    ^Archief: b5",
       "a witness is named with lower-case letters"},
      {"RaisedByAnything", "      school: [care_coordinator, concierge]",
       "      ^\"een school\": [concierge]", "a partner kind is a name of lower-case letters"},
      {"GroupsAreText", "      of: sender", "      of: ^anybody",
       "\"reveal.approval_groups.afzender.of\" must be a list of names"},
  };
}

std::vector<Mutation> Mutations() {
  std::vector<Mutation> all = ShapeMutations();
  for (Mutation& mutation : SenseMutations()) all.push_back(std::move(mutation));
  return all;
}

}  // namespace seinpost::policies
