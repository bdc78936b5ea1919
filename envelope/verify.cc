// SPDX-License-Identifier: EUPL-1.2
#include "envelope/verify.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "envelope/limits.h"
#include "envelope/part_crypto.h"
#include "envelope/verify_part.h"
#include "trust/fields.h"
#include "trust/labels.h"
#include "trust/strict.h"
#include "util/status_macros.h"

namespace seinpost::envelope {

namespace pb = seinpost::v1;

namespace {

absl::Status AtStep(int step, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat("step ", step, ": ", status.message()));
}

absl::Status TooLarge(absl::string_view what, size_t max) {
  return absl::ResourceExhaustedError(absl::StrCat(what, ": more than ", max, " bytes"));
}

bool HasUnknownFields(const google::protobuf::Message& message) {
  return !message.GetReflection()->GetUnknownFields(message).empty();
}

// (1) one part.
absl::Status CheckOuterPart(const pb::Part& part) {
  if (HasUnknownFields(part)) return absl::InvalidArgumentError("parts: unknown field");
  if (part.index() >= kPlaces) return absl::InvalidArgumentError("parts.index: above 15");
  if (part.descriptor_bytes().empty()) return absl::InvalidArgumentError("parts.descriptor_bytes: empty");
  if (part.descriptor_bytes().size() > kMaxDescriptorBytes) {
    return TooLarge("parts.descriptor_bytes", kMaxDescriptorBytes);
  }
  if (static_cast<size_t>(part.wraps_size()) > kMaxRecipientsPerPart) {
    return absl::ResourceExhaustedError("parts.wraps: more than 400");
  }
  for (const std::string& wrap : part.wraps()) {
    RETURN_IF_ERROR(trust::CheckSize(wrap, kWrapBytes, "parts.wraps"));
  }
  return absl::OkStatus();
}

// (1) sizes and outer shape.
absl::Status CheckOuter(const pb::Envelope& envelope) {
  if (envelope.ByteSizeLong() > kMaxEnvelopeBytes) return TooLarge("envelope", kMaxEnvelopeBytes);
  if (HasUnknownFields(envelope)) return absl::InvalidArgumentError("envelope: unknown field");
  if (envelope.header().empty()) return absl::InvalidArgumentError("header: empty");
  if (envelope.header().size() > kMaxHeaderBytes) return TooLarge("header", kMaxHeaderBytes);
  RETURN_IF_ERROR(trust::CheckSize(envelope.header_sig(), crypto::kSignatureBytes, "header_sig"));
  if (envelope.parts().empty()) return absl::InvalidArgumentError("parts: none");
  if (static_cast<size_t>(envelope.parts_size()) > kPlaces)
    return absl::InvalidArgumentError("parts: more than 16");
  for (int i = 0; i < envelope.parts_size(); ++i) {
    RETURN_IF_ERROR(CheckOuterPart(envelope.parts(i)));
    if (i > 0 && envelope.parts(i - 1).index() >= envelope.parts(i).index()) {
      return absl::InvalidArgumentError("parts: not sorted by index, or one place twice");
    }
  }
  return absl::OkStatus();
}

// (2) finds the certificate that the core names. The core is not yet known to be anybody's, nor in its one
// encoding: nothing but the sender is taken from it. Revoked later is no matter.
absl::StatusOr<const trust::Device*> FindSender(const pb::Core& core, const trust::Directory& directory,
                                                absl::Time now, trust::DirSize authority) {
  const trust::Device* sender = directory.FindDevice(core.sender_device());
  if (sender == nullptr || sender->seq >= authority) {
    return absl::UnauthenticatedError("sender_device: not certified");
  }
  if (sender->cert_hash != core.sender_cert_hash()) {
    return absl::UnauthenticatedError("sender_cert_hash: not the certificate of this device");
  }
  if (sender->revoked_at_seq && *sender->revoked_at_seq < authority) {
    return absl::UnauthenticatedError("sender_device: revoked");
  }
  if (!directory.MayAct(*sender, now, authority)) {
    return absl::UnauthenticatedError("sender_device: its certificate is not valid now");
  }
  return sender;
}

absl::Status CheckInformed(const pb::Core& core) {
  if (!pb::Informed_IsValid(core.informed())) return absl::InvalidArgumentError("informed: unknown value");
  if (core.level() != pb::LEVEL_L2 && core.informed() != pb::INFORMED_UNSPECIFIED) {
    return absl::PermissionDeniedError("informed: given below L2");
  }
  if (core.informed_code().empty()) return absl::OkStatus();
  if (core.informed() != pb::INFORMED_NO) {
    return absl::PermissionDeniedError("informed_code: given where nobody says no");
  }
  return trust::CheckText(core.informed_code(), "informed_code");
}

// (4) the fields of the core, one by one.
absl::Status CheckCoreFields(const pb::Core& core) {
  RETURN_IF_ERROR(trust::CheckVersion(core.version()));
  RETURN_IF_ERROR(trust::CheckSize(core.signal_id(), trust::kIdBytes, "signal_id"));
  if (core.kind() != pb::SIGNAL_KIND_SIGNAL) return absl::InvalidArgumentError("kind: unknown value");
  RETURN_IF_ERROR(trust::CheckText(core.convenant_id(), "convenant_id"));
  RETURN_IF_ERROR(trust::CheckSize(core.convenant_hash(), trust::kHashBytes, "convenant_hash"));
  RETURN_IF_ERROR(trust::CheckText(core.channel(), "channel", kMaxChannelBytes));
  RETURN_IF_ERROR(trust::CheckText(core.category(), "category"));
  RETURN_IF_ERROR(trust::CheckText(core.purpose(), "purpose"));
  if (core.level() < pb::LEVEL_L0 || core.level() > pb::LEVEL_L2) {
    return absl::InvalidArgumentError("level: unknown value");
  }
  RETURN_IF_ERROR(CheckInformed(core));
  RETURN_IF_ERROR(trust::CheckSize(core.sender_device(), trust::kIdBytes, "sender_device"));
  RETURN_IF_ERROR(trust::CheckSize(core.sender_cert_hash(), trust::kHashBytes, "sender_cert_hash"));
  RETURN_IF_ERROR(trust::CheckSizeOrEmpty(core.case_ref(), trust::kIdBytes, "case_ref"));
  RETURN_IF_ERROR(trust::CheckSizeOrEmpty(core.in_reply_to(), trust::kIdBytes, "in_reply_to"));
  RETURN_IF_ERROR(trust::CheckSizeOrEmpty(core.forwards(), trust::kIdBytes, "forwards"));
  return trust::CheckTime(core.created(), "created").status();
}

// (4) suite, convenant and time. `version` was in force when the signal was logged.
absl::Status CheckCoreInForce(const pb::Core& core, const trust::Version& version, absl::Time now) {
  const policies::Convenant& convenant = *version.convenant;
  if (core.suite_id() != convenant.trust()->suite) {
    return absl::FailedPreconditionError("suite_id: not the one of the convenant");
  }
  if (core.convenant_id() != convenant.id())
    return absl::FailedPreconditionError("convenant_id: another convenant");
  if (core.convenant_version() != convenant.version()) {
    return absl::FailedPreconditionError("convenant_version: not the one in force");
  }
  if (core.convenant_hash() != View(version.hash)) {
    return absl::FailedPreconditionError("convenant_hash: not that of the convenant in force");
  }
  const absl::Time created = absl::FromUnixSeconds(core.created());
  const absl::Duration age = core.queued() ? kQueuedWindow : kCreatedWindow;
  if (created < now - age || created > now + kCreatedWindow) {
    return absl::FailedPreconditionError(
        absl::StrCat("created: outside the window of ", absl::FormatDuration(age)));
  }
  return absl::OkStatus();
}

}  // namespace

// Builds the VerifiedHeader as the steps are passed.
class EnvelopeVerifier {
 public:
  EnvelopeVerifier(const pb::Envelope& envelope, const trust::Directory& directory,
                   const VerifyOptions& options)
      : envelope_(envelope), directory_(directory), options_(options) {}

  absl::StatusOr<VerifiedHeader> Run() {
    version_ = directory_.VersionAsOf(options_.as_of.authority);
    if (version_ == nullptr) {
      return absl::FailedPreconditionError("step 1: the directory has no convenant");
    }
    RETURN_IF_ERROR(AtStep(1, CheckOuter(envelope_)));
    RETURN_IF_ERROR(AtStep(2, ParseHeader()));
    const absl::StatusOr<const trust::Device*> sender =
        FindSender(verified_.core_, directory_, options_.now, options_.as_of.authority);
    if (!sender.ok()) return AtStep(2, sender.status());
    verified_.sender_ = **sender;
    RETURN_IF_ERROR(AtStep(3, CheckSignature()));
    RETURN_IF_ERROR(AtStep(4, CheckHeader()));
    RETURN_IF_ERROR(Passed(4));
    RETURN_IF_ERROR(AtStep(7, CheckAudience()));
    RETURN_IF_ERROR(Passed(7));
    RETURN_IF_ERROR(AtStep(8, CheckHashes()));
    return std::move(verified_);
  }

 private:
  absl::Status Passed(int step) const {
    return options_.passed == nullptr ? absl::OkStatus() : options_.passed(step, verified_);
  }

  absl::Status ParseHeader() {
    if (header_.ParseFromString(envelope_.header()) && verified_.core_.ParseFromString(header_.core())) {
      return absl::OkStatus();
    }
    return absl::InvalidArgumentError("header: not a well-formed message");
  }

  absl::Status CheckSignature() {
    if (crypto::Verify(verified_.sender_.sig_pk, trust::kHeaderLabel, envelope_.header(),
                       envelope_.header_sig())
            .ok()) {
      return absl::OkStatus();
    }
    return absl::UnauthenticatedError("header_sig: does not fit the sender's device");
  }

  absl::Status CheckHeader() {
    RETURN_IF_ERROR(trust::CheckStrict(envelope_.header(), kMaxHeaderBytes, "header", header_));
    if (static_cast<size_t>(header_.part_hash_size()) != kPlaces) {
      return absl::InvalidArgumentError("part_hash: not 16 of them");
    }
    for (const std::string& hash : header_.part_hash()) {
      RETURN_IF_ERROR(trust::CheckSize(hash, trust::kHashBytes, "part_hash"));
    }
    verified_.core_bytes_ = header_.core();
    RETURN_IF_ERROR(trust::CheckStrict(verified_.core_bytes_, kMaxCoreBytes, "core", verified_.core_));
    RETURN_IF_ERROR(CheckCoreFields(verified_.core_));
    RETURN_IF_ERROR(CheckCoreInForce(verified_.core_, *version_, options_.now));
    verified_.h_ = crypto::Sha256(verified_.core_bytes_);
    verified_.header_hash_ = crypto::Sha256(envelope_.header());
    return absl::OkStatus();
  }

  absl::Status CheckAudience() {
    const PartContext context{directory_, *version_->convenant,
                              directory_.FindMember(verified_.sender_.member_ref),
                              absl::FromUnixSeconds(verified_.core_.created()), options_.as_of.keys};
    verified_.parts_.reserve(static_cast<size_t>(envelope_.parts_size()));
    for (const pb::Part& part : envelope_.parts()) {
      VerifiedPart verified;
      verified.index = part.index();
      RETURN_IF_ERROR(trust::StrictParse(part.descriptor_bytes(), kMaxDescriptorBytes, "descriptor",
                                         verified.descriptor));
      RETURN_IF_ERROR(CheckDescriptor(verified.descriptor, context));
      verified.key_set = CheckKeySet(verified.descriptor, context);
      if (options_.verifier != Verifier::kBroker) RETURN_IF_ERROR(verified.key_set);
      if (options_.verifier == Verifier::kRecipient) {
        RETURN_IF_ERROR(CheckAddressedTo(verified.descriptor, options_.own_device));
      }
      verified.recipient_set_hash = RecipientSetHash(verified.descriptor);
      verified_.parts_.push_back(std::move(verified));
    }
    return absl::OkStatus();
  }

  absl::Status CheckHashes() {
    for (int i = 0; i < envelope_.parts_size(); ++i) {
      const pb::Part& part = envelope_.parts(i);
      if (View(crypto::Sha256(part.descriptor_bytes())) !=
          header_.part_hash(static_cast<int>(part.index()))) {
        return absl::PermissionDeniedError("part_hash: not that of the descriptor in this place");
      }
      RETURN_IF_ERROR(CheckCiphertext(part, verified_.parts_[i].descriptor));
      RETURN_IF_ERROR(options_.verifier == Verifier::kBroker
                          ? CheckWraps(part, verified_.parts_[i].descriptor)
                          : CheckNoWraps(part));
    }
    return absl::OkStatus();
  }

  const pb::Envelope& envelope_;
  const trust::Directory& directory_;
  const VerifyOptions& options_;
  const trust::Version* version_ = nullptr;
  pb::Header header_;
  VerifiedHeader verified_;
};

const VerifiedPart* VerifiedHeader::FindPart(uint32_t index) const {
  const auto found = std::find_if(parts_.begin(), parts_.end(),
                                  [index](const VerifiedPart& part) { return part.index == index; });
  return found == parts_.end() ? nullptr : &*found;
}

absl::Status CheckKeySets(const VerifiedHeader& header) {
  for (const VerifiedPart& part : header.parts()) {
    if (!part.key_set.ok()) return AtStep(7, part.key_set);
  }
  return absl::OkStatus();
}

absl::Status CheckCheckpointAge(const pb::Core& core, std::optional<absl::Time> seen) {
  if (!seen || absl::FromUnixSeconds(core.created()) - *seen > kCheckpointAge) {
    return absl::FailedPreconditionError("core.checkpoint: too old when the signal was made");
  }
  return absl::OkStatus();
}

absl::StatusOr<VerifiedHeader> VerifyEnvelope(const pb::Envelope& envelope, const trust::Directory& directory,
                                              const VerifyOptions& options) {
  return EnvelopeVerifier(envelope, directory, options).Run();
}

}  // namespace seinpost::envelope
