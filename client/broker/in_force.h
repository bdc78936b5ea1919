// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_CLIENT_BROKER_IN_FORCE_H_
#define SEINPOST_CLIENT_BROKER_IN_FORCE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/broker/connection.h"
#include "client/broker/convenant_file.h"

namespace seinpost::client {

// The version in force, by the broker's word: for those who have no profile and so no directory to check it
// with. Good for saying what would be refused and for being compared with what one knows; nothing else may
// rest on it.
struct InForce {
  ConvenantFile file;
  v1::SignedObject object;
  Bytes checkpoint;  // signed note
};
// An empty id: the broker's only convenant. kNotFound or kFailedPrecondition: none is in force. kUnavailable
// (exit 4): no broker there, or another certificate authority. kDataLoss (exit 5): what it gives is no
// convenant, or another.
absl::StatusOr<InForce> AskInForce(Connection& connection, absl::string_view convenant_id);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_BROKER_IN_FORCE_H_
