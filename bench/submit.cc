// SPDX-License-Identifier: EUPL-1.2
// A durable, verified, authorised and audited submit, against what the machine can do at best: the bound of a
// verified call is 1 / (1 / echo + 1 / verify), both sides sharing the cores.
#include <sys/resource.h>

#include <vector>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "audit/commitment.h"
#include "audit/receipt.h"
#include "bench/broker_fixture.h"
#include "bench/ceilings.h"
#include "bench/report.h"
#include "crypto/sign.h"
#include "util/status_macros.h"

namespace seinpost::bench {
namespace {

constexpr size_t kMany = 12000;
constexpr size_t kEchoes = 20000;
constexpr size_t kFew = 1000;
constexpr int kCores = 2;
constexpr size_t kBytes = 2048;

// CPU time of this process so far, all threads: the broker and its client. It says what a call costs also
// when the machine has other things to do.
absl::Duration CpuTime() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return absl::DurationFromTimeval(usage.ru_utime) + absl::DurationFromTimeval(usage.ru_stime);
}

template <typename Function>
double MicrosecondsEach(int times, Function function) {
  const absl::Time begin = absl::Now();
  for (int i = 0; i < times; ++i) function();
  return absl::ToDoubleMicroseconds(absl::Now() - begin) / times;
}

// What the bound does not know of: the receipt's signature, and the salted hashes of the event's fields. Both
// are measured on what the broker just gave for a signal.
absl::Status NoteExtraWork(const v1::Receipt& receipt, const Options& options) {
  ASSIGN_OR_RETURN(const audit::Opening opening, audit::Opening::Decode(receipt.opening()));
  const audit::Event& event = opening.event();
  const crypto::SigningKey key = crypto::SigningKey::Generate();
  const double sign =
      MicrosecondsEach(1000, [&] { crypto::Sign(key, audit::kReceiptLabel, receipt.body()); });
  absl::Status committed;
  const double commit = MicrosecondsEach(1000, [&] { committed.Update(audit::CommitEvent(event).status()); });
  RETURN_IF_ERROR(committed);
  Note(
      absl::StrFormat("beyond the bound a submit pays %.1f us of one core to sign its receipt and %.1f us to "
                      "commit to its event of %zu fields",
                      sign, commit, event.fields().size()),
      options.json);
  return absl::OkStatus();
}

}  // namespace

absl::Status RunSubmit(const Options& options) {
  ASSIGN_OR_RETURN(const std::unique_ptr<BrokerFixture> broker, BrokerFixture::Start());
  EchoServer echo;
  std::vector<double> submits, bounds, echoes, submit_p50, floor_p50, per_sync;
  {
    ASSIGN_OR_RETURN(const auto warm_up, broker->Seal(2000));
    RETURN_IF_ERROR(broker->Submit(warm_up, 64).status());
  }
  for (int round = 0; round < options.rounds; ++round) {
    ASSIGN_OR_RETURN(const auto many, broker->Seal(kMany));
    ASSIGN_OR_RETURN(const auto few, broker->Seal(kFew));
    const absl::Duration cpu_before_echo = CpuTime();
    ASSIGN_OR_RETURN(const Load echo_many, echo.Measure(kEchoes, 64, kBytes));
    const absl::Duration echo_cpu = (CpuTime() - cpu_before_echo) / kEchoes;
    const double verify = VerifyRate(kCores, kBytes);
    const BrokerFixture::Syncs before = broker->CountSyncs();
    const absl::Duration cpu_before_submit = CpuTime();
    ASSIGN_OR_RETURN(const Load submit_many, broker->Submit(many, 64));
    const absl::Duration submit_cpu = (CpuTime() - cpu_before_submit) / kMany;
    const BrokerFixture::Syncs after = broker->CountSyncs();
    ASSIGN_OR_RETURN(const Load echo_one, echo.Measure(2000, 1, kBytes));
    ASSIGN_OR_RETURN(const Load submit_one, broker->Submit(few, 1));
    ASSIGN_OR_RETURN(const absl::Duration put,
                     SyncedPutTime(absl::StrCat(broker->directory(), "/puts", round), 500));

    submits.push_back(submit_many.per_second);
    bounds.push_back(1 / (1 / echo_many.per_second + 1 / verify));
    echoes.push_back(echo_many.per_second);
    submit_p50.push_back(absl::ToDoubleMicroseconds(submit_one.p50));
    floor_p50.push_back(absl::ToDoubleMicroseconds(echo_one.p50 + put));
    per_sync.push_back((after.requests - before.requests) / (after.syncs - before.syncs));
    Note(absl::StrFormat(
             "round %d: submit %.0f/s (p50 %.2f ms, p99 %.2f ms, %zu bytes), echo %.0f/s, verify %.0f/s; "
             "one at a time: submit p50 %.0f us, echo %.0f us, synced put %.0f us",
             round + 1, submits.back(), absl::ToDoubleMilliseconds(submit_many.p50),
             absl::ToDoubleMilliseconds(submit_many.p99), many.front().ByteSizeLong(), echoes.back(), verify,
             submit_p50.back(), absl::ToDoubleMicroseconds(echo_one.p50), absl::ToDoubleMicroseconds(put)),
         options.json);
    Note(
        absl::StrFormat("round %d: CPU of client and broker: %.0f us per submit, %.0f us per echo", round + 1,
                        absl::ToDoubleMicroseconds(submit_cpu), absl::ToDoubleMicroseconds(echo_cpu)),
        options.json);
  }
  ASSIGN_OR_RETURN(const auto last, broker->Seal(1));
  ASSIGN_OR_RETURN(const v1::Receipt receipt, broker->SubmitOne(last.front()));
  RETURN_IF_ERROR(NoteExtraWork(receipt, options));
  Print({.name = "submit, 64 outstanding / 1/(1/echo+1/verify)",
         .left = Median(submits),
         .right = Median(bounds),
         .unit = "submits/s",
         .floor = 0.60,
         .goal = 0.80},
        options.json);
  Print({.name = "submit, 64 outstanding / echo 2 KiB",
         .left = Median(submits),
         .right = Median(echoes),
         .unit = "calls/s",
         .floor = 0.25,
         .goal = 0.40},
        options.json);
  Print({.name = "submit p50, 1 outstanding / (echo + synced put)",
         .left = Median(submit_p50),
         .right = Median(floor_p50),
         .unit = "us",
         .floor = 2.0,
         .goal = 1.4,
         .smaller_is_better = true},
        options.json);
  Print(
      {.name = "requests per sync, 64 outstanding", .left = Median(per_sync), .right = 1, .unit = "requests"},
      options.json);
  return absl::OkStatus();
}

}  // namespace seinpost::bench
