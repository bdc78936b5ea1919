// SPDX-License-Identifier: EUPL-1.2
// The command line: global flags, and the commands about signals.
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "client/command_line/command_line.h"
#include "client/command_line/parts.h"
#include "client/signal/info_commands.h"
#include "client/signal/signal_commands.h"
#include "client/terminal/output.h"
#include "client/terminal/version.h"

namespace seinpost::client {
namespace {

void AddMembers(Flags app, const char* flag, std::vector<std::string>& into, const char* help) {
  app.Add(flag, into, help).Commas().OneWord().Type("MEMBER,...");
}

// The flags that `signal send` and `may-i` share.
void AddSendFlags(Flags app, SendArgs& args) {
  app.Add("--channel", args.channel, "channel, like core@school-a").Type("C");
  app.Add("--level", args.level, "L0, L1 or L2").Type("L");
  app.Add("--category", args.category, "what it is about").Type("X");
  app.Add("--purpose", args.purpose, "what it is shared for").Type("P");
  AddMembers(app, "--to", args.to,
             "who gets the text; party/handle, or @channel (everyone in --channel) at L0 and L1");
  app.Add("--text", args.text, "the text, or - for stdin").Type("T");
  app.Add("--case", args.case_ref, "case reference; a new one is made if it is left out").Type("REF");
  app.Add("--reply-to", args.reply_to, "signal this replies to").Type("ID");
  app.Add("--forward", args.forward, "signal this passes on").Type("ID");
  app.Add("--expires", args.expires, "12h, 30d, a date or RFC 3339").Type("T");
  app.AddFlag("--queued", args.queued, "keep it in the outbox while the broker is away");
  app.Add("--identity", args.identity, "JSON file: who it is about").Type("FILE");
  AddMembers(app, "--identity-to", args.identity_to, "who gets the identity");
  app.Add("--justify", args.justify, "why somebody gets something named; TEXT for all, or MEMBER=TEXT")
      .Type("TEXT")
      .OneWord();
  app.Add("--informed", args.informed, "parents or pupil: yes, no:CODE or not-yet").Type("ANSWER");
  app.Add("--care", args.care, "file: what is about care").Type("FILE");
  AddMembers(app, "--care-to", args.care_to, "who gets the care part");
  app.Add("--source", args.source, "file: who told it").Type("FILE");
  AddMembers(app, "--source-to", args.source_to, "who of the own party gets the source");
  app.Add("--attach", args.attach, "photo, JPEG or PNG, at most 5 MiB").Type("FILE").OneWord();
  AddMembers(app, "--attach-to", args.attach_to, "who gets the photos");
  app.Add("--kept-identity", args.kept_identity, "JSON file: an identity only approvers can release")
      .Type("FILE");
}

void AddOpenFlags(Flags app, OpenArgs& args) {
  app.Add("id", args.signal_id, "the signal").Required().Type("ID");
  app.Add("--part", args.part, "narrative, identity, care, source, justification or attachment").Type("P");
  app.Add("--purpose", args.purpose, "what it is read for; else the signal's own").Type("P");
}

struct DirectoryArgs {
  std::string channel;
};
struct ListArgs {
  bool unread = false;
};
struct WatchFlags {
  uint64_t count = 0;
  double seconds = 0;
};

absl::Status Watch(Context& context, const WatchFlags& flags) {
  WatchArgs args;
  args.count = flags.count;
  if (flags.seconds > 0) args.timeout = absl::Seconds(flags.seconds);
  return SignalWatch(context, args);
}

void AddInfo(Flags app) {
  app.Sub("whoami", "who am I, and what is my mandate").Does(WhoAmI);
  app.Sub("status", "clock, connection, prekeys, outbox").Does(Status);
  const auto directory = Command<DirectoryArgs>(
      app, "directory", "members, functions, who is reachable",
      [](Context& context, const DirectoryArgs& args) { return ShowDirectory(context, args.channel); });
  directory.first.Add("--channel", directory.second->channel, "only the members of this channel").Type("C");
}

void AddMayI(Flags app) {
  const auto send =
      Command<SendArgs>(app, "may-i", "what would be answered to a signal, without sending it", &MayISend);
  AddSendFlags(send.first, *send.second);
  const auto open =
      Command<OpenArgs>(send.first, "open", "what would be answered to `signal open`", &MayIOpen);
  AddOpenFlags(open.first, *open.second);
}

void AddSignal(Flags app) {
  Flags signal = Group(app, "signal", "send, list and open signals");
  const auto send = Command<SendArgs>(signal, "send", "send a signal", &SignalSend);
  AddSendFlags(send.first, *send.second);
  const auto list = Command<ListArgs>(
      signal, "list", "signals in this mailbox",
      [](Context& context, const ListArgs& args) { return SignalList(context, args.unread); });
  list.first.AddFlag("--unread", list.second->unread, "only those not opened yet");
  const auto watch =
      Command<WatchFlags>(signal, "watch", "tell of signals as they come; ends with Ctrl-C", &Watch);
  watch.first.Add("--count", watch.second->count, "end after that many").Type("N");
  watch.first.Add("--timeout", watch.second->seconds, "end after that many seconds").Type("S");
  const auto open = Command<OpenArgs>(signal, "open", "open a signal", &SignalOpen);
  AddOpenFlags(open.first, *open.second);
  open.first.Add("--out", open.second->out, "folder for photos; no file is written over").Type("DIR");
  Flags outbox = signal.Sub("outbox", "sealed signals that wait for the broker");
  outbox.NeedsSub(/*optional=*/true);
  outbox.Sub("list", "what waits").Does(OutboxList);
  outbox.Sub("flush", "send it now").Does(OutboxFlush);
  outbox.Does(OutboxList);
}

// What the global flags say.
struct Globals {
  bool json = false;
  std::string language = "nl";
  std::string profile, convenant, passphrase_file, gossip;
};

void AddGlobals(Flags app, Globals& globals) {
  app.LetFlagsFollow();
  app.NeedsSub();
  app.SetVersion(std::string("seinpost ") + kVersion);
  app.AddFlag("--json", globals.json, "print one JSON value");
  app.Add("--lang", globals.language, "nl or en").OneOf({"nl", "en"});
  app.Add("--profile", globals.profile, "folder of the profile").Type("DIR");
  app.Add("--convenant", globals.convenant, "if the profile has several").Type("ID");
  app.Add("--passphrase-file", globals.passphrase_file, "else SEINPOST_PASSPHRASE, else a prompt")
      .Type("FILE");
  app.Add("--gossip", globals.gossip,
          "folder where profiles compare what they see of the log; else SEINPOST_GOSSIP")
      .Type("DIR");
}

}  // namespace

void AddSignalCommands(Flags app) {
  AddInfo(app);
  AddMayI(app);
  AddSignal(app);
}

int RunCommandLine(const std::vector<std::string>& arguments, std::istream& in, std::ostream& out,
                   std::ostream& err, const Clock& clock, const Interrupt* stop) {
  Parser parser("Seinpost: signals between schools, police and partners, under a signed convenant",
                "seinpost");
  Globals globals;
  AddGlobals(parser.root(), globals);
  AddSignalCommands(parser.root());
  AddAdminCommands(parser.root());
  Context context{.in = in, .out = out, .err = err, .clock = clock};
  context.stop = stop;
  context.progress = &err == &std::cerr && isatty(STDERR_FILENO) != 0;
  const absl::StatusOr<Parser::Parsed> parsed = parser.Parse(arguments, out, err);
  if (!parsed.ok()) {
    context.json = globals.json || std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
    return End(context, UsageError(absl::StrCat(parsed.status().message(), " (--help tells what there is)")));
  }
  if (parsed->said.has_value()) {
    const int written = End(context, absl::OkStatus());
    return written == kOk ? *parsed->said : written;
  }
  context.json = globals.json;
  context.language = globals.language == "en" ? Language::kEnglish : Language::kDutch;
  context.profile_dir = globals.profile;
  context.passphrase.file = globals.passphrase_file;
  context.convenant = globals.convenant;
  context.gossip_dir = globals.gossip;
  if (!parsed->run) return End(context, UsageError("no command given (--help tells what there is)"));
  return End(context, parsed->run(context));
}

}  // namespace seinpost::client
