// SPDX-License-Identifier: EUPL-1.2
#include "audit/verifier.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "audit/commitment.h"
#include "crypto/merkle.h"
#include "tests/audit/audit_testing.h"

namespace seinpost::audit {
namespace {

constexpr uint64_t kEntries = 40;

struct StoredEntry {
  uint64_t index = 0;
  Bytes leaf;
  Bytes leaf_hash;
  std::optional<Bytes> opening;
};

struct Export {
  ExportHeader header;
  std::vector<StoredEntry> entries;
};

const crypto::SigningKey& LogSigner() {
  static const auto& key = *new crypto::SigningKey(TestKey('l'));
  return key;
}
const crypto::SigningKey& Witness() {
  static const auto& key = *new crypto::SigningKey(TestKey('w'));
  return key;
}
VerifierKey PinnedWitness() { return WitnessKey("witness.example/w1", Witness().public_key()); }

// Every third entry is a directory leaf, every fifth is redacted, every seventh withheld.
Export MakeExport() {
  Export result;
  RightEdge tree;
  for (uint64_t i = 0; i < kEntries; ++i) {
    StoredEntry entry;
    entry.index = i;
    if (i % 3 == 0) {
      entry.leaf = EncodeLeaf(LeafClass::kDirectory, crypto::Sha256(U64(i)));
    } else {
      const absl::StatusOr<CommittedEvent> committed = CommitEvent(TestEvent());
      entry.leaf = committed->leaf;
      const std::vector<Tag> hidden = {Tag::kActorMember};
      entry.opening = (i % 5 == 0 ? committed->opening.Redact(hidden) : committed->opening).Encode();
      if (i % 7 == 0) entry.opening.reset();
    }
    entry.leaf_hash = ToBytes(crypto::LeafHash(entry.leaf));
    tree.Append(crypto::LeafHash(entry.leaf));
    result.entries.push_back(std::move(entry));
  }
  const Checkpoint checkpoint{.origin = kOrigin,
                              .size = kEntries,
                              .root = tree.Root(),
                              .directory = DirectoryHead{14, Digest{}},
                              .time = absl::FromUnixSeconds(1795000000)};
  result.header = {.first = 0,
                   .limit = kEntries,
                   .checkpoint = Cosign(SignCheckpoint(checkpoint, LogSigner()), PinnedWitness().name,
                                        Witness(), absl::FromUnixSeconds(1795000060))
                                     .value()};
  return result;
}

ExportTrust Trust(size_t quorum = 1) {
  return {
      .log_key = LogKey(kOrigin, LogSigner().public_key()), .witnesses = {PinnedWitness()}, .quorum = quorum};
}

ExportReport Verify(const Export& exported, const ExportTrust& trust) {
  ExportVerifier verifier(exported.header, trust);
  for (const StoredEntry& entry : exported.entries) {
    ExportEntry fed{.index = entry.index, .leaf = entry.leaf, .leaf_hash = entry.leaf_hash};
    if (entry.opening.has_value()) fed.opening = *entry.opening;
    verifier.Add(fed);
  }
  return verifier.Finish();
}

TEST(ExportVerifier, AcceptsAWholeExport) {
  const ExportReport report = Verify(MakeExport(), Trust());
  EXPECT_TRUE(report.ok) << report.reason;
  EXPECT_EQ(report.size, kEntries);
  EXPECT_EQ(report.first_bad, std::nullopt);
  EXPECT_EQ(report.checkpoint->size, kEntries);
  ASSERT_EQ(report.witnesses.size(), 1u);
  EXPECT_TRUE(report.witnesses[0].ok);
  EXPECT_EQ(report.witnesses[0].time, absl::FromUnixSeconds(1795000060));
  EXPECT_EQ(report.opened, 22u);
  EXPECT_EQ(report.redacted, 4u);
}

TEST(ExportVerifier, AcceptsAnEmptyLog) {
  Export exported = MakeExport();
  exported.entries.clear();
  exported.header.limit = 0;
  exported.header.checkpoint = SignCheckpoint({.origin = kOrigin,
                                               .size = 0,
                                               .root = crypto::Sha256(""),
                                               .directory = DirectoryHead{},
                                               .time = absl::FromUnixSeconds(1795000000)},
                                              LogSigner());
  EXPECT_TRUE(Verify(exported, Trust(0)).ok);
  EXPECT_FALSE(Verify(exported, Trust(1)).ok);
}

// R28: what is altered, taken out or moved is found, at its index.
struct Tampering {
  std::string name;
  std::optional<uint64_t> first_bad;
  void (*tamper)(Export&);
};
class TamperedExportTest : public testing::TestWithParam<Tampering> {};

TEST_P(TamperedExportTest, IsNamed) {
  Export exported = MakeExport();
  GetParam().tamper(exported);
  const ExportReport report = Verify(exported, Trust());
  EXPECT_FALSE(report.ok);
  EXPECT_EQ(report.first_bad, GetParam().first_bad) << report.reason;
  EXPECT_FALSE(report.reason.empty());
}

void Flip(Bytes& bytes, size_t at) { bytes[at] = static_cast<char>(bytes[at] ^ 1); }

INSTANTIATE_TEST_SUITE_P(
    R28, TamperedExportTest,
    testing::Values(
        Tampering{"LeafAltered", 13, [](Export& e) { Flip(e.entries[13].leaf, 40); }},
        Tampering{"DirectoryLeafAltered", 12, [](Export& e) { Flip(e.entries[12].leaf, 40); }},
        Tampering{"WithheldLeafAltered", 14, [](Export& e) { Flip(e.entries[14].leaf, 40); }},
        Tampering{"LeafHashAltered", 13, [](Export& e) { Flip(e.entries[13].leaf_hash, 5); }},
        Tampering{"LeafHashCut", 13, [](Export& e) { e.entries[13].leaf_hash.pop_back(); }},
        Tampering{"OpeningAltered", 13, [](Export& e) { Flip(*e.entries[13].opening, 300); }},
        Tampering{"OpeningOfAnotherEntry", 13,
                  [](Export& e) { e.entries[13].opening = e.entries[16].opening; }},
        Tampering{"OpeningToADirectoryLeaf", 12,
                  [](Export& e) { e.entries[12].opening = e.entries[13].opening; }},
        Tampering{"FirstOfTwo", 3,
                  [](Export& e) {
                    Flip(e.entries[20].leaf, 40);
                    Flip(e.entries[3].leaf, 40);
                  }},
        Tampering{"EntryRemoved", 10, [](Export& e) { e.entries.erase(e.entries.begin() + 10); }},
        Tampering{"EntryRemovedAndRenumbered", std::nullopt,
                  [](Export& e) {
                    e.entries.erase(e.entries.begin() + 10);
                    for (uint64_t i = 0; i < e.entries.size(); ++i) e.entries[i].index = i;
                    e.header.limit = e.entries.size();
                  }},
        Tampering{"EntryTwice", 10,
                  [](Export& e) { e.entries.insert(e.entries.begin() + 10, e.entries[9]); }},
        Tampering{"Swapped", 10, [](Export& e) { std::swap(e.entries[10], e.entries[11]); }},
        Tampering{"LastRemoved", kEntries - 1, [](Export& e) { e.entries.pop_back(); }},
        Tampering{"OneAdded", kEntries,
                  [](Export& e) {
                    e.entries.push_back(e.entries[0]);
                    e.entries.back().index = kEntries;
                  }},
        Tampering{"ForgedEntryThatFitsItself", std::nullopt,
                  [](Export& e) {
                    const absl::StatusOr<CommittedEvent> forged = CommitEvent(TestEvent());
                    e.entries[13].leaf = forged->leaf;
                    e.entries[13].leaf_hash = ToBytes(crypto::LeafHash(forged->leaf));
                    e.entries[13].opening = forged->opening.Encode();
                  }},
        Tampering{"RangeShortened", std::nullopt,
                  [](Export& e) {
                    e.entries.pop_back();
                    --e.header.limit;
                  }},
        Tampering{"RangeStartsLater", std::nullopt, [](Export& e) { e.header.first = 1; }},
        Tampering{"CheckpointAltered", std::nullopt, [](Export& e) { Flip(e.header.checkpoint, 30); }},
        Tampering{"CheckpointMissing", std::nullopt, [](Export& e) { e.header.checkpoint.clear(); }},
        Tampering{"CosignatureAltered", std::nullopt,
                  [](Export& e) {
                    SignedNote note = SignedNote::Parse(e.header.checkpoint).value();
                    Flip(note.signatures[1].signature, 20);
                    e.header.checkpoint = note.Encode();
                  }},
        Tampering{"CosignatureMissing", std::nullopt,
                  [](Export& e) {
                    SignedNote note = SignedNote::Parse(e.header.checkpoint).value();
                    note.signatures.pop_back();
                    e.header.checkpoint = note.Encode();
                  }}),
    [](const auto& test) { return test.param.name; });

TEST(ExportVerifier, RefusesAnotherLogsKey) {
  ExportTrust trust = Trust();
  trust.log_key = LogKey(kOrigin, TestKey('x').public_key());
  const ExportReport report = Verify(MakeExport(), trust);
  EXPECT_FALSE(report.ok);
  EXPECT_FALSE(report.checkpoint.has_value());
}

TEST(ExportVerifier, QuorumCountsPinnedWitnessesOnly) {
  ExportTrust trust = Trust(2);
  trust.witnesses.push_back(WitnessKey("witness.example/w2", TestKey('v').public_key()));
  const ExportReport report = Verify(MakeExport(), trust);
  EXPECT_FALSE(report.ok);
  ASSERT_EQ(report.witnesses.size(), 2u);
  EXPECT_FALSE(report.witnesses[1].ok);
  EXPECT_FALSE(report.witnesses[1].reason.empty());
}

}  // namespace
}  // namespace seinpost::audit
