// SPDX-License-Identifier: EUPL-1.2
// The worked examples of docs/formats/audit_log.md and checkpoint.md are what the code makes.
#include <gtest/gtest.h>

#include "audit/checkpoint.h"
#include "audit/commitment.h"
#include "audit/erasure.h"
#include "audit/receipt.h"
#include "crypto/merkle.h"
#include "tests/audit/audit_testing.h"

namespace seinpost::audit {
namespace {

// The value of the line "<name> = <value>" of the worked example.
std::string Value(const std::string& document, const std::string& name) {
  const std::string start = "\n" + name + " = ";
  const size_t at = document.find(start, document.find("\n## Worked example"));
  EXPECT_NE(at, std::string::npos) << name;
  if (at == std::string::npos) return "";
  const size_t value = at + start.size();
  return document.substr(value, document.find('\n', value) - value);
}

TEST(Formats, OpeningsAndLeafAreAsDocumented) {
  const std::string document = ReadWholeFile("docs/formats/audit_log.md");
  const Bytes bytes = FromHex(Value(document, "opening")).value();
  const absl::StatusOr<Opening> opening = Opening::Decode(bytes);
  ASSERT_TRUE(opening.ok()) << opening.status();
  EXPECT_EQ(opening->event().Time(), absl::FromUnixSeconds(1795000000));
  EXPECT_EQ(opening->event().Type(), EventType::kSubmit);
  EXPECT_EQ(opening->event().Text(Tag::kPurpose), "prevention");
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(opening->fields()[i].salt, ToFixed<32>(Bytes(32, static_cast<char>(i + 1)), "salt").value());
    EXPECT_EQ(ToHex(opening->fields()[i].mac), Value(document, "mac_" + std::to_string(i)));
  }
  EXPECT_EQ(ToHex(opening->Commitment()), Value(document, "commitment"));
  const Bytes leaf = EncodeLeaf(LeafClass::kEvent, opening->Commitment());
  EXPECT_EQ(ToHex(leaf), Value(document, "leaf"));
  EXPECT_EQ(ToHex(crypto::LeafHash(leaf)), Value(document, "leaf_hash"));
  const std::vector<Tag> hidden = {Tag::kPurpose};
  EXPECT_EQ(ToHex(opening->Redact(hidden).Encode()), Value(document, "redacted_opening"));
  EXPECT_EQ(ToHex(opening->Prove(Tag::kPurpose)->Encode()), Value(document, "field_proof"));
}

TEST(Formats, AnErasureIsAsDocumented) {
  const std::string document = ReadWholeFile("docs/formats/audit_log.md");
  const absl::StatusOr<Opening> opening = Opening::Decode(FromHex(Value(document, "erased_opening")).value());
  ASSERT_TRUE(opening.ok()) << opening.status();
  EXPECT_EQ(ToHex(EncodeLeaf(LeafClass::kEvent, opening->Commitment())), Value(document, "erased_leaf"));
  Erasure erasure{"event", 202611, {}, 40, 52, 11};
  erasure.fingerprint.fill(0xf1);
  EXPECT_EQ(ErasureOf(opening->event()), erasure);
  EXPECT_EQ(ErasedEvent(erasure, absl::FromUnixSeconds(1795000000)), opening->event());
}

TEST(Formats, ReceiptIsAsDocumented) {
  const std::string document = ReadWholeFile("docs/formats/audit_log.md");
  const crypto::SigningKey key = TestKey('k');
  EXPECT_EQ(ToHex(key.public_key()), Value(document, "log_public_key"));
  ReceiptBody body{.origin = kOrigin, .index = 41, .time = absl::FromUnixSeconds(1795000000)};
  body.leaf_hash = ToFixed<32>(FromHex(Value(document, "leaf_hash")).value(), "leaf hash").value();
  body.request_hash = crypto::Sha256("request");
  const Receipt receipt = MakeReceipt(body, key);
  EXPECT_EQ(ToHex(receipt.body), Value(document, "receipt_body"));
  EXPECT_EQ(ToHex(receipt.signature), Value(document, "receipt_signature"));
}

TEST(Formats, FieldsAndEventsAreAllDocumented) {
  const std::string document = ReadWholeFile("docs/formats/audit_log.md");
  for (int number = 0; number < 1000; ++number) {
    const auto tag = static_cast<Tag>(number);
    if (KindOf(tag).has_value()) {
      const std::string row = "\n| " + std::to_string(number) + " | `" + TagName(tag) + "` |";
      EXPECT_NE(document.find(row), std::string::npos) << row;
    }
    const std::string name = EventTypeName(static_cast<EventType>(number));
    if (EventTypeFromName(name).has_value()) {
      const std::string entry = std::to_string(number) + " " + name;
      EXPECT_NE(document.find(entry), std::string::npos) << entry;
    }
  }
}

TEST(Formats, CheckpointIsAsDocumented) {
  const std::string document = ReadWholeFile("docs/formats/checkpoint.md");
  const crypto::SigningKey log = TestKey('k');
  const crypto::SigningKey witness = TestKey('w');
  const VerifierKey log_key = LogKey(kOrigin, log.public_key());
  const VerifierKey witness_key = WitnessKey("witness.example/w1", witness.public_key());
  EXPECT_EQ(log_key.Encode(), Value(document, "log_vkey"));
  EXPECT_EQ(witness_key.Encode(), Value(document, "witness_vkey"));
  const Checkpoint checkpoint{.origin = kOrigin,
                              .size = 1000,
                              .root = crypto::Sha256("root"),
                              .directory = DirectoryHead{12, crypto::Sha256("directory")},
                              .time = absl::FromUnixSeconds(1795000000)};
  const absl::StatusOr<Bytes> cosigned =
      Cosign(SignCheckpoint(checkpoint, log), witness_key.name, witness, absl::FromUnixSeconds(1795000060));
  ASSERT_TRUE(cosigned.ok()) << cosigned.status();
  EXPECT_NE(document.find("```checkpoint\n" + *cosigned + "```"), std::string::npos) << *cosigned;
}

}  // namespace
}  // namespace seinpost::audit
