// SPDX-License-Identifier: EUPL-1.2
// `signal send`, `list`, `watch` and `outbox`, and `may-i`.
#include "client/signal/words.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/substitute.h"
#include "client/mail/outbox.h"
#include "client/mail/words.h"
#include "client/signal/signal_commands.h"
#include "client/terminal/output.h"
#include "client/terminal/say.h"
#include "client/terminal/texts.h"
#include "envelope/vocabulary.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

std::string KindsOf(const Letter& letter) {
  return absl::StrJoin(letter.parts, ",", [](std::string* out, const Letter::Part& part) {
    absl::StrAppend(out, envelope::NameOf(part.kind));
  });
}

std::string Arrived(const Letter& letter, Language language) {
  return absl::Substitute(TextOf(Text::kSignalArrived, language), ToHex(letter.signal_id), letter.sender,
                          letter.core.channel(), LevelOf(letter));
}

Json Allowed(const std::vector<std::string>& duties) { return Json{{"allowed", true}, {"duties", duties}}; }

}  // namespace

Json ToJson(const SendOutcome& sent) {
  Json unreached = Json::array(), since = Json::array();
  for (const UnreachedMember& one : sent.unreached) {
    unreached.push_back(one.member);
    since.push_back(one.since.has_value() ? Json(FormatUtc(*one.since)) : Json(nullptr));
  }
  Json json{{"signal_id", ToHex(sent.signal_id)},
            {"case_ref", OrNull(ToHex(sent.case_ref))},
            {"unreached", std::move(unreached)},
            {"unreached_since", std::move(since)},
            {"receipt", nullptr}};
  if (sent.receipt.has_value()) {
    json["receipt"] =
        Json{{"leaf_index", sent.receipt->index}, {"leaf_hash", ToHex(sent.receipt->leaf_hash)}};
  } else {
    json["queued"] = !sent.uncertain;
  }
  if (sent.uncertain) {
    json["may_have_been_sent"] = true;
    json["error"] = "UNAVAILABLE";
    json["detail"] = absl::Substitute(TextOf(Text::kMaybeSent, Language::kEnglish), ToHex(sent.signal_id));
  }
  return json;
}

std::string ToText(const SendOutcome& sent, Language language) {
  const std::string id = ToHex(sent.signal_id);
  std::string text =
      sent.receipt.has_value()
          ? absl::Substitute(TextOf(Text::kSent, language), id, sent.receipt->index)
          : absl::Substitute(TextOf(sent.uncertain ? Text::kMaybeSent : Text::kQueued, language), id);
  if (!sent.case_ref.empty()) {
    absl::StrAppend(&text, "\n", absl::Substitute(TextOf(Text::kCaseRef, language), ToHex(sent.case_ref)));
  }
  return text;
}

Json ToJson(const SendAllowed& allowed) { return Allowed(allowed.duties); }

std::string ToText(const SendAllowed& allowed, Language language) {
  std::string text(TextOf(Text::kAllowed, language));
  for (const std::string& duty : allowed.duties) {
    absl::StrAppend(&text, "\n", absl::Substitute(TextOf(Text::kDuties, language), duty));
  }
  return text;
}

Json ToJson(const OpenAllowed& allowed) { return Allowed(allowed.duties); }

std::string ToText(const OpenAllowed& /*allowed*/, Language language) {
  return std::string(TextOf(Text::kAllowed, language));
}

Json ToJson(const ListedSignals& listed) {
  Json json = Json::array();
  for (const Letter& letter : listed.letters) json.push_back(ToJson(letter));
  return json;
}

std::string ToText(const ListedSignals& listed, Language language) {
  if (listed.letters.empty()) return std::string(TextOf(Text::kNoSignals, language));
  std::vector<std::vector<std::string>> rows = {absl::StrSplit(TextOf(Text::kListHead, language), '|')};
  for (const Letter& letter : listed.letters) {
    rows.push_back({ToHex(letter.signal_id), letter.core.channel(), LevelOf(letter), letter.core.category(),
                    letter.sender, FormatLocal(absl::FromUnixSeconds(letter.core.created())),
                    std::string(TextOf(letter.unread ? Text::kYes : Text::kNo, language)), KindsOf(letter)});
  }
  return Table(rows);
}

absl::Status SignalSend(Context& context, const SendArgs& args) {
  const absl::StatusOr<SendOutcome> sent = SendSignal(context, args);
  RETURN_IF_ERROR(Say(context, sent));
  return sent->uncertain ? PrintedError(kUnreachable) : absl::OkStatus();
}

absl::Status MayISend(Context& context, const SendArgs& args) {
  return Say(context, AskToSend(context, args));
}

absl::Status SignalList(Context& context, bool unread_only) {
  return Say(context, ListSignals(context, unread_only));
}

absl::Status SignalWatch(Context& context, const WatchArgs& args) {
  return WatchSignals(context, args, [&](const Letter& letter) {
    Print(context, ToJson(letter), Arrived(letter, context.language));
    return CheckWritten(context);
  });
}

absl::Status OutboxList(Context& context) { return Say(context, ListOutbox(context)); }

absl::Status OutboxFlush(Context& context) { return Say(context, SendOutbox(context)); }

}  // namespace seinpost::client
