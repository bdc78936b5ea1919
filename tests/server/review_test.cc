// SPDX-License-Identifier: EUPL-1.2
// Who may read the log, sessions, reported denials, publication.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "audit/verifier.h"
#include "crypto/hash.h"
#include "crypto/merkle.h"
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
  statement.set_convenant_id("arnhem");
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
Exported PullAll(server::Source<v1::ExportReply>& source) {
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
  const Exported exported = PullAll(**source);
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
    return !PullAll(**source).entries[submit].opening().empty();
  };
  const auto grant = [&](absl::string_view profile) {
    ASSERT_TRUE(
        test.Publish({test.network().MandateObject(profile, "privacy_officer", {"*"}, policies::Level::kL2,
                                                   test.clock().Now(), test.clock().Now() + absl::Hours(24))})
            .ok());
  };
  EXPECT_TRUE(opened_for(kOfficer)) << "oversight sees the whole convenant";
  grant(kReader);
  grant("jongerenwerk/jongerenwerker");
  EXPECT_TRUE(opened_for(kReader)) << "his organisation is a recipient";
  EXPECT_FALSE(opened_for("jongerenwerk/jongerenwerker"));
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
  for (const v1::ExportEntry& entry : PullAll(**source).entries) {
    if (!entry.opening().empty()) opened.push_back(entry.index());
  }
  // The submit, and the query itself, which names the case.
  EXPECT_THAT(opened, ElementsAre(asked, asked + 2));
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

class DenialTest : public testing::Test {
 protected:
  v1::DenialStatement Statement() {
    v1::DenialStatement statement;
    v1::DecideSendRequest& request = *statement.mutable_request();
    request.set_convenant_id("arnhem");
    request.set_convenant_version(1);
    request.set_channel("core@school-a");
    request.set_category("wapen");
    request.set_purpose("dreiging");
    request.set_level(v1::LEVEL_L1);
    v1::AskedPart& part = *request.add_parts();
    part.set_kind(v1::PART_KIND_NARRATIVE);
    part.add_recipients("brandweer/piet");
    part.add_recipients(kReader);
    statement.add_codes("NOT_A_PARTY");
    statement.set_device_id(test_.network().device(kSender).id);
    statement.set_time(absl::ToUnixSeconds(test_.clock().Now()));
    statement.set_nonce(crypto::RandomBytes(16));
    return statement;
  }
  absl::StatusOr<v1::ReportDenialReply> Report(const v1::DenialStatement& statement) {
    const auto request =
        Signed<v1::ReportDenialRequest>(statement, trust::kDenialLabel, test_.network().device(kSender));
    return Await<v1::ReportDenialReply>(
        [&](auto done) { test_.broker().denials().Report(test_.SessionOf(kSender), request, done); });
  }
  TestBroker test_;
};

TEST_F(DenialTest, BecomesALeafWithoutTheNamesOfStrangers) {
  const v1::DenialStatement statement = Statement();
  const absl::StatusOr<v1::ReportDenialReply> reply = Report(statement);
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(test_.LastEvent(), "DECISION_DENY NOT_A_PARTY");
  const std::optional<audit::Event> event = test_.EventAt(test_.LogSize() - 1);
  EXPECT_EQ(event->Text(audit::Tag::kSource), "client");
  ASSERT_THAT(*event->Recipients(), SizeIs(1)) << "only a member of the directory has a reference";
  EXPECT_EQ((*event->Recipients())[0].member_ref, test_.network().member(kReader));
  EXPECT_THAT(reply->receipt().opening(), testing::Not(HasSubstr("brandweer")));
  EXPECT_EQ(Report(statement).status().code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(DenialTest, TakesOnlyWordsOfTheConvenant) {
  const uint64_t size = test_.LogSize();
  struct Row {
    const char* text;
    std::function<void(v1::DenialStatement&)> change;
  };
  const Row rows[] = {
      {"channel", [](auto& s) { s.mutable_request()->set_channel("Jan Jansen"); }},
      {"purpose", [](auto& s) { s.mutable_request()->set_purpose("Jan Jansen"); }},
      {"category", [](auto& s) { s.mutable_request()->set_category("Jan Jansen"); }},
      {"statement.codes", [](auto& s) { s.set_codes(0, "JAN_JANSEN"); }},
      {"statement.codes", [](auto& s) { s.clear_codes(); }},
      {"parts.recipients", [](auto& s) { s.mutable_request()->mutable_parts(0)->set_recipients(0, "x"); }},
      {"level", [](auto& s) { s.mutable_request()->clear_level(); }},
      {"convenant_id", [](auto& s) { s.mutable_request()->set_convenant_id("elders"); }},
  };
  for (const Row& row : rows) {
    v1::DenialStatement statement = Statement();
    row.change(statement);
    const absl::Status status = Report(statement).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << row.text;
    EXPECT_THAT(std::string(status.message()), HasSubstr(row.text));
    EXPECT_THAT(std::string(status.message()), testing::Not(HasSubstr("Jansen")));
  }
  EXPECT_EQ(test_.LogSize(), size);
}

class SessionTest : public testing::Test {
 protected:
  v1::SessionStatement Statement() {
    v1::SessionStatement statement;
    statement.set_role("broker");
    statement.set_service_identity(ToBytes(test_.network().log_key().public_key()));
    statement.set_convenant_id("arnhem");
    statement.set_device_id(test_.network().device(kSender).id);
    statement.set_nonce(test_.broker().sessions().Challenge()->nonce());
    statement.set_time(absl::ToUnixSeconds(test_.clock().Now()));
    return statement;
  }
  absl::StatusOr<v1::LoginReply> Login(const v1::SessionStatement& statement, const char* profile = kSender) {
    return test_.broker().sessions().Login(
        Signed<v1::LoginRequest>(statement, trust::kSessionLabel, test_.network().device(profile)));
  }
  TestBroker test_;
};

TEST_F(SessionTest, GivesATokenForFifteenMinutes) {
  const absl::StatusOr<v1::LoginReply> reply = Login(Statement());
  ASSERT_TRUE(reply.ok()) << reply.status();
  const absl::StatusOr<server::Session> session = test_.broker().sessions().Authenticate(reply->token());
  ASSERT_TRUE(session.ok());
  EXPECT_EQ(session->device, test_.network().device(kSender).id);
  test_.clock().Advance(absl::Minutes(15) - absl::Seconds(1));
  EXPECT_TRUE(test_.broker().sessions().Authenticate(reply->token()).ok());
  test_.clock().Advance(absl::Seconds(1));
  EXPECT_FALSE(test_.broker().sessions().Authenticate(reply->token()).ok());
  EXPECT_FALSE(test_.broker().sessions().Authenticate(Bytes(32, 't')).ok());
}

TEST_F(SessionTest, SaysOneThingToEveryWrongLogin) {
  const struct {
    const char* name;
    std::function<void(v1::SessionStatement&)> change;
  } rows[] = {
      {"role", [](auto& s) { s.set_role("steward"); }},
      {"identity", [](auto& s) { s.mutable_service_identity()->back() ^= 1; }},
      {"convenant", [](auto& s) { s.set_convenant_id("elders"); }},
      {"device", [](auto& s) { s.mutable_device_id()->back() ^= 1; }},
      {"nonce", [](auto& s) { s.mutable_nonce()->back() ^= 1; }},
      {"early", [](auto& s) { s.set_time(s.time() - 301); }},
      {"late", [](auto& s) { s.set_time(s.time() + 301); }},
  };
  for (const auto& row : rows) {
    v1::SessionStatement statement = Statement();
    row.change(statement);
    const absl::Status status = Login(statement).status();
    EXPECT_EQ(status, absl::UnauthenticatedError("login refused")) << row.name;
  }
  EXPECT_EQ(Login(Statement(), kReader).status(), absl::UnauthenticatedError("login refused"));
}

TEST_F(SessionTest, TakesANonceOnceAndForAMinute) {
  const v1::SessionStatement statement = Statement();
  ASSERT_TRUE(Login(statement).ok());
  EXPECT_FALSE(Login(statement).ok());
  v1::SessionStatement slow = Statement();
  test_.clock().Advance(absl::Seconds(60));
  slow.set_time(absl::ToUnixSeconds(test_.clock().Now()));
  EXPECT_FALSE(Login(slow).ok());
}

TEST_F(SessionTest, EndsWithTheCertificate) {
  const absl::StatusOr<v1::LoginReply> reply = Login(Statement());
  ASSERT_TRUE(reply.ok());
  ASSERT_TRUE(test_.Publish({test_.network().RevokeDeviceObject(test_.network().device(kSender))}).ok());
  EXPECT_FALSE(test_.broker().sessions().Authenticate(reply->token()).ok());
  EXPECT_FALSE(Login(Statement()).ok());
}

TEST_F(SessionTest, BoundsUnusedNonces) {
  absl::Status full;
  for (int i = 0; i < 100'000 && full.ok(); ++i) full = test_.broker().sessions().Challenge().status();
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
  test_.clock().Advance(server::kNonceLife);
  EXPECT_TRUE(test_.broker().sessions().Challenge().ok());
}

TEST(Publication, KeepsTheDirectoryInItsOrderThroughARestart) {
  TestBroker test;
  const trust::Directory& directory = test.network().directory();
  EXPECT_EQ(test.realm().directory()->chain_hash(), directory.chain_hash());
  ASSERT_TRUE(test.Restart().ok());
  EXPECT_EQ(test.realm().directory()->chain_hash(), directory.chain_hash());
  ASSERT_TRUE(test.broker().Writable().ok()) << test.broker().Writable();

  v1::GetDirectoryRequest request;
  request.set_convenant_id("arnhem");
  request.set_from(5);
  using Pages = std::shared_ptr<server::Source<v1::GetDirectoryReply>>;
  const auto pages = Await<Pages>(
      [&](auto done) { test.broker().publication().GetDirectory(test.SessionOf(kSender), request, done); });
  ASSERT_TRUE(pages.ok()) << pages.status();
  std::vector<Bytes> objects;
  Bytes checkpoint;
  while (true) {
    const auto page = Pull(**pages);
    ASSERT_TRUE(page.ok()) << page.status();
    if (!*page) break;
    EXPECT_EQ((*page)->first_seq(), 5 + objects.size());
    objects.insert(objects.end(), (*page)->objects().begin(), (*page)->objects().end());
    checkpoint = (*page)->checkpoint();
  }
  EXPECT_EQ(objects,
            std::vector<Bytes>(test.network().objects().begin() + 5, test.network().objects().end()));
  EXPECT_EQ(checkpoint, test.realm().published()->note);
}

TEST(Publication, IsAllOrNothingAndSaysWhichObjectIsWrong) {
  TestBroker test;
  const uint64_t size = test.LogSize();
  const Bytes good = test.network().PrekeyObject(test.network().device(kSender), "casus", 6);
  Bytes bad = test.network().PrekeyObject(test.network().device(kSender), "casus", 7);
  bad.back() ^= 1;
  const absl::Status refused = test.Publish({good, bad});
  EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("objects[1]"));
  EXPECT_EQ(test.LogSize(), size);
  ASSERT_TRUE(test.Publish({good}).ok());
  EXPECT_EQ(test.LogSize(), size + 1);
  ASSERT_TRUE(test.Publish({good}).ok()) << "what is there is skipped";
  EXPECT_EQ(test.LogSize(), size + 1);
}

TEST(Publication, ActivatesOnlyWhatTheConfigurationNames) {
  TestBroker other({{}, nullptr, false});
  const Bytes& object = other.network().objects()[0];
  const auto activate = [](TestBroker& test, const Bytes& bytes) {
    v1::ActivateRequest request;
    request.set_object(bytes);
    return Await<v1::PublishReply>([&](auto done) { test.broker().publication().Activate(request, done); });
  };
  v1::GetConvenantRequest get;
  const auto active = [&] {
    return Await<v1::GetConvenantReply>(
        [&](auto done) { other.broker().publication().GetConvenant(get, done); });
  };
  EXPECT_EQ(active().status().code(), absl::StatusCode::kNotFound);
  Bytes flipped = object;
  flipped.back() ^= 1;
  EXPECT_FALSE(activate(other, flipped).ok());
  const absl::StatusOr<v1::PublishReply> done = activate(other, object);
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_THAT(done->receipts(), SizeIs(1));
  EXPECT_EQ(other.LastEvent(), "CONVENANT_ACTIVATED ");
  EXPECT_TRUE(activate(other, object).ok()) << "again is fine";
  ASSERT_TRUE(active().ok());
  EXPECT_EQ(active()->object(), object);
}

}  // namespace
}  // namespace seinpost::test
