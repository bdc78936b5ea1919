// SPDX-License-Identifier: EUPL-1.2
// The flags of lab, audit and completion.
#include <memory>
#include <utility>

#include "client/audit/commands.h"
#include "client/command_line/completion.h"
#include "client/command_line/parts.h"
#include "client/lab/lab.h"
#include "client/terminal/output.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

struct LabArgs {
  std::string file, dir;
};
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
  AddConvenantCommands(app, invocation);
  AddOrgCommands(app, invocation);
  AddAudit(app, invocation);
  AddCompletion(app, invocation);
}

}  // namespace seinpost::client
