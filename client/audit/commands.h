// SPDX-License-Identifier: EUPL-1.2
// `seinpost audit`: the log of the convenant, for privacy officers; checking an export is for everybody.
#ifndef SEINPOST_CLIENT_AUDIT_COMMANDS_H_
#define SEINPOST_CLIENT_AUDIT_COMMANDS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "audit/commitment.h"
#include "client/session/session.h"
#include "client/terminal/context.h"
#include "seinpost/v1/audit.pb.h"

namespace seinpost::client {

// Which events to show; everything empty shows all.
struct AuditLogArgs {
  std::string event;         // "READ"
  std::string member;        // "party/handle": who did it
  std::string organisation;  // party id
  std::string channel;
  std::string case_ref;      // hexadecimal; the broker opens only what matches
  std::string since, until;  // dates
  uint64_t last = 0;         // only the last so many; 0: all
};
absl::Status AuditLog(Context& context, const AuditLogArgs& args);

// Proves that leaf `index` is in the log, against the checkpoint of now.
absl::Status AuditProof(Context& context, uint64_t index);

// Writes the whole log as JSON Lines (client/audit/export.h); "-": stdout.
absl::Status AuditExport(Context& context, const std::string& file);

// Offline: needs nothing but the file. Exit 5 if anything in it was altered.
struct AuditVerifyArgs {
  std::string file;
  std::string log_key;                 // hexadecimal; or
  std::string convenant_file;          // which names it
  std::vector<std::string> witnesses;  // verifier keys "<name>+<id>+<key>"
  uint64_t quorum = 0;
};
absl::Status AuditVerify(Context& context, const AuditVerifyArgs& args);

// Asks for all leaves of the log up to the session's checkpoint and gives each to `each` in order. The query
// is a leaf itself. kDataLoss (exit 5): what came is not the log that the checkpoint speaks of.
absl::Status FetchLog(Session& session, ByteView case_ref,
                      absl::FunctionRef<absl::Status(const v1::ExportEntry&)> each);

// One event in words. `directory` names the members; an unknown one is shown by the start of his reference.
std::string EventSentence(const audit::Event& event, const trust::Directory& directory, Language language);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_AUDIT_COMMANDS_H_
