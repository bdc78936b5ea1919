// SPDX-License-Identifier: EUPL-1.2
// The half of Session that talks with the log: what DirectorySync has verified is adopted, receipts are
// settled, and what a lost tail of the log took is brought back.
#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "client/broker/grpc_status.h"
#include "client/session/gossip.h"
#include "client/session/session.h"
#include "client/terminal/output.h"
#include "client/terminal/texts.h"
#include "trust/objects.h"
#include "trust/strict.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

// The device that an object revokes; empty: it revokes none.
Bytes RevokedBy(const Bytes& object) {
  const absl::StatusOr<v1::SignedObject> parsed = trust::ParseSignedObject(object);
  v1::Revocation revocation;
  if (!parsed.ok() || parsed->kind() != v1::OBJECT_KIND_REVOCATION ||
      !trust::StrictParse(parsed->body(), parsed->body().size(), "revocation", revocation).ok()) {
    return "";
  }
  return revocation.device_id();
}

// Signals in the mailbox whose leaf is `first` or a later one.
absl::StatusOr<std::set<Bytes>> LettersFrom(const State& state, uint64_t first) {
  std::set<Bytes> found;
  ASSIGN_OR_RETURN(const std::vector<Bytes> ids, state.ListDeliveries());
  for (const Bytes& id : ids) {
    const absl::StatusOr<v1::Delivery> delivery = state.GetDelivery(id);
    if (!delivery.ok()) continue;
    const absl::StatusOr<audit::ReceiptBody> body = audit::ReceiptBody::Decode(delivery->receipt().body());
    if (body.ok() && body->index >= first) found.insert(id);
  }
  return found;
}

}  // namespace

absl::Status Session::SyncLog() {
  ASSIGN_OR_RETURN(const StateData data, state_.Load());
  if (!has_directory()) RETURN_IF_ERROR(Begin());
  if (!data.republish.empty()) RETURN_IF_ERROR(Republish(data.republish));
  ASSIGN_OR_RETURN(const std::vector<Bytes> lost, SyncOnce());
  if (lost.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(Republish(lost));
  return SyncOnce().status();
}

absl::StatusOr<std::vector<Bytes>> Session::SyncOnce() {
  DirectorySync sync(context_, *connection_, log_, entry_, held_);
  const absl::Status status = sync.Run();
  if (!status.ok()) {
    const absl::Duration ahead = connection_->ahead_of_broker().value_or(absl::ZeroDuration());
    const bool clock = absl::AbsDuration(ahead) > trust::kClockSkew;  // one of them is wrong
    return clock && ExitCodeOf(status) == kFailed ? log_.ClockError(ahead) : status;
  }
  RETURN_IF_ERROR(Adopt(sync));
  RETURN_IF_ERROR(WarnOfDevices());
  RETURN_IF_ERROR(CheckPending());
  RETURN_IF_ERROR(Gossip(*this));
  return sync.lost();
}

// A profile without a directory knows who the log is from the convenant alone. Everything here is verified
// again with the directory; what is refused here is refused with the better sentence.
absl::Status Session::Begin() {
  ASSIGN_OR_RETURN(const v1::GetConvenantReply reply, connection_->GetConvenant(entry_.id));
  const auto forged = [&](absl::string_view why) {
    return TamperedError(absl::Substitute(TextOf(Text::kConvenantForged, context_.language), why));
  };
  HeldDirectory first(entry_);
  const absl::Status added =
      first.directory.Add(reply.first().empty() ? reply.object() : reply.first(), absl::InfinitePast());
  if (!added.ok()) return forged(added.message());
  const absl::StatusOr<v1::SignedObject> newest = trust::ParseSignedObject(reply.object());
  if (!newest.ok()) return forged(newest.status().message());
  const absl::StatusOr<policies::Convenant> convenant =
      policies::Convenant::Parse(newest->body(), absl::StrCat(entry_.id, ".yaml"));
  if (!convenant.ok()) return forged(convenant.status().message());
  if (convenant->version() < entry_.version) {
    return TamperedError(absl::Substitute(TextOf(Text::kConvenantOld, context_.language),
                                          convenant->version(), entry_.version));
  }
  BelieveLog(first.directory.LogIdentityAsOf());
  return absl::OkStatus();
}

// The pin first, then the directory, then the checkpoint: a power failure in between leaves what is older and
// still fits.
absl::Status Session::Adopt(DirectorySync& sync) {
  const std::optional<trust::LostTail> tail =
      sync.lost_tail() == nullptr ? std::nullopt : std::make_optional(*sync.lost_tail());
  std::optional<HeldDirectory> grown = sync.TakeNew();
  if (grown.has_value()) {
    held_ = *std::move(grown);
    RETURN_IF_ERROR(RaisePin());
    if (tail.has_value()) RETURN_IF_ERROR(RememberLost(*tail, sync.lost()));
    RETURN_IF_ERROR(
        state_.SaveDirectory(held_.objects, sync.replaced() ? State::Save::kReplace : State::Save::kAppend));
  }
  BelieveLog(directory().LogIdentityAsOf());
  RETURN_IF_ERROR(log_.Keep(sync.note(), sync.checkpoint()));
  return grown.has_value() ? SettleRepublished() : absl::OkStatus();
}

absl::Status Session::RaisePin() {
  const uint32_t version = convenant().version();
  if (version <= entry_.version) return absl::OkStatus();
  const Digest hash = directory().convenant_hash();
  RETURN_IF_ERROR(
      profile_.Update([&](Profile& newest) { return newest.RaisePin(entry_.id, version, hash); }));
  entry_.version = version;
  entry_.hash = hash;
  return absl::OkStatus();
}

// What was in the lost tail: receipts are void, the user is told of his own signals, what he received of
// others they will send again; objects are published again; a device that was revoked there stays revoked for
// this device until the directory says so again.
absl::Status Session::RememberLost(const trust::LostTail& tail, const std::vector<Bytes>& objects) {
  Note(context_,
       absl::Substitute(TextOf(Text::kTailLost, context_.language), tail.first, tail.end, tail.number));
  ASSIGN_OR_RETURN(const std::set<Bytes> void_letters, LettersFrom(state_, tail.first));
  // The state first: what no replay entry speaks of was never taken in, whether its file is there or not.
  RETURN_IF_ERROR(state_.Update([&](StateData& data) {
    for (const Bytes& id : void_letters) data.replay.erase(id);
    std::erase_if(data.to_confirm,
                  [&](const ToConfirm& one) { return void_letters.count(one.signal_id) > 0; });
    // The log counts on from there, so what comes next has places that this device has seen before.
    data.cursor = std::min(data.cursor, tail.first == 0 ? 0 : tail.first - 1);
    std::erase_if(data.pending, [&](const PendingReceipt& pending) { return pending.index >= tail.first; });
    for (auto& [id, sent] : data.sent) {
      if (sent.leaf_index < tail.first || sent.lost) continue;
      sent.lost = true;
      Note(context_, absl::Substitute(TextOf(Text::kSentLost, context_.language), ToHex(id)));
    }
    for (const Bytes& object : objects) {
      if (std::find(data.republish.begin(), data.republish.end(), object) == data.republish.end()) {
        data.republish.push_back(object);
      }
      if (const Bytes device = RevokedBy(object); !device.empty()) data.revoked.insert(device);
    }
    return absl::OkStatus();
  }));
  for (const Bytes& id : void_letters) RETURN_IF_ERROR(state_.DeleteDelivery(id));
  return absl::OkStatus();
}

// Each object by itself: that one is refused must not keep the others back.
absl::Status Session::Republish(const std::vector<Bytes>& objects) {
  for (const Bytes& object : objects) {
    const absl::StatusOr<v1::SignedObject> parsed = trust::ParseSignedObject(object);
    const bool convenant = parsed.ok() && parsed->kind() == v1::OBJECT_KIND_CONVENANT;
    const absl::StatusOr<v1::PublishReply> reply =
        convenant ? connection_->Activate(object) : connection_->Publish(entry_.id, {object});
    if (reply.ok()) continue;
    if (ExitCodeOf(reply.status()) == kUnreachable) return reply.status();
    state_.Log(context_.clock.Now(),
               absl::StrCat("an object of the lost tail was not taken again: ", reply.status().message()));
  }
  return absl::OkStatus();
}

// What is in the directory again needs no more care.
absl::Status Session::SettleRepublished() {
  ASSIGN_OR_RETURN(const StateData data, state_.Load());
  if (data.republish.empty() && data.revoked.empty()) return absl::OkStatus();
  std::set<Bytes> there;
  for (const HeldObject& held : held_.objects) there.insert(held.object);
  return state_.Update([&](StateData& newest) {
    std::erase_if(newest.republish, [&](const Bytes& object) { return there.count(object) > 0; });
    std::erase_if(newest.revoked, [&](const Bytes& id) {
      const trust::Device* device = directory().FindDevice(id);
      return device != nullptr && device->revoked_at_seq.has_value();
    });
    return absl::OkStatus();
  });
}

absl::Status Session::CheckPending() {
  ASSIGN_OR_RETURN(const StateData data, state_.Load());
  std::set<uint64_t> settled;
  bool undated = false;
  for (const PendingReceipt& pending : data.pending) {
    undated |= pending.promised == absl::InfinitePast();
    if (pending.index >= checkpoint()->size) {
      RETURN_IF_ERROR(CheckDue(pending));
      continue;
    }
    const absl::Status included = log_.CheckIncluded(pending.index, pending.leaf_hash, *checkpoint());
    if (IsNoAnswer(included)) return included;
    if (!included.ok()) {
      return TamperedError(absl::Substitute(TextOf(Text::kLeafMissing, context_.language), pending.index));
    }
    settled.insert(pending.index);
  }
  if (settled.empty() && !undated) return absl::OkStatus();
  return state_.Update([&](StateData& newest) {
    std::erase_if(newest.pending,
                  [&](const PendingReceipt& pending) { return settled.count(pending.index) > 0; });
    for (PendingReceipt& pending : newest.pending) {
      if (pending.promised == absl::InfinitePast()) pending.promised = *checkpoint()->time;
    }
    return absl::OkStatus();
  });
}

// A promise is due once the log has signed a checkpoint so much later that it must hold the leaf, wherever it
// said the leaf would be.
absl::Status Session::CheckDue(const PendingReceipt& pending) const {
  if (pending.promised == absl::InfinitePast() || *checkpoint()->time <= pending.promised + kPromiseBound) {
    return absl::OkStatus();
  }
  return TamperedError(absl::Substitute(TextOf(Text::kLeafOverdue, context_.language), pending.index,
                                        FormatUtc(pending.promised), checkpoint()->size));
}

}  // namespace seinpost::client
