// SPDX-License-Identifier: EUPL-1.2
// Untrusted streams. The first byte chooses: 0: the rest is a stream; otherwise the rest is a list of changes
// (u24be place, xor) to a good stream of three chunks, of which any that has an effect must be noticed.
#include "crypto/stream.h"
#include "tests/fuzz/fuzz_check.h"

using seinpost::Bytes;
using seinpost::ByteView;
using seinpost::FuzzCheck;
namespace crypto = seinpost::crypto;

namespace {

crypto::Secret<32> Key() { return *crypto::Secret<32>::FromBytes(Bytes(32, '\x05')); }

void Compare(ByteView stream) {
  const absl::StatusOr<Bytes> at_once = crypto::OpenStream(Key(), "prefix", stream);
  crypto::StreamOpener opener(Key(), "prefix");
  Bytes in_steps;
  bool good = true;
  do {
    const ByteView chunk = stream.substr(0, crypto::kStreamSealedChunkBytes);
    stream.remove_prefix(chunk.size());
    const absl::StatusOr<Bytes> opened = opener.OpenChunk(chunk, stream.empty());
    good = good && opened.ok();
    if (opened.ok()) in_steps += *opened;
  } while (!stream.empty());
  FuzzCheck(at_once.ok() == (good && opener.finished()), "both ways agree");
  FuzzCheck(!at_once.ok() || *at_once == in_steps, "both ways give one plaintext");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const ByteView rest = seinpost::FuzzView(data + 1, size - 1);
  if (data[0] == 0) {
    Compare(rest);
    return 0;
  }
  static const auto* const good =
      new Bytes(*crypto::SealStream(Key(), "prefix", Bytes(2 * crypto::kStreamChunkBytes + 100, 'p')));
  Bytes changed = *good;
  for (size_t at = 0; at + 4 <= rest.size(); at += 4) {
    const auto byte = [&rest, at](size_t i) { return size_t{static_cast<uint8_t>(rest[at + i])}; };
    const size_t place = (byte(0) << 16 | byte(1) << 8 | byte(2)) % changed.size();
    changed[place] = static_cast<char>(changed[place] ^ rest[at + 3]);
  }
  const bool opened = crypto::OpenStream(Key(), "prefix", changed).ok();
  FuzzCheck(opened == (changed == *good), "a changed stream does not open, an unchanged one does");
  return 0;
}
