// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_CLIENT_SESSION_SESSION_H_
#define SEINPOST_CLIENT_SESSION_SESSION_H_

#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "audit/checkpoint.h"
#include "client/broker/clock_check.h"
#include "client/broker/connection.h"
#include "client/broker/directory_sync.h"
#include "client/broker/log_view.h"
#include "client/broker/receipts.h"
#include "client/profile/prekeys.h"
#include "client/profile/profile.h"
#include "client/profile/state.h"
#include "client/terminal/context.h"
#include "trust/directory.h"

namespace seinpost::client {

// Session is a profile at work in one convenant: its secrets, its state, the verified directory, its view of
// the log, and the connection. What every command about signals begins with. Not thread-safe.
class Session {
 public:
  // Opens profile and state, loads the directory as it was verified before, and destroys prekeys whose time
  // has come (settled()). No network. Warns on stderr of a clock that is far from what was seen of the log,
  // of evidence of a fork and of unknown devices in one's own name.
  static absl::StatusOr<std::unique_ptr<Session>> Open(const Context& context);
  // The same, talking through `connection`.
  static absl::StatusOr<std::unique_ptr<Session>> OpenWith(const Context& context,
                                                           std::unique_ptr<Connection> connection);

  // Fetches what the directory has grown by, verifies each object and the chain against the checkpoint, the
  // checkpoint against the last one seen, and the receipts that were waiting; then keeps this device
  // reachable: makes, publishes, replaces and destroys prekeys. Warns of those that cannot be replaced.
  absl::Status SyncDirectory();
  // Whether prekeys are to be made, replaced or published, which only a Sync can.
  bool PrekeysDue() const;
  // Published prekeys of this device that it cannot open anything with.
  PrekeysWithoutSecret WithoutSecret() const;

  const Context& context() const { return context_; }
  Profile& profile() { return profile_; }
  const Profile& profile() const { return profile_; }
  State& state() { return state_; }
  Connection& connection() { return *connection_; }
  LogView& log() { return log_; }
  const trust::Directory& directory() const { return held_.directory; }
  const std::vector<HeldObject>& objects() const { return held_.objects; }
  // Whether the directory, or what it was once, is the one that a checkpoint's directory line speaks of.
  bool KnowsDirectoryHead(const audit::DirectoryHead& head) const;
  const policies::Convenant& convenant() const { return *directory().convenant(); }
  const ConvenantEntry& entry() const { return entry_; }
  const trust::DeviceId& own_device_id() const { return own_device_id_; }
  bool has_directory() const { return directory().convenant() != nullptr; }

  // Up to when what has had its time may be destroyed: the time of the last verified checkpoint, or of this
  // device's clock where that is earlier. A clock alone destroys nothing: it may have jumped. The infinite
  // past if no checkpoint was seen.
  absl::Time settled() const;
  // This device's clock against the log and, if it was asked, the broker.
  ClockCheck CheckClock() const;
  // Says, once per session, that this profile was copied or put back: the log holds what it does not
  // remember.
  void NoteCopied();
  // Says, once, that the broker can store nothing now.
  void NoteReadOnly();

  // This device and its member. kFailedPrecondition: not (yet) certified.
  absl::StatusOr<const trust::Device*> OwnDevice() const;
  absl::StatusOr<const trust::Member*> OwnMember() const;

  // VerifyReceipt (client/broker/receipts.h), once more after a Sync if the log may have changed its key
  // meanwhile; then remembers it until a checkpoint shows the leaf. kDataLoss (exit 5): it does not verify.
  using ReceiptKind = client::ReceiptKind;
  using CheckedReceipt = client::CheckedReceipt;
  absl::StatusOr<CheckedReceipt> CheckReceipt(const v1::Receipt& receipt, const Digest& request_hash,
                                              ReceiptKind kind = ReceiptKind::kOwn);
  // The same for receipts of published objects.
  absl::Status CheckPublished(const v1::PublishReply& reply, const std::vector<Bytes>& objects);

  // The last note verified; empty if none.
  const Bytes& checkpoint_note() const { return log_.note(); }
  const std::optional<audit::Checkpoint>& checkpoint() const { return log_.checkpoint(); }

 private:
  Session(const Context& context, Profile profile, State state, ConvenantEntry entry, HeldDirectory held,
          std::unique_ptr<Connection> connection);
  static absl::StatusOr<std::unique_ptr<Session>> OpenAny(const Context& context,
                                                          std::unique_ptr<Connection> connection);
  absl::Status DestroyPrekeys();
  void WarnOfClock() const;
  void WarnOfEvidence() const;
  absl::Status WarnOfDevices();
  void BelieveLog(const trust::LogIdentity& identity);
  absl::Status Begin();    // what a fresh profile lacks: the first version of the convenant
  absl::Status SyncLog();  // directory, checkpoint, pending receipts
  absl::StatusOr<std::vector<Bytes>> SyncOnce();  // objects that a lost tail of the log took
  absl::Status Adopt(DirectorySync& sync);
  absl::Status RememberLost(const trust::LostTail& tail, const std::vector<Bytes>& objects);
  absl::Status RaisePin();
  absl::Status CheckPending();
  absl::Status CheckDue(const PendingReceipt& pending) const;
  absl::Status Republish(const std::vector<Bytes>& objects);
  absl::Status SettleRepublished();
  absl::Status RenewPrekeys();

  const Context& context_;
  Profile profile_;
  State state_;
  ConvenantEntry entry_;
  trust::DeviceId own_device_id_;
  HeldDirectory held_;
  std::unique_ptr<Connection> connection_;
  LogView log_;
  Bytes service_identity_;   // the log key that the connection believes in
  std::set<Bytes> alarmed_;  // devices that were warned of already
  bool copied_ = false;      // NoteCopied() was called
  bool read_only_ = false;   // NoteReadOnly() was called
  bool warned_ = false;      // of prekeys that cannot be replaced
};

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_SESSION_SESSION_H_
