// SPDX-License-Identifier: EUPL-1.2
// How `seinpost lab` tells what was done. Shapes: docs/formats/lab.md.
#ifndef SEINPOST_CLIENT_LAB_WORDS_H_
#define SEINPOST_CLIENT_LAB_WORDS_H_

#include <string>

#include "client/lab/lab.h"
#include "client/terminal/context.h"
#include "client/terminal/json.h"

namespace seinpost::client {

// What lab.json holds, too.
Json ToJson(const LabInfo& info);
std::string ToText(const LabInfo& info, Language language);

Json ToJson(const LabState& state);
std::string ToText(const LabState& state, Language language);

Json ToJson(const LabStopped& stopped);
std::string ToText(const LabStopped& stopped, Language language);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_LAB_WORDS_H_
