// SPDX-License-Identifier: EUPL-1.2
// Who has what was sent: a recipient's device signs for what it has verified and stored; the sender compares
// these statements with whom he sealed to. So a broker cannot suppress a delivery unnoticed.
#ifndef SEINPOST_CLIENT_MAIL_DELIVERED_H_
#define SEINPOST_CLIENT_MAIL_DELIVERED_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/session/session.h"
#include "seinpost/v1/envelope.pb.h"

namespace seinpost::client {

// How long a device may take before its silence is told.
inline constexpr absl::Duration kSilence = absl::Hours(24);

// Signs for what was delivered since and tells the broker, in batches. What fails is tried again with the
// next command; nothing is lost. Where this device had signed before and does not remember it, it settles on
// that statement and says that the profile was copied or put back. kDataLoss: a receipt, or a statement that
// is said to be an earlier one, does not verify.
absl::Status ConfirmDeliveries(Session& session);

// What the sender must know of a signal of his, from its envelope (all parts, as sealed or as delivered to
// his own device) and the index of its leaf.
SentSignal SentOf(const trust::Directory& directory, const v1::Core& core, const Digest& header_hash,
                  const google::protobuf::RepeatedPtrField<v1::Part>& parts, uint64_t leaf_index);
// Remembers it; a signal that is there already stays as it is.
void RememberSent(StateData& data, ByteView signal_id, SentSignal sent);

// Fetches the statements about signals that not everybody has signed for, verifies and remembers them.
// kDataLoss: one does not verify.
absl::Status FetchDelivered(Session& session);

// A device that has not signed for a signal of this member.
struct Unconfirmed {
  Bytes signal_id;
  Bytes device_id;
  std::string member;  // "party/handle"
  absl::Time created;
  bool missing = false;     // it should have by now
  bool was_online = false;  // it was at the broker after the signal was
};
// From what is known, oldest signal first. No network.
absl::StatusOr<std::vector<Unconfirmed>> UnconfirmedDeliveries(Session& session);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_MAIL_DELIVERED_H_
