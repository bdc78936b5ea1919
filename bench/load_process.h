// SPDX-License-Identifier: EUPL-1.2
// Load comes from a process of its own: in the server's it would share gRPC's callback threads and the locks
// and memory of every library with what is measured.
//
// The process is this program once more, as `seinpost_bench --load JOB`, with a socket for standard input and
// output. It says one line when it is ready, waits for one, makes its calls, says one line with what it
// measured and ends. It never outlives the process that started it.
#ifndef SEINPOST_BENCH_LOAD_PROCESS_H_
#define SEINPOST_BENCH_LOAD_PROCESS_H_

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bench/door_address.h"
#include "bench/flood.h"
#include "bench/load.h"

namespace seinpost::bench {

struct LoadJob {
  // kLogin: a connection and a session each, one after the other. kFlood: no calls; the flood stands when the
  // process is ready, and is gone when it has ended.
  enum class Call { kEcho, kSubmit, kLogin, kFlood };
  Call call = Call::kEcho;
  Door door;
  size_t count = 0;  // calls that are measured; a tenth as many go before. Of a flood, its size
  size_t outstanding = 0;
  Flood flood = Flood::kConnections;
};

class LoadProcess {
 public:
  // Returns when the process is ready: connected, logged in where the server wants that, everything sealed
  // that is to be sent, and warm. Any code: the process said why it could not. kInternal: it died.
  static absl::StatusOr<std::unique_ptr<LoadProcess>> Start(const LoadJob& job);
  // Ends the process if it still runs.
  ~LoadProcess();
  LoadProcess(const LoadProcess&) = delete;
  LoadProcess& operator=(const LoadProcess&) = delete;

  // Lets it make its calls and waits for its end; once. Errors as for Start().
  absl::StatusOr<Load> Run();

 private:
  LoadProcess(pid_t pid, int socket) : pid_(pid), socket_(socket) {}
  // The next line, without its end; or what became of the process.
  absl::StatusOr<std::string> ReadLine();
  // Waits for its end. OK: it said that all is well.
  absl::Status Reap();

  pid_t pid_;  // 0: reaped
  const int socket_;
  std::string received_;  // not yet a line
};

// main() of such a process, with JOB as LoadProcess wrote it. Returns the exit code.
int RunLoadProcess(const std::string& job);

}  // namespace seinpost::bench

#endif  // SEINPOST_BENCH_LOAD_PROCESS_H_
