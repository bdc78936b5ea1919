// SPDX-License-Identifier: EUPL-1.2
#include "server/directory/published.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "server/commit/read_only.h"
#include "server/rows/records.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

constexpr int kMaxHashes = 64;
constexpr size_t kMaxChangeBytes = 256 * 1024;

// What the checkpoint covers of the directory.
struct Covered {
  DirectorySnapshot directory;
  uint64_t objects = 0;  // the first so many
  uint64_t size = 0;     // of the log
};

absl::StatusOr<v1::PublishedObject> Prove(const Realm& realm, const Covered& covered, ByteView hash) {
  v1::PublishedObject proven;
  const std::optional<uint64_t> seq = covered.directory->SeqOf(hash);
  if (!seq.has_value() || *seq >= covered.objects) return proven;
  const uint64_t index = covered.directory->leaf_indexes()[*seq];
  proven.set_dir_seq(*seq);
  proven.set_previous(ToBytes(*covered.directory->ChainHashAt(*seq)));
  proven.set_leaf_index(index);
  ASSIGN_OR_RETURN(const std::vector<Digest> hashes, realm.log().ProveInclusion(index, covered.size));
  for (const Digest& one : hashes) proven.add_hashes(ToBytes(one));
  return proven;
}

absl::StatusOr<v1::DirectoryChange> ChangeAt(const Context& context, const Realm& realm,
                                             const Covered& covered, uint64_t seq) {
  ASSIGN_OR_RETURN(const Bytes bytes,
                   context.store.Get(Family::kDirectory, DirectoryKey(realm.prefix(), seq)));
  ASSIGN_OR_RETURN(DirectoryRow row, DirectoryRow::Decode(bytes));
  v1::DirectoryChange change;
  change.set_dir_seq(seq);
  change.set_previous(ToBytes(*covered.directory->ChainHashAt(seq)));
  change.set_object(std::move(row.object));
  return change;
}

absl::Status AddChanges(const Context& context, const Realm& realm, const Covered& covered, uint64_t from,
                        v1::ProvePublishedReply& reply) {
  size_t bytes = 0;
  for (const uint64_t seq : covered.directory->change_seqs()) {
    if (seq < from || seq >= covered.objects) continue;
    if (bytes > kMaxChangeBytes) {
      reply.set_more_changes(true);
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(*reply.add_changes(), ChangeAt(context, realm, covered, seq));
    bytes += reply.changes().rbegin()->object().size();
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::ProvePublishedReply> ProvePublished(const Context& context, const Realm& realm,
                                                       const PublishedCheckpoint& published,
                                                       const v1::ProvePublishedRequest& request) {
  if (request.object_hashes_size() > kMaxHashes) {
    return absl::InvalidArgumentError("object_hashes: over 64");
  }
  ASSIGN_OR_RETURN(DirectorySnapshot directory, realm.ActiveDirectory());
  const audit::Checkpoint& checkpoint = published.checkpoint;
  if (checkpoint.size > realm.log().head().size) return ReadOnly();  // of leaves that are lost
  const uint64_t objects = std::min<uint64_t>(checkpoint.directory->seq, directory->leaf_indexes().size());
  const Covered covered{std::move(directory), objects, checkpoint.size};
  v1::ProvePublishedReply reply;
  reply.set_checkpoint(published.note);
  for (const std::string& hash : request.object_hashes()) {
    if (hash.size() != sizeof(Digest))
      return absl::InvalidArgumentError("object_hashes: one is not 32 bytes");
    ASSIGN_OR_RETURN(*reply.add_objects(), Prove(realm, covered, hash));
  }
  RETURN_IF_ERROR(AddChanges(context, realm, covered, request.changes_from(), reply));
  return reply;
}

}  // namespace seinpost::server
