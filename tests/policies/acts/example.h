// SPDX-License-Identifier: EUPL-1.2
// The example with what acts need: kept identities, matching, an alert chain, and people for them.
#ifndef SEINPOST_TESTS_POLICIES_ACTS_EXAMPLE_H_
#define SEINPOST_TESTS_POLICIES_ACTS_EXAMPLE_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "policies/acts/acts.h"
#include "tests/policies/example.h"

namespace seinpost::policies {

inline constexpr char kActsSections[] = R"(
reveal:
  ask: [police, youth_work, school]
  purposes: [dreiging, verzuim]
  expires: 14 days
  approval_groups:
    bewaarders: {of: sender, function: director}
    toezicht: {of: [gemeente], function: privacy_officer}
matching:
  channels: [core, case]
  keys:
    name_dob: all
    sound_dob: all
    pupil_number: [school, attendance]
  threshold: {signals: 3, kinds: 2}
  window: 90 days
  told: {kind: municipality, function: coordinator}
alerts:
  oranje:
    channel: direct
    raise: {school: [care_coordinator, team_leader]}
    steps:
      - {kind: enforcement, within: 2 minutes}
      - {kind: police, function: ward_officer, within: 5 minutes}
      - {party: sass, within: 10 minutes}
    identity_to: [police, enforcement]
    justify_within: 24 hours
)";

inline std::string ActsYaml() {
  std::string yaml = FileText(kExample);
  const std::string core = "    ceiling: L1                # casussen";
  const size_t at = yaml.find(core);
  EXPECT_NE(at, std::string::npos);
  return yaml.insert(at, "    kept_identity: allowed\n") + kActsSections;
}

// Noon UTC of a day of March 2026; the 2nd is a Monday.
inline absl::Time March(int day, int hour = 12) {
  return absl::FromCivil(absl::CivilHour(2026, 3, day, hour), absl::UTCTimeZone());
}

struct ActsExample : Example {
  explicit ActsExample(const std::string& yaml = ActsYaml()) : Example(yaml) {
    Enrol("handhaving/boa", "boa");
    Enrol("gemeente/coordinator", "coordinator");
    Enrol("gemeente/privacy-officer-2", std::string(kPrivacyOfficer));
    Enrol("school/directeur", "director");
    Enrol("school/adjunct", "director");
    Enrol("school/privacy-officer", std::string(kPrivacyOfficer));
    Enrol("schoolbestuur/lid", "board_member");
    Enrol("politie/jeugdagent", "youth_officer");
  }

  // One more member, with one mandate everywhere.
  MemberFacts& Enrol(const std::string& member, const std::string& function, Level level = Level::kL2) {
    MemberFacts& facts_of = facts.members[Member(member)];
    facts_of.known = true;
    facts_of.mandates.push_back({function, {"*"}, level, convenant.valid_from(), convenant.valid_until()});
    return facts_of;
  }

  // The signal of the school that an act is about, in `channel`: a text, and an identity from L1 on.
  OriginalFacts& Original(Level level, const std::string& channel = "core@school-a") {
    OriginalFacts original;
    original.sender = Member("school/zorgcoordinator");
    original.channel = channel;
    original.category = "wapen";
    original.purpose = "dreiging";
    original.level = level;
    original.created = now;
    const absl::Time expires = now + absl::Hours(48);
    original.parts.push_back({PartKind::kNarrative, expires, {Member("politie/wijkagent")}});
    if (level > Level::kL0) original.parts.push_back({PartKind::kIdentity, expires, {}, level == Level::kL1});
    facts.original = original;
    return *facts.original;
  }
};

}  // namespace seinpost::policies

#endif  // SEINPOST_TESTS_POLICIES_ACTS_EXAMPLE_H_
