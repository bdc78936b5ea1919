// SPDX-License-Identifier: EUPL-1.2
#include "client/convenant/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/client/admin_testing.h"
#include "tests/testing/json.h"

namespace seinpost::client {
namespace {

using testing::HasSubstr;
using testing::Not;

policies::Convenant Parsed(const std::string& file) {
  return policies::Convenant::Parse(ReadWholeFile("tests/testing/convenants/" + file), file).value();
}

TEST(ConvenantWords, CountPeriodsInTheLargestUnitThatComesOut) {
  EXPECT_EQ(PeriodText(absl::Minutes(1), Language::kDutch), "1 minuut");
  EXPECT_EQ(PeriodText(absl::Minutes(90), Language::kDutch), "90 minuten");
  EXPECT_EQ(PeriodText(absl::Hours(1), Language::kEnglish), "1 hour");
  EXPECT_EQ(PeriodText(absl::Hours(24), Language::kDutch), "24 uur");
  EXPECT_EQ(PeriodText(absl::Hours(25), Language::kEnglish), "25 hours");
  EXPECT_EQ(PeriodText(absl::Hours(48), Language::kDutch), "2 dagen");
}

TEST(ConvenantWords, TellEverySectionAsJson) {
  const ParsedJson json = ParsedJson::parse(AgreedJson(Parsed("volledig.yaml")).Dump());
  EXPECT_EQ(json["kinds"].size(), 7u);
  EXPECT_EQ(json["kinds"][0],
            ParsedJson::parse(
                R"({"kind":"enforcement","ceiling":"L1","tied":"L2","functions":{"boa":"L2"},"details":[],
                            "competence":["dreiging"],"contact":"boa"})"));
  EXPECT_EQ(json["thresholds"],
            ParsedJson::parse(R"({"max_recipients":6,"agenda_days":5,"small_cell":5,"trend_schools":3})"));
  EXPECT_EQ(json["reveal"],
            ParsedJson::parse(
                R"({"ask":["school","municipality"],"purposes":["dreiging","zorg"],"expires_seconds":1209600,
                            "approval_groups":[
                              {"name":"afzender","of":"sender","function":"care_coordinator"},
                              {"name":"toezicht","of":["gemeente"],"function":"privacy_officer"}]})"));
  EXPECT_EQ(
      json["matching"],
      ParsedJson::parse(R"({"channels":["core","case"],"keys":{"name_dob":"all","pupil_number":["school"],
                            "sound_dob":["school","youth_work"]},"signals":3,"kinds":2,"window_seconds":7776000,
                            "told":{"kind":"municipality","function":"coordinator"},"match_keys":true})"));
  EXPECT_EQ(json["alerts"],
            ParsedJson::parse(
                R"([{"name":"oranje","channel":"case","raise":{"school":["care_coordinator","concierge"]},
                             "steps":[{"kind":"police","function":"ward_officer","within_seconds":120},
                                      {"party":"handhaving","function":null,"within_seconds":600}],
                             "identity_to":["police","enforcement"],"justify_within_seconds":86400,
                             "drill_every_seconds":15552000}])"));
  EXPECT_EQ(json["bridges"],
            ParsedJson::parse(
                R"([{"name":"buurgemeente","convenant":"elders","ceiling":"L1","purposes":["dreiging"],
                             "kinds":["school"],"their_kinds":["school"],"channels":["core"],
                             "from":"2026-02-01T00:00:00Z","until":"2027-01-01T00:00:00Z"}])"));
}

TEST(ConvenantWords, SayWhatWasAgreedInDutch) {
  const std::string text = AgreedText(Parsed("volledig.yaml"), Language::kDutch);
  for (const char* sentence :
       {"soort partij  plafond  met rol  bijzonderheden  bevoegd voor  aanspreekpunt",
        "Acuut gevaar (zorggegevens mogen dan naar wie kan ingrijpen): dreiging",
        "Hooguit 6 organisaties krijgen in een signaal iets op naam",
        "Tellingen onder de 5 worden niet genoemd",
        "op verzoek van school, municipality, voor dreiging, zorg, als binnen 14 dagen uit elke groep",
        "  afzender: care_coordinator van de organisatie van de afzender",
        "  toezicht: privacy_officer van gemeente",
        "bij 3 of meer van 2 of meer soorten partijen binnen 90 dagen hoort coordinator (municipality) het",
        "  name_dob: te berekenen door allen",
        "Alarm oranje in kanaal case; slaan mogen school (care_coordinator, concierge)",
        "  1. police (ward_officer), bevestigt binnen 2 minuten",
        "  2. handhaving, bevestigt binnen 10 minuten",
        "Een naam mag erbij naar police, enforcement, te onderbouwen binnen 24 uur", "Oefenen elke 180 dagen",
        "Brug buurgemeente naar elders, tot en met L1", "van 2026-02-01 tot en met 2026-12-31"}) {
    EXPECT_THAT(text, HasSubstr(sentence));
  }
  EXPECT_THAT(text, Not(HasSubstr("ontbreken nog")));
}

TEST(ConvenantWords, SayWhatIsNotProvidedFor) {
  const policies::Convenant convenant = Parsed("plaats.yaml");
  const std::string dutch = AgreedText(convenant, Language::kDutch);
  EXPECT_THAT(dutch, HasSubstr("Een naam in bewaring komt hier niet voor."));
  EXPECT_THAT(dutch, HasSubstr("Signalen worden niet met elkaar vergeleken."));
  EXPECT_THAT(dutch, HasSubstr("Er is geen alarm afgesproken."));
  EXPECT_THAT(dutch, HasSubstr("Er is geen brug naar een ander convenant."));
  const std::string english = AgreedText(convenant, Language::kEnglish);
  EXPECT_THAT(english, HasSubstr("There are no kept identities here."));
  EXPECT_THAT(english, HasSubstr("There is no bridge to another convenant."));
  const Json json = AgreedJson(convenant);
  EXPECT_TRUE(json.Find("reveal")->is_null());
  EXPECT_TRUE(json.Find("matching")->is_null());
  EXPECT_TRUE(json.Find("alerts")->empty());
}

TEST(ConvenantWords, SayThatMatchKeysAreMissing) {
  std::string yaml = ReadWholeFile("tests/testing/convenants/volledig.yaml");
  yaml.resize(yaml.find("\ntrust:") + 1);
  const policies::Convenant convenant = policies::Convenant::Parse(yaml, "x").value();
  EXPECT_THAT(AgreedText(convenant, Language::kDutch),
              HasSubstr("tot dan wordt elk kenmerk geweigerd (R20)"));
  const Json agreed = AgreedJson(convenant);
  EXPECT_FALSE(agreed.Find("matching")->Find("match_keys")->flag());
}

}  // namespace
}  // namespace seinpost::client
