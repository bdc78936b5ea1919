// SPDX-License-Identifier: EUPL-1.2
// `whoami`, `status` and `directory`.
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/substitute.h"
#include "client/mail/words.h"
#include "client/signal/info_commands.h"
#include "client/signal/words.h"
#include "client/terminal/output.h"
#include "client/terminal/say.h"
#include "client/terminal/texts.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

Json MandateJson(const trust::MandateEntry& mandate) {
  return Json{{"mandate_id", ToHex(mandate.mandate_id)},
              {"function", mandate.function},
              {"scopes", mandate.scopes},
              {"max_level", std::string(policies::ToString(mandate.max_level))},
              {"from", FormatUtc(mandate.from)},
              {"until", FormatUtc(mandate.until)}};
}

Json SecondsOrNull(std::optional<absl::Duration> duration) {
  return duration.has_value() ? Json(absl::ToInt64Seconds(*duration)) : Json(nullptr);
}

template <typename T>
Json ListOf(const std::vector<T>& values) {
  Json list = Json::array();
  for (const T& value : values) list.push_back(ToJson(value));
  return list;
}

}  // namespace

Json ToJson(const SelfPortrait& self) {
  Json mandates = Json::array();
  for (const trust::MandateEntry& mandate : self.mandates) mandates.push_back(MandateJson(mandate));
  Json json{{"member", self.member},
            {"organisation", self.organisation},
            {"handle", self.handle},
            {"device_id", ToHex(self.device_id)},
            {"convenant", self.convenant},
            {"broker", self.broker},
            {"certified", self.certified_until.has_value()}};
  if (self.certified_until.has_value()) json["certified_until"] = FormatUtc(*self.certified_until);
  json["mandates"] = std::move(mandates);
  return json;
}

std::string ToText(const SelfPortrait& self, Language language) {
  std::string text =
      absl::Substitute(TextOf(Text::kWhoAmI, language), self.member, self.convenant, ToHex(self.device_id));
  if (!self.certified_until.has_value()) {
    absl::StrAppend(&text, "\n", TextOf(Text::kNotCertified, language));
  }
  for (const trust::MandateEntry& mandate : self.mandates) {
    absl::StrAppend(
        &text, "\n",
        absl::Substitute(TextOf(Text::kMandate, language), mandate.function,
                         absl::StrJoin(mandate.scopes, ","), policies::ToString(mandate.max_level),
                         FormatLocal(mandate.until), ToHex(mandate.mandate_id)));
  }
  return text;
}

Json ToJson(const StatusReport& report) {
  Json devices = Json::array(), epochs = Json::array();
  for (const Bytes& id : report.unknown_devices) devices.push_back(ToHex(id));
  for (const trust::LostTail& tail : report.lost_tails) {
    epochs.push_back(Json{{"number", tail.number}, {"first_lost", tail.first}, {"lost_end", tail.end}});
  }
  return Json{{"broker", report.broker},
              {"connected", report.connected},
              {"convenant", report.convenant},
              {"convenant_version", report.convenant_version},
              {"clock", FormatUtc(report.clock)},
              {"clock_ok", report.clock_check.ok},
              {"clock_ahead_of_broker_seconds", SecondsOrNull(report.clock_check.ahead_of_broker)},
              {"clock_ahead_of_checkpoint_seconds", SecondsOrNull(report.clock_check.ahead_of_checkpoint)},
              {"log_size", report.log_size},
              {"checkpoint_time",
               report.checkpoint_time.has_value() ? Json(FormatUtc(*report.checkpoint_time)) : Json(nullptr)},
              {"directory_size", report.directory_size},
              {"prekeys", Json{{"valid_now", report.prekeys_now},
                               {"secrets", report.prekey_secrets},
                               {"sealed_to_without_secret", report.without_secret.sealed_to},
                               {"kept_without_secret", report.without_secret.kept}}},
              {"outbox", report.waiting},
              {"unread", report.unread},
              {"duties", ListOf(report.duties)},
              {"unconfirmed", ListOf(report.unconfirmed)},
              {"unknown_devices", std::move(devices)},
              {"evidence", report.evidence},
              {"log_epochs", std::move(epochs)}};
}

std::string ToText(const StatusReport& report, Language language) {
  std::string text;
  const auto line = [&](Text name, const auto&... values) {
    absl::StrAppend(&text, absl::Substitute(TextOf(name, language), values...), "\n");
  };
  line(Text::kStatusBroker, report.broker,
       TextOf(report.connected ? Text::kConnected : Text::kNotConnected, language));
  line(Text::kStatusLog, report.log_size, report.directory_size);
  for (const trust::LostTail& tail : report.lost_tails) {
    line(Text::kTailLost, tail.first, tail.end, tail.number);
  }
  line(Text::kStatusClock, FormatLocal(report.clock),
       TextOf(report.clock_check.ok ? Text::kClockOk : Text::kClockNotOk, language));
  line(Text::kStatusPrekeys, report.prekeys_now, report.prekey_secrets);
  if (report.without_secret.for_good > 0) line(Text::kPrekeysGone, report.without_secret.for_good);
  if (report.without_secret.kept > 0) line(Text::kPrekeysKept, report.without_secret.kept);
  line(Text::kStatusOutbox, report.waiting);
  line(Text::kStatusUnread, report.unread);
  line(Text::kStatusDuties, report.duties.size());
  for (const Duty& duty : report.duties) {
    if (duty.kind == Duty::Kind::kUnconfirmed) continue;  // told device by device
    absl::StrAppend(&text, "  ", SentenceOf(duty, language), "\n");
  }
  for (const Unconfirmed& one : report.unconfirmed) {
    absl::StrAppend(&text, "  ", SentenceOf(one, language), "\n");
  }
  return text;
}

Json ToJson(const ListedMembers& listed) {
  Json json = Json::array();
  for (const ListedMember& member : listed.members) {
    json.push_back(Json{{"member", member.member},
                        {"organisation", member.organisation},
                        {"handle", member.handle},
                        {"functions", member.functions},
                        {"deputy_for", member.deputy_for},
                        {"devices", member.devices},
                        {"reachable", member.reachable}});
  }
  return json;
}

std::string ToText(const ListedMembers& listed, Language language) {
  std::vector<std::vector<std::string>> rows = {absl::StrSplit(TextOf(Text::kDirectoryHead, language), '|')};
  for (const ListedMember& member : listed.members) {
    rows.push_back({member.member, absl::StrJoin(member.functions, ","), absl::StrCat(member.devices),
                    std::string(TextOf(member.reachable ? Text::kYes : Text::kNo, language)),
                    absl::StrJoin(member.deputy_for, ",")});
  }
  return Table(rows);
}

absl::Status WhoAmI(Context& context) { return Say(context, AskWhoAmI(context)); }

absl::Status Status(Context& context) {
  const absl::StatusOr<StatusReport> report = AskStatus(context);
  RETURN_IF_ERROR(Say(context, report));
  if (!report->clock_fault.empty()) {
    Note(context, report->clock_fault);
    return PrintedError(kFailed);
  }
  return report->connected ? absl::OkStatus() : PrintedError(kUnreachable);
}

absl::Status ShowDirectory(Context& context, const std::string& channel) {
  return Say(context, ListMembers(context, channel));
}

}  // namespace seinpost::client
