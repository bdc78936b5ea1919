// SPDX-License-Identifier: EUPL-1.2
// R20: combinations, told to the director alone. Scenario S10.
#include "tests/policies/acts/example.h"

namespace seinpost::policies {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kRefused[] = "MATCH_NOT_ALLOWED R20";

// Three signals of three kinds of partners under one key, told to the director.
struct Matched : ActsExample {
  MatchRequest request = {.reader = Member("gemeente/coordinator"),
                          .signals = {{now - absl::Hours(24 * 60), "school", "name_dob", ""},
                                      {now - absl::Hours(24 * 30), "youth_work", "name_dob", ""},
                                      {now, "police", "name_dob", ""}}};
  Decision Do() const { return DecideMatch(request, facts, now); }
};

TEST(R20, DirectorIsToldOfACombination) {
  const Matched matched;
  EXPECT_THAT(Told(matched.Do()), IsEmpty());
}

TEST(R20, NobodyElseIsTold) {
  Matched matched;
  for (const char* reader :
       {"school/zorgcoordinator", "politie/wijkagent", "sass/coordinator", "gemeente/privacy-officer",
        "gemeente/onbekend", "gemeente/coordinator@elders"}) {
    matched.request.reader = Member(reader);
    EXPECT_THAT(Told(matched.Do()), ElementsAre(kRefused)) << reader;
    EXPECT_EQ(First(matched.Do()).clause.path, "matching.told");
  }
  matched.request.reader = Member("gemeente/coordinator");
  matched.At("gemeente/coordinator").mandates[0].until = matched.now;
  EXPECT_THAT(Told(matched.Do()), ElementsAre(kRefused));
}

TEST(R20, ConvenantProvidesForIt) {
  Matched matched;
  const Example plain;
  matched.facts.convenant = &plain.convenant;
  EXPECT_THAT(Told(matched.Do()), ElementsAre(kRefused));
  EXPECT_EQ(First(matched.Do()).clause.path, "channels");
}

TEST(R20, ThresholdOfSignals) {
  Matched matched;
  matched.request.signals.pop_back();
  EXPECT_THAT(Told(matched.Do()), ElementsAre(kRefused));
  EXPECT_EQ(First(matched.Do()).clause.path, "matching.threshold");
  EXPECT_TRUE(First(matched.Do()).decided_by_broker);
  matched.request.signals.push_back({matched.now, "school", "name_dob", ""});
  EXPECT_THAT(Told(matched.Do()), IsEmpty()) << "two kinds suffice";
}

TEST(R20, ThresholdOfKinds) {
  Matched matched;
  for (MatchSignal& signal : matched.request.signals) signal.kind = "school";
  EXPECT_THAT(Told(matched.Do()), ElementsAre(kRefused));
  for (int more = 0; more < 20; ++more) matched.request.signals.push_back(matched.request.signals[0]);
  EXPECT_THAT(Told(matched.Do()), ElementsAre(kRefused)) << "however many";
}

TEST(R20, OldSignalsDoNotCount) {
  Matched matched;
  matched.request.signals[0].created = matched.now - absl::Hours(24 * 90);
  EXPECT_THAT(Told(matched.Do()), IsEmpty());
  matched.request.signals[0].created -= absl::Seconds(1);
  EXPECT_THAT(Told(matched.Do()), ElementsAre(kRefused));
  matched.request.signals[0].created = matched.now + absl::Seconds(1);
  EXPECT_THAT(Told(matched.Do()), ElementsAre(kRefused)) << "nor such as are still to come";
}

TEST(R20, SoundIsAHintOnly) {
  Matched matched;
  matched.request.signals[2].key = "sound_dob";
  EXPECT_THAT(Told(matched.Do()), ElementsAre(kRefused));
  for (MatchSignal& signal : matched.request.signals) signal.key = "sound_dob";
  EXPECT_THAT(Told(matched.Do()), ElementsAre(kRefused));
}

TEST(R20, EqualityHoldsPerKey) {
  Matched matched;
  matched.request.signals[0].key = "pupil_number";
  EXPECT_THAT(Told(matched.Do()), ElementsAre(kRefused)) << "two and one are not three";
}

TEST(R20, KeyThatTheKindMayCompute) {
  Matched matched;
  matched.request.signals[1].kind = "attendance";
  matched.request.signals[2].kind = "attendance";
  for (MatchSignal& signal : matched.request.signals) signal.key = "pupil_number";
  EXPECT_THAT(Told(matched.Do()), IsEmpty());
  matched.request.signals[2].kind = "police";
  EXPECT_THAT(Told(matched.Do()), ElementsAre(kRefused));
  for (MatchSignal& signal : matched.request.signals) signal.key = "onbekend";
  EXPECT_THAT(Told(matched.Do()), ElementsAre(kRefused));
}

TEST(R20, OtherConvenantsNeverCount) {
  Matched matched;
  matched.request.signals[1].convenant = matched.convenant.id();
  EXPECT_THAT(Told(matched.Do()), IsEmpty());
  matched.request.signals[1].convenant = "elders";
  EXPECT_THAT(Told(matched.Do()), ElementsAre(kRefused));
}

TEST(R20, NothingOutsideTheConvenant) {
  Matched matched;
  matched.facts.convenant_active = false;
  EXPECT_THAT(Told(matched.Do()), ElementsAre("NO_CONVENANT R1"));
}

}  // namespace
}  // namespace seinpost::policies
