// SPDX-License-Identifier: EUPL-1.2
#include "client/session.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/outbox.h"
#include "client/output.h"
#include "client/prekeys.h"
#include "crypto/hash.h"
#include "crypto/merkle.h"
#include "trust/log_identity.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

// What fails to verify, said with its cause.
absl::Status Tampered(absl::string_view what, const absl::Status& cause) {
  return TamperedError(absl::StrCat(what, ": ", cause.message()));
}

}  // namespace

Session::Session(const Context& context, Profile profile, State state, ConvenantEntry entry)
    : context_(context),
      profile_(std::move(profile)),
      state_(std::move(state)),
      entry_(std::move(entry)),
      own_device_id_(profile_.device_id()),
      directory_(entry_.hash, absl::StrCat(entry_.id, ".yaml")),
      connection_(std::make_unique<Connection>(entry_.broker, entry_.tls_ca_pem, context.clock)) {}

absl::StatusOr<std::unique_ptr<Session>> Session::Open(const Context& context) {
  ASSIGN_OR_RETURN(Profile profile, Profile::Open(context));
  ASSIGN_OR_RETURN(ConvenantEntry entry, profile.FindConvenant(context.convenant));
  ASSIGN_OR_RETURN(State state, State::Open(absl::StrCat(profile.directory(), "/", entry.id)));
  std::unique_ptr<Session> session(
      new Session(context, std::move(profile), std::move(state), std::move(entry)));
  RETURN_IF_ERROR(session->LoadDirectory());
  return session;
}

absl::StatusOr<std::unique_ptr<Session>> Session::Online(const Context& context) {
  ASSIGN_OR_RETURN(std::unique_ptr<Session> session, Open(context));
  RETURN_IF_ERROR(session->Sync());
  return session;
}

absl::Status Session::LoadDirectory() {
  ASSIGN_OR_RETURN(objects_, state_.LoadDirectory());
  for (const Bytes& object : objects_) {
    const absl::Status added = directory_.Add(object, absl::InfinitePast());
    if (!added.ok()) {
      return WithExit(absl::DataLossError(absl::StrCat("the stored directory is damaged: ", added.message())),
                      kUsage);
    }
  }
  if (!has_directory()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const StateData data, state_.Load());
  if (!data.checkpoint.empty()) {
    ASSIGN_OR_RETURN(const audit::VerifierKey key, LogVerifier());
    absl::StatusOr<audit::Checkpoint> checkpoint = audit::VerifyCheckpoint(data.checkpoint, key);
    if (!checkpoint.ok()) return Tampered("the stored checkpoint", checkpoint.status());
    checkpoint_note_ = data.checkpoint;
    checkpoint_ = *std::move(checkpoint);
  }
  return Authenticate();
}

absl::Status Session::Authenticate() {
  ASSIGN_OR_RETURN(const FixedBytes<32> log_key, trust::LogKey(convenant()));
  connection_->SetCredentials({.device_id = own_device_id_,
                               .key = &profile_.device_key(),
                               .convenant_id = entry_.id,
                               .service_identity = ToBytes(log_key)});
  return absl::OkStatus();
}

absl::StatusOr<audit::VerifierKey> Session::LogVerifier() const {
  ASSIGN_OR_RETURN(const FixedBytes<32> log_key, trust::LogKey(convenant()));
  return audit::LogKey(trust::LogOrigin(entry_.id), log_key);
}

absl::StatusOr<const trust::Device*> Session::OwnDevice() const {
  const trust::Device* device = directory_.FindDevice(own_device_id_);
  if (device == nullptr)
    return absl::FailedPreconditionError("this device is not certified by its organisation yet");
  return device;
}

absl::StatusOr<const trust::Member*> Session::OwnMember() const {
  ASSIGN_OR_RETURN(const trust::Device* const device, OwnDevice());
  const trust::Member* member = directory_.FindMember(device->member_ref);
  if (member == nullptr) return absl::FailedPreconditionError("this device belongs to no member");
  return member;
}

absl::Status Session::Sync() {
  RETURN_IF_ERROR(SyncDirectory());
  ASSIGN_OR_RETURN(const std::vector<Bytes> prekeys,
                   RenewPrekeys(profile_, directory_, context_.clock.Now()));
  if (!prekeys.empty()) {
    ASSIGN_OR_RETURN(const v1::PublishReply reply, connection_->Publish(entry_.id, prekeys));
    RETURN_IF_ERROR(CheckPublished(reply, prekeys));
    RETURN_IF_ERROR(SyncDirectory());
  }
  const absl::Status flushed = FlushOutbox(*this).status();
  if (flushed.ok() || ExitCodeOf(flushed) == kTampered || ExitCodeOf(flushed) == kUnreachable) return flushed;
  // What waits can wait longer: it must not keep the command from what it was called for.
  Note(context_, absl::StrCat("the outbox was not emptied: ", flushed.message()));
  return absl::OkStatus();
}

absl::Status Session::SyncDirectory() {
  if (!has_directory()) RETURN_IF_ERROR(PinConvenant());
  Bytes note;
  RETURN_IF_ERROR(FetchObjects(note));
  RETURN_IF_ERROR(CheckCheckpoint(note).status());
  RETURN_IF_ERROR(CheckDirectoryHead());
  RETURN_IF_ERROR(state_.SaveDirectory(objects_));
  return CheckPending();
}

// The first object of a directory is the convenant; the profile pins its hash.
absl::Status Session::PinConvenant() {
  ASSIGN_OR_RETURN(const v1::GetConvenantReply reply, connection_->GetConvenant(entry_.id));
  const absl::Status added = directory_.Add(reply.object(), context_.clock.Now());
  if (!added.ok()) return Tampered("the convenant that the broker shows", added);
  objects_.push_back(reply.object());
  return Authenticate();
}

// An object may be older than this device's last visit, a certificate in it may have run out since: it was
// checked against the time when the log took it in, and whatever has run out counts for nothing anyway.
absl::Status Session::FetchObjects(Bytes& note) {
  RETURN_IF_ERROR(
      connection_->GetDirectory(objects_.size(), [&](const v1::GetDirectoryReply& reply) -> absl::Status {
        if (reply.objects_size() > 0 && reply.first_seq() != objects_.size()) {
          return TamperedError("the broker leaves a gap in the directory");
        }
        for (const std::string& object : reply.objects()) {
          const absl::Status added = directory_.Add(object, absl::InfinitePast());
          if (!added.ok()) return Tampered("an object of the directory", added);
          objects_.push_back(object);
        }
        if (!reply.checkpoint().empty()) note = reply.checkpoint();
        return absl::OkStatus();
      }));
  if (note.empty()) return TamperedError("the broker gives no checkpoint with its directory");
  return absl::OkStatus();
}

absl::Status Session::CheckDirectoryHead() const {
  const std::optional<audit::DirectoryHead>& head = checkpoint_->directory;
  if (!head.has_value() || head->seq != directory_.size() || head->hash != directory_.chain_hash()) {
    return TamperedError(
        "the directory is not the one its checkpoint speaks of: the broker withholds or adds objects");
  }
  return absl::OkStatus();
}

absl::StatusOr<audit::Checkpoint> Session::CheckCheckpoint(ByteView note) {
  if (checkpoint_.has_value() && note == checkpoint_note_) return *checkpoint_;
  ASSIGN_OR_RETURN(const audit::VerifierKey key, LogVerifier());
  absl::StatusOr<audit::Checkpoint> checkpoint = audit::VerifyCheckpoint(note, key);
  if (!checkpoint.ok()) return Tampered("checkpoint", checkpoint.status());
  if (checkpoint_.has_value()) RETURN_IF_ERROR(CheckGoesOnFrom(*checkpoint_, *checkpoint));
  checkpoint_ = *checkpoint;
  checkpoint_note_ = Bytes(note);
  RETURN_IF_ERROR(state_.Update([&](StateData& data) -> absl::Status {
    // Another command may have come further meanwhile.
    const absl::StatusOr<audit::Checkpoint> stored = audit::VerifyCheckpoint(data.checkpoint, key);
    if (!stored.ok() || stored->size <= checkpoint->size) data.checkpoint = checkpoint_note_;
    return absl::OkStatus();
  }));
  return checkpoint;
}

absl::Status Session::CheckGoesOnFrom(const audit::Checkpoint& before, const audit::Checkpoint& now) {
  if (now.size < before.size || (now.size == before.size && now.root != before.root)) {
    return TamperedError("the log does not go on from what it was: it was rolled back or has two histories");
  }
  if (now.size == before.size || before.size == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const v1::ProveConsistencyReply reply,
                   connection_->ProveConsistency(before.size, now.size));
  std::vector<Digest> proof;
  for (const std::string& hash : reply.hashes()) {
    const absl::StatusOr<Digest> digest = ToFixed<32>(hash, "hash of a proof");
    if (!digest.ok()) return Tampered("consistency proof", digest.status());
    proof.push_back(*digest);
  }
  const absl::Status consistent =
      crypto::VerifyConsistency(before.size, now.size, before.root, now.root, proof);
  if (!consistent.ok()) return Tampered("the log does not go on from what it was", consistent);
  return absl::OkStatus();
}

absl::StatusOr<Session::CheckedReceipt> Session::VerifyReceipt(const v1::Receipt& receipt,
                                                               const Digest& request_hash,
                                                               ReceiptKind kind) const {
  ASSIGN_OR_RETURN(const FixedBytes<32> log_key, trust::LogKey(convenant()));
  absl::StatusOr<audit::ReceiptBody> body =
      audit::VerifyReceipt({receipt.body(), receipt.signature()}, trust::LogOrigin(entry_.id), log_key);
  if (!body.ok()) return Tampered("receipt", body.status());
  if (body->request_hash != request_hash) return TamperedError("the receipt is for another request");
  CheckedReceipt checked{.body = *std::move(body)};
  if (kind == ReceiptKind::kOwn) {
    absl::StatusOr<audit::Opening> opening = audit::Opening::Decode(receipt.opening());
    if (!opening.ok()) return Tampered("opening of the receipt", opening.status());
    if (audit::LeafHashOf(audit::LeafClass::kEvent, opening->Commitment()) != checked.body.leaf_hash) {
      return TamperedError("the receipt shows another event than was logged");
    }
    if (opening->event().Text(audit::Tag::kRequestHash) != ToBytes(request_hash)) {
      return TamperedError("the event in the log is of another request");
    }
    checked.opening = *std::move(opening);
  } else {
    const absl::StatusOr<audit::FieldProof> proof = audit::FieldProof::Decode(receipt.request_proof());
    if (!proof.ok()) return Tampered("request proof of the receipt", proof.status());
    if (proof->tag != audit::Tag::kRequestHash || proof->value != View(request_hash)) {
      return TamperedError("the receipt does not show that this request was logged");
    }
    const absl::Status shown = audit::VerifyFieldProof(*proof, checked.body.leaf_hash);
    if (!shown.ok()) return Tampered("request proof of the receipt", shown);
  }
  return checked;
}

absl::StatusOr<Session::CheckedReceipt> Session::CheckReceipt(const v1::Receipt& receipt,
                                                              const Digest& request_hash, ReceiptKind kind) {
  ASSIGN_OR_RETURN(CheckedReceipt checked, VerifyReceipt(receipt, request_hash, kind));
  RETURN_IF_ERROR(state_.Update([&](StateData& data) {
    data.pending.push_back({.index = checked.body.index, .leaf_hash = checked.body.leaf_hash});
    return absl::OkStatus();
  }));
  return checked;
}

absl::Status Session::CheckPublished(const v1::PublishReply& reply, const std::vector<Bytes>& objects) {
  std::set<Digest> published;
  for (const Bytes& object : objects) published.insert(crypto::Sha256(object));
  ASSIGN_OR_RETURN(const FixedBytes<32> log_key, trust::LogKey(convenant()));
  std::vector<PendingReceipt> pending;
  for (const v1::Receipt& receipt : reply.receipts()) {
    const absl::StatusOr<audit::ReceiptBody> body =
        audit::VerifyReceipt({receipt.body(), receipt.signature()}, trust::LogOrigin(entry_.id), log_key);
    if (!body.ok()) return Tampered("receipt of a published object", body.status());
    if (published.count(body->request_hash) == 0)
      return TamperedError("a receipt for an object that was not published");
    pending.push_back({.index = body->index, .leaf_hash = body->leaf_hash});
  }
  return state_.Update([&](StateData& data) {
    data.pending.insert(data.pending.end(), pending.begin(), pending.end());
    return absl::OkStatus();
  });
}

absl::Status Session::CheckPending() {
  ASSIGN_OR_RETURN(const StateData data, state_.Load());
  std::vector<uint64_t> settled;
  for (const PendingReceipt& pending : data.pending) {
    if (pending.index >= checkpoint_->size) continue;
    ASSIGN_OR_RETURN(const v1::ProveInclusionReply reply,
                     connection_->ProveInclusion(pending.index, checkpoint_->size));
    std::vector<Digest> proof;
    for (const std::string& hash : reply.hashes()) {
      const absl::StatusOr<Digest> digest = ToFixed<32>(hash, "hash of a proof");
      if (!digest.ok()) return Tampered("inclusion proof", digest.status());
      proof.push_back(*digest);
    }
    const absl::Status included = crypto::VerifyInclusion(pending.index, checkpoint_->size, pending.leaf_hash,
                                                          proof, checkpoint_->root);
    if (!included.ok()) {
      return TamperedError(
          absl::StrCat("the log gave a receipt for leaf ", pending.index, " that is not in it"));
    }
    settled.push_back(pending.index);
  }
  if (settled.empty()) return absl::OkStatus();
  return state_.Update([&](StateData& newest) {
    std::erase_if(newest.pending, [&](const PendingReceipt& pending) {
      return std::find(settled.begin(), settled.end(), pending.index) != settled.end();
    });
    return absl::OkStatus();
  });
}

}  // namespace seinpost::client
