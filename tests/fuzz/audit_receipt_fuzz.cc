// SPDX-License-Identifier: EUPL-1.2
// Untrusted receipts: what decodes has one encoding.
#include "audit/receipt.h"
#include "tests/fuzz/fuzz_check.h"

using seinpost::ByteView;
using seinpost::FuzzCheck;
namespace audit = seinpost::audit;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteView bytes = seinpost::FuzzView(data, size);
  const absl::StatusOr<audit::ReceiptBody> body = audit::ReceiptBody::Decode(bytes);
  if (body.ok()) FuzzCheck(body->Encode() == bytes, "one encoding");
  return 0;
}
