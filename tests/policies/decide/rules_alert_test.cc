// SPDX-License-Identifier: EUPL-1.2
// R24, R25: raising an alert (Code Oranje).
#include "policies/instead/alternatives.h"
#include "tests/policies/example.h"

namespace seinpost::policies {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kAlerts[] = R"(
alerts:
  school:
    channel: alert
    raise: {school: [care_coordinator]}
    steps:
      - {kind: external_coordinator, within: 2 minutes}
      - {kind: police, function: ward_officer, within: 5 minutes}
      - {party: wijkteam, within: 5 minutes}
    identity_to: [police]
    justify_within: 24 hours
)";

struct Alarmed : Example {
  explicit Alarmed(const std::string& sections = kAlerts) : Example(Yaml(sections)) {}

  static std::string Yaml(const std::string& sections) {
    std::string yaml = FileText(kExample);
    const std::string mark = "  core:\n    title: Kernteam van de school";
    yaml.insert(
        yaml.find(mark),
        "  alert:\n    kind: alert\n    per: school\n    members: [school, police, external_coordinator, "
        "social_team, youth_work]\n    ceiling: L2\n    identity: yes\n"
        "    retention: {L0: thema, L1: casus, L2: naam, justification: verantwoording}\n");
    return yaml + sections;
  }

  SendRequest Raise(const std::vector<std::string>& to) const {
    SendRequest send = Send(Level::kL0, to);
    send.kind = SignalKind::kAlert;
    send.channel = "alert@school-a";
    send.emergency_called = true;
    return send;
  }
  SendRequest RaiseNamed(const std::vector<std::string>& to) const {
    SendRequest send = Raise({kWardOfficer, "sass/coordinator"});
    send.level = Level::kL2;
    send.has_case_ref = true;
    send.parts.push_back(Part(PartKind::kIdentity, to));
    return send;
  }
};

TEST(R24, SchoolRaisesAnAlertToTheChain) {
  const Alarmed alerts;
  const Decision decision =
      alerts.Decide(alerts.Raise({kWardOfficer, "sass/coordinator", "wijkteam/medewerker"}));
  EXPECT_THAT(Told(decision), IsEmpty());
  EXPECT_THAT(decision.duties, IsEmpty());
}

TEST(R24, OnlyNamedFunctionsRaise) {
  const Alarmed alerts;
  SendRequest send = alerts.Raise({"sass/coordinator"});
  send.sender = Member("school/teamleider");
  EXPECT_THAT(Told(alerts.Decide(send)), ElementsAre("NO_MANDATE R24")) << "the school, another function";
  send.sender = Member(kWardOfficer);
  EXPECT_THAT(Told(alerts.Decide(send)), ElementsAre("NO_MANDATE R24")) << "another kind";
}

TEST(R24, RaiserActsWithinHisSchool) {
  const Alarmed alerts;
  SendRequest send = alerts.Raise({kWardOfficer});
  send.channel = "alert@school-b";
  EXPECT_THAT(Told(alerts.Decide(send)), testing::IsSupersetOf({"NO_MANDATE R24"}));
}

TEST(R24, AlertGoesToNobodyOutsideTheChain) {
  Alarmed alerts;
  EXPECT_THAT(Told(alerts.Decide(alerts.Raise({kWardOfficer, "jongerenwerk/jongerenwerker"}))),
              ElementsAre("NOT_A_PARTY R24 jongerenwerk/jongerenwerker"));
  alerts.At(kWardOfficer).mandates[0].function = "youth_officer";
  EXPECT_THAT(Told(alerts.Decide(alerts.Raise({kWardOfficer}))),
              ElementsAre("NOT_A_PARTY R24 politie/wijkagent"))
      << "the step calls ward officers";
}

TEST(R24, ChannelWithoutChainHasNoAlerts) {
  const Alarmed alerts("");
  EXPECT_THAT(Told(alerts.Decide(alerts.Raise({kWardOfficer}))), ElementsAre("NO_MANDATE R24"));
}

TEST(R24, AlertNamesSomebodyOnlyToWhomTheConvenantLists) {
  const Alarmed alerts;
  const Decision named = alerts.Decide(alerts.RaiseNamed({kWardOfficer}));
  EXPECT_THAT(Told(named), IsEmpty()) << "no justification, no tie, no word about parents asked in an alert";
  EXPECT_THAT(named.duties, ElementsAre(kDutyJustifyAlert));
  EXPECT_THAT(Told(alerts.Decide(alerts.RaiseNamed({kWardOfficer, "sass/coordinator"}))),
              ElementsAre("LEVEL_EXCEEDED R24 sass/coordinator"));
  std::string off = kAlerts;
  off.erase(off.find("    identity_to"));
  const Alarmed without(off);
  EXPECT_THAT(Told(without.Decide(without.RaiseNamed({kWardOfficer}))),
              ElementsAre("LEVEL_EXCEEDED R24 politie/wijkagent"));
}

TEST(R24, PartnerCeilingsAndTiesDoNotStopAnAlert) {
  std::string yaml = Alarmed::Yaml(kAlerts);
  const std::string police = "  police:\n    ceiling: L2";
  yaml.replace(yaml.find(police), police.size(), "  police:\n    ceiling: L1\n    tied: L2");
  Example example(yaml);
  const Alarmed alerts;
  for (MandateFacts& mandate : example.At(kWardOfficer).mandates) mandate.scopes = {"*"};
  example.At(kCareCoordinator).mandates[0].max_level = Level::kL0;
  EXPECT_THAT(Told(example.Decide(alerts.RaiseNamed({kWardOfficer}))), IsEmpty());
}

TEST(R24, OverdueJustificationStopsNamesAndNeverAlerts) {
  Alarmed alerts;
  alerts.facts.broker.alert_justification_overdue = true;
  EXPECT_THAT(Told(alerts.Decide(alerts.Named({kWardOfficer}))), ElementsAre("ALERT_JUSTIFICATION_DUE R24"));
  EXPECT_THAT(Told(alerts.Decide(alerts.RaiseNamed({kWardOfficer}))),
              ElementsAre("ALERT_JUSTIFICATION_DUE R24"));
  EXPECT_TRUE(alerts.Decide(alerts.Raise({kWardOfficer})).allowed);
  EXPECT_TRUE(alerts.Decide(alerts.Send(Level::kL1, {kWardOfficer})).allowed);
}

TEST(R25, AlertAsksWhether112WasCalled) {
  const Alarmed alerts;
  SendRequest send = alerts.Raise({kWardOfficer});
  send.emergency_called = false;
  EXPECT_TRUE(alerts.Decide(send).allowed) << "not called is an answer";
  send.emergency_called.reset();
  EXPECT_THAT(Told(alerts.Decide(send)), ElementsAre("EMERGENCY_CALL_MISSING R25"));
  const std::vector<Alternative> instead = Alternatives(send, alerts.facts, alerts.now);
  ASSERT_EQ(instead.size(), 1u);
  EXPECT_EQ(instead[0].text_en, "state whether 112 was called");
  send = alerts.Sealed(send);
  const Decision decision = alerts.Decide(send);
  EXPECT_THAT(Told(decision), IsEmpty()) << "what arrives is delivered";
  EXPECT_THAT(decision.duties, ElementsAre(kDutyEmergencyCall));
  EXPECT_TRUE(alerts.Decide(alerts.Send(Level::kL1, {kWardOfficer})).allowed)
      << "other signals are not asked";
}

TEST(R01, AlertOutlivesTheConvenantByThirtyDays) {
  Alarmed alerts;
  for (const char* member : {kCareCoordinator, kWardOfficer})
    alerts.At(member).mandates[0].until = absl::InfiniteFuture();
  const absl::Time last = alerts.convenant.valid_until();
  const SendRequest send = alerts.Raise({kWardOfficer});
  const absl::Duration month = absl::Hours(24 * 30), tick = absl::Nanoseconds(1);
  EXPECT_THAT(DecideSend(send, alerts.facts, last - tick).duties, IsEmpty());
  EXPECT_THAT(DecideSend(send, alerts.facts, last).duties, ElementsAre(kDutyLapsed));
  EXPECT_THAT(DecideSend(send, alerts.facts, last + month - tick).duties, ElementsAre(kDutyLapsed));
  EXPECT_THAT(Told(DecideSend(send, alerts.facts, last + month)), ElementsAre("NO_CONVENANT R1"));
  EXPECT_THAT(Told(DecideSend(alerts.RaiseNamed({kWardOfficer}), alerts.facts, last)),
              Contains("NO_CONVENANT R1"));
  alerts.facts.convenant_active = false;
  EXPECT_THAT(Told(DecideSend(send, alerts.facts, last)), ElementsAre("NO_CONVENANT R1"));
}

}  // namespace
}  // namespace seinpost::policies
