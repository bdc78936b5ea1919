// SPDX-License-Identifier: EUPL-1.2
#include "server/devices/rewrap_judgement.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "crypto/hash.h"
#include "server/gate/caller.h"
#include "server/signals/events.h"
#include "server/signals/question.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

constexpr char kObjectType[] = "rewrap";

// To the caller a fault of his statement is an invalid argument; another code would send him to log in again,
// or to the rules.
absl::Status StatementFault(const absl::Status& fault, absl::string_view name) {
  const std::string text = absl::StrCat(name, ".", fault.message());
  if (absl::IsFailedPrecondition(fault)) return absl::FailedPreconditionError(text);
  return absl::InvalidArgumentError(text);
}

// Whether somebody's devices are among the recipients.
bool IsForMember(const v1::PartDescriptor& descriptor, const trust::Directory& directory,
                 ByteView member_ref) {
  for (const v1::Recipient& recipient : descriptor.recipients()) {
    const trust::Device* device = directory.FindDevice(recipient.device_id());
    if (device != nullptr && device->member_ref == member_ref) return true;
  }
  return false;
}

// Fills in what the events of requests and answers have in common, refused or not.
template <typename Message>
absl::StatusOr<Judgement> Conclude(const Stated<Message>& stated, audit::Event event,
                                   const OpenQuestion& question, policies::Decision decision,
                                   DirectorySnapshot directory) {
  SetSignal(stated.subject.original.core, event);
  event.SetText(audit::Tag::kObjectType, kObjectType)
      .SetNumber(audit::Tag::kPart, stated.message.part())
      .SetText(audit::Tag::kRequestHash, View(crypto::Sha256(stated.signed_statement.statement)));
  SetDecision(decision, event);
  ASSIGN_OR_RETURN(PreparedEvent prepared, PreparedEvent::Make(event));
  return Judgement{std::move(directory),
                   std::move(decision),
                   {{question.request.part}, {{question.request.reader}}},
                   std::move(prepared)};
}

}  // namespace

absl::Status NoSuchRewrapRequest() {
  return absl::FailedPreconditionError("rewrap.request_hash: no such open request");
}

absl::StatusOr<RewrapSubject> LoadRewrapSubject(const Store& store, const Realm& realm,
                                                const trust::Directory& directory, ByteView signal_id,
                                                ByteView header_hash, absl::string_view name) {
  absl::StatusOr<Original> original = LoadOriginal(store, realm.prefix(), signal_id);
  if (absl::IsNotFound(original.status())) {
    return absl::NotFoundError(absl::StrCat(name, ".signal_id: no such signal"));
  }
  RETURN_IF_ERROR(original.status());
  if (View(crypto::Sha256(original->row.header)) != header_hash) {
    return absl::InvalidArgumentError(absl::StrCat(name, ".header_hash: not that of this signal"));
  }
  ASSIGN_OR_RETURN(envelope::VerifiedHeader header, VerifyAgain(store, realm, *original, directory));
  return RewrapSubject{*std::move(original), std::move(header)};
}

absl::StatusOr<Judgement> JudgeRewrapRequest(const RewrapQuestion& question, ByteView device_id,
                                             DirectorySnapshot directory, absl::Time now) {
  RETURN_IF_ERROR(CheckMayAct(*directory, device_id, now));
  const trust::Device& device = *directory->FindDevice(device_id);
  const Original& original = question.subject.original;
  const uint32_t index = question.message.part();
  Holding holding;
  if (const envelope::VerifiedPart* part = question.subject.header.FindPart(index)) {
    const absl::Status checked = envelope::CheckRewrapRequest(question.signed_statement,
                                                              question.subject.header, *part, *directory, now)
                                     .status();
    // Not permitted and not his: the rules say so. His, but not so: a fault of the request.
    const bool his = IsForMember(part->descriptor, *directory, device.member_ref);
    if (!checked.ok() && (his || !absl::IsPermissionDenied(checked))) {
      return StatementFault(checked, "request");
    }
    if (checked.ok()) {
      // May the device read the part, if it is given the key?
      holding.part = static_cast<size_t>(original.FindPart(index) - original.parts.data());
      holding.rewrap.emplace();
    }
  }
  const OpenQuestion asked = MakeOpenQuestion(original, holding, {}, device, *directory, now);
  policies::Decision decision = policies::DecideOpen(asked.request, asked.facts, now);
  audit::Event event =
      ActorEvent(audit::EventType::kDecisionAllow, "E", *directory, device, original.core.channel(), now);
  return Conclude(question, std::move(event), asked, std::move(decision), std::move(directory));
}

absl::StatusOr<Judgement> JudgeRewrap(const RewrapAnswer& answer, const LoggedStatement& open,
                                      ByteView device, DirectorySnapshot directory, absl::Time now) {
  RETURN_IF_ERROR(CheckMayAct(*directory, device, now));
  const trust::Device& giver = *directory->FindDevice(device);
  const trust::Device* target = directory->FindDevice(answer.message.target_device());
  if (target == nullptr || !directory->MayAct(*target, now)) {
    return absl::FailedPreconditionError("rewrap.target_device: may not act");
  }
  const RewrapSubject& subject = answer.subject;
  const envelope::VerifiedPart* part = subject.header.FindPart(answer.message.part());
  if (part == nullptr) return NoSuchRewrapRequest();
  const absl::StatusOr<envelope::CheckedRewrapRequest> request =
      envelope::CheckRewrapRequest({open.statement, open.signature}, subject.header, *part, *directory, now);
  if (!request.ok()) return NoSuchRewrapRequest();  // it held when it came in, and no longer does
  const absl::Status checked =
      envelope::CheckRewrap(answer.signed_statement, *request, subject.header, *part, *directory, now)
          .status();
  if (!checked.ok() && (IsRecipient(part->descriptor, device) || !absl::IsPermissionDenied(checked))) {
    return StatementFault(checked, "rewrap");
  }
  // Whoever is no recipient is told what he would be told on opening.
  const OpenQuestion asked = MakeOpenQuestion(subject.original, {}, {}, giver, *directory, now);
  policies::Decision decision;
  decision.allowed = checked.ok();
  if (!checked.ok()) decision = policies::DecideOpen(asked.request, asked.facts, now);
  audit::Event event = ActorEvent(audit::EventType::kKeyReleased, "E", *directory, giver,
                                  subject.original.core.channel(), now);
  event.SetText(audit::Tag::kOnBehalfOf, target->member_ref)
      .SetText(audit::Tag::kPrevious, View(open.leaf_hash));
  return Conclude(answer, std::move(event), asked, std::move(decision), std::move(directory));
}

}  // namespace seinpost::server
