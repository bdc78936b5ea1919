// SPDX-License-Identifier: EUPL-1.2
// What a stranger does to the broker at its port, by HTTP/2 of his own making. Lines D3, D6 and D7 of what
// was tried on it; D1 and D2 are in acceptor_test.cc and tests/integration/door_test.cc.
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "seinpost/v1/device.grpc.pb.h"
#include "seinpost/v1/directory.grpc.pb.h"
#include "server/rpc/call_watch.h"
#include "tests/server/grpc/grpc_testing.h"
#include "tests/testing/stranger.h"

namespace seinpost::test {
namespace {

constexpr char kGetConvenant[] = "/seinpost.v1.ConvenantService/GetConvenant";
constexpr char kChallenge[] = "/seinpost.v1.SessionService/Challenge";
constexpr char kPublish[] = "/seinpost.v1.PublicationService/Publish";
constexpr char kSubmit[] = "/seinpost.v1.SubmissionService/Submit";
constexpr char kCheckpoint[] = "/seinpost.v1.TransparencyService/GetCheckpoint";
constexpr int kUnauthenticated = 16, kInvalid = 3;

// Whoever is a stranger long enough is closed, so the tests' time moves by itself only.
class DoorTest : public GrpcTest {
 protected:
  void SetUp() override { StartWith({}); }
  void StartWith(server::GrpcServerOptions options) {
    options.clock = &doors_;
    Start({}, std::move(options));
  }
  // A connection of a member, with no window to send into.
  std::unique_ptr<Stranger> Member(uint32_t window) {
    const Bytes token = Login(kReader);
    auto member = std::make_unique<Stranger>(server_->address(), window);
    const uint32_t stream = member->Call(kCheckpoint, {{"seinpost-session-bin", token}});
    member->SendMessage(stream, "");
    // Refused or answered, he has shown his session.
    if (window > 0) {
      member->StatusOf(stream);
    } else {
      member->Flush();
      while (server_->CountConnections().without_session > 1) std::this_thread::yield();
    }
    return member;
  }
  grpc::Status Challenge() {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    v1::ChallengeReply reply;
    return v1::SessionService::NewStub(channel_)->Challenge(&context, {}, &reply);
  }

  SimulatedClock doors_{absl::FromUnixSeconds(1'800'000'000)};
};

// RESOURCE_EXHAUSTED.
bool IsRefusal(const Stranger::Frame& frame) {
  return absl::StrContains(frame.payload, absl::string_view("grpc-status\x01"
                                                            "8"));
}

// D3: replies that nobody takes are few, however many are asked for.
TEST_F(DoorTest, RepliesThatNobodyTakesAreFew) {
  constexpr int kCalls = 2000;
  Stranger stranger(server_->address(), 0);
  ASSERT_TRUE(stranger.ok());
  std::vector<uint32_t> streams;
  for (int i = 0; i < kCalls; ++i) {
    streams.push_back(stranger.Call(kGetConvenant));
    stranger.SendMessage(streams.back(), "");
  }
  stranger.Flush();
  // All but those of one connection's share are refused, and cut off without a refusal while many of those
  // have not been taken; or the connection is closed for having too many.
  int refused = 0, cut_off = 0;
  while (refused + cut_off < kCalls - 8) {
    const std::optional<Stranger::Frame> frame = stranger.Read();
    if (!frame || frame->type == Stranger::kGoAway) break;
    if (frame->type != Stranger::kHeaders || (frame->flags & Stranger::kEndStream) == 0) continue;
    const bool told = frame->payload.find(
                          "grpc-status\x01"
                          "8") != std::string::npos;
    EXPECT_EQ(told, frame->payload.find("seinpost-retry-after-ms") != std::string::npos);
    ++(told ? refused : cut_off);
  }
  EXPECT_GE(refused + cut_off, kCalls - 8);
  EXPECT_GT(refused, 8);
  EXPECT_GT(cut_off, 0);
  EXPECT_TRUE(Challenge().ok());
}

// D3, for what is not refused: a reply is taken in thirty seconds, or the call is over.
TEST_F(DoorTest, AReplyIsTakenInTimeOrTheCallIsOver) {
  const std::unique_ptr<Stranger> member = Member(0);
  const uint32_t stream = member->Call(kGetConvenant);
  member->SendMessage(stream, "");
  member->Flush();
  // Its headers come, its reply cannot.
  while (const std::optional<Stranger::Frame> frame = member->Read()) {
    if (frame->stream == stream && frame->type == Stranger::kHeaders) break;
  }
  doors_.Advance(server::kReplyDeadline);
  bool reset = false;
  while (const std::optional<Stranger::Frame> frame = member->Read()) {
    if (frame->stream != stream) continue;
    reset = frame->type == Stranger::kReset || (frame->flags & Stranger::kEndStream) != 0;
    if (reset) break;
  }
  EXPECT_TRUE(reset);
}

// M8, D3: the same for every stream of a member.
TEST_F(DoorTest, AMessageOfAStreamIsTakenInTimeOrTheStreamIsOver) {
  const Bytes token = Login(kReader);
  Stranger member(server_->address(), 0);
  v1::GetDirectoryRequest request;
  request.set_convenant_id("plaats");
  const uint32_t stream =
      member.Call("/seinpost.v1.DirectoryService/GetDirectory", {{"seinpost-session-bin", token}});
  member.SendMessage(stream, request.SerializeAsString());
  member.Flush();
  while (const std::optional<Stranger::Frame> frame = member.Read()) {
    if (frame->stream == stream && frame->type == Stranger::kHeaders) break;
  }
  doors_.Advance(server::kMessageDeadline);
  bool over = false;
  while (const std::optional<Stranger::Frame> frame = member.Read()) {
    if (frame->stream != stream) continue;
    over = frame->type == Stranger::kReset || (frame->flags & Stranger::kEndStream) != 0;
    if (over) break;
  }
  EXPECT_TRUE(over);
}

// D6: turned away before his request is there.
TEST_F(DoorTest, WhoHasNoSessionIsTurnedAwayBeforeHisRequest) {
  Stranger stranger(server_->address());
  ASSERT_TRUE(stranger.ok());
  const uint32_t half = stranger.Call(kSubmit);
  stranger.Send(half, Stranger::MessageHeader(3 << 20) + "x");
  EXPECT_EQ(stranger.StatusOf(half), kUnauthenticated);
  const uint32_t wrong = stranger.Call(kSubmit, {{"seinpost-session-bin", std::string(32, 't')}});
  EXPECT_EQ(stranger.StatusOf(wrong), kUnauthenticated);
}

// D6, where no session is needed: a request comes whole in ten seconds, or the call is over.
TEST_F(DoorTest, AHalfSentRequestIsOverInTime) {
  const std::unique_ptr<Stranger> member = Member(65535);
  const uint32_t half = member->Call(kPublish);
  member->Send(half, Stranger::MessageHeader(1000) + "x");
  // Answered after it on the same connection: so it has begun.
  const uint32_t whole = member->Call(kChallenge);
  member->SendMessage(whole, "");
  EXPECT_EQ(member->StatusOf(whole), 0);
  doors_.Advance(absl::Seconds(10));
  bool over = false;
  while (const std::optional<Stranger::Frame> frame = member->Read()) {
    if (frame->stream != half) continue;
    over = frame->type == Stranger::kReset || (frame->flags & Stranger::kEndStream) != 0;
    if (over) break;
  }
  EXPECT_TRUE(over);
}

TEST_F(DoorTest, AnOpenCallHasASmallRequest) {
  Stranger stranger(server_->address());
  const uint32_t login = stranger.Call("/seinpost.v1.SessionService/Login");
  stranger.SendMessage(login, std::string(8000, 'x'));
  EXPECT_EQ(stranger.StatusOf(login), kInvalid);
  const uint32_t broken = stranger.Call("/seinpost.v1.SessionService/Login");
  stranger.SendMessage(broken, "\xff\xff");
  EXPECT_EQ(stranger.StatusOf(broken), kInvalid);
}

// Requests that are sent by halves take all places for reading; whoever sends his whole is read all the same.
TEST_F(DoorTest, HalfSentRequestsMakePlaceForWholeOnes) {
  TearDown();
  Start({});  // by the machine's time
  std::vector<std::unique_ptr<Stranger>> strangers;
  for (int i = 0; i < 6; ++i) {
    strangers.push_back(std::make_unique<Stranger>(server_->address()));
    ASSERT_TRUE(strangers.back()->ok());
    for (int j = 0; j < 7; ++j) {
      strangers.back()->Send(strangers.back()->Call(kPublish), Stranger::MessageHeader(1 << 20) + "x");
    }
    // Answered behind them on the same connection.
    const uint32_t last = strangers.back()->Call(kChallenge);
    strangers.back()->SendMessage(last, "");
    EXPECT_EQ(strangers.back()->StatusOf(last), 0);
  }
  for (int i = 0; i < 5; ++i) {
    const absl::Time before = absl::Now();
    EXPECT_TRUE(Challenge().ok());
    EXPECT_LT(absl::Now() - before, absl::Seconds(5));
  }
}

TEST_F(DoorTest, AConnectionHasFewOpenCallsAtOnce) {
  Stranger stranger(server_->address());
  for (int i = 0; i < 8; ++i) stranger.Send(stranger.Call(kPublish), Stranger::MessageHeader(1000));
  // Whichever of the nine the broker meets last.
  stranger.Send(stranger.Call(kPublish), Stranger::MessageHeader(1000));
  stranger.Flush();
  bool refused = false;
  while (const std::optional<Stranger::Frame> frame = stranger.Read()) {
    if (frame->type != Stranger::kHeaders || (frame->flags & Stranger::kEndStream) == 0) continue;
    refused = IsRefusal(*frame);
    break;
  }
  EXPECT_TRUE(refused);
}

// D7: connections that show no session are few, and go by themselves; a member's stay.
TEST_F(DoorTest, ConnectionsWithoutASessionAreFew) {
  TearDown();
  server::GrpcServerOptions options;
  options.door = {.connections = 200, .per_address = 100, .without_session = 20};
  StartWith(options);
  const Bytes token = Login(kReader);
  const auto listening = With(token);
  const auto stream = v1::MailboxService::NewStub(channel_)->Subscribe(listening.get(), FromStart());
  v1::Delivery delivery;
  ASSERT_TRUE(stream->Read(&delivery));
  std::vector<std::unique_ptr<Stranger>> strangers;
  for (int i = 0; i < 60; ++i) {
    strangers.push_back(std::make_unique<Stranger>(server_->address(), 65535, "127.0.0.2"));
    EXPECT_TRUE(strangers.back()->ok());
  }
  EXPECT_LE(server_->CountConnections().without_session, 20u);
  doors_.Advance(server::kStrangerLife);
  for (const auto& stranger : strangers) {
    while (stranger->Read()) {
    }
  }
  while (server_->CountConnections().open > 1) std::this_thread::yield();
  // The member's connection is still the one he subscribed by.
  ASSERT_TRUE(test_->Submit(test_->Seal(SmallPlan(test_->network())).envelope).ok());
  EXPECT_TRUE(stream->Read(&delivery));
  EXPECT_EQ(server_->CountConnections().without_session, 0u);
  listening->TryCancel();
  stream->Finish();
}

// M9: whatever is streamed, what comes after a revocation is not.
TEST_F(DoorTest, ARevokedReaderGetsNoFurtherMessage) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(test_->Submit(test_->Seal(SmallPlan(test_->network())).envelope).ok());
  }
  const TestDevice& later = test_->AddDevice(kReader);
  const Bytes token = LoginAs(later);
  // No window: the first message waits to be taken, and behind it are others.
  Stranger member(server_->address(), 0);
  v1::ListRestorableRequest request;
  request.set_convenant_id("plaats");
  const uint32_t stream =
      member.Call("/seinpost.v1.DeviceService/ListRestorable", {{"seinpost-session-bin", token}});
  member.SendMessage(stream, request.SerializeAsString());
  member.Flush();
  while (const std::optional<Stranger::Frame> frame = member.Read()) {
    if (frame->stream == stream && frame->type == Stranger::kHeaders) break;
  }
  ASSERT_TRUE(test_->Publish({test_->network().RevokeDeviceObject(later)}).ok());
  member.OpenWindow(stream, 16 << 20);
  member.OpenWindow(0, 16 << 20);
  EXPECT_EQ(member.StatusOf(stream), kUnauthenticated);
}

}  // namespace
}  // namespace seinpost::test
