// SPDX-License-Identifier: EUPL-1.2
#include "client/mail/duties.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "client/mail/delivered.h"
#include "seinpost/v1/trust.pb.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

using Sent = std::map<Bytes, SentSignal>;

// Whether a later signal of this member goes on with the same case (or, at L0, in the same channel).
bool GoesOn(const SentSignal& earlier, const SentSignal& later) {
  if (later.lost || later.created <= earlier.created) return false;
  return earlier.case_ref.empty() ? later.case_ref.empty() && later.channel == earlier.channel
                                  : later.case_ref == earlier.case_ref;
}

// Members none of whose devices got it, and who can be reached now.
std::vector<std::string> ReachableNow(const Session& session, const Sent& all, const SentSignal& sent) {
  const trust::Directory& directory = session.directory();
  const absl::Time now = session.context().clock.Now();
  std::set<std::string> reached, reachable;
  for (const Bytes& id : sent.devices) {
    if (const trust::Device* device = directory.FindDevice(id); device != nullptr)
      reached.insert(device->address());
  }
  for (const auto& [id, retention_class] : sent.unreached) {
    const trust::Device* device = directory.FindDevice(id);
    if (device == nullptr || !device->ValidAt(now) ||
        directory.PrekeyFor(id, retention_class, now) == nullptr) {
      continue;
    }
    const bool again = std::any_of(all.begin(), all.end(), [&, device_id = id](const auto& other) {
      return GoesOn(sent, other.second) && other.second.devices.count(device_id) > 0;
    });
    if (!again && reached.count(device->address()) == 0) reachable.insert(device->address());
  }
  return {reachable.begin(), reachable.end()};
}

bool CapIsNear(const Sent& all, const SentSignal& sent, absl::Time now) {
  if (sent.level < v1::LEVEL_L1 || sent.case_ref.empty() || !sent.cap.has_value()) return false;
  if (now + kBeforeCap < *sent.cap || *sent.cap <= now) return false;
  return std::none_of(all.begin(), all.end(), [&](const auto& other) {
    return GoesOn(sent, other.second) && other.second.cap.has_value() && *other.second.cap > *sent.cap;
  });
}

}  // namespace

absl::StatusOr<std::vector<Duty>> DutiesOf(Session& session) {
  ASSIGN_OR_RETURN(const StateData data, session.state().Load());
  ASSIGN_OR_RETURN(const std::vector<Unconfirmed> unconfirmed, UnconfirmedDeliveries(session));
  const absl::Time now = session.context().clock.Now();
  std::vector<Duty> duties;
  std::map<Bytes, std::set<std::string>> silent;
  for (const Unconfirmed& one : unconfirmed) {
    if (one.missing) silent[one.signal_id].insert(one.member);
  }
  for (const auto& [id, sent] : data.sent) {
    const auto add = [&, signal_id = id](Duty::Kind kind, std::vector<std::string> members,
                                         std::optional<absl::Time> until) {
      duties.push_back({.kind = kind, .signal_id = signal_id, .members = std::move(members), .until = until});
    };
    if (sent.lost) {
      const bool again =
          std::any_of(data.sent.begin(), data.sent.end(),
                      [&, &lost = sent](const auto& other) { return GoesOn(lost, other.second); });
      if (!again) add(Duty::Kind::kLost, {}, std::nullopt);
      continue;
    }
    if (std::vector<std::string> members = ReachableNow(session, data.sent, sent); !members.empty()) {
      add(Duty::Kind::kUnreached, std::move(members), std::nullopt);
    }
    if (CapIsNear(data.sent, sent, now)) add(Duty::Kind::kCap, {}, sent.cap);
    if (const auto found = silent.find(id); found != silent.end()) {
      add(Duty::Kind::kUnconfirmed, {found->second.begin(), found->second.end()}, std::nullopt);
    }
  }
  const auto place = [&](const Duty& duty) {
    return std::make_tuple(data.sent.at(duty.signal_id).created, duty.signal_id, duty.kind);
  };
  std::sort(duties.begin(), duties.end(), [&](const Duty& a, const Duty& b) { return place(a) < place(b); });
  return duties;
}

}  // namespace seinpost::client
