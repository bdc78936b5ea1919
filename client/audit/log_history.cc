// SPDX-License-Identifier: EUPL-1.2
#include "client/audit/log_history.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "audit/commitment.h"
#include "util/status_macros.h"

namespace seinpost::client {

absl::Status LogHistory::Add(uint64_t index, ByteView leaf, ByteView object, const Digest& object_hash) {
  const uint64_t seq = directory_.size();
  const Digest chain_hash = trust::Directory::ChainHashOf(seq, directory_.chain_hash(), object_hash);
  if (audit::EncodeLeaf(audit::LeafClass::kDirectory, chain_hash) != leaf) {
    return absl::InvalidArgumentError("the object is not the one of the leaf");
  }
  if (!object.empty()) {
    RETURN_IF_ERROR(directory_.Add(object, absl::InfinitePast()));
  } else if (empty()) {
    return absl::InvalidArgumentError("the directory does not begin with its convenant");
  } else {
    RETURN_IF_ERROR(directory_.SkipTo(seq + 1, chain_hash));
  }
  return directory_.SetLeafIndex(seq, index);
}

std::vector<LogPeriod> LogHistory::Periods() const {
  std::vector<LogPeriod> periods;
  for (const trust::LogIdentity& identity : directory_.log_identities()) {
    const uint64_t from = periods.empty() ? 0 : directory_.leaf_indexes()[identity.seq];
    periods.push_back({identity.origin, identity.key, from});
  }
  return periods;
}

bool LogHistory::HadKey(const crypto::PublicKey& key) const {
  return std::any_of(directory_.log_identities().begin(), directory_.log_identities().end(),
                     [&](const trust::LogIdentity& identity) { return identity.key == key; });
}

}  // namespace seinpost::client
