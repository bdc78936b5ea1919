// SPDX-License-Identifier: EUPL-1.2
#include "envelope/seal.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/stream.h"
#include "envelope/audience.h"
#include "envelope/limits.h"
#include "envelope/part_crypto.h"
#include "envelope/vocabulary.h"
#include "trust/fields.h"
#include "trust/labels.h"
#include "trust/strict.h"
#include "util/status_macros.h"

namespace seinpost::envelope {

namespace pb = seinpost::v1;

namespace {

// The 16 places in random order: where parts go must not say what they are.
std::array<uint16_t, kPlaces> RandomPlaces() {
  std::array<std::pair<Bytes, uint16_t>, kPlaces> drawn;
  for (uint16_t place = 0; place < kPlaces; ++place) drawn[place] = {crypto::RandomBytes(16), place};
  std::sort(drawn.begin(), drawn.end());
  std::array<uint16_t, kPlaces> places;
  for (size_t i = 0; i < kPlaces; ++i) places[i] = drawn[i].second;
  return places;
}

// The devices of a part, reached or not.
absl::StatusOr<std::vector<Reached>> FindAudience(const PartPlan& plan, const trust::Directory& directory,
                                                  const trust::MemberRef& sender, absl::Time created,
                                                  trust::DirSize keys) {
  std::set<trust::MemberRef> refs(plan.members.begin(), plan.members.end());
  refs.insert(sender);
  std::vector<const trust::Member*> members;
  for (const trust::MemberRef& ref : refs) {
    members.push_back(directory.FindMember(ref));
    if (members.back() == nullptr) return absl::NotFoundError("a chosen member is not in the directory");
  }
  std::vector<Reached> audience = AudienceOf(members, plan.retention_class, created, directory, keys);
  for (const trust::Member* member : members) {
    if (std::any_of(audience.begin(), audience.end(),
                    [&](const Reached& one) { return one.device->member_ref == member->ref; })) {
      continue;
    }
    return absl::FailedPreconditionError(
        absl::StrCat(member->organisation, "/", member->handle, " has no valid device"));
  }
  const auto reached = std::count_if(audience.begin(), audience.end(),
                                     [](const Reached& one) { return one.prekey != nullptr; });
  if (reached == 0) return absl::FailedPreconditionError("no device at all has a prekey");
  if (static_cast<size_t>(reached) > kMaxRecipientsPerPart) {
    return absl::ResourceExhaustedError(absl::StrCat("more than ", kMaxRecipientsPerPart, " devices"));
  }
  return audience;
}

// What stays the same for all parts of one signal.
struct Sealing {
  const trust::Directory& directory;
  trust::MemberRef sender;
  Bytes core_bytes;
  Bytes signal_id;
  Digest h;
  absl::Time created;
  trust::DirSize keys;
};

absl::StatusOr<Bytes> SealPlan(const PartPlan& plan, const PartKeys& keys, const Sealing& sealing,
                               uint16_t index) {
  if (plan.kind != pb::PART_KIND_ATTACHMENT) {
    return SealContent(keys, sealing.core_bytes, index, sealing.signal_id, plan.kind, plan.content);
  }
  AttachmentContent content;
  content.head = plan.attachment_head;
  content.bytes = plan.content;
  return SealAttachment(keys, sealing.h, index, sealing.signal_id, content);
}

uint64_t PaddedLength(pb::PartKind kind, size_t ciphertext_bytes) {
  if (kind != pb::PART_KIND_ATTACHMENT) return ciphertext_bytes - crypto::kAeadTagBytes;
  // Whole chunks, each with its tag.
  return ciphertext_bytes / crypto::kStreamSealedChunkBytes * crypto::kStreamChunkBytes;
}

// The descriptor but for the wraps' hashes.
pb::PartDescriptor Describe(const PartPlan& plan, const std::vector<Reached>& audience, const PartKeys& keys,
                            ByteView ciphertext) {
  pb::PartDescriptor descriptor;
  descriptor.set_kind(plan.kind);
  descriptor.set_retention_class(plan.retention_class);
  descriptor.set_expires(absl::ToUnixSeconds(plan.expires));
  descriptor.set_padded_len(PaddedLength(plan.kind, ciphertext.size()));
  descriptor.set_ct_hash(ToBytes(crypto::Sha256(ciphertext)));
  descriptor.set_commit(ToBytes(keys.commit));
  for (const Reached& one : audience) {
    if (one.prekey == nullptr) {
      descriptor.add_unreached(one.device->id);
      continue;
    }
    pb::Recipient* recipient = descriptor.add_recipients();
    recipient->set_device_id(one.device->id);
    recipient->set_prekey_id(one.prekey->prekey_id);
  }
  for (const auto& [member_ref, tie] : plan.ties) {
    pb::Tie* claimed = descriptor.add_ties();
    claimed->set_member_ref(member_ref);
    claimed->set_tie(tie);
  }
  const std::set<trust::MemberRef> justified(plan.justifies.begin(), plan.justifies.end());
  for (const trust::MemberRef& ref : justified) descriptor.add_justifies(ref);
  return descriptor;
}

// Wraps `cek` for each recipient and puts the wraps' hashes into the descriptor.
absl::Status WrapForAll(const crypto::Secret<32>& cek, const std::vector<Reached>& audience,
                        const Sealing& sealing, uint16_t index, pb::PartDescriptor& descriptor,
                        pb::Part& part) {
  WrapContext context;
  context.h = sealing.h;
  context.index = index;
  context.group = 0;
  ASSIGN_OR_RETURN(context.commit, ToFixed<32>(descriptor.commit(), "commit"));
  ASSIGN_OR_RETURN(context.ct_hash, ToFixed<32>(descriptor.ct_hash(), "ct_hash"));
  context.recipient_set_hash = RecipientSetHash(descriptor);
  int place = 0;
  for (const Reached& one : audience) {
    if (one.prekey == nullptr) continue;
    context.device_id = one.device->id;
    context.prekey_id = one.prekey->prekey_id;
    ASSIGN_OR_RETURN(const Bytes wrap, SealWrap(context, one.prekey->hpke_pk, cek));
    descriptor.mutable_recipients(place++)->set_wrap_hash(ToBytes(crypto::Sha256(wrap)));
    part.add_wraps(wrap);
  }
  return absl::OkStatus();
}

absl::StatusOr<pb::Part> SealPart(const PartPlan& plan, const Sealing& sealing, uint16_t index,
                                  SealedSignal& sealed) {
  ASSIGN_OR_RETURN(const std::vector<Reached> audience,
                   FindAudience(plan, sealing.directory, sealing.sender, sealing.created, sealing.keys));
  const auto cek = crypto::Secret<32>::Random();
  const PartKeys keys = DerivePartKeys(cek, sealing.h, index);
  ASSIGN_OR_RETURN(Bytes ciphertext, SealPlan(plan, keys, sealing, index));
  pb::PartDescriptor descriptor = Describe(plan, audience, keys, ciphertext);
  pb::Part part;
  part.set_index(index);
  RETURN_IF_ERROR(WrapForAll(cek, audience, sealing, index, descriptor, part));
  part.set_descriptor_bytes(trust::StrictSerialize(descriptor));
  if (part.descriptor_bytes().size() > kMaxDescriptorBytes) {
    return absl::ResourceExhaustedError("the descriptor is too large");
  }
  if (plan.kind == pb::PART_KIND_ATTACHMENT) {
    sealed.attachments.emplace(descriptor.ct_hash(), std::move(ciphertext));
  } else {
    part.set_ciphertext(std::move(ciphertext));
  }
  sealed.unreached.insert(sealed.unreached.end(), descriptor.unreached().begin(),
                          descriptor.unreached().end());
  return part;
}

absl::StatusOr<pb::Core> CompleteCore(const SignalPlan& plan, const trust::Directory& directory,
                                      const trust::Device& sender) {
  const policies::Convenant& convenant = *directory.convenant();
  pb::Core core = plan.core;
  core.set_version(1);
  core.set_suite_id(convenant.trust()->suite);
  if (core.signal_id().empty()) core.set_signal_id(crypto::RandomBytes(trust::kIdBytes));
  if (core.kind() == pb::SIGNAL_KIND_UNSPECIFIED) core.set_kind(pb::SIGNAL_KIND_SIGNAL);
  core.set_convenant_id(convenant.id());
  core.set_convenant_version(convenant.version());
  core.set_convenant_hash(ToBytes(directory.convenant_hash()));
  core.set_sender_device(sender.id);
  core.set_sender_cert_hash(sender.cert_hash);
  return core;
}

absl::Status InPart(size_t i, const PartPlan& plan, const absl::Status& status) {
  return absl::Status(status.code(),
                      absl::StrCat("parts[", i, "] ", NameOf(plan.kind), ": ", status.message()));
}

}  // namespace

absl::StatusOr<SealedSignal> Seal(const SignalPlan& plan, const trust::Directory& directory,
                                  ByteView sender_device, const crypto::SigningKey& device_key) {
  const trust::Device* sender = directory.FindDevice(sender_device);
  if (sender == nullptr) return absl::NotFoundError("the sending device is not in the directory");
  if (sender->sig_pk != View(device_key.public_key())) {
    return absl::InvalidArgumentError("the key is not that of the sending device");
  }
  if (plan.parts.empty() || plan.parts.size() > kPlaces) {
    return absl::InvalidArgumentError("a signal has 1 to 16 parts");
  }
  ASSIGN_OR_RETURN(const pb::Core core, CompleteCore(plan, directory, *sender));
  Sealing sealing{directory, sender->member_ref, trust::StrictSerialize(core), core.signal_id(), {},
                  {},        plan.keys};
  sealing.h = crypto::Sha256(sealing.core_bytes);
  sealing.created = absl::FromUnixSeconds(core.created());
  if (sealing.core_bytes.size() > kMaxCoreBytes) return absl::ResourceExhaustedError("the core is too large");

  SealedSignal sealed;
  std::map<uint16_t, pb::Part> by_place;
  const std::array<uint16_t, kPlaces> places = RandomPlaces();
  for (size_t i = 0; i < plan.parts.size(); ++i) {
    absl::StatusOr<pb::Part> part = SealPart(plan.parts[i], sealing, places[i], sealed);
    if (!part.ok()) return InPart(i, plan.parts[i], part.status());
    by_place[places[i]] = *std::move(part);
  }

  pb::Header header;
  header.set_core(sealing.core_bytes);
  for (uint16_t place = 0; place < kPlaces; ++place) {
    const auto part = by_place.find(place);
    header.add_part_hash(part == by_place.end() ? crypto::RandomBytes(trust::kHashBytes)
                                                : ToBytes(crypto::Sha256(part->second.descriptor_bytes())));
  }
  sealed.envelope.set_header(trust::StrictSerialize(header));
  sealed.envelope.set_header_sig(crypto::Sign(device_key, trust::kHeaderLabel, sealed.envelope.header()));
  for (auto& [place, part] : by_place) *sealed.envelope.add_parts() = std::move(part);
  if (sealed.envelope.ByteSizeLong() > kMaxEnvelopeBytes) {
    return absl::ResourceExhaustedError("the envelope is too large");
  }
  sealed.header_hash = crypto::Sha256(sealed.envelope.header());
  std::sort(sealed.unreached.begin(), sealed.unreached.end());
  sealed.unreached.erase(std::unique(sealed.unreached.begin(), sealed.unreached.end()),
                         sealed.unreached.end());
  return sealed;
}

}  // namespace seinpost::envelope
