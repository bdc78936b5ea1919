// SPDX-License-Identifier: EUPL-1.2
#include "client/mail/words.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "client/terminal/output.h"
#include "client/terminal/texts.h"
#include "envelope/vocabulary.h"
#include "trust/levels.h"

namespace seinpost::client {
namespace {

absl::string_view NameOf(Duty::Kind kind) {
  switch (kind) {
    case Duty::Kind::kUnreached:
      return "send_again_unreached";
    case Duty::Kind::kCap:
      return "send_again_cap";
    case Duty::Kind::kLost:
      return "send_again_lost";
    case Duty::Kind::kUnconfirmed:
      return "unconfirmed";
  }
  return "";
}

Json ToJson(const Queued& queued) {
  const bool waiting = IsQueued(queued);
  return Json{{"state", waiting ? "waiting" : "may_have_been_sent"},
              {"signal_id", ToHex(queued.signal_id)},
              {"channel", queued.channel},
              {"created", FormatUtc(queued.created)},
              {"expires", FormatUtc(queued.created + (waiting ? kQueuedLife : kDirectLife))}};
}

Json ToJson(const OutboxResult& result) {
  Json json{{"signal_id", ToHex(result.signal_id)}};
  switch (result.outcome) {
    case OutboxResult::Outcome::kSent:
      json["outcome"] = "sent";
      json["leaf_index"] = result.leaf_index;
      break;
    case OutboxResult::Outcome::kExpired:
      json["outcome"] = "expired";
      break;
    case OutboxResult::Outcome::kRefused:
      json["outcome"] = "refused";
      json["detail"] = result.detail;
      break;
  }
  return json;
}

}  // namespace

Json ToJson(const Letter& letter) {
  Json parts = Json::array();
  for (const Letter::Part& part : letter.parts) parts.push_back(std::string(envelope::NameOf(part.kind)));
  return Json{{"signal_id", ToHex(letter.signal_id)},
              {"channel", letter.core.channel()},
              {"level", LevelOf(letter)},
              {"category", letter.core.category()},
              {"purpose", letter.core.purpose()},
              {"sender", letter.sender},
              {"created", FormatUtc(absl::FromUnixSeconds(letter.core.created()))},
              {"case_ref", OrNull(ToHex(letter.core.case_ref()))},
              {"in_reply_to", OrNull(ToHex(letter.core.in_reply_to()))},
              {"unread", letter.unread},
              {"parts", std::move(parts)}};
}

std::string LevelOf(const Letter& letter) {
  return std::string(policies::ToString(trust::LevelFromProto(letter.core.level())));
}

Json ToJson(const Unconfirmed& unconfirmed) {
  return Json{{"signal_id", ToHex(unconfirmed.signal_id)},
              {"device_id", ToHex(unconfirmed.device_id)},
              {"member", unconfirmed.member},
              {"created", FormatUtc(unconfirmed.created)},
              {"missing", unconfirmed.missing},
              {"was_online", unconfirmed.was_online}};
}

std::string SentenceOf(const Unconfirmed& unconfirmed, Language language) {
  Text text = Text::kDeliveryWaits;
  if (unconfirmed.missing) text = Text::kDeliveryLate;
  if (unconfirmed.was_online) text = Text::kDeliverySuppressed;
  return absl::Substitute(TextOf(text, language), ToHex(unconfirmed.signal_id), unconfirmed.member,
                          ToHex(unconfirmed.device_id));
}

Json ToJson(const Duty& duty) {
  return Json{{"kind", std::string(NameOf(duty.kind))},
              {"signal_id", ToHex(duty.signal_id)},
              {"members", duty.members},
              {"until", duty.until.has_value() ? Json(FormatUtc(*duty.until)) : Json(nullptr)}};
}

std::string SentenceOf(const Duty& duty, Language language) {
  const std::string id = ToHex(duty.signal_id);
  const std::string members = absl::StrJoin(duty.members, ", ");
  switch (duty.kind) {
    case Duty::Kind::kUnreached:
      return absl::Substitute(TextOf(Text::kDutyUnreached, language), id, members);
    case Duty::Kind::kCap:
      return absl::Substitute(TextOf(Text::kDutyCap, language), id,
                              FormatLocal(duty.until.value_or(absl::InfinitePast())));
    case Duty::Kind::kLost:
      return absl::Substitute(TextOf(Text::kSentLost, language), id);
    case Duty::Kind::kUnconfirmed:
      return absl::Substitute(TextOf(Text::kDutyUnconfirmed, language), id, members);
  }
  return "";
}

Json ToJson(const OutboxContents& outbox) {
  Json json = Json::array();
  for (const Queued& queued : outbox.waiting) json.push_back(ToJson(queued));
  for (const Unconfirmed& one : outbox.unconfirmed) {
    Json entry{{"state", "undelivered"}};
    entry.update(ToJson(one));
    json.push_back(std::move(entry));
  }
  return json;
}

std::string ToText(const OutboxContents& outbox, Language language) {
  std::string text;
  for (const Queued& queued : outbox.waiting) {
    absl::StrAppend(&text, ToHex(queued.signal_id), "  ", queued.channel, "  ", FormatLocal(queued.created),
                    IsQueued(queued) ? "" : TextOf(Text::kOutboxUncertain, language), "\n");
  }
  if (text.empty()) text = absl::StrCat(TextOf(Text::kOutboxEmpty, language), "\n");
  for (const Unconfirmed& one : outbox.unconfirmed) {
    absl::StrAppend(&text, SentenceOf(one, language), "\n");
  }
  return text;
}

Json ToJson(const FlushedOutbox& flushed) {
  Json json = Json::array();
  for (const OutboxResult& result : flushed.results) json.push_back(ToJson(result));
  return json;
}

std::string ToText(const FlushedOutbox& flushed, Language language) {
  return flushed.results.empty() ? std::string(TextOf(Text::kOutboxEmpty, language)) : "";
}

}  // namespace seinpost::client
