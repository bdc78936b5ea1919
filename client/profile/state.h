// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_CLIENT_PROFILE_STATE_H_
#define SEINPOST_CLIENT_PROFILE_STATE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "seinpost/v1/signal.pb.h"
#include "util/bytes.h"
#include "util/secure_file.h"

namespace seinpost::client {

// What this device has seen of one signal: its header and until when it remembers it.
struct Replay {
  Digest header_hash{};
  absl::Time forget_after;  // the latest expiry of the parts received
};

// A receipt whose leaf must be in the next checkpoint.
struct PendingReceipt {
  uint64_t index = 0;
  Digest leaf_hash{};
  // When it was given. A checkpoint that is later by kPromiseBound and still too small breaks the promise.
  // InfinitePast: not known, in a state of before this was kept.
  absl::Time promised = absl::InfinitePast();
};
// The broker signs a checkpoint within 100 ms of a receipt; two clocks may differ by five minutes.
inline constexpr absl::Duration kPromiseBound = absl::Minutes(10);

// A checkpoint that somebody else has seen and that is of the history that this device sees.
struct SeenCheckpoint {
  uint64_t size = 0;
  Digest root{};
  bool operator==(const SeenCheckpoint&) const = default;
};

// What this member has sent, as far as he must know it to look after it.
struct SentSignal {
  Digest header_hash{};
  std::string channel;
  uint32_t level = 0;       // v1::Level
  Bytes case_ref;           // 16 bytes, or empty
  uint64_t leaf_index = 0;  // of its receipt
  absl::Time created;
  absl::Time forget_after;        // the latest expiry of its parts
  std::optional<absl::Time> cap;  // when the first of its parts reaches the cap of its retention class
  std::set<Bytes> devices;        // that it was sealed to, but the sender's own
  std::map<Bytes, std::string> unreached;  // devices it could not be sealed to -> the class they lacked
  std::set<Bytes> confirmed;               // devices that have signed for its delivery
  bool lost = false;                       // its leaf lay in a lost tail of the log
};

// A delivery that this device has stored and still has to sign for. The same bytes until it is done.
struct ToConfirm {
  Bytes signal_id;
  Digest header_hash{};
  absl::Time time;
};

// What a device remembers of a convenant between commands and is no secret.
struct StateData {
  Bytes checkpoint;                // the signed note last verified, or empty
  uint64_t cursor = 0;             // of the last delivery stored
  std::map<Bytes, Replay> replay;  // by signal id
  std::vector<PendingReceipt> pending;
  std::map<Bytes, std::set<uint32_t>> read;  // parts opened, by signal id
  std::vector<SeenCheckpoint> seen;          // newest last, at most kMaxSeen
  std::map<Bytes, SentSignal> sent;          // by signal id
  std::vector<ToConfirm> to_confirm;
  std::optional<std::set<Bytes>> own_devices;  // of this member, known to him; absent: not looked at yet
  std::set<Bytes> revoked;  // devices that a lost tail of the log revoked, until the directory says so again
  std::vector<Bytes> republish;  // objects that a lost tail held, until they are in the directory again
};
inline constexpr size_t kMaxSeen = 512;

// An object of the directory and the leaf of the log that holds it.
struct HeldObject {
  Bytes object;  // a SignedObject
  uint64_t leaf_index = 0;
  bool operator==(const HeldObject&) const = default;
};

// A sealed signal that waits for the broker, or whose answer did.
struct Queued {
  Bytes signal_id;
  v1::Envelope envelope;
  std::map<Bytes, Bytes> attachments;  // ct_hash -> ciphertext
  absl::Time created;
  bool personal = false;  // L1 or L2: expires unsent after 24 hours
  std::string channel;
};

// State is the directory PROFILE/CONVENANT/ (layout: docs/formats/profile.md): `state.json` with StateData,
// `directory` with the objects of the directory, `inbox/` with deliveries as they came, parts still sealed,
// `outbox/` with sealed signals that wait, and `evidence/` (client/broker/fork_evidence.h). Nothing in it can
// be read without the profile's sealed file.
//
// Every file is replaced as a whole; a command that changes one holds the lock for as long as that takes, and
// no longer. kDataLoss with exit code 2: a file is damaged. Distinct objects may be used by distinct
// processes.
class State {
 public:
  // Creates the directories if they are not there.
  static absl::StatusOr<State> Open(const std::string& directory);

  absl::StatusOr<StateData> Load() const;
  // Loads, changes and writes under the lock. If `change` fails nothing is written.
  absl::Status Update(absl::FunctionRef<absl::Status(StateData&)> change);

  // Objects of the directory in order. A file of before leaf indexes were kept gives none.
  absl::StatusOr<std::vector<HeldObject>> LoadDirectory() const;
  // Replaces what is stored if `objects` go on from it; otherwise another command has come further meanwhile,
  // and nothing happens. kReplace: also if they do not go on from it (a log that lost its tail).
  enum class Save { kAppend, kReplace };
  absl::Status SaveDirectory(const std::vector<HeldObject>& objects, Save save = Save::kAppend);

  absl::Status PutDelivery(ByteView signal_id, const v1::Delivery& delivery);
  // kNotFound: no such signal.
  absl::StatusOr<v1::Delivery> GetDelivery(ByteView signal_id) const;
  absl::Status DeleteDelivery(ByteView signal_id);
  absl::StatusOr<std::vector<Bytes>> ListDeliveries() const;  // signal ids, sorted

  // What was sealed and is not known to be at the broker: kept before it is given to it, since the answer, or
  // this process, may get lost.
  absl::Status PutQueued(const Queued& queued);
  bool HasQueued(ByteView signal_id) const;
  absl::StatusOr<std::vector<Queued>> ListQueued() const;  // oldest first
  absl::Status DeleteQueued(ByteView signal_id);
  // Held by who sends from the outbox, or through it. kUnavailable: another command does so now.
  absl::StatusOr<FileLock> LockOutbox() const;

  // Adds a line to the local log: why something did not verify, which nobody else is told. Best effort.
  void Log(absl::Time time, absl::string_view text) const;

  const std::string& directory() const { return directory_; }

 private:
  explicit State(std::string directory) : directory_(std::move(directory)) {}
  std::string directory_;
};

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_PROFILE_STATE_H_
