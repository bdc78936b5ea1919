// SPDX-License-Identifier: EUPL-1.2
#include "client/device/words.h"

#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "client/device/commands.h"
#include "client/terminal/arguments.h"
#include "client/terminal/fingerprint.h"
#include "client/terminal/output.h"
#include "client/terminal/say.h"
#include "client/terminal/texts.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

const char* WordOf(DeviceState state) {
  switch (state) {
    case DeviceState::kValid:
      return "valid";
    case DeviceState::kNotYetValid:
      return "not yet valid";
    case DeviceState::kExpired:
      return "expired";
    case DeviceState::kRevoked:
      return "revoked";
  }
  return "?";
}

// What `signal send` prints under "instead" has the same shape.
struct NextStep {
  std::string text;
  std::vector<std::string> argv;
};

std::vector<NextStep> NextSteps(const LostDevice& lost) {
  return {
      {"what it could read, as the member or a privacy officer sees it",
       {"seinpost", "device", "exposure", ToHex(lost.revoked.device_id)}},
      {"certify the member's new device from its request",
       {"seinpost", "device", "issue", "REQUEST", "--org", lost.org_dir, "--add-device"}},
      {"on the new device: ask for the keys of older signals", {"seinpost", "device", "restore"}},
      {"on another device of a recipient: pass them on", {"seinpost", "device", "pass-on"}},
  };
}

// Asks on the terminal whether the member read this code.
absl::Status AskAboutCode(const Context& context, const CodeToConfirm& code) {
  if (!context.passphrase.prompt || isatty(STDIN_FILENO) == 0) {
    return UsageError("--code: needed where nobody can be asked; the member reads it from his screen");
  }
  const bool confirmed =
      AskYes(context, absl::StrCat("request of ", code.member,
                                   code.add_device ? ", one more device of that member" : "", "\ncode ",
                                   code.code, "\nDoes the member read you this very code? [yes/no]"));
  return confirmed ? absl::OkStatus() : absl::CancelledError("not confirmed; nothing was issued");
}

}  // namespace

Json ToJson(const DeviceRequested& requested) {
  return Json{{"member", requested.member},
              {"device_id", ToHex(requested.device_id)},
              {"convenant", requested.convenant},
              {"convenant_version", requested.convenant_version},
              {"convenant_hash", ToHex(requested.convenant_hash)},
              {"convenant_fingerprint", GroupedHex(requested.convenant_hash)},
              {"request", requested.request},
              {"fingerprint", Fingerprint(requested.device_key)},
              {"code", requested.code}};
}

// What a new member reads: what to compare, what to send, what to read aloud.
std::string ToText(const DeviceRequested& requested, Language language) {
  const bool nl = language == Language::kDutch;
  std::string text = absl::StrCat(
      nl ? "profiel van " : "profile of ", requested.member, ": ", requested.profile_dir, "\nconvenant ",
      requested.convenant, nl ? " versie " : " version ", requested.convenant_version,
      nl ? ", vingerafdruk:\n  " : ", fingerprint:\n  ", GroupedHex(requested.convenant_hash), "\n");
  if (!requested.compared) {
    absl::StrAppend(&text, nl ? "  vergelijk die met wat uw beheerder u zegt\n"
                              : "  compare it with what your administrator tells you\n");
  }
  absl::StrAppend(&text, nl ? "stuur " : "send ", requested.request,
                  nl ? " aan uw beheerder en lees hem deze code voor, bijvoorbeeld per telefoon:\n  "
                     : " to your administrator, and read him this code, by telephone say:\n  ",
                  requested.code, "\n");
  return text;
}

Json ToJson(const DeviceIssued& issued) {
  return Json{{"device_id", ToHex(issued.device_id)},
              {"member", issued.member},
              {"serial", issued.serial},
              {"not_after", FormatUtc(issued.not_after)},
              {"fingerprint", Fingerprint(issued.device_key)},
              {"code", issued.code},
              {"added", issued.added},
              {"published", issued.published}};
}

std::string ToText(const DeviceIssued& issued, Language /*language*/) {
  return absl::StrCat(issued.added ? "one more device of " : "device of ", issued.member, ": ",
                      ToHex(issued.device_id), "\n",
                      issued.published ? "published\n" : "not published yet\n");
}

Json ToJson(const std::vector<ListedDevice>& devices) {
  Json list = Json::array();
  for (const ListedDevice& device : devices) {
    list.push_back(Json{{"device_id", ToHex(device.device_id)},
                        {"member", device.member},
                        {"state", WordOf(device.state)},
                        {"not_after", FormatUtc(device.not_after)}});
  }
  return list;
}

std::string ToText(const std::vector<ListedDevice>& devices, Language /*language*/) {
  std::vector<std::vector<std::string>> table{{"device", "member", "state", "until"}};
  for (const ListedDevice& device : devices) {
    table.push_back(
        {ToHex(device.device_id), device.member, WordOf(device.state), FormatLocal(device.not_after)});
  }
  return Table(table);
}

Json ToJson(const DeviceRevoked& revoked) {
  return Json{{"device_id", ToHex(revoked.device_id)}, {"published", revoked.published}};
}

std::string ToText(const DeviceRevoked& revoked, Language /*language*/) {
  return absl::StrCat("device ", ToHex(revoked.device_id), " of ", revoked.member,
                      revoked.published ? " is revoked\n" : " is revoked once this is published\n");
}

Json ToJson(const LostDevice& lost) {
  Json steps = Json::array();
  for (const NextStep& step : NextSteps(lost)) {
    steps.push_back(Json{{"text", step.text}, {"argv", step.argv}});
  }
  return Json{{"device_id", ToHex(lost.revoked.device_id)},
              {"member", lost.revoked.member},
              {"published", lost.revoked.published},
              {"next", std::move(steps)}};
}

std::string ToText(const LostDevice& lost, Language language) {
  std::string text = ToText(lost.revoked, language);
  for (const NextStep& step : NextSteps(lost)) {
    absl::StrAppend(&text, step.text, ":\n  ", absl::StrJoin(step.argv, " "), "\n");
  }
  return text;
}

Json ToJson(const PassphraseChanged& /*changed*/) { return Json{{"changed", true}}; }

std::string ToText(const PassphraseChanged& /*changed*/, Language /*language*/) {
  return "the profile is sealed under the new passphrase\n";
}

Json ToJson(const DeviceAcknowledged& acknowledged) {
  return Json{{"device_id", ToHex(acknowledged.device_id)}, {"acknowledged", true}};
}

std::string ToText(const DeviceAcknowledged& acknowledged, Language language) {
  return absl::Substitute(TextOf(Text::kDeviceAcknowledged, language), ToHex(acknowledged.device_id));
}

absl::Status DeviceRequest(Context& context, const DeviceRequestArgs& args) {
  return Say(context, RequestDevice(context, args));
}

absl::Status DeviceIssue(Context& context, const DeviceIssueArgs& args) {
  return Say(context, IssueDevice(context, args,
                                  [&](const CodeToConfirm& code) { return AskAboutCode(context, code); }));
}

absl::Status DeviceList(Context& context, const DeviceListArgs& args) {
  return Say(context, ListDevices(context, args));
}

absl::Status DeviceRevoke(Context& context, const DeviceRevokeArgs& args) {
  return Say(context, RevokeDevice(context, args));
}

absl::Status DeviceLost(Context& context, const DeviceRevokeArgs& args) {
  ASSIGN_OR_RETURN(DeviceRevoked revoked, RevokeDevice(context, args));
  return Say(context, absl::StatusOr<LostDevice>({std::move(revoked), args.dir}));
}

absl::Status DevicePassphrase(Context& context, const DevicePassphraseArgs& args) {
  return Say(context, ChangePassphrase(context, args));
}

absl::Status DeviceAcknowledge(Context& context, const std::string& device_id) {
  return Say(context, AcknowledgeDevice(context, device_id));
}

}  // namespace seinpost::client
