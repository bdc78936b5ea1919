// SPDX-License-Identifier: EUPL-1.2
#include "envelope/decision_message.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

namespace seinpost::envelope {
namespace {

absl::string_view KindName(policies::Change::Kind kind) {
  using Kind = policies::Change::Kind;
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
    case Kind::kNewCase:
      return "NewCase";
    case Kind::kKeepIdentity:
      return "KeepIdentity";
    case Kind::kAskEmergencyCall:
      return "AskEmergencyCall";
  }
  return "";
}

// Change.value: a level, an answer to R34, member names, or the word itself; Change.part is the index of the
// first part of the kind that the change speaks of.
v1::Change ToProto(const policies::Change& change, const DecidedParts& parts) {
  using Kind = policies::Change::Kind;
  v1::Change message;
  message.set_kind(std::string(KindName(change.kind)));
  message.set_part(-1);
  const bool about_part = change.kind == Kind::kDropRecipient || change.kind == Kind::kDropPart ||
                          change.kind == Kind::kExpandBroadcast;
  for (size_t i = 0; about_part && i < parts.kinds.size(); ++i) {
    if (parts.kinds[i] != change.part) continue;
    message.set_part(static_cast<int32_t>(i));
    break;
  }
  if (!change.member.party.empty()) message.set_recipient(policies::ToString(change.member));
  switch (change.kind) {
    case Kind::kSetLevel:
      message.set_value(std::string(policies::ToString(change.level)));
      break;
    case Kind::kSetInformed:
      message.set_value(std::string(policies::ToString(change.informed)));
      break;
    case Kind::kDropRecipient:
    case Kind::kDropPart:
      message.set_value(std::string(policies::ToString(change.part)));
      break;
    case Kind::kExpandBroadcast:
      message.set_value(
          absl::StrJoin(change.members, ",", [](std::string* out, const policies::MemberId& member) {
            absl::StrAppend(out, policies::ToString(member));
          }));
      break;
    default:
      message.set_value(change.value);
  }
  return message;
}

v1::Reason ToProto(const policies::Reason& reason) {
  v1::Reason message;
  message.set_code(std::string(policies::ToString(reason.code)));
  message.set_rule(reason.rule);
  message.set_part(reason.part ? static_cast<int32_t>(*reason.part) : -1);
  if (reason.part_kind) message.set_part_kind(std::string(policies::ToString(*reason.part_kind)));
  message.set_recipient(reason.recipient);
  message.set_clause(reason.clause.path);
  message.set_file(reason.clause.file);
  message.set_line(static_cast<uint32_t>(reason.clause.line));
  message.set_sentence_nl(reason.sentence_nl);
  message.set_sentence_en(reason.sentence_en);
  message.set_decided_by_broker(reason.decided_by_broker);
  return message;
}

v1::Verdict ToProto(const policies::Verdict& verdict, const policies::Decision& decision,
                    const DecidedParts& parts) {
  v1::Verdict message;
  message.set_part(static_cast<int32_t>(verdict.part));
  message.set_allowed(verdict.allowed);
  if (verdict.part >= parts.kinds.size()) return message;
  message.set_part_kind(std::string(policies::ToString(parts.kinds[verdict.part])));
  if (verdict.recipient < parts.recipients[verdict.part].size()) {
    message.set_recipient(policies::ToString(parts.recipients[verdict.part][verdict.recipient]));
  }
  for (const policies::Reason& reason : decision.reasons) {
    const bool same_part = !reason.part || *reason.part == verdict.part;
    const bool same_recipient = reason.recipient.empty() || reason.recipient == message.recipient();
    if (!verdict.allowed && same_part && same_recipient) {
      message.add_codes(std::string(policies::ToString(reason.code)));
    }
  }
  return message;
}

}  // namespace

DecidedParts DecidedParts::Of(const policies::SendRequest& request) {
  DecidedParts parts;
  for (const policies::PartRequest& part : request.parts) {
    parts.kinds.push_back(part.kind);
    parts.recipients.push_back(part.recipients);
  }
  return parts;
}

v1::Decision ToProto(const policies::Decision& decision, const DecidedParts& parts) {
  v1::Decision message;
  message.set_allowed(decision.allowed);
  for (const policies::Reason& reason : decision.reasons) *message.add_reasons() = ToProto(reason);
  for (const policies::Verdict& verdict : decision.verdicts) {
    *message.add_verdicts() = ToProto(verdict, decision, parts);
  }
  for (const std::string& duty : decision.duties) message.add_duties(duty);
  for (const policies::Alternative& alternative : decision.instead) {
    v1::Alternative& added = *message.add_instead();
    added.set_text_nl(alternative.text_nl);
    added.set_text_en(alternative.text_en);
    for (const policies::Change& change : alternative.changes) *added.add_changes() = ToProto(change, parts);
  }
  return message;
}

}  // namespace seinpost::envelope
