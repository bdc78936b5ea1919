// SPDX-License-Identifier: EUPL-1.2
// What a hostile sender can put under a valid seal: the plaintext of a part and of an attachment. The first
// byte chooses the kind; the rest is the plaintext before its padding.
#include "absl/strings/str_cat.h"
#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/stream.h"
#include "envelope/padding.h"
#include "envelope/part_crypto.h"
#include "tests/fuzz/fuzz_check.h"
#include "tests/testing/network.h"

using seinpost::Bytes;
using seinpost::ByteView;
using seinpost::FuzzCheck;
namespace crypto = seinpost::crypto;
namespace envelope = seinpost::envelope;
namespace pb = seinpost::v1;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const auto kind = static_cast<pb::PartKind>(1 + data[0] % 6);
  const ByteView plaintext = seinpost::FuzzView(data + 1, size - 1);
  static const seinpost::Digest h = crypto::Sha256("core");
  static const auto* keys = new envelope::PartKeys(
      envelope::DerivePartKeys(seinpost::test::TestNetwork::SecretNamed("fuzz"), h, 1));
  const Bytes signal_id(16, 's');

  const absl::StatusOr<Bytes> unpadded = envelope::Unpad(kind, plaintext);
  if (unpadded.ok()) FuzzCheck(envelope::Pad(kind, *unpadded).value() == plaintext, "one padding");

  const absl::StatusOr<Bytes> padded = envelope::Pad(kind, plaintext);
  if (!padded.ok()) return 0;
  FuzzCheck(envelope::IsPaddedLength(kind, padded->size()), "a size of its kind");
  FuzzCheck(envelope::Unpad(kind, *padded).value() == plaintext, "padding comes off");
  if (kind == pb::PART_KIND_ATTACHMENT) {
    const Bytes sealed =
        crypto::SealStream(keys->stream, absl::StrCat(seinpost::View(h), seinpost::U16(1)), *padded).value();
    const auto content = envelope::OpenAttachment(*keys, h, 1, signal_id, sealed);
    if (content.ok()) {
      FuzzCheck(envelope::SealAttachment(*keys, h, 1, signal_id, *content).value() == sealed,
                "one attachment");
    }
    return 0;
  }
  const Bytes aad = absl::StrCat("content", seinpost::Lp("core"), seinpost::U16(1));
  const Bytes sealed = crypto::AeadSeal(keys->key, keys->nonce, aad, *padded);
  const auto content = envelope::OpenContent(*keys, "core", 1, signal_id, kind, sealed);
  if (content.ok()) {
    FuzzCheck(envelope::SealContent(*keys, "core", 1, signal_id, kind, *content).value() == sealed,
              "one content");
  }
  return 0;
}
