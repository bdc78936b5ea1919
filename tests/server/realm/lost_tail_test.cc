// SPDX-License-Identifier: EUPL-1.2
// A log that lost its tail: read-only, and writable again by the epoch that says exactly what was lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "tests/server/realm/log_identity.h"
#include "util/secure_file.h"

namespace seinpost::test {
namespace {

namespace fs = std::filesystem;

using testing::HasSubstr;

class LostTailTest : public LogIdentityTest {
 protected:
  // Loses the leaf of one signal.
  void LoseTail() {
    SaveData();
    kept_ = test_.LogSize();
    lost_receipt_ = SubmitOne().receipt();
    lost_note_ = test_.Checkpoint();
    SetBack();
    ASSERT_FALSE(test_.broker().Writable().ok());
  }

  uint64_t kept_ = 0;
  v1::Receipt lost_receipt_;
  Bytes lost_note_;
};

TEST_F(LostTailTest, TheReportSaysWhatAnEpochNeeds) {
  LoseTail();
  server::RealmReport report = Report();
  EXPECT_EQ(report.convenant, "plaats");
  EXPECT_EQ(report.size, kept_);
  EXPECT_EQ(report.anchor_size, kept_ + 1);
  EXPECT_EQ(report.anchor_note, lost_note_);
  EXPECT_EQ(report.lost, std::make_pair(kept_, kept_ + 1));
  EXPECT_EQ(report.directory_size, test_.network().objects().size());
  EXPECT_EQ(report.log_key, first_);
  EXPECT_EQ(report.next_log_key, std::nullopt);
  EXPECT_THAT(std::string(report.writable.message()), HasSubstr("its tail is lost"));
  const crypto::PublicKey next = MakeNextKey("epoch key");
  EXPECT_EQ(Report().next_log_key, next);
}

TEST_F(LostTailTest, AnEpochMakesItWritableAgainUnderANewName) {
  LoseTail();
  const crypto::PublicKey next = MakeNextKey("epoch key");
  const Bytes epoch = test_.network().LogEpochObject(EpochOf(Report()));
  ASSERT_TRUE(Publish(epoch).ok());
  ASSERT_TRUE(test_.broker().Writable().ok()) << test_.broker().Writable();
  EXPECT_EQ(test_.realm().origin(), "seinpost/plaats/2");
  EXPECT_EQ(test_.realm().directory()->leaf_indexes().back(), kept_) << "the tree goes on where it ends";
  EXPECT_EQ(*test_.EventAt(kept_ + 1)->Text(audit::Tag::kObjectType), "log-epoch");
  const Bytes note = test_.Checkpoint();
  EXPECT_TRUE(SignedBy(note, "seinpost/plaats/2", next));
  EXPECT_TRUE(SignedBy(SubmitOne().receipt(), "seinpost/plaats/2", next));
  EXPECT_EQ(KeyIn(Keys() + "/log.key"), next);
  EXPECT_TRUE(Publish(epoch).ok()) << "again is fine";
  // What was signed over the lost leaves no longer counts, though the log has more leaves again.
  const absl::Status refused =
      test_.realm().CheckSenderCheckpoint(lost_note_, test_.clock().Now(), absl::Minutes(10)).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("lost"));

  ASSERT_TRUE(test_.Restart().ok());
  ASSERT_TRUE(test_.broker().Writable().ok()) << test_.broker().Writable();
  EXPECT_EQ(test_.realm().origin(), "seinpost/plaats/2");
  EXPECT_EQ(Report().lost, std::nullopt);
  EXPECT_EQ(test_.realm().directory()->lost_tails().size(), 1u) << "it is remembered for good";
  EXPECT_EQ(test_.Backlog(kReader).size(), 1u);
}

TEST_F(LostTailTest, OnlyTheEpochOfExactlyThisLossIsTakenIn) {
  const Bytes earlier_note = test_.Checkpoint();
  LoseTail();
  const Bytes prekey = test_.network().PrekeyObject(test_.network().device(kSender), "casus", 5);
  EXPECT_EQ(Publish(prekey).code(), absl::StatusCode::kUnavailable) << "nothing else comes in";
  v1::LogEpoch right = EpochOf(Report());
  EXPECT_EQ(Publish(test_.network().LogEpochObject(right)).code(), absl::StatusCode::kFailedPrecondition)
      << "there is no log-next.key";
  MakeNextKey("epoch key");
  right = EpochOf(Report());
  const auto resigned = [&](auto change) {
    audit::Checkpoint other = *audit::VerifyCheckpoint(lost_note_, audit::LogKey(origin_, first_));
    change(other);
    return audit::SignCheckpoint(other, test_.network().log_key());
  };
  const struct {
    const char* field;
    std::function<void(v1::LogEpoch&)> change;
  } rows[] = {
      {"convenant_id", [](auto& e) { e.set_convenant_id("elders"); }},
      {"convenant_hash", [](auto& e) { e.mutable_convenant_hash()->back() ^= 1; }},
      {"number", [](auto& e) { e.set_number(3), e.set_origin("seinpost/plaats/3"); }},
      {"first_lost", [&](auto& e) { e.set_last_checkpoint(earlier_note); }},
      {"last_checkpoint",
       [&](auto& e) { e.set_last_checkpoint(resigned([](auto& other) { other.root[0] ^= 1; })); }},
      {"last_checkpoint",
       [&](auto& e) { e.set_last_checkpoint(resigned([](auto& other) { other.size += 1; })); }},
      {"last_checkpoint", [&](auto& e) { e.mutable_last_checkpoint()->append("x\n"); }},
      {"first_lost", [](auto& e) { e.set_first_lost(e.first_lost() - 1); }},
      {"first_lost", [](auto& e) { e.set_first_lost(e.first_lost() + 1); }},
      {"directory_size", [](auto& e) { e.set_directory_size(e.directory_size() - 1); }},
      {"directory_size", [](auto& e) { e.set_directory_size(e.directory_size() + 1); }},
      {"origin", [](auto& e) { e.set_origin("seinpost/plaats"); }},
      {"log_key", [&](auto& e) { e.set_log_key(ToBytes(first_)); }},
      {"log_key", [](auto& e) { e.set_log_key(Bytes(32, 'k')); }},
  };
  for (size_t i = 0; i < std::size(rows); ++i) {
    v1::LogEpoch wrong = right;
    rows[i].change(wrong);
    const absl::Status refused = Publish(test_.network().LogEpochObject(wrong));
    EXPECT_FALSE(refused.ok()) << rows[i].field << i;
    EXPECT_THAT(std::string(refused.message()), HasSubstr(rows[i].field)) << i;
    EXPECT_FALSE(test_.broker().Writable().ok()) << rows[i].field << i;
  }
  Bytes badly_signed = test_.network().LogEpochObject(right);
  badly_signed.back() ^= 1;
  EXPECT_EQ(Publish(badly_signed).code(), absl::StatusCode::kPermissionDenied);
  const Bytes good = test_.network().LogEpochObject(right);
  EXPECT_EQ(test_.Publish({good, prekey}).code(), absl::StatusCode::kUnavailable) << "it comes alone";
  EXPECT_EQ(test_.LogSize(), kept_);
  EXPECT_TRUE(Publish(good).ok());
}

TEST_F(LogIdentityTest, ALogThatLostNothingTakesNoEpoch) {
  v1::LogEpoch epoch = NewEpoch();
  epoch.set_last_checkpoint(test_.Checkpoint());
  epoch.set_first_lost(test_.LogSize() - 1);
  epoch.set_directory_size(test_.realm().directory()->size());
  epoch.set_log_key(ToBytes(MakeNextKey("epoch key")));
  const absl::Status refused = Publish(test_.network().LogEpochObject(epoch));
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("did not lose"));
  EXPECT_EQ(test_.realm().origin(), origin_);
}

TEST_F(LostTailTest, GoesOnAfterACrashBetweenCommitAndAnchor) {
  LoseTail();
  const crypto::PublicKey next = MakeNextKey("epoch key");
  Save("/anchor", "/anchor-before");
  Save("/keys", "/keys-before");
  ASSERT_TRUE(Publish(test_.network().LogEpochObject(EpochOf(Report()))).ok());
  const v1::Receipt after = SubmitOne().receipt();
  test_.Stop();
  Restore("/anchor", "/anchor-before");
  Restore("/keys", "/keys-before");
  ASSERT_TRUE(test_.Restart().ok());
  ASSERT_TRUE(test_.broker().Writable().ok()) << test_.broker().Writable();
  EXPECT_TRUE(SignedBy(test_.Checkpoint(), "seinpost/plaats/2", next));
  EXPECT_EQ(KeyIn(Keys() + "/log.key"), next);
  EXPECT_EQ(test_.Backlog(kReader)[0].receipt().signature(), after.signature());
}

TEST_F(LostTailTest, AnAnchorThatNoEpochNamesStaysAContradiction) {
  LoseTail();
  MakeNextKey("epoch key");
  ASSERT_TRUE(Publish(test_.network().LogEpochObject(EpochOf(Report()))).ok());
  // Other checkpoints under the first name than the one that the epoch gave up.
  const audit::Checkpoint given_up = *audit::VerifyCheckpoint(lost_note_, audit::LogKey(origin_, first_));
  audit::Checkpoint longer = given_up;
  longer.size += 1;
  audit::Checkpoint other = given_up;
  other.root[0] ^= 1;
  for (const audit::Checkpoint& anchored : {longer, other}) {
    test_.Stop();
    ASSERT_TRUE(WriteFileAtomically(test_.directory() + "/anchor/plaats.anchor",
                                    audit::SignCheckpoint(anchored, test_.network().log_key()))
                    .ok());
    ASSERT_TRUE(test_.Restart().ok());
    EXPECT_THAT(std::string(test_.broker().Writable().message()), HasSubstr("no epoch says so"));
  }
}

TEST_F(LostTailTest, OtherLeavesThanAnchoredAreNoLostTail) {
  SaveData();
  SubmitOne();
  test_.Checkpoint();
  test_.Stop();
  Save("/anchor", "/anchor-before");
  Restore("/data", "/data-saved");
  fs::remove_all(test_.directory() + "/anchor");
  ASSERT_TRUE(test_.Restart().ok());
  SubmitOne();
  test_.Stop();
  Restore("/anchor", "/anchor-before");
  ASSERT_TRUE(test_.Restart().ok());
  EXPECT_THAT(std::string(test_.broker().Writable().message()), HasSubstr("not those of the signed"));
  EXPECT_EQ(Report().lost, std::nullopt);
  MakeNextKey("epoch key");
  v1::LogEpoch epoch = NewEpoch();
  epoch.set_last_checkpoint(Report().anchor_note);
  epoch.set_first_lost(Report().size - 1);
  epoch.set_directory_size(Report().directory_size);
  epoch.set_log_key(ToBytes(*Report().next_log_key));
  EXPECT_EQ(Publish(test_.network().LogEpochObject(epoch)).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_FALSE(test_.broker().Writable().ok()) << "nothing is truncated";
}

TEST_F(LostTailTest, LosesAndMendsMoreThanOnce) {
  for (const int number : {2, 3}) {
    LoseTail();
    const crypto::PublicKey next = MakeNextKey(absl::StrCat("epoch key ", number));
    ASSERT_TRUE(Publish(test_.network().LogEpochObject(EpochOf(Report()))).ok()) << number;
    EXPECT_EQ(test_.realm().origin(), absl::StrCat("seinpost/plaats/", number));
    EXPECT_TRUE(SignedBy(test_.Checkpoint(), test_.realm().origin(), next));
    SubmitOne();
  }
  EXPECT_EQ(test_.Backlog(kReader).size(), 2u);
}

}  // namespace
}  // namespace seinpost::test
