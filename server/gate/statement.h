// SPDX-License-Identifier: EUPL-1.2
// What every statement signed by a device has in common, checked. Thread-safe, but for UseNonce.
#ifndef SEINPOST_SERVER_GATE_STATEMENT_H_
#define SEINPOST_SERVER_GATE_STATEMENT_H_

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/commit/transaction.h"
#include "server/gate/caller.h"
#include "util/bytes.h"

namespace seinpost::server {

// How far the time in a signed statement may lie from the broker's clock.
inline constexpr absl::Duration kStatementWindow = absl::Minutes(5);

struct StatementFields {
  absl::string_view convenant_id;
  ByteView device_id;
  int64_t time;
  std::optional<ByteView> nonce;  // absent: this kind of statement has none
  absl::string_view name = "statement";
};
// kInvalidArgument names the field, behind the name of the statement. kFailedPrecondition: the time is not
// within five minutes of `now`.
absl::Status CheckStatement(const Caller& caller, absl::string_view label, ByteView statement,
                            ByteView signature, const StatementFields& fields, absl::Time now);
// Part of it: the signature, and that convenant and device are those of the session.
absl::Status CheckSigned(const Caller& caller, absl::string_view label, ByteView statement,
                         ByteView signature, const StatementFields& fields);

// On the commit thread: marks the nonce as used. kAlreadyExists: it was used before.
absl::Status UseNonce(Transaction& transaction, const Realm& realm, ByteView device_id, ByteView nonce,
                      absl::Time now);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_GATE_STATEMENT_H_
