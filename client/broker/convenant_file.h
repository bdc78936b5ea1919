// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_CLIENT_BROKER_CONVENANT_FILE_H_
#define SEINPOST_CLIENT_BROKER_CONVENANT_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "policies/document/convenant.h"
#include "util/bytes.h"

namespace seinpost::client {

// A version of a convenant as a file.
struct ConvenantFile {
  Bytes yaml;
  Digest hash{};
  policies::Convenant convenant;
};
// kInvalidArgument: not to be read, or not in order; the text names every problem by its line.
absl::StatusOr<ConvenantFile> ReadConvenantFile(const std::string& path);
// Also kInvalidArgument: an example without keys.
absl::StatusOr<ConvenantFile> ReadSignableConvenant(const std::string& path);
absl::StatusOr<ConvenantFile> ParseSignableConvenant(ByteView yaml, absl::string_view filename);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_BROKER_CONVENANT_FILE_H_
