// SPDX-License-Identifier: EUPL-1.2
// The flags of `seinpost convenant`.
#include "client/command_line/parts.h"
#include "client/convenant/commands.h"

namespace seinpost::client {
namespace {

struct CheckArgs {
  std::string file;
  bool strict = false;
};

void AddAnalysis(Flags group) {
  const auto matrix = Command<ConvenantMatrixArgs>(group, "matrix", "who may share what with whom, in full",
                                                   &ConvenantMatrix);
  matrix.first.Add("FILE", matrix.second->file, "convenant").Required();
  matrix.first.Add("--format", matrix.second->format, "text, csv or html");
  matrix.first.Add("--out", matrix.second->out, "file to write; otherwise stdout");
  matrix.first.Add("--with", matrix.second->with, "convenant at the other end of a bridge; may be repeated")
      .OneWord();
  const auto diff = Command<ConvenantDiffArgs>(
      group, "diff", "what the new version allows, forbids and changes", &ConvenantDiff);
  diff.first.Add("OLD", diff.second->old_file, "the version before").Required();
  diff.first.Add("NEW", diff.second->new_file, "the version after").Required();
  diff.first.AddFlag("--no-widening", diff.second->no_widening, "exit 3 if the new version allows more");
  const auto explain = Command<ConvenantExplainArgs>(
      group, "explain", "what a clause means, and whom it lets and stops", &ConvenantExplain);
  explain.first.Add("FILE", explain.second->file, "convenant").Required();
  explain.first.Add("CLAUSE", explain.second->clause, "a path like channels.case.ceiling, or a line number")
      .Required();
}

void AddFiles(Flags group) {
  const auto draft = Command<ConvenantDraftArgs>(
      group, "draft", "fill keys into an example, or make the next version", &ConvenantDraft);
  draft.first.Add("FILE", draft.second->file, "example, or edited copy of the version in force").Required();
  draft.first.Add("--keys", draft.second->keys_dir, "directory of key directories with the roots");
  draft.first.Add("--root", draft.second->roots, "PARTY=KEY, hexadecimal; may be repeated");
  draft.first.Add("--broker-keys", draft.second->broker_keys, "what seinpostd init printed; for version 1");
  draft.first.Add("--previous", draft.second->previous, "the version in force, to make the next one");
  draft.first.Add("--log-key", draft.second->log_key,
                  "the log's key now, if a trust update or epoch changed it, hexadecimal");
  draft.first.Add("--out", draft.second->out, "file to write; otherwise stdout");
  const auto check = Command<CheckArgs>(group, "check", "is the file in order, and what is odd about it?",
                                        [](Context& context, const CheckArgs& args) {
                                          return ConvenantCheck(context, args.file, args.strict);
                                        });
  check.first.Add("FILE", check.second->file, "convenant").Required();
  check.first.AddFlag("--strict", check.second->strict, "fail on a warning");
  const auto test = Command<FileArgs>(
      group, "test", "ask the questions of FILE's .expect.yaml",
      [](Context& context, const FileArgs& args) { return ConvenantTest(context, args.file); });
  test.first.Add("FILE", test.second->file, "convenant").Required();
}

void AddSigning(Flags group) {
  constexpr char kPrevious[] = "--previous,--convenant-file";
  constexpr char kPreviousHelp[] = "the version before a new version; for an act the version in force";
  const auto sign = Command<ConvenantSignArgs>(group, "sign", "sign a draft or act with a party's root key",
                                               &ConvenantSign);
  sign.first.Add("FILE", sign.second->file, "draft or act").Required();
  sign.first.Add("--org", sign.second->org_dir, "key directory of the party").Required();
  sign.first.Add(kPrevious, sign.second->previous, kPreviousHelp);
  sign.first.Add("--new-root", sign.second->new_root, "key directory with the new root key, if another");
  sign.first.AddFlag("--lost-root", sign.second->lost_root,
                     "the root key in force is lost: sign with the new one");
  const auto bundle = Command<ConvenantBundleArgs>(
      group, "bundle", "put together signatures made in different places; who is missing?", &ConvenantBundle);
  bundle.first.Add("FILE", bundle.second->file, "draft or act; FILE.sig lies beside it").Required();
  bundle.first.Add("SIGNATURES", bundle.second->signatures, "other files FILE.sig");
  bundle.first.Add(kPrevious, bundle.second->previous, kPreviousHelp);
}

void AddBrokerFlags(Flags command, ConvenantActivateArgs& args) {
  command.Add("FILE", args.file, "draft or act; FILE.sig lies beside it").Required();
  command.Add("--broker", args.broker, "host:port").Required();
  command.Add("--tls-ca", args.tls_ca, "the broker's certificate authority, PEM").Required();
}

void AddActs(Flags group) {
  const auto restrict = Command<ConvenantRestrictArgs>(
      group, "restrict", "the controller lowers a ceiling, at once", &ConvenantRestrict);
  AddOrgFlags(restrict.first, * restrict.second);
  restrict.first.Add("--convenant-file,--previous", restrict.second->convenant_file, "the version in force")
      .Required();
  const Option channel =
      restrict.first.Add("--channel", restrict.second->channel, "a channel, without scope");
  restrict.first.Add("--party", restrict.second->party, "a party").Excludes(channel);
  restrict.first.Add("--ceiling", restrict.second->ceiling, "L0 or L1").Required();
  const auto update = Command<ConvenantTrustUpdateArgs>(
      group, "trust-update", "change the keys of log and witnesses; makes an act to be signed",
      &ConvenantTrustUpdate);
  ConvenantTrustUpdateArgs& args = *update.second;
  update.first.Add("--convenant-file,--previous", args.convenant_file, "the version in force").Required();
  update.first.Add("--log-key", args.log_key, "the new key, hexadecimal");
  update.first.Add("--witness", args.witnesses, "NAME=KEY of every witness from now on; may be repeated");
  update.first.AddFlag("--no-witnesses", args.no_witnesses, "no witnesses from now on");
  update.first.Add("--witness-quorum", args.witness_quorum, "how many of them must sign");
  update.first.Add("--number", args.number, "of the update; otherwise as the profile knows it");
  update.first.Add("--out", args.out, "file to write, to be signed").Required();
  const auto epoch = Command<ConvenantEpochArgs>(
      group, "epoch", "let a log that lost its tail go on; makes an act to be signed", &ConvenantEpoch);
  epoch.first.Add("--check", epoch.second->check_file, "what seinpostd check --json printed").Required();
  epoch.first.Add("--convenant-file,--previous", epoch.second->convenant_file, "the version in force")
      .Required();
  epoch.first.Add("--checkpoint", epoch.second->checkpoint,
                  "the last note that witnesses signed, if there are");
  epoch.first.Add("--out", epoch.second->out, "file to write, to be signed").Required();
}

}  // namespace

void AddConvenantCommands(Flags app) {
  Flags group = Group(app, "convenant", "the agreement: from draft to succession");
  AddFiles(group);
  AddAnalysis(group);
  AddSigning(group);
  const auto activate = Command<ConvenantActivateArgs>(
      group, "activate", "put what all have signed into force", &ConvenantActivate);
  AddBrokerFlags(activate.first, *activate.second);
  const auto propose = Command<ConvenantActivateArgs>(
      group, "propose", "announce a version that replaces a lost root key, 72 hours before it is activated",
      &ConvenantPropose);
  AddBrokerFlags(propose.first, *propose.second);
  AddActs(group);
  Command<NoArgs>(group, "show", "what was agreed, in words, and what became of it",
                  [](Context& context, const NoArgs&) { return ConvenantShow(context); });
}

}  // namespace seinpost::client
