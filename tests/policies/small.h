// SPDX-License-Identifier: EUPL-1.2
// A convenant small enough to work out by hand, with one of everything, and nothing odd about it.
#ifndef SEINPOST_TESTS_POLICIES_SMALL_H_
#define SEINPOST_TESTS_POLICIES_SMALL_H_

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "policies/document/convenant.h"

namespace seinpost::policies {

inline constexpr char kSmall[] = R"(convenant:
  id: klein
  title: Klein
  kind: CONVENANT
  version: 1
  valid_from: 2026-01-01
  valid_until: 2029-12-31
  controller: gemeente
scopes:
  school-a: school
  school-b: school
parties:
  gemeente:
    kind: municipality
    host: yes
  bestuur:
    kind: school_board
  school:
    kind: school
    scopes: [school-a]
    under: bestuur
  school2:
    kind: school
    scopes: [school-b]
    under: bestuur
  politie:
    kind: police
  handhaving:
    kind: enforcement
    under: gemeente
purposes:
  veiligheid:
    ground: Publieke taak
    may_use: all
  gevaar:
    ground: Publieke taak
    may_use: [school, police]
    acute_danger: yes
categories:
  overlast:
    kind: neutral
  wapen:
    kind: criminal
  zorgen:
    kind: care
levels:
  school:
    ceiling: L2
    functions: {director: L2, concierge: L1}
    details: [care]
    contact: director
  police:
    ceiling: L2
    functions: {ward_officer: L2}
    details: [criminal]
    competence: [gevaar]
    contact: ward_officer
  enforcement:
    ceiling: L1
    tied: L2
    functions: {boa: L2}
    contact: boa
  municipality:
    ceiling: L0
    functions: {coordinator: L0}
    contact: coordinator
  school_board:
    ceiling: L0
    functions: {board_member: L0}
    contact: board_member
retention:
  kort: {after_close: 6 months, cap: 12 months}
  lang: {after_close: 2 years, cap: 3 years}
channels:
  case:
    kind: case
    per: school
    members: [school, police, enforcement]
    chair: school
    ceiling: L2
    identity: yes
    retention: {L0: lang, L1: kort, L2: kort, justification: lang}
  core:
    kind: core
    per: school
    members: [school, police]
    ceiling: L1
    kept_identity: allowed
    retention: {L0: lang, L1: kort}
  theme:
    kind: theme
    members: [school, police, municipality, school_board]
    chair: municipality
    ceiling: L0
    retention: lang
oversight:
  privacy_officers: [gemeente, bestuur]
thresholds:
  max_recipients: 4
reveal:
  ask: [police]
  purposes: [gevaar]
  expires: 14 days
  approval_groups:
    eigen: {of: sender, function: privacy_officer}
    gemeente: {of: [gemeente], function: privacy_officer}
alerts:
  oranje:
    channel: case
    raise:
      school: [director, concierge]
    steps:
      - {kind: enforcement, within: 2 minutes}
      - {kind: police, function: ward_officer, within: 5 minutes}
    identity_to: [police]
    justify_within: 24 hours
)";

using Replacements = std::vector<std::pair<std::string, std::string>>;

// kSmall with each first text replaced, once, by the second.
inline std::string SmallWith(const Replacements& replacements) {
  std::string yaml = kSmall;
  for (const auto& [from, to] : replacements) {
    const size_t at = yaml.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    if (at != std::string::npos) yaml.replace(at, from.size(), to);
  }
  return yaml;
}

inline Convenant Small(const Replacements& replacements = {}) {
  absl::StatusOr<Convenant> convenant = Convenant::Parse(SmallWith(replacements), "klein.yaml");
  EXPECT_TRUE(convenant.ok()) << convenant.status();
  return *std::move(convenant);
}

}  // namespace seinpost::policies

#endif  // SEINPOST_TESTS_POLICIES_SMALL_H_
