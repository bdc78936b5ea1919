// SPDX-License-Identifier: EUPL-1.2
#include "client/broker/published.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "audit/commitment.h"
#include "audit/receipt.h"
#include "client/broker/log_view.h"
#include "client/terminal/context.h"
#include "crypto/hash.h"
#include "crypto/merkle.h"
#include "trust/directory.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

constexpr size_t kMaxHashes = 64;  // of one request
constexpr absl::Duration kFirstWait = absl::Milliseconds(20), kLongestWait = absl::Seconds(1);

absl::Status Lies(absl::string_view what) { return TamperedError(absl::StrCat("the broker ", what)); }

// The leaf of an object of the directory.
struct Leaf {
  uint64_t dir_seq = 0, index = 0;
  Digest hash{};
};

class Proving {
 public:
  Proving(Connection& connection, const PublishTrust& trust, const std::vector<Bytes>& objects)
      : connection_(connection), trust_(trust), history_(std::nullopt, trust.convenant_id + ".yaml") {
    for (const Bytes& object : objects) objects_.insert(crypto::Sha256(object));
  }

  // Which of the objects are to be in the log by receipts, and at which leaf.
  absl::Status ReadReceipts(const v1::PublishReply& reply) {
    for (const v1::Receipt& receipt : reply.receipts()) {
      absl::StatusOr<audit::ReceiptBody> body = audit::ReceiptBody::Decode(receipt.body());
      if (!body.ok()) return Lies("gave a receipt that cannot be read");
      if (objects_.count(body->request_hash) == 0) return Lies("gave a receipt for something else");
      const Digest object = body->request_hash;
      if (!receipts_.emplace(object, std::make_pair(receipt, *std::move(body))).second) {
        return Lies("gave two receipts for one object");
      }
    }
    return absl::OkStatus();
  }

  // Asks about what is not proved yet; true: nothing is left.
  absl::StatusOr<bool> Ask() {
    v1::ProvePublishedRequest request;
    request.set_convenant_id(trust_.convenant_id);
    std::vector<Digest> asked;
    for (const Digest& hash : objects_) {
      if (leaves_.count(hash) > 0 || asked.size() == kMaxHashes) continue;
      asked.push_back(hash);
      request.add_object_hashes(ToBytes(hash));
    }
    ASSIGN_OR_RETURN(const v1::ProvePublishedReply reply, AskAll(request));
    RETURN_IF_ERROR(CheckHistory());
    const absl::StatusOr<audit::Checkpoint> checkpoint = VerifyNoteOfLog(reply.checkpoint(), history_);
    if (!checkpoint.ok()) {
      return Lies(
          absl::StrCat("shows a checkpoint that the log did not sign: ", checkpoint.status().message()));
    }
    proof_.note = reply.checkpoint();
    proof_.checkpoint = *checkpoint;
    if (reply.objects_size() != static_cast<int>(asked.size())) return Lies("answers something else");
    for (size_t i = 0; i < asked.size(); ++i) {
      RETURN_IF_ERROR(Check(asked[i], reply.objects(static_cast<int>(i))));
    }
    return leaves_.size() == objects_.size();
  }

  size_t proved() const { return leaves_.size(); }

  // Why something is still missing.
  absl::Status Missing() const {
    for (const Digest& hash : objects_) {
      if (leaves_.count(hash) == 0 && receipts_.count(hash) == 0) {
        return Lies("took it, as it says, and shows neither a receipt nor a place in the log");
      }
    }
    return UnreachableError("the broker gave a receipt, and shows no checkpoint with it yet");
  }

  absl::StatusOr<PublishedProof> Finish() {
    for (const auto& [hash, receipt] : receipts_) RETURN_IF_ERROR(CheckReceipt(receipt, leaves_.at(hash)));
    proof_.version = history_.convenant()->version();
    proof_.convenant_hash = history_.convenant_hash();
    return std::move(proof_);
  }

 private:
  using Receipt = std::pair<v1::Receipt, audit::ReceiptBody>;

  // The last reply, after all changes were taken in.
  absl::StatusOr<v1::ProvePublishedReply> AskAll(v1::ProvePublishedRequest& request) {
    while (true) {
      request.set_changes_from(history_.size());
      ASSIGN_OR_RETURN(v1::ProvePublishedReply reply, connection_.ProvePublished(request));
      for (const v1::DirectoryChange& change : reply.changes()) {
        RETURN_IF_ERROR(AddChange(change));
      }
      if (!reply.more_changes()) return reply;
      if (reply.changes().empty()) return Lies("never comes to the end of its history");
    }
  }

  absl::Status AddChange(const v1::DirectoryChange& change) {
    const absl::StatusOr<Digest> previous = ToFixed<32>(change.previous(), "previous");
    absl::Status added = previous.status();
    if (added.ok()) added = history_.SkipTo(change.dir_seq(), *previous);
    if (added.ok()) added = history_.Add(change.object(), absl::InfinitePast());
    if (added.ok()) return added;
    return Lies(absl::StrCat("shows a history of the log that does not verify: ", added.message()));
  }

  absl::Status CheckHistory() const {
    const policies::Convenant* convenant = history_.convenant();
    if (convenant == nullptr || convenant->id() != trust_.convenant_id)
      return Lies("shows another convenant");
    if (!trust_.convenant_hash.empty() && history_.FindVersion(trust_.convenant_hash) == nullptr) {
      return Lies("shows a convenant that does not go on from the one that is known here");
    }
    if (trust_.root_keys.empty()) return absl::OkStatus();
    const policies::Party* party = convenant->FindParty(trust_.party);
    if (party == nullptr || !party->root) return absl::OkStatus();  // another signs for it, or it has left
    const bool own = std::any_of(trust_.root_keys.begin(), trust_.root_keys.end(),
                                 [&](const Bytes& key) { return *party->root == key; });
    return own ? absl::OkStatus()
               : Lies("shows a convenant that the root key of this organisation has not signed");
  }

  absl::Status Check(const Digest& object, const v1::PublishedObject& said) {
    const auto receipt = receipts_.find(object);
    if (said.previous().empty()) {
      if (receipt != receipts_.end() && receipt->second.second.index < proof_.checkpoint.size) {
        return Lies("gave a receipt for a line of the log that is not there");
      }
      return absl::OkStatus();
    }
    const absl::StatusOr<Digest> previous = ToFixed<32>(said.previous(), "previous");
    if (!previous.ok() || said.dir_seq() >= proof_.checkpoint.directory->seq) {
      return Lies("shows a place in the log that cannot be");
    }
    const Leaf leaf{said.dir_seq(), said.leaf_index(),
                    audit::LeafHashOf(audit::LeafClass::kDirectory,
                                      trust::Directory::ChainHashOf(said.dir_seq(), *previous, object))};
    std::vector<Digest> hashes;
    for (const std::string& one : said.hashes()) {
      const absl::StatusOr<Digest> hash = ToFixed<32>(one, "hash of a proof");
      if (!hash.ok()) return Lies("shows no proof");
      hashes.push_back(*hash);
    }
    if (!crypto::VerifyInclusion(leaf.index, proof_.checkpoint.size, leaf.hash, hashes,
                                 proof_.checkpoint.root)
             .ok()) {
      return Lies("says it is in the log, and cannot prove it");
    }
    leaves_.emplace(object, leaf);
    return absl::OkStatus();
  }

  // Whoever was the log at that leaf signed it: one, or the one after where the leaf itself changes it.
  absl::Status CheckReceipt(const Receipt& receipt, const Leaf& leaf) const {
    std::vector<trust::LogIdentity> signers = {history_.LogIdentityAsOf(leaf.dir_seq)};
    for (const trust::LogIdentity& identity : history_.log_identities()) {
      if (identity.seq == leaf.dir_seq) signers.push_back(identity);
    }
    const bool own = std::any_of(signers.begin(), signers.end(), [&](const trust::LogIdentity& signer) {
      return audit::VerifyReceipt({receipt.first.body(), receipt.first.signature()}, signer.origin,
                                  signer.key)
          .ok();
    });
    if (!own) return Lies("gave a receipt that the log did not sign");
    if (receipt.second.index != leaf.index || receipt.second.leaf_hash != leaf.hash) {
      return Lies("gave a receipt for another line of the log than the one that holds it");
    }
    return absl::OkStatus();
  }

  Connection& connection_;
  const PublishTrust& trust_;
  trust::Directory history_;
  std::set<Digest> objects_;  // hashes
  std::map<Digest, Receipt> receipts_;
  std::map<Digest, Leaf> leaves_;  // proved
  PublishedProof proof_;
};

}  // namespace

absl::StatusOr<PublishedProof> ProvePublished(Connection& connection, const PublishTrust& trust,
                                              const std::vector<Bytes>& objects,
                                              const v1::PublishReply& reply) {
  Proving proving(connection, trust, objects);
  RETURN_IF_ERROR(proving.ReadReceipts(reply));
  absl::Duration waited, wait = kFirstWait;
  while (true) {
    const size_t before = proving.proved();
    ASSIGN_OR_RETURN(const bool all, proving.Ask());
    if (all) return proving.Finish();
    if (proving.proved() > before) continue;
    if (waited >= kPublishPatience) return proving.Missing();
    connection.Pause(wait);
    waited += wait;
    wait = std::min(wait * 2, kLongestWait);
  }
}

}  // namespace seinpost::client
