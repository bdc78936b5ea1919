// SPDX-License-Identifier: EUPL-1.2
#include "server/devices/devices.h"

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "server/gate/caller.h"
#include "server/oversight/logged_question.h"
#include "server/oversight/officer.h"
#include "server/rows/device_records.h"
#include "server/rows/records.h"
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

class ExposureOperation final : public LoggedQuestion<ExposureSource> {
 public:
  ExposureOperation(const Context& context, Realm& realm, Session session, Bytes device, absl::Time now,
                    Done<ExposureSource> done)
      : LoggedQuestion(context, realm, std::move(session), std::nullopt, now, std::move(done)),
        device_(std::move(device)) {}

 private:
  static absl::Status Unknown() {
    return absl::NotFoundError("device_id: no device of this member's, nor in this officer's scope");
  }

  absl::StatusOr<policies::Decision> Decide(const DirectorySnapshot& directory, const trust::Device& caller,
                                            audit::Event& event) override {
    const trust::Device* asked = directory->FindDevice(device_);
    if (asked == nullptr) return Unknown();
    event.SetText(audit::Tag::kObjectType, "device")
        .SetText(audit::Tag::kObject, device_)
        .SetText(audit::Tag::kOnBehalfOf, asked->member_ref);
    policies::Decision decision = DecideReviewBy(caller, *directory, asked->organisation, now_);
    decision.allowed = decision.allowed || asked->member_ref == caller.member_ref;  // his own
    return decision;
  }

  absl::Status Refusal(const policies::Decision& decision) override {
    context_.metrics.CountRefusal(policies::ToString(decision.reasons.front().code));
    return Unknown();
  }

  void Answer(uint64_t, const PreparedEvent&, const Done<ExposureSource>& done) override {
    context_.workers.Schedule(
        [&context = context_, &realm = realm_, caller = session_.device, device = device_, done] {
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

  const Bytes device_;
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
  const absl::StatusOr<Caller> caller = AdmitToWrite(context_, context_.quotas.questions, session, now);
  if (!caller.ok()) return done(caller.status());
  absl::Status admitted = CheckConvenant(session, request.convenant_id());
  if (admitted.ok()) admitted = trust::CheckSize(request.device_id(), trust::kIdBytes, "device_id");
  if (!admitted.ok()) return done(admitted);
  context_.sequencer.Enqueue(std::make_unique<ExposureOperation>(context_, *caller->realm, session,
                                                                 request.device_id(), now, std::move(done)));
}

void Devices::ListRestorable(const Session& session, const v1::ListRestorableRequest& request,
                             Done<DeliverySource> done) {
  const absl::Time now = context_.clock.Now();
  const absl::StatusOr<Caller> caller = Admit(context_, context_.quotas.questions, session, now);
  if (!caller.ok()) return done(caller.status());
  absl::Status admitted = CheckConvenant(session, request.convenant_id());
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
