// SPDX-License-Identifier: EUPL-1.2
// Calls that wait: for a broker that is frozen, over a slow line, until somebody interrupts them.
#include "client/broker/connection.h"

#include <csignal>
#include <sstream>
#include <thread>

#include "client/session/session.h"
#include "crypto/hash.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/live.h"
#include "tests/testing/relay.h"

namespace seinpost::test {
namespace {

using client::Connection;
using client::ExitCodeOf;
using testing::HasSubstr;

constexpr absl::Duration kShort = absl::Seconds(1);

// A member whose line to the broker goes through a relay.
class LineTest : public testing::Test {
 protected:
  std::unique_ptr<client::Session> Open(absl::Duration deadline, absl::Duration keepalive) {
    broker_.test().broker().PublishCheckpoints();
    context_.profile_dir = member_.profile_directory();
    context_.passphrase.file = member_.passphrase_file();
    context_.stop = &stop_;
    return client::Session::OpenWith(
               context_, std::make_unique<Connection>(relay_.address(), broker_.door().tls_ca_pem, context_,
                                                      deadline, keepalive))
        .value();
  }

  LiveBroker broker_;
  Relay relay_{broker_.door().address};
  LiveMember member_{broker_, "politie/wijkagent", Door{relay_.address(), broker_.door().tls_ca_pem}};
  std::istringstream in_;
  std::ostringstream out_, err_;
  client::Interrupt stop_;
  client::Context context_{.in = in_, .out = out_, .err = err_, .clock = broker_.clock()};
};

TEST_F(LineTest, ABrokerThatFreezesUnderAWatchIsNoticed) {
  static_assert(Connection::kKeepalive <= absl::Seconds(30));
  const auto session = Open(Connection::kDeadline, kShort);
  ASSERT_TRUE(session->SyncDirectory().ok());
  // Nothing else would end it: no time is set, and the clock stands still.
  const absl::Status ended = session->connection().Subscribe(0, absl::InfiniteFuture(), [&](const auto&) {
    relay_.Freeze();
    return absl::StatusOr<bool>(true);
  });
  EXPECT_EQ(ExitCodeOf(ended), client::kUnreachable) << ended;
}

TEST_F(LineTest, ASlowUploadPassesInMoreThanItsDeadline) {
  const auto session = Open(kShort, Connection::kKeepalive);
  ASSERT_TRUE(session->SyncDirectory().ok());
  const Bytes photo(640 * 1024, 'p');
  relay_.Slow(16 * 1024, absl::Milliseconds(50));
  const SteadyClock steady;
  const absl::Time begin = steady.Now();
  const absl::Status uploaded = session->connection().UploadAttachment(ToBytes(crypto::Sha256(photo)), photo);
  EXPECT_TRUE(uploaded.ok()) << uploaded;
  EXPECT_GT(steady.Now() - begin, kShort) << "this line is too quick to show anything";
}

TEST_F(LineTest, AnUploadThatStandsStillEnds) {
  const auto session = Open(kShort, Connection::kKeepalive);
  ASSERT_TRUE(session->SyncDirectory().ok());
  relay_.Freeze();
  const Bytes photo(640 * 1024, 'p');
  const absl::Status uploaded = session->connection().UploadAttachment(ToBytes(crypto::Sha256(photo)), photo);
  EXPECT_EQ(ExitCodeOf(uploaded), client::kUnreachable) << uploaded;
}

TEST_F(LineTest, AStreamThatStandsStillEnds) {
  const auto session = Open(kShort, Connection::kKeepalive);
  ASSERT_TRUE(session->SyncDirectory().ok());
  relay_.Freeze();
  const absl::Status read =
      session->connection().GetDirectory(0, [](const auto&) { return absl::OkStatus(); });
  EXPECT_EQ(ExitCodeOf(read), client::kUnreachable) << read;
  EXPECT_THAT(std::string(read.message()), HasSubstr("in time"));
}

TEST_F(LineTest, AnInterruptCutsOffWhatWaits) {
  const auto session = Open(absl::InfiniteDuration(), Connection::kKeepalive);
  ASSERT_TRUE(session->SyncDirectory().ok());
  // It stands open, and nothing will come any more.
  const absl::Status status = session->connection().Subscribe(0, absl::InfiniteFuture(), [&](const auto&) {
    stop_.Raise(SIGINT);
    return absl::StatusOr<bool>(true);
  });
  EXPECT_EQ(ExitCodeOf(status), client::kUnreachable) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("before the broker answered"));
  // And nothing more is begun.
  EXPECT_EQ(session->connection().GetCheckpoint().status().message(), "before the broker answered");
}

TEST(Interrupted, ACallToWhoeverSaysNothingEnds) {
  Relay silent("");
  const SystemClock clock;
  std::istringstream in;
  std::ostringstream out, err;
  client::Interrupt stop;
  client::Context context{.in = in, .out = out, .err = err, .clock = clock};
  context.stop = &stop;
  Connection connection(silent.address(), TheTls().certificate_pem, context, absl::Hours(1));
  std::thread user([&] {
    silent.WaitForConnection();
    stop.Raise(SIGTERM);
  });
  EXPECT_EQ(connection.GetConvenant("plaats").status().message(), "before the broker answered");
  user.join();
  connection.Pause(absl::Hours(1));  // no pause either
}

}  // namespace
}  // namespace seinpost::test
