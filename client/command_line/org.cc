// SPDX-License-Identifier: EUPL-1.2
// The flags of `seinpost org` and `seinpost device`.
#include "client/command_line/parts.h"
#include "client/device/commands.h"
#include "client/org/commands.h"

namespace seinpost::client {
namespace {

struct DeviceArgs {
  std::string device;
};

void AddKeys(Flags group) {
  const auto init = Command<OrgInitArgs>(group, "init", "make a key directory with a root key", &OrgInit);
  AddOrgFlags(init.first, *init.second);
  init.first.Add("--party", init.second->party, "party id in the convenant").Required();
  init.first.AddFlag("--no-root", init.second->no_root, "another party signs for this one");
  const auto root = Command<OrgRootArgs>(group, "root", "make the root key for a coming version", &OrgRoot);
  AddOrgFlags(root.first, *root.second);
  root.first.Add("--adopt", root.second->adopt,
                 "the version that states it, now in force: destroy the key before it");
  const auto issuer = Command<OrgIssuerArgs>(group, "issuer", "make and certify an issuer key", &OrgIssuer);
  AddOrgFlags(issuer.first, *issuer.second);
  issuer.first.Add("--root", issuer.second->root_dir, "key directory whose root signs, if another");
  const auto fingerprint = Command<OrgFingerprintArgs>(
      group, "fingerprint", "of root keys, to compare out of band", &OrgFingerprint);
  const Option of_org = fingerprint.first.Add("--org", fingerprint.second->dir, "key directory");
  fingerprint.first
      .Add("--convenant-file", fingerprint.second->convenant_file, "of every party in this draft")
      .Excludes(of_org);
}

void AddMembers(Flags group) {
  const auto invite =
      Command<OrgInviteArgs>(group, "invite", "write an invitation for a new member", &OrgInvite);
  AddOrgFlags(invite.first, *invite.second);
  invite.first.Add("--convenant-file", invite.second->convenant_file,
                   "the version in force; otherwise the broker is asked");
  invite.first.Add("--out", invite.second->out, "file to write").Required();
  const auto grant = Command<OrgGrantArgs>(group, "grant", "give a member a mandate", &OrgGrant);
  AddOrgFlags(grant.first, *grant.second);
  grant.first.Add("--member", grant.second->member, "handle").Required();
  grant.first.Add("--function", grant.second->function, "a function of the convenant");
  grant.first.Add("--scope", grant.second->scopes, "school, ward or department, or *").Commas();
  grant.first.Add("--level", grant.second->level, "L0, L1 or L2");
  grant.first.Add("--deputy-for", grant.second->deputy_for,
                  "handle: the same mandates as this member has, as the deputy's own");
  grant.first.Add("--from", grant.second->from, "date; otherwise now");
  grant.first.Add("--until", grant.second->until, "date; otherwise a year later, or as that member's");
  const auto end = Command<OrgEndArgs>(group, "end", "end a mandate", &OrgEnd);
  AddOrgFlags(end.first, *end.second);
  end.first.Add("MANDATE", end.second->mandate, "id that mandates prints").Required();
  const auto list =
      Command<OrgMandatesArgs>(group, "mandates", "list the mandates that were granted", &OrgMandates);
  list.first.Add("--org", list.second->dir, "key directory of the organisation").Required();
  list.first.Add("--member", list.second->member, "only of this handle");
}

void AddEnrolment(Flags group) {
  const auto request = Command<DeviceRequestArgs>(
      group, "request", "make a profile and a request for a certificate", &DeviceRequest);
  DeviceRequestArgs& args = *request.second;
  request.first.Add("--invite", args.invite, "invitation of the administrator");
  request.first.Add("--handle", args.handle, "a role rather than a name: a-z, 0-9, -").Required();
  request.first.Add("--fingerprint", args.fingerprint,
                    "of the convenant, as the administrator told it; another one is refused");
  request.first.Add("--organisation", args.organisation, "party id, without --invite");
  request.first.Add("--convenant-file", args.convenant_file,
                    "the file that the parties signed, without --invite");
  request.first.Add("--broker", args.broker, "host:port, without --invite");
  request.first.Add("--tls-ca", args.tls_ca, "the broker's certificate authority, PEM, without --invite");
  request.first.Add("--out", args.out, "file for the request; otherwise request.json in the profile");
  const auto issue =
      Command<DeviceIssueArgs>(group, "issue", "certify the device of a request", &DeviceIssue);
  AddOrgFlags(issue.first, *issue.second);
  issue.first.Add("REQUEST", issue.second->request_file, "the request file").Required();
  issue.first.Add("--code", issue.second->code,
                  "as the member reads it from his screen; otherwise it is asked");
  issue.first.AddFlag("--add-device", issue.second->add_device, "one more device of a member there is");
  issue.first.Add("--days", issue.second->days, "how long the certificate holds, at most 366");
}

void AddDevices(Flags group) {
  const auto list = Command<DeviceListArgs>(group, "list", "devices of the own organisation", &DeviceList);
  list.first.Add("--org", list.second->dir, "as this key directory knows them");
  list.first.AddFlag("--all", list.second->all, "of all organisations");
  const auto revoke = Command<DeviceRevokeArgs>(group, "revoke", "stop a device", &DeviceRevoke);
  AddOrgFlags(revoke.first, *revoke.second);
  revoke.first.Add("DEVICE", revoke.second->device, "device id").Required();
  const auto lost =
      Command<DeviceRevokeArgs>(group, "lost", "stop a lost device, and what to do next", &DeviceLost);
  AddOrgFlags(lost.first, *lost.second);
  lost.first.Add("DEVICE", lost.second->device, "device id").Required();
  const auto acknowledge = Command<DeviceArgs>(
      group, "acknowledge", "a new device in one's own name is one's own",
      [](Context& context, const DeviceArgs& args) { return DeviceAcknowledge(context, args.device); });
  acknowledge.first.Add("DEVICE", acknowledge.second->device, "device id").Required();
  const auto passphrase = Command<DevicePassphraseArgs>(group, "passphrase",
                                                        "change the profile's passphrase", &DevicePassphrase);
  passphrase.first.Add("--new-passphrase-file", passphrase.second->new_passphrase_file,
                       "otherwise it is asked for");
}

}  // namespace

void AddOrgCommands(Flags app) {
  Flags org = Group(app, "org", "an organisation's keys, members and mandates");
  AddKeys(org);
  AddMembers(org);
  Flags device = Group(app, "device", "devices: how they come in and how they go");
  AddEnrolment(device);
  AddDevices(device);
  AddDeviceKeyCommands(device);
  AddProfileCommands(app);
}

}  // namespace seinpost::client
