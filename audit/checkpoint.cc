// SPDX-License-Identifier: EUPL-1.2
#include "audit/checkpoint.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "audit/reader.h"
#include "util/status_macros.h"

namespace seinpost::audit {
namespace {

constexpr absl::string_view kDirectoryWord = "dir ";
constexpr absl::string_view kTimeWord = "time ";
constexpr size_t kTimestampBytes = 8;

absl::Status BadCheckpoint(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("checkpoint: ", what));
}

absl::StatusOr<uint64_t> ParseDecimal(absl::string_view text, absl::string_view what) {
  uint64_t value = 0;
  const bool digits =
      !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || (text.size() > 1 && text[0] == '0') || !absl::SimpleAtoi(text, &value)) {
    return BadCheckpoint(absl::StrCat(what, " is not a decimal number"));
  }
  return value;
}

absl::StatusOr<Digest> ParseHash(absl::string_view text, absl::string_view what) {
  const absl::StatusOr<Bytes> bytes = FromBase64(text);
  if (!bytes.ok() || bytes->size() != sizeof(Digest)) {
    return BadCheckpoint(absl::StrCat(what, " is not a SHA-256 hash in base64"));
  }
  return ToFixed<32>(*bytes, what);
}

absl::StatusOr<DirectoryHead> ParseDirectoryLine(absl::string_view line) {
  const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
  if (words.size() != 3) return BadCheckpoint("dir line is not 'dir <seq> <hash>'");
  DirectoryHead head;
  ASSIGN_OR_RETURN(head.seq, ParseDecimal(words[1], "dir sequence number"));
  ASSIGN_OR_RETURN(head.hash, ParseHash(words[2], "dir hash"));
  return head;
}

absl::StatusOr<absl::Time> ParseTimeLine(absl::string_view line) {
  ASSIGN_OR_RETURN(const uint64_t seconds, ParseDecimal(line.substr(kTimeWord.size()), "time"));
  if (seconds > kMaxUnixSeconds) return BadCheckpoint("time is out of range");
  return absl::FromUnixSeconds(static_cast<int64_t>(seconds));
}

// tlog-cosignature: what a witness signs.
Bytes CosignedMessage(ByteView text, uint64_t seconds) {
  return absl::StrCat("cosignature/v1\ntime ", seconds, "\n", text);
}

}  // namespace

Bytes CheckpointText(const Checkpoint& checkpoint) {
  Bytes text =
      absl::StrCat(checkpoint.origin, "\n", checkpoint.size, "\n", ToBase64(View(checkpoint.root)), "\n");
  if (checkpoint.directory.has_value()) {
    absl::StrAppend(&text, kDirectoryWord, checkpoint.directory->seq, " ",
                    ToBase64(View(checkpoint.directory->hash)), "\n");
  }
  if (checkpoint.time.has_value())
    absl::StrAppend(&text, kTimeWord, absl::ToUnixSeconds(*checkpoint.time), "\n");
  for (const std::string& line : checkpoint.other_lines) absl::StrAppend(&text, line, "\n");
  return text;
}

absl::StatusOr<Checkpoint> ParseCheckpointText(ByteView text) {
  if (text.size() > kMaxNoteBytes) return BadCheckpoint("too large");
  if (!absl::EndsWith(text, "\n")) return BadCheckpoint("the last line does not end");
  text.remove_suffix(1);
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  if (lines.size() < 3) return BadCheckpoint("fewer than three lines");
  Checkpoint checkpoint;
  if (lines[0].empty()) return BadCheckpoint("origin is empty");
  checkpoint.origin = std::string(lines[0]);
  ASSIGN_OR_RETURN(checkpoint.size, ParseDecimal(lines[1], "size"));
  ASSIGN_OR_RETURN(checkpoint.root, ParseHash(lines[2], "root"));
  size_t next = 3;
  if (next < lines.size() && absl::StartsWith(lines[next], kDirectoryWord)) {
    ASSIGN_OR_RETURN(checkpoint.directory, ParseDirectoryLine(lines[next]));
    ++next;
  }
  if (next < lines.size() && absl::StartsWith(lines[next], kTimeWord)) {
    ASSIGN_OR_RETURN(checkpoint.time, ParseTimeLine(lines[next]));
    ++next;
  }
  for (; next < lines.size(); ++next) {
    if (absl::StartsWith(lines[next], kDirectoryWord) || absl::StartsWith(lines[next], kTimeWord)) {
      return BadCheckpoint("dir or time line twice or out of place");
    }
    checkpoint.other_lines.emplace_back(lines[next]);
  }
  return checkpoint;
}

Bytes SignCheckpoint(const Checkpoint& checkpoint, const crypto::SigningKey& key) {
  SignedNote note;
  note.text = CheckpointText(checkpoint);
  note.signatures.push_back(SignNoteText(note.text, checkpoint.origin, key));
  return note.Encode();
}

absl::StatusOr<Checkpoint> VerifyCheckpoint(ByteView bytes, const VerifierKey& log_key) {
  ASSIGN_OR_RETURN(const SignedNote note, SignedNote::Parse(bytes));
  RETURN_IF_ERROR(VerifyNote(note, log_key));
  ASSIGN_OR_RETURN(Checkpoint checkpoint, ParseCheckpointText(note.text));
  if (checkpoint.origin != log_key.name) return absl::PermissionDeniedError("checkpoint: of another log");
  if (!checkpoint.directory.has_value()) return BadCheckpoint("no dir line");
  if (!checkpoint.time.has_value()) return BadCheckpoint("no time line");
  return checkpoint;
}

VerifierKey LogKey(absl::string_view origin, const crypto::PublicKey& key) {
  return {std::string(origin), SignatureType::kEd25519, key};
}

VerifierKey WitnessKey(absl::string_view name, const crypto::PublicKey& key) {
  return {std::string(name), SignatureType::kCosignatureV1, key};
}

absl::StatusOr<Bytes> Cosign(ByteView bytes, absl::string_view name, const crypto::SigningKey& key,
                             absl::Time time) {
  ASSIGN_OR_RETURN(SignedNote note, SignedNote::Parse(bytes));
  if (!IsNoteName(name)) return absl::InvalidArgumentError("cosignature: bad name of a witness");
  const VerifierKey witness = WitnessKey(name, key.public_key());
  if (note.Find(witness) != nullptr)
    return absl::InvalidArgumentError("cosignature: already signed by this witness");
  const auto seconds = static_cast<uint64_t>(std::max<int64_t>(0, absl::ToUnixSeconds(time)));
  NoteSignature signature{witness.name, witness.Id(), U64(seconds)};
  signature.signature += crypto::SignRaw(key, CosignedMessage(note.text, seconds));
  note.signatures.push_back(std::move(signature));
  return note.Encode();
}

absl::StatusOr<absl::Time> CosignatureTime(const NoteSignature& signature) {
  if (signature.signature.size() != kTimestampBytes + crypto::kSignatureBytes) {
    return absl::InvalidArgumentError("cosignature: wrong size");
  }
  ASSIGN_OR_RETURN(const uint64_t seconds, ReadU64(ByteView(signature.signature).substr(0, kTimestampBytes)));
  if (seconds > kMaxUnixSeconds) return absl::InvalidArgumentError("cosignature: time is out of range");
  return absl::FromUnixSeconds(static_cast<int64_t>(seconds));
}

absl::StatusOr<absl::Time> VerifyCosignature(const SignedNote& note, const VerifierKey& witness) {
  if (witness.type != SignatureType::kCosignatureV1)
    return absl::InvalidArgumentError("verifier key: not of a witness");
  const NoteSignature* signature = note.Find(witness);
  if (signature == nullptr)
    return absl::NotFoundError(absl::StrCat("checkpoint: not cosigned by ", witness.name));
  ASSIGN_OR_RETURN(const absl::Time time, CosignatureTime(*signature));
  RETURN_IF_ERROR(crypto::VerifyRaw(
      View(witness.key), CosignedMessage(note.text, static_cast<uint64_t>(absl::ToUnixSeconds(time))),
      ByteView(signature->signature).substr(kTimestampBytes)));
  return time;
}

}  // namespace seinpost::audit
