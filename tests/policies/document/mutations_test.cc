// SPDX-License-Identifier: EUPL-1.2
// Mutations of a valid convenant file that holds every key there is. Each is refused with the right place and
// a sentence that says what is wrong, and every sentence that the parser has is said by at least one of them.
#include "tests/policies/document/mutations.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace seinpost::policies {
namespace {

using testing::HasSubstr;

// "file:LINE:COLUMN: " for each line, of which there are at most twenty and one that says that there are
// more.
void ExpectPlaces(const std::string& message) {
  const std::vector<std::string> problems = absl::StrSplit(message, '\n');
  EXPECT_LE(problems.size(), kMaxProblems + 1);
  for (const std::string& problem : problems) {
    EXPECT_TRUE(
        testing::Matches(testing::ContainsRegex("^volledig\\.yaml:[1-9][0-9]*:[1-9][0-9]*: ."))(problem) ||
        problem == "volledig.yaml: more problems follow; solve these first")
        << problem;
  }
}

class ConvenantMutation : public testing::TestWithParam<Mutation> {};

TEST_P(ConvenantMutation, IsRefusedAtItsPlace) {
  const Mutation& mutation = GetParam();
  const Mutated mutated = Apply(mutation);
  const absl::StatusOr<Convenant> convenant = Convenant::Parse(mutated.yaml, "volledig.yaml");
  ASSERT_FALSE(convenant.ok());
  EXPECT_EQ(convenant.status().code(), absl::StatusCode::kInvalidArgument);
  const std::string message(convenant.status().message());
  ExpectPlaces(message);
  EXPECT_THAT(message, HasSubstr(absl::StrCat("volledig.yaml:", mutated.line, ":", mutated.column, ": ",
                                              mutation.problem)));
}

std::string NameOf(const testing::TestParamInfo<Mutation>& mutation) { return mutation.param.name; }

INSTANTIATE_TEST_SUITE_P(Table, ConvenantMutation, testing::ValuesIn(Mutations()), NameOf);

TEST(ConvenantMutations, AreAtLeastAHundredAndTheFileItselfParses) {
  EXPECT_GE(Mutations().size(), 100u);
  const absl::StatusOr<Convenant> convenant = Convenant::Parse(FileText(kComplete), "volledig.yaml");
  ASSERT_TRUE(convenant.ok()) << convenant.status();
  EXPECT_TRUE(convenant->HasKeys());
}

// The texts between double quotes in a C++ source, those that stand side by side as one.
std::vector<std::string> Literals(const std::string& source) {
  std::vector<std::string> literals;
  bool joins = false;
  for (size_t i = 0; i < source.size(); ++i) {
    if (source.compare(i, 2, "//") == 0) {
      i = source.find('\n', i);
    } else if (source[i] == '\'') {
      i += source[i + 1] == '\\' ? 3 : 2;
    } else if (source[i] == '"') {
      std::string raw;
      for (++i; source[i] != '"'; ++i) {
        raw += source[i];
        if (source[i] == '\\') raw += source[++i];
      }
      std::string text;
      EXPECT_TRUE(absl::CUnescape(raw, &text)) << raw;
      if (joins) {
        literals.back() += text;
      } else {
        literals.push_back(text);
      }
      joins = true;
      continue;
    }
    joins = joins && absl::ascii_isspace(source[i]);
  }
  return literals;
}

// A new complaint in the parser needs a mutation that calls it forth.
TEST(ConvenantMutations, SayEverySentenceOfTheParser) {
  std::string said;
  for (const Mutation& mutation : Mutations()) {
    absl::StrAppend(&said, Convenant::Parse(Apply(mutation).yaml, "x").status().message(), "\n");
  }
  size_t sentences = 0;
  for (const char* file :
       {"yaml_tree.cc", "fields.cc", "convenant_parser.cc", "convenant_check.cc", "convenant_sections.cc"}) {
    for (std::string literal : Literals(FileText(absl::StrCat("policies/document/", file)))) {
      literal = literal.substr(0, literal.find('%'));
      if (literal.size() < 12 || literal.find(' ') == std::string::npos) continue;
      ++sentences;
      EXPECT_THAT(said, HasSubstr(literal)) << "no mutation makes policies/document/" << file << " say this";
    }
  }
  EXPECT_GT(sentences, 90u) << "the scan of the sources finds too little";
}

// What became of many mutations of one sort.
struct Tally {
  size_t refused = 0, parsed = 0;
  void Try(const std::string& yaml) {
    const absl::StatusOr<Convenant> convenant = Convenant::Parse(yaml, "volledig.yaml");
    if (convenant.ok()) {
      ++parsed;
      return;
    }
    ++refused;
    EXPECT_EQ(convenant.status().code(), absl::StatusCode::kInvalidArgument);
    ExpectPlaces(std::string(convenant.status().message()));
  }
  void Print(absl::string_view what) const {
    std::printf("%s: %zu refused, %zu still parse\n", std::string(what).c_str(), refused, parsed);
    testing::Test::RecordProperty(std::string(what), absl::StrCat(refused, " refused, ", parsed, " parse"));
  }
};

// A line that is there twice is a key twice, or the start of a second thing of the same name; only remarks,
// blank lines and the lines of one list may stand twice.
TEST(ConvenantMutations, EachLineTwiceIsRefused) {
  const std::vector<std::string> lines = absl::StrSplit(FileText(kComplete), '\n');
  Tally tally;
  for (size_t i = 0; i < lines.size(); ++i) {
    std::vector<std::string> mutated = lines;
    mutated.insert(mutated.begin() + static_cast<std::ptrdiff_t>(i), lines[i]);
    const size_t parsed = tally.parsed;
    tally.Try(absl::StrJoin(mutated, "\n"));
    const bool says_nothing = lines[i].empty() || lines[i][0] == '#';
    EXPECT_EQ(tally.parsed > parsed, says_nothing) << lines[i];
  }
  tally.Print("lines twice");
}

TEST(ConvenantMutations, EachLineLeftOutIsRefusedOrAnOptionalKey) {
  const std::vector<std::string> lines = absl::StrSplit(FileText(kComplete), '\n');
  Tally tally;
  std::set<std::string> optional;
  for (size_t i = 0; i < lines.size(); ++i) {
    std::vector<std::string> mutated = lines;
    mutated.erase(mutated.begin() + static_cast<std::ptrdiff_t>(i));
    const size_t parsed = tally.parsed;
    tally.Try(absl::StrJoin(mutated, "\n"));
    if (tally.parsed == parsed || lines[i].empty() || lines[i][0] == '#') continue;
    const std::string key(absl::StripLeadingAsciiWhitespace(lines[i].substr(0, lines[i].find(':'))));
    optional.insert(key);
  }
  tally.Print("lines left out");
  EXPECT_THAT(optional, testing::ElementsAre("acute_danger", "agenda_days", "chair", "change_quorum",
                                             "competence", "contact", "details", "drill_every", "function",
                                             "guest", "guests", "identity_to", "illustrative",
                                             "kept_identity", "name_dob", "per", "pupil_number", "root",
                                             "scopes", "small_cell", "sound_dob", "title", "trend_schools",
                                             "under", "wijk-a", "witness_alarm_after", "witness_stop_after"));
}

// Where each value stands: "parties.school.kind", "alerts.oranje.steps[0].within".
void CollectScalars(const YamlNode& node, const std::string& path,
                    std::vector<std::pair<std::string, YamlNode>>& to) {
  if (node.kind == YamlNode::Kind::kScalar) to.emplace_back(path, node);
  for (size_t i = 0; i < node.items.size(); ++i) CollectScalars(node.items[i], absl::StrCat(path, "[]"), to);
  for (const YamlNode::Entry& entry : node.entries) {
    CollectScalars(entry.value, path.empty() ? entry.key : absl::StrCat(path, ".", entry.key), to);
  }
}

std::string LastOf(const std::string& path) { return path.substr(path.rfind('.') + 1); }

TEST(ConvenantMutations, EachValueReplacedByADozenWrongOnes) {
  const std::string yaml = FileText(kComplete);
  Problems problems("x");
  std::vector<std::pair<std::string, YamlNode>> scalars;
  CollectScalars(ParseYaml(yaml, yaml.size(), problems), "", scalars);
  ASSERT_GT(scalars.size(), 150u);
  const std::vector<std::string> wrong = {"",
                                          "[a, b]",
                                          "{a: b}",
                                          "\t",
                                          "&x y",
                                          std::string(10'000, 'x'),
                                          "\xff",
                                          std::string(1, '\0'),
                                          "yes",
                                          "-1",
                                          "0123",
                                          "\xf0\x9f\x99\x82",
                                          "\xe2\x80\x8f"};
  Tally tally;
  std::set<std::string> taken;
  const std::vector<std::string> lines = absl::StrSplit(yaml, '\n');
  for (const auto& [path, node] : scalars) {
    for (const std::string& value : wrong) {
      std::vector<std::string> mutated = lines;
      std::string& line = mutated[static_cast<size_t>(node.line - 1)];
      const auto column = static_cast<size_t>(node.column - 1);
      ASSERT_EQ(line.substr(column, node.scalar.size()), node.scalar) << path;
      const bool same = node.scalar == value;
      line.replace(column, node.scalar.size(), value);
      const size_t parsed = tally.parsed;
      tally.Try(absl::StrJoin(mutated, "\n"));
      if (tally.parsed > parsed && !same) taken.insert(absl::StrCat(LastOf(path), "=", value.substr(0, 6)));
    }
  }
  tally.Print("values replaced");
  // Free texts, names of the file's own, flags; and an item that is gone, [a, ] being [a].
  EXPECT_THAT(taken, testing::UnorderedElementsAre(
                         "ask[]=", "channels[]=", "competence[]=", "details[]=", "guests[]=",
                         "identity_to[]=", "may_use[]=", "members[]=", "privacy_officers[]=", "purposes[]=",
                         "school[]=", "sound_dob[]=", "convenant=0123", "convenant=yes", "id=0123", "id=yes",
                         "kind=0123", "kind=yes", "their_kinds[]=0123", "their_kinds[]=yes", "wijk-a=0123",
                         "wijk-a=yes", "ground=-1", "ground=0123", "ground=yes", "ground=\xf0\x9f\x99\x82",
                         "title=-1", "title=0123", "title=yes", "title=\xf0\x9f\x99\x82"));
}

// Every key that the schema knows, misspelt, is refused; so is every name that something else refers to.
TEST(ConvenantMutations, EachKeyMisspelt) {
  const std::vector<std::string> lines = absl::StrSplit(FileText(kComplete), '\n');
  Tally tally;
  std::set<std::string> unreferenced;
  for (size_t i = 0; i < lines.size(); ++i) {
    const size_t colon = lines[i].find(':');
    if (colon == std::string::npos || lines[i][0] == '#') continue;
    std::vector<std::string> mutated = lines;
    mutated[i].insert(colon, "x");
    const size_t parsed = tally.parsed;
    tally.Try(absl::StrJoin(mutated, "\n"));
    if (tally.parsed > parsed)
      unreferenced.emplace(absl::StripLeadingAsciiWhitespace(lines[i].substr(0, colon)));
  }
  tally.Print("keys misspelt");
  EXPECT_THAT(unreferenced,
              testing::ElementsAre("afzender", "archief", "board_member", "buurgemeente", "driver",
                                   "jongerenwerk", "oranje", "overlast", "politie", "school", "theme",
                                   "toezicht", "universiteit", "vervoerder", "wapen", "wijk-a", "zorgen"));
}

TEST(ConvenantMutations, CutAnywhereItDoesNotCrash) {
  const std::string yaml = FileText(kComplete);
  Tally tally;
  for (size_t size = 0; size < yaml.size(); size += 7) tally.Try(yaml.substr(0, size));
  tally.Print("cut off");
  EXPECT_GT(tally.refused, yaml.size() / 7 / 2);
}

}  // namespace
}  // namespace seinpost::policies
