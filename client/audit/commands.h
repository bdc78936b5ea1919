// SPDX-License-Identifier: EUPL-1.2
// `seinpost audit`: does what the headers below declare and says it (words.h).
#ifndef SEINPOST_CLIENT_AUDIT_COMMANDS_H_
#define SEINPOST_CLIENT_AUDIT_COMMANDS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "client/audit/export_file.h"
#include "client/audit/log.h"
#include "client/terminal/context.h"

namespace seinpost::client {

absl::Status AuditLog(Context& context, const AuditLogArgs& args);
absl::Status AuditProof(Context& context, uint64_t index);
// "-": the lines go to stdout, and nothing else does.
absl::Status AuditExport(Context& context, const std::string& file);
// Exit 5 if anything in the file was altered.
absl::Status AuditVerify(Context& context, const AuditVerifyArgs& args);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_AUDIT_COMMANDS_H_
