// SPDX-License-Identifier: EUPL-1.2
// Signing offline, on files: version n+1, its refusals, and bundles of signatures made in different places.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "client/convenant/bundle.h"
#include "client/org/commands.h"
#include "crypto/hash.h"
#include "tests/client/ceremony_testing.h"
#include "trust/directory.h"

namespace seinpost::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class SuccessionTest : public CeremonyTest {
 protected:
  SuccessionTest() { MakeFirst(); }

  std::string First() const { return ReadWholeFile(Path("v1.yaml")); }
  // What a directory says of the signed files, one after the other.
  absl::Status Judge(const std::vector<std::string>& files) {
    trust::Directory directory;
    for (const std::string& file : files) {
      const absl::Status status = directory.Add(ReadWholeFile(Path(file + ".sig")), bench_.clock.Now());
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }
  std::vector<std::string> Missing() { return bench_.Printed()["missing"].get<std::vector<std::string>>(); }
};

TEST_F(SuccessionTest, NextVersionIsSignedByAllWithTheKeysOfTheOneBefore) {
  ASSERT_TRUE(
      DraftNext(Replaced(First(), "(voorbeeld)", "(voorbeeld, tweede versie)"), "v1.yaml", "v2.yaml").ok());
  EXPECT_EQ(bench_.Printed()["version"], 2);
  for (size_t i = 0; i < parties_.size(); ++i) {
    ASSERT_TRUE(Sign("v2.yaml", parties_[i], "v1.yaml").ok()) << parties_[i];
    EXPECT_EQ(Missing().size(), parties_.size() - i - 1);
    EXPECT_EQ(Judge({"v1.yaml", "v2.yaml"}).ok(), i + 1 == parties_.size());
  }
}

TEST_F(SuccessionTest, PartyThatChangesItsKeySignsWithBoth) {
  Context context = bench_.context();
  ASSERT_TRUE(OrgRoot(context, {{Keys("politie"), "", ""}, ""}).ok());
  const std::string next = bench_.Printed()["root_key"];
  EXPECT_TRUE(absl::IsAlreadyExists(OrgRoot(context, {{Keys("politie"), "", ""}, ""})));
  ASSERT_TRUE(DraftNext(First(), "v1.yaml", "v2.yaml", {"politie=" + next}).ok());
  bench_.Printed();
  ASSERT_TRUE(Sign("v2.yaml", "politie", "v1.yaml").ok());
  EXPECT_THAT(bench_.Printed()["signed_as"].get<std::vector<std::string>>(),
              ElementsAre("politie", "politie/new"));
  for (const std::string& party : parties_) {
    if (party == "politie") continue;
    ASSERT_TRUE(Sign("v2.yaml", party, "v1.yaml").ok());
  }
  EXPECT_TRUE(Judge({"v1.yaml", "v2.yaml"}).ok());

  // Only the file that states it makes the next key the root key.
  bench_.Printed();
  EXPECT_EQ(ExitCodeOf(OrgRoot(context, {{Keys("politie"), "", ""}, Path("v1.yaml")})), kUsage);
  ASSERT_TRUE(OrgRoot(context, {{Keys("politie"), "", ""}, Path("v2.yaml")}).ok());
  const OrgStore store = OrgStore::Open(Keys("politie")).value();
  EXPECT_EQ(ToHex(store.data().root_key), next);
  EXPECT_EQ(ToHex(View(store.Root(kOrgPassphrase)->public_key())), next);
  EXPECT_TRUE(
      absl::IsNotFound(store.RootFor(ToBytes(roots_.at("politie").public_key()), kOrgPassphrase).status()));
  EXPECT_FALSE(std::filesystem::exists(Keys("politie") + "/next-root.sealed"));
}

TEST_F(SuccessionTest, NextKeyInAnotherDirectorySignsToo) {
  MakeKeys("politie-new", "politie");
  const std::string next = ToHex(View(roots_.at("politie-new").public_key()));
  ASSERT_TRUE(DraftNext(First(), "v1.yaml", "v2.yaml", {"politie=" + next}).ok());
  EXPECT_EQ(ExitCodeOf(Sign("v2.yaml", "politie", "v1.yaml")), kUsage);  // only half of what it must sign
  EXPECT_FALSE(std::filesystem::exists(Path("v2.yaml.sig")));
  Context context = bench_.context();
  ConvenantSignArgs args{.file = Path("v2.yaml"), .org_dir = Keys("politie"), .previous = Path("v1.yaml")};
  args.new_root = Keys("sass");
  EXPECT_EQ(ExitCodeOf(ConvenantSign(context, args)), kUsage);  // of another party
  args.new_root = Keys("politie-new");
  EXPECT_TRUE(ConvenantSign(context, args).ok());
}

TEST_F(SuccessionTest, LostKeyIsLeftOutOnPurposeOnly) {
  MakeKeys("politie-new", "politie");
  const std::string next = ToHex(View(roots_.at("politie-new").public_key()));
  ASSERT_TRUE(DraftNext(First(), "v1.yaml", "v2.yaml", {"politie=" + next}).ok());
  const absl::Status without = Sign("v2.yaml", "politie-new", "v1.yaml");
  EXPECT_EQ(ExitCodeOf(without), kUsage);
  EXPECT_THAT(std::string(without.message()), HasSubstr("--lost-root"));
  bench_.Printed();
  ASSERT_TRUE(Sign("v2.yaml", "politie-new", "v1.yaml", /*lost_root=*/true).ok());
  EXPECT_THAT(bench_.Printed()["signed_as"].get<std::vector<std::string>>(), ElementsAre("politie/new"));
  for (const std::string& party : parties_) {
    if (party == "politie") continue;
    ASSERT_TRUE(Sign("v2.yaml", party, "v1.yaml").ok());
  }
  bench_.Printed();
  ASSERT_TRUE(Bundle("v2.yaml", {}, "v1.yaml").ok());
  EXPECT_THAT(Missing(), ElementsAre("politie"));
  EXPECT_FALSE(Judge({"v1.yaml", "v2.yaml"}).ok());  // not without 72 hours in public
}

TEST_F(SuccessionTest, PartiesComeAndGo) {
  MakeKeys("ggd", "ggd");
  std::string edited =
      Replaced(First(), "parties:\n", "parties:\n  ggd:\n    title: GGD\n    kind: social_team\n");
  // Straatcoaches leave: their section goes, up to the next party.
  const size_t from = edited.find("  straatcoaches:\n"), to = edited.find("  leerplicht:\n");
  ASSERT_LT(from, to);
  edited.erase(from, to - from);
  ASSERT_TRUE(
      DraftNext(edited, "v1.yaml", "v2.yaml", {"ggd=" + ToHex(View(roots_.at("ggd").public_key()))}).ok());
  bench_.Printed();
  EXPECT_EQ(ExitCodeOf(Sign("v2.yaml", "straatcoaches", "v1.yaml")),
            kUsage);  // it leaves, so it does not sign
  ASSERT_TRUE(Sign("v2.yaml", "ggd", "v1.yaml").ok());
  for (const std::string& party : parties_) {
    if (party == "straatcoaches") continue;
    ASSERT_TRUE(Sign("v2.yaml", party, "v1.yaml").ok()) << party;
  }
  EXPECT_TRUE(Judge({"v1.yaml", "v2.yaml"}).ok());
}

TEST_F(SuccessionTest, RefusesWhatDoesNotFollow) {
  ASSERT_TRUE(DraftNext(First(), "v1.yaml", "v2.yaml").ok());
  const std::string v2 = ReadWholeFile(Path("v2.yaml"));
  ASSERT_TRUE(DraftNext(v2, "v2.yaml", "v3.yaml").ok());
  directory_.Write("gap.yaml", Replaced(v2, "version: 2", "version: 4"));
  // The same names and the same version, from somebody's own version 1.
  directory_.Write("own.yaml", First() + "# mine\n");
  ASSERT_TRUE(DraftNext(First(), "own.yaml", "self-made.yaml").ok());
  directory_.Write("suite.yaml", Replaced(v2, "suite: 1", "suite: 2"));
  const struct {
    const char* file;
    const char* previous;
    ExitCode code;
    const char* says;
  } kCases[] = {
      {"v2.yaml", "", kUsage, "--previous"},
      {"v3.yaml", "v1.yaml", kFailed, ""},
      {"v2.yaml", "v2.yaml", kFailed, ""},
      {"v2.yaml", "v3.yaml", kFailed, ""},
      {"gap.yaml", "v1.yaml", kFailed, ""},
      {"self-made.yaml", "v1.yaml", kFailed, ""},
      {"suite.yaml", "v1.yaml", kUsage, "suite"},
      {"v2.yaml", "nowhere.yaml", kUsage, "nowhere.yaml"},
      {"v2.yaml", "passphrase", kUsage, "passphrase"},
  };
  for (const auto& one : kCases) {
    const absl::Status status = Sign(one.file, "politie", one.previous);
    EXPECT_EQ(ExitCodeOf(status), one.code) << one.file << " after " << one.previous << ": " << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(one.says));
    EXPECT_FALSE(std::filesystem::exists(Path(std::string(one.file) + ".sig"))) << one.file;
  }
}

TEST_F(SuccessionTest, DraftOfANextVersionNeedsKeysOfNewPartiesOnly) {
  EXPECT_EQ(ExitCodeOf(DraftNext(Replaced(First(), "id: plaats", "id: elders"), "v1.yaml", "v2.yaml")),
            kUsage);
  EXPECT_EQ(ExitCodeOf(DraftNext(First(), "v1.yaml", "v2.yaml", {"nobody=" + std::string(64, 'a')})), kUsage);
  EXPECT_EQ(ExitCodeOf(DraftNext(First(), "v1.yaml", "v2.yaml", {"politie=short"})), kUsage);
  const std::string joined =
      Replaced(First(), "parties:\n", "parties:\n  ggd:\n    title: GGD\n    kind: social_team\n");
  EXPECT_EQ(ExitCodeOf(DraftNext(joined, "v1.yaml", "v2.yaml")), kUsage);
  Context context = bench_.context();
  EXPECT_EQ(ExitCodeOf(ConvenantDraft(context, {.file = Path("v1.yaml"),
                                                .broker_keys = Path("broker.json"),
                                                .out = Path("v2.yaml"),
                                                .previous = Path("v1.yaml")})),
            kUsage);
  EXPECT_FALSE(std::filesystem::exists(Path("v2.yaml")));
  // From the example without keys too: the roots of version 1 stay.
  ASSERT_TRUE(DraftNext(ReadWholeFile(kExample), "v1.yaml", "v2.yaml").ok());
  EXPECT_TRUE(Sign("v2.yaml", "politie", "v1.yaml").ok());
}

TEST_F(SuccessionTest, BundlesComeTogetherFromDifferentPlaces) {
  ASSERT_TRUE(DraftNext(First(), "v1.yaml", "v2.yaml").ok());
  std::vector<std::string> files;
  for (const std::string& party : parties_) {
    const std::string copy = party + ".yaml";
    directory_.Write(copy, ReadWholeFile(Path("v2.yaml")));
    ASSERT_TRUE(Sign(copy, party, "v1.yaml").ok());
    files.push_back(copy + ".sig");
  }
  bench_.Printed();
  ASSERT_TRUE(Bundle("v2.yaml", {files[0], files[1]}, "v1.yaml").ok());
  EXPECT_EQ(Missing().size(), parties_.size() - 2);
  ASSERT_TRUE(Bundle("v2.yaml", files, "v1.yaml").ok());
  EXPECT_TRUE(Missing().empty());
  EXPECT_TRUE(Judge({"v1.yaml", "v2.yaml"}).ok());
}

TEST_F(SuccessionTest, BundleRefusesOneBadSignatureAndChangesNothing) {
  ASSERT_TRUE(DraftNext(First(), "v1.yaml", "v2.yaml").ok());
  ASSERT_TRUE(Sign("v2.yaml", "politie", "v1.yaml").ok());
  const std::string good = ReadWholeFile(Path("v2.yaml.sig"));
  const std::string yaml = ReadWholeFile(Path("v2.yaml"));
  std::string flipped = trust::AddConvenantSignature(yaml, "", "sass", roots_.at("sass")).value();
  flipped.back() = static_cast<char>(flipped.back() ^ 1);
  directory_.Write("flipped.sig", flipped);
  // Signed by sass in the name of gemeente; by somebody without a name here; over another text.
  directory_.Write("stolen.sig",
                   trust::AddConvenantSignature(yaml, "", "gemeente", roots_.at("sass")).value());
  directory_.Write("stranger.sig", trust::AddConvenantSignature(yaml, "", "ggd", roots_.at("sass")).value());
  directory_.Write("other.sig", trust::AddConvenantSignature(First(), "", "sass", roots_.at("sass")).value());
  directory_.Write("nonsense.sig", "nonsense");
  const struct {
    const char* file;
    ExitCode code;
    const char* names;
  } kCases[] = {
      {"flipped.sig", kTampered, "sass"},   {"stolen.sig", kTampered, "gemeente"},
      {"stranger.sig", kTampered, "ggd"},   {"other.sig", kUsage, "other.sig"},
      {"nonsense.sig", kUsage, "nonsense"}, {"nowhere.sig", kUsage, "nowhere"},
  };
  for (const auto& one : kCases) {
    const absl::Status status = Bundle("v2.yaml", {one.file}, "v1.yaml");
    EXPECT_EQ(ExitCodeOf(status), one.code) << one.file << ": " << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(one.names));
    EXPECT_EQ(ReadWholeFile(Path("v2.yaml.sig")), good) << one.file;
  }
}

TEST_F(SuccessionTest, NobodySignsWithTheDirectoryOfAnother) {
  ASSERT_TRUE(DraftNext(First(), "v1.yaml", "v2.yaml").ok());
  MakeKeys("impostor", "politie");
  const absl::Status status = Sign("v2.yaml", "impostor", "v1.yaml");
  EXPECT_EQ(ExitCodeOf(status), kUsage);
  EXPECT_THAT(std::string(status.message()), HasSubstr("another root key"));
  MakeKeys("stranger", "ggd");
  EXPECT_EQ(ExitCodeOf(Sign("v2.yaml", "stranger", "v1.yaml")), kUsage);
  bench_.passphrase_file = directory_.Write("wrong", "not it\n");
  EXPECT_EQ(ExitCodeOf(Sign("v2.yaml", "politie", "v1.yaml")), kFailed);
  EXPECT_FALSE(std::filesystem::exists(Path("v2.yaml.sig")));
}

}  // namespace
}  // namespace seinpost::client
