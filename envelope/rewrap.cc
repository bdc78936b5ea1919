// SPDX-License-Identifier: EUPL-1.2
#include "envelope/rewrap.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "crypto/hash.h"
#include "envelope/limits.h"
#include "envelope/part_key.h"
#include "envelope/verify_part.h"
#include "trust/facts.h"
#include "trust/fields.h"
#include "trust/labels.h"
#include "trust/strict.h"
#include "util/status_macros.h"

namespace seinpost::envelope {

namespace pb = seinpost::v1;

namespace {

constexpr size_t kMaxPrekeyBytes = 1024;

// What a request and a rewrap name alike: which part they are about.
template <typename Statement>
absl::Status CheckAbout(const Statement& statement, const VerifiedHeader& header, const VerifiedPart& part) {
  RETURN_IF_ERROR(trust::CheckVersion(statement.version()));
  RETURN_IF_ERROR(trust::CheckSize(statement.signal_id(), trust::kIdBytes, "signal_id"));
  RETURN_IF_ERROR(trust::CheckSize(statement.header_hash(), trust::kHashBytes, "header_hash"));
  if (statement.group() != 0) return absl::PermissionDeniedError("group: shared keys are not in use");
  if (statement.convenant_id() != header.core().convenant_id()) {
    return absl::PermissionDeniedError("convenant_id: another convenant");
  }
  if (statement.header_hash() != View(header.header_hash()) ||
      statement.signal_id() != header.core().signal_id()) {
    return absl::PermissionDeniedError("header_hash: another signal");
  }
  if (statement.part() != part.index) return absl::PermissionDeniedError("part: another part");
  return absl::OkStatus();
}

// No key of the part outlives the last of those it was sealed to.
absl::StatusOr<absl::Time> LatestDeletion(const VerifiedPart& part, const trust::Directory& directory) {
  absl::Time latest = absl::InfinitePast();
  for (const pb::Recipient& recipient : part.descriptor.recipients()) {
    const trust::PrekeyEntry* prekey = directory.FindPrekey(recipient.prekey_id());
    if (prekey == nullptr) return absl::PermissionDeniedError("recipients.prekey_id: not in the directory");
    latest = std::max(latest, prekey->delete_after);
  }
  return latest;
}

// Whether the device belongs to somebody the part is for, or who succeeds him in oversight.
bool MayHave(const trust::Device& device, const VerifiedHeader& header, const VerifiedPart& part,
             const trust::Directory& directory, absl::Time now) {
  for (const pb::Recipient& recipient : part.descriptor.recipients()) {
    const trust::Device* other = directory.FindDevice(recipient.device_id());
    if (other != nullptr && other->member_ref == device.member_ref) return true;
  }
  if (part.descriptor.kind() != pb::PART_KIND_JUSTIFICATION) return false;
  const trust::Member* sender = directory.FindMember(header.sender().member_ref);
  if (sender == nullptr) return false;
  const std::vector<const trust::Member*> readers = trust::JustificationReaders(directory, *sender, now);
  return std::any_of(readers.begin(), readers.end(),
                     [&](const trust::Member* reader) { return reader->ref == device.member_ref; });
}

absl::Status CheckSignature(const trust::Device& device, absl::string_view label, ByteView statement,
                            ByteView signature, absl::string_view what) {
  RETURN_IF_ERROR(trust::CheckSize(signature, crypto::kSignatureBytes, what));
  if (crypto::Verify(device.sig_pk, label, statement, signature).ok()) return absl::OkStatus();
  return absl::UnauthenticatedError(absl::StrCat(what, ": does not fit the device"));
}

struct Term {
  absl::Time time, expires;
};

absl::StatusOr<Term> CheckTerm(int64_t time, int64_t expires, absl::Time now) {
  Term term;
  ASSIGN_OR_RETURN(term.time, trust::CheckTime(time, "time"));
  ASSIGN_OR_RETURN(term.expires, trust::CheckTime(expires, "expires"));
  if (term.expires <= term.time) return absl::InvalidArgumentError("expires: not after time");
  if (term.expires > term.time + kMaxRewrapRequestLife) {
    return absl::InvalidArgumentError("expires: more than 30 days after time");
  }
  if (term.time > now + trust::kClockSkew) return absl::FailedPreconditionError("time: lies ahead");
  return term;
}

// The one-off prekey: of the request's device, for this signal, with the part's class and end.
absl::Status CheckOneOffPrekey(const pb::Prekey& prekey, const pb::RewrapRequest& request,
                               const VerifiedHeader& header, const VerifiedPart& part,
                               const trust::Directory& directory) {
  RETURN_IF_ERROR(trust::CheckVersion(prekey.version()));
  RETURN_IF_ERROR(trust::CheckSize(prekey.device_id(), trust::kIdBytes, "prekey.device_id"));
  RETURN_IF_ERROR(trust::CheckSize(prekey.hpke_pk(), trust::kKeyBytes, "prekey.hpke_pk"));
  if (prekey.suite_id() != header.core().suite_id()) {
    return absl::InvalidArgumentError("prekey.suite_id: not that of the signal");
  }
  if (prekey.convenant_id() != header.core().convenant_id()) {
    return absl::PermissionDeniedError("prekey.convenant_id: another convenant");
  }
  if (prekey.header_hash() != View(header.header_hash())) {
    return absl::PermissionDeniedError("prekey.header_hash: not for this signal");
  }
  if (prekey.retention_class() != part.descriptor.retention_class()) {
    return absl::PermissionDeniedError("prekey.retention_class: not that of the part");
  }
  if (prekey.seal_from() != request.time() || prekey.seal_until() != request.expires()) {
    return absl::InvalidArgumentError("prekey.seal_from, seal_until: not the term of the request");
  }
  ASSIGN_OR_RETURN(const absl::Time latest, LatestDeletion(part, directory));
  if (prekey.delete_after() != absl::ToUnixSeconds(latest)) {
    return absl::PermissionDeniedError("prekey.delete_after: not that of the part's latest prekey");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SignedStatement> MakeRewrapRequest(const VerifiedHeader& header, const VerifiedPart& part,
                                                  const trust::Directory& directory, ByteView device,
                                                  const crypto::SigningKey& device_key,
                                                  const crypto::HpkeKeyPair& pair, absl::Time now) {
  ASSIGN_OR_RETURN(const absl::Time latest, LatestDeletion(part, directory));
  pb::RewrapRequest request;
  request.set_version(1);
  request.set_convenant_id(header.core().convenant_id());
  request.set_signal_id(header.core().signal_id());
  request.set_header_hash(ToBytes(header.header_hash()));
  request.set_part(part.index);
  request.set_time(absl::ToUnixSeconds(now));
  request.set_expires(
      std::min(absl::ToUnixSeconds(now + kMaxRewrapRequestLife), absl::ToUnixSeconds(latest)));
  request.set_nonce(crypto::RandomBytes(trust::kIdBytes));
  pb::Prekey prekey;
  prekey.set_version(1);
  prekey.set_suite_id(header.core().suite_id());
  prekey.set_convenant_id(header.core().convenant_id());
  prekey.set_device_id(Bytes(device));
  prekey.set_hpke_pk(ToBytes(pair.public_key));
  prekey.set_retention_class(part.descriptor.retention_class());
  prekey.set_seal_from(request.time());
  prekey.set_seal_until(request.expires());
  prekey.set_delete_after(absl::ToUnixSeconds(latest));
  prekey.set_header_hash(request.header_hash());
  request.set_prekey(trust::StrictSerialize(prekey));
  request.set_prekey_sig(crypto::Sign(device_key, trust::kPrekeyLabel, request.prekey()));
  SignedStatement made;
  made.statement = trust::StrictSerialize(request);
  made.signature = crypto::Sign(device_key, trust::kRewrapRequestLabel, made.statement);
  // Nobody asks for what nobody would give him.
  RETURN_IF_ERROR(CheckRewrapRequest(made, header, part, directory, now).status());
  return made;
}

absl::StatusOr<CheckedRewrapRequest> CheckRewrapRequest(const SignedStatement& signed_request,
                                                        const VerifiedHeader& header,
                                                        const VerifiedPart& part,
                                                        const trust::Directory& directory, absl::Time now) {
  CheckedRewrapRequest checked;
  pb::RewrapRequest& request = checked.request;
  RETURN_IF_ERROR(
      trust::StrictParse(signed_request.statement, kMaxRewrapStatementBytes, "rewrap request", request));
  RETURN_IF_ERROR(trust::StrictParse(request.prekey(), kMaxPrekeyBytes, "prekey", checked.prekey));
  RETURN_IF_ERROR(trust::CheckSize(request.nonce(), trust::kIdBytes, "nonce"));
  const trust::Device* device = directory.FindDevice(checked.prekey.device_id());
  if (device == nullptr || !directory.MayAct(*device, now)) {
    return absl::UnauthenticatedError("prekey.device_id: not a device that is valid now");
  }
  RETURN_IF_ERROR(CheckSignature(*device, trust::kRewrapRequestLabel, signed_request.statement,
                                 signed_request.signature, "signature"));
  RETURN_IF_ERROR(
      CheckSignature(*device, trust::kPrekeyLabel, request.prekey(), request.prekey_sig(), "prekey_sig"));
  RETURN_IF_ERROR(CheckAbout(request, header, part));
  ASSIGN_OR_RETURN(const Term term, CheckTerm(request.time(), request.expires(), now));
  RETURN_IF_ERROR(CheckOneOffPrekey(checked.prekey, request, header, part, directory));
  if (!MayHave(*device, header, part, directory, now)) {
    return absl::PermissionDeniedError("prekey.device_id: of nobody the part is for");
  }
  if (now >= term.expires) return absl::FailedPreconditionError("expires: the request has expired");
  if (now >= absl::FromUnixSeconds(part.descriptor.expires())) {
    return absl::FailedPreconditionError("part: has expired");
  }
  checked.hash = crypto::Sha256(signed_request.statement);
  return checked;
}

absl::StatusOr<SignedStatement> MakeRewrap(const CheckedRewrapRequest& request, const VerifiedHeader& header,
                                           const VerifiedPart& part, ByteView giver_device,
                                           const crypto::SigningKey& giver_key,
                                           const std::vector<Wrap>& wraps, PrekeyLookup prekeys,
                                           absl::Time now) {
  RETURN_IF_ERROR(CheckAbout(request.request, header, part));
  ASSIGN_OR_RETURN(const CommittedKey key, OpenOwnWrap(header, part, giver_device, wraps, prekeys));
  const Bytes prekey_id = ToBytes(crypto::Sha256(request.request.prekey()));
  const WrapContext context = ContextFor(header, part, request.prekey.device_id(), prekey_id);
  pb::Rewrap rewrap;
  rewrap.set_version(1);
  rewrap.set_convenant_id(request.request.convenant_id());
  rewrap.set_signal_id(request.request.signal_id());
  rewrap.set_header_hash(request.request.header_hash());
  rewrap.set_part(request.request.part());
  rewrap.set_request_hash(ToBytes(request.hash));
  rewrap.set_giver_device(Bytes(giver_device));
  rewrap.set_target_device(request.prekey.device_id());
  rewrap.set_prekey_id(prekey_id);
  ASSIGN_OR_RETURN(*rewrap.mutable_wrap(), SealWrap(context, request.prekey.hpke_pk(), key.cek));
  rewrap.set_time(absl::ToUnixSeconds(now));
  rewrap.set_expires(part.descriptor.expires());
  SignedStatement made;
  made.statement = trust::StrictSerialize(rewrap);
  made.signature = crypto::Sign(giver_key, trust::kRewrapLabel, made.statement);
  return made;
}

absl::StatusOr<pb::Rewrap> CheckRewrap(const SignedStatement& signed_rewrap,
                                       const CheckedRewrapRequest& request, const VerifiedHeader& header,
                                       const VerifiedPart& part, const trust::Directory& directory,
                                       absl::Time now) {
  pb::Rewrap rewrap;
  RETURN_IF_ERROR(trust::StrictParse(signed_rewrap.statement, kMaxRewrapStatementBytes, "rewrap", rewrap));
  RETURN_IF_ERROR(trust::CheckSize(rewrap.giver_device(), trust::kIdBytes, "giver_device"));
  RETURN_IF_ERROR(trust::CheckSize(rewrap.wrap(), kWrapBytes, "wrap"));
  const trust::Device* giver = directory.FindDevice(rewrap.giver_device());
  if (giver == nullptr) return absl::UnauthenticatedError("giver_device: not certified");
  RETURN_IF_ERROR(CheckSignature(*giver, trust::kRewrapLabel, signed_rewrap.statement,
                                 signed_rewrap.signature, "signature"));
  RETURN_IF_ERROR(CheckAbout(rewrap, header, part));
  RETURN_IF_ERROR(CheckAddressedTo(part.descriptor, rewrap.giver_device()));
  if (rewrap.request_hash() != View(request.hash)) {
    return absl::PermissionDeniedError("request_hash: answers another request");
  }
  if (rewrap.target_device() != request.prekey.device_id()) {
    return absl::PermissionDeniedError("target_device: not the one that asked");
  }
  if (rewrap.prekey_id() != View(crypto::Sha256(request.request.prekey()))) {
    return absl::PermissionDeniedError("prekey_id: not the prekey of the request");
  }
  if (rewrap.expires() != part.descriptor.expires()) {
    return absl::PermissionDeniedError("expires: not that of the part");
  }
  ASSIGN_OR_RETURN(const absl::Time time, trust::CheckTime(rewrap.time(), "time"));
  if (time > now + trust::kClockSkew) return absl::FailedPreconditionError("time: lies ahead");
  if (time < absl::FromUnixSeconds(request.request.time()) - trust::kClockSkew) {
    return absl::FailedPreconditionError("time: before the request");
  }
  if (time >= absl::FromUnixSeconds(request.request.expires())) {
    return absl::FailedPreconditionError("time: the request had expired");
  }
  if (now >= absl::FromUnixSeconds(part.descriptor.expires())) {
    return absl::FailedPreconditionError("expires: the part has expired");
  }
  return rewrap;
}

absl::StatusOr<pb::Rewrap> CheckOwnRewrap(const SignedStatement& signed_rewrap,
                                          const SignedStatement& signed_request, const VerifiedHeader& header,
                                          const VerifiedPart& part, const trust::Directory& directory,
                                          absl::Time now) {
  pb::Rewrap rewrap;
  pb::RewrapRequest request;
  RETURN_IF_ERROR(trust::StrictParse(signed_rewrap.statement, kMaxRewrapStatementBytes, "rewrap", rewrap));
  RETURN_IF_ERROR(
      trust::StrictParse(signed_request.statement, kMaxRewrapStatementBytes, "rewrap request", request));
  // The giver's clock may be behind that of the device that asked.
  ASSIGN_OR_RETURN(const absl::Time answered,
                   trust::CheckTime(std::max(rewrap.time(), request.time()), "time"));
  ASSIGN_OR_RETURN(const CheckedRewrapRequest checked,
                   CheckRewrapRequest(signed_request, header, part, directory, answered));
  return CheckRewrap(signed_rewrap, checked, header, part, directory, now);
}

absl::StatusOr<Bytes> OpenRewrapped(const VerifiedHeader& header, const VerifiedPart& part,
                                    const pb::Rewrap& rewrap, const crypto::HpkeKeyPair& pair,
                                    ByteView ciphertext) {
  RETURN_IF_ERROR(CheckSealed(header, part, /*attachment=*/false, ciphertext));
  ASSIGN_OR_RETURN(
      const CommittedKey key,
      OpenCommitted(header, part, ContextFor(header, part, rewrap.target_device(), rewrap.prekey_id()), pair,
                    rewrap.wrap()));
  return OpenWithKeys(header, part, key.keys, ciphertext);
}

absl::StatusOr<AttachmentContent> OpenRewrappedAttachment(const VerifiedHeader& header,
                                                          const VerifiedPart& part, const pb::Rewrap& rewrap,
                                                          const crypto::HpkeKeyPair& pair,
                                                          ByteView ciphertext) {
  RETURN_IF_ERROR(CheckSealed(header, part, /*attachment=*/true, ciphertext));
  ASSIGN_OR_RETURN(
      const CommittedKey key,
      OpenCommitted(header, part, ContextFor(header, part, rewrap.target_device(), rewrap.prekey_id()), pair,
                    rewrap.wrap()));
  return OpenAttachmentWithKeys(header, part, key.keys, ciphertext);
}

}  // namespace seinpost::envelope
