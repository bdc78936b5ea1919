// SPDX-License-Identifier: EUPL-1.2
// Sessions: who gets a token, and what every wrong login is told.
#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "tests/server/harness.h"
#include "trust/labels.h"

namespace seinpost::test {
namespace {

class SessionTest : public testing::Test {
 protected:
  v1::SessionStatement Statement() {
    v1::SessionStatement statement;
    statement.set_role("broker");
    statement.set_service_identity(ToBytes(test_.network().log_key().public_key()));
    statement.set_convenant_id("plaats");
    statement.set_device_id(test_.network().device(kSender).id);
    statement.set_nonce(test_.broker().sessions().Challenge()->nonce());
    statement.set_time(absl::ToUnixSeconds(test_.clock().Now()));
    return statement;
  }
  absl::StatusOr<v1::LoginReply> Login(const v1::SessionStatement& statement, const char* profile = kSender) {
    return test_.broker().sessions().Login(
        Signed<v1::LoginRequest>(statement, trust::kSessionLabel, test_.network().device(profile)));
  }
  TestBroker test_;
};

TEST_F(SessionTest, GivesATokenForFifteenMinutes) {
  const absl::StatusOr<v1::LoginReply> reply = Login(Statement());
  ASSERT_TRUE(reply.ok()) << reply.status();
  const absl::StatusOr<server::Session> session = test_.broker().sessions().Authenticate(reply->token());
  ASSERT_TRUE(session.ok());
  EXPECT_EQ(session->device, test_.network().device(kSender).id);
  test_.clock().Advance(absl::Minutes(15) - absl::Seconds(1));
  EXPECT_TRUE(test_.broker().sessions().Authenticate(reply->token()).ok());
  test_.clock().Advance(absl::Seconds(1));
  EXPECT_FALSE(test_.broker().sessions().Authenticate(reply->token()).ok());
  EXPECT_FALSE(test_.broker().sessions().Authenticate(Bytes(32, 't')).ok());
}

TEST_F(SessionTest, SaysOneThingToEveryWrongLogin) {
  const struct {
    const char* name;
    std::function<void(v1::SessionStatement&)> change;
  } rows[] = {
      {"role", [](auto& s) { s.set_role("steward"); }},
      {"identity", [](auto& s) { s.mutable_service_identity()->back() ^= 1; }},
      {"convenant", [](auto& s) { s.set_convenant_id("elders"); }},
      {"device", [](auto& s) { s.mutable_device_id()->back() ^= 1; }},
      {"nonce", [](auto& s) { s.mutable_nonce()->back() ^= 1; }},
      {"early", [](auto& s) { s.set_time(s.time() - 301); }},
      {"late", [](auto& s) { s.set_time(s.time() + 301); }},
  };
  for (const auto& row : rows) {
    v1::SessionStatement statement = Statement();
    row.change(statement);
    const absl::Status status = Login(statement).status();
    EXPECT_EQ(status, absl::UnauthenticatedError("login refused")) << row.name;
  }
  EXPECT_EQ(Login(Statement(), kReader).status(), absl::UnauthenticatedError("login refused"));
}

TEST_F(SessionTest, TakesANonceOnceAndForAMinute) {
  const v1::SessionStatement statement = Statement();
  ASSERT_TRUE(Login(statement).ok());
  EXPECT_FALSE(Login(statement).ok());
  v1::SessionStatement slow = Statement();
  test_.clock().Advance(absl::Seconds(60));
  slow.set_time(absl::ToUnixSeconds(test_.clock().Now()));
  EXPECT_FALSE(Login(slow).ok());
}

TEST_F(SessionTest, EndsWithTheCertificate) {
  const absl::StatusOr<v1::LoginReply> reply = Login(Statement());
  ASSERT_TRUE(reply.ok());
  ASSERT_TRUE(test_.Publish({test_.network().RevokeDeviceObject(test_.network().device(kSender))}).ok());
  EXPECT_FALSE(test_.broker().sessions().Authenticate(reply->token()).ok());
  EXPECT_FALSE(Login(Statement()).ok());
}

TEST_F(SessionTest, BoundsUnusedNonces) {
  absl::Status full;
  for (int i = 0; i < 100'000 && full.ok(); ++i) full = test_.broker().sessions().Challenge().status();
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
  test_.clock().Advance(server::kNonceLife);
  EXPECT_TRUE(test_.broker().sessions().Challenge().ok());
}

}  // namespace
}  // namespace seinpost::test
