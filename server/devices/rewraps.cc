// SPDX-License-Identifier: EUPL-1.2
#include "server/devices/rewraps.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "crypto/hash.h"
#include "envelope/limits.h"
#include "server/devices/rewrap_judgement.h"
#include "server/devices/row_pages.h"
#include "server/gate/caller.h"
#include "server/gate/statement.h"
#include "server/gate/watched_source.h"
#include "server/realm/leaf_receipt.h"
#include "server/rows/device_records.h"
#include "server/rows/due_records.h"
#include "server/rows/records.h"
#include "server/signals/judged_operation.h"
#include "server/stream/paged_source.h"
#include "trust/fields.h"
#include "trust/labels.h"
#include "trust/strict.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

using RequestSource = std::shared_ptr<Source<v1::RewrapRequested>>;

constexpr size_t kRewrapsPerPage = 64;

// What requests and answers have in common, checked before anything is read.
template <typename Message>
absl::Status CheckForm(const Message& message, absl::string_view name) {
  RETURN_IF_ERROR(trust::CheckSize(message.signal_id(), trust::kIdBytes, absl::StrCat(name, ".signal_id")));
  RETURN_IF_ERROR(
      trust::CheckSize(message.header_hash(), trust::kHashBytes, absl::StrCat(name, ".header_hash")));
  if (message.part() < envelope::kPlaces) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(name, ".part: over 15"));
}

// What requests and answers do at the commit thread.
template <typename Reply>
class RewrapOperation : public JudgedOperation<Reply> {
 protected:
  RewrapOperation(const Context& context, Realm& realm, Session session, Judgement judged, absl::Time now,
                  Done<Reply> done)
      : JudgedOperation<Reply>(context, realm, std::move(session), std::move(judged), now, {},
                               std::move(done)) {}

  // Stages the leaf, and if it was allowed puts the statement with it under `key`, due when it expires.
  void Write(Transaction& transaction, const envelope::SignedStatement& stated, const Bytes& key,
             const Bytes& due) {
    const PreparedEvent& event = this->judged().event;
    const LoggedStatement row{stated.statement, stated.signature, this->Stage(transaction), event.leaf_hash,
                              event.time};
    if (!this->judged().decision.allowed) return;
    transaction.Put(Family::kDevice, key, row.Encode());
    transaction.Put(Family::kMeta, due, "");
  }
};

class AskOperation final : public RewrapOperation<v1::AskRewrapReply> {
 public:
  AskOperation(const Context& context, Realm& realm, Session session, RewrapQuestion question,
               Judgement judged, absl::Time now, Done<v1::AskRewrapReply> done)
      : RewrapOperation(context, realm, std::move(session), std::move(judged), now, std::move(done)),
        question_(std::move(question)) {}

 private:
  absl::Status ApplyOrRefuse(Transaction& transaction) override {
    RETURN_IF_ERROR(Recheck());
    const v1::RewrapRequest& message = question_.message;
    const DevicePart of{session_.device, message.signal_id(), message.part()};
    const Bytes key = RewrapRequestKey(realm_.prefix(), of);
    ASSIGN_OR_RETURN(const std::optional<LoggedStatement> open, FindStatement(transaction, key));
    if (open && open->statement == question_.signed_statement.statement && judged().decision.allowed) {
      WasLogged(Logged::Of(*open));
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(UseNonce(transaction, realm_, session_.device, message.nonce(), now_));
    Write(transaction, question_.signed_statement, key,
          DueKey(realm_.prefix(), absl::FromUnixSeconds(message.expires()), DueKind::kRequest, DueOf(of)));
    return absl::OkStatus();
  }
  absl::StatusOr<Judgement> JudgeBy(DirectorySnapshot directory) override {
    return JudgeRewrapRequest(question_, session_.device, std::move(directory), now_);
  }

  const RewrapQuestion question_;
};

class GiveOperation final : public RewrapOperation<v1::GiveRewrapReply> {
 public:
  GiveOperation(const Context& context, Realm& realm, Session session, RewrapAnswer answer,
                LoggedStatement open, Judgement judged, absl::Time now, Done<v1::GiveRewrapReply> done)
      : RewrapOperation(context, realm, std::move(session), std::move(judged), now, std::move(done)),
        answer_(std::move(answer)),
        open_(std::move(open)) {}

 private:
  absl::Status ApplyOrRefuse(Transaction& transaction) override {
    RETURN_IF_ERROR(Recheck());
    const v1::Rewrap& message = answer_.message;
    const DevicePart of{message.target_device(), message.signal_id(), message.part()};
    const Bytes request_key = RewrapRequestKey(realm_.prefix(), of);
    const Bytes key = RewrapKey(realm_.prefix(), of);
    ASSIGN_OR_RETURN(const std::optional<LoggedStatement> open, FindStatement(transaction, request_key));
    if (!open || open->statement != open_.statement) {
      // Answered or replaced while this waited; perhaps by these very bytes.
      ASSIGN_OR_RETURN(const std::optional<LoggedStatement> given, FindStatement(transaction, key));
      if (!given || given->statement != answer_.signed_statement.statement) return NoSuchRewrapRequest();
      if (judged().decision.allowed) WasLogged(Logged::Of(*given));
      return absl::OkStatus();
    }
    Write(transaction, answer_.signed_statement, key,
          DueKey(realm_.prefix(), absl::FromUnixSeconds(message.expires()), DueKind::kRewrap, DueOf(of)));
    if (judged().decision.allowed) transaction.Delete(Family::kDevice, request_key);
    return absl::OkStatus();
  }
  absl::StatusOr<Judgement> JudgeBy(DirectorySnapshot directory) override {
    return JudgeRewrap(answer_, open_, session_.device, std::move(directory), now_);
  }

  const RewrapAnswer answer_;
  const LoggedStatement open_;
};

// The answer got lost, or the device asks once more, later than a statement may be: what stands open was
// judged before. `fault`: it does not.
absl::StatusOr<v1::AskRewrapReply> AskedBefore(const Context& context, Realm& realm, ByteView device,
                                               const v1::RewrapRequest& message, ByteView request,
                                               const absl::Status& fault) {
  ASSIGN_OR_RETURN(
      const std::optional<LoggedStatement> open,
      FindStatement(context.store,
                    RewrapRequestKey(realm.prefix(), {Bytes(device), message.signal_id(), message.part()})));
  if (!open || open->statement != request) return fault;
  v1::AskRewrapReply reply;
  ASSIGN_OR_RETURN(*reply.mutable_receipt(), ReceiptAgain(realm, Logged::Of(*open)));
  return reply;
}

// Reads what the question is about, judges it, and sends it to the commit thread.
void JudgeAndAsk(const Context& context, const Caller& caller, const Session& session,
                 const v1::AskRewrapRequest& request, const v1::RewrapRequest& message, absl::Time now,
                 const Done<v1::AskRewrapReply>& done) {
  absl::StatusOr<RewrapSubject> subject = LoadRewrapSubject(
      context.store, *caller.realm, *caller.directory, message.signal_id(), message.header_hash(), "request");
  if (!subject.ok()) return done(subject.status());
  RewrapQuestion question{message, {request.request(), request.signature()}, *std::move(subject)};
  absl::StatusOr<Judgement> judged = JudgeRewrapRequest(question, session.device, caller.directory, now);
  if (!judged.ok()) return done(judged.status());
  context.sequencer.Enqueue(std::make_unique<AskOperation>(
      context, *caller.realm, session, std::move(question), *std::move(judged), now, done));
}

void JudgeAndGive(const Context& context, const Caller& caller, const Session& session,
                  const v1::GiveRewrapRequest& request, const v1::Rewrap& message, absl::Time now,
                  const Done<v1::GiveRewrapReply>& done) {
  Realm& realm = *caller.realm;
  const DevicePart of{message.target_device(), message.signal_id(), message.part()};
  absl::StatusOr<std::optional<LoggedStatement>> given =
      FindStatement(context.store, RewrapKey(realm.prefix(), of));
  if (!given.ok()) return done(given.status());
  if (*given && (*given)->statement == request.rewrap()) {
    v1::GiveRewrapReply reply;
    absl::StatusOr<v1::Receipt> receipt = ReceiptAgain(realm, Logged::Of(**given));
    if (!receipt.ok()) return done(receipt.status());
    *reply.mutable_receipt() = *std::move(receipt);
    return done(std::move(reply));
  }
  absl::StatusOr<RewrapSubject> subject = LoadRewrapSubject(
      context.store, realm, *caller.directory, message.signal_id(), message.header_hash(), "rewrap");
  if (!subject.ok()) return done(subject.status());
  absl::StatusOr<std::optional<LoggedStatement>> open =
      FindStatement(context.store, RewrapRequestKey(realm.prefix(), of));
  if (!open.ok()) return done(open.status());
  if (!*open || View(crypto::Sha256((*open)->statement)) != message.request_hash()) {
    return done(NoSuchRewrapRequest());
  }
  RewrapAnswer answer{message, {request.rewrap(), request.signature()}, *std::move(subject)};
  absl::StatusOr<Judgement> judged = JudgeRewrap(answer, **open, session.device, caller.directory, now);
  if (!judged.ok()) return done(judged.status());
  context.sequencer.Enqueue(std::make_unique<GiveOperation>(
      context, realm, session, std::move(answer), **std::move(open), *std::move(judged), now, done));
}

// Nothing: it has expired, or `device` is no recipient of that part.
absl::StatusOr<std::optional<v1::RewrapRequested>> LoadRequest(const Store& store, const Realm& realm,
                                                               const LoggedStatement& row, ByteView device,
                                                               absl::Time now) {
  v1::RewrapRequest message;
  if (!message.ParseFromString(row.statement)) return absl::DataLossError("a stored request does not parse");
  if (now >= absl::FromUnixSeconds(message.expires())) return std::optional<v1::RewrapRequested>();
  const absl::StatusOr<Original> original = LoadOriginal(store, realm.prefix(), message.signal_id());
  if (absl::IsNotFound(original.status())) return std::optional<v1::RewrapRequested>();
  RETURN_IF_ERROR(original.status());
  const Original::Part* part = original->FindPart(message.part());
  if (part == nullptr || !IsRecipient(part->descriptor, device)) return std::optional<v1::RewrapRequested>();
  v1::RewrapRequested requested;
  requested.set_request(row.statement);
  requested.set_signature(row.signature);
  requested.set_leaf_index(row.leaf_index);
  return std::optional<v1::RewrapRequested>(std::move(requested));
}

}  // namespace

void Rewraps::Ask(const Session& session, const v1::AskRewrapRequest& request,
                  Done<v1::AskRewrapReply> done) {
  const absl::Time now = context_.clock.Now();
  const absl::StatusOr<Caller> caller = AdmitToWrite(context_, context_.quotas.opens, session, now);
  if (!caller.ok()) return done(caller.status());
  v1::RewrapRequest message;
  absl::Status admitted =
      trust::StrictParse(request.request(), envelope::kMaxRewrapStatementBytes, "request", message);
  if (admitted.ok()) admitted = CheckForm(message, "request");
  if (admitted.ok()) {
    // The request names no device: that of its prekey must have signed it, which is checked with the rest.
    admitted = CheckStatement(
        *caller, trust::kRewrapRequestLabel, request.request(), request.signature(),
        {message.convenant_id(), session.device, message.time(), message.nonce(), "request"}, now);
  }
  if (absl::IsFailedPrecondition(admitted)) {
    context_.workers.Schedule(
        [this, caller = *caller, session, request, message, admitted, done = std::move(done)] {
          done(AskedBefore(context_, *caller.realm, session.device, message, request.request(), admitted));
        });
    return;
  }
  if (!admitted.ok()) return done(admitted);
  context_.workers.Schedule([this, caller = *caller, session, request, message, now, done = std::move(done)] {
    JudgeAndAsk(context_, caller, session, request, message, now, done);
  });
}

void Rewraps::Give(const Session& session, const v1::GiveRewrapRequest& request,
                   Done<v1::GiveRewrapReply> done) {
  const absl::Time now = context_.clock.Now();
  const absl::StatusOr<Caller> caller = AdmitToWrite(context_, context_.quotas.opens, session, now);
  if (!caller.ok()) return done(caller.status());
  v1::Rewrap message;
  absl::Status admitted =
      trust::StrictParse(request.rewrap(), envelope::kMaxRewrapStatementBytes, "rewrap", message);
  if (admitted.ok()) admitted = CheckForm(message, "rewrap");
  if (admitted.ok()) {
    admitted = trust::CheckSize(message.target_device(), trust::kIdBytes, "rewrap.target_device");
  }
  if (admitted.ok()) {
    admitted = CheckStatement(
        *caller, trust::kRewrapLabel, request.rewrap(), request.signature(),
        {message.convenant_id(), message.giver_device(), message.time(), std::nullopt, "rewrap"}, now);
  }
  if (!admitted.ok()) return done(admitted);
  context_.workers.Schedule([this, caller = *caller, session, request, message, now, done = std::move(done)] {
    JudgeAndGive(context_, caller, session, request, message, now, done);
  });
}

void Rewraps::ListRequests(const Session& session, const v1::ListRewrapRequestsRequest& request,
                           Done<RequestSource> done) {
  const absl::Time now = context_.clock.Now();
  const absl::StatusOr<Caller> caller = Admit(context_, context_.quotas.questions, session, now);
  if (!caller.ok()) return done(caller.status());
  absl::Status admitted = CheckConvenant(session, request.convenant_id());
  if (!admitted.ok()) return done(admitted);
  Realm& realm = *caller->realm;
  const auto watched = Watch(context_, realm, session, done);
  if (!watched.ok()) return done(watched.status());
  // The open requests of the realm that are not the device's own.
  const auto more = [device = session.device,
                     pages = std::make_shared<RowPages>(
                         context_.store, Family::kDevice, RewrapRequestPrefix(realm.prefix()),
                         kRewrapsPerPage)]() -> absl::StatusOr<std::optional<std::vector<LoggedStatement>>> {
    std::vector<LoggedStatement> requests;
    const auto add = [&](ByteView key, ByteView value) -> absl::Status {
      ASSIGN_OR_RETURN(const DevicePart of, ParseDevicePart(key));
      ASSIGN_OR_RETURN(LoggedStatement row, LoggedStatement::Decode(value));
      if (of.device_id != device) requests.push_back(std::move(row));
      return absl::OkStatus();
    };
    ASSIGN_OR_RETURN(const bool some, pages->Next(add));
    if (!some) return std::optional<std::vector<LoggedStatement>>();
    return std::optional<std::vector<LoggedStatement>>(std::move(requests));
  };
  const auto load = [&context = context_, &realm, device = session.device](const LoggedStatement& row) {
    return LoadRequest(context.store, realm, row, device, context.clock.Now());
  };
  (*watched)(RequestSource(
      std::make_shared<PagedSource<LoggedStatement, v1::RewrapRequested>>(context_.workers, more, load)));
}

}  // namespace seinpost::server
