// SPDX-License-Identifier: EUPL-1.2
// Strict parsing: whatever is taken has one encoding. The first byte chooses the message.
#include <memory>

#include "seinpost/v1/trust.pb.h"
#include "tests/fuzz/fuzz_check.h"
#include "trust/objects.h"
#include "trust/strict.h"

using seinpost::ByteView;
using seinpost::FuzzCheck;
namespace pb = seinpost::v1;
namespace trust = seinpost::trust;

namespace {

// By kind of object, where its body is a message.
std::unique_ptr<google::protobuf::Message> Choose(uint8_t choice) {
  switch (choice % 11) {
    case 0:
      return std::make_unique<pb::SignedObject>();
    case pb::OBJECT_KIND_ISSUER_CERTIFICATE:
      return std::make_unique<pb::IssuerCertificate>();
    case pb::OBJECT_KIND_DEVICE_CERTIFICATE:
      return std::make_unique<pb::DeviceCertificate>();
    case pb::OBJECT_KIND_MANDATE:
      return std::make_unique<pb::Mandate>();
    case pb::OBJECT_KIND_REVOCATION:
      return std::make_unique<pb::Revocation>();
    case pb::OBJECT_KIND_PREKEY:
      return std::make_unique<pb::Prekey>();
    case pb::OBJECT_KIND_TRUST_UPDATE:
      return std::make_unique<pb::TrustUpdate>();
    case pb::OBJECT_KIND_RESTRICTION_ORDER:
      return std::make_unique<pb::RestrictionOrder>();
    case pb::OBJECT_KIND_LOG_EPOCH:
      return std::make_unique<pb::LogEpoch>();
    default:
      return std::make_unique<pb::DeviceRequest>();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const ByteView bytes = seinpost::FuzzView(data + 1, size - 1);
  const std::unique_ptr<google::protobuf::Message> message = Choose(data[0]);
  if (trust::StrictParse(bytes, 100'000, "fuzz", *message).ok()) {
    FuzzCheck(trust::StrictSerialize(*message) == bytes, "one encoding");
  }
  const auto object = trust::ParseSignedObject(bytes);
  if (object.ok()) FuzzCheck(trust::StrictSerialize(*object) == bytes, "one encoding of an object");
  return 0;
}
