// SPDX-License-Identifier: EUPL-1.2
#include "server/devices/devices.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "server/devices/row_pages.h"
#include "server/gate/caller.h"
#include "server/gate/watched_source.h"
#include "server/oversight/logged_question.h"
#include "server/oversight/officer.h"
#include "server/rows/device_records.h"
#include "server/rows/records.h"
#include "server/signals/original.h"
#include "server/stream/paged_source.h"
#include "trust/fields.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

using ExposureSource = std::shared_ptr<Source<v1::Exposure>>;
using DeliverySource = std::shared_ptr<Source<v1::Delivery>>;

constexpr size_t kRowsPerPage = 64;

// A part that concerns a device, and how that is known.
struct HeldPart {
  enum class By { kMailbox, kRewrap, kRelease };
  DevicePart of;
  By by = By::kMailbox;
};

// HeldParts reads every part that the device was a recipient of, or got the key of otherwise: those in its
// mailbox, those that were passed on to it, those whose key it was given; a part may come up in each.
class HeldParts {
 public:
  HeldParts(const Store& store, const Realm& realm, Bytes device)
      : device_(std::move(device)),
        mailbox_(store, Family::kMailbox, MailboxPrefix(realm.prefix(), device_), kRowsPerPage),
        rewraps_(store, Family::kDevice, RewrapPrefix(realm.prefix(), device_), kRowsPerPage),
        releases_(store, Family::kDevice, ReleasedPrefix(realm.prefix(), device_), kRowsPerPage) {}

  // The next of them; nothing: there are no more.
  absl::StatusOr<std::optional<std::vector<HeldPart>>> More() {
    std::vector<HeldPart> parts;
    while (by_) {
      ASSIGN_OR_RETURN(const bool some,
                       *by_ == HeldPart::By::kMailbox ? ReadMailbox(parts) : ReadKeys(parts));
      if (some) return std::optional<std::vector<HeldPart>>(std::move(parts));
      by_ = Following(*by_);
    }
    return std::optional<std::vector<HeldPart>>();
  }

 private:
  static std::optional<HeldPart::By> Following(HeldPart::By by) {
    if (by == HeldPart::By::kMailbox) return HeldPart::By::kRewrap;
    if (by == HeldPart::By::kRewrap) return HeldPart::By::kRelease;
    return std::nullopt;
  }
  absl::StatusOr<bool> ReadMailbox(std::vector<HeldPart>& parts) {
    return mailbox_.Next([&](ByteView, ByteView value) -> absl::Status {
      ASSIGN_OR_RETURN(const MailboxRow row, MailboxRow::Decode(value));
      for (const char place : row.part_indexes) {
        parts.push_back({{device_, row.signal_id, static_cast<uint8_t>(place)}, HeldPart::By::kMailbox});
      }
      return absl::OkStatus();
    });
  }
  absl::StatusOr<bool> ReadKeys(std::vector<HeldPart>& parts) {
    RowPages& rows = *by_ == HeldPart::By::kRewrap ? rewraps_ : releases_;
    return rows.Next([&](ByteView key, ByteView) -> absl::Status {
      ASSIGN_OR_RETURN(DevicePart of, ParseDevicePart(key));
      parts.push_back({std::move(of), *by_});
      return absl::OkStatus();
    });
  }

  const Bytes device_;
  std::optional<HeldPart::By> by_ = HeldPart::By::kMailbox;  // what is being read
  RowPages mailbox_, rewraps_, releases_;
};

// Whether the part came up before, by what is read before `part.by`.
absl::StatusOr<bool> CameUp(const Store& store, const Realm& realm, const HeldPart& part,
                            const Original& original) {
  if (part.by == HeldPart::By::kMailbox) return false;
  const absl::StatusOr<Bytes> bytes =
      store.Get(Family::kMailbox, MailboxKey(realm.prefix(), part.of.device_id, original.row.leaf_index));
  if (bytes.ok()) {
    ASSIGN_OR_RETURN(const MailboxRow row, MailboxRow::Decode(*bytes));
    if (row.part_indexes.find(static_cast<char>(part.of.part)) != Bytes::npos) return true;
  } else if (!absl::IsNotFound(bytes.status())) {
    return bytes.status();
  }
  if (part.by == HeldPart::By::kRewrap) return false;
  return store.Contains(Family::kDevice, RewrapKey(realm.prefix(), part.of));
}

// Nothing: the signal or the part has been destroyed since, or was told of before.
absl::StatusOr<std::optional<v1::Exposure>> LoadExposure(const Store& store, const Realm& realm,
                                                         const HeldPart& held) {
  const DevicePart& of = held.of;
  const absl::StatusOr<Original> original = LoadOriginal(store, realm.prefix(), of.signal_id);
  if (absl::IsNotFound(original.status())) return std::optional<v1::Exposure>();
  RETURN_IF_ERROR(original.status());
  const Original::Part* part = original->FindPart(of.part);
  if (part == nullptr) return std::optional<v1::Exposure>();
  ASSIGN_OR_RETURN(const bool came_up, CameUp(store, realm, held, *original));
  if (came_up) return std::optional<v1::Exposure>();
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

absl::Status UnknownDevice() {
  return absl::NotFoundError("device_id: no device of this member's, nor in this officer's scope");
}

// Whether `caller` may ask about `asked`: it is his own, or he reviews its organisation.
policies::Decision DecideExposure(const trust::Device& caller, const trust::Device& asked,
                                  const trust::Directory& directory, absl::Time now) {
  policies::Decision decision = DecideReviewBy(caller, directory, asked.organisation, now);
  decision.allowed = decision.allowed || asked.member_ref == caller.member_ref;
  return decision;
}

class ExposureOperation final : public LoggedQuestion<ExposureSource> {
 public:
  ExposureOperation(const Context& context, Realm& realm, Session session, Bytes device, absl::Time now,
                    Done<ExposureSource> done)
      : LoggedQuestion(context, realm, std::move(session), std::nullopt, now, std::move(done)),
        device_(std::move(device)) {}

 private:
  absl::StatusOr<policies::Decision> Decide(const DirectorySnapshot& directory, const trust::Device& caller,
                                            audit::Event& event) override {
    const trust::Device* asked = directory->FindDevice(device_);
    if (asked == nullptr) return UnknownDevice();
    event.SetText(audit::Tag::kObjectType, "device")
        .SetText(audit::Tag::kObject, device_)
        .SetText(audit::Tag::kOnBehalfOf, asked->member_ref);
    return DecideExposure(caller, *asked, *directory, now_);
  }

  absl::Status Refusal(const policies::Decision& decision) override {
    context_.metrics.CountRefusal(policies::ToString(decision.reasons.front().code));
    return UnknownDevice();
  }

  void Answer(uint64_t, const PreparedEvent&, const Done<ExposureSource>& done) override {
    const auto more = [&context = context_, &realm = realm_, caller = session_.device, device = device_,
                       parts = std::make_shared<HeldParts>(context_.store, realm_, device_)]()
        -> absl::StatusOr<std::optional<std::vector<HeldPart>>> {
      // An officer who has ceased to be one is told no more.
      const DirectorySnapshot directory = realm.directory();
      const bool may = DecideExposure(*directory->FindDevice(caller), *directory->FindDevice(device),
                                      *directory, context.clock.Now())
                           .allowed;
      if (!may) return UnknownDevice();
      return parts->More();
    };
    const auto load = [&context = context_, &realm = realm_](const HeldPart& held) {
      return LoadExposure(context.store, realm, held);
    };
    done(ExposureSource(std::make_shared<PagedSource<HeldPart, v1::Exposure>>(context_.workers, more, load)));
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

// RestorableSignals reads, in the order of the log, what devices of the same member or office have and the
// device does not: a page of each of their mailboxes at a time, as far as all of them reach.
class RestorableSignals {
 public:
  RestorableSignals(const Context& context, const Realm& realm, trust::DeviceId device)
      : context_(context), realm_(realm), device_(std::move(device)) {}

  // The next of them, perhaps none; nothing: there are no more.
  absl::StatusOr<std::optional<std::vector<Restorable>>> More() {
    if (!next_) return std::optional<std::vector<Restorable>>();
    const DirectorySnapshot directory = realm_.directory();
    std::map<uint64_t, Restorable> found;  // by leaf index
    std::optional<uint64_t> reached;       // the last leaf that is known of all; nothing: all of them
    for (const auto& [device, by_office] :
         DevicesToSucceed(*directory->FindDevice(device_), *directory, context_.clock.Now())) {
      ASSIGN_OR_RETURN(const std::optional<uint64_t> last, ReadMailbox(device, by_office, found));
      if (last) reached = std::min(reached.value_or(*last), *last);
    }
    if (reached) found.erase(found.upper_bound(*reached), found.end());
    if (reached) next_ = *reached + 1;
    if (!reached) next_.reset();
    std::vector<Restorable> signals;
    for (auto& [leaf_index, signal] : found) {
      RETURN_IF_ERROR(RemoveOwn(leaf_index, signal));
      if (!signal.own.empty() || !signal.officers.empty()) signals.push_back(std::move(signal));
    }
    return std::optional<std::vector<Restorable>>(std::move(signals));
  }

 private:
  // The last leaf index that was read, if there is more behind it.
  absl::StatusOr<std::optional<uint64_t>> ReadMailbox(ByteView device, bool by_office,
                                                      std::map<uint64_t, Restorable>& found) const {
    size_t rows = 0;
    std::optional<uint64_t> last;
    absl::Status decoded;
    RETURN_IF_ERROR(context_.store.Scan(
        Family::kMailbox, MailboxKey(realm_.prefix(), device, *next_),
        PrefixLimit(MailboxPrefix(realm_.prefix(), device)), [&](ByteView key, ByteView value) {
          const absl::StatusOr<uint64_t> leaf_index = MailboxLeafIndex(key);
          const absl::StatusOr<MailboxRow> row = MailboxRow::Decode(value);
          decoded = leaf_index.ok() ? row.status() : leaf_index.status();
          if (!decoded.ok()) return false;
          Restorable& signal = found[*leaf_index];
          signal.signal_id = row->signal_id;
          std::set<uint8_t>& places = by_office ? signal.officers : signal.own;
          for (const char place : row->part_indexes) places.insert(static_cast<uint8_t>(place));
          if (++rows == kRowsPerPage) last = *leaf_index;
          return !last;
        }));
    RETURN_IF_ERROR(decoded);
    return last;
  }

  absl::Status RemoveOwn(uint64_t leaf_index, Restorable& signal) const {
    const absl::StatusOr<Bytes> bytes =
        context_.store.Get(Family::kMailbox, MailboxKey(realm_.prefix(), device_, leaf_index));
    if (absl::IsNotFound(bytes.status())) return absl::OkStatus();
    RETURN_IF_ERROR(bytes.status());
    ASSIGN_OR_RETURN(const MailboxRow row, MailboxRow::Decode(*bytes));
    for (const char place : row.part_indexes) {
      signal.own.erase(static_cast<uint8_t>(place));
      signal.officers.erase(static_cast<uint8_t>(place));
    }
    return absl::OkStatus();
  }

  const Context& context_;
  const Realm& realm_;
  const trust::DeviceId device_;
  std::optional<uint64_t> next_ = 0;  // the first leaf index that was not read; nothing: all were
};

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
  auto watched = Watch(context_, *caller->realm, session, done);
  if (!watched.ok()) return done(watched.status());
  context_.sequencer.Enqueue(std::make_unique<ExposureOperation>(
      context_, *caller->realm, session, request.device_id(), now, *std::move(watched)));
}

void Devices::ListRestorable(const Session& session, const v1::ListRestorableRequest& request,
                             Done<DeliverySource> done) {
  const absl::Time now = context_.clock.Now();
  const absl::StatusOr<Caller> caller = Admit(context_, context_.quotas.questions, session, now);
  if (!caller.ok()) return done(caller.status());
  absl::Status admitted = CheckConvenant(session, request.convenant_id());
  if (!admitted.ok()) return done(admitted);
  Realm& realm = *caller->realm;
  const auto watched = Watch(context_, realm, session, done);
  if (!watched.ok()) return done(watched.status());
  const auto more = [signals = std::make_shared<RestorableSignals>(context_, realm, session.device)] {
    return signals->More();
  };
  const auto load = [&context = context_, &realm, device = session.device](const Restorable& signal) {
    return LoadRestorable(context.store, realm, signal, device, context.clock.Now());
  };
  (*watched)(
      DeliverySource(std::make_shared<PagedSource<Restorable, v1::Delivery>>(context_.workers, more, load)));
}

}  // namespace seinpost::server
