// SPDX-License-Identifier: EUPL-1.2
#include "server/broker/reading.h"

#include <utility>

#include "crypto/hash.h"
#include "envelope/limits.h"
#include "envelope/vocabulary.h"
#include "policies/decide.h"
#include "server/broker/events.h"
#include "server/broker/original.h"
#include "server/broker/refusal.h"
#include "trust/facts.h"
#include "trust/fields.h"
#include "trust/labels.h"
#include "trust/strict.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

constexpr size_t kMaxStatementBytes = 1024;

struct OpenJudgement {
  DirectorySnapshot directory;
  policies::Decision decision;
  DecidedParts parts;
  PreparedEvent event;
};

// The question that DecideOpen is asked. The caller may be no recipient, or the part not exist: then the
// question is about a part of nobody, so that both get one answer.
struct Asked {
  policies::OpenRequest request;
  policies::Facts facts;
};
Asked AskedOf(const v1::OpenStatement& statement, const Original& original, const trust::Device& device,
              const trust::Directory& directory, absl::Time now) {
  const trust::Member& reader = *directory.FindMember(device.member_ref);
  Asked asked;
  asked.facts = trust::FactsAbout(directory, {&reader}, now);
  asked.facts.original = ToFacts(original, directory);
  asked.request.reader = trust::ToMemberId(reader);
  asked.request.device = device.id;
  asked.request.purpose = statement.purpose();
  for (size_t i = 0; i < original.parts.size(); ++i) {
    const Original::Part& part = original.parts[i];
    if (part.index != statement.part() || !IsRecipient(part.descriptor, device.id)) continue;
    asked.request.part = envelope::PartKindFromProto(part.descriptor.kind());
    asked.request.part_index = i;
    return asked;
  }
  asked.facts.original->parts = {{policies::PartKind::kNarrative, absl::InfiniteFuture(), {}}};
  return asked;
}

absl::StatusOr<OpenJudgement> JudgeOpen(const v1::OpenRequest& request, const v1::OpenStatement& statement,
                                        const Original& original, const Session& session,
                                        DirectorySnapshot directory, absl::Time now) {
  const trust::Device* device = directory->FindDevice(session.device);
  if (device == nullptr || !device->ValidAt(now)) return absl::UnauthenticatedError("no valid session");
  const Asked asked = AskedOf(statement, original, *device, *directory, now);
  policies::Decision decision = policies::DecideOpen(asked.request, asked.facts, now);
  audit::Event event =
      ActorEvent(audit::EventType::kRead, "R", *directory, *device, original.core.channel(), now);
  SetSignal(original.core, event);
  event.SetNumber(audit::Tag::kPart, statement.part())
      .SetText(audit::Tag::kPurpose, statement.purpose())
      .SetText(audit::Tag::kRequestHash, View(crypto::Sha256(request.statement())));
  SetDecision(decision, event);
  ASSIGN_OR_RETURN(PreparedEvent prepared, PreparedEvent::Make(event));
  return OpenJudgement{std::move(directory),
                       std::move(decision),
                       {{asked.request.part}, {{asked.request.reader}}},
                       std::move(prepared)};
}

class OpenOperation final : public Operation {
 public:
  OpenOperation(const Context& context, Realm& realm, Session session, v1::OpenRequest request,
                v1::OpenStatement statement, Original original, OpenJudgement judged, v1::OpenReply wraps,
                absl::Time now, Done<v1::OpenReply> done)
      : context_(context),
        realm_(realm),
        session_(std::move(session)),
        request_(std::move(request)),
        statement_(std::move(statement)),
        original_(std::move(original)),
        judged_(std::move(judged)),
        reply_(std::move(wraps)),
        now_(now),
        done_(std::move(done)) {}

  void Apply(Transaction& transaction) override { outcome_ = ApplyOrRefuse(transaction); }

  void Complete(const absl::Status& commit) override {
    if (!commit.ok()) return done_(commit);
    if (!outcome_.ok()) return done_(outcome_);
    if (!judged_.decision.allowed) {
      const std::vector<policies::Reason>& reasons = judged_.decision.reasons;
      context_.metrics.CountRefusal(reasons.empty() ? "NONE" : policies::ToString(reasons[0].code));
      return done_(Refused(ToProto(judged_.decision, judged_.parts)));
    }
    *reply_.mutable_receipt() =
        MakeReceipt(realm_, leaf_index_, judged_.event.leaf_hash, judged_.event.request_hash,
                    judged_.event.time, judged_.event.opening);
    done_(std::move(reply_));
  }

 private:
  absl::Status ApplyOrRefuse(Transaction& transaction) {
    if (judged_.directory != realm_.staged_directory()) {
      ASSIGN_OR_RETURN(judged_,
                       JudgeOpen(request_, statement_, original_, session_, realm_.staged_directory(), now_));
    }
    RETURN_IF_ERROR(UseNonce(transaction, realm_, session_.device, statement_.nonce(), now_));
    leaf_index_ = transaction.Stage(realm_, judged_.event);
    return absl::OkStatus();
  }

  const Context& context_;
  Realm& realm_;
  const Session session_;
  const v1::OpenRequest request_;
  const v1::OpenStatement statement_;
  const Original original_;
  OpenJudgement judged_;
  v1::OpenReply reply_;  // the wraps, held back until the leaf is on the disk
  const absl::Time now_;
  const Done<v1::OpenReply> done_;
  absl::Status outcome_;
  uint64_t leaf_index_ = 0;
};

absl::StatusOr<v1::OpenStatement> ParseOpen(const v1::OpenRequest& request, const Caller& caller,
                                            absl::Time now) {
  v1::OpenStatement statement;
  RETURN_IF_ERROR(trust::StrictParse(request.statement(), kMaxStatementBytes, "statement", statement));
  RETURN_IF_ERROR(trust::CheckSize(statement.header_hash(), 32, "statement.header_hash"));
  RETURN_IF_ERROR(trust::CheckSize(statement.signal_id(), 16, "statement.signal_id"));
  if (statement.part() >= envelope::kPlaces) return absl::InvalidArgumentError("statement.part: over 15");
  RETURN_IF_ERROR(CheckStatement(
      caller, trust::kOpenLabel, request.statement(), request.signature(),
      {statement.convenant_id(), statement.device_id(), statement.time(), statement.nonce()}, now));
  if (caller.directory->convenant()->FindPurpose(statement.purpose()) == nullptr) {
    return absl::InvalidArgumentError("statement.purpose: not a purpose of the convenant");
  }
  return statement;
}

// The wraps of `device` in one part. Read before the leaf, given after it.
absl::StatusOr<v1::OpenReply> LoadWraps(const Store& store, const Realm& realm, const Original& original,
                                        uint32_t index, ByteView device) {
  v1::OpenReply reply;
  const Original::Part* part = original.FindPart(index);
  if (part == nullptr || !IsRecipient(part->descriptor, device)) return reply;
  ASSIGN_OR_RETURN(const Bytes wraps,
                   store.Get(Family::kPart, WrapsKey(realm.prefix(), original.core.signal_id(), index)));
  size_t at = 0;
  for (const v1::Recipient& recipient : part->descriptor.recipients()) {
    if (recipient.device_id() == device) {
      v1::ReleasedWrap& wrap = *reply.add_wraps();
      wrap.set_group(recipient.group());
      wrap.set_prekey_id(recipient.prekey_id());
      wrap.set_wrap(wraps.substr(std::min(at, wraps.size()), envelope::kWrapBytes));
    }
    at += envelope::kWrapBytes;
  }
  if (at != wraps.size()) return absl::DataLossError("stored wraps do not fit their descriptor");
  return reply;
}

}  // namespace

void Reading::Open(const Session& session, const v1::OpenRequest& request, Done<v1::OpenReply> done) {
  const absl::Time now = context_.clock.Now();
  const absl::StatusOr<Caller> caller = FindCaller(context_, session, now);
  if (!caller.ok()) return done(caller.status());
  absl::Status admitted = caller->realm->Writable();
  if (admitted.ok()) admitted = context_.quotas.opens.Take(session.device, now);
  if (!admitted.ok()) return done(admitted);
  absl::StatusOr<v1::OpenStatement> statement = ParseOpen(request, *caller, now);
  if (!statement.ok()) return done(statement.status());

  context_.workers.Schedule([this, caller = *caller, session, request, statement = *std::move(statement), now,
                             done = std::move(done)] {
    Realm& realm = *caller.realm;
    absl::StatusOr<Original> original = LoadOriginal(context_.store, realm.prefix(), statement.signal_id());
    if (absl::IsNotFound(original.status())) {
      return done(absl::NotFoundError("statement.signal_id: no such signal"));
    }
    if (!original.ok()) return done(original.status());
    if (View(crypto::Sha256(original->row.header)) != statement.header_hash()) {
      return done(absl::InvalidArgumentError("statement.header_hash: not that of this signal"));
    }
    absl::StatusOr<v1::OpenReply> wraps =
        LoadWraps(context_.store, realm, *original, statement.part(), session.device);
    if (!wraps.ok()) return done(wraps.status());
    absl::StatusOr<OpenJudgement> judged =
        JudgeOpen(request, statement, *original, session, caller.directory, now);
    if (!judged.ok()) return done(judged.status());
    context_.sequencer.Enqueue(std::make_unique<OpenOperation>(context_, realm, session, request, statement,
                                                               *std::move(original), *std::move(judged),
                                                               *std::move(wraps), now, done));
  });
}

}  // namespace seinpost::server
