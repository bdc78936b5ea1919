// SPDX-License-Identifier: EUPL-1.2
// The broker through a crash at any file operation of a submit and an open, unsynced bytes lost: nothing that
// was acknowledged is missing, no state stands without its leaf nor a leaf without its state, the log
// verifies.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "crypto/hash.h"
#include "crypto/merkle.h"
#include "server/broker/original.h"
#include "server/broker/records.h"
#include "tests/server/harness.h"
#include "trust/labels.h"

namespace seinpost::test {
namespace {

namespace fs = std::filesystem;

// Everything needed to run the same requests against a copy of the same disk, again and again.
struct Template {
  TestNetwork network = TestNetwork::Arnhem(TestNetwork::AnyTime());
  std::string directory = MakeTemporaryDirectory();
  std::vector<v1::SubmitRequest> submits;
  uint64_t size = 0;  // leaves before

  server::BrokerOptions OptionsIn(const std::string& place, std::shared_ptr<FileSystemHandle> files) const {
    server::BrokerOptions options;
    options.data_dir = place + "/data";
    options.keys_dir = place + "/keys";
    options.anchor_dir = place + "/anchor";
    options.convenants = {HostedOf(network)};
    options.store.file_system = std::move(files);
    return options;
  }
};

server::Session SessionOf(const TestNetwork& network, absl::string_view profile) {
  return {"arnhem", network.device(profile).id};
}

// Enrols everybody and seals a few signals.
std::unique_ptr<Template> MakeTemplate() {
  auto made = std::make_unique<Template>();
  WriteBrokerKeys(made->network, made->directory);
  const SimulatedClock clock(made->network.now());
  auto broker = server::Broker::Open(made->OptionsIn(made->directory, nullptr), clock);
  EXPECT_TRUE(broker.ok()) << broker.status();
  v1::ActivateRequest activate;
  activate.set_object(made->network.objects()[0]);
  EXPECT_TRUE(
      Await<v1::PublishReply>([&](auto done) { (*broker)->publication().Activate(activate, done); }).ok());
  for (size_t next = 1; next < made->network.objects().size();) {
    v1::PublishRequest publish;
    publish.set_convenant_id("arnhem");
    for (int i = 0; i < 64 && next < made->network.objects().size(); ++i) {
      publish.add_objects(made->network.objects()[next++]);
    }
    EXPECT_TRUE(
        Await<v1::PublishReply>([&](auto done) { (*broker)->publication().Publish(publish, done); }).ok());
  }
  (*broker)->PublishCheckpoints();
  server::Realm& realm = *(*broker)->realms().begin()->second;
  for (int i = 0; i < 4; ++i) {
    envelope::SignalPlan plan = SmallPlan(made->network);
    plan.core.set_checkpoint(realm.published()->note);
    if (i == 2) plan.core.set_purpose("handhaving-openbare-orde");  // will be refused: a leaf alone
    *made->submits.emplace_back().mutable_envelope() = SealOrDie(made->network, plan).envelope;
  }
  made->size = realm.log().head().size;
  return made;
}

// Submits all, and opens what was taken in. Writes the index of each acknowledged signal to `acknowledged`
// the moment its receipt comes: that is what the world was promised.
void RunRequests(const Template& made, const std::string& place, const std::shared_ptr<CrashingEnv>& env,
                 std::ostream& acknowledged) {
  const SimulatedClock clock(made.network.now());
  auto broker = server::Broker::Open(made.OptionsIn(place, env->handle()), clock);
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
    statement.set_convenant_id("arnhem");
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
  }
}

// What a log tells: per signal id the leaves about it.
struct Told {
  std::map<Bytes, uint64_t> submits;  // -> leaf index
  size_t reads = 0;
  size_t denials = 0;
};

Told ReadLog(const server::Realm& realm, uint64_t from) {
  Told told;
  const uint64_t size = realm.log().head().size;
  for (uint64_t index = from; index < size; ++index) {
    const absl::StatusOr<audit::Opening> opening = realm.log().ReadOpening(index);
    EXPECT_TRUE(opening.ok()) << "leaf " << index << ": " << opening.status();
    if (!opening.ok()) continue;
    const audit::Event& event = opening->event();
    if (event.Type() == audit::EventType::kSubmit) told.submits[*event.Text(audit::Tag::kObject)] = index;
    if (event.Type() == audit::EventType::kRead) ++told.reads;
    if (event.Type() == audit::EventType::kDecisionDeny) ++told.denials;
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
  // A mailbox row for sender and reader each, two rows for the part, one nonce for each reading.
  EXPECT_EQ(CountRows(broker.store(), Family::kMailbox), 2 * states);
  EXPECT_EQ(CountRows(broker.store(), Family::kPart), 2 * states);
  EXPECT_EQ(CountRows(broker.store(), Family::kNonce), told.reads);
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
  auto broker = server::Broker::Open(made.OptionsIn(place, nullptr), clock);
  ASSERT_TRUE(broker.ok()) << broker.status();
  EXPECT_TRUE((*broker)->Writable().ok()) << (*broker)->Writable();
  const server::Realm& realm = *(*broker)->realms().begin()->second;
  const Told told = ReadLog(realm, made.size);
  size_t submits = 0, reads = 0, denials = 0;
  std::istringstream lines(promised);
  std::string what;
  for (size_t index = 0; lines >> what >> index;) {
    submits += what == "submit";
    reads += what == "open";
    denials += what == "refused";
    if (what != "submit") continue;
    const absl::Status again =
        Await<v1::SubmitReply>([&](auto done) {
          (*broker)->submission().Submit(SessionOf(made.network, kSender), made.submits[index], done);
        }).status();
    EXPECT_TRUE(again.ok()) << "an acknowledged signal is missing: " << again;
  }
  EXPECT_GE(told.submits.size(), submits);
  EXPECT_GE(told.reads, reads);
  EXPECT_GE(told.denials, denials);
  EXPECT_LE(told.submits.size() + told.reads + told.denials, submits + reads + denials + 1);
  CheckState(**broker, realm, told);
  CheckLogVerifies(realm);
}

std::string ReadText(const std::string& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// In a child, which has no threads but its own.
int RunInChild(const Template& made, const std::string& place, int64_t exit_at, int64_t* operations) {
  const pid_t child = fork();
  if (child == 0) {
    const std::shared_ptr<CrashingEnv> env = MakeCrashingEnv(exit_at);
    std::ofstream acknowledged(place + "/acknowledged");
    RunRequests(made, place, env, acknowledged);
    std::ofstream(place + "/operations") << env->operations();
    _exit(0);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status)) << "the broker died of something else";
  if (operations != nullptr) *operations = std::stoll(ReadText(place + "/operations"));
  return WEXITSTATUS(status);
}

TEST(BrokerCrash, KeepsItsPromisesAtAnyFileOperation) {
  const std::unique_ptr<Template> made = MakeTemplate();
  const auto fresh = [&](const std::string& name) {
    const std::string place = made->directory + "/" + name;
    fs::create_directory(place);
    for (const char* part : {"data", "keys", "anchor"}) {
      fs::copy(made->directory + "/" + part, place + "/" + part, fs::copy_options::recursive);
    }
    return place;
  };
  int64_t operations = 0;
  const std::string whole = fresh("whole");
  ASSERT_EQ(RunInChild(*made, whole, 0, &operations), 0);
  ASSERT_GT(operations, 20);
  const std::string all = ReadText(whole + "/acknowledged");
  ASSERT_EQ(all, "submit 0\nopen 0\nsubmit 1\nopen 1\nrefused 2\nsubmit 3\nopen 3\n");
  CheckAfterCrash(*made, whole, all);

  size_t crashes = 0;
  std::set<std::string> outcomes;
  for (int64_t at = 1; at <= operations; ++at) {
    SCOPED_TRACE(at);
    const std::string place = fresh("crash");
    const int code = RunInChild(*made, place, at, nullptr);
    crashes += code == kCrashExitCode;
    const std::string promised = ReadText(place + "/acknowledged");
    outcomes.insert(promised);
    CheckAfterCrash(*made, place, promised);
    if (HasFailure()) break;  // One is enough to look at.
    fs::remove_all(place);
  }
  // Compaction and checkpoints make the count differ by a few from run to run.
  EXPECT_GT(crashes, static_cast<size_t>(operations) * 9 / 10);
  EXPECT_GE(outcomes.size(), 8u) << "crashes between all of the acknowledgements";
  fs::remove_all(made->directory);
}

}  // namespace
}  // namespace seinpost::test
