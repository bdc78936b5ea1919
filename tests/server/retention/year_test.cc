// SPDX-License-Identifier: EUPL-1.2
// A year of signals that are kept for three months: what the broker keeps stays level, but for the leaves.
#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "crypto/hash.h"
#include "tests/server/retention/retention_testing.h"

namespace seinpost::test {
namespace {

constexpr absl::Duration kKept = absl::Hours(24 * 90);
constexpr int kWeeks = 50;  // certificates of the example end with the year
constexpr int kSmallPerWeek = 5;

std::string FileText(const std::string& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// The example, with every class at three months.
TestNetwork ThreeMonths() {
  const std::string folder = "tests/testing/convenants/plaats";
  const std::string yaml = absl::StrReplaceAll(
      FileText(folder + ".yaml"),
      {{"after_close: 3 years\n    cap: 3 years", "after_close: 3 months\n    cap: 3 months"},
       {"after_close: 12 months\n    cap: 24 months", "after_close: 3 months\n    cap: 3 months"},
       {"after_close: 6 months\n    cap: 18 months", "after_close: 3 months\n    cap: 3 months"},
       {"after_close: 24 months\n    cap: 36 months", "after_close: 3 months\n    cap: 3 months"}});
  return TestNetwork::Make(yaml, FileText(folder + ".lab.yaml"), TestNetwork::AnyTime());
}

struct Counted {
  std::map<Family, size_t> rows;
  size_t log_bytes = 0;      // of leaves, tiles and head
  size_t opening_bytes = 0;  // of openings and what finds them
  uint64_t leaves = 0;
};

Counted CountFamilies(TestBroker& test) {
  Counted counted;
  counted.leaves = test.LogSize();
  for (const Family family :
       {Family::kMeta, Family::kSignal, Family::kPart, Family::kMailbox, Family::kNonce, Family::kAttachment,
        Family::kDevice, Family::kCase, Family::kAuditPayload, Family::kAuditIndex, Family::kAuditEntry,
        Family::kAuditTile, Family::kAuditHead}) {
    EXPECT_TRUE(test.broker()
                    .store()
                    .Scan(family, {}, {},
                          [&](ByteView key, ByteView value) {
                            ++counted.rows[family];
                            const size_t bytes = key.size() + value.size();
                            if (family == Family::kAuditEntry || family == Family::kAuditTile ||
                                family == Family::kAuditHead) {
                              counted.log_bytes += bytes;
                            } else if (family == Family::kAuditPayload || family == Family::kAuditIndex) {
                              counted.opening_bytes += bytes;
                            }
                            return true;
                          })
                    .ok());
  }
  return counted;
}

// One week: signals under a case of their own, some opened and confirmed; one named with an attachment.
void Week(TestBroker& test, int week) {
  const TestDevice& reader = test.network().device(kReader);
  for (int day = 0; day < 7; ++day) {
    test.clock().Advance(absl::Hours(24));
    Maintain(test.broker(), 2);
    if (day >= kSmallPerWeek) continue;
    envelope::SignalPlan plan = day == 0 ? NamedPlan(test.network()) : SmallPlan(test.network());
    plan.core.set_case_ref(ToBytes(crypto::Sha256(absl::StrCat("case ", week, " ", day))).substr(0, 16));
    for (envelope::PartPlan& part : plan.parts) part.expires = test.clock().Now() + kKept;
    const envelope::SealedSignal sealed = test.Seal(plan);
    for (const auto& [ct_hash, bytes] : sealed.attachments) ASSERT_TRUE(test.Upload(ct_hash, bytes).ok());
    const absl::Status submitted = test.Submit(sealed.envelope).status();
    ASSERT_TRUE(submitted.ok()) << submitted;
    const uint32_t place = PlaceOf(sealed.envelope, v1::PART_KIND_NARRATIVE);
    const absl::Status opened =
        test.Open(test.OpenStatementOf(sealed.envelope, place, reader), reader).status();
    ASSERT_TRUE(opened.ok()) << opened;
    ASSERT_TRUE(test.Confirm({test.DeliveredOf(sealed.envelope, reader)}, reader).ok());
  }
}

TEST(Retention, R32KeepsAYearsLoadLevel) {
  TestBrokerOptions options;
  options.network = ThreeMonths;
  options.limits.log_months = 3;
  TestBroker test(options);
  const absl::Time start = test.clock().Now();
  std::map<int, Counted> at;  // week ->
  int prekey_months = 5;
  for (int week = 1; week <= kWeeks; ++week) {
    // Prekeys for the months to come, as clients publish them.
    const absl::CivilMonth first = absl::ToCivilMonth(start, absl::UTCTimeZone());
    while (absl::ToCivilMonth(test.clock().Now(), absl::UTCTimeZone()) + 2 > first + prekey_months) {
      std::vector<Bytes> objects;
      for (const TestDevice* device : test.network().devices()) {
        for (const auto& entry : test.network().convenant().retention()) {
          objects.push_back(test.network().PrekeyObject(*device, entry.first, prekey_months));
        }
      }
      ASSERT_TRUE(test.Publish(objects).ok());
      for (const Bytes& object : objects) test.network().AddAt(object, test.clock().Now());
      ++prekey_months;
    }
    Week(test, week);
    ASSERT_FALSE(HasFailure()) << "week " << week;
    at[week] = CountFamilies(test);
  }
  const Counted& middle = at[26];
  const Counted& end = at[kWeeks];
  for (const auto& [family, rows] : end.rows) {
    const size_t before = middle.rows.at(family);
    std::cout << FamilyName(family) << ": " << before << " rows after half a year, " << rows
              << " after a year\n";
    if (family == Family::kAuditEntry || family == Family::kAuditTile || family == Family::kAuditHead)
      continue;
    // A month more or less of the log, which ends by the month.
    EXPECT_LE(rows, before + before / 3 + 20) << FamilyName(family);
  }
  EXPECT_GT(EventsOf(test, audit::EventType::kErased), 5u);
  const double leaves = static_cast<double>(end.leaves);
  const double opened = static_cast<double>(end.rows.at(Family::kAuditPayload));
  std::cout << "log: " << end.leaves << " leaves, " << static_cast<double>(end.log_bytes) / leaves
            << " bytes a leaf for good, " << static_cast<double>(end.opening_bytes) / opened
            << " bytes an event until its month ends\n";
  EXPECT_LT(static_cast<double>(end.log_bytes) / leaves, 160);
  // Everything that was ever logged still verifies.
  EXPECT_TRUE(test.Restart().ok());
  EXPECT_TRUE(test.broker().Writable().ok()) << test.broker().Writable();
}

}  // namespace
}  // namespace seinpost::test
