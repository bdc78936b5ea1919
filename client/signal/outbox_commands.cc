// SPDX-License-Identifier: EUPL-1.2
// `signal outbox`: what waits for the broker, and what of the signals sent has not arrived yet.
#include "absl/strings/str_cat.h"
#include "client/mail/delivered.h"
#include "client/mail/outbox.h"
#include "client/session/session.h"
#include "client/signal/signal_commands.h"
#include "client/terminal/output.h"
#include "client/terminal/texts.h"
#include "util/status_macros.h"

namespace seinpost::client {

absl::Status OutboxList(Context& context) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, Session::Open(context));
  // What was delivered is asked anew; without the broker it is told from what was known.
  absl::Status asked = session->SyncDirectory();
  if (asked.ok()) asked = FetchDelivered(*session);
  if (!asked.ok() && ExitCodeOf(asked) != kUnreachable) return asked;
  ASSIGN_OR_RETURN(const std::vector<Queued> waiting, session->state().ListQueued());
  Json json = Json::array();
  std::string text;
  for (const Queued& queued : waiting) {
    json.push_back(Json{{"state", "waiting"},
                        {"signal_id", ToHex(queued.signal_id)},
                        {"channel", queued.channel},
                        {"created", FormatUtc(queued.created)},
                        {"expires", FormatUtc(queued.created + kQueuedLife)}});
    absl::StrAppend(&text, ToHex(queued.signal_id), "  ", queued.channel, "  ", FormatLocal(queued.created),
                    "\n");
  }
  if (text.empty()) text = absl::StrCat(TextOf(Text::kOutboxEmpty, context.language), "\n");
  ASSIGN_OR_RETURN(const std::vector<Unconfirmed> unconfirmed, UnconfirmedDeliveries(*session));
  for (const Unconfirmed& one : unconfirmed) {
    Json entry{{"state", "undelivered"}};
    entry.update(ToJson(one));
    json.push_back(std::move(entry));
    absl::StrAppend(&text, SentenceOf(one, context.language), "\n");
  }
  Print(context, json, text);
  return absl::OkStatus();
}

absl::Status OutboxFlush(Context& context) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, Session::Open(context));
  RETURN_IF_ERROR(session->SyncDirectory());
  ASSIGN_OR_RETURN(const std::vector<OutboxResult> results, FlushOutbox(*session));
  Json json = Json::array();
  for (const OutboxResult& result : results) {
    Json entry{{"signal_id", ToHex(result.signal_id)}};
    switch (result.outcome) {
      case OutboxResult::Outcome::kSent:
        entry["outcome"] = "sent";
        entry["leaf_index"] = result.leaf_index;
        break;
      case OutboxResult::Outcome::kExpired:
        entry["outcome"] = "expired";
        break;
      case OutboxResult::Outcome::kRefused:
        entry["outcome"] = "refused";
        entry["detail"] = result.detail;
        break;
    }
    json.push_back(std::move(entry));
  }
  if (context.json) PrintJson(context, json);  // people were told line by line
  if (!context.json && results.empty()) PrintText(context, TextOf(Text::kOutboxEmpty, context.language));
  return absl::OkStatus();
}

}  // namespace seinpost::client
