// SPDX-License-Identifier: EUPL-1.2
#include "policies/analysis/onward.h"

#include <optional>
#include <set>
#include <tuple>
#include <utility>

namespace seinpost::policies {
namespace {

// Somebody of kind `holder` has a signal that came from kind `origin` in a channel, after it was shared in
// others.
struct Holding {
  std::string instance, origin, holder;
  std::set<std::string> earlier;
  auto operator<=>(const Holding&) const = default;
};

class Closure {
 public:
  Closure(Asker& asker, Level level, const std::string& purpose,
          const std::map<AllowedShares::From, AllowedShares::To>& shares, size_t& asked)
      : asker_(asker), level_(level), purpose_(purpose), shares_(shares), asked_(asked) {}

  // The kinds that get a first signal from `from` when it is passed on, beyond those that it was sent to.
  std::set<std::string> Beyond(const AllowedShares::From& from, const AllowedShares::To& to) {
    std::set<std::string> told = {from.second}, beyond;
    std::vector<Holding> open;
    for (const auto& [kind, example] : to) {
      told.insert(kind);
      open.push_back({from.first, from.second, kind, {}});
    }
    std::set<Holding> seen(open.begin(), open.end());
    while (!open.empty()) {
      const Holding holding = open.back();
      open.pop_back();
      for (const Holding& next : PassedOn(holding)) {
        if (told.count(next.holder) == 0) beyond.insert(next.holder);
        if (seen.insert(next).second) open.push_back(next);
      }
    }
    return beyond;
  }

 private:
  // Who holds it after one more step. What is passed on is a signal of its own, in the channel it went along.
  const std::vector<Holding>& PassedOn(const Holding& holding) {
    const auto [known, fresh] = passed_on_.try_emplace(holding);
    if (!fresh) return known->second;
    for (const auto& [next, recipients] : shares_) {
      if (next.second != holding.holder) continue;
      for (const auto& [kind, example] : recipients) {
        if (!MayForward(holding, example)) continue;
        std::set<std::string> earlier = holding.earlier;
        earlier.insert(holding.instance);
        known->second.push_back({next.first, holding.holder, kind, std::move(earlier)});
      }
    }
    return known->second;
  }

  bool MayForward(const Holding& holding, const AllowedShares::Example& next) {
    ++asked_;
    const AllowedShares::Example& first = shares_.at({holding.instance, holding.origin}).at(holding.holder);
    SendRequest request = asker_.RequestFor(next.share, purpose_, next.category);
    request.forwards = true;
    OriginalFacts original;
    original.sender = first.share.sender->member;
    original.channel = holding.instance;
    original.category = first.category;
    original.purpose = purpose_;
    original.level = level_;
    original.earlier_channels.assign(holding.earlier.begin(), holding.earlier.end());
    original.created = asker_.now();
    for (const PartRequest& part : request.parts) {
      OriginalFacts::Part& got = original.parts.emplace_back();
      got.kind = part.kind;
      got.expires = absl::InfiniteFuture();
      got.recipients = {request.sender};
    }
    asker_.mutable_facts().original = std::move(original);
    const bool allowed = asker_.Ask(request, next.share).allowed;
    asker_.mutable_facts().original.reset();
    return allowed;
  }

  Asker& asker_;
  const Level level_;
  const std::string& purpose_;
  const std::map<AllowedShares::From, AllowedShares::To>& shares_;
  size_t& asked_;
  std::map<Holding, std::vector<Holding>> passed_on_;
};

std::optional<Level> PassedOnAt(Item item) {
  switch (item) {
    case Item::kCaseText:
      return Level::kL1;
    case Item::kIdentity:
      return Level::kL2;
    default:
      return std::nullopt;
  }
}

}  // namespace

void AllowedShares::Add(const Share& share, const std::string& purpose, const std::string& category) {
  const std::optional<Level> level = PassedOnAt(share.item);
  if (!level.has_value() || share.place == Standing::kOwn || share.place == Standing::kPeer) return;
  by_level[{*level, purpose}][{*share.instance, share.sender->kind}].emplace(share.recipient->kind,
                                                                             Example{share, category});
}

std::vector<OnwardRow> OnwardOf(Asker& asker, AllowedShares& allowed) {
  using Key = std::tuple<std::string, std::string, Level>;
  std::map<Key, std::pair<std::set<std::string>, std::set<std::string>>> found;
  for (const auto& [level_purpose, shares] : allowed.by_level) {
    const auto& [level, purpose] = level_purpose;
    Closure closure(asker, level, purpose, shares, allowed.asked);
    for (const auto& [from, to] : shares) {
      auto& [direct, onward] = found[{from.first.substr(0, from.first.find('@')), from.second, level}];
      for (const auto& [kind, example] : to) direct.insert(kind);
      const std::set<std::string> beyond = closure.Beyond(from, to);
      onward.insert(beyond.begin(), beyond.end());
    }
  }
  std::vector<OnwardRow> rows;
  for (const auto& [key, kinds] : found) {
    OnwardRow& row = rows.emplace_back();
    std::tie(row.channel, row.from, row.level) = key;
    row.direct.assign(kinds.first.begin(), kinds.first.end());
    // For one purpose direct, for another onward: then it adds nothing to what he can send himself.
    for (const std::string& kind : kinds.second) {
      if (kinds.first.count(kind) == 0) row.onward.push_back(kind);
    }
  }
  return rows;
}

}  // namespace seinpost::policies
