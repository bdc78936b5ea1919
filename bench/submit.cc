// SPDX-License-Identifier: EUPL-1.2
// A durable, verified, authorised and audited submit, against what the machine can do at best: the bound of a
// verified call is 1 / (1 / echo + 1 / verify), both sides sharing the cores. This process holds the servers;
// who calls them are processes of their own.
#include <algorithm>
#include <memory>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "audit/commitment.h"
#include "audit/receipt.h"
#include "bench/broker_fixture.h"
#include "bench/ceilings.h"
#include "bench/echo_server.h"
#include "bench/load_process.h"
#include "bench/report.h"
#include "bench/sender.h"
#include "crypto/sign.h"
#include "util/status_macros.h"

namespace seinpost::bench {
namespace {

constexpr size_t kSubmits = 12000, kEchoes = 20000;  // many outstanding
constexpr size_t kSubmitsAlone = 1000, kEchoesAlone = 2000;
constexpr size_t kOutstanding = 64;
constexpr size_t kPuts = 500;
constexpr size_t kWork = 1000;

constexpr char kOfBound[] = "submit, 64 outstanding / 1/(1/echo+1/verify)";
constexpr char kOfEcho[] = "submit, 64 outstanding / echo 2 KiB";
constexpr char kAlone[] = "submit p50, 1 outstanding / (echo + synced put)";
constexpr char kCpu[] = "broker's CPU for a submit / echo server's";
constexpr char kPerSync[] = "requests per sync, 64 outstanding";

// What one load said, and the CPU time of this process that one of its calls took.
struct Measured {
  Load load;
  absl::Duration cpu;
};

absl::StatusOr<Measured> Measure(LoadProcess& process, size_t calls) {
  const absl::Duration before = CpuTime();
  ASSIGN_OR_RETURN(const Load load, process.Run());
  return Measured{load, (CpuTime() - before) / static_cast<double>(calls)};
}

absl::StatusOr<std::unique_ptr<LoadProcess>> Prepare(LoadJob::Call call, const Door& door, size_t count,
                                                     size_t outstanding) {
  return LoadProcess::Start({.call = call, .door = door, .count = count, .outstanding = outstanding});
}

int Cores() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

double Microseconds(absl::Duration time) { return absl::ToDoubleMicroseconds(time); }

// One run of the benchmark: what its rounds found.
class Rounds {
 public:
  Rounds(const BrokerFixture& broker, const EchoServer& echo, const Options& options, Report& report)
      : broker_(broker), echo_(echo), options_(options), report_(report) {}

  // Everybody is ready before anybody is measured.
  absl::Status Run(int round) {
    using Call = LoadJob::Call;
    const size_t echoes = options_.Times(kEchoes), submits = options_.Times(kSubmits);
    const size_t echoes_alone = options_.Times(kEchoesAlone), submits_alone = options_.Times(kSubmitsAlone);
    ASSIGN_OR_RETURN(const auto echo_many, Prepare(Call::kEcho, echo_.door(), echoes, kOutstanding));
    ASSIGN_OR_RETURN(const auto submit_many, Prepare(Call::kSubmit, broker_.door(), submits, kOutstanding));
    ASSIGN_OR_RETURN(const auto echo_one, Prepare(Call::kEcho, echo_.door(), echoes_alone, 1));
    ASSIGN_OR_RETURN(const auto submit_one, Prepare(Call::kSubmit, broker_.door(), submits_alone, 1));

    ASSIGN_OR_RETURN(const Measured echo, Measure(*echo_many, echoes));
    const double verify = VerifyRate(Cores(), options_);
    const BrokerFixture::Syncs before = broker_.CountSyncs();
    ASSIGN_OR_RETURN(const Measured submit, Measure(*submit_many, submits));
    const BrokerFixture::Syncs after = broker_.CountSyncs();
    ASSIGN_OR_RETURN(const Measured echo_alone, Measure(*echo_one, echoes_alone));
    ASSIGN_OR_RETURN(const Measured submit_alone, Measure(*submit_one, submits_alone));
    ASSIGN_OR_RETURN(const absl::Duration put,
                     SyncedPutTime(absl::StrCat(broker_.directory(), "/puts", round), options_.Times(kPuts)));

    submits_.push_back(submit.load.per_second);
    bounds_.push_back(1 / (1 / echo.load.per_second + 1 / verify));
    echoes_.push_back(echo.load.per_second);
    alone_.push_back(Microseconds(submit_alone.load.p50));
    alone_least_.push_back(Microseconds(echo_alone.load.p50 + put));
    cpu_.push_back(Microseconds(submit.cpu));
    echo_cpu_.push_back(Microseconds(echo.cpu));
    per_sync_.push_back((after.requests - before.requests) / (after.syncs - before.syncs));
    report_.Note(absl::StrFormat(
        "round %d: submit %.0f/s (p50 %.2f ms, p99 %.2f ms), echo %.0f/s, verify %.0f/s; one at a time: "
        "submit p50 %.0f us, echo %.0f us, synced put %.0f us",
        round, submits_.back(), absl::ToDoubleMilliseconds(submit.load.p50),
        absl::ToDoubleMilliseconds(submit.load.p99), echoes_.back(), verify, alone_.back(),
        Microseconds(echo_alone.load.p50), Microseconds(put)));
    report_.Note(absl::StrFormat(
        "round %d: CPU of a submit: broker %.0f us, client %.0f us; of an echo: server %.0f us, client %.0f "
        "us",
        round, cpu_.back(), Microseconds(submit.load.cpu), echo_cpu_.back(), Microseconds(echo.load.cpu)));
    return absl::OkStatus();
  }

  void Tell() {
    report_.Add(kOfBound, submits_, bounds_);
    report_.Add(kOfEcho, submits_, echoes_);
    report_.Add(kAlone, alone_, alone_least_);
    report_.Add(kCpu, cpu_, echo_cpu_);
    report_.Add(kPerSync, per_sync_, {1});
  }

 private:
  const BrokerFixture& broker_;
  const EchoServer& echo_;
  const Options& options_;
  Report& report_;
  std::vector<double> submits_, bounds_, echoes_, alone_, alone_least_, cpu_, echo_cpu_, per_sync_;
};

template <typename Function>
double MicrosecondsEach(size_t times, Function function) {
  const absl::Time begin = absl::Now();
  for (size_t i = 0; i < times; ++i) function();
  return Microseconds(absl::Now() - begin) / static_cast<double>(times);
}

// What the bound does not know of: the receipt's signature, and the salted hashes of the event's fields. Both
// are measured on what the broker just gave for a signal.
absl::Status NoteExtraWork(const BrokerFixture& broker, const Options& options, const Report& report) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Sender> sender, Sender::Login(broker.door()));
  ASSIGN_OR_RETURN(const std::vector<v1::SubmitRequest> requests, sender->Seal(1));
  ASSIGN_OR_RETURN(const v1::Receipt receipt, sender->SubmitOne(requests.front()));
  ASSIGN_OR_RETURN(const audit::Opening opening, audit::Opening::Decode(receipt.opening()));
  const audit::Event& event = opening.event();
  const crypto::SigningKey key = crypto::SigningKey::Generate();
  const size_t times = options.Times(kWork);
  const double sign =
      MicrosecondsEach(times, [&] { crypto::Sign(key, audit::kReceiptLabel, receipt.body()); });
  absl::Status committed;
  const double commit =
      MicrosecondsEach(times, [&] { committed.Update(audit::CommitEvent(event).status()); });
  RETURN_IF_ERROR(committed);
  report.Note(absl::StrFormat(
      "beyond the bound a submit of %zu bytes pays %.1f us of one core to sign its receipt and %.1f us to "
      "commit to its event of %zu fields",
      requests.front().ByteSizeLong(), sign, commit, event.fields().size()));
  return absl::OkStatus();
}

absl::Status RunSubmit(const Options& options, Report& report) {
  ASSIGN_OR_RETURN(const std::unique_ptr<BrokerFixture> broker, BrokerFixture::Start());
  const EchoServer echo;
  Rounds rounds(*broker, echo, options, report);
  for (int round = 1; round <= options.rounds; ++round) RETURN_IF_ERROR(rounds.Run(round));
  RETURN_IF_ERROR(NoteExtraWork(*broker, options, report));
  rounds.Tell();
  return absl::OkStatus();
}

}  // namespace

Benchmark SubmitBenchmark() {
  return {
      .name = "submit",
      .figures = {{.name = kOfBound, .unit = "submits/s", .floor = 0.60, .goal = 0.80},
                  {.name = kOfEcho, .unit = "calls/s", .floor = 0.25, .goal = 0.40},
                  {.name = kAlone, .unit = "us", .floor = 2.0, .goal = 1.4, .smaller_is_better = true},
                  {.name = kCpu, .unit = "us", .smaller_is_better = true},
                  {.name = kPerSync, .unit = "requests"}},
      .run = RunSubmit,
  };
}

}  // namespace seinpost::bench
