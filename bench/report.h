// SPDX-License-Identifier: EUPL-1.2
// What a benchmark says: a ratio between two things measured in the same run, beside its floor and goal.
#ifndef SEINPOST_BENCH_REPORT_H_
#define SEINPOST_BENCH_REPORT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace seinpost::bench {

struct Result {
  std::string name;
  double left = 0;   // what we measured
  double right = 0;  // the ceiling it is compared with
  std::string unit;  // of both
  double floor = 0;  // of left / right; 0: none
  double goal = 0;
  bool smaller_is_better = false;
};

// One line for people, or one JSON object {name, ratio, floor, goal, left, right, unit}.
void Print(const Result& result, bool json);
// A remark for people; nothing with --json.
void Note(const std::string& text, bool json);

// A benchmark runs rounds of both sides in turn and reports medians.
struct Options {
  bool json = false;
  int rounds = 3;
};
absl::Status RunDecide(const Options& options);
absl::Status RunEcho(const Options& options);
absl::Status RunSubmit(const Options& options);
absl::Status RunVerify(const Options& options);

double Median(std::vector<double> values);  // values not empty

}  // namespace seinpost::bench

#endif  // SEINPOST_BENCH_REPORT_H_
