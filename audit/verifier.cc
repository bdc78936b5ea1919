// SPDX-License-Identifier: EUPL-1.2
#include "audit/verifier.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "audit/commitment.h"
#include "crypto/merkle.h"

namespace seinpost::audit {

ExportVerifier::ExportVerifier(ExportHeader header, ExportTrust trust)
    : header_(std::move(header)), trust_(std::move(trust)) {}

bool ExportVerifier::Fail(std::optional<uint64_t> index, absl::string_view reason) {
  if (!failed_) {
    report_.first_bad = index;
    report_.reason = std::string(reason);
  }
  failed_ = true;
  return false;
}

bool ExportVerifier::Add(const ExportEntry& entry) {
  const uint64_t index = tree_.size();
  if (entry.index != index) {
    tree_.Append(crypto::LeafHash(entry.leaf));
    return Fail(index, absl::StrCat("entry ", index, " is missing or out of place: found ", entry.index));
  }
  const Digest leaf_hash = crypto::LeafHash(entry.leaf);
  tree_.Append(leaf_hash);
  if (index >= header_.limit) return Fail(index, "entry beyond the range that the export states");
  const absl::StatusOr<Leaf> leaf = DecodeLeaf(entry.leaf);
  if (!leaf.ok()) return Fail(index, leaf.status().message());
  if (entry.leaf_hash != View(leaf_hash)) return Fail(index, "the leaf does not hash to its stated hash");
  if (entry.opening.has_value()) return CheckOpening(entry);
  if (leaf->leaf_class == LeafClass::kEvent) ++report_.withheld;
  return true;
}

bool ExportVerifier::CheckOpening(const ExportEntry& entry) {
  const absl::StatusOr<Opening> opening = Opening::Decode(*entry.opening);
  if (!opening.ok()) return Fail(entry.index, opening.status().message());
  const absl::Status status = VerifyOpening(entry.leaf, *opening);
  if (!status.ok()) return Fail(entry.index, status.message());
  ++report_.opened;
  if (opening->redacted()) ++report_.redacted;
  return true;
}

ExportReport ExportVerifier::Finish() {
  report_.size = tree_.size();
  if (header_.first != 0) Fail(std::nullopt, "the range does not start at entry 0");
  if (tree_.size() < header_.limit) Fail(tree_.size(), absl::StrCat("entry ", tree_.size(), " is missing"));
  CheckCheckpoint();
  report_.ok = !failed_;
  return std::move(report_);
}

void ExportVerifier::CheckCheckpoint() {
  const absl::StatusOr<Checkpoint> checkpoint = VerifyCheckpoint(header_.checkpoint, trust_.log_key);
  if (!checkpoint.ok()) {
    Fail(std::nullopt, checkpoint.status().message());
    return;
  }
  report_.checkpoint = *checkpoint;
  if (header_.limit != checkpoint->size) {
    Fail(std::nullopt,
         absl::StrCat("the range ends at ", header_.limit, ", the checkpoint at ", checkpoint->size));
  }
  if (tree_.Root() != checkpoint->root)
    Fail(std::nullopt, "the entries do not hash to the checkpoint's root");
  if (const absl::StatusOr<SignedNote> note = SignedNote::Parse(header_.checkpoint); note.ok())
    CheckWitnesses(*note);
}

void ExportVerifier::CheckWitnesses(const SignedNote& note) {
  size_t cosigned = 0;
  for (const VerifierKey& witness : trust_.witnesses) {
    const absl::StatusOr<absl::Time> time = VerifyCosignature(note, witness);
    WitnessResult result{witness.name, time.ok()};
    if (time.ok()) {
      result.time = *time;
      ++cosigned;
    } else {
      result.reason = std::string(time.status().message());
    }
    report_.witnesses.push_back(std::move(result));
  }
  if (cosigned < trust_.quorum) {
    Fail(std::nullopt,
         absl::StrCat("cosigned by ", cosigned, " witnesses where ", trust_.quorum, " are needed"));
  }
}

}  // namespace seinpost::audit
