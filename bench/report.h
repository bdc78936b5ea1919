// SPDX-License-Identifier: EUPL-1.2
// What a benchmark says: figures, each a ratio between two things measured in the same run, beside its floor
// and goal. A benchmark declares its figures before it runs, so that one that is no longer measured is
// noticed: tests/bench/ runs every benchmark.
#ifndef SEINPOST_BENCH_REPORT_H_
#define SEINPOST_BENCH_REPORT_H_

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace seinpost::bench {

struct Figure {
  std::string name;
  std::string unit;  // of both sides
  double floor = 0;  // of left / right; 0: none
  double goal = 0;
  bool smaller_is_better = false;
};

struct Options {
  bool json = false;
  // One round of a twentieth, which shows that a benchmark runs. Its figures mean nothing.
  bool brief = false;
  // A benchmark runs rounds of both sides in turn and reports medians.
  int rounds = 3;

  // How often to do something that a whole round does `whole` times; at least once.
  size_t Times(size_t whole) const { return brief ? (whole + 19) / 20 : whole; }
};

// Report prints the figures of one benchmark as they are found. From one thread.
class Report {
 public:
  // Borrows both.
  Report(const std::vector<Figure>& figures, const Options& options);

  // The medians of what we measured (`left`) and of the ceiling it is compared with: one line for people, or
  // one JSON object {name, ratio, floor, goal, left, right, unit}. REQUIRES: neither is empty.
  void Add(absl::string_view name, const std::vector<double>& left, const std::vector<double>& right);
  // A remark for people; nothing with --json.
  void Note(absl::string_view text) const;

  // OK if each declared figure was added once, and no other, with two sides that are finite and above 0.
  // kInternal names one that was not.
  absl::Status Complete() const;

 private:
  const std::vector<Figure>& figures_;
  const Options& options_;
  std::vector<int> added_;  // by place in figures_
  absl::Status first_error_;
};

struct Benchmark {
  std::string name;
  std::vector<Figure> figures;
  std::function<absl::Status(const Options& options, Report& report)> run;
};
Benchmark DecideBenchmark();
Benchmark DoorBenchmark();
Benchmark EchoBenchmark();
Benchmark SubmitBenchmark();
Benchmark VerifyBenchmark();

}  // namespace seinpost::bench

#endif  // SEINPOST_BENCH_REPORT_H_
