// SPDX-License-Identifier: EUPL-1.2
// A decision of the convenant as the wire has it (proto/seinpost/v1/common.proto), made alike by broker and
// client. Pure; thread-safe.
#ifndef SEINPOST_ENVELOPE_DECISION_MESSAGE_H_
#define SEINPOST_ENVELOPE_DECISION_MESSAGE_H_

#include <vector>

#include "policies/decide/decide.h"
#include "seinpost/v1/common.pb.h"

namespace seinpost::envelope {

// What the indices of a policies::Decision mean.
struct DecidedParts {
  std::vector<policies::PartKind> kinds;
  std::vector<std::vector<policies::MemberId>> recipients;

  static DecidedParts Of(const policies::SendRequest& request);
};

v1::Decision ToProto(const policies::Decision& decision, const DecidedParts& parts);

}  // namespace seinpost::envelope

#endif  // SEINPOST_ENVELOPE_DECISION_MESSAGE_H_
