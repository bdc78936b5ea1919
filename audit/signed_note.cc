// SPDX-License-Identifier: EUPL-1.2
#include "audit/signed_note.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "crypto/hash.h"
#include "util/status_macros.h"

namespace seinpost::audit {
namespace {

constexpr absl::string_view kSignaturePrefix = "\xE2\x80\x94 ";  // an em dash and a space
constexpr size_t kMaxNameBytes = 256;
constexpr size_t kMaxSignatureBytes = 1024;

absl::Status BadNote(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("signed note: ", what));
}

bool IsText(ByteView text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<uint8_t>(c) < 0x20 && c != '\n'; });
}

absl::StatusOr<NoteSignature> ParseSignatureLine(absl::string_view line) {
  if (!absl::StartsWith(line, kSignaturePrefix)) return BadNote("a line after the text that is no signature");
  line.remove_prefix(kSignaturePrefix.size());
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(line, absl::MaxSplits(' ', 1));
  if (!IsNoteName(parts.first)) return BadNote("bad name of a signer");
  ASSIGN_OR_RETURN(const Bytes bytes, FromBase64(parts.second));
  NoteSignature signature;
  if (bytes.size() <= signature.key_id.size() || bytes.size() > kMaxSignatureBytes) {
    return BadNote("signature of impossible size");
  }
  signature.name = std::string(parts.first);
  std::copy_n(bytes.begin(), signature.key_id.size(), signature.key_id.begin());
  signature.signature = bytes.substr(signature.key_id.size());
  return signature;
}

}  // namespace

// C2SP lets names be any Unicode without spaces; ours are ASCII, so that no two look alike.
bool IsNoteName(absl::string_view name) {
  return !name.empty() && name.size() <= kMaxNameBytes &&
         std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < '\x7f' && c != '+'; });
}

KeyId VerifierKey::Id() const {
  const Digest hash = crypto::Sha256Concat({name, "\n", U8(static_cast<uint8_t>(type)), View(key)});
  KeyId id;
  std::copy_n(hash.begin(), id.size(), id.begin());
  return id;
}

std::string VerifierKey::Encode() const {
  return absl::StrCat(name, "+", ToHex(Id()), "+", ToBase64(U8(static_cast<uint8_t>(type)) + ToBytes(key)));
}

absl::StatusOr<VerifierKey> VerifierKey::Parse(absl::string_view vkey) {
  const std::vector<absl::string_view> parts = absl::StrSplit(vkey, absl::MaxSplits('+', 2));
  if (parts.size() != 3) return absl::InvalidArgumentError("verifier key: not <name>+<id>+<key>");
  VerifierKey result;
  if (!IsNoteName(parts[0])) return absl::InvalidArgumentError("verifier key: bad name");
  result.name = std::string(parts[0]);
  ASSIGN_OR_RETURN(const Bytes key, FromBase64(parts[2]));
  if (key.size() != 1 + result.key.size()) return absl::InvalidArgumentError("verifier key: wrong size");
  const auto type = static_cast<SignatureType>(key[0]);
  if (type != SignatureType::kEd25519 && type != SignatureType::kCosignatureV1) {
    return absl::InvalidArgumentError("verifier key: unknown type");
  }
  result.type = type;
  ASSIGN_OR_RETURN(result.key, ToFixed<32>(ByteView(key).substr(1), "verifier key"));
  if (ToHex(result.Id()) != parts[1])
    return absl::InvalidArgumentError("verifier key: the id does not fit the key");
  return result;
}

Bytes SignedNote::Encode() const {
  Bytes out = absl::StrCat(text, "\n");
  for (const NoteSignature& signature : signatures) {
    absl::StrAppend(&out, kSignaturePrefix, signature.name, " ",
                    ToBase64(ToBytes(signature.key_id) + signature.signature), "\n");
  }
  return out;
}

absl::StatusOr<SignedNote> SignedNote::Parse(ByteView bytes) {
  if (bytes.size() > kMaxNoteBytes) return BadNote("too large");
  if (!IsText(bytes)) return BadNote("control characters");
  const size_t blank = bytes.rfind("\n\n");
  if (blank == ByteView::npos || !absl::EndsWith(bytes, "\n")) return BadNote("no text and signatures");
  SignedNote note;
  note.text = Bytes(bytes.substr(0, blank + 1));
  ByteView lines = bytes.substr(blank + 2);
  if (lines.empty()) return BadNote("no signature");
  lines.remove_suffix(1);
  for (absl::string_view line : absl::StrSplit(lines, '\n')) {
    if (note.signatures.size() == kMaxNoteSignatures) return BadNote("too many signatures");
    ASSIGN_OR_RETURN(NoteSignature signature, ParseSignatureLine(line));
    for (const NoteSignature& earlier : note.signatures) {
      if (earlier.name == signature.name && earlier.key_id == signature.key_id)
        return BadNote("two signatures by a key");
    }
    note.signatures.push_back(std::move(signature));
  }
  return note;
}

const NoteSignature* SignedNote::Find(const VerifierKey& key) const {
  const KeyId id = key.Id();
  for (const NoteSignature& signature : signatures) {
    if (signature.name == key.name && signature.key_id == id) return &signature;
  }
  return nullptr;
}

absl::Status VerifyNote(const SignedNote& note, const VerifierKey& key) {
  if (key.type != SignatureType::kEd25519)
    return absl::InvalidArgumentError("verifier key: not of a note's signer");
  const NoteSignature* signature = note.Find(key);
  if (signature == nullptr) return absl::NotFoundError(absl::StrCat("signed note: not signed by ", key.name));
  return crypto::VerifyRaw(View(key.key), note.text, signature->signature);
}

NoteSignature SignNoteText(ByteView text, absl::string_view name, const crypto::SigningKey& key) {
  const VerifierKey verifier{std::string(name), SignatureType::kEd25519, key.public_key()};
  return {verifier.name, verifier.Id(), crypto::SignRaw(key, text)};
}

}  // namespace seinpost::audit
