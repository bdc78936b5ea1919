// SPDX-License-Identifier: EUPL-1.2
#include "server/commit/transaction.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace seinpost::server {

namespace {

bool IsLookedUp(Family family) {
  switch (family) {
    case Family::kMeta:
    case Family::kSignal:
    case Family::kNonce:
    case Family::kAttachment:
    case Family::kDevice:
    case Family::kCase:
      return true;
    default:
      return false;
  }
}

Bytes WrittenKey(Family family, ByteView key) { return absl::StrCat(U8(static_cast<uint8_t>(family)), key); }

}  // namespace

uint64_t Transaction::Stage(Participant& participant, const PreparedEvent& event) {
  return StageLeaf(participant,
                   {event.committed.leaf, event.opening, event.retention_class, event.time, &event.terms});
}

uint64_t Transaction::StageDirectoryLeaf(Participant& participant, const Digest& chain_hash) {
  const Bytes leaf = audit::EncodeLeaf(audit::LeafClass::kDirectory, chain_hash);
  return StageLeaf(participant, {leaf, {}, {}, absl::UnixEpoch(), nullptr});
}

uint64_t Transaction::StageLeaf(Participant& participant, const audit::NewLeaf& leaf) {
  if (std::find(participants_.begin(), participants_.end(), &participant) == participants_.end()) {
    participants_.push_back(&participant);
  }
  absl::StatusOr<uint64_t> index = participant.sequenced_log().Stage(leaf, batch_);
  if (index.ok()) return *index;
  Fail(index.status());
  return 0;
}

void Transaction::Put(Family family, ByteView key, ByteView value) {
  batch_.Put(family, key, value);
  if (IsLookedUp(family)) written_[WrittenKey(family, key)] = Bytes(value);
}

void Transaction::Delete(Family family, ByteView key) {
  batch_.Delete(family, key);
  if (IsLookedUp(family)) written_[WrittenKey(family, key)] = std::nullopt;
}

absl::StatusOr<Bytes> Transaction::Get(Family family, ByteView key) const {
  const auto found = written_.find(WrittenKey(family, key));
  if (found == written_.end()) return store_.Get(family, key);
  if (!found->second) return absl::NotFoundError("deleted in this batch");
  return *found->second;
}

void Transaction::Fail(const absl::Status& status) {
  if (status_.ok()) status_ = status;
}

const Batch& Transaction::Finish() {
  for (Participant* participant : participants_) participant->sequenced_log().StageHead(batch_);
  return batch_;
}

void Transaction::Committed() {
  for (Participant* participant : participants_) participant->Committed();
}

void Transaction::Abandon() {
  for (Participant* participant : participants_) participant->Abandon();
}

}  // namespace seinpost::server
