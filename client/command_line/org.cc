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

void AddKeys(CLI::App& group, Invocation& invocation) {
  const auto init =
      Command<OrgInitArgs>(group, "init", "make a key directory with a root key", invocation, &OrgInit);
  AddOrgFlags(*init.first, *init.second);
  init.first->add_option("--party", init.second->party, "party id in the convenant")->required();
  init.first->add_flag("--no-root", init.second->no_root, "another party signs for this one");
  const auto root =
      Command<OrgRootArgs>(group, "root", "make the root key for a coming version", invocation, &OrgRoot);
  AddOrgFlags(*root.first, *root.second);
  root.first->add_option("--adopt", root.second->adopt,
                         "the version that states it, now in force: destroy the key before it");
  const auto issuer =
      Command<OrgIssuerArgs>(group, "issuer", "make and certify an issuer key", invocation, &OrgIssuer);
  AddOrgFlags(*issuer.first, *issuer.second);
  issuer.first->add_option("--root", issuer.second->root_dir, "key directory whose root signs, if another");
  const auto fingerprint = Command<OrgFingerprintArgs>(
      group, "fingerprint", "of root keys, to compare out of band", invocation, &OrgFingerprint);
  CLI::Option* of_org = fingerprint.first->add_option("--org", fingerprint.second->dir, "key directory");
  fingerprint.first
      ->add_option("--convenant-file", fingerprint.second->convenant_file, "of every party in this draft")
      ->excludes(of_org);
}

void AddMembers(CLI::App& group, Invocation& invocation) {
  const auto invite =
      Command<OrgInviteArgs>(group, "invite", "write an invitation for a new member", invocation, &OrgInvite);
  AddOrgFlags(*invite.first, *invite.second);
  invite.first->add_option("--convenant-file", invite.second->convenant_file,
                           "the version in force; otherwise the broker is asked");
  invite.first->add_option("--out", invite.second->out, "file to write")->required();
  const auto grant = Command<OrgGrantArgs>(group, "grant", "give a member a mandate", invocation, &OrgGrant);
  AddOrgFlags(*grant.first, *grant.second);
  grant.first->add_option("--member", grant.second->member, "handle")->required();
  grant.first->add_option("--function", grant.second->function, "a function of the convenant");
  grant.first->add_option("--scope", grant.second->scopes, "school, ward or department, or *")
      ->delimiter(',');
  grant.first->add_option("--level", grant.second->level, "L0, L1 or L2");
  grant.first->add_option("--deputy-for", grant.second->deputy_for,
                          "handle: the same mandates as this member has, as the deputy's own");
  grant.first->add_option("--from", grant.second->from, "date; otherwise now");
  grant.first->add_option("--until", grant.second->until,
                          "date; otherwise a year later, or as that member's");
  const auto end = Command<OrgEndArgs>(group, "end", "end a mandate", invocation, &OrgEnd);
  AddOrgFlags(*end.first, *end.second);
  end.first->add_option("MANDATE", end.second->mandate, "id that grant printed")->required();
}

void AddEnrolment(CLI::App& group, Invocation& invocation) {
  const auto request = Command<DeviceRequestArgs>(
      group, "request", "make a profile and a request for a certificate", invocation, &DeviceRequest);
  DeviceRequestArgs& args = *request.second;
  request.first->add_option("--invite", args.invite, "invitation of the administrator");
  request.first->add_option("--handle", args.handle, "a role rather than a name: a-z, 0-9, -")->required();
  request.first->add_option("--fingerprint", args.fingerprint,
                            "of the convenant, as the administrator told it; another one is refused");
  request.first->add_option("--organisation", args.organisation, "party id, without --invite");
  request.first->add_option("--convenant-file", args.convenant_file,
                            "the file that the parties signed, without --invite");
  request.first->add_option("--broker", args.broker, "host:port, without --invite");
  request.first->add_option("--tls-ca", args.tls_ca,
                            "the broker's certificate authority, PEM, without --invite");
  request.first->add_option("--out", args.out, "file for the request; otherwise request.json in the profile");
  const auto issue =
      Command<DeviceIssueArgs>(group, "issue", "certify the device of a request", invocation, &DeviceIssue);
  AddOrgFlags(*issue.first, *issue.second);
  issue.first->add_option("REQUEST", issue.second->request_file, "the request file")->required();
  issue.first->add_option("--code", issue.second->code,
                          "as the member reads it from his screen; otherwise it is asked");
  issue.first->add_flag("--add-device", issue.second->add_device, "one more device of a member there is");
  issue.first->add_option("--days", issue.second->days, "how long the certificate holds, at most 366");
}

void AddDevices(CLI::App& group, Invocation& invocation) {
  const auto list =
      Command<DeviceListArgs>(group, "list", "devices of the own organisation", invocation, &DeviceList);
  list.first->add_option("--org", list.second->dir, "as this key directory knows them");
  list.first->add_flag("--all", list.second->all, "of all organisations");
  const auto revoke = Command<DeviceRevokeArgs>(group, "revoke", "stop a device", invocation, &DeviceRevoke);
  AddOrgFlags(*revoke.first, *revoke.second);
  revoke.first->add_option("DEVICE", revoke.second->device, "device id")->required();
  const auto lost = Command<DeviceRevokeArgs>(group, "lost", "stop a lost device, and what to do next",
                                              invocation, &DeviceLost);
  AddOrgFlags(*lost.first, *lost.second);
  lost.first->add_option("DEVICE", lost.second->device, "device id")->required();
  const auto acknowledge = Command<DeviceArgs>(
      group, "acknowledge", "a new device in one's own name is one's own", invocation,
      [](Context& context, const DeviceArgs& args) { return DeviceAcknowledge(context, args.device); });
  acknowledge.first->add_option("DEVICE", acknowledge.second->device, "device id")->required();
  const auto passphrase = Command<DevicePassphraseArgs>(
      group, "passphrase", "change the profile's passphrase", invocation, &DevicePassphrase);
  passphrase.first->add_option("--new-passphrase-file", passphrase.second->new_passphrase_file,
                               "otherwise it is asked for");
}

}  // namespace

void AddOrgCommands(CLI::App& app, Invocation& invocation) {
  CLI::App* org = Group(app, "org", "an organisation's keys, members and mandates");
  AddKeys(*org, invocation);
  AddMembers(*org, invocation);
  CLI::App* device = Group(app, "device", "devices: how they come in and how they go");
  AddEnrolment(*device, invocation);
  AddDevices(*device, invocation);
  AddDeviceKeyCommands(*device, invocation);
}

}  // namespace seinpost::client
