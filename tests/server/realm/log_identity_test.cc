// SPDX-License-Identifier: EUPL-1.2
// A log that changes its key: who signs what, what the key files hold, what is refused on the way.
#include "tests/server/realm/log_identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "server/rows/records.h"
#include "trust/labels.h"
#include "util/secure_file.h"

namespace seinpost::test {
namespace {

namespace fs = std::filesystem;

using testing::HasSubstr;

TEST_F(LogIdentityTest, ATrustUpdateChangesTheKeyFromItsLeafOn) {
  const v1::Receipt before = SubmitOne().receipt();
  const Bytes old_note = test_.Checkpoint();
  const crypto::PublicKey second = MakeNextKey("second log key");
  const uint64_t leaf = test_.LogSize();
  v1::PublishRequest request;
  request.set_convenant_id("plaats");
  request.add_objects(UpdateTo(second));
  const auto published =
      Await<v1::PublishReply>([&](auto done) { test_.broker().publication().Publish(request, done); });
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_TRUE(SignedBy(published->receipts(0), origin_, second)) << "its own leaf is the first";
  EXPECT_EQ(audit::ReceiptBody::Decode(published->receipts(0).body())->index, leaf);
  EXPECT_TRUE(SignedBy(SubmitOne().receipt(), origin_, second));
  EXPECT_TRUE(SignedBy(test_.Checkpoint(), origin_, second));
  EXPECT_TRUE(SignedBy(old_note, origin_, first_));
  EXPECT_EQ(test_.realm().log_public_key(), second);

  ASSERT_TRUE(test_.Restart().ok());
  ASSERT_TRUE(test_.broker().Writable().ok()) << test_.broker().Writable();
  EXPECT_TRUE(SignedBy(test_.Checkpoint(), origin_, second));
  const std::vector<v1::Delivery> backlog = test_.Backlog(kReader);
  ASSERT_EQ(backlog.size(), 2u);
  EXPECT_EQ(backlog[0].receipt().signature(), before.signature()) << "an earlier leaf keeps its receipt";
  EXPECT_TRUE(SignedBy(backlog[1].receipt(), origin_, second));
}

TEST_F(LogIdentityTest, OnlyTheKeyInLogNextKeyIsTakenIn) {
  const auto stranger = crypto::SigningKey::FromSeed(TestNetwork::SecretNamed("stranger"));
  const uint64_t size = test_.LogSize();
  absl::Status refused = ChangeKey(stranger.public_key());
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition) << "no such file";
  EXPECT_THAT(std::string(refused.message()), HasSubstr("--next-log-key"));
  MakeNextKey("second log key");
  EXPECT_EQ(ChangeKey(stranger.public_key()).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(test_.LogSize(), size);
  EXPECT_EQ(test_.realm().log_public_key(), first_);
}

TEST_F(LogIdentityTest, TakesCheckpointsOfEarlierKeysAtTheirOwnSizes) {
  const Bytes old_note = test_.Checkpoint();
  const auto check = [&](const Bytes& note) {
    return test_.realm().CheckSenderCheckpoint(note, test_.clock().Now(), absl::Minutes(10)).status();
  };
  ASSERT_TRUE(ChangeKey(MakeNextKey("second log key")).ok());
  ASSERT_TRUE(test_.Restart().ok()) << "so that no note is remembered";
  EXPECT_TRUE(check(old_note).ok()) << check(old_note);
  EXPECT_TRUE(check(test_.Checkpoint()).ok());
  // Whoever has the old key signs a later size with it.
  audit::Checkpoint forged =
      *audit::VerifyCheckpoint(test_.Checkpoint(), audit::LogKey(origin_, test_.realm().log_public_key()));
  const absl::Status refused = check(audit::SignCheckpoint(forged, test_.network().log_key()));
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("core.checkpoint: "));
  forged.origin = "seinpost/other";
  EXPECT_FALSE(check(audit::SignCheckpoint(forged, test_.network().log_key())).ok());
}

TEST_F(LogIdentityTest, LetsThoseInWhoKnowItByAnEarlierKey) {
  ASSERT_TRUE(ChangeKey(MakeNextKey("second log key")).ok());
  const auto login = [&](const crypto::PublicKey& key) {
    v1::SessionStatement statement;
    statement.set_role("broker");
    statement.set_service_identity(ToBytes(key));
    statement.set_convenant_id("plaats");
    statement.set_device_id(test_.network().device(kSender).id);
    statement.set_nonce(test_.broker().sessions().Challenge().nonce());
    statement.set_time(absl::ToUnixSeconds(test_.clock().Now()));
    return test_.broker().sessions().Login(
        Signed<v1::LoginRequest>(statement, trust::kSessionLabel, test_.network().device(kSender)));
  };
  EXPECT_TRUE(login(first_).ok());
  EXPECT_TRUE(login(test_.realm().log_public_key()).ok());
  EXPECT_FALSE(login(test_.network().broker_key().public_key()).ok());
}

TEST_F(LogIdentityTest, MovesTheKeyFilesThroughACrashAnywhere) {
  const crypto::PublicKey second = MakeNextKey("second log key");
  Save("/keys", "/keys-before");
  ASSERT_TRUE(ChangeKey(second).ok());
  const auto in_place = [&](const char* when) {
    EXPECT_EQ(KeyIn(Keys() + "/log.key"), second) << when;
    EXPECT_EQ(KeyIn(Keys() + "/log-1.key"), first_) << when;
    EXPECT_FALSE(fs::exists(Keys() + "/log-next.key")) << when;
  };
  in_place("at once");
  test_.Checkpoint();
  test_.Stop();
  const struct {
    const char* when;
    std::function<void()> leave;  // starts from the key files as they were before the commit
  } rows[] = {
      {"nothing done", [] {}},
      {"the earlier key written", [&] { fs::copy_file(Keys() + "/log.key", Keys() + "/log-1.key"); }},
      {"half a file left over",
       [&] {
         fs::copy_file(Keys() + "/log.key", Keys() + "/log-1.key");
         EXPECT_TRUE(WriteFileAtomically(Keys() + "/log.key.AbCdEf", "half").ok());
       }},
      {"all done",
       [&] {
         fs::copy_file(Keys() + "/log.key", Keys() + "/log-1.key");
         fs::rename(Keys() + "/log-next.key", Keys() + "/log.key");
       }},
  };
  for (const auto& row : rows) {
    Restore("/keys", "/keys-before");
    row.leave();
    ASSERT_TRUE(test_.Restart().ok()) << row.when;
    EXPECT_TRUE(test_.broker().Writable().ok()) << row.when << test_.broker().Writable();
    EXPECT_TRUE(SignedBy(test_.Checkpoint(), origin_, second)) << row.when;
    in_place(row.when);
    test_.Stop();
  }
  fs::remove(Keys() + "/log-1.key");
  EXPECT_EQ(test_.Restart().code(), absl::StatusCode::kFailedPrecondition)
      << "receipts of earlier leaves need it";
}

TEST_F(LogIdentityTest, ChangesTheKeyAgainAndAgain) {
  std::vector<crypto::PublicKey> keys = {first_};
  for (int i = 2; i <= 4; ++i) {
    keys.push_back(MakeNextKey(absl::StrCat("log key ", i)));
    ASSERT_TRUE(ChangeKey(keys.back()).ok()) << i;
    SubmitOne();
    if (i == 3) {
      ASSERT_TRUE(test_.Restart().ok());
    }
  }
  EXPECT_EQ(KeyIn(Keys() + "/log.key"), keys[3]);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(KeyIn(absl::StrCat(Keys(), "/log-", i + 1, ".key")), keys[i]);
  MakeNextKey("log key 2");
  EXPECT_EQ(ChangeKey(keys[1]).code(), absl::StatusCode::kFailedPrecondition) << "used before";
}

TEST_F(LogIdentityTest, ADirectoryThatMisplacesItsLeavesIsReadOnly) {
  // An object with an event behind its leaf, so that the indexes go on rising when it is moved there.
  const std::vector<uint64_t> indexes = test_.realm().directory()->leaf_indexes();
  uint64_t seq = 0;
  while (indexes[seq + 1] < indexes[seq] + 2) ++seq;
  test_.Stop();
  {
    const auto store = *Store::Open(test_.directory() + "/data/db");
    const Bytes key = server::DirectoryKey(server::RealmPrefix("plaats"), seq);
    server::DirectoryRow row = *server::DirectoryRow::Decode(*store->Get(Family::kDirectory, key));
    row.leaf_index += 1;
    Batch batch;
    batch.Put(Family::kDirectory, key, row.Encode());
    ASSERT_TRUE(store->Commit(batch).ok());
  }
  ASSERT_TRUE(test_.Restart().ok());
  EXPECT_THAT(std::string(test_.broker().Writable().message()), HasSubstr("is not that of object"));
}

TEST_F(LogIdentityTest, ADatabaseFromBeforeTheChangeIsReadOnlyWithOrWithoutItsAnchor) {
  SaveData();
  ASSERT_TRUE(ChangeKey(MakeNextKey("second log key")).ok());
  test_.Checkpoint();
  SetBack();
  EXPECT_THAT(std::string(test_.broker().Writable().message()), HasSubstr("does not know"));
  EXPECT_EQ(Report().lost, std::nullopt) << "more is lost than an epoch could say";
  test_.Stop();
  fs::remove_all(test_.directory() + "/anchor");
  ASSERT_TRUE(test_.Restart().ok());
  EXPECT_THAT(std::string(test_.broker().Writable().message()), HasSubstr("not the log key in force"));
}

}  // namespace
}  // namespace seinpost::test
