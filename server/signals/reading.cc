// SPDX-License-Identifier: EUPL-1.2
#include "server/signals/reading.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "crypto/hash.h"
#include "envelope/limits.h"
#include "policies/decide/decide.h"
#include "server/gate/caller.h"
#include "server/gate/statement.h"
#include "server/rows/device_records.h"
#include "server/signals/events.h"
#include "server/signals/judged_operation.h"
#include "server/signals/original.h"
#include "server/signals/question.h"
#include "trust/fields.h"
#include "trust/labels.h"
#include "trust/strict.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

constexpr size_t kMaxReadingBytes = 1024;

// A statement about a signal that is there, and what the device holds of the part.
struct Asked {
  v1::OpenRequest request;
  v1::OpenStatement statement;
  Original original;  // of a destroyed one the id and the channel
  Holding holding;
  bool destroyed = false;  // the part, or the whole signal
};

absl::StatusOr<Judgement> JudgeOpen(const Asked& asked, const Session& session, DirectorySnapshot directory,
                                    absl::Time now) {
  RETURN_IF_ERROR(CheckMayAct(*directory, session.device, now));
  const trust::Device& device = *directory->FindDevice(session.device);
  const OpenQuestion question =
      asked.destroyed ? MakeExpiredQuestion(asked.original.core.channel(), device, *directory, now)
                      : MakeOpenQuestion(asked.original, asked.holding, asked.statement.purpose(), device,
                                         *directory, now);
  policies::Decision decision = policies::DecideOpen(question.request, question.facts, now);
  audit::Event event =
      ActorEvent(audit::EventType::kRead, "R", *directory, device, asked.original.core.channel(), now);
  if (asked.original.row.header.empty()) {
    event.SetText(audit::Tag::kObject, asked.statement.signal_id())
        .SetText(audit::Tag::kObjectType, "signal");
  } else {
    SetSignal(asked.original.core, event);
  }
  event.SetNumber(audit::Tag::kPart, asked.statement.part())
      .SetText(audit::Tag::kPurpose, asked.statement.purpose())
      .SetText(audit::Tag::kRequestHash, View(crypto::Sha256(asked.request.statement())));
  if (asked.holding.rewrap) event.SetText(audit::Tag::kPrevious, View(asked.holding.rewrap->leaf_hash));
  SetDecision(decision, event);
  ASSIGN_OR_RETURN(PreparedEvent prepared, PreparedEvent::Make(event));
  return Judgement{std::move(directory),
                   std::move(decision),
                   {{question.request.part}, {{question.request.reader}}},
                   std::move(prepared)};
}

class OpenOperation final : public JudgedOperation<v1::OpenReply> {
 public:
  // `keys` are held back until the leaf is on the disk.
  OpenOperation(const Context& context, Realm& realm, Session session, Asked asked, Judgement judged,
                v1::OpenReply keys, absl::Time now, Done<v1::OpenReply> done)
      : JudgedOperation(context, realm, std::move(session), std::move(judged), now, std::move(keys),
                        std::move(done)),
        asked_(std::move(asked)) {}

 private:
  absl::Status ApplyOrRefuse(Transaction& transaction) override {
    RETURN_IF_ERROR(Recheck());
    const v1::OpenStatement& statement = asked_.statement;
    RETURN_IF_ERROR(UseNonce(transaction, realm_, session_.device, statement.nonce(), now_));
    const uint64_t leaf_index = Stage(transaction);
    if (judged().decision.allowed) {
      transaction.Put(
          Family::kDevice,
          ReleasedKey(realm_.prefix(), {session_.device, statement.signal_id(), statement.part()}),
          U64(leaf_index));
    }
    return absl::OkStatus();
  }
  absl::StatusOr<Judgement> JudgeBy(DirectorySnapshot directory) override {
    return JudgeOpen(asked_, session_, std::move(directory), now_);
  }

  const Asked asked_;
};

absl::StatusOr<v1::OpenStatement> ParseOpen(const v1::OpenRequest& request, const Caller& caller,
                                            absl::Time now) {
  v1::OpenStatement statement;
  RETURN_IF_ERROR(trust::StrictParse(request.statement(), kMaxReadingBytes, "statement", statement));
  RETURN_IF_ERROR(trust::CheckSize(statement.header_hash(), trust::kHashBytes, "statement.header_hash"));
  RETURN_IF_ERROR(trust::CheckSize(statement.signal_id(), trust::kIdBytes, "statement.signal_id"));
  if (statement.part() >= envelope::kPlaces) return absl::InvalidArgumentError("statement.part: over 15");
  RETURN_IF_ERROR(CheckStatement(
      caller, trust::kOpenLabel, request.statement(), request.signature(),
      {statement.convenant_id(), statement.device_id(), statement.time(), statement.nonce()}, now));
  if (caller.directory->convenant()->FindPurpose(statement.purpose()) == nullptr) {
    return absl::InvalidArgumentError("statement.purpose: not a purpose of the convenant");
  }
  return statement;
}

// The keys of `device` to one part: its own wraps, or the one that was passed on to it. Read before the leaf,
// given after it.
absl::StatusOr<v1::OpenReply> LoadKeys(const Store& store, const Realm& realm, const Asked& asked,
                                       ByteView device) {
  v1::OpenReply reply;
  if (!asked.holding.part) return reply;
  if (const std::optional<LoggedStatement>& rewrap = asked.holding.rewrap) {
    v1::ReleasedRewrap& released = *reply.add_rewraps();
    released.set_rewrap(rewrap->statement);
    released.set_signature(rewrap->signature);
    released.set_leaf_index(rewrap->leaf_index);
    return reply;
  }
  const Original::Part& part = asked.original.parts[*asked.holding.part];
  ASSIGN_OR_RETURN(
      const Bytes wraps,
      store.Get(Family::kPart, WrapsKey(realm.prefix(), asked.original.core.signal_id(), part.index)));
  size_t at = 0;
  for (const v1::Recipient& recipient : part.descriptor.recipients()) {
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

// What is asked about a signal of which only remains are left. kNotFound: nothing is.
absl::StatusOr<Asked> LoadDestroyed(const Store& store, const Realm& realm, const v1::OpenRequest& request,
                                    const v1::OpenStatement& statement) {
  ASSIGN_OR_RETURN(const std::optional<SignalRemains> remains,
                   FindRemains(store, realm.prefix(), statement.signal_id()));
  if (!remains) return absl::NotFoundError("statement.signal_id: no such signal");
  if (View(remains->header_hash) != statement.header_hash()) {
    return absl::InvalidArgumentError("statement.header_hash: not that of this signal");
  }
  Asked asked{request, statement, {}, {}, /*destroyed=*/true};
  asked.original.core.set_signal_id(statement.signal_id());
  asked.original.core.set_channel(remains->channel);
  return asked;
}

absl::StatusOr<Asked> LoadAsked(const Store& store, const Realm& realm, const v1::OpenRequest& request,
                                const v1::OpenStatement& statement, ByteView device) {
  absl::StatusOr<Original> original = LoadOriginal(store, realm.prefix(), statement.signal_id());
  if (absl::IsNotFound(original.status())) return LoadDestroyed(store, realm, request, statement);
  RETURN_IF_ERROR(original.status());
  if (View(crypto::Sha256(original->row.header)) != statement.header_hash()) {
    return absl::InvalidArgumentError("statement.header_hash: not that of this signal");
  }
  ASSIGN_OR_RETURN(Holding holding, HoldingOf(store, realm.prefix(), *original, statement.part(), device));
  const bool destroyed = original->IsDestroyed(statement.part());
  return Asked{request, statement, *std::move(original), std::move(holding), destroyed};
}

}  // namespace

void Reading::Open(const Session& session, const v1::OpenRequest& request, Done<v1::OpenReply> done) {
  const absl::Time now = context_.clock.Now();
  const absl::StatusOr<Caller> caller = AdmitToWrite(context_, context_.quotas.opens, session, now);
  if (!caller.ok()) return done(caller.status());
  absl::StatusOr<v1::OpenStatement> statement = ParseOpen(request, *caller, now);
  if (!statement.ok()) return done(statement.status());

  context_.workers.Schedule([this, caller = *caller, session, request, statement = *std::move(statement), now,
                             done = std::move(done)] {
    Realm& realm = *caller.realm;
    absl::StatusOr<Asked> asked = LoadAsked(context_.store, realm, request, statement, session.device);
    if (!asked.ok()) return done(asked.status());
    absl::StatusOr<v1::OpenReply> keys = LoadKeys(context_.store, realm, *asked, session.device);
    if (!keys.ok()) return done(keys.status());
    absl::StatusOr<Judgement> judged = JudgeOpen(*asked, session, caller.directory, now);
    if (!judged.ok()) return done(judged.status());
    context_.sequencer.Enqueue(std::make_unique<OpenOperation>(
        context_, realm, session, *std::move(asked), *std::move(judged), *std::move(keys), now, done));
  });
}

}  // namespace seinpost::server
