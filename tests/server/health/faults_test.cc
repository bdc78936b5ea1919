// SPDX-License-Identifier: EUPL-1.2
// Two hundred faults under load, at random moments: a disk that is full, broken or cannot sync, an anchor
// that is gone, a restart in the middle of it. Whatever was acknowledged is there, and health never says
// SERVING to somebody who was told that nothing can be stored. Takes long for that: each fault of the disk is
// followed by opening the database anew.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <random>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "audit/receipt.h"
#include "crypto/merkle.h"
#include "server/commit/read_only.h"
#include "server/services/health.h"
#include "tests/server/harness.h"

namespace seinpost::test {
namespace {

namespace fs = std::filesystem;

constexpr int kFaults = 200;
constexpr int kAtOnce = 3;  // submits

class FaultRun {
 public:
  explicit FaultRun(uint64_t seed) : random_(seed), test_(Options()) {}

  void One() {
    std::vector<v1::Envelope> sealed;
    for (int i = 0; i < kAtOnce; ++i) sealed.push_back(test_.Seal(SmallPlan(test_.network())).envelope);
    const int kind = Below(5);
    if (kind == 4) {
      LoseAnchor(sealed);
    } else {
      const bool restarts = kind == 3;
      const Fault faults[] = {Fault::kNoSpace, Fault::kIoError, Fault::kFailedSync};
      disk_->Set(faults[Below(3)], Below(6));
      SubmitAll(sealed);
      disk_->Set(Fault::kNone);
      if (restarts) {
        ASSERT_TRUE(test_.Restart().ok());
      } else {
        ++recoveries_;
        test_.broker().RunMaintenance();
        test_.clock().Advance(server::RetryPace::kFirst);
        test_.broker().RunMaintenance();
      }
    }
    test_.broker().Look();
    ASSERT_TRUE(test_.broker().condition().CanWrite()) << test_.broker().Writable();
    ASSERT_TRUE(Serving());
    // What was refused may be there or not; offered again, it is acknowledged either way.
    SubmitAll(sealed);
    for (const v1::Envelope& envelope : sealed) {
      ASSERT_EQ(acknowledged_.count(CoreOf(envelope).signal_id()), 1u);
    }
  }

  // Every acknowledged signal is delivered once, and its leaf is where its receipt says.
  void CheckAll() {
    std::map<Bytes, int> delivered;
    for (const v1::Delivery& delivery : test_.Backlog(kReader)) {
      v1::Envelope envelope;
      envelope.set_header(delivery.header());
      ++delivered[CoreOf(envelope).signal_id()];
    }
    for (const auto& [id, body] : acknowledged_) {
      EXPECT_EQ(delivered[id], 1) << ToHex(id);
      const absl::StatusOr<Bytes> leaf = test_.realm().log().ReadLeaf(body.index);
      ASSERT_TRUE(leaf.ok()) << leaf.status();
      EXPECT_EQ(crypto::LeafHash(*leaf), body.leaf_hash) << body.index;
    }
  }
  void Restart() { ASSERT_TRUE(test_.Restart().ok()); }
  size_t acknowledged() const { return acknowledged_.size(); }
  int refused() const { return refused_; }
  int recoveries() const { return recoveries_; }

 private:
  TestBrokerOptions Options() {
    TestBrokerOptions options;
    options.file_system = disk_->handle();
    options.limits.submits = 0;
    options.limits.kilobytes = 0;
    return options;
  }
  int Below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(random_); }
  // As the health service has it, which looks before it answers.
  bool Serving() {
    test_.broker().Look();
    return *server::IsServing("", test_.broker().condition());
  }

  void LoseAnchor(const std::vector<v1::Envelope>& sealed) {
    fs::rename(test_.directory() + "/anchor", test_.directory() + "/gone");
    SubmitAll({sealed[0]});
    for (int i = 0; i < server::Realm::kAnchorTries; ++i) test_.broker().PublishCheckpoints();
    EXPECT_FALSE(Serving());
    SubmitAll({sealed[1]});
    EXPECT_EQ(acknowledged_.count(CoreOf(sealed[1]).signal_id()), 0u);
    fs::rename(test_.directory() + "/gone", test_.directory() + "/anchor");
    test_.broker().PublishCheckpoints();
  }

  // All at once, so that they share batches.
  void SubmitAll(const std::vector<v1::Envelope>& sealed) {
    std::vector<absl::Notification> answered(sealed.size());
    std::vector<absl::StatusOr<v1::SubmitReply>> replies(sealed.size(), absl::UnknownError("none"));
    std::vector<v1::SubmitRequest> requests(sealed.size());
    for (size_t i = 0; i < sealed.size(); ++i) {
      *requests[i].mutable_envelope() = sealed[i];
      test_.broker().submission().Submit(test_.SessionOf(kSender), requests[i],
                                         [&, i](absl::StatusOr<v1::SubmitReply> reply) {
                                           if (server::IsReadOnly(reply.status())) {
                                             EXPECT_FALSE(Serving());
                                           }
                                           replies[i] = std::move(reply);
                                           answered[i].Notify();
                                         });
    }
    for (size_t i = 0; i < sealed.size(); ++i) {
      answered[i].WaitForNotification();
      if (!replies[i].ok()) {
        ++refused_;
        EXPECT_TRUE(server::IsReadOnly(replies[i].status())) << replies[i].status();
        continue;
      }
      const auto body = audit::ReceiptBody::Decode(replies[i]->receipt().body());
      ASSERT_TRUE(body.ok());
      const auto known = acknowledged_.emplace(CoreOf(sealed[i]).signal_id(), *body).first;
      EXPECT_EQ(known->second.index, body->index) << "the same leaf for the same signal";
    }
  }

  std::mt19937_64 random_;
  const std::shared_ptr<FaultyEnv> disk_ = MakeFaultyEnv(MakeInMemoryFileSystem());
  TestBroker test_;
  std::map<Bytes, audit::ReceiptBody> acknowledged_;
  int refused_ = 0;
  int recoveries_ = 0;
};

TEST(Faults, NothingAcknowledgedIsLostAndHealthTellsTheTruth) {
  uint64_t seed = std::random_device()();
  if (const char* given = std::getenv("SEINPOST_FAULT_SEED"); given != nullptr) {
    ASSERT_TRUE(absl::SimpleAtoi(given, &seed));
  }
  std::cout << "SEINPOST_FAULT_SEED=" << seed << std::endl;
  FaultRun run(seed);
  for (int i = 0; i < kFaults; ++i) {
    SCOPED_TRACE(absl::StrCat("fault ", i, " of seed ", seed));
    run.One();
    if (testing::Test::HasFatalFailure()) return;
  }
  run.CheckAll();
  run.Restart();
  run.CheckAll();
  EXPECT_EQ(run.acknowledged(), size_t{kFaults} * kAtOnce);
  EXPECT_GT(run.refused(), kFaults / 2);
  EXPECT_GT(run.recoveries(), kFaults / 4);
}

}  // namespace
}  // namespace seinpost::test
