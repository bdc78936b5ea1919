// SPDX-License-Identifier: EUPL-1.2
// The log of the convenant, for privacy officers. The queries are leaves of it themselves.
#ifndef SEINPOST_CLIENT_AUDIT_LOG_H_
#define SEINPOST_CLIENT_AUDIT_LOG_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "audit/commitment.h"
#include "client/session/session.h"
#include "client/terminal/context.h"
#include "seinpost/v1/audit.pb.h"
#include "util/bytes.h"

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
// "party/handle" by member reference.
using MemberNames = std::map<Bytes, std::string>;
struct LogRead {
  struct Entry {
    uint64_t index = 0;
    audit::Opening opening;
  };
  std::vector<Entry> entries;  // in order of the log
  MemberNames names;           // of those that occur in them and that the directory knows
};
// The events that are open to this device. kDataLoss (exit 5): what came is not the log that the checkpoint
// speaks of, or an opening is not that of its leaf.
absl::StatusOr<LogRead> ReadLog(const Context& context, const AuditLogArgs& args);

// A leaf with the proof that it is in the log, against the checkpoint of now.
struct EntryProven {
  uint64_t index = 0, size = 0;
  Bytes leaf;
  Digest leaf_hash{};
  std::vector<Digest> hashes;  // from leaf to root (RFC 6962 Section 2.1.1)
  Digest root{};
  Bytes checkpoint;  // signed note
};
// kDataLoss (exit 5): it is not. A usage error: the log is shorter.
absl::StatusOr<EntryProven> ProveEntry(const Context& context, uint64_t index);

// Asks for all leaves of the log up to the session's checkpoint and gives each to `each` in order. kDataLoss
// (exit 5): what came is not the log that the checkpoint speaks of.
absl::Status FetchLog(Session& session, ByteView case_ref,
                      absl::FunctionRef<absl::Status(const v1::ExportEntry&)> each);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_AUDIT_LOG_H_
