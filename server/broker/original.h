// SPDX-License-Identifier: EUPL-1.2
// A stored signal as the facts that a later request about it is judged by. Reads the database: not for a
// thread of gRPC's. Thread-safe.
#ifndef SEINPOST_SERVER_BROKER_ORIGINAL_H_
#define SEINPOST_SERVER_BROKER_ORIGINAL_H_

#include <vector>

#include "absl/status/statusor.h"
#include "policies/request.h"
#include "seinpost/v1/envelope.pb.h"
#include "server/broker/records.h"
#include "storage/store.h"
#include "trust/directory.h"

namespace seinpost::server {

struct Original {
  struct Part {
    uint32_t index;
    v1::PartDescriptor descriptor;
  };
  StoredSignal row;
  v1::Core core;
  std::vector<Part> parts;  // by index

  // Null: no such part.
  const Part* FindPart(uint32_t index) const;
  // Whether `member` sent it, or has a part of it.
  bool IsKnownTo(const trust::Directory& directory, ByteView member_ref) const;
};

// kNotFound: no such signal. kDataLoss: its rows are broken.
absl::StatusOr<Original> LoadOriginal(const Store& store, ByteView realm_prefix, ByteView signal_id);

// The core inside a stored header. kDataLoss.
absl::StatusOr<v1::Core> CoreOf(ByteView header);

policies::OriginalFacts ToFacts(const Original& original, const trust::Directory& directory);

// Whether `device` is wrapped to in `descriptor`.
bool IsRecipient(const v1::PartDescriptor& descriptor, ByteView device);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_BROKER_ORIGINAL_H_
