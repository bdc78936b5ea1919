// SPDX-License-Identifier: EUPL-1.2
#include "policies/document/yaml_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace seinpost::policies {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr size_t kMax = 4096;

std::string Problem(absl::string_view text) {
  Problems problems("x.yaml");
  ParseYaml(text, kMax, problems);
  return problems.Join();
}

TEST(YamlTree, ScalarsStayText) {
  Problems problems("x.yaml");
  const YamlNode root = ParseYaml(
      "a: no\nb: 0123\nc: \"null\"\nd: 'it''s \"1e3'\ne: ~x\nf: |\n  two\n  lines\n", kMax, problems);
  ASSERT_TRUE(problems.empty()) << problems.Join();
  EXPECT_EQ(root.Find("a")->value.scalar, "no");
  EXPECT_EQ(root.Find("b")->value.scalar, "0123");
  EXPECT_EQ(root.Find("c")->value.scalar, "null");
  EXPECT_EQ(root.Find("d")->value.scalar, "it's \"1e3");
  EXPECT_EQ(root.Find("f")->value.scalar, "two\nlines\n");
  EXPECT_EQ(root.Find("g"), nullptr);
}

TEST(YamlTree, KeepsPlaces) {
  Problems problems("x.yaml");
  const YamlNode root = ParseYaml("# comment\na:\n  - {b: c}\n  - d\n", kMax, problems);
  ASSERT_TRUE(problems.empty());
  const YamlNode::Entry& a = *root.Find("a");
  EXPECT_EQ(a.line, 2);
  EXPECT_EQ(a.column, 1);
  ASSERT_EQ(a.value.items.size(), 2u);
  EXPECT_TRUE(a.value.items[0].flow);
  EXPECT_EQ(a.value.items[0].Find("b")->column, 6);
  EXPECT_EQ(a.value.items[1].line, 4);
}

TEST(YamlTree, RefusesWhatTwoReadersCouldReadDifferently) {
  const struct {
    const char* name;
    std::string text;
    const char* problem;
  } kCases[] = {
      {"duplicate key", "a: 1\nb: 2\na: 3\n", "x.yaml:3:1: the key \"a\" stands here twice"},
      {"duplicate key, quoted", "a: 1\n\"a\": 3\n", "x.yaml:2:1: the key"},
      {"second document", "a: 1\n---\nb: 2\n", "x.yaml:2:1: the file holds more than one"},
      {"anchor", "a: &x 1\n", "x.yaml:1:4: anchors"},
      {"anchor on a map", "a: &x\n  b: 1\n", "x.yaml:1:4: anchors"},
      {"alias", "a: *x\n", "x.yaml:1:4"},
      {"bomb", "a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "x.yaml:1:4: anchors"},
      {"merge key", "a: {b: 1}\n<<: *a\n", "x.yaml:2:5"},
      {"tag", "a: !!int 1\n", "x.yaml:1:4: tags"},
      {"own tag", "a: !secret x\n", "x.yaml:1:4: tags"},
      {"directive", "%YAML 1.2\n---\na: 1\n", "x.yaml:1:1: YAML directives"},
      {"tab", "a:\n\tb: 1\n", "x.yaml:2:1: tabs"},
      {"tab inside", "a: x\ty\n", "x.yaml:1:5: tabs"},
      {"windows line end", "a: 1\r\nb: 2\r\n", "x.yaml:1:5: Windows line ends"},
      {"not UTF-8", "a: \xff\n", "x.yaml:1:4: the file is not UTF-8"},
      {"overlong UTF-8", "a: \xc0\x80\n", "x.yaml:1:4: the file is not UTF-8"},
      {"cut UTF-8", "a: \xe2\x82", "x.yaml:1:4: the file is not UTF-8"},
      {"surrogate", "a: \xed\xa0\x80\n", "x.yaml:1:4: the file is not UTF-8"},
      {"byte order mark",
       "\xef\xbb\xbf"
       "a: 1\n",
       "x.yaml:1:1: the invisible character U+FEFF"},
      {"right to left", "a: x\xe2\x80\xaey\n", "x.yaml:1:5: the invisible character U+202E"},
      {"zero width", "a: x\xe2\x80\x8by\n", "U+200B"},
      {"NUL", std::string("a: \0x\n", 7), "U+0000"},
      {"empty", "", "x.yaml:1:1: the file is empty"},
      {"only a comment", "# nothing\n", "x.yaml:1:1: the file is empty"},
      {"no value", "a:\nb: 1\n", "x.yaml:1:1: a value is missing here"},
      {"no item", "a:\n  - b\n  - # none\n\nc: d\n", "x.yaml:3:3: a value is missing here"},
      {"no item in one line", "a: [b, ~]\n", "x.yaml:1:1: a value is missing here"},
      {"bare word", "hello\n", "x.yaml:1:1: the file must be"},
      {"list as key", "? [a, b]\n: c\n", "a key must be a plain word"},
      {"syntax", "a: [1, 2\nb: 3\n", "x.yaml:"},
      {"unclosed quote", "a: \"x\nb: y\n", "x.yaml:1:4: a quoted text must end on the line"},
      {"unclosed single quote", "a: 'x''\nb: y'\n", "x.yaml:1:4: a quoted text must end on the line"},
      {"unclosed at the end", "a: \"x", "not valid YAML"},
      {"hidden by an escape", "a: \"x\\u202ey\"\n", "x.yaml:1:4: this text holds an invisible character"},
      {"NUL by an escape", "a: \"\\0\"\n", "x.yaml:1:4: this text holds an invisible character"},
      {"tab by an escape", "a: \"\\t\"\n", "x.yaml:1:4: this text holds an invisible character"},
  };
  for (const auto& test : kCases) EXPECT_THAT(Problem(test.text), HasSubstr(test.problem)) << test.name;
}

TEST(YamlTree, CountsColumnsInCharacters) {
  EXPECT_THAT(Problem("# zoë\na: ë\xff\n"), HasSubstr("x.yaml:2:5: "));
  EXPECT_THAT(Problem("a: {ë: 1, ë: 2}\n"), HasSubstr("x.yaml:1:11: "));
}

TEST(YamlTree, BoundsSizeDepthAndWidth) {
  EXPECT_THAT(Problem(absl::StrCat("a: ", std::string(kMax, 'x'))), HasSubstr("at most 4096 are allowed"));
  const auto nested = [](size_t depth) {
    return absl::StrCat("a: ", std::string(depth - 1, '['), "x", std::string(depth - 1, ']'), "\n");
  };
  EXPECT_THAT(Problem(nested(kMaxYamlDepth)), IsEmpty());
  EXPECT_THAT(Problem(nested(kMaxYamlDepth + 1)), HasSubstr("x.yaml:1:19: nested deeper than 16 levels"));
  EXPECT_THAT(Problem(nested(1500)), HasSubstr("nested deeper"));
  std::string wide;
  for (size_t i = 0; i <= kMaxYamlEntries; ++i) absl::StrAppend(&wide, "k", i, ": x\n");
  Problems problems("x.yaml");
  ParseYaml(wide, wide.size(), problems);
  EXPECT_THAT(problems.Join(), HasSubstr("more than 2000 entries"));
}

}  // namespace
}  // namespace seinpost::policies
