// SPDX-License-Identifier: EUPL-1.2
#include "client/profile/state.h"

#include "client/terminal/context.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/test_member.h"
#include "util/secure_file.h"

namespace seinpost::client {
namespace {

const Bytes kId(16, 'i');
const Bytes kOtherId(16, 'j');

TEST(State, ComesBackAsItWas) {
  const test::TempDir temp;
  absl::StatusOr<State> state = State::Open(temp / "s");
  ASSERT_TRUE(state.ok());
  EXPECT_EQ(state->Load()->cursor, 0u);
  ASSERT_TRUE(state
                  ->Update([](StateData& data) {
                    data.checkpoint = "seinpost/plaats\n\xE2\x80\x94 sig\n";
                    data.cursor = 0xFFFFFFFFFFFFFFFF;
                    data.replay[kId] = {.header_hash = {9},
                                        .forget_after = absl::FromUnixSeconds(1'800'000'000)};
                    data.pending.push_back({.index = 41, .leaf_hash = {8}});
                    data.read[kId] = {0, 15};
                    data.seen.push_back({.size = 12, .root = {7}});
                    data.sent[kId] = {.header_hash = {6},
                                      .channel = "core@school-a",
                                      .level = 2,
                                      .case_ref = kOtherId,
                                      .leaf_index = 13,
                                      .created = absl::FromUnixSeconds(100),
                                      .forget_after = absl::FromUnixSeconds(300),
                                      .cap = absl::FromUnixSeconds(200),
                                      .devices = {kId, kOtherId},
                                      .unreached = {{kOtherId, "casus"}},
                                      .confirmed = {kId},
                                      .lost = true};
                    data.to_confirm.push_back(
                        {.signal_id = kOtherId, .header_hash = {5}, .time = absl::FromUnixSeconds(400)});
                    data.own_devices = {kId};
                    data.revoked = {kOtherId};
                    data.republish = {"an object"};
                    return absl::OkStatus();
                  })
                  .ok());
  const absl::StatusOr<StateData> data = State::Open(temp / "s")->Load();
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_EQ(data->checkpoint, "seinpost/plaats\n\xE2\x80\x94 sig\n");
  EXPECT_EQ(data->cursor, 0xFFFFFFFFFFFFFFFF);
  EXPECT_EQ(data->replay.at(kId).header_hash[0], 9);
  EXPECT_EQ(data->replay.at(kId).forget_after, absl::FromUnixSeconds(1'800'000'000));
  ASSERT_EQ(data->pending.size(), 1u);
  EXPECT_EQ(data->pending[0].index, 41u);
  EXPECT_EQ(data->pending[0].leaf_hash[0], 8);
  EXPECT_EQ(data->read.at(kId), (std::set<uint32_t>{0, 15}));
  EXPECT_EQ(data->seen, (std::vector<SeenCheckpoint>{{.size = 12, .root = {7}}}));
  const SentSignal& sent = data->sent.at(kId);
  EXPECT_EQ(sent.header_hash[0], 6);
  EXPECT_EQ(sent.channel, "core@school-a");
  EXPECT_EQ(sent.level, 2u);
  EXPECT_EQ(sent.case_ref, kOtherId);
  EXPECT_EQ(sent.leaf_index, 13u);
  EXPECT_EQ(sent.created, absl::FromUnixSeconds(100));
  EXPECT_EQ(sent.forget_after, absl::FromUnixSeconds(300));
  EXPECT_EQ(sent.cap, absl::FromUnixSeconds(200));
  EXPECT_EQ(sent.devices, (std::set<Bytes>{kId, kOtherId}));
  EXPECT_EQ(sent.unreached.at(kOtherId), "casus");
  EXPECT_EQ(sent.confirmed, std::set<Bytes>{kId});
  EXPECT_TRUE(sent.lost);
  ASSERT_EQ(data->to_confirm.size(), 1u);
  EXPECT_EQ(data->to_confirm[0].signal_id, kOtherId);
  EXPECT_EQ(data->to_confirm[0].header_hash[0], 5);
  EXPECT_EQ(data->to_confirm[0].time, absl::FromUnixSeconds(400));
  EXPECT_EQ(data->own_devices, std::set<Bytes>{kId});
  EXPECT_EQ(data->revoked, std::set<Bytes>{kOtherId});
  EXPECT_EQ(data->republish, std::vector<Bytes>{"an object"});
}

TEST(State, ReadsWhatAnOlderProgramWrote) {
  const test::TempDir temp;
  absl::StatusOr<State> state = State::Open(temp / "s");
  ASSERT_TRUE(WriteFileAtomically(temp / "s/state.json",
                                  R"({"version": 1, "checkpoint": "", "cursor": 3, "replay": [],
                                      "pending": [], "read": []})")
                  .ok());
  const absl::StatusOr<StateData> data = state->Load();
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_EQ(data->cursor, 3u);
  EXPECT_FALSE(data->own_devices.has_value());
}

// A file that a crash cut short, wherever: one sentence, and what is there stays as it is.
TEST(State, RefusesAFileCutAtAnyLength) {
  const test::TempDir temp;
  absl::StatusOr<State> state = State::Open(temp / "s");
  ASSERT_TRUE(state
                  ->Update([](StateData& data) {
                    data.seen.push_back({.size = 12, .root = {7}});
                    data.own_devices = {kId};
                    return absl::OkStatus();
                  })
                  .ok());
  ASSERT_TRUE(state->SaveDirectory({{"one", 1}, {"two", 2}}).ok());
  const Bytes json = *ReadFile(temp / "s/state.json", 1 << 20);
  for (size_t cut = 0; cut < json.size(); ++cut) {
    ASSERT_TRUE(WriteFileAtomically(temp / "s/state.json", json.substr(0, cut)).ok());
    EXPECT_EQ(ExitCodeOf(state->Load().status()), kUsage) << cut;
    EXPECT_EQ(ExitCodeOf(state->Update([](StateData&) { return absl::OkStatus(); })), kUsage) << cut;
    EXPECT_EQ(*ReadFile(temp / "s/state.json", 1 << 20), json.substr(0, cut)) << cut;
  }
  const Bytes file = *ReadFile(temp / "s/directory", 1 << 20);
  const size_t head = std::string("seinpost-directory?").size(), entry = (file.size() - head) / 2;
  for (size_t cut = 0; cut < file.size(); ++cut) {
    ASSERT_TRUE(WriteFileAtomically(temp / "s/directory", file.substr(0, cut)).ok());
    // A whole number of objects is a shorter directory, which the checkpoint contradicts.
    const bool whole = cut >= head && (cut - head) % entry == 0;
    EXPECT_EQ(ExitCodeOf(state->LoadDirectory().status()), whole ? kOk : kUsage) << cut;
  }
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
  const HeldObject one{"one", 4}, two{"two", 9}, other{"other", 9};
  ASSERT_TRUE(state->SaveDirectory({one, two}).ok());
  // What another command knows more than this one stays, and so does what it knows otherwise.
  ASSERT_TRUE(state->SaveDirectory({one}).ok());
  ASSERT_TRUE(state->SaveDirectory({one, other, two}).ok());
  EXPECT_THAT(*state->LoadDirectory(), testing::ElementsAre(one, two));
  // A log that lost its tail: the shorter one counts.
  ASSERT_TRUE(state->SaveDirectory({one, other}, State::Save::kReplace).ok());
  EXPECT_THAT(*state->LoadDirectory(), testing::ElementsAre(one, other));
  // A file of before leaf indexes were kept is fetched anew.
  ASSERT_TRUE(WriteFileAtomically(temp / "s/directory", "seinpost-directory\x01" + Lp("one")).ok());
  EXPECT_TRUE(state->LoadDirectory()->empty());
}

TEST(State, KeepsDeliveries) {
  const test::TempDir temp;
  absl::StatusOr<State> state = State::Open(temp / "s");
  v1::Delivery delivery;
  delivery.set_cursor(5);
  delivery.set_header("header");
  ASSERT_TRUE(state->PutDelivery(kId, delivery).ok());
  ASSERT_TRUE(state->PutDelivery(kOtherId, delivery).ok());
  EXPECT_THAT(*state->ListDeliveries(), testing::ElementsAre(kId, kOtherId));
  EXPECT_EQ(state->GetDelivery(kId)->cursor(), 5u);
  ASSERT_TRUE(state->DeleteDelivery(kId).ok());
  EXPECT_EQ(state->GetDelivery(kId).status().code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(WriteFileAtomically(temp / "s/inbox/" + ToHex(kOtherId), "\xFF\xFF").ok());
  EXPECT_EQ(ExitCodeOf(state->GetDelivery(kOtherId).status()), kUsage);
}

TEST(State, KeepsQueuedSignalsOldestFirst) {
  const test::TempDir temp;
  absl::StatusOr<State> state = State::Open(temp / "s");
  Queued queued{
      .signal_id = kId, .created = absl::FromUnixSeconds(200), .personal = true, .channel = "core@school-a"};
  queued.envelope.set_header("h");
  queued.attachments["hash"] = "ciphertext";
  ASSERT_TRUE(state->PutQueued(queued).ok());
  queued.signal_id = kOtherId;
  queued.created = absl::FromUnixSeconds(100);
  ASSERT_TRUE(state->PutQueued(queued).ok());
  const absl::StatusOr<std::vector<Queued>> all = state->ListQueued();
  ASSERT_TRUE(all.ok());
  ASSERT_EQ(all->size(), 2u);
  EXPECT_EQ((*all)[0].signal_id, kOtherId);
  EXPECT_EQ((*all)[1].signal_id, kId);
  EXPECT_EQ((*all)[1].envelope.header(), "h");
  EXPECT_EQ((*all)[1].attachments.at("hash"), "ciphertext");
  EXPECT_TRUE((*all)[1].personal);
  EXPECT_EQ((*all)[1].channel, "core@school-a");
  ASSERT_TRUE(state->DeleteQueued(kId).ok());
  EXPECT_EQ(state->ListQueued()->size(), 1u);
  const std::string path = temp / "s/outbox/" + ToHex(kOtherId);
  const Bytes file = *ReadFile(path, 1 << 20);
  ASSERT_TRUE(WriteFileAtomically(path, file.substr(0, file.size() - 1)).ok());
  EXPECT_EQ(ExitCodeOf(state->ListQueued().status()), kUsage);
}

}  // namespace
}  // namespace seinpost::client
