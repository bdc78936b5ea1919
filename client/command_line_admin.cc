// SPDX-License-Identifier: EUPL-1.2
// The flags of lab, convenant, org, device, audit and completion.
#include <memory>
#include <utility>

#include "CLI/CLI.hpp"
#include "client/audit_commands.h"
#include "client/command_line.h"
#include "client/completion.h"
#include "client/convenant_commands.h"
#include "client/device_commands.h"
#include "client/lab.h"
#include "client/org_commands.h"
#include "client/output.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

// A command that fills an Args and runs `run` with it.
template <typename Args>
std::pair<CLI::App*, std::shared_ptr<Args>> Command(CLI::App& parent, const char* name, const char* help,
                                                    Invocation& invocation,
                                                    absl::Status (*run)(Context&, const Args&)) {
  CLI::App* command = parent.add_subcommand(name, help);
  auto args = std::make_shared<Args>();
  command->callback([&invocation, args, run] {
    invocation.run = [args, run](Context& context) { return run(context, *args); };
  });
  return {command, args};
}

CLI::App* Group(CLI::App& app, const char* name, const char* help) {
  CLI::App* group = app.add_subcommand(name, help);
  group->require_subcommand(1);
  return group;
}

struct LabArgs {
  std::string file, dir;
};
struct FileArgs {
  std::string file;
};
struct NoArgs {};
struct ProofArgs {
  uint64_t index = 0;
};

void AddLab(CLI::App& app, Invocation& invocation) {
  CLI::App* lab = Group(app, "lab", "a whole local network, for trying and testing");
  const auto up = Command<LabArgs>(
      *lab, "up", "build and start one from a convenant", invocation,
      [](Context& context, const LabArgs& args) { return LabUp(context, args.file, args.dir); });
  up.first->add_option("CONVENANT", up.second->file, "convenant file; NAME.lab.yaml lies beside it")
      ->required();
  up.first->add_option("--dir", up.second->dir, "a new or empty directory")->required();
  const auto status =
      Command<LabArgs>(*lab, "status", "does it run?", invocation,
                       [](Context& context, const LabArgs& args) { return LabStatus(context, args.dir); });
  status.first->add_option("--dir", status.second->dir, "the lab's directory")->required();
  const auto down =
      Command<LabArgs>(*lab, "down", "stop it", invocation,
                       [](Context& context, const LabArgs& args) { return LabDown(context, args.dir); });
  down.first->add_option("--dir", down.second->dir, "the lab's directory")->required();
}

void AddConvenantFiles(CLI::App& group, Invocation& invocation) {
  const auto draft =
      Command<ConvenantDraftArgs>(group, "draft", "fill keys into an example", invocation, &ConvenantDraft);
  draft.first->add_option("FILE", draft.second->file, "example")->required();
  draft.first->add_option("--keys", draft.second->keys_dir, "directory of key directories with the roots");
  draft.first->add_option("--root", draft.second->roots, "PARTY=KEY, hexadecimal; may be repeated");
  draft.first->add_option("--broker-keys", draft.second->broker_keys, "what seinpostd init printed")
      ->required();
  draft.first->add_option("--out", draft.second->out, "file to write; otherwise stdout");
  const auto check = Command<FileArgs>(
      group, "check", "is the file in order?", invocation,
      [](Context& context, const FileArgs& args) { return ConvenantCheck(context, args.file); });
  check.first->add_option("FILE", check.second->file, "convenant")->required();
  const auto test = Command<FileArgs>(
      group, "test", "ask the questions of FILE's .expect.yaml", invocation,
      [](Context& context, const FileArgs& args) { return ConvenantTest(context, args.file); });
  test.first->add_option("FILE", test.second->file, "convenant")->required();
  const auto sign =
      Command<ConvenantSignArgs>(group, "sign", "sign with a party's root key", invocation, &ConvenantSign);
  sign.first->add_option("FILE", sign.second->file, "draft")->required();
  sign.first->add_option("--org", sign.second->org_dir, "key directory of the party")->required();
  const auto activate = Command<ConvenantActivateArgs>(
      group, "activate", "put a fully signed convenant into force", invocation, &ConvenantActivate);
  activate.first->add_option("FILE", activate.second->file, "draft; FILE.sig lies beside it")->required();
  activate.first->add_option("--broker", activate.second->broker, "host:port")->required();
  activate.first->add_option("--tls-ca", activate.second->tls_ca, "the broker's certificate authority, PEM")
      ->required();
}

void AddConvenant(CLI::App& app, Invocation& invocation) {
  CLI::App* group = Group(app, "convenant", "the agreement: draft, check, test, sign, activate, show");
  AddConvenantFiles(*group, invocation);
  Command<NoArgs>(*group, "show", "what was agreed, in words", invocation,
                  [](Context& context, const NoArgs&) { return ConvenantShow(context); });
}

void AddOrgFlags(CLI::App& command, OrgArgs& args) {
  command.add_option("--org", args.dir, "key directory of the organisation")->required();
  command.add_option("--broker", args.broker, "host:port; remembered");
  command.add_option("--tls-ca", args.tls_ca, "the broker's certificate authority, PEM; remembered");
}

void AddOrg(CLI::App& app, Invocation& invocation) {
  CLI::App* group = Group(app, "org", "an organisation's keys and mandates");
  const auto init =
      Command<OrgInitArgs>(*group, "init", "make a key directory with a root key", invocation, &OrgInit);
  AddOrgFlags(*init.first, *init.second);
  init.first->add_option("--party", init.second->party, "party id in the convenant")->required();
  init.first->add_flag("--no-root", init.second->no_root, "another party signs for this one");
  const auto issuer =
      Command<OrgIssuerArgs>(*group, "issuer", "make and certify an issuer key", invocation, &OrgIssuer);
  AddOrgFlags(*issuer.first, *issuer.second);
  issuer.first->add_option("--root", issuer.second->root_dir, "key directory whose root signs, if another");
  const auto grant = Command<OrgGrantArgs>(*group, "grant", "give a member a mandate", invocation, &OrgGrant);
  AddOrgFlags(*grant.first, *grant.second);
  grant.first->add_option("--member", grant.second->member, "handle")->required();
  grant.first->add_option("--function", grant.second->function, "a function of the convenant")->required();
  grant.first->add_option("--scope", grant.second->scopes, "school, ward or department, or *")
      ->required()
      ->delimiter(',');
  grant.first->add_option("--level", grant.second->level, "L0, L1 or L2")->required();
  grant.first->add_option("--from", grant.second->from, "date; otherwise now");
  grant.first->add_option("--until", grant.second->until, "date; otherwise a year later");
  const auto end = Command<OrgEndArgs>(*group, "end", "end a mandate", invocation, &OrgEnd);
  AddOrgFlags(*end.first, *end.second);
  end.first->add_option("MANDATE", end.second->mandate, "id that grant printed")->required();
  const auto fingerprint = Command<OrgFingerprintArgs>(
      *group, "fingerprint", "of root keys, to compare out of band", invocation, &OrgFingerprint);
  CLI::Option* of_org = fingerprint.first->add_option("--org", fingerprint.second->dir, "key directory");
  fingerprint.first
      ->add_option("--convenant-file", fingerprint.second->convenant_file, "of every party in this draft")
      ->excludes(of_org);
}

void AddDevice(CLI::App& app, Invocation& invocation) {
  CLI::App* group = Group(app, "device", "devices: request, issue, list, revoke, passphrase");
  const auto request = Command<DeviceRequestArgs>(
      *group, "request", "make a profile and a request for a certificate", invocation, &DeviceRequest);
  request.first->add_option("--organisation", request.second->organisation, "party id")->required();
  request.first->add_option("--handle", request.second->handle, "a role rather than a name: a-z, 0-9, -")
      ->required();
  request.first
      ->add_option("--convenant-file", request.second->convenant_file, "the file that the parties signed")
      ->required();
  request.first->add_option("--broker", request.second->broker, "host:port")->required();
  request.first->add_option("--tls-ca", request.second->tls_ca, "the broker's certificate authority, PEM")
      ->required();
  request.first->add_option("--out", request.second->out, "file for the request")->required();
  const auto issue =
      Command<DeviceIssueArgs>(*group, "issue", "certify the device of a request", invocation, &DeviceIssue);
  AddOrgFlags(*issue.first, *issue.second);
  issue.first->add_option("REQUEST", issue.second->request_file, "the request file")->required();
  issue.first->add_option("--days", issue.second->days, "how long the certificate holds, at most 366");
  const auto list =
      Command<DeviceListArgs>(*group, "list", "devices of the own organisation", invocation, &DeviceList);
  list.first->add_option("--org", list.second->dir, "as this key directory knows them");
  list.first->add_flag("--all", list.second->all, "of all organisations");
  const auto revoke = Command<DeviceRevokeArgs>(*group, "revoke", "stop a device", invocation, &DeviceRevoke);
  AddOrgFlags(*revoke.first, *revoke.second);
  revoke.first->add_option("DEVICE", revoke.second->device, "device id")->required();
  const auto passphrase = Command<DevicePassphraseArgs>(
      *group, "passphrase", "change the profile's passphrase", invocation, &DevicePassphrase);
  passphrase.first->add_option("--new-passphrase-file", passphrase.second->new_passphrase_file,
                               "otherwise it is asked for");
}

void AddAuditLog(CLI::App& group, Invocation& invocation) {
  const auto log =
      Command<AuditLogArgs>(group, "log", "what happened, for privacy officers", invocation, &AuditLog);
  AuditLogArgs& args = *log.second;
  log.first->add_option("--event", args.event, "only this kind, e.g. READ");
  log.first->add_option("--member", args.member, "only by party/handle");
  log.first->add_option("--organisation", args.organisation, "only by this party");
  log.first->add_option("--channel", args.channel, "only on this channel");
  log.first->add_option("--case", args.case_ref, "only of this case reference");
  log.first->add_option("--since", args.since, "date");
  log.first->add_option("--until", args.until, "date, exclusive");
  log.first->add_option("--last", args.last, "only the last so many");
}

void AddAudit(CLI::App& app, Invocation& invocation) {
  CLI::App* group = Group(app, "audit", "the log: log, proof, export, verify");
  AddAuditLog(*group, invocation);
  const auto proof = Command<ProofArgs>(
      *group, "proof", "prove that an entry is in the log", invocation,
      [](Context& context, const ProofArgs& args) { return AuditProof(context, args.index); });
  proof.first->add_option("INDEX", proof.second->index, "from 0")->required();
  const auto out = Command<FileArgs>(
      *group, "export", "write the whole log as JSON Lines", invocation,
      [](Context& context, const FileArgs& args) { return AuditExport(context, args.file); });
  out.first->add_option("FILE", out.second->file, "- for stdout")->required();
  const auto verify =
      Command<AuditVerifyArgs>(*group, "verify", "check an export, offline", invocation, &AuditVerify);
  verify.first->add_option("FILE", verify.second->file, "export")->required();
  verify.first->add_option("--log-key", verify.second->log_key, "the log's key, hexadecimal");
  verify.first->add_option("--convenant-file", verify.second->convenant_file,
                           "the signed convenant, which names it");
  verify.first->add_option("--witness", verify.second->witnesses,
                           "verifier key of a witness; may be repeated");
  verify.first->add_option("--quorum", verify.second->quorum, "how many witnesses must have cosigned");
}

CommandNode NodeOf(const CLI::App& app, const std::string& name) {
  CommandNode node{name, app.get_description(), {}, {}};
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& flag : option->get_lnames()) node.flags.push_back("--" + flag);
  }
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!command->get_name().empty()) node.commands.push_back(NodeOf(*command, command->get_name()));
  }
  return node;
}

void AddCompletion(CLI::App& app, Invocation& invocation) {
  CLI::App* completion = app.add_subcommand("completion", "a completion script for bash, zsh or fish");
  auto shell = std::make_shared<std::string>();
  completion->add_option("SHELL", *shell, "bash, zsh or fish")->required();
  completion->callback([&app, &invocation, shell] {
    const CommandNode root = NodeOf(app, "seinpost");
    invocation.run = [root, shell](Context& context) -> absl::Status {
      ASSIGN_OR_RETURN(const std::string script, CompletionScript(*shell, root));
      PrintText(context, script);
      return absl::OkStatus();
    };
  });
}

}  // namespace

void AddAdminCommands(CLI::App& app, Invocation& invocation) {
  AddLab(app, invocation);
  AddConvenant(app, invocation);
  AddOrg(app, invocation);
  AddDevice(app, invocation);
  AddAudit(app, invocation);
  AddCompletion(app, invocation);
}

}  // namespace seinpost::client
