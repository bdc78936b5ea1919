// SPDX-License-Identifier: EUPL-1.2
// Publishing without a profile, as administrators do: what the broker says it took counts once a checkpoint
// of the log shows it. The log is known by its history: the versions of the convenant, each signed by the
// parties, and what they changed of it since. Not thread-safe.
#ifndef SEINPOST_CLIENT_BROKER_PUBLISHED_H_
#define SEINPOST_CLIENT_BROKER_PUBLISHED_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "audit/checkpoint.h"
#include "client/broker/connection.h"
#include "seinpost/v1/directory.pb.h"
#include "util/bytes.h"

namespace seinpost::client {

// What is known beforehand of the convenant that is published to. Whatever is empty is not asked for.
struct PublishTrust {
  std::string convenant_id;
  Bytes convenant_hash;  // SHA-256 of the file of a version that must be in the history
  // The root keys of this party, one of which the version in force must state.
  std::string party;
  std::vector<Bytes> root_keys;
};

struct PublishedProof {
  Bytes note;  // the signed note that shows them
  audit::Checkpoint checkpoint;
  uint32_t version = 0;  // of the convenant in force
  Digest convenant_hash{};
};

// Whether the log holds `objects`, which the broker answered with `reply`. Each receipt must be the log's
// own, for one of them, and for the leaf that holds it; each object must be proved to be in the log, for
// which a checkpoint that covers them is waited for, up to kPublishPatience.
//   kDataLoss (exit 5)     a receipt, the history of the log or a proof is not in order; or there is neither
//                          receipt nor leaf
//   kUnavailable (exit 4)  the broker does not answer, or signs no checkpoint that covers them
constexpr absl::Duration kPublishPatience = absl::Seconds(30);
absl::StatusOr<PublishedProof> ProvePublished(Connection& connection, const PublishTrust& trust,
                                              const std::vector<Bytes>& objects,
                                              const v1::PublishReply& reply);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_BROKER_PUBLISHED_H_
