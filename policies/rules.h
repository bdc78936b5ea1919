// SPDX-License-Identifier: EUPL-1.2
// The rule table and what every rule gets to see. One small function per rule of docs/formats/convenant.md;
// each only ever refuses, so a rule that says nothing about a request leaves the others to decide. Internal
// to policies/.
#ifndef SEINPOST_POLICIES_RULES_H_
#define SEINPOST_POLICIES_RULES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "policies/convenant.h"
#include "policies/decide.h"
#include "policies/request.h"

namespace seinpost::policies {

// One recipient of one part, with what is known of him. Null where the facts say nothing.
struct RecipientCase {
  size_t part = 0;
  size_t index = 0;
  const MemberId* id = nullptr;
  const Party* party = nullptr;        // null: no party of this convenant
  const MemberFacts* facts = nullptr;  // null: unknown member
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
  std::vector<RecipientCase> recipients;  // by part, then as listed

  const PartRequest& PartOf(const RecipientCase& recipient) const { return request.parts[recipient.part]; }
  // Whether the text is among the parts seen: a request without one is refused as such (R11).
  bool HasText() const;
  // The recipients a rule judges: of a known party, neither the sender himself nor settled, and of no
  // justification part.
  bool IsJudged(const RecipientCase& recipient) const;
  // Those whose part is judged at L2: identity, care and attachment parts, kept identities aside.
  bool IsNamed(const RecipientCase& recipient) const;
};

// An open request with its names resolved once. Borrows request and facts.
struct OpenCase {
  OpenCase(const OpenRequest& request, const Facts& facts, absl::Time now);

  const OpenRequest& request;
  const Facts& facts;
  const Convenant& convenant;
  const absl::Time now;
  const OriginalFacts* original = nullptr;    // null: rules deny
  const OriginalFacts::Part* part = nullptr;  // null: no such part
  const Channel* channel = nullptr;
  absl::string_view scope;
  const Party* reader_party = nullptr;
  const MemberFacts* reader = nullptr;
  bool is_sender = false;
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

// rules_convenant.cc: R1, R2, R3, R12, R13, R31
void JudgeConvenant(SendCase& send, Refusals& refusals);
void JudgeVersion(SendCase& send, Refusals& refusals);
void JudgeNames(SendCase& send, Refusals& refusals);
void JudgeParties(SendCase& send, Refusals& refusals);
void JudgeBridge(SendCase& send, Refusals& refusals);
void JudgeChannelMembers(SendCase& send, Refusals& refusals);
void JudgeGuests(SendCase& send, Refusals& refusals);
void JudgeMandates(SendCase& send, Refusals& refusals);
// rules_scope.cc: R23
void JudgeCaseScope(SendCase& send, Refusals& refusals);
// rules_level.cc: R4, R5, R6, R7, R20, R31
void JudgeLevels(SendCase& send, Refusals& refusals);
void JudgeRestrictions(SendCase& send, Refusals& refusals);
void JudgeThematic(SendCase& send, Refusals& refusals);
void JudgePseudonymous(SendCase& send, Refusals& refusals);
void JudgeMatching(SendCase& send, Refusals& refusals);
void JudgeIdentityRecipients(SendCase& send, Refusals& refusals);
void JudgeNamedText(SendCase& send, Refusals& refusals);
// rules_parts.cc: R8, R9, R11, R21
void JudgeBroadcast(SendCase& send, Refusals& refusals);
void JudgeCount(SendCase& send, Refusals& refusals);
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
// rules_open.cc: R1, R3, R4, R19, R21, R31, R10 at reading time
void JudgeOpenConvenant(const OpenCase& open, Refusals& refusals);
void JudgeOpenRecipient(const OpenCase& open, Refusals& refusals);
void JudgeOpenState(const OpenCase& open, Refusals& refusals);
void JudgeOpenPurpose(const OpenCase& open, Refusals& refusals);
void JudgeOpenMandate(const OpenCase& open, Refusals& refusals);
void JudgeOpenRestrictions(const OpenCase& open, Refusals& refusals);
void JudgeOpenSource(const OpenCase& open, Refusals& refusals);
void JudgeOpenJustification(const OpenCase& open, Refusals& refusals);

// Whether the mandate holds now, for this place, for a function the convenant declares (R3).
bool IsValidMandate(const MandateFacts& mandate, const KindLevels& levels, const Channel& channel,
                    absl::string_view scope, absl::Time now);
// Whether a valid privacy_officer mandate holds now.
bool IsOfficer(const MemberFacts& member, absl::Time now);

// The highest level a member of `party` reaches in `channel` now, and the clause that stops him there (R4).
// No valid mandate: nothing, told by R3.
struct Reach {
  bool mandated = false;
  Level level = Level::kL0;
  const Position* clause = nullptr;  // set when mandated; lives as long as the convenant
};
Reach ReachOf(const Convenant& convenant, const Party& party, const MemberFacts& member,
              const Channel& channel, absl::string_view scope, absl::Time now);

// The order that keeps this channel or party lowest, nullptr if none does (R31).
const Restriction* RestrictionOfChannel(const Facts& facts, const Channel& channel);
const Restriction* RestrictionOfParty(const Facts& facts, const Party& party);
// "restriction order 3 lowered politie to L0".
Text LoweredBy(const Restriction& order);

// The convenant holds at `now`: active, signed, within its dates (R1). Otherwise the text of the refusal.
bool ConvenantHolds(const Facts& facts, absl::Time now, Text& why);

// Part names for people: "het identiteitsdeel", "the identity part".
Text PartName(PartKind kind);

}  // namespace seinpost::policies

#endif  // SEINPOST_POLICIES_RULES_H_
