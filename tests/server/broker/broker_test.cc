// SPDX-License-Identifier: EUPL-1.2
// The way of a signal through the broker, without the network: submit, deliver, open, and what stops each.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "audit/receipt.h"
#include "crypto/hash.h"
#include "crypto/merkle.h"
#include "envelope/open.h"
#include "tests/server/harness.h"
#include "trust/labels.h"
#include "trust/log_identity.h"

namespace seinpost::test {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

// Verifies the receipt under the convenant's log key and against the log.
audit::ReceiptBody CheckReceipt(TestBroker& test, const v1::Receipt& receipt) {
  const crypto::PublicKey log_key = *trust::LogKey(test.network().convenant());
  const absl::StatusOr<audit::ReceiptBody> body = audit::VerifyReceipt(
      {receipt.body(), receipt.signature()}, trust::LogOrigin(test.network().convenant().id()), log_key);
  EXPECT_TRUE(body.ok()) << body.status();
  const absl::StatusOr<Bytes> leaf = test.realm().log().ReadLeaf(body->index);
  EXPECT_TRUE(leaf.ok()) << leaf.status();
  EXPECT_EQ(body->leaf_hash, crypto::LeafHash(*leaf));
  if (!receipt.opening().empty()) {
    const absl::StatusOr<audit::Opening> opening = audit::Opening::Decode(receipt.opening());
    EXPECT_TRUE(opening.ok() && audit::VerifyOpening(*leaf, *opening).ok());
    EXPECT_EQ(opening->event().Text(audit::Tag::kRequestHash), Bytes(View(body->request_hash)));
  }
  return *body;
}

absl::StatusOr<Bytes> Decrypt(TestBroker& test, const v1::Delivery& delivery, uint32_t place,
                              const v1::OpenReply& opened, absl::string_view profile) {
  v1::Envelope envelope;
  envelope.set_header(delivery.header());
  envelope.set_header_sig(delivery.header_sig());
  *envelope.mutable_parts() = delivery.parts();
  const absl::StatusOr<envelope::VerifiedHeader> verified =
      envelope::VerifyEnvelope(envelope, test.network().directory(), AsRecipient(test.network(), profile));
  if (!verified.ok()) return verified.status();
  std::vector<envelope::Wrap> wraps;
  for (const v1::ReleasedWrap& wrap : opened.wraps()) {
    wraps.push_back({wrap.group(), wrap.prekey_id(), wrap.wrap()});
  }
  const TestDevice& device = test.network().device(profile);
  for (const v1::Part& part : delivery.parts()) {
    if (part.index() != place) continue;
    return envelope::OpenPart(
        *verified, *verified->FindPart(place), device.id, wraps,
        [&device](ByteView id) { return device.FindPrekey(id); }, part.ciphertext());
  }
  return absl::NotFoundError("no such part");
}

TEST(Broker, PassesOnASignalThatOnlyItsRecipientReads) {
  TestBroker test;
  const envelope::SealedSignal sealed = test.Seal(SmallPlan(test.network(), "een mes in een kluisje"));
  const absl::StatusOr<v1::SubmitReply> submitted = test.Submit(sealed.envelope);
  ASSERT_TRUE(submitted.ok()) << submitted.status();
  const audit::ReceiptBody receipt = CheckReceipt(test, submitted->receipt());
  EXPECT_EQ(receipt.request_hash, sealed.header_hash);
  EXPECT_EQ(test.LastEvent(), "SUBMIT ");

  const std::vector<v1::Delivery> backlog = test.Backlog(kReader);
  ASSERT_THAT(backlog, SizeIs(1));
  EXPECT_EQ(backlog[0].cursor(), receipt.index + 1);
  EXPECT_FALSE(backlog[0].live());
  EXPECT_EQ(backlog[0].header(), sealed.envelope.header());
  ASSERT_THAT(backlog[0].parts(), SizeIs(1));
  EXPECT_THAT(backlog[0].parts(0).wraps(), SizeIs(0)) << "wraps come with Open only";
  EXPECT_EQ(CheckReceipt(test, backlog[0].receipt()), receipt);
  EXPECT_TRUE(backlog[0].receipt().opening().empty()) << "a recipient is shown the request hash alone";
  const absl::StatusOr<audit::FieldProof> proof =
      audit::FieldProof::Decode(backlog[0].receipt().request_proof());
  ASSERT_TRUE(proof.ok()) << proof.status();
  EXPECT_EQ(proof->tag, audit::Tag::kRequestHash);
  EXPECT_EQ(proof->value, Bytes(View(sealed.header_hash)));
  EXPECT_TRUE(audit::VerifyFieldProof(*proof, receipt.leaf_hash).ok());

  const uint32_t place = PlaceOf(sealed.envelope, v1::PART_KIND_NARRATIVE);
  const v1::OpenStatement statement = test.OpenStatementOf(sealed.envelope, place, kReader);
  const absl::StatusOr<v1::OpenReply> opened = test.Open(statement, kReader);
  ASSERT_TRUE(opened.ok()) << opened.status();
  ASSERT_THAT(opened->wraps(), SizeIs(1));
  EXPECT_EQ(CheckReceipt(test, opened->receipt()).request_hash,
            crypto::Sha256(statement.SerializeAsString()));
  EXPECT_EQ(test.LastEvent(), "READ ");
  EXPECT_EQ(*Decrypt(test, backlog[0], place, *opened, kReader), "een mes in een kluisje");
}

TEST(Broker, DeliversToEachDeviceItsOwnPartsOnly) {
  TestBroker test;
  const envelope::SealedSignal sealed = test.Seal(NamedPlan(test.network()));
  for (const auto& [ct_hash, bytes] : sealed.attachments) ASSERT_TRUE(test.Upload(ct_hash, bytes).ok());
  ASSERT_TRUE(test.Submit(sealed.envelope).ok());
  const auto kinds = [&](absl::string_view profile) {
    std::set<v1::PartKind> found;
    for (const v1::Delivery& delivery : test.Backlog(profile)) {
      for (const v1::Part& part : delivery.parts()) found.insert(DescriptorOf(part).kind());
    }
    return found;
  };
  EXPECT_THAT(kinds(kReader), testing::UnorderedElementsAre(v1::PART_KIND_NARRATIVE, v1::PART_KIND_IDENTITY,
                                                            v1::PART_KIND_ATTACHMENT));
  EXPECT_THAT(kinds("school/teamleider"), testing::UnorderedElementsAre(v1::PART_KIND_SOURCE));
  EXPECT_THAT(kinds("gemeente/privacy-officer"), testing::UnorderedElementsAre(v1::PART_KIND_JUSTIFICATION));
  EXPECT_THAT(kinds(kSender), SizeIs(5));
  EXPECT_THAT(kinds("sass/coordinator"), SizeIs(0));
}

TEST(Broker, AnswersTheSameBytesWithTheSameReceipt) {
  TestBroker test;
  const envelope::SealedSignal sealed = test.Seal(SmallPlan(test.network()));
  const absl::StatusOr<v1::SubmitReply> first = test.Submit(sealed.envelope);
  ASSERT_TRUE(first.ok()) << first.status();
  const uint64_t size = test.LogSize();
  const absl::StatusOr<v1::SubmitReply> again = test.Submit(sealed.envelope);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());

  // Hours later `created` is long out of its window, and after a restart nothing is remembered but the rows.
  test.clock().Advance(absl::Hours(3));
  ASSERT_TRUE(test.Restart().ok());
  const absl::StatusOr<v1::SubmitReply> late = test.Submit(sealed.envelope);
  ASSERT_TRUE(late.ok()) << late.status();
  EXPECT_EQ(late->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(test.LogSize(), size) << "a repetition is no second leaf";

  envelope::SignalPlan other = SmallPlan(test.network(), "iets anders");
  other.core.set_signal_id(CoreOf(sealed.envelope).signal_id());
  const absl::Status taken = test.Submit(test.Seal(other).envelope).status();
  EXPECT_EQ(taken.code(), absl::StatusCode::kAlreadyExists) << taken;
  EXPECT_EQ(test.LogSize(), size);
}

TEST(Broker, ARefusalIsOneLeafAndNoState) {
  TestBroker test;
  struct Row {
    const char* name;
    const char* code;
    std::function<void(envelope::SignalPlan&)> change;
  };
  const Row rows[] = {
      {"identity in a channel up to L1", "LEVEL_EXCEEDED",
       [&](auto& plan) {
         plan = NamedPlan(test.network());
         plan.parts.pop_back();  // the attachment
         plan.core.set_channel("core@school-a");
       }},
      {"source part to the police", "SOURCE_PROTECTED",
       [&](auto& plan) {
         plan = NamedPlan(test.network());
         plan.parts.pop_back();
         plan.parts[2].members = {test.network().member(kReader)};
       }},
      {"purpose of others", "PURPOSE_NOT_ALLOWED",
       [](auto& plan) { plan.core.set_purpose("handhaving-openbare-orde"); }},
      {"named, without saying whether parents know", "INFORMED_MISSING",
       [&](auto& plan) {
         plan = NamedPlan(test.network());
         plan.parts.pop_back();
         plan.core.clear_informed();
       }},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    envelope::SignalPlan plan = SmallPlan(test.network());
    row.change(plan);
    const envelope::SealedSignal sealed = test.Seal(plan);
    const uint64_t size = test.LogSize();
    const absl::Status refused = test.Submit(sealed.envelope).status();
    EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied) << refused;
    EXPECT_THAT(CodesOf(refused), testing::Contains(row.code));
    ASSERT_EQ(test.LogSize(), size + 1);
    EXPECT_THAT(test.LastEvent(), testing::AllOf(HasSubstr("DECISION_DENY"), HasSubstr(row.code)));
    EXPECT_TRUE(absl::IsNotFound(
        test.broker()
            .store()
            .Get(Family::kSignal, absl::StrCat(test.realm().prefix(), CoreOf(sealed.envelope).signal_id()))
            .status()));
    EXPECT_THAT(test.Backlog(kReader), SizeIs(0));
    const std::optional<v1::Decision> decision = server::RefusalOf(refused);
    ASSERT_TRUE(decision);
    EXPECT_GT(decision->reasons(0).line(), 0u);
    EXPECT_NE(decision->reasons(0).sentence_nl(), "");
  }
}

TEST(Broker, NamesTheFieldThatIsWrong) {
  TestBroker test;
  const envelope::SealedSignal sealed = test.Seal(SmallPlan(test.network()));
  const TestNetwork& network = test.network();
  struct Row {
    const char* name;
    absl::StatusCode code;
    const char* text;
    std::function<v1::Envelope()> envelope;
  };
  const auto changed = [&](const std::function<void(v1::Core&)>& change) {
    return Resigned(network, sealed.envelope, change);
  };
  const Row rows[] = {
      {"no header", absl::StatusCode::kInvalidArgument, "header", [] { return v1::Envelope(); }},
      {"flipped signature", absl::StatusCode::kInvalidArgument, "header_sig",
       [&] {
         v1::Envelope flipped = sealed.envelope;
         (*flipped.mutable_header_sig())[3] ^= 1;
         return flipped;
       }},
      {"flipped header", absl::StatusCode::kInvalidArgument, "step",
       [&] {
         v1::Envelope flipped = sealed.envelope;
         flipped.mutable_header()->back() ^= 1;
         return flipped;
       }},
      {"flipped ciphertext", absl::StatusCode::kInvalidArgument, "ct_hash",
       [&] {
         v1::Envelope flipped = sealed.envelope;
         flipped.mutable_parts(0)->mutable_ciphertext()->back() ^= 1;
         return flipped;
       }},
      {"too old", absl::StatusCode::kFailedPrecondition, "created",
       [&] { return changed([](auto& core) { core.set_created(core.created() - 400); }); }},
      {"from the future", absl::StatusCode::kFailedPrecondition, "created",
       [&] { return changed([](auto& core) { core.set_created(core.created() + 400); }); }},
      {"no checkpoint of ours", absl::StatusCode::kFailedPrecondition, "core.checkpoint",
       [&] { return changed([](auto& core) { core.set_checkpoint("seinpost/plaats\n9\n"); }); }},
      {"altered checkpoint", absl::StatusCode::kFailedPrecondition, "core.checkpoint",
       [&] { return changed([](auto& core) { (*core.mutable_checkpoint())[18] ^= 1; }); }},
      {"forwards what is not there", absl::StatusCode::kNotFound, "core.forwards",
       [&] { return changed([](auto& core) { core.set_forwards(Bytes(16, 'f')); }); }},
      {"answers what is not there", absl::StatusCode::kNotFound, "core.in_reply_to",
       [&] { return changed([](auto& core) { core.set_in_reply_to(Bytes(16, 'f')); }); }},
  };
  const uint64_t size = test.LogSize();
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const absl::Status status = test.Submit(row.envelope()).status();
    EXPECT_EQ(status.code(), row.code) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(row.text));
  }
  EXPECT_EQ(test.Submit(sealed.envelope, kReader).status().message(),
            "core.sender_device: not the device of this session");
  EXPECT_EQ(test.LogSize(), size) << "faults of form are no leaves";
}

// By the same formula as a recipient (InboxTest.RefusesACheckpointThatWasTooOldForItsSignal): what is taken
// here is shown there. Queued or not, so that no device is sealed to that was revoked long before.
TEST(Broker, HoldsTheCheckpointAgainstCreatedAndNothingElse) {
  const struct {
    absl::Duration checkpoint_to_created, created_to_submit;
    bool queued;
    bool good;
  } rows[] = {
      {absl::Minutes(10), absl::ZeroDuration(), false, true},
      {absl::Minutes(10) + absl::Seconds(1), absl::ZeroDuration(), false, false},
      {absl::Minutes(10), absl::Minutes(5), false, true},  // arrives later, was made on the same
      {absl::Minutes(10), -absl::Minutes(5), false, true},
      {absl::Minutes(15), -absl::Minutes(5), false, false},  // its sender's clock is ahead
      {absl::Minutes(10), absl::ZeroDuration(), true, true},
      {absl::Minutes(10) + absl::Seconds(1), absl::ZeroDuration(), true, false},  // made now
      {absl::Minutes(10), absl::Hours(24), true, true},
      {absl::Minutes(11), absl::Hours(23), true, false},
  };
  for (const auto& row : rows) {
    TestBroker test;
    envelope::SignalPlan plan = SmallPlan(test.network());
    plan.core.set_checkpoint(test.Checkpoint());
    const absl::Time created = test.clock().Now() + row.checkpoint_to_created;
    plan.core.set_created(absl::ToUnixSeconds(created));
    plan.core.set_queued(row.queued);
    const TestDevice& sender = test.network().device(kSender);
    const absl::StatusOr<envelope::SealedSignal> sealed =
        envelope::Seal(plan, test.network().directory(), sender.id, sender.key);
    ASSERT_TRUE(sealed.ok()) << sealed.status();
    test.clock().Set(created + row.created_to_submit);
    const absl::Status taken = test.Submit(sealed->envelope).status();
    EXPECT_EQ(taken.ok(), row.good) << row.checkpoint_to_created << " " << row.created_to_submit << " "
                                    << row.queued << ": " << taken;
    if (!row.good) {
      EXPECT_EQ(taken.message(), "core.checkpoint: too old when the signal was made");
    }
  }
}

TEST(Broker, TellsInclusionOfEveryReceiptAtTheNextCheckpoint) {
  TestBroker test;
  const absl::StatusOr<v1::SubmitReply> reply = test.Submit(test.Seal(SmallPlan(test.network())).envelope);
  ASSERT_TRUE(reply.ok());
  const audit::ReceiptBody receipt = CheckReceipt(test, reply->receipt());
  test.Checkpoint();
  v1::ProveInclusionRequest request;
  request.set_convenant_id("plaats");
  request.set_index(receipt.index);
  const absl::StatusOr<v1::ProveInclusionReply> proof = Await<v1::ProveInclusionReply>([&](const auto& done) {
    test.broker().transparency().ProveInclusion(test.SessionOf(kReader), request, done);
  });
  ASSERT_TRUE(proof.ok()) << proof.status();
  const absl::StatusOr<audit::Checkpoint> checkpoint = audit::VerifyCheckpoint(
      proof->checkpoint(), audit::LogKey(test.realm().origin(), test.realm().log_public_key()));
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
  EXPECT_EQ(checkpoint->directory->seq, test.network().directory().size());
  EXPECT_EQ(checkpoint->directory->hash, test.network().directory().chain_hash());
  std::vector<Digest> hashes;
  for (const Bytes& hash : proof->hashes()) hashes.push_back(*ToFixed<32>(hash, "hash"));
  EXPECT_TRUE(
      crypto::VerifyInclusion(receipt.index, proof->size(), receipt.leaf_hash, hashes, checkpoint->root)
          .ok());
  request.set_index(test.LogSize());
  EXPECT_EQ(Await<v1::ProveInclusionReply>([&](const auto& done) {
              test.broker().transparency().ProveInclusion(test.SessionOf(kReader), request, done);
            })
                .status()
                .code(),
            absl::StatusCode::kOutOfRange);
}

}  // namespace
}  // namespace seinpost::test
