// SPDX-License-Identifier: EUPL-1.2
#include "client/signal/info_commands.h"

#include <algorithm>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/substitute.h"
#include "client/broker/fork_evidence.h"
#include "client/mail/delivered.h"
#include "client/mail/duties.h"
#include "client/mail/inbox.h"
#include "client/mail/sync.h"
#include "client/session/own_devices.h"
#include "client/session/session.h"
#include "client/terminal/output.h"
#include "client/terminal/texts.h"
#include "trust/facts.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

Json MandateJson(const trust::MandateEntry& mandate) {
  return Json{{"function", mandate.function},
              {"scopes", mandate.scopes},
              {"max_level", std::string(policies::ToString(mandate.max_level))},
              {"from", FormatUtc(mandate.from)},
              {"until", FormatUtc(mandate.until)}};
}

bool Holds(const trust::MandateEntry& mandate, absl::Time now) {
  return mandate.Stands() && mandate.from <= now && now < mandate.until;
}

// A member in the list of `directory`.
struct Row {
  std::string member;
  std::vector<std::string> functions;
  std::vector<std::string> deputy_for;  // "party/handle"
  size_t devices = 0;
  bool reachable = false;  // at least one device can be sealed to now
};

Row RowOf(const trust::Directory& directory, const trust::Member& member, absl::Time now) {
  Row row{.member = member.address()};
  std::set<std::string> functions, deputy_for;
  for (const trust::MandateEntry* mandate : directory.MandatesOf(member.ref)) {
    if (!Holds(*mandate, now)) continue;
    functions.insert(mandate->function);
    if (mandate->deputy_for) {
      const trust::Member& other = *directory.FindMember(*mandate->deputy_for);
      deputy_for.insert(other.address());
    }
  }
  row.functions.assign(functions.begin(), functions.end());
  row.deputy_for.assign(deputy_for.begin(), deputy_for.end());
  for (const policies::DeviceFacts& device : trust::MemberFactsOf(directory, member, now).devices) {
    ++row.devices;
    row.reachable = row.reachable || !device.prekey_classes.empty();
  }
  return row;
}

// The members who sit in `channel` at any level, with a mandate for it, the asker included.
absl::StatusOr<std::vector<const trust::Member*>> MembersOf(const Session& session,
                                                            const std::string& channel, absl::Time now) {
  const trust::Directory& directory = session.directory();
  if (channel.empty()) return directory.Members();
  const trust::Member nobody;
  return trust::ChannelMembers(directory, channel, policies::Level::kL0, nobody, now);
}

// What `status` tells.
struct Standing {
  size_t prekeys_now = 0;
  size_t waiting = 0, unread = 0;
  uint64_t log_size = 0;
  std::optional<absl::Time> checkpoint_time;
  std::vector<Duty> duties;
  std::vector<Unconfirmed> unconfirmed;
  std::vector<const trust::Device*> unknown_devices;
  std::vector<std::string> evidence;
};

absl::StatusOr<Standing> StandingOf(Session& session) {
  const absl::Time now = session.context().clock.Now();
  Standing standing;
  for (const trust::PrekeyEntry* prekey : session.directory().PrekeysOf(session.own_device_id())) {
    if (prekey->OpenAt(now)) ++standing.prekeys_now;
  }
  ASSIGN_OR_RETURN(const std::vector<Queued> waiting, session.state().ListQueued());
  standing.waiting = waiting.size();
  ASSIGN_OR_RETURN(const std::vector<Letter> letters, ReadInbox(session));
  standing.unread = static_cast<size_t>(
      std::count_if(letters.begin(), letters.end(), [](const Letter& letter) { return letter.unread; }));
  if (session.checkpoint().has_value()) {
    standing.log_size = session.checkpoint()->size;
    standing.checkpoint_time = session.checkpoint()->time;
  }
  ASSIGN_OR_RETURN(standing.duties, DutiesOf(session));
  ASSIGN_OR_RETURN(standing.unconfirmed, UnconfirmedDeliveries(session));
  ASSIGN_OR_RETURN(const StateData data, session.state().Load());
  standing.unknown_devices = UnknownDevices(session.directory(), session.profile().organisation(),
                                            session.profile().handle(), session.own_device_id(), data);
  standing.evidence = ListEvidence(session.state().directory());
  return standing;
}

template <typename T>
Json ListOf(const std::vector<T>& values) {
  Json list = Json::array();
  for (const T& value : values) list.push_back(ToJson(value));
  return list;
}

Json StatusJson(const Session& session, const Standing& standing, bool connected) {
  Json devices = Json::array(), epochs = Json::array();
  for (const trust::Device* device : standing.unknown_devices) devices.push_back(ToHex(device->id));
  for (const trust::LostTail& tail : session.directory().lost_tails()) {
    epochs.push_back(Json{{"number", tail.number}, {"first_lost", tail.first}, {"lost_end", tail.end}});
  }
  return Json{
      {"broker", session.entry().broker},
      {"connected", connected},
      {"convenant", session.entry().id},
      {"convenant_version", session.entry().version},
      {"clock", FormatUtc(session.context().clock.Now())},
      {"clock_ok", true},  // a clock that is off ends the command with a sentence
      {"log_size", standing.log_size},
      {"checkpoint_time",
       standing.checkpoint_time.has_value() ? Json(FormatUtc(*standing.checkpoint_time)) : Json(nullptr)},
      {"directory_size", session.directory().size()},
      {"prekeys", Json{{"valid_now", standing.prekeys_now}, {"secrets", session.profile().prekeys().size()}}},
      {"outbox", standing.waiting},
      {"unread", standing.unread},
      {"duties", ListOf(standing.duties)},
      {"unconfirmed", ListOf(standing.unconfirmed)},
      {"unknown_devices", std::move(devices)},
      {"evidence", standing.evidence},
      {"log_epochs", std::move(epochs)}};
}

std::string StatusText(const Session& session, const Standing& standing, bool connected) {
  const Language language = session.context().language;
  std::string text;
  const auto line = [&](Text name, const auto&... values) {
    absl::StrAppend(&text, absl::Substitute(TextOf(name, language), values...), "\n");
  };
  line(Text::kStatusBroker, session.entry().broker,
       TextOf(connected ? Text::kConnected : Text::kNotConnected, language));
  line(Text::kStatusLog, standing.log_size, session.directory().size());
  for (const trust::LostTail& tail : session.directory().lost_tails()) {
    line(Text::kTailLost, tail.first, tail.end, tail.number);
  }
  line(Text::kStatusPrekeys, standing.prekeys_now, session.profile().prekeys().size());
  line(Text::kStatusOutbox, standing.waiting);
  line(Text::kStatusUnread, standing.unread);
  line(Text::kStatusDuties, standing.duties.size());
  for (const Duty& duty : standing.duties) {
    if (duty.kind == Duty::Kind::kUnconfirmed) continue;  // told device by device
    absl::StrAppend(&text, "  ", SentenceOf(duty, language), "\n");
  }
  for (const Unconfirmed& one : standing.unconfirmed) {
    absl::StrAppend(&text, "  ", SentenceOf(one, language), "\n");
  }
  return text;
}

}  // namespace

absl::Status WhoAmI(Context& context) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, Session::Open(context));
  // A profile that was never connected knows nothing about itself but its name; and one that is not often
  // used must stay reachable.
  if (!session->has_directory() || !session->OwnDevice().ok() || session->PrekeysDue()) {
    const absl::Status synced = session->SyncDirectory();
    if (ExitCodeOf(synced) == kTampered) return synced;
  }
  const Profile& profile = session->profile();
  const bool certified = session->has_directory() && session->OwnDevice().ok();
  Json json{{"member", profile.address()},
            {"organisation", profile.organisation()},
            {"handle", profile.handle()},
            {"device_id", ToHex(session->own_device_id())},
            {"convenant", session->entry().id},
            {"broker", session->entry().broker},
            {"certified", certified}};
  std::string text = absl::Substitute(TextOf(Text::kWhoAmI, context.language), profile.address(),
                                      session->entry().id, ToHex(session->own_device_id()));
  Json mandates = Json::array();
  if (certified) {
    ASSIGN_OR_RETURN(const trust::Device* const device, session->OwnDevice());
    json["certified_until"] = FormatUtc(device->not_after);
    for (const trust::MandateEntry* mandate : session->directory().MandatesOf(device->member_ref)) {
      if (!Holds(*mandate, context.clock.Now())) continue;
      mandates.push_back(MandateJson(*mandate));
      absl::StrAppend(&text, "\n",
                      absl::Substitute(TextOf(Text::kMandate, context.language), mandate->function,
                                       absl::StrJoin(mandate->scopes, ","),
                                       policies::ToString(mandate->max_level), FormatLocal(mandate->until)));
    }
  } else {
    absl::StrAppend(&text, "\n", TextOf(Text::kNotCertified, context.language));
  }
  json["mandates"] = std::move(mandates);
  Print(context, json, text);
  return absl::OkStatus();
}

absl::Status Status(Context& context) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, Session::Open(context));
  absl::Status synced = Sync(*session);
  if (synced.ok()) synced = FetchDelivered(*session);
  const bool unreachable = ExitCodeOf(synced) == kUnreachable;
  if (!synced.ok() && !unreachable) return synced;
  ASSIGN_OR_RETURN(const Standing standing, StandingOf(*session));
  Print(context, StatusJson(*session, standing, !unreachable), StatusText(*session, standing, !unreachable));
  return unreachable ? PrintedError(kUnreachable) : absl::OkStatus();
}

absl::Status ShowDirectory(Context& context, const std::string& channel) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, Session::Open(context));
  RETURN_IF_ERROR(session->SyncDirectory());
  const absl::Time now = context.clock.Now();
  ASSIGN_OR_RETURN(const std::vector<const trust::Member*> members, MembersOf(*session, channel, now));
  Json json = Json::array();
  std::vector<std::vector<std::string>> rows = {
      absl::StrSplit(TextOf(Text::kDirectoryHead, context.language), '|')};
  for (const trust::Member* member : members) {
    const Row row = RowOf(session->directory(), *member, now);
    json.push_back(Json{{"member", row.member},
                        {"organisation", member->organisation},
                        {"handle", member->handle},
                        {"functions", row.functions},
                        {"deputy_for", row.deputy_for},
                        {"devices", row.devices},
                        {"reachable", row.reachable}});
    rows.push_back({row.member, absl::StrJoin(row.functions, ","), absl::StrCat(row.devices),
                    std::string(TextOf(row.reachable ? Text::kYes : Text::kNo, context.language)),
                    absl::StrJoin(row.deputy_for, ",")});
  }
  Print(context, json, Table(rows));
  return absl::OkStatus();
}

}  // namespace seinpost::client
