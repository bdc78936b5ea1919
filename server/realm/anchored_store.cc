// SPDX-License-Identifier: EUPL-1.2
#include "server/realm/anchored_store.h"

#include <filesystem>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace seinpost::server {

namespace {

// Empty: none.
std::string FindAnchor(const std::string& anchor_dir, const std::vector<HostedConvenant>& convenants) {
  for (const HostedConvenant& convenant : convenants) {
    std::string path = AnchorPath(anchor_dir, convenant.id);
    std::error_code error;
    if (std::filesystem::exists(path, error) || error) return path;
  }
  return "";
}

absl::Status DatabaseLost(const std::string& directory, const std::string& anchor) {
  return absl::DataLossError(
      absl::StrCat("there is no database in '", directory, "', though the anchor '", anchor,
                   "' says that there was one: find it, or `seinpostd restore` a backup; none "
                   "is made anew"));
}

}  // namespace

std::string AnchorPath(const std::string& anchor_dir, absl::string_view convenant_id) {
  return absl::StrCat(anchor_dir, "/", convenant_id, ".anchor");
}

absl::StatusOr<std::unique_ptr<Store>> OpenAnchoredStore(const std::string& directory,
                                                         const std::string& anchor_dir,
                                                         const std::vector<HostedConvenant>& convenants,
                                                         StoreOptions options) {
  const std::string anchor = FindAnchor(anchor_dir, convenants);
  options.create = anchor.empty();
  absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(directory, options);
  if (absl::IsNotFound(store.status())) return DatabaseLost(directory, anchor);
  return store;
}

absl::StatusOr<std::unique_ptr<Store>> LookIntoAnchoredStore(const std::string& directory,
                                                             const std::string& anchor_dir,
                                                             const std::vector<HostedConvenant>& convenants) {
  absl::StatusOr<std::unique_ptr<Store>> store = Store::OpenForReading(directory);
  if (!absl::IsNotFound(store.status())) return store;
  const std::string anchor = FindAnchor(anchor_dir, convenants);
  if (anchor.empty()) return store;
  return DatabaseLost(directory, anchor);
}

std::string TruncatedSentence(absl::string_view dropped) {
  return absl::StrCat(
      "the write-ahead log did not end in a whole record (", dropped,
      "): after a loss of power that is what nobody had been told of yet; otherwise the disk is damaged, "
      "and what was acknowledged in the last moments may be gone");
}

bool IsCutShort(absl::string_view dropped) {
  return absl::StrContains(dropped, "truncated") || absl::StrContains(dropped, "trailing data");
}

}  // namespace seinpost::server
