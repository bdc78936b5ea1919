// SPDX-License-Identifier: EUPL-1.2
// Untrusted enc || ciphertext for a fixed recipient: that of RFC 9180 Appendix A.2.1.
#include <algorithm>

#include "crypto/hpke.h"
#include "tests/fuzz/fuzz_check.h"

using seinpost::Bytes;
using seinpost::ByteView;
using seinpost::FuzzCheck;
namespace crypto = seinpost::crypto;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto* const recipient =
      new crypto::HpkeKeyPair(crypto::HpkeKeyPair::FromSecret(*crypto::Secret<32>::FromBytes(
          *seinpost::FromHex("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb"))));
  static const auto* const info = new Bytes("Ode on a Grecian Urn");
  const ByteView sealed = seinpost::FuzzView(data, size);

  const absl::StatusOr<Bytes> at_once = crypto::OpenBase(*recipient, *info, "Count-0", sealed);
  absl::StatusOr<crypto::HpkeOpenContext> context =
      crypto::SetupBaseR(sealed.substr(0, crypto::kHpkeEncBytes), *recipient, *info);
  FuzzCheck(!at_once.ok() || context.ok(), "what opens at once can be set up");
  if (!context.ok()) return 0;
  const absl::StatusOr<Bytes> in_steps =
      context->Open("Count-0", sealed.substr(std::min(size, crypto::kHpkeEncBytes)));
  FuzzCheck(at_once.ok() == in_steps.ok(), "both ways agree");
  FuzzCheck(!at_once.ok() || *at_once == *in_steps, "both ways give one plaintext");
  return 0;
}
