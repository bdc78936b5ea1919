// SPDX-License-Identifier: EUPL-1.2
#include "client/profile/prekeys.h"

#include <algorithm>
#include <optional>

#include "absl/time/civil_time.h"
#include "crypto/hash.h"
#include "trust/objects.h"
#include "trust/strict.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

Bytes PrekeyBody(const PrekeySecret& prekey, const policies::Convenant& convenant, ByteView device_id) {
  v1::Prekey body;
  body.set_version(1);
  body.set_suite_id(convenant.trust().has_value() ? convenant.trust()->suite : 1);
  body.set_convenant_id(prekey.convenant);
  body.set_device_id(std::string(device_id));
  body.set_hpke_pk(ToBytes(prekey.pair.public_key));
  body.set_retention_class(prekey.retention_class);
  body.set_seal_from(absl::ToUnixSeconds(prekey.seal_from));
  body.set_seal_until(absl::ToUnixSeconds(prekey.seal_until));
  body.set_delete_after(absl::ToUnixSeconds(prekey.delete_after));
  return trust::StrictSerialize(body);
}

// A prekey that is wanted: its class and window.
struct Wanted {
  std::string retention_class;
  absl::Time from, until, delete_after;
};

std::vector<Wanted> WantedAt(const policies::Convenant& convenant, absl::Time now) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  const absl::CivilMonth month(absl::ToCivilSecond(now, utc));
  std::vector<Wanted> wanted;
  for (const auto& [name, retention] : convenant.retention()) {
    for (int i = 0; i < kPrekeyMonths; ++i) {
      const absl::Time from = absl::FromCivil(absl::CivilSecond(month + i), utc);
      const absl::Time until = absl::FromCivil(absl::CivilSecond(month + i + 1), utc);
      wanted.push_back({name, from, until, until + retention.cap});
    }
  }
  return wanted;
}

bool Fits(const PrekeySecret& prekey, const Wanted& wanted, absl::string_view convenant) {
  return prekey.request.empty() && prekey.convenant == convenant &&
         prekey.retention_class == wanted.retention_class && prekey.seal_from == wanted.from &&
         prekey.seal_until == wanted.until;
}

// The one of that window which senders seal to once it has begun; nullptr: there is none.
const trust::PrekeyEntry* Published(const trust::Directory& directory, ByteView device_id,
                                    const Wanted& wanted) {
  const trust::PrekeyEntry* last =
      directory.PrekeyFor(device_id, wanted.retention_class, wanted.until - absl::Seconds(1));
  return last != nullptr && last->seal_from >= wanted.from ? last : nullptr;
}

// When what replaces `published` begins; nothing: it was replaced as often as is allowed.
std::optional<absl::Time> ReplacementOf(const trust::PrekeyEntry& published, const Wanted& wanted) {
  const absl::Time next = published.seal_from + absl::Seconds(1);
  if (next - wanted.from > absl::Seconds(trust::kMaxPrekeyReplacements)) return std::nullopt;
  return next;
}

// What there is to publish for `profile` at `now`; what replaces a prekey has the window of a replacement.
std::vector<Wanted> MissingAt(const Profile& profile, const trust::Directory& directory, absl::Time now) {
  const trust::DeviceId device_id = profile.device_id();
  std::vector<Wanted> missing;
  for (Wanted& wanted : WantedAt(*directory.convenant(), now)) {
    if (const trust::PrekeyEntry* published = Published(directory, device_id, wanted)) {
      if (profile.FindPrekey(published->prekey_id) != nullptr) continue;
      const std::optional<absl::Time> next = ReplacementOf(*published, wanted);
      if (!next.has_value()) continue;
      wanted.from = *next;
    }
    missing.push_back(std::move(wanted));
  }
  return missing;
}

bool HasSecret(const Profile& profile, const Wanted& wanted, absl::string_view convenant) {
  return std::any_of(profile.prekeys().begin(), profile.prekeys().end(),
                     [&](const PrekeySecret& prekey) { return Fits(prekey, wanted, convenant); });
}

}  // namespace

bool PrekeysDue(const Profile& profile, const trust::Directory& directory, absl::Time now) {
  const trust::Device* device = directory.FindDevice(profile.device_id());
  if (directory.convenant() == nullptr || device == nullptr || !device->ValidAt(now)) return false;
  return !MissingAt(profile, directory, now).empty();
}

PrekeysWithoutSecret FindPrekeysWithoutSecret(const Profile& profile, const trust::Directory& directory,
                                              absl::Time now) {
  PrekeysWithoutSecret found;
  if (directory.convenant() == nullptr) return found;
  const trust::DeviceId device_id = profile.device_id();
  for (const Wanted& wanted : WantedAt(*directory.convenant(), now)) {
    const trust::PrekeyEntry* published = Published(directory, device_id, wanted);
    if (published == nullptr || profile.FindPrekey(published->prekey_id) != nullptr) continue;
    ++found.sealed_to;
    if (!ReplacementOf(*published, wanted).has_value()) ++found.for_good;
  }
  for (const trust::PrekeyEntry* prekey : directory.PrekeysOf(device_id)) {
    if (prekey->delete_after > now && profile.FindPrekey(prekey->prekey_id) == nullptr) ++found.kept;
  }
  return found;
}

absl::StatusOr<std::vector<Bytes>> RenewPrekeys(Profile& profile, const trust::Directory& directory,
                                                absl::Time now) {
  const policies::Convenant* convenant = directory.convenant();
  const trust::DeviceId device_id = profile.device_id();
  if (convenant == nullptr || directory.FindDevice(device_id) == nullptr) {
    return absl::FailedPreconditionError("this device is not certified in this convenant");
  }
  std::vector<Wanted> missing = MissingAt(profile, directory, now);
  const auto lacks_secret = [&](const Wanted& wanted) {
    return !HasSecret(profile, wanted, convenant->id());
  };
  if (std::any_of(missing.begin(), missing.end(), lacks_secret)) {
    RETURN_IF_ERROR(profile.Update([&](Profile& newest) {
      // Another command may have made secrets since this profile was opened.
      missing = MissingAt(newest, directory, now);
      for (const Wanted& wanted : missing) {
        if (HasSecret(newest, wanted, convenant->id())) continue;
        PrekeySecret prekey{.pair = crypto::HpkeKeyPair::Generate()};
        prekey.convenant = convenant->id();
        prekey.retention_class = wanted.retention_class;
        prekey.seal_from = wanted.from;
        prekey.seal_until = wanted.until;
        prekey.delete_after = wanted.delete_after;
        prekey.prekey_id = ToBytes(crypto::Sha256(PrekeyBody(prekey, *convenant, device_id)));
        newest.AddPrekey(std::move(prekey));
      }
      return absl::OkStatus();
    }));
  }
  std::vector<Bytes> objects;
  for (const Wanted& wanted : missing) {
    for (const PrekeySecret& prekey : profile.prekeys()) {
      if (!Fits(prekey, wanted, convenant->id())) continue;
      objects.push_back(trust::SignObject(v1::OBJECT_KIND_PREKEY, PrekeyBody(prekey, *convenant, device_id),
                                          ToHex(device_id), profile.device_key()));
    }
  }
  return objects;
}

}  // namespace seinpost::client
