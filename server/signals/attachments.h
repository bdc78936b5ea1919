// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_SIGNALS_ATTACHMENTS_H_
#define SEINPOST_SERVER_SIGNALS_ATTACHMENTS_H_

#include <memory>
#include <set>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "crypto/hash.h"
#include "seinpost/v1/signal.pb.h"
#include "server/gate/context.h"
#include "server/gate/sessions.h"
#include "server/stream/source.h"

namespace seinpost::server {

// What no signal speaks of is deleted after this time. A client uploads right before it submits, and again
// before it tries again.
inline constexpr absl::Duration kOrphanLife = absl::Hours(1);
// An upload is over when nothing has come for the first of these, or when it has lasted for the second: it
// loses its place, and takes nothing more. Whoever carries it ends a call that stands still.
inline constexpr absl::Duration kUploadIdle = absl::Seconds(30);
inline constexpr absl::Duration kUploadLife = absl::Minutes(5);
// Each holds up to 6 MiB in memory.
inline constexpr int kUploadsPerDevice = 2;
inline constexpr int kUploadsPerOrganisation = 8;
inline constexpr int kUploads = 32;

// Attachments keeps the ciphertexts that are uploaded ahead of their signal, under their hash. An upload
// leaves no leaf: it means nothing until a signal names it, and its chunks become durable with that signal.
// What lies here unclaimed is bounded (UnclaimedBytes), from its first byte on. Thread-safe.
class Attachments {
  struct Running;

 public:
  // Counts what lies unclaimed in the database.
  explicit Attachments(const Context& context);
  ~Attachments();

  // One upload, in memory until it is complete. Not thread-safe.
  class Upload {
   public:
    ~Upload();
    // The first message carries ct_hash. kInvalidArgument names the field, or says that it is over 6 MiB.
    // kResourceExhausted with the time to wait: too much lies here unclaimed. kUnavailable: it is over.
    absl::Status Add(const v1::UploadAttachmentRequest& message);
    // Stores it. kInvalidArgument: the bytes do not hash to ct_hash. The upload may die before `done` is
    // called.
    void Finish(Done<v1::UploadAttachmentReply> done);

   private:
    friend class Attachments;
    Upload(Attachments& attachments, Realm& realm, std::shared_ptr<Running> running);
    Attachments& attachments_;
    Realm& realm_;
    const std::shared_ptr<Running> running_;
    std::unique_ptr<UnclaimedBytes::Charge> charge_;
    Bytes ct_hash_;
    Bytes bytes_;
    crypto::Sha256Hasher hasher_;
  };
  // kResourceExhausted with the time to wait: over quota, too many uploads at once, or too little space on
  // the disk.
  absl::StatusOr<std::unique_ptr<Upload>> StartUpload(const Session& session);
  // Ends uploads that are overdue at `now`: others may have their places.
  void EndOverdue(absl::Time now);

  // The chunks of an attachment part of which the caller's device is a recipient, by the sender's choice or
  // by a rewrap. kNotFound otherwise.
  void Fetch(const Session& session, const v1::FetchAttachmentRequest& request,
             Done<std::shared_ptr<Source<v1::FetchAttachmentReply>>> done);

  // Deletes orphans older than kOrphanLife, through the sequencer, so many at a time that the commit thread
  // is not held up.
  void Sweep(Realm& realm, absl::Time now);

  // An attachment that a part speaks of, and when that part expires.
  struct Spoken {
    ByteView ct_hash;
    absl::Time expires;
  };
  // For a submit on the commit thread: the attachments are there, and from now on no orphans, but kept until
  // the last part that speaks of them has expired. kFailedPrecondition: one was not uploaded, and nothing was
  // changed.
  static absl::Status Claim(const Context& context, Transaction& transaction, const Realm& realm,
                            const std::vector<Spoken>& attachments);
  // On the commit thread: destroys an attachment that a part speaks of which is being destroyed, if no other
  // part that expires after `limit` speaks of it.
  static void Release(Transaction& transaction, const Realm& realm, ByteView ct_hash, absl::Time limit);

 private:
  absl::StatusOr<std::shared_ptr<Source<v1::FetchAttachmentReply>>> FindFor(
      Realm& realm, const Session& session, const v1::FetchAttachmentRequest& request);

  void CountOrphans(const Realm& realm);
  void Remove(const std::shared_ptr<Running>& running);

  const Context& context_;
  absl::Mutex mutex_;
  std::set<std::shared_ptr<Running>> running_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_SIGNALS_ATTACHMENTS_H_
