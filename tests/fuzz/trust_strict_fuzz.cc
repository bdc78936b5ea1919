// SPDX-License-Identifier: EUPL-1.2
// Strict parsing: whatever is taken has one encoding. The first byte chooses the message.
#include <memory>

#include "seinpost/v1/envelope.pb.h"
#include "seinpost/v1/session.pb.h"
#include "seinpost/v1/signal.pb.h"
#include "seinpost/v1/trust.pb.h"
#include "tests/fuzz/fuzz_check.h"
#include "trust/objects.h"
#include "trust/strict.h"

using seinpost::ByteView;
using seinpost::FuzzCheck;
namespace pb = seinpost::v1;
namespace trust = seinpost::trust;

namespace {

std::unique_ptr<google::protobuf::Message> Choose(uint8_t choice) {
  switch (choice % 10) {
    case 0:
      return std::make_unique<pb::SignedObject>();
    case 1:
      return std::make_unique<pb::IssuerCertificate>();
    case 2:
      return std::make_unique<pb::DeviceCertificate>();
    case 3:
      return std::make_unique<pb::Mandate>();
    case 4:
      return std::make_unique<pb::Revocation>();
    case 5:
      return std::make_unique<pb::Prekey>();
    case 6:
      return std::make_unique<pb::Core>();
    case 7:
      return std::make_unique<pb::PartDescriptor>();
    case 8:
      return std::make_unique<pb::Header>();
    default:
      return std::make_unique<pb::OpenStatement>();
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
