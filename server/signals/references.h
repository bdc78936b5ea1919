// SPDX-License-Identifier: EUPL-1.2
// What a submit speaks of besides itself: the signal it passes on (R14), the one it answers, and where the
// case of its reference plays (R23). Thread-safe.
#ifndef SEINPOST_SERVER_SIGNALS_REFERENCES_H_
#define SEINPOST_SERVER_SIGNALS_REFERENCES_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "policies/decide/request.h"
#include "seinpost/v1/signal.pb.h"
#include "server/gate/context.h"
#include "server/signals/original.h"
#include "storage/store.h"
#include "trust/directory.h"

namespace seinpost::server {

struct References {
  std::optional<Original> forwarded;
  History history;  // of the forwarded one
  std::optional<Original> answered;
  std::optional<Bytes> case_scope;  // of the first signal with this case reference

  // kNotFound: he neither sent nor got a signal that is referred to. The text is the one of a signal that
  // does not exist.
  absl::Status CheckKnownTo(const trust::Device& sender, const trust::Directory& directory) const;
  void AddTo(policies::Facts& facts, const trust::Directory& directory) const;
};

bool HasReferences(const v1::Core& core);
// Reads the database: not for a thread of gRPC's. kNotFound: no such signal.
absl::StatusOr<References> LoadReferences(const Store& store, ByteView realm_prefix, const v1::Core& core);

// On the commit thread: the row of the core's case reference stays until then at least. Errors of the disk.
absl::Status KeepCase(Transaction& transaction, const Bytes& realm_prefix, const v1::Core& core,
                      absl::Time until);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_SIGNALS_REFERENCES_H_
