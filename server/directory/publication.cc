// SPDX-License-Identifier: EUPL-1.2
#include "server/directory/publication.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "crypto/hash.h"
#include "crypto/merkle.h"
#include "server/directory/object_body.h"
#include "server/directory/object_event.h"
#include "server/gate/caller.h"
#include "server/gate/watched_source.h"
#include "server/realm/leaf_receipt.h"
#include "server/rows/records.h"
#include "trust/log_identity.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

constexpr int kMaxObjects = 64;
constexpr size_t kMaxPublishBytes = 1024 * 1024;

// An object that is new, and what the log tells of it.
struct NewObject {
  Bytes bytes;
  uint64_t seq;
  Digest chain_hash;
  std::optional<PreparedEvent> event;  // beside the directory leaf
};

// What an object that the directory took asks of this broker besides.
absl::Status CheckHere(const v1::SignedObject& object, Realm& realm, bool activation) {
  if (object.kind() == v1::OBJECT_KIND_CONVENANT && !activation) {
    return absl::FailedPreconditionError("a convenant is activated, not published");
  }
  if (object.kind() == v1::OBJECT_KIND_TRUST_UPDATE) {
    ASSIGN_OR_RETURN(const auto update, BodyOf<v1::TrustUpdate>(object, "trust update"));
    if (!update.log_key().empty()) return realm.PrepareLogKey(update.log_key());
  }
  if (object.kind() == v1::OBJECT_KIND_LOG_EPOCH) {
    ASSIGN_OR_RETURN(const auto epoch, BodyOf<v1::LogEpoch>(object, "log epoch"));
    return realm.CheckEpoch(epoch);
  }
  return absl::OkStatus();
}

// Whether these may be added to a log that is not writable: the one epoch that makes it so again.
bool IsOneEpoch(const std::vector<Bytes>& objects) {
  if (objects.size() != 1) return false;
  const absl::StatusOr<v1::SignedObject> object = trust::ParseSignedObject(objects[0]);
  return object.ok() && object->kind() == v1::OBJECT_KIND_LOG_EPOCH;
}

class PublishOperation final : public Operation {
 public:
  // `next` is nobody else's until it is committed.
  PublishOperation(const Context& context, Mailbox& mailbox, Realm& realm,
                   std::shared_ptr<trust::Directory> next, const std::vector<NewObject>& objects,
                   absl::Time now, absl::Notification& finished, absl::StatusOr<v1::PublishReply>& result)
      : context_(context),
        mailbox_(mailbox),
        realm_(realm),
        next_(std::move(next)),
        objects_(objects),
        now_(now),
        finished_(finished),
        result_(result) {}

  void Apply(Transaction& transaction) override {
    for (const NewObject& object : objects_) {
      const uint64_t index = transaction.StageDirectoryLeaf(realm_, object.chain_hash);
      if (object.event) transaction.Stage(realm_, *object.event);
      transaction.Put(Family::kDirectory, DirectoryKey(realm_.prefix(), object.seq),
                      DirectoryRow{index, object.bytes}.Encode());
      indexes_.push_back(index);
      const absl::Status told = next_->SetLeafIndex(object.seq, index);
      if (!told.ok()) transaction.Fail(told);
    }
    realm_.StageDirectory(next_);
  }

  void Committed() override { mailbox_.EndRevoked(realm_, *next_, context_.clock.Now()); }

  void Complete(const absl::Status& commit) override {
    if (commit.ok()) {
      result_ = Reply();
    } else {
      result_ = commit;
    }
    finished_.Notify();
  }

 private:
  v1::PublishReply Reply() {
    v1::PublishReply reply;
    reply.set_dir_size(next_->size());
    for (size_t i = 0; i < objects_.size(); ++i) {
      const Digest leaf_hash =
          crypto::LeafHash(audit::EncodeLeaf(audit::LeafClass::kDirectory, objects_[i].chain_hash));
      *reply.add_receipts() =
          MakeReceipt(realm_, {indexes_[i], leaf_hash, ToBytes(crypto::Sha256(objects_[i].bytes)), now_}, {});
    }
    return reply;
  }

  const Context& context_;
  Mailbox& mailbox_;
  Realm& realm_;
  const std::shared_ptr<trust::Directory> next_;
  const std::vector<NewObject>& objects_;
  const absl::Time now_;
  absl::Notification& finished_;
  absl::StatusOr<v1::PublishReply>& result_;
  std::vector<uint64_t> indexes_;
};

// Gives the objects [from, limit) in pages, then the checkpoint that covers them.
class DirectorySource final : public Source<v1::GetDirectoryReply>,
                              public std::enable_shared_from_this<DirectorySource> {
 public:
  DirectorySource(const Context& context, const Realm& realm, uint64_t from, uint64_t limit, Bytes checkpoint)
      : context_(context),
        prefix_(realm.prefix()),
        next_(from),
        limit_(limit),
        checkpoint_(std::move(checkpoint)) {}

  void Next(Done<std::optional<v1::GetDirectoryReply>> done) override {
    context_.workers.Schedule(
        [self = shared_from_this(), done = std::move(done)] { done(self->ReadPage()); });
  }

 private:
  absl::StatusOr<std::optional<v1::GetDirectoryReply>> ReadPage() {
    if (finished_) return std::optional<v1::GetDirectoryReply>();
    v1::GetDirectoryReply reply;
    reply.set_first_seq(next_);
    size_t bytes = 0;
    absl::Status read;
    RETURN_IF_ERROR(context_.store.Scan(Family::kDirectory, DirectoryKey(prefix_, next_),
                                        DirectoryKey(prefix_, limit_), [&](ByteView, ByteView row) {
                                          if (bytes > 0 && bytes + row.size() > kStreamPageBytes)
                                            return false;
                                          bytes += row.size();
                                          absl::StatusOr<DirectoryRow> object = DirectoryRow::Decode(row);
                                          read = object.status();
                                          if (!read.ok()) return false;
                                          reply.add_leaf_indexes(object->leaf_index);
                                          reply.add_objects(std::move(object->object));
                                          return true;
                                        }));
    RETURN_IF_ERROR(read);
    next_ += static_cast<uint64_t>(reply.objects_size());
    finished_ = next_ >= limit_;
    if (finished_) reply.set_checkpoint(checkpoint_);
    if (!finished_ && reply.objects().empty()) return absl::DataLossError("the stored directory has a gap");
    return std::optional<v1::GetDirectoryReply>(std::move(reply));
  }

  const Context& context_;
  const Bytes prefix_;
  uint64_t next_;
  const uint64_t limit_;
  const Bytes checkpoint_;
  bool finished_ = false;
};

}  // namespace

void Publication::GetConvenant(const v1::GetConvenantRequest& request, Done<v1::GetConvenantReply> done) {
  const absl::StatusOr<Realm*> realm = FindRealm(context_.realms, request.convenant_id());
  if (!realm.ok()) return done(realm.status());
  const absl::StatusOr<DirectorySnapshot> directory = (*realm)->ActiveDirectory();
  if (!directory.ok()) return done(directory.status());
  v1::GetConvenantReply reply;
  reply.set_object((*directory)->convenant_object());
  reply.set_first((*directory)->versions().front().object);
  // The checkpoint may be a moment behind the directory, but never behind the convenant itself.
  (*realm)->WhenPublished(1, [reply = std::move(reply), done = std::move(done)](
                                 absl::StatusOr<CheckpointBoard::Published> published) mutable {
    if (!published.ok()) return done(published.status());
    reply.set_checkpoint((*published)->note);
    done(std::move(reply));
  });
}

// Whether the convenant may be put into force here. Whether it is signed, and the next version, the directory
// says when it is added.
absl::StatusOr<Realm*> Publication::CheckActivation(const Bytes& object) const {
  ASSIGN_OR_RETURN(const v1::SignedObject parsed, trust::ParseSignedObject(object));
  if (parsed.kind() != v1::OBJECT_KIND_CONVENANT)
    return absl::InvalidArgumentError("object: not a convenant");
  ASSIGN_OR_RETURN(const policies::Convenant convenant,
                   policies::Convenant::Parse(parsed.body(), "convenant.yaml"));
  const auto found = context_.realms.find(convenant.id());
  if (found == context_.realms.end()) {
    return absl::FailedPreconditionError("object: this broker does not host that convenant");
  }
  Realm& realm = *found->second;
  if (convenant.SignatoryOf(convenant.host()).root != realm.host_root()) {
    return absl::FailedPreconditionError("object: the host's root key is not the one this broker was given");
  }
  ASSIGN_OR_RETURN(const crypto::PublicKey log_key, trust::LogKey(convenant));
  if (log_key != realm.log_public_key()) {
    return absl::FailedPreconditionError("object: trust.log_key is not the key of this broker's log");
  }
  if (convenant.trust()->broker_key != View(identity_)) {
    return absl::FailedPreconditionError("object: trust.broker_key is not the identity of this broker");
  }
  return &realm;
}

void Publication::Activate(const v1::ActivateRequest& request, Done<v1::PublishReply> done) {
  const absl::Time now = context_.clock.Now();
  if (request.object().size() > trust::kMaxObjectBytes) {
    return done(absl::ResourceExhaustedError("object: too large"));
  }
  if (const absl::Status quota = context_.quotas.publications.Take("", now); !quota.ok()) return done(quota);
  thread_.Schedule([this, object = request.object(), now, done = std::move(done)] {
    const absl::StatusOr<Realm*> realm = CheckActivation(object);
    if (!realm.ok()) return done(realm.status());
    done(Add(**realm, {object}, /*activation=*/true, now));
  });
}

void Publication::Publish(const v1::PublishRequest& request, Done<v1::PublishReply> done) {
  const absl::Time now = context_.clock.Now();
  if (request.objects_size() > kMaxObjects || request.ByteSizeLong() > kMaxPublishBytes) {
    return done(absl::ResourceExhaustedError("objects: over 64, or over 1 MiB"));
  }
  if (request.objects().empty()) return done(absl::InvalidArgumentError("objects: none"));
  if (const absl::Status room = context_.space.CheckRoomFor(request.ByteSizeLong()); !room.ok()) {
    return done(room);
  }
  const absl::StatusOr<Realm*> realm = FindRealm(context_.realms, request.convenant_id());
  if (!realm.ok()) return done(realm.status());
  if (const absl::StatusOr<DirectorySnapshot> active = (*realm)->ActiveDirectory(); !active.ok()) {
    return done(active.status());
  }
  if (const absl::Status quota = context_.quotas.publications.Take((*realm)->prefix(), now); !quota.ok()) {
    return done(quota);
  }
  std::vector<Bytes> objects(request.objects().begin(), request.objects().end());
  thread_.Schedule([this, realm = *realm, objects = std::move(objects), now, done = std::move(done)] {
    done(Add(*realm, objects, /*activation=*/false, now));
  });
}

absl::StatusOr<v1::PublishReply> Publication::Add(Realm& realm, const std::vector<Bytes>& objects,
                                                  bool activation, absl::Time now) {
  if (const absl::Status writable = realm.Writable(); !writable.ok() && !IsOneEpoch(objects)) return writable;
  // Only this thread changes the directory, so it still is the committed one when the commit thread gets
  // here.
  auto next = std::make_shared<trust::Directory>(*realm.directory());
  std::vector<NewObject> added;
  bool new_log_key = false;
  for (size_t i = 0; i < objects.size(); ++i) {
    const uint64_t seq = next->size();
    absl::Status status = next->Add(objects[i], now);
    if (absl::IsAlreadyExists(status)) continue;
    const absl::StatusOr<v1::SignedObject> object = trust::ParseSignedObject(objects[i]);
    if (status.ok()) status = object.status();
    if (status.ok()) status = CheckHere(*object, realm, activation);
    if (!status.ok()) {
      return absl::Status(status.code(), absl::StrCat("objects[", i, "]: ", status.message()));
    }
    new_log_key |=
        object->kind() == v1::OBJECT_KIND_TRUST_UPDATE || object->kind() == v1::OBJECT_KIND_LOG_EPOCH;
    ASSIGN_OR_RETURN(std::optional<PreparedEvent> event, EventOf(*object, objects[i], *next, now));
    added.push_back({objects[i], seq, next->chain_hash(), std::move(event)});
  }
  if (added.empty()) {
    v1::PublishReply reply;
    reply.set_dir_size(next->size());
    return reply;
  }
  absl::Notification finished;
  absl::StatusOr<v1::PublishReply> result = absl::UnknownError("");
  context_.sequencer.Enqueue(std::make_unique<PublishOperation>(context_, mailbox_, realm, std::move(next),
                                                                added, now, finished, result));
  finished.WaitForNotification();
  if (result.ok() && new_log_key) {
    const absl::Status placed = realm.TakeOverLogKey();
    if (!placed.ok()) context_.metrics.UnexpectedError("taking over the log key", placed);
  }
  return result;
}

void Publication::GetDirectory(const Session& session, const v1::GetDirectoryRequest& request,
                               Done<std::shared_ptr<Source<v1::GetDirectoryReply>>> done) {
  const absl::Time now = context_.clock.Now();
  const absl::StatusOr<Caller> caller = Admit(context_, context_.quotas.questions, session, now);
  if (!caller.ok()) return done(caller.status());
  if (const absl::Status own = CheckConvenant(session, request.convenant_id()); !own.ok()) return done(own);
  Realm& realm = *caller->realm;
  auto watched = Watch(context_, realm, session, done);
  if (!watched.ok()) return done(watched.status());
  done = *std::move(watched);
  realm.WhenPublished(realm.log().head().size, [this, &realm, from = request.from(), done = std::move(done)](
                                                   absl::StatusOr<CheckpointBoard::Published> published) {
    if (!published.ok()) return done(published.status());
    const uint64_t limit = (*published)->checkpoint.directory->seq;
    if (from > limit) return done(absl::OutOfRangeError("from: past the end of the directory"));
    done(std::shared_ptr<Source<v1::GetDirectoryReply>>(
        std::make_shared<DirectorySource>(context_, realm, from, limit, (*published)->note)));
  });
}

}  // namespace seinpost::server
