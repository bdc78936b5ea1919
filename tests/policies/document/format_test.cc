// SPDX-License-Identifier: EUPL-1.2
// docs/formats/convenant.md and docs/convenant.md say what the code does.
#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "policies/acts/rules.h"
#include "policies/decide/rules.h"
#include "policies/document/yaml_tree.h"
#include "tests/policies/acts/example.h"

namespace seinpost::policies {
namespace {

constexpr char kFormat[] = "docs/formats/convenant.md";

TEST(ConvenantFormat, ExampleParses) {
  const std::string text = FileText(kFormat);
  const std::string fence = "```yaml\n";
  const size_t begin = text.find(fence) + fence.size();
  const std::string example = text.substr(begin, text.find("```", begin) - begin);
  const absl::StatusOr<Convenant> convenant = Convenant::Parse(example, "example.yaml");
  ASSERT_TRUE(convenant.ok()) << convenant.status();
  EXPECT_EQ(convenant->id(), "voorbeeld");
  EXPECT_TRUE(convenant->FindParty("vervoerder")->guest);
}

TEST(ConvenantFormat, ListsTheRulesInTheOrderOfTheTable) {
  const std::string text = FileText(kFormat);
  // "R4 P": the rule and who can judge by it.
  std::vector<std::string> documented, table;
  const std::string mark = "\n| R";
  for (size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
    const size_t word = at + 3;
    const size_t end = text.find(" |\n", word);
    documented.push_back(text.substr(word, text.find(' ', word) - word) + " " + text.substr(end - 1, 1));
  }
  table.push_back("Rule |");  // the heading
  for (const SendRule& rule : SendRules()) {
    const char* needs = rule.needs == FactNeed::kPublic        ? " P"
                        : rule.needs == FactNeed::kWholeSignal ? " W"
                                                               : " B";
    table.push_back(std::string(rule.rule) + needs);
  }
  EXPECT_EQ(documented, table);
}

template <typename AnAct>
void AddRows(const char* act, absl::Span<const ActRule<AnAct>> rules, std::vector<std::string>& table) {
  for (const ActRule<AnAct>& rule : rules) {
    const char* needs = rule.needs == FactNeed::kPublic ? "P" : "B";
    table.push_back(absl::StrCat(act, " ", rule.rule, " ", needs));
  }
}

TEST(ConvenantFormat, ListsTheRulesOfTheActsInTheOrderOfTheirTables) {
  const std::string text = FileText(kFormat);
  const size_t begin = text.find("\n## Acts\n"), end = text.find("\n## ", begin + 1);
  ASSERT_NE(begin, std::string::npos);
  // "case R15 B": the act, the rule and who can judge by it.
  std::vector<std::string> documented, table;
  for (const absl::string_view line : absl::StrSplit(text.substr(begin, end - begin), '\n')) {
    const std::vector<std::string> cells = absl::StrSplit(line, " | ");
    if (cells.size() != 6 || !absl::StartsWith(cells[1], "R") || cells[1] == "Rule") continue;
    documented.push_back(absl::StrCat(cells[0].substr(2), " ", cells[1], " ", cells[5].substr(0, 1)));
  }
  AddRows("case", CaseRules(), table);
  AddRows("agenda", AgendaRules(), table);
  AddRows("alert", AlertRules(), table);
  AddRows("reveal", RevealRules(), table);
  AddRows("approve", ApprovalRules(), table);
  AddRows("match", MatchRules(), table);
  AddRows("statistics", StatisticsRules(), table);
  AddRows("review", ReviewRules(), table);
  AddRows("withdraw", WithdrawRules(), table);
  EXPECT_EQ(documented, table);
}

TEST(ConvenantFormat, ExamplesOfQuestionsAnswerAsTheySay) {
  const std::string text = FileText(kFormat);
  std::string questions = "expect: plaats\nquestions:\n";
  const std::string fence = "```yaml\n";
  size_t found = 0;
  for (size_t at = text.find(fence, text.find("\n## NAME.expect.yaml")); at != std::string::npos;
       at = text.find(fence, at + 1)) {
    const size_t begin = at + fence.size();
    questions += text.substr(begin, text.find("```", begin) - begin);
    ++found;
  }
  EXPECT_EQ(found, 11u) << "one for each kind of question";
  const ActsExample example;
  LabFile lab = example.lab;
  const auto add = [&](const char* party, const char* handle, const char* function) {
    lab.members.push_back({.party = party, .handle = handle, .mandates = {{function, {"*"}, Level::kL2}}});
  };
  add("gemeente", "regisseur", "coordinator");
  const absl::StatusOr<QuestionReport> report =
      RunQuestions(questions, "example.expect.yaml", example.convenant, lab);
  ASSERT_TRUE(report.ok()) << report.status();
  for (const QuestionResult& result : report->results)
    EXPECT_TRUE(result.passed) << result.name << ": " << result.detail;
}

// tools/sh/mutations.sh takes each rule out of its table and sees a test fail.
TEST(ConvenantFormat, EveryRuleIsTakenOutOnce) {
  const std::string checks = FileText("tests/mutations/checks.txt");
  const auto count = [&](const std::string& name) {
    size_t found = 0;
    for (size_t at = checks.find(name); at != std::string::npos; at = checks.find(name, at + 1)) ++found;
    return found;
  };
  const auto name = [](absl::string_view kind, const auto& rule) {
    return "\nname " + std::string(kind) + " rule: " + std::string(rule.rule) + " " + std::string(rule.name) +
           "\n";
  };
  for (const SendRule& rule : SendRules())
    EXPECT_EQ(count(name("send", rule)), 1u) << rule.rule << " " << rule.name;
  for (const OpenRule& rule : OpenRules())
    EXPECT_EQ(count(name("open", rule)), 1u) << rule.rule << " " << rule.name;
  const auto each = [&](absl::string_view act, const auto& rules) {
    for (const auto& rule : rules)
      EXPECT_EQ(count(name(act, rule)), 1u) << act << " " << rule.rule << " " << rule.name;
  };
  each("case", CaseRules());
  each("agenda", AgendaRules());
  each("alert", AlertRules());
  each("reveal", RevealRules());
  each("approve", ApprovalRules());
  each("match", MatchRules());
  each("statistics", StatisticsRules());
  each("review", ReviewRules());
  each("withdraw", WithdrawRules());
}

constexpr char kPage[] = "docs/convenant.md";

// Every ```yaml block of `text`, one after the other: the page explains one file piece by piece.
std::string YamlBlocks(const std::string& text) {
  const std::string fence = "```yaml\n";
  std::string yaml;
  for (size_t at = text.find(fence); at != std::string::npos; at = text.find(fence, at)) {
    at += fence.size();
    yaml += text.substr(at, text.find("```", at) - at);
  }
  return yaml;
}

// Below these stand names of the file's own, not keys of the format.
const std::set<std::string>& NamedPaths() {
  static const auto* const kPaths =
      new std::set<std::string>{"scopes",         "parties",        "purposes",
                                "categories",     "levels",         "levels.*.functions",
                                "retention",      "channels",       "reveal.approval_groups",
                                "alerts",         "alerts.*.raise", "bridges",
                                "trust.witnesses"};
  return *kPaths;
}

void CollectKeys(const YamlNode& node, const std::string& path, std::set<std::string>& keys) {
  for (const YamlNode& item : node.items) CollectKeys(item, path, keys);
  const bool names = NamedPaths().count(path) != 0;
  for (const YamlNode::Entry& entry : node.entries) {
    const std::string word = names ? "*" : entry.key;
    const std::string below = path.empty() ? word : absl::StrCat(path, ".", word);
    if (!names) keys.insert(below);
    CollectKeys(entry.value, below, keys);
  }
}

// The keys of the format that `yaml` uses, like "parties.*.kind".
std::set<std::string> KeysOf(const std::string& yaml) {
  Problems problems("x");
  const YamlNode root = ParseYaml(yaml, yaml.size(), problems);
  EXPECT_TRUE(problems.empty()) << problems.Join();
  std::set<std::string> keys;
  CollectKeys(root, "", keys);
  return keys;
}

TEST(ConvenantPage, ExamplesAreOneFileThatParses) {
  const absl::StatusOr<Convenant> convenant = Convenant::Parse(YamlBlocks(FileText(kPage)), "page.yaml");
  ASSERT_TRUE(convenant.ok()) << convenant.status();
  EXPECT_TRUE(convenant->HasKeys());
}

// The parser asks for keys by name; "known here" tells which, so that a key that no example uses is noticed.
TEST(ConvenantPage, CompleteExampleUsesEveryKeyOfTheParser) {
  const std::string yaml = FileText("tests/testing/convenants/volledig.yaml");
  const std::set<std::string> keys = KeysOf(yaml);
  size_t asked = 0;
  for (const char* typo : {"  illustrative: yes\n",
                           "    host: yes\n",
                           "    acute_danger: yes\n",
                           "    kind: neutral\n",
                           "    competence: [dreiging]\n    contact: ward_officer\n",
                           "    cap: 12 months\n",
                           "    kept_identity: allowed\n",
                           "  agenda_days: 5\n",
                           "  expires: 14 days\n",
                           "      function: privacy_officer\n",
                           "    pupil_number: [school]\n",
                           "    signals: 3\n",
                           "  window: 90 days\n",
                           "    function: coordinator\n",
                           "        function: ward_officer\n",
                           "    drill_every: 6 months\n",
                           "    ceiling: L1\n    purposes: [dreiging]\n",
                           "  suite: 1\n",
                           "  privacy_officers: [gemeente, bestuur]\n",
                           "\noversight:\n"}) {
    // A word that no key is like, beside a key that stands once in the file.
    std::string mutated = yaml;
    const size_t at = mutated.find(typo);
    ASSERT_NE(at, std::string::npos) << typo;
    const size_t word = mutated.find_first_not_of(" \n", at);
    const std::string indent =
        mutated.substr(mutated.rfind('\n', word) + 1, word - mutated.rfind('\n', word) - 1);
    mutated.insert(word, absl::StrCat("qqqqqqqq: x\n", indent));
    const std::string message(Convenant::Parse(mutated, "x").status().message());
    const std::string known = "qqqqqqqq\"; known here: ";
    const size_t list = message.find(known);
    ASSERT_NE(list, std::string::npos) << typo << message;
    const std::string words =
        message.substr(list + known.size(), message.find('\n', list) - list - known.size());
    for (const absl::string_view key : absl::StrSplit(words, ", ")) {
      const bool used = std::any_of(keys.begin(), keys.end(), [&](const std::string& used_key) {
        return used_key == key || absl::EndsWith(used_key, absl::StrCat(".", key));
      });
      EXPECT_TRUE(used) << "no example uses " << key << ", which is known beside " << typo;
      ++asked;
    }
  }
  EXPECT_GT(asked, 80u);
}

// The words that stand in `code` in a text, examples in blocks left out.
std::set<std::string> CodeWords(const std::string& text) {
  std::set<std::string> words;
  const std::vector<std::string> blocks = absl::StrSplit(text, "```");
  for (size_t b = 0; b < blocks.size(); b += 2) {
    const std::vector<std::string> spans = absl::StrSplit(blocks[b], '`');
    for (size_t i = 1; i < spans.size(); i += 2) {
      std::string word;
      for (const char c : spans[i] + " ") {
        if (absl::ascii_isalnum(c) || c == '_') {
          word += c;
        } else {
          words.insert(std::exchange(word, ""));
        }
      }
    }
  }
  return words;
}

TEST(ConvenantPage, ShowsEveryKeyInOneFileAndExplainsItInBothLanguages) {
  const std::string page = FileText(kPage);
  const size_t second = page.find("# Part 2.");
  ASSERT_NE(second, std::string::npos);
  const std::set<std::string> dutch = CodeWords(page.substr(0, second));
  const std::set<std::string> english = CodeWords(page.substr(second));
  const std::set<std::string> keys = KeysOf(FileText("tests/testing/convenants/volledig.yaml"));
  EXPECT_GT(keys.size(), 100u);
  EXPECT_THAT(KeysOf(YamlBlocks(page)), testing::IsSupersetOf(keys));
  for (const std::string& key : keys) {
    const std::string word = key.substr(key.rfind('.') + 1);
    EXPECT_EQ(dutch.count(word), 1u) << key << " is not explained in Dutch";
    EXPECT_EQ(english.count(word), 1u) << key << " is not explained in English";
  }
}

}  // namespace
}  // namespace seinpost::policies
