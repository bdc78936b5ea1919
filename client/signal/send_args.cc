// SPDX-License-Identifier: EUPL-1.2
#include "client/signal/send_args.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

using Names = std::vector<std::string>;

bool IsMemberAddress(absl::string_view text) {
  const absl::StatusOr<policies::MemberId> member = policies::ParseMemberId(text);
  return member.ok() && member->convenant.empty();
}

void Drop(Names& names, absl::string_view member) {
  names.erase(std::remove(names.begin(), names.end(), member), names.end());
}

// A part that nobody gets any more is not sent.
void DropEmpty(SendArgs& args) {
  if (args.identity_to.empty()) args.identity.clear();
  if (args.care_to.empty()) args.care.clear();
  if (args.attach_to.empty()) args.attach.clear();
  if (args.source.empty()) args.source_to.clear();
}

// What remains of --justify when fewer members get something named.
void DropIdleJustifications(SendArgs& args) {
  Names named = args.identity_to;
  named.insert(named.end(), args.care_to.begin(), args.care_to.end());
  named.insert(named.end(), args.attach_to.begin(), args.attach_to.end());
  args.justify.erase(std::remove_if(args.justify.begin(), args.justify.end(),
                                    [&](const std::string& flag) {
                                      const std::string member = ParseJustification(flag).member;
                                      return named.empty() ||
                                             (!member.empty() &&
                                              std::find(named.begin(), named.end(), member) == named.end());
                                    }),
                     args.justify.end());
}

Names* ListOf(SendArgs& args, absl::string_view kind) {
  if (kind == "narrative") return &args.to;
  if (kind == "identity") return &args.identity_to;
  if (kind == "care") return &args.care_to;
  if (kind == "source") return &args.source_to;
  if (kind == "attachment") return &args.attach_to;
  return nullptr;
}

bool DropRecipient(SendArgs& args, absl::string_view kind, absl::string_view member) {
  Names* list = ListOf(args, kind);
  if (list == nullptr) return false;
  Drop(*list, member);
  if (kind == "narrative") {
    for (Names* other : {&args.identity_to, &args.care_to, &args.attach_to, &args.source_to})
      Drop(*other, member);
  }
  return true;
}

bool DropPart(SendArgs& args, absl::string_view kind) {
  if (kind == "justification") {
    args.justify.clear();
    return true;
  }
  Names* list = ListOf(args, kind);
  if (list == nullptr || kind == "narrative") return false;
  list->clear();
  if (kind == "source") args.source.clear();
  return true;
}

void SetLevel(SendArgs& args, const std::string& level) {
  args.level = level;
  if (level != "L2") args.informed.clear();
  if (level == "L0") args.case_ref.clear();
}

bool ApplyChange(const v1::Change& change, Language language, SendArgs& args) {
  const std::string& kind = change.kind();
  if (kind == "SetLevel") {
    SetLevel(args, change.value());
  } else if (kind == "SetChannel") {
    args.channel = change.value();
  } else if (kind == "SetPurpose") {
    args.purpose = change.value();
  } else if (kind == "SetInformed") {
    args.informed = change.value();
  } else if (kind == "DropRecipient") {
    return DropRecipient(args, change.value(), change.recipient());
  } else if (kind == "DropPart") {
    return DropPart(args, change.value());
  } else if (kind == "AddJustification") {
    // A text that was given for all holds for whoever joins them.
    const bool for_all = std::any_of(args.justify.begin(), args.justify.end(), [](const std::string& flag) {
      return ParseJustification(flag).member.empty();
    });
    if (!for_all)
      args.justify.emplace_back(language == Language::kDutch ? "<onderbouwing>" : "<justification>");
  } else if (kind == "ExpandBroadcast") {
    // The part's own name travels as an index; every list that names a whole channel is meant.
    const Names members = absl::StrSplit(change.value(), ',', absl::SkipEmpty());
    bool expanded = false;
    for (Names* list : {&args.to, &args.identity_to, &args.care_to, &args.source_to, &args.attach_to}) {
      const bool whole =
          std::any_of(list->begin(), list->end(), [](const std::string& to) { return to[0] == '@'; });
      if (whole) *list = members;
      expanded = expanded || whole;
    }
    return expanded;
  } else if (kind == "NewCase") {
    args.case_ref.clear();
  } else {
    return false;
  }
  return true;
}

void AddFlag(Names& argv, absl::string_view flag, const std::string& value) {
  if (value.empty()) return;
  argv.emplace_back(flag);
  argv.push_back(value);
}

void AddList(Names& argv, absl::string_view flag, const Names& values) {
  if (!values.empty()) AddFlag(argv, flag, absl::StrJoin(values, ","));
}

}  // namespace

absl::StatusOr<Address> ParseAddress(absl::string_view text, absl::string_view own_convenant,
                                     absl::string_view channel) {
  Address address;
  if (text == "@channel" || (absl::ConsumePrefix(&text, "@") && text == channel)) {
    address.whole_channel = true;
    return address;
  }
  absl::StatusOr<policies::MemberId> member = policies::ParseMemberId(text);
  if (!member.ok()) {
    return UsageError(
        absl::StrCat("a member is written as party/handle, party/handle@convenant or @channel (everyone in "
                     "--channel), not \"",
                     text, "\""));
  }
  if (member->convenant == own_convenant) member->convenant.clear();
  address.member = *std::move(member);
  return address;
}

Justification ParseJustification(absl::string_view flag) {
  const size_t equals = flag.find('=');
  if (equals != absl::string_view::npos && IsMemberAddress(flag.substr(0, equals))) {
    return {.member = std::string(flag.substr(0, equals)), .text = std::string(flag.substr(equals + 1))};
  }
  return {.text = std::string(flag)};
}

absl::StatusOr<absl::Time> ParseExpires(absl::string_view text, absl::Time now) {
  int64_t amount = 0;
  absl::Time time;
  std::string error;
  absl::CivilDay day;
  if (absl::EndsWith(text, "d") && absl::SimpleAtoi(text.substr(0, text.size() - 1), &amount) && amount > 0 &&
      amount <= 36600) {
    return now + absl::Hours(24) * amount;
  }
  if (absl::EndsWith(text, "h") && absl::SimpleAtoi(text.substr(0, text.size() - 1), &amount) && amount > 0 &&
      amount <= 878400) {
    return now + absl::Hours(amount);
  }
  if (text.size() == 10 && absl::ParseCivilTime(text, &day))
    return absl::FromCivil(day + 1, absl::UTCTimeZone());
  if (absl::ParseTime(absl::RFC3339_full, text, &time, &error)) return time;
  return UsageError(
      absl::StrCat("--expires: \"", text, "\" is no time; write 12h, 30d, 2026-12-31 or RFC 3339"));
}

absl::StatusOr<InformedArg> ParseInformed(absl::string_view text) {
  using policies::Informed;
  if (text.empty()) return InformedArg();
  if (text == "yes") return InformedArg{.informed = Informed::kYes};
  if (text == "not-yet") return InformedArg{.informed = Informed::kNotYet};
  if (text == "no") return InformedArg{.informed = Informed::kNo};  // the rules ask for a code
  if (absl::StartsWith(text, "no:") && text.size() > 3) {
    return InformedArg{.informed = Informed::kNo, .code = std::string(text.substr(3))};
  }
  return UsageError(absl::StrCat("--informed is yes, no:CODE or not-yet, not \"", text, "\""));
}

bool ApplyAlternative(const v1::Alternative& alternative, Language language, SendArgs& args) {
  for (const v1::Change& change : alternative.changes()) {
    if (!ApplyChange(change, language, args)) return false;
  }
  DropEmpty(args);
  DropIdleJustifications(args);
  return !alternative.changes().empty() && !args.to.empty();
}

std::vector<std::string> ToArgv(const Context& context, const SendArgs& args, const Names& command) {
  Names argv = {"seinpost"};
  AddFlag(argv, "--profile", context.profile_dir);
  AddFlag(argv, "--passphrase-file", context.passphrase.file);
  AddFlag(argv, "--convenant", context.convenant);
  argv.insert(argv.end(), command.begin(), command.end());
  AddFlag(argv, "--channel", args.channel);
  AddFlag(argv, "--level", args.level);
  AddFlag(argv, "--category", args.category);
  AddFlag(argv, "--purpose", args.purpose);
  AddList(argv, "--to", args.to);
  AddFlag(argv, "--text", args.text);
  AddFlag(argv, "--case", args.case_ref);
  AddFlag(argv, "--reply-to", args.reply_to);
  AddFlag(argv, "--forward", args.forward);
  AddFlag(argv, "--expires", args.expires);
  if (args.queued) argv.emplace_back("--queued");
  AddFlag(argv, "--identity", args.identity);
  AddList(argv, "--identity-to", args.identity_to);
  for (const std::string& justify : args.justify) AddFlag(argv, "--justify", justify);
  AddFlag(argv, "--informed", args.informed);
  AddFlag(argv, "--care", args.care);
  AddList(argv, "--care-to", args.care_to);
  AddFlag(argv, "--source", args.source);
  AddList(argv, "--source-to", args.source_to);
  for (const std::string& attach : args.attach) AddFlag(argv, "--attach", attach);
  AddList(argv, "--attach-to", args.attach_to);
  AddFlag(argv, "--kept-identity", args.kept_identity);
  return argv;
}

std::vector<std::vector<std::string>> AlternativeArgvs(const Context& context, const v1::Decision& decision,
                                                       const SendArgs& args, const Names& command) {
  std::vector<Names> argvs;
  for (const v1::Alternative& alternative : decision.instead()) {
    SendArgs changed = args;
    argvs.push_back(ApplyAlternative(alternative, context.language, changed)
                        ? ToArgv(context, changed, command)
                        : Names());
  }
  return argvs;
}

}  // namespace seinpost::client
