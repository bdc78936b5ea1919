// SPDX-License-Identifier: EUPL-1.2
// What the commands that make an act to be signed share.
#ifndef SEINPOST_CLIENT_CONVENANT_ACTS_H_
#define SEINPOST_CLIENT_CONVENANT_ACTS_H_

#include <string>

#include "absl/status/status.h"
#include "client/convenant/bundle.h"
#include "client/terminal/context.h"

namespace seinpost::client {

// Writes an act to `out`, prints what it says and how many must sign it. A usage error: no `out`, or nobody
// may sign it under this version.
absl::Status WriteAct(const Context& context, const std::string& out, v1::ObjectKind kind,
                      const google::protobuf::Message& body, const ConvenantFile& in_force);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_CONVENANT_ACTS_H_
