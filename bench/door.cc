// SPDX-License-Identifier: EUPL-1.2
// What strangers at the broker's port cost it, and its members: memory before, during and after each flood,
// and how long a member's login and submit take meanwhile. This process is the broker; the floods and the
// member are processes of their own. The floods are those that were tried on it once, and kept it down or
// deaf.
#include <algorithm>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "bench/broker_fixture.h"
#include "bench/load_process.h"
#include "bench/report.h"
#include "util/status_macros.h"

namespace seinpost::bench {
namespace {

constexpr size_t kLogins = 100, kSubmits = 200;
constexpr absl::Duration kAfter = absl::Seconds(5);
constexpr double kMostMilliseconds = 1000;  // of a login or a submit, meanwhile
constexpr double kMostMib = 64;             // that strangers may add

struct Row {
  const char* name;
  Flood flood;
  size_t size;
};

const std::vector<Row>& Rows() {
  static const auto* const rows = new std::vector<Row>{
      {"plain connections", Flood::kConnections, 5000},
      {"TLS connections", Flood::kTls, 5000},
      {"replies that nobody takes", Flood::kUnreadReplies, 20'000},
      {"half-sent requests", Flood::kHalfSentRequests, 4800},
      {"half-sent requests without a session", Flood::kWithoutSession, 20'000},
      {"challenges", Flood::kChallenges, 64},
      {"members' connections", Flood::kMembers, 10'000},
  };
  return *rows;
}

std::string MemoryFigure(const Row& row) { return absl::StrCat(row.name, ": memory during / before"); }
std::string TimeFigure(const Row& row) { return absl::StrCat(row.name, ": login or submit p99 / 1 s"); }
constexpr char kEach[] = "memory per member's connection / 1 KiB";

// Resident memory of this process.
double MemoryMib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    absl::string_view rest = line;
    double kib = 0;
    if (absl::ConsumePrefix(&rest, "VmRSS:") &&
        absl::SimpleAtod(absl::StripSuffix(absl::StripAsciiWhitespace(rest), " kB"), &kib)) {
      return kib / 1024;
    }
  }
  return 0;
}

struct Times {
  double login_p99 = 0, submit_p99 = 0;  // milliseconds
};

absl::StatusOr<double> P99(LoadJob::Call call, const Door& door, size_t count) {
  ASSIGN_OR_RETURN(const auto process,
                   LoadProcess::Start({.call = call, .door = door, .count = count, .outstanding = 1}));
  ASSIGN_OR_RETURN(const Load load, process->Run());
  return absl::ToDoubleMilliseconds(load.p99);
}

absl::StatusOr<Times> Member(const Door& door, const Options& options) {
  Times times;
  ASSIGN_OR_RETURN(times.login_p99, P99(LoadJob::Call::kLogin, door, options.Times(kLogins)));
  ASSIGN_OR_RETURN(times.submit_p99, P99(LoadJob::Call::kSubmit, door, options.Times(kSubmits)));
  return times;
}

absl::Status RunRow(const Row& row, const BrokerFixture& broker, const Options& options, Report& report) {
  const size_t size = options.Times(row.size);
  const double before = MemoryMib();
  double during = 0;
  Times times;
  {
    ASSIGN_OR_RETURN(
        const auto flood,
        LoadProcess::Start(
            {.call = LoadJob::Call::kFlood, .door = broker.door(), .count = size, .flood = row.flood}));
    during = MemoryMib();
    ASSIGN_OR_RETURN(times, Member(broker.door(), options));
    during = std::max(during, MemoryMib());
  }
  if (!options.brief) absl::SleepFor(kAfter);
  const double after = MemoryMib();
  report.Note(absl::StrFormat("| %s | %d | %.0f | %.0f | %.0f | %.0f | %.0f |", row.name, size, before,
                              during, after, times.login_p99, times.submit_p99));
  report.Add(MemoryFigure(row), {during}, {before});
  report.Add(TimeFigure(row), {std::max(times.login_p99, times.submit_p99)}, {kMostMilliseconds});
  if (row.flood == Flood::kMembers) {
    report.Add(kEach, {std::max(during - before, 0.001) * 1024 / static_cast<double>(size)}, {1});
  } else if (!options.brief && during - before > kMostMib) {
    report.Note(absl::StrFormat("%s added more than %.0f MiB", row.name, kMostMib));
  }
  return absl::OkStatus();
}

absl::Status RunDoor(const Options& options, Report& report) {
  ASSIGN_OR_RETURN(const std::unique_ptr<BrokerFixture> broker, BrokerFixture::Start());
  ASSIGN_OR_RETURN(const Times quiet, Member(broker->door(), options));
  report.Note("| Flood | Size | Memory before, MiB | during | after 5 s | Login p99, ms | Submit p99, ms |");
  report.Note("|---|---|---|---|---|---|---|");
  report.Note(
      absl::StrFormat("| none | | %.0f | | | %.0f | %.0f |", MemoryMib(), quiet.login_p99, quiet.submit_p99));
  for (const Row& row : Rows()) RETURN_IF_ERROR(RunRow(row, *broker, options, report));
  return absl::OkStatus();
}

std::vector<Figure> Figures() {
  std::vector<Figure> figures;
  for (const Row& row : Rows()) {
    figures.push_back({.name = MemoryFigure(row), .unit = "MiB", .smaller_is_better = true});
    figures.push_back({.name = TimeFigure(row), .unit = "ms", .goal = 1, .smaller_is_better = true});
  }
  figures.push_back({.name = kEach, .unit = "KiB", .smaller_is_better = true});
  return figures;
}

}  // namespace

Benchmark DoorBenchmark() { return {.name = "door", .figures = Figures(), .run = RunDoor}; }

}  // namespace seinpost::bench
