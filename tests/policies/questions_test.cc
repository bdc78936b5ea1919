// SPDX-License-Identifier: EUPL-1.2
#include "policies/questions.h"

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

}  // namespace
}  // namespace seinpost::policies
