// SPDX-License-Identifier: EUPL-1.2
#include "client/profile/prekeys.h"

#include <algorithm>

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

bool Published(const trust::Directory& directory, ByteView device_id, const Wanted& wanted) {
  return directory.HasPrekey(device_id, wanted.retention_class, wanted.from);
}

}  // namespace

bool PrekeysDue(const trust::Directory& directory, ByteView device_id, absl::Time now) {
  const trust::Device* device = directory.FindDevice(device_id);
  if (directory.convenant() == nullptr || device == nullptr || !device->ValidAt(now)) return false;
  const std::vector<Wanted> wanted = WantedAt(*directory.convenant(), now);
  return std::any_of(wanted.begin(), wanted.end(),
                     [&](const Wanted& one) { return !Published(directory, device_id, one); });
}

absl::StatusOr<std::vector<Bytes>> RenewPrekeys(Profile& profile, const trust::Directory& directory,
                                                absl::Time now) {
  const policies::Convenant* convenant = directory.convenant();
  const trust::DeviceId device_id = profile.device_id();
  if (convenant == nullptr || directory.FindDevice(device_id) == nullptr) {
    return absl::FailedPreconditionError("this device is not certified in this convenant");
  }
  std::vector<Wanted> missing = WantedAt(*convenant, now);
  std::erase_if(missing, [&](const Wanted& wanted) { return Published(directory, device_id, wanted); });

  const auto has_secret = [&](const Profile& in, const Wanted& wanted) {
    return std::any_of(in.prekeys().begin(), in.prekeys().end(),
                       [&](const PrekeySecret& prekey) { return Fits(prekey, wanted, convenant->id()); });
  };
  const bool must_make = std::any_of(missing.begin(), missing.end(),
                                     [&](const Wanted& wanted) { return !has_secret(profile, wanted); });
  const bool must_destroy =
      std::any_of(profile.prekeys().begin(), profile.prekeys().end(),
                  [now](const PrekeySecret& prekey) { return prekey.delete_after <= now; });
  if (must_make || must_destroy) {
    RETURN_IF_ERROR(profile.Update([&](Profile& newest) {
      newest.DestroyExpiredPrekeys(now);
      for (const Wanted& wanted : missing) {
        if (has_secret(newest, wanted)) continue;
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
