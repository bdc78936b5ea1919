// SPDX-License-Identifier: EUPL-1.2
// Sessions: who gets a token, and what every wrong login is told.
#include <gtest/gtest.h>

#include <vector>

#include "crypto/hash.h"
#include "server/gate/quota.h"
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
    statement.set_nonce(test_.broker().sessions().Challenge().nonce());
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

// A nonce that another process made is as unknown as any: its key is not ours.
TEST_F(SessionTest, ForgetsItsNoncesWithItsProcess) {
  const v1::SessionStatement statement = Statement();
  ASSERT_TRUE(test_.Restart().ok());
  EXPECT_EQ(Login(statement).status(), absl::UnauthenticatedError("login refused"));
  EXPECT_TRUE(Login(Statement()).ok());
}

TEST_F(SessionTest, LeavesTheNonceWhereTheSignatureIsWrong) {
  const v1::SessionStatement statement = Statement();
  EXPECT_FALSE(Login(statement, kReader).ok()) << "a stranger who saw the nonce cannot spend it";
  EXPECT_TRUE(Login(statement).ok());
  EXPECT_FALSE(Login(statement).ok());
}

TEST_F(SessionTest, SurvivesAClockThatIsSetBackOrForward) {
  const v1::SessionStatement used = Statement();
  ASSERT_TRUE(Login(used).ok());
  v1::SessionStatement unused = Statement();
  for (const absl::Duration by : {absl::Hours(2), -absl::Hours(4), absl::Hours(2)}) {
    test_.clock().Advance(by);
    EXPECT_TRUE(Login(Statement()).ok()) << by;
    EXPECT_FALSE(Login(used).ok()) << by;
    EXPECT_FALSE(Login(unused).ok()) << by;
  }
}

// D5: 16,384 of them refused every login for a minute, and each refusal walked through the table.
TEST(DoorChallenges, CostTheBrokerNoMemory) {
  TestBroker test;
  server::Sessions& sessions = test.broker().sessions();
  const TestDevice& device = test.network().device(kSender);
  v1::SessionStatement statement;
  statement.set_role("broker");
  statement.set_service_identity(ToBytes(test.network().log_key().public_key()));
  statement.set_convenant_id("plaats");
  statement.set_device_id(device.id);
  statement.set_time(absl::ToUnixSeconds(test.clock().Now()));
  statement.set_nonce(sessions.Challenge().nonce());
  Bytes last;
  for (int i = 0; i < 250'000; ++i) last = sessions.Challenge().nonce();
  EXPECT_EQ(sessions.spent_nonces(), 0u);
  EXPECT_EQ(sessions.tokens(), 0u);
  // Of what strangers send as logins nothing is kept either.
  v1::SessionStatement strange = statement;
  strange.set_nonce(last);
  EXPECT_FALSE(
      sessions.Login(Signed<v1::LoginRequest>(strange, trust::kSessionLabel, test.network().device(kReader)))
          .ok());
  EXPECT_EQ(sessions.spent_nonces(), 0u);
  // The first of them is as good as the last.
  for (const Bytes& nonce : {Bytes(statement.nonce()), last}) {
    statement.set_nonce(nonce);
    EXPECT_TRUE(sessions.Login(Signed<v1::LoginRequest>(statement, trust::kSessionLabel, device)).ok());
  }
  EXPECT_EQ(sessions.spent_nonces(), 2u);
}

class MemberTokens : public SessionTest {};

// M5: 266,150 logins of one device filled the table of all.
TEST_F(MemberTokens, AreFewForOneDeviceAndTheOldestGoes) {
  std::vector<Bytes> tokens;
  for (size_t i = 0; i < server::kTokensPerDevice + 3; ++i) {
    const absl::StatusOr<v1::LoginReply> reply = Login(Statement());
    ASSERT_TRUE(reply.ok()) << reply.status();
    tokens.push_back(reply->token());
  }
  const absl::StatusOr<v1::LoginReply> other = test_.broker().sessions().Login([&] {
    v1::SessionStatement statement = Statement();
    statement.set_device_id(test_.network().device(kReader).id);
    return Signed<v1::LoginRequest>(statement, trust::kSessionLabel, test_.network().device(kReader));
  }());
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_EQ(test_.broker().sessions().tokens(), server::kTokensPerDevice + 1);
  for (size_t i = 0; i < tokens.size(); ++i) {
    EXPECT_EQ(test_.broker().sessions().Authenticate(tokens[i]).ok(), i >= 3) << i;
  }
  EXPECT_TRUE(test_.broker().sessions().Authenticate(other->token()).ok());
}

TEST_F(MemberTokens, AreMadeAtABoundedPaceOfWhichTheSignatureIsFirst) {
  for (uint32_t i = 0; i < server::kLoginsPerMinute; ++i) ASSERT_TRUE(Login(Statement()).ok()) << i;
  const v1::SessionStatement statement = Statement();
  const absl::Status over = Login(statement).status();
  EXPECT_EQ(over.code(), absl::StatusCode::kResourceExhausted);
  const absl::Duration wait = server::RetryAfter(over);
  EXPECT_GT(wait, absl::ZeroDuration());
  EXPECT_LE(wait, absl::Milliseconds(501));
  EXPECT_EQ(Login(statement, kReader).status(), absl::UnauthenticatedError("login refused"))
      << "nobody learns of a device's quota but itself";
  EXPECT_LE(test_.broker().sessions().spent_nonces(), server::kLoginsPerMinute);
  test_.clock().Advance(wait + absl::Milliseconds(1));
  EXPECT_TRUE(Login(statement).ok()) << "the nonce was not spent";
}

TEST_F(MemberTokens, AreForgottenWhenTheyExpire) {
  for (const char* profile : {kSender, kReader}) {
    v1::SessionStatement statement = Statement();
    statement.set_device_id(test_.network().device(profile).id);
    ASSERT_TRUE(Login(statement, profile).ok());
  }
  EXPECT_EQ(test_.broker().sessions().tokens(), 2u);
  test_.clock().Advance(server::kSessionLife);
  ASSERT_TRUE(Login(Statement()).ok());
  EXPECT_EQ(test_.broker().sessions().tokens(), 1u);
  EXPECT_EQ(test_.broker().sessions().spent_nonces(), 1u);
}

}  // namespace
}  // namespace seinpost::test
