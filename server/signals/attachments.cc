// SPDX-License-Identifier: EUPL-1.2
#include "server/signals/attachments.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "envelope/limits.h"
#include "server/gate/caller.h"
#include "server/gate/quota.h"
#include "server/gate/watched_source.h"
#include "server/rows/records.h"
#include "server/signals/original.h"
#include "trust/fields.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

constexpr size_t kMaxMessageChunkBytes = 256 * 1024;
constexpr size_t kChunkBytes = kStreamPageBytes;  // as stored, and so as fetched
constexpr uint32_t kMostChunks = 24;              // of what an earlier version stored, in chunks of 256 KiB
constexpr uint32_t kMostChunksAtAll = envelope::kMaxAttachmentCiphertextBytes / kChunkBytes + 1;
constexpr size_t kSweptAtOnce = 4096;  // chunks
// An upload that is refused a place may try again when one has perhaps ended.
constexpr absl::Duration kTryAgain = absl::Seconds(5);

Bytes CountedAs(const Realm& realm, ByteView ct_hash) { return AttachmentKey(realm.prefix(), ct_hash); }

absl::Status AttachmentExpired() {
  return absl::FailedPreconditionError("part: its retention period is over, the attachment is destroyed");
}

size_t ChunksOf(uint64_t size) { return (size + kChunkBytes - 1) / kChunkBytes; }

class ChunkSource final : public Source<v1::FetchAttachmentReply>,
                          public std::enable_shared_from_this<ChunkSource> {
 public:
  ChunkSource(const Context& context, const Realm& realm, Bytes ct_hash, uint32_t chunks)
      : context_(context), prefix_(realm.prefix()), ct_hash_(std::move(ct_hash)), chunks_(chunks) {}

  void Next(Done<std::optional<v1::FetchAttachmentReply>> done) override {
    context_.workers.Schedule([self = shared_from_this(), done = std::move(done)] {
      if (self->next_ == self->chunks_) return done(std::optional<v1::FetchAttachmentReply>());
      absl::StatusOr<Bytes> chunk = self->context_.store.Get(
          Family::kAttachment, ChunkKey(self->prefix_, self->ct_hash_, self->next_++));
      if (!chunk.ok()) return done(chunk.status());
      v1::FetchAttachmentReply reply;
      reply.set_chunk(*std::move(chunk));
      done(std::optional<v1::FetchAttachmentReply>(std::move(reply)));
    });
  }

 private:
  const Context& context_;
  const Bytes prefix_;
  const Bytes ct_hash_;
  const uint32_t chunks_;
  uint32_t next_ = 0;
};

// Deletes those of the named attachments that are still orphans when its turn comes.
class SweepOperation final : public Operation {
 public:
  struct Orphan {
    OrphanName name;
    uint32_t chunks;  // at least so many as there are
  };
  SweepOperation(const Context& context, const Realm& realm, std::vector<Orphan> orphans)
      : context_(context), realm_(realm), orphans_(std::move(orphans)) {}

  void Apply(Transaction& transaction) override {
    for (const Orphan& orphan : orphans_) {
      const Bytes& prefix = realm_.prefix();
      const Bytes& ct_hash = orphan.name.ct_hash;
      const Bytes orphan_key = OrphanKey(prefix, orphan.name.uploaded, ct_hash);
      if (!transaction.Get(Family::kAttachment, orphan_key).ok()) continue;  // claimed meanwhile
      transaction.Delete(Family::kAttachment, orphan_key);
      const Bytes key = AttachmentKey(prefix, ct_hash);
      const absl::StatusOr<Bytes> bytes = transaction.Get(Family::kAttachment, key);
      if (bytes.ok()) {
        const absl::StatusOr<AttachmentRow> row = AttachmentRow::Decode(*bytes);
        if (row.ok() && row->uploaded != orphan.name.uploaded) continue;  // claimed, or uploaded again later
      }
      transaction.Delete(Family::kAttachment, key);
      for (uint32_t chunk = 0; chunk < orphan.chunks; ++chunk) {
        transaction.Delete(Family::kAttachment, ChunkKey(prefix, ct_hash, chunk));
      }
      context_.unclaimed.Forget(CountedAs(realm_, ct_hash));
    }
  }
  void Complete(const absl::Status& commit) override {
    if (!commit.ok()) context_.metrics.UnexpectedError("deleting orphaned attachments", commit);
  }

 private:
  const Context& context_;
  const Realm& realm_;
  const std::vector<Orphan> orphans_;
};

// A complete upload on its way into the database.
struct Uploaded {
  Bytes ct_hash;
  Bytes bytes;
  Bytes device_id;
  std::unique_ptr<UnclaimedBytes::Charge> charge;
};

template <typename Rows>
void PutChunks(const Realm& realm, const Uploaded& uploaded, Rows& rows) {
  uint32_t chunk = 0;
  for (size_t at = 0; at < uploaded.bytes.size(); at += kChunkBytes) {
    rows.Put(Family::kAttachment, ChunkKey(realm.prefix(), uploaded.ct_hash, chunk++),
             ByteView(uploaded.bytes).substr(at, kChunkBytes));
  }
}

// Announces chunks that were written before. They become durable with this.
class AnnounceOperation final : public Operation {
 public:
  AnnounceOperation(const Realm& realm, std::shared_ptr<Uploaded> uploaded, AttachmentRow row,
                    Done<v1::UploadAttachmentReply> done)
      : realm_(realm), uploaded_(std::move(uploaded)), row_(row), done_(std::move(done)) {}

  void Apply(Transaction& transaction) override {
    const Bytes& prefix = realm_.prefix();
    const Bytes& ct_hash = uploaded_->ct_hash;
    const Bytes key = AttachmentKey(prefix, ct_hash);
    const absl::StatusOr<Bytes> known = transaction.Get(Family::kAttachment, key);
    if (known.ok()) {
      const absl::StatusOr<AttachmentRow> old = AttachmentRow::Decode(*known);
      if (!old.ok()) return transaction.Fail(old.status());
      const Bytes orphan = OrphanKey(prefix, old->uploaded, ct_hash);
      const Bytes own_orphan = OrphanKey(prefix, row_.uploaded, ct_hash);
      if (!transaction.Get(Family::kAttachment, orphan).ok()) {
        // A signal speaks of it already: these bytes are no orphan.
        return transaction.Delete(Family::kAttachment, own_orphan);
      }
      if (orphan != own_orphan) transaction.Delete(Family::kAttachment, orphan);
    }
    // These very bytes were here as an orphan before, and the sweep that had found it came after they were
    // written anew and before this: it has taken all chunks or none.
    const Bytes first_chunk = ChunkKey(prefix, ct_hash, 0);
    if (absl::IsNotFound(transaction.Get(Family::kAttachment, first_chunk).status())) {
      PutOrphan(transaction);
      PutChunks(realm_, *uploaded_, transaction);
    }
    transaction.Put(Family::kAttachment, key, row_.Encode());
    uploaded_->charge->Keep(CountedAs(realm_, ct_hash));
  }

  void Complete(const absl::Status& commit) override {
    if (!commit.ok()) return done_(commit);
    v1::UploadAttachmentReply reply;
    reply.set_size(row_.size);
    done_(std::move(reply));
  }

  // The row by which it is found if nobody claims it.
  template <typename Rows>
  void PutOrphan(Rows& rows) const {
    rows.Put(Family::kAttachment, OrphanKey(realm_.prefix(), row_.uploaded, uploaded_->ct_hash),
             OrphanRow{uploaded_->device_id, row_.size, row_.chunks}.Encode());
  }

 private:
  const Realm& realm_;
  const std::shared_ptr<Uploaded> uploaded_;
  const AttachmentRow row_;
  const Done<v1::UploadAttachmentReply> done_;
};

// Chunks and the orphan row in one batch that is not synced yet, then the announcement, which is.
void WriteAttachment(const Context& context, const Realm& realm, const std::shared_ptr<Uploaded>& uploaded,
                     const Done<v1::UploadAttachmentReply>& done) {
  const absl::Time now = absl::FromUnixSeconds(absl::ToUnixSeconds(context.clock.Now()));
  const size_t size = uploaded->bytes.size();
  const AttachmentRow row{size, static_cast<uint32_t>(ChunksOf(size)), now};
  auto announce = std::make_unique<AnnounceOperation>(realm, uploaded, row, done);
  Batch batch;
  announce->PutOrphan(batch);
  PutChunks(realm, *uploaded, batch);
  if (const absl::Status written = context.sequencer.CommitUnsynced(batch); !written.ok())
    return done(written);
  batch.Clear();
  context.sequencer.Enqueue(std::move(announce));
}

}  // namespace

// What is known of an upload beside its bytes, for as long as it holds a place. Thread-safe.
struct Attachments::Running {
  Running(const Caller& caller, absl::Time now)
      : realm(caller.realm),
        device(caller.device->id),
        organisation(caller.device->organisation),
        started(now),
        last(now) {}

  // More has come, with bytes in it or without.
  absl::Status Continue(absl::Time now, bool bytes) {
    absl::MutexLock lock(&mutex);
    if (now - started >= kUploadLife) over = true;
    if (over) return absl::UnavailableError("the upload took too long");
    if (bytes) last = now;
    return absl::OkStatus();
  }
  // All has come.
  absl::Status Complete() {
    absl::MutexLock lock(&mutex);
    if (over) return absl::UnavailableError("the upload took too long");
    complete = true;
    return absl::OkStatus();
  }
  bool EndIfOverdue(absl::Time now) {
    absl::MutexLock lock(&mutex);
    if (!complete && (now - last >= kUploadIdle || now - started >= kUploadLife)) over = true;
    return over;
  }

  const Realm* const realm;
  const trust::DeviceId device;
  const std::string organisation;
  const absl::Time started;
  absl::Mutex mutex;
  absl::Time last ABSL_GUARDED_BY(mutex);  // when bytes came
  bool complete ABSL_GUARDED_BY(mutex) = false;
  bool over ABSL_GUARDED_BY(mutex) = false;
};

Attachments::Attachments(const Context& context) : context_(context) {
  for (const auto& entry : context.realms) CountOrphans(*entry.second);
}

Attachments::~Attachments() = default;

void Attachments::CountOrphans(const Realm& realm) {
  const DirectorySnapshot directory = realm.directory();
  const Bytes prefix = OrphanPrefix(realm.prefix());
  absl::Status status;
  const auto count = [&](ByteView key, ByteView value) -> absl::Status {
    ASSIGN_OR_RETURN(const OrphanName name, ParseOrphanKey(realm.prefix(), key));
    ASSIGN_OR_RETURN(OrphanRow row, OrphanRow::Decode(value));
    const trust::Device* device = directory->FindDevice(row.device_id);
    if (row.device_id.empty()) row.size = envelope::kMaxAttachmentCiphertextBytes;  // at most
    context_.unclaimed.Restore(
        CountedAs(realm, name.ct_hash),
        {realm.prefix(), row.device_id, device == nullptr ? std::string() : device->organisation},
        row.size + kAttachmentOverheadBytes);
    return absl::OkStatus();
  };
  const absl::Status scanned = context_.store.Scan(Family::kAttachment, prefix, PrefixLimit(prefix),
                                                   [&](ByteView key, ByteView value) {
                                                     const absl::Status counted = count(key, value);
                                                     if (!counted.ok()) status = counted;
                                                     return true;
                                                   });
  if (!scanned.ok()) status = scanned;
  if (!status.ok()) context_.metrics.UnexpectedError("counting orphaned attachments", status);
}

absl::StatusOr<std::unique_ptr<Attachments::Upload>> Attachments::StartUpload(const Session& session) {
  const absl::Time now = context_.clock.Now();
  ASSIGN_OR_RETURN(const Caller caller, AdmitToWrite(context_, context_.quotas.uploads, session, now));
  RETURN_IF_ERROR(context_.space.CheckRoomFor(envelope::kMaxAttachmentCiphertextBytes));
  auto running = std::make_shared<Running>(caller, now);
  {
    absl::MutexLock lock(&mutex_);
    int of_device = 0, of_organisation = 0;
    for (const std::shared_ptr<Running>& other : running_) {
      if (other->realm != running->realm) continue;
      of_device += other->device == running->device ? 1 : 0;
      of_organisation += other->organisation == running->organisation ? 1 : 0;
    }
    if (of_device >= kUploadsPerDevice || of_organisation >= kUploadsPerOrganisation ||
        running_.size() >= kUploads) {
      return OverQuota(kTryAgain);
    }
    running_.insert(running);
  }
  std::unique_ptr<Upload> upload(new Upload(*this, *caller.realm, std::move(running)));
  RETURN_IF_ERROR(upload->charge_->Add(kAttachmentOverheadBytes));
  return upload;
}

void Attachments::EndOverdue(absl::Time now) {
  absl::MutexLock lock(&mutex_);
  for (auto it = running_.begin(); it != running_.end();) {
    it = (*it)->EndIfOverdue(now) ? running_.erase(it) : std::next(it);
  }
}

void Attachments::Remove(const std::shared_ptr<Running>& running) {
  absl::MutexLock lock(&mutex_);
  running_.erase(running);
}

Attachments::Upload::Upload(Attachments& attachments, Realm& realm, std::shared_ptr<Running> running)
    : attachments_(attachments),
      realm_(realm),
      running_(std::move(running)),
      charge_(std::make_unique<UnclaimedBytes::Charge>(
          attachments.context_.unclaimed,
          UnclaimedBytes::Owner{realm.prefix(), running_->device, running_->organisation})) {}

Attachments::Upload::~Upload() { attachments_.Remove(running_); }

absl::Status Attachments::Upload::Add(const v1::UploadAttachmentRequest& message) {
  RETURN_IF_ERROR(running_->Continue(attachments_.context_.clock.Now(), !message.chunk().empty()));
  if (ct_hash_.empty()) {
    RETURN_IF_ERROR(trust::CheckSize(message.ct_hash(), trust::kHashBytes, "ct_hash"));
    ct_hash_ = message.ct_hash();
  } else if (!message.ct_hash().empty()) {
    return absl::InvalidArgumentError("ct_hash: belongs in the first message only");
  }
  if (message.chunk().size() > kMaxMessageChunkBytes)
    return absl::InvalidArgumentError("chunk: over 256 KiB");
  if (bytes_.size() + message.chunk().size() > envelope::kMaxAttachmentCiphertextBytes) {
    return absl::InvalidArgumentError("chunk: the attachment is over 6 MiB");
  }
  if (message.chunk().empty()) return absl::OkStatus();
  RETURN_IF_ERROR(charge_->Add(message.chunk().size()));
  hasher_.Update(message.chunk());
  bytes_ += message.chunk();
  return absl::OkStatus();
}

void Attachments::Upload::Finish(Done<v1::UploadAttachmentReply> done) {
  if (const absl::Status in_time = running_->Complete(); !in_time.ok()) return done(in_time);
  if (ct_hash_.empty()) return done(absl::InvalidArgumentError("ct_hash: missing"));
  if (bytes_.empty()) return done(absl::InvalidArgumentError("chunk: the attachment is empty"));
  if (View(hasher_.Finish()) != ct_hash_) {
    return done(absl::InvalidArgumentError("ct_hash: the bytes do not hash to it"));
  }
  const Context& context = attachments_.context_;
  auto uploaded = std::make_shared<Uploaded>(
      Uploaded{std::move(ct_hash_), std::move(bytes_), running_->device, std::move(charge_)});
  context.workers.Schedule([&context, &realm = realm_, uploaded = std::move(uploaded),
                            done = std::move(done)] { WriteAttachment(context, realm, uploaded, done); });
}

absl::Status Attachments::Claim(const Context& context, Transaction& transaction, const Realm& realm,
                                const std::vector<Spoken>& attachments) {
  struct Claimed {
    Bytes key;
    Bytes orphan;
    AttachmentRow row;
  };
  std::vector<Claimed> claimed;
  for (const auto& [ct_hash, expires] : attachments) {
    Bytes key = AttachmentKey(realm.prefix(), ct_hash);
    const absl::StatusOr<Bytes> bytes = transaction.Get(Family::kAttachment, key);
    if (absl::IsNotFound(bytes.status())) {
      return absl::FailedPreconditionError("parts.ct_hash: the attachment was not uploaded");
    }
    RETURN_IF_ERROR(bytes.status());
    ASSIGN_OR_RETURN(const AttachmentRow row, AttachmentRow::Decode(*bytes));
    Bytes orphan = OrphanKey(realm.prefix(), row.uploaded, ct_hash);
    claimed.push_back({std::move(key),
                       std::move(orphan),
                       {row.size, row.chunks, absl::UnixEpoch(), std::max(row.keep_until, expires)}});
  }
  for (const Claimed& attachment : claimed) {
    transaction.Delete(Family::kAttachment, attachment.orphan);
    // No orphan row of another upload of it, before or after, is taken for its own.
    transaction.Put(Family::kAttachment, attachment.key, attachment.row.Encode());
    context.unclaimed.Forget(attachment.key);
  }
  return absl::OkStatus();
}

void Attachments::Release(Transaction& transaction, const Realm& realm, ByteView ct_hash, absl::Time limit) {
  const Bytes key = AttachmentKey(realm.prefix(), ct_hash);
  const absl::StatusOr<Bytes> bytes = transaction.Get(Family::kAttachment, key);
  if (absl::IsNotFound(bytes.status())) return;
  if (!bytes.ok()) return transaction.Fail(bytes.status());
  // What cannot be read is not kept.
  const AttachmentRow row = AttachmentRow::Decode(*bytes).value_or(AttachmentRow{0, kMostChunksAtAll});
  if (row.keep_until > limit) return;
  transaction.Delete(Family::kAttachment, key);
  for (uint32_t chunk = 0; chunk < row.chunks; ++chunk) {
    transaction.Delete(Family::kAttachment, ChunkKey(realm.prefix(), ct_hash, chunk));
  }
}

void Attachments::Fetch(const Session& session, const v1::FetchAttachmentRequest& request,
                        Done<std::shared_ptr<Source<v1::FetchAttachmentReply>>> done) {
  const absl::Time now = context_.clock.Now();
  const absl::StatusOr<Caller> caller = Admit(context_, context_.quotas.questions, session, now);
  if (!caller.ok()) return done(caller.status());
  absl::Status formed = CheckConvenant(session, request.convenant_id());
  if (formed.ok()) formed = trust::CheckSize(request.signal_id(), trust::kIdBytes, "signal_id");
  if (!formed.ok()) return done(formed);
  auto watched = Watch(context_, *caller->realm, session, done);
  if (!watched.ok()) return done(watched.status());
  context_.workers.Schedule([this, realm = caller->realm, session, request, watched = *std::move(watched)] {
    watched(FindFor(*realm, session, request));
  });
}

absl::StatusOr<std::shared_ptr<Source<v1::FetchAttachmentReply>>> Attachments::FindFor(
    Realm& realm, const Session& session, const v1::FetchAttachmentRequest& request) {
  const absl::Status unknown = absl::NotFoundError("part: no such attachment for this device");
  const absl::StatusOr<Original> original = LoadOriginal(context_.store, realm.prefix(), request.signal_id());
  if (absl::IsNotFound(original.status())) {
    ASSIGN_OR_RETURN(const auto remains, FindRemains(context_.store, realm.prefix(), request.signal_id()));
    return remains ? AttachmentExpired() : unknown;
  }
  RETURN_IF_ERROR(original.status());
  ASSIGN_OR_RETURN(const Holding holding,
                   HoldingOf(context_.store, realm.prefix(), *original, request.part(), session.device));
  if (original->IsDestroyed(request.part())) return AttachmentExpired();
  if (!holding.part) return unknown;
  const v1::PartDescriptor& descriptor = original->parts[*holding.part].descriptor;
  if (descriptor.kind() != v1::PART_KIND_ATTACHMENT) return unknown;
  if (context_.clock.Now() >= absl::FromUnixSeconds(descriptor.expires())) return AttachmentExpired();
  const absl::StatusOr<Bytes> bytes =
      context_.store.Get(Family::kAttachment, AttachmentKey(realm.prefix(), descriptor.ct_hash()));
  if (absl::IsNotFound(bytes.status())) return unknown;
  RETURN_IF_ERROR(bytes.status());
  ASSIGN_OR_RETURN(const AttachmentRow row, AttachmentRow::Decode(*bytes));
  return std::shared_ptr<Source<v1::FetchAttachmentReply>>(
      std::make_shared<ChunkSource>(context_, realm, descriptor.ct_hash(), row.chunks));
}

void Attachments::Sweep(Realm& realm, absl::Time now) {
  std::vector<SweepOperation::Orphan> orphans;
  size_t chunks = 0;
  const Bytes limit = OrphanKey(realm.prefix(), now - kOrphanLife, {});
  const absl::Status scanned = context_.store.Scan(
      Family::kAttachment, OrphanPrefix(realm.prefix()), limit, [&](ByteView key, ByteView value) {
        const absl::StatusOr<OrphanName> name = ParseOrphanKey(realm.prefix(), key);
        const absl::StatusOr<OrphanRow> row = OrphanRow::Decode(value);
        if (!name.ok() || !row.ok()) return true;
        orphans.push_back({*name, row->chunks == 0 ? kMostChunks : row->chunks});
        chunks += orphans.back().chunks;
        return chunks < kSweptAtOnce;
      });
  if (!scanned.ok()) return context_.metrics.UnexpectedError("looking for orphaned attachments", scanned);
  if (orphans.empty()) return;
  context_.sequencer.Enqueue(std::make_unique<SweepOperation>(context_, realm, std::move(orphans)));
}

}  // namespace seinpost::server
