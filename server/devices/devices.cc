// SPDX-License-Identifier: EUPL-1.2
#include "server/devices/devices.h"

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "server/oversight/officer.h"
#include "server/rows/device_records.h"
#include "server/rows/records.h"
#include "server/signals/events.h"
#include "server/signals/original.h"
#include "server/stream/list_source.h"
#include "trust/fields.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

using ExposureSource = std::shared_ptr<Source<v1::Exposure>>;
using DeliverySource = std::shared_ptr<Source<v1::Delivery>>;

// The places of the parts in the mailbox of `device`, by leaf index.
absl::Status ScanMailbox(const Store& store, const Realm& realm, ByteView device,
                         absl::FunctionRef<void(uint64_t leaf_index, const MailboxRow& row)> visit) {
  const Bytes prefix = MailboxPrefix(realm.prefix(), device);
  absl::Status decoded;
  RETURN_IF_ERROR(
      store.Scan(Family::kMailbox, prefix, PrefixLimit(prefix), [&](ByteView key, ByteView value) {
        const absl::StatusOr<uint64_t> leaf_index = MailboxLeafIndex(key);
        const absl::StatusOr<MailboxRow> row = MailboxRow::Decode(value);
        decoded = leaf_index.ok() ? row.status() : leaf_index.status();
        if (decoded.ok()) visit(*leaf_index, *row);
        return decoded.ok();
      }));
  return decoded;
}

// Every part that the device was a recipient of, or got the key of otherwise, each once.
absl::StatusOr<std::vector<DevicePart>> PartsOf(const Store& store, const Realm& realm, const Bytes& device) {
  std::vector<DevicePart> parts;
  std::set<std::pair<Bytes, uint32_t>> seen;
  const auto add = [&](const Bytes& signal_id, uint32_t part) {
    if (seen.emplace(signal_id, part).second) parts.push_back({device, signal_id, part});
  };
  RETURN_IF_ERROR(ScanMailbox(store, realm, device, [&](uint64_t, const MailboxRow& row) {
    for (const char place : row.part_indexes) add(row.signal_id, static_cast<uint8_t>(place));
  }));
  for (const Bytes& prefix : {RewrapPrefix(realm.prefix(), device), ReleasedPrefix(realm.prefix(), device)}) {
    absl::Status decoded;
    RETURN_IF_ERROR(store.Scan(Family::kDevice, prefix, PrefixLimit(prefix), [&](ByteView key, ByteView) {
      const absl::StatusOr<DevicePart> of = ParseDevicePart(key);
      decoded = of.status();
      if (of.ok()) add(of->signal_id, of->part);
      return of.ok();
    }));
    RETURN_IF_ERROR(decoded);
  }
  return parts;
}

// Nothing: the signal or the part has been destroyed since.
absl::StatusOr<std::optional<v1::Exposure>> LoadExposure(const Store& store, const Realm& realm,
                                                         const DevicePart& of) {
  const absl::StatusOr<Original> original = LoadOriginal(store, realm.prefix(), of.signal_id);
  if (absl::IsNotFound(original.status())) return std::optional<v1::Exposure>();
  RETURN_IF_ERROR(original.status());
  const Original::Part* part = original->FindPart(of.part);
  if (part == nullptr) return std::optional<v1::Exposure>();
  ASSIGN_OR_RETURN(const bool released, store.Contains(Family::kDevice, ReleasedKey(realm.prefix(), of)));
  const v1::Core& core = original->core;
  v1::Exposure exposure;
  exposure.set_signal_id(core.signal_id());
  exposure.set_channel(core.channel());
  exposure.set_level(core.level());
  exposure.set_category(core.category());
  exposure.set_purpose(core.purpose());
  exposure.set_case_ref(core.case_ref());
  exposure.set_created(core.created());
  exposure.set_part(of.part);
  exposure.set_kind(part->descriptor.kind());
  exposure.set_expires(part->descriptor.expires());
  exposure.set_released(released);
  return std::optional<v1::Exposure>(std::move(exposure));
}

class ExposureOperation final : public Operation {
 public:
  ExposureOperation(const Context& context, Realm& realm, Session session, Bytes device, absl::Time now,
                    Done<ExposureSource> done)
      : context_(context),
        realm_(realm),
        session_(std::move(session)),
        device_(std::move(device)),
        now_(now),
        done_(std::move(done)) {}

  void Apply(Transaction& transaction) override { outcome_ = ApplyOrRefuse(transaction); }

  void Complete(const absl::Status& commit) override {
    if (!commit.ok()) return done_(commit);
    if (!outcome_.ok()) return done_(outcome_);
    if (!decision_.allowed) {
      context_.metrics.CountRefusal(policies::ToString(decision_.reasons.front().code));
      return done_(Unknown());
    }
    context_.workers.Schedule(
        [&context = context_, &realm = realm_, caller = session_.device, device = device_, done = done_] {
          absl::StatusOr<std::vector<DevicePart>> parts = PartsOf(context.store, realm, device);
          if (!parts.ok()) return done(parts.status());
          const auto load = [&context, &realm, caller](const DevicePart& of) {
            const absl::Status may = CheckMayAct(*realm.directory(), caller, context.clock.Now());
            return may.ok() ? LoadExposure(context.store, realm, of) : may;
          };
          done(ExposureSource(std::make_shared<ListSource<DevicePart, v1::Exposure>>(
              context.workers, *std::move(parts), load)));
        });
  }

 private:
  static absl::Status Unknown() {
    return absl::NotFoundError("device_id: no device of this member's, nor in this officer's scope");
  }

  // Cheap enough for the commit thread, and so always by the directory in force.
  absl::Status ApplyOrRefuse(Transaction& transaction) {
    const trust::Directory& directory = *realm_.staged_directory();
    RETURN_IF_ERROR(CheckMayAct(directory, session_.device, now_));
    const trust::Device& caller = *directory.FindDevice(session_.device);
    const trust::Device* asked = directory.FindDevice(device_);
    if (asked == nullptr) return Unknown();
    decision_ = DecideReviewBy(caller, directory, asked->organisation, now_);
    decision_.allowed = decision_.allowed || asked->member_ref == caller.member_ref;  // his own
    audit::Event event = ActorEvent(audit::EventType::kAuditQuery, "R", directory, caller, {}, now_);
    event.SetText(audit::Tag::kObjectType, "device")
        .SetText(audit::Tag::kObject, device_)
        .SetText(audit::Tag::kOnBehalfOf, asked->member_ref);
    SetDecision(decision_, event);
    ASSIGN_OR_RETURN(const PreparedEvent prepared, PreparedEvent::Make(event));
    transaction.Stage(realm_, prepared);
    return absl::OkStatus();
  }

  const Context& context_;
  Realm& realm_;
  const Session session_;
  const Bytes device_;
  const absl::Time now_;
  const Done<ExposureSource> done_;
  absl::Status outcome_;
  policies::Decision decision_;
};

// What of a signal a device might get the keys of.
struct Restorable {
  Bytes signal_id;
  std::set<uint8_t> own;       // places that other devices of its member have
  std::set<uint8_t> officers;  // places that other officers of the organisation have: justifications count
};

// The devices whose parts count for `caller`'s, and whether by right of office.
std::map<trust::DeviceId, bool> DevicesToSucceed(const trust::Device& caller,
                                                 const trust::Directory& directory, absl::Time now) {
  std::map<trust::DeviceId, bool> devices;
  if (OfficerScopeOf(caller, directory, now)) {
    for (const trust::Member* officer : directory.Officers()) {
      if (officer->organisation != caller.organisation) continue;
      for (const trust::DeviceId& device : officer->devices) devices[device] = true;
    }
  }
  for (const trust::DeviceId& device : directory.FindMember(caller.member_ref)->devices) {
    devices[device] = false;
  }
  devices.erase(caller.id);
  return devices;
}

absl::StatusOr<std::vector<Restorable>> FindRestorable(const Store& store, const Caller& caller,
                                                       absl::Time now) {
  std::map<uint64_t, Restorable> found;  // by leaf index
  for (const auto& [device, by_office] : DevicesToSucceed(*caller.device, *caller.directory, now)) {
    const bool office = by_office;
    RETURN_IF_ERROR(
        ScanMailbox(store, *caller.realm, device, [&](uint64_t leaf_index, const MailboxRow& row) {
          Restorable& signal = found[leaf_index];
          signal.signal_id = row.signal_id;
          std::set<uint8_t>& places = office ? signal.officers : signal.own;
          for (const char place : row.part_indexes) places.insert(static_cast<uint8_t>(place));
        }));
  }
  RETURN_IF_ERROR(
      ScanMailbox(store, *caller.realm, caller.device->id, [&](uint64_t leaf_index, const MailboxRow& row) {
        const auto signal = found.find(leaf_index);
        if (signal == found.end()) return;
        for (const char place : row.part_indexes) {
          signal->second.own.erase(static_cast<uint8_t>(place));
          signal->second.officers.erase(static_cast<uint8_t>(place));
        }
      }));
  std::vector<Restorable> signals;
  for (auto& entry : found) {
    if (!entry.second.own.empty() || !entry.second.officers.empty()) {
      signals.push_back(std::move(entry.second));
    }
  }
  return signals;
}

// Nothing: no part of it is left to be restored.
absl::StatusOr<std::optional<v1::Delivery>> LoadRestorable(const Store& store, Realm& realm,
                                                           const Restorable& signal, ByteView device,
                                                           absl::Time now) {
  const absl::StatusOr<Original> original = LoadOriginal(store, realm.prefix(), signal.signal_id);
  if (absl::IsNotFound(original.status())) return std::optional<v1::Delivery>();
  RETURN_IF_ERROR(original.status());
  Bytes places;
  for (const Original::Part& part : original->parts) {
    const auto place = static_cast<uint8_t>(part.index);
    const bool justification = part.descriptor.kind() == v1::PART_KIND_JUSTIFICATION;
    if (signal.own.count(place) == 0 && !(justification && signal.officers.count(place) > 0)) continue;
    if (now >= absl::FromUnixSeconds(part.descriptor.expires())) continue;
    if (!part.descriptor.share_commits().empty()) continue;  // a kept identity is not restored this way
    ASSIGN_OR_RETURN(const Holding holding, HoldingOf(store, realm.prefix(), *original, part.index, device));
    if (!holding.part) places += U8(place);
  }
  if (places.empty()) return std::optional<v1::Delivery>();
  return LoadDelivery(store, realm, signal.signal_id, places);
}

}  // namespace

void Devices::ListExposure(const Session& session, const v1::ListExposureRequest& request,
                           Done<ExposureSource> done) {
  const absl::Time now = context_.clock.Now();
  const absl::StatusOr<Caller> caller = FindCaller(context_, session, now);
  if (!caller.ok()) return done(caller.status());
  absl::Status admitted = caller->realm->Writable();
  if (admitted.ok()) admitted = context_.quotas.questions.Take(session.device, now);
  if (admitted.ok()) admitted = CheckConvenant(session, request.convenant_id());
  if (admitted.ok()) admitted = trust::CheckSize(request.device_id(), trust::kIdBytes, "device_id");
  if (!admitted.ok()) return done(admitted);
  context_.sequencer.Enqueue(std::make_unique<ExposureOperation>(context_, *caller->realm, session,
                                                                 request.device_id(), now, std::move(done)));
}

void Devices::ListRestorable(const Session& session, const v1::ListRestorableRequest& request,
                             Done<DeliverySource> done) {
  const absl::Time now = context_.clock.Now();
  const absl::StatusOr<Caller> caller = FindCaller(context_, session, now);
  if (!caller.ok()) return done(caller.status());
  absl::Status admitted = context_.quotas.questions.Take(session.device, now);
  if (admitted.ok()) admitted = CheckConvenant(session, request.convenant_id());
  if (!admitted.ok()) return done(admitted);
  context_.workers.Schedule([this, caller = *caller, now, done = std::move(done)] {
    absl::StatusOr<std::vector<Restorable>> signals = FindRestorable(context_.store, caller, now);
    if (!signals.ok()) return done(signals.status());
    const auto load = [&context = context_, realm = caller.realm,
                       device = caller.device->id](const Restorable& signal) {
      const absl::Time at = context.clock.Now();
      const absl::Status may = CheckMayAct(*realm->directory(), device, at);
      return may.ok() ? LoadRestorable(context.store, *realm, signal, device, at) : may;
    };
    done(DeliverySource(
        std::make_shared<ListSource<Restorable, v1::Delivery>>(context_.workers, *std::move(signals), load)));
  });
}

}  // namespace seinpost::server
