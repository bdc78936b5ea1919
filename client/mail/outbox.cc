// SPDX-License-Identifier: EUPL-1.2
#include "client/mail/outbox.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "client/session/logged.h"
#include "client/terminal/decision.h"
#include "client/terminal/output.h"
#include "client/terminal/texts.h"
#include "crypto/hash.h"
#include "envelope/core.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

// Trying again later may help: the broker is away, or asks for patience.
bool MayPass(const absl::Status& status) {
  return ExitCodeOf(status) == kUnreachable || status.code() == absl::StatusCode::kResourceExhausted ||
         status.code() == absl::StatusCode::kUnauthenticated ||
         status.code() == absl::StatusCode::kInternal || status.code() == absl::StatusCode::kUnknown ||
         status.code() == absl::StatusCode::kAborted;
}

std::string WhyRefused(const absl::Status& status) {
  if (IsRefusal(status)) return absl::StrJoin(CodesOf(RefusalOf(status)), ", ");
  return std::string(status.message());
}

void Tell(const Context& context, const OutboxResult& result) {
  const std::string id = ToHex(result.signal_id);
  switch (result.outcome) {
    case OutboxResult::Outcome::kSent:
      Note(context, absl::Substitute(TextOf(Text::kOutboxSent, context.language), id));
      return;
    case OutboxResult::Outcome::kExpired:
      Note(context, absl::Substitute(TextOf(Text::kQueueExpired, context.language), id));
      return;
    case OutboxResult::Outcome::kRefused:
      Note(context, absl::Substitute(TextOf(Text::kOutboxRefused, context.language), id, result.detail));
      return;
  }
}

}  // namespace

absl::StatusOr<std::vector<OutboxResult>> FlushOutbox(Session& session) {
  std::vector<OutboxResult> results;
  ASSIGN_OR_RETURN(const std::vector<Queued> waiting, session.state().ListQueued());
  for (const Queued& queued : waiting) {
    OutboxResult result{.signal_id = queued.signal_id, .outcome = OutboxResult::Outcome::kSent};
    if (queued.created + kQueuedLife <= session.context().clock.Now()) {
      result.outcome = OutboxResult::Outcome::kExpired;
    } else {
      const absl::StatusOr<CheckedReceipt> receipt =
          SubmitSealed(session, queued.envelope, queued.attachments);
      if (receipt.ok()) {
        result.leaf_index = receipt->body.index;
      } else if (MayPass(receipt.status()) || ExitCodeOf(receipt.status()) == kTampered) {
        return receipt.status();
      } else {
        result.outcome = OutboxResult::Outcome::kRefused;
        result.detail = WhyRefused(receipt.status());
      }
    }
    RETURN_IF_ERROR(session.state().DeleteQueued(queued.signal_id));
    Tell(session.context(), result);
    results.push_back(std::move(result));
  }
  return results;
}

absl::StatusOr<OutboxContents> ListOutbox(const Context& context) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, Session::Open(context));
  absl::Status asked = session->SyncDirectory();
  if (asked.ok()) asked = FetchDelivered(*session);
  if (!asked.ok() && ExitCodeOf(asked) != kUnreachable) return asked;
  OutboxContents outbox;
  ASSIGN_OR_RETURN(outbox.waiting, session->state().ListQueued());
  ASSIGN_OR_RETURN(outbox.unconfirmed, UnconfirmedDeliveries(*session));
  return outbox;
}

absl::StatusOr<FlushedOutbox> SendOutbox(const Context& context) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, Session::Open(context));
  RETURN_IF_ERROR(session->SyncDirectory());
  ASSIGN_OR_RETURN(std::vector<OutboxResult> results, FlushOutbox(*session));
  return FlushedOutbox{std::move(results)};
}

absl::StatusOr<CheckedReceipt> SubmitSealed(Session& session, const v1::Envelope& envelope,
                                            const std::map<Bytes, Bytes>& attachments) {
  const absl::StatusOr<v1::Core> parsed = envelope::ParseCore(envelope.header());
  if (!parsed.ok()) return absl::InternalError("the sealed signal cannot be read back");
  const v1::Core& core = *parsed;
  for (const auto& [hash, ciphertext] : attachments) {
    RETURN_IF_ERROR(session.connection().UploadAttachment(hash, ciphertext));
  }
  ASSIGN_OR_RETURN(const v1::Receipt receipt, session.connection().Submit(envelope));
  const Deed sent{.name = "sent",
                  .types = {audit::EventType::kSubmit},
                  .signal_id = core.signal_id(),
                  .part = std::nullopt,
                  .also = {{audit::Tag::kChannel, core.channel()}, {audit::Tag::kPurpose, core.purpose()}}};
  ASSIGN_OR_RETURN(CheckedReceipt checked,
                   CheckLogged(session, receipt, crypto::Sha256(envelope.header()), sent));
  RETURN_IF_ERROR(session.state().Update([&](StateData& data) {
    RememberSent(data, core.signal_id(),
                 SentOf(session.directory(), core, crypto::Sha256(envelope.header()), envelope.parts(),
                        checked.body.index));
    return absl::OkStatus();
  }));
  return checked;
}

}  // namespace seinpost::client
