// SPDX-License-Identifier: EUPL-1.2
// Untrusted openings: what decodes has one encoding, and redacting it keeps its commitment.
#include <vector>

#include "audit/commitment.h"
#include "tests/fuzz/fuzz_check.h"

using seinpost::ByteView;
using seinpost::FuzzCheck;
namespace audit = seinpost::audit;

namespace {

void ReadValues(const audit::Event& event) {
  for (const audit::Field& field : event.fields()) {
    const std::optional<audit::ValueKind> kind = audit::KindOf(field.tag);
    FuzzCheck(kind != audit::ValueKind::kTexts || event.Texts(field.tag).has_value(),
              "a list of texts reads");
    FuzzCheck(kind != audit::ValueKind::kNumber || event.Number(field.tag).has_value(), "a number reads");
  }
  FuzzCheck(event.Find(audit::Tag::kRecipients) == nullptr || event.Recipients().has_value(),
            "recipients read");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteView bytes = seinpost::FuzzView(data, size);
  const absl::StatusOr<audit::Opening> opening = audit::Opening::Decode(bytes);
  if (!opening.ok()) return 0;
  FuzzCheck(opening->Encode() == bytes, "one encoding");
  ReadValues(opening->event());
  const audit::Tag first = opening->fields().front().tag;
  const std::vector<audit::Tag> hidden = {first};
  const audit::Opening redacted = opening->Redact(hidden);
  FuzzCheck(redacted.Commitment() == opening->Commitment(), "redaction keeps the commitment");
  FuzzCheck(audit::Opening::Decode(redacted.Encode()).ok(), "a redacted opening decodes");
  for (const audit::Field& field : opening->event().fields()) {
    const absl::StatusOr<audit::FieldProof> proof = opening->Prove(field.tag);
    FuzzCheck(proof.ok() && *proof->Commitment() == opening->Commitment(), "a shown field can be proved");
  }
  return 0;
}
