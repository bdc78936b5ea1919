// SPDX-License-Identifier: EUPL-1.2
// How many objects each signer may publish, and which prekeys.
#include "server/directory/allowances.h"

#include <gtest/gtest.h>

#include "absl/time/civil_time.h"
#include "server/gate/quota.h"
#include "trust/directory.h"

namespace seinpost::server {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);
constexpr auto kMandate = v1::OBJECT_KIND_MANDATE;
constexpr auto kPrekey = v1::OBJECT_KIND_PREKEY;
constexpr auto kRevocation = v1::OBJECT_KIND_REVOCATION;

void Spend(Allowances& allowances, int times, v1::ObjectKind kind, absl::Time now = kNow,
           absl::string_view signer = "school") {
  for (int i = 0; i < times; ++i) allowances.Spend("realm", kind, signer, now);
}

TEST(Allowances, CountObjectsBySignerKindAndRealm) {
  Allowances allowances({.per_minute = 60, .grants_per_day = 0});
  EXPECT_TRUE(allowances.Check("realm", kPrekey, "school", 60, kNow).ok());
  EXPECT_EQ(allowances.signers(), 0u) << "asking makes nobody known";
  Spend(allowances, 60, kPrekey);
  const absl::Status over = allowances.Check("realm", kPrekey, "school", 1, kNow);
  EXPECT_EQ(over.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(RetryAfter(over), absl::Seconds(1));
  EXPECT_EQ(RetryAfter(allowances.Check("realm", kPrekey, "school", 30, kNow)), absl::Seconds(30));
  EXPECT_TRUE(allowances.Check("realm", kRevocation, "school", 1, kNow).ok());
  EXPECT_TRUE(allowances.Check("realm", kPrekey, "school2", 1, kNow).ok());
  EXPECT_TRUE(allowances.Check("other", kPrekey, "school", 1, kNow).ok());
  EXPECT_TRUE(allowances.Check("realm", kPrekey, "school", 1, kNow + absl::Seconds(1)).ok());
  EXPECT_FALSE(allowances.Check("realm", kPrekey, "school", 1, kNow - absl::Hours(1)).ok())
      << "a clock set back refills nothing";
}

TEST(Allowances, LetMoreThanABucketPassWhenItIsFullAndThenWaitForIt) {
  Allowances allowances({.per_minute = 10, .grants_per_day = 0});
  ASSERT_TRUE(allowances.Check("realm", kPrekey, "school", 64, kNow).ok());
  Spend(allowances, 64, kPrekey);
  EXPECT_EQ(RetryAfter(allowances.Check("realm", kPrekey, "school", 1, kNow)), absl::Seconds(330));
  // Another signer's spending forgets what is full, and no debts.
  Spend(allowances, 1, kPrekey, kNow + absl::Minutes(3), "school2");
  EXPECT_FALSE(allowances.Check("realm", kPrekey, "school", 1, kNow + absl::Minutes(3)).ok());
  Spend(allowances, 1, kPrekey, kNow + absl::Minutes(7), "school2");
  EXPECT_EQ(allowances.signers(), 1u);
}

TEST(Allowances, BoundGrantsByTheDayAndRevocationsOnlyByTheMinute) {
  Allowances allowances({.per_minute = 0, .grants_per_day = 24});
  for (const v1::ObjectKind kind :
       {kMandate, v1::OBJECT_KIND_DEVICE_CERTIFICATE, v1::OBJECT_KIND_ISSUER_CERTIFICATE}) {
    Spend(allowances, 24, kind);
    EXPECT_EQ(RetryAfter(allowances.Check("realm", kind, "school", 1, kNow)), absl::Hours(1)) << kind;
  }
  Spend(allowances, 1000, kRevocation);
  EXPECT_TRUE(allowances.Check("realm", kRevocation, "school", 64, kNow).ok());
}

TEST(Allowances, BoundWhatSeveralSignMoreNarrowly) {
  Allowances allowances({.per_minute = 1200, .grants_per_day = 0});
  Spend(allowances, 60, v1::OBJECT_KIND_PROPOSAL);
  EXPECT_FALSE(allowances.Check("realm", v1::OBJECT_KIND_PROPOSAL, "school", 1, kNow).ok());
  EXPECT_TRUE(allowances.Check("realm", v1::OBJECT_KIND_RESTRICTION_ORDER, "school", 1, kNow).ok());
}

v1::Prekey Window(absl::CivilSecond from, absl::CivilSecond until) {
  v1::Prekey prekey;
  prekey.set_seal_from(absl::ToUnixSeconds(absl::FromCivil(from, absl::UTCTimeZone())));
  prekey.set_seal_until(absl::ToUnixSeconds(absl::FromCivil(until, absl::UTCTimeZone())));
  return prekey;
}

// M4: windows a second apart, and years ahead.
TEST(MemberPrekeys, AreOfOneCalendarMonthWithinTheHorizon) {
  const absl::Time now = absl::FromCivil(absl::CivilSecond(2026, 10, 31, 23, 59, 59), absl::UTCTimeZone());
  const auto code = [&](absl::CivilSecond from, absl::CivilSecond until) {
    return CheckPrekeyMonth(Window(from, until), now).code();
  };
  const absl::CivilMonth this_month(2026, 10);
  for (int i = 0; i <= kPrekeyMonthsAhead; ++i) {
    EXPECT_EQ(code(this_month + i, this_month + i + 1), absl::StatusCode::kOk) << i;
  }
  EXPECT_EQ(code(this_month + 6, this_month + 7), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(code(this_month + 1200, this_month + 1201), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(code(this_month, this_month + 2), absl::StatusCode::kInvalidArgument);
  // The first seconds are for those that replace it.
  for (int i = 1; i <= trust::kMaxPrekeyReplacements; ++i) {
    EXPECT_EQ(code(absl::CivilSecond(2026, 10, 1, 0, 0, i), this_month + 1), absl::StatusCode::kOk) << i;
  }
  EXPECT_EQ(code(absl::CivilSecond(2026, 10, 1, 0, 0, trust::kMaxPrekeyReplacements + 1), this_month + 1),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(this_month, absl::CivilSecond(2026, 10, 31, 23, 59, 59)),
            absl::StatusCode::kInvalidArgument);
  for (const int64_t odd : {INT64_MIN, int64_t{-1}, int64_t{0}, INT64_MAX}) {
    v1::Prekey prekey = Window(this_month, this_month + 1);
    prekey.set_seal_from(odd);
    EXPECT_FALSE(CheckPrekeyMonth(prekey, now).ok()) << odd;
    prekey = Window(this_month, this_month + 1);
    prekey.set_seal_until(odd);
    EXPECT_FALSE(CheckPrekeyMonth(prekey, now).ok()) << odd;
  }
}

}  // namespace
}  // namespace seinpost::server
