// SPDX-License-Identifier: EUPL-1.2
// The shipped examples: whatever lies in policies/convenants/. No municipality is named here, nor anywhere in
// code.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "crypto/hash.h"
#include "policies/questions/questions.h"
#include "tests/policies/example.h"

namespace seinpost::policies {
namespace {

namespace fs = std::filesystem;

constexpr char kFolder[] = "policies/convenants";
constexpr char kTemplate[] = "template";
constexpr size_t kMunicipalities = 12;
constexpr size_t kMinQuestions = 25;

struct Shipped {
  std::string name;  // without extension
  std::string text;
  Convenant convenant;

  bool IsTemplate() const { return name == kTemplate; }
  // A next version that follows another file; it is a draft, and asked nothing.
  bool IsLaterVersion() const { return convenant.version() > 1; }
};

std::string PathOf(absl::string_view name, absl::string_view extension) {
  return absl::StrCat(kFolder, "/", name, extension);
}

std::vector<Shipped> AllShipped() {
  std::vector<Shipped> shipped;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    const std::string file = entry.path().filename().string();
    if (!absl::EndsWith(file, ".yaml") || absl::EndsWith(file, ".lab.yaml") ||
        absl::EndsWith(file, ".expect.yaml")) {
      continue;
    }
    std::string text = FileText(entry.path().string());
    absl::StatusOr<Convenant> convenant = Convenant::Parse(text, file);
    EXPECT_TRUE(convenant.ok()) << convenant.status();
    if (!convenant.ok()) continue;
    shipped.push_back({entry.path().stem().string(), std::move(text), *std::move(convenant)});
  }
  return shipped;
}

absl::StatusOr<QuestionPeer> LoadWithLab(absl::string_view name) {
  absl::StatusOr<Convenant> convenant = Convenant::Parse(FileText(PathOf(name, ".yaml")), name);
  if (!convenant.ok()) return convenant.status();
  absl::StatusOr<LabFile> lab = ParseLabFile(FileText(PathOf(name, ".lab.yaml")), name, *convenant);
  if (!lab.ok()) return lab.status();
  return QuestionPeer{*std::move(convenant), *std::move(lab)};
}

TEST(Municipalities, AreTwelveAndATemplate) {
  std::set<std::string> ids;
  bool has_template = false;
  for (const Shipped& one : AllShipped()) {
    if (one.IsTemplate()) {
      has_template = true;
    } else {
      ids.insert(one.convenant.id());
    }
  }
  EXPECT_TRUE(has_template);
  EXPECT_GE(ids.size(), kMunicipalities);
}

TEST(Municipalities, SayThatNobodySignedThem) {
  for (const Shipped& one : AllShipped()) {
    EXPECT_TRUE(one.convenant.illustrative()) << one.name;
    EXPECT_FALSE(one.convenant.HasKeys()) << one.name;
    EXPECT_NE(one.text.find("LET OP: dit is een voorbeeld"), std::string::npos) << one.name;
  }
}

TEST(Municipalities, AnswerTheirQuestions) {
  size_t asked = 0;
  for (const Shipped& one : AllShipped()) {
    if (one.IsLaterVersion()) continue;
    const absl::StatusOr<QuestionPeer> own = LoadWithLab(one.name);
    ASSERT_TRUE(own.ok()) << own.status();
    const std::string file = PathOf(one.name, ".expect.yaml");
    const absl::StatusOr<QuestionReport> report =
        RunQuestions(FileText(file), file, own->convenant, own->lab, LoadWithLab);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_GE(report->results.size(), kMinQuestions) << one.name;
    size_t allowed = 0;
    for (const QuestionResult& result : report->results) {
      EXPECT_TRUE(result.passed) << file << ":" << result.line << ", " << result.name << ": "
                                 << result.detail;
      allowed += result.decision.allowed ? 1 : 0;
    }
    // A file that only allows, or only refuses, shows little.
    EXPECT_GE(allowed, 5u) << one.name;
    EXPECT_GE(report->results.size() - allowed, 5u) << one.name;
    asked += report->results.size();
  }
  EXPECT_GE(asked, kMinQuestions * (kMunicipalities + 1)) << "the test must run in the source tree";
}

TEST(Municipalities, AboveThemesHaveAnAlertChain) {
  size_t themes_only = 0;
  for (const Shipped& one : AllShipped()) {
    if (one.convenant.kind() == ConvenantKind::kNetwork) {
      ++themes_only;
      for (const auto& [name, channel] : one.convenant.channels()) {
        EXPECT_EQ(channel.ceiling, Level::kL0) << one.name << ": " << name;
      }
    } else {
      EXPECT_FALSE(one.convenant.alerts().empty()) << one.name;
    }
  }
  EXPECT_GE(themes_only, 1u);
}

TEST(Municipalities, HaveTwoOverseersWhoCanWork) {
  for (const Shipped& one : AllShipped()) {
    std::set<std::string> signatories;
    for (const std::string& id : one.convenant.oversight()) {
      signatories.insert(one.convenant.SignatoryOf(*one.convenant.FindParty(id)).id);
    }
    EXPECT_GE(signatories.size(), 2u) << one.name;
    if (one.IsLaterVersion()) continue;
    const absl::StatusOr<QuestionPeer> own = LoadWithLab(one.name);
    ASSERT_TRUE(own.ok()) << own.status();
    for (const std::string& id : one.convenant.oversight()) {
      EXPECT_TRUE(std::any_of(own->lab.members.begin(), own->lab.members.end(),
                              [&](const LabMember& member) {
                                return member.party == id && !member.mandates.empty() &&
                                       member.mandates.front().function == kPrivacyOfficer;
                              }))
          << one.name << ": " << id;
    }
  }
}

TEST(Municipalities, LaterVersionsFollowAFileThatLiesBesideThem) {
  const std::vector<Shipped> all = AllShipped();
  size_t later = 0;
  for (const Shipped& one : all) {
    if (!one.IsLaterVersion()) {
      EXPECT_TRUE(one.IsTemplate() || one.convenant.id() == one.name) << one.name;
      continue;
    }
    ++later;
    const auto before = std::find_if(all.begin(), all.end(), [&](const Shipped& other) {
      return other.convenant.id() == one.convenant.id() &&
             other.convenant.version() + 1 == one.convenant.version();
    });
    ASSERT_NE(before, all.end()) << one.name;
    const auto hash = crypto::Sha256(before->text);
    EXPECT_EQ(ToHex(*one.convenant.previous()), ToHex(hash)) << one.name << " follows another text";
  }
  EXPECT_GE(later, 1u);
}

// Whether `word` stands in `text` by itself, in any case of letters. `word` is in lower case.
bool Mentions(absl::string_view text, absl::string_view word) {
  const auto is_word = [&](size_t at) {
    return at < text.size() && std::isalnum(static_cast<unsigned char>(text[at])) != 0;
  };
  const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
  auto from = text.begin();
  while (true) {
    from = std::search(from, text.end(), word.begin(), word.end(), same);
    if (from == text.end()) return false;
    const auto at = static_cast<size_t>(from - text.begin());
    if ((at == 0 || !is_word(at - 1)) && !is_word(at + word.size())) return true;
    ++from;
  }
}

TEST(Municipalities, AreNamedInNoCode) {
  std::set<std::string> names;
  for (const Shipped& one : AllShipped()) {
    if (one.IsTemplate()) continue;  // A word of C++, and of no place.
    names.insert(one.name);
    names.insert(one.convenant.id());
  }
  ASSERT_GE(names.size(), kMunicipalities);
  const std::set<std::string> code = {".cc", ".h", ".inc"};
  size_t files = 0;
  for (const std::string folder : {"util", "crypto", "policies", "proto", "storage", "audit", "trust",
                                   "envelope", "server", "client", "bench", "tests", "tools"}) {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (!entry.is_regular_file() || code.count(entry.path().extension().string()) == 0) continue;
      ++files;
      const std::string text = FileText(entry.path().string());
      for (const std::string& name : names) {
        EXPECT_FALSE(Mentions(text, name)) << entry.path() << " names " << name;
      }
    }
  }
  EXPECT_GT(files, 300u) << "the test must run in the source tree";
}

TEST(Municipalities, ANameIsFoundInAnyCase) {
  EXPECT_TRUE(Mentions("in Plaats-Oost.", "plaats-oost"));
  EXPECT_TRUE(Mentions("PLAATS", "plaats"));
  EXPECT_FALSE(Mentions("plaatsen, woonplaats", "plaats"));
}

}  // namespace
}  // namespace seinpost::policies
