// SPDX-License-Identifier: EUPL-1.2
// "No, but you may": a search among neighbouring requests, each judged by DecideSend itself. Nothing here
// knows a rule.
#include "policies/instead/alternatives.h"

#include <algorithm>
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

// Whether `a` is `b` or gives up more of the same: a lower level.
bool Covers(const Change& a, const Change& b) {
  if (a.kind == Change::Kind::kSetLevel && b.kind == Change::Kind::kSetLevel) return a.level <= b.level;
  return Describe({a}).text_en == Describe({b}).text_en;
}

// Whether `more` changes all that `less` does: then it gives up too much.
bool Contains(const std::vector<Change>& more, const std::vector<Change>& less) {
  return std::all_of(less.begin(), less.end(), [&](const Change& change) {
    return std::any_of(more.begin(), more.end(), [&](const Change& other) { return Covers(other, change); });
  });
}

class Search {
 public:
  Search(const Facts& facts, absl::Time now) : facts_(facts), now_(now) {}

  std::vector<Alternative> Run(const SendRequest& request) {
    frontier_.push_back({{}, 0, request, DecideSend(request, facts_, now_)});
    if (frontier_.front().decision.allowed) return {};
    for (int moves = 0; moves < kMaxMoves && !frontier_.empty(); ++moves) Expand();
    std::sort(found_.begin(), found_.end(), [](const Candidate& a, const Candidate& b) {
      return std::pair(a.cost, a.order) < std::pair(b.cost, b.order);
    });
    std::vector<Alternative> alternatives;
    for (size_t i = 0; i < found_.size() && alternatives.size() < kMaxAlternatives; ++i) {
      const bool wider =
          std::any_of(found_.begin(), found_.begin() + static_cast<std::ptrdiff_t>(i),
                      [&](const Candidate& other) { return Contains(found_[i].changes, other.changes); });
      if (!wider) alternatives.push_back(Describe(found_[i].changes));
    }
    return alternatives;
  }

 private:
  void Expand() {
    std::vector<Candidate> next;
    for (const Candidate& from : frontier_) {
      for (const Move& move : MovesFrom(from.request, from.decision, facts_, now_)) {
        if (++questions_ > kMaxQuestions) break;
        Candidate candidate{from.changes, from.cost + move.cost, {}, {}};
        candidate.changes.insert(candidate.changes.end(), move.changes.begin(), move.changes.end());
        candidate.request = Apply(from.request, move.changes, facts_, now_);
        candidate.decision = DecideSend(candidate.request, facts_, now_);
        candidate.order = questions_;
        if (candidate.decision.allowed) {
          found_.push_back(std::move(candidate));
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
  int questions_ = 0;
  std::vector<Candidate> frontier_;
  std::vector<Candidate> found_;
};

}  // namespace

std::vector<Alternative> Alternatives(const SendRequest& request, const Facts& facts, absl::Time now) {
  return Search(facts, now).Run(request);
}

}  // namespace seinpost::policies
