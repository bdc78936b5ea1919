// SPDX-License-Identifier: EUPL-1.2
// Who calls: a session held against the directory of now. Thread-safe.
#ifndef SEINPOST_SERVER_GATE_CALLER_H_
#define SEINPOST_SERVER_GATE_CALLER_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/gate/context.h"
#include "server/gate/quota.h"
#include "server/gate/sessions.h"
#include "server/realm/realms.h"
#include "trust/directory.h"
#include "util/bytes.h"

namespace seinpost::server {

struct Caller {
  Realm* realm;
  DirectorySnapshot directory;
  const trust::Device* device;  // in `directory`
};
// kUnauthenticated: the device may not act any more (trust::Directory::MayAct).
absl::StatusOr<Caller> FindCaller(const Realms& realms, const Session& session, absl::Time now);

// Takes from what this caller's device and organisation may have. Errors of Quota::Take().
absl::Status Take(SharedQuota& quota, const Caller& caller, absl::Time now, uint64_t amount = 1);
// The same, afterwards: as Quota::Charge().
void Charge(SharedQuota& quota, const Caller& caller, absl::Time now, uint64_t amount);
// Kilobytes, begun ones too.
inline uint64_t KilobytesOf(size_t bytes) { return (bytes + 1023) / 1024; }

// How every asking method begins: the caller, who has one call less in `quota` of `context`, as his
// organisation has. Errors as above and of Quota::Take().
absl::StatusOr<Caller> Admit(const Context& context, SharedQuota& quota, const Session& session,
                             absl::Time now);
// The same for a call that leaves a leaf; then also ReadOnly() (commit/read_only.h).
absl::StatusOr<Caller> AdmitToWrite(const Context& context, SharedQuota& quota, const Session& session,
                                    absl::Time now);

// On the commit thread too, by the directory of that moment: nothing a device asked for is logged after its
// revocation. kUnauthenticated otherwise.
absl::Status CheckMayAct(const trust::Directory& directory, ByteView device_id, absl::Time now);

// kInvalidArgument: `convenant_id` is not the one the session is for.
absl::Status CheckConvenant(const Session& session, absl::string_view convenant_id);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_GATE_CALLER_H_
