// SPDX-License-Identifier: EUPL-1.2
#include "client/device/enrol.h"

#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "client/broker/convenant_file.h"
#include "client/org/device_request.h"
#include "client/org/invitation.h"
#include "client/profile/profile.h"
#include "client/terminal/arguments.h"
#include "client/terminal/fingerprint.h"
#include "trust/fields.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

constexpr size_t kMaxRequestFileBytes = 16 * 1024;
constexpr size_t kMaxInvitationBytes = 256 * 1024;
constexpr int kMaxDays = 366;

// Whom the new profile belongs to and what it pins.
struct Joining {
  std::string organisation;
  ConvenantEntry entry;
};

absl::StatusOr<Joining> FromInvitation(const Context& context, const DeviceRequestArgs& args) {
  if (!args.organisation.empty() || !args.convenant_file.empty() || !args.broker.empty() ||
      !args.tls_ca.empty()) {
    return UsageError(
        "--invite: says already what --organisation, --convenant-file, --broker and --tls-ca would say");
  }
  ASSIGN_OR_RETURN(const Bytes text, ReadArgumentFile(args.invite, kMaxInvitationBytes));
  ASSIGN_OR_RETURN(const Invitation invitation, DecodeInvitation(text));
  RETURN_IF_ERROR(CheckInvitation(context, invitation));
  Joining joining;
  joining.organisation = invitation.organisation;
  joining.entry.id = invitation.convenant;
  joining.entry.version = invitation.version;
  joining.entry.hash = invitation.hash;
  joining.entry.broker = invitation.broker;
  joining.entry.tls_ca_pem = invitation.tls_ca_pem;
  return joining;
}

absl::StatusOr<Joining> FromFlags(const DeviceRequestArgs& args) {
  for (const auto& [flag, value] :
       {std::pair<const char*, const std::string&>{"--organisation", args.organisation},
        {"--convenant-file", args.convenant_file},
        {"--broker", args.broker},
        {"--tls-ca", args.tls_ca}}) {
    if (value.empty()) return UsageError(absl::StrCat(flag, ": needed without --invite"));
  }
  RETURN_IF_ERROR(trust::CheckText(args.organisation, "--organisation"));
  ASSIGN_OR_RETURN(const ConvenantFile file, ReadConvenantFile(args.convenant_file));
  const policies::Convenant& convenant = file.convenant;
  if (!convenant.HasKeys()) return UsageError("this convenant names no keys: give the file that was signed");
  if (convenant.FindParty(args.organisation) == nullptr) {
    return UsageError("--organisation: no party of this convenant");
  }
  Joining joining;
  joining.organisation = args.organisation;
  joining.entry.id = convenant.id();
  joining.entry.version = convenant.version();
  joining.entry.hash = file.hash;
  joining.entry.broker = args.broker;
  ASSIGN_OR_RETURN(joining.entry.tls_ca_pem, ReadArgumentFile(args.tls_ca, kMaxCaBytes));
  return joining;
}

// Undoes what Profile::Create made, but for a directory that was there before.
void RemoveProfile(const std::string& directory, bool directory_is_new) {
  for (const char* name : {"profile.sealed", "profile.lock"}) {
    unlink(absl::StrCat(directory, "/", name).c_str());
  }
  if (directory_is_new) rmdir(directory.c_str());
}

// A profile and the request of its device, or neither.
absl::StatusOr<Profile> MakeProfile(const Context& context, const Joining& joining, const std::string& handle,
                                    const std::string& out, trust::SignedDeviceRequest& request) {
  ASSIGN_OR_RETURN(const crypto::WipedBytes passphrase, ReadPassphrase(context, /*twice=*/true));
  struct stat found{};
  const bool is_new = stat(context.profile_dir.c_str(), &found) != 0;
  ASSIGN_OR_RETURN(Profile profile, Profile::Create(context.profile_dir, joining.organisation, handle,
                                                    passphrase.ExposeSecretView()));
  auto undo = absl::MakeCleanup([&] { RemoveProfile(context.profile_dir, is_new); });
  RETURN_IF_ERROR(profile.Update([&](Profile& changed) { return changed.AddConvenant(joining.entry); }));
  request = trust::MakeDeviceRequest(joining.organisation, handle, context.clock.Now(), profile.device_key());
  const absl::Status written = WriteFileAtomically(out, EncodeDeviceRequest(request));
  if (!written.ok()) return UsageError(absl::StrCat("--out: ", written.message()));
  std::move(undo).Cancel();
  return profile;
}

}  // namespace

absl::StatusOr<DeviceRequested> RequestDevice(const Context& context, const DeviceRequestArgs& args) {
  if (context.profile_dir.empty()) return UsageError("--profile: name the directory of the new profile");
  RETURN_IF_ERROR(trust::CheckHandle(args.handle));
  absl::StatusOr<Joining> joining = args.invite.empty() ? FromFlags(args) : FromInvitation(context, args);
  RETURN_IF_ERROR(joining.status());
  const ConvenantEntry& entry = joining->entry;
  const std::string fingerprint = GroupedHex(entry.hash);
  if (!args.fingerprint.empty() && !IsFingerprint(args.fingerprint, fingerprint)) {
    return TamperedError(absl::StrCat("--fingerprint: not that of this convenant, which is ", fingerprint,
                                      "; ask your administrator where the file comes from"));
  }
  const std::string out = args.out.empty() ? context.profile_dir + "/request.json" : args.out;
  trust::SignedDeviceRequest request;
  ASSIGN_OR_RETURN(const Profile profile, MakeProfile(context, *joining, args.handle, out, request));
  return DeviceRequested{.member = profile.address(),
                         .profile_dir = profile.directory(),
                         .device_id = profile.device_id(),
                         .device_key = ToBytes(profile.device_key().public_key()),
                         .convenant = entry.id,
                         .convenant_version = entry.version,
                         .convenant_hash = entry.hash,
                         .compared = !args.fingerprint.empty(),
                         .request = out,
                         .code = DeviceCode(request)};
}

absl::StatusOr<DeviceIssued> IssueDevice(const Context& context, const DeviceIssueArgs& args,
                                         absl::FunctionRef<absl::Status(const CodeToConfirm&)> confirm) {
  if (args.days < 1 || args.days > kMaxDays) return UsageError("--days: 1 to 366");
  ASSIGN_OR_RETURN(const Bytes file, ReadArgumentFile(args.request_file, kMaxRequestFileBytes));
  ASSIGN_OR_RETURN(const trust::SignedDeviceRequest request, DecodeDeviceRequest(file));
  ASSIGN_OR_RETURN(const v1::DeviceRequest asked, trust::CheckDeviceRequest(request));
  const std::string code = DeviceCode(request);
  if (!args.code.empty() && !IsDeviceCode(args.code, code)) {
    return TamperedError(
        "--code: not that of this request; the member's device made another one, or it was altered on its "
        "way");
  }
  ASSIGN_OR_RETURN(OrgStore store, OpenOrgStore(context, args));
  const std::string member = store.data().AddressOf(asked.handle());
  const bool taken = store.data().FindMember(asked.handle()) != nullptr;
  if (taken && !args.add_device) {
    return UsageError(absl::StrCat("there is a member ", member,
                                   " already: --add-device if this is one more device of ",
                                   "the same person; somebody else needs another handle"));
  }
  if (!taken && args.add_device)
    return UsageError(absl::StrCat("--add-device: there is no member ", member, " yet"));
  if (args.code.empty()) RETURN_IF_ERROR(confirm({member, code, args.add_device}));
  ASSIGN_OR_RETURN(const crypto::SigningKey issuer, UnlockIssuer(context, store));
  const absl::Time now = context.clock.Now();
  ASSIGN_OR_RETURN(const OrgData::Device device,
                   store.Issue(request, now, now + absl::Hours(24 * args.days), issuer));
  ASSIGN_OR_RETURN(const bool published, PublishPending(context, store, issuer, {device.id}));
  return DeviceIssued{device.id,      member, device.serial, device.not_after,
                      asked.sig_pk(), code,   taken,         published};
}

}  // namespace seinpost::client
