// SPDX-License-Identifier: EUPL-1.2
#include "client/state.h"

#include "client/context.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/test_member.h"
#include "util/secure_file.h"

namespace seinpost::client {
namespace {

const Bytes kId(16, 'i');
const Bytes kOther(16, 'j');

TEST(State, ComesBackAsItWas) {
  const test::TempDir temp;
  absl::StatusOr<State> state = State::Open(temp / "s");
  ASSERT_TRUE(state.ok());
  EXPECT_EQ(state->Load()->cursor, 0u);
  ASSERT_TRUE(state
                  ->Update([](StateData& data) {
                    data.checkpoint = "seinpost/arnhem\n\xE2\x80\x94 sig\n";
                    data.cursor = 0xFFFFFFFFFFFFFFFF;
                    data.replay[kId] = {.header_hash = {9},
                                        .forget_after = absl::FromUnixSeconds(1'800'000'000)};
                    data.pending.push_back({.index = 41, .leaf_hash = {8}});
                    data.read[kId] = {0, 15};
                    return absl::OkStatus();
                  })
                  .ok());
  const absl::StatusOr<StateData> data = State::Open(temp / "s")->Load();
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_EQ(data->checkpoint, "seinpost/arnhem\n\xE2\x80\x94 sig\n");
  EXPECT_EQ(data->cursor, 0xFFFFFFFFFFFFFFFF);
  EXPECT_EQ(data->replay.at(kId).header_hash[0], 9);
  EXPECT_EQ(data->replay.at(kId).forget_after, absl::FromUnixSeconds(1'800'000'000));
  ASSERT_EQ(data->pending.size(), 1u);
  EXPECT_EQ(data->pending[0].index, 41u);
  EXPECT_EQ(data->pending[0].leaf_hash[0], 8);
  EXPECT_EQ(data->read.at(kId), (std::set<uint32_t>{0, 15}));
}

TEST(State, WritesNothingWhenAChangeFails) {
  const test::TempDir temp;
  absl::StatusOr<State> state = State::Open(temp / "s");
  EXPECT_FALSE(state
                   ->Update([](StateData& data) {
                     data.cursor = 7;
                     return absl::InternalError("no");
                   })
                   .ok());
  EXPECT_EQ(state->Load()->cursor, 0u);
}

TEST(State, RefusesADamagedFile) {
  const test::TempDir temp;
  absl::StatusOr<State> state = State::Open(temp / "s");
  ASSERT_TRUE(state->Update([](StateData&) { return absl::OkStatus(); }).ok());
  const std::string path = temp / "s/state.json";
  const Bytes good = *ReadFile(path, 1 << 20);
  const auto with = [&](absl::string_view from, absl::string_view to) {
    Bytes changed = good;
    const size_t at = changed.find(std::string(from));
    EXPECT_NE(at, Bytes::npos) << from;
    return changed.replace(at, from.size(), std::string(to));
  };
  for (const Bytes& broken :
       {Bytes(), Bytes("{}"), Bytes("[]"), good.substr(0, good.size() / 2),
        with("\"version\": 1", "\"version\": 2"), with("\"cursor\": 0", "\"cursor\": -1"),
        with("\"cursor\": 0", "\"cursor\": \"0\""), with("\"checkpoint\": \"\"", "\"checkpoint\": \"?\""),
        with("\"replay\": []", "\"replay\": [1]"), with("\"replay\": []", "\"replay\": [{}]"),
        with("\"read\": []", "\"read\": {}"),
        with("\"pending\": []", "\"pending\": [{\"index\": 1, \"leaf_hash\": \"00\"}]")}) {
    ASSERT_TRUE(WriteFileAtomically(path, broken).ok());
    EXPECT_EQ(ExitCodeOf(state->Load().status()), kUsage) << broken;
  }
  ASSERT_TRUE(WriteFileAtomically(path, good).ok());
  EXPECT_TRUE(state->Load().ok());
}

TEST(State, KeepsTheLongerDirectory) {
  const test::TempDir temp;
  absl::StatusOr<State> state = State::Open(temp / "s");
  EXPECT_TRUE(state->LoadDirectory()->empty());
  ASSERT_TRUE(state->SaveDirectory({"one", "two"}).ok());
  ASSERT_TRUE(state->SaveDirectory({"one"}).ok());
  EXPECT_THAT(*state->LoadDirectory(), testing::ElementsAre("one", "two"));
  const Bytes file = *ReadFile(temp / "s/directory", 1 << 20);
  for (const size_t cut : {size_t{3}, file.size() - 1}) {
    ASSERT_TRUE(WriteFileAtomically(temp / "s/directory", file.substr(0, cut)).ok());
    EXPECT_EQ(ExitCodeOf(state->LoadDirectory().status()), kUsage);
  }
}

TEST(State, KeepsDeliveries) {
  const test::TempDir temp;
  absl::StatusOr<State> state = State::Open(temp / "s");
  v1::Delivery delivery;
  delivery.set_cursor(5);
  delivery.set_header("header");
  ASSERT_TRUE(state->PutDelivery(kId, delivery).ok());
  ASSERT_TRUE(state->PutDelivery(kOther, delivery).ok());
  EXPECT_THAT(*state->ListDeliveries(), testing::ElementsAre(kId, kOther));
  EXPECT_EQ(state->GetDelivery(kId)->cursor(), 5u);
  ASSERT_TRUE(state->DeleteDelivery(kId).ok());
  EXPECT_EQ(state->GetDelivery(kId).status().code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(WriteFileAtomically(temp / "s/inbox/" + ToHex(kOther), "\xFF\xFF").ok());
  EXPECT_EQ(ExitCodeOf(state->GetDelivery(kOther).status()), kUsage);
}

TEST(State, KeepsQueuedSignalsOldestFirst) {
  const test::TempDir temp;
  absl::StatusOr<State> state = State::Open(temp / "s");
  Queued queued{
      .signal_id = kId, .created = absl::FromUnixSeconds(200), .personal = true, .channel = "core@school-a"};
  queued.envelope.set_header("h");
  queued.attachments["hash"] = "ciphertext";
  ASSERT_TRUE(state->PutQueued(queued).ok());
  queued.signal_id = kOther;
  queued.created = absl::FromUnixSeconds(100);
  ASSERT_TRUE(state->PutQueued(queued).ok());
  const absl::StatusOr<std::vector<Queued>> all = state->ListQueued();
  ASSERT_TRUE(all.ok());
  ASSERT_EQ(all->size(), 2u);
  EXPECT_EQ((*all)[0].signal_id, kOther);
  EXPECT_EQ((*all)[1].signal_id, kId);
  EXPECT_EQ((*all)[1].envelope.header(), "h");
  EXPECT_EQ((*all)[1].attachments.at("hash"), "ciphertext");
  EXPECT_TRUE((*all)[1].personal);
  EXPECT_EQ((*all)[1].channel, "core@school-a");
  ASSERT_TRUE(state->DeleteQueued(kId).ok());
  EXPECT_EQ(state->ListQueued()->size(), 1u);
  const std::string path = temp / "s/outbox/" + ToHex(kOther);
  const Bytes file = *ReadFile(path, 1 << 20);
  ASSERT_TRUE(WriteFileAtomically(path, file.substr(0, file.size() - 1)).ok());
  EXPECT_EQ(ExitCodeOf(state->ListQueued().status()), kUsage);
}

}  // namespace
}  // namespace seinpost::client
