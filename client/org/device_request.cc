// SPDX-License-Identifier: EUPL-1.2
#include "client/org/device_request.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/terminal/json.h"
#include "crypto/hash.h"
#include "trust/labels.h"

namespace seinpost::client {
namespace {

constexpr char kRequestFormat[] = "seinpost-device-request/1";
constexpr char kCrockford[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr int kCodeCharacters = 12;
constexpr int kGroup = 4;

}  // namespace

std::string EncodeDeviceRequest(const trust::SignedDeviceRequest& request) {
  const Json object{{"format", kRequestFormat},
                    {"request", ToBase64(request.request)},
                    {"signature", ToBase64(request.signature)}};
  return absl::StrCat(object.Dump(), "\n");
}

absl::StatusOr<trust::SignedDeviceRequest> DecodeDeviceRequest(absl::string_view text) {
  const absl::Status bad = absl::InvalidArgumentError("not a device request");
  const absl::StatusOr<Json> object = Json::Parse(text);
  if (!object.ok()) return bad;
  JsonFields fields(*object, "device request");
  if (fields.Text("format") != kRequestFormat) return bad;
  trust::SignedDeviceRequest request;
  request.request = fields.Base64("request");
  request.signature = fields.Base64("signature");
  if (!fields.ok()) return bad;
  return request;
}

std::string DeviceCode(const trust::SignedDeviceRequest& request) {
  const Digest hash = crypto::Sha256Concat({trust::kDeviceCodeLabel, request.request});
  uint64_t bits = ReadU64(View(hash).substr(0, 8)).value();
  std::string code;
  for (int i = 0; i < kCodeCharacters; ++i, bits <<= 5) {
    if (i > 0 && i % kGroup == 0) code += '-';
    code += kCrockford[bits >> 59];
  }
  return code;
}

bool IsDeviceCode(absl::string_view typed, absl::string_view code) {
  const auto plain = [](absl::string_view text) {
    std::string characters;
    for (const char c : text) {
      const char upper = absl::ascii_toupper(static_cast<unsigned char>(c));
      if (upper == ' ' || upper == '-') continue;
      characters += upper == 'O' ? '0' : (upper == 'I' || upper == 'L' ? '1' : upper);
    }
    return characters;
  };
  return plain(typed) == plain(code);
}

}  // namespace seinpost::client
