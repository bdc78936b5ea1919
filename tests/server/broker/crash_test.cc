// SPDX-License-Identifier: EUPL-1.2
// The broker through a crash at any file operation of a submit, an open, a confirmed delivery and a key that
// is passed on, unsynced bytes lost: nothing that was acknowledged is missing, no state stands without its
// leaf nor a leaf without its state, the log verifies.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>
#include <sstream>

#include "crypto/hash.h"
#include "crypto/merkle.h"
#include "server/rows/records.h"
#include "server/signals/original.h"
#include "tests/server/broker/crash_run.h"
#include "tests/server/harness.h"
#include "tests/server/operations.h"
#include "tests/testing/crash_step.h"
#include "trust/labels.h"

namespace seinpost::test {
namespace {

namespace fs = std::filesystem;

// Everything needed to run the same requests against a copy of the same disk, again and again.
struct Template {
  TestNetwork network = TestNetwork::Example(TestNetwork::AnyTime());
  std::string directory = MakeTemporaryDirectory();
  std::vector<v1::SubmitRequest> submits;
  const TestDevice* later = nullptr;  // a device of the reader's, enrolled after the first signal was sealed
  v1::AskRewrapRequest ask;           // of that device, about the first signal
  v1::GiveRewrapRequest give;
  std::vector<v1::ReportDenialRequest> reports;
  envelope::SealedSignal named;  // with an attachment
  uint64_t size = 0;             // leaves before
};

server::Session SessionOf(const TestDevice& device) { return {"plaats", device.id}; }
server::Session SessionOf(const TestNetwork& network, absl::string_view profile) {
  return SessionOf(network.device(profile));
}

void Publish(const TestNetwork& network, server::Broker& broker, size_t first) {
  for (size_t next = first; next < network.objects().size();) {
    v1::PublishRequest publish;
    publish.set_convenant_id("plaats");
    for (int i = 0; i < 64 && next < network.objects().size(); ++i) {
      publish.add_objects(network.objects()[next++]);
    }
    EXPECT_TRUE(
        Await<v1::PublishReply>([&](auto done) { broker.publication().Publish(publish, done); }).ok());
  }
}

v1::ReportDenialRequest ReportOf(const TestNetwork& network, char nonce) {
  v1::DenialStatement statement;
  *statement.mutable_request() = SmallQuestion();
  statement.add_codes("NOT_A_PARTY");
  statement.set_device_id(network.device(kSender).id);
  statement.set_time(absl::ToUnixSeconds(network.now()));
  statement.set_nonce(Bytes(16, nonce));
  return Signed<v1::ReportDenialRequest>(statement, trust::kDenialLabel, network.device(kSender));
}

// Enrols everybody and seals a few signals.
std::unique_ptr<Template> MakeTemplate() {
  auto made = std::make_unique<Template>();
  WriteBrokerKeys(made->network, made->directory);
  const SimulatedClock clock(made->network.now());
  auto broker = server::Broker::Open(OptionsIn(made->network, made->directory, nullptr), clock);
  EXPECT_TRUE(broker.ok()) << broker.status();
  v1::ActivateRequest activate;
  activate.set_object(made->network.objects()[0]);
  EXPECT_TRUE(
      Await<v1::PublishReply>([&](auto done) { (*broker)->publication().Activate(activate, done); }).ok());
  Publish(made->network, **broker, 1);
  (*broker)->PublishCheckpoints();
  server::Realm& realm = *(*broker)->realms().begin()->second;
  for (int i = 0; i < 4; ++i) {
    envelope::SignalPlan plan = SmallPlan(made->network);
    plan.core.set_checkpoint(realm.published()->note);
    if (i == 2) plan.core.set_purpose("handhaving-openbare-orde");  // will be refused: a leaf alone
    *made->submits.emplace_back().mutable_envelope() = SealOrDie(made->network, plan).envelope;
  }
  envelope::SignalPlan named = NamedPlan(made->network);
  named.core.set_checkpoint(realm.published()->note);
  made->named = SealOrDie(made->network, named);
  for (const char nonce : {'x', 'y', 'z'}) made->reports.push_back(ReportOf(made->network, nonce));
  const size_t enrolled = made->network.objects().size();
  made->later = &made->network.AddDevice(kReader);
  Publish(made->network, **broker, enrolled);
  const v1::Envelope& first = made->submits[0].envelope();
  made->ask = MakeAsk(first, v1::PART_KIND_NARRATIVE, *realm.directory(), *made->later, made->network.now());
  made->give = MakeGive(made->ask, first, v1::PART_KIND_NARRATIVE, *realm.directory(),
                        made->network.device(kReader), made->network.now());
  made->size = realm.log().head().size;
  return made;
}

v1::ConfirmDeliveryRequest ConfirmationOf(const Template& made, const v1::Envelope& envelope) {
  v1::DeliveredStatement statement;
  statement.set_convenant_id("plaats");
  statement.set_signal_id(CoreOf(envelope).signal_id());
  statement.set_header_hash(ToBytes(crypto::Sha256(envelope.header())));
  statement.set_device_id(made.network.device(kReader).id);
  statement.set_time(absl::ToUnixSeconds(made.network.now()));
  v1::ConfirmDeliveryRequest request;
  request.set_convenant_id("plaats");
  *request.add_statements() =
      Signed<v1::SignedDelivered>(statement, trust::kDeliveredLabel, made.network.device(kReader));
  return request;
}

absl::Status Confirm(const Template& made, server::Broker& broker, size_t index) {
  const v1::ConfirmDeliveryRequest request = ConfirmationOf(made, made.submits[index].envelope());
  return Await<v1::ConfirmDeliveryReply>(
             [&](auto done) { broker.deliveries().Confirm(SessionOf(made.network, kReader), request, done); })
      .status();
}

absl::Status Ask(const Template& made, server::Broker& broker) {
  return Await<v1::AskRewrapReply>(
             [&](auto done) { broker.rewraps().Ask(SessionOf(*made.later), made.ask, done); })
      .status();
}

absl::Status Give(const Template& made, server::Broker& broker) {
  return Await<v1::GiveRewrapReply>(
             [&](auto done) { broker.rewraps().Give(SessionOf(made.network, kReader), made.give, done); })
      .status();
}

// Submits all, opens what was taken in, confirms the first two and passes on the key of the first. Writes the
// index of each acknowledged signal to `acknowledged` the moment its receipt comes: that is what the world
// was promised.
void RunRequests(const Template& made, const std::string& place, const std::shared_ptr<CrashingEnv>& env,
                 std::ostream& acknowledged) {
  const SimulatedClock clock(made.network.now());
  auto broker = server::Broker::Open(OptionsIn(made.network, place, env->handle()), clock);
  if (!broker.ok()) return;
  for (size_t i = 0; i < made.submits.size(); ++i) {
    const v1::SubmitRequest& request = made.submits[i];
    const absl::Status status =
        Await<v1::SubmitReply>([&](auto done) {
          (*broker)->submission().Submit(SessionOf(made.network, kSender), request, done);
        }).status();
    if (absl::IsPermissionDenied(status)) acknowledged << "refused " << i << std::endl;
    if (!status.ok()) continue;
    acknowledged << "submit " << i << std::endl;
    v1::Header header;
    v1::Core core;
    if (!header.ParseFromString(request.envelope().header()) || !core.ParseFromString(header.core())) return;
    v1::OpenStatement statement;
    statement.set_convenant_id("plaats");
    statement.set_header_hash(ToBytes(crypto::Sha256(request.envelope().header())));
    statement.set_signal_id(core.signal_id());
    statement.set_part(PlaceOf(request.envelope(), v1::PART_KIND_NARRATIVE));
    statement.set_purpose("dreiging");
    statement.set_device_id(made.network.device(kReader).id);
    statement.set_time(absl::ToUnixSeconds(clock.Now()));
    statement.set_nonce(Bytes(16, static_cast<char>('0' + i)));
    const auto open = Signed<v1::OpenRequest>(statement, trust::kOpenLabel, made.network.device(kReader));
    const bool opened = Await<v1::OpenReply>([&](auto done) {
                          (*broker)->reading().Open(SessionOf(made.network, kReader), open, done);
                        }).ok();
    if (opened) acknowledged << "open " << i << std::endl;
    if (i < 2 && Confirm(made, **broker, i).ok()) acknowledged << "confirm " << i << std::endl;
    if (i > 0) continue;
    if (Ask(made, **broker).ok()) acknowledged << "ask " << i << std::endl;
    if (Give(made, **broker).ok()) acknowledged << "give " << i << std::endl;
  }
}

// What a log tells: per signal id the leaves about it.
struct Told {
  std::map<Bytes, uint64_t> submits;  // -> leaf index
  std::map<audit::EventType, size_t> others;
  size_t Count(audit::EventType type) const {
    const auto found = others.find(type);
    return found == others.end() ? 0 : found->second;
  }
  size_t CountAll() const {
    size_t all = submits.size();
    for (const auto& entry : others) all += entry.second;
    return all;
  }
};

Told ReadLog(const server::Realm& realm, uint64_t from) {
  Told told;
  const uint64_t size = realm.log().head().size;
  for (uint64_t index = from; index < size; ++index) {
    const absl::StatusOr<audit::Opening> opening = realm.log().ReadOpening(index);
    EXPECT_TRUE(opening.ok()) << "leaf " << index << ": " << opening.status();
    if (!opening.ok()) continue;
    const audit::Event& event = opening->event();
    if (event.Type() == audit::EventType::kSubmit) {
      told.submits[*event.Text(audit::Tag::kObject)] = index;
    } else {
      ++told.others[*event.Type()];
    }
  }
  return told;
}

size_t CountRows(const Store& store, Family family) {
  size_t count = 0;
  EXPECT_TRUE(store
                  .Scan(family, {}, {},
                        [&](ByteView, ByteView) {
                          ++count;
                          return true;
                        })
                  .ok());
  return count;
}

// State and log say the same about every signal.
void CheckState(const server::Broker& broker, const server::Realm& realm, const Told& told) {
  size_t states = 0;
  EXPECT_TRUE(broker.store()
                  .Scan(Family::kSignal, {}, {},
                        [&](ByteView key, ByteView value) {
                          ++states;
                          const auto stored = server::StoredSignal::Decode(value);
                          EXPECT_TRUE(stored.ok());
                          const auto leaf = told.submits.find(Bytes(key.substr(key.size() - 16)));
                          EXPECT_NE(leaf, told.submits.end()) << "state without leaf";
                          if (leaf != told.submits.end()) {
                            EXPECT_EQ(stored->leaf_index, leaf->second);
                          }
                          return true;
                        })
                  .ok());
  EXPECT_EQ(states, told.submits.size()) << "a leaf without state";
  for (const auto& [signal_id, index] : told.submits) {
    const auto original = server::LoadOriginal(broker.store(), realm.prefix(), signal_id);
    ASSERT_TRUE(original.ok()) << original.status();
    EXPECT_EQ(original->parts.size(), original->row.part_indexes.size());
  }
  // A mailbox row for sender and reader each, two rows for the part, one nonce for each reading and request;
  // one row for each key released, delivery confirmed, and request or the answer that took its place.
  const size_t reads = told.Count(audit::EventType::kRead);
  const size_t requests = told.Count(audit::EventType::kDecisionAllow);
  EXPECT_EQ(CountRows(broker.store(), Family::kMailbox), 2 * states);
  EXPECT_EQ(CountRows(broker.store(), Family::kPart), 2 * states);
  EXPECT_EQ(CountRows(broker.store(), Family::kNonce), reads + requests);
  EXPECT_EQ(CountRows(broker.store(), Family::kDevice),
            reads + requests + told.Count(audit::EventType::kDeliver));
  EXPECT_EQ(CountRows(broker.store(), Family::kCase), states > 0 ? 1u : 0u) << "all of one case";
}

void CheckLogVerifies(const server::Realm& realm) {
  std::vector<Digest> hashes;
  const audit::LogHead head = realm.log().head();
  ASSERT_TRUE(realm.log()
                  .ReadLeaves(0, head.size,
                              [&](uint64_t, ByteView leaf) {
                                hashes.push_back(crypto::LeafHash(leaf));
                                return true;
                              })
                  .ok());
  EXPECT_EQ(crypto::MerkleTreeHash(hashes), head.root);
}

// Opens what the crash left and holds it against what was promised.
void CheckAfterCrash(const Template& made, const std::string& place, const std::string& promised) {
  const SimulatedClock clock(made.network.now());
  auto broker = server::Broker::Open(OptionsIn(made.network, place, nullptr), clock);
  ASSERT_TRUE(broker.ok()) << broker.status();
  EXPECT_TRUE((*broker)->Writable().ok()) << (*broker)->Writable();
  const server::Realm& realm = *(*broker)->realms().begin()->second;
  const Told told = ReadLog(realm, made.size);
  CheckState(**broker, realm, told);
  std::map<std::string, size_t> kept;
  size_t promises = 0;
  std::istringstream lines(promised);
  std::string what;
  for (size_t index = 0; lines >> what >> index; ++promises) {
    ++kept[what];
    absl::Status again;
    if (what == "submit") {
      again = Await<v1::SubmitReply>([&](auto done) {
                (*broker)->submission().Submit(SessionOf(made.network, kSender), made.submits[index], done);
              }).status();
    }
    if (what == "confirm") again = Confirm(made, **broker, index);
    if (what == "give") again = Give(made, **broker);
    EXPECT_TRUE(again.ok()) << "what was acknowledged is missing: " << what << ": " << again;
  }
  EXPECT_GE(told.submits.size(), kept["submit"]);
  EXPECT_GE(told.Count(audit::EventType::kRead), kept["open"]);
  EXPECT_GE(told.Count(audit::EventType::kDecisionDeny), kept["refused"]);
  EXPECT_GE(told.Count(audit::EventType::kDeliver), kept["confirm"]);
  EXPECT_GE(told.Count(audit::EventType::kDecisionAllow), kept["ask"]);
  EXPECT_GE(told.Count(audit::EventType::kKeyReleased), kept["give"]);
  EXPECT_LE(told.CountAll(), promises + 1);
  EXPECT_EQ(realm.log().head().size, made.size + told.CountAll()) << "asking again wrote something";
  CheckLogVerifies(realm);
}

// Makes `requests` once to their end, when all of `acknowledged` was, and then once for each file operation
// (or every kCrashStep-th) with a crash at it. `check` looks at the place of every run, with what that
// acknowledged.
void CrashAtEachOperation(decltype(RunRequests)* requests, absl::string_view acknowledged,
                          decltype(CheckAfterCrash)* check, size_t least_outcomes) {
  const std::unique_ptr<Template> made = MakeTemplate();
  const auto run = [&](const std::string& place, int64_t exit_at) {
    CopyBroker(made->directory, place);
    return RunInChild(place, exit_at, [&](const std::shared_ptr<CrashingEnv>& env, std::ostream& out) {
      requests(*made, place, env, out);
    });
  };
  const std::string whole = made->directory + "/whole";
  const CrashRun all = run(whole, 0);
  ASSERT_EQ(all.exit_code, 0);
  ASSERT_GT(all.operations, 20);
  ASSERT_EQ(all.acknowledged, acknowledged);
  check(*made, whole, all.acknowledged);

  size_t crashes = 0;
  std::set<std::string> outcomes;
  for (int64_t at = 1; at <= all.operations; at += kCrashStep) {
    SCOPED_TRACE(at);
    const std::string place = made->directory + "/crash";
    const CrashRun crashed = run(place, at);
    crashes += crashed.exit_code == kCrashExitCode;
    outcomes.insert(crashed.acknowledged);
    check(*made, place, crashed.acknowledged);
    if (testing::Test::HasFailure()) break;  // One is enough to look at.
    fs::remove_all(place);
  }
  // Compaction and checkpoints make the count differ by a few from run to run.
  EXPECT_GT(crashes, static_cast<size_t>(all.operations / kCrashStep) * 9 / 10);
  EXPECT_GE(outcomes.size(), least_outcomes) << "crashes between all of the acknowledgements";
  fs::remove_all(made->directory);
}

TEST(BrokerCrash, KeepsItsPromisesAtAnyFileOperation) {
  CrashAtEachOperation(RunRequests,
                       "submit 0\nopen 0\nconfirm 0\nask 0\ngive 0\n"
                       "submit 1\nopen 1\nconfirm 1\nrefused 2\nsubmit 3\nopen 3\n",
                       CheckAfterCrash, kCrashStep == 1 ? 12 : 6);
}

absl::Status Submit(const Template& made, server::Broker& broker, const v1::Envelope& envelope) {
  v1::SubmitRequest request;
  *request.mutable_envelope() = envelope;
  return Await<v1::SubmitReply>(
             [&](auto done) { broker.submission().Submit(SessionOf(made.network, kSender), request, done); })
      .status();
}

absl::Status Upload(const Template& made, server::Broker& broker) {
  auto upload = broker.attachments().StartUpload(SessionOf(made.network, kSender));
  if (!upload.ok()) return upload.status();
  const auto& [ct_hash, bytes] = *made.named.attachments.begin();
  v1::UploadAttachmentRequest message;
  message.set_ct_hash(ct_hash);
  message.set_chunk(bytes);
  const absl::Status added = (*upload)->Add(message);
  if (!added.ok()) return added;
  return Await<v1::UploadAttachmentReply>([&](auto done) { (*upload)->Finish(done); }).status();
}

// Uploads an attachment; reports all refusals in one batch; submits the signal that the attachment is of.
void RunBatch(const Template& made, const std::string& place, const std::shared_ptr<CrashingEnv>& env,
              std::ostream& acknowledged) {
  const SimulatedClock clock(made.network.now());
  auto broker = server::Broker::Open(OptionsIn(made.network, place, env->handle()), clock);
  if (!broker.ok()) return;
  if (Upload(made, **broker).ok()) acknowledged << "upload 0" << std::endl;
  absl::Notification reached, go;
  (*broker)->sequencer().Enqueue(std::make_unique<Gate>(reached, go));
  reached.WaitForNotification();
  std::vector<absl::Notification> answered(made.reports.size());
  std::vector<absl::Status> statuses(made.reports.size());
  for (size_t i = 0; i < made.reports.size(); ++i) {
    (*broker)->denials().Report(SessionOf(made.network, kSender), made.reports[i],
                                [&, i](const absl::StatusOr<v1::ReportDenialReply>& reply) {
                                  statuses[i] = reply.status();
                                  answered[i].Notify();
                                });
  }
  go.Notify();
  for (size_t i = 0; i < made.reports.size(); ++i) {
    answered[i].WaitForNotification();
    if (statuses[i].ok()) acknowledged << "report " << i << std::endl;
  }
  if (Submit(made, **broker, made.named.envelope).ok()) acknowledged << "named 0" << std::endl;
}

// The attachment as its recipient gets it.
absl::StatusOr<Bytes> Fetch(const Template& made, server::Broker& broker) {
  v1::FetchAttachmentRequest request;
  request.set_convenant_id("plaats");
  request.set_signal_id(CoreOf(made.named.envelope).signal_id());
  request.set_part(PlaceOf(made.named.envelope, v1::PART_KIND_ATTACHMENT));
  const auto pages = PullAll<v1::FetchAttachmentReply>(
      [&](auto done) { broker.attachments().Fetch(SessionOf(made.network, kReader), request, done); });
  if (!pages.ok()) return pages.status();
  Bytes bytes;
  for (const v1::FetchAttachmentReply& page : *pages) bytes += page.chunk();
  return bytes;
}

void CheckBatchAfterCrash(const Template& made, const std::string& place, const std::string& promised) {
  const SimulatedClock clock(made.network.now());
  auto broker = server::Broker::Open(OptionsIn(made.network, place, nullptr), clock);
  ASSERT_TRUE(broker.ok()) << broker.status();
  EXPECT_TRUE((*broker)->Writable().ok()) << (*broker)->Writable();
  const server::Realm& realm = *(*broker)->realms().begin()->second;
  const Told told = ReadLog(realm, made.size);
  std::map<std::string, size_t> kept;
  std::istringstream lines(promised);
  std::string what;
  for (size_t index = 0; lines >> what >> index;) ++kept[what];
  const size_t reports = told.Count(audit::EventType::kDecisionDeny);
  EXPECT_TRUE(reports == 0 || reports == made.reports.size()) << "a batch is all there or not at all";
  EXPECT_GE(reports, kept["report"]);
  EXPECT_EQ(CountRows((*broker)->store(), Family::kNonce), reports) << "state and leaves say the same";
  EXPECT_GE(told.submits.size(), kept["named"]);
  EXPECT_EQ(realm.log().head().size, made.size + told.CountAll());
  CheckLogVerifies(realm);
  // Whatever was promised or stored of the attachment, the signal with it can be sent, and it can be fetched.
  if (kept["upload"] == 0 && told.submits.empty()) {
    ASSERT_TRUE(Upload(made, **broker).ok());
  }
  const absl::Status submitted = Submit(made, **broker, made.named.envelope);
  ASSERT_TRUE(submitted.ok()) << submitted;
  const absl::StatusOr<Bytes> fetched = Fetch(made, **broker);
  ASSERT_TRUE(fetched.ok()) << fetched.status();
  EXPECT_TRUE(*fetched == made.named.attachments.begin()->second);
}

TEST(BrokerCrash, KeepsABatchOfSeveralAndAnUploadWhole) {
  CrashAtEachOperation(RunBatch, "upload 0\nreport 0\nreport 1\nreport 2\nnamed 0\n", CheckBatchAfterCrash,
                       3);
}

}  // namespace
}  // namespace seinpost::test
