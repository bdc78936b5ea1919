// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_GRPC_ACCEPTOR_H_
#define SEINPOST_SERVER_GRPC_ACCEPTOR_H_

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/grpc/bounds.h"
#include "server/grpc/listener.h"
#include "server/rpc/endpoint.h"
#include "util/clock.h"

namespace seinpost::server {

// A connection that has shown no valid session is closed when it is this old.
inline constexpr absl::Duration kStrangerLife = absl::Seconds(30);

// Acceptor accepts TCP connections within bounds and gives them away. gRPC 1.51 accepts for itself no more
// once descriptors have run out, and has no bounds; so we accept, and it only serves.
//
//   In all: whoever comes when all places are taken waits in the kernel's queue until others go.
//   Per address: the oldest connection of that address without a session makes place, or the newcomer is
//   closed. Without a session: at most so many, for at most kStrangerLife; the oldest one of the address that
//   has most of them makes place for a newcomer.
//
// Whom a connection is given to never says when it closes it. A descriptor's number and inode do: as long as
// fstat() gives the inode that was accepted, it is open. Of a connection without a session a duplicate is
// kept, by which it can be ended from here; of others nothing.
//
// Thread-safe. Accepting happens on a thread of its own.
class Acceptor {
 public:
  struct Options {
    DoorBounds bounds;
    const Clock* clock = nullptr;                // borrowed
    std::function<void(absl::string_view)> log;  // what whoever runs the broker should know; may be empty
  };
  // Gets an accepted descriptor, which it owns from then on, and the one it was accepted from.
  using Give = std::function<void(int listener, int fd)>;

  Acceptor(std::vector<Listener> listeners, Options options);
  ~Acceptor();  // as Stop()
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  uint16_t port() const { return listeners_.front().port(); }

  // Once: accepts from now on.
  void Start(Give give);
  // When it returns nothing is accepted or given any more; whoever connects is refused.
  void Stop();

  // The connection whose far end this is has shown a session. Does nothing if it is known already.
  void ShowedSession(const Endpoint& peer);
  // Whether ShowedSession() has anything to do for anybody: cheaper.
  bool HasStrangers() const { return strangers_count_.load(std::memory_order_relaxed) > 0; }

  enum class Probed { kAccepted, kBusy, kNobody };
  // Connects to the port from this machine and waits until that connection is accepted, for at most
  // `patience` on the machine's clock. kBusy: not accepted, while places or descriptors ran out since the
  // last call.
  Probed Probe(absl::Duration patience);

  struct Counts {
    size_t open = 0;             // connections that hold a descriptor
    size_t without_session = 0;  // of them, those that were not told to end
    uint64_t accepted = 0;       // since the start, probes too
  };
  Counts Count();

 private:
  struct Connection {
    dev_t device = 0;
    ino_t inode = 0;
    int copy = -1;  // of a connection without a session
    bool ending = false;
    Endpoint peer;
    std::string neighbourhood;
    absl::Time since;
  };
  using Connections = std::map<int, Connection>;  // by descriptor

  void Loop();
  // Whether another connection may be accepted; takes note if not.
  bool HasRoom();
  // Accepts one. False: none waits, or none can be accepted now.
  bool AcceptOne(const Listener& listener);
  // Takes a place for `fd`, making one if it must. False: there is none for this address.
  bool Admit(int fd, const Endpoint& peer);

  void Sweep(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Connections::iterator Forget(Connections::iterator it) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // A connection without a session is told to end; it holds its descriptor until gRPC has closed it.
  void End(int fd) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ReleaseStranger(Connection& connection) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Ends the oldest connection without a session in `neighbourhood`, or, if that is empty, in the one that
  // has most of them. False: there is none.
  bool EndOldest(absl::string_view neighbourhood) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Note(absl::string_view what) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Duration SweepPace() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Wake();

  const std::vector<Listener> listeners_;
  const Options options_;
  Give give_;
  int wake_ = -1;  // an eventfd
  std::thread thread_;
  std::atomic<size_t> strangers_count_{0};

  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  Connections connections_ ABSL_GUARDED_BY(mutex_);
  std::map<Endpoint, int> strangers_ ABSL_GUARDED_BY(mutex_);           // those not told to end
  std::map<std::string, uint32_t> neighbours_ ABSL_GUARDED_BY(mutex_);  // the same, and those with a session
  std::map<std::string, uint32_t> stranger_neighbours_ ABSL_GUARDED_BY(mutex_);
  size_t ending_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t accepted_ ABSL_GUARDED_BY(mutex_) = 0;
  bool was_busy_ ABSL_GUARDED_BY(mutex_) = false;
  std::set<Endpoint> probes_ ABSL_GUARDED_BY(mutex_);  // not accepted yet
  std::map<std::string, absl::Time, std::less<>> noted_ ABSL_GUARDED_BY(mutex_);
  SteadyClock steady_;
  absl::Time swept_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();  // on steady_
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_GRPC_ACCEPTOR_H_
