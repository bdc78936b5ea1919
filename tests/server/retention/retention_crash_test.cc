// SPDX-License-Identifier: EUPL-1.2
// The sweep through a crash at any file operation, unsynced bytes lost: no signal is half destroyed, no leaf
// stands without its effect nor an effect without its leaf, and what was begun is brought to its end.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "audit/erasure.h"
#include "crypto/hash.h"
#include "server/rows/records.h"
#include "server/signals/original.h"
#include "tests/server/broker/crash_run.h"
#include "tests/server/retention/retention_testing.h"
#include "tests/testing/crash_step.h"

namespace seinpost::test {
namespace {

namespace fs = std::filesystem;

constexpr absl::Duration kMargin = absl::Hours(12);

// A broker whose month of openings ends at `end`, as do two signals: one small, one named with an attachment
// and a justification that stays.
struct SweepTemplate {
  TestNetwork network = TestNetwork::Example(TestNetwork::AnyTime());
  std::string directory = MakeTemporaryDirectory();
  absl::Time end;
  std::vector<envelope::SealedSignal> signals;
  size_t attachment_rows = 0;  // of the one attachment: its row and its chunks

  server::BrokerOptions OptionsIn(const std::string& place, std::shared_ptr<FileSystemHandle> files) const {
    server::BrokerOptions options = test::OptionsIn(network, place, std::move(files));
    options.limits.log_months = 1;
    return options;
  }
};

void TakeIn(SweepTemplate& made, server::Broker& broker, envelope::SignalPlan plan) {
  broker.PublishCheckpoints();
  plan.core.set_checkpoint((*broker.realms().begin()->second).published()->note);
  for (envelope::PartPlan& part : plan.parts) {
    if (part.kind != v1::PART_KIND_JUSTIFICATION) part.expires = made.end - server::kGrace;
  }
  envelope::SealedSignal sealed = SealOrDie(made.network, plan);
  const server::Session session{"plaats", made.network.device(kSender).id};
  for (const auto& [ct_hash, bytes] : sealed.attachments) {
    auto upload = broker.attachments().StartUpload(session);
    ASSERT_TRUE(upload.ok());
    v1::UploadAttachmentRequest message;
    message.set_ct_hash(ct_hash);
    message.set_chunk(bytes);
    ASSERT_TRUE((*upload)->Add(message).ok());
    ASSERT_TRUE(Await<v1::UploadAttachmentReply>([&](auto done) { (*upload)->Finish(done); }).ok());
  }
  v1::SubmitRequest request;
  *request.mutable_envelope() = sealed.envelope;
  const absl::Status submitted =
      Await<v1::SubmitReply>([&](auto done) { broker.submission().Submit(session, request, done); }).status();
  ASSERT_TRUE(submitted.ok()) << submitted;
  made.signals.push_back(std::move(sealed));
}

std::unique_ptr<SweepTemplate> MakeSweepTemplate() {
  auto made = std::make_unique<SweepTemplate>();
  WriteBrokerKeys(made->network, made->directory);
  SimulatedClock clock(made->network.now());
  made->end = absl::FromCivil(absl::ToCivilMonth(clock.Now(), absl::UTCTimeZone()) + 2, absl::UTCTimeZone());
  auto broker = server::Broker::Open(made->OptionsIn(made->directory, nullptr), clock);
  EXPECT_TRUE(broker.ok()) << broker.status();
  v1::ActivateRequest activate;
  activate.set_object(made->network.objects()[0]);
  EXPECT_TRUE(
      Await<v1::PublishReply>([&](auto done) { (*broker)->publication().Activate(activate, done); }).ok());
  for (size_t next = 1; next < made->network.objects().size();) {
    v1::PublishRequest publish;
    publish.set_convenant_id("plaats");
    for (int i = 0; i < 64 && next < made->network.objects().size(); ++i) {
      publish.add_objects(made->network.objects()[next++]);
    }
    EXPECT_TRUE(
        Await<v1::PublishReply>([&](auto done) { (*broker)->publication().Publish(publish, done); }).ok());
  }
  TakeIn(*made, **broker, SmallPlan(made->network));
  TakeIn(*made, **broker, NamedPlan(made->network));
  made->attachment_rows = RowsOf((*broker)->store(), Family::kAttachment);
  EXPECT_GT(made->attachment_rows, 1u);
  while (clock.Now() < made->end - kMargin) {
    clock.Advance(std::min(absl::Hours(24), made->end - kMargin - clock.Now()));
    Maintain(**broker, 1);
  }
  return made;
}

// One day of maintenance, in which all of it comes to its end.
void Destroy(const SweepTemplate& made, const std::string& place, const std::shared_ptr<CrashingEnv>& env) {
  const SimulatedClock clock(made.end + kMargin);
  auto broker = server::Broker::Open(made.OptionsIn(place, env ? env->handle() : nullptr), clock);
  if (!broker.ok()) return;
  Maintain(**broker, 6);
}

// State and log say the same of every signal.
void CheckSignals(const SweepTemplate& made, const server::Broker& broker) {
  const server::Realm& realm = *broker.realms().begin()->second;
  std::map<Bytes, std::set<uint8_t>> expired;  // signal -> places, by the leaves
  std::map<Bytes, uint64_t> last;
  for (uint64_t index = 0; index < realm.log().head().size; ++index) {
    const absl::StatusOr<audit::Opening> opening = realm.log().ReadOpening(index);
    if (!opening.ok() || opening->event().Type() != audit::EventType::kExpired) continue;
    const Bytes signal_id = *opening->event().Text(audit::Tag::kObject);
    EXPECT_TRUE(last.emplace(signal_id, index).second) << "told twice";
    const auto recipients = opening->event().Recipients();
    ASSERT_TRUE(recipients.has_value());
    for (const auto& recipient : *recipients) expired[signal_id].insert(recipient.part);
  }
  for (const envelope::SealedSignal& sealed : made.signals) {
    const Bytes signal_id = CoreOf(sealed.envelope).signal_id();
    bool some_left = false;
    for (const v1::Part& part : sealed.envelope.parts()) {
      const bool there =
          *broker.store().Contains(Family::kPart, server::PartKey(realm.prefix(), signal_id, part.index()));
      const bool wraps =
          *broker.store().Contains(Family::kPart, server::WrapsKey(realm.prefix(), signal_id, part.index()));
      EXPECT_EQ(there, wraps);
      EXPECT_NE(there, expired[signal_id].count(static_cast<uint8_t>(part.index())) > 0)
          << "part " << part.index();
      some_left = some_left || there;
      if (DescriptorOf(part).kind() == v1::PART_KIND_ATTACHMENT) {
        const size_t rows = RowsOf(broker.store(), Family::kAttachment);
        EXPECT_EQ(rows, there ? made.attachment_rows : 0u) << "all of it, or nothing";
      }
    }
    const auto remains = server::FindRemains(broker.store(), realm.prefix(), signal_id);
    ASSERT_TRUE(remains.ok()) << remains.status();
    EXPECT_NE(remains->has_value(), some_left);
    if (*remains) {
      EXPECT_EQ((*remains)->expired_by, last[signal_id]);
    }
    // Mailboxes hold what is there.
    for (const v1::Part& part : sealed.envelope.parts()) {
      const v1::PartDescriptor descriptor = DescriptorOf(part);
      for (const v1::Recipient& recipient : descriptor.recipients()) {
        const Bytes prefix = server::MailboxPrefix(realm.prefix(), recipient.device_id());
        EXPECT_TRUE(broker.store()
                        .Scan(Family::kMailbox, prefix, PrefixLimit(prefix),
                              [&](ByteView, ByteView value) {
                                const auto row = server::MailboxRow::Decode(value);
                                if (row->signal_id != signal_id) return true;
                                for (const char place : row->part_indexes) {
                                  EXPECT_EQ(expired[signal_id].count(static_cast<uint8_t>(place)), 0u);
                                }
                                return true;
                              })
                        .ok());
      }
    }
  }
}

// A key that is gone was named by a leaf, and the leaf is there once.
void CheckKeys(const SweepTemplate& made, const std::string& place, const server::Broker& broker, bool over) {
  const audit::Log& log = (*broker.realms().begin()->second).log();
  size_t named = 0;
  for (uint64_t index = 0; index < log.head().size; ++index) {
    const absl::StatusOr<audit::Opening> opening = log.ReadOpening(index);
    if (opening.ok() && audit::ErasureOf(opening->event())) ++named;
  }
  const std::string path =
      absl::StrCat(place, "/keys/plaats/payload/event.", audit::MonthOf(made.network.now()), ".key");
  const bool gone = fs::file_size(path) != 32;
  EXPECT_LE(named, 1u);
  if (gone || over) {
    EXPECT_EQ(named, 1u);
  }
  if (over) {
    EXPECT_TRUE(gone);
  }
}

void CheckSwept(const SweepTemplate& made, const std::string& place) {
  {
    const SimulatedClock clock(made.end - kMargin);  // nothing is due by it
    auto broker = server::Broker::Open(made.OptionsIn(place, nullptr), clock);
    ASSERT_TRUE(broker.ok()) << broker.status();
    EXPECT_TRUE((*broker)->Writable().ok()) << (*broker)->Writable();
    CheckSignals(made, **broker);
    CheckKeys(made, place, **broker, /*over=*/false);
  }
  Destroy(made, place, nullptr);
  const SimulatedClock clock(made.end + kMargin);
  auto broker = server::Broker::Open(made.OptionsIn(place, nullptr), clock);
  ASSERT_TRUE(broker.ok()) << broker.status();
  EXPECT_TRUE((*broker)->Writable().ok()) << (*broker)->Writable();
  CheckSignals(made, **broker);
  CheckKeys(made, place, **broker, /*over=*/true);
  EXPECT_EQ(RowsOf((*broker)->store(), Family::kPart), 2u) << "the justification";
}

TEST(RetentionCrash, LeavesNothingHalfDestroyedAtAnyFileOperation) {
  const std::unique_ptr<SweepTemplate> made = MakeSweepTemplate();
  const auto run = [&](const std::string& place, int64_t exit_at) {
    CopyBroker(made->directory, place);
    return RunInChild(place, exit_at, [&](const std::shared_ptr<CrashingEnv>& env, std::ostream&) {
      Destroy(*made, place, env);
    });
  };
  const std::string whole = made->directory + "/whole";
  const CrashRun all = run(whole, 0);
  ASSERT_EQ(all.exit_code, 0);
  ASSERT_GT(all.operations, 10);
  CheckSwept(*made, whole);
  size_t crashes = 0;
  for (int64_t at = 1; at <= all.operations; at += kCrashStep) {
    SCOPED_TRACE(at);
    const std::string place = made->directory + "/crash";
    crashes += run(place, at).exit_code == kCrashExitCode;
    CheckSwept(*made, place);
    if (testing::Test::HasFailure()) break;  // one is enough to look at
    fs::remove_all(place);
  }
  EXPECT_GT(crashes, static_cast<size_t>(all.operations / kCrashStep) * 8 / 10);
  fs::remove_all(made->directory);
}

}  // namespace
}  // namespace seinpost::test
