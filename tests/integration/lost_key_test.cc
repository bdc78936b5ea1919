// SPDX-License-Identifier: EUPL-1.2
// A lost root key is replaced after 72 hours in public: the commands of the administrators against a real
// broker over TLS, with a simulated clock on both sides.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <sstream>
#include <thread>

#include "client/broker/connection.h"
#include "client/convenant/commands.h"
#include "client/org/store.h"
#include "tests/testing/live.h"
#include "util/secure_file.h"

namespace seinpost::test {
namespace {

using client::Context;

constexpr char kKeyPassphrase[] = "correct horse";
// A log that stands still is signed anew after five minutes, and it is its clock that counts.
constexpr absl::Duration kIdle = absl::Minutes(10);
constexpr auto kQuick = crypto::PassphraseStrength::kInteractive;

// Lets a broker without clockwork publish its checkpoints for as long as it lives.
class Publishing {
 public:
  explicit Publishing(LiveBroker& live)
      : thread_([this, &live] {
          while (!done_) live.test().broker().PublishCheckpoints();
        }) {}
  ~Publishing() {
    done_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> done_{false};
  std::thread thread_;
};

class LostKey : public testing::Test {
 protected:
  LostKey() : directory_(testing::TempDir() + "/seinpost_lost_key.XXXXXX") {
    EXPECT_NE(mkdtemp(directory_.data()), nullptr);
    std::filesystem::create_directories(Path("keys"));
    Write("passphrase", kKeyPassphrase);
    Write("ca.pem", live_.door().tls_ca_pem);
    Write("v1.yaml", live_.network().yaml());
    for (const auto& [id, party] : live_.network().convenant().parties()) {
      if (!party.root) continue;
      parties_.push_back(id);
      const crypto::SigningKey* root = id == "politie" ? &new_root_ : &live_.network().root(id);
      EXPECT_TRUE(client::OrgStore::Create(Path("keys/" + id), id, root, kKeyPassphrase, kQuick).ok());
    }
  }
  ~LostKey() override { std::filesystem::remove_all(directory_); }

  std::string Path(const std::string& name) const { return directory_ + "/" + name; }
  void Write(const std::string& name, const std::string& content) const {
    EXPECT_TRUE(WriteFileAtomically(Path(name), content).ok());
  }
  Context MakeContext() {
    Context context{.in = in_, .out = out_, .err = err_, .clock = live_.clock()};
    context.json = true;
    context.passphrase.file = Path("passphrase");
    context.passphrase.prompt = false;
    return context;
  }
  void MakeSecondVersion() {
    Context context = MakeContext();
    ASSERT_TRUE(client::ConvenantDraft(context, {.file = Path("v1.yaml"),
                                                 .roots = {"politie=" + ToHex(View(new_root_.public_key()))},
                                                 .out = Path("v2.yaml"),
                                                 .previous = Path("v1.yaml")})
                    .ok());
    for (const std::string& party : parties_) {
      ASSERT_TRUE(client::ConvenantSign(context, {.file = Path("v2.yaml"),
                                                  .org_dir = Path("keys/" + party),
                                                  .previous = Path("v1.yaml"),
                                                  .lost_root = party == "politie"})
                      .ok());
    }
  }
  absl::Status Propose() {
    Context context = MakeContext();
    const Publishing publishing(live_);
    return client::ConvenantPropose(context, {Path("v2.yaml"), live_.door().address, Path("ca.pem")});
  }
  absl::Status Activate() {
    Context context = MakeContext();
    const Publishing publishing(live_);
    return client::ConvenantActivate(context, {Path("v2.yaml"), live_.door().address, Path("ca.pem")});
  }
  Bytes Note() {
    client::Connection connection(live_.door().address, live_.door().tls_ca_pem, live_.clock());
    return connection.GetConvenant("")->checkpoint();
  }

  std::string directory_;
  LiveBroker live_;
  const crypto::SigningKey new_root_ = crypto::SigningKey::Generate();
  std::vector<std::string> parties_;
  std::istringstream in_;
  std::ostringstream out_, err_;
};

TEST_F(LostKey, IsReplacedAfterSeventyTwoHoursInPublic) {
  LiveMember member(live_, kSender);
  MakeSecondVersion();
  EXPECT_EQ(client::ExitCodeOf(Activate()), client::kFailed);  // not proposed
  ASSERT_EQ(Propose(), absl::OkStatus());
  EXPECT_EQ(member.Run({"--json", "convenant", "show"}).json()["proposals"].size(), 1u);
  EXPECT_EQ(client::ExitCodeOf(Activate()), client::kFailed);
  live_.Advance(absl::Hours(72) - kIdle);
  EXPECT_EQ(client::ExitCodeOf(Activate()), client::kFailed);
  EXPECT_EQ(member.Run({"--json", "convenant", "show"}).json()["version"], 1);
  live_.Advance(kIdle);
  ASSERT_EQ(Activate(), absl::OkStatus());
  live_.Advance(absl::Seconds(1));
  const ParsedJson shown = member.Run({"--json", "convenant", "show"}).json();
  EXPECT_EQ(shown["version"], 2);
  EXPECT_TRUE(shown["proposals"].empty());
}

TEST_F(LostKey, CheckpointFromBeforeTheProposalIsNoEvidence) {
  MakeSecondVersion();
  const Bytes before = Note();
  ASSERT_EQ(Propose(), absl::OkStatus());
  const std::string first = ReadFile(Path("v2.yaml.proposed"), 65536).value();
  live_.Advance(absl::Hours(73));
  Write("v2.yaml.proposed", before);
  EXPECT_EQ(client::ExitCodeOf(Activate()), client::kFailed);
  std::string altered = first;
  altered[altered.find("\ntime ") + 8] ^= 1;
  Write("v2.yaml.proposed", altered);
  EXPECT_EQ(client::ExitCodeOf(Activate()), client::kFailed);
  Write("v2.yaml.proposed", "nonsense");
  EXPECT_EQ(client::ExitCodeOf(Activate()), client::kUsage);
  Write("v2.yaml.proposed", first);
  EXPECT_EQ(Activate(), absl::OkStatus());
}

TEST_F(LostKey, OldKeyThatTurnsUpNeedsNoDelay) {
  MakeSecondVersion();
  ASSERT_EQ(Propose(), absl::OkStatus());
  // The police finds its key after all, and signs as any party that changes its key.
  ASSERT_TRUE(client::OrgStore::Create(Path("found"), "politie", &live_.network().root("politie"),
                                       kKeyPassphrase, kQuick)
                  .ok());
  Context context = MakeContext();
  ASSERT_TRUE(client::ConvenantSign(context, {.file = Path("v2.yaml"),
                                              .org_dir = Path("found"),
                                              .previous = Path("v1.yaml"),
                                              .new_root = Path("keys/politie")})
                  .ok());
  EXPECT_EQ(Activate(), absl::OkStatus());
}

}  // namespace
}  // namespace seinpost::test
