// SPDX-License-Identifier: EUPL-1.2
#include "bench/report.h"

#include <algorithm>
#include <cmath>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "nlohmann/json.hpp"

namespace seinpost::bench {
namespace {

double Median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

const char* Verdict(const Figure& figure, double ratio) {
  const auto reaches = [&](double bar) { return figure.smaller_is_better ? ratio <= bar : ratio >= bar; };
  if (reaches(figure.goal)) return "goal reached";
  if (!reaches(figure.floor)) return "BELOW THE FLOOR";
  return figure.smaller_is_better ? "within the floor" : "above the floor";
}

void PrintForPeople(const Figure& figure, double left, double right) {
  const double ratio = left / right;
  std::cout << absl::StreamFormat("%-46s %7.3f   %10.1f / %10.1f %s", figure.name, ratio, left, right,
                                  figure.unit);
  if (figure.floor != 0) {
    std::cout << absl::StreamFormat("   floor %.2f goal %.2f  %s", figure.floor, figure.goal,
                                    Verdict(figure, ratio));
  }
  std::cout << std::endl;
}

void PrintJson(const Figure& figure, double left, double right) {
  const nlohmann::ordered_json object = {
      {"name", figure.name}, {"ratio", left / right}, {"floor", figure.floor}, {"goal", figure.goal},
      {"left", left},        {"right", right},        {"unit", figure.unit}};
  std::cout << object.dump() << std::endl;
}

bool IsMeasured(double value) { return std::isfinite(value) && value > 0; }

}  // namespace

Report::Report(const std::vector<Figure>& figures, const Options& options)
    : figures_(figures), options_(options), added_(figures.size(), 0) {}

void Report::Add(absl::string_view name, const std::vector<double>& left, const std::vector<double>& right) {
  const auto found = std::find_if(figures_.begin(), figures_.end(),
                                  [&](const Figure& figure) { return figure.name == name; });
  if (found == figures_.end()) {
    first_error_.Update(absl::InternalError(absl::StrCat("not declared: ", name)));
    return;
  }
  ++added_[static_cast<size_t>(found - figures_.begin())];
  const double left_median = Median(left), right_median = Median(right);
  if (!IsMeasured(left_median) || !IsMeasured(right_median)) {
    first_error_.Update(absl::InternalError(
        absl::StrCat("not finite and above 0: ", name, ": ", left_median, " / ", right_median)));
    return;
  }
  (options_.json ? PrintJson : PrintForPeople)(*found, left_median, right_median);
}

void Report::Note(absl::string_view text) const {
  if (!options_.json) std::cout << "  " << text << std::endl;
}

absl::Status Report::Complete() const {
  if (!first_error_.ok()) return first_error_;
  for (size_t i = 0; i < figures_.size(); ++i) {
    if (added_[i] != 1) {
      return absl::InternalError(absl::StrCat("measured ", added_[i], " times: ", figures_[i].name));
    }
  }
  return absl::OkStatus();
}

}  // namespace seinpost::bench
