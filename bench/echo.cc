// SPDX-License-Identifier: EUPL-1.2
// The ceiling by itself: a callback echo over TLS, many calls at once and one at a time.
#include "absl/strings/str_format.h"
#include "bench/ceilings.h"
#include "bench/report.h"
#include "util/status_macros.h"

namespace seinpost::bench {

absl::Status RunEcho(const Options& options) {
  EchoServer echo;
  std::vector<double> many, one;
  for (int round = 0; round < options.rounds; ++round) {
    ASSIGN_OR_RETURN(const Load wide, echo.Measure(30000, 64, 2048));
    ASSIGN_OR_RETURN(const Load narrow, echo.Measure(5000, 1, 2048));
    many.push_back(wide.per_second);
    one.push_back(narrow.per_second);
    Note(absl::StrFormat("round %d: p50 %s, p99 %s with 64 outstanding; p50 %s, p99 %s with one", round + 1,
                         absl::FormatDuration(wide.p50), absl::FormatDuration(wide.p99),
                         absl::FormatDuration(narrow.p50), absl::FormatDuration(narrow.p99)),
         options.json);
  }
  Print({.name = "echo 2 KiB over TLS: 64 outstanding / 1",
         .left = Median(many),
         .right = Median(one),
         .unit = "calls/s"},
        options.json);
  return absl::OkStatus();
}

}  // namespace seinpost::bench
