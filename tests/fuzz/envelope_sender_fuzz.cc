// SPDX-License-Identifier: EUPL-1.2
// What a hostile sender can put into an envelope under his own valid signature: LP(core) || descriptor. To
// come past the outer checks, what the input leaves empty is filled in with what is right; bytes that do not
// parse are signed as they are. Whatever verifies is sealed to exactly the devices that it must be sealed to.
#include "crypto/hash.h"
#include "envelope/audience.h"
#include "envelope/limits.h"
#include "envelope/verify.h"
#include "policies/decide/decide.h"
#include "tests/envelope/signals.h"
#include "tests/fuzz/fuzz_check.h"
#include "trust/labels.h"
#include "trust/strict.h"

using seinpost::Bytes;
using seinpost::ByteView;
using seinpost::Digest;
using seinpost::FuzzCheck;
using seinpost::test::TestNetwork;
namespace crypto = seinpost::crypto;
namespace envelope = seinpost::envelope;
namespace pb = seinpost::v1;
namespace test = seinpost::test;
namespace trust = seinpost::trust;

namespace {

const TestNetwork& Net() {
  static const TestNetwork* network = new TestNetwork(TestNetwork::Example(TestNetwork::AnyTime()));
  return *network;
}

Bytes Complete(ByteView bytes) {
  pb::Core core;
  if (!core.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return Bytes(bytes);
  const test::TestDevice& sender = Net().device(test::kSender);
  if (core.sender_device().empty()) core.set_sender_device(sender.id);
  if (core.sender_cert_hash().empty()) {
    core.set_sender_cert_hash(Net().directory().FindDevice(sender.id)->cert_hash);
  }
  if (core.convenant_hash().empty()) {
    core.set_convenant_hash(seinpost::ToBytes(Net().directory().convenant_hash()));
  }
  return trust::StrictSerialize(core);
}

const Bytes& Ciphertext() {
  static const Bytes* bytes = new Bytes(1024 + 16, 'c');
  return *bytes;
}

Bytes Complete(ByteView bytes, pb::PartDescriptor& descriptor) {
  if (!descriptor.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return Bytes(bytes);
  if (descriptor.ct_hash().empty()) {
    descriptor.set_ct_hash(seinpost::ToBytes(crypto::Sha256(Ciphertext())));
  }
  const Bytes wrap_hash = seinpost::ToBytes(crypto::Sha256(Bytes(envelope::kWrapBytes, 'w')));
  for (pb::Recipient& recipient : *descriptor.mutable_recipients()) {
    if (recipient.wrap_hash().empty()) recipient.set_wrap_hash(wrap_hash);
    const trust::PrekeyEntry* prekey =
        Net().directory().PrekeyFor(recipient.device_id(), descriptor.retention_class(), Net().now());
    if (recipient.prekey_id().empty() && prekey != nullptr) recipient.set_prekey_id(prekey->prekey_id);
  }
  return trust::StrictSerialize(descriptor);
}

void CheckVerified(const envelope::VerifiedHeader& header, const pb::PartDescriptor& descriptor) {
  std::vector<const trust::Member*> members;
  for (const trust::Member* member : Net().directory().Members()) {
    for (const trust::DeviceId& id : member->devices) {
      bool named = member->ref == header.sender().member_ref;
      for (const pb::Recipient& recipient : descriptor.recipients()) named |= recipient.device_id() == id;
      for (const std::string& unreached : descriptor.unreached()) named |= unreached == id;
      if (named && (members.empty() || members.back() != member)) members.push_back(member);
    }
  }
  int reached = 0, unreached = 0;
  for (const envelope::Reached& one : envelope::AudienceOf(members, descriptor.retention_class(),
                                                           absl::FromUnixSeconds(header.core().created()),
                                                           Net().directory(), trust::kNewest)) {
    if (one.prekey == nullptr) {
      FuzzCheck(descriptor.unreached(unreached++) == one.device->id, "every other device is unreached");
    } else {
      FuzzCheck(descriptor.recipients(reached).device_id() == one.device->id &&
                    descriptor.recipients(reached).prekey_id() == one.prekey->prekey_id,
                "every device with a prekey is a recipient");
      ++reached;
    }
  }
  FuzzCheck(reached == descriptor.recipients_size() && unreached == descriptor.unreached_size(),
            "nobody else");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 4) return 0;
  ByteView rest = seinpost::FuzzView(data, size);
  const size_t core_size = static_cast<size_t>(data[2]) << 8 | data[3];
  rest.remove_prefix(4);
  if (core_size > rest.size()) return 0;
  pb::PartDescriptor descriptor;
  const Bytes core = Complete(rest.substr(0, core_size));
  const Bytes descriptor_bytes = Complete(rest.substr(core_size), descriptor);

  pb::Header header;
  header.set_core(core);
  for (char place = 0; place < static_cast<char>(envelope::kPlaces); ++place) {
    header.add_part_hash(place == 5 ? seinpost::ToBytes(crypto::Sha256(descriptor_bytes)) : Bytes(32, place));
  }
  pb::Envelope sent;
  sent.set_header(trust::StrictSerialize(header));
  sent.set_header_sig(crypto::Sign(Net().device(test::kSender).key, trust::kHeaderLabel, sent.header()));
  pb::Part* part = sent.add_parts();
  part->set_index(5);
  part->set_descriptor_bytes(descriptor_bytes);
  if (descriptor.kind() != pb::PART_KIND_ATTACHMENT) part->set_ciphertext(Ciphertext());
  for (int i = 0; i < descriptor.recipients_size(); ++i) part->add_wraps(Bytes(envelope::kWrapBytes, 'w'));

  const auto verified = test::VerifyAll(sent, Net().directory(), test::AsBroker(Net()));
  if (!verified.ok()) return 0;
  FuzzCheck(trust::StrictSerialize(verified->core()) == core, "one encoding of the core");
  FuzzCheck(trust::StrictSerialize(verified->parts()[0].descriptor) == descriptor_bytes,
            "one encoding of the descriptor");
  CheckVerified(*verified, descriptor);
  const auto request = envelope::ToSendRequest(*verified, Net().directory());
  const seinpost::policies::Decision decision = seinpost::policies::DecideSend(
      request, envelope::LoadFacts(*verified, Net().directory(), request.created), Net().now());
  FuzzCheck(decision.allowed || !decision.reasons.empty(), "a refusal has its reason");
  // And each of those it is for sees the same.
  for (const test::TestDevice* device : Net().devices()) {
    const pb::Envelope delivered = test::Delivered(sent, *device);
    if (delivered.parts().empty()) continue;
    envelope::VerifyOptions options = test::AsRecipient(Net(), device->profile);
    options.own_device = device->id;
    FuzzCheck(envelope::VerifyEnvelope(delivered, Net().directory(), options).ok(),
              "what the broker takes verifies at each recipient");
  }
  return 0;
}
