// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_BROKER_REALM_H_
#define SEINPOST_SERVER_BROKER_REALM_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "audit/anchor.h"
#include "audit/log.h"
#include "audit/payload_keys.h"
#include "audit/receipt.h"
#include "audit/search_index.h"
#include "crypto/sign.h"
#include "storage/store.h"
#include "trust/directory.h"
#include "util/bytes.h"

namespace seinpost::server {

// A convenant that this broker is configured to host.
struct HostedConvenant {
  std::string id;
  Bytes host_root;  // 32 bytes: root key of the party that runs the broker, compared at activation
};

// How often a log that stands still is signed anew, so that clients see that it is alive.
inline constexpr absl::Duration kIdleResign = absl::Minutes(5);

using DirectorySnapshot = std::shared_ptr<const trust::Directory>;

// A checkpoint that the world may see: signed, and anchored before.
struct PublishedCheckpoint {
  Bytes note;
  audit::Checkpoint checkpoint;
};

// Realm is all that belongs to one convenant: its log and log key, its directory, its published checkpoint.
// Realms share the store and the sequencer and nothing else.
//
// Threads: the methods under "sequencer" belong to the commit thread; everything else is thread-safe.
class Realm {
 public:
  // Loads the log and the directory and makes the start checks. What cannot even be read is an error; what
  // contradicts itself leaves the realm read-only, saying why. kNotFound: no log key, run `seinpostd init`.
  static absl::StatusOr<std::unique_ptr<Realm>> Open(const HostedConvenant& hosted, const Store& store,
                                                     const std::string& keys_dir,
                                                     const std::string& anchor_dir, absl::Time now);

  const std::string& id() const { return hosted_.id; }
  const Bytes& host_root() const { return hosted_.host_root; }
  const Bytes& prefix() const { return prefix_; }  // of its rows
  const std::string& origin() const { return log_->origin(); }
  const audit::Log& log() const { return *log_; }
  const crypto::PublicKey& log_public_key() const { return log_key_.public_key(); }
  // OK, or kUnavailable with why nothing may be written.
  absl::Status Writable() const;

  // The committed directory; its convenant() is nullptr before activation. Never null.
  DirectorySnapshot directory() const;
  // kNotFound: not activated yet.
  absl::StatusOr<DirectorySnapshot> ActiveDirectory() const;

  // Receipts are remembered for a while, since recipients get the same one as the sender.
  audit::Receipt SignReceipt(const audit::ReceiptBody& body);

  // kFailedPrecondition unless `note` was signed by this log, speaks of no more than it holds, and is at most
  // `max_age` old. The text starts with "core.checkpoint: ".
  absl::Status CheckSenderCheckpoint(ByteView note, absl::Time now, absl::Duration max_age) const;

  // nullptr until the first was published.
  std::shared_ptr<const PublishedCheckpoint> published() const;
  // Calls `done` as soon as the published checkpoint covers `size` leaves, perhaps at once, on another
  // thread.
  using PublishedDone = std::function<void(absl::StatusOr<std::shared_ptr<const PublishedCheckpoint>>)>;
  void WhenPublished(uint64_t size, PublishedDone done);
  // Signs, anchors and publishes what is committed; does nothing if that is published and fresh. One thread
  // at a time. Errors of the anchor: then nothing was published.
  absl::Status Publish(absl::Time now);
  // Whether Publish() would do anything.
  bool NeedsPublishing(absl::Time now) const;
  // Ends every wait, present and future, with `status`.
  void EndWaits(const absl::Status& status);

  // --- sequencer
  audit::Log& sequenced_log() { return *log_; }
  // The directory including what the running batch adds.
  const DirectorySnapshot& staged_directory() const { return staged_directory_; }
  void StageDirectory(DirectorySnapshot directory) { staged_directory_ = std::move(directory); }
  void Committed();
  void Abandon();

 private:
  struct Head {
    audit::LogHead log;
    audit::DirectoryHead directory;
  };
  Realm(HostedConvenant hosted, crypto::SigningKey log_key);
  absl::Status LoadDirectory(const Store& store);
  absl::Status StartChecks() const;
  void RememberNote(const PublishedCheckpoint& published) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  static audit::DirectoryHead HeadOf(const trust::Directory& directory);

  const HostedConvenant hosted_;
  const Bytes prefix_;
  const crypto::SigningKey log_key_;
  std::unique_ptr<audit::PayloadKeys> payload_keys_;
  std::unique_ptr<audit::SearchIndex> index_;
  std::unique_ptr<audit::Log> log_;
  std::unique_ptr<audit::Anchor> anchor_;
  absl::Status writable_;                                  // set by Open
  std::map<uint64_t, audit::DirectoryHead> loaded_heads_;  // only while opening
  DirectorySnapshot staged_directory_;

  mutable absl::Mutex mutex_;
  DirectorySnapshot directory_ ABSL_GUARDED_BY(mutex_);
  Head head_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const PublishedCheckpoint> published_ ABSL_GUARDED_BY(mutex_);
  std::map<Bytes, audit::Checkpoint> known_notes_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::pair<uint64_t, PublishedDone>> waits_ ABSL_GUARDED_BY(mutex_);
  absl::Status waits_ended_ ABSL_GUARDED_BY(mutex_);

  absl::Mutex receipts_mutex_;
  std::map<uint64_t, audit::Receipt> receipts_ ABSL_GUARDED_BY(receipts_mutex_);  // by leaf index
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_BROKER_REALM_H_
