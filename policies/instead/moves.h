// SPDX-License-Identifier: EUPL-1.2
// How requests can differ: the steps a search for "no, but you may" takes from one request to its neighbours.
// Nothing here knows a rule. Internal to policies/.
#ifndef SEINPOST_POLICIES_INSTEAD_MOVES_H_
#define SEINPOST_POLICIES_INSTEAD_MOVES_H_

#include <cstddef>
#include <functional>
#include <vector>

#include "absl/time/time.h"
#include "policies/decide/decide.h"
#include "policies/decide/request.h"
#include "policies/instead/alternatives.h"

namespace seinpost::policies {

// What is left of a search's budget.
class Effort {
 public:
  explicit Effort(const SearchBudget& budget) : left_(budget.effort), abandoned_(budget.abandoned) {}

  // Before `amount` of work. False: used up, or nobody waits any more; and so from then on.
  bool Spend(size_t amount) {
    ended_ = ended_ || amount > left_ || (abandoned_ && abandoned_());
    if (!ended_) left_ -= amount;
    return !ended_;
  }
  bool ended() const { return ended_; }

 private:
  size_t left_;
  const std::function<bool()>& abandoned_;
  bool ended_ = false;
};

// What it costs to judge a request, or to make another one of it.
size_t EffortFor(const SendRequest& request);

// One step: changes that belong together, and how much it gives up.
struct Move {
  std::vector<Change> changes;
  int cost = 0;
};

// Every move from `request`, of which `decision` is the denial, in an order that depends on these alone.
// Fewer when `effort` ends.
std::vector<Move> MovesFrom(const SendRequest& request, const Decision& decision, const Facts& facts,
                            absl::Time now, Effort& effort);

// Whether parts of this kind exist at L2 only.
bool NeedsL2(PartKind kind);

// The changes in words, joined by semicolons.
Alternative Describe(const std::vector<Change>& changes);

}  // namespace seinpost::policies

#endif  // SEINPOST_POLICIES_INSTEAD_MOVES_H_
