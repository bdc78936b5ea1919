// SPDX-License-Identifier: EUPL-1.2
#include "tests/hostile/forge.h"

#include <cstdlib>
#include <iostream>

#include "audit/commitment.h"
#include "crypto/hash.h"
#include "trust/directory.h"
#include "trust/log_identity.h"

namespace seinpost::test {
namespace {

template <typename T>
T Get(absl::StatusOr<T> value, absl::string_view what) {
  if (value.ok()) return *std::move(value);
  std::cerr << "forge: " << what << ": " << value.status() << std::endl;
  std::abort();
}

v1::Receipt SignedReceipt(const TestNetwork& network, const audit::ReceiptBody& body) {
  const audit::Receipt made = audit::MakeReceipt(body, network.log_key());
  v1::Receipt receipt;
  receipt.set_body(made.body);
  receipt.set_signature(made.signature);
  return receipt;
}

// A leaf that commits to `event`, and the word of the log that it stands at `index`.
struct Made {
  audit::CommittedEvent committed;
  v1::Receipt receipt;
};
Made Commit(const TestNetwork& network, const audit::Event& event, uint64_t index, absl::Time time) {
  Made made{Get(audit::CommitEvent(event), "commit"), {}};
  audit::ReceiptBody body;
  body.origin = trust::LogOrigin(network.convenant().id());
  body.index = index;
  body.leaf_hash = audit::LeafHashOf(audit::LeafClass::kEvent, made.committed.opening.Commitment());
  body.request_hash =
      Get(ToFixed<32>(event.Text(audit::Tag::kRequestHash).value_or(""), "hash"), "request hash");
  body.time = time;
  made.receipt = SignedReceipt(network, body);
  return made;
}

}  // namespace

audit::Checkpoint ReadCheckpoint(const TestNetwork& network, ByteView note) {
  const auto key = audit::LogKey(trust::LogOrigin(network.convenant().id()), network.log_key().public_key());
  return Get(audit::VerifyCheckpoint(note, key), "checkpoint");
}

Bytes ForgedCheckpoint(const TestNetwork& network, ByteView note,
                       const std::function<void(audit::Checkpoint&)>& change) {
  audit::Checkpoint checkpoint = ReadCheckpoint(network, note);
  change(checkpoint);
  return audit::SignCheckpoint(checkpoint, network.log_key());
}

void ForgeReceipt(const TestNetwork& network, v1::Receipt& receipt,
                  const std::function<void(audit::ReceiptBody&)>& change) {
  audit::ReceiptBody body = Get(audit::ReceiptBody::Decode(receipt.body()), "receipt");
  change(body);
  const v1::Receipt made = SignedReceipt(network, body);
  receipt.set_body(made.body());
  receipt.set_signature(made.signature());
}

v1::Receipt ReceiptForHeader(const TestNetwork& network, ByteView header, uint64_t index, absl::Time time) {
  audit::Event event;
  event.SetType(audit::EventType::kSubmit)
      .SetTime(time)
      .SetText(audit::Tag::kRequestHash, View(crypto::Sha256(header)));
  Made made = Commit(network, event, index, time);
  made.receipt.set_request_proof(
      Get(made.committed.opening.Prove(audit::Tag::kRequestHash), "proof").Encode());
  return made.receipt;
}

v1::Receipt ReceiptForCaller(const TestNetwork& network, const audit::Event& event, uint64_t index,
                             absl::Time time) {
  Made made = Commit(network, event, index, time);
  made.receipt.set_opening(made.committed.opening.Encode());
  return made.receipt;
}

v1::Delivery ForgedDelivery(const TestNetwork& network, const v1::Envelope& envelope, ByteView device,
                            uint64_t index, absl::Time time) {
  v1::Delivery delivery;
  delivery.set_cursor(index + 1);
  delivery.set_header(envelope.header());
  delivery.set_header_sig(envelope.header_sig());
  for (const v1::Part& part : envelope.parts()) {
    v1::PartDescriptor descriptor;
    if (!descriptor.ParseFromString(part.descriptor_bytes())) std::abort();
    for (const v1::Recipient& recipient : descriptor.recipients()) {
      if (recipient.device_id() != device) continue;
      v1::Part* delivered = delivery.add_parts();
      *delivered = part;
      delivered->clear_wraps();
      break;
    }
  }
  *delivery.mutable_receipt() = ReceiptForHeader(network, envelope.header(), index, time);
  return delivery;
}

void Flip(std::string* bytes) {
  if (bytes->empty()) std::abort();
  bytes->back() = static_cast<char>(bytes->back() ^ 1);
}

}  // namespace seinpost::test
