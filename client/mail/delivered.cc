// SPDX-License-Identifier: EUPL-1.2
#include "client/mail/delivered.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "client/terminal/texts.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "envelope/core.h"
#include "seinpost/v1/signal.pb.h"
#include "trust/labels.h"
#include "trust/levels.h"
#include "trust/strict.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

constexpr size_t kMaxStatementBytes = 1024;

using LeafByDevice = std::map<Bytes, uint64_t>;

v1::SignedDelivered Sign(Session& session, const ToConfirm& waiting) {
  v1::DeliveredStatement statement;
  statement.set_convenant_id(session.entry().id);
  statement.set_signal_id(waiting.signal_id);
  statement.set_header_hash(ToBytes(waiting.header_hash));
  statement.set_device_id(session.own_device_id());
  statement.set_time(absl::ToUnixSeconds(waiting.time));
  v1::SignedDelivered signed_statement;
  signed_statement.set_statement(trust::StrictSerialize(statement));
  signed_statement.set_signature(
      crypto::Sign(session.profile().device_key(), trust::kDeliveredLabel, signed_statement.statement()));
  return signed_statement;
}

// The bytes that a receipt must be for: what was signed now, or what this device had signed before about the
// same delivery and does not remember.
absl::StatusOr<Bytes> SettledOn(Session& session, const v1::SignedDelivered& given,
                                const v1::SignedDelivered& logged) {
  if (logged.statement().empty() || logged.statement() == given.statement()) return given.statement();
  const auto forged = [&](absl::string_view why) {
    return TamperedError(absl::Substitute(TextOf(Text::kDeliveredForged, session.context().language), why));
  };
  v1::DeliveredStatement earlier, now;
  const absl::Status parsed =
      trust::StrictParse(logged.statement(), kMaxStatementBytes, "statement of delivery", earlier);
  if (!parsed.ok()) return forged(parsed.message());
  if (!now.ParseFromString(given.statement())) return absl::InternalError("a statement cannot be read back");
  now.set_time(earlier.time());
  if (trust::StrictSerialize(now) != logged.statement()) return forged("it is about another delivery");
  if (const absl::Status by_us =
          crypto::Verify(View(session.profile().device_key().public_key()), trust::kDeliveredLabel,
                         logged.statement(), logged.signature());
      !by_us.ok()) {
    return forged(by_us.message());
  }
  session.NoteCopied();
  return logged.statement();
}

absl::Status Confirm(Session& session, const std::vector<ToConfirm>& batch) {
  std::vector<v1::SignedDelivered> statements;
  for (const ToConfirm& waiting : batch) statements.push_back(Sign(session, waiting));
  ASSIGN_OR_RETURN(const v1::ConfirmDeliveryReply reply, session.connection().ConfirmDelivery(statements));
  if (reply.receipts_size() != static_cast<int>(statements.size())) {
    return absl::InternalError("the broker does not give a receipt for every statement of delivery");
  }
  for (int i = 0; i < reply.receipts_size(); ++i) {
    const v1::SignedDelivered& given = statements[static_cast<size_t>(i)];
    ASSIGN_OR_RETURN(const Bytes statement,
                     SettledOn(session, given, i < reply.logged_size() ? reply.logged(i) : given));
    RETURN_IF_ERROR(session.CheckReceipt(reply.receipts(i), crypto::Sha256(statement)).status());
  }
  return absl::OkStatus();
}

// What was noted under a clock that was wrong is refused for its time: it is signed anew, of now.
absl::Status ConfirmOfNow(Session& session, ToConfirm one) {
  one.time = session.context().clock.Now();
  RETURN_IF_ERROR(session.state().Update([&](StateData& data) {
    for (ToConfirm& waiting : data.to_confirm) {
      if (waiting.signal_id == one.signal_id) waiting.time = one.time;
    }
    return absl::OkStatus();
  }));
  return Confirm(session, {one});
}

// `values` in batches of what the broker takes at a time.
template <typename T>
std::vector<std::vector<T>> Batches(const std::vector<T>& values) {
  std::vector<std::vector<T>> batches;
  for (const T& value : values) {
    if (batches.empty() || batches.back().size() == Connection::kMaxStatements) batches.emplace_back();
    batches.back().push_back(value);
  }
  return batches;
}

absl::Status Settle(Session& session, const std::vector<ToConfirm>& done) {
  return session.state().Update([&](StateData& data) {
    std::erase_if(data.to_confirm, [&](const ToConfirm& waiting) {
      return std::any_of(done.begin(), done.end(),
                         [&](const ToConfirm& one) { return one.signal_id == waiting.signal_id; });
    });
    return absl::OkStatus();
  });
}

// The index of the last leaf that a device is known to have had put into the log itself.
uint64_t LastLeafOf(const Session& session, ByteView device_id, const LeafByDevice& signals) {
  uint64_t last = 0;
  for (const trust::PrekeyEntry* prekey : session.directory().PrekeysOf(device_id)) {
    last = std::max(last, session.objects()[prekey->seq].leaf_index);
  }
  const auto signal = signals.find(Bytes(device_id));
  return signal == signals.end() ? last : std::max(last, signal->second);
}

// Leaves of signals in the mailbox, the last one by each device.
absl::StatusOr<LeafByDevice> LastSignals(const State& state) {
  LeafByDevice last;
  ASSIGN_OR_RETURN(const std::vector<Bytes> ids, state.ListDeliveries());
  for (const Bytes& id : ids) {
    const absl::StatusOr<v1::Delivery> delivery = state.GetDelivery(id);
    if (!delivery.ok()) continue;
    const absl::StatusOr<v1::Core> core = envelope::ParseCore(delivery->header());
    const absl::StatusOr<audit::ReceiptBody> body = audit::ReceiptBody::Decode(delivery->receipt().body());
    if (!body.ok() || !core.ok()) continue;
    uint64_t& leaf = last[core->sender_device()];
    leaf = std::max(leaf, body->index);
  }
  return last;
}

absl::Status CheckStatement(Session& session, const v1::SignedDelivered& signed_statement,
                            const StateData& data, v1::DeliveredStatement& statement) {
  RETURN_IF_ERROR(trust::StrictParse(signed_statement.statement(), kMaxStatementBytes,
                                     "statement of delivery", statement));
  const auto sent = data.sent.find(statement.signal_id());
  if (statement.convenant_id() != session.entry().id || sent == data.sent.end() ||
      statement.header_hash() != View(sent->second.header_hash)) {
    return absl::InvalidArgumentError("it is about another signal");
  }
  const trust::Device* device = session.directory().FindDevice(statement.device_id());
  const bool own = device != nullptr && device->organisation == session.profile().organisation() &&
                   device->handle == session.profile().handle();
  if (device == nullptr || (!own && sent->second.devices.count(statement.device_id()) == 0)) {
    return absl::InvalidArgumentError("its device is no recipient");
  }
  return crypto::Verify(device->sig_pk, trust::kDeliveredLabel, signed_statement.statement(),
                        signed_statement.signature());
}

bool IsComplete(const SentSignal& sent) {
  return std::includes(sent.confirmed.begin(), sent.confirmed.end(), sent.devices.begin(),
                       sent.devices.end());
}

}  // namespace

absl::Status ConfirmDeliveries(Session& session) {
  ASSIGN_OR_RETURN(const StateData data, session.state().Load());
  for (const std::vector<ToConfirm>& batch : Batches(data.to_confirm)) {
    const absl::Status confirmed = Confirm(session, batch);
    if (confirmed.ok()) {
      RETURN_IF_ERROR(Settle(session, batch));
      continue;
    }
    if (confirmed.code() != absl::StatusCode::kNotFound && !absl::IsFailedPrecondition(confirmed)) {
      return confirmed;
    }
    // One that the broker does not know (any more), or does not take, must not keep the others back.
    for (const ToConfirm& one : batch) {
      absl::Status alone = Confirm(session, {one});
      if (absl::IsFailedPrecondition(alone)) alone = ConfirmOfNow(session, one);
      if (!alone.ok() && alone.code() != absl::StatusCode::kNotFound) return alone;
      if (!alone.ok()) {
        session.state().Log(
            session.context().clock.Now(),
            absl::StrCat("the broker does not know that it delivered ", ToHex(one.signal_id)));
      }
      RETURN_IF_ERROR(Settle(session, {one}));
    }
  }
  return absl::OkStatus();
}

SentSignal SentOf(const trust::Directory& directory, const v1::Core& core, const Digest& header_hash,
                  const google::protobuf::RepeatedPtrField<v1::Part>& parts, uint64_t leaf_index) {
  SentSignal sent{.header_hash = header_hash,
                  .channel = core.channel(),
                  .level = static_cast<uint32_t>(core.level()),
                  .case_ref = core.case_ref(),
                  .leaf_index = leaf_index,
                  .created = absl::FromUnixSeconds(core.created()),
                  .forget_after = absl::FromUnixSeconds(core.created()),
                  .cap = std::nullopt};
  const trust::Device* sender = directory.FindDevice(core.sender_device());
  const auto is_own = [&](const Bytes& id) {
    const trust::Device* device = directory.FindDevice(id);
    return sender != nullptr && device != nullptr && device->member_ref == sender->member_ref;
  };
  for (const v1::Part& part : parts) {
    v1::PartDescriptor descriptor;
    if (!descriptor.ParseFromString(part.descriptor_bytes())) continue;
    const absl::Time expires = absl::FromUnixSeconds(descriptor.expires());
    sent.forget_after = std::max(sent.forget_after, expires);
    const policies::RetentionClass* retention =
        directory.convenant()->FindRetention(descriptor.retention_class());
    // What ends before its cap was meant to.
    if (retention != nullptr && expires >= sent.created + retention->cap) {
      sent.cap = std::min(sent.cap.value_or(absl::InfiniteFuture()), expires);
    }
    for (const v1::Recipient& recipient : descriptor.recipients()) {
      if (!is_own(recipient.device_id())) sent.devices.insert(recipient.device_id());
    }
    for (const std::string& device : descriptor.unreached()) {
      if (!is_own(device)) sent.unreached.emplace(device, descriptor.retention_class());
    }
  }
  return sent;
}

void RememberSent(StateData& data, ByteView signal_id, SentSignal sent) {
  data.sent.try_emplace(Bytes(signal_id), std::move(sent));
}

absl::Status FetchDelivered(Session& session) {
  ASSIGN_OR_RETURN(const StateData data, session.state().Load());
  std::vector<Bytes> open;
  for (const auto& [id, sent] : data.sent) {
    if (!sent.lost && !IsComplete(sent)) open.push_back(id);
  }
  std::map<Bytes, std::set<Bytes>> confirmed;
  for (const std::vector<Bytes>& batch : Batches(open)) {
    ASSIGN_OR_RETURN(const v1::GetDeliveredReply reply, session.connection().GetDelivered(batch));
    for (const v1::SignedDelivered& signed_statement : reply.statements()) {
      v1::DeliveredStatement statement;
      const absl::Status holds = CheckStatement(session, signed_statement, data, statement);
      if (!holds.ok()) {
        return TamperedError(
            absl::Substitute(TextOf(Text::kDeliveredForged, session.context().language), holds.message()));
      }
      confirmed[statement.signal_id()].insert(statement.device_id());
    }
  }
  if (confirmed.empty()) return absl::OkStatus();
  return session.state().Update([&](StateData& newest) {
    for (const auto& [id, devices] : confirmed) {
      const auto sent = newest.sent.find(id);
      if (sent != newest.sent.end()) sent->second.confirmed.insert(devices.begin(), devices.end());
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<Unconfirmed>> UnconfirmedDeliveries(Session& session) {
  ASSIGN_OR_RETURN(const StateData data, session.state().Load());
  ASSIGN_OR_RETURN(LeafByDevice last, LastSignals(session.state()));
  // Who has signed for a later signal was there after the earlier ones.
  for (const auto& [id, sent] : data.sent) {
    for (const Bytes& device : sent.confirmed) last[device] = std::max(last[device], sent.leaf_index);
  }
  const absl::Time now = session.context().clock.Now();
  std::vector<Unconfirmed> all;
  for (const auto& [id, sent] : data.sent) {
    if (sent.lost) continue;
    for (const Bytes& device_id : sent.devices) {
      const trust::Device* device = session.directory().FindDevice(device_id);
      // A device that was revoked since will never sign.
      if (sent.confirmed.count(device_id) > 0 || device == nullptr || device->revoked_at_seq.has_value())
        continue;
      const bool was_online = LastLeafOf(session, device_id, last) > sent.leaf_index;
      all.push_back({.signal_id = id,
                     .device_id = device_id,
                     .member = device->address(),
                     .created = sent.created,
                     .missing = was_online || sent.created + kSilence < now,
                     .was_online = was_online});
    }
  }
  std::sort(all.begin(), all.end(), [](const Unconfirmed& a, const Unconfirmed& b) {
    return std::tie(a.created, a.signal_id, a.member, a.device_id) <
           std::tie(b.created, b.signal_id, b.member, b.device_id);
  });
  return all;
}

}  // namespace seinpost::client
