// SPDX-License-Identifier: EUPL-1.2
// Who am I, is all well, who else is there. One thread.
#ifndef SEINPOST_CLIENT_SIGNAL_INFO_H_
#define SEINPOST_CLIENT_SIGNAL_INFO_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/broker/clock_check.h"
#include "client/mail/delivered.h"
#include "client/mail/duties.h"
#include "client/profile/prekeys.h"
#include "client/terminal/context.h"
#include "trust/directory.h"
#include "util/bytes.h"

namespace seinpost::client {

struct SelfPortrait {
  std::string member;  // "party/handle"
  std::string organisation, handle;
  Bytes device_id;
  std::string convenant, broker;
  std::optional<absl::Time> certified_until;  // absent: this device is not certified
  std::vector<trust::MandateEntry> mandates;  // that hold now
};
// From what was verified last; asks the broker, if it is there, only when this device knows nothing of itself
// yet or its prekeys are due. kDataLoss (exit 5): what it says does not verify.
absl::StatusOr<SelfPortrait> AskWhoAmI(const Context& context);

struct StatusReport {
  std::string broker, convenant;
  bool connected = false;
  uint32_t convenant_version = 0;
  absl::Time clock;         // of this device
  ClockCheck clock_check;   // against the newest verified checkpoint, and the broker's
  std::string clock_fault;  // the sentence that ended the sync; empty: no clock was the reason
  uint64_t log_size = 0, directory_size = 0;
  std::optional<absl::Time> checkpoint_time;
  size_t prekeys_now = 0, prekey_secrets = 0;
  PrekeysWithoutSecret without_secret;
  size_t waiting = 0, unread = 0;
  std::vector<Duty> duties;
  std::vector<Unconfirmed> unconfirmed;
  std::vector<Bytes> unknown_devices;  // in one's own name
  std::vector<std::string> evidence;   // paths (client/broker/fork_evidence.h)
  std::vector<trust::LostTail> lost_tails;
};
// Syncs, and tells how things stand; from what is known if the broker is away (`connected`) or a clock is off
// (`clock_fault`). kDataLoss (exit 5): something does not verify.
absl::StatusOr<StatusReport> AskStatus(const Context& context);

struct ListedMember {
  std::string member;  // "party/handle"
  std::string organisation, handle;
  std::vector<std::string> functions;
  std::vector<std::string> deputy_for;  // "party/handle"
  size_t devices = 0;
  bool reachable = false;  // at least one device can be sealed to now
};
struct ListedMembers {
  std::vector<ListedMember> members;
};
// Everyone, or with `channel` the members who sit in it. kInvalidArgument (exit 2): no such channel; the text
// lists what exists. kUnavailable (exit 4): no broker.
absl::StatusOr<ListedMembers> ListMembers(const Context& context, const std::string& channel);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_SIGNAL_INFO_H_
