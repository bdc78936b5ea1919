// SPDX-License-Identifier: EUPL-1.2
// Decide: may this be sent, may this be read? A pure function of request, facts and time, the same code at
// client (dry run, recipient's check) and broker: no clock, no I/O, no locks. Deny beats allow, and a rule
// that cannot be evaluated denies. Rules and refusal codes: docs/formats/convenant.md, "Rules"; one function
// per rule in rules_*.cc.
#ifndef SEINPOST_POLICIES_DECIDE_DECIDE_H_
#define SEINPOST_POLICIES_DECIDE_DECIDE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "policies/decide/request.h"
#include "policies/document/convenant.h"
#include "policies/document/vocabulary.h"

namespace seinpost::policies {

// The place in the convenant that decided.
struct Clause {
  std::string path;
  std::string file;
  int line = 0;
  int column = 0;
};

// Who can judge by a rule.
enum class FactNeed {
  kPublic,       // whoever has the directory and some parts of the signal: more parts only add refusals
  kWholeSignal,  // whoever sees all its parts: the broker and the sender
  kBroker,       // the broker alone
};

struct Reason {
  RefusalCode code = RefusalCode::kNoConvenant;
  std::string rule;  // "R4"
  std::optional<size_t> part;
  std::optional<PartKind> part_kind;
  std::string recipient;  // "party/handle", or empty
  Clause clause;
  std::string sentence_nl, sentence_en;
  FactNeed needs = FactNeed::kPublic;
  bool decided_by_broker = false;  // needs == kBroker
};

// One answer per (part, recipient); indices into the request.
struct Verdict {
  size_t part = 0;
  size_t recipient = 0;
  bool allowed = false;
};

// Duties that come with an allowed request.
inline constexpr absl::string_view kDutyInform = "INFORM_PARENTS";              // informed: not yet
inline constexpr absl::string_view kDutyReach = "REACH_UNREACHED";              // devices stand in unreached
inline constexpr absl::string_view kDutyTellOrigin = "INFORM_ORIGINAL_SENDER";  // passed on (R14)
inline constexpr absl::string_view kDutyJustifyAlert = "JUSTIFY_ALERT";  // an alert named somebody (R24)
inline constexpr absl::string_view kDutyEmergencyCall =
    "ASK_EMERGENCY_CALL";                                             // alert without that question (R25)
inline constexpr absl::string_view kDutyLapsed = "CONVENANT_LAPSED";  // alert after the last day (R1)

// One structural difference to a request; the client renders it as flags.
struct Change {
  enum class Kind {
    kSetLevel,          // level
    kSetChannel,        // value
    kSetPurpose,        // value
    kSetInformed,       // informed
    kDropRecipient,     // member from parts of `part`; from the narrative: from every part but justifications
    kDropPart,          // every part of kind `part`
    kAddJustification,  // justify every recipient judged at L2; officers as recipients
    kExpandBroadcast,   // name the members of `part` one by one: `members`
    kAskOriginalSender,  // not a flag: `member`, who sent the original, may send this himself
    kNewCase,            // a case reference of its own
    kKeepIdentity,       // the identity goes to the approval groups; not offered while no client can seal to
                         // groups
    kAskEmergencyCall,   // state whether 112 was called
  };
  Kind kind;
  Level level = Level::kL0;
  std::string value;
  Informed informed = Informed::kNotStated;
  PartKind part = PartKind::kNarrative;
  MemberId member;
  std::vector<MemberId> members;
};

// A neighbouring request that is allowed.
struct Alternative {
  std::string text_nl, text_en;
  std::vector<Change> changes;
};

struct Decision {
  bool allowed = false;
  std::string convenant_id;
  uint32_t convenant_version = 0;
  std::vector<Verdict> verdicts;
  std::vector<Reason> reasons;  // empty if and only if allowed; in the order of the rule table
  std::vector<std::string> duties;
  std::vector<Alternative> instead;  // filled by Alternatives(), not by Decide

  // One paragraph for people: allowed, or every reason with code and file:line.
  std::string Sentence(Language language) const;
};

// May `request` be sent? A signal is refused whole: one denied recipient denies it.
[[nodiscard]] Decision DecideSend(const SendRequest& request, const Facts& facts, absl::Time now);

// May this part be read now (R19)? Facts::original is the signal. What one does with signals, cases, alerts
// and the log besides is decided in acts.h.
[[nodiscard]] Decision DecideOpen(const OpenRequest& request, const Facts& facts, absl::Time now);

// The members that `sender`'s justification parts must be readable for: the privacy officers, valid at `now`,
// of his own organisation (and whoever signs for it) and of the convenant's oversight parties, without those
// who take part themselves by another mandate (R29). Sorted; R10 refuses when they are fewer than two
// persons.
std::vector<MemberId> JustificationOfficers(const MemberId& sender, const Facts& facts, absl::Time now);

// The tie that justifies giving something named to `recipient`: the one that public facts show, or else an
// action or role in the case. nullopt: none, or he is not in the facts (R9).
std::optional<Tie> TieOf(const SendRequest& request, const MemberId& recipient, const Facts& facts,
                         absl::Time now);

// Who together can release an identity that `sender` keeps: the members of each approval group, by group.
// Empty where the convenant provides for none. R6 refuses groups of fewer than two persons or under one
// issuer.
std::vector<std::vector<MemberId>> ApproversOf(const MemberId& sender, const Facts& facts, absl::Time now);

// Whom "@channel" stands for at `level`: everyone in `facts` but `sender` whose party sits in the channel
// (guests too at L0), who has a mandate for it at `now` and reaches the level of a text there (R11: nobody is
// addressed who would be refused). Sorted.
std::vector<MemberId> ChannelMembers(absl::string_view instance, Level level, const MemberId& sender,
                                     const Facts& facts, absl::Time now);

// Mistakes of spelling, not refusals. kInvalidArgument: an unknown channel, purpose, category, or handle of a
// known party; the text names what exists. An unknown party is not an error here but NOT_A_PARTY in
// DecideSend. Facts::members must hold every member of the parties addressed.
absl::Status ValidateRequestNames(const SendRequest& request, const Facts& facts);

}  // namespace seinpost::policies

#endif  // SEINPOST_POLICIES_DECIDE_DECIDE_H_
