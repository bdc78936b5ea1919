// SPDX-License-Identifier: EUPL-1.2
#include "audit/event.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "audit/reader.h"
#include "util/status_macros.h"

namespace seinpost::audit {
namespace {

struct TypeRow {
  EventType type;
  absl::string_view name;
};
constexpr TypeRow kTypes[] = {
    {EventType::kSubmit, "SUBMIT"},
    {EventType::kDecisionAllow, "DECISION_ALLOW"},
    {EventType::kDecisionDeny, "DECISION_DENY"},
    {EventType::kDeliver, "DELIVER"},
    {EventType::kRead, "READ"},
    {EventType::kKeyReleased, "KEY_RELEASED"},
    {EventType::kAlertRaised, "ALERT_RAISED"},
    {EventType::kAlertAcked, "ALERT_ACKED"},
    {EventType::kAlertEscalated, "ALERT_ESCALATED"},
    {EventType::kAlertStoodDown, "ALERT_STOOD_DOWN"},
    {EventType::kActionCreated, "ACTION_CREATED"},
    {EventType::kActionUpdated, "ACTION_UPDATED"},
    {EventType::kActionOverdue, "ACTION_OVERDUE"},
    {EventType::kCaseOpened, "CASE_OPENED"},
    {EventType::kCaseTransferRequested, "CASE_TRANSFER_REQUESTED"},
    {EventType::kCaseTransferred, "CASE_TRANSFERRED"},
    {EventType::kCaseClosed, "CASE_CLOSED"},
    {EventType::kReportSent, "REPORT_SENT"},
    {EventType::kReportReceived, "REPORT_RECEIVED"},
    {EventType::kMatchNotice, "MATCH_NOTICE"},
    {EventType::kMandateGranted, "MANDATE_GRANTED"},
    {EventType::kMandateEnded, "MANDATE_ENDED"},
    {EventType::kConvenantActivated, "CONVENANT_ACTIVATED"},
    {EventType::kBridgeActivated, "BRIDGE_ACTIVATED"},
    {EventType::kWithdrawn, "WITHDRAWN"},
    {EventType::kExpired, "EXPIRED"},
    {EventType::kBreachReported, "BREACH_REPORTED"},
    {EventType::kAuditQuery, "AUDIT_QUERY"},
    {EventType::kDirectory, "DIRECTORY"},
    {EventType::kRedacted, "REDACTED"},
    {EventType::kErased, "ERASED"},
};

struct TagRow {
  Tag tag;
  ValueKind kind;
  absl::string_view name;
  size_t size_bytes = 0;  // exact size; 0: any
};
constexpr TagRow kTags[] = {
    {Tag::kTime, ValueKind::kNumber, "time"},
    {Tag::kEventType, ValueKind::kNumber, "event"},
    {Tag::kAction, ValueKind::kText, "action"},
    {Tag::kOutcome, ValueKind::kNumber, "outcome"},
    {Tag::kConvenant, ValueKind::kText, "convenant"},
    {Tag::kConvenantVersion, ValueKind::kNumber, "convenant_version"},
    {Tag::kChannel, ValueKind::kText, "channel"},
    {Tag::kActorOrganisation, ValueKind::kText, "actor_organisation"},
    {Tag::kActorFunction, ValueKind::kText, "actor_function"},
    {Tag::kActorMember, ValueKind::kBinary, "actor_member"},
    {Tag::kActorDevice, ValueKind::kBinary, "actor_device"},
    {Tag::kOnBehalfOf, ValueKind::kBinary, "on_behalf_of"},
    {Tag::kObject, ValueKind::kBinary, "object"},
    {Tag::kObjectType, ValueKind::kText, "object_type"},
    {Tag::kCaseRef, ValueKind::kBinary, "case_ref"},
    {Tag::kPart, ValueKind::kNumber, "part"},
    {Tag::kLevel, ValueKind::kText, "level"},
    {Tag::kCategory, ValueKind::kText, "category"},
    {Tag::kInformed, ValueKind::kText, "informed"},
    {Tag::kRecipients, ValueKind::kRecipients, "recipients"},
    {Tag::kPurpose, ValueKind::kText, "purpose"},
    {Tag::kRules, ValueKind::kTexts, "rules"},
    {Tag::kClause, ValueKind::kText, "clause"},
    {Tag::kRequestHash, ValueKind::kBinary, "request_hash", 32},
    {Tag::kPrevious, ValueKind::kBinary, "previous", 32},
    {Tag::kTraceId, ValueKind::kBinary, "trace_id", 16},
    {Tag::kSpanId, ValueKind::kBinary, "span_id", 8},
    {Tag::kProcessingActivity, ValueKind::kText, "processing_activity"},
    {Tag::kSource, ValueKind::kText, "source"},
    {Tag::kAccessPoint, ValueKind::kText, "access_point"},
    {Tag::kRetentionClass, ValueKind::kText, "retention_class"},
    {Tag::kMonth, ValueKind::kNumber, "month"},
    {Tag::kFirst, ValueKind::kNumber, "first"},
    {Tag::kLast, ValueKind::kNumber, "last"},
    {Tag::kCount, ValueKind::kNumber, "count"},
};

constexpr size_t kUsualFields = 24;

// The last second of the year 9999: a larger time is no time.

const TagRow* RowOf(Tag tag) {
  for (const TagRow& row : kTags) {
    if (row.tag == tag) return &row;
  }
  return nullptr;
}

absl::Status BadField(Tag tag, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("event field ", TagName(tag), ": ", what));
}

std::optional<std::vector<std::string>> DecodeTexts(ByteView value) {
  Reader reader(value);
  const uint64_t count = reader.Number(2);
  if (count > kMaxTexts) return std::nullopt;
  std::vector<std::string> texts;
  for (uint64_t i = 0; i < count && !reader.failed(); ++i) texts.emplace_back(reader.Lp(kMaxTextBytes));
  if (!reader.Finish("texts").ok()) return std::nullopt;
  return texts;
}

std::optional<std::vector<RecipientVerdict>> DecodeRecipients(ByteView value) {
  Reader reader(value);
  const uint64_t count = reader.Number(2);
  if (count > kMaxRecipients) return std::nullopt;
  std::vector<RecipientVerdict> recipients;
  for (uint64_t i = 0; i < count && !reader.failed(); ++i) {
    RecipientVerdict recipient;
    recipient.member_ref = Bytes(reader.Lp(kMaxTextBytes));
    recipient.part = static_cast<uint8_t>(reader.Number(1));
    const uint64_t allowed = reader.Number(1);
    if (allowed > 1) return std::nullopt;
    recipient.allowed = allowed == 1;
    recipient.code = std::string(reader.Lp(kMaxTextBytes));
    recipients.push_back(std::move(recipient));
  }
  if (!reader.Finish("recipients").ok()) return std::nullopt;
  return recipients;
}

absl::Status CheckField(const Field& field) {
  if (field.value.size() > kMaxValueBytes) return BadField(field.tag, "too large");
  const TagRow* row = RowOf(field.tag);
  if (row == nullptr) return absl::OkStatus();
  switch (row->kind) {
    case ValueKind::kNumber:
      if (field.value.size() != 8) return BadField(field.tag, "not a number");
      if (field.tag == Tag::kTime && Reader(field.value).Number(8) > kMaxUnixSeconds) {
        return BadField(field.tag, "not a time");
      }
      return absl::OkStatus();
    case ValueKind::kText:
    case ValueKind::kBinary:
      if (field.value.size() > kMaxTextBytes) return BadField(field.tag, "too large");
      if (row->size_bytes != 0 && field.value.size() != row->size_bytes)
        return BadField(field.tag, "wrong size");
      return absl::OkStatus();
    case ValueKind::kTexts:
      return DecodeTexts(field.value) ? absl::OkStatus() : BadField(field.tag, "not a list of texts");
    case ValueKind::kRecipients:
      return DecodeRecipients(field.value) ? absl::OkStatus()
                                           : BadField(field.tag, "not a list of recipients");
  }
  return BadField(field.tag, "unknown kind");
}

}  // namespace

std::string EventTypeName(EventType type) {
  for (const TypeRow& row : kTypes) {
    if (row.type == type) return std::string(row.name);
  }
  return absl::StrCat("EVENT_", static_cast<uint16_t>(type));
}

std::optional<EventType> EventTypeFromName(absl::string_view name) {
  for (const TypeRow& row : kTypes) {
    if (row.name == name) return row.type;
  }
  return std::nullopt;
}

std::string TagName(Tag tag) {
  const TagRow* row = RowOf(tag);
  return row != nullptr ? std::string(row->name) : absl::StrCat("field_", static_cast<uint16_t>(tag));
}

std::optional<Tag> TagFromName(absl::string_view name) {
  for (const TagRow& row : kTags) {
    if (row.name == name) return row.tag;
  }
  return std::nullopt;
}

std::optional<ValueKind> KindOf(Tag tag) {
  const TagRow* row = RowOf(tag);
  if (row == nullptr) return std::nullopt;
  return row->kind;
}

absl::StatusOr<Event> Event::FromFields(std::vector<Field> fields) {
  Event event;
  event.fields_ = std::move(fields);
  RETURN_IF_ERROR(event.Check());
  return event;
}

absl::Status Event::Check() const {
  if (fields_.size() > kMaxFields) return absl::InvalidArgumentError("event: too many fields");
  size_t size_bytes = 0;
  for (size_t i = 0; i < fields_.size(); ++i) {
    if (i > 0 && fields_[i].tag <= fields_[i - 1].tag) return BadField(fields_[i].tag, "out of order");
    RETURN_IF_ERROR(CheckField(fields_[i]));
    size_bytes += fields_[i].value.size() + 64;
  }
  if (size_bytes > kMaxOpeningBytes) return absl::InvalidArgumentError("event: too large");
  return absl::OkStatus();
}

Event& Event::Set(Tag tag, Bytes value) {
  if (fields_.empty()) fields_.reserve(kUsualFields);
  const auto at = std::lower_bound(fields_.begin(), fields_.end(), tag,
                                   [](const Field& field, Tag wanted) { return field.tag < wanted; });
  if (at != fields_.end() && at->tag == tag) {
    at->value = std::move(value);
  } else {
    fields_.insert(at, Field{tag, std::move(value)});
  }
  return *this;
}

Event& Event::SetNumber(Tag tag, uint64_t value) { return Set(tag, U64(value)); }
Event& Event::SetText(Tag tag, absl::string_view value) { return Set(tag, Bytes(value)); }

Event& Event::SetTexts(Tag tag, const std::vector<std::string>& values) {
  Bytes encoded = U16(static_cast<uint16_t>(values.size()));
  for (const std::string& value : values) encoded += Lp(value);
  return Set(tag, std::move(encoded));
}

Event& Event::SetRecipients(const std::vector<RecipientVerdict>& recipients) {
  Bytes encoded = U16(static_cast<uint16_t>(recipients.size()));
  for (const RecipientVerdict& recipient : recipients) {
    encoded += Lp(recipient.member_ref);
    encoded += U8(recipient.part);
    encoded += U8(recipient.allowed ? 1 : 0);
    encoded += Lp(recipient.code);
  }
  return Set(Tag::kRecipients, std::move(encoded));
}

Event& Event::SetTime(absl::Time time) {
  return SetNumber(Tag::kTime, static_cast<uint64_t>(std::max<int64_t>(0, absl::ToUnixSeconds(time))));
}

const Bytes* Event::Find(Tag tag) const {
  const auto at = std::lower_bound(fields_.begin(), fields_.end(), tag,
                                   [](const Field& field, Tag wanted) { return field.tag < wanted; });
  return at != fields_.end() && at->tag == tag ? &at->value : nullptr;
}

std::optional<uint64_t> Event::Number(Tag tag) const {
  const Bytes* value = Find(tag);
  if (value == nullptr || value->size() != 8) return std::nullopt;
  return Reader(*value).Number(8);
}

std::optional<Bytes> Event::Text(Tag tag) const {
  const Bytes* value = Find(tag);
  if (value == nullptr) return std::nullopt;
  return *value;
}

std::optional<std::vector<std::string>> Event::Texts(Tag tag) const {
  const Bytes* value = Find(tag);
  return value == nullptr ? std::nullopt : DecodeTexts(*value);
}

std::optional<std::vector<RecipientVerdict>> Event::Recipients() const {
  const Bytes* value = Find(Tag::kRecipients);
  return value == nullptr ? std::nullopt : DecodeRecipients(*value);
}

std::optional<EventType> Event::Type() const {
  const std::optional<uint64_t> number = Number(Tag::kEventType);
  if (!number.has_value() || *number > UINT16_MAX) return std::nullopt;
  return static_cast<EventType>(*number);
}

std::optional<absl::Time> Event::Time() const {
  const std::optional<uint64_t> seconds = Number(Tag::kTime);
  if (!seconds.has_value() || *seconds > kMaxUnixSeconds) return std::nullopt;
  return absl::FromUnixSeconds(static_cast<int64_t>(*seconds));
}

}  // namespace seinpost::audit
