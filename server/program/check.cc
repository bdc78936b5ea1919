// SPDX-License-Identifier: EUPL-1.2
#include "server/program/check.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "server/realm/realm.h"
#include "storage/store.h"
#include "util/status_macros.h"

namespace seinpost::server {

absl::StatusOr<std::vector<RealmReport>> CheckBroker(const ServerConfig& config) {
  const std::string database = config.data_dir + "/db";
  std::error_code error;
  if (!std::filesystem::exists(database, error)) {
    return absl::NotFoundError(absl::StrCat("no database in ", database, ", `seinpostd run` makes it"));
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<Store> store, Store::Open(database));
  std::vector<RealmReport> reports;
  for (const HostedConvenant& hosted : config.convenants) {
    const absl::StatusOr<std::unique_ptr<Realm>> realm =
        Realm::Load(hosted, *store, config.keys_dir, config.anchor_dir);
    if (!realm.ok()) {
      return absl::Status(realm.status().code(),
                          absl::StrCat("convenant ", hosted.id, ": ", realm.status().message()));
    }
    ASSIGN_OR_RETURN(RealmReport report, (*realm)->Report());
    if (const std::string cut = (*store).truncated(); !cut.empty()) report.history = absl::DataLossError(cut);
    reports.push_back(std::move(report));
  }
  return reports;
}

}  // namespace seinpost::server
