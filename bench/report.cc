// SPDX-License-Identifier: EUPL-1.2
#include "bench/report.h"

#include <algorithm>
#include <cstdio>
#include <iostream>

#include "absl/strings/str_format.h"
#include "nlohmann/json.hpp"

namespace seinpost::bench {

void Print(const Result& result, bool json) {
  const double ratio = result.left / result.right;
  if (json) {
    const nlohmann::ordered_json object = {
        {"name", result.name}, {"ratio", ratio},        {"floor", result.floor}, {"goal", result.goal},
        {"left", result.left}, {"right", result.right}, {"unit", result.unit}};
    std::cout << object.dump() << std::endl;
    return;
  }
  const char* verdict = "";
  if (result.floor != 0) {
    const auto reaches = [&](double bar) { return result.smaller_is_better ? ratio <= bar : ratio >= bar; };
    verdict = reaches(result.goal)    ? "  goal reached"
              : reaches(result.floor) ? "  above the floor"
                                      : "  BELOW THE FLOOR";
    if (result.smaller_is_better && reaches(result.floor) && !reaches(result.goal))
      verdict = "  within the floor";
  }
  std::cout << absl::StreamFormat("%-46s %7.3f   %10.1f / %10.1f %s", result.name, ratio, result.left,
                                  result.right, result.unit);
  if (result.floor != 0)
    std::cout << absl::StreamFormat("   floor %.2f goal %.2f%s", result.floor, result.goal, verdict);
  std::cout << std::endl;
}

void Note(const std::string& text, bool json) {
  if (!json) std::cout << "  " << text << std::endl;
}

double Median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace seinpost::bench
