// SPDX-License-Identifier: EUPL-1.2
// "No, but you may": what is allowed instead of what was refused.
#ifndef SEINPOST_POLICIES_INSTEAD_ALTERNATIVES_H_
#define SEINPOST_POLICIES_INSTEAD_ALTERNATIVES_H_

#include <vector>

#include "absl/time/time.h"
#include "policies/decide/decide.h"
#include "policies/decide/request.h"

namespace seinpost::policies {

// What is allowed instead of a denied send: found by asking DecideSend about neighbouring requests, so it
// costs hundreds of decisions; call it on a denial only. At most four, the smallest changes first. May be
// empty.
std::vector<Alternative> Alternatives(const SendRequest& request, const Facts& facts, absl::Time now);

// Applies changes to a request as Alternatives means them.
SendRequest Apply(const SendRequest& request, const std::vector<Change>& changes, const Facts& facts,
                  absl::Time now);

}  // namespace seinpost::policies

#endif  // SEINPOST_POLICIES_INSTEAD_ALTERNATIVES_H_
