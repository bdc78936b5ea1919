// SPDX-License-Identifier: EUPL-1.2
// What the log tells of what happened at the broker: audit events made from verified requests. An event holds
// references, roles and codes; no content, no handle, no free text. Pure; thread-safe.
#ifndef SEINPOST_SERVER_SIGNALS_EVENTS_H_
#define SEINPOST_SERVER_SIGNALS_EVENTS_H_

#include <vector>

#include "absl/time/time.h"
#include "audit/event.h"
#include "envelope/verify.h"
#include "policies/decide/decide.h"
#include "trust/directory.h"

namespace seinpost::server {

// Who did what, when, under which convenant: what every event starts with. `action` is NEN 7513's C, R or E.
audit::Event ActorEvent(audit::EventType type, absl::string_view action, const trust::Directory& directory,
                        const trust::Device& actor, absl::string_view channel, absl::Time now);

// The fields of a refusal, or of consent: outcome, codes, the deciding clause.
void SetDecision(const policies::Decision& decision, audit::Event& event);

// SUBMIT or DECISION_DENY of an envelope, with every recipient of every part and the verdict on him.
audit::Event SubmitEvent(const envelope::VerifiedHeader& header, const policies::SendRequest& request,
                         const policies::Decision& decision, const trust::Directory& directory,
                         absl::Time now);

// What `core` says of a signal: channel aside.
void SetSignal(const v1::Core& core, audit::Event& event);

// A function that `member` holds at `now`, the one for the scope of `channel` if there is one; empty without
// any.
std::string FunctionOf(const trust::Directory& directory, ByteView member_ref, absl::string_view channel,
                       absl::Time now);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_SIGNALS_EVENTS_H_
