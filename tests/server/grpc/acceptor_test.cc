// SPDX-License-Identifier: EUPL-1.2
// The acceptor on a port of its own, with a test in the place of gRPC: it holds the descriptors it is given,
// and closes them without a word.
#include "server/grpc/acceptor.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/grpc/bounds.h"
#include "tests/testing/stranger.h"

namespace seinpost::server {
namespace {

using test::Crowd;

class Door : public testing::Test {
 protected:
  void Open(const DoorBounds& bounds, const std::string& address = "127.0.0.1:0") {
    absl::StatusOr<std::vector<Listener>> listeners = Listen(address);
    ASSERT_TRUE(listeners.ok()) << listeners.status();
    acceptor_ = std::make_unique<Acceptor>(*std::move(listeners), Acceptor::Options{bounds, &clock_, {}});
    acceptor_->Start([this](int /*listener*/, int fd) {
      absl::MutexLock lock(&mutex_);
      given_.push_back(fd);
    });
    address_ = absl::StrCat("127.0.0.1:", acceptor_->port());
  }
  void TearDown() override {
    if (acceptor_ != nullptr) acceptor_->Stop();
    absl::MutexLock lock(&mutex_);
    for (const int fd : given_) close(fd);
  }

  // Waits until so many have been given, those included that are closed again.
  void WaitForGiven(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [&] { return given_.size() + closed_ >= count; };
    ASSERT_TRUE(mutex_.AwaitWithTimeout(absl::Condition(&enough), absl::Minutes(1)));
  }
  // As gRPC does: those whose other end has gone, or that were told to end. Returns how many.
  size_t CloseEnded() {
    absl::MutexLock lock(&mutex_);
    const auto ended = [](int fd) {
      char byte = 0;
      if (recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 0) return false;
      close(fd);
      return true;
    };
    const auto end = std::remove_if(given_.begin(), given_.end(), ended);
    const auto count = static_cast<size_t>(given_.end() - end);
    given_.erase(end, given_.end());
    closed_ += count;
    return count;
  }
  // All that are there have shown a session.
  void AllShowSessions() {
    absl::MutexLock lock(&mutex_);
    for (const int fd : given_) {
      sockaddr_storage address{};
      socklen_t size = sizeof(address);
      if (getpeername(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) continue;
      acceptor_->ShowedSession(*EndpointOf(address));
    }
  }

  SimulatedClock clock_{absl::FromUnixSeconds(1'800'000'000)};
  absl::Mutex mutex_;
  std::vector<int> given_ ABSL_GUARDED_BY(mutex_);
  size_t closed_ ABSL_GUARDED_BY(mutex_) = 0;
  std::unique_ptr<Acceptor> acceptor_;
  std::string address_;
};

TEST_F(Door, WhoWaitsIsServedWhenOthersGo) {
  Open({.connections = 8, .per_address = 100, .without_session = 8});
  Crowd first(address_), second(address_);
  ASSERT_EQ(first.Come(8), 8u);
  WaitForGiven(8);
  AllShowSessions();
  EXPECT_EQ(acceptor_->Count().without_session, 0u);
  ASSERT_EQ(second.Come(3), 3u) << "they wait in the kernel's queue";
  EXPECT_EQ(acceptor_->Probe(absl::Milliseconds(300)), Acceptor::Probed::kBusy);
  EXPECT_EQ(acceptor_->Count().accepted, 8u) << "and are not accepted";
  first.Leave();
  while (CloseEnded() > 0 || acceptor_->Count().accepted < 11) {
  }
  EXPECT_EQ(second.StillThere(), 3u);
}

TEST_F(Door, ClosedConnectionsAreNoticedWithoutBeingTold) {
  Open({.connections = 100, .per_address = 100, .without_session = 100});
  for (int round = 0; round < 20; ++round) {
    Crowd crowd(address_);
    ASSERT_EQ(crowd.Come(50), 50u);
    WaitForGiven(50 * (static_cast<size_t>(round) + 1));
    EXPECT_EQ(acceptor_->Count().open, 50u);
    crowd.Leave();
    for (size_t closed = 0; closed < 50;) closed += CloseEnded();
    EXPECT_EQ(acceptor_->Count().open, 0u);
  }
}

TEST_F(Door, AnAddressHoldsNoMoreThanItMay) {
  Open({.connections = 100, .per_address = 4, .without_session = 50});
  Crowd here(address_), there(address_);
  ASSERT_EQ(here.Come(4), 4u);
  WaitForGiven(4);
  AllShowSessions();
  ASSERT_EQ(there.Come(4, "127.0.0.2"), 4u);
  WaitForGiven(8);
  Crowd more(address_);
  ASSERT_EQ(more.Come(3), 3u);
  EXPECT_TRUE(more.WaitForAtMost(0)) << "members have their places, so the newcomers are closed";
  EXPECT_EQ(here.StillThere(), 4u);
  EXPECT_EQ(there.StillThere(), 4u);
  ASSERT_EQ(more.Come(1, "127.0.0.2"), 1u);
  WaitForGiven(9);
  EXPECT_TRUE(there.WaitForAtMost(3)) << "of strangers the oldest makes place";
  EXPECT_EQ(acceptor_->Count().without_session, 4u);
}

TEST_F(Door, StrangersMakePlaceWhereTheyAreMost) {
  Open({.connections = 100, .per_address = 100, .without_session = 10});
  Crowd many(address_), one(address_), other(address_);
  ASSERT_EQ(many.Come(9, "127.0.0.3"), 9u);
  WaitForGiven(9);
  ASSERT_EQ(one.Come(1, "127.0.0.4"), 1u);
  WaitForGiven(10);
  clock_.Advance(absl::Seconds(1));
  ASSERT_EQ(other.Come(3, "127.0.0.5"), 3u);
  WaitForGiven(13);
  EXPECT_TRUE(many.WaitForAtMost(6));
  EXPECT_EQ(one.StillThere(), 1u);
  EXPECT_EQ(other.StillThere(), 3u);
  EXPECT_EQ(acceptor_->Count().without_session, 10u);
}

TEST_F(Door, AConnectionWithoutASessionLivesThirtySeconds) {
  Open({.connections = 100, .per_address = 100, .without_session = 100});
  Crowd members(address_), strangers(address_);
  ASSERT_EQ(members.Come(3), 3u);
  WaitForGiven(3);
  AllShowSessions();
  ASSERT_EQ(strangers.Come(3), 3u);
  WaitForGiven(6);
  clock_.Advance(kStrangerLife - absl::Seconds(1));
  EXPECT_EQ(acceptor_->Count().without_session, 3u);
  clock_.Advance(absl::Seconds(1));
  EXPECT_TRUE(strangers.WaitForAtMost(0));
  EXPECT_EQ(members.StillThere(), 3u);
  EXPECT_EQ(acceptor_->Count().open, 6u) << "until gRPC closes them";
}

// D1, where it hurts: no descriptor is left at all, and then some are.
TEST_F(Door, AcceptsAgainWhenDescriptorsRanOut) {
  Open({.connections = 1000, .per_address = 1000, .without_session = 1000});
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  Crowd crowd(address_);
  ASSERT_EQ(crowd.Come(4), 4u);
  WaitForGiven(4);
  const int next = dup(0);  // the lowest free number
  close(next);
  rlimit low = before;
  // A socket for this side of a connection, and none for the other.
  low.rlim_cur = static_cast<rlim_t>(next) + 1;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_EQ(crowd.Come(1), 1u);
  EXPECT_NE(acceptor_->Probe(absl::Milliseconds(200)), Acceptor::Probed::kAccepted);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  WaitForGiven(5);
  EXPECT_EQ(acceptor_->Probe(absl::Minutes(1)), Acceptor::Probed::kAccepted);
}

TEST_F(Door, AProbeTakesNoPlaceAndKnowsDeafFromBusy) {
  Open({.connections = 100, .per_address = 1, .without_session = 50});
  Crowd crowd(address_);
  ASSERT_EQ(crowd.Come(1), 1u);
  WaitForGiven(1);
  EXPECT_EQ(acceptor_->Probe(absl::Minutes(1)), Acceptor::Probed::kAccepted);
  EXPECT_EQ(acceptor_->Count().open, 1u);
  EXPECT_EQ(crowd.StillThere(), 1u);
  acceptor_->Stop();
  EXPECT_EQ(acceptor_->Probe(absl::Milliseconds(100)), Acceptor::Probed::kNobody);
}

TEST_F(Door, ListensWhereverItIsTold) {
  for (const char* address : {"0.0.0.0:0", "localhost:0", "127.0.0.1:0"}) {
    SCOPED_TRACE(address);
    Open({.connections = 100, .per_address = 100, .without_session = 50}, address);
    Crowd crowd(address_);
    EXPECT_EQ(crowd.Come(1), 1u);
    EXPECT_EQ(acceptor_->Probe(absl::Minutes(1)), Acceptor::Probed::kAccepted);
    acceptor_.reset();
  }
  Open({.connections = 100, .per_address = 100, .without_session = 50});
  EXPECT_EQ(Listen(address_).status().code(), absl::StatusCode::kUnavailable) << "one broker a port";
  EXPECT_EQ(Listen("nowhere.invalid:0").status().code(), absl::StatusCode::kUnavailable);
}

TEST(DoorBoundsFit, ByTheLimitOfFiles) {
  const absl::StatusOr<DoorBounds> roomy = FitBounds({}, 20'000);
  ASSERT_TRUE(roomy.ok());
  EXPECT_EQ(roomy->connections, 12'000u);
  EXPECT_EQ(roomy->per_address, 512u);
  EXPECT_EQ(roomy->without_session, 600u);
  for (const uint64_t files : {640u, 1024u, 4096u, 13'000u}) {
    const absl::StatusOr<DoorBounds> fitted = FitBounds({}, files);
    ASSERT_TRUE(fitted.ok()) << files;
    EXPECT_LE(fitted->connections + fitted->without_session + kFilesApart, files);
    EXPECT_GE(fitted->connections, kFewestConnections);
  }
  const absl::StatusOr<DoorBounds> few = FitBounds({}, 500);
  EXPECT_EQ(few.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(few.status().message().find("ulimit -n"), absl::string_view::npos);
  const absl::StatusOr<DoorBounds> wished = FitBounds({.connections = 12'000}, 4096);
  EXPECT_EQ(wished.status().code(), absl::StatusCode::kInvalidArgument)
      << "what was asked for is not cut down";
  EXPECT_NE(wished.status().message().find("13112"), absl::string_view::npos) << wished.status();
  EXPECT_EQ(FitBounds({.connections = 100, .without_session = 200}, 20'000).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace seinpost::server
