// SPDX-License-Identifier: EUPL-1.2
#include "policies/questions/questions.h"

#include "tests/policies/example.h"

namespace seinpost::policies {
namespace {

TEST(Questions, ExampleAnswersAsExpected) {
  const Example example;
  const absl::StatusOr<QuestionReport> report =
      RunQuestions(FileText("tests/testing/convenants/plaats.expect.yaml"), "plaats.expect.yaml",
                   example.convenant, example.lab);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_GE(report->results.size(), 25u);
  for (const QuestionResult& result : report->results) {
    EXPECT_TRUE(result.passed) << "line " << result.line << ", " << result.name << ": " << result.detail;
  }
  EXPECT_TRUE(report->passed());
}

constexpr char kHead[] = "expect: plaats\nquestions:\n";
constexpr char kAllowed[] =
    "  - name: q\n    ask: send\n    from: school/zorgcoordinator\n    channel: core@school-a\n    level: "
    "L1\n"
    "    category: wapen\n    purpose: dreiging\n    to: [politie/wijkagent]\n";

TEST(Questions, TellsWhatDiffers) {
  const struct {
    const char* answer;
    const char* detail;
  } kCases[] = {
      {"    expect: deny\n    codes: [NO_MANDATE]\n", "expected deny"},
      {"    identity_to: [politie/wijkagent]\n    expect: allow\n", "expected allow"},
      {"    identity_to: [politie/wijkagent]\n    expect: deny\n    codes: [NO_MANDATE]\n",
       "expected NO_MANDATE; got IDENTIFIER_IN_PSEUDONYMOUS"},
      {"    case: no\n    identifier_hits: [x]\n    expect: deny\n    codes: [IDENTIFIER_IN_PSEUDONYMOUS]\n  "
       "  instead: yes\n",
       "expected an alternative"},
  };
  const Example example;
  for (const auto& test : kCases) {
    const auto report = RunQuestions(std::string(kHead) + kAllowed + test.answer, "x.expect.yaml",
                                     example.convenant, example.lab);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_FALSE(report->passed());
    EXPECT_THAT(report->results[0].detail, testing::HasSubstr(test.detail));
  }
}

TEST(Questions, RefusesWrongFile) {
  const struct {
    std::string text;
    const char* error;
  } kCases[] = {
      {"expect: elders\nquestions:\n" + std::string(kAllowed) + "    expect: allow\n",
       "x.yaml:1:1: these questions"},
      {std::string(kHead) + kAllowed + "    expect: maybe\n",
       "x.yaml:11:5: \"expect\" must be allow or deny"},
      {std::string(kHead) + kAllowed + "    expect: deny\n", "lacks the key \"codes\""},
      {std::string(kHead) + kAllowed + "    expect: deny\n    codes: [NO]\n",
       "x.yaml:12:13: \"NO\" is not a refusal code"},
      {std::string(kHead) + kAllowed + "    expekt: allow\n", "did you mean \"expect\""},
      {std::string(kHead) + "  - name: q\n    ask: send\n    from: school/zorg\n    channel: nope\n    "
                            "level: L1\n    category: "
                            "wapen\n    purpose: dreiging\n    to: [politie/wijkagent]\n    expect: allow\n",
       "x.yaml:3:5: unknown channel \"nope\""},
  };
  const Example example;
  for (const auto& test : kCases) {
    const auto report = RunQuestions(test.text, "x.yaml", example.convenant, example.lab);
    ASSERT_FALSE(report.ok()) << test.error;
    EXPECT_THAT(std::string(report.status().message()), testing::HasSubstr(test.error));
  }
}

TEST(Questions, AsksOnADayAndComparesDuties) {
  const std::string agenda =
      "  - name: q\n    ask: agenda\n    by: sass/coordinator\n    channel: case@school-a\n    cases: 1\n"
      "    meeting: 2026-03-09\n    urgent: yes\n    reason: yes\n    expect: allow\n";
  const struct {
    const char* more;
    const char* detail;
  } kCases[] = {
      {"    on: 2026-03-02\n    duties: []\n", ""},
      {"    on: 2026-03-03\n    duties: [FLAG_URGENT]\n", ""},
      {"    on: 2026-03-09\n    duties: [FLAG_URGENT]\n", ""},
      {"    on: 2026-03-10\n", "expected allow"},
      {"    on: 2026-03-03\n    duties: []\n", "expected the duties none; got FLAG_URGENT"},
      {"    on: 2026-03-03\n", ""},
  };
  const Example example;
  for (const auto& test : kCases) {
    const auto report = RunQuestions(kHead + agenda + test.more, "x.yaml", example.convenant, example.lab);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->passed(), test.detail[0] == '\0') << test.more << report->results[0].detail;
    EXPECT_THAT(report->results[0].detail, testing::HasSubstr(test.detail));
  }
}

// The example again, as the convenant of another town.
absl::StatusOr<QuestionPeer> Neighbour(absl::string_view name) {
  if (name != "buren") return absl::NotFoundError("no such file");
  const auto renamed = [](const char* file, const char* key) {
    const std::string before = std::string(key) + ": plaats";
    std::string text = FileText(file);
    return text.replace(text.find(before), before.size(), std::string(key) + ": buurgemeente");
  };
  Convenant convenant = *Convenant::Parse(renamed(kExample, "id"), "buren.yaml");
  LabFile lab =
      *ParseLabFile(renamed("tests/testing/convenants/plaats.lab.yaml", "lab"), "buren.lab.yaml", convenant);
  return QuestionPeer{std::move(convenant), std::move(lab)};
}

TEST(Questions, KnowsPeers) {
  const std::string question =
      "questions:\n  - name: q\n    ask: send\n    from: school/zorgcoordinator\n    channel: theme\n"
      "    level: L0\n    category: wapen\n    purpose: dreiging\n    to: [";
  const Example example;
  const auto ask = [&](const char* head, const char* to, const char* answer) {
    return RunQuestions(head + question + to + "]\n" + answer, "x.yaml", example.convenant, example.lab,
                        Neighbour);
  };
  constexpr char kAllow[] = "    expect: allow\n";
  const auto known = ask("expect: plaats\npeers: [buren]\n", "politie/wijkagent@buren", kAllow);
  ASSERT_TRUE(known.ok()) << known.status();
  EXPECT_TRUE(known->passed()) << known->results[0].detail;
  const auto unknown =
      ask("expect: plaats\n", "politie/wijkagent@buren", "    expect: deny\n    codes: [NOT_A_PARTY]\n");
  ASSERT_TRUE(unknown.ok()) << unknown.status();
  EXPECT_TRUE(unknown->passed()) << unknown->results[0].detail;
  const auto missing = ask("expect: plaats\npeers: [ver]\n", "politie/wijkagent", kAllow);
  EXPECT_THAT(std::string(missing.status().message()),
              testing::HasSubstr("x.yaml:2:1: peer \"ver\": no such"));
  const auto twice = ask("expect: plaats\npeers: [buren, buren]\n", "politie/wijkagent", kAllow);
  EXPECT_FALSE(twice.ok());
  const auto none =
      RunQuestions("expect: plaats\npeers: [buren]\n" + question + "politie/wijkagent]\n" + kAllow, "x.yaml",
                   example.convenant, example.lab);
  EXPECT_THAT(std::string(none.status().message()), testing::HasSubstr("peers cannot be read here"));
}

TEST(Questions, RefusesWrongActs) {
  const struct {
    const char* keys;
    const char* error;
  } kCases[] = {
      {"    ask: dance\n", "\"ask\" must be send, open, case, agenda"},
      {"    ask: case\n    act: transfer\n    by: a/b\n    channel: theme\n", "is not an act on a case"},
      {"    ask: case\n    act: close\n    by: a/b\n    channel: them\n", "did you mean \"theme\""},
      {"    ask: case\n    act: open\n    by: a/b\n    channel: theme\n    transfer_to: a/c\n",
       "lacks the key \"transfer_on\""},
      {"    ask: alert\n    act: seen\n    by: a/b\n    channel: theme\n    unreached: [0]\n",
       "a step is a number from 1 to 9"},
      {"    ask: statistics\n    counts: [x]\n", "a count is a number"},
      {"    ask: statistics\n", "write either \"counts\" or \"trend\""},
      {"    ask: match\n    by: a/b\n    signals: x\n", "\"signals\" must be a list"},
      {"    ask: review\n    by: a/b\n    what: all\n", "is not something to review"},
      {"    ask: withdraw\n    by: a/b\n    act: withdraw\n", "lacks the key \"signal\""},
      {"    ask: agenda\n    by: a/b\n    channel: theme\n    meeting: 2026-03-09\n    act: open\n",
       "unknown key \"question.act\""},
  };
  const Example example;
  for (const auto& test : kCases) {
    const auto report = RunQuestions(
        std::string(kHead) + "  - name: q\n    expect: deny\n    codes: [NO_MANDATE]\n" + test.keys, "x.yaml",
        example.convenant, example.lab);
    ASSERT_FALSE(report.ok()) << test.error;
    EXPECT_THAT(std::string(report.status().message()), testing::HasSubstr(test.error));
  }
}

}  // namespace
}  // namespace seinpost::policies
