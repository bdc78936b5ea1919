// SPDX-License-Identifier: EUPL-1.2
#include "tests/envelope/signals.h"

#include <cstdlib>
#include <iostream>

#include "crypto/hash.h"
#include "trust/facts.h"
#include "trust/labels.h"
#include "trust/strict.h"

namespace seinpost::test {

namespace pb = seinpost::v1;
using envelope::PartPlan;
using envelope::SignalPlan;

namespace {

constexpr absl::Duration kKept = absl::Hours(24 * 90);

PartPlan Part(const TestNetwork& network, pb::PartKind kind, absl::string_view retention_class, Bytes content,
              const std::vector<std::string>& profiles) {
  PartPlan part;
  part.kind = kind;
  part.retention_class = std::string(retention_class);
  part.expires = network.now() + kKept;
  part.content = std::move(content);
  for (const std::string& profile : profiles) part.members.push_back(network.member(profile));
  return part;
}

SignalPlan Plan(const TestNetwork& network, absl::string_view channel, pb::Level level) {
  SignalPlan plan;
  plan.core.set_channel(std::string(channel));
  plan.core.set_category("wapen");
  plan.core.set_purpose("dreiging");
  plan.core.set_level(level);
  plan.core.set_case_ref(Bytes(16, 'c'));
  plan.core.set_created(absl::ToUnixSeconds(network.now()));
  plan.core.set_checkpoint("seinpost/plaats\n1\n");
  return plan;
}

}  // namespace

SignalPlan SmallPlan(const TestNetwork& network, absl::string_view text) {
  SignalPlan plan = Plan(network, "core@school-a", pb::LEVEL_L1);
  plan.parts.push_back(Part(network, pb::PART_KIND_NARRATIVE, "casus", Bytes(text), {kReader}));
  return plan;
}

SignalPlan NamedPlan(const TestNetwork& network) {
  SignalPlan plan = Plan(network, "direct@school-a", pb::LEVEL_L2);
  plan.core.set_informed(pb::INFORMED_YES);
  plan.parts.push_back(
      Part(network, pb::PART_KIND_NARRATIVE, "casus", "hij had een mes bij zich", {kReader}));
  pb::Identity identity;
  identity.add_first("Voornaam");
  identity.add_last("Achternaam");
  identity.set_birth_date("2010-05-04");
  plan.parts.push_back(
      Part(network, pb::PART_KIND_IDENTITY, "naam", trust::StrictSerialize(identity), {kReader}));
  plan.parts.back().ties[network.member(kReader)] = "school";
  plan.parts.push_back(Part(network, pb::PART_KIND_SOURCE, "naam", "een klasgenoot", {"school/teamleider"}));
  PartPlan justification =
      Part(network, pb::PART_KIND_JUSTIFICATION, "verantwoording", "om ingrijpen mogelijk te maken", {});
  const trust::Member* sender = network.directory().FindMember(network.member(kSender));
  for (const trust::Member* officer :
       trust::JustificationReaders(network.directory(), *sender, network.now())) {
    justification.members.push_back(officer->ref);
  }
  justification.expires = network.now() + network.convenant().FindRetention("verantwoording")->cap;
  justification.justifies.push_back(network.member(kReader));
  plan.parts.push_back(justification);
  plan.parts.push_back(Part(network, pb::PART_KIND_ATTACHMENT, "naam", Bytes(70'000, 'j'), {kReader}));
  plan.parts.back().ties[network.member(kReader)] = "school";
  plan.parts.back().attachment_head.set_name("foto-1.jpg");
  plan.parts.back().attachment_head.set_content_type("image/jpeg");
  return plan;
}

envelope::SealedSignal SealOrDie(const TestNetwork& network, const SignalPlan& plan) {
  const TestDevice& device = network.device(kSender);
  absl::StatusOr<envelope::SealedSignal> sealed =
      envelope::Seal(plan, network.directory(), device.id, device.key);
  if (!sealed.ok()) {
    std::cerr << "seal: " << sealed.status() << "\n";
    std::abort();
  }
  return *std::move(sealed);
}

const TestNetwork& Net() {
  static const auto* network = new TestNetwork(TestNetwork::Example(kNow));
  return *network;
}

const envelope::SealedSignal& Small() {
  static const auto* sealed = new envelope::SealedSignal(SealOrDie(Net(), SmallPlan(Net(), "een mes")));
  return *sealed;
}

absl::StatusOr<envelope::VerifiedHeader> VerifyAll(const pb::Envelope& envelope,
                                                   const trust::Directory& directory,
                                                   const envelope::VerifyOptions& options) {
  absl::StatusOr<envelope::VerifiedHeader> header = envelope::VerifyEnvelope(envelope, directory, options);
  if (!header.ok()) return header;
  const absl::Status key_sets = envelope::CheckKeySets(*header);
  if (!key_sets.ok()) return key_sets;
  return header;
}

envelope::VerifyOptions AsBroker(const TestNetwork& network) {
  envelope::VerifyOptions options;
  options.verifier = envelope::Verifier::kBroker;
  options.now = network.now();
  return options;
}

envelope::VerifyOptions AsRecipient(const TestNetwork& network, absl::string_view profile) {
  envelope::VerifyOptions options;
  options.verifier = envelope::Verifier::kRecipient;
  options.own_device = network.device(profile).id;
  options.now = network.now();
  return options;
}

pb::PartDescriptor DescriptorOf(const pb::Part& part) {
  pb::PartDescriptor descriptor;
  descriptor.ParseFromString(part.descriptor_bytes());
  return descriptor;
}

pb::Envelope Delivered(const pb::Envelope& sent, const TestDevice& device) {
  pb::Envelope delivered = sent;
  delivered.clear_parts();
  for (const pb::Part& part : sent.parts()) {
    const pb::PartDescriptor descriptor = DescriptorOf(part);
    for (const pb::Recipient& recipient : descriptor.recipients()) {
      if (recipient.device_id() != device.id) continue;
      pb::Part* copy = delivered.add_parts();
      *copy = part;
      copy->clear_wraps();
    }
  }
  return delivered;
}

std::vector<envelope::Wrap> WrapsFor(const pb::Envelope& sent, uint32_t index, const TestDevice& device) {
  std::vector<envelope::Wrap> wraps;
  for (const pb::Part& part : sent.parts()) {
    if (part.index() != index) continue;
    const pb::PartDescriptor descriptor = DescriptorOf(part);
    for (int i = 0; i < descriptor.recipients_size(); ++i) {
      const pb::Recipient& recipient = descriptor.recipients(i);
      if (recipient.device_id() != device.id) continue;
      wraps.push_back(envelope::Wrap{recipient.group(), recipient.prekey_id(), part.wraps(i)});
    }
  }
  return wraps;
}

Bytes CiphertextOf(const envelope::SealedSignal& sealed, const envelope::VerifiedPart& part) {
  const auto attachment = sealed.attachments.find(part.descriptor.ct_hash());
  if (attachment != sealed.attachments.end()) return attachment->second;
  for (const pb::Part& sent : sealed.envelope.parts()) {
    if (sent.index() == part.index) return sent.ciphertext();
  }
  return "";
}

uint32_t PlaceOf(const pb::Envelope& sent, pb::PartKind kind) {
  for (const pb::Part& part : sent.parts()) {
    if (DescriptorOf(part).kind() == kind) return part.index();
  }
  std::abort();
}

absl::StatusOr<Bytes> OpenAs(const TestNetwork& network, const envelope::SealedSignal& sealed,
                             pb::PartKind kind, absl::string_view profile) {
  const TestDevice& device = network.device(profile);
  const absl::StatusOr<envelope::VerifiedHeader> header = envelope::VerifyEnvelope(
      Delivered(sealed.envelope, device), network.directory(), AsRecipient(network, profile));
  if (!header.ok()) return header.status();
  const uint32_t place = PlaceOf(sealed.envelope, kind);
  const envelope::VerifiedPart* part = header->FindPart(place);
  if (part == nullptr) return absl::NotFoundError("not addressed to this device");
  const auto lookup = [&device](ByteView id) { return device.FindPrekey(id); };
  return envelope::OpenPart(*header, *part, device.id, WrapsFor(sealed.envelope, place, device), lookup,
                            CiphertextOf(sealed, *part));
}

pb::Envelope Resigned(const TestNetwork& network, const pb::Envelope& sent,
                      const std::function<void(pb::Core&)>& change_core,
                      const std::function<void(pb::PartDescriptor&)>& change_descriptor,
                      const crypto::SigningKey* signer) {
  pb::Envelope changed = sent;
  pb::Header header;
  pb::Core core;
  header.ParseFromString(sent.header());
  core.ParseFromString(header.core());
  if (change_core) change_core(core);
  header.set_core(trust::StrictSerialize(core));
  for (pb::Part& part : *changed.mutable_parts()) {
    pb::PartDescriptor descriptor = DescriptorOf(part);
    if (change_descriptor) change_descriptor(descriptor);
    part.set_descriptor_bytes(trust::StrictSerialize(descriptor));
    header.set_part_hash(static_cast<int>(part.index()), ToBytes(crypto::Sha256(part.descriptor_bytes())));
  }
  changed.set_header(trust::StrictSerialize(header));
  const crypto::SigningKey& key = signer != nullptr ? *signer : network.device(kSender).key;
  changed.set_header_sig(crypto::Sign(key, trust::kHeaderLabel, changed.header()));
  return changed;
}

}  // namespace seinpost::test
