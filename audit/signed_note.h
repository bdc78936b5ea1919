// SPDX-License-Identifier: EUPL-1.2
// C2SP signed-note: a text, a blank line, and signature lines "— <name> <base64(key id || signature)>".
// Pure functions and plain values; thread-safe.
#ifndef SEINPOST_AUDIT_SIGNED_NOTE_H_
#define SEINPOST_AUDIT_SIGNED_NOTE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/sign.h"
#include "util/bytes.h"

namespace seinpost::audit {

inline constexpr size_t kMaxNoteBytes = 64 * 1024;
inline constexpr size_t kMaxNoteSignatures = 64;

enum class SignatureType : uint8_t {
  kEd25519 = 0x01,        // over the note's text
  kCosignatureV1 = 0x04,  // u64be unix seconds || signature over "cosignature/v1\ntime <seconds>\n" || text
};

using KeyId = FixedBytes<4>;

// VerifierKey is what a verifier pins: "<name>+<hex key id>+<base64(type || public key)>".
struct VerifierKey {
  std::string name;
  SignatureType type = SignatureType::kEd25519;
  crypto::PublicKey key{};

  KeyId Id() const;  // SHA-256(name || 0x0A || type || key)[:4]
  std::string Encode() const;
  // kInvalidArgument: malformed, a type not listed above, or an id that does not fit.
  static absl::StatusOr<VerifierKey> Parse(absl::string_view vkey);
  bool operator==(const VerifierKey&) const = default;
};
// Not empty, no white space, no '+', no control characters, at most 256 bytes.
bool IsNoteName(absl::string_view name);

struct NoteSignature {
  std::string name;
  KeyId key_id{};
  Bytes signature;  // without the key id
};

struct SignedNote {
  Bytes text;  // ends in a newline
  std::vector<NoteSignature> signatures;

  Bytes Encode() const;
  // kInvalidArgument: not a note, too large, no signature, or the same key twice.
  static absl::StatusOr<SignedNote> Parse(ByteView bytes);
  // Null if no signature line carries the key's name and id.
  const NoteSignature* Find(const VerifierKey& key) const;
};

// kNotFound: no signature by `key`. kPermissionDenied: there is one, and it is wrong. kInvalidArgument: `key`
// is of another type than kEd25519.
absl::Status VerifyNote(const SignedNote& note, const VerifierKey& key);
// Signs `text`, which ends in a newline.
NoteSignature SignNoteText(ByteView text, absl::string_view name, const crypto::SigningKey& key);

}  // namespace seinpost::audit

#endif  // SEINPOST_AUDIT_SIGNED_NOTE_H_
