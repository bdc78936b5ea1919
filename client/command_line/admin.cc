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

void AddLab(Flags app) {
  Flags lab = Group(app, "lab", "a whole local network, for trying and testing");
  const auto up = Command<LabArgs>(
      lab, "up", "build and start one from a convenant",
      [](Context& context, const LabArgs& args) { return LabUp(context, args.file, args.dir); });
  up.first.Add("CONVENANT", up.second->file, "convenant file; NAME.lab.yaml lies beside it").Required();
  up.first.Add("--dir", up.second->dir, "a new or empty directory").Required();
  const auto status =
      Command<LabArgs>(lab, "status", "does it run?",
                       [](Context& context, const LabArgs& args) { return LabStatus(context, args.dir); });
  status.first.Add("--dir", status.second->dir, "the lab's directory").Required();
  const auto down = Command<LabArgs>(lab, "down", "stop it", [](Context& context, const LabArgs& args) {
    return LabDown(context, args.dir);
  });
  down.first.Add("--dir", down.second->dir, "the lab's directory").Required();
}

void AddAuditLog(Flags group) {
  const auto log = Command<AuditLogArgs>(group, "log", "what happened, for privacy officers", &AuditLog);
  AuditLogArgs& args = *log.second;
  log.first.Add("--event", args.event, "only this kind, e.g. READ");
  log.first.Add("--member", args.member, "only by party/handle");
  log.first.Add("--organisation", args.organisation, "only by this party");
  log.first.Add("--channel", args.channel, "only on this channel");
  log.first.Add("--case", args.case_ref, "only of this case reference");
  log.first.Add("--since", args.since, "date");
  log.first.Add("--until", args.until, "date, exclusive");
  log.first.Add("--last", args.last, "only the last so many");
}

void AddAudit(Flags app) {
  Flags group = Group(app, "audit", "the log: log, proof, export, verify");
  AddAuditLog(group);
  const auto proof = Command<ProofArgs>(
      group, "proof", "prove that an entry is in the log",
      [](Context& context, const ProofArgs& args) { return AuditProof(context, args.index); });
  proof.first.Add("INDEX", proof.second->index, "from 0").Required();
  const auto out = Command<FileArgs>(
      group, "export", "write the whole log as JSON Lines",
      [](Context& context, const FileArgs& args) { return AuditExport(context, args.file); });
  out.first.Add("FILE", out.second->file, "- for stdout").Required();
  const auto verify = Command<AuditVerifyArgs>(group, "verify", "check an export, offline", &AuditVerify);
  verify.first.Add("FILE", verify.second->file, "export").Required();
  verify.first.Add("--log-key", verify.second->log_key, "the log's key, hexadecimal");
  verify.first.Add("--convenant-file", verify.second->convenant_file, "the signed convenant, which names it");
  verify.first.Add("--witness", verify.second->witnesses, "verifier key of a witness; may be repeated");
  verify.first.Add("--quorum", verify.second->quorum, "how many witnesses must have cosigned");
}

void AddCompletion(Flags app) {
  Flags completion = app.Sub("completion", "a completion script for bash, zsh or fish");
  auto shell = std::make_shared<std::string>();
  completion.Add("SHELL", *shell, "bash, zsh or fish").Required();
  completion.Does([app, shell](Context& context) -> absl::Status {
    ASSIGN_OR_RETURN(const std::string script, CompletionScript(*shell, app.Tree("seinpost")));
    PrintText(context, script);
    return absl::OkStatus();
  });
}

}  // namespace

void AddAdminCommands(Flags app) {
  AddLab(app);
  AddConvenantCommands(app);
  AddOrgCommands(app);
  AddAudit(app);
  AddCompletion(app);
}

}  // namespace seinpost::client
