// SPDX-License-Identifier: EUPL-1.2
#include "policies/questions/question_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "policies/instead/alternatives.h"

namespace seinpost::policies {
namespace {

OriginalFacts AsOriginal(const SendRequest& send, const Convenant& convenant) {
  OriginalFacts original;
  original.kind = send.kind;
  original.sender = send.sender;
  original.channel = send.channel;
  original.category = send.category;
  original.purpose = send.purpose;
  original.level = send.level;
  original.created = send.created;
  const Channel* channel = convenant.FindChannel(send.channel);
  for (const PartRequest& part : send.parts) {
    const std::string* name =
        channel == nullptr ? nullptr : channel->RetentionClass(part.kind, send.level, send.kind);
    const RetentionClass* retention = name == nullptr ? nullptr : convenant.FindRetention(*name);
    const absl::Duration cap = retention == nullptr ? absl::ZeroDuration() : retention->cap;
    original.parts.push_back({part.kind, send.created + cap, part.recipients, part.kept});
  }
  return original;
}

}  // namespace

void QuestionReader::ReadSendQuestion(Question& question, Fields& fields) {
  SendRequest send = ReadSend(fields);
  question.original = ReadOriginal(fields, "forward", Need::kOptional);
  send.forwards = question.original.has_value();
  for (const MemberId& member : ReadMembers(fields, "roles")) question.broker.case_roles.insert(member);
  question.broker.chair_approved = fields.Flag("chair_approved", Need::kOptional);
  question.broker.alert_justification_overdue = fields.Flag("overdue", Need::kOptional);
  const std::string scope = fields.Word("case_scope", Need::kOptional);
  if (!scope.empty()) question.case_scope = scope;
  question.decide = [send](const Facts& facts, absl::Time now) {
    Decision decision = DecideSend(send, facts, now);
    if (!decision.allowed) decision.instead = Alternatives(send, facts, now);
    return decision;
  };
}

void QuestionReader::ReadOpenQuestion(Question& question, Fields& fields) {
  OpenRequest open;
  open.reader = ReadMember(fields, "reader");
  open.purpose = fields.Word("purpose", Need::kOptional);
  open.part = fields.Choice("part", Need::kRequired, &ParsePartKind).value_or(PartKind::kNarrative);
  for (const MemberId& member : ReadMembers(fields, "roles")) question.broker.case_roles.insert(member);
  question.asked += fields.Days("after", Need::kOptional).value_or(absl::ZeroDuration());
  question.original = ReadOriginal(fields, "signal", Need::kRequired);
  if (question.original.has_value()) {
    const std::vector<OriginalFacts::Part>& parts = question.original->parts;
    const auto it = std::find_if(parts.begin(), parts.end(),
                                 [&](const OriginalFacts::Part& part) { return part.kind == open.part; });
    open.part_index = static_cast<size_t>(it - parts.begin());
  }
  question.decide = [open](const Facts& facts, absl::Time now) { return DecideOpen(open, facts, now); };
}

SendRequest QuestionReader::ReadSend(Fields& fields) {
  SendRequest send;
  send.convenant_id = facts_.convenant->id();
  send.convenant_version = facts_.convenant->version();
  send.created = now_;
  send.sender = ReadMember(fields, "from");
  ReadKind(send, fields);
  send.level = fields.Choice("level", Need::kRequired, &ParseLevel).value_or(Level::kL0);
  const YamlNode::Entry* channel = fields.Entry("channel", Need::kRequired);
  if (channel != nullptr) send.channel = channel->value.scalar;
  send.category = fields.Word("category", Need::kRequired);
  send.purpose = fields.Word("purpose", Need::kRequired);
  ReadInformed(fields, send.informed, send.informed_code);
  const bool case_stated = fields.Entry("case", Need::kOptional) != nullptr;
  const bool case_usual = send.level != Level::kL0 && send.kind != SignalKind::kAlert;
  send.new_case = fields.Flag("new_case", Need::kOptional);
  send.has_case_ref = case_stated ? fields.Flag("case", Need::kOptional) : case_usual || send.new_case;
  send.match_keys = fields.Words("match_keys", Need::kOptional);
  send.has_match_tag = fields.Flag("match_tag", Need::kOptional) || !send.match_keys.empty();
  send.identifier_hits = fields.Words("identifier_hits", Need::kOptional);
  ReadPart(send, PartKind::kNarrative, "to", Need::kRequired, fields);
  ReadPart(send, PartKind::kIdentity, "identity_to", Need::kOptional, fields);
  ReadPart(send, PartKind::kCare, "care_to", Need::kOptional, fields);
  ReadPart(send, PartKind::kSource, "source_to", Need::kOptional, fields);
  ReadPart(send, PartKind::kAttachment, "attach_to", Need::kOptional, fields);
  ReadKept(send, fields);
  ReadJustify(send, fields);
  if (fields.problems().empty()) {
    const absl::Status names = ValidateRequestNames(send, facts_);
    if (!names.ok()) fields.Complain(fields.at(), names.message());
  }
  return send;
}

void QuestionReader::ReadKind(SendRequest& send, Fields& fields) {
  send.kind = fields.Choice("kind", Need::kOptional, &ParseSignalKind).value_or(SignalKind::kSignal);
  if (fields.Entry("emergency_called", Need::kOptional) != nullptr)
    send.emergency_called = fields.Flag("emergency_called", Need::kOptional);
}

MemberId QuestionReader::ReadMember(Fields& fields, const YamlNode& node) {
  absl::StatusOr<MemberId> member = ParseMemberId(node.scalar);
  if (!member.ok()) {
    fields.Complain(node, member.status().message());
    return {};
  }
  // A convenant that the file names no peer stays as written: nobody knows it.
  if (const auto peer = peers_.find(member->convenant); peer != peers_.end())
    member->convenant = peer->second;
  return *std::move(member);
}

MemberId QuestionReader::ReadMember(Fields& fields, absl::string_view key, Need need) {
  const YamlNode::Entry* entry = fields.Entry(key, need);
  return entry == nullptr ? MemberId{} : ReadMember(fields, entry->value);
}

std::vector<MemberId> QuestionReader::ReadMembers(Fields& fields, const YamlNode& list) {
  std::vector<MemberId> members;
  if (list.kind != YamlNode::Kind::kList)
    fields.Complain(list, "members are written as a list: [party/handle]");
  for (const YamlNode& item : list.items) members.push_back(ReadMember(fields, item));
  return members;
}

std::vector<MemberId> QuestionReader::ReadMembers(Fields& fields, absl::string_view key) {
  const YamlNode::Entry* entry = fields.Entry(key, Need::kOptional);
  return entry == nullptr ? std::vector<MemberId>{} : ReadMembers(fields, entry->value);
}

void QuestionReader::ReadPart(SendRequest& send, PartKind kind, absl::string_view key, Need need,
                              Fields& fields) {
  const YamlNode::Entry* entry = fields.Entry(key, need);
  if (entry == nullptr) return;
  PartRequest part;
  part.kind = kind;
  part.broadcast = entry->value.kind == YamlNode::Kind::kScalar && entry->value.scalar == "@channel";
  part.recipients = part.broadcast ? ChannelMembers(send.channel, send.level, send.sender, facts_, now_)
                                   : ReadMembers(fields, entry->value);
  send.parts.push_back(std::move(part));
}

void QuestionReader::ReadKept(SendRequest& send, Fields& fields) {
  if (!fields.Flag("keep", Need::kOptional)) return;
  PartRequest part;
  part.kind = PartKind::kIdentity;
  part.kept = true;
  for (const std::vector<MemberId>& group : ApproversOf(send.sender, facts_, now_))
    part.recipients.insert(part.recipients.end(), group.begin(), group.end());
  send.parts.push_back(std::move(part));
}

void QuestionReader::ReadInformed(Fields& fields, Informed& informed, std::string& code) {
  const YamlNode::Entry* entry = fields.Entry("informed", Need::kOptional);
  if (entry == nullptr) return;
  const std::string& text = entry->value.scalar;
  if (text == "yes") {
    informed = Informed::kYes;
  } else if (text == "not-yet") {
    informed = Informed::kNotYet;
  } else if (text == "no" || text.rfind("no:", 0) == 0) {
    informed = Informed::kNo;
    if (text.size() > 3) code = text.substr(3);
  } else {
    fields.Complain(entry->value, "\"informed\" must be yes, no:REASON or not-yet");
  }
}

void QuestionReader::ReadJustify(SendRequest& send, Fields& fields) {
  const YamlNode::Entry* entry = fields.Entry("justify", Need::kOptional);
  if (entry == nullptr) return;
  if (entry->value.kind == YamlNode::Kind::kScalar) {
    if (entry->value.scalar != "all")
      fields.Complain(entry->value, "\"justify\" must be all or a list of members");
    send = Apply(send, {Change{.kind = Change::Kind::kAddJustification}}, facts_, now_);
    return;
  }
  PartRequest part;
  part.kind = PartKind::kJustification;
  part.recipients = JustificationOfficers(send.sender, facts_, now_);
  for (const MemberId& member : ReadMembers(fields, entry->value)) part.justifies.push_back(ToString(member));
  send.parts.push_back(std::move(part));
}

std::optional<OriginalFacts> QuestionReader::ReadOriginal(Fields& fields, absl::string_view key, Need need) {
  const YamlNode::Entry* entry = fields.Entry(key, need);
  if (entry == nullptr) return std::nullopt;
  Fields inner(entry->value, fields.At(key), fields.problems());
  OriginalFacts original = AsOriginal(ReadSend(inner), *facts_.convenant);
  original.withdrawn = inner.Flag("withdrawn", Need::kOptional);
  inner.Finish();
  return original;
}

std::optional<absl::Time> QuestionReader::ReadNoon(Fields& fields, absl::string_view key, Need need) {
  const std::optional<absl::Time> day = fields.Date(key, need);
  if (!day.has_value()) return std::nullopt;
  return *day + absl::Hours(12);
}

}  // namespace seinpost::policies
