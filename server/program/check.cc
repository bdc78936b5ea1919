// SPDX-License-Identifier: EUPL-1.2
#include "server/program/check.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/program/deep_check.h"
#include "server/realm/anchored_store.h"
#include "server/realm/key_fingerprints.h"
#include "server/realm/realm.h"
#include "util/status_macros.h"

namespace seinpost::server {

BrokerPlaces PlacesOf(const ServerConfig& config) {
  return {config.data_dir + "/db", config.keys_dir, config.anchor_dir};
}

bool BrokerCheck::sound() const {
  return std::all_of(realms.begin(), realms.end(),
                     [](const CheckedRealm& realm) { return !realm.deep || realm.deep->faults.empty(); });
}

absl::StatusOr<BrokerCheck> CheckBroker(const BrokerPlaces& places,
                                        const std::vector<HostedConvenant>& convenants, CheckDepth depth,
                                        const CheckProgress& progress) {
  absl::StatusOr<std::unique_ptr<Store>> store =
      LookIntoAnchoredStore(places.database, places.anchor_dir, convenants);
  if (absl::IsNotFound(store.status())) {
    return absl::NotFoundError(absl::StrCat(store.status().message(), ": `seinpostd run` makes it"));
  }
  RETURN_IF_ERROR(store.status());
  RETURN_IF_ERROR(CheckKeyFingerprints(**store, places.keys_dir, convenants));
  BrokerCheck check;
  check.truncated = (*store)->truncated();
  std::vector<std::string> of_files;
  if (depth == CheckDepth::kEverything) of_files = CheckFiles(**store, progress);
  for (const HostedConvenant& hosted : convenants) {
    const absl::StatusOr<std::unique_ptr<Realm>> realm =
        Realm::Load(hosted, **store, places.keys_dir, places.anchor_dir, Realm::Purpose::kLook);
    if (!realm.ok()) {
      return absl::Status(realm.status().code(),
                          absl::StrCat("convenant ", hosted.id, ": ", realm.status().message()));
    }
    CheckedRealm checked;
    ASSIGN_OR_RETURN(checked.report, (*realm)->Report());
    if (const std::string cut = (*store)->truncated(); !cut.empty()) {
      checked.report.history = absl::DataLossError(cut);
    }
    if (depth == CheckDepth::kEverything) {
      checked.deep = CheckLog((*realm)->log(), hosted.id, progress);
      checked.deep->faults.insert(checked.deep->faults.begin(), of_files.begin(), of_files.end());
    }
    check.realms.push_back(std::move(checked));
  }
  return check;
}

absl::Status WithRemedy(const absl::Status& status) {
  if (!absl::IsDataLoss(status) || absl::StrContains(status.message(), "restore")) return status;
  return absl::DataLossError(absl::StrCat(
      Explain(status), ": keep these files, and `seinpostd restore` a backup into an empty place"));
}

}  // namespace seinpost::server
