// SPDX-License-Identifier: EUPL-1.2
#include "client/broker/convenant_file.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "client/terminal/arguments.h"
#include "client/terminal/context.h"
#include "crypto/hash.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

absl::StatusOr<ConvenantFile> ParseConvenantFile(ByteView yaml, absl::string_view filename) {
  ASSIGN_OR_RETURN(policies::Convenant convenant, policies::Convenant::Parse(yaml, filename));
  return ConvenantFile{Bytes(yaml), crypto::Sha256(yaml), std::move(convenant)};
}

}  // namespace

absl::StatusOr<ConvenantFile> ReadConvenantFile(const std::string& path) {
  ASSIGN_OR_RETURN(const Bytes yaml, ReadArgumentFile(path, policies::kMaxConvenantBytes));
  return ParseConvenantFile(yaml, path);
}

absl::StatusOr<ConvenantFile> ParseSignableConvenant(ByteView yaml, absl::string_view filename) {
  ASSIGN_OR_RETURN(ConvenantFile file, ParseConvenantFile(yaml, filename));
  if (!file.convenant.HasKeys()) {
    return UsageError(
        absl::StrCat(filename, ": an example without keys cannot be signed: make a draft first"));
  }
  return file;
}

absl::StatusOr<ConvenantFile> ReadSignableConvenant(const std::string& path) {
  ASSIGN_OR_RETURN(const Bytes yaml, ReadArgumentFile(path, policies::kMaxConvenantBytes));
  return ParseSignableConvenant(yaml, path);
}

}  // namespace seinpost::client
