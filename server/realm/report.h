// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_REALM_REPORT_H_
#define SEINPOST_SERVER_REALM_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "crypto/sign.h"
#include "util/bytes.h"

namespace seinpost::server {

// How a realm stands: what its administrator needs to know, and to draft a log epoch from.
struct RealmReport {
  std::string convenant;
  uint64_t size = 0;                    // leaves
  std::optional<uint64_t> anchor_size;  // nothing: no anchor
  Bytes anchor_note;
  absl::Status writable;                              // or why not
  absl::Status history;                               // or what is missing that tells what was there before
  std::optional<std::pair<uint64_t, uint64_t>> lost;  // leaves [first, end), if that is why
  uint64_t directory_size = 0;                        // objects
  crypto::PublicKey log_key{};                        // in force
  std::optional<crypto::PublicKey> next_log_key;      // of log-next.key
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_REALM_REPORT_H_
