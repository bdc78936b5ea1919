// SPDX-License-Identifier: EUPL-1.2
#include "client/device/commands.h"

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "client/mail/sync.h"
#include "client/profile/profile.h"
#include "client/session/own_devices.h"
#include "client/session/session.h"
#include "client/terminal/arguments.h"
#include "client/terminal/output.h"
#include "client/terminal/texts.h"
#include "crypto/hash.h"
#include "trust/fields.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

// A word for one device's state in lists and JSON.
std::string StateOf(const trust::Device& device, absl::Time now) {
  if (device.revoked_at_seq) return "revoked";
  if (now < device.not_before) return "not yet valid";
  return now < device.not_after ? "valid" : "expired";
}

struct DeviceRow {
  std::string id, member, state;
  absl::Time not_after;
};

void PrintDevices(const Context& context, const std::vector<DeviceRow>& devices) {
  Json list = Json::array();
  std::vector<std::vector<std::string>> table{{"device", "member", "state", "until"}};
  for (const DeviceRow& device : devices) {
    list.push_back(Json{{"device_id", device.id},
                        {"member", device.member},
                        {"state", device.state},
                        {"not_after", FormatUtc(device.not_after)}});
    table.push_back({device.id, device.member, device.state, FormatLocal(device.not_after)});
  }
  Print(context, list, Table(table));
}

struct Revoked {
  std::string id, member;
  bool published = false;
};

absl::StatusOr<Revoked> Revoke(const Context& context, const DeviceRevokeArgs& args) {
  ASSIGN_OR_RETURN(const Bytes id, ParseId(args.device, "device: not an id of 32 hexadecimal digits"));
  ASSIGN_OR_RETURN(OrgStore store, OpenOrgStore(context, args));
  std::string member;
  for (const OrgData::Device& device : store.data().devices) {
    if (device.id == id) member = absl::StrCat(store.data().organisation, "/", device.handle);
  }
  if (member.empty()) return UsageError("device: this organisation certified none with that id");
  ASSIGN_OR_RETURN(const crypto::WipedBytes passphrase, ReadPassphrase(context));
  ASSIGN_OR_RETURN(const crypto::SigningKey issuer, store.Issuer(passphrase.ExposeSecretView()));
  RETURN_IF_ERROR(store.RevokeDevice(id, context.clock.Now(), issuer));
  ASSIGN_OR_RETURN(const bool published, PublishPending(context, store));
  return Revoked{ToHex(id), std::move(member), published};
}

std::string Sentence(const Revoked& revoked) {
  return absl::StrCat("device ", revoked.id, " of ", revoked.member,
                      revoked.published ? " is revoked\n" : " is revoked once this is published\n");
}

}  // namespace

absl::Status DeviceList(Context& context, const DeviceListArgs& args) {
  std::vector<DeviceRow> rows;
  const absl::Time now = context.clock.Now();
  if (!args.dir.empty()) {
    ASSIGN_OR_RETURN(const OrgStore store, OrgStore::Open(args.dir));
    for (const OrgData::Device& device : store.data().devices) {
      rows.push_back({ToHex(device.id), absl::StrCat(store.data().organisation, "/", device.handle),
                      device.revoked ? "revoked" : (now < device.not_after ? "valid" : "expired"),
                      device.not_after});
    }
    PrintDevices(context, rows);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, OpenOnline(context));
  const trust::Directory& directory = session->directory();
  for (const trust::Member* member : directory.Members()) {
    if (!args.all && member->organisation != session->profile().organisation()) continue;
    for (const trust::DeviceId& id : member->devices) {
      const trust::Device* device = directory.FindDevice(id);
      if (device == nullptr) continue;
      rows.push_back({ToHex(id), member->address(), StateOf(*device, now), device->not_after});
    }
  }
  PrintDevices(context, rows);
  return absl::OkStatus();
}

absl::Status DeviceRevoke(Context& context, const DeviceRevokeArgs& args) {
  ASSIGN_OR_RETURN(const Revoked revoked, Revoke(context, args));
  Print(context, Json{{"device_id", revoked.id}, {"published", revoked.published}}, Sentence(revoked));
  return absl::OkStatus();
}

absl::Status DeviceLost(Context& context, const DeviceRevokeArgs& args) {
  ASSIGN_OR_RETURN(const Revoked revoked, Revoke(context, args));
  // What `signal send` prints under "instead" has the same shape.
  const std::vector<std::pair<std::string, std::vector<std::string>>> next = {
      {"what it could read, as the member or a privacy officer sees it",
       {"seinpost", "device", "exposure", revoked.id}},
      {"certify the member's new device from its request",
       {"seinpost", "device", "issue", "REQUEST", "--org", args.dir, "--add-device"}},
      {"on the new device: ask for the keys of older signals", {"seinpost", "device", "restore"}},
      {"on another device of a recipient: pass them on", {"seinpost", "device", "pass-on"}},
  };
  Json steps = Json::array();
  std::string text = Sentence(revoked);
  for (const auto& [what, argv] : next) {
    steps.push_back(Json{{"text", what}, {"argv", argv}});
    absl::StrAppend(&text, what, ":\n  ", absl::StrJoin(argv, " "), "\n");
  }
  Print(context,
        Json{{"device_id", revoked.id},
             {"member", revoked.member},
             {"published", revoked.published},
             {"next", std::move(steps)}},
        text);
  return absl::OkStatus();
}

absl::Status DevicePassphrase(Context& context, const DevicePassphraseArgs& args) {
  ASSIGN_OR_RETURN(Profile profile, Profile::Open(context));
  Context asking = context;
  asking.passphrase.file = args.new_passphrase_file;
  // The environment holds the old one.
  const bool must_ask = args.new_passphrase_file.empty();
  if (must_ask && (!context.passphrase.prompt || std::getenv("SEINPOST_PASSPHRASE") != nullptr)) {
    return UsageError("--new-passphrase-file: needed where the new passphrase cannot be asked for");
  }
  ASSIGN_OR_RETURN(const crypto::WipedBytes passphrase, ReadPassphrase(asking, /*twice=*/true));
  RETURN_IF_ERROR(profile.ChangePassphrase(passphrase.ExposeSecretView()));
  Print(context, Json{{"changed", true}}, "the profile is sealed under the new passphrase\n");
  return absl::OkStatus();
}

absl::Status DeviceAcknowledge(Context& context, const std::string& device_id) {
  ASSIGN_OR_RETURN(const Bytes id, ParseId(device_id, "device: not an id of 32 hexadecimal digits"));
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, Session::Open(context));
  const Profile& profile = session->profile();
  if (DevicesOf(session->directory(), profile.organisation(), profile.handle()).count(id) == 0) {
    return UsageError("device: there is none with that id in your name");
  }
  RETURN_IF_ERROR(session->state().Update([&](StateData& data) {
    if (!data.own_devices.has_value()) data.own_devices.emplace();
    data.own_devices->insert(id);
    return absl::OkStatus();
  }));
  Print(context, Json{{"device_id", ToHex(id)}, {"acknowledged", true}},
        absl::Substitute(TextOf(Text::kDeviceAcknowledged, context.language), ToHex(id)));
  return absl::OkStatus();
}

}  // namespace seinpost::client
