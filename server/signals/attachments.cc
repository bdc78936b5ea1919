// SPDX-License-Identifier: EUPL-1.2
#include "server/signals/attachments.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "envelope/limits.h"
#include "server/gate/caller.h"
#include "server/rows/records.h"
#include "server/signals/original.h"
#include "trust/fields.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

constexpr size_t kChunkBytes = 256 * 1024;
constexpr int kMaxUploads = 16;  // each holds up to 6 MiB
constexpr size_t kSweptAtOnce = 16;

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
    std::vector<Bytes> chunk_keys;
  };
  SweepOperation(const Context& context, Bytes prefix, std::vector<Orphan> orphans)
      : context_(context), prefix_(std::move(prefix)), orphans_(std::move(orphans)) {}

  void Apply(Transaction& transaction) override {
    for (const Orphan& orphan : orphans_) {
      const Bytes orphan_key = OrphanKey(prefix_, orphan.name.uploaded, orphan.name.ct_hash);
      if (!transaction.Get(Family::kAttachment, orphan_key).ok()) continue;  // claimed meanwhile
      transaction.Delete(Family::kAttachment, orphan_key);
      const Bytes key = AttachmentKey(prefix_, orphan.name.ct_hash);
      const absl::StatusOr<Bytes> bytes = transaction.Get(Family::kAttachment, key);
      if (bytes.ok()) {
        const absl::StatusOr<AttachmentRow> row = AttachmentRow::Decode(*bytes);
        if (row.ok() && row->uploaded != orphan.name.uploaded) continue;  // uploaded again later
      }
      transaction.Delete(Family::kAttachment, key);
      for (const Bytes& chunk : orphan.chunk_keys) transaction.Delete(Family::kAttachment, chunk);
    }
  }
  void Complete(const absl::Status& commit) override {
    if (!commit.ok()) context_.metrics.UnexpectedError("deleting orphaned attachments", commit);
  }

 private:
  const Context& context_;
  const Bytes prefix_;
  const std::vector<Orphan> orphans_;
};

// Announces chunks that were written before. They become durable with this.
class AnnounceOperation final : public Operation {
 public:
  AnnounceOperation(Bytes prefix, Bytes ct_hash, AttachmentRow row, Done<v1::UploadAttachmentReply> done)
      : prefix_(std::move(prefix)), ct_hash_(std::move(ct_hash)), row_(row), done_(std::move(done)) {}

  void Apply(Transaction& transaction) override {
    const Bytes key = AttachmentKey(prefix_, ct_hash_);
    const absl::StatusOr<Bytes> known = transaction.Get(Family::kAttachment, key);
    if (known.ok()) {
      const absl::StatusOr<AttachmentRow> old = AttachmentRow::Decode(*known);
      if (!old.ok()) return transaction.Fail(old.status());
      const Bytes orphan = OrphanKey(prefix_, old->uploaded, ct_hash_);
      const Bytes own_orphan = OrphanKey(prefix_, row_.uploaded, ct_hash_);
      if (!transaction.Get(Family::kAttachment, orphan).ok()) {
        // A signal speaks of it already: these bytes are no orphan.
        return transaction.Delete(Family::kAttachment, own_orphan);
      }
      if (orphan != own_orphan) transaction.Delete(Family::kAttachment, orphan);
    }
    transaction.Put(Family::kAttachment, key, row_.Encode());
  }

  void Complete(const absl::Status& commit) override {
    if (!commit.ok()) return done_(commit);
    v1::UploadAttachmentReply reply;
    reply.set_size(row_.size);
    done_(std::move(reply));
  }

 private:
  const Bytes prefix_;
  const Bytes ct_hash_;
  const AttachmentRow row_;
  const Done<v1::UploadAttachmentReply> done_;
};

// Chunks and the orphan row in one batch that is not synced yet, then the announcement, which is.
void WriteAttachment(const Context& context, const Bytes& prefix, const Bytes& ct_hash, const Bytes& bytes,
                     Done<v1::UploadAttachmentReply> done) {
  const absl::Time now = absl::FromUnixSeconds(absl::ToUnixSeconds(context.clock.Now()));
  AttachmentRow row{bytes.size(), 0, now};
  Batch batch;
  batch.Put(Family::kAttachment, OrphanKey(prefix, now, ct_hash), {});
  for (size_t at = 0; at < bytes.size(); at += kChunkBytes) {
    batch.Put(Family::kAttachment, ChunkKey(prefix, ct_hash, row.chunks++),
              ByteView(bytes).substr(at, kChunkBytes));
  }
  if (const absl::Status written = context.store.CommitUnsynced(batch); !written.ok()) return done(written);
  context.sequencer.Enqueue(std::make_unique<AnnounceOperation>(prefix, ct_hash, row, std::move(done)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Attachments::Upload>> Attachments::StartUpload(const Session& session) {
  const absl::Time now = context_.clock.Now();
  ASSIGN_OR_RETURN(const Caller caller, AdmitToWrite(context_, context_.quotas.uploads, session, now));
  if (uploads_.fetch_add(1) >= kMaxUploads) {
    uploads_.fetch_sub(1);
    return absl::ResourceExhaustedError("too many uploads at once");
  }
  return std::unique_ptr<Upload>(new Upload(*this, *caller.realm));
}

Attachments::Upload::~Upload() { attachments_.uploads_.fetch_sub(1); }

absl::Status Attachments::Upload::Add(const v1::UploadAttachmentRequest& message) {
  if (ct_hash_.empty()) {
    RETURN_IF_ERROR(trust::CheckSize(message.ct_hash(), trust::kHashBytes, "ct_hash"));
    ct_hash_ = message.ct_hash();
  } else if (!message.ct_hash().empty()) {
    return absl::InvalidArgumentError("ct_hash: belongs in the first message only");
  }
  if (message.chunk().size() > kChunkBytes) return absl::ResourceExhaustedError("chunk: over 256 KiB");
  if (bytes_.size() + message.chunk().size() > envelope::kMaxAttachmentCiphertextBytes) {
    return absl::ResourceExhaustedError("the attachment is over 6 MiB");
  }
  hasher_.Update(message.chunk());
  bytes_ += message.chunk();
  return absl::OkStatus();
}

void Attachments::Upload::Finish(Done<v1::UploadAttachmentReply> done) {
  if (ct_hash_.empty()) return done(absl::InvalidArgumentError("ct_hash: missing"));
  if (bytes_.empty()) return done(absl::InvalidArgumentError("chunk: the attachment is empty"));
  if (View(hasher_.Finish()) != ct_hash_) {
    return done(absl::InvalidArgumentError("ct_hash: the bytes do not hash to it"));
  }
  const Context& context = attachments_.context_;
  context.workers.Schedule(
      [&context, prefix = realm_.prefix(), ct_hash = std::move(ct_hash_), bytes = std::move(bytes_),
       done = std::move(done)] { WriteAttachment(context, prefix, ct_hash, bytes, done); });
}

absl::Status Attachments::Claim(Transaction& transaction, const Realm& realm,
                                const std::vector<ByteView>& ct_hashes) {
  std::vector<Bytes> orphans;
  for (const ByteView ct_hash : ct_hashes) {
    const absl::StatusOr<Bytes> bytes =
        transaction.Get(Family::kAttachment, AttachmentKey(realm.prefix(), ct_hash));
    if (absl::IsNotFound(bytes.status())) {
      return absl::FailedPreconditionError("parts.ct_hash: the attachment was not uploaded");
    }
    RETURN_IF_ERROR(bytes.status());
    ASSIGN_OR_RETURN(const AttachmentRow row, AttachmentRow::Decode(*bytes));
    orphans.push_back(OrphanKey(realm.prefix(), row.uploaded, ct_hash));
  }
  for (const Bytes& orphan : orphans) transaction.Delete(Family::kAttachment, orphan);
  return absl::OkStatus();
}

void Attachments::Fetch(const Session& session, const v1::FetchAttachmentRequest& request,
                        Done<std::shared_ptr<Source<v1::FetchAttachmentReply>>> done) {
  const absl::Time now = context_.clock.Now();
  const absl::StatusOr<Caller> caller = Admit(context_, context_.quotas.questions, session, now);
  if (!caller.ok()) return done(caller.status());
  absl::Status formed = CheckConvenant(session, request.convenant_id());
  if (formed.ok()) formed = trust::CheckSize(request.signal_id(), trust::kIdBytes, "signal_id");
  if (!formed.ok()) return done(formed);
  context_.workers.Schedule([this, realm = caller->realm, session, request, done = std::move(done)] {
    done(FindFor(*realm, session, request));
  });
}

absl::StatusOr<std::shared_ptr<Source<v1::FetchAttachmentReply>>> Attachments::FindFor(
    Realm& realm, const Session& session, const v1::FetchAttachmentRequest& request) {
  const absl::Status unknown = absl::NotFoundError("part: no such attachment for this device");
  const absl::StatusOr<Original> original = LoadOriginal(context_.store, realm.prefix(), request.signal_id());
  if (absl::IsNotFound(original.status())) return unknown;
  RETURN_IF_ERROR(original.status());
  ASSIGN_OR_RETURN(const Holding holding,
                   HoldingOf(context_.store, realm.prefix(), *original, request.part(), session.device));
  if (!holding.part) return unknown;
  const v1::PartDescriptor& descriptor = original->parts[*holding.part].descriptor;
  if (descriptor.kind() != v1::PART_KIND_ATTACHMENT) return unknown;
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
  const Bytes limit = OrphanKey(realm.prefix(), now - kOrphanLife, {});
  absl::Status scanned = context_.store.Scan(
      Family::kAttachment, OrphanPrefix(realm.prefix()), limit, [&](ByteView key, ByteView) {
        const absl::StatusOr<OrphanName> name = ParseOrphanKey(realm.prefix(), key);
        if (name.ok()) orphans.push_back({*name, {}});
        return orphans.size() < kSweptAtOnce;
      });
  for (SweepOperation::Orphan& orphan : orphans) {
    const Bytes first = ChunkKey(realm.prefix(), orphan.name.ct_hash, 0);
    const Bytes prefix = first.substr(0, first.size() - 4);
    if (!scanned.ok()) break;
    scanned =
        context_.store.Scan(Family::kAttachment, first, PrefixLimit(prefix), [&](ByteView key, ByteView) {
          orphan.chunk_keys.emplace_back(key);
          return true;
        });
  }
  if (!scanned.ok()) return context_.metrics.UnexpectedError("looking for orphaned attachments", scanned);
  if (orphans.empty()) return;
  context_.sequencer.Enqueue(std::make_unique<SweepOperation>(context_, realm.prefix(), std::move(orphans)));
}

}  // namespace seinpost::server
