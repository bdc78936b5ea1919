// SPDX-License-Identifier: EUPL-1.2
// The ceiling by itself: a callback echo over TLS, many calls at once and one at a time, between two
// processes.
#include <memory>
#include <vector>

#include "absl/strings/str_format.h"
#include "bench/echo_server.h"
#include "bench/load_process.h"
#include "bench/report.h"
#include "util/status_macros.h"

namespace seinpost::bench {
namespace {

constexpr char kManyOfOne[] = "echo 2 KiB over TLS: 64 outstanding / 1";

absl::StatusOr<Load> Measure(const EchoServer& echo, size_t count, size_t outstanding) {
  ASSIGN_OR_RETURN(
      const std::unique_ptr<LoadProcess> load,
      LoadProcess::Start(
          {.call = LoadJob::Call::kEcho, .door = echo.door(), .count = count, .outstanding = outstanding}));
  return load->Run();
}

absl::Status RunEcho(const Options& options, Report& report) {
  const EchoServer echo;
  std::vector<double> many, one;
  for (int round = 1; round <= options.rounds; ++round) {
    ASSIGN_OR_RETURN(const Load wide, Measure(echo, options.Times(30000), 64));
    ASSIGN_OR_RETURN(const Load narrow, Measure(echo, options.Times(5000), 1));
    many.push_back(wide.per_second);
    one.push_back(narrow.per_second);
    report.Note(absl::StrFormat("round %d: p50 %s, p99 %s with 64 outstanding; p50 %s, p99 %s with one",
                                round, absl::FormatDuration(wide.p50), absl::FormatDuration(wide.p99),
                                absl::FormatDuration(narrow.p50), absl::FormatDuration(narrow.p99)));
  }
  report.Add(kManyOfOne, many, one);
  return absl::OkStatus();
}

}  // namespace

Benchmark EchoBenchmark() {
  return {.name = "echo", .figures = {{.name = kManyOfOne, .unit = "calls/s"}}, .run = RunEcho};
}

}  // namespace seinpost::bench
