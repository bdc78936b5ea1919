// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_REALM_REALM_H_
#define SEINPOST_SERVER_REALM_REALM_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "audit/anchor.h"
#include "audit/checkpoint.h"
#include "audit/log.h"
#include "audit/payload_keys.h"
#include "audit/receipt.h"
#include "audit/search_index.h"
#include "crypto/sign.h"
#include "seinpost/v1/trust.pb.h"
#include "server/commit/participant.h"
#include "server/realm/checkpoint_board.h"
#include "server/realm/hosted_convenant.h"
#include "server/realm/log_keys.h"
#include "server/realm/receipt_signer.h"
#include "server/realm/report.h"
#include "storage/store.h"
#include "trust/directory.h"
#include "util/bytes.h"

namespace seinpost::server {

// How often a log that stands still is signed anew, so that clients see that it is alive.
inline constexpr absl::Duration kIdleResign = absl::Minutes(5);

using DirectorySnapshot = std::shared_ptr<const trust::Directory>;

// What is committed, directory and log as of one moment.
struct CommittedState {
  DirectorySnapshot directory;
  uint64_t log_size = 0;
};

// A file that whoever puts a database back leaves here: while it lies beside no anchor the log is read-only,
// until an epoch. What it holds is of no consequence.
std::string RestoredMarkPath(const std::string& anchor_dir, const std::string& convenant_id);

// Realm is all that belongs to one convenant: its log and log keys, its directory, its published checkpoint.
// Realms share the store and the sequencer and nothing else.
//
// The log may change its key by a TrustUpdate, and its origin and key by a LogEpoch: from the leaf of that
// object on it signs by the new one (log_keys.h). Its rows, index and payload keys keep the first origin for
// good: inside the broker that is only a name.
//
// Threads: the methods under "sequencer" belong to the commit thread; everything else is thread-safe.
class Realm final : public Participant {
 public:
  // Loads the log and the directory and makes the start checks. What cannot even be read is an error; what
  // contradicts itself leaves the realm read-only, saying why. kNotFound: no log key, run `seinpostd init`.
  // kLook: no file is written, made or locked, and what must be there is kNotFound.
  enum class Purpose { kServe, kLook };
  static absl::StatusOr<std::unique_ptr<Realm>> Load(const HostedConvenant& hosted, const Store& store,
                                                     const std::string& keys_dir,
                                                     const std::string& anchor_dir,
                                                     Purpose purpose = Purpose::kServe);
  // Load, then whatever is left to do before it serves: key files in their places, a fresh checkpoint.
  static absl::StatusOr<std::unique_ptr<Realm>> Open(const HostedConvenant& hosted, const Store& store,
                                                     const std::string& keys_dir,
                                                     const std::string& anchor_dir, absl::Time now);

  const std::string& id() const { return hosted_.id; }
  const Bytes& host_root() const { return hosted_.host_root; }
  const Bytes& prefix() const { return prefix_; }  // of its rows
  const audit::Log& log() const { return *log_; }
  // In force, by what is committed.
  std::string origin() const;
  crypto::PublicKey log_public_key() const;
  // Whether this is or was the log's key. Clients name the broker by the key that they know of.
  bool IsLogKey(ByteView public_key) const;
  // OK, or kUnavailable with why nothing may be written, for whoever runs the broker: the log contradicts
  // what was signed (Sound), or checkpoints cannot be anchored (Anchored).
  absl::Status Writable() const;
  absl::Status Sound() const;
  absl::Status Anchored() const;
  // The same for members: OK, or ReadOnly() (commit/read_only.h).
  absl::Status MayWrite() const;
  // What was missing at the start that tells what was acknowledged before; kFailedPrecondition with what to
  // compare.
  absl::Status History() const { return history_; }
  // kFailedPrecondition: the clock that says `now` and the newest checkpoint of this log contradict each
  // other.
  absl::Status CheckClock(absl::Time now) const;
  absl::StatusOr<RealmReport> Report() const;

  // The committed directory; its convenant() is nullptr before activation. Never null.
  DirectorySnapshot directory() const;
  // kNotFound: not activated yet.
  absl::StatusOr<DirectorySnapshot> ActiveDirectory() const;
  CommittedState committed() const;

  // As ReceiptSigner::Sign.
  audit::Receipt SignReceipt(audit::ReceiptBody body) { return receipts_.Sign(std::move(body), *periods()); }

  // The checkpoint in `note`. kFailedPrecondition unless this log signed it as who it was at that size, it
  // speaks of no more than the log holds, and is at most `max_age` old. The text starts with
  // "core.checkpoint: ".
  absl::StatusOr<audit::Checkpoint> CheckSenderCheckpoint(ByteView note, absl::Time now,
                                                          absl::Duration max_age) const;

  // Before an update that states `log_key` is committed: kFailedPrecondition unless it is the public half of
  // log-next.key, which is then known.
  absl::Status PrepareLogKey(ByteView log_key);
  // Before an epoch is committed: kFailedPrecondition unless this log is read-only because it lost its tail,
  // and the epoch speaks of exactly that; the text names the field. The directory checks the rest.
  absl::Status CheckEpoch(const v1::LogEpoch& epoch);
  // As audit::Log::DestroyKey.
  absl::Status DestroyPayloadKey(absl::string_view retention_class, uint32_t month) {
    return log_->DestroyKey(retention_class, month);
  }
  // After a commit: brings the key files in line. What it leaves undone the next start does.
  absl::Status TakeOverLogKey();

  // nullptr until the first was published.
  CheckpointBoard::Published published() const { return board_.newest(); }
  // Calls `done` as soon as the published checkpoint covers `size` leaves, perhaps at once, on another
  // thread. If it does not and nothing may be written, or that turns out while he waits, he waits in vain:
  // with the error of MayWrite().
  void WhenPublished(uint64_t size, CheckpointBoard::PublishedDone done,
                     CheckpointBoard::InVain in_vain = CheckpointBoard::InVain::kError) {
    board_.WhenCovered(size, MayWrite(), std::move(done), in_vain);
  }
  // Signs, anchors and publishes what is committed; does nothing if that is published and fresh. One thread
  // at a time. Errors of the anchor: then nothing was published; after kAnchorTries of them on end the realm
  // is read-only, until it succeeds again.
  absl::Status Publish(absl::Time now);
  static constexpr int kAnchorTries = 3;
  // Ends every wait, present and future, with `status`.
  void EndWaits(const absl::Status& status) { board_.EndWaits(status); }

  // --- sequencer
  audit::Log& sequenced_log() override { return *log_; }
  // The directory including what the running batch adds.
  const DirectorySnapshot& staged_directory() const { return staged_directory_; }
  void StageDirectory(DirectorySnapshot directory) { staged_directory_ = std::move(directory); }
  void Committed() override;
  void Abandon() override;
  // After the store was opened anew, with the commit thread at rest: takes in what was committed without a
  // word, as audit::Log::Reload(). True if there was any.
  absl::StatusOr<bool> Reload(const Store& store);

 private:
  struct Head {
    audit::LogHead log;
    audit::DirectoryHead directory;
    std::shared_ptr<const LogPeriods> periods;  // never null
  };
  explicit Realm(HostedConvenant hosted);
  absl::Status LoadDirectory(const Store& store);
  absl::Status AddStored(ByteView key, ByteView row, trust::Directory& directory) const;
  absl::Status StartChecks(const std::string& restored_mark);
  absl::Status CheckUnanchored(const std::string& restored_mark);
  absl::Status TryPublish(absl::Time now);
  // A LogEpoch was committed: what was anchored before it is given up.
  void BeginEpoch() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status CheckAnchoredDirectory(const audit::Checkpoint& anchored) const;
  absl::Status CheckGivenUp(const audit::Checkpoint& anchored, const LogPeriod& next) const;
  bool NeedsPublishing(absl::Time now) const;
  std::shared_ptr<const LogPeriods> periods() const;
  void SetWritable(absl::Status why) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  static audit::DirectoryHead HeadOf(const trust::Directory& directory);

  const HostedConvenant hosted_;
  const Bytes prefix_;
  std::unique_ptr<LogKeys> log_keys_;
  std::unique_ptr<audit::PayloadKeys> payload_keys_;
  std::unique_ptr<audit::SearchIndex> index_;
  std::unique_ptr<audit::Log> log_;
  std::unique_ptr<audit::Anchor> anchor_;
  std::map<uint64_t, audit::DirectoryHead> loaded_heads_;  // only while opening
  DirectorySnapshot staged_directory_;
  CheckpointBoard board_;
  ReceiptSigner receipts_;

  absl::Status history_;  // set while opening

  mutable absl::Mutex mutex_;
  absl::Status writable_ ABSL_GUARDED_BY(mutex_);
  absl::Status unanchored_ ABSL_GUARDED_BY(mutex_);
  int anchor_failures_ ABSL_GUARDED_BY(mutex_) = 0;  // on end
  // The latest time that a checkpoint of this log is known to state.
  absl::Time latest_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  // Why it is not writable, if that is because leaves [first, end) are lost.
  std::optional<std::pair<uint64_t, uint64_t>> lost_ ABSL_GUARDED_BY(mutex_);
  DirectorySnapshot directory_ ABSL_GUARDED_BY(mutex_);
  Head head_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_REALM_REALM_H_
