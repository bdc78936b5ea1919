// SPDX-License-Identifier: EUPL-1.2
// How mail is told: what came in, what waits, what was delivered and what is owed. Shapes:
// docs/formats/json.md. Pure; thread-safe.
#ifndef SEINPOST_CLIENT_MAIL_WORDS_H_
#define SEINPOST_CLIENT_MAIL_WORDS_H_

#include <string>

#include "client/mail/delivered.h"
#include "client/mail/duties.h"
#include "client/mail/inbox.h"
#include "client/mail/outbox.h"
#include "client/terminal/json.h"

namespace seinpost::client {

// {signal_id, channel, level, category, purpose, sender, created, case_ref, in_reply_to, unread,
// parts[kind]}.
Json ToJson(const Letter& letter);
// "L1".
std::string LevelOf(const Letter& letter);

// {signal_id, device_id, member, created, missing, was_online}.
Json ToJson(const Unconfirmed& unconfirmed);
std::string SentenceOf(const Unconfirmed& unconfirmed, Language language);

// {kind: send_again_unreached | send_again_cap | send_again_lost | unconfirmed, signal_id, members[], until}.
Json ToJson(const Duty& duty);
std::string SentenceOf(const Duty& duty, Language language);

// [{state: waiting, …} | {state: undelivered, …}].
Json ToJson(const OutboxContents& outbox);
std::string ToText(const OutboxContents& outbox, Language language);

// [{signal_id, outcome: sent | expired | refused, leaf_index | detail}].
Json ToJson(const FlushedOutbox& flushed);
// Only that there was nothing: of the rest people are told line by line while it is sent.
std::string ToText(const FlushedOutbox& flushed, Language language);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_MAIL_WORDS_H_
