// SPDX-License-Identifier: EUPL-1.2
#include "envelope/core.h"

#include "envelope/limits.h"

namespace seinpost::envelope {

absl::StatusOr<v1::Core> ParseCore(ByteView header_bytes) {
  v1::Header header;
  v1::Core core;
  if (header_bytes.size() > kMaxHeaderBytes ||
      !header.ParseFromArray(header_bytes.data(), static_cast<int>(header_bytes.size())) ||
      !core.ParseFromString(header.core())) {
    return absl::InvalidArgumentError("the header does not parse");
  }
  return core;
}

}  // namespace seinpost::envelope
