// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_CLIENT_STATE_H_
#define SEINPOST_CLIENT_STATE_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "seinpost/v1/signal.pb.h"
#include "util/bytes.h"

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
};

// What a device remembers of a convenant between commands and is no secret.
struct StateData {
  Bytes checkpoint;                // the signed note last verified, or empty
  uint64_t cursor = 0;             // of the last delivery stored
  std::map<Bytes, Replay> replay;  // by signal id
  std::vector<PendingReceipt> pending;
  std::map<Bytes, std::set<uint32_t>> read;  // parts opened, by signal id
};

// A sealed signal that waits for the broker.
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
// and `outbox/` with sealed signals that wait. Nothing in it can be read without the profile's sealed file.
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

  // Objects of the directory in order.
  absl::StatusOr<std::vector<Bytes>> LoadDirectory() const;
  // Replaces the objects, if at least as many as stored.
  absl::Status SaveDirectory(const std::vector<Bytes>& objects);

  absl::Status PutDelivery(ByteView signal_id, const v1::Delivery& delivery);
  // kNotFound: no such signal.
  absl::StatusOr<v1::Delivery> GetDelivery(ByteView signal_id) const;
  absl::Status DeleteDelivery(ByteView signal_id);
  absl::StatusOr<std::vector<Bytes>> ListDeliveries() const;  // signal ids, sorted

  absl::Status PutQueued(const Queued& queued);
  absl::StatusOr<std::vector<Queued>> ListQueued() const;  // oldest first
  absl::Status DeleteQueued(ByteView signal_id);

  // Adds a line to the local log: why something did not verify, which nobody else is told. Best effort.
  void Log(absl::Time time, absl::string_view text) const;

  const std::string& directory() const { return directory_; }

 private:
  explicit State(std::string directory) : directory_(std::move(directory)) {}
  std::string directory_;
};

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_STATE_H_
