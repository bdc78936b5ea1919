// SPDX-License-Identifier: EUPL-1.2
#include "server/oversight/transparency.h"

#include <string>
#include <utility>
#include <vector>

#include "server/gate/caller.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

using Published = CheckpointBoard::Published;

template <typename Reply>
void AddHashes(const std::vector<Digest>& hashes, Reply& reply) {
  for (const Digest& hash : hashes) reply.add_hashes(ToBytes(hash));
}

absl::Status NothingPublished() { return absl::UnavailableError("no checkpoint is published yet"); }

// The size asked for; 0 means the published one.
absl::StatusOr<uint64_t> SizeOf(uint64_t asked, const Published& published, absl::string_view field) {
  if (published == nullptr) return NothingPublished();
  if (asked == 0) return published->checkpoint.size;
  if (asked <= published->checkpoint.size) return asked;
  return absl::OutOfRangeError(std::string(field) + ": over the published size");
}

absl::StatusOr<v1::ProveInclusionReply> Inclusion(const Realm& realm,
                                                  const v1::ProveInclusionRequest& request) {
  const Published published = realm.published();
  ASSIGN_OR_RETURN(const uint64_t size, SizeOf(request.size(), published, "size"));
  if (request.index() >= size) return absl::OutOfRangeError("index: not below size");
  v1::ProveInclusionReply reply;
  ASSIGN_OR_RETURN(*reply.mutable_leaf(), realm.log().ReadLeaf(request.index()));
  ASSIGN_OR_RETURN(const std::vector<Digest> hashes, realm.log().ProveInclusion(request.index(), size));
  AddHashes(hashes, reply);
  reply.set_size(size);
  if (size == published->checkpoint.size) reply.set_checkpoint(published->note);
  return reply;
}

absl::StatusOr<v1::ProveConsistencyReply> Consistency(const Realm& realm,
                                                      const v1::ProveConsistencyRequest& request) {
  const Published published = realm.published();
  ASSIGN_OR_RETURN(const uint64_t size2, SizeOf(request.size2(), published, "size2"));
  if (request.size1() == 0 || request.size1() > size2) {
    return absl::OutOfRangeError("size1: not between 1 and size2");
  }
  v1::ProveConsistencyReply reply;
  ASSIGN_OR_RETURN(const std::vector<Digest> hashes, realm.log().ProveConsistency(request.size1(), size2));
  AddHashes(hashes, reply);
  reply.set_size2(size2);
  if (size2 == published->checkpoint.size) reply.set_checkpoint(published->note);
  return reply;
}

}  // namespace

absl::StatusOr<Realm*> Transparency::Admit(const Session& session, absl::string_view convenant_id) {
  const absl::Time now = context_.clock.Now();
  ASSIGN_OR_RETURN(const Caller caller, FindCaller(context_.realms, session, now));
  RETURN_IF_ERROR(CheckConvenant(session, convenant_id));
  RETURN_IF_ERROR(Take(context_.quotas.questions, caller, now));
  return caller.realm;
}

// Taken by value as everywhere: an asking method owns its callback, and this one happens to answer at once.
void Transparency::GetCheckpoint(
    const Session& session, const v1::GetCheckpointRequest& request,
    Done<v1::GetCheckpointReply> done) {  // NOLINT(performance-unnecessary-value-param)
  const absl::StatusOr<Realm*> realm = Admit(session, request.convenant_id());
  if (!realm.ok()) return done(realm.status());
  const Published published = (*realm)->published();
  if (published == nullptr) return done(NothingPublished());
  v1::GetCheckpointReply reply;
  reply.set_checkpoint(published->note);
  done(std::move(reply));
}

void Transparency::ProveInclusion(const Session& session, const v1::ProveInclusionRequest& request,
                                  Done<v1::ProveInclusionReply> done) {
  const absl::StatusOr<Realm*> realm = Admit(session, request.convenant_id());
  if (!realm.ok()) return done(realm.status());
  context_.workers.Schedule(
      [realm = *realm, request, done = std::move(done)] { done(Inclusion(*realm, request)); });
}

void Transparency::ProveConsistency(const Session& session, const v1::ProveConsistencyRequest& request,
                                    Done<v1::ProveConsistencyReply> done) {
  const absl::StatusOr<Realm*> realm = Admit(session, request.convenant_id());
  if (!realm.ok()) return done(realm.status());
  context_.workers.Schedule(
      [realm = *realm, request, done = std::move(done)] { done(Consistency(*realm, request)); });
}

}  // namespace seinpost::server
