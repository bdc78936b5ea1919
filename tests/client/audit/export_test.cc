// SPDX-License-Identifier: EUPL-1.2
#include "client/audit/export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "tests/client/audit/export_testing.h"

namespace seinpost::client {
namespace {

using testing::HasSubstr;

ExportCheck Check(const std::string& text, const ExportPins& pins = {}) {
  std::istringstream in(text);
  absl::StatusOr<ExportCheck> check = VerifyExport(in, pins);
  EXPECT_TRUE(check.ok()) << check.status();
  return check.ok() ? *check : ExportCheck();
}

std::vector<std::string> LinesOf(const std::string& text) {
  return absl::StrSplit(absl::string_view(text).substr(0, text.size() - 1), '\n');
}
std::string Join(const std::vector<std::string>& lines) { return absl::StrJoin(lines, "\n") + "\n"; }

TEST(AuditExport, AcceptsAnUntouchedExportAndCountsWhatItReads) {
  const crypto::SigningKey key = ExportTestKey('l');
  const ExportCheck check = Check(TestExport(TestEntries(), key));
  EXPECT_TRUE(check.report.ok) << check.report.reason;
  EXPECT_EQ(check.report.size, 4u);
  EXPECT_EQ(check.report.opened, 2u);
  EXPECT_EQ(check.report.withheld, 1u) << "a leaf of the directory is none";
  EXPECT_EQ(check.report.first_bad, std::nullopt);
  EXPECT_EQ(check.head.convenant, "plaats");
  EXPECT_EQ(check.head.log_key, key.public_key());
}

TEST(AuditExport, RefusesEveryBitFlipAndTruncation) {
  const std::string text = TestExport(TestEntries(), ExportTestKey('l'));
  for (size_t i = 0; i < text.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = text;
      damaged[i] = static_cast<char>(damaged[i] ^ (1 << bit));
      EXPECT_FALSE(Check(damaged).report.ok) << "byte " << i << " bit " << bit;
    }
    EXPECT_FALSE(Check(text.substr(0, i)).report.ok) << "cut at " << i;
  }
  EXPECT_FALSE(Check(text + "\n").report.ok);
  EXPECT_FALSE(Check(text + "{}\n").report.ok);
}

TEST(AuditExport, NamesTheFirstBadEntryForEveryBitOfItsLine) {
  const std::string text = TestExport(TestEntries(), ExportTestKey('l'));
  size_t start = text.find('\n') + 1;
  for (uint64_t index = 0; index < 4; ++index) {
    const size_t end = text.find('\n', start);
    for (size_t i = start; i < end; ++i) {
      std::string damaged = text;
      damaged[i] = static_cast<char>(damaged[i] ^ 1);
      EXPECT_EQ(Check(damaged).report.first_bad, index) << "byte " << i - start << " of entry " << index;
    }
    start = end + 1;
  }
}

struct Edit {
  const char* name;
  void (*edit)(std::vector<std::string>& lines);
  std::optional<uint64_t> first_bad;
};

TEST(AuditExport, NamesTheFirstEntryThatIsNotWhatWasLogged) {
  const Edit kEdits[] = {
      {"left out", [](std::vector<std::string>& lines) { lines.erase(lines.begin() + 2); }, 1},
      {"last left out", [](std::vector<std::string>& lines) { lines.erase(lines.begin() + 4); }, 3},
      {"swapped", [](std::vector<std::string>& lines) { std::swap(lines[2], lines[3]); }, 1},
      {"twice", [](std::vector<std::string>& lines) { lines.insert(lines.begin() + 3, lines[2]); }, 2},
      {"replaced by another and renumbered",
       [](std::vector<std::string>& lines) {
         lines[4] = absl::StrReplaceAll(lines[2], {{"\"index\":1,", "\"index\":3,"}});
       },
       3},
      {"another event in words",
       [](std::vector<std::string>& lines) {
         lines[3] = absl::StrReplaceAll(lines[3], {{"\"L1\"", "\"L2\""}});
       },
       2},
      {"words withheld",
       [](std::vector<std::string>& lines) {
         lines[1] = lines[1].substr(0, lines[1].find("\"event\":")) + "\"event\":null}";
       },
       0},
      {"capital hexadecimal",
       [](std::vector<std::string>& lines) {
         for (char& byte : lines[2]) {
           if (byte == 'a' || byte == 'b' || byte == 'c') byte = static_cast<char>(byte - 32);
         }
       },
       1},
      {"white space", [](std::vector<std::string>& lines) { lines[4] += " "; }, 3},
      {"line end of another system", [](std::vector<std::string>& lines) { lines[1] += "\r"; }, 0},
      {"no entries at all",
       [](std::vector<std::string>& lines) { lines.erase(lines.begin() + 1, lines.end() - 1); }, 0},
      {"checkpoint left out", [](std::vector<std::string>& lines) { lines.pop_back(); }, std::nullopt},
      {"header left out", [](std::vector<std::string>& lines) { lines.erase(lines.begin()); }, std::nullopt},
  };
  for (const Edit& edit : kEdits) {
    std::vector<std::string> lines = LinesOf(TestExport(TestEntries(), ExportTestKey('l')));
    edit.edit(lines);
    const ExportCheck check = Check(Join(lines));
    EXPECT_FALSE(check.report.ok) << edit.name;
    EXPECT_EQ(check.report.first_bad, edit.first_bad) << edit.name << ": " << check.report.reason;
    EXPECT_FALSE(check.report.reason.empty()) << edit.name;
  }
}

TEST(AuditExport, RefusesAnotherHistoryUnderTheSameCheckpoint) {
  const crypto::SigningKey key = ExportTestKey('l');
  Bytes note;
  TestExport(TestEntries(), key, &note);
  std::vector<TestEntry> others = TestEntries();
  others[3] = others[2];
  std::vector<std::string> lines = LinesOf(TestExport(others, key));
  lines.back() = LinesOf(ExportLines::Checkpoint(note)).front();
  const ExportCheck check = Check(Join(lines));
  EXPECT_FALSE(check.report.ok);
  EXPECT_THAT(check.report.reason, HasSubstr("root"));
}

TEST(AuditExport, RefusesAnotherLogThanTheOnePinned) {
  const crypto::SigningKey key = ExportTestKey('l'), forger = ExportTestKey('f');
  const std::string forged = TestExport(TestEntries(), forger);
  EXPECT_TRUE(Check(forged).report.ok);  // consistent in itself: that is why a key is pinned
  ExportPins pins;
  pins.log_key = key.public_key();
  EXPECT_FALSE(Check(forged, pins).report.ok);
  EXPECT_TRUE(Check(TestExport(TestEntries(), key), pins).report.ok);
  pins = {};
  pins.convenant = "elders";
  EXPECT_FALSE(Check(TestExport(TestEntries(), key), pins).report.ok);
}

TEST(AuditExport, AsksForAsManyWitnessesAsPinned) {
  const crypto::SigningKey key = ExportTestKey('l'), witness = ExportTestKey('w');
  Bytes note;
  std::vector<std::string> lines = LinesOf(TestExport(TestEntries(), key, &note));
  ExportPins pins;
  pins.witnesses = {audit::WitnessKey("witness", witness.public_key())};
  pins.quorum = 1;
  EXPECT_FALSE(Check(Join(lines), pins).report.ok);
  const Bytes cosigned =
      audit::Cosign(note, "witness", witness, absl::FromUnixSeconds(1'795'000'201)).value();
  lines.back() = LinesOf(ExportLines::Checkpoint(cosigned)).front();
  const ExportCheck check = Check(Join(lines), pins);
  EXPECT_TRUE(check.report.ok) << check.report.reason;
  ASSERT_EQ(check.report.witnesses.size(), 1u);
  EXPECT_TRUE(check.report.witnesses[0].ok);
}

TEST(AuditExport, SaysThatRedactedFieldsAreWithheld) {
  const audit::Opening opening = audit::Opening::Decode(TestEntries()[2].opening).value();
  const std::vector<audit::Tag> withheld{audit::Tag::kActorMember};
  std::vector<TestEntry> entries = TestEntries();
  entries[2].opening = opening.Redact(withheld).Encode();
  const std::string text = TestExport(entries, ExportTestKey('l'));
  EXPECT_THAT(text, HasSubstr("\"actor_member\":{\"redacted\":true}"));
  const ExportCheck check = Check(text);
  EXPECT_TRUE(check.report.ok) << check.report.reason;
  EXPECT_EQ(check.report.redacted, 1u);
}

TEST(AuditExport, VerifiesAcrossManyBuffersAndTellsItsProgress) {
  const std::vector<TestEntry> entries(20'000, TestEntries()[2]);
  std::istringstream in(TestExport(entries, ExportTestKey('l')));
  int told = 0;
  const ExportCheck check = VerifyExport(in, {}, [&](uint64_t done, uint64_t all) {
                              EXPECT_LE(done, all);
                              ++told;
                            }).value();
  EXPECT_TRUE(check.report.ok) << check.report.reason;
  EXPECT_GT(told, 0);
}

// The document shows the very bytes.
TEST(AuditExport, DocumentShowsAWorkedExample) {
  std::ifstream file("docs/formats/audit_export.md", std::ios::binary);
  const std::string document{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const std::string text = TestExport(TestEntries(), ExportTestKey('l'));
  EXPECT_THAT(document, HasSubstr(absl::StrCat("```jsonl\n", text, "```\n"))) << text;
}

}  // namespace
}  // namespace seinpost::client
