// SPDX-License-Identifier: EUPL-1.2
// The certificate and key that a broker serves with, looked at before gRPC gets them: its own answer to every
// mistake in them is that it cannot listen, or, for an expired certificate, nothing.
#ifndef SEINPOST_SERVER_PROGRAM_TLS_FILES_H_
#define SEINPOST_SERVER_PROGRAM_TLS_FILES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/program/config.h"

namespace seinpost::server {

struct TlsFiles {
  std::string certificate_pem;  // with its chain
  std::string key_pem;
  absl::Time not_after;  // the earliest of the chain
};

// Where certificate and key of `config` lie, configured or made.
std::string TlsCertificatePath(const ServerConfig& config);
std::string TlsKeyPath(const ServerConfig& config);

// Reads and checks both. kInvalidArgument, with a sentence that says what to do: no certificate or no key,
// encrypted, of another certificate, expired or not valid yet at `now`. kNotFound: no such file, `seinpostd
// init` makes it.
absl::StatusOr<TlsFiles> ReadTlsFiles(const ServerConfig& config, absl::Time now);

// The hosts among `hosts` (names or IP addresses) that the first certificate in `certificate_pem` does not
// name. kInvalidArgument: no certificate.
absl::StatusOr<std::vector<std::string>> HostsNotNamed(const std::string& certificate_pem,
                                                       const std::vector<std::string>& hosts);

// Whether the names in it are localhost and 127.0.0.1 and no other.
bool NamesOnlyThisMachine(const std::string& certificate_pem);

// Tells in time that a certificate ends: from thirty days before, at most once a day. Not thread-safe.
class CertificateWatch {
 public:
  explicit CertificateWatch(absl::Time not_after) : not_after_(not_after) {}
  // A line for the log, if there is something to say at `now`.
  std::optional<std::string> Look(absl::Time now);

 private:
  const absl::Time not_after_;
  absl::Time last_said_ = absl::InfinitePast();
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_PROGRAM_TLS_FILES_H_
