// SPDX-License-Identifier: EUPL-1.2
// Strict parsing of what stands in envelopes and is signed about them: whatever is taken has one encoding.
// The first byte chooses the message.
#include <memory>

#include "seinpost/v1/envelope.pb.h"
#include "seinpost/v1/signal.pb.h"
#include "tests/fuzz/fuzz_check.h"
#include "trust/strict.h"

using seinpost::ByteView;
using seinpost::FuzzCheck;
namespace pb = seinpost::v1;
namespace trust = seinpost::trust;

namespace {

std::unique_ptr<google::protobuf::Message> Choose(uint8_t choice) {
  switch (choice % 9) {
    case 0:
      return std::make_unique<pb::Core>();
    case 1:
      return std::make_unique<pb::PartDescriptor>();
    case 2:
      return std::make_unique<pb::Header>();
    case 3:
      return std::make_unique<pb::Identity>();
    case 4:
      return std::make_unique<pb::AttachmentHead>();
    case 5:
      return std::make_unique<pb::RewrapRequest>();
    case 6:
      return std::make_unique<pb::Rewrap>();
    case 7:
      return std::make_unique<pb::DeliveredStatement>();
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
  return 0;
}
