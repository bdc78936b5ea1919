// SPDX-License-Identifier: EUPL-1.2
// Signed notes, checkpoints and cosignatures of C2SP, run against audit/.
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "audit/checkpoint.h"
#include "audit/signed_note.h"
#include "tools/vectors/families.h"
#include "util/status_macros.h"

namespace seinpost::vectors {

namespace {

using audit::Checkpoint;
using audit::NoteSignature;
using audit::SignedNote;
using audit::VerifierKey;

// Parses to what the file says, encodes to the same bytes, and verifies where a key was published.
absl::Status Example(const Json& test) {
  ASSIGN_OR_RETURN(const std::string text, Text(test, {"note"}));
  ASSIGN_OR_RETURN(const SignedNote note, SignedNote::Parse(text));
  RETURN_IF_ERROR(Same("encoded note", text, note.Encode()));
  const Json* parsed = Find(test, {"parsed"});
  if (parsed == nullptr) return absl::InvalidArgumentError("parsed is missing");
  ASSIGN_OR_RETURN(const std::string parsed_text, Text(*parsed, {"text"}));
  RETURN_IF_ERROR(Same("text", parsed_text, note.text));
  const std::vector<Json> signatures = Items(*parsed, {"sigs"});
  if (signatures.size() != note.signatures.size())
    return absl::PermissionDeniedError("number of signatures differs");
  for (size_t i = 0; i < signatures.size(); ++i) {
    ASSIGN_OR_RETURN(const std::string name, Text(signatures[i], {"name"}));
    RETURN_IF_ERROR(Same("name", name, note.signatures[i].name));
    RETURN_IF_ERROR(MatchIfPresent(signatures[i], {"key_id_hex"}, View(note.signatures[i].key_id)));
    RETURN_IF_ERROR(MatchIfPresent(signatures[i], {"signature_hex"}, note.signatures[i].signature));
  }
  if (!Has(test, {"vkey"})) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string vkey, Text(test, {"vkey"}));
  ASSIGN_OR_RETURN(const VerifierKey key, VerifierKey::Parse(vkey));
  return audit::VerifyNote(note, key);
}

absl::Status Vkey(const Json& test) {
  ASSIGN_OR_RETURN(const std::string vkey, Text(test, {"vkey"}));
  ASSIGN_OR_RETURN(const VerifierKey key, VerifierKey::Parse(vkey));
  return Same("vkey", vkey, key.Encode());
}

// kUnimplemented: a root hash that is not SHA-256's size, which these vectors use and our logs never have.
absl::Status Body(const Json& test) {
  ASSIGN_OR_RETURN(const std::string body, Text(test, {"body"}));
  if (Has(test, {"hash_utf8"})) {
    ASSIGN_OR_RETURN(const std::string hash, Text(test, {"hash_utf8"}));
    if (hash.size() != Digest().size()) return absl::UnimplementedError("root hash has another size");
  }
  ASSIGN_OR_RETURN(const Checkpoint checkpoint, audit::ParseCheckpointText(body));
  return Same("body", body, audit::CheckpointText(checkpoint));
}

absl::Status CosignatureTimestamp(const Json& test) {
  ASSIGN_OR_RETURN(const Bytes bytes, Base64(test, {"signature_base64"}));
  if (bytes.size() < 4) return absl::InvalidArgumentError("signature is too short");
  NoteSignature signature;
  signature.signature = bytes.substr(4);  // what precedes it is the key id
  ASSIGN_OR_RETURN(const absl::Time time, audit::CosignatureTime(signature));
  ASSIGN_OR_RETURN(const uint64_t seconds, Number(test, {"unix_seconds"}));
  if (absl::ToUnixSeconds(time) != static_cast<int64_t>(seconds)) {
    return absl::PermissionDeniedError("unix_seconds differs");
  }
  return absl::OkStatus();
}

void RunList(const Json& file, const char* list, absl::Status (*run)(const Json&), Report& report) {
  const std::vector<Json> tests = Items(file, {list});
  for (size_t i = 0; i < tests.size(); ++i) {
    const absl::Status status = run(tests[i]);
    if (absl::IsUnimplemented(status)) {
      report.Skip();
      continue;
    }
    const bool want_error = Boolean(tests[i], {"wantErr"}).value_or(false) ||
                            !Boolean(tests[i], {"key_id_matches"}).value_or(true);
    report.Expect(!want_error, absl::StrCat(list, " ", i), status);
  }
}

}  // namespace

void RunSignedNotes(const Json& file, Report& report) {
  RunList(file, "examples", Example, report);
  RunList(file, "vkeys", Vkey, report);
  RunList(file, "checkpoint_parse", Body, report);
  RunList(file, "cosignature_timestamp", CosignatureTimestamp, report);
  if (Has(file, {"cosignature_v1_signed_message_example"}))
    report.Skip();  // No signature over it was published.
}

}  // namespace seinpost::vectors
