// SPDX-License-Identifier: EUPL-1.2
#include "client/signal/send.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "client/mail/inbox.h"
#include "client/mail/outbox.h"
#include "client/mail/sync.h"
#include "client/session/session.h"
#include "client/signal/draft.h"
#include "client/terminal/arguments.h"
#include "client/terminal/decision.h"
#include "client/terminal/output.h"
#include "client/terminal/prompt.h"
#include "client/terminal/texts.h"
#include "crypto/hash.h"
#include "envelope/limits.h"
#include "envelope/seal.h"
#include "trust/labels.h"
#include "trust/strict.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

const std::vector<std::string> kSendCommand = {"signal", "send"};

absl::StatusOr<Bytes> ReadTyped(const Context& context, size_t max_bytes) {
  ASSIGN_OR_RETURN(Bytes text, ReadInput(context, max_bytes));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

absl::StatusOr<Draft> DraftOf(Session& session, const SendArgs& args, bool dry_run) {
  ASSIGN_OR_RETURN(const trust::Member* const self, session.OwnMember());
  const auto read = [&](const std::string& path, size_t max_bytes) -> absl::StatusOr<Bytes> {
    return path == "-" ? ReadTyped(session.context(), max_bytes) : ReadFile(path, max_bytes);
  };
  const auto original = [&](ByteView signal_id) { return OriginalOf(session, signal_id); };
  return MakeDraft(args, Desk{.directory = session.directory(),
                              .self = *self,
                              .own_device = session.own_device_id(),
                              .now = session.context().clock.Now(),
                              .dry_run = dry_run,
                              .read = read,
                              .original = original});
}

v1::DecideSendRequest QuestionOf(const Draft& draft) {
  v1::DecideSendRequest question = ToProto(draft.request, draft.facts);
  question.set_in_reply_to(draft.in_reply_to);
  question.set_forwards(draft.forwards);
  return question;
}

absl::Status RefusedWith(const Session& session, const v1::Decision& decision, const SendArgs& args) {
  return RefusedError(decision, AlternativeArgvs(session.context(), decision, args, kSendCommand));
}

// A refusal by the broker gets the command lines of what is allowed instead, like one of our own.
absl::Status WithArgvs(const Session& session, const absl::Status& status, const SendArgs& args) {
  return IsRefusal(status) ? RefusedWith(session, RefusalOf(status), args) : status;
}

absl::Status SubmitDenial(Session& session, const Draft& draft, const v1::Decision& decision) {
  v1::DenialStatement statement;
  *statement.mutable_request() = QuestionOf(draft);
  for (const std::string& code : CodesOf(decision)) statement.add_codes(code);
  statement.set_device_id(session.own_device_id());
  statement.set_time(absl::ToUnixSeconds(session.context().clock.Now()));
  statement.set_nonce(crypto::RandomBytes(16));
  const Bytes bytes = trust::StrictSerialize(statement);
  const Bytes signature = crypto::Sign(session.profile().device_key(), trust::kDenialLabel, bytes);
  ASSIGN_OR_RETURN(const v1::Receipt receipt, session.connection().ReportDenial(bytes, signature));
  return session.CheckReceipt(receipt, crypto::Sha256(bytes)).status();
}

// Every refused attempt is a leaf, also one that never left this device: what was asked, and nothing of what
// it said. It is refused whether that works or not, but a log that lies is told.
absl::Status ReportDenial(Session& session, const Draft& draft, const v1::Decision& decision) {
  const absl::Status reported = SubmitDenial(session, draft, decision);
  if (ExitCodeOf(reported) == kTampered) return reported;
  if (!reported.ok()) {
    Note(session.context(), absl::StrCat("the refusal could not be logged: ", reported.message()));
  }
  return absl::OkStatus();
}

// The formula by which the signal will be judged, before anything is sealed.
absl::Status CheckSeenLately(Session& session, bool queued) {
  const std::optional<audit::Checkpoint>& checkpoint = session.checkpoint();
  if (!checkpoint.has_value() || !checkpoint->time.has_value()) {
    return absl::FailedPreconditionError("this profile has not seen the log yet: connect once first");
  }
  if (const ClockCheck check = session.CheckClock(); check.behind_log) {
    return session.log().ClockError(*check.ahead_of_checkpoint);
  }
  const absl::Duration age = session.context().clock.Now() - *checkpoint->time;
  if (age <= envelope::kCheckpointAge) return absl::OkStatus();
  return absl::FailedPreconditionError(
      queued ? "the last contact with the broker is more than ten minutes ago: who may read a signal now is "
               "not known well enough to seal one"
             : "the broker's checkpoint is too old");
}

// What became of it: sent, in the outbox, or perhaps sent.
absl::Status SubmitOrQueue(Session& session, const Queued& sealed, bool queued, bool online,
                           SendOutcome& outcome) {
  if (queued) RETURN_IF_ERROR(session.state().PutQueued(sealed));
  if (!online) return absl::OkStatus();
  // Other commands leave it to this one; if one is at the outbox now, both offer the same bytes.
  const absl::StatusOr<FileLock> lock = session.state().LockOutbox();
  const absl::StatusOr<CheckedReceipt> receipt = SubmitSealed(session, sealed);
  if (receipt.ok()) {
    outcome.receipt = receipt->body;
    return absl::OkStatus();
  }
  // Asking again with the same bytes is answered with the same receipt, so nothing is sent twice.
  if (!session.state().HasQueued(sealed.signal_id)) return receipt.status();
  const Context& context = session.context();
  if (ExitCodeOf(receipt.status()) == kTampered) {
    Note(context, absl::Substitute(TextOf(Text::kMaybeSent, context.language), ToHex(sealed.signal_id)));
    return receipt.status();
  }
  if (IsReadOnly(receipt.status())) {
    session.NoteReadOnly();
  } else {
    Note(context, receipt.status().message());
  }
  outcome.uncertain = !queued;
  return absl::OkStatus();
}

// Says whom the signal will not reach, before it is sealed.
absl::StatusOr<std::vector<UnreachedMember>> TellUnreached(Session& session,
                                                           const envelope::SignalPlan& plan) {
  const Context& context = session.context();
  ASSIGN_OR_RETURN(const trust::Member* const self, session.OwnMember());
  ASSIGN_OR_RETURN(const StateData data, session.state().Load());
  RETURN_IF_ERROR(CheckNoneRevoked(plan, session.directory(), data, context.language));
  std::vector<UnreachedMember> unreached = UnreachedBy(plan, session.directory(), *self);
  if (!unreached.empty()) {
    Note(context,
         absl::Substitute(TextOf(Text::kUnreached, context.language), NamesOf(unreached, context.language)));
  }
  return unreached;
}

// A reply, or a signal passed on, stays in the case it belongs to, unless another is named or it goes to
// another school or ward, where that case reference does not belong (R23).
absl::StatusOr<SendArgs> WithCaseOfOriginal(Session& session, SendArgs args) {
  const std::string& original = args.reply_to.empty() ? args.forward : args.reply_to;
  if (original.empty() || !args.case_ref.empty() || args.level == "L0") return args;
  const absl::StatusOr<Bytes> id = ParseId(original, "");
  if (!id.ok()) return args;  // told by MakeDraft
  const absl::StatusOr<OpenableLetter> letter = FindLetter(session, *id);
  if (!letter.ok()) return args;
  const v1::Core& core = letter->letter.core;
  if (policies::Convenant::ScopeOf(core.channel()) == policies::Convenant::ScopeOf(args.channel)) {
    args.case_ref = ToHex(core.case_ref());
  }
  return args;
}

}  // namespace

absl::StatusOr<SendOutcome> SendSignal(const Context& context, const SendArgs& given) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, Session::Open(context));
  const absl::Status synced = Sync(*session);
  const bool online = synced.ok();
  if (!online && (ExitCodeOf(synced) != kUnreachable || !given.queued || !session->has_directory()))
    return synced;
  ASSIGN_OR_RETURN(const SendArgs args, WithCaseOfOriginal(*session, given));
  ASSIGN_OR_RETURN(const Draft draft, DraftOf(*session, args, false));

  const policies::Decision decision = Judge(draft);
  if (!decision.allowed) {
    const v1::Decision refusal = ToProto(decision, draft.request);
    if (online) RETURN_IF_ERROR(ReportDenial(*session, draft, refusal));
    return RefusedWith(*session, refusal, args);
  }

  RETURN_IF_ERROR(CheckSeenLately(*session, draft.request.queued));
  ASSIGN_OR_RETURN(envelope::SignalPlan plan,
                   ToPlan(draft, session->directory(), session->checkpoint_note()));
  plan.core.set_signal_id(crypto::RandomBytes(16));
  plan.keys = session->checkpoint()->directory->seq;
  ASSIGN_OR_RETURN(const std::vector<UnreachedMember> unreached, TellUnreached(*session, plan));
  ASSIGN_OR_RETURN(
      const envelope::SealedSignal sealed,
      envelope::Seal(plan, session->directory(), session->own_device_id(), session->profile().device_key()));
  SendOutcome sent{.signal_id = plan.core.signal_id(),
                   .case_ref = draft.case_ref,
                   .unreached = unreached,
                   .receipt = std::nullopt};
  const Queued to_send{.signal_id = sent.signal_id,
                       .envelope = sealed.envelope,
                       .attachments = sealed.attachments,
                       .created = draft.created,
                       .personal = draft.request.level != policies::Level::kL0,
                       .channel = draft.request.channel};
  const absl::Status submitted = SubmitOrQueue(*session, to_send, draft.request.queued, online, sent);
  if (!submitted.ok()) return WithArgvs(*session, submitted, args);
  return sent;
}

absl::StatusOr<SendAllowed> AskToSend(const Context& context, const SendArgs& given) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, Session::Open(context));
  const absl::Status synced = session->SyncDirectory();
  if (!synced.ok() && (ExitCodeOf(synced) != kUnreachable || !session->has_directory())) return synced;
  ASSIGN_OR_RETURN(const SendArgs args, WithCaseOfOriginal(*session, given));
  ASSIGN_OR_RETURN(const Draft draft, DraftOf(*session, args, true));
  const policies::Decision local = Judge(draft);
  if (!local.allowed) return RefusedWith(*session, ToProto(local, draft.request), args);
  // Facts that only the broker holds may still forbid it: without it there is no yes.
  RETURN_IF_ERROR(synced);
  ASSIGN_OR_RETURN(const v1::Decision decision, session->connection().DecideSend(QuestionOf(draft)));
  if (!decision.allowed()) return RefusedWith(*session, decision, args);
  return SendAllowed{.duties = {decision.duties().begin(), decision.duties().end()}};
}

}  // namespace seinpost::client
