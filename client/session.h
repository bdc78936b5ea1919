// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_CLIENT_SESSION_H_
#define SEINPOST_CLIENT_SESSION_H_

#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "audit/checkpoint.h"
#include "audit/commitment.h"
#include "audit/receipt.h"
#include "client/connection.h"
#include "client/context.h"
#include "client/profile.h"
#include "client/state.h"
#include "trust/directory.h"

namespace seinpost::client {

// Session is a profile at work in one convenant: its secrets, its state, the verified directory and the
// connection. What every command about signals begins with. Not thread-safe.
class Session {
 public:
  // Opens profile and state and loads the directory as it was verified before. No network.
  static absl::StatusOr<std::unique_ptr<Session>> Open(const Context& context);
  // Open, then Sync.
  static absl::StatusOr<std::unique_ptr<Session>> Online(const Context& context);

  // Fetches what the directory has grown by, verifies each object and the chain against the checkpoint, the
  // checkpoint against the last one seen, and the receipts that were waiting; makes, publishes and destroys
  // prekeys; sends what waits in the outbox. kDataLoss (exit 5): something does not verify.
  absl::Status Sync();
  // The first half of Sync: directory, checkpoint, pending receipts.
  absl::Status SyncDirectory();

  const Context& context() const { return context_; }
  Profile& profile() { return profile_; }
  State& state() { return state_; }
  Connection& connection() { return *connection_; }
  const trust::Directory& directory() const { return directory_; }
  const policies::Convenant& convenant() const { return *directory_.convenant(); }
  const ConvenantEntry& entry() const { return entry_; }
  const trust::DeviceId& own_device_id() const { return own_device_id_; }
  bool has_directory() const { return directory_.convenant() != nullptr; }

  // This device and its member. kFailedPrecondition: not (yet) certified.
  absl::StatusOr<const trust::Device*> OwnDevice() const;
  absl::StatusOr<const trust::Member*> OwnMember() const;

  // Checks a receipt: the log's signature, that it is for the request with this hash, and that the leaf it
  // names holds that hash, which the opening shows (kOwn, a call of this device) or the request proof
  // (kDelivered, a signal of somebody else). Remembers it until a checkpoint shows the leaf. kDataLoss (exit
  // 5): it does not verify.
  enum class ReceiptKind { kOwn, kDelivered };
  struct CheckedReceipt {
    audit::ReceiptBody body;
    std::optional<audit::Opening> opening;  // kOwn
  };
  absl::StatusOr<CheckedReceipt> CheckReceipt(const v1::Receipt& receipt, const Digest& request_hash,
                                              ReceiptKind kind = ReceiptKind::kOwn);
  // CheckReceipt but for the remembering.
  absl::StatusOr<CheckedReceipt> VerifyReceipt(const v1::Receipt& receipt, const Digest& request_hash,
                                               ReceiptKind kind) const;
  // The same for receipts of published objects, whose leaves are the directory's own and have no opening: the
  // log's signature, and that each is for one of `objects`.
  absl::Status CheckPublished(const v1::PublishReply& reply, const std::vector<Bytes>& objects);
  // Verifies a signed note of this convenant's log, and that it goes on from the last one verified; then it
  // is the last one. kDataLoss (exit 5) otherwise.
  absl::StatusOr<audit::Checkpoint> CheckCheckpoint(ByteView note);
  // The last note verified; empty if none.
  const Bytes& checkpoint_note() const { return checkpoint_note_; }
  const std::optional<audit::Checkpoint>& checkpoint() const { return checkpoint_; }

 private:
  Session(const Context& context, Profile profile, State state, ConvenantEntry entry);
  absl::Status LoadDirectory();
  absl::Status PinConvenant();
  absl::Status FetchObjects(Bytes& note);
  absl::Status Authenticate();
  absl::Status CheckDirectoryHead() const;
  absl::Status CheckGoesOnFrom(const audit::Checkpoint& before, const audit::Checkpoint& now);
  absl::Status CheckPending();
  absl::StatusOr<audit::VerifierKey> LogVerifier() const;

  const Context& context_;
  Profile profile_;
  State state_;
  ConvenantEntry entry_;
  trust::DeviceId own_device_id_;
  trust::Directory directory_;
  std::vector<Bytes> objects_;
  std::unique_ptr<Connection> connection_;
  Bytes checkpoint_note_;
  std::optional<audit::Checkpoint> checkpoint_;
};

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_SESSION_H_
