// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_GRPC_SELF_PROBE_H_
#define SEINPOST_SERVER_GRPC_SELF_PROBE_H_

#include <deque>
#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/grpc/acceptor.h"
#include "util/clock.h"

namespace seinpost::server {

inline constexpr absl::Duration kProbePace = absl::Seconds(20);
inline constexpr absl::Duration kProbePatience = absl::Seconds(5);
inline constexpr size_t kProbesToBeDeaf = 3;
inline constexpr absl::Duration kDeafWithin = absl::Seconds(60);

// SelfProbe knocks at the broker's own door. One that strangers merely fill is busy, and is told so to the
// log; one that accepts nobody though there are places and descriptors, kProbesToBeDeaf times within
// kDeafWithin, is deaf, and only a restart helps. Thread-safe.
class SelfProbe {
 public:
  struct Options {
    std::function<Acceptor::Probed()> knock;
    std::function<void()> deaf;                  // called once, on the probe's thread
    std::function<void(absl::string_view)> log;  // may be empty
    const Clock* clock = nullptr;                // borrowed; should never be set
    absl::Duration pace = kProbePace;
  };
  explicit SelfProbe(Options options) : options_(std::move(options)) {}
  ~SelfProbe();  // as Stop()
  SelfProbe(const SelfProbe&) = delete;
  SelfProbe& operator=(const SelfProbe&) = delete;

  // Knocks at that pace, on a thread of its own, until Stop().
  void Start();
  void Stop();

  // One knock, as Start() makes them. From one thread at a time.
  void KnockOnce();

 private:
  void Loop();
  void Log(absl::string_view line) const;

  const Options options_;
  std::deque<absl::Time> failures_;  // within kDeafWithin, without a success between them
  bool deaf_ = false;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_GRPC_SELF_PROBE_H_
