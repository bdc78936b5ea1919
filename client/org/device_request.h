// SPDX-License-Identifier: EUPL-1.2
// The file by which a device asks its administrator for a certificate, and the code that the member reads to
// him so that he certifies this device and no other. Format: docs/formats/device_request.md. Pure;
// thread-safe.
#ifndef SEINPOST_CLIENT_ORG_DEVICE_REQUEST_H_
#define SEINPOST_CLIENT_ORG_DEVICE_REQUEST_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trust/objects.h"

namespace seinpost::client {

// The request file. kInvalidArgument: not one.
std::string EncodeDeviceRequest(const trust::SignedDeviceRequest& request);
absl::StatusOr<trust::SignedDeviceRequest> DecodeDeviceRequest(absl::string_view text);

// "7QK4-9M2X-0C5T": the first 60 bits of SHA-256("seinpost/v1/device-code" || request) in Crockford's base32,
// to be read aloud.
std::string DeviceCode(const trust::SignedDeviceRequest& request);
// Whether somebody typed that code: capitals, spaces and hyphens do not matter, O is 0, I and L are 1.
bool IsDeviceCode(absl::string_view typed, absl::string_view code);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_ORG_DEVICE_REQUEST_H_
