// SPDX-License-Identifier: EUPL-1.2
// `seinpost device restore`, `pass-on` and `exposure` in words.
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/substitute.h"
#include "client/device/keys.h"
#include "client/device/words.h"
#include "client/terminal/arguments.h"
#include "client/terminal/fingerprint.h"
#include "client/terminal/output.h"
#include "client/terminal/say.h"
#include "client/terminal/texts.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

// Asks on the terminal about one device.
absl::Status AskAboutDevice(const Context& context, const AskingDevice& device) {
  const Language language = context.language;
  const std::string question =
      absl::StrCat(absl::Substitute(TextOf(Text::kPassOnAsked, language), ToHex(device.device_id),
                                    device.member, FormatLocal(device.since), Fingerprint(device.device_key),
                                    device.asked, device.signals),
                   "\n", absl::Substitute(TextOf(Text::kPassOnConfirm, language), device.member));
  return AskYes(context, question) ? absl::OkStatus()
                                   : absl::CancelledError(TextOf(Text::kPassOnCancelled, language));
}

std::string LevelOf(const ExposedPart& part) { return std::string(policies::ToString(part.level)); }

}  // namespace

Json ToJson(const KeysAskedFor& keys) {
  Json signals = Json::array();
  for (const Bytes& id : keys.signals) signals.push_back(ToHex(id));
  return Json{{"signals", std::move(signals)}, {"asked", keys.asked}, {"refused", keys.refused}};
}

std::string ToText(const KeysAskedFor& keys, Language language) {
  std::string text(TextOf(Text::kRestoreNothing, language));
  if (keys.asked + keys.refused > 0) {
    text = absl::Substitute(TextOf(Text::kRestoreAsked, language), keys.asked, keys.signals.size(),
                            ToHex(keys.device_id));
  }
  if (keys.refused > 0) {
    absl::SubstituteAndAppend(&text, absl::StrCat("\n", TextOf(Text::kRestoreRefused, language)),
                              keys.refused);
  }
  return absl::StrCat(text, "\n");
}

Json ToJson(const KeysPassedOn& keys) {
  Json list = Json::array();
  for (const AskingDevice& device : keys.devices) {
    list.push_back(Json{{"device_id", ToHex(device.device_id)},
                        {"member", device.member},
                        {"fingerprint", Fingerprint(device.device_key)},
                        {"since", FormatUtc(device.since)},
                        {"asked", device.asked},
                        {"passed_on", device.passed_on}});
  }
  return list;
}

std::string ToText(const KeysPassedOn& keys, Language language) {
  if (keys.devices.empty()) return absl::StrCat(TextOf(Text::kPassOnNone, language), "\n");
  std::string text;
  for (const AskingDevice& device : keys.devices) {
    absl::StrAppend(&text,
                    absl::Substitute(TextOf(Text::kPassedOn, language), device.passed_on, device.asked,
                                     ToHex(device.device_id), device.member),
                    "\n");
  }
  return text;
}

Json ToJson(const Exposure& exposure) {
  Json list = Json::array();
  for (const ExposedPart& part : exposure.parts) {
    list.push_back(Json{{"signal_id", ToHex(part.signal_id)},
                        {"channel", part.channel},
                        {"level", LevelOf(part)},
                        {"category", part.category},
                        {"purpose", part.purpose},
                        {"case_ref", OrNull(ToHex(part.case_ref))},
                        {"created", FormatUtc(part.created)},
                        {"part", part.part},
                        {"kind", part.kind},
                        {"expires", FormatUtc(part.expires)},
                        {"released", part.released}});
  }
  return list;
}

std::string ToText(const Exposure& exposure, Language language) {
  if (exposure.parts.empty()) return absl::StrCat(TextOf(Text::kExposureNone, language), "\n");
  std::vector<std::vector<std::string>> rows = {absl::StrSplit(TextOf(Text::kExposureHead, language), '|')};
  std::set<Bytes> signals;
  size_t released = 0;
  for (const ExposedPart& part : exposure.parts) {
    rows.push_back({ToHex(part.signal_id), part.channel, LevelOf(part), part.category, part.purpose,
                    ToHex(part.case_ref), FormatLocal(part.created), part.kind,
                    std::string(TextOf(part.released ? Text::kYes : Text::kNo, language))});
    signals.insert(part.signal_id);
    if (part.released) ++released;
  }
  return absl::StrCat(Table(rows),
                      absl::Substitute(TextOf(Text::kExposureCount, language), exposure.parts.size(),
                                       signals.size(), released),
                      "\n");
}

absl::Status DeviceRestore(Context& context) {
  const absl::StatusOr<KeysAskedFor> keys = AskForKeys(context);
  RETURN_IF_ERROR(Say(context, keys));
  return keys->unverified;
}

absl::Status DevicePassOn(Context& context, const DevicePassOnArgs& args) {
  const absl::StatusOr<KeysPassedOn> keys =
      PassKeysOn(context, args, [&](const AskingDevice& device) { return AskAboutDevice(context, device); });
  RETURN_IF_ERROR(Say(context, keys));
  if (keys->stopped.ok()) return keys->unverified;
  Note(context, absl::IsCancelled(keys->stopped) ? TextOf(Text::kPassOnStopped, context.language)
                                                 : keys->stopped.message());
  return PrintedError(ExitCodeOf(keys->stopped));
}

absl::Status DeviceExposure(Context& context, const std::string& device) {
  return Say(context, FindExposure(context, device));
}

}  // namespace seinpost::client
