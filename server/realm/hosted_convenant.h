// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_REALM_HOSTED_CONVENANT_H_
#define SEINPOST_SERVER_REALM_HOSTED_CONVENANT_H_

#include <string>

#include "util/bytes.h"

namespace seinpost::server {

// A convenant that this broker is configured to host.
struct HostedConvenant {
  std::string id;
  Bytes host_root;  // 32 bytes: root key of the party that runs the broker, compared at each activation
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_REALM_HOSTED_CONVENANT_H_
