// SPDX-License-Identifier: EUPL-1.2
// `seinpostd init`: makes the keys that a broker needs and does not have yet.
#ifndef SEINPOST_SERVER_PROGRAM_INIT_H_
#define SEINPOST_SERVER_PROGRAM_INIT_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/program/config.h"
#include "util/bytes.h"

namespace seinpost::server {

// Public halves of what a broker goes by.
struct BrokerIdentity {
  Bytes identity;                         // 32 bytes: `trust.broker_key` of the convenants
  std::map<std::string, Bytes> log_keys;  // by convenant id, 32 bytes: `trust.log_key`
  // By convenant id, 32 bytes: made to follow the log key, and not in force yet.
  std::map<std::string, Bytes> next_log_keys;
  std::string tls_certificate;  // path: configured, or self-signed and so its own CA
  std::string tls_key;          // path
};

// Makes the identity key, a log key per convenant, and, unless a certificate is configured, a self-signed one
// for the host that the broker listens on, localhost and 127.0.0.1. What exists is kept, so that it may be
// run again after a convenant was added. Directories get mode 0700, secrets 0600.
//
// For the convenant `next_log_key` (empty: none) it also makes the key that is to follow its log key, once a
// TrustUpdate or LogEpoch states it. kInvalidArgument: no such convenant in `config`.
absl::StatusOr<BrokerIdentity> InitBroker(const ServerConfig& config, absl::Time now,
                                          const std::string& next_log_key = "");

// Where certificate and key of `config` lie, configured or made.
std::string TlsCertificatePath(const ServerConfig& config);
std::string TlsKeyPath(const ServerConfig& config);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_PROGRAM_INIT_H_
