// SPDX-License-Identifier: EUPL-1.2
#include "client/decision.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "envelope/vocabulary.h"
#include "trust/levels.h"

namespace seinpost::client {
namespace {

using Kind = policies::Change::Kind;

absl::string_view NameOf(Kind kind) {
  switch (kind) {
    case Kind::kSetLevel:
      return "SetLevel";
    case Kind::kSetChannel:
      return "SetChannel";
    case Kind::kSetPurpose:
      return "SetPurpose";
    case Kind::kSetInformed:
      return "SetInformed";
    case Kind::kDropRecipient:
      return "DropRecipient";
    case Kind::kDropPart:
      return "DropPart";
    case Kind::kAddJustification:
      return "AddJustification";
    case Kind::kExpandBroadcast:
      return "ExpandBroadcast";
    case Kind::kAskOriginalSender:
      return "AskOriginalSender";
  }
  return "";
}

std::string ValueOf(const policies::Change& change) {
  switch (change.kind) {
    case Kind::kSetLevel:
      return std::string(policies::ToString(change.level));
    case Kind::kSetInformed:
      return std::string(policies::ToString(change.informed));
    case Kind::kDropRecipient:
    case Kind::kDropPart:
      return std::string(policies::ToString(change.part));
    case Kind::kExpandBroadcast:
      return absl::StrJoin(change.members, ",", [](std::string* out, const policies::MemberId& member) {
        absl::StrAppend(out, AddressOf(member));
      });
    default:
      return change.value;
  }
}

v1::Change ToProto(const policies::Change& change, const policies::SendRequest& request) {
  v1::Change message;
  message.set_kind(std::string(NameOf(change.kind)));
  message.set_part(-1);
  if (change.kind == Kind::kDropRecipient || change.kind == Kind::kDropPart ||
      change.kind == Kind::kExpandBroadcast) {
    const auto part =
        std::find_if(request.parts.begin(), request.parts.end(),
                     [&](const policies::PartRequest& other) { return other.kind == change.part; });
    if (part != request.parts.end()) message.set_part(static_cast<int32_t>(part - request.parts.begin()));
  }
  if (!change.member.party.empty()) message.set_recipient(AddressOf(change.member));
  message.set_value(ValueOf(change));
  return message;
}

v1::Reason ToProto(const policies::Reason& reason) {
  v1::Reason message;
  message.set_code(std::string(policies::ToString(reason.code)));
  message.set_rule(reason.rule);
  message.set_part(reason.part.has_value() ? static_cast<int32_t>(*reason.part) : -1);
  if (reason.part_kind.has_value()) message.set_part_kind(std::string(policies::ToString(*reason.part_kind)));
  message.set_recipient(reason.recipient);
  message.set_clause(reason.clause.path);
  message.set_file(reason.clause.file);
  message.set_line(static_cast<uint32_t>(reason.clause.line));
  message.set_sentence_nl(reason.sentence_nl);
  message.set_sentence_en(reason.sentence_en);
  message.set_decided_by_broker(reason.decided_by_broker);
  return message;
}

// `justifies` holds member_refs; the wire names members.
std::string NameOfRef(const std::string& ref, const policies::Facts& facts) {
  for (const auto& [member, unused] : facts.members) {
    if (!ref.empty() && member.ref == ref) return AddressOf(member);
  }
  return ref;
}

}  // namespace

std::string AddressOf(const policies::MemberId& member) { return policies::ToString(member); }

v1::Decision ToProto(const policies::Decision& decision, const policies::SendRequest& request) {
  v1::Decision message;
  message.set_allowed(decision.allowed);
  for (const policies::Reason& reason : decision.reasons) *message.add_reasons() = ToProto(reason);
  for (const policies::Verdict& verdict : decision.verdicts) {
    v1::Verdict& added = *message.add_verdicts();
    added.set_part(static_cast<int32_t>(verdict.part));
    added.set_allowed(verdict.allowed);
    if (verdict.part >= request.parts.size()) continue;
    const policies::PartRequest& part = request.parts[verdict.part];
    added.set_part_kind(std::string(policies::ToString(part.kind)));
    if (verdict.recipient < part.recipients.size())
      added.set_recipient(AddressOf(part.recipients[verdict.recipient]));
  }
  for (const std::string& duty : decision.duties) message.add_duties(duty);
  for (const policies::Alternative& alternative : decision.instead) {
    v1::Alternative& added = *message.add_instead();
    added.set_text_nl(alternative.text_nl);
    added.set_text_en(alternative.text_en);
    for (const policies::Change& change : alternative.changes)
      *added.add_changes() = ToProto(change, request);
  }
  return message;
}

v1::DecideSendRequest ToProto(const policies::SendRequest& request, const policies::Facts& facts) {
  v1::DecideSendRequest message;
  message.set_convenant_id(request.convenant_id);
  message.set_convenant_version(request.convenant_version);
  message.set_channel(request.channel);
  message.set_category(request.category);
  message.set_purpose(request.purpose);
  message.set_level(trust::LevelToProto(request.level));
  message.set_informed(envelope::InformedToProto(request.informed));
  message.set_informed_code(request.informed_code);
  message.set_has_case_ref(request.has_case_ref);
  message.set_queued(request.queued);
  for (const policies::PartRequest& part : request.parts) {
    v1::AskedPart& asked = *message.add_parts();
    asked.set_kind(envelope::PartKindToProto(part.kind));
    for (const policies::MemberId& member : part.recipients) asked.add_recipients(AddressOf(member));
    asked.set_broadcast(part.broadcast);
    for (const std::string& ref : part.justifies) asked.add_justifies(NameOfRef(ref, facts));
    asked.set_retention_class(part.retention_class);
  }
  for (const std::string& hit : request.identifier_hits) message.add_identifier_hits(hit);
  return message;
}

std::vector<std::string> CodesOf(const v1::Decision& decision) {
  std::vector<std::string> codes;
  for (const v1::Reason& reason : decision.reasons()) {
    if (std::find(codes.begin(), codes.end(), reason.code()) == codes.end()) codes.push_back(reason.code());
  }
  return codes;
}

}  // namespace seinpost::client
