// SPDX-License-Identifier: EUPL-1.2
#include "server/commit/prepared_event.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "crypto/merkle.h"

namespace seinpost::server {

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

}  // namespace seinpost::server
