// SPDX-License-Identifier: EUPL-1.2
#include "tests/client/test_log.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <span>

#include "absl/strings/str_cat.h"
#include "audit/checkpoint.h"
#include "audit/commitment.h"
#include "audit/receipt.h"
#include "client/terminal/context.h"
#include "crypto/hash.h"
#include "crypto/merkle.h"
#include "envelope/core.h"
#include "tests/testing/or_die.h"
#include "util/status_macros.h"

namespace seinpost::test {
namespace {

using Leaves = std::span<const Digest>;

// The largest power of two below n, as RFC 6962 Section 2.1 splits.
size_t Split(size_t n) {
  size_t k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

void Path(size_t m, Leaves leaves, std::vector<Digest>& proof) {
  if (leaves.size() <= 1) return;
  const size_t k = Split(leaves.size());
  if (m < k) {
    Path(m, leaves.first(k), proof);
    proof.push_back(crypto::MerkleTreeHash(leaves.subspan(k)));
  } else {
    Path(m - k, leaves.subspan(k), proof);
    proof.push_back(crypto::MerkleTreeHash(leaves.first(k)));
  }
}

void SubProof(size_t m, Leaves leaves, bool whole, std::vector<Digest>& proof) {
  if (m == leaves.size()) {
    if (!whole) proof.push_back(crypto::MerkleTreeHash(leaves));
    return;
  }
  const size_t k = Split(leaves.size());
  if (m <= k) {
    SubProof(m, leaves.first(k), whole, proof);
    proof.push_back(crypto::MerkleTreeHash(leaves.subspan(k)));
  } else {
    SubProof(m - k, leaves.subspan(k), false, proof);
    proof.push_back(crypto::MerkleTreeHash(leaves.first(k)));
  }
}

v1::Receipt SignedReceipt(const TestNetwork& network, audit::ReceiptBody body) {
  body.origin = network.directory().LogIdentityAsOf().origin;
  const audit::Receipt made = audit::MakeReceipt(body, network.log_key());
  v1::Receipt receipt;
  receipt.set_body(made.body);
  receipt.set_signature(made.signature);
  return receipt;
}

}  // namespace

void TestLog::TakeObjects() {
  for (size_t i = leaf_indexes_.size(); i < network_->objects().size(); ++i) {
    chain_.push_back(
        trust::Directory::ChainHash(i, i == 0 ? Digest{} : chain_.back(), network_->objects()[i]));
    leaf_indexes_.push_back(Append(audit::LeafHashOf(audit::LeafClass::kDirectory, chain_.back())));
  }
}

uint64_t TestLog::Append(const Digest& leaf_hash) {
  leaves_.push_back(leaf_hash);
  return leaves_.size() - 1;
}

void TestLog::Truncate(uint64_t size) {
  leaves_.resize(size);
  while (!leaf_indexes_.empty() && leaf_indexes_.back() >= size) {
    leaf_indexes_.pop_back();
    chain_.pop_back();
  }
}

Digest TestLog::Root(uint64_t size) const { return crypto::MerkleTreeHash(Leaves(leaves_).first(size)); }

Bytes TestLog::Note(absl::Time time, std::optional<uint64_t> wanted) const {
  audit::Checkpoint checkpoint;
  checkpoint.origin = network_->directory().LogIdentityAsOf().origin;
  checkpoint.size = wanted.value_or(size());
  checkpoint.root = Root(checkpoint.size);
  const auto objects = static_cast<uint64_t>(
      std::lower_bound(leaf_indexes_.begin(), leaf_indexes_.end(), checkpoint.size) - leaf_indexes_.begin());
  checkpoint.directory =
      audit::DirectoryHead{.seq = objects, .hash = objects == 0 ? Digest{} : chain_[objects - 1]};
  checkpoint.time = time;
  return audit::SignCheckpoint(checkpoint, network_->log_key());
}

v1::Receipt TestLog::Log(const Digest& request_hash, bool own, absl::Time time,
                         const std::function<void(audit::Event&)>& tell) {
  audit::Event event;
  event.SetType(audit::EventType::kSubmit)
      .SetTime(time)
      .SetText(audit::Tag::kRequestHash, View(request_hash));
  if (tell) tell(event);
  const audit::CommittedEvent committed = OrDie(audit::CommitEvent(event));
  const Digest leaf_hash = audit::LeafHashOf(audit::LeafClass::kEvent, committed.opening.Commitment());
  v1::Receipt receipt = Receipt(request_hash, Append(leaf_hash), leaf_hash, time);
  if (own) {
    receipt.set_opening(committed.opening.Encode());
  } else {
    receipt.set_request_proof(OrDie(committed.opening.Prove(audit::Tag::kRequestHash)).Encode());
  }
  return receipt;
}

v1::Receipt TestLog::Receipt(const Digest& request_hash, uint64_t index, const Digest& leaf_hash,
                             absl::Time time) const {
  audit::ReceiptBody body;
  body.index = index;
  body.leaf_hash = leaf_hash;
  body.request_hash = request_hash;
  body.time = time;
  return SignedReceipt(*network_, body);
}

std::vector<Digest> TestLog::ProveInclusion(uint64_t index, uint64_t size) const {
  std::vector<Digest> proof;
  Path(index, Leaves(leaves_).first(size), proof);
  return proof;
}

std::vector<Digest> TestLog::ProveConsistency(uint64_t size1, uint64_t size2) const {
  std::vector<Digest> proof;
  SubProof(size1, Leaves(leaves_).first(size2), true, proof);
  return proof;
}

class FakeConnection : public client::Connection {
 public:
  explicit FakeConnection(FakeBroker& broker)
      : Connection("127.0.0.1:1", "none", broker.clock_), broker_(broker) {}

  absl::StatusOr<v1::GetConvenantReply> GetConvenant(absl::string_view) override {
    RETURN_IF_ERROR(Up());
    v1::GetConvenantReply reply;
    reply.set_first(broker_.network_.objects()[0]);
    reply.set_object(broker_.network_.directory().convenant_object());
    reply.set_checkpoint(TheNote());
    if (broker_.spoil_convenant) broker_.spoil_convenant(reply);
    return reply;
  }

  absl::StatusOr<v1::ProvePublishedReply> ProvePublished(const v1::ProvePublishedRequest& request) override {
    RETURN_IF_ERROR(Up());
    const trust::Directory& directory = broker_.network_.directory();
    v1::ProvePublishedReply reply;
    reply.set_checkpoint(TheNote());
    const uint64_t size = broker_.note_size.value_or(broker_.log_.size());
    for (const std::string& hash : request.object_hashes()) {
      v1::PublishedObject& proven = *reply.add_objects();
      const std::optional<uint64_t> seq = directory.SeqOf(hash);
      if (!seq.has_value() || broker_.log_.leaf_indexes()[*seq] >= size) continue;
      proven.set_dir_seq(*seq);
      proven.set_previous(ToBytes(*directory.ChainHashAt(*seq)));
      proven.set_leaf_index(broker_.log_.leaf_indexes()[*seq]);
      for (const Digest& one : broker_.log_.ProveInclusion(proven.leaf_index(), size)) {
        proven.add_hashes(ToBytes(one));
      }
    }
    for (const uint64_t seq : directory.change_seqs()) {
      if (seq < request.changes_from() || broker_.log_.leaf_indexes()[seq] >= size) continue;
      v1::DirectoryChange& change = *reply.add_changes();
      change.set_dir_seq(seq);
      change.set_previous(ToBytes(*directory.ChainHashAt(seq)));
      change.set_object(broker_.network_.objects()[seq]);
    }
    if (broker_.spoil_published) broker_.spoil_published(reply);
    return reply;
  }

  absl::StatusOr<v1::PublishReply> Activate(ByteView object) override { return Take({Bytes(object)}); }
  absl::StatusOr<v1::PublishReply> Publish(absl::string_view, const std::vector<Bytes>& objects) override {
    return Take(objects);
  }

  std::optional<absl::Duration> ahead_of_broker() const override { return ahead_; }
  absl::Status AskTime() override {
    RETURN_IF_ERROR(Up());
    ahead_ = broker_.clock_behind;
    return absl::OkStatus();
  }
  absl::Status Login() override {
    RETURN_IF_ERROR(AskTime());
    if (absl::AbsDuration(*ahead_) > trust::kClockSkew) return absl::FailedPreconditionError("no session");
    return absl::OkStatus();
  }

  absl::Status GetDirectory(uint64_t from,
                            absl::FunctionRef<absl::Status(const v1::GetDirectoryReply&)> each) override {
    RETURN_IF_ERROR(Login());
    v1::GetDirectoryReply reply;
    reply.set_first_seq(from);
    const std::vector<Bytes>& objects = broker_.network_.objects();
    const uint64_t limit = broker_.directory_limit.value_or(broker_.log_.leaf_indexes().size());
    for (uint64_t i = from; i < limit; ++i) {
      reply.add_objects(objects[i]);
      reply.add_leaf_indexes(broker_.log_.leaf_indexes()[i]);
    }
    reply.set_checkpoint(TheNote());
    if (broker_.spoil_directory) broker_.spoil_directory(reply);
    return each(reply);
  }

  absl::StatusOr<v1::ProveInclusionReply> ProveInclusion(uint64_t index, uint64_t size) override {
    RETURN_IF_ERROR(Up());
    v1::ProveInclusionReply reply;
    if (index >= size || size > broker_.log_.size()) return absl::NotFoundError("no such leaf");
    for (const Digest& hash : broker_.log_.ProveInclusion(index, size)) reply.add_hashes(ToBytes(hash));
    if (broker_.spoil_inclusion) RETURN_IF_ERROR(broker_.spoil_inclusion(reply));
    return reply;
  }

  absl::StatusOr<v1::ProveConsistencyReply> ProveConsistency(uint64_t size1, uint64_t size2) override {
    RETURN_IF_ERROR(Up());
    ++broker_.consistency_proofs;
    v1::ProveConsistencyReply reply;
    if (size1 > size2 || size2 > broker_.log_.size()) return absl::NotFoundError("no such sizes");
    for (const Digest& hash : broker_.log_.ProveConsistency(size1, size2)) reply.add_hashes(ToBytes(hash));
    if (broker_.spoil_consistency) RETURN_IF_ERROR(broker_.spoil_consistency(size1, size2, reply));
    return reply;
  }

  absl::Status Subscribe(uint64_t cursor, absl::Time,
                         absl::FunctionRef<absl::StatusOr<bool>(const v1::Delivery&)> each) override {
    RETURN_IF_ERROR(Up());
    for (const v1::Delivery& delivery : broker_.mailbox) {
      if (delivery.cursor() <= cursor) continue;
      ASSIGN_OR_RETURN(const bool more, each(delivery));
      if (!more) return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const bool more, each(v1::Delivery()));
    return more && broker_.end_stream ? broker_.end_stream() : absl::OkStatus();
  }

  absl::StatusOr<v1::ConfirmDeliveryReply> ConfirmDelivery(
      const std::vector<v1::SignedDelivered>& statements) override {
    RETURN_IF_ERROR(Up());
    if (broker_.refuse_confirm) RETURN_IF_ERROR(broker_.refuse_confirm());
    v1::ConfirmDeliveryReply reply;
    for (const v1::SignedDelivered& statement : statements) {
      v1::DeliveredStatement said;
      said.ParseFromString(statement.statement());
      if (broker_.refuse_statement) RETURN_IF_ERROR(broker_.refuse_statement(said));
    }
    for (const v1::SignedDelivered& statement : statements) {
      broker_.confirmed.push_back(statement);
      v1::DeliveredStatement said;
      if (!said.ParseFromString(statement.statement())) return absl::InvalidArgumentError("malformed");
      const Bytes key = said.signal_id() + said.device_id();
      if (broker_.logged_.count(key) == 0) {
        broker_.logged_[key] = {
            statement, broker_.log_.Log(crypto::Sha256(statement.statement()), true, broker_.clock_.Now())};
      }
      *reply.add_receipts() = broker_.logged_[key].receipt;
      *reply.add_logged() = broker_.logged_[key].statement;
    }
    if (broker_.spoil_confirm) broker_.spoil_confirm(reply);
    return reply;
  }

  absl::Status UploadAttachment(ByteView ct_hash, ByteView) override {
    RETURN_IF_ERROR(Up());
    broker_.uploaded.push_back(Bytes(ct_hash));
    return broker_.lose_upload ? broker_.lose_upload() : absl::OkStatus();
  }

  absl::StatusOr<v1::Receipt> Submit(const v1::Envelope& envelope) override {
    RETURN_IF_ERROR(Up());
    ++broker_.submits;
    const Bytes& header = envelope.header();
    if (broker_.submitted.count(header) == 0) {
      if (broker_.refuse_submit) RETURN_IF_ERROR(broker_.refuse_submit());
      const v1::Core core = OrDie(envelope::ParseCore(header));
      broker_.submitted[header] =
          broker_.log_.Log(crypto::Sha256(header), true, broker_.clock_.Now(), [&](audit::Event& event) {
            event.SetText(audit::Tag::kObject, core.signal_id())
                .SetText(audit::Tag::kActorDevice, core.sender_device())
                .SetText(audit::Tag::kChannel, core.channel())
                .SetText(audit::Tag::kPurpose, core.purpose());
          });
    }
    if (broker_.lose_submit) RETURN_IF_ERROR(broker_.lose_submit());
    return broker_.submitted[header];
  }

  absl::StatusOr<v1::GetDeliveredReply> GetDelivered(const std::vector<Bytes>&) override {
    RETURN_IF_ERROR(Up());
    v1::GetDeliveredReply reply;
    for (const v1::SignedDelivered& statement : broker_.statements) *reply.add_statements() = statement;
    return reply;
  }

 private:
  absl::Status Up() const {
    return broker_.down ? client::UnreachableError("the broker is away") : absl::OkStatus();
  }

  Bytes TheNote() const {
    return broker_.log_.Note(broker_.clock_.Now() - broker_.note_age, broker_.note_size);
  }

  // All or nothing, as a broker takes them.
  absl::StatusOr<v1::PublishReply> Take(const std::vector<Bytes>& objects) {
    RETURN_IF_ERROR(Up());
    ++broker_.publications;
    v1::PublishReply reply;
    trust::Directory copy = broker_.network_.directory();
    std::vector<Bytes> added;
    for (size_t i = 0; i < objects.size(); ++i) {
      const absl::Status status = copy.Add(objects[i], broker_.clock_.Now());
      if (absl::IsAlreadyExists(status)) continue;
      if (!status.ok()) {
        return absl::Status(status.code(), absl::StrCat("objects[", i, "]: ", status.message()));
      }
      added.push_back(objects[i]);
    }
    for (const Bytes& object : added) {
      if (broker_.drops_publications) continue;
      broker_.network_.AddAt(object, broker_.clock_.Now());
      broker_.log_.TakeObjects();
      const uint64_t index = broker_.log_.leaf_indexes().back();
      *reply.add_receipts() =
          broker_.log_.Receipt(crypto::Sha256(object), index, broker_.log_.leaf(index), broker_.clock_.Now());
    }
    reply.set_dir_size(broker_.network_.directory().size());
    if (broker_.spoil_publish) broker_.spoil_publish(reply);
    return reply;
  }

  FakeBroker& broker_;
  std::optional<absl::Duration> ahead_;
};

std::unique_ptr<client::Connection> FakeBroker::Connect() { return std::make_unique<FakeConnection>(*this); }

}  // namespace seinpost::test
