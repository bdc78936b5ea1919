// SPDX-License-Identifier: EUPL-1.2
#include "client/profile/prekeys.h"

#include "absl/time/civil_time.h"
#include "gtest/gtest.h"
#include "tests/client/test_member.h"

namespace seinpost::client {
namespace {

using test::TestMember;
using test::TestNetwork;

constexpr char kMember[] = "politie/wijkagent";

class PrekeysTest : public testing::Test {
 protected:
  TestNetwork network_ = TestNetwork::Example(TestNetwork::AnyTime());
  TestMember member_{network_, kMember};
};

TEST_F(PrekeysTest, CoverFiveMonthsInEveryClass) {
  const Profile profile = member_.OpenProfile();
  const size_t classes = network_.convenant().retention().size();
  EXPECT_EQ(profile.prekeys().size(), classes * kPrekeyMonths);
  for (const auto& [name, retention] : network_.convenant().retention()) {
    for (int weeks = 0; weeks <= 17; ++weeks) {
      const absl::Time at = network_.now() + absl::Hours(24 * 7 * weeks);
      const trust::PrekeyEntry* entry = network_.directory().PrekeyFor(profile.device_id(), name, at);
      ASSERT_NE(entry, nullptr) << name << " in week " << weeks;
      EXPECT_NE(profile.FindPrekey(entry->prekey_id), nullptr);
      EXPECT_EQ(entry->delete_after, entry->seal_until + retention.cap);
    }
    EXPECT_EQ(
        network_.directory().PrekeyFor(profile.device_id(), name, network_.now() + absl::Hours(24 * 160)),
        nullptr);
  }
}

TEST_F(PrekeysTest, AreMadeOnce) {
  Profile profile = member_.OpenProfile();
  const absl::StatusOr<std::vector<Bytes>> again =
      RenewPrekeys(profile, network_.directory(), network_.now());
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->empty());
}

TEST_F(PrekeysTest, GrowByAMonthWhenAMonthHasPassed) {
  Profile profile = member_.OpenProfile();
  const absl::Time next = network_.now() + absl::Hours(24 * 31);
  const absl::StatusOr<std::vector<Bytes>> made = RenewPrekeys(profile, network_.directory(), next);
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->size(), network_.convenant().retention().size());
}

TEST_F(PrekeysTest, ThatWereNeverPublishedAreOfferedAgainUnchanged) {
  Profile profile = member_.OpenProfile();
  const absl::Time next = network_.now() + absl::Hours(24 * 31);
  const absl::StatusOr<std::vector<Bytes>> lost = RenewPrekeys(profile, network_.directory(), next);
  Profile reopened = member_.OpenProfile();
  const absl::StatusOr<std::vector<Bytes>> again = RenewPrekeys(reopened, network_.directory(), next);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(*again, *lost);
}

// A published prekey without its secret: another one takes its place, as often as brokers allow it.
TEST_F(PrekeysTest, WithoutTheirSecretAreReplacedThreeTimesAndNoMore) {
  Profile profile = member_.OpenProfile();
  const size_t wanted = network_.convenant().retention().size() * kPrekeyMonths;
  const auto lose = [&] {
    EXPECT_TRUE(profile
                    .Update([](Profile& newest) {
                      newest.DestroyExpiredPrekeys(absl::InfiniteFuture());
                      return absl::OkStatus();
                    })
                    .ok());
  };
  EXPECT_FALSE(PrekeysDue(profile, network_.directory(), network_.now()));
  for (size_t time = 1; time <= trust::kMaxPrekeyReplacements; ++time) {
    lose();
    EXPECT_EQ(FindPrekeysWithoutSecret(profile, network_.directory(), network_.now()).sealed_to, wanted);
    EXPECT_EQ(FindPrekeysWithoutSecret(profile, network_.directory(), network_.now()).kept, wanted * time);
    EXPECT_TRUE(PrekeysDue(profile, network_.directory(), network_.now()));
    const absl::StatusOr<std::vector<Bytes>> made =
        RenewPrekeys(profile, network_.directory(), network_.now());
    ASSERT_TRUE(made.ok()) << made.status();
    ASSERT_EQ(made->size(), wanted);
    for (const Bytes& prekey : *made) network_.Add(prekey);
    EXPECT_FALSE(PrekeysDue(profile, network_.directory(), network_.now()));
    EXPECT_EQ(FindPrekeysWithoutSecret(profile, network_.directory(), network_.now()).sealed_to, 0u);
    // Who seals takes the new one, also on the last second of its month.
    for (const auto& [name, retention] : network_.convenant().retention()) {
      const trust::PrekeyEntry* entry =
          network_.directory().PrekeyFor(profile.device_id(), name, network_.now());
      ASSERT_NE(entry, nullptr);
      EXPECT_NE(profile.FindPrekey(entry->prekey_id), nullptr) << name;
      EXPECT_EQ(entry->delete_after, entry->seal_until + retention.cap);
    }
  }
  lose();
  EXPECT_FALSE(PrekeysDue(profile, network_.directory(), network_.now()));
  EXPECT_TRUE(RenewPrekeys(profile, network_.directory(), network_.now())->empty());
  EXPECT_EQ(FindPrekeysWithoutSecret(profile, network_.directory(), network_.now()).sealed_to, wanted);
  EXPECT_EQ(FindPrekeysWithoutSecret(profile, network_.directory(), network_.now()).for_good, wanted);
}

TEST_F(PrekeysTest, ThatAnotherCommandMadeAreNotReplaced) {
  Profile stale = member_.OpenProfile(), other = member_.OpenProfile();
  const absl::Time next = network_.now() + absl::Hours(24 * 31);
  const absl::StatusOr<std::vector<Bytes>> made = RenewPrekeys(other, network_.directory(), next);
  ASSERT_TRUE(made.ok());
  for (const Bytes& prekey : *made) network_.AddAt(prekey, next);
  EXPECT_TRUE(RenewPrekeys(stale, network_.directory(), next)->empty());
  EXPECT_EQ(stale.prekeys().size(), other.prekeys().size());
}

TEST(Prekeys, NeedACertificate) {
  TestNetwork network = TestNetwork::Example(TestNetwork::AnyTime());
  const test::TempDir temp;
  absl::StatusOr<Profile> stranger =
      Profile::Create(temp / "p", "politie", "wijkagent", "geheim", crypto::PassphraseStrength::kInteractive);
  ASSERT_TRUE(stranger.ok());
  EXPECT_EQ(RenewPrekeys(*stranger, network.directory(), network.now()).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace seinpost::client
