// SPDX-License-Identifier: EUPL-1.2
// The command line: global flags, and the commands about signals.
#include <memory>
#include <ostream>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "client/command_line/command_line.h"
#include "client/signal/info_commands.h"
#include "client/signal/signal_commands.h"
#include "client/terminal/output.h"
#include "client/terminal/version.h"

namespace seinpost::client {
namespace {

void AddMembers(CLI::App& app, const std::string& flag, std::vector<std::string>& into,
                const std::string& help) {
  app.add_option(flag, into, help)->delimiter(',')->allow_extra_args(false)->type_name("MEMBER,...");
}

// The flags that `signal send` and `may-i` share.
void AddSendFlags(CLI::App& app, SendArgs& args) {
  app.add_option("--channel", args.channel, "channel, like core@school-a")->type_name("C");
  app.add_option("--level", args.level, "L0, L1 or L2")->type_name("L");
  app.add_option("--category", args.category, "what it is about")->type_name("X");
  app.add_option("--purpose", args.purpose, "what it is shared for")->type_name("P");
  AddMembers(app, "--to", args.to,
             "who gets the text; party/handle, or @channel (everyone in --channel) at L0 and L1");
  app.add_option("--text", args.text, "the text, or - for stdin")->type_name("T");
  app.add_option("--case", args.case_ref, "case reference; a new one is made if it is left out")
      ->type_name("REF");
  app.add_option("--reply-to", args.reply_to, "signal this replies to")->type_name("ID");
  app.add_option("--forward", args.forward, "signal this passes on")->type_name("ID");
  app.add_option("--expires", args.expires, "12h, 30d, a date or RFC 3339")->type_name("T");
  app.add_flag("--queued", args.queued, "keep it in the outbox while the broker is away");
  app.add_option("--identity", args.identity, "JSON file: who it is about")->type_name("FILE");
  AddMembers(app, "--identity-to", args.identity_to, "who gets the identity");
  app.add_option("--justify", args.justify, "why somebody gets something named; TEXT for all, or MEMBER=TEXT")
      ->type_name("TEXT")
      ->allow_extra_args(false);
  app.add_option("--informed", args.informed, "parents or pupil: yes, no:CODE or not-yet")
      ->type_name("ANSWER");
  app.add_option("--care", args.care, "file: what is about care")->type_name("FILE");
  AddMembers(app, "--care-to", args.care_to, "who gets the care part");
  app.add_option("--source", args.source, "file: who told it")->type_name("FILE");
  AddMembers(app, "--source-to", args.source_to, "who of the own party gets the source");
  app.add_option("--attach", args.attach, "photo, JPEG or PNG, at most 5 MiB")
      ->type_name("FILE")
      ->allow_extra_args(false);
  AddMembers(app, "--attach-to", args.attach_to, "who gets the photos");
  app.add_option("--kept-identity", args.kept_identity, "JSON file: an identity only approvers can release")
      ->type_name("FILE");
}

void AddOpenFlags(CLI::App& app, OpenArgs& args) {
  app.add_option("id", args.signal_id, "the signal")->required()->type_name("ID");
  app.add_option("--part", args.part, "narrative, identity, care, source, justification or attachment")
      ->type_name("P");
  app.add_option("--purpose", args.purpose, "what it is read for; else the signal's own")->type_name("P");
}

void AddInfo(CLI::App& app, Invocation& invocation) {
  app.add_subcommand("whoami", "who am I, and what is my mandate")->callback([&invocation] {
    invocation.run = WhoAmI;
  });
  app.add_subcommand("status", "clock, connection, prekeys, outbox")->callback([&invocation] {
    invocation.run = Status;
  });
  CLI::App& directory = *app.add_subcommand("directory", "members, functions, who is reachable");
  const auto channel = std::make_shared<std::string>();
  directory.add_option("--channel", *channel, "only the members of this channel")->type_name("C");
  directory.callback([&invocation, channel] {
    invocation.run = [channel](Context& context) { return ShowDirectory(context, *channel); };
  });
}

void AddMayI(CLI::App& app, Invocation& invocation) {
  CLI::App& may_i = *app.add_subcommand("may-i", "what would be answered to a signal, without sending it");
  const auto send = std::make_shared<SendArgs>();
  AddSendFlags(may_i, *send);
  CLI::App& open = *may_i.add_subcommand("open", "what would be answered to `signal open`");
  const auto args = std::make_shared<OpenArgs>();
  AddOpenFlags(open, *args);
  may_i.callback([&invocation, send] {
    if (invocation.run) return;  // `may-i open`, whose callback comes first
    invocation.run = [send](Context& context) { return MayISend(context, *send); };
  });
  open.callback([&invocation, args] {
    invocation.run = [args](Context& context) { return MayIOpen(context, *args); };
  });
}

void AddSignal(CLI::App& app, Invocation& invocation) {
  CLI::App& signal = *app.add_subcommand("signal", "send, list and open signals");
  signal.require_subcommand(1);

  const auto send = std::make_shared<SendArgs>();
  CLI::App& send_command = *signal.add_subcommand("send", "send a signal");
  AddSendFlags(send_command, *send);
  send_command.callback([&invocation, send] {
    invocation.run = [send](Context& context) { return SignalSend(context, *send); };
  });

  const auto unread = std::make_shared<bool>(false);
  CLI::App& list = *signal.add_subcommand("list", "signals in this mailbox");
  list.add_flag("--unread", *unread, "only those not opened yet");
  list.callback([&invocation, unread] {
    invocation.run = [unread](Context& context) { return SignalList(context, *unread); };
  });

  const auto watch = std::make_shared<WatchArgs>();
  const auto seconds = std::make_shared<double>(0);
  CLI::App& watch_command = *signal.add_subcommand("watch", "tell of signals as they come; ends with Ctrl-C");
  watch_command.add_option("--count", watch->count, "end after that many")->type_name("N");
  watch_command.add_option("--timeout", *seconds, "end after that many seconds")->type_name("S");
  watch_command.callback([&invocation, watch, seconds] {
    if (*seconds > 0) watch->timeout = absl::Seconds(*seconds);
    invocation.run = [watch](Context& context) { return SignalWatch(context, *watch); };
  });

  const auto open = std::make_shared<OpenArgs>();
  CLI::App& open_command = *signal.add_subcommand("open", "open a signal");
  AddOpenFlags(open_command, *open);
  open_command.add_option("--out", open->out, "folder for photos; no file is written over")->type_name("DIR");
  open_command.callback([&invocation, open] {
    invocation.run = [open](Context& context) { return SignalOpen(context, *open); };
  });

  CLI::App& outbox = *signal.add_subcommand("outbox", "sealed signals that wait for the broker");
  outbox.require_subcommand(0, 1);
  outbox.add_subcommand("list", "what waits")->callback([&invocation] { invocation.run = OutboxList; });
  outbox.add_subcommand("flush", "send it now")->callback([&invocation] { invocation.run = OutboxFlush; });
  outbox.callback([&invocation] {
    if (!invocation.run) invocation.run = OutboxList;
  });
}

// What the global flags say.
struct Globals {
  bool json = false;
  std::string language = "nl";
  std::string profile, convenant, passphrase_file, gossip;
};

void AddGlobals(CLI::App& app, Globals& globals) {
  app.fallthrough();  // global flags may also follow the command
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("seinpost ") + kVersion);
  app.add_flag("--json", globals.json, "print one JSON value");
  app.add_option("--lang", globals.language, "nl or en")->check(CLI::IsMember({"nl", "en"}));
  app.add_option("--profile", globals.profile, "folder of the profile")->type_name("DIR");
  app.add_option("--convenant", globals.convenant, "if the profile has several")->type_name("ID");
  app.add_option("--passphrase-file", globals.passphrase_file, "else SEINPOST_PASSPHRASE, else a prompt")
      ->type_name("FILE");
  app.add_option("--gossip", globals.gossip,
                 "folder where profiles compare what they see of the log; else SEINPOST_GOSSIP")
      ->type_name("DIR");
}

}  // namespace

void AddSignalCommands(CLI::App& app, Invocation& invocation) {
  AddInfo(app, invocation);
  AddMayI(app, invocation);
  AddSignal(app, invocation);
}

int RunCommandLine(const std::vector<std::string>& arguments, std::istream& in, std::ostream& out,
                   std::ostream& err, const Clock& clock, const std::atomic<bool>* stop) {
  CLI::App app("Seinpost: signals between schools, police and partners, under a signed convenant",
               "seinpost");
  Globals globals;
  Invocation invocation;
  AddGlobals(app, globals);
  AddSignalCommands(app, invocation);
  AddAdminCommands(app, invocation);
  Context context{.in = in, .out = out, .err = err, .clock = clock};
  context.stop = stop;
  try {
    app.parse(
        std::vector<std::string>(arguments.rbegin(), arguments.rend()));  // CLI11 takes them from the back
  } catch (const CLI::Success& success) {                                 // --help, --version
    return app.exit(success, out, err);
  } catch (const CLI::ParseError& error) {
    context.json = globals.json || std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
    return Report(context, UsageError(absl::StrCat(error.what(), " (--help tells what there is)")));
  }
  context.json = globals.json;
  context.language = globals.language == "en" ? Language::kEnglish : Language::kDutch;
  context.profile_dir = globals.profile;
  context.passphrase.file = globals.passphrase_file;
  context.convenant = globals.convenant;
  context.gossip_dir = globals.gossip;
  if (!invocation.run) return Report(context, UsageError("no command given (--help tells what there is)"));
  return Report(context, invocation.run(context));
}

}  // namespace seinpost::client
