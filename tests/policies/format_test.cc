// SPDX-License-Identifier: EUPL-1.2
// docs/formats/convenant.md says what the code does.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "policies/acts_rules.h"
#include "policies/rules.h"
#include "tests/policies/acts_example.h"

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

}  // namespace
}  // namespace seinpost::policies
