// SPDX-License-Identifier: EUPL-1.2
// R29 and R30: what is told of what happened. Scenarios S9 and S15.
#include "tests/policies/acts/example.h"

namespace seinpost::policies {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct Reviewed : ActsExample {
  ReviewRequest request = {.reader = Member("gemeente/privacy-officer")};
  ReviewFacts state;
  Decision Do() const { return DecideReview(request, state, facts, now); }
};

TEST(R29, OversightReviewsTheWholeConvenant) {
  Reviewed reviewed;
  for (const ReviewOf what : {ReviewOf::kMetadata, ReviewOf::kJustifications}) {
    reviewed.request.what = what;
    for (const char* organisation : {"", "gemeente", "school", "politie"}) {
      reviewed.request.organisation = organisation;
      EXPECT_THAT(Told(reviewed.Do()), IsEmpty()) << organisation;
    }
  }
}

TEST(R29, OthersReviewTheirOwnOrganisation) {
  Reviewed reviewed;
  reviewed.request.reader = Member("school/privacy-officer");
  reviewed.request.organisation = "school";
  EXPECT_THAT(Told(reviewed.Do()), IsEmpty());
  for (const char* organisation : {"", "school2", "gemeente"}) {
    reviewed.request.organisation = organisation;
    EXPECT_THAT(Told(reviewed.Do()), ElementsAre("AUDIT_SCOPE R29")) << organisation;
    EXPECT_EQ(First(reviewed.Do()).clause.path, "oversight.privacy_officers");
  }
}

TEST(R29, OnlyAnOfficerInOffice) {
  Reviewed reviewed;
  MandateFacts& mandate = reviewed.At("gemeente/privacy-officer").mandates[0];
  mandate.until = reviewed.now + absl::Seconds(1);
  EXPECT_THAT(Told(reviewed.Do()), IsEmpty());
  mandate.until = reviewed.now;
  EXPECT_THAT(Told(reviewed.Do()), ElementsAre("AUDIT_SCOPE R29"));
  for (const char* reader : {"gemeente/onbekend", "elders/privacy-officer"}) {
    reviewed.request.reader = Member(reader);
    reviewed.request.organisation = reviewed.request.reader.party;
    EXPECT_THAT(Told(reviewed.Do()), ElementsAre("AUDIT_SCOPE R29")) << reader;
  }
}

TEST(R29, NeitherContentNorAnotherConvenant) {
  Reviewed reviewed;
  reviewed.request.what = ReviewOf::kContent;
  EXPECT_THAT(Told(reviewed.Do()), ElementsAre("AUDIT_SCOPE R29"));
  reviewed.request.what = ReviewOf::kMetadata;
  reviewed.request.convenant = reviewed.convenant.id();
  EXPECT_THAT(Told(reviewed.Do()), IsEmpty());
  reviewed.request.convenant = "elders";
  EXPECT_THAT(Told(reviewed.Do()), ElementsAre("AUDIT_SCOPE R29"));
}

TEST(R29, WhoTakesPartDoesNotOversee) {
  Reviewed reviewed;
  reviewed.Enrol("gemeente/privacy-officer", "coordinator");
  EXPECT_THAT(Told(reviewed.Do()), ElementsAre("ROLE_CONFLICT R29"));
  MandateFacts& other = reviewed.At("gemeente/privacy-officer").mandates[1];
  other.until = reviewed.now;
  EXPECT_THAT(Told(reviewed.Do()), IsEmpty()) << "he did";
  other.until = absl::InfiniteFuture();
  other.from = reviewed.now + absl::Seconds(1);
  EXPECT_THAT(Told(reviewed.Do()), IsEmpty()) << "he will";
  other.from = reviewed.now;
  EXPECT_THAT(Told(reviewed.Do()), ElementsAre("ROLE_CONFLICT R29"));
}

TEST(R29, AdministratorsAndApproversDoNotOversee) {
  Reviewed reviewed;
  reviewed.state.administers = true;
  EXPECT_THAT(Told(reviewed.Do()), ElementsAre("ROLE_CONFLICT R29"));
  reviewed.state = {.approved = true};
  EXPECT_THAT(Told(reviewed.Do()), ElementsAre("ROLE_CONFLICT R29"));
}

TEST(R29, ReviewOutlivesTheConvenant) {
  Reviewed reviewed;
  reviewed.facts.convenant_active = false;
  EXPECT_THAT(Told(reviewed.Do()), IsEmpty());
}

struct Counted : ActsExample {
  using ActsExample::ActsExample;
  Decision Cells(const std::vector<uint64_t>& cells) const {
    return DecideStatistics({.cells = cells}, facts);
  }
  Decision Trend(const std::set<std::string>& schools) const {
    return DecideStatistics({.is_trend = true, .schools = schools}, facts);
  }
};

TEST(R30, SmallCellsAreNotTold) {
  const Counted counted;
  EXPECT_THAT(Told(counted.Cells({})), IsEmpty());
  EXPECT_THAT(Told(counted.Cells({5, 12, 700})), IsEmpty());
  EXPECT_THAT(Told(counted.Cells({5, 4})), ElementsAre("SMALL_CELL R30"));
  EXPECT_THAT(Told(counted.Cells({0, 12})), ElementsAre("SMALL_CELL R30")) << "none is a small number too";
  EXPECT_EQ(First(counted.Cells({4})).clause.path, "thresholds");
  const std::vector<std::optional<uint64_t>> told = SuppressedCells(counted.convenant, {12, 4, 5, 0});
  EXPECT_THAT(told, ElementsAre(12u, std::nullopt, 5u, std::nullopt));
}

TEST(R30, RefusalSaysHowManyAndNotWhich) {
  const Counted counted;
  const Reason first = First(counted.Cells({3, 12, 1, 12}));
  const Reason second = First(counted.Cells({12, 2, 12, 4}));
  EXPECT_THAT(first.sentence_en, HasSubstr("2 cells"));
  EXPECT_EQ(first.sentence_en, second.sentence_en);
  EXPECT_EQ(first.sentence_nl, second.sentence_nl);
}

TEST(R30, ConvenantSetsTheCell) {
  std::string yaml = ActsYaml();
  const std::string key = "  max_recipients: 6";
  const Counted counted(yaml.replace(yaml.find(key), key.size(), "  small_cell: 10\n  max_recipients: 6"));
  EXPECT_THAT(Told(counted.Cells({10})), IsEmpty());
  EXPECT_THAT(Told(counted.Cells({9})), ElementsAre("SMALL_CELL R30"));
  EXPECT_EQ(First(counted.Cells({9})).clause.path, "thresholds.small_cell");
}

TEST(R30, OnlyThemesAreCounted) {
  const Counted counted;
  const StatisticsRequest request = {.level = Level::kL1, .cells = {100}};
  EXPECT_THAT(Told(DecideStatistics(request, counted.facts)), ElementsAre("LEVEL_EXCEEDED R30"));
}

TEST(R30, TrendIsOfThreeSchools) {
  const Counted counted;
  EXPECT_THAT(Told(counted.Trend({"school", "school2", "schoolbestuur"})), IsEmpty());
  const Decision few = counted.Trend({"school", "school2"});
  EXPECT_THAT(Told(few), ElementsAre("SMALL_CELL R30"));
  EXPECT_THAT(few.Sentence(Language::kEnglish), Not(HasSubstr("school2")));
  EXPECT_EQ(few.Sentence(Language::kDutch), counted.Trend({}).Sentence(Language::kDutch)) << "nor how many";
  EXPECT_THAT(Told(counted.Trend({"school", "school2", "onbekend"})), ElementsAre("SMALL_CELL R30"));
}

}  // namespace
}  // namespace seinpost::policies
