// SPDX-License-Identifier: EUPL-1.2
// How a member's commands are told, as JSON (docs/formats/json.md) and in sentences. Pure; thread-safe. Mail
// itself: client/mail/words.h.
#ifndef SEINPOST_CLIENT_SIGNAL_WORDS_H_
#define SEINPOST_CLIENT_SIGNAL_WORDS_H_

#include <string>

#include "client/signal/info.h"
#include "client/signal/read.h"
#include "client/signal/send.h"
#include "client/terminal/json.h"

namespace seinpost::client {

// {signal_id, case_ref, unreached[], unreached_since[], receipt{leaf_index, leaf_hash}}; queued: receipt is
// null, and queued true.
Json ToJson(const SendOutcome& sent);
std::string ToText(const SendOutcome& sent, Language language);

// {allowed: true, duties[]}.
Json ToJson(const SendAllowed& allowed);
std::string ToText(const SendAllowed& allowed, Language language);
Json ToJson(const OpenAllowed& allowed);
std::string ToText(const OpenAllowed& allowed, Language language);

// [a letter].
Json ToJson(const ListedSignals& listed);
std::string ToText(const ListedSignals& listed, Language language);

// {signal_id, parts[{kind, text | identity{} | file, content_type}], withheld[{kind, reason}]}.
Json ToJson(const OpenedSignal& opened);

// Those of `whoami`, `status` and `directory`.
Json ToJson(const SelfPortrait& self);
std::string ToText(const SelfPortrait& self, Language language);
Json ToJson(const StatusReport& report);
std::string ToText(const StatusReport& report, Language language);
Json ToJson(const ListedMembers& listed);
std::string ToText(const ListedMembers& listed, Language language);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_SIGNAL_WORDS_H_
