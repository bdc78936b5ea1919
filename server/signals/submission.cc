// SPDX-License-Identifier: EUPL-1.2
#include "server/signals/submission.h"

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "crypto/hash.h"
#include "envelope/limits.h"
#include "envelope/verify.h"
#include "policies/instead/alternatives.h"
#include "server/gate/refusal.h"
#include "server/rows/device_records.h"
#include "server/rows/records.h"
#include "server/signals/attachments.h"
#include "server/signals/events.h"
#include "server/signals/references.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

// How old the checkpoint may be that a sender sealed on.
constexpr absl::Duration kCheckpointAge = absl::Minutes(10);
constexpr absl::Duration kQueuedCheckpointAge = absl::Hours(24);

// A verified envelope, and how much of the directory its sender had seen.
struct Verified {
  envelope::VerifiedHeader header;
  trust::DirSize keys;
};

// A verified and decided submit, ready for the commit thread.
struct Judged {
  Verified verified;
  DirectorySnapshot directory;  // that it was judged by; `facts` borrows from it
  policies::SendRequest request;
  policies::Facts facts;
  policies::Decision decision;
  PreparedEvent event;
  Bytes request_proof;
};

// To the sender every fault of his envelope is an invalid argument, named with the step that found it;
// another code would send him to log in again, or to the rules.
absl::Status EnvelopeFault(const absl::Status& fault) {
  switch (fault.code()) {
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kNotFound:
      return absl::InvalidArgumentError(absl::StrCat("envelope: ", fault.message()));
    default:
      return absl::Status(fault.code(), absl::StrCat("envelope: ", fault.message()));
  }
}

// The core as the sender claims it, of an envelope that is not verified: to know what to verify it by, and to
// look for what was taken in before.
v1::Core ClaimedCore(const v1::SubmitRequest& request) {
  v1::Header header;
  v1::Core core;
  if (request.envelope().header().size() > envelope::kMaxHeaderBytes ||
      !header.ParseFromString(request.envelope().header()) || !core.ParseFromString(header.core())) {
    return {};
  }
  return core;
}

// A signal made under a version that has been replaced is verified by what held until then, so that the rules
// see it and refuse it, with a leaf (R31). Everything else by what holds now.
trust::DirSize AuthorityFor(const v1::Core& claimed, const trust::Directory& directory) {
  const std::vector<trust::Version>& versions = directory.versions();
  for (size_t i = 0; i + 1 < versions.size(); ++i) {
    if (View(versions[i].hash) == claimed.convenant_hash()) return versions[i + 1].seq;
  }
  return trust::kNewest;
}

// Steps 1 to 8 on what the broker sees. Pure but for what it reads of the realm's log.
absl::StatusOr<Verified> Verify(const v1::SubmitRequest& request, const Realm& realm, const Session& session,
                                const trust::Directory& directory, absl::Time now) {
  RETURN_IF_ERROR(CheckMayAct(directory, session.device, now));
  const v1::Core claimed = ClaimedCore(request);
  // The envelope's own faults are told first, so what is wrong with the checkpoint waits.
  const absl::StatusOr<audit::Checkpoint> checkpoint = realm.CheckSenderCheckpoint(
      claimed.checkpoint(), now, claimed.queued() ? kQueuedCheckpointAge : kCheckpointAge);
  trust::AsOf as_of;
  as_of.authority = AuthorityFor(claimed, directory);
  if (checkpoint.ok() && checkpoint->directory) as_of.keys = checkpoint->directory->seq;
  absl::StatusOr<envelope::VerifiedHeader> header =
      envelope::VerifyEnvelope(request.envelope(), directory, {envelope::Verifier::kBroker, {}, now, as_of});
  if (!header.ok()) return EnvelopeFault(header.status());
  if (header->core().sender_device() != session.device) {
    return absl::InvalidArgumentError("core.sender_device: not the device of this session");
  }
  RETURN_IF_ERROR(checkpoint.status());
  return Verified{*std::move(header), as_of.keys};
}

// The rules, and the event that tells of what they said.
absl::StatusOr<std::unique_ptr<Judged>> Judge(Verified verified, DirectorySnapshot directory,
                                              const References& references, absl::Time now) {
  const envelope::VerifiedHeader& header = verified.header;
  RETURN_IF_ERROR(references.CheckKnownTo(header.sender(), *directory));
  policies::SendRequest asked = envelope::ToSendRequest(header, *directory);
  policies::Facts facts = envelope::LoadFacts(
      header, *directory, absl::FromUnixSeconds(header.core().created()), {trust::kNewest, verified.keys});
  references.AddTo(facts, *directory);
  policies::Decision decision = policies::DecideSend(asked, facts, now);
  if (decision.allowed) {
    if (const absl::Status fault = envelope::CheckKeySets(header); !fault.ok()) return EnvelopeFault(fault);
  }
  ASSIGN_OR_RETURN(PreparedEvent event,
                   PreparedEvent::Make(SubmitEvent(header, asked, decision, *directory, now)));
  ASSIGN_OR_RETURN(const audit::FieldProof proof, event.committed.opening.Prove(audit::Tag::kRequestHash));
  return std::make_unique<Judged>(Judged{std::move(verified), std::move(directory), std::move(asked),
                                         std::move(facts), std::move(decision), std::move(event),
                                         proof.Encode()});
}

// The receipt of a signal that was taken in before.
absl::StatusOr<v1::SubmitReply> SameReceipt(Realm& realm, const StoredSignal& stored) {
  v1::SubmitReply reply;
  ASSIGN_OR_RETURN(*reply.mutable_receipt(),
                   ReceiptAgain(realm, {stored.leaf_index, stored.leaf_hash,
                                        ToBytes(crypto::Sha256(stored.header)), stored.time}));
  return reply;
}

class SubmitOperation final : public Operation {
 public:
  SubmitOperation(const Context& context, Mailbox& mailbox, Realm& realm, Session session,
                  const v1::SubmitRequest& request, References references, std::unique_ptr<Judged> judged,
                  absl::Time now, Done<v1::SubmitReply> done)
      : context_(context),
        mailbox_(mailbox),
        realm_(realm),
        session_(std::move(session)),
        request_(request),
        references_(std::move(references)),
        judged_(std::move(judged)),
        now_(now),
        done_(std::move(done)) {}

  void Apply(Transaction& transaction) override {
    outcome_ = ApplyOrRefuse(transaction);
    if (!outcome_.ok()) devices_.clear();
  }

  void Committed() override {
    if (!devices_.empty()) mailbox_.Wake(realm_, devices_);
  }

  void Complete(const absl::Status& commit) override {
    if (!commit.ok()) return done_(commit);
    if (duplicate_) return done_(SameReceipt(realm_, *duplicate_));
    if (!outcome_.ok()) return done_(outcome_);
    if (!judged_->decision.allowed) return done_(Refusal());
    v1::SubmitReply reply;
    *reply.mutable_receipt() =
        MakeReceipt(realm_, leaf_index_, judged_->event.leaf_hash, judged_->event.request_hash,
                    judged_->event.time, judged_->event.opening);
    done_(std::move(reply));
  }

 private:
  absl::Status ApplyOrRefuse(Transaction& transaction);
  absl::StatusOr<bool> CaseScopeChanged(const Transaction& transaction);
  absl::Status Write(Transaction& transaction);
  absl::Status Refusal();

  const Context& context_;
  Mailbox& mailbox_;
  Realm& realm_;
  const Session session_;
  const v1::SubmitRequest& request_;
  References references_;
  std::unique_ptr<Judged> judged_;
  const absl::Time now_;
  const Done<v1::SubmitReply> done_;

  absl::Status outcome_;
  uint64_t leaf_index_ = 0;
  std::vector<trust::DeviceId> devices_;   // with a mailbox row
  std::optional<StoredSignal> duplicate_;  // the same bytes were taken in before
};

absl::Status SubmitOperation::ApplyOrRefuse(Transaction& transaction) {
  const Bytes& signal_id = judged_->verified.header.core().signal_id();
  const absl::StatusOr<Bytes> known = transaction.Get(Family::kSignal, SignalKey(realm_.prefix(), signal_id));
  if (known.ok()) {
    ASSIGN_OR_RETURN(StoredSignal stored, StoredSignal::Decode(*known));
    if (stored.header != request_.envelope().header()) {
      return absl::AlreadyExistsError("core.signal_id: was used for another signal");
    }
    duplicate_ = std::move(stored);
    return absl::OkStatus();
  }
  if (!absl::IsNotFound(known.status())) return known.status();
  ASSIGN_OR_RETURN(const bool scope_changed, CaseScopeChanged(transaction));
  if (scope_changed || judged_->directory != realm_.staged_directory()) {
    // Something it was judged by changed while this waited: judge again by what holds now.
    const DirectorySnapshot directory = realm_.staged_directory();
    ASSIGN_OR_RETURN(Verified verified, Verify(request_, realm_, session_, *directory, now_));
    ASSIGN_OR_RETURN(judged_, Judge(std::move(verified), directory, references_, now_));
  }
  return Write(transaction);
}

// Whether another signal has taken this one's case reference into use meanwhile. A row never changes.
absl::StatusOr<bool> SubmitOperation::CaseScopeChanged(const Transaction& transaction) {
  const Bytes& case_ref = judged_->verified.header.core().case_ref();
  if (case_ref.empty() || references_.case_scope) return false;
  absl::StatusOr<Bytes> scope = transaction.Get(Family::kCase, CaseKey(realm_.prefix(), case_ref));
  if (absl::IsNotFound(scope.status())) return false;
  RETURN_IF_ERROR(scope.status());
  references_.case_scope = *std::move(scope);
  return true;
}

// State, leaf, opening: everything of one signal, or of one refusal the leaf alone.
absl::Status SubmitOperation::Write(Transaction& transaction) {
  const std::vector<envelope::VerifiedPart>& parts = judged_->verified.header.parts();
  const Bytes& prefix = realm_.prefix();
  const Bytes& signal_id = judged_->verified.header.core().signal_id();
  std::vector<ByteView> attachments;
  for (const envelope::VerifiedPart& part : parts) {
    if (part.descriptor.kind() == v1::PART_KIND_ATTACHMENT) attachments.push_back(part.descriptor.ct_hash());
  }
  if (judged_->decision.allowed) RETURN_IF_ERROR(Attachments::Claim(transaction, realm_, attachments));
  leaf_index_ = transaction.Stage(realm_, judged_->event);
  if (!judged_->decision.allowed) return absl::OkStatus();

  StoredSignal row;
  row.header = request_.envelope().header();
  row.header_sig = request_.envelope().header_sig();
  row.sender_device = session_.device;
  row.leaf_index = leaf_index_;
  row.leaf_hash = judged_->event.leaf_hash;
  row.time = judged_->event.time;
  row.request_proof = judged_->request_proof;
  std::map<trust::DeviceId, Bytes> mailboxes;  // device -> places of its parts
  for (const v1::Part& part : request_.envelope().parts()) {
    row.part_indexes += U8(static_cast<uint8_t>(part.index()));
    transaction.Put(Family::kPart, PartKey(prefix, signal_id, part.index()),
                    StoredPart::Encode(part.descriptor_bytes(), part.ciphertext()));
    Bytes wraps;
    for (const Bytes& wrap : part.wraps()) wraps += wrap;
    transaction.Put(Family::kPart, WrapsKey(prefix, signal_id, part.index()), wraps);
    const Bytes place = U8(static_cast<uint8_t>(part.index()));
    for (const v1::Recipient& recipient :
         judged_->verified.header.FindPart(part.index())->descriptor.recipients()) {
      Bytes& places = mailboxes[recipient.device_id()];
      if (places.empty() || places.back() != place[0]) places += place;
    }
  }
  transaction.Put(Family::kSignal, SignalKey(prefix, signal_id), row.Encode());
  const v1::Core& core = judged_->verified.header.core();
  if (!core.case_ref().empty() && !references_.case_scope) {
    transaction.Put(Family::kCase, CaseKey(prefix, core.case_ref()),
                    policies::Convenant::ScopeOf(core.channel()));
  }
  for (const auto& [device, places] : mailboxes) {
    transaction.Put(Family::kMailbox, MailboxKey(prefix, device, leaf_index_),
                    MailboxRow{signal_id, places}.Encode());
    devices_.push_back(device);
  }
  return absl::OkStatus();
}

// Looking for what is allowed instead costs hundreds of decisions, so it happens here, off the commit thread.
absl::Status SubmitOperation::Refusal() {
  policies::Decision& decision = judged_->decision;
  decision.instead = policies::Alternatives(judged_->request, judged_->facts, now_);
  return Refused(context_.metrics, decision, envelope::DecidedParts::Of(judged_->request));
}

// A submit on its way to the commit thread.
struct Arrival {
  const Context& context;
  Mailbox& mailbox;
  Realm& realm;
  DirectorySnapshot directory;
  Session session;
  const v1::SubmitRequest& request;
  absl::Time now;
  Done<v1::SubmitReply> done;
};

// The answer got lost, and the sender asks again later than `created` allows: these bytes were verified
// before.
absl::StatusOr<v1::SubmitReply> AnswerAgain(const Arrival& arrival, const absl::Status& fault) {
  const Bytes signal_id = ClaimedCore(arrival.request).signal_id();
  const absl::StatusOr<Bytes> row =
      arrival.context.store.Get(Family::kSignal, SignalKey(arrival.realm.prefix(), signal_id));
  if (!row.ok()) return fault;
  ASSIGN_OR_RETURN(const StoredSignal stored, StoredSignal::Decode(*row));
  if (stored.header != arrival.request.envelope().header() ||
      stored.sender_device != arrival.session.device) {
    return fault;
  }
  return SameReceipt(arrival.realm, stored);
}

void JudgeAndEnqueue(const Arrival& arrival, Verified verified, References references) {
  absl::StatusOr<std::unique_ptr<Judged>> judged =
      Judge(std::move(verified), arrival.directory, references, arrival.now);
  if (!judged.ok()) return arrival.done(judged.status());
  arrival.context.sequencer.Enqueue(std::make_unique<SubmitOperation>(
      arrival.context, arrival.mailbox, arrival.realm, arrival.session, arrival.request,
      std::move(references), *std::move(judged), arrival.now, arrival.done));
}

void LoadThenJudge(const Arrival& arrival, const Verified& verified) {
  absl::StatusOr<References> references =
      LoadReferences(arrival.context.store, arrival.realm.prefix(), verified.header.core());
  if (!references.ok()) return arrival.done(references.status());
  JudgeAndEnqueue(arrival, verified, *std::move(references));
}

}  // namespace

void Submission::Submit(const Session& session, const v1::SubmitRequest& request,
                        Done<v1::SubmitReply> done) {
  const absl::Time now = context_.clock.Now();
  const absl::StatusOr<Caller> caller = FindCaller(context_, session, now);
  if (!caller.ok()) return done(caller.status());
  absl::Status admitted = caller->realm->Writable();
  if (admitted.ok()) admitted = context_.quotas.submits.Take(session.device, now);
  if (!admitted.ok()) return done(admitted);
  const Arrival arrival{context_, mailbox_, *caller->realm, caller->directory, session,
                        request,  now,      std::move(done)};
  absl::StatusOr<Verified> verified = Verify(request, arrival.realm, session, *arrival.directory, now);
  if (absl::IsFailedPrecondition(verified.status())) {
    const absl::Status& fault = verified.status();  // the task takes a copy
    return context_.workers.Schedule([arrival, fault] { arrival.done(AnswerAgain(arrival, fault)); });
  }
  if (!verified.ok()) return arrival.done(verified.status());
  if (!HasReferences(verified->header.core())) {
    return JudgeAndEnqueue(arrival, *std::move(verified), {});
  }
  const auto shared = std::make_shared<const Verified>(*std::move(verified));
  context_.workers.Schedule([arrival, shared] { LoadThenJudge(arrival, *shared); });
}

}  // namespace seinpost::server
