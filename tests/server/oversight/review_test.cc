// SPDX-License-Identifier: EUPL-1.2
// Who may read the log.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "audit/verifier.h"
#include "crypto/hash.h"
#include "crypto/merkle.h"
#include "server/commit/operation.h"
#include "server/commit/prepared_event.h"
#include "tests/server/harness.h"
#include "trust/labels.h"

namespace seinpost::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr char kOfficer[] = "gemeente/privacy-officer";

v1::AuditQueryStatement QueryOf(TestBroker& test, absl::string_view profile) {
  v1::AuditQueryStatement statement;
  statement.set_convenant_id("plaats");
  statement.set_reason("review");
  statement.set_device_id(test.network().device(profile).id);
  statement.set_time(absl::ToUnixSeconds(test.clock().Now()));
  statement.set_nonce(crypto::RandomBytes(16));
  return statement;
}

using Export = std::shared_ptr<server::Source<v1::ExportReply>>;
absl::StatusOr<Export> Ask(TestBroker& test, const v1::AuditQueryStatement& statement,
                           absl::string_view profile) {
  const auto request =
      Signed<v1::ExportRequest>(statement, trust::kAuditQueryLabel, test.network().device(profile));
  return Await<Export>(
      [&](auto done) { test.broker().review().Export(test.SessionOf(profile), request, done); });
}

struct Exported {
  std::vector<v1::ExportEntry> entries;
  Bytes checkpoint;
  std::optional<v1::Receipt> receipt;
};
Exported PullExport(server::Source<v1::ExportReply>& source) {
  Exported exported;
  while (true) {
    absl::StatusOr<std::optional<v1::ExportReply>> reply = Pull(source);
    EXPECT_TRUE(reply.ok()) << reply.status();
    if (!reply.ok() || !*reply) return exported;
    for (const v1::ExportEntry& entry : (*reply)->entries()) exported.entries.push_back(entry);
    if ((*reply)->has_receipt()) exported.receipt = (*reply)->receipt();
    if (!(*reply)->checkpoint().empty()) exported.checkpoint = (*reply)->checkpoint();
  }
}

TEST(Review, ExportsAWholeLogThatVerifiesOffline) {
  TestBroker test;
  ASSERT_TRUE(test.Submit(test.Seal(SmallPlan(test.network())).envelope).ok());
  const uint64_t size = test.LogSize();
  const absl::StatusOr<Export> source = Ask(test, QueryOf(test, kOfficer), kOfficer);
  ASSERT_TRUE(source.ok()) << source.status();
  EXPECT_EQ(test.LogSize(), size + 1) << "the query is a leaf";
  EXPECT_EQ(test.LastEvent(), "AUDIT_QUERY ");
  const Exported exported = PullExport(**source);
  ASSERT_TRUE(exported.receipt);
  ASSERT_THAT(exported.entries, SizeIs(size + 1));
  audit::ExportVerifier verifier(
      {0, size + 1, exported.checkpoint},
      {audit::LogKey(test.realm().origin(), test.realm().log_public_key()), {}, 0});
  size_t opened = 0;
  for (const v1::ExportEntry& entry : exported.entries) {
    const Bytes hash = ToBytes(crypto::LeafHash(entry.leaf()));
    audit::ExportEntry checked{entry.index(), entry.leaf(), hash, {}};
    if (!entry.opening().empty()) checked.opening = entry.opening();
    opened += entry.opening().empty() ? 0 : 1;
    EXPECT_TRUE(verifier.Add(checked));
  }
  EXPECT_TRUE(verifier.Finish().ok);
  // One activation, a mandate each, the submit and this query.
  EXPECT_GT(opened, 10u);
}

// An export of the whole log after one signal, as its officer gets it.
struct WholeLog {
  WholeLog() {
    EXPECT_TRUE(test.Submit(test.Seal(SmallPlan(test.network(), "hij had een mes bij zich")).envelope).ok());
    const absl::StatusOr<Export> source = Ask(test, QueryOf(test, kOfficer), kOfficer);
    EXPECT_TRUE(source.ok()) << source.status();
    exported = PullExport(**source);
  }
  bool Verifies(const std::vector<v1::ExportEntry>& entries) {
    audit::ExportVerifier verifier(
        {0, exported.entries.size(), exported.checkpoint},
        {audit::LogKey(test.realm().origin(), test.realm().log_public_key()), {}, 0});
    for (const v1::ExportEntry& entry : entries) {
      const Bytes hash = ToBytes(crypto::LeafHash(entry.leaf()));
      audit::ExportEntry checked{entry.index(), entry.leaf(), hash, {}};
      if (!entry.opening().empty()) checked.opening = entry.opening();
      verifier.Add(checked);
    }
    return verifier.Finish().ok;
  }
  TestBroker test;
  Exported exported;
};

TEST(R28, NoLeafIsDeletedChangedOrMovedUnnoticed) {
  WholeLog log;
  const std::vector<v1::ExportEntry>& leaves = log.exported.entries;
  ASSERT_TRUE(log.Verifies(leaves));
  for (size_t i = 0; i < leaves.size(); ++i) {
    std::vector<v1::ExportEntry> without = leaves, changed = leaves, moved = leaves;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_FALSE(log.Verifies(without)) << i;
    changed[i].mutable_leaf()->back() = static_cast<char>(changed[i].leaf().back() ^ 1);
    EXPECT_FALSE(log.Verifies(changed)) << i;
    if (i == 0) continue;
    std::swap(moved[i], moved[i - 1]);
    moved[i].set_index(i);
    moved[i - 1].set_index(i - 1);
    EXPECT_FALSE(log.Verifies(moved)) << i;
  }
}

TEST(R28, LogHoldsNoContent) {
  const WholeLog log;
  size_t opened = 0;
  for (const v1::ExportEntry& entry : log.exported.entries) {
    EXPECT_EQ(entry.leaf().find("een mes"), Bytes::npos);
    EXPECT_EQ(entry.opening().find("een mes"), Bytes::npos);
    opened += entry.opening().empty() ? 0 : 1;
  }
  EXPECT_GT(opened, 10u);
}

TEST(R29, OnlyAPrivacyOfficerReadsTheLogAndEveryTryIsALeaf) {
  TestBroker test;
  const uint64_t size = test.LogSize();
  for (const char* profile : {kSender, kReader, "sass/coordinator"}) {
    const absl::Status refused = Ask(test, QueryOf(test, profile), profile).status();
    EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied) << refused;
    EXPECT_THAT(CodesOf(refused), ElementsAre("AUDIT_SCOPE"));
    EXPECT_EQ(test.LastEvent(), "DECISION_DENY AUDIT_SCOPE");
  }
  EXPECT_EQ(test.LogSize(), size + 3);
}

TEST(R29, AnOfficerOfOneOrganisationSeesThatOneOpen) {
  TestBroker test;
  ASSERT_TRUE(test.Submit(test.Seal(SmallPlan(test.network())).envelope).ok());
  const uint64_t submit = test.LogSize() - 1;
  const auto opened_for = [&](absl::string_view profile) {
    const absl::StatusOr<Export> source = Ask(test, QueryOf(test, profile), profile);
    EXPECT_TRUE(source.ok()) << source.status();
    return !PullExport(**source).entries[submit].opening().empty();
  };
  const auto grant = [&](absl::string_view profile) {
    ASSERT_TRUE(
        test.Publish({test.network().MandateObject(profile, "privacy_officer", {"*"}, policies::Level::kL2,
                                                   test.clock().Now(), test.clock().Now() + absl::Hours(24))})
            .ok());
  };
  EXPECT_TRUE(opened_for(kOfficer)) << "oversight sees the whole convenant";
  for (const char* officer : {"politie/toezicht", "jongerenwerk/toezicht"}) {
    test.AddDevice(officer);
    grant(officer);
  }
  EXPECT_TRUE(opened_for("politie/toezicht")) << "his organisation is a recipient";
  EXPECT_FALSE(opened_for("jongerenwerk/toezicht"));
  // Who takes part does not oversee, whatever his organisation grants him.
  grant(kReader);
  EXPECT_THAT(CodesOf(Ask(test, QueryOf(test, kReader), kReader).status()), ElementsAre("ROLE_CONFLICT"));
  EXPECT_EQ(test.LastEvent(), "DECISION_DENY ROLE_CONFLICT");
}

TEST(Review, OpensOnlyTheCaseThatWasAskedFor) {
  TestBroker test;
  ASSERT_TRUE(test.Submit(test.Seal(SmallPlan(test.network())).envelope).ok());
  const uint64_t asked = test.LogSize() - 1;
  envelope::SignalPlan other = SmallPlan(test.network());
  other.core.set_case_ref(Bytes(16, 'd'));
  ASSERT_TRUE(test.Submit(test.Seal(other).envelope).ok());
  v1::AuditQueryStatement statement = QueryOf(test, kOfficer);
  statement.set_case_ref(ToHex(Bytes(16, 'c')));
  const absl::StatusOr<Export> source = Ask(test, statement, kOfficer);
  ASSERT_TRUE(source.ok()) << source.status();
  std::vector<uint64_t> opened;
  for (const v1::ExportEntry& entry : PullExport(**source).entries) {
    if (!entry.opening().empty()) opened.push_back(entry.index());
  }
  // The submit, and the query itself, which names the case.
  EXPECT_THAT(opened, ElementsAre(asked, asked + 2));
}

// A leaf as large as an earlier version may have written it.
class StageLargeEvent final : public server::Operation {
 public:
  StageLargeEvent(server::Realm& realm, size_t recipients, absl::Time now) : realm_(realm) {
    audit::Event event;
    event.SetType(audit::EventType::kDecisionDeny)
        .SetTime(now)
        .SetRecipients(std::vector<audit::RecipientVerdict>(
            recipients, {Bytes(16, 'm'), 0, false, "PURPOSE_NOT_ALLOWED_HERE"}));
    event_ = *server::PreparedEvent::Make(std::move(event));
  }
  void Apply(server::Transaction& transaction) override { transaction.Stage(realm_, event_); }
  void Complete(const absl::Status& commit) override { EXPECT_TRUE(commit.ok()) << commit; }

 private:
  server::Realm& realm_;
  server::PreparedEvent event_;
};

void StageLarge(TestBroker& test, int count, size_t recipients) {
  for (int i = 0; i < count; ++i) {
    test.broker().sequencer().Enqueue(
        std::make_unique<StageLargeEvent>(test.realm(), recipients, test.clock().Now()));
  }
}

TEST(MemberExport, ComesInPagesThatFitHoweverLargeItsEntries) {
  TestBroker test;
  // Thirty of a quarter of a megabyte are more than a client takes at once; two hundred of a few kilobytes
  // are more than a page.
  StageLarge(test, 30, 6000);
  StageLarge(test, 200, 100);
  const absl::StatusOr<Export> source = Ask(test, QueryOf(test, kOfficer), kOfficer);
  ASSERT_TRUE(source.ok()) << source.status();
  uint64_t next = 0;
  size_t bytes = 0;
  while (true) {
    const absl::StatusOr<std::optional<v1::ExportReply>> page = Pull(**source);
    ASSERT_TRUE(page.ok()) << page.status();
    if (!*page) break;
    bytes += (*page)->ByteSizeLong();
    if ((*page)->entries_size() > 1) {
      EXPECT_LE((*page)->ByteSizeLong(), server::kStreamPageBytes + 4096);
    }
    for (const v1::ExportEntry& entry : (*page)->entries()) {
      EXPECT_EQ(entry.index(), next++);
    }
  }
  EXPECT_EQ(next, test.LogSize());
  EXPECT_GT(bytes, 8u * 1024 * 1024) << "or this shows nothing";
}

TEST(MemberExport, EndsWhenItsReaderIsNoOfficerAnyMore) {
  TestBroker test;
  StageLarge(test, 3, 6000);
  const absl::StatusOr<Export> source = Ask(test, QueryOf(test, kOfficer), kOfficer);
  ASSERT_TRUE(source.ok()) << source.status();
  ASSERT_TRUE(Pull(**source).ok());
  std::vector<trust::MandateEntry> mandates;
  for (const trust::MandateEntry* mandate :
       test.network().directory().MandatesOf(test.network().member(kOfficer))) {
    mandates.push_back(*mandate);
  }
  for (const trust::MandateEntry& mandate : mandates) {
    ASSERT_TRUE(test.PutInForce(test.network().RevokeMandateObject(mandate)).ok());
  }
  EXPECT_EQ(Pull(**source).status().code(), absl::StatusCode::kPermissionDenied);
}

TEST(MemberExport, EndsWhenItsReaderIsRevoked) {
  TestBroker test;
  StageLarge(test, 3, 6000);
  const absl::StatusOr<Export> source = Ask(test, QueryOf(test, kOfficer), kOfficer);
  ASSERT_TRUE(source.ok()) << source.status();
  ASSERT_TRUE(Pull(**source).ok());
  ASSERT_TRUE(test.Publish({test.network().RevokeDeviceObject(test.network().device(kOfficer))}).ok());
  EXPECT_EQ(Pull(**source).status().code(), absl::StatusCode::kUnauthenticated);
}

TEST(Review, NamesTheFieldThatIsWrong) {
  TestBroker test;
  const uint64_t size = test.LogSize();
  struct Row {
    const char* text;
    std::function<void(v1::AuditQueryStatement&)> change;
  };
  const Row rows[] = {
      {"statement.reason", [](auto& s) { s.set_reason("zomaar"); }},
      {"statement.case_ref", [](auto& s) { s.set_case_ref("c0"); }},
      {"statement.from", [&](auto& s) { s.set_from(size + 1); }},
      {"statement.to", [&](auto& s) { s.set_to(size + 1); }},
      {"statement.from", [](auto& s) { s.set_from(3), s.set_to(2); }},
      {"statement.nonce", [](auto& s) { s.clear_nonce(); }},
      {"statement.time", [](auto& s) { s.set_time(1); }},
  };
  for (const Row& row : rows) {
    v1::AuditQueryStatement statement = QueryOf(test, kOfficer);
    row.change(statement);
    EXPECT_THAT(std::string(Ask(test, statement, kOfficer).status().message()), HasSubstr(row.text));
  }
  EXPECT_EQ(test.LogSize(), size);
}

}  // namespace
}  // namespace seinpost::test
