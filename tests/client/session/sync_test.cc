// SPDX-License-Identifier: EUPL-1.2
// What a session believes of directory and log, and what it says when a broker lies about them.
#include "client/mail/sync.h"

#include <filesystem>

#include "client/broker/fork_evidence.h"
#include "client/broker/grpc_status.h"
#include "client/session/gossip.h"
#include "client/session/session.h"
#include "crypto/hash.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/test_member.h"
#include "trust/objects.h"
#include "util/secure_file.h"

namespace seinpost::client {
namespace {

using test::FakeBroker;
using test::TempDir;
using test::TestLog;
using test::TestMember;
using test::TestNetwork;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr char kOfficer[] = "politie/wijkagent";
constexpr char kOther[] = "school/zorgcoordinator";

class SyncTest : public testing::Test {
 protected:
  // A device that has visited once, and a log that has grown by `events` since.
  std::unique_ptr<Session> Visited(int events = 3) {
    std::unique_ptr<Session> session = reader_.OpenSession(broker_);
    const absl::Status synced = session->SyncDirectory();
    EXPECT_TRUE(synced.ok()) << synced;
    for (int i = 0; i < events; ++i) log_.Append(crypto::Sha256("event " + std::to_string(i)));
    return session;
  }

  void ExpectTampered(const absl::Status& status, const char* sentence) {
    EXPECT_EQ(ExitCodeOf(status), kTampered) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(sentence));
  }

  // The evidence that the last refusal left, which must say the two notes.
  ForkEvidence Evidence(const Session& session_of) const {
    Session& session = const_cast<Session&>(session_of);
    const std::vector<std::string> paths = ListEvidence(session.state().directory());
    EXPECT_THAT(paths, SizeIs(1));
    if (paths.size() != 1) return {};
    const absl::StatusOr<ForkEvidence> evidence = DecodeEvidence(*ReadFile(paths[0], 1 << 20));
    EXPECT_TRUE(evidence.ok()) << evidence.status();
    return evidence.value_or(ForkEvidence());
  }

  TestNetwork network_ = TestNetwork::Example(TestNetwork::AnyTime());
  TestMember reader_{network_, kOfficer};
  TestMember other_{network_, kOther};
  TestLog log_{network_};
  FakeBroker broker_{network_, log_, reader_.clock()};
};

TEST_F(SyncTest, TakesInWhatTheLogHas) {
  const std::unique_ptr<Session> session = Visited();
  EXPECT_EQ(session->directory().size(), network_.objects().size());
  ASSERT_TRUE(session->SyncDirectory().ok());
  EXPECT_EQ(session->checkpoint()->size, log_.size());
  EXPECT_EQ(broker_.consistency_proofs, 1);
  // The next command goes on from there.
  const std::unique_ptr<Session> again = reader_.OpenSession(broker_);
  EXPECT_EQ(again->checkpoint_note(), session->checkpoint_note());
  EXPECT_EQ(again->directory().leaf_indexes(), log_.leaf_indexes());
  ASSERT_TRUE(Sync(*again).ok());
  EXPECT_THAT(ListEvidence(again->state().directory()), IsEmpty());
}

// --- the convenant

TEST_F(SyncTest, PinsTheNewestVersionAndNeverGoesBack) {
  const std::unique_ptr<Session> session = Visited();
  EXPECT_EQ(session->entry().version, 1u);
  network_.Add(network_.SuccessorObject());
  log_.TakeObjects();
  ASSERT_TRUE(session->SyncDirectory().ok());
  EXPECT_EQ(session->entry().version, 2u);
  const Profile profile = reader_.OpenProfile();
  EXPECT_EQ(profile.convenants()[0].version, 2u);
  EXPECT_EQ(profile.convenants()[0].hash, network_.directory().convenant_hash());
}

TEST_F(SyncTest, HostileOldConvenantIsRefused) {
  {
    const std::unique_ptr<Session> session = Visited();
    network_.Add(network_.SuccessorObject());
    log_.TakeObjects();
    ASSERT_TRUE(session->SyncDirectory().ok());
  }
  // A profile whose state was wiped still holds its pin.
  std::filesystem::remove_all(reader_.directory() + "/" + network_.convenant().id());
  broker_.directory_limit = log_.leaf_indexes().size() - 1;
  broker_.note_size = log_.size() - 1;
  const std::unique_ptr<Session> session = reader_.OpenSession(broker_);
  broker_.spoil_convenant = [&](v1::GetConvenantReply& reply) { reply.set_object(network_.objects()[0]); };
  ExpectTampered(session->SyncDirectory(), "een oud convenant: versie 1, terwijl versie 2");
  broker_.spoil_convenant = nullptr;  // it shows the new one, and withholds it from the directory
  ExpectTampered(session->SyncDirectory(), "een oud convenant: versie 1, terwijl versie 2");
}

// The broker writes the times of its notes: 72 hours of public delay that are still to come are none.
TEST_F(SyncTest, HostileDelayYetToComeIsRefused) {
  const std::unique_ptr<Session> session = Visited();
  const absl::Time now = reader_.clock().Now();
  network_.NewRoot("politie");
  const Bytes proposal =
      trust::MakeProposal(network_.SignedSuccessor(network_.SuccessorYaml(), {"politie"})).value();
  network_.Add(proposal);
  log_.TakeObjects();
  ASSERT_TRUE(session->SyncDirectory().ok());
  const Bytes first = network_.Checkpoint(log_.size(), now);
  const Bytes second = network_.Checkpoint(log_.size(), now + trust::kPublicDelay);
  network_.AddAt(trust::MakeActivation(proposal, first, second).value(), now + trust::kPublicDelay);
  log_.TakeObjects();
  ExpectTampered(session->SyncDirectory(), "of a time yet to come");
  reader_.clock().Advance(trust::kPublicDelay);
  EXPECT_TRUE(session->SyncDirectory().ok());
}

TEST_F(SyncTest, HostileSelfMadeConvenantIsRefused) {
  TestNetwork other =
      TestNetwork::Make(*ReadFile("tests/testing/convenants/plaats.yaml", 1 << 20) + "\n# anders\n",
                        *ReadFile("tests/testing/convenants/plaats.lab.yaml", 1 << 20), network_.now());
  TestLog other_log(other);
  FakeBroker hostile(other, other_log, reader_.clock());
  const std::unique_ptr<Session> session = reader_.OpenSession(hostile);
  ExpectTampered(session->SyncDirectory(), "een ander convenant");
  EXPECT_FALSE(session->has_directory());
}

TEST_F(SyncTest, HostileSuccessorThatNotEverybodySignedIsRefused) {
  const std::unique_ptr<Session> session = Visited();
  const Bytes object = network_.SignedSuccessor(network_.SuccessorYaml(), {"politie"});
  broker_.spoil_directory = [&](v1::GetDirectoryReply& reply) {
    reply.add_objects(object);
    reply.add_leaf_indexes(log_.size());
  };
  ExpectTampered(session->SyncDirectory(), "een ander convenant");
  EXPECT_EQ(session->entry().version, 1u);
}

// --- the directory

TEST_F(SyncTest, HostileDirectoryIsRefused) {
  const struct {
    const char* name;
    std::function<void(v1::GetDirectoryReply&)> spoil;
    const char* sentence;
  } cases[] = {
      {"an object withheld",
       [](v1::GetDirectoryReply& reply) {
         reply.mutable_objects()->RemoveLast();
         reply.mutable_leaf_indexes()->RemoveLast();
       },
       "houdt iets achter of voegt iets toe"},
      {"a gap", [](v1::GetDirectoryReply& reply) { reply.set_first_seq(reply.first_seq() + 1); },
       "laat een gat"},
      {"no leaf indexes", [](v1::GetDirectoryReply& reply) { reply.clear_leaf_indexes(); },
       "onmogelijke plaats"},
      {"leaf indexes that fall",
       [](v1::GetDirectoryReply& reply) { reply.set_leaf_indexes(1, reply.leaf_indexes(0)); },
       "onmogelijke plaats"},
      {"a leaf past the end",
       [](v1::GetDirectoryReply& reply) { reply.set_leaf_indexes(reply.leaf_indexes_size() - 1, 1'000'000); },
       "onmogelijke plaats"},
      {"a bit flipped",
       [](v1::GetDirectoryReply& reply) {
         std::string* object = reply.mutable_objects(reply.objects_size() - 1);
         object->back() = static_cast<char>(object->back() ^ 1);
       },
       "iets dat niet klopt"},
      {"no checkpoint", [](v1::GetDirectoryReply& reply) { reply.clear_checkpoint(); }, "geen checkpoint"},
      {"a checkpoint of another log",
       [](v1::GetDirectoryReply& reply) {
         std::string* note = reply.mutable_checkpoint();
         (*note)[note->size() - 5] = (*note)[note->size() - 5] == 'A' ? 'B' : 'A';
       },
       "niet door het logboek van dit convenant ondertekend"},
  };
  for (const auto& test : cases) {
    const std::unique_ptr<Session> session = reader_.OpenSession(broker_);
    broker_.spoil_directory = test.spoil;
    const absl::Status status = session->SyncDirectory();
    EXPECT_EQ(ExitCodeOf(status), kTampered) << test.name << ": " << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(test.sentence)) << test.name;
    EXPECT_THAT(*session->state().LoadDirectory(), IsEmpty()) << test.name;
  }
}

TEST_F(SyncTest, HostileRevocationElsewhereInTheLogIsRefused) {
  const std::unique_ptr<Session> session = Visited();
  network_.Add(network_.RevokeDeviceObject(network_.device(kOther)));
  log_.TakeObjects();
  log_.Append(crypto::Sha256("a signal of the revoked device"));
  // One place later than it is: what came in between would count.
  broker_.spoil_directory = [](v1::GetDirectoryReply& reply) {
    reply.set_leaf_indexes(0, reply.leaf_indexes(0) + 1);
  };
  ExpectTampered(session->SyncDirectory(), "staat niet in het logboek waar de broker zegt");
  broker_.spoil_directory = nullptr;
  EXPECT_TRUE(session->SyncDirectory().ok());
}

// --- the log

TEST_F(SyncTest, HostileShrinkingLogIsRefusedWithEvidence) {
  const std::unique_ptr<Session> session = Visited();
  ASSERT_TRUE(session->SyncDirectory().ok());
  const Bytes before = session->checkpoint_note();
  broker_.note_size = log_.size() - 1;
  ExpectTampered(session->SyncDirectory(), "teruggedraaid");
  const ForkEvidence evidence = Evidence(*session);
  EXPECT_EQ(evidence.first, before);
  EXPECT_EQ(evidence.second, log_.Note(reader_.clock().Now(), log_.size() - 1));
  EXPECT_EQ(evidence.found, "own");
  EXPECT_EQ(session->checkpoint_note(), before);
}

TEST_F(SyncTest, HostileTwoRootsOfOneSizeAreRefusedWithEvidence) {
  const std::unique_ptr<Session> session = Visited();
  ASSERT_TRUE(session->SyncDirectory().ok());
  log_.Rewrite(log_.size() - 1, crypto::Sha256("another history"));
  const absl::Status status = session->SyncDirectory();
  ExpectTampered(status, "heeft twee geschiedenissen");
  const std::vector<std::string> paths = ListEvidence(session->state().directory());
  ASSERT_THAT(paths, SizeIs(1));
  EXPECT_THAT(std::string(status.message()), HasSubstr(paths[0]));
  // Again the same, and the same file.
  ExpectTampered(session->SyncDirectory(), "heeft twee geschiedenissen");
  EXPECT_THAT(ListEvidence(session->state().directory()), SizeIs(1));
  // Every command says that there is evidence, also one that never asks the broker.
  EXPECT_THAT(reader_.err(), Not(HasSubstr("Let op")));
  reader_.OpenSession();
  EXPECT_THAT(reader_.err(), HasSubstr("Let op: er ligt bewijs"));
  EXPECT_THAT(reader_.err(), HasSubstr(paths[0]));
}

TEST_F(SyncTest, HostileLogWithAnotherPastIsRefusedWithEvidence) {
  const std::unique_ptr<Session> session = Visited();
  log_.Rewrite(5, crypto::Sha256("another past"));
  ExpectTampered(session->SyncDirectory(), "gaat niet verder op wat eerder is gezien");
  const ForkEvidence evidence = Evidence(*session);
  EXPECT_EQ(evidence.size2, log_.size());
  EXPECT_GT(evidence.answer.hashes_size(), 0);
}

TEST_F(SyncTest, HostileLogWithoutAProofIsRefusedWithEvidence) {
  const std::unique_ptr<Session> session = Visited();
  broker_.spoil_consistency = [](uint64_t, uint64_t, v1::ProveConsistencyReply&) {
    return absl::NotFoundError("I would rather not");
  };
  ExpectTampered(session->SyncDirectory(), "bewijst niet dat zijn logboek verdergaat");
  EXPECT_EQ(Evidence(*session).error, "I would rather not");
}

// A broker that was killed, is busy or has a fault has proved nothing, either way.
TEST_F(SyncTest, NoAnswerIsNoEvidence) {
  size_t asked = 0;
  const auto no_inclusion = [&](v1::ProveInclusionReply&) {
    ++asked;
    return FromGrpc(grpc::Status(grpc::StatusCode::INTERNAL, "gone"));
  };
  broker_.spoil_inclusion = no_inclusion;
  EXPECT_EQ(ExitCodeOf(reader_.OpenSession(broker_)->SyncDirectory()), kFailed);
  EXPECT_EQ(asked, 1u);
  broker_.spoil_inclusion = nullptr;

  const std::unique_ptr<Session> session = Visited();
  const PendingReceipt pending{.index = 1, .leaf_hash = log_.leaf(1), .promised = reader_.clock().Now()};
  ASSERT_TRUE(session->state()
                  .Update([&](StateData& data) {
                    data.pending.push_back(pending);
                    return absl::OkStatus();
                  })
                  .ok());
  for (const grpc::StatusCode code :
       {grpc::StatusCode::UNAVAILABLE, grpc::StatusCode::DEADLINE_EXCEEDED, grpc::StatusCode::CANCELLED,
        grpc::StatusCode::UNKNOWN, grpc::StatusCode::INTERNAL, grpc::StatusCode::ABORTED,
        grpc::StatusCode::RESOURCE_EXHAUSTED, grpc::StatusCode::UNAUTHENTICATED}) {
    const absl::Status gone = FromGrpc(grpc::Status(code, "gone"));
    broker_.spoil_consistency = [&](uint64_t, uint64_t, v1::ProveConsistencyReply&) { return gone; };
    EXPECT_EQ(session->SyncDirectory(), gone) << code;
  }
  broker_.spoil_consistency = nullptr;
  broker_.spoil_inclusion = no_inclusion;
  EXPECT_EQ(ExitCodeOf(session->SyncDirectory()), kFailed);
  EXPECT_EQ(asked, 2u);
  EXPECT_THAT(ListEvidence(session->state().directory()), IsEmpty());
  EXPECT_THAT(session->state().Load()->pending, Not(IsEmpty()));
  broker_.spoil_inclusion = nullptr;
  EXPECT_TRUE(session->SyncDirectory().ok());
  EXPECT_THAT(session->state().Load()->pending, IsEmpty());
}

TEST_F(SyncTest, HostileStaleCheckpointIsRefused) {
  const std::unique_ptr<Session> session = Visited(0);
  broker_.note_age = absl::Minutes(10);
  EXPECT_TRUE(session->SyncDirectory().ok());
  broker_.note_age = absl::Minutes(11);
  ExpectTampered(session->SyncDirectory(),
                 "houdt achter wat nieuwer is: zijn laatste checkpoint is 11 minuten oud");
  broker_.note_age = -absl::Minutes(11);
  ExpectTampered(session->SyncDirectory(), "in de toekomst");
}

TEST_F(SyncTest, AClockThatIsOffIsSaidToBeSo) {
  const struct {
    absl::Duration ahead;
    const char* sentence;
  } cases[] = {{-absl::Minutes(61), "de klok van dit apparaat loopt 61 minuten achter"},
               {absl::Hours(1), "de klok van dit apparaat loopt 60 minuten voor"}};
  for (const auto& test : cases) {
    const std::unique_ptr<Session> session = reader_.OpenSession(broker_);
    broker_.clock_behind = test.ahead;
    const absl::Status status = session->SyncDirectory();
    EXPECT_EQ(ExitCodeOf(status), kFailed) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(test.sentence));
  }
  // Five minutes are nobody's fault.
  const std::unique_ptr<Session> session = reader_.OpenSession(broker_);
  broker_.clock_behind = absl::Minutes(5);
  EXPECT_TRUE(session->SyncDirectory().ok());
}

TEST_F(SyncTest, HostileMissingLeafIsAnAlarm) {
  const std::unique_ptr<Session> session = Visited();
  const Digest request = crypto::Sha256("a request");
  ASSERT_TRUE(session->CheckReceipt(log_.Log(request, true, network_.now()), request).ok());
  EXPECT_THAT(session->state().Load()->pending, SizeIs(1));
  ASSERT_TRUE(session->SyncDirectory().ok());
  EXPECT_THAT(session->state().Load()->pending, IsEmpty());

  ASSERT_TRUE(session->CheckReceipt(log_.Log(request, true, network_.now()), request).ok());
  log_.Rewrite(log_.size() - 1, crypto::Sha256("something else"));
  const std::string place = std::to_string(log_.size() - 1);
  ExpectTampered(session->SyncDirectory(), "maar die regel staat er niet in");
  ExpectTampered(session->SyncDirectory(), place.c_str());  // it stays an alarm
}

TEST_F(SyncTest, ReceiptsAreOfWhoeverIsTheLogAtTheirPlace) {
  const std::unique_ptr<Session> session = Visited();
  const Digest request = crypto::Sha256("a request");
  const v1::Receipt old = log_.Log(request, true, network_.now());
  const Bytes old_note = log_.Note(network_.now());
  network_.Add(network_.TrustUpdateObject());  // from here on another key
  log_.TakeObjects();
  const v1::Receipt with_new_key = log_.Log(request, true, network_.now());
  // The session does not know the new key yet: it looks again.
  EXPECT_TRUE(session->CheckReceipt(with_new_key, request).ok());
  EXPECT_TRUE(session->CheckReceipt(old, request).ok());
  EXPECT_TRUE(VerifyNoteOfLog(old_note, session->directory()).ok());
  // The new key for an old place.
  const v1::Receipt misplaced = log_.Receipt(request, 3, log_.leaf(3), network_.now());
  ExpectTampered(session->CheckReceipt(misplaced, request).status(), "niet door het logboek ondertekend");
  const std::unique_ptr<Session> reopened = reader_.OpenSession(broker_);
  EXPECT_TRUE(reopened->SyncDirectory().ok());
}

// --- gossip

TEST_F(SyncTest, TwoProfilesCompareWhatTheyAreShown) {
  const TempDir temp;
  reader_.context().gossip_dir = temp / "gossip";
  other_.context().gossip_dir = temp / "gossip";
  const std::unique_ptr<Session> first = Visited();
  const std::unique_ptr<Session> second = other_.OpenSession(broker_);
  ASSERT_TRUE(second->SyncDirectory().ok());
  EXPECT_EQ(broker_.consistency_proofs, 1);
  ASSERT_TRUE(second->SyncDirectory().ok());
  EXPECT_EQ(broker_.consistency_proofs, 1);  // compared before
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(temp / "gossip"), {}), 2);
  // What is no note of this log is passed over.
  ASSERT_TRUE(WriteFileAtomically(temp / "gossip/" + network_.convenant().id() + ".00.note", "hello").ok());
  EXPECT_TRUE(first->SyncDirectory().ok());
}

TEST_F(SyncTest, HostileTwoHistoriesForTwoProfilesMeet) {
  const TempDir temp;
  reader_.context().gossip_dir = temp / "gossip";
  other_.context().gossip_dir = temp / "gossip";
  const std::unique_ptr<Session> first = Visited();
  ASSERT_TRUE(first->SyncDirectory().ok());
  TestLog fork = log_;
  fork.Rewrite(log_.size() - 1, crypto::Sha256("another history"));
  FakeBroker forked(network_, fork, reader_.clock());
  const std::unique_ptr<Session> second = other_.OpenSession(forked);
  ExpectTampered(second->SyncDirectory(), "een ander profiel op deze computer kreeg een ander logboek");
  const ForkEvidence evidence = Evidence(*second);
  EXPECT_EQ(evidence.found, "profile");
  EXPECT_EQ(evidence.first, first->checkpoint_note());
  EXPECT_EQ(evidence.second, second->checkpoint_note());
  // Longer, with another past.
  fork.Append(crypto::Sha256("more"));
  ASSERT_TRUE(std::filesystem::remove_all(second->state().directory() + "/evidence") > 0);
  ExpectTampered(second->SyncDirectory(), "een ander profiel op deze computer kreeg een ander logboek");
}

TEST(ForkEvidence, ComesBackAsItWas) {
  ForkEvidence evidence{.convenant = "plaats",
                        .time = absl::FromUnixSeconds(1'800'000'000),
                        .found = "sender",
                        .first = "one\n",
                        .second = "two\n",
                        .size1 = 3,
                        .size2 = 5,
                        .error = "no"};
  evidence.answer.add_hashes(Bytes(32, 'h'));
  const absl::StatusOr<ForkEvidence> again = DecodeEvidence(EncodeEvidence(evidence));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(EncodeEvidence(*again), EncodeEvidence(evidence));
  EXPECT_EQ(again->answer.hashes(0), Bytes(32, 'h'));
  for (const char* bad : {"", "{}", "[]", "{\"format\": \"seinpost-fork-evidence\", \"version\": 2}"}) {
    EXPECT_FALSE(DecodeEvidence(bad).ok()) << bad;
  }
}

// --- promises

// A receipt for a leaf that the log never comes to is a promise that comes due.
TEST_F(SyncTest, HostilePromiseThatNeverComesDueIsAnAlarm) {
  const std::unique_ptr<Session> session = Visited();
  const Digest request = crypto::Sha256("request");
  const v1::Receipt given = log_.Log(request, /*own=*/true, reader_.clock().Now());
  const Digest leaf = log_.leaf(log_.size() - 1);
  // Whatever time the broker puts in it.
  for (const absl::Duration ahead : {absl::ZeroDuration(), absl::Hours(24 * 365 * 50)}) {
    v1::Receipt promise = log_.Receipt(request, 1'000'000'000'000, leaf, reader_.clock().Now() + ahead);
    promise.set_opening(given.opening());
    const auto checked = session->CheckReceipt(promise, request);
    ASSERT_TRUE(checked.ok()) << checked.status();
  }
  ASSERT_TRUE(session->SyncDirectory().ok()) << "not due yet";
  reader_.clock().Advance(kPromiseBound);
  ASSERT_TRUE(session->SyncDirectory().ok()) << "not due yet";
  reader_.clock().Advance(absl::Seconds(1));
  ExpectTampered(session->SyncDirectory(), "beloofde");
  ExpectTampered(reader_.OpenSession(broker_)->SyncDirectory(), "beloofde");  // it stays so
}

TEST_F(SyncTest, PromiseOfAnEarlierStateComesDueFromNowOn) {
  const std::unique_ptr<Session> session = Visited();
  ASSERT_TRUE(session->state()
                  .Update([&](StateData& data) {
                    data.pending.push_back({.index = 1'000'000'000, .leaf_hash = crypto::Sha256("x")});
                    return absl::OkStatus();
                  })
                  .ok());
  ASSERT_TRUE(session->SyncDirectory().ok());
  EXPECT_EQ(session->state().Load()->pending[0].promised, reader_.clock().Now());
  reader_.clock().Advance(kPromiseBound + absl::Seconds(1));
  ExpectTampered(session->SyncDirectory(), "beloofde");
}

// What this device publishes, its prekeys, needs a receipt for each that is not in the directory.
TEST_F(SyncTest, HostilePublicationWithoutReceiptsIsRefused) {
  const std::unique_ptr<Session> session = Visited();
  const std::vector<Bytes> objects{network_.MandateObject(kOfficer, "ward_officer", {"school-a"},
                                                          policies::Level::kL1, network_.now(),
                                                          network_.now() + absl::Hours(1))};
  ExpectTampered(session->CheckPublished(v1::PublishReply(), objects),
                 "geeft er geen ontvangstbevestiging van");
  const auto connection = broker_.Connect();
  const v1::PublishReply reply = *connection->Publish(network_.convenant().id(), objects);
  EXPECT_TRUE(session->CheckPublished(reply, objects).ok());
  EXPECT_TRUE(session->CheckPublished(v1::PublishReply(), objects).ok())
      << "it is there, as the directory says";
  v1::PublishReply twice = reply;
  *twice.add_receipts() = reply.receipts(0);
  ExpectTampered(session->CheckPublished(twice, objects), "ander verzoek");
}

}  // namespace
}  // namespace seinpost::client
