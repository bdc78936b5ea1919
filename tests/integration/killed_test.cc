// SPDX-License-Identifier: EUPL-1.2
// The real broker is killed, frozen, and told to stop while its anchor is away, while the real client sends:
// what was acknowledged is there afterwards, once, and what was not is found out by the sender's next
// command.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <thread>

#include "absl/strings/match.h"
#include "client/lab/process.h"
#include "tests/integration/programs.h"

namespace seinpost::test {
namespace {

namespace fs = std::filesystem;

constexpr char kSendingMember[] = "school/zorgcoordinator";
constexpr char kReadingMember[] = "politie/wijkagent";
constexpr int kSenders = 3;
constexpr int kRounds = 8;  // each accident twice
constexpr absl::Duration kStartPatience = absl::Seconds(60);

class Killed : public testing::Test {
 protected:
  enum class Accident { kKill, kFreeze, kFreezeAndKill, kStopWithoutAnchor };

  // The lab's own broker gives way to one that is this test's child, at the same address.
  void SetUp() override {
    const Json process = lab_.info()["processes"][0];
    ASSERT_TRUE(client::Stop({process["pid"], process["start_ticks"]}, kStartPatience).ok());
    std::string config = ReadWholeFile(lab_.Path("broker/seinpostd.yaml"));
    const size_t listen = config.find("127.0.0.1:0");
    ASSERT_NE(listen, std::string::npos);
    config.replace(listen, 11, lab_.info()["broker"].get<std::string>());
    std::ofstream(lab_.Path("broker/seinpostd.yaml")) << config;
    StartBroker();
  }
  void StartBroker() {
    auto started = client::DaemonProcess::Start(
        {Program("seinpostd"), "run", "--config", lab_.Path("broker/seinpostd.yaml")},
        lab_.Path("again.log"));
    ASSERT_TRUE(started.ok()) << started.status();
    broker_.emplace(*std::move(started));
    const auto ready = broker_->ReadyLine(kStartPatience);
    ASSERT_TRUE(ready.ok()) << ready.status();
  }
  void Signal(int signal) { ASSERT_EQ(kill(broker_->process().pid, signal), 0); }

  // Nobody answers that everything is well.
  void ExpectSilent() {
    grpc::SslCredentialsOptions tls;
    tls.pem_root_certs = ReadWholeFile(lab_.info()["tls_ca"]);
    const auto channel = grpc::CreateChannel(lab_.info()["broker"], grpc::SslCredentials(tls));
    EXPECT_FALSE(channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::milliseconds(50)));
  }

  void Befall(Accident accident) {
    switch (accident) {
      case Accident::kKill:
        Signal(SIGKILL);
        break;
      case Accident::kFreeze:
        Signal(SIGSTOP);
        ExpectSilent();
        Signal(SIGCONT);
        return;
      case Accident::kFreezeAndKill:
        Signal(SIGSTOP);
        ExpectSilent();
        Signal(SIGKILL);
        break;
      case Accident::kStopWithoutAnchor:
        fs::rename(lab_.Path("broker/anchor"), lab_.Path("away"));
        Signal(SIGTERM);
        broker_.reset();  // kills what does not end by itself
        EXPECT_TRUE(absl::EndsWith(ReadWholeFile(lab_.Path("again.log")), " stopped\n"));
        fs::rename(lab_.Path("away"), lab_.Path("broker/anchor"));
        break;
    }
    broker_.reset();
    StartBroker();
  }

  Lab lab_;
  std::optional<client::DaemonProcess> broker_;
};

TEST_F(Killed, ReceiptsOutliveIt) {
  std::set<std::string> acknowledged, uncertain;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<Ran> sent(kSenders);
    std::vector<std::thread> sending;
    std::atomic<int> answered{0};
    for (int i = 0; i < kSenders; ++i) {
      sending.emplace_back([this, &sent, &answered, i, round] {
        sent[i] =
            lab_.As(kSendingMember, {"signal", "send", "--channel", "core@school-a", "--level", "L1",
                                     "--category", "wapen", "--purpose", "dreiging", "--to", kReadingMember,
                                     "--text", "nummer " + std::to_string(round * kSenders + i)});
        ++answered;
        answered.notify_all();
      });
    }
    answered.wait(0);
    Befall(static_cast<Accident>(round % 4));
    for (std::thread& thread : sending) thread.join();
    for (const Ran& ran : sent) {
      const Json json = ran.json();
      if (ran.code == 0) {
        acknowledged.insert(json["signal_id"].get<std::string>());
      } else {
        EXPECT_EQ(ran.code, 4) << "round " << round << " " << ran.out << ran.err;
        if (json.value("may_have_been_sent", false)) uncertain.insert(json["signal_id"].get<std::string>());
      }
    }
  }
  ASSERT_GE(acknowledged.size(), size_t{kRounds});
  const Ran flushed = lab_.As(kSendingMember, {"signal", "outbox", "flush"});
  EXPECT_EQ(flushed.code, 0) << flushed.out << flushed.err;
  const Json waiting = lab_.As(kSendingMember, {"signal", "outbox"}).json();
  for (const Json& row : waiting) EXPECT_EQ(row["state"], "undelivered") << row;

  std::map<std::string, int> there;
  const Json listed = lab_.As(kReadingMember, {"signal", "list"}).json();
  for (const Json& row : listed) ++there[row["signal_id"]];
  for (const std::string& id : acknowledged) EXPECT_EQ(there[id], 1) << id;
  for (const std::string& id : uncertain) EXPECT_EQ(there[id], 1) << id << ", offered again";
  EXPECT_EQ(lab_.As(kReadingMember, {"status"}).json()["evidence"].size(), 0u);
  broker_.reset();
  const Ran checked =
      Execute({Program("seinpostd"), "check", "--config", lab_.Path("broker/seinpostd.yaml"), "--deep"});
  EXPECT_EQ(checked.code, 0) << checked.out << checked.err;
}

}  // namespace
}  // namespace seinpost::test
