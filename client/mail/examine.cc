// SPDX-License-Identifier: EUPL-1.2
#include "client/mail/examine.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "audit/signed_note.h"
#include "crypto/hash.h"
#include "envelope/core.h"
#include "policies/decide/decide.h"
#include "trust/facts.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

constexpr char kVerdictPayload[] = "seinpost/verdict";

absl::Status Step(int step, absl::string_view why) {
  return absl::UnauthenticatedError(absl::StrCat("step ", step, ": ", why));
}

// Whether the directory holds everybody that a delivery speaks of.
bool KnowsEveryone(const trust::Directory& directory, const v1::Core& core, const v1::Delivery& delivery) {
  if (directory.FindDevice(core.sender_device()) == nullptr) return false;
  for (const v1::Part& part : delivery.parts()) {
    v1::PartDescriptor descriptor;
    if (!descriptor.ParseFromString(part.descriptor_bytes())) continue;
    for (const v1::Recipient& recipient : descriptor.recipients()) {
      if (directory.FindPrekey(recipient.prekey_id()) == nullptr) return false;
    }
  }
  return true;
}

class Examiner {
 public:
  Examiner(Session& session, const v1::Delivery& delivery, const StateData& data, Examination examination)
      : session_(session),
        delivery_(delivery),
        data_(data),
        arriving_(examination != Examination::kStored),
        verifier_(examination == Examination::kArriving ? envelope::Verifier::kRecipient
                                                        : envelope::Verifier::kSuccessor) {}

  // What the delivery says of itself tells which directory to judge it by; every word of it is verified in
  // its step. (1) to (4), (7) and (8) are the envelope's own, the same as at the broker.
  absl::StatusOr<Examined> Run() {
    RETURN_IF_ERROR(LookAgain());
    const trust::AsOf as_of{.authority = session_.directory().SizeAtLeaf(claimed_.index),
                            .keys = claimed_keys_};
    const auto passed = [this](int step, const envelope::VerifiedHeader& so_far) -> absl::Status {
      if (step == 7) return Step7Rules(so_far);
      if (step != 4) return absl::OkStatus();
      RETURN_IF_ERROR(Step5Log(so_far));
      return Step6Replay(so_far);
    };
    as_of_ = as_of;
    absl::StatusOr<envelope::VerifiedHeader> header =
        envelope::VerifyEnvelope(EnvelopeOf(delivery_), session_.directory(),
                                 {.verifier = verifier_,
                                  .own_device = session_.own_device_id(),
                                  .now = claimed_.time,
                                  .as_of = as_of,
                                  .passed = passed});
    if (!history_.ok()) return history_;
    if (!header.ok()) return Verdict(header.status());
    return Examined{.header = *std::move(header), .receipt = claimed_};
  }

 private:
  // Somebody may have joined, or been revoked, after this device looked last: then it looks again.
  absl::Status LookAgain() {
    const absl::StatusOr<v1::Core> parsed = envelope::ParseCore(delivery_.header());
    const v1::Core core = parsed.value_or(v1::Core());
    const absl::StatusOr<audit::ReceiptBody> body = audit::ReceiptBody::Decode(delivery_.receipt().body());
    if (body.ok()) claimed_ = *body;
    const absl::StatusOr<audit::SignedNote> note = audit::SignedNote::Parse(core.checkpoint());
    const absl::StatusOr<audit::Checkpoint> seen =
        note.ok() ? audit::ParseCheckpointText(note->text) : absl::StatusOr<audit::Checkpoint>(note.status());
    claimed_keys_ = seen.ok() && seen->directory.has_value() ? seen->directory->seq : 0;
    if (!arriving_ || !parsed.ok() || !body.ok() || !session_.checkpoint().has_value())
      return absl::OkStatus();
    const uint64_t size = session_.checkpoint()->size;
    const bool behind = body->index >= size || (seen.ok() && seen->size > size) ||
                        !KnowsEveryone(session_.directory(), core, delivery_);
    return behind ? session_.SyncDirectory() : absl::OkStatus();
  }

  // (5) The log took it in, and the sender saw the same log as this device, and not too long before. That he
  // was not revoked at that place in the log, step 2 has judged by the index that is verified here.
  absl::Status Step5Log(const envelope::VerifiedHeader& so_far) {
    const absl::StatusOr<CheckedReceipt> receipt =
        VerifyReceipt(session_.directory(), delivery_.receipt(), so_far.header_hash(),
                      ReceiptKind::kDelivered, Language::kEnglish);
    if (!receipt.ok()) return Step(5, receipt.status().message());
    if (data_.revoked.count(so_far.sender().id) > 0) {
      return Step(5, "the sender's device was revoked, in a tail that the log lost");
    }
    const v1::Core& core = so_far.core();
    const absl::StatusOr<audit::Checkpoint> seen = VerifyNoteOfLog(core.checkpoint(), session_.directory());
    if (!seen.ok()) return Step(5, absl::StrCat("the sender's checkpoint: ", seen.status().message()));
    if (seen->size > receipt->body.index) {
      return Step(5, "the sender's checkpoint is newer than the signal's place in the log");
    }
    if (SpeaksOfLostTail(session_.directory(), *seen)) {
      return Step(5, "the sender's checkpoint speaks of a tail that the log lost");
    }
    if (!envelope::CheckCheckpointAge(core, seen->time).ok()) {
      return Step(5, "the sender's checkpoint was too old when the signal was made");
    }
    // First whether it is the same log at all: if it is not, that is kept as evidence.
    if (arriving_) {
      history_ = session_.log().CheckSameHistory(core.checkpoint(), *seen, session_.directory(), "sender");
      RETURN_IF_ERROR(history_);
    }
    if (!session_.KnowsDirectoryHead(*seen->directory)) {
      return Step(5, "the sender's checkpoint speaks of another directory");
    }
    return absl::OkStatus();
  }

  // (6) Not another signal under a known id, and something of it is still to be read.
  absl::Status Step6Replay(const envelope::VerifiedHeader& so_far) const {
    const auto seen = data_.replay.find(so_far.core().signal_id());
    if (seen != data_.replay.end() && seen->second.header_hash != so_far.header_hash()) {
      return Step(6, "another signal under a known id");
    }
    if (!arriving_) {
      return seen != data_.replay.end() ? absl::OkStatus() : Step(6, "it was never taken in");
    }
    const absl::Time settled = session_.settled();  // the cursor moves on: nobody will deliver it again
    for (const v1::Part& part : delivery_.parts()) {
      v1::PartDescriptor descriptor;
      // What is no descriptor is refused by the next step.
      if (!descriptor.ParseFromString(part.descriptor_bytes()) ||
          absl::FromUnixSeconds(descriptor.expires()) > settled) {
        return absl::OkStatus();
      }
    }
    return absl::OutOfRangeError("step 6: every part has expired");
  }

  // (7) permitted by the rules that need only public facts, as of when it was logged.
  absl::Status Step7Rules(const envelope::VerifiedHeader& so_far) const {
    const trust::Directory& directory = session_.directory();
    const policies::SendRequest request = envelope::ToSendRequest(so_far, directory);
    const policies::Facts facts = envelope::LoadFacts(so_far, directory, request.created, as_of_);
    const policies::Decision decision = policies::DecideSend(request, facts, claimed_.time);
    for (const policies::Reason& reason : decision.reasons) {
      if (reason.needs != policies::FactNeed::kPublic) continue;  // he sees his own parts only
      return absl::PermissionDeniedError(
          absl::StrCat("step 7: ", policies::ToString(reason.code), " by ", reason.clause.path));
    }
    return absl::OkStatus();
  }

  Session& session_;
  const v1::Delivery& delivery_;
  const StateData& data_;
  const bool arriving_;
  const envelope::Verifier verifier_;
  audit::ReceiptBody claimed_;
  trust::DirSize claimed_keys_ = 0;
  trust::AsOf as_of_;
  absl::Status history_;  // whether the sender saw the log that this device sees; no word on the delivery
};

}  // namespace

bool IsVerdict(const absl::Status& status) { return status.GetPayload(kVerdictPayload).has_value(); }

absl::Status Verdict(absl::Status status) {
  status.SetPayload(kVerdictPayload, absl::Cord("1"));
  return status;
}

v1::Envelope EnvelopeOf(const v1::Delivery& delivery) {
  v1::Envelope envelope;
  envelope.set_header(delivery.header());
  envelope.set_header_sig(delivery.header_sig());
  for (const v1::Part& part : delivery.parts()) *envelope.add_parts() = part;
  return envelope;
}

absl::StatusOr<Examined> Examine(Session& session, const v1::Delivery& delivery, const StateData& data,
                                 Examination examination) {
  return Examiner(session, delivery, data, examination).Run();
}

}  // namespace seinpost::client
