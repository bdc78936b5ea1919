// SPDX-License-Identifier: EUPL-1.2
#include "absl/strings/str_cat.h"
#include "tests/policies/document/mutations.h"

namespace seinpost::policies {
namespace {

std::vector<Mutation> HeadAndParties() {
  const std::string root = "root: a300000000000000000000000000000000000000000000000000000000000003";
  return {
      {"EndsBeforeItStarts", "valid_until: 2029", "^valid_until: 2025",
       "\"valid_until\" lies before \"valid_from\""},
      {"FirstWithPrevious", "version: 2\n  previous", "version: 1\n  ^previous",
       "version 1 has no \"previous\""},
      {"SecondWithoutPrevious",
       "version: 2\n  previous: 1111111111111111111111111111111111111111111111111111111111111111",
       "^version: 2", "a version after the first names the hash of the one before it"},
      {"UnknownController", "controller: gemeente", "^controller: gemeent",
       "\"convenant.controller\" names the unknown party \"gemeent\" (did you mean \"gemeente\"?)"},
      {"ControllerIsGuest", "controller: gemeente", "^controller: vervoerder",
       "\"convenant.controller\" names the guest \"vervoerder\""},
      {"UnknownPartnerKind", "title: Politie\n    kind: police", "title: Politie\n    ^kind: polcie",
       "\"parties.politie.kind\" names the unknown partner kind \"polcie\" (did you mean \"police\"?)"},
      {"UnknownScope", "scopes: [school-a]", "scopes: [^school-b]",
       "\"parties.school.scopes\" names the unknown scope \"school-b\" (did you mean \"school-a\"?)"},
      {"ScopesOfNothing", "scopes: [school-a]", "^scopes: []",
       "\"parties.school.scopes\" names no scope; leave it out"},
      {"UnknownUnder", "under: bestuur", "^under: bestuurder",
       "\"parties.school.under\" names the unknown party"},
      {"Cycle", root, "^under: politie", "\"politie\" stands under itself"},
      {"CycleOfTwo",
       "kind: school_board\n    root: a200000000000000000000000000000000000000000000000000000000000002",
       "kind: school_board\n    ^under: school", "\"bestuur\" stands under itself"},
      {"CycleOfAnApprover",
       "kind: municipality\n    root: a100000000000000000000000000000000000000000000000000000000000001",
       "kind: municipality\n    ^under: handhaving", "\"gemeente\" stands under itself"},
      {"ApproverUnderNobody",
       "kind: municipality\n    root: a100000000000000000000000000000000000000000000000000000000000001",
       "kind: municipality\n    ^under: rijk", "\"parties.gemeente.under\" names the unknown party \"rijk\""},
      {"UnderAGuest", "under: bestuur", "^under: vervoerder", "\"school\" stands under a guest"},
      {"RootAndUnder", root, absl::StrCat("^", root, "\n    under: gemeente"),
       "\"politie\" has its own root and stands"},
      {"SameRoot", "a200000000000000000000000000000000000000000000000000000000000002",
       "a300000000000000000000000000000000000000000000000000000000000003",
       "\"politie\" has the same root key as \"bestuur\"", absl::StrCat("police\n    ^", root)},
      {"NoHost", "    host: yes\n", "", "exactly one party must say host: yes; 0 do", "\nparties:"},
      {"TwoHosts", "    title: Jongerenwerk\n", "    title: Jongerenwerk\n    host: yes\n",
       "exactly one party must say host: yes; 2 do", "\nparties:"},
      {"GuestIsHost", "    guest: yes", "    guest: yes\n    ^host: yes",
       "the guest \"vervoerder\" cannot be the host"},
      {"GuestUnderNobody", "    under: gemeente\n    guest: yes", "    ^guest: yes",
       "the guest \"vervoerder\" does not sign"},
      {"GuestAboveL0", "    kind: transport\n", "    ^kind: youth_work\n",
       "guests stay at L0, but the kind \"youth_work\""},
  };
}

std::vector<Mutation> PurposesAndLevels() {
  return {
      {"PurposeForNobody", "may_use: [school, youth_work, municipality]", "^may_use: []",
       "nobody may use the purpose \"zorg\""},
      {"PurposeForUnknown", "may_use: [school, youth_work, municipality]", "may_use: [school, ^youthwork]",
       "\"purposes.zorg.may_use\" names the unknown partner kind \"youthwork\" (did you mean "
       "\"youth_work\"?)"},
      {"LevelAboveKind", "kind: CONVENANT", "kind: WORKING_AGREEMENT",
       "a WORKING_AGREEMENT goes no higher than L1, but \"levels.school.ceiling\" says L2",
       "ceiling: L2\n    details: [care]"},
      {"TiedAboveKind", "kind: CONVENANT", "kind: WORKING_AGREEMENT",
       "a WORKING_AGREEMENT goes no higher than L1, but \"levels.enforcement.tied\" says L2",
       "tied: L2\n    competence"},
      {"ChannelAboveKind", "kind: CONVENANT", "kind: WORKING_AGREEMENT",
       "a WORKING_AGREEMENT goes no higher than L1, but \"channels.case.ceiling\" says L2",
       "ceiling: L2\n    identity"},
      {"RevealAboveKind", "kind: CONVENANT", "kind: WORKING_AGREEMENT",
       "to reveal a kept identity is to share it by name, which a WORKING_AGREEMENT cannot do", "\nreveal:"},
      {"BridgeAboveKind", "kind: CONVENANT", "kind: NETWORK",
       "a NETWORK goes no higher than L0, nor does a bridge from it", "ceiling: L1\n    purposes"},
      {"TiedNotAbove", "tied: L2\n    competence", "^tied: L1\n    competence",
       "\"levels.enforcement.tied\" must be above the ordinary ceiling"},
      {"FunctionAboveKind", "      coordinator: L1", "      ^coordinator: L2",
       "\"levels.municipality.functions.coordinator\" is above the ceiling of its partner kind"},
      {"OfficerAsFunction", "      concierge: L1", "      ^privacy_officer: L1",
       "a privacy officer reads no signals"},
      {"NearlyOfficer", "      concierge: L1", "      ^privacy_oficer: L1",
       "\"privacy_oficer\" is nearly a word that rules go by (did you mean \"privacy_officer\"?)"},
      {"NearlyPolice", "  transport:\n    ceiling", "  ^politie:\n    ceiling",
       "\"politie\" is nearly a word that rules go by (did you mean \"police\"?)"},
      {"UnknownDetails", "details: [care]", "details: [^health]",
       "\"levels.school.details\" names the unknown kind of details \"health\"; there are: care, criminal"},
      {"UnknownCompetence", "competence: [dreiging]\n    contact: ward",
       "competence: [^dreigin]\n    contact: ward",
       "\"levels.police.competence\" names the unknown purpose \"dreigin\" (did you mean \"dreiging\"?)"},
      {"UnknownContact", "contact: ward_officer", "^contact: ward_oficer",
       "\"levels.police.contact\" names the unknown function of police \"ward_oficer\" (did you mean "
       "\"ward_officer\"?)"},
      {"ContactIsOfficer", "contact: ward_officer", "^contact: privacy_officer",
       "a privacy officer gets no signals, so cannot be named in \"levels.police.contact\""},
      {"KeepsLonger", "after_close: 6 months", "^after_close: 13 months",
       "\"kort\" keeps longer after closing than its cap"},
  };
}

std::vector<Mutation> Channels() {
  const std::string theme = "    guests: [transport]\n    chair: municipality\n    ceiling: L0";
  return {
      {"ThemeAboveL0", theme, "    chair: municipality\n    ^ceiling: L1",
       "a theme channel is about no person and stays at L0"},
      {"NearlyTheme", "kind: theme", "^kind: thema",
       "\"thema\" is nearly a word that rules go by (did you mean \"theme\"?)"},
      {"IdentityBelowL2", "kept_identity: allowed", "^identity: yes",
       "identity parts need a channel that goes up to L2"},
      {"KeptWithoutReveal",
       "reveal:\n  ask: [school, municipality]\n  purposes: [dreiging, zorg]\n  expires: 14 days\n  "
       "approval_groups:\n"
       "    afzender:\n      of: sender\n      function: care_coordinator\n    toezicht:\n      of: "
       "[gemeente]\n"
       "      function: privacy_officer\n",
       "", "a kept identity needs the section \"reveal\" with approval groups", "kept_identity: allowed"},
      {"KeptAtL0", theme, absl::StrCat(theme, "\n    ^kept_identity: allowed"),
       "a kept identity needs a channel that goes up to L1"},
      {"NoSuchScopeKind", "kind: core\n    per: school", "kind: core\n    ^per: shcool",
       "\"core\" exists per shcool, but \"scopes\" holds no scope of that kind (did you mean \"school\"?)"},
      {"UnknownMember", "members: [school, youth_work, municipality]",
       "members: [school, ^youth_wrok, municipality]",
       "\"channels.core.members\" names the unknown partner kind \"youth_wrok\" (did you mean "
       "\"youth_work\"?)"},
      {"UnknownSingleParty", "parties: [handhaving]", "parties: [^handhavin]",
       "\"channels.case.parties\" names the unknown party"},
      {"GuestAsSingleParty", "parties: [handhaving]", "parties: [^vervoerder]",
       "\"channels.case.parties\" names the guest \"vervoerder\""},
      {"UnknownGuest", "guests: [transport]", "guests: [^transpot]",
       "\"channels.theme.guests\" names the unknown partner kind"},
      {"GuestIsMember", "guests: [transport]", "guests: [transport, ^police]",
       "\"police\" is both member and guest of \"theme\""},
      {"NoMembers", "members: [school, youth_work, municipality]", "^members: []", "\"core\" has no members"},
      {"ChairOutside", "chair: municipality\n    ceiling: L1", "^chair: youth_worker\n    ceiling: L1",
       "the chair of \"core\" is the partner kind \"youth_worker\", which is no member of it (did you mean "
       "\"youth_work\"?)"},
      {"UnknownRetention", "retention: lang", "^retention: lagn",
       "\"channels.theme.retention\" names the unknown retention class \"lagn\" (did you mean \"lang\"?)"},
      {"UnknownRetentionOfALevel", "{L0: lang, L1: kort}", "{L0: lang, ^L1: kotr}",
       "\"channels.core.retention.L1\" names the unknown retention class"},
      {"KeepsWhatItNeverCarries", "{L0: lang, L1: kort}", "{L0: lang, L1: kort, ^L2: kort}",
       "\"core\" never carries L2, so it keeps"},
      {"JustifiesWhatItNeverCarries", "{L0: lang, L1: kort}", "{L0: lang, L1: kort, ^justification: kort}",
       "\"core\" never carries L2, so it has no justifications"},
      {"NoOversight", "privacy_officers: [gemeente, bestuur]", "^privacy_officers: []",
       "where a channel goes up to L2, \"oversight\" must name the parties"},
      {"UnknownOversight", "privacy_officers: [gemeente, bestuur]", "privacy_officers: [gemeente, ^bestuurd]",
       "\"oversight.privacy_officers\" names the unknown party"},
      {"GuestOversees", "privacy_officers: [gemeente, bestuur]", "privacy_officers: [gemeente, ^vervoerder]",
       "\"oversight.privacy_officers\" names the guest"},
  };
}

std::vector<Mutation> RevealAndMatching() {
  return {
      {"NobodyAsks", "ask: [school, municipality]", "^ask: []", "\"reveal.ask\" must list at least one name"},
      {"UnknownAsks", "ask: [school, municipality]", "ask: [^scholen, municipality]",
       "\"reveal.ask\" names the unknown partner kind"},
      {"RevealedForNothing", "purposes: [dreiging, zorg]", "^purposes: []",
       "\"reveal.purposes\" must list at least one name"},
      {"RevealedForUnknown", "purposes: [dreiging, zorg]", "purposes: [dreiging, ^zorgen]",
       "\"reveal.purposes\" names the unknown purpose"},
      {"OneGroup", "    toezicht:\n      of: [gemeente]\n      function: privacy_officer\n", "",
       "a kept identity needs two approval groups or more", "approval_groups:"},
      {"GroupOfNobody", "      of: [gemeente]", "      ^of: []",
       "\"reveal.approval_groups.toezicht.of\" is sender, or a list of parties"},
      {"GroupOfUnknown", "      of: [gemeente]", "      of: [^gemeent]",
       "\"reveal.approval_groups.toezicht.of\" names the unknown party \"gemeent\" (did you mean "
       "\"gemeente\"?)"},
      {"GroupOfGuest", "      of: [gemeente]", "      of: [^vervoerder]",
       "\"reveal.approval_groups.toezicht.of\" names the guest"},
      {"GroupOfUnknownFunction", "function: privacy_officer", "^function: coordinater",
       "\"reveal.approval_groups.toezicht.function\" names the unknown function of municipality "
       "\"coordinater\" (did you mean"},
      {"SenderOfUnknownFunction", "of: sender\n      function: care_coordinator",
       "of: sender\n      ^function: care_cordinator",
       "\"reveal.approval_groups.afzender.function\" names the unknown function \"care_cordinator\" (did you "
       "mean"},
      {"TwoGroupsOfOneSender", "of: [gemeente]", "^of: sender",
       "\"toezicht\" lies under the same signatory as another approval group"},
      {"TwoGroupsUnderOneSignatory", "      of: sender\n      function: care_coordinator",
       "      of: [handhaving]\n      function: boa",
       "\"toezicht\" lies under the same signatory as another approval group", "of: [gemeente]"},
      {"MatchedNowhere", "channels: [core, case]", "^channels: []",
       "\"matching.channels\" must list at least one name"},
      {"MatchedInUnknown", "channels: [core, case]", "channels: [^cor, case]",
       "\"matching.channels\" names the unknown channel \"cor\" (did you mean \"core\"?)"},
      {"MatchedAtL0", "channels: [core, case]", "channels: [core, ^theme]",
       "\"theme\" is about no person, so there is nobody to compare"},
      {"NoMatchKeys",
       "keys:\n    name_dob: all\n    sound_dob: [school, youth_work]\n    pupil_number: [school]",
       "^keys: {}", "\"matching.keys\" must name at least one key"},
      {"MatchKeyOfUnknown", "sound_dob: [school, youth_work]", "sound_dob: [^schol, youth_work]",
       "\"matching.keys.sound_dob\" names the unknown partner kind \"schol\" (did you mean \"school\"?)"},
      {"MatchKeyOfNobody", "sound_dob: [school, youth_work]", "^sound_dob: []",
       "nobody may compute \"sound_dob\""},
      {"MoreKindsThanSignals", "kinds: 2\n", "^kinds: 4\n",
       "there cannot be more kinds of partner than signals"},
      {"WindowTooLong", "window: 90 days", "^window: 91 days", "signals are compared over at most 90 days"},
      {"ToldUnknownKind", "    kind: municipality\n    function", "    ^kind: municipal\n    function",
       "\"matching.told.kind\" names the unknown partner kind"},
      {"ToldAtL0", "    kind: municipality\n    function: coordinator",
       "    ^kind: school_board\n    function: board_member",
       "who is told of a match learns of a case, and \"school_board\" stays at L0"},
      {"ToldUnknownFunction", "    function: coordinator", "    ^function: coordinatr",
       "\"matching.told.function\" names the unknown function of municipality"},
      {"ToldIsOfficer", "    function: coordinator", "    ^function: privacy_officer",
       "a privacy officer gets no signals"},
  };
}

std::vector<Mutation> Alerts() {
  const std::string raise = "      school: [care_coordinator, concierge]";
  const std::string second = "      - party: handhaving\n        within: 10 minutes\n";
  return {
      {"ChainOfUnknownChannel", "channel: case", "^channel: caes",
       "\"alerts.oranje.channel\" names the unknown channel \"caes\" (did you mean \"case\"?)"},
      {"TwoChains", "alerts:\n",
       "alerts:\n  groen:\n    channel: case\n    raise: {school: [concierge]}\n    steps: [{kind: police, "
       "within: 1 hour}]\n",
       "\"case\" has two alert chains", "channel: case\n    raise:\n"},
      {"NobodyRaises", absl::StrCat("raise:\n", raise), "^raise: {}", "nobody may raise \"oranje\""},
      {"RaisedByNoFunction", raise, "      ^school: []",
       "\"alerts.oranje.raise.school\" must list at least one name"},
      {"RaisedByStranger", raise, "      ^municipality: [coordinator]",
       "\"alerts.oranje.raise.municipality\" names the unknown member of case"},
      {"RaisedByUnknownFunction", raise, "      school: [^concierg]",
       "\"alerts.oranje.raise.school\" names the unknown function of school \"concierg\" (did you mean "
       "\"concierge\"?)"},
      {"RaisedByOfficer", raise, "      school: [^privacy_officer]", "a privacy officer gets no signals"},
      {"StepsAreText",
       "steps:\n      - kind: police\n        function: ward_officer\n        within: 2 minutes\n" + second,
       "^steps: police\n", "\"alerts.oranje.steps\" must be a list of 1 to 10 steps"},
      {"StepCallsNobody", "      - party: handhaving\n", "      - ^function: boa\n",
       "\"alerts.oranje.steps[1]\" calls a kind or a party"},
      {"StepCallsTwo", "      - party: handhaving\n", "      - ^party: handhaving\n        kind: police\n",
       "\"alerts.oranje.steps[1]\" calls a kind or a party: write one of the two"},
      {"StepOfUnknownParty", "      - party: handhaving\n", "      - ^party: handhavng\n",
       "\"alerts.oranje.steps[1].party\" names the unknown party \"handhavng\" (did you mean "
       "\"handhaving\"?)"},
      {"StepOfUnknownKind", "      - kind: police\n", "      - ^kind: polise\n",
       "\"alerts.oranje.steps[0].kind\" names the unknown partner kind \"polise\" (did you mean "
       "\"police\"?)"},
      {"StepOfStranger", "      - party: handhaving\n", "      - ^kind: municipality\n",
       "\"alerts.oranje.steps[1]\" calls \"municipality\", which is no member of \"case\""},
      {"StepOfGuest", "      - party: handhaving\n", "      - ^party: vervoerder\n",
       "\"alerts.oranje.steps[1].party\" names the guest"},
      {"StepOfUnknownFunction", "        function: ward_officer\n", "        ^function: wijkagent\n",
       "\"alerts.oranje.steps[0].function\" names the unknown function of police \"wijkagent\""},
      {"StepOfOfficer", "        function: ward_officer\n", "        ^function: privacy_officer\n",
       "a privacy officer gets no signals"},
      {"NamedToUnknown", "identity_to: [police, enforcement]", "identity_to: [police, ^enforcment]",
       "\"alerts.oranje.identity_to\" names the unknown partner kind \"enforcment\" (did you mean "
       "\"enforcement\"?)"},
      {"NamedToSchool", "identity_to: [police, enforcement]", "identity_to: [police, ^school]",
       "an alert names somebody to police or enforcement only, not to \"school\""},
      {"NamedToWhoIsNotCalled", second, "",
       "\"oranje\" names somebody to \"enforcement\", which no step calls", "enforcement]"},
      {"NamedWhereNobodyIs", "    identity: yes\n", "",
       "an alert with a name needs a channel that goes up to L2 with identity: yes", "identity_to:"},
  };
}

std::vector<Mutation> BridgesAndTrust() {
  const std::string bridge =
      "  buren:\n    convenant: elders\n    ceiling: L1\n    purposes: [dreiging]\n    kinds: [school]\n"
      "    their_kinds: [school]\n    channels: [core]\n    from: 2026-12-31\n    until: 2027-12-31\n";
  return {
      {"BridgeToItself", "convenant: elders", "^convenant: volledig", "a bridge leads to another convenant"},
      {"BridgeAtL0", "ceiling: L1\n    purposes", "^ceiling: L0\n    purposes", "L0 needs no bridge"},
      {"BridgeForNothing", "    purposes: [dreiging]\n", "    ^purposes: []\n",
       "\"bridges.buurgemeente.purposes\" must list at least one name"},
      {"BridgeFromNobody", "    kinds: [school]\n", "    ^kinds: []\n",
       "\"bridges.buurgemeente.kinds\" must list at least one"},
      {"BridgeToNobody", "their_kinds: [school]", "^their_kinds: []",
       "\"bridges.buurgemeente.their_kinds\" must list at least one"},
      {"BridgeThroughNothing", "    channels: [core]\n", "    ^channels: []\n",
       "\"bridges.buurgemeente.channels\" must list at least one"},
      {"BridgeForUnknown", "    purposes: [dreiging]\n", "    purposes: [^dreigng]\n",
       "\"bridges.buurgemeente.purposes\" names the unknown"},
      {"BridgeFromUnknown", "    kinds: [school]\n", "    kinds: [^scholen]\n",
       "\"bridges.buurgemeente.kinds\" names the unknown"},
      {"BridgeThroughUnknown", "    channels: [core]\n", "    channels: [^cora]\n",
       "\"bridges.buurgemeente.channels\" names the unknown"},
      {"BridgeTooEarly", "from: 2026-02-01", "^from: 2025-02-01",
       "\"buurgemeente\" must lie within the time that the convenant holds"},
      {"BridgeTooLong", "until: 2026-12-31", "^until: 2030-01-01",
       "\"buurgemeente\" must lie within the time"},
      {"BridgeBackwards", "until: 2026-12-31", "^until: 2026-01-31",
       "\"buurgemeente\" must lie within the time"},
      {"TwoBridges", "bridges:\n", absl::StrCat("bridges:\n", bridge),
       "\"buurgemeente\" leads to the same convenant at the same time as \"buren\"", "  buurgemeente:"},
      {"QuorumTooHigh", "witness_quorum: 2", "^witness_quorum: 3",
       "\"trust.witness_quorum\" asks for more witnesses than there are"},
      {"QuorumOfNobody", "  witness_quorum: 2\n", "",
       "\"trust.witness_quorum\" must say how many of the witnesses", "  witnesses:"},
      {"WitnessTwice", "universiteit: b600000000000000000000000000000000000000000000000000000000000006",
       "^universiteit: b500000000000000000000000000000000000000000000000000000000000005",
       "the witness \"universiteit\" has the key of archief"},
      {"BrokerIsWitness", "archief: b500000000000000000000000000000000000000000000000000000000000005",
       "^archief: b200000000000000000000000000000000000000000000000000000000000002",
       "the witness \"archief\" has the key of the log"},
      {"OneShare", "  voprf_steward_key: b400000000000000000000000000000000000000000000000000000000000004\n",
       "", "\"trust\" must hold both shares of the match key or none", "\ntrust:"},
      {"SameShares", "voprf_steward_key: b400000000000000000000000000000000000000000000000000000000000004",
       "^voprf_steward_key: b300000000000000000000000000000000000000000000000000000000000003",
       "the two shares of the match key are the same"},
      {"ChangeQuorumTooHigh", "change_quorum: 3", "^change_quorum: 5",
       "\"trust.change_quorum\" asks for more signatures than"},
      {"StopsBeforeAlarm", "witness_stop_after: 72 hours", "^witness_stop_after: 12 hours",
       "\"trust.witness_stop_after\" lies before \"trust.witness_alarm_after\""},
  };
}

}  // namespace

std::vector<Mutation> SenseMutations() {
  std::vector<Mutation> all;
  for (const auto& group : {HeadAndParties(), PurposesAndLevels(), Channels(), RevealAndMatching(), Alerts(),
                            BridgesAndTrust()}) {
    all.insert(all.end(), group.begin(), group.end());
  }
  return all;
}

}  // namespace seinpost::policies
