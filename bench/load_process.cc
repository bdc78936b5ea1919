// SPDX-License-Identifier: EUPL-1.2
#include "bench/load_process.h"

#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <functional>
#include <iostream>
#include <span>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "bench/echo_server.h"
#include "bench/sender.h"
#include "nlohmann/json.hpp"
#include "util/status_macros.h"

namespace seinpost::bench {
namespace {

using Json = nlohmann::json;

constexpr char kProgram[] = "/proc/self/exe";
constexpr size_t kWarmUpShare = 10;

// What goes over the line. Both ends are this program, so a missing field is a bug and throws.

std::string EncodeJob(const LoadJob& job) {
  return Json{{"call", job.call},
              {"address", job.door.address},
              {"certificate", job.door.certificate},
              {"ahead_ns", absl::ToInt64Nanoseconds(job.door.ahead)},
              {"count", job.count},
              {"outstanding", job.outstanding},
              {"flood", job.flood},
              {"parent", getpid()}}
      .dump();
}

LoadJob DecodeJob(const Json& json) {
  return {.call = json.at("call").get<LoadJob::Call>(),
          .door = {.address = json.at("address"),
                   .certificate = json.at("certificate"),
                   .ahead = absl::Nanoseconds(json.at("ahead_ns").get<int64_t>())},
          .count = json.at("count"),
          .outstanding = json.at("outstanding"),
          .flood = json.at("flood").get<Flood>()};
}

std::string EncodeLoad(const Load& load) {
  return Json{{"per_second", load.per_second},
              {"p50_ns", absl::ToInt64Nanoseconds(load.p50)},
              {"p99_ns", absl::ToInt64Nanoseconds(load.p99)},
              {"cpu_ns", absl::ToInt64Nanoseconds(load.cpu)}}
      .dump();
}

Load DecodeLoad(const Json& json) {
  return {.per_second = json.at("per_second"),
          .p50 = absl::Nanoseconds(json.at("p50_ns").get<int64_t>()),
          .p99 = absl::Nanoseconds(json.at("p99_ns").get<int64_t>()),
          .cpu = absl::Nanoseconds(json.at("cpu_ns").get<int64_t>())};
}

std::string EncodeError(const absl::Status& status) {
  return Json{{"code", status.raw_code()}, {"error", std::string(status.message())}}.dump();
}

// One side's line, or the error that it is.
absl::StatusOr<Json> DecodeLine(const std::string& line) {
  Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return absl::InternalError("load: not a line of it: " + line);
  if (!json.contains("error")) return json;
  return absl::Status(json.at("code").get<absl::StatusCode>(),
                      absl::StrCat("load: ", json.at("error").get<std::string>()));
}

// ---- the process that makes the calls

// Makes the calls first … first + count - 1 of all that were prepared.
using Calls = std::function<absl::StatusOr<Load>(size_t first, size_t count)>;

absl::StatusOr<Calls> PrepareEcho(const LoadJob& job) {
  auto caller = std::make_shared<EchoCaller>(job.door);
  return Calls([caller, outstanding = job.outstanding](size_t, size_t count) {
    return caller->Call(count, outstanding);
  });
}

absl::StatusOr<Calls> PrepareSubmit(const LoadJob& job, size_t calls) {
  ASSIGN_OR_RETURN(std::shared_ptr<Sender> sender, Sender::Login(job.door));
  ASSIGN_OR_RETURN(std::vector<v1::SubmitRequest> sealed, sender->Seal(calls));
  auto requests = std::make_shared<const std::vector<v1::SubmitRequest>>(std::move(sealed));
  return Calls([sender, requests, outstanding = job.outstanding](size_t first, size_t count) {
    return sender->Submit(std::span(*requests).subspan(first, count), outstanding);
  });
}

absl::StatusOr<Calls> PrepareLogins(const LoadJob& job) {
  ASSIGN_OR_RETURN(std::shared_ptr<Sender> sender, Sender::Login(job.door));
  return Calls([sender](size_t, size_t count) { return sender->LogIn(count); });
}

absl::StatusOr<Calls> Prepare(const LoadJob& job, size_t calls) {
  switch (job.call) {
    case LoadJob::Call::kEcho:
      return PrepareEcho(job);
    case LoadJob::Call::kSubmit:
      return PrepareSubmit(job, calls);
    case LoadJob::Call::kLogin:
      return PrepareLogins(job);
    case LoadJob::Call::kFlood:
      break;
  }
  return absl::InvalidArgumentError("no such calls");
}

// The flood stands from the first line that is said to the first that is heard.
absl::StatusOr<Load> Stand(const LoadJob& job) {
  ASSIGN_OR_RETURN(const std::shared_ptr<void> flood, StartFlood(job.flood, job.door, job.count));
  std::cout << "{}" << std::endl;
  std::string go;
  std::getline(std::cin, go);
  return Load{};
}

absl::StatusOr<Load> MakeCalls(const LoadJob& job) {
  if (job.call == LoadJob::Call::kFlood) return Stand(job);
  const size_t warm_up = 1 + job.count / kWarmUpShare;
  ASSIGN_OR_RETURN(const Calls calls, Prepare(job, warm_up + job.count));
  RETURN_IF_ERROR(calls(0, warm_up).status());
  std::cout << "{}" << std::endl;
  std::string go;
  if (!std::getline(std::cin, go)) return absl::CancelledError("not wanted any more");
  return calls(warm_up, job.count);
}

}  // namespace

int RunLoadProcess(const std::string& job) {
  const Json json = Json::parse(job, nullptr, false);
  if (!json.is_object()) {
    std::cerr << "bench: --load is for this program itself\n";
    return 2;
  }
  // A parent that died before the first of these lines is told by the second.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != json.at("parent").get<pid_t>()) return 1;
  const absl::StatusOr<Load> load = MakeCalls(DecodeJob(json));
  std::cout << (load.ok() ? EncodeLoad(*load) : EncodeError(load.status())) << std::endl;
  return load.ok() ? 0 : 1;
}

// ---- the process that measures

absl::StatusOr<std::unique_ptr<LoadProcess>> LoadProcess::Start(const LoadJob& job) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return absl::ErrnoToStatus(errno, "load: socketpair");
  }
  // The child gets its end of the socket and standard error, and nothing else of this process.
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  std::string encoded = EncodeJob(job), name = "seinpost_bench", flag = "--load";
  const std::array<char*, 4> argv{name.data(), flag.data(), encoded.data(), nullptr};
  pid_t pid = 0;
  const int error = posix_spawn(&pid, kProgram, &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (error != 0) {
    close(ends[0]);
    return absl::ErrnoToStatus(error, "load: cannot start");
  }
  std::unique_ptr<LoadProcess> process(new LoadProcess(pid, ends[0]));
  ASSIGN_OR_RETURN(const std::string ready, process->ReadLine());
  RETURN_IF_ERROR(DecodeLine(ready).status());
  return process;
}

LoadProcess::~LoadProcess() {
  if (pid_ != 0) {
    kill(pid_, SIGKILL);
    Reap().IgnoreError();
  }
  close(socket_);
}

absl::StatusOr<Load> LoadProcess::Run() {
  // A child that is gone is told by ReadLine().
  (void)send(socket_, "\n", 1, MSG_NOSIGNAL);
  ASSIGN_OR_RETURN(const std::string line, ReadLine());
  ASSIGN_OR_RETURN(const Json json, DecodeLine(line));
  RETURN_IF_ERROR(Reap());
  return DecodeLoad(json);
}

absl::StatusOr<std::string> LoadProcess::ReadLine() {
  std::array<char, 4096> buffer{};
  while (true) {
    if (const size_t end = received_.find('\n'); end != std::string::npos) {
      std::string line = received_.substr(0, end);
      received_.erase(0, end + 1);
      return line;
    }
    const ssize_t bytes = recv(socket_, buffer.data(), buffer.size(), 0);
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes <= 0) break;
    received_.append(buffer.data(), static_cast<size_t>(bytes));
  }
  RETURN_IF_ERROR(Reap());
  return absl::InternalError("load: ended without a word");
}

absl::Status LoadProcess::Reap() {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = 0;
  if (WIFSIGNALED(status)) {
    return absl::InternalError(absl::StrCat("load: ended by signal ", WTERMSIG(status)));
  }
  if (WEXITSTATUS(status) != 0) {
    return absl::InternalError(absl::StrCat("load: exit code ", WEXITSTATUS(status)));
  }
  return absl::OkStatus();
}

}  // namespace seinpost::bench
