// SPDX-License-Identifier: EUPL-1.2
// "No, but you may": a search among neighbouring requests, each judged by DecideSend itself. Nothing here
// knows a rule.
#include "policies/instead/alternatives.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "policies/decide/decide.h"
#include "policies/instead/moves.h"

namespace seinpost::policies {
namespace {

constexpr size_t kMaxAlternatives = 4;
constexpr int kMaxMoves = 4;        // moves combined in one alternative
constexpr size_t kMaxFrontier = 6;  // requests looked at further after each move
constexpr int kMaxQuestions = 600;

struct Candidate {
  std::vector<Change> changes;
  int cost = 0;
  SendRequest request;
  Decision decision;
  int order = 0;  // when it was found, so that sorting does not depend on chance
};

// What an alternative gives up, ready to be compared: the words of its changes, and the lowest level it sets.
struct GivenUp {
  std::set<std::string> words;
  std::optional<Level> lowest;
};

GivenUp GivenUpBy(const std::vector<Change>& changes) {
  GivenUp given_up;
  for (const Change& change : changes) {
    if (change.kind != Change::Kind::kSetLevel) {
      given_up.words.insert(Describe({change}).text_en);
      continue;
    }
    given_up.lowest = std::min(given_up.lowest.value_or(change.level), change.level);
  }
  return given_up;
}

// Whether `more` changes all that `less` does, or more of the same: a lower level. Then it gives up too much.
bool Contains(const GivenUp& more, const GivenUp& less) {
  if (less.lowest && (!more.lowest || *more.lowest > *less.lowest)) return false;
  return std::includes(more.words.begin(), more.words.end(), less.words.begin(), less.words.end());
}

class Search {
 public:
  Search(const Facts& facts, absl::Time now, const SearchBudget& budget)
      : facts_(facts), now_(now), budget_(budget), effort_(budget) {}

  std::vector<Alternative> Run(const SendRequest& request) {
    if (!effort_.Spend(EffortFor(request))) return {};
    frontier_.push_back({{}, 0, request, DecideSend(request, facts_, now_)});
    if (frontier_.front().decision.allowed) return {};
    for (int moves = 0; moves < kMaxMoves && !frontier_.empty(); ++moves) Expand();
    std::sort(found_.begin(), found_.end(), [](const Candidate& a, const Candidate& b) {
      return std::pair(a.cost, a.order) < std::pair(b.cost, b.order);
    });
    std::vector<Alternative> alternatives;
    std::vector<GivenUp> before;
    // What was found is chosen from by an effort of its own, as large: the search may have used its own up.
    Effort effort(budget_);
    for (size_t i = 0; i < found_.size() && alternatives.size() < kMaxAlternatives; ++i) {
      const std::vector<Change>& changes = found_[i].changes;
      if (!effort.Spend((changes.size() + MembersIn(changes)) * (1 + i))) break;
      GivenUp given_up = GivenUpBy(changes);
      const bool wider = std::any_of(before.begin(), before.end(),
                                     [&](const GivenUp& other) { return Contains(given_up, other); });
      if (!wider) alternatives.push_back(Describe(changes));
      before.push_back(std::move(given_up));
    }
    return alternatives;
  }

 private:
  static size_t MembersIn(const std::vector<Change>& changes) {
    size_t members = 0;
    for (const Change& change : changes) members += change.members.size();
    return members;
  }

  void Expand() {
    std::vector<Candidate> next;
    for (const Candidate& from : frontier_) {
      for (const Move& move : MovesFrom(from.request, from.decision, facts_, now_, effort_)) {
        // A dropped recipient is looked for in every part.
        const size_t members = EffortFor(from.request);
        const size_t looked_at = 2 * members + MembersIn(move.changes) + move.changes.size() * members / 16;
        if (++questions_ > kMaxQuestions || !effort_.Spend(looked_at)) break;
        Candidate candidate{from.changes, from.cost + move.cost, {}, {}};
        candidate.changes.insert(candidate.changes.end(), move.changes.begin(), move.changes.end());
        candidate.request = Apply(from.request, move.changes, facts_, now_);
        candidate.decision = DecideSend(candidate.request, facts_, now_);
        candidate.order = questions_;
        if (candidate.decision.allowed) {
          found_.push_back({std::move(candidate.changes), candidate.cost, {}, {}, candidate.order});
        } else if (candidate.decision.reasons.size() < from.decision.reasons.size()) {
          next.push_back(std::move(candidate));
        }
      }
    }
    std::sort(next.begin(), next.end(), [](const Candidate& a, const Candidate& b) {
      return std::tuple(a.decision.reasons.size(), a.cost, a.order) <
             std::tuple(b.decision.reasons.size(), b.cost, b.order);
    });
    if (next.size() > kMaxFrontier) next.resize(kMaxFrontier);
    frontier_ = std::move(next);
  }

  const Facts& facts_;
  const absl::Time now_;
  const SearchBudget& budget_;
  Effort effort_;
  int questions_ = 0;
  std::vector<Candidate> frontier_;
  std::vector<Candidate> found_;
};

}  // namespace

std::vector<Alternative> Alternatives(const SendRequest& request, const Facts& facts, absl::Time now,
                                      const SearchBudget& budget) {
  return Search(facts, now, budget).Run(request);
}

}  // namespace seinpost::policies
