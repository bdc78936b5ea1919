// SPDX-License-Identifier: EUPL-1.2
// What the parts of the broker share: the places they work on, and the checks that every signed statement
// goes through. Not for other folders; the broker's face is broker.h.
#ifndef SEINPOST_SERVER_GATE_CONTEXT_H_
#define SEINPOST_SERVER_GATE_CONTEXT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "seinpost/v1/common.pb.h"
#include "server/commit/sequencer.h"
#include "server/commit/workers.h"
#include "server/gate/metrics.h"
#include "server/gate/quota.h"
#include "server/gate/sessions.h"
#include "server/realm/realm.h"
#include "server/stream/source.h"
#include "storage/store.h"
#include "util/clock.h"

namespace seinpost::server {

// Calls per minute and device; 0: no limit. A burst may use a whole minute at once.
struct Limits {
  uint32_t submits = 600;
  uint32_t opens = 1200;  // and deliveries confirmed, rewraps asked for and given
  uint32_t uploads = 60;
  uint32_t questions = 1200;     // dry runs, proofs; directory, device and audit reads
  uint32_t publications = 1200;  // of the whole convenant: publishing needs no session
  uint32_t streams_per_device = 8;
};

struct Quotas {
  explicit Quotas(const Limits& limits)
      : submits(limits.submits),
        opens(limits.opens),
        uploads(limits.uploads),
        questions(limits.questions),
        publications(limits.publications) {}
  Quota submits, opens, uploads, questions, publications;
};

// Everything borrowed; all of it thread-safe and longer-lived than the parts.
struct Context {
  const Realms& realms;
  Store& store;
  Sequencer& sequencer;
  Workers& workers;
  const Clock& clock;
  Metrics& metrics;
  Quotas& quotas;
};

// A session resolved against the directory of now.
struct Caller {
  Realm* realm;
  DirectorySnapshot directory;
  const trust::Device* device;  // in `directory`
};
// kUnauthenticated: the device may not act any more (trust::Directory::MayAct).
absl::StatusOr<Caller> FindCaller(const Context& context, const Session& session, absl::Time now);

// kInvalidArgument: `convenant_id` is not the one the session is for.
absl::Status CheckConvenant(const Session& session, absl::string_view convenant_id);

// kNotFound: not a convenant of this broker. An empty id means the only one.
absl::StatusOr<Realm*> FindRealm(const Realms& realms, absl::string_view convenant_id);

// On the commit thread too, by the directory of that moment: nothing a device asked for is logged after its
// revocation. kUnauthenticated otherwise.
absl::Status CheckMayAct(const trust::Directory& directory, ByteView device_id, absl::Time now);

// Checks what every statement signed by a device has in common. kInvalidArgument names the field, behind the
// name of the statement. kFailedPrecondition: the time is not within five minutes of `now`.
struct StatementFields {
  absl::string_view convenant_id;
  ByteView device_id;
  int64_t time;
  std::optional<ByteView> nonce;  // absent: this kind of statement has none
  absl::string_view name = "statement";
};
absl::Status CheckStatement(const Caller& caller, absl::string_view label, ByteView statement,
                            ByteView signature, const StatementFields& fields, absl::Time now);
// Part of it: the signature, and that convenant and device are those of the session.
absl::Status CheckSigned(const Caller& caller, absl::string_view label, ByteView statement,
                         ByteView signature, const StatementFields& fields);

// On the commit thread: marks the nonce as used. kAlreadyExists: it was used before.
absl::Status UseNonce(Transaction& transaction, const Realm& realm, ByteView device_id, ByteView nonce,
                      absl::Time now);

// Where and as what something was logged.
struct Logged {
  uint64_t leaf_index;
  Digest leaf_hash;
  Bytes request_hash;
  absl::Time time;
};
// The receipt that was given before for the caller's own leaf, once more. Reads the database.
absl::StatusOr<v1::Receipt> ReceiptAgain(Realm& realm, const Logged& logged);

// The receipt of a leaf, with `opening` as the caller may see it (empty: none).
v1::Receipt MakeReceipt(Realm& realm, uint64_t index, const Digest& leaf_hash, ByteView request_hash,
                        absl::Time time, ByteView opening);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_GATE_CONTEXT_H_
