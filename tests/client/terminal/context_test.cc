// SPDX-License-Identifier: EUPL-1.2
#include "client/terminal/context.h"

#include <sstream>

#include "client/broker/grpc_status.h"
#include "client/terminal/output.h"
#include "client/terminal/texts.h"
#include "envelope/status_details.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/json.h"

namespace seinpost::client {
namespace {

using testing::HasSubstr;

class ReportTest : public testing::Test {
 protected:
  ExitCode Say(const absl::Status& status, bool json, Language language = Language::kDutch) {
    out_.str("");
    err_.str("");
    context_.json = json;
    context_.language = language;
    return Report(context_, status);
  }
  ParsedJson Value() const { return ParsedJson::parse(out_.str(), nullptr, false); }

  SimulatedClock clock_{absl::UnixEpoch()};
  std::istringstream in_;
  std::ostringstream out_, err_;
  Context context_{.in = in_, .out = out_, .err = err_, .clock = clock_};
};

v1::Decision Refusal() {
  v1::Decision decision;
  v1::Reason& reason = *decision.add_reasons();
  reason.set_code("LEVEL_EXCEEDED");
  reason.set_rule("R4");
  reason.set_part(1);
  reason.set_part_kind("identity");
  reason.set_recipient("jongerenwerk/jongerenwerker");
  reason.set_clause("levels.youth_work.ceiling");
  reason.set_file("plaats.yaml");
  reason.set_line(126);
  reason.set_sentence_nl("jongerenwerk mag hier tot L1");
  reason.set_sentence_en("youth work up to L1 here");
  *decision.add_reasons() = reason;
  decision.mutable_reasons(1)->set_part(-1);
  decision.mutable_reasons(1)->set_part_kind("");
  decision.mutable_reasons(1)->set_recipient("");
  v1::Alternative& instead = *decision.add_instead();
  instead.set_text_nl("zonder naam aan jongerenwerk");
  instead.set_text_en("without a name to youth work");
  return decision;
}

TEST_F(ReportTest, GivesTheExitCodesOfTheContract) {
  const struct {
    absl::Status status;
    ExitCode code;
  } kCases[] = {
      {absl::OkStatus(), kOk},
      {absl::InternalError("x"), kFailed},
      {absl::UnauthenticatedError("x"), kFailed},
      {absl::PermissionDeniedError("x"), kFailed},
      {absl::ResourceExhaustedError("x"), kFailed},
      {UsageError("x"), kUsage},
      {RefusedError(Refusal()), kRefused},
      {UnreachableError("x"), kUnreachable},
      {absl::DeadlineExceededError("x"), kUnreachable},
      {TamperedError("x"), kTampered},
      {WithExit(absl::UnavailableError("disk"), kFailed), kFailed},
  };
  for (const auto& test : kCases) EXPECT_EQ(Say(test.status, true), test.code) << test.status;
}

TEST_F(ReportTest, PrintsOneJsonValueForAnError) {
  Say(UsageError("channel: no \"x\""), true);
  EXPECT_EQ(Value(), (ParsedJson{{"error", "INVALID_ARGUMENT"}, {"detail", "channel: no \"x\""}}));
  EXPECT_EQ(err_.str(), "");
  Say(UsageError("channel: no \"x\""), false);
  EXPECT_EQ(out_.str(), "");
  EXPECT_EQ(err_.str(), "Klopt niet: channel: no \"x\"\n");
  Say(absl::OkStatus(), true);
  EXPECT_EQ(out_.str() + err_.str(), "");
  EXPECT_EQ(Say(PrintedError(kTampered), true), kTampered);
  EXPECT_EQ(out_.str() + err_.str(), "");
}

TEST_F(ReportTest, PrintsARefusalWithClauseAndWhatIsAllowedInstead) {
  const absl::Status status = RefusedError(Refusal(), {{"seinpost", "signal", "send", "--level", "L1"}});
  Say(status, true);
  EXPECT_EQ(Value(), ParsedJson::parse(R"({
    "refused": true,
    "reasons": [
      {"code": "LEVEL_EXCEEDED", "rule": "R4", "part": "identity", "recipient": "jongerenwerk/jongerenwerker",
       "clause": "levels.youth_work.ceiling", "file": "plaats.yaml", "line": 126,
       "sentence": "jongerenwerk mag hier tot L1", "decided_by_broker": false},
      {"code": "LEVEL_EXCEEDED", "rule": "R4", "part": null, "recipient": null,
       "clause": "levels.youth_work.ceiling", "file": "plaats.yaml", "line": 126,
       "sentence": "jongerenwerk mag hier tot L1", "decided_by_broker": false}],
    "sentence": "jongerenwerk mag hier tot L1",
    "instead": [{"text": "zonder naam aan jongerenwerk", "argv": ["seinpost", "signal", "send", "--level", "L1"]}],
    "more_reasons": 0, "more_instead": 0})"));
  Say(status, false);
  EXPECT_EQ(out_.str(),
            "LEVEL_EXCEEDED · plaats.yaml:126 · jongerenwerk mag hier tot L1\n"
            "Wel toegestaan: zonder naam aan jongerenwerk\n");
  Say(status, false, Language::kEnglish);
  EXPECT_EQ(out_.str(),
            "LEVEL_EXCEEDED · plaats.yaml:126 · youth work up to L1 here\n"
            "Allowed instead: without a name to youth work\n");
}

TEST_F(ReportTest, SaysHowMuchOfARefusalWasLeftOut) {
  v1::Decision cut = Refusal();
  cut.set_more_reasons(70);
  cut.set_more_instead(2);
  Say(RefusedError(cut), true);
  EXPECT_EQ(Value()["more_reasons"], 70);
  EXPECT_EQ(Value()["more_instead"], 2);
  Say(RefusedError(cut), false, Language::kEnglish);
  EXPECT_THAT(out_.str(), HasSubstr("Further reasons not shown: 70\nFurther possibilities not shown: 2\n"));
}

TEST(GrpcStatus, BecomesWhatTheCallerCanActOn) {
  const auto from = [](grpc::StatusCode code, const std::string& details = "") {
    return FromGrpc(grpc::Status(code, "why", details));
  };
  EXPECT_TRUE(FromGrpc(grpc::Status::OK).ok());
  EXPECT_EQ(ExitCodeOf(from(grpc::UNAVAILABLE)), kUnreachable);
  EXPECT_EQ(ExitCodeOf(from(grpc::DEADLINE_EXCEEDED)), kUnreachable);
  EXPECT_EQ(ExitCodeOf(from(grpc::INVALID_ARGUMENT)), kUsage);
  EXPECT_EQ(ExitCodeOf(from(grpc::RESOURCE_EXHAUSTED)), kFailed);
  EXPECT_EQ(ExitCodeOf(from(grpc::DATA_LOSS)), kFailed);  // the broker's disk, not tampering that we found
  EXPECT_EQ(from(grpc::UNAUTHENTICATED).code(), absl::StatusCode::kUnauthenticated);

  const auto details = [](const v1::Decision& decision) {
    return envelope::EncodeStatusDetails(grpc::PERMISSION_DENIED, "why", decision);
  };
  const absl::Status refused = from(grpc::PERMISSION_DENIED, details(Refusal()));
  EXPECT_EQ(ExitCodeOf(refused), kRefused);
  EXPECT_EQ(RefusalOf(refused).reasons(0).code(), "LEVEL_EXCEEDED");
  v1::Decision allowed;
  allowed.set_allowed(true);
  for (const std::string& none : {std::string(), std::string("\xFF\xFF"), details(allowed)}) {
    EXPECT_FALSE(IsRefusal(from(grpc::PERMISSION_DENIED, none)));
    EXPECT_EQ(ExitCodeOf(from(grpc::PERMISSION_DENIED, none)), kFailed);
  }
}

TEST(Output, KeepsReceivedTextFromSteeringTheTerminal) {
  EXPECT_EQ(Printable("één\tregel\nen \x1B[2J nog \x7F een \xC2\x9B"),
            "één\tregel\nen \xEF\xBF\xBD[2J nog \xEF\xBF\xBD een \xEF\xBF\xBD");
}

TEST(Output, SurvivesBytesThatAreNotUtf8) {
  SimulatedClock clock(absl::UnixEpoch());
  std::istringstream in;
  std::ostringstream out, err;
  const Context context{.json = true, .in = in, .out = out, .err = err, .clock = clock};
  PrintJson(context, Json{{"text", "\xFF\xFE x"}});
  EXPECT_THAT(out.str(), HasSubstr(" x"));
}

TEST(Output, AlignsColumnsByCodePoints) { EXPECT_EQ(Table({{"één", "b"}, {"a", "c"}}), "één  b\na    c\n"); }

TEST(Texts, AreThereInBothLanguages) {
  EXPECT_EQ(TextOf(Text::kAllowedInstead, Language::kDutch), "Wel toegestaan");
  EXPECT_EQ(TextOf(Text::kAllowedInstead, Language::kEnglish), "Allowed instead");
  for (size_t i = 0; i < kTexts; ++i) {
    EXPECT_FALSE(TextOf(static_cast<Text>(i), Language::kDutch).empty());
    EXPECT_FALSE(TextOf(static_cast<Text>(i), Language::kEnglish).empty());
  }
}

}  // namespace
}  // namespace seinpost::client
