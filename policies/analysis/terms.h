// SPDX-License-Identifier: EUPL-1.2
// Collects differences between the terms of two versions (policies/analysis/compare.h). Internal to
// policies/.
#ifndef SEINPOST_POLICIES_ANALYSIS_TERMS_H_
#define SEINPOST_POLICIES_ANALYSIS_TERMS_H_

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "policies/analysis/compare.h"

namespace seinpost::policies {

// Which direction gives more away.
enum class Wider { kMore, kLess, kAnyChange, kNever };

struct What {
  std::string path, nl, en;
  Wider wider = Wider::kAnyChange;
};

inline std::string InDays(absl::Duration duration) {
  if (duration % absl::Hours(24) == absl::ZeroDuration() && duration != absl::ZeroDuration()) {
    return absl::StrCat(duration / absl::Hours(24), " d");
  }
  return absl::FormatDuration(duration);
}
inline std::string Date(absl::Time time) { return absl::FormatTime("%Y-%m-%d", time, absl::UTCTimeZone()); }
inline std::string YesNo(bool flag) { return flag ? "yes" : "no"; }
inline std::string ListOrDash(const std::vector<std::string>& words) {
  return words.empty() ? "-" : absl::StrJoin(std::set<std::string>(words.begin(), words.end()), ", ");
}

class Terms {
 public:
  void Add(const What& what, const Position& before, const Position& after, Effect effect,
           const std::string& old_value, const std::string& new_value) {
    changes_.push_back({what.path, before.line, after.line, effect,
                        absl::StrCat(what.nl, ": was ", old_value, ", wordt ", new_value),
                        absl::StrCat(what.en, ": was ", old_value, ", becomes ", new_value)});
  }

  // Values with an order.
  template <typename T, typename Show>
  void Value(const What& what, const Position& before, const Position& after, const T& was, const T& is,
             Show show) {
    if (was == is) return;
    Effect effect = Effect::kNeutral;
    if (what.wider == Wider::kAnyChange) effect = Effect::kWidening;
    if (what.wider == Wider::kMore) effect = is > was ? Effect::kWidening : Effect::kNarrowing;
    if (what.wider == Wider::kLess) effect = is < was ? Effect::kWidening : Effect::kNarrowing;
    Add(what, before, after, effect, show(was), show(is));
  }
  void Number(const What& what, const Position& before, const Position& after, uint32_t was, uint32_t is) {
    Value(what, before, after, was, is, [](uint32_t number) { return absl::StrCat(number); });
  }
  void Time(const What& what, const Position& before, const Position& after, absl::Duration was,
            absl::Duration is) {
    Value(what, before, after, was, is, InDays);
  }
  void Text(const What& what, const Position& before, const Position& after, const std::string& was,
            const std::string& is) {
    Value(what, before, after, was, is, [](const std::string& text) {
      return text.empty() ? std::string("-") : absl::StrCat("\"", text, "\"");
    });
  }

  // Lists: whoever comes in widens (kMore), or whoever goes (kLess).
  void Words(const What& what, const Position& before, const Position& after,
             const std::vector<std::string>& was, const std::vector<std::string>& is) {
    const std::set<std::string> old_set(was.begin(), was.end()), new_set(is.begin(), is.end());
    if (old_set == new_set) return;
    const bool more = !std::includes(old_set.begin(), old_set.end(), new_set.begin(), new_set.end());
    const bool less = !std::includes(new_set.begin(), new_set.end(), old_set.begin(), old_set.end());
    Effect effect = Effect::kNarrowing;
    if (what.wider == Wider::kAnyChange || (what.wider == Wider::kMore && more) ||
        (what.wider == Wider::kLess && less)) {
      effect = Effect::kWidening;
    }
    if (what.wider == Wider::kNever) effect = Effect::kNeutral;
    Add(what, before, after, effect, ListOrDash(was), ListOrDash(is));
  }

  // Entries of a map: one that is there in one version only, or `both` for one in both.
  template <typename T, typename Both>
  void Entries(const What& what, const ByName<T>& was, const ByName<T>& is, Effect coming, Effect going,
               Both both) {
    for (const auto& [name, entry] : was) {
      const auto now = is.find(name);
      if (now != is.end()) {
        both(entry, now->second);
      } else {
        Gone(what, name, entry.at, {}, going);
      }
    }
    for (const auto& [name, entry] : is) {
      if (was.find(name) == was.end()) Gone(what, name, {}, entry.at, coming);
    }
  }

  // `before` or `after` is empty.
  void Gone(const What& what, const std::string& name, const Position& before, const Position& after,
            Effect effect) {
    const bool coming = before.line == 0;
    changes_.push_back(
        {name.empty() ? what.path : absl::StrCat(what.path, ".", name), before.line, after.line, effect,
         absl::StrCat(what.nl, " ", name, name.empty() ? "" : " ", coming ? "komt erbij" : "vervalt"),
         absl::StrCat(what.en, " ", name, name.empty() ? "" : " ", coming ? "is added" : "is gone")});
  }

  std::vector<TermChange> Take() { return std::move(changes_); }

 private:
  std::vector<TermChange> changes_;
};

// compare_arrangements.cc: what convenants arrange besides signals.
void CompareReveal(const Convenant& a, const Convenant& b, Terms& terms);
void CompareMatching(const Convenant& a, const Convenant& b, Terms& terms);
void CompareAlerts(const Convenant& a, const Convenant& b, Terms& terms);
void CompareBridges(const Convenant& a, const Convenant& b, Terms& terms);
void CompareTrust(const Convenant& a, const Convenant& b, Terms& terms);

}  // namespace seinpost::policies

#endif  // SEINPOST_POLICIES_ANALYSIS_TERMS_H_
