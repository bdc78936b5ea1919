// SPDX-License-Identifier: EUPL-1.2
#include "server/realm/realms.h"

namespace seinpost::server {

absl::StatusOr<Realm*> FindRealm(const Realms& realms, absl::string_view convenant_id) {
  if (convenant_id.empty() && realms.size() == 1) return realms.begin()->second.get();
  const auto found = realms.find(convenant_id);
  if (found == realms.end()) return absl::NotFoundError("convenant_id: not hosted here");
  return found->second.get();
}

}  // namespace seinpost::server
