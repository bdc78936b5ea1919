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

void AddAnalysis(CLI::App& group, Invocation& invocation) {
  const auto matrix = Command<ConvenantMatrixArgs>(group, "matrix", "who may share what with whom, in full",
                                                   invocation, &ConvenantMatrix);
  matrix.first->add_option("FILE", matrix.second->file, "convenant")->required();
  matrix.first->add_option("--format", matrix.second->format, "text, csv or html");
  matrix.first->add_option("--out", matrix.second->out, "file to write; otherwise stdout");
  matrix.first
      ->add_option("--with", matrix.second->with, "convenant at the other end of a bridge; may be repeated")
      ->allow_extra_args(false);
  const auto diff = Command<ConvenantDiffArgs>(
      group, "diff", "what the new version allows, forbids and changes", invocation, &ConvenantDiff);
  diff.first->add_option("OLD", diff.second->old_file, "the version before")->required();
  diff.first->add_option("NEW", diff.second->new_file, "the version after")->required();
  diff.first->add_flag("--no-widening", diff.second->no_widening, "exit 3 if the new version allows more");
  const auto explain = Command<ConvenantExplainArgs>(
      group, "explain", "what a clause means, and whom it lets and stops", invocation, &ConvenantExplain);
  explain.first->add_option("FILE", explain.second->file, "convenant")->required();
  explain.first
      ->add_option("CLAUSE", explain.second->clause, "a path like channels.case.ceiling, or a line number")
      ->required();
}

void AddFiles(CLI::App& group, Invocation& invocation) {
  const auto draft = Command<ConvenantDraftArgs>(
      group, "draft", "fill keys into an example, or make the next version", invocation, &ConvenantDraft);
  draft.first->add_option("FILE", draft.second->file, "example, or edited copy of the version in force")
      ->required();
  draft.first->add_option("--keys", draft.second->keys_dir, "directory of key directories with the roots");
  draft.first->add_option("--root", draft.second->roots, "PARTY=KEY, hexadecimal; may be repeated");
  draft.first->add_option("--broker-keys", draft.second->broker_keys,
                          "what seinpostd init printed; for version 1");
  draft.first->add_option("--previous", draft.second->previous, "the version in force, to make the next one");
  draft.first->add_option("--log-key", draft.second->log_key,
                          "the log's key now, if a trust update or epoch changed it, hexadecimal");
  draft.first->add_option("--out", draft.second->out, "file to write; otherwise stdout");
  const auto check = Command<CheckArgs>(group, "check", "is the file in order, and what is odd about it?",
                                        invocation, [](Context& context, const CheckArgs& args) {
                                          return ConvenantCheck(context, args.file, args.strict);
                                        });
  check.first->add_option("FILE", check.second->file, "convenant")->required();
  check.first->add_flag("--strict", check.second->strict, "fail on a warning");
  const auto test = Command<FileArgs>(
      group, "test", "ask the questions of FILE's .expect.yaml", invocation,
      [](Context& context, const FileArgs& args) { return ConvenantTest(context, args.file); });
  test.first->add_option("FILE", test.second->file, "convenant")->required();
}

void AddSigning(CLI::App& group, Invocation& invocation) {
  constexpr char kPrevious[] = "--previous,--convenant-file";
  constexpr char kPreviousHelp[] = "the version before a new version; for an act the version in force";
  const auto sign = Command<ConvenantSignArgs>(group, "sign", "sign a draft or act with a party's root key",
                                               invocation, &ConvenantSign);
  sign.first->add_option("FILE", sign.second->file, "draft or act")->required();
  sign.first->add_option("--org", sign.second->org_dir, "key directory of the party")->required();
  sign.first->add_option(kPrevious, sign.second->previous, kPreviousHelp);
  sign.first->add_option("--new-root", sign.second->new_root,
                         "key directory with the new root key, if another");
  sign.first->add_flag("--lost-root", sign.second->lost_root,
                       "the root key in force is lost: sign with the new one");
  const auto bundle = Command<ConvenantBundleArgs>(
      group, "bundle", "put together signatures made in different places; who is missing?", invocation,
      &ConvenantBundle);
  bundle.first->add_option("FILE", bundle.second->file, "draft or act; FILE.sig lies beside it")->required();
  bundle.first->add_option("SIGNATURES", bundle.second->signatures, "other files FILE.sig");
  bundle.first->add_option(kPrevious, bundle.second->previous, kPreviousHelp);
}

void AddBrokerFlags(CLI::App& command, ConvenantActivateArgs& args) {
  command.add_option("FILE", args.file, "draft or act; FILE.sig lies beside it")->required();
  command.add_option("--broker", args.broker, "host:port")->required();
  command.add_option("--tls-ca", args.tls_ca, "the broker's certificate authority, PEM")->required();
}

void AddActs(CLI::App& group, Invocation& invocation) {
  const auto restrict = Command<ConvenantRestrictArgs>(
      group, "restrict", "the controller lowers a ceiling, at once", invocation, &ConvenantRestrict);
  AddOrgFlags(*restrict.first, * restrict.second);
  restrict.first
      ->add_option("--convenant-file,--previous", restrict.second->convenant_file, "the version in force")
      ->required();
  CLI::Option* channel =
      restrict.first->add_option("--channel", restrict.second->channel, "a channel, without scope");
  restrict.first->add_option("--party", restrict.second->party, "a party")->excludes(channel);
  restrict.first->add_option("--ceiling", restrict.second->ceiling, "L0 or L1")->required();
  const auto update = Command<ConvenantTrustUpdateArgs>(
      group, "trust-update", "change the keys of log and witnesses; makes an act to be signed", invocation,
      &ConvenantTrustUpdate);
  ConvenantTrustUpdateArgs& args = *update.second;
  update.first->add_option("--convenant-file,--previous", args.convenant_file, "the version in force")
      ->required();
  update.first->add_option("--log-key", args.log_key, "the new key, hexadecimal");
  update.first->add_option("--witness", args.witnesses,
                           "NAME=KEY of every witness from now on; may be repeated");
  update.first->add_flag("--no-witnesses", args.no_witnesses, "no witnesses from now on");
  update.first->add_option("--witness-quorum", args.witness_quorum, "how many of them must sign");
  update.first->add_option("--number", args.number, "of the update; otherwise as the profile knows it");
  update.first->add_option("--out", args.out, "file to write, to be signed")->required();
  const auto epoch = Command<ConvenantEpochArgs>(
      group, "epoch", "let a log that lost its tail go on; makes an act to be signed", invocation,
      &ConvenantEpoch);
  epoch.first->add_option("--check", epoch.second->check_file, "what seinpostd check --json printed")
      ->required();
  epoch.first->add_option("--convenant-file,--previous", epoch.second->convenant_file, "the version in force")
      ->required();
  epoch.first->add_option("--checkpoint", epoch.second->checkpoint,
                          "the last note that witnesses signed, if there are");
  epoch.first->add_option("--out", epoch.second->out, "file to write, to be signed")->required();
}

}  // namespace

void AddConvenantCommands(CLI::App& app, Invocation& invocation) {
  CLI::App* group = Group(app, "convenant", "the agreement: from draft to succession");
  AddFiles(*group, invocation);
  AddAnalysis(*group, invocation);
  AddSigning(*group, invocation);
  const auto activate = Command<ConvenantActivateArgs>(
      *group, "activate", "put what all have signed into force", invocation, &ConvenantActivate);
  AddBrokerFlags(*activate.first, *activate.second);
  const auto propose = Command<ConvenantActivateArgs>(
      *group, "propose", "announce a version that replaces a lost root key, 72 hours before it is activated",
      invocation, &ConvenantPropose);
  AddBrokerFlags(*propose.first, *propose.second);
  AddActs(*group, invocation);
  Command<NoArgs>(*group, "show", "what was agreed, in words, and what became of it", invocation,
                  [](Context& context, const NoArgs&) { return ConvenantShow(context); });
}

}  // namespace seinpost::client
