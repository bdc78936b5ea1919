// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_SIGNALS_ATTACHMENTS_H_
#define SEINPOST_SERVER_SIGNALS_ATTACHMENTS_H_

#include <atomic>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/hash.h"
#include "seinpost/v1/signal.pb.h"
#include "server/gate/context.h"
#include "server/gate/sessions.h"
#include "server/stream/source.h"

namespace seinpost::server {

// What no signal speaks of is deleted after this time.
inline constexpr absl::Duration kOrphanLife = absl::Hours(24);

// Attachments keeps the ciphertexts that are uploaded ahead of their signal, under their hash. An upload
// leaves no leaf: it means nothing until a signal names it, and its chunks become durable with that signal.
// Thread-safe.
class Attachments {
 public:
  explicit Attachments(const Context& context) : context_(context) {}

  // One upload, in memory until it is complete. Not thread-safe.
  class Upload {
   public:
    ~Upload();
    // The first message carries ct_hash. kInvalidArgument names the field. kResourceExhausted: over 6 MiB.
    absl::Status Add(const v1::UploadAttachmentRequest& message);
    // Stores it. kInvalidArgument: the bytes do not hash to ct_hash. The upload may die before `done` is
    // called.
    void Finish(Done<v1::UploadAttachmentReply> done);

   private:
    friend class Attachments;
    Upload(Attachments& attachments, Realm& realm) : attachments_(attachments), realm_(realm) {}
    Attachments& attachments_;
    Realm& realm_;
    Bytes ct_hash_;
    Bytes bytes_;
    crypto::Sha256Hasher hasher_;
  };
  // kResourceExhausted: over quota, or too many uploads at once.
  absl::StatusOr<std::unique_ptr<Upload>> StartUpload(const Session& session);

  // The chunks of an attachment part of which the caller's device is a recipient, by the sender's choice or
  // by a rewrap. kNotFound otherwise.
  void Fetch(const Session& session, const v1::FetchAttachmentRequest& request,
             Done<std::shared_ptr<Source<v1::FetchAttachmentReply>>> done);

  // Deletes orphans older than kOrphanLife, through the sequencer, a few at a time.
  void Sweep(Realm& realm, absl::Time now);

  // For a submit on the commit thread: the attachments are there, and from now on no orphans.
  // kFailedPrecondition: one was not uploaded, and nothing was changed.
  static absl::Status Claim(Transaction& transaction, const Realm& realm,
                            const std::vector<ByteView>& ct_hashes);

 private:
  absl::StatusOr<std::shared_ptr<Source<v1::FetchAttachmentReply>>> FindFor(
      Realm& realm, const Session& session, const v1::FetchAttachmentRequest& request);

  const Context& context_;
  std::atomic<int> uploads_{0};
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_SIGNALS_ATTACHMENTS_H_
