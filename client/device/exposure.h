// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_CLIENT_DEVICE_EXPOSURE_H_
#define SEINPOST_CLIENT_DEVICE_EXPOSURE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/terminal/context.h"
#include "policies/document/vocabulary.h"
#include "util/bytes.h"

namespace seinpost::client {

// A part that a device could read.
struct ExposedPart {
  Bytes signal_id;
  std::string channel;
  policies::Level level = policies::Level::kL0;
  std::string category, purpose;
  Bytes case_ref;  // empty: none
  absl::Time created;
  uint32_t part = 0;
  std::string kind;  // "identity"
  absl::Time expires;
  bool released = false;  // the broker gave it the key
};
struct Exposure {
  std::vector<ExposedPart> parts;
};
// What a device, a hexadecimal id, could read, as the broker knows it; the question is logged. A usage error:
// no such device of one's own organisation.
absl::StatusOr<Exposure> FindExposure(const Context& context, const std::string& device);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_DEVICE_EXPOSURE_H_
