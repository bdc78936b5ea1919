// SPDX-License-Identifier: EUPL-1.2
#include "envelope/status_details.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/testing/worked.h"
#include "util/bytes.h"

namespace seinpost::envelope {
namespace {

constexpr int kPermissionDenied = 7;

v1::Reason ReasonAbout(int recipient) {
  v1::Reason reason;
  reason.set_code("LEVEL_EXCEEDED");
  reason.set_rule("R4");
  reason.set_part(1);
  reason.set_part_kind("identity");
  reason.set_recipient(absl::StrCat("jongerenwerk/jongerenwerker-", recipient));
  reason.set_clause("levels.youth_work.ceiling");
  reason.set_file("plaats.yaml");
  reason.set_line(126);
  reason.set_sentence_nl("jongerenwerk mag hier tot L1");
  reason.set_sentence_en("youth work up to L1 here");
  return reason;
}

// What a signal of eight parts to ten members each is refused with.
v1::Decision Large() {
  v1::Decision decision;
  for (int i = 0; i < 80; ++i) {
    *decision.add_reasons() = ReasonAbout(i);
    v1::Verdict& verdict = *decision.add_verdicts();
    verdict.set_recipient(ReasonAbout(i).recipient());
    verdict.add_codes("LEVEL_EXCEEDED");
  }
  for (int i = 0; i < 4; ++i) {
    v1::Alternative& instead = *decision.add_instead();
    instead.set_text_nl(std::string(400, 'n'));
    instead.set_text_en(std::string(400, 'e'));
  }
  return decision;
}

v1::Decision Travelled(const v1::Decision& decision, const std::string& message = "refused") {
  const std::string details = EncodeStatusDetails(kPermissionDenied, message, decision);
  EXPECT_LE(details.size(), kMaxStatusDetailsBytes);
  return DecisionInStatusDetails(details).value();
}

TEST(MemberRefusal, AlwaysFitsInAHeader) {
  const v1::Decision large = Large();
  ASSERT_GT(large.ByteSizeLong(), 3 * kMaxStatusDetailsBytes);
  for (const std::string& message : {std::string("refused"), std::string(100'000, 'm')}) {
    const v1::Decision cut = Travelled(large, message);
    EXPECT_FALSE(cut.allowed());
    ASSERT_GT(cut.reasons_size(), 0);
    ASSERT_GT(cut.instead_size(), 0) << "reasons leave room for what is allowed instead";
    for (int i = 0; i < cut.reasons_size(); ++i) {
      EXPECT_EQ(cut.reasons(i).SerializeAsString(), large.reasons(i).SerializeAsString());
    }
    EXPECT_EQ(cut.instead(0).SerializeAsString(), large.instead(0).SerializeAsString());
    EXPECT_EQ(cut.reasons_size() + static_cast<int>(cut.more_reasons()), 80);
    EXPECT_EQ(cut.instead_size() + static_cast<int>(cut.more_instead()), 4);
    EXPECT_EQ(cut.verdicts_size() + static_cast<int>(cut.more_verdicts()), 80);
  }
}

TEST(MemberRefusal, FitsWhateverTheFirstReasonTakes) {
  v1::Decision decision = Large();
  decision.mutable_reasons(0)->set_sentence_nl(std::string(100'000, 'n'));
  decision.mutable_reasons(0)->set_recipient(std::string(100'000, 'r'));
  const v1::Decision cut = Travelled(decision);
  ASSERT_GT(cut.reasons_size(), 0);
  EXPECT_EQ(cut.reasons(0).code(), "LEVEL_EXCEEDED");
  EXPECT_EQ(cut.reasons(0).rule(), "R4");
  EXPECT_EQ(cut.reasons(0).sentence_nl(), "");
}

TEST(MemberRefusal, IsWholeUpToTheBoundAndCutBeyond) {
  v1::Decision decision;
  *decision.add_reasons() = ReasonAbout(0);
  const size_t without = decision.ByteSizeLong();
  for (size_t longer = 0; longer < 300; ++longer) {
    decision.mutable_reasons(0)->set_sentence_en(std::string(24 + longer, 'e'));
    const v1::Decision cut = CutToFit(decision, without + 150);
    EXPECT_LE(cut.ByteSizeLong(), without + 150);
    const bool fits = decision.ByteSizeLong() <= without + 150;
    EXPECT_EQ(cut.SerializeAsString() == decision.SerializeAsString(), fits) << longer;
  }
}

TEST(StatusDetails, HoldNoDecisionUnlessOneStandsThere) {
  v1::RpcStatus other;
  other.set_code(kPermissionDenied);
  EXPECT_FALSE(DecisionInStatusDetails(other.SerializeAsString()).has_value());
  other.add_details()->set_type_url("type.googleapis.com/google.rpc.RetryInfo");
  other.mutable_details(0)->set_value(ReasonAbout(0).SerializeAsString());
  EXPECT_FALSE(DecisionInStatusDetails(other.SerializeAsString()).has_value());
  other.add_details()->set_type_url("type.googleapis.com/seinpost.v1.Decision");
  other.mutable_details(1)->set_value("\xFF\xFF");
  EXPECT_FALSE(DecisionInStatusDetails(other.SerializeAsString()).has_value());
  EXPECT_FALSE(DecisionInStatusDetails("\xFF\xFF").has_value());
  EXPECT_FALSE(DecisionInStatusDetails("").has_value());
}

TEST(StatusDetails, AreTheBytesOfTheDocument) {
  v1::Decision decision;
  *decision.add_reasons() = ReasonAbout(1);
  decision.mutable_reasons(0)->set_decided_by_broker(true);
  decision.set_more_reasons(79);
  v1::Alternative& instead = *decision.add_instead();
  instead.set_text_nl("deel op niveau L1");
  instead.set_text_en("share at level L1");
  v1::Change& change = *instead.add_changes();
  change.set_kind("SetLevel");
  change.set_part(-1);
  change.set_value("L1");
  const std::string details =
      EncodeStatusDetails(kPermissionDenied, "refused by the convenant: LEVEL_EXCEEDED", decision);
  test::ExpectWorked("docs/formats/refusal.md", {{"details", details}});
}

}  // namespace
}  // namespace seinpost::envelope
