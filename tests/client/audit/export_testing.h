// SPDX-License-Identifier: EUPL-1.2
// An export with fixed salts and keys, so that its bytes are the same every time.
#ifndef SEINPOST_TESTS_CLIENT_AUDIT_EXPORT_TESTING_H_
#define SEINPOST_TESTS_CLIENT_AUDIT_EXPORT_TESTING_H_

#include <optional>
#include <string>
#include <vector>

#include "audit/checkpoint.h"
#include "audit/commitment.h"
#include "audit/tree.h"
#include "client/audit/export.h"
#include "crypto/merkle.h"
#include "crypto/secret.h"
#include "tests/testing/network.h"

namespace seinpost::client {

inline crypto::SigningKey ExportTestKey(char fill) {
  return crypto::SigningKey::FromSeed(crypto::Secret<32>::FromBytes(Bytes(32, fill)).value());
}

// An opening of a few fields with the salts 1, 2, 3 … times 32 bytes.
inline Bytes TestOpening(const std::vector<std::pair<audit::Tag, Bytes>>& fields, char salt) {
  Bytes opening = U8(1) + U16(static_cast<uint16_t>(fields.size()));
  for (const auto& [tag, value] : fields) {
    opening += U16(static_cast<uint16_t>(tag)) + Bytes(32, salt++) + Lp(value);
  }
  return opening;
}

struct TestEntry {
  Bytes leaf, opening;
};

// The convenant came into force, an object of the directory, a signal, and a refusal that is withheld.
inline std::vector<TestEntry> TestEntries() {
  using audit::Tag;
  const Bytes member(16, 'm');
  const std::vector<Bytes> openings = {
      TestOpening({{Tag::kTime, U64(1'795'000'000)}, {Tag::kEventType, U64(23)}, {Tag::kConvenant, "plaats"}},
                  1),
      "",
      TestOpening({{Tag::kTime, U64(1'795'000'100)},
                   {Tag::kEventType, U64(1)},
                   {Tag::kChannel, "core@school-a"},
                   {Tag::kActorMember, member},
                   {Tag::kLevel, "L1"}},
                  20),
      ""};
  std::vector<TestEntry> entries;
  for (size_t i = 0; i < openings.size(); ++i) {
    Digest commitment{};
    commitment.fill(static_cast<uint8_t>(0xd0 + i));
    if (!openings[i].empty()) commitment = audit::Opening::Decode(openings[i]).value().Commitment();
    const auto leaf_class = i == 1 ? audit::LeafClass::kDirectory : audit::LeafClass::kEvent;
    entries.push_back({audit::EncodeLeaf(leaf_class, commitment), openings[i]});
  }
  return entries;
}

// A log that holds a network's directory and events, and its export as an honest officer writes it.
class NetworkLog {
 public:
  explicit NetworkLog(const test::TestNetwork& network) : network_(network) { TakeObjects(); }

  // Gives leaves to what the network's directory has grown by.
  void TakeObjects() {
    for (; objects_ < network_.objects().size(); ++objects_) {
      const Digest* chain = network_.directory().ChainHashAt(objects_ + 1);
      lines_.push_back(
          {audit::EncodeLeaf(audit::LeafClass::kDirectory, *chain), "", network_.objects()[objects_]});
    }
  }
  void Event() {
    const TestEntry event = TestEntries()[2];
    lines_.push_back({event.leaf, event.opening, ""});
  }
  void WithholdLast() { lines_.back().opening.clear(); }
  void ForgetLast() { lines_.pop_back(); }
  void Replace(uint64_t index, const Bytes& object, const Bytes& leaf) {
    lines_.at(index).object = object;
    lines_.at(index).leaf = leaf;
  }
  uint64_t size() const { return lines_.size(); }

  Bytes Note(const crypto::SigningKey* key = nullptr, std::optional<audit::DirectoryHead> head = {}) const {
    audit::RightEdge tree;
    for (const Line& line : lines_) tree.Append(crypto::LeafHash(line.leaf));
    audit::Checkpoint checkpoint;
    checkpoint.origin = network_.directory().LogIdentityAsOf().origin;
    checkpoint.size = tree.size();
    checkpoint.root = tree.Root();
    checkpoint.directory =
        head.value_or(audit::DirectoryHead{objects_, *network_.directory().ChainHashAt(objects_)});
    checkpoint.time = absl::FromUnixSeconds(1'795'000'200);
    return audit::SignCheckpoint(checkpoint, key != nullptr ? *key : network_.log_key());
  }
  ExportHead Head() const {
    const trust::LogIdentity& identity = network_.directory().LogIdentityAsOf();
    return {.origin = identity.origin,
            .log_key = identity.key,
            .convenant = network_.convenant().id(),
            .to = size()};
  }
  std::string Text() const { return Text(Head(), Note()); }
  std::string Text(const ExportHead& head, ByteView note) const {
    std::string text = ExportLines::Head(head);
    ExportLines lines;
    for (const Line& line : lines_) {
      const bool object = !line.object.empty() && head.format != ExportFormat::kFirst;
      text += object ? lines.Object(line.leaf, line.object) : lines.Entry(line.leaf, line.opening).value();
    }
    return text + ExportLines::Checkpoint(note);
  }

 private:
  struct Line {
    Bytes leaf, opening, object;
  };
  const test::TestNetwork& network_;
  std::vector<Line> lines_;
  uint64_t objects_ = 0;
};

inline std::string TestExport(const std::vector<TestEntry>& entries, const crypto::SigningKey& log_key,
                              Bytes* note = nullptr) {
  audit::RightEdge tree;
  for (const TestEntry& entry : entries) tree.Append(crypto::LeafHash(entry.leaf));
  audit::Checkpoint checkpoint;
  checkpoint.origin = "seinpost/plaats";
  checkpoint.size = tree.size();
  checkpoint.root = tree.Root();
  checkpoint.directory = audit::DirectoryHead{1, Digest{}};
  checkpoint.directory->hash.fill(0xd1);
  checkpoint.time = absl::FromUnixSeconds(1'795'000'200);
  const Bytes signed_note = audit::SignCheckpoint(checkpoint, log_key);
  if (note != nullptr) *note = signed_note;
  std::string text = ExportLines::Head({.format = ExportFormat::kFirst,
                                        .origin = checkpoint.origin,
                                        .log_key = log_key.public_key(),
                                        .convenant = "plaats",
                                        .to = tree.size()});
  ExportLines lines;
  for (const TestEntry& entry : entries) text += lines.Entry(entry.leaf, entry.opening).value();
  return text + ExportLines::Checkpoint(signed_note);
}

}  // namespace seinpost::client

#endif  // SEINPOST_TESTS_CLIENT_AUDIT_EXPORT_TESTING_H_
