// SPDX-License-Identifier: EUPL-1.2
// The fixed words of a convenant: what the code knows by name. Partner kinds, functions, channels, purposes,
// categories and scopes are words of each convenant file and stay strings. Values are stored and sent, and
// cannot be changed. Source: docs/formats/convenant.md.
#ifndef SEINPOST_POLICIES_DOCUMENT_VOCABULARY_H_
#define SEINPOST_POLICIES_DOCUMENT_VOCABULARY_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace seinpost::policies {

// What people are told is told in one of two languages.
enum class Language { kDutch, kEnglish };

// How close a signal comes to a person, strictly ordered.
enum class Level : uint8_t {
  kL0 = 0,  // thematic: no person, no case reference
  kL1 = 1,  // pseudonymous: a case under a meaningless reference
  kL2 = 2,  // named
};

enum class PartKind : uint8_t {
  kNarrative = 1,
  kIdentity = 2,
  kCare = 3,
  kSource = 4,
  kJustification = 5,
  kAttachment = 6,
};

// The kind of agreement caps the level of everything under it (R1): L0, L1, L2.
enum class ConvenantKind : uint8_t { kNetwork = 1, kWorkingAgreement = 2, kConvenant = 3 };

// What a signal is. A contribution is made by the chair out of what a school that stays hidden told him (R5);
// an alert is Code Oranje (R24 to R26).
enum class SignalKind : uint8_t { kSignal = 1, kContributed = 2, kAlert = 3 };

// Why a recipient of something named has to do with it (R9), as the sender claims it.
enum class Tie : uint8_t { kSchool = 1, kWard = 2, kAction = 3, kCase = 4, kCompetence = 5 };

enum class CategoryKind : uint8_t { kNeutral = 1, kCare = 2, kCriminal = 3 };

enum class KeptIdentity : uint8_t { kForbidden = 1, kAllowed = 2, kRequired = 3 };

// Whether parents or pupil were informed of an L2 signal (R34).
enum class Informed : uint8_t { kNotStated = 0, kYes = 1, kNo = 2, kNotYet = 3 };

enum class RefusalCode : uint8_t {
  kNoConvenant = 1,
  kLevelExceeded = 2,
  kNotAParty = 3,
  kNoMandate = 4,
  kSubjectAtThematic = 5,
  kIdentifierInPseudonymous = 6,
  kIdentityKeysetMismatch = 7,
  kBroadcastNamed = 8,
  kNoInvolvement = 9,
  kTooManyRecipients = 10,
  kNoJustification = 11,
  kPurposeNotAllowed = 12,
  kPartNotAllowed = 13,
  kGuestLevel = 14,
  kNoBridge = 15,
  kBridgeScope = 16,
  kOnwardForbidden = 17,
  kNoDirector = 18,
  kTransferPending = 19,
  kNoOutcome = 20,
  kAgendaLate = 21,
  kKeysetMismatch = 22,
  kExpired = 23,
  kWithdrawn = 24,
  kMatchNotAllowed = 25,
  kSourceProtected = 26,
  kCategoryNotAllowed = 27,
  kScopeMismatch = 28,
  kAlertJustificationDue = 29,
  kAuditScope = 30,
  kRoleConflict = 31,
  kSmallCell = 32,
  kVersionStale = 33,
  kInformedMissing = 34,
  kEmergencyCallMissing = 35,
};

// The function every organisation may grant without the convenant declaring it: it reads justifications and
// audit metadata, and gives no right to any signal (R29).
inline constexpr absl::string_view kPrivacyOfficer = "privacy_officer";
// The partner kind whose content is never passed on (R14) and that never holds a source (R21).
inline constexpr absl::string_view kPolice = "police";
// ... and the other kind to which an alert may name somebody (R24).
inline constexpr absl::string_view kEnforcement = "enforcement";

// "L0", "narrative", "WORKING_AGREEMENT", "neutral", "forbidden", "not-yet", "LEVEL_EXCEEDED"; valid for
// ever.
absl::string_view ToString(Level level);
absl::string_view ToString(PartKind kind);
absl::string_view ToString(ConvenantKind kind);
absl::string_view ToString(CategoryKind kind);
absl::string_view ToString(KeptIdentity kept);
absl::string_view ToString(SignalKind kind);
absl::string_view ToString(Tie tie);
absl::string_view ToString(Informed informed);
absl::string_view ToString(RefusalCode code);

// The exact words of ToString, nothing else. kInvalidArgument names the words there are.
absl::StatusOr<Level> ParseLevel(absl::string_view text);
absl::StatusOr<PartKind> ParsePartKind(absl::string_view text);
absl::StatusOr<ConvenantKind> ParseConvenantKind(absl::string_view text);
absl::StatusOr<CategoryKind> ParseCategoryKind(absl::string_view text);
absl::StatusOr<KeptIdentity> ParseKeptIdentity(absl::string_view text);
absl::StatusOr<SignalKind> ParseSignalKind(absl::string_view text);
absl::StatusOr<Tie> ParseTie(absl::string_view text);
absl::StatusOr<RefusalCode> ParseRefusalCode(absl::string_view text);

// Every refusal code, in the order of its number.
absl::Span<const RefusalCode> AllRefusalCodes();

// The highest level an agreement of this kind can carry (R1).
Level LevelCap(ConvenantKind kind);

// The level a part is judged at: identity, care and attachment at L2; a narrative at L1 (L0 in an L0 signal
// and in an alert). Source and justification parts are judged by R21 and R10 alone; for retention they count
// as L2.
Level PartLevel(PartKind kind, Level signal_level, SignalKind signal = SignalKind::kSignal);

}  // namespace seinpost::policies

#endif  // SEINPOST_POLICIES_DOCUMENT_VOCABULARY_H_
