// SPDX-License-Identifier: EUPL-1.2
// R17: the chair announces cases in time. Scenario S13.
#include "tests/policies/acts/example.h"

namespace seinpost::policies {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(R17, CountsWorkingDays) {
  const struct {
    absl::Time from, to;
    int days;
  } kCases[] = {
      {March(2), March(2), 0},         // one Monday
      {March(2, 0), March(2, 23), 0},  // ... whatever the hour
      {March(2, 23), March(3, 0), 1},  // the next day, an hour later
      {March(2), March(6), 4},         // to Friday
      {March(2), March(7), 4},         // to Saturday
      {March(2), March(8), 4},         // to Sunday
      {March(2), March(9), 5},         // to the next Monday
      {March(6), March(9), 1},         // Friday to Monday
      {March(7), March(8), 0},         // a weekend
      {March(7), March(9), 1},         // Saturday to Monday
      {March(8), March(13), 5},        // Sunday to Friday
      {March(2), March(16), 10},       // two weeks
      {March(9), March(2), 0},         // backwards
      {March(9, 13), March(9, 12), 0},
  };
  for (const auto& test : kCases) {
    EXPECT_EQ(WorkingDaysBetween(test.from, test.to), test.days) << test.from << " to " << test.to;
  }
}

TEST(R17, EveryWeekHasFiveWorkingDays) {
  for (int day = 1; day <= 17; ++day) {
    EXPECT_EQ(WorkingDaysBetween(March(day), March(day + 14)), 10) << day;
    EXPECT_EQ(
        WorkingDaysBetween(March(day), March(day + 7)) + WorkingDaysBetween(March(day + 7), March(day + 14)),
        10);
  }
}

struct Announced : ActsExample {
  using ActsExample::ActsExample;
  AgendaRequest agenda = {
      .announcer = Member("sass/coordinator"), .channel = "case@school-a", .meeting = March(9), .cases = 4};
  Decision Do() const { return DecideAgenda(agenda, facts, now); }
};

TEST(R17, CasesStandOnTheAgendaFiveWorkingDaysBefore) {
  Announced announced;
  EXPECT_THAT(Told(announced.Do()), IsEmpty());
  EXPECT_THAT(announced.Do().duties, IsEmpty());
  announced.now = March(3, 0);
  const Decision late = announced.Do();
  EXPECT_THAT(Told(late), ElementsAre("AGENDA_LATE R17"));
  EXPECT_EQ(First(late).clause.path, "thresholds");
  announced.agenda.cases = 0;
  EXPECT_THAT(Told(announced.Do()), IsEmpty()) << "themes need no notice";
}

TEST(R17, ConvenantSetsTheNotice) {
  const std::string yaml = ActsYaml();
  const std::string key = "  max_recipients: 6";
  std::string changed = yaml;
  changed.replace(changed.find(key), key.size(), "  agenda_days: 2\n  max_recipients: 6");
  Announced announced(changed);
  announced.now = March(5, 23);
  EXPECT_THAT(Told(announced.Do()), IsEmpty());
  announced.now = March(6, 0);
  EXPECT_THAT(Told(announced.Do()), ElementsAre("AGENDA_LATE R17"));
  EXPECT_EQ(First(announced.Do()).clause.path, "thresholds.agenda_days");
}

TEST(R17, UrgentWithReasonIsFlagged) {
  Announced announced;
  announced.now = March(9, 11);
  announced.agenda.urgent = true;
  EXPECT_THAT(Told(announced.Do()), ElementsAre("AGENDA_LATE R17")) << "why?";
  announced.agenda.reason = true;
  EXPECT_THAT(Told(announced.Do()), IsEmpty());
  EXPECT_THAT(announced.Do().duties, ElementsAre("FLAG_URGENT"));
  announced.agenda.urgent = false;
  EXPECT_THAT(Told(announced.Do()), ElementsAre("AGENDA_LATE R17")) << "a reason alone flags nothing";
  announced.agenda.urgent = true;
  announced.now = announced.agenda.meeting;
  EXPECT_THAT(Told(announced.Do()), ElementsAre("AGENDA_LATE R17")) << "it has begun";
}

TEST(R17, ChairAnnounces) {
  Announced announced;
  announced.agenda.announcer = Member("school/zorgcoordinator");
  EXPECT_THAT(Told(announced.Do()), ElementsAre("NO_MANDATE R17"));
  announced.agenda.announcer = Member("handhaving/boa");
  EXPECT_THAT(Told(announced.Do()), ElementsAre("NOT_A_PARTY R2"));
  announced.agenda.announcer = Member("sass/coordinator");
  announced.agenda.channel = "direct@school-a";
  EXPECT_THAT(Told(announced.Do()), ElementsAre("NO_MANDATE R17")) << "nobody chairs there";
  announced.agenda.channel = "case@school-a";
  for (MandateFacts& mandate : announced.At("sass/coordinator").mandates) mandate.until = announced.now;
  EXPECT_THAT(Told(announced.Do()), ElementsAre("NO_MANDATE R3"));
}

TEST(R17, NothingAnnouncedOutsideTheConvenant) {
  Announced announced;
  announced.facts.convenant_active = false;
  EXPECT_THAT(Told(announced.Do()), ElementsAre("NO_CONVENANT R1"));
}

TEST(R17, NoCaseAmongThemes) {
  Announced announced;
  announced.agenda.announcer = Member("gemeente/coordinator");
  announced.agenda.channel = "theme";
  EXPECT_THAT(Told(announced.Do()), ElementsAre("SUBJECT_AT_THEMATIC R5"));
  announced.agenda.cases = 0;
  EXPECT_THAT(Told(announced.Do()), IsEmpty());
}

}  // namespace
}  // namespace seinpost::policies
