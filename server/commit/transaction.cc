// SPDX-License-Identifier: EUPL-1.2
#include "server/commit/transaction.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "crypto/merkle.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

// Key class of all openings: events outlive what they speak of and hold no content.
constexpr char kEventRetention[] = "event";

bool IsLookedUp(Family family) {
  switch (family) {
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

absl::StatusOr<PreparedEvent> PreparedEvent::Make(audit::Event event) {
  absl::StatusOr<audit::CommittedEvent> committed = audit::CommitEvent(std::move(event));
  if (!committed.ok()) {
    return absl::InternalError(absl::StrCat("an event is out of bounds: ", committed.status().message()));
  }
  PreparedEvent prepared;
  prepared.committed = *std::move(committed);
  prepared.opening = prepared.committed.opening.Encode();
  prepared.leaf_hash = crypto::LeafHash(prepared.committed.leaf);
  const audit::Event& shown = prepared.committed.opening.event();
  prepared.request_hash = shown.Text(audit::Tag::kRequestHash).value_or(Bytes());
  prepared.time = shown.Time().value_or(absl::UnixEpoch());
  // Members are found when the index is rebuilt for the officers' views; a submit should not pay for it.
  for (const audit::Tag tag : {audit::Tag::kObject, audit::Tag::kCaseRef}) {
    if (const Bytes* value = shown.Find(tag)) prepared.terms.push_back({tag, *value});
  }
  return prepared;
}

uint64_t Transaction::Stage(Realm& realm, const PreparedEvent& event) {
  return StageLeaf(realm, {event.committed.leaf, event.opening, kEventRetention, event.time, &event.terms});
}

uint64_t Transaction::StageDirectoryLeaf(Realm& realm, const Digest& chain_hash) {
  const Bytes leaf = audit::EncodeLeaf(audit::LeafClass::kDirectory, chain_hash);
  return StageLeaf(realm, {leaf, {}, {}, absl::UnixEpoch(), nullptr});
}

uint64_t Transaction::StageLeaf(Realm& realm, const audit::NewLeaf& leaf) {
  if (std::find(realms_.begin(), realms_.end(), &realm) == realms_.end()) realms_.push_back(&realm);
  absl::StatusOr<uint64_t> index = realm.sequenced_log().Stage(leaf, batch_);
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
  for (Realm* realm : realms_) realm->sequenced_log().StageHead(batch_);
  return batch_;
}

void Transaction::Committed() {
  for (Realm* realm : realms_) realm->Committed();
}

void Transaction::Abandon() {
  for (Realm* realm : realms_) realm->Abandon();
}

}  // namespace seinpost::server
