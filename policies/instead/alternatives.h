// SPDX-License-Identifier: EUPL-1.2
// "No, but you may": what is allowed instead of what was refused.
#ifndef SEINPOST_POLICIES_INSTEAD_ALTERNATIVES_H_
#define SEINPOST_POLICIES_INSTEAD_ALTERNATIVES_H_

#include <cstddef>
#include <functional>
#include <limits>
#include <vector>

#include "absl/time/time.h"
#include "policies/decide/decide.h"
#include "policies/decide/request.h"

namespace seinpost::policies {

// What a search may cost, whatever is asked: it ends when this is used up, with what it has found by then.
struct SearchBudget {
  // Recipients looked at, in all requests that are judged or made; each request counts for sixteen besides.
  // About a quarter of a microsecond each.
  size_t effort = std::numeric_limits<size_t>::max();
  // Asked before each request: whether nobody waits for the answer any more. Then there is none. May be
  // empty.
  std::function<bool()> abandoned = {};
};

// What is allowed instead of a denied send: found by asking DecideSend about neighbouring requests, so it
// costs up to 600 decisions; call it on a denial only. At most four, the smallest changes first. May be
// empty. The same budget finds the same, unless it was abandoned.
std::vector<Alternative> Alternatives(const SendRequest& request, const Facts& facts, absl::Time now,
                                      const SearchBudget& budget = {});

// Applies changes to a request as Alternatives means them.
SendRequest Apply(const SendRequest& request, const std::vector<Change>& changes, const Facts& facts,
                  absl::Time now);

}  // namespace seinpost::policies

#endif  // SEINPOST_POLICIES_INSTEAD_ALTERNATIVES_H_
