// SPDX-License-Identifier: EUPL-1.2
#include "client/device_commands.h"

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "client/output.h"
#include "client/profile.h"
#include "client/session.h"
#include "crypto/hash.h"
#include "trust/fields.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

constexpr char kRequestFormat[] = "seinpost-device-request/1";
constexpr size_t kMaxRequestFileBytes = 16 * 1024;
constexpr size_t kMaxCaBytes = 64 * 1024;
constexpr int kMaxDays = 366;

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

}  // namespace

std::string EncodeDeviceRequest(const trust::SignedDeviceRequest& request) {
  const Json object{{"format", kRequestFormat},
                    {"request", ToBase64(request.request)},
                    {"signature", ToBase64(request.signature)}};
  return absl::StrCat(object.dump(), "\n");
}

absl::StatusOr<trust::SignedDeviceRequest> DecodeDeviceRequest(absl::string_view text) {
  const absl::Status bad = absl::InvalidArgumentError("not a device request");
  const Json object = Json::parse(text.begin(), text.end(), nullptr, false);
  if (!object.is_object()) return bad;
  for (const char* name : {"format", "request", "signature"}) {
    if (!object.contains(name) || !object[name].is_string()) return bad;
  }
  if (object["format"].get<std::string>() != kRequestFormat) return bad;
  const absl::StatusOr<Bytes> request = FromBase64(object["request"].get<std::string>());
  const absl::StatusOr<Bytes> signature = FromBase64(object["signature"].get<std::string>());
  if (!request.ok() || !signature.ok()) return bad;
  return trust::SignedDeviceRequest{*request, *signature};
}

absl::Status DeviceRequest(Context& context, const DeviceRequestArgs& args) {
  if (context.profile_dir.empty()) return UsageError("--profile: name the directory of the new profile");
  if (args.out.empty()) return UsageError("--out: name the file for the request");
  RETURN_IF_ERROR(trust::CheckText(args.organisation, "--organisation"));
  RETURN_IF_ERROR(trust::CheckHandle(args.handle));
  ASSIGN_OR_RETURN(const Bytes yaml, ReadArgumentFile(args.convenant_file, policies::kMaxConvenantBytes));
  ASSIGN_OR_RETURN(const policies::Convenant convenant,
                   policies::Convenant::Parse(yaml, args.convenant_file));
  if (!convenant.HasKeys()) return UsageError("this convenant names no keys: give the file that was signed");
  if (convenant.FindParty(args.organisation) == nullptr) {
    return UsageError("--organisation: no party of this convenant");
  }
  ConvenantEntry entry;
  entry.id = convenant.id();
  entry.hash = crypto::Sha256(yaml);
  entry.broker = args.broker;
  ASSIGN_OR_RETURN(entry.tls_ca_pem, ReadArgumentFile(args.tls_ca, kMaxCaBytes));

  ASSIGN_OR_RETURN(const crypto::WipedBytes passphrase, ReadPassphrase(context, /*twice=*/true));
  ASSIGN_OR_RETURN(Profile profile, Profile::Create(context.profile_dir, args.organisation, args.handle,
                                                    passphrase.ExposeSecretView()));
  RETURN_IF_ERROR(profile.Update([&](Profile& changed) { return changed.AddConvenant(entry); }));
  const trust::SignedDeviceRequest request =
      trust::MakeDeviceRequest(args.organisation, args.handle, context.clock.Now(), profile.device_key());
  RETURN_IF_ERROR(WriteFileAtomically(args.out, EncodeDeviceRequest(request)));
  const std::string fingerprint = Fingerprint(View(profile.device_key().public_key()));
  Print(
      context,
      Json{{"member", profile.address()},
           {"device_id", ToHex(profile.device_id())},
           {"convenant", entry.id},
           {"convenant_hash", ToHex(entry.hash)},
           {"request", args.out},
           {"fingerprint", fingerprint}},
      absl::StrCat("profile of ", profile.address(), ": ", context.profile_dir,
                   "\nconvenant pinned: ", entry.id, " ", ToHex(entry.hash),
                   "\n  compare the fingerprints of its root keys (seinpost org fingerprint) with each party",
                   "\nsend ", args.out, " to your administrator, and tell him this fingerprint:\n  ",
                   fingerprint, "\n"));
  return absl::OkStatus();
}

absl::Status DeviceIssue(Context& context, const DeviceIssueArgs& args) {
  if (args.days < 1 || args.days > kMaxDays) return UsageError("--days: 1 to 366");
  ASSIGN_OR_RETURN(const Bytes file, ReadArgumentFile(args.request_file, kMaxRequestFileBytes));
  ASSIGN_OR_RETURN(const trust::SignedDeviceRequest request, DecodeDeviceRequest(file));
  ASSIGN_OR_RETURN(const v1::DeviceRequest asked, trust::CheckDeviceRequest(request));
  ASSIGN_OR_RETURN(OrgStore store, OpenOrgStore(context, args));
  ASSIGN_OR_RETURN(const crypto::WipedBytes passphrase, ReadPassphrase(context));
  ASSIGN_OR_RETURN(const crypto::SigningKey issuer, store.Issuer(passphrase.ExposeSecretView()));
  const absl::Time now = context.clock.Now();
  ASSIGN_OR_RETURN(const OrgData::Device device,
                   store.Issue(request, now, now + absl::Hours(24 * args.days), issuer));
  ASSIGN_OR_RETURN(const bool published, PublishPending(context, store));
  const std::string member = absl::StrCat(store.data().organisation, "/", device.handle);
  Print(context,
        Json{{"device_id", ToHex(device.id)},
             {"member", member},
             {"serial", device.serial},
             {"not_after", FormatUtc(device.not_after)},
             {"fingerprint", Fingerprint(asked.sig_pk())},
             {"published", published}},
        absl::StrCat("device ", ToHex(device.id), " of ", member, "\nits key's fingerprint, to compare: ",
                     Fingerprint(asked.sig_pk()), "\n", published ? "published\n" : "not published yet\n"));
  return absl::OkStatus();
}

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
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, Session::Online(context));
  const trust::Directory& directory = session->directory();
  for (const trust::Member* member : directory.Members()) {
    if (!args.all && member->organisation != session->profile().organisation()) continue;
    for (const trust::DeviceId& id : member->devices) {
      const trust::Device* device = directory.FindDevice(id);
      if (device == nullptr) continue;
      rows.push_back({ToHex(id), absl::StrCat(member->organisation, "/", member->handle),
                      StateOf(*device, now), device->not_after});
    }
  }
  PrintDevices(context, rows);
  return absl::OkStatus();
}

absl::Status DeviceRevoke(Context& context, const DeviceRevokeArgs& args) {
  const absl::StatusOr<Bytes> id = FromHex(args.device);
  if (!id.ok() || id->size() != trust::kIdBytes) {
    return UsageError("device: not an id of 32 hexadecimal digits");
  }
  ASSIGN_OR_RETURN(OrgStore store, OpenOrgStore(context, args));
  ASSIGN_OR_RETURN(const crypto::WipedBytes passphrase, ReadPassphrase(context));
  ASSIGN_OR_RETURN(const crypto::SigningKey issuer, store.Issuer(passphrase.ExposeSecretView()));
  const absl::Status revoked = store.RevokeDevice(*id, context.clock.Now(), issuer);
  if (absl::IsNotFound(revoked)) return UsageError("device: this organisation certified none with that id");
  RETURN_IF_ERROR(revoked);
  ASSIGN_OR_RETURN(const bool published, PublishPending(context, store));
  Print(context, Json{{"device_id", ToHex(*id)}, {"published", published}},
        absl::StrCat("device ", ToHex(*id),
                     published ? " is revoked\n" : " is revoked once this is published\n"));
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

}  // namespace seinpost::client
