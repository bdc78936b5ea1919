// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_CLIENT_CONVENANT_SHOW_H_
#define SEINPOST_CLIENT_CONVENANT_SHOW_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "client/terminal/context.h"
#include "policies/document/convenant.h"
#include "trust/directory.h"
#include "util/bytes.h"

namespace seinpost::client {

// The convenant of a profile, and what happened to it since version 1 (trust/directory.h).
struct ConvenantShown {
  std::shared_ptr<const policies::Convenant> convenant;  // the version in force
  Digest hash{};                                         // of its file
  std::vector<trust::Version> versions;
  std::vector<policies::Restriction> restrictions;  // in force
  std::vector<trust::LogIdentity> logs;
  std::vector<trust::LostTail> lost_tails;
  std::vector<trust::Proposal> proposals;  // open
  std::vector<policies::Witness> witnesses;
  uint32_t witness_quorum = 0;
  // The number that the next one of each takes.
  uint64_t next_trust_update = 0, next_restriction = 0, next_epoch = 0;
};
// Without a broker it is what was known before.
absl::StatusOr<ConvenantShown> ShowConvenant(const Context& context);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_CONVENANT_SHOW_H_
