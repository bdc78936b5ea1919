// SPDX-License-Identifier: EUPL-1.2
// `seinpostd init`: makes the keys that a broker needs and does not have yet.
#ifndef SEINPOST_SERVER_PROGRAM_INIT_H_
#define SEINPOST_SERVER_PROGRAM_INIT_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
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
  // What the certificate lacks, as a sentence: that others cannot reach this broker by a name in it. Empty:
  // nothing.
  std::string warning;
};

struct InitWish {
  // Also make, for this convenant (empty: none), the key that is to follow its log key once a TrustUpdate or
  // LogEpoch states it.
  std::string next_log_key;
  // Names and IP addresses by which others reach this broker, for its certificate.
  std::vector<std::string> hosts;
};

// "NAME[,NAME|IP...]" to its parts. kInvalidArgument: one is neither a host name nor an address, or none is
// there.
absl::StatusOr<std::vector<std::string>> ParseHosts(absl::string_view list);

// Makes the identity key, a log key per convenant, and, unless a certificate is configured, a self-signed one
// for the host that the broker listens on, localhost, 127.0.0.1 and the hosts of `wish`. What exists is kept,
// so that it may be run again after a convenant was added. Directories get mode 0700, secrets 0600.
//
// kInvalidArgument: no such convenant in `config`; hosts for a certificate that is configured, or that is
// there already and does not name them; modes that let others at the keys.
absl::StatusOr<BrokerIdentity> InitBroker(const ServerConfig& config, absl::Time now,
                                          const InitWish& wish = {});

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_PROGRAM_INIT_H_
