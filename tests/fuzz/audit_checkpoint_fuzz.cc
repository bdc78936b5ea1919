// SPDX-License-Identifier: EUPL-1.2
// Untrusted signed notes, checkpoints and verifier keys: what parses has one text.
#include "audit/checkpoint.h"
#include "tests/fuzz/fuzz_check.h"

using seinpost::ByteView;
using seinpost::FuzzCheck;
namespace audit = seinpost::audit;

namespace {

void CheckText(ByteView text) {
  const absl::StatusOr<audit::Checkpoint> checkpoint = audit::ParseCheckpointText(text);
  if (checkpoint.ok()) FuzzCheck(audit::CheckpointText(*checkpoint) == text, "one text of a checkpoint");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteView bytes = seinpost::FuzzView(data, size);
  CheckText(bytes);
  if (const absl::StatusOr<audit::SignedNote> note = audit::SignedNote::Parse(bytes); note.ok()) {
    FuzzCheck(note->Encode() == bytes, "one text of a note");
    CheckText(note->text);
    for (const audit::NoteSignature& signature : note->signatures) {
      audit::CosignatureTime(signature).status().IgnoreError();
    }
  }
  if (const absl::StatusOr<audit::VerifierKey> key = audit::VerifierKey::Parse(bytes); key.ok()) {
    FuzzCheck(key->Encode() == bytes, "one text of a verifier key");
  }
  return 0;
}
