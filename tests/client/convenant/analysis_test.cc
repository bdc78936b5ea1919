// SPDX-License-Identifier: EUPL-1.2
// `seinpost convenant check`, `matrix`, `diff` and `explain`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "client/command_line/command_line.h"
#include "client/convenant/commands.h"
#include "tests/client/admin_testing.h"

namespace seinpost::client {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kPlaats[] = "tests/testing/convenants/plaats.yaml";

class ConvenantAnalysisTest : public testing::Test {
 protected:
  ConvenantAnalysisTest() : bench_(absl::FromCivil(absl::CivilDay(2026, 3, 2), absl::UTCTimeZone())) {}

  // The example with `from` replaced by `to`, once, as a file.
  std::string Changed(const std::string& from, const std::string& to) {
    std::string yaml = ReadWholeFile(kPlaats);
    const size_t at = yaml.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return directory_.Write("changed.yaml", yaml.replace(at, from.size(), to));
  }

  std::string Text() {
    std::string text = bench_.out.str();
    bench_.out.str("");
    return text;
  }

  AdminBench bench_;
  TemporaryDirectory directory_;
};

TEST_F(ConvenantAnalysisTest, CheckTellsWhatIsOddAndFailsOnlyWhenStrict) {
  Context context = bench_.context();
  const std::string odd = Changed("\nchannels:\n",
                                  "\nchannels:\n  leeg:\n    kind: kring\n    members: [police]\n"
                                  "    ceiling: L0\n    retention: thema\n");
  EXPECT_TRUE(ConvenantCheck(context, odd).ok());
  ParsedJson printed = bench_.Printed();
  EXPECT_EQ(printed["ok"], true);
  EXPECT_TRUE(printed["problems"].empty());
  const auto vocabulary =
      std::find_if(printed["findings"].begin(), printed["findings"].end(),
                   [](const ParsedJson& finding) { return finding["code"] == "vocabulary"; });
  ASSERT_NE(vocabulary, printed["findings"].end());
  EXPECT_EQ((*vocabulary)["severity"], "warning");
  EXPECT_EQ((*vocabulary)["file"], odd);
  EXPECT_GT((*vocabulary)["line"], 1);
  EXPECT_EQ(ExitCodeOf(ConvenantCheck(context, odd, true)), kFailed);
  bench_.Printed();
  context.json = false;
  EXPECT_TRUE(ConvenantCheck(context, odd).ok());
  EXPECT_THAT(Text(), HasSubstr("waarschuwing: kanaalsoort kring is onbekend"));
}

TEST_F(ConvenantAnalysisTest, AWrongFileIsAUsageErrorOfEveryCommand) {
  Context context = bench_.context();
  const std::string wrong = Changed("  version: 1", "  vresion: 1");
  EXPECT_EQ(ExitCodeOf(ConvenantCheck(context, wrong)), kUsage);
  EXPECT_EQ(ExitCodeOf(ConvenantMatrix(context, {.file = wrong})), kUsage);
  EXPECT_EQ(ExitCodeOf(ConvenantDiff(context, {wrong, kPlaats})), kUsage);
  EXPECT_EQ(ExitCodeOf(ConvenantExplain(context, {wrong, "1"})), kUsage);
  EXPECT_EQ(ExitCodeOf(ConvenantMatrix(context, {.file = kPlaats, .format = "pdf"})), kUsage);
  EXPECT_EQ(ExitCodeOf(ConvenantMatrix(context, {.file = kPlaats, .with = {kPlaats}})), kUsage);
  EXPECT_EQ(ExitCodeOf(ConvenantExplain(context, {kPlaats, "channels.nowhere"})), kUsage);
}

TEST_F(ConvenantAnalysisTest, MatrixComesAsJsonTextCsvAndPage) {
  Context context = bench_.context();
  ASSERT_TRUE(ConvenantMatrix(context, {.file = kPlaats}).ok());
  const ParsedJson printed = bench_.Printed();
  EXPECT_EQ(printed["convenant"], "plaats");
  EXPECT_GT(printed["rows"].size(), 10u);
  const ParsedJson& row = printed["rows"][0];
  for (const char* key : {"channels", "items", "from", "to", "purposes", "categories", "needs"}) {
    EXPECT_TRUE(row.contains(key)) << key;
  }
  EXPECT_FALSE(printed["onward"].empty());
  const std::string page = directory_.Path("matrix.html");
  ASSERT_TRUE(ConvenantMatrix(context, {.file = kPlaats, .format = "html", .out = page}).ok());
  EXPECT_EQ(bench_.Printed()["out"], page);
  EXPECT_THAT(ReadWholeFile(page), HasSubstr("<h1>Wie mag wat met wie delen"));
  context.json = false;
  ASSERT_TRUE(ConvenantMatrix(context, {.file = kPlaats, .format = "csv"}).ok());
  EXPECT_THAT(Text(), HasSubstr("channels,from,to,items"));
  ASSERT_TRUE(ConvenantMatrix(context, {.file = kPlaats}).ok());
  EXPECT_THAT(Text(), HasSubstr("Wat hier niet staat, mag nooit."));
}

TEST_F(ConvenantAnalysisTest, DiffRefusesAWideningOnlyWhenAsked) {
  Context context = bench_.context();
  ASSERT_TRUE(ConvenantDiff(context, {kPlaats, kPlaats, true}).ok());
  ParsedJson printed = bench_.Printed();
  EXPECT_EQ(printed["widens"], false);
  EXPECT_TRUE(printed["requests"].empty());
  EXPECT_TRUE(printed["terms"].empty());
  const std::string wider = Changed("concierge: L1", "concierge: L2");
  EXPECT_TRUE(ConvenantDiff(context, {kPlaats, wider}).ok());
  printed = bench_.Printed();
  EXPECT_EQ(printed["widens"], true);
  ASSERT_FALSE(printed["requests"].empty());
  EXPECT_EQ(printed["requests"][0]["effect"], "widening");
  EXPECT_FALSE(printed["requests"][0]["may_i"].empty());
  EXPECT_EQ(ExitCodeOf(ConvenantDiff(context, {kPlaats, wider, true})), kRefused);
  EXPECT_TRUE(ConvenantDiff(context, {wider, kPlaats, true}).ok());
  bench_.Printed();
  context.json = false;
  EXPECT_TRUE(ConvenantDiff(context, {kPlaats, wider}).ok());
  const std::string text = Text();
  EXPECT_THAT(text, HasSubstr("verruimt: school/concierge mag voortaan"));
  EXPECT_THAT(text, HasSubstr("    seinpost may-i --channel "));
}

TEST_F(ConvenantAnalysisTest, DiffTakesTwoVersionsOfOneConvenant) {
  Context context = bench_.context();
  EXPECT_EQ(ExitCodeOf(ConvenantDiff(context, {kPlaats, Changed("  id: plaats", "  id: elders")})), kUsage);
}

TEST_F(ConvenantAnalysisTest, ExplainTellsWhatAClauseDoes) {
  Context context = bench_.context();
  ASSERT_TRUE(ConvenantExplain(context, {kPlaats, "channels.core.ceiling"}).ok());
  const ParsedJson printed = bench_.Printed();
  EXPECT_EQ(printed["path"], "channels.core.ceiling");
  EXPECT_THAT(printed["text"].get<std::string>(), HasSubstr("ceiling: L1"));
  EXPECT_FALSE(printed["stops"].empty());
  EXPECT_FALSE(printed["lets"].empty());
  context.json = false;
  context.language = Language::kEnglish;
  ASSERT_TRUE(ConvenantExplain(context, {kPlaats, std::to_string(printed["line"].get<int>())}).ok());
  EXPECT_THAT(Text(), HasSubstr("no signal here goes above this"));
}

TEST_F(ConvenantAnalysisTest, TheCommandLineKnowsThemAndSoDoesCompletion) {
  const auto run = [&](const std::vector<std::string>& arguments) {
    return RunCommandLine(arguments, bench_.in, bench_.out, bench_.err, bench_.clock, nullptr);
  };
  const std::string wider = Changed("concierge: L1", "concierge: L2");
  EXPECT_EQ(run({"--json", "convenant", "diff", kPlaats, wider, "--no-widening"}), kRefused);
  EXPECT_EQ(run({"convenant", "diff", kPlaats, wider}), kOk);
  EXPECT_EQ(run({"convenant", "matrix", kPlaats, "--format", "csv"}), kOk);
  EXPECT_EQ(run({"convenant", "explain", kPlaats, "oversight"}), kOk);
  EXPECT_EQ(run({"convenant", "check", kPlaats}), kOk);
  Text();
  for (const char* shell : {"bash", "zsh", "fish"}) {
    ASSERT_EQ(run({"completion", shell}), kOk);
    const std::string script = Text();
    for (const char* word :
         {"convenant matrix", "convenant diff", "convenant explain", "--no-widening", "--strict", "--with"}) {
      EXPECT_THAT(script, HasSubstr(word)) << shell;
    }
  }
}

// A clock that moves on whenever somebody looks.
class RunningClock final : public Clock {
 public:
  absl::Time Now() const override { return now_ += absl::Milliseconds(300); }

 private:
  mutable absl::Time now_ = absl::UnixEpoch();
};

TEST_F(ConvenantAnalysisTest, ProgressShowsOnATerminalAfterASecond) {
  const RunningClock clock;
  Context context{.in = bench_.in, .out = bench_.out, .err = bench_.err, .clock = clock};
  context.json = true;
  ASSERT_TRUE(ConvenantMatrix(context, {.file = kPlaats}).ok());
  EXPECT_EQ(bench_.err.str(), "");
  context.progress = true;
  ASSERT_TRUE(ConvenantMatrix(context, {.file = kPlaats}).ok());
  EXPECT_THAT(bench_.err.str(), HasSubstr("\r100 %\n"));
  EXPECT_THAT(bench_.err.str(), Not(HasSubstr("\r1 %")));  // not within the first second
}

}  // namespace
}  // namespace seinpost::client
