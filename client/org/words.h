// SPDX-License-Identifier: EUPL-1.2
// How `seinpost org` tells what was done. Shapes: docs/formats/org_directory.md. Sentences are English, since
// they are for administrators.
#ifndef SEINPOST_CLIENT_ORG_WORDS_H_
#define SEINPOST_CLIENT_ORG_WORDS_H_

#include <string>

#include "client/org/invite.h"
#include "client/org/keys.h"
#include "client/org/mandates.h"
#include "client/terminal/context.h"
#include "client/terminal/json.h"

namespace seinpost::client {

Json ToJson(const KeyDirectoryMade& made);
std::string ToText(const KeyDirectoryMade& made, Language language);

Json ToJson(const IssuerMade& made);
std::string ToText(const IssuerMade& made, Language language);

Json ToJson(const RootChanged& changed);
std::string ToText(const RootChanged& changed, Language language);

Json ToJson(const RootKeysListed& listed);
std::string ToText(const RootKeysListed& listed, Language language);

Json ToJson(const InvitationWritten& written);
std::string ToText(const InvitationWritten& written, Language language);

Json ToJson(const MandatesGranted& granted);
std::string ToText(const MandatesGranted& granted, Language language);

Json ToJson(const MandatesListed& listed);
std::string ToText(const MandatesListed& listed, Language language);

Json ToJson(const MandateEnded& ended);
std::string ToText(const MandateEnded& ended, Language language);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_ORG_WORDS_H_
