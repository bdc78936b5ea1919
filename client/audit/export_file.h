// SPDX-License-Identifier: EUPL-1.2
// The whole log as a file, JSON Lines (client/audit/export.h): writing it, and checking it.
#ifndef SEINPOST_CLIENT_AUDIT_EXPORT_FILE_H_
#define SEINPOST_CLIENT_AUDIT_EXPORT_FILE_H_

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/audit/export.h"
#include "client/terminal/context.h"

namespace seinpost::client {

// Told now and then how much is done, of how much.
using ExportProgress = std::function<void(uint64_t done, uint64_t all)>;

struct LogExported {
  std::string file;   // empty: to a stream
  uint64_t size = 0;  // entries
};
// The file has mode 0600 and appears under its name only when it is whole.
absl::StatusOr<LogExported> ExportLog(const Context& context, const std::string& file,
                                      const ExportProgress& progress = nullptr);
// To a stream, entry by entry; after an error it holds a part.
absl::StatusOr<LogExported> ExportLogTo(const Context& context, std::ostream& out,
                                        const ExportProgress& progress = nullptr);

struct AuditVerifyArgs {
  std::string file;
  std::string log_key;                 // hexadecimal; or
  std::string convenant_file;          // which names it
  std::vector<std::string> witnesses;  // verifier keys "<name>+<id>+<key>"
  uint64_t quorum = 0;
};
struct ExportVerified {
  ExportCheck check;
};
// Offline: needs nothing but the file. That something in it was altered is no error but check.report.
absl::StatusOr<ExportVerified> VerifyExportFile(const Context& context, const AuditVerifyArgs& args,
                                                const ExportProgress& progress = nullptr);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_AUDIT_EXPORT_FILE_H_
