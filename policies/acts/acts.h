// SPDX-License-Identifier: EUPL-1.2
// What people do besides sending and reading a signal: direct cases, announce agendas, answer alerts, ask for
// a kept identity, be told of combinations, count, review, withdraw. Each decision is a pure function like
// DecideSend: no clock, no I/O, no locks; deny beats allow, and a fact that is missing denies. A refused act
// has no effect. Rules and codes: docs/formats/convenant.md, "Acts"; one function per rule in acts_*.cc.
#ifndef SEINPOST_POLICIES_ACTS_ACTS_H_
#define SEINPOST_POLICIES_ACTS_ACTS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "policies/decide/decide.h"
#include "policies/decide/request.h"
#include "policies/document/convenant.h"
#include "policies/document/vocabulary.h"

namespace seinpost::policies {

// Duties that come with an allowed act, besides those of decide.h.
inline constexpr absl::string_view kDutyEscalate = "ESCALATE_TO_MUNICIPALITY";  // passed on too often (S11)
inline constexpr absl::string_view kDutyFlagUrgent = "FLAG_URGENT";             // announced late (R17)

// Monday to Friday, whole days in UTC, holidays not known: how many begin after `from`'s day, up to and with
// `to`'s day. From a Monday to the next one: 5, at whatever hours. 0 when `to` lies before `from`.
int WorkingDaysBetween(absl::Time from, absl::Time to);

// ---- Cases (R15, R16)

enum class CaseAct { kOpen, kAskTransfer, kAcceptTransfer, kRecordOutcome, kClose };

// "open", "ask-transfer", "accept-transfer", "record-outcome", "close". kInvalidArgument names them.
absl::StatusOr<CaseAct> ParseCaseAct(absl::string_view text);

// A transfer falls back to the director unless it was accepted within so many working days.
inline constexpr int kTransferWorkingDays = 5;
// The third transfer within this time goes on, but the municipality hears of it.
inline constexpr absl::Duration kTransferMemory = absl::Hours(24 * 180);
inline constexpr size_t kTransfersUntilEscalation = 3;

// The state of a case, before the act. Only the broker knows it.
struct CaseFacts {
  struct Transfer {
    MemberId to;
    absl::Time asked;
  };
  std::optional<MemberId> director;  // absent: nobody opened it yet
  std::optional<Transfer> transfer;  // asked for and not accepted; may have fallen back by now
  std::vector<absl::Time> accepted;  // when earlier transfers were accepted
  size_t actions = 0;                // ever agreed on
  size_t open_actions = 0;           // of those, not done yet
  bool no_action = false;            // "no action, because" was recorded
  bool closed = false;
};

struct CaseRequest {
  struct Action {
    MemberId owner;
    std::optional<absl::Time> due;
  };
  CaseAct act = CaseAct::kOpen;
  MemberId actor;
  std::string channel;          // where the case is discussed: "case@school-a"
  MemberId target;              // kAskTransfer: who is to direct it
  std::vector<Action> actions;  // kRecordOutcome: what was agreed on, or ...
  bool no_action = false;       // ... that nothing is to be done, with the reason
};

// Whether a transfer waits for its target at `now`.
bool IsTransferPending(const CaseFacts& state, absl::Time now);

[[nodiscard]] Decision DecideCase(const CaseRequest& request, const CaseFacts& state, const Facts& facts,
                                  absl::Time now);

// ---- Agenda (R17)

struct AgendaRequest {
  MemberId announcer;
  std::string channel;
  absl::Time meeting;
  size_t cases = 0;     // items that are a case; the others are themes
  bool urgent = false;  // flagged as such
  bool reason = false;  // ... and why was said
};

[[nodiscard]] Decision DecideAgenda(const AgendaRequest& request, const Facts& facts, absl::Time now);

// ---- Alerts: what the called do (R24, R26). Raising one is DecideSend.

enum class AlertAct { kSeen, kAcknowledge, kOnSite, kStandDown };

// "seen", "acknowledge", "on-site", "stand-down". kInvalidArgument names them.
absl::StatusOr<AlertAct> ParseAlertAct(absl::string_view text);

struct AlertFacts {
  std::string channel;  // where it was raised: "alert@school-a"
  MemberId raiser;
  absl::Time raised;
  std::optional<absl::Time> acknowledged;  // the first time
  std::set<size_t> unreached;              // steps, from 0, nobody of which could be reached; never shrinks
  bool stood_down = false;
  bool names_somebody = false;          // carries an identity part
  std::optional<absl::Time> justified;  // when the justification for that arrived
};

struct AlertRequest {
  AlertAct act = AlertAct::kSeen;
  MemberId actor;
  bool outcome = false;  // kStandDown: how it ended was said
};

// How many steps of the chain were called at `now`: the first when the alert was raised, each next one as
// soon as `within` of the step before has passed, or at once if nobody of that step could be reached. An
// acknowledgement before that moment stops it. 0 before `raised`. Never falls as `now` grows.
size_t StartedSteps(const AlertChain& chain, absl::Time raised, std::optional<absl::Time> acknowledged,
                    absl::Time now, const std::set<size_t>& unreached = {});

// The steps, from 0, that `member` is called in with a mandate that holds at `now` in the alert's channel.
std::vector<size_t> StepsOf(const AlertChain& chain, absl::string_view channel, const MemberId& member,
                            const Facts& facts, absl::Time now);

[[nodiscard]] Decision DecideAlert(const AlertRequest& request, const AlertFacts& state, const Facts& facts,
                                   absl::Time now);

// The justification that the raiser of an alert still owes (R24).
struct JustificationDuty {
  absl::Time due;        // the last moment
  bool overdue = false;  // ... has passed: he sends nothing named until it is there
};
// Nothing: the alert names nobody, or it was justified.
std::optional<JustificationDuty> AlertDuty(const AlertChain& chain, const AlertFacts& state, absl::Time now);

// ---- Kept identities (R6, R10, R34)

// Asks for the identity that the signal in Facts::original keeps.
struct RevealRequest {
  MemberId requester;
  std::string purpose;
  absl::Time expires;      // of the request
  bool justified = false;  // a justification for approvers and officers goes with it
  Informed informed = Informed::kNotStated;
  std::string informed_code;  // with kNo
};

[[nodiscard]] Decision DecideReveal(const RevealRequest& request, const Facts& facts, absl::Time now);

// A reveal that was asked for and allowed.
struct RevealFacts {
  MemberId requester;
  absl::Time expires;
  std::map<std::string, MemberId> approved;  // by approval group
};

struct ApprovalRequest {
  MemberId approver;
};

// The approval groups that `member` stands in for what `sender` keeps.
std::vector<std::string> ApprovalGroupsOf(const MemberId& member, const MemberId& sender, const Facts& facts,
                                          absl::Time now);

// May he release his group's share? Facts::original is the signal. Whoever did may not review it (R29).
[[nodiscard]] Decision DecideApproval(const ApprovalRequest& request, const RevealFacts& reveal,
                                      const Facts& facts, absl::Time now);

// ---- Combinations (R20)

// The key that is a hint only: it never counts towards the threshold.
inline constexpr absl::string_view kSoundKey = "sound_dob";

// One signal whose tag of one key equals that of the others.
struct MatchSignal {
  absl::Time created;
  std::string kind;       // partner kind of its sender
  std::string key;        // "name_dob"
  std::string convenant;  // empty: this one
};

struct MatchRequest {
  MemberId reader;
  std::vector<MatchSignal> signals;  // each signal once per key
};

// Is `reader` told that these signals are about one person? Never what is in them. Equality holds per key:
// the threshold must be reached under a single one.
[[nodiscard]] Decision DecideMatch(const MatchRequest& request, const Facts& facts, absl::Time now);

// ---- Statistics (R30)

struct StatisticsRequest {
  Level level = Level::kL0;       // of the signals counted
  std::vector<uint64_t> cells;    // of a table
  bool is_trend = false;          // tells of a phenomenon instead
  std::set<std::string> schools;  // parties that show it
};

// A table with a small cell is refused as it stands; SuppressedCells is what may be told of it. The refusal
// says how many cells, or schools too few, and never which.
[[nodiscard]] Decision DecideStatistics(const StatisticsRequest& request, const Facts& facts);

// The cells with every one below the threshold left out. A total must not be told beside them: with one cell
// left out it would give it away.
std::vector<std::optional<uint64_t>> SuppressedCells(const Convenant& convenant,
                                                     const std::vector<uint64_t>& cells);

// ---- Review (R29)

enum class ReviewOf { kMetadata, kJustifications, kContent };

// "metadata", "justifications", "content". kInvalidArgument names them.
absl::StatusOr<ReviewOf> ParseReviewOf(absl::string_view text);

struct ReviewRequest {
  MemberId reader;
  ReviewOf what = ReviewOf::kMetadata;
  std::string organisation;  // whose; empty: the whole convenant
  std::string convenant;     // empty: this one
};

// What the broker knows of the reader.
struct ReviewFacts {
  bool administers = false;  // the broker, or an organisation's keys
  bool approved = false;     // the reveal that he reviews
};

[[nodiscard]] Decision DecideReview(const ReviewRequest& request, const ReviewFacts& state,
                                    const Facts& facts, absl::Time now);

// ---- Withdrawing and correcting (R33)

enum class WithdrawAct { kWithdraw, kCorrect };

// "withdraw", "correct". kInvalidArgument names them.
absl::StatusOr<WithdrawAct> ParseWithdrawAct(absl::string_view text);

// About the signal in Facts::original. The new text of a correction is judged by DecideSend besides.
struct WithdrawRequest {
  WithdrawAct act = WithdrawAct::kWithdraw;
  MemberId actor;
  std::string channel;  // kCorrect: of the new text
  Level level = Level::kL0;
};

[[nodiscard]] Decision DecideWithdraw(const WithdrawRequest& request, const Facts& facts, absl::Time now);

}  // namespace seinpost::policies

#endif  // SEINPOST_POLICIES_ACTS_ACTS_H_
