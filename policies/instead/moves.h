// SPDX-License-Identifier: EUPL-1.2
// How requests can differ: the steps a search for "no, but you may" takes from one request to its neighbours.
// Nothing here knows a rule. Internal to policies/.
#ifndef SEINPOST_POLICIES_INSTEAD_MOVES_H_
#define SEINPOST_POLICIES_INSTEAD_MOVES_H_

#include <vector>

#include "absl/time/time.h"
#include "policies/decide/decide.h"
#include "policies/decide/request.h"

namespace seinpost::policies {

// One step: changes that belong together, and how much it gives up.
struct Move {
  std::vector<Change> changes;
  int cost = 0;
};

// Every move from `request`, of which `decision` is the denial, in an order that depends on these alone.
std::vector<Move> MovesFrom(const SendRequest& request, const Decision& decision, const Facts& facts,
                            absl::Time now);

// Whether parts of this kind exist at L2 only.
bool NeedsL2(PartKind kind);

// The changes in words, joined by semicolons.
Alternative Describe(const std::vector<Change>& changes);

}  // namespace seinpost::policies

#endif  // SEINPOST_POLICIES_INSTEAD_MOVES_H_
