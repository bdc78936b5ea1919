// SPDX-License-Identifier: EUPL-1.2
#include "policies/document/vocabulary.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "policies/document/quote.h"

namespace seinpost::policies {
namespace {

template <typename E>
struct Word {
  E value;
  absl::string_view text;
};

constexpr Word<Level> kLevels[] = {{Level::kL0, "L0"}, {Level::kL1, "L1"}, {Level::kL2, "L2"}};

constexpr Word<PartKind> kPartKinds[] = {
    {PartKind::kNarrative, "narrative"},
    {PartKind::kIdentity, "identity"},
    {PartKind::kCare, "care"},
    {PartKind::kSource, "source"},
    {PartKind::kJustification, "justification"},
    {PartKind::kAttachment, "attachment"},
};

constexpr Word<ConvenantKind> kConvenantKinds[] = {
    {ConvenantKind::kNetwork, "NETWORK"},
    {ConvenantKind::kWorkingAgreement, "WORKING_AGREEMENT"},
    {ConvenantKind::kConvenant, "CONVENANT"},
};

constexpr Word<CategoryKind> kCategoryKinds[] = {
    {CategoryKind::kNeutral, "neutral"},
    {CategoryKind::kCare, "care"},
    {CategoryKind::kCriminal, "criminal"},
};

constexpr Word<KeptIdentity> kKeptIdentities[] = {
    {KeptIdentity::kForbidden, "forbidden"},
    {KeptIdentity::kAllowed, "allowed"},
    {KeptIdentity::kRequired, "required"},
};

constexpr Word<SignalKind> kSignalKinds[] = {
    {SignalKind::kSignal, "signal"},
    {SignalKind::kContributed, "contributed"},
    {SignalKind::kAlert, "alert"},
};

constexpr Word<Tie> kTies[] = {
    {Tie::kSchool, "school"},         {Tie::kWard, "ward"}, {Tie::kAction, "action"}, {Tie::kCase, "case"},
    {Tie::kCompetence, "competence"},
};

constexpr Word<Informed> kInformed[] = {
    {Informed::kNotStated, "not-stated"},
    {Informed::kYes, "yes"},
    {Informed::kNo, "no"},
    {Informed::kNotYet, "not-yet"},
};

constexpr Word<RefusalCode> kRefusalCodes[] = {
    {RefusalCode::kNoConvenant, "NO_CONVENANT"},
    {RefusalCode::kLevelExceeded, "LEVEL_EXCEEDED"},
    {RefusalCode::kNotAParty, "NOT_A_PARTY"},
    {RefusalCode::kNoMandate, "NO_MANDATE"},
    {RefusalCode::kSubjectAtThematic, "SUBJECT_AT_THEMATIC"},
    {RefusalCode::kIdentifierInPseudonymous, "IDENTIFIER_IN_PSEUDONYMOUS"},
    {RefusalCode::kIdentityKeysetMismatch, "IDENTITY_KEYSET_MISMATCH"},
    {RefusalCode::kBroadcastNamed, "BROADCAST_NAMED"},
    {RefusalCode::kNoInvolvement, "NO_INVOLVEMENT"},
    {RefusalCode::kTooManyRecipients, "TOO_MANY_RECIPIENTS"},
    {RefusalCode::kNoJustification, "NO_JUSTIFICATION"},
    {RefusalCode::kPurposeNotAllowed, "PURPOSE_NOT_ALLOWED"},
    {RefusalCode::kPartNotAllowed, "PART_NOT_ALLOWED"},
    {RefusalCode::kGuestLevel, "GUEST_LEVEL"},
    {RefusalCode::kNoBridge, "NO_BRIDGE"},
    {RefusalCode::kBridgeScope, "BRIDGE_SCOPE"},
    {RefusalCode::kOnwardForbidden, "ONWARD_FORBIDDEN"},
    {RefusalCode::kNoDirector, "NO_DIRECTOR"},
    {RefusalCode::kTransferPending, "TRANSFER_PENDING"},
    {RefusalCode::kNoOutcome, "NO_OUTCOME"},
    {RefusalCode::kAgendaLate, "AGENDA_LATE"},
    {RefusalCode::kKeysetMismatch, "KEYSET_MISMATCH"},
    {RefusalCode::kExpired, "EXPIRED"},
    {RefusalCode::kWithdrawn, "WITHDRAWN"},
    {RefusalCode::kMatchNotAllowed, "MATCH_NOT_ALLOWED"},
    {RefusalCode::kSourceProtected, "SOURCE_PROTECTED"},
    {RefusalCode::kCategoryNotAllowed, "CATEGORY_NOT_ALLOWED"},
    {RefusalCode::kScopeMismatch, "SCOPE_MISMATCH"},
    {RefusalCode::kAlertJustificationDue, "ALERT_JUSTIFICATION_DUE"},
    {RefusalCode::kAuditScope, "AUDIT_SCOPE"},
    {RefusalCode::kRoleConflict, "ROLE_CONFLICT"},
    {RefusalCode::kSmallCell, "SMALL_CELL"},
    {RefusalCode::kVersionStale, "VERSION_STALE"},
    {RefusalCode::kInformedMissing, "INFORMED_MISSING"},
    {RefusalCode::kEmergencyCallMissing, "EMERGENCY_CALL_MISSING"},
};

template <typename E, size_t N>
absl::string_view Print(const Word<E> (&words)[N], E value) {
  for (const Word<E>& word : words) {
    if (word.value == value) return word.text;
  }
  return "?";
}

template <typename E, size_t N>
absl::StatusOr<E> Read(const Word<E> (&words)[N], absl::string_view what, absl::string_view text) {
  std::string known;
  for (const Word<E>& word : words) {
    if (word.text == text) return word.value;
    absl::StrAppend(&known, known.empty() ? "" : ", ", word.text);
  }
  return absl::InvalidArgumentError(absl::StrCat(Quote(text), " is not a ", what, "; there are: ", known));
}

}  // namespace

absl::string_view ToString(Level level) { return Print(kLevels, level); }
absl::string_view ToString(PartKind kind) { return Print(kPartKinds, kind); }
absl::string_view ToString(ConvenantKind kind) { return Print(kConvenantKinds, kind); }
absl::string_view ToString(CategoryKind kind) { return Print(kCategoryKinds, kind); }
absl::string_view ToString(KeptIdentity kept) { return Print(kKeptIdentities, kept); }
absl::string_view ToString(SignalKind kind) { return Print(kSignalKinds, kind); }
absl::string_view ToString(Tie tie) { return Print(kTies, tie); }
absl::string_view ToString(Informed informed) { return Print(kInformed, informed); }
absl::string_view ToString(RefusalCode code) { return Print(kRefusalCodes, code); }

absl::StatusOr<Level> ParseLevel(absl::string_view text) { return Read(kLevels, "level", text); }
absl::StatusOr<PartKind> ParsePartKind(absl::string_view text) {
  return Read(kPartKinds, "kind of part", text);
}
absl::StatusOr<ConvenantKind> ParseConvenantKind(absl::string_view text) {
  return Read(kConvenantKinds, "kind of convenant", text);
}
absl::StatusOr<CategoryKind> ParseCategoryKind(absl::string_view text) {
  return Read(kCategoryKinds, "kind of category", text);
}
absl::StatusOr<KeptIdentity> ParseKeptIdentity(absl::string_view text) {
  return Read(kKeptIdentities, "setting of kept_identity", text);
}
absl::StatusOr<SignalKind> ParseSignalKind(absl::string_view text) {
  return Read(kSignalKinds, "kind of signal", text);
}
absl::StatusOr<Tie> ParseTie(absl::string_view text) { return Read(kTies, "tie", text); }
absl::StatusOr<RefusalCode> ParseRefusalCode(absl::string_view text) {
  return Read(kRefusalCodes, "refusal code", text);
}

absl::Span<const RefusalCode> AllRefusalCodes() {
  static constexpr auto kCodes = [] {
    std::array<RefusalCode, std::size(kRefusalCodes)> codes{};
    for (size_t i = 0; i < codes.size(); ++i) codes[i] = kRefusalCodes[i].value;
    return codes;
  }();
  return kCodes;
}

Level LevelCap(ConvenantKind kind) {
  switch (kind) {
    case ConvenantKind::kNetwork:
      return Level::kL0;
    case ConvenantKind::kWorkingAgreement:
      return Level::kL1;
    case ConvenantKind::kConvenant:
      return Level::kL2;
  }
  return Level::kL0;
}

Level PartLevel(PartKind kind, Level signal_level, SignalKind signal) {
  if (kind != PartKind::kNarrative) return Level::kL2;
  return signal == SignalKind::kAlert ? Level::kL0 : std::min(signal_level, Level::kL1);
}

}  // namespace seinpost::policies
