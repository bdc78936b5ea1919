// SPDX-License-Identifier: EUPL-1.2
#include "server/signals/asking.h"

#include <utility>

#include "envelope/decision_message.h"
#include "policies/instead/alternatives.h"
#include "server/gate/caller.h"
#include "server/gate/cpu_meter.h"
#include "server/signals/original.h"
#include "server/signals/question.h"
#include "trust/fields.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

// What a waiting question takes in memory, for each byte of it on the wire: short names, each a string.
constexpr size_t kBytesPerByte = 4;

absl::StatusOr<v1::Decision> AnswerSend(const Context& context, const Caller& caller,
                                        const v1::DecideSendRequest& message, absl::Time now,
                                        const Abandoned& abandoned) {
  if (abandoned && abandoned()) return absl::CancelledError("nobody waits for the answer");
  ASSIGN_OR_RETURN(Question question, MakeQuestion(message, *caller.directory, *caller.device, now));
  RETURN_IF_ERROR(policies::ValidateRequestNames(question.request, question.facts));
  if (!message.forwards().empty()) {
    const absl::StatusOr<Original> original =
        LoadOriginal(context.store, caller.realm->prefix(), message.forwards());
    if (!original.ok() || !original->IsKnownTo(*caller.directory, caller.device->member_ref)) {
      return absl::NotFoundError("forwards: no such signal for this member");
    }
    ASSIGN_OR_RETURN(const History history, LoadHistory(context.store, caller.realm->prefix(), *original));
    question.facts.original = ToFacts(*original, *caller.directory, history);
  }
  policies::Decision decision = policies::DecideSend(question.request, question.facts, now);
  if (!decision.allowed && KnowsAllRecipients(question)) {
    decision.instead =
        policies::Alternatives(question.request, question.facts, now, {kMaxSearchEffort, abandoned});
  }
  return envelope::ToProto(decision, envelope::DecidedParts::Of(question.request));
}

absl::StatusOr<v1::Decision> AnswerOpen(const Context& context, const Caller& caller,
                                        const v1::DecideOpenRequest& message, absl::Time now) {
  const absl::Status unknown = absl::NotFoundError("part: no such part for this device");
  const absl::StatusOr<Original> original =
      LoadOriginal(context.store, caller.realm->prefix(), message.signal_id());
  const auto answer = [](const OpenQuestion& asked, absl::Time at) {
    return envelope::ToProto(policies::DecideOpen(asked.request, asked.facts, at),
                             {{asked.request.part}, {{asked.request.reader}}});
  };
  const auto expired = [&](absl::string_view channel) {
    return answer(MakeExpiredQuestion(channel, *caller.device, *caller.directory, now), now);
  };
  if (absl::IsNotFound(original.status())) {
    ASSIGN_OR_RETURN(const std::optional<SignalRemains> remains,
                     FindRemains(context.store, caller.realm->prefix(), message.signal_id()));
    if (!remains) return unknown;
    return expired(remains->channel);
  }
  RETURN_IF_ERROR(original.status());
  if (original->IsDestroyed(message.part())) return expired(original->core.channel());
  ASSIGN_OR_RETURN(const Holding holding, HoldingOf(context.store, caller.realm->prefix(), *original,
                                                    message.part(), caller.device->id));
  if (!holding.part) return unknown;
  return answer(
      MakeOpenQuestion(*original, holding, message.purpose(), *caller.device, *caller.directory, now), now);
}

}  // namespace

void Asking::DecideSend(const Session& session, const v1::DecideSendRequest& request, Done<v1::Decision> done,
                        Abandoned abandoned) {
  const absl::Time now = context_.clock.Now();
  const absl::StatusOr<Caller> caller = Admit(context_, context_.quotas.questions, session, now);
  if (!caller.ok()) return done(caller.status());
  const size_t bytes = request.ByteSizeLong();
  absl::Status admitted;
  if (bytes > kMaxQuestionBytes) admitted = absl::InvalidArgumentError("request: over 64 KiB");
  if (admitted.ok()) admitted = Take(context_.quotas.kilobytes, *caller, now, KilobytesOf(bytes));
  if (admitted.ok()) admitted = Take(context_.quotas.cpu_microseconds, *caller, now, 0);
  if (!admitted.ok()) return done(admitted);
  auto answer = [this, caller = *caller, asked = request, now, done, abandoned = std::move(abandoned)] {
    const CpuMeter meter;
    absl::StatusOr<v1::Decision> decision = AnswerSend(context_, caller, asked, now, abandoned);
    Charge(context_.quotas.cpu_microseconds, caller, now, meter.microseconds());
    done(std::move(decision));
  };
  context_.workers.Schedule({Priority::kHeavy, kBytesPerByte * bytes, std::move(answer),
                             [done](const absl::Status& why) { done(why); }});
}

void Asking::DecideOpen(const Session& session, const v1::DecideOpenRequest& request,
                        Done<v1::Decision> done) {
  const absl::Time now = context_.clock.Now();
  const absl::StatusOr<Caller> caller = Admit(context_, context_.quotas.questions, session, now);
  if (!caller.ok()) return done(caller.status());
  if (const absl::Status size = trust::CheckSize(request.signal_id(), trust::kIdBytes, "signal_id");
      !size.ok()) {
    return done(size);
  }
  const auto answer = [this, caller = *caller, request, now, done] {
    done(AnswerOpen(context_, caller, request, now));
  };
  context_.workers.Schedule(
      {Priority::kOrdinary, request.ByteSizeLong(), answer, [done](const absl::Status& why) { done(why); }});
}

}  // namespace seinpost::server
