// SPDX-License-Identifier: EUPL-1.2
// A stored signal as the facts that a later request about it is judged by. Reads the database: not for a
// thread of gRPC's. Thread-safe.
#ifndef SEINPOST_SERVER_SIGNALS_ORIGINAL_H_
#define SEINPOST_SERVER_SIGNALS_ORIGINAL_H_

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "envelope/verify.h"
#include "policies/decide/request.h"
#include "seinpost/v1/envelope.pb.h"
#include "seinpost/v1/signal.pb.h"
#include "server/realm/leaf_receipt.h"
#include "server/realm/realm.h"
#include "server/rows/device_records.h"
#include "server/rows/records.h"
#include "storage/store.h"
#include "trust/directory.h"

namespace seinpost::server {

struct Original {
  struct Part {
    uint32_t index;
    v1::PartDescriptor descriptor;
  };
  StoredSignal row;
  v1::Core core;
  std::vector<Part> parts;  // by index

  // Null: no such part.
  const Part* FindPart(uint32_t index) const;
  // Whether it had such a part, which has expired and was destroyed.
  bool IsDestroyed(uint32_t index) const;
  // Whether `member` sent it, or has a part of it.
  bool IsKnownTo(const trust::Directory& directory, ByteView member_ref) const;
};

// kNotFound: no such signal, or it was destroyed. kDataLoss: its rows are broken.
absl::StatusOr<Original> LoadOriginal(const Store& store, ByteView realm_prefix, ByteView signal_id);

// What is left of a signal that has expired and was destroyed; nothing: no such signal, or it is still there.
absl::StatusOr<std::optional<SignalRemains>> FindRemains(const Store& store, ByteView realm_prefix,
                                                         ByteView signal_id);

// The core inside a stored header. kDataLoss.
absl::StatusOr<v1::Core> CoreOf(ByteView header);

// Its SUBMIT leaf.
Logged LoggedOf(const StoredSignal& signal);

// What a signal that was itself passed on came from (R14).
struct History {
  std::vector<std::string> channels;  // of the signals before it, the nearest first
  bool unknown = false;               // one of them is not here any more, or they are too many
};
absl::StatusOr<History> LoadHistory(const Store& store, ByteView realm_prefix, const Original& original);

policies::OriginalFacts ToFacts(const Original& original, const trust::Directory& directory,
                                const History& history = {});

// Whether `device` is wrapped to in `descriptor`.
bool IsRecipient(const v1::PartDescriptor& descriptor, ByteView device);

// What entitles a device to a part: that it is a recipient, or that a key was passed on to it. Both hold as
// long as the part; whether that has expired is asked with the rules.
struct Holding {
  std::optional<size_t> part;             // index in Original::parts; absent: nothing does, or no such part
  std::optional<LoggedStatement> rewrap;  // absent for a recipient
};
absl::StatusOr<Holding> HoldingOf(const Store& store, ByteView realm_prefix, const Original& original,
                                  uint32_t index, ByteView device);

// A stored signal as it was taken in, verified once more as of then; without the parts that were destroyed
// since. kDataLoss: it does not hold.
absl::StatusOr<envelope::VerifiedHeader> VerifyAgain(const Store& store, const Realm& realm,
                                                     const Original& original,
                                                     const trust::Directory& directory);

// These parts of a signal as a mailbox delivers them, without cursor. Nothing: the signal has been destroyed
// since.
absl::StatusOr<std::optional<v1::Delivery>> LoadDelivery(const Store& store, Realm& realm, ByteView signal_id,
                                                         ByteView part_indexes);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_SIGNALS_ORIGINAL_H_
