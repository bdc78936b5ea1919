// SPDX-License-Identifier: EUPL-1.2
// The rule table and what every rule gets to see. One small function per rule of docs/formats/convenant.md;
// each only ever refuses, so a rule that says nothing about a request leaves the others to decide. Internal
// to policies/.
#ifndef SEINPOST_POLICIES_DECIDE_RULES_H_
#define SEINPOST_POLICIES_DECIDE_RULES_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "policies/decide/decide.h"
#include "policies/decide/request.h"
#include "policies/document/convenant.h"

namespace seinpost::policies {

// One recipient of one part, with what is known of him. Null where the facts say nothing.
struct RecipientCase {
  size_t part = 0;
  size_t index = 0;
  const MemberId* id = nullptr;
  const Convenant* home = nullptr;     // whose member he is: this convenant's, or a peer's; null: unknown
  const Party* party = nullptr;        // null: no party of `home`
  const MemberFacts* facts = nullptr;  // null: unknown member
  bool foreign = false;                // addressed in another convenant: R13 says what R2 to R4 say at home
  bool sender = false;                 // the sender himself: never judged as a recipient
  bool settled = false;                // refused so thoroughly that later rules would only repeat it
  bool denied = false;
};

// A send request with its names resolved once. Borrows request and facts.
struct SendCase {
  SendCase(const SendRequest& request, const Facts& facts, absl::Time now);

  const SendRequest& request;
  const Facts& facts;
  const Convenant& convenant;
  const absl::Time now;
  const Channel* channel = nullptr;  // null: no such channel
  absl::string_view scope;
  const Party* sender_party = nullptr;
  const MemberFacts* sender = nullptr;
  // By part, then as listed. In place for all but the largest signals: deciding allocates nothing but its
  // result.
  absl::InlinedVector<RecipientCase, 64> recipients;
  // Who must be able to read the sender's justifications (JustificationOfficers). Each once, in no order.
  absl::InlinedVector<const MemberId*, 8> officers;

  const PartRequest& PartOf(const RecipientCase& recipient) const { return request.parts[recipient.part]; }
  // Whether the text is among the parts seen: a request without one is refused as such (R11).
  bool HasText() const;
  bool IsAlert() const { return request.kind == SignalKind::kAlert; }
  // The level that this part is judged at.
  Level LevelOf(const PartRequest& part) const { return PartLevel(part.kind, request.level, request.kind); }
  // The recipients a rule judges: of a known party, neither the sender himself nor settled, and of a part
  // that is for recipients: justifications go to officers (R10), kept identities to approvers (R6).
  bool IsJudged(const RecipientCase& recipient) const;
  // ... and of this convenant.
  bool IsJudgedAtHome(const RecipientCase& recipient) const;
  // Those who get something named: identity, care and attachment parts.
  bool IsNamed(const RecipientCase& recipient) const;
  // ... for which a tie and a justification are owed: not for the identity in an alert (R24).
  bool IsOwed(const RecipientCase& recipient) const;
  // Whether this member has an action or a role in the case that the signal is about.
  bool HasRole(const MemberId& member) const;
  // The tie that the sender claims for a recipient of a sealed part.
  std::optional<Tie> ClaimOf(const RecipientCase& recipient) const;
};

// How far a member goes, and the clause that stops him there.
struct Reach {
  bool mandated = false;
  Level level = Level::kL0;
  Level tied = Level::kL0;           // the same where the kind's tied ceiling holds; never below `level`
  const Position* clause = nullptr;  // set when mandated; lives as long as the convenant
};

// An open request with its names resolved once. Borrows request and facts.
struct OpenCase {
  OpenCase(const OpenRequest& request, const Facts& facts, absl::Time now);

  const OpenRequest& request;
  const Facts& facts;
  const Convenant& convenant;   // in force
  const Convenant& made_under;  // the signal's own version: its channel, ceilings and purposes
  const absl::Time now;
  const OriginalFacts* original = nullptr;    // null: rules deny
  const OriginalFacts::Part* part = nullptr;  // null: no such part
  const Channel* channel = nullptr;
  absl::string_view scope;
  const Party* reader_party = nullptr;
  const MemberFacts* reader = nullptr;
  bool is_sender = false;
  // Whether the reader's party, if it still takes part, sits in the channel by the signal's version.
  bool member = false;
  bool guest = false;

  // What the reader reaches now in the channel of the signal; nothing if his party does not sit there.
  Reach ReachOfReader() const;
  // A part that names somebody, read by someone else than its sender.
  bool IsNamed() const;
  bool HasRole() const;
  // The identity in an alert: R24 takes the place of partner ceilings and ties.
  bool IsAlertIdentity() const;
};

struct Text {
  std::string nl, en;
};

// Refusals writes reasons into a decision. The rule table sets which rule speaks.
class Refusals {
 public:
  Refusals(const Convenant& convenant, Decision& decision) : convenant_(convenant), decision_(decision) {}
  void Speak(absl::string_view rule, FactNeed needs) {
    rule_ = rule;
    needs_ = needs;
  }

  void Signal(RefusalCode code, const Position& clause, Text text);
  // The whole part; its recipients are settled.
  void Part(SendCase& send, size_t part, RefusalCode code, const Position& clause, Text text);
  // The member in this part only.
  void Recipient(SendCase& send, RecipientCase& recipient, RefusalCode code, const Position& clause,
                 Text text);
  // The member in every part, told once; he is settled.
  void Member(SendCase& send, RecipientCase& recipient, RefusalCode code, const Position& clause, Text text);

 private:
  void Add(Reason reason, RefusalCode code, const Position& clause, Text text);

  const Convenant& convenant_;
  Decision& decision_;
  absl::string_view rule_;
  FactNeed needs_ = FactNeed::kPublic;
};

struct SendRule {
  absl::string_view name;
  absl::string_view rule;  // "R4"
  FactNeed needs;
  void (*judge)(SendCase& send, Refusals& refusals);
};

struct OpenRule {
  absl::string_view name;
  absl::string_view rule;
  FactNeed needs;
  void (*judge)(const OpenCase& open, Refusals& refusals);
};

// In the order in which reasons are told.
absl::Span<const SendRule> SendRules();
absl::Span<const OpenRule> OpenRules();

// rules_convenant.cc: R1, R2, R3, R12, R31
void JudgeConvenant(SendCase& send, Refusals& refusals);
void JudgeVersion(SendCase& send, Refusals& refusals);
void JudgeNames(SendCase& send, Refusals& refusals);
void JudgeParties(SendCase& send, Refusals& refusals);
// rules_bridge.cc: R13
void JudgeBridge(SendCase& send, Refusals& refusals);
// rules_alert.cc: R24, R25
void JudgeAlertRaiser(SendCase& send, Refusals& refusals);
void JudgeAlertRecipients(SendCase& send, Refusals& refusals);
void JudgeAlertIdentity(SendCase& send, Refusals& refusals);
void JudgeEmergencyCall(SendCase& send, Refusals& refusals);
void JudgeAlertJustification(SendCase& send, Refusals& refusals);
void JudgeChannelMembers(SendCase& send, Refusals& refusals);
void JudgeGuests(SendCase& send, Refusals& refusals);
void JudgeMandates(SendCase& send, Refusals& refusals);
// rules_scope.cc: R23
void JudgeCaseScope(SendCase& send, Refusals& refusals);
// rules_level.cc: R4, R31
void JudgeLevels(SendCase& send, Refusals& refusals);
void JudgeTiedLevels(SendCase& send, Refusals& refusals);
void JudgeRestrictions(SendCase& send, Refusals& refusals);
// rules_person.cc: R5, R6, R7, R20
void JudgeThematic(SendCase& send, Refusals& refusals);
void JudgeContributed(SendCase& send, Refusals& refusals);
void JudgePseudonymous(SendCase& send, Refusals& refusals);
void JudgeKeptIdentity(SendCase& send, Refusals& refusals);
void JudgeKeptRequired(SendCase& send, Refusals& refusals);
void JudgeMatching(SendCase& send, Refusals& refusals);
void JudgeIdentityRecipients(SendCase& send, Refusals& refusals);
void JudgeNamedText(SendCase& send, Refusals& refusals);
// rules_involvement.cc: R9
void JudgeCount(SendCase& send, Refusals& refusals);
void JudgeTies(SendCase& send, Refusals& refusals);
void JudgeRoles(SendCase& send, Refusals& refusals);
// rules_details.cc: R22
void JudgeDetails(SendCase& send, Refusals& refusals);
// rules_parts.cc: R8, R11, R21
void JudgeBroadcast(SendCase& send, Refusals& refusals);
void JudgeParts(SendCase& send, Refusals& refusals);
void JudgeOneText(SendCase& send, Refusals& refusals);
void JudgePartRecipients(SendCase& send, Refusals& refusals);
void JudgeSource(SendCase& send, Refusals& refusals);
// rules_duty.cc: R10, R34
void JudgePurpose(SendCase& send, Refusals& refusals);
void JudgeJustification(SendCase& send, Refusals& refusals);
void JudgeOfficers(SendCase& send, Refusals& refusals);
void JudgeInformed(SendCase& send, Refusals& refusals);
// rules_onward.cc: R14
void JudgeOnward(SendCase& send, Refusals& refusals);
// rules_keys.cc: R18, R32
void JudgeKeySets(SendCase& send, Refusals& refusals);
void JudgeRetention(SendCase& send, Refusals& refusals);
// rules_open.cc: R1, R19, R31; rules_open_parts.cc: R9, R10, R21, R22; all at reading time
void JudgeOpenConvenant(const OpenCase& open, Refusals& refusals);
void JudgeOpenRecipient(const OpenCase& open, Refusals& refusals);
void JudgeOpenState(const OpenCase& open, Refusals& refusals);
void JudgeOpenPurpose(const OpenCase& open, Refusals& refusals);
void JudgeOpenMandate(const OpenCase& open, Refusals& refusals);
void JudgeOpenTiedLevel(const OpenCase& open, Refusals& refusals);
void JudgeOpenRestrictions(const OpenCase& open, Refusals& refusals);
void JudgeOpenSource(const OpenCase& open, Refusals& refusals);
void JudgeOpenDetails(const OpenCase& open, Refusals& refusals);
void JudgeOpenTie(const OpenCase& open, Refusals& refusals);
void JudgeOpenJustification(const OpenCase& open, Refusals& refusals);
void JudgeOpenConflict(const OpenCase& open, Refusals& refusals);

// Whether the mandate holds now, for this place, for a function the convenant declares (R3).
bool IsValidMandate(const MandateFacts& mandate, const KindLevels& levels, const Channel& channel,
                    absl::string_view scope, absl::Time now);
// The officers of JustificationOfficers, each once, in no order; points into `facts`.
absl::InlinedVector<const MemberId*, 8> OfficersFor(const MemberId& sender, const Facts& facts,
                                                    absl::Time now);
// Whether a valid privacy_officer mandate holds now.
bool IsOfficer(const MemberFacts& member, absl::Time now);
// Whether a mandate of another function holds now. Who oversees takes no part (R29).
bool TakesPart(const MemberFacts& member, absl::Time now);
Text TakesPartText();  // why that is refused

// Whether this mandate's time has come and not gone, for a function the convenant declares.
bool IsInOffice(const MandateFacts& mandate, const KindLevels& levels, absl::Time now);

// The highest level a member of `party` reaches in `channel` now (R4). Without a channel in any place, for
// members of another convenant. No valid mandate: nothing, told by R3.
Reach ReachOf(const Convenant& convenant, const Party& party, const MemberFacts& member,
              const Channel* channel, absl::string_view scope, absl::Time now);

// R9: where a matter plays, as far as its channel and its sender show: the channel's scope, or the scopes of
// the sender's party; neither: nowhere that ties anybody.
struct Place {
  const Channel* channel = nullptr;
  absl::string_view scope;
  const Party* sender = nullptr;
};
// Whether a mandate of `member` names a scope of that place: kSchool for scopes of the kind "school", kWard
// for others.
bool IsTiedToPlace(const Convenant& convenant, const KindLevels& levels, const MemberFacts& member,
                   const Place& place, Tie tie, absl::Time now);
// Whether public facts show this tie of a recipient: kSchool, kWard or kCompetence.
bool ShowsTie(const SendCase& send, const RecipientCase& recipient, Tie tie);

// R22: what of a part in a signal of this category is a care detail, or a criminal one.
bool IsCareDetail(PartKind part, CategoryKind category);
bool IsCriminalDetail(PartKind part, CategoryKind category);

// The order that keeps this channel or party lowest, nullptr if none does (R31).
const Restriction* RestrictionOfChannel(const Facts& facts, const Channel& channel);
const Restriction* RestrictionOfParty(const Facts& facts, const Party& party);
// "restriction order 3 lowered politie to L0".
Text LoweredBy(const Restriction& order);

// The convenant holds at `now`: active, signed, within its dates (R1). Otherwise the text of the refusal.
bool ConvenantHolds(const Facts& facts, absl::Time now, Text& why);
// It merely lapsed: active and signed, and its last day less than thirty days ago. Alerts go on meanwhile,
// since help does not wait for a signature.
bool IsLapsed(const Facts& facts, absl::Time now);
// An L0 alert under a convenant that lapsed.
bool IsLapsedAlert(const SendRequest& request, const Facts& facts, absl::Time now);

// Part names for people: "het identiteitsdeel", "the identity part".
Text PartName(PartKind kind);

}  // namespace seinpost::policies

#endif  // SEINPOST_POLICIES_DECIDE_RULES_H_
