// SPDX-License-Identifier: EUPL-1.2
#include "client/mail/outbox.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "client/broker/grpc_status.h"
#include "client/session/logged.h"
#include "client/terminal/decision.h"
#include "client/terminal/output.h"
#include "client/terminal/texts.h"
#include "crypto/hash.h"
#include "envelope/core.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

// What a broker may answer, or somebody on the way to it, that has taken the signal in.
bool MayHaveArrived(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kCancelled:
      return true;
    default:
      return ExitCodeOf(status) == kUnreachable || ExitCodeOf(status) == kTampered;
  }
}

// Trying again later may help: the broker is away, or asks for patience.
bool MayPass(const absl::Status& status) { return MayHaveArrived(status) || IsNoAnswer(status); }

// Attachments, then the envelope. `waited`: it lies in the outbox already. `taken`: the broker said that it
// has it, whatever came after.
absl::StatusOr<CheckedReceipt> Offer(Session& session, const Queued& sealed, bool waited, bool& taken) {
  const v1::Envelope& envelope = sealed.envelope;
  const absl::StatusOr<v1::Core> parsed = envelope::ParseCore(envelope.header());
  if (!parsed.ok()) return absl::InternalError("the sealed signal cannot be read back");
  const v1::Core& core = *parsed;
  for (const auto& [hash, ciphertext] : sealed.attachments) {
    RETURN_IF_ERROR(session.connection().UploadAttachment(hash, ciphertext));
  }
  if (!waited) RETURN_IF_ERROR(session.state().PutQueued(sealed));
  ASSIGN_OR_RETURN(const v1::Receipt receipt, session.connection().Submit(envelope));
  taken = true;
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

std::string WhyRefused(const absl::Status& status) {
  if (IsRefusal(status)) return absl::StrJoin(CodesOf(RefusalOf(status)), ", ");
  return std::string(status.message());
}

void Tell(const Context& context, const OutboxResult& result) {
  const std::string id = ToHex(result.signal_id);
  switch (result.outcome) {
    case OutboxResult::Outcome::kSent:
      Note(context,
           absl::Substitute(
               TextOf(result.queued ? Text::kOutboxSent : Text::kOutboxArrived, context.language), id));
      return;
    case OutboxResult::Outcome::kExpired:
      Note(context,
           absl::Substitute(TextOf(result.queued ? Text::kQueueExpired : Text::kNotArrived, context.language),
                            id));
      return;
    case OutboxResult::Outcome::kRefused:
      Note(context, absl::Substitute(TextOf(Text::kOutboxRefused, context.language), id, result.detail));
      return;
  }
}

}  // namespace

bool IsQueued(const Queued& queued) {
  return envelope::ParseCore(queued.envelope.header()).value_or(v1::Core()).queued();
}

absl::StatusOr<std::vector<OutboxResult>> FlushOutbox(Session& session) {
  std::vector<OutboxResult> results;
  ASSIGN_OR_RETURN(const std::vector<Queued> waiting, session.state().ListQueued());
  if (waiting.empty()) return results;
  const absl::StatusOr<FileLock> lock = session.state().LockOutbox();
  if (!lock.ok()) return results;
  for (const Queued& queued : waiting) {
    if (!session.state().HasQueued(queued.signal_id)) continue;  // another command has just sent it
    OutboxResult result{.signal_id = queued.signal_id, .outcome = OutboxResult::Outcome::kSent};
    result.queued = IsQueued(queued);
    const absl::Duration age = session.context().clock.Now() - queued.created;
    const absl::StatusOr<CheckedReceipt> receipt = SubmitSealed(session, queued);
    if (receipt.ok()) {
      result.leaf_index = receipt->body.index;
    } else if (session.state().HasQueued(queued.signal_id)) {
      return receipt.status();
    } else if (!IsRefusal(receipt.status()) && age >= (result.queued ? kQueuedLife : kDirectLife)) {
      result.outcome = OutboxResult::Outcome::kExpired;  // the broker never had it, and takes it no more
    } else {
      result.outcome = OutboxResult::Outcome::kRefused;
      result.detail = WhyRefused(receipt.status());
    }
    Tell(session.context(), result);
    results.push_back(std::move(result));
  }
  return results;
}

absl::StatusOr<CheckedReceipt> SubmitSealed(Session& session, const Queued& sealed) {
  const bool waited = session.state().HasQueued(sealed.signal_id);
  bool taken = false;
  absl::StatusOr<CheckedReceipt> receipt = Offer(session, sealed, waited, taken);
  const bool stays =
      !receipt.ok() && (taken || MayHaveArrived(receipt.status()) || (waited && MayPass(receipt.status())));
  if (!stays) RETURN_IF_ERROR(session.state().DeleteQueued(sealed.signal_id));
  return receipt;
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

}  // namespace seinpost::client
