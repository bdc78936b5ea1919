// SPDX-License-Identifier: EUPL-1.2
// How `seinpost audit` tells what it found. Shapes: docs/formats/audit_export.md.
#ifndef SEINPOST_CLIENT_AUDIT_WORDS_H_
#define SEINPOST_CLIENT_AUDIT_WORDS_H_

#include <string>

#include "audit/commitment.h"
#include "client/audit/export_file.h"
#include "client/audit/log.h"
#include "client/terminal/context.h"
#include "client/terminal/json.h"

namespace seinpost::client {

// log_words.cc. One event in words; a member who is not in `names` is shown by the start of his reference.
std::string EventSentence(const audit::Event& event, const MemberNames& names, Language language);

// The JSON holds each event's sentence too.
Json ToJson(const LogRead& log, Language language);
std::string ToText(const LogRead& log, Language language);

Json ToJson(const EntryProven& proven);
std::string ToText(const EntryProven& proven, Language language);

Json ToJson(const LogExported& exported);
std::string ToText(const LogExported& exported, Language language);

Json ToJson(const ExportVerified& verified);
std::string ToText(const ExportVerified& verified, Language language);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_AUDIT_WORDS_H_
