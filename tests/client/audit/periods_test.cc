// SPDX-License-Identifier: EUPL-1.2
// An export of a log that changed its key, its name and its convenant: who signs what is derived from the
// leaves in it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "crypto/hash.h"
#include "tests/client/audit/export_testing.h"
#include "trust/changes.h"
#include "trust/strict.h"

namespace seinpost::client {
namespace {

using test::TestNetwork;
using testing::HasSubstr;

absl::StatusOr<ExportCheck> TryCheck(const std::string& text, const ExportPins& pins) {
  std::istringstream in(text);
  return VerifyExport(in, pins);
}

class Periods : public testing::Test {
 protected:
  Periods() {
    versions_.push_back(PinOfNewest());
    log_.Event();
  }
  ConvenantPin PinOfNewest() const {
    const policies::Convenant& convenant = network_.convenant();
    ConvenantPin pin{.version = convenant.version(), .hash = network_.directory().convenant_hash()};
    if (convenant.previous()) pin.previous = ToFixed<32>(*convenant.previous(), "previous").value();
    pin.log_key = ToFixed<32>(convenant.trust()->log_key, "log_key").value();
    return pin;
  }
  void ChangeKey() {
    network_.Add(network_.TrustUpdateObject());
    log_.TakeObjects();
    log_.Event();
  }
  void LoseTail() {
    log_.Event();
    const Bytes last = log_.Note();
    log_.ForgetLast();
    network_.Add(network_.LogEpochObject(last, log_.size()));
    log_.TakeObjects();
    log_.Event();
  }
  void NextVersion() {
    network_.Add(network_.SuccessorObject());
    versions_.push_back(PinOfNewest());
    log_.TakeObjects();
    log_.Event();
  }
  static ExportCheck Check(const std::string& text, const ExportPins& pins = {}) {
    const absl::StatusOr<ExportCheck> check = TryCheck(text, pins);
    EXPECT_TRUE(check.ok()) << check.status();
    return check.value_or(ExportCheck());
  }
  static ExportCheck CheckWith(const std::string& text, const ConvenantPin& pin) {
    ExportPins pins;
    pins.convenant_file = pin;
    return Check(text, pins);
  }
  static ExportCheck CheckWith(const std::string& text, const crypto::PublicKey& log_key) {
    ExportPins pins;
    pins.log_key = log_key;
    return Check(text, pins);
  }
  std::vector<trust::LogIdentity> Identities() const { return network_.directory().log_identities(); }

  TestNetwork network_ = TestNetwork::Example(TestNetwork::AnyTime());
  NetworkLog log_{network_};
  std::vector<ConvenantPin> versions_;
};

TEST_F(Periods, EveryExportVerifiesWhateverCameBeforeOrAfter) {
  std::vector<std::string> exports{log_.Text()};
  ChangeKey();
  exports.push_back(log_.Text());
  LoseTail();
  exports.push_back(log_.Text());
  NextVersion();
  exports.push_back(log_.Text());
  ChangeKey();
  exports.push_back(log_.Text());
  const size_t periods[] = {1, 2, 3, 3, 4};
  for (size_t i = 0; i < exports.size(); ++i) {
    SCOPED_TRACE(i);
    const ExportCheck unpinned = Check(exports[i]);
    EXPECT_TRUE(unpinned.report.ok) << unpinned.report.reason;
    EXPECT_FALSE(unpinned.log_key_pinned);
    ASSERT_EQ(unpinned.periods.size(), periods[i]);
    EXPECT_EQ(unpinned.head.log_key, unpinned.periods.back().log_key);
    for (const ConvenantPin& version : versions_) {
      const ExportCheck pinned = CheckWith(exports[i], version);
      EXPECT_TRUE(pinned.report.ok) << version.version << ": " << pinned.report.reason;
      EXPECT_TRUE(pinned.log_key_pinned) << version.version;
    }
    for (size_t k = 0; k < periods[i]; ++k) {
      const ExportCheck pinned = CheckWith(exports[i], Identities()[k].key);
      EXPECT_TRUE(pinned.report.ok) << k << ": " << pinned.report.reason;
      EXPECT_EQ(pinned.log_key_pinned, k + 1 == periods[i]) << "an earlier key vouches for no later one";
      EXPECT_EQ(pinned.periods[k].origin, Identities()[k].origin);
    }
  }
  const ExportCheck last = Check(exports.back());
  EXPECT_EQ(last.periods[2].from, network_.directory().lost_tails()[0].first);
  EXPECT_THAT(last.periods[2].origin, HasSubstr("/2"));
}

TEST_F(Periods, RefusesAnotherKeyOrConvenant) {
  ChangeKey();
  const std::string text = log_.Text();
  EXPECT_FALSE(CheckWith(text, ExportTestKey('f').public_key()).report.ok);
  ConvenantPin other = versions_[0];
  other.hash[0] ^= 1;
  EXPECT_FALSE(CheckWith(text, other).report.ok);
  ConvenantPin next{.version = 2, .hash = other.hash, .previous = other.hash};
  EXPECT_FALSE(CheckWith(text, next).report.ok) << "it follows another first version";
  next.previous = versions_[0].hash;
  EXPECT_TRUE(CheckWith(text, next).report.ok);
  // Too far on to say anything: the wrong file was given, and nothing was altered.
  next.version = 3;
  ExportPins pins;
  pins.convenant_file = next;
  EXPECT_THAT(std::string(TryCheck(text, pins).status().message()), HasSubstr("ends at version 1"));
  pins = {};
  pins.convenant = "elders";
  EXPECT_FALSE(Check(text, pins).report.ok);
}

// Whoever has the new key, or makes one, and not the parties' signatures.
TEST_F(Periods, RefusesAChangeThatThePartiesDidNotSign) {
  const Digest before = network_.directory().chain_hash();
  const uint64_t seq = network_.directory().size(), index = log_.size();
  ChangeKey();
  v1::SignedObject object = trust::ParseSignedObject(network_.objects()[seq]).value();
  std::string& signature = *object.mutable_signatures(0)->mutable_signature();
  signature[5] = static_cast<char>(signature[5] ^ 1);
  const Bytes forged = trust::StrictSerialize(object);
  const Digest chain = trust::Directory::ChainHash(seq, before, forged);
  log_.Replace(index, forged, audit::EncodeLeaf(audit::LeafClass::kDirectory, chain));
  const Bytes note = log_.Note(nullptr, audit::DirectoryHead{seq + 1, chain});
  const ExportCheck check = Check(log_.Text(log_.Head(), note));
  EXPECT_FALSE(check.report.ok);
  EXPECT_EQ(check.report.first_bad, index);
  EXPECT_THAT(check.report.reason, HasSubstr("does not fit"));
}

TEST_F(Periods, RefusesAChangeThatIsHidden) {
  const uint64_t index = log_.size();
  ChangeKey();
  std::vector<std::string> lines = absl::StrSplit(log_.Text(), '\n');
  // Its hash alone: the chain is in order, and nothing says who signs the checkpoint.
  std::string& line = lines[index + 1];
  const size_t at = line.find("\"object\":");
  ASSERT_NE(at, std::string::npos) << line;
  line = absl::StrCat(line.substr(0, at), "\"object_hash\":\"",
                      ToHex(crypto::Sha256(network_.objects().back())), "\"}");
  std::string text;
  for (size_t i = 0; i + 1 < lines.size(); ++i) absl::StrAppend(&text, lines[i], "\n");
  const ExportCheck hidden = Check(text);
  EXPECT_FALSE(hidden.report.ok);
  EXPECT_THAT(hidden.report.reason, HasSubstr("names another log"));
  // And with a header to fit.
  ExportHead head = log_.Head();
  head.log_key = Identities()[0].key;
  text = ExportLines::Head(head) + text.substr(text.find('\n') + 1);
  EXPECT_FALSE(Check(text).report.ok);
}

TEST_F(Periods, RefusesAnotherDirectoryLineAndAnObjectWrittenOtherwise) {
  ChangeKey();
  const audit::DirectoryHead shorter{network_.directory().size() - 1,
                                     *network_.directory().ChainHashAt(network_.directory().size() - 1)};
  EXPECT_FALSE(Check(log_.Text(log_.Head(), log_.Note(nullptr, shorter))).report.ok);
  const std::string text = log_.Text();
  size_t flips = 0;
  const size_t from = text.find("\"object_hash\""), to = text.rfind("\"object\"") + 400;
  for (size_t i = from; i < to; i += 4001, ++flips) {
    std::string damaged = text;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_FALSE(Check(damaged).report.ok) << "byte " << i;
  }
  EXPECT_GT(flips, 5u);
  // Of a kind that says nothing of who signs, the hash stands there and no more.
  const Bytes& issuer = network_.objects()[1];
  const std::string whole =
      absl::StrReplaceAll(text, {{absl::StrCat("\"object_hash\":\"", ToHex(crypto::Sha256(issuer)), "\""),
                                  absl::StrCat("\"object\":\"", ToBase64(issuer), "\"")}});
  EXPECT_NE(whole, text);
  EXPECT_EQ(Check(whole).report.first_bad, 1u);
  // The leaf where another object stands is the bad one, not the end of it all.
  const std::string other =
      absl::StrReplaceAll(text, {{ToHex(crypto::Sha256(issuer)), ToHex(crypto::Sha256("another"))}});
  EXPECT_NE(other, text);
  EXPECT_EQ(Check(other).report.first_bad, 1u);
}

// Exports of before this was in the file: with the key that signed it they verify, whenever they were made.
TEST_F(Periods, FirstFormatVerifiesWithTheKeyThatSignedIt) {
  const auto first_format = [&] {
    ExportHead head = log_.Head();
    head.format = ExportFormat::kFirst;
    head.origin = Identities()[0].origin;
    head.log_key = Identities()[0].key;
    return log_.Text(head, log_.Note());
  };
  const std::string before = first_format();
  EXPECT_TRUE(Check(before).report.ok) << Check(before).report.reason;
  EXPECT_TRUE(CheckWith(before, versions_[0]).report.ok);
  ChangeKey();
  LoseTail();
  const std::string after = first_format();
  EXPECT_TRUE(CheckWith(after, Identities()[2].key).report.ok);
  EXPECT_FALSE(CheckWith(after, Identities()[0].key).report.ok);
  EXPECT_FALSE(CheckWith(after, ExportTestKey('f').public_key()).report.ok);
  EXPECT_FALSE(Check(after).report.ok);
}

TEST_F(Periods, SaysHowManyEventsAreWithheld) {
  log_.Event();
  EXPECT_EQ(Check(log_.Text()).report.withheld, 0u);
  log_.WithholdLast();
  const ExportCheck check = Check(log_.Text());
  EXPECT_TRUE(check.report.ok);
  EXPECT_EQ(check.report.withheld, 1u);
  EXPECT_EQ(check.report.opened, 1u);
}

// The document shows the very bytes, but for the first version of the convenant, which is long.
TEST_F(Periods, DocumentShowsAWorkedExample) {
  const Bytes convenant = network_.objects()[0];
  trust::Directory directory;
  ASSERT_TRUE(directory.Add(convenant, absl::InfinitePast()).ok());
  v1::TrustUpdate update = trust::NewTrustUpdate(directory);
  const crypto::SigningKey next = ExportTestKey('n');
  update.set_log_key(ToBytes(next.public_key()));
  const Bytes object = network_.SignByQuorum(v1::OBJECT_KIND_TRUST_UPDATE, trust::StrictSerialize(update));
  const Digest hash = crypto::Sha256("a prekey");
  const TestEntry event = TestEntries()[0];

  audit::RightEdge tree;
  ExportLines lines;
  std::string body;
  const auto leaf_of = [&](const Digest& chain) {
    const Bytes leaf = audit::EncodeLeaf(audit::LeafClass::kDirectory, chain);
    tree.Append(crypto::LeafHash(leaf));
    return leaf;
  };
  body += lines.Object(leaf_of(directory.chain_hash()), convenant);
  tree.Append(crypto::LeafHash(event.leaf));
  body += lines.Entry(event.leaf, event.opening).value();
  ASSERT_TRUE(directory.SkipTo(2, trust::Directory::ChainHashOf(1, directory.chain_hash(), hash)).ok());
  body += lines.ObjectHash(leaf_of(directory.chain_hash()), hash);
  ASSERT_TRUE(directory.Add(object, absl::InfinitePast()).ok());
  body += lines.Object(leaf_of(directory.chain_hash()), object);
  audit::Checkpoint checkpoint{.origin = "seinpost/plaats", .size = tree.size(), .root = tree.Root()};
  checkpoint.directory = audit::DirectoryHead{3, directory.chain_hash()};
  checkpoint.time = absl::FromUnixSeconds(1'795'000'200);
  const std::string text = ExportLines::Head({.origin = "seinpost/plaats",
                                              .log_key = next.public_key(),
                                              .convenant = "plaats",
                                              .to = tree.size()}) +
                           body + ExportLines::Checkpoint(audit::SignCheckpoint(checkpoint, next));
  const ExportCheck check = Check(text);
  EXPECT_TRUE(check.report.ok) << check.report.reason;
  EXPECT_EQ(check.periods.back().from, 3u);

  const std::string shown = absl::StrReplaceAll(text, {{ToBase64(convenant), "CONVENANT"}});
  std::ifstream file("docs/formats/audit_export.md", std::ios::binary);
  const std::string document{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  EXPECT_THAT(document, HasSubstr(absl::StrCat("```jsonl\n", shown, "```\n"))) << shown;
}

}  // namespace
}  // namespace seinpost::client
