// SPDX-License-Identifier: EUPL-1.2
// `signal list` and `signal watch`.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/substitute.h"
#include "client/mail/inbox.h"
#include "client/mail/sync.h"
#include "client/session/session.h"
#include "client/signal/signal_commands.h"
#include "client/terminal/output.h"
#include "client/terminal/texts.h"
#include "envelope/vocabulary.h"
#include "trust/levels.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

std::string LevelOf(const Letter& letter) {
  return std::string(policies::ToString(trust::LevelFromProto(letter.core.level())));
}

std::string KindsOf(const Letter& letter) {
  return absl::StrJoin(letter.parts, ",", [](std::string* out, const Letter::Part& part) {
    absl::StrAppend(out, envelope::NameOf(part.kind));
  });
}

}  // namespace

absl::Status SignalList(Context& context, bool unread_only) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, OpenOnline(context));
  RETURN_IF_ERROR(FetchMail(*session));
  ASSIGN_OR_RETURN(const std::vector<Letter> letters, ReadInbox(*session));
  Json json = Json::array();
  std::vector<std::vector<std::string>> rows = {
      absl::StrSplit(TextOf(Text::kListHead, context.language), '|')};
  for (const Letter& letter : letters) {
    if (unread_only && !letter.unread) continue;
    json.push_back(ToJson(letter));
    rows.push_back({ToHex(letter.signal_id), letter.core.channel(), LevelOf(letter), letter.core.category(),
                    letter.sender, FormatLocal(absl::FromUnixSeconds(letter.core.created())),
                    std::string(TextOf(letter.unread ? Text::kYes : Text::kNo, context.language)),
                    KindsOf(letter)});
  }
  Print(context, json,
        rows.size() == 1 ? std::string(TextOf(Text::kNoSignals, context.language)) : Table(rows));
  return absl::OkStatus();
}

absl::Status SignalWatch(Context& context, const WatchArgs& args) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, OpenOnline(context));
  uint64_t shown = 0;
  return WatchMail(*session, context.clock.Now() + args.timeout, [&](const Letter& letter) {
    if (letter.own) return true;
    Print(context, ToJson(letter),
          absl::Substitute(TextOf(Text::kSignalArrived, context.language), ToHex(letter.signal_id),
                           letter.sender, letter.core.channel(), LevelOf(letter)));
    return ++shown != args.count;
  });
}

}  // namespace seinpost::client
