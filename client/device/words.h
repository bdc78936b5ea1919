// SPDX-License-Identifier: EUPL-1.2
// How `seinpost device` tells what was done. Shapes: docs/formats/json.md and, of what administrators do,
// docs/formats/org_directory.md. Sentences for administrators are English.
#ifndef SEINPOST_CLIENT_DEVICE_WORDS_H_
#define SEINPOST_CLIENT_DEVICE_WORDS_H_

#include <string>
#include <vector>

#include "client/device/devices.h"
#include "client/device/enrol.h"
#include "client/device/exposure.h"
#include "client/device/pass_on.h"
#include "client/device/restore.h"
#include "client/terminal/context.h"
#include "client/terminal/json.h"

namespace seinpost::client {

Json ToJson(const DeviceRequested& requested);
std::string ToText(const DeviceRequested& requested, Language language);

Json ToJson(const DeviceIssued& issued);
std::string ToText(const DeviceIssued& issued, Language language);

Json ToJson(const std::vector<ListedDevice>& devices);
std::string ToText(const std::vector<ListedDevice>& devices, Language language);

Json ToJson(const DeviceRevoked& revoked);
std::string ToText(const DeviceRevoked& revoked, Language language);

// A device that was revoked because it is lost: with what to do next.
struct LostDevice {
  DeviceRevoked revoked;
  std::string org_dir;  // the key directory
};
Json ToJson(const LostDevice& lost);
std::string ToText(const LostDevice& lost, Language language);

Json ToJson(const PassphraseChanged& changed);
std::string ToText(const PassphraseChanged& changed, Language language);

Json ToJson(const DeviceAcknowledged& acknowledged);
std::string ToText(const DeviceAcknowledged& acknowledged, Language language);

// keys_words.cc
Json ToJson(const KeysAskedFor& keys);
std::string ToText(const KeysAskedFor& keys, Language language);

Json ToJson(const KeysPassedOn& keys);
std::string ToText(const KeysPassedOn& keys, Language language);

Json ToJson(const Exposure& exposure);
std::string ToText(const Exposure& exposure, Language language);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_DEVICE_WORDS_H_
