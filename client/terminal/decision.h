// SPDX-License-Identifier: EUPL-1.2
// Decisions between policies/ and the wire. Pure; thread-safe.
#ifndef SEINPOST_CLIENT_TERMINAL_DECISION_H_
#define SEINPOST_CLIENT_TERMINAL_DECISION_H_

#include <string>
#include <vector>

#include "policies/decide/decide.h"
#include "seinpost/v1/common.pb.h"
#include "seinpost/v1/signal.pb.h"

namespace seinpost::client {

// A decision that this client made, as the broker would send it (proto/seinpost/v1/common.proto).
v1::Decision ToProto(const policies::Decision& decision, const policies::SendRequest& request);

// The question that DecisionService and ReportDenial take. Members are written "party/handle" or
// "party/handle@convenant"; `in_reply_to` and `forwards` are the caller's to fill in.
v1::DecideSendRequest ToProto(const policies::SendRequest& request, const policies::Facts& facts);

// "party/handle" or "party/handle@convenant": how commands and the wire write a member.
std::string AddressOf(const policies::MemberId& member);

// The codes of a refusal, each once, in order.
std::vector<std::string> CodesOf(const v1::Decision& decision);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_TERMINAL_DECISION_H_
