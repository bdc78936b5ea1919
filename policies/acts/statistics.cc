// SPDX-License-Identifier: EUPL-1.2
// Counts that point to nobody (R30).
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "policies/acts/rules.h"

namespace seinpost::policies {
namespace {

// R30: only themes are counted.
void JudgeCounted(const StatisticsAsk& ask, Refusals& refusals) {
  if (ask.request.level == Level::kL0) return;
  refusals.Signal(RefusalCode::kLevelExceeded, ask.convenant.small_cell_at(),
                  {"alleen L0-signalen worden geteld", "only L0 signals are counted"});
}

// R30: how many cells are too small, and not which.
void JudgeCells(const StatisticsAsk& ask, Refusals& refusals) {
  const uint32_t least = ask.convenant.small_cell();
  const auto small = std::count_if(ask.request.cells.begin(), ask.request.cells.end(),
                                   [&](uint64_t count) { return count < least; });
  if (small == 0) return;
  refusals.Signal(RefusalCode::kSmallCell, ask.convenant.small_cell_at(),
                  {absl::StrCat(small, small == 1 ? " cel is" : " cellen zijn", " kleiner dan ", least),
                   absl::StrCat(small, small == 1 ? " cell is" : " cells are", " smaller than ", least)});
}

// R30: a trend is one of several schools; below that neither their names nor their number are said.
void JudgeTrend(const StatisticsAsk& ask, Refusals& refusals) {
  if (!ask.request.is_trend) return;
  const uint32_t least = ask.convenant.trend_schools();
  const auto schools =
      std::count_if(ask.request.schools.begin(), ask.request.schools.end(),
                    [&](const std::string& school) { return ask.convenant.FindParty(school) != nullptr; });
  if (schools >= static_cast<std::ptrdiff_t>(least)) return;
  refusals.Signal(RefusalCode::kSmallCell, ask.convenant.trend_schools_at(),
                  {absl::StrCat("een trend begint bij ", least, " scholen"),
                   absl::StrCat("a trend begins at ", least, " schools")});
}

constexpr ActRule<StatisticsAsk> kStatisticsRules[] = {
    {"counted", "R30", FactNeed::kPublic, JudgeCounted},
    {"cells", "R30", FactNeed::kBroker, JudgeCells},
    {"trend", "R30", FactNeed::kBroker, JudgeTrend},
};

}  // namespace

absl::Span<const ActRule<StatisticsAsk>> StatisticsRules() { return kStatisticsRules; }

Decision DecideStatistics(const StatisticsRequest& request, const Facts& facts) {
  return Judge(StatisticsAsk{request, facts, *facts.convenant}, StatisticsRules());
}

std::vector<std::optional<uint64_t>> SuppressedCells(const Convenant& convenant,
                                                     const std::vector<uint64_t>& cells) {
  std::vector<std::optional<uint64_t>> told;
  told.reserve(cells.size());
  for (const uint64_t count : cells) {
    told.push_back(count < convenant.small_cell() ? std::nullopt : std::optional(count));
  }
  return told;
}

}  // namespace seinpost::policies
