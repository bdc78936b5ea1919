// SPDX-License-Identifier: EUPL-1.2
// Copies of a broker: made while it works, complete, apart, rotated, and put back where there is nothing.
#include "server/program/backup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/copies/backup_copy.h"
#include "server/copies/control.h"
#include "server/copies/file_copies.h"
#include "server/program/restore.h"
#include "server/realm/anchored_store.h"
#include "tests/server/program/program_testing.h"
#include "tests/server/realm/log_identity.h"

namespace seinpost::test {
namespace {

namespace fs = std::filesystem;
using server::BackupMade;
using server::BackupWish;
using server::CheckDepth;
using server::Restored;
using server::RestoreWish;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr absl::Duration kDay = absl::Hours(24);

// A broker with everybody enrolled and some signals sent, on the disk.
class BackupTest : public LogIdentityTest {
 protected:
  BackupTest() {
    for (int i = 0; i < 3; ++i) SubmitOne();
    test_.Checkpoint();
  }
  ~BackupTest() override { fs::remove_all(to_); }

  server::ServerConfig ServerConfigNow() const {
    const server::BrokerOptions options = test_.BrokerOptionsNow();
    server::ServerConfig config;
    config.data_dir = options.data_dir;
    config.keys_dir = options.keys_dir;
    config.anchor_dir = options.anchor_dir;
    config.convenants = options.convenants;
    return config;
  }
  absl::StatusOr<BackupMade> Backup(absl::Time now, BackupWish wish = {}) {
    if (wish.to.empty()) wish.to = to_;
    return server::MakeBackup(ServerConfigNow(), wish, now, {});
  }
  absl::StatusOr<Restored> RestoreFrom(RestoreWish wish = {}) {
    if (wish.from.empty()) wish.from = to_;
    return server::RestoreBackup(ServerConfigNow(), wish, test_.clock().Now(), {});
  }
  absl::StatusOr<server::BrokerCheck> Check() const {
    return server::CheckBroker(server::PlacesOf(ServerConfigNow()), ServerConfigNow().convenants,
                               CheckDepth::kEverything);
  }
  std::string Part(const std::string& name) const { return test_.directory() + name; }
  // A bit in the largest file below `directory` whose name ends so.
  static void FlipBitIn(const std::string& directory, const std::string& ending) {
    fs::path largest;
    for (const auto& entry : fs::recursive_directory_iterator(directory)) {
      if (!entry.is_regular_file() || !absl::EndsWith(entry.path().string(), ending)) continue;
      if (largest.empty() || entry.file_size() > fs::file_size(largest)) largest = entry.path();
    }
    Bytes content = *ReadFile(largest, 64 << 20);
    content[content.size() / 2] = static_cast<char>(content[content.size() / 2] ^ 4);
    ASSERT_TRUE(WriteFileAtomically(largest, content).ok());
  }

  const std::string to_ = MakeTemporaryDirectory();
};

TEST_F(BackupTest, DeepCheckReadsAllAndTellsWhatIsDamaged) {
  const uint64_t size = test_.LogSize();
  test_.Stop();
  absl::StatusOr<server::BrokerCheck> sound = Check();
  ASSERT_TRUE(sound.ok()) << sound.status();
  EXPECT_TRUE(sound->sound()) << sound->realms[0].deep->faults[0];
  EXPECT_EQ(sound->realms[0].deep->leaves, size);
  EXPECT_GE(sound->realms[0].deep->openings, 3u);
  ASSERT_TRUE(test_.Restart().ok());  // what the write-ahead log held goes into tables
  test_.Stop();
  Save("/data", "/data-saved");
  FlipBitIn(Part("/data/db"), ".sst");
  const absl::StatusOr<server::BrokerCheck> table = Check();
  EXPECT_TRUE(!table.ok() || !table->sound());
  Restore("/data", "/data-saved");
  Save("/keys", "/keys-saved");
  FlipBitIn(Part("/keys/plaats/payload"), ".key");
  const absl::StatusOr<server::BrokerCheck> key = Check();
  EXPECT_TRUE(!key.ok() || !key->sound());
}

TEST_F(BackupTest, IsMadeWhileTheBrokerWorksAndHoldsAllThatWasAcknowledged) {
  const auto control =
      server::ControlSocket::Start(Part("/data"), test_.broker().store(), [](absl::string_view) {}).value();
  std::vector<envelope::SealedSignal> sealed;
  for (int i = 0; i < 40; ++i) sealed.push_back(test_.Seal(SmallPlan(test_.network())));
  std::atomic<size_t> acknowledged{0};
  std::atomic<bool> stop{false};
  std::thread load([&] {
    for (const envelope::SealedSignal& signal : sealed) {
      if (stop) return;
      EXPECT_TRUE(test_.Submit(signal.envelope).ok());
      ++acknowledged;
    }
  });
  while (acknowledged < 3) std::this_thread::yield();
  const uint64_t before = test_.LogSize();
  const absl::StatusOr<BackupMade> made = Backup(test_.clock().Now());
  stop = true;
  load.join();
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_TRUE(made->online);
  EXPECT_TRUE(made->whole.ok()) << made->whole;
  EXPECT_GE(made->realms[0].report.size, before);
  EXPECT_THAT(made->removed, IsEmpty());
  EXPECT_TRUE(server::CheckHashList(made->data).ok());
  EXPECT_TRUE(server::CheckHashList(made->keys).ok());
  EXPECT_FALSE(fs::exists(made->data + "/db/LOCK"));
  for (const auto& entry : fs::recursive_directory_iterator(to_)) {
    EXPECT_EQ(entry.status().permissions() & (fs::perms::group_all | fs::perms::others_all), fs::perms::none)
        << entry.path();
    EXPECT_THAT(entry.path().string(), testing::Not(HasSubstr("anchor")));
    if (absl::StartsWith(entry.path().string(), made->data)) {
      EXPECT_NE(entry.path().extension(), ".key") << "keys lie apart";
    }
  }
  size_t left = 0;
  for (const auto& entry : fs::directory_iterator(Part("/data"))) {
    left += absl::StartsWith(entry.path().filename().string(), "checkpoint-") ? 1 : 0;
  }
  EXPECT_LE(left, 1u) << "the broker removes it when the connection closes";
}

TEST_F(BackupTest, GoesAfterItsDaysAndNeverBeforeANewOneIsWhole) {
  test_.Stop();
  const absl::Time now = test_.clock().Now();
  const std::string first = Backup(now - 29 * kDay).value().stamp;
  const std::string second = Backup(now - 28 * kDay).value().stamp;
  const absl::StatusOr<BackupMade> made = Backup(now);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_FALSE(made->online);
  EXPECT_THAT(made->removed, ElementsAre(to_ + "/data/" + first, to_ + "/keys/" + first));
  EXPECT_THAT(server::StampsIn(to_ + "/data").value(), ElementsAre(second, made->stamp));
  EXPECT_THAT(server::StampsIn(to_ + "/keys").value(), ElementsAre(second, made->stamp));
  BackupWish too_long;
  too_long.keep_days = 30;
  EXPECT_EQ(Backup(now, too_long).status().code(), absl::StatusCode::kInvalidArgument);
  // A database that lost what the anchor says was signed: what it lost may be in an older copy.
  ASSERT_TRUE(test_.Restart().ok());
  SaveData();
  SubmitOne();
  test_.Checkpoint();
  SetBack();
  test_.Stop();
  const absl::StatusOr<BackupMade> less = Backup(now + 20 * kDay);
  ASSERT_TRUE(less.ok()) << less.status();
  EXPECT_THAT(std::string(less->whole.message()), HasSubstr("its tail is lost"));
  EXPECT_THAT(less->removed, IsEmpty());
  EXPECT_EQ(server::StampsIn(to_ + "/data")->size(), 3u);
}

TEST_F(BackupTest, RefusesPlacesOfItsOwnAndKeepsNothingDamaged) {
  test_.Stop();
  const absl::Time now = test_.clock().Now();
  for (const char* place : {"/data", "/data/copies", "/keys/copies", "/anchor", ""}) {
    BackupWish wish;
    wish.to = Part(place);
    EXPECT_EQ(Backup(now, wish).status().code(), absl::StatusCode::kInvalidArgument) << place;
  }
  ASSERT_TRUE(test_.Restart().ok());
  test_.Stop();
  FlipBitIn(Part("/data/db"), ".sst");
  EXPECT_FALSE(Backup(now).ok());
  EXPECT_THAT(server::StampsIn(to_ + "/data").value(), IsEmpty());
  for (const auto& entry : fs::recursive_directory_iterator(to_)) {
    EXPECT_THAT(entry.path().filename().string(), testing::Not(testing::StartsWith(server::kBeingMade)));
  }
}

TEST_F(BackupTest, IsPutBackOnlyWhereThereIsNothingAndNeverTouchesTheAnchor) {
  const uint64_t size = test_.LogSize();
  test_.Stop();
  ASSERT_TRUE(Backup(test_.clock().Now()).ok());
  EXPECT_EQ(RestoreFrom().status().code(), absl::StatusCode::kFailedPrecondition) << "there is a database";
  fs::remove_all(Part("/data/db"));
  fs::remove_all(Part("/keys"));
  const Bytes anchor = *ReadFile(server::AnchorPath(Part("/anchor"), "plaats"), 1 << 16);
  const absl::StatusOr<Restored> restored = RestoreFrom();
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_TRUE(restored->keys);
  EXPECT_EQ(restored->realms[0].report.size, size);
  EXPECT_TRUE(restored->realms[0].report.writable.ok()) << restored->realms[0].report.writable;
  EXPECT_EQ(*ReadFile(server::AnchorPath(Part("/anchor"), "plaats"), 1 << 16), anchor);
  EXPECT_FALSE(fs::exists(Part("/keys/SHA256SUMS")));
  ASSERT_TRUE(test_.Restart().ok());
  ASSERT_TRUE(test_.broker().Writable().ok()) << test_.broker().Writable();
  SubmitOne();
  EXPECT_GT(test_.LogSize(), size);
}

TEST_F(BackupTest, AnOlderCopyIsReadOnlyAgainstTheAnchorAndGoesOnByAnEpoch) {
  test_.Stop();
  ASSERT_TRUE(Backup(test_.clock().Now()).ok());
  ASSERT_TRUE(test_.Restart().ok());
  const uint64_t kept = test_.LogSize();
  SubmitOne();
  test_.Checkpoint();
  test_.Stop();
  fs::remove_all(Part("/data/db"));
  const absl::StatusOr<Restored> restored = RestoreFrom();
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_FALSE(restored->keys) << "those of the broker are there";
  EXPECT_THAT(std::string(restored->realms[0].report.writable.message()), HasSubstr("its tail is lost"));
  EXPECT_EQ(restored->realms[0].report.lost, std::make_pair(kept, kept + 1));
  ASSERT_TRUE(test_.Restart().ok());
  EXPECT_FALSE(test_.broker().Writable().ok());
  MakeNextKey("epoch key");
  ASSERT_TRUE(Publish(test_.network().LogEpochObject(EpochOf(Report()))).ok());
  EXPECT_TRUE(test_.broker().Writable().ok()) << test_.broker().Writable();
}

TEST_F(BackupTest, WithoutAnAnchorARestoredLogStaysReadOnly) {
  const Bytes newest = test_.Checkpoint();
  test_.Stop();
  ASSERT_TRUE(Backup(test_.clock().Now()).ok());
  fs::remove_all(Part("/data/db"));
  const std::string anchor = server::AnchorPath(Part("/anchor"), "plaats");
  fs::remove(anchor);
  ASSERT_TRUE(RestoreFrom().ok());
  EXPECT_FALSE(fs::exists(anchor));
  for (int start = 0; start < 2; ++start) {
    ASSERT_TRUE(test_.Restart().ok());
    EXPECT_THAT(std::string(test_.broker().Writable().message()), HasSubstr("no anchor"));
    EXPECT_FALSE(fs::exists(anchor)) << "and none is made";
    test_.Stop();
  }
  // Somebody has the newest checkpoint that the log signed.
  fs::remove_all(Part("/data/db"));
  ASSERT_TRUE(WriteFileAtomically(to_ + "/forged", absl::StrCat(newest, "x")).ok());
  RestoreWish wish;
  wish.checkpoints = absl::StrCat("plaats=", to_, "/forged");
  EXPECT_EQ(RestoreFrom(wish).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(fs::exists(Part("/data/db")));
  ASSERT_TRUE(WriteFileAtomically(to_ + "/newest", newest).ok());
  wish.checkpoints = absl::StrCat("plaats=", to_, "/newest");
  ASSERT_TRUE(RestoreFrom(wish).ok());
  ASSERT_TRUE(test_.Restart().ok());
  EXPECT_TRUE(test_.broker().Writable().ok()) << test_.broker().Writable();
  test_.Stop();
  fs::remove_all(Part("/data/db"));
  EXPECT_EQ(RestoreFrom(wish).status().code(), absl::StatusCode::kFailedPrecondition)
      << "an anchor is never replaced";
}

TEST_F(BackupTest, OfAnotherBrokerOrConvenantOrDamagedIsRefused) {
  test_.Stop();
  ASSERT_TRUE(Backup(test_.clock().Now()).ok());
  fs::remove_all(Part("/data/db"));
  const auto refused = [&](absl::StatusCode code, const char* what) {
    const absl::Status status = RestoreFrom().status();
    EXPECT_EQ(status.code(), code) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(what));
    EXPECT_FALSE(fs::exists(Part("/data/db")));
    EXPECT_FALSE(fs::exists(Part("/data/db.restoring")));
  };
  const auto key = crypto::SigningKey::FromSeed(TestNetwork::SecretNamed("another broker"));
  Save("/keys", "/keys-saved");
  ASSERT_TRUE(server::WriteKeyFile(server::IdentityKeyPath(Part("/keys")), key).ok());
  refused(absl::StatusCode::kFailedPrecondition, "another broker");
  Restore("/keys", "/keys-saved");
  server::ServerConfig config = ServerConfigNow();
  config.convenants.push_back({"elders", Bytes(32, 'r')});
  RestoreWish wish;
  wish.from = to_;
  EXPECT_THAT(std::string(server::RestoreBackup(config, wish, test_.clock().Now(), {}).status().message()),
              HasSubstr("elders"));
  wish.copy = "20200101T000000Z";
  EXPECT_EQ(RestoreFrom(wish).status().code(), absl::StatusCode::kNotFound);
  FlipBitIn(to_ + "/data", "CURRENT");
  refused(absl::StatusCode::kDataLoss, "has changed");
}

// The programs, one after the other, as an administrator runs them.
TEST_F(ProgramTest, BackupAndRestoreTellWhatTheyDid) {
  ASSERT_EQ(RunToEnd({"init", "--config", Config()}), 0) << Read("err");
  std::string line;
  int out = -1;
  const pid_t child = StartServing(line, out);
  ASSERT_EQ(RunToEnd({"backup", "--config", Config(), "--to", directory_ + "/copies"}), 0) << Read("err");
  const nlohmann::json made = nlohmann::json::parse(Read("out"));
  EXPECT_EQ(made["online"], true);
  EXPECT_EQ(made["whole"], true);
  EXPECT_EQ(made["convenants"][0]["convenant"], "plaats");
  EXPECT_THAT(Read("err"), HasSubstr("the keys lie apart, in '"));
  kill(child, SIGTERM);
  EXPECT_EQ(Wait(child), 0);
  close(out);
  EXPECT_EQ(RunToEnd({"restore", "--config", Config(), "--from", directory_ + "/copies"}), 1);
  EXPECT_THAT(Read("err"), HasSubstr("only where there is nothing"));
  fs::remove_all(directory_ + "/data");
  fs::remove_all(directory_ + "/keys");
  EXPECT_EQ(RunToEnd({"run", "--config", Config()}), 1);
  ASSERT_EQ(RunToEnd({"restore", "--config", Config(), "--from", directory_ + "/copies"}), 0) << Read("err");
  const nlohmann::json restored = nlohmann::json::parse(Read("out"));
  EXPECT_EQ(restored["copy"], made["copy"]);
  EXPECT_EQ(restored["keys_restored"], true);
  EXPECT_EQ(RunToEnd({"check", "--config", Config(), "--deep"}), 0) << Read("err");
  EXPECT_EQ(RunToEnd({"backup", "--config", Config(), "--to", directory_ + "/data/copies"}), 2);
  EXPECT_EQ(RunToEnd({"backup", "--config", Config(), "--to", directory_ + "/copies", "--keep-days", "30"}),
            2);
}

TEST(BackupLabel, IsReadStrictly) {
  const server::BackupLabel label{absl::FromUnixSeconds(1'800'000'000), Bytes(32, 'i'), {{"plaats", 12}}};
  const std::string yaml = server::EncodeBackupLabel(label);
  const absl::StatusOr<server::BackupLabel> read = server::ParseBackupLabel(yaml, "backup.yaml");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->made, label.made);
  EXPECT_EQ(read->identity, label.identity);
  ASSERT_EQ(read->convenants.size(), 1u);
  EXPECT_EQ(read->convenants[0].id, "plaats");
  EXPECT_EQ(read->convenants[0].leaves, 12u);
  EXPECT_FALSE(server::ParseBackupLabel(yaml + "more: 1\n", "backup.yaml").ok());
  EXPECT_FALSE(server::TimeOfStamp("20270115T080000").ok());
  EXPECT_FALSE(server::TimeOfStamp("making-20270115T080000Z").ok());
  EXPECT_EQ(server::StampOf(server::TimeOfStamp("20270115T080000Z").value()), "20270115T080000Z");
}

}  // namespace
}  // namespace seinpost::test
