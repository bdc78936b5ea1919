// SPDX-License-Identifier: EUPL-1.2
// docs/formats/convenant.md says what the code does.
#include "policies/rules.h"
#include "tests/policies/example.h"

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
}

}  // namespace
}  // namespace seinpost::policies
