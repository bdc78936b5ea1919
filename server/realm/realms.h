// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_REALM_REALMS_H_
#define SEINPOST_SERVER_REALM_REALMS_H_

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/realm/realm.h"

namespace seinpost::server {

// All that one broker hosts, by convenant id. Does not change while it runs.
using Realms = std::map<std::string, std::unique_ptr<Realm>, std::less<>>;

// kNotFound: not a convenant of this broker. An empty id means the only one.
absl::StatusOr<Realm*> FindRealm(const Realms& realms, absl::string_view convenant_id);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_REALM_REALMS_H_
