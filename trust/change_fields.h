// SPDX-License-Identifier: EUPL-1.2
// What the body of a trust update, restriction order or log epoch says by itself, before any signature is
// looked at: the strict encoding, the bounds of each field, and that it speaks of `in_force`. For use by
// directory.h. Pure; thread-safe.
//   kInvalidArgument     malformed, or a field out of its bounds; the text begins with the field
//   kFailedPrecondition  it speaks of another version than the one in force
#ifndef SEINPOST_TRUST_CHANGE_FIELDS_H_
#define SEINPOST_TRUST_CHANGE_FIELDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "policies/decide/request.h"
#include "policies/document/convenant.h"
#include "trust/directory.h"
#include "util/bytes.h"

namespace seinpost::trust {

struct TrustUpdateFields {
  uint64_t number = 0;
  std::optional<FixedBytes<32>> log_key;
  bool replaces_witnesses = false;
  std::vector<policies::Witness> witnesses;
  uint32_t witness_quorum = 0;
};
absl::StatusOr<TrustUpdateFields> CheckTrustUpdateFields(const Version& in_force, ByteView body);

// `number` is the order's, and its channel or party is the convenant's.
absl::StatusOr<policies::Restriction> CheckRestrictionFields(const Version& in_force, ByteView body);

struct LogEpochFields {
  uint64_t number = 0;
  Bytes last_checkpoint;
  uint64_t first_lost = 0;
  uint64_t directory_size = 0;
  std::string origin;
  FixedBytes<32> log_key{};
};
absl::StatusOr<LogEpochFields> CheckLogEpochFields(const Version& in_force, ByteView body);

}  // namespace seinpost::trust

#endif  // SEINPOST_TRUST_CHANGE_FIELDS_H_
