// SPDX-License-Identifier: EUPL-1.2
#include "client/info_commands.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/substitute.h"
#include "client/inbox.h"
#include "client/output.h"
#include "client/session.h"
#include "client/texts.h"
#include "trust/facts.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

constexpr absl::Duration kClockTolerance = absl::Minutes(5);
constexpr absl::Duration kOldestCheckpoint = absl::Minutes(10);

Json MandateJson(const trust::MandateEntry& mandate) {
  return Json{{"function", mandate.function},
              {"scopes", mandate.scopes},
              {"max_level", std::string(policies::ToString(mandate.max_level))},
              {"from", FormatUtc(mandate.from)},
              {"until", FormatUtc(mandate.until)}};
}

bool Holds(const trust::MandateEntry& mandate, absl::Time now) {
  return !mandate.revoked && mandate.from <= now && now < mandate.until;
}

// A member in the list of `directory`.
struct Row {
  std::string member;
  std::vector<std::string> functions;
  size_t devices = 0;
  bool reachable = false;  // at least one device can be sealed to now
};

Row RowOf(const trust::Directory& directory, const trust::Member& member, absl::Time now) {
  Row row{.member = absl::StrCat(member.organisation, "/", member.handle)};
  std::set<std::string> functions;
  for (const trust::MandateEntry* mandate : directory.MandatesOf(member.ref)) {
    if (Holds(*mandate, now)) functions.insert(mandate->function);
  }
  row.functions.assign(functions.begin(), functions.end());
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

}  // namespace

absl::Status WhoAmI(Context& context) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, Session::Open(context));
  // A profile that was never connected knows nothing about itself but its name.
  if (!session->has_directory() || !session->OwnDevice().ok()) {
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
  const absl::Status synced = session->Sync();
  const bool unreachable = ExitCodeOf(synced) == kUnreachable;
  if (!synced.ok() && !unreachable) return synced;
  const absl::Time now = context.clock.Now();
  size_t published = 0;
  if (session->has_directory()) {
    for (const trust::PrekeyEntry* prekey : session->directory().PrekeysOf(session->own_device_id())) {
      if (prekey->seal_from <= now && now < prekey->seal_until) ++published;
    }
  }
  ASSIGN_OR_RETURN(const std::vector<Queued> waiting, session->state().ListQueued());
  ASSIGN_OR_RETURN(const std::vector<Letter> letters, ReadInbox(*session));
  const auto unread =
      std::count_if(letters.begin(), letters.end(), [](const Letter& letter) { return letter.unread; });
  const uint64_t log_size = session->checkpoint().has_value() ? session->checkpoint()->size : 0;
  Json checkpoint_time = nullptr;
  bool clock_ok = true;
  if (session->checkpoint().has_value() && session->checkpoint()->time.has_value()) {
    checkpoint_time = FormatUtc(*session->checkpoint()->time);
    // A log that stands still is signed anew every five minutes, so its last word is never old, nor of
    // tomorrow.
    const absl::Duration age = now - *session->checkpoint()->time;
    clock_ok = unreachable || (age > -kClockTolerance && age < kOldestCheckpoint);
  }
  const Json json{
      {"broker", session->entry().broker},
      {"connected", !unreachable},
      {"convenant", session->entry().id},
      {"clock", FormatUtc(now)},
      {"clock_ok", clock_ok},
      {"log_size", log_size},
      {"checkpoint_time", checkpoint_time},
      {"directory_size", session->directory().size()},
      {"prekeys", Json{{"valid_now", published}, {"secrets", session->profile().prekeys().size()}}},
      {"outbox", waiting.size()},
      {"unread", unread}};
  const auto line = [&](Text text, const auto&... values) {
    return absl::StrCat(absl::Substitute(TextOf(text, context.language), values...), "\n");
  };
  std::string text = line(Text::kStatusBroker, session->entry().broker,
                          TextOf(unreachable ? Text::kNotConnected : Text::kConnected, context.language));
  if (!clock_ok) absl::StrAppend(&text, TextOf(Text::kClockOff, context.language), "\n");
  absl::StrAppend(&text, line(Text::kStatusLog, log_size, session->directory().size()),
                  line(Text::kStatusPrekeys, published, session->profile().prekeys().size()),
                  line(Text::kStatusOutbox, waiting.size()), line(Text::kStatusUnread, unread));
  Print(context, json, text);
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
                        {"devices", row.devices},
                        {"reachable", row.reachable}});
    rows.push_back({row.member, absl::StrJoin(row.functions, ","), absl::StrCat(row.devices),
                    std::string(TextOf(row.reachable ? Text::kYes : Text::kNo, context.language))});
  }
  Print(context, json, Table(rows));
  return absl::OkStatus();
}

}  // namespace seinpost::client
