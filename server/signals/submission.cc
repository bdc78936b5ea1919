// SPDX-License-Identifier: EUPL-1.2
#include "server/signals/submission.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "crypto/hash.h"
#include "envelope/core.h"
#include "envelope/verify.h"
#include "policies/instead/alternatives.h"
#include "server/gate/caller.h"
#include "server/gate/cpu_meter.h"
#include "server/gate/refusal.h"
#include "server/realm/leaf_receipt.h"
#include "server/rows/device_records.h"
#include "server/rows/due_records.h"
#include "server/rows/records.h"
#include "server/signals/attachments.h"
#include "server/signals/events.h"
#include "server/signals/judged_operation.h"
#include "server/signals/original.h"
#include "server/signals/question.h"
#include "server/signals/references.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

// What a judged submit holds besides its request: what was read out of the header, facts, the event.
constexpr size_t kJudgedBytes = 16 * 1024;

// A verified envelope, and how much of the directory its sender had seen.
struct Verified {
  envelope::VerifiedHeader header;
  trust::DirSize keys;
};

// A verified and decided submit, ready for the commit thread.
struct Judged {
  Verified verified;
  policies::SendRequest request;
  policies::Facts facts;  // borrows from judgement.directory
  Bytes request_proof;
  Judgement judgement;
};

// To the sender every fault of his envelope is an invalid argument, named with the step that found it;
// another code would send him to log in again, or to the rules.
absl::Status EnvelopeFault(const absl::Status& fault) {
  switch (fault.code()) {
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kResourceExhausted:  // too large, whenever he tries again
      return absl::InvalidArgumentError(absl::StrCat("envelope: ", fault.message()));
    default:
      return absl::Status(fault.code(), absl::StrCat("envelope: ", fault.message()));
  }
}

// The core as the sender claims it, of an envelope that is not verified: to know what to verify it by, and to
// look for what was taken in before.
v1::Core ClaimedCore(const v1::SubmitRequest& request) {
  return envelope::ParseCore(request.envelope().header()).value_or(v1::Core());
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
  const absl::StatusOr<audit::Checkpoint> checkpoint =
      realm.CheckSenderCheckpoint(claimed.checkpoint(), now, absl::InfiniteDuration());
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
  RETURN_IF_ERROR(envelope::CheckCheckpointAge(header->core(), checkpoint->time));
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
  return std::make_unique<Judged>(Judged{std::move(verified),
                                         std::move(asked),
                                         std::move(facts),
                                         proof.Encode(),
                                         {std::move(directory), std::move(decision), {}, std::move(event)}});
}

class SubmitOperation final : public JudgedOperation<v1::SubmitReply> {
 public:
  SubmitOperation(const Context& context, Mailbox& mailbox, Realm& realm, Session session,
                  const v1::SubmitRequest& request, size_t bytes, References references,
                  std::unique_ptr<Judged> asked, absl::Time now, Done<v1::SubmitReply> done,
                  Abandoned abandoned)
      : JudgedOperation(context, realm, std::move(session), std::move(asked->judgement), now, {},
                        std::move(done)),
        mailbox_(mailbox),
        request_(request),
        bytes_(bytes),
        references_(std::move(references)),
        asked_(std::move(asked)),
        abandoned_(std::move(abandoned)) {}

  void Committed() override {
    if (!devices_.empty()) mailbox_.Wake(realm_, devices_);
  }
  size_t bytes() const override { return bytes_ + kJudgedBytes; }

 private:
  absl::Status ApplyOrRefuse(Transaction& transaction) override;
  absl::StatusOr<Judgement> JudgeBy(DirectorySnapshot directory) override;
  void Refuse(const Done<v1::SubmitReply>& done) override;
  absl::StatusOr<bool> CaseScopeChanged(const Transaction& transaction);
  absl::Status Write(Transaction& transaction);

  Mailbox& mailbox_;
  const v1::SubmitRequest& request_;
  const size_t bytes_;  // of the request
  References references_;
  std::unique_ptr<Judged> asked_;  // but for the judgement
  const Abandoned abandoned_;
  std::vector<trust::DeviceId> devices_;  // with a mailbox row
};

absl::Status SubmitOperation::ApplyOrRefuse(Transaction& transaction) {
  const Bytes& signal_id = asked_->verified.header.core().signal_id();
  const absl::StatusOr<Bytes> known = transaction.Get(Family::kSignal, SignalKey(realm_.prefix(), signal_id));
  if (known.ok()) {
    const absl::StatusOr<StoredSignal> decoded = StoredSignal::Decode(*known);
    if (absl::IsNotFound(decoded.status())) {
      return absl::AlreadyExistsError("core.signal_id: was used for a signal that has expired");
    }
    RETURN_IF_ERROR(decoded.status());
    const StoredSignal& stored = *decoded;
    if (stored.header != request_.envelope().header()) {
      return absl::AlreadyExistsError("core.signal_id: was used for another signal");
    }
    WasLogged(LoggedOf(stored));
    return absl::OkStatus();
  }
  if (!absl::IsNotFound(known.status())) return known.status();
  ASSIGN_OR_RETURN(const bool scope_changed, CaseScopeChanged(transaction));
  RETURN_IF_ERROR(Recheck(scope_changed));
  return Write(transaction);
}

absl::StatusOr<Judgement> SubmitOperation::JudgeBy(DirectorySnapshot directory) {
  ASSIGN_OR_RETURN(Verified verified, Verify(request_, realm_, session_, *directory, now_));
  ASSIGN_OR_RETURN(asked_, Judge(std::move(verified), std::move(directory), references_, now_));
  return std::move(asked_->judgement);
}

// Whether another signal has taken this one's case reference into use meanwhile. A row never changes.
absl::StatusOr<bool> SubmitOperation::CaseScopeChanged(const Transaction& transaction) {
  const Bytes& case_ref = asked_->verified.header.core().case_ref();
  if (case_ref.empty() || references_.case_scope) return false;
  absl::StatusOr<Bytes> scope = transaction.Get(Family::kCase, CaseKey(realm_.prefix(), case_ref));
  if (absl::IsNotFound(scope.status())) return false;
  RETURN_IF_ERROR(scope.status());
  ASSIGN_OR_RETURN(CaseRow row, CaseRow::Decode(*scope));
  references_.case_scope = std::move(row.scope);
  return true;
}

// State, leaf, opening: everything of one signal, or of one refusal the leaf alone.
absl::Status SubmitOperation::Write(Transaction& transaction) {
  const std::vector<envelope::VerifiedPart>& parts = asked_->verified.header.parts();
  const Bytes& prefix = realm_.prefix();
  const Bytes& signal_id = asked_->verified.header.core().signal_id();
  std::vector<Attachments::Spoken> attachments;
  std::set<absl::Time> expiries;
  for (const envelope::VerifiedPart& part : parts) {
    const absl::Time expires = absl::FromUnixSeconds(part.descriptor.expires());
    expiries.insert(expires);
    if (part.descriptor.kind() == v1::PART_KIND_ATTACHMENT) {
      attachments.push_back({part.descriptor.ct_hash(), expires});
    }
  }
  if (judged().decision.allowed)
    RETURN_IF_ERROR(Attachments::Claim(context_, transaction, realm_, attachments));
  const uint64_t leaf_index = Stage(transaction);
  if (!judged().decision.allowed) return absl::OkStatus();

  StoredSignal row;
  row.header = request_.envelope().header();
  row.header_sig = request_.envelope().header_sig();
  row.sender_device = session_.device;
  row.leaf_index = leaf_index;
  row.leaf_hash = judged().event.leaf_hash;
  row.time = judged().event.time;
  row.request_proof = asked_->request_proof;
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
         asked_->verified.header.FindPart(part.index())->descriptor.recipients()) {
      Bytes& places = mailboxes[recipient.device_id()];
      if (places.empty() || places.back() != place[0]) places += place;
    }
  }
  transaction.Put(Family::kSignal, SignalKey(prefix, signal_id), row.Encode());
  for (const absl::Time expires : expiries) {
    transaction.Put(Family::kMeta, DueKey(prefix, expires, DueKind::kParts, signal_id), "");
  }
  const v1::Core& core = asked_->verified.header.core();
  if (!core.case_ref().empty() && !expiries.empty()) {
    const absl::Status kept = KeepCase(transaction, prefix, core, *expiries.rbegin() + kRemainsLife);
    if (!kept.ok()) transaction.Fail(kept);
  }
  for (const auto& [device, places] : mailboxes) {
    transaction.Put(Family::kMailbox, MailboxKey(prefix, device, leaf_index),
                    MailboxRow{signal_id, places}.Encode());
    devices_.push_back(device);
  }
  return absl::OkStatus();
}

// Looking for what is allowed instead costs hundreds of decisions, so a worker does it, on the account of the
// sender. The leaf is there already: when there is no room or nothing left on that account, the refusal is
// given without.
void SubmitOperation::Refuse(const Done<v1::SubmitReply>& done) {
  struct Denied {
    Caller sender;  // holds the directory that the facts borrow from
    policies::Decision decision;
    std::unique_ptr<Judged> asked;
  };
  const DirectorySnapshot& directory = judged().directory;
  const auto denied = std::make_shared<Denied>(Denied{
      {&realm_, directory, directory->FindDevice(session_.device)}, judged().decision, std::move(asked_)});
  const auto answer = [&context = context_, denied, done] {
    done(Refused(context.metrics, denied->decision, envelope::DecidedParts::Of(denied->asked->request)));
  };
  Quotas& quotas = context_.quotas;
  if (!Take(quotas.cpu_microseconds, denied->sender, now_, 0).ok()) return answer();
  const auto search = [&quotas, denied, answer, now = now_, abandoned = abandoned_] {
    const CpuMeter meter;
    const Judged& asked = *denied->asked;
    denied->decision.instead =
        policies::Alternatives(asked.request, asked.facts, now, {kMaxSearchEffort, abandoned});
    Charge(quotas.cpu_microseconds, denied->sender, now, meter.microseconds());
    answer();
  };
  context_.workers.Schedule({Priority::kHeavy, bytes(), search, [answer](const absl::Status&) { answer(); }});
}

// A submit on its way to the commit thread.
struct Arrival {
  const Context& context;
  Mailbox& mailbox;
  Realm& realm;
  DirectorySnapshot directory;
  Session session;
  const v1::SubmitRequest& request;
  size_t bytes;  // of the request
  absl::Time now;
  Done<v1::SubmitReply> done;
  Abandoned abandoned;
};

// On a worker, or not at all.
void OnWorker(const Arrival& arrival, std::function<void()> run) {
  arrival.context.workers.Schedule({Priority::kOrdinary, arrival.bytes, std::move(run),
                                    [done = arrival.done](const absl::Status& why) { done(why); }});
}

// Whether verifying and judging it takes longer than a hop to a worker, so that it is not for a thread of
// gRPC's: hashing it, or deciding on so many devices.
bool IsLarge(const v1::SubmitRequest& request, size_t bytes) {
  constexpr size_t kSmallBytes = 128 * 1024;
  constexpr int kFewWraps = 64;
  int wraps = 0;
  for (const v1::Part& part : request.envelope().parts()) wraps += part.wraps_size();
  return bytes > kSmallBytes || wraps > kFewWraps;
}

// The answer got lost, and the sender asks again later than `created` allows: these bytes were verified
// before.
absl::StatusOr<v1::SubmitReply> AnswerAgain(const Arrival& arrival, const absl::Status& fault) {
  const Bytes signal_id = ClaimedCore(arrival.request).signal_id();
  const absl::StatusOr<Bytes> row =
      arrival.context.store.Get(Family::kSignal, SignalKey(arrival.realm.prefix(), signal_id));
  if (!row.ok()) return fault;
  const absl::StatusOr<StoredSignal> decoded = StoredSignal::Decode(*row);
  if (absl::IsNotFound(decoded.status())) return fault;  // destroyed since
  RETURN_IF_ERROR(decoded.status());
  const StoredSignal& stored = *decoded;
  if (stored.header != arrival.request.envelope().header() ||
      stored.sender_device != arrival.session.device) {
    return fault;
  }
  v1::SubmitReply reply;
  ASSIGN_OR_RETURN(*reply.mutable_receipt(), ReceiptAgain(arrival.realm, LoggedOf(stored)));
  return reply;
}

void JudgeAndEnqueue(const Arrival& arrival, Verified verified, References references) {
  absl::StatusOr<std::unique_ptr<Judged>> judged =
      Judge(std::move(verified), arrival.directory, references, arrival.now);
  if (!judged.ok()) return arrival.done(judged.status());
  arrival.context.sequencer.Enqueue(std::make_unique<SubmitOperation>(
      arrival.context, arrival.mailbox, arrival.realm, arrival.session, arrival.request, arrival.bytes,
      std::move(references), *std::move(judged), arrival.now, arrival.done, arrival.abandoned));
}

void LoadThenJudge(const Arrival& arrival, const Verified& verified) {
  absl::StatusOr<References> references =
      LoadReferences(arrival.context.store, arrival.realm.prefix(), verified.header.core());
  if (!references.ok()) return arrival.done(references.status());
  JudgeAndEnqueue(arrival, verified, *std::move(references));
}

void VerifyAndJudge(const Arrival& arrival, bool on_worker) {
  absl::StatusOr<Verified> verified =
      Verify(arrival.request, arrival.realm, arrival.session, *arrival.directory, arrival.now);
  if (absl::IsFailedPrecondition(verified.status())) {
    const absl::Status& fault = verified.status();  // the task takes a copy
    return OnWorker(arrival, [arrival, fault] { arrival.done(AnswerAgain(arrival, fault)); });
  }
  if (!verified.ok()) return arrival.done(verified.status());
  if (!HasReferences(verified->header.core())) {
    return JudgeAndEnqueue(arrival, *std::move(verified), {});
  }
  if (on_worker) return LoadThenJudge(arrival, *verified);
  const auto shared = std::make_shared<const Verified>(*std::move(verified));
  OnWorker(arrival, [arrival, shared] { LoadThenJudge(arrival, *shared); });
}

}  // namespace

void Submission::Submit(const Session& session, const v1::SubmitRequest& request, Done<v1::SubmitReply> done,
                        Abandoned abandoned) {
  const absl::Time now = context_.clock.Now();
  const absl::StatusOr<Caller> caller = AdmitToWrite(context_, context_.quotas.submits, session, now);
  if (!caller.ok()) return done(caller.status());
  const size_t bytes = request.ByteSizeLong();
  if (const absl::Status room = context_.space.CheckRoomFor(bytes); !room.ok()) return done(room);
  if (const absl::Status room = Take(context_.quotas.kilobytes, *caller, now, KilobytesOf(bytes));
      !room.ok()) {
    return done(room);
  }
  const Arrival arrival{context_, mailbox_, *caller->realm,  caller->directory,   session, request,
                        bytes,    now,      std::move(done), std::move(abandoned)};
  if (!IsLarge(request, bytes)) return VerifyAndJudge(arrival, /*on_worker=*/false);
  OnWorker(arrival, [arrival] { VerifyAndJudge(arrival, /*on_worker=*/true); });
}

}  // namespace seinpost::server
