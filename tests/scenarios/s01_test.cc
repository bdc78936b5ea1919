// SPDX-License-Identifier: EUPL-1.2
// S1, a knife at school, against a real broker: who gets which part, and that the broker refuses by itself
// what a client that was tampered with would send.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "seinpost/v1/envelope.pb.h"
#include "tests/envelope/signals.h"
#include "tests/server/harness.h"
#include "trust/facts.h"

namespace seinpost::test {
namespace {

using envelope::PartPlan;
using envelope::SignalPlan;
using testing::Contains;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class S01 : public testing::Test {
 protected:
  // The kinds of part that reach `profile` in the signal `sent`.
  std::vector<std::string> Sees(const v1::Envelope& sent, const std::string& profile) {
    std::vector<std::string> kinds;
    for (const v1::Delivery& delivery : broker_.Backlog(profile)) {
      if (delivery.header() != sent.header()) continue;
      for (const v1::Part& part : delivery.parts()) {
        kinds.push_back(v1::PartKind_Name(DescriptorOf(part).kind()));
        EXPECT_TRUE(part.wraps().empty()) << "a key was delivered";
      }
    }
    return kinds;
  }

  v1::Envelope Send(SignalPlan plan, const std::string& profile = kSender) {
    const envelope::SealedSignal sealed = broker_.Seal(std::move(plan), profile);
    for (const auto& [hash, bytes] : sealed.attachments)
      EXPECT_TRUE(broker_.Upload(hash, bytes, profile).ok());
    const absl::StatusOr<v1::SubmitReply> reply = broker_.Submit(sealed.envelope, profile);
    EXPECT_TRUE(reply.ok()) << reply.status();
    return sealed.envelope;
  }

  // Sends past the client's own rules; the codes of the broker's refusal. A refusal must be a leaf, and
  // nothing else may have been stored.
  std::vector<std::string> Refused(SignalPlan plan, const std::string& profile = kSender) {
    const envelope::SealedSignal sealed = broker_.Seal(std::move(plan), profile);
    for (const auto& [hash, bytes] : sealed.attachments)
      EXPECT_TRUE(broker_.Upload(hash, bytes, profile).ok());
    const uint64_t size = broker_.LogSize();
    const absl::StatusOr<v1::SubmitReply> reply = broker_.Submit(sealed.envelope, profile);
    EXPECT_EQ(reply.status().code(), absl::StatusCode::kPermissionDenied) << reply.status();
    EXPECT_EQ(broker_.LogSize(), size + 1);
    const std::vector<std::string> codes = CodesOf(reply.status());
    EXPECT_TRUE(!codes.empty() && broker_.LastEvent().find("DECISION_DENY") == 0) << broker_.LastEvent();
    for (const char* reader :
         {"politie/wijkagent", "jongerenwerk/jongerenwerker", "school2/zorgcoordinator"}) {
      EXPECT_THAT(Sees(sealed.envelope, reader), IsEmpty()) << reader;
    }
    return codes;
  }

  static PartPlan& PartOf(SignalPlan& plan, v1::PartKind kind) {
    return *std::find_if(plan.parts.begin(), plan.parts.end(),
                         [kind](const PartPlan& part) { return part.kind == kind; });
  }

  TestBroker broker_;
};

TEST_F(S01, EachSeesHisPartsAndNothingElse) {
  SignalPlan first = SmallPlan(broker_.network());
  for (const char* member :
       {"school/teamleider", "sass/coordinator", "jongerenwerk/jongerenwerker", "wijkteam/medewerker"}) {
    first.parts[0].members.push_back(broker_.network().member(member));
  }
  const v1::Envelope sig1 = Send(first);
  const v1::Envelope sig2 = Send(NamedPlan(broker_.network()));

  for (const char* member :
       {"politie/wijkagent", "jongerenwerk/jongerenwerker", "sass/coordinator", "wijkteam/medewerker"}) {
    EXPECT_THAT(Sees(sig1, member), UnorderedElementsAre("PART_KIND_NARRATIVE")) << member;
  }
  EXPECT_THAT(Sees(sig2, "politie/wijkagent"),
              UnorderedElementsAre("PART_KIND_NARRATIVE", "PART_KIND_IDENTITY", "PART_KIND_ATTACHMENT"));
  EXPECT_THAT(Sees(sig2, "school/teamleider"), UnorderedElementsAre("PART_KIND_SOURCE"));
  for (const char* officer : {"gemeente/privacy-officer", "schoolbestuur/privacy-officer"}) {
    EXPECT_THAT(Sees(sig2, officer), UnorderedElementsAre("PART_KIND_JUSTIFICATION")) << officer;
  }
  for (const char* outsider :
       {"jongerenwerk/jongerenwerker", "sass/coordinator", "school2/zorgcoordinator"}) {
    EXPECT_THAT(Sees(sig2, outsider), IsEmpty()) << outsider;
  }
}

TEST_F(S01, RefusesIdentityToYouthWork) {
  SignalPlan plan = NamedPlan(broker_.network());
  const trust::MemberRef youth_worker = broker_.network().member("jongerenwerk/jongerenwerker");
  PartOf(plan, v1::PART_KIND_NARRATIVE).members.push_back(youth_worker);
  PartOf(plan, v1::PART_KIND_IDENTITY).members.push_back(youth_worker);
  PartOf(plan, v1::PART_KIND_JUSTIFICATION).justifies.push_back(youth_worker);
  EXPECT_THAT(Refused(plan), Contains("LEVEL_EXCEEDED"));
}

TEST_F(S01, RefusesIdentityWhereOnlyPseudonymsMayGo) {
  SignalPlan plan = NamedPlan(broker_.network());
  plan.core.set_channel("core@school-a");
  EXPECT_THAT(Refused(plan), Contains("LEVEL_EXCEEDED"));
}

TEST_F(S01, RefusesToTellThePoliceWhoToldIt) {
  SignalPlan plan = NamedPlan(broker_.network());
  PartOf(plan, v1::PART_KIND_SOURCE).members.push_back(broker_.network().member("politie/wijkagent"));
  EXPECT_THAT(Refused(plan), Contains("SOURCE_PROTECTED"));
}

TEST_F(S01, RefusesThePhotoInAPseudonymousSignal) {
  SignalPlan plan = SmallPlan(broker_.network());
  SignalPlan named = NamedPlan(broker_.network());
  plan.parts.push_back(PartOf(named, v1::PART_KIND_ATTACHMENT));
  EXPECT_THAT(Refused(plan), Contains("PART_NOT_ALLOWED"));
}

TEST_F(S01, RefusesToPassOnWhatThePoliceWrote) {
  SignalPlan answer = SmallPlan(broker_.network(), "er is een maatregel genomen");
  answer.parts[0].members = {broker_.network().member("school/zorgcoordinator")};
  const v1::Envelope from_police = Send(answer, "politie/wijkagent");

  v1::Header header;
  v1::Core core;
  ASSERT_TRUE(header.ParseFromString(from_police.header()) && core.ParseFromString(header.core()));
  SignalPlan onward = SmallPlan(broker_.network());
  onward.core.set_channel("theme");
  onward.core.set_level(v1::LEVEL_L0);
  onward.core.clear_case_ref();
  onward.core.set_forwards(core.signal_id());
  onward.parts[0].retention_class = "thema";
  onward.parts[0].members = {broker_.network().member("school2/zorgcoordinator")};
  EXPECT_THAT(Refused(onward), Contains("ONWARD_FORBIDDEN"));
}

TEST_F(S01, RefusesANamedSignalWithoutJustification) {
  SignalPlan plan = NamedPlan(broker_.network());
  plan.parts.erase(
      std::remove_if(plan.parts.begin(), plan.parts.end(),
                     [](const PartPlan& part) { return part.kind == v1::PART_KIND_JUSTIFICATION; }),
      plan.parts.end());
  EXPECT_THAT(Refused(plan), Contains("NO_JUSTIFICATION"));
}

TEST_F(S01, RefusesASecondSchoolThatIsNotAtTheTable) {
  SignalPlan plan = SmallPlan(broker_.network());
  plan.parts[0].members.push_back(broker_.network().member("school2/zorgcoordinator"));
  EXPECT_THAT(Refused(plan), Contains("NOT_A_PARTY"));
}

}  // namespace
}  // namespace seinpost::test
