// SPDX-License-Identifier: EUPL-1.2
#include "audit/checkpoint.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "tests/audit/audit_testing.h"

namespace seinpost::audit {
namespace {

using nlohmann::json;

constexpr char kRootText[] = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";

json Vectors() {
  return json::parse(ReadWholeFile("tests/vectors/c2sp_signed_note_checkpoint_cosignature.json"));
}

Checkpoint TestCheckpoint() {
  return {.origin = kOrigin,
          .size = 1000,
          .root = crypto::Sha256("root"),
          .directory = DirectoryHead{12, crypto::Sha256("directory")},
          .time = absl::FromUnixSeconds(1795000000)};
}

TEST(SignedNote, ReadsTheC2spExamples) {
  const json vectors = Vectors();
  int verified = 0;
  for (const json& example : vectors["examples"]) {
    SCOPED_TRACE(example["source"].get<std::string>());
    const std::string bytes = example["note"];
    const absl::StatusOr<SignedNote> note = SignedNote::Parse(bytes);
    ASSERT_TRUE(note.ok()) << note.status();
    EXPECT_EQ(note->text, example["parsed"]["text"].get<std::string>());
    EXPECT_EQ(note->Encode(), bytes);
    ASSERT_EQ(note->signatures.size(), example["parsed"]["sigs"].size());
    for (size_t i = 0; i < note->signatures.size(); ++i) {
      const json& wanted = example["parsed"]["sigs"][i];
      EXPECT_EQ(note->signatures[i].name, wanted["name"].get<std::string>());
      EXPECT_EQ(ToHex(note->signatures[i].key_id), wanted["key_id_hex"].get<std::string>());
      EXPECT_EQ(ToHex(note->signatures[i].signature), wanted["signature_hex"].get<std::string>());
    }
    if (!example["verifiable"].get<bool>()) continue;
    const VerifierKey key = VerifierKey::Parse(example["vkey"].get<std::string>()).value();
    EXPECT_TRUE(VerifyNote(*note, key).ok());
    SignedNote altered = *note;
    altered.text[0] = 't';
    EXPECT_TRUE(absl::IsPermissionDenied(VerifyNote(altered, key)));
    ++verified;
  }
  EXPECT_EQ(verified, 1);
}

TEST(VerifierKey, ReadsTheC2spKeys) {
  const json vectors = Vectors();
  for (const json& entry : vectors["vkeys"]) {
    const std::string text = entry["vkey"];
    const absl::StatusOr<VerifierKey> key = VerifierKey::Parse(text);
    ASSERT_TRUE(key.ok()) << text << ": " << key.status();
    EXPECT_EQ(key->Encode(), text);
  }
}

TEST(VerifierKey, EveryDamageIsRefusedOrAnotherKey) {
  const VerifierKey key = LogKey(kOrigin, TestKey('k').public_key());
  ForEachDamage(key.Encode(),
                [&](const Bytes& damaged) { EXPECT_FALSE(VerifierKey::Parse(damaged).ok()) << damaged; });
  const VerifierKey witness = WitnessKey(kOrigin, TestKey('k').public_key());
  EXPECT_NE(witness.Id(), key.Id());
  EXPECT_EQ(VerifierKey::Parse(witness.Encode()).value(), witness);
}

TEST(Checkpoint, ReadsTheC2spBodies) {
  const json vectors = Vectors();
  for (const json& entry : vectors["checkpoint_parse"]) {
    SCOPED_TRACE(entry["desc"].get<std::string>());
    const absl::StatusOr<Checkpoint> checkpoint = ParseCheckpointText(entry["body"].get<std::string>());
    if (entry["wantErr"].get<bool>()) {
      EXPECT_FALSE(checkpoint.ok());
      continue;
    }
    // The published bodies hold words where a root belongs. Ours must be SHA-256 hashes, so the vector is run
    // twice: as it is, to be refused for its root, and with a root of the right size.
    EXPECT_EQ(checkpoint.status().message(), "checkpoint: root is not a SHA-256 hash in base64");
    std::string body = entry["body"];
    const size_t root = body.find('\n', body.find('\n') + 1) + 1;
    body.replace(root, body.find('\n', root) - root, kRootText);
    const absl::StatusOr<Checkpoint> repaired = ParseCheckpointText(body);
    ASSERT_TRUE(repaired.ok()) << repaired.status();
    EXPECT_EQ(repaired->origin, entry["origin"].get<std::string>());
    EXPECT_EQ(repaired->size, entry["size"].get<uint64_t>());
    std::string rest;
    for (const std::string& line : repaired->other_lines) rest += line + "\n";
    EXPECT_EQ(rest, entry["rest"].get<std::string>());
    EXPECT_EQ(CheckpointText(*repaired), body);
  }
}

TEST(Cosignature, ReadsTheC2spTimestamps) {
  const json vectors = Vectors();
  for (const json& entry : vectors["cosignature_timestamp"]) {
    const Bytes bytes = FromBase64(entry["signature_base64"].get<std::string>()).value();
    const absl::StatusOr<absl::Time> time = CosignatureTime({"w", {}, bytes.substr(4)});
    EXPECT_EQ(time.ok(), !entry["wantErr"].get<bool>());
    if (time.ok()) {
      EXPECT_EQ(absl::ToUnixSeconds(*time), entry["unix_seconds"].get<int64_t>());
    }
  }
}

TEST(Cosignature, SignsTheC2spMessage) {
  const json vectors = Vectors();
  const json& example = vectors["cosignature_v1_signed_message_example"];
  const std::string message = example["message"];
  const std::string text = message.substr(message.find('\n', message.find('\n') + 1) + 1);
  const crypto::SigningKey log = TestKey('l');
  const crypto::SigningKey witness = TestKey('w');
  SignedNote note{text, {SignNoteText(text, "example.com/behind-the-sofa", log)}};
  const int64_t seconds = example["timestamp_in_signature_line"];
  const Bytes cosigned =
      Cosign(note.Encode(), "witness.example/w1", witness, absl::FromUnixSeconds(seconds)).value();
  const Bytes signature = SignedNote::Parse(cosigned)->signatures[1].signature;
  EXPECT_EQ(signature.substr(0, 8), U64(static_cast<uint64_t>(seconds)));
  EXPECT_TRUE(crypto::VerifyRaw(View(witness.public_key()), message, signature.substr(8)).ok());
}

TEST(Checkpoint, SignsAndVerifies) {
  const crypto::SigningKey key = TestKey('k');
  const Bytes note = SignCheckpoint(TestCheckpoint(), key);
  EXPECT_EQ(VerifyCheckpoint(note, LogKey(kOrigin, key.public_key())).value(), TestCheckpoint());
}

TEST(Checkpoint, EveryDamageIsRefused) {
  const crypto::SigningKey key = TestKey('k');
  const VerifierKey log_key = LogKey(kOrigin, key.public_key());
  ForEachDamage(SignCheckpoint(TestCheckpoint(), key), [&](const Bytes& damaged) {
    EXPECT_FALSE(VerifyCheckpoint(damaged, log_key).ok()) << damaged;
  });
}

TEST(Checkpoint, RefusesAnotherKeyAndAnotherLog) {
  const crypto::SigningKey key = TestKey('k');
  const Bytes note = SignCheckpoint(TestCheckpoint(), key);
  EXPECT_TRUE(absl::IsNotFound(VerifyCheckpoint(note, LogKey(kOrigin, TestKey('x').public_key())).status()));
  EXPECT_TRUE(
      absl::IsInvalidArgument(VerifyCheckpoint(note, WitnessKey(kOrigin, key.public_key())).status()));
  // Signed by the key under its own name, over the checkpoint of another log.
  const Bytes text = CheckpointText(TestCheckpoint());
  const SignedNote foreign{text, {SignNoteText(text, "seinpost.example/ede", key)}};
  EXPECT_TRUE(absl::IsPermissionDenied(
      VerifyCheckpoint(foreign.Encode(), LogKey("seinpost.example/ede", key.public_key())).status()));
}

TEST(Checkpoint, NeedsBothExtensionLines) {
  const crypto::SigningKey key = TestKey('k');
  for (const bool directory : {false, true}) {
    Checkpoint checkpoint = TestCheckpoint();
    if (directory) {
      checkpoint.directory.reset();
    } else {
      checkpoint.time.reset();
    }
    const Bytes note = SignCheckpoint(checkpoint, key);
    EXPECT_TRUE(absl::IsInvalidArgument(VerifyCheckpoint(note, LogKey(kOrigin, key.public_key())).status()));
  }
}

TEST(Checkpoint, RefusesOddTexts) {
  const std::string head = std::string("origin\n12\n") + kRootText + "\n";
  const std::string dir = std::string("dir 3 ") + kRootText + "\n";
  ASSERT_TRUE(ParseCheckpointText(head + dir + "time 5\n" + "more\n").ok());
  for (const std::string& text : {std::string(),
                                  std::string("\n"),
                                  std::string("origin\n012\n") + kRootText + "\n",
                                  std::string("origin\n+1\n") + kRootText + "\n",
                                  std::string("origin\n 1\n") + kRootText + "\n",
                                  std::string("origin\n\n") + kRootText + "\n",
                                  std::string("origin\n18446744073709551616\n") + kRootText + "\n",
                                  std::string("origin\n12\n") + std::string(kRootText).substr(0, 43) + "\n",
                                  std::string("origin\n12\n ") + kRootText + "\n",
                                  head + "time 5",
                                  absl::StrCat(head, "time 5\n", dir),
                                  absl::StrCat(head, dir, dir),
                                  head + "time 5\ntime 6\n",
                                  absl::StrCat(head, "more\n", dir),
                                  head + "time -5\n",
                                  head + "time \n",
                                  head + "time 253402300800\n",
                                  head + "dir 3\n",
                                  head + "dir x " + kRootText + "\n",
                                  head + "dir 3 " + kRootText + " x\n",
                                  head + "dir 3 AAAA\n"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseCheckpointText(text).status())) << text;
  }
}

TEST(SignedNote, RefusesOddNotes) {
  const Bytes good = SignCheckpoint(TestCheckpoint(), TestKey('k'));
  ASSERT_TRUE(SignedNote::Parse(good).ok());
  const std::string line = good.substr(good.find("\n\n") + 2);
  const std::string many = [&] {
    std::string notes = "text\n\n";
    for (int i = 0; i <= 64; ++i) notes += "\xE2\x80\x94 w" + std::to_string(i) + " AAAAAAAA\n";
    return notes;
  }();
  for (const std::string& note :
       {std::string(), std::string("text\n"), std::string("text\n\n"), "text\n" + line, good + line,
        good + "x\n", good.substr(0, good.size() - 1), "te\rxt\n\n" + line,
        std::string("text\n\n\xE2\x80\x94 a+b AAAAAAAA\n"), std::string("text\n\n\xE2\x80\x94 a AAAA\n"),
        std::string("text\n\n\xE2\x80\x94 a AAAAAAA\n"), std::string("text\n\n\xE2\x80\x94  AAAAAAAA\n"),
        std::string("text\n\n- a AAAAAAAA\n"), many, Bytes(kMaxNoteBytes, 'x') + "\n\n" + line}) {
    EXPECT_FALSE(SignedNote::Parse(note).ok()) << note.substr(0, 200);
  }
}

TEST(Cosignature, VerifiesAndEveryDamageIsRefused) {
  const crypto::SigningKey log = TestKey('l');
  const crypto::SigningKey witness = TestKey('w');
  const VerifierKey witness_key = WitnessKey("witness.example/w1", witness.public_key());
  const absl::Time time = absl::FromUnixSeconds(1795000060);
  const Bytes note = SignCheckpoint(TestCheckpoint(), log);
  const Bytes cosigned = Cosign(note, witness_key.name, witness, time).value();
  EXPECT_EQ(VerifyCosignature(SignedNote::Parse(cosigned).value(), witness_key).value(), time);
  EXPECT_TRUE(VerifyCheckpoint(cosigned, LogKey(kOrigin, log.public_key())).ok())
      << "the log's signature still holds";
  EXPECT_TRUE(absl::IsNotFound(VerifyCosignature(SignedNote::Parse(note).value(), witness_key).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Cosign(cosigned, witness_key.name, witness, time).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Cosign(note, "two words", witness, time).status()));
  const SignedNote parsed = SignedNote::Parse(cosigned).value();
  ForEachDamage(parsed.signatures[1].signature, [&](const Bytes& damaged) {
    SignedNote altered = parsed;
    altered.signatures[1].signature = damaged;
    EXPECT_FALSE(VerifyCosignature(altered, witness_key).ok());
  });
  ForEachDamage(parsed.text, [&](const Bytes& damaged) {
    SignedNote altered = parsed;
    altered.text = damaged;
    EXPECT_FALSE(VerifyCosignature(altered, witness_key).ok());
  });
  // A plain signature by the witness's key is no cosignature.
  SignedNote plain = SignedNote::Parse(note).value();
  plain.signatures.push_back(SignNoteText(plain.text, witness_key.name, witness));
  EXPECT_FALSE(VerifyCosignature(plain, witness_key).ok());
}

}  // namespace
}  // namespace seinpost::audit
