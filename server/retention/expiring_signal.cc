// SPDX-License-Identifier: EUPL-1.2
#include "server/retention/expiring_signal.h"

#include <map>
#include <set>

#include "crypto/hash.h"
#include "server/rows/device_records.h"
#include "server/rows/due_records.h"
#include "server/signals/attachments.h"
#include "server/signals/events.h"
#include "server/signals/original.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

using audit::Tag;

// What the log tells: whose signal it was, which parts, and whom they were for.
audit::Event ExpiredEvent(const Original& original, const std::vector<const Original::Part*>& gone,
                          const trust::Directory& directory, absl::Time now) {
  audit::Event event;
  event.SetType(audit::EventType::kExpired)
      .SetTime(now)
      .SetText(Tag::kAction, "D")
      .SetNumber(Tag::kOutcome, 0)
      .SetText(Tag::kChannel, original.core.channel())
      .SetText(Tag::kSource, "broker")
      .SetText(Tag::kPrevious, View(original.row.leaf_hash));
  SetSignal(original.core, event);
  if (const policies::Convenant* convenant = directory.convenant(); convenant != nullptr) {
    event.SetText(Tag::kConvenant, convenant->id()).SetNumber(Tag::kConvenantVersion, convenant->version());
  }
  if (const trust::Device* sender = directory.FindDevice(original.row.sender_device)) {
    event.SetText(Tag::kActorOrganisation, sender->organisation)
        .SetText(Tag::kOnBehalfOf, sender->member_ref);
  }
  std::vector<audit::RecipientVerdict> recipients;
  for (const Original::Part* part : gone) {
    std::set<Bytes> members;
    for (const v1::Recipient& recipient : part->descriptor.recipients()) {
      const trust::Device* device = directory.FindDevice(recipient.device_id());
      if (device != nullptr) members.insert(device->member_ref);
    }
    for (const Bytes& member : members) {
      if (recipients.size() == audit::kMaxRecipients) break;
      recipients.push_back({member, static_cast<uint8_t>(part->index), true, {}});
    }
  }
  event.SetRecipients(recipients);
  return event;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ExpiringSignal>> ExpiringSignal::Prepare(const Context& context, Realm& realm,
                                                                        ByteView signal_id,
                                                                        const Bytes& due_key,
                                                                        absl::Time limit, absl::Time now,
                                                                        std::shared_ptr<void> running) {
  std::unique_ptr<ExpiringSignal> signal(new ExpiringSignal(context, realm));
  signal->due_key_ = due_key;
  signal->running_ = std::move(running);
  signal->limit_ = limit;
  const absl::Status collected = signal->Collect(signal_id, limit, now);
  if (absl::IsNotFound(collected)) return nullptr;
  RETURN_IF_ERROR(collected);
  return signal;
}

// kNotFound: nothing of it has expired.
absl::Status ExpiringSignal::Collect(ByteView signal_id, absl::Time limit, absl::Time now) {
  const Bytes& prefix = realm_.prefix();
  const Store& store = context_.store;
  signal_key_ = SignalKey(prefix, signal_id);
  ASSIGN_OR_RETURN(signal_value_, store.Get(Family::kSignal, signal_key_));
  ASSIGN_OR_RETURN(const Original original, LoadOriginal(store, prefix, signal_id));
  std::vector<const Original::Part*> gone;
  std::map<Bytes, std::set<char>> places;  // device -> places of what goes
  for (const Original::Part& part : original.parts) {
    if (absl::FromUnixSeconds(part.descriptor.expires()) > limit) continue;
    gone.push_back(&part);
    deletes_.push_back({Family::kPart, PartKey(prefix, signal_id, part.index), {}});
    deletes_.push_back({Family::kPart, WrapsKey(prefix, signal_id, part.index), {}});
    read_bytes_ += static_cast<size_t>(part.descriptor.padded_len());
    if (part.descriptor.kind() == v1::PART_KIND_ATTACHMENT) {
      attachments_.push_back(part.descriptor.ct_hash());
    }
    for (const v1::Recipient& recipient : part.descriptor.recipients()) {
      places[recipient.device_id()].insert(static_cast<char>(part.index));
      deletes_.push_back(
          {Family::kDevice, ReleasedKey(prefix, {recipient.device_id(), Bytes(signal_id), part.index}), {}});
    }
  }
  if (gone.empty()) return absl::NotFoundError("nothing has expired");
  for (const auto& [device, lost] : places) {
    const Bytes key = MailboxKey(prefix, device, original.row.leaf_index);
    const absl::StatusOr<Bytes> value = store.Get(Family::kMailbox, key);
    if (absl::IsNotFound(value.status())) continue;
    RETURN_IF_ERROR(value.status());
    ASSIGN_OR_RETURN(MailboxRow row, MailboxRow::Decode(*value));
    std::erase_if(row.part_indexes, [&lost = lost](char place) { return lost.count(place) > 0; });
    if (row.part_indexes.empty()) {
      deletes_.push_back({Family::kMailbox, key, {}});
      deletes_.push_back({Family::kDevice, DeliveredKey(prefix, signal_id, device), {}});
    } else {
      puts_.push_back({Family::kMailbox, key, row.Encode()});
    }
  }
  if (gone.size() == original.parts.size()) {
    const Bytes delivered = DeliveredPrefix(prefix, signal_id);
    RETURN_IF_ERROR(
        store.Scan(Family::kDevice, delivered, PrefixLimit(delivered), [&](ByteView key, ByteView) {
          deletes_.push_back({Family::kDevice, Bytes(key), {}});
          return true;
        }));
    puts_.push_back({Family::kMeta, DueKey(prefix, now + kRemainsLife, DueKind::kRemains, signal_id), {}});
    remains_ = SignalRemains{crypto::Sha256(original.row.header), original.row.leaf_index, 0,
                             original.core.channel()};
  }
  ASSIGN_OR_RETURN(event_, PreparedEvent::Make(ExpiredEvent(original, gone, *realm_.directory(), now)));
  bytes_ = Operation::bytes() + event_->opening.size() + 64 * rows();
  return absl::OkStatus();
}

void ExpiringSignal::Apply(Transaction& transaction) {
  const absl::StatusOr<Bytes> due = transaction.Get(Family::kMeta, due_key_);
  const absl::StatusOr<Bytes> signal = transaction.Get(Family::kSignal, signal_key_);
  if (!due.ok() || !signal.ok() || *signal != signal_value_) return;  // done already
  const uint64_t leaf_index = transaction.Stage(realm_, *event_);
  for (const Row& row : deletes_) transaction.Delete(row.family, row.key);
  for (const Row& row : puts_) transaction.Put(row.family, row.key, row.value);
  for (const Bytes& ct_hash : attachments_) Attachments::Release(transaction, realm_, ct_hash, limit_);
  transaction.Delete(Family::kMeta, due_key_);
  if (!remains_) return;
  remains_->expired_by = leaf_index;
  transaction.Put(Family::kSignal, signal_key_, remains_->Encode());
}

void ExpiringSignal::Complete(const absl::Status& commit) {
  if (!commit.ok() && !absl::IsResourceExhausted(commit)) {
    context_.metrics.UnexpectedError("destroying an expired signal", commit);
  }
}

}  // namespace seinpost::server
