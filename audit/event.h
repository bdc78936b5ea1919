// SPDX-License-Identifier: EUPL-1.2
// Event is what the audit log tells about one attempt: a list of fields, each with a tag. It holds no content
// and no pupil's identity (R28). Tags, types and encodings are stored and proved, so none may change once
// used: docs/formats/audit_log.md.
//
// Plain values; a const Event may be read from any thread.
#ifndef SEINPOST_AUDIT_EVENT_H_
#define SEINPOST_AUDIT_EVENT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "util/bytes.h"

namespace seinpost::audit {

enum class EventType : uint16_t {
  kSubmit = 1,
  kDecisionAllow = 2,
  kDecisionDeny = 3,
  kDeliver = 4,
  kRead = 5,
  kKeyReleased = 6,
  kAlertRaised = 7,
  kAlertAcked = 8,
  kAlertEscalated = 9,
  kAlertStoodDown = 10,
  kActionCreated = 11,
  kActionUpdated = 12,
  kActionOverdue = 13,
  kCaseOpened = 14,
  kCaseTransferRequested = 15,
  kCaseTransferred = 16,
  kCaseClosed = 17,
  kReportSent = 18,
  kReportReceived = 19,
  kMatchNotice = 20,
  kMandateGranted = 21,
  kMandateEnded = 22,
  kConvenantActivated = 23,
  kBridgeActivated = 24,
  kWithdrawn = 25,
  kExpired = 26,
  kBreachReported = 27,
  kAuditQuery = 28,
  kDirectory = 29,  // an object of the directory, told as an event beside its directory leaf
  kRedacted = 30,   // a field of an earlier event was redacted
  kErased = 31,     // the key of a month's openings is destroyed: erasure.h
};
// "SUBMIT", ...; "EVENT_<n>" for a number this version does not know.
std::string EventTypeName(EventType type);
// Of known names only.
std::optional<EventType> EventTypeFromName(absl::string_view name);

// How a value is encoded: docs/formats/audit_log.md.
enum class ValueKind : uint8_t {
  kNumber,      // u64be
  kText,        // UTF-8 or ASCII text, at most kMaxTextBytes
  kBinary,      // opaque bytes, at most kMaxTextBytes
  kTexts,       // list of texts
  kRecipients,  // list of RecipientVerdict
};

enum class Tag : uint16_t {
  kTime = 1,       // number: unix seconds
  kEventType = 2,  // number: EventType
  kAction = 3,     // text: NEN 7513 action, one of C R U D E
  kOutcome = 4,  // number: NEN 7513 outcome: 0 success, 4 minor failure, 8 serious failure, 12 major failure

  kConvenant = 10,         // text: convenant id
  kConvenantVersion = 11,  // number
  kChannel = 12,           // text

  kActorOrganisation = 20,  // text: party id
  kActorFunction = 21,      // text
  kActorMember = 22,        // binary: member_ref
  kActorDevice = 23,        // binary: device_id
  kOnBehalfOf = 24,         // binary: NEN 7513 responsible person, a member_ref

  kObject = 30,      // binary: signal_id, or the id of what the event is about
  kObjectType = 31,  // text: NEN 7513 object type: "signal", "case", "directory", ...
  kCaseRef = 32,     // binary: the case reference: NEN 7513 says which record; never a person's number
  kPart = 33,        // number: index of the part
  kLevel = 34,       // text: "L0", "L1", "L2"
  kCategory = 35,    // text
  kInformed = 36,    // text: R34, as the sender stated it

  kRecipients = 40,  // recipients
  kPurpose = 41,     // text: purpose code
  kRules = 42,       // texts: codes of the rules that decided, "ALLOW" aside
  kClause = 43,      // text: "path:line" of the convenant's clause

  kRequestHash = 50,  // binary, 32 bytes: SHA-256 of the signed request; for SUBMIT of the header
  kPrevious = 51,     // binary, 32 bytes: leaf hash of the event that this one goes on from

  kTraceId = 60,             // binary, 16 bytes: Logboek Dataverwerkingen
  kSpanId = 61,              // binary, 8 bytes
  kProcessingActivity = 62,  // text: id in the register of processing activities

  kSource = 70,       // text: NEN 7513 audit source: the service that wrote the event
  kAccessPoint = 71,  // text: NEN 7513 network access point kind, never an address of a person

  kRetentionClass = 80,  // text: of the openings that are erased
  kMonth = 81,           // number: year * 100 + month, in UTC, of the openings that are erased
  kFirst = 82,           // number: index of the first of them
  kLast = 83,            // number: of the last of them; between them may lie others
  kCount = 84,           // number: how many there are
};
// "time", "event", "actor_organisation", ...: the name in JSON; "field_<n>" for an unknown tag.
std::string TagName(Tag tag);
std::optional<Tag> TagFromName(absl::string_view name);
// Nothing for a tag this version does not know: its value is kept and proved, but not read.
std::optional<ValueKind> KindOf(Tag tag);

inline constexpr size_t kMaxFields = 64;
inline constexpr size_t kMaxTextBytes = 1024;
inline constexpr size_t kMaxTexts = 64;
inline constexpr size_t kMaxRecipients = 6400;       // 16 parts of 400 devices
inline constexpr size_t kMaxValueBytes = 1 << 20;    // one field
inline constexpr size_t kMaxOpeningBytes = 2 << 20;  // a whole encoded opening

// One decided recipient of one part.
struct RecipientVerdict {
  Bytes member_ref;
  uint8_t part = 0;
  bool allowed = false;
  std::string code;  // rule code; empty when allowed
  bool operator==(const RecipientVerdict&) const = default;
};

struct Field {
  Tag tag;
  Bytes value;  // encoded
  bool operator==(const Field&) const = default;
};

// Setters replace. Getters return nothing for a field that is absent, or set with another kind of value.
class Event {
 public:
  // Checks order (tags strictly ascending), sizes, and that known tags hold values of their kind.
  // kInvalidArgument names the tag.
  static absl::StatusOr<Event> FromFields(std::vector<Field> fields);
  // The same checks on what the setters were given: CommitEvent() (audit/commitment.h) makes them.
  absl::Status Check() const;

  Event& SetNumber(Tag tag, uint64_t value);
  Event& SetText(Tag tag, absl::string_view value);  // kText and kBinary
  Event& SetTexts(Tag tag, const std::vector<std::string>& values);
  Event& SetRecipients(const std::vector<RecipientVerdict>& recipients);
  Event& SetType(EventType type) { return SetNumber(Tag::kEventType, static_cast<uint64_t>(type)); }
  Event& SetTime(absl::Time time);  // whole seconds; before 1970 becomes 1970

  std::optional<uint64_t> Number(Tag tag) const;
  std::optional<Bytes> Text(Tag tag) const;
  std::optional<std::vector<std::string>> Texts(Tag tag) const;
  std::optional<std::vector<RecipientVerdict>> Recipients() const;
  std::optional<EventType> Type() const;
  std::optional<absl::Time> Time() const;

  // Sorted by tag.
  const std::vector<Field>& fields() const { return fields_; }
  const Bytes* Find(Tag tag) const;
  bool operator==(const Event&) const = default;

 private:
  Event& Set(Tag tag, Bytes value);
  std::vector<Field> fields_;
};

}  // namespace seinpost::audit

#endif  // SEINPOST_AUDIT_EVENT_H_
