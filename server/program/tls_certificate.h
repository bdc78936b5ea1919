// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_PROGRAM_TLS_CERTIFICATE_H_
#define SEINPOST_SERVER_PROGRAM_TLS_CERTIFICATE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace seinpost::server {

struct TlsCertificate {
  std::string certificate_pem;
  std::string key_pem;  // PKCS #8
};

// A self-signed P-256 server certificate for `hosts` (names or IP addresses), good for five years from a day
// before `now`. Whoever pins it as CA trusts this one server and nobody else. kInternal: OpenSSL refuses.
absl::StatusOr<TlsCertificate> MakeSelfSignedCertificate(const std::vector<std::string>& hosts,
                                                         absl::Time now);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_PROGRAM_TLS_CERTIFICATE_H_
