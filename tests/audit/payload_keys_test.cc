// SPDX-License-Identifier: EUPL-1.2
#include "audit/payload_keys.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "audit/search_index.h"
#include "tests/audit/audit_testing.h"
#include "util/secure_file.h"

namespace seinpost::audit {
namespace {

constexpr uint32_t kMonth = 202611;

TEST(MonthOf, CountsInUtc) {
  EXPECT_EQ(MonthOf(absl::FromUnixSeconds(0)), 197001u);
  EXPECT_EQ(MonthOf(absl::FromUnixSeconds(1795996799)), 202611u);
  EXPECT_EQ(MonthOf(absl::FromUnixSeconds(1796083200)), 202612u);
  EXPECT_EQ(MonthOf(absl::InfinitePast()) / 100, 1970u);
}

TEST(PayloadKeyFiles, OpensWhatItSealed) {
  const TemporaryDirectory directory;
  const auto keys = PayloadKeyFiles::Open(directory.path() + "/keys", kOrigin).value();
  const Bytes sealed = keys->Seal("audit", kMonth, 7, "plaintext").value();
  EXPECT_EQ(keys->Open("audit", kMonth, 7, sealed).value(), "plaintext");
  EXPECT_EQ(sealed.find("plaintext"), Bytes::npos);
  const auto reopened = PayloadKeyFiles::Open(directory.path() + "/keys", kOrigin).value();
  EXPECT_EQ(reopened->Open("audit", kMonth, 7, sealed).value(), "plaintext");
}

TEST(PayloadKeyFiles, KeyIsOnDiskAndPrivateBeforeItIsUsed) {
  const TemporaryDirectory directory;
  const auto keys = PayloadKeyFiles::Open(directory.path() + "/keys", kOrigin).value();
  ASSERT_TRUE(keys->Seal("audit", kMonth, 7, "plaintext").ok());
  struct stat info;
  ASSERT_EQ(stat((directory.path() + "/keys/audit.202611.key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_EQ(info.st_size, 32);
}

TEST(PayloadKeyFiles, SealingTheSameAgainGivesOtherBytes) {
  const TemporaryDirectory directory;
  const auto keys = PayloadKeyFiles::Open(directory.path(), kOrigin).value();
  const auto later = PayloadKeyFiles::Open(directory.path(), kOrigin).value();  // as after a restart
  const Bytes one = keys->Seal("audit", kMonth, 7, "plaintext").value();
  EXPECT_NE(one, keys->Seal("audit", kMonth, 7, "plaintext").value());
  EXPECT_NE(one.substr(33), later->Seal("audit", kMonth, 7, "plaintext").value().substr(33))
      << "same counter";
}

TEST(PayloadKeyFiles, EveryDamageAndEveryOtherPlaceIsRefused) {
  const TemporaryDirectory directory;
  const auto keys = PayloadKeyFiles::Open(directory.path(), kOrigin).value();
  const Bytes sealed = keys->Seal("audit", kMonth, 7, "plaintext").value();
  ASSERT_TRUE(keys->Seal("other", kMonth, 7, "x").ok());
  ASSERT_TRUE(keys->Seal("audit", kMonth + 1, 7, "x").ok());
  ForEachDamage(sealed,
                [&](const Bytes& damaged) { EXPECT_FALSE(keys->Open("audit", kMonth, 7, damaged).ok()); });
  EXPECT_TRUE(absl::IsDataLoss(keys->Open("audit", kMonth, 8, sealed).status()));
  EXPECT_FALSE(keys->Open("other", kMonth, 7, sealed).ok());
  EXPECT_FALSE(keys->Open("audit", kMonth + 1, 7, sealed).ok());
  const auto other_log = PayloadKeyFiles::Open(directory.path(), "seinpost.example/ede").value();
  EXPECT_TRUE(absl::IsDataLoss(other_log->Open("audit", kMonth, 7, sealed).status()));
}

TEST(PayloadKeyFiles, DestroyIsForGoodAndSparesOtherMonths) {
  const TemporaryDirectory directory;
  const auto keys = PayloadKeyFiles::Open(directory.path(), kOrigin).value();
  const Bytes sealed = keys->Seal("audit", kMonth, 7, "plaintext").value();
  const Bytes next_month = keys->Seal("audit", kMonth + 1, 8, "plaintext").value();
  const Digest fingerprint = keys->Fingerprint("audit", kMonth).value();
  ASSERT_TRUE(keys->Destroy("audit", kMonth).ok());
  EXPECT_TRUE(absl::IsNotFound(keys->Fingerprint("audit", kMonth).status()));
  EXPECT_TRUE(absl::IsNotFound(keys->Open("audit", kMonth, 7, sealed).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(keys->Seal("audit", kMonth, 9, "late").status()));
  EXPECT_TRUE(keys->Open("audit", kMonth + 1, 8, next_month).ok());
  EXPECT_TRUE(keys->Destroy("audit", kMonth).ok());
  EXPECT_TRUE(keys->Destroy("never-used", kMonth).ok());
  const auto reopened = PayloadKeyFiles::Open(directory.path(), kOrigin).value();
  EXPECT_TRUE(absl::IsNotFound(reopened->Open("audit", kMonth, 7, sealed).status()));
  EXPECT_EQ(ReadFile(directory.path() + "/audit.202611.key", 100).value(),
            "seinpost payload key destroyed\n" + ToBytes(fingerprint));
  EXPECT_TRUE(reopened->WasDestroyed("audit", kMonth, fingerprint));
  EXPECT_FALSE(reopened->WasDestroyed("audit", kMonth, Digest{}));
  EXPECT_FALSE(reopened->WasDestroyed("audit", kMonth + 1, fingerprint));
  EXPECT_EQ(*reopened->List(), (std::vector<std::pair<std::string, uint32_t>>{{"audit", kMonth + 1}}));
}

TEST(PayloadKeyFiles, RefusesBadNamesAndBadFiles) {
  const TemporaryDirectory directory;
  const auto keys = PayloadKeyFiles::Open(directory.path(), kOrigin).value();
  for (const std::string& name : {std::string(), std::string("../x"), std::string("A"), Bytes(33, 'a')}) {
    EXPECT_TRUE(absl::IsInvalidArgument(keys->Seal(name, kMonth, 0, "x").status())) << name;
  }
  for (uint32_t month : {0u, 202600u, 202613u, 196912u, 1000001u}) {
    EXPECT_TRUE(absl::IsInvalidArgument(keys->Seal("audit", month, 0, "x").status())) << month;
    EXPECT_TRUE(absl::IsInvalidArgument(keys->Destroy("audit", month))) << month;
  }
  ASSERT_TRUE(WriteFileAtomically(directory.path() + "/audit.202611.key", Bytes(31, 'x')).ok());
  EXPECT_TRUE(absl::IsDataLoss(keys->Seal("audit", kMonth, 0, "x").status()));
  ASSERT_TRUE(WriteFileAtomically(directory.path() + "/audit.202611.key", Bytes(33, 'x')).ok());
  EXPECT_TRUE(absl::IsDataLoss(keys->Seal("audit", kMonth, 0, "x").status()));
}

TEST(PayloadKeyFiles, AKeyMadeAnewDoesNotPassForTheLostOne) {
  const TemporaryDirectory directory;
  Bytes sealed;
  {
    const auto keys = PayloadKeyFiles::Open(directory.path(), kOrigin).value();
    sealed = keys->Seal("audit", kMonth, 7, "plaintext").value();
  }
  std::filesystem::remove(directory.path() + "/audit.202611.key");
  const auto keys = PayloadKeyFiles::Open(directory.path(), kOrigin).value();
  ASSERT_TRUE(keys->Seal("audit", kMonth, 8, "x").ok());
  EXPECT_TRUE(absl::IsNotFound(keys->Open("audit", kMonth, 7, sealed).status()));
}

TEST(SearchIndex, RefusesAFileThatIsNoKey) {
  const TemporaryDirectory directory;
  for (size_t size : {0, 31, 33}) {
    ASSERT_TRUE(WriteFileAtomically(directory.path() + "/key", Bytes(size, 'x')).ok());
    EXPECT_TRUE(absl::IsDataLoss(SearchIndex::Open(directory.path() + "/key", kOrigin).status())) << size;
  }
}

}  // namespace
}  // namespace seinpost::audit
