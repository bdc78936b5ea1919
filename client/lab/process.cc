// SPDX-License-Identifier: EUPL-1.2
#include "client/lab/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

constexpr size_t kMaxOutputBytes = 1024 * 1024;
constexpr size_t kLogTailBytes = 2000;
constexpr absl::Duration kKillWait = absl::Seconds(5);

// Closes a file descriptor when it dies.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    Close();
    fd_ = std::exchange(other.fd_, -1);
    return *this;
  }
  ~Descriptor() { Close(); }
  int get() const { return fd_; }
  int Release() { return std::exchange(fd_, -1); }
  void Close() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

 private:
  int fd_ = -1;
};

struct Pipe {
  Descriptor read, write;
};
absl::StatusOr<Pipe> MakePipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return absl::ResourceExhaustedError("no pipe to be had");
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

// Spawns with stdin from /dev/null. `session`: detached from our terminal and process group.
absl::StatusOr<pid_t> Spawn(const std::vector<std::string>& argv, int out, int err, bool session) {
  std::vector<char*> words;
  words.reserve(argv.size() + 1);
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
  // What this process ignores or blocks, its child should not.
  sigset_t none, defaults;
  sigemptyset(&none);
  sigemptyset(&defaults);
  for (const int number : {SIGINT, SIGTERM, SIGPIPE, SIGHUP}) sigaddset(&defaults, number);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
  if (session) flags = static_cast<short>(flags | POSIX_SPAWN_SETSID);
  posix_spawnattr_setflags(&attributes, flags);
  pid_t pid = 0;
  const int failed = posix_spawn(&pid, words[0], &actions, &attributes, words.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0)
    return absl::NotFoundError(absl::StrCat(argv[0], ": cannot be started: ", strerror(failed)));
  return pid;
}

std::string Ending(int status) {
  if (WIFEXITED(status)) return absl::StrCat("ended with code ", WEXITSTATUS(status));
  if (WIFSIGNALED(status)) return absl::StrCat("was ended by signal ", WTERMSIG(status));
  return "ended";
}

std::string Tail(absl::string_view text) {
  const absl::string_view tail =
      text.size() > kLogTailBytes ? text.substr(text.size() - kLogTailBytes) : text;
  return std::string(absl::StripAsciiWhitespace(tail));
}

std::string LogTail(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return "";
  const off_t size = lseek(file.get(), 0, SEEK_END);
  const off_t from = size > static_cast<off_t>(kLogTailBytes) ? size - static_cast<off_t>(kLogTailBytes) : 0;
  std::string text(static_cast<size_t>(size - from), '\0');
  const ssize_t got = pread(file.get(), text.data(), text.size(), from);
  text.resize(got > 0 ? static_cast<size_t>(got) : 0);
  return Tail(text);
}

// The fields of /proc/PID/stat after the program's name, which may hold anything; the first is the state.
std::vector<std::string> StatFields(pid_t pid) {
  const Descriptor file(open(absl::StrCat("/proc/", pid, "/stat").c_str(), O_RDONLY | O_CLOEXEC));
  char text[1024];
  const ssize_t got = file.get() < 0 ? -1 : read(file.get(), text, sizeof text);
  if (got <= 0) return {};
  const absl::string_view all(text, static_cast<size_t>(got));
  const size_t name_end = all.rfind(')');
  if (name_end == absl::string_view::npos || name_end + 2 > all.size()) return {};
  return absl::StrSplit(all.substr(name_end + 2), ' ');
}

uint64_t StartTicks(pid_t pid) {
  const std::vector<std::string> fields = StatFields(pid);
  uint64_t ticks = 0;
  if (fields.size() < 20 || fields[0] == "Z" || !absl::SimpleAtoi(fields[19], &ticks)) return 0;
  return ticks;
}

int PidFd(pid_t pid) { return static_cast<int>(syscall(SYS_pidfd_open, pid, 0)); }

int Milliseconds(absl::Time until) {
  const int64_t left = absl::ToInt64Milliseconds(until - absl::Now());
  return static_cast<int>(std::min<int64_t>(std::max<int64_t>(left, 0), 60'000));
}

bool IsRaised(const Interrupt* stop) { return stop != nullptr && stop->raised(); }
int InterruptFd(const Interrupt* stop) { return stop == nullptr ? -1 : stop->fd(); }

// Waits for the end of the process behind `pidfd`; false: it did not end in time.
bool WaitForEnd(int pidfd, absl::Time until) {
  while (true) {
    pollfd poll_fd{pidfd, POLLIN, 0};
    const int ready = poll(&poll_fd, 1, Milliseconds(until));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
    if (ready == 0 && absl::Now() >= until) return false;
  }
}

// Collects the end of a child, so that it does not stay a zombie. Nothing for a process that is not our
// child.
void Reap(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace

absl::StatusOr<std::string> FindProgram(const std::string& name, const char* variable) {
  std::string path;
  if (const char* value = std::getenv(variable); value != nullptr && value[0] != '\0') {
    path = value;
  } else {
    char self[4096];
    const ssize_t size = readlink("/proc/self/exe", self, sizeof self);
    if (size <= 0) return absl::NotFoundError("where this program lies is unknown");
    const absl::string_view own(self, static_cast<size_t>(size));
    path = absl::StrCat(own.substr(0, own.rfind('/')), "/", name);
  }
  if (access(path.c_str(), X_OK) != 0) {
    return absl::NotFoundError(absl::StrCat(path, ": no such program (", variable, " may name another)"));
  }
  return path;
}

absl::StatusOr<std::string> RunProgram(const std::vector<std::string>& argv, absl::Duration timeout,
                                       const Interrupt* stop) {
  ASSIGN_OR_RETURN(Pipe out, MakePipe());
  ASSIGN_OR_RETURN(Pipe err, MakePipe());
  ASSIGN_OR_RETURN(const pid_t pid, Spawn(argv, out.write.get(), err.write.get(), false));
  out.write.Close();
  err.write.Close();
  const absl::Time until = absl::Now() + timeout;
  std::string text[2];
  pollfd open[3] = {{out.read.get(), POLLIN, 0}, {err.read.get(), POLLIN, 0}, {InterruptFd(stop), POLLIN, 0}};
  bool late = false;
  while (!late && !IsRaised(stop) && (open[0].fd >= 0 || open[1].fd >= 0)) {
    const int ready = poll(open, 3, Milliseconds(until));
    if (ready < 0 && errno != EINTR) break;
    late = absl::Now() >= until;
    for (int i = 0; i < 2 && ready > 0; ++i) {
      if (open[i].fd < 0 || open[i].revents == 0) continue;
      char chunk[4096];
      const ssize_t got = read(open[i].fd, chunk, sizeof chunk);
      if (got <= 0) open[i].fd = -1;
      if (got > 0 && text[i].size() < kMaxOutputBytes) text[i].append(chunk, static_cast<size_t>(got));
    }
  }
  if (late || IsRaised(stop)) kill(pid, SIGKILL);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (IsRaised(stop)) return absl::CancelledError(absl::StrCat(argv[0], " was ended"));
  if (late) return absl::DeadlineExceededError(absl::StrCat(argv[0], " did not end in time"));
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return absl::FailedPreconditionError(absl::StrCat(argv[0], " ", Ending(status), ": ", Tail(text[1])));
  }
  return text[0];
}

bool IsRunning(const ProcessRef& process) {
  const uint64_t ticks = process.pid > 0 ? StartTicks(process.pid) : 0;
  return ticks != 0 && ticks == process.start_ticks;
}

absl::Status Stop(const ProcessRef& process, absl::Duration grace) {
  if (process.pid <= 0) return absl::OkStatus();
  // The descriptor is taken first: what it names cannot become another process under our hands.
  const Descriptor pidfd(PidFd(process.pid));
  if (pidfd.get() < 0 || !IsRunning(process)) return absl::OkStatus();
  syscall(SYS_pidfd_send_signal, pidfd.get(), SIGTERM, nullptr, 0);
  bool ended = WaitForEnd(pidfd.get(), absl::Now() + grace);
  if (!ended) {
    syscall(SYS_pidfd_send_signal, pidfd.get(), SIGKILL, nullptr, 0);
    ended = WaitForEnd(pidfd.get(), absl::Now() + kKillWait);
  }
  if (!ended) return absl::DeadlineExceededError(absl::StrCat("process ", process.pid, " does not end"));
  Reap(process.pid);
  return absl::OkStatus();
}

absl::StatusOr<DaemonProcess> DaemonProcess::Start(const std::vector<std::string>& argv,
                                                   const std::string& log_file) {
  ASSIGN_OR_RETURN(Pipe out, MakePipe());
  const Descriptor log(open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (log.get() < 0) return absl::UnavailableError(absl::StrCat(log_file, ": cannot be written"));
  ASSIGN_OR_RETURN(const pid_t pid, Spawn(argv, out.write.get(), log.get(), true));
  return DaemonProcess({pid, StartTicks(pid)}, out.read.Release(), log_file);
}

DaemonProcess::DaemonProcess(DaemonProcess&& other) noexcept
    : process_(std::exchange(other.process_, ProcessRef())),
      fd_(std::exchange(other.fd_, -1)),
      log_file_(std::move(other.log_file_)),
      released_(other.released_) {}

DaemonProcess::~DaemonProcess() {
  if (fd_ >= 0) close(fd_);
  if (!released_ && process_.pid > 0) {
    if (!Stop(process_, kKillWait).ok()) kill(process_.pid, SIGKILL);
    Reap(process_.pid);
  }
}

absl::StatusOr<std::string> DaemonProcess::ReadyLine(absl::Duration timeout, const Interrupt* stop) {
  const absl::Time until = absl::Now() + timeout;
  std::string line;
  while (true) {
    if (IsRaised(stop)) return absl::CancelledError("the program was not ready yet");
    pollfd wait[2] = {{fd_, POLLIN, 0}, {InterruptFd(stop), POLLIN, 0}};
    const int ready = poll(wait, 2, Milliseconds(until));
    if (ready < 0 && errno != EINTR) return absl::InternalError("poll failed");
    if (ready <= 0 && absl::Now() >= until) {
      return absl::DeadlineExceededError(absl::StrCat("not ready in time: ", LogTail(log_file_)));
    }
    if (ready <= 0 || wait[0].revents == 0) continue;
    char byte = 0;
    const ssize_t got = read(fd_, &byte, 1);
    if (got == 1 && byte == '\n') return line;
    if (got == 1 && line.size() < kMaxOutputBytes) line.push_back(byte);
    if (got == 1 || (got < 0 && errno == EINTR)) continue;
    int status = 0;
    const pid_t pid = std::exchange(process_, ProcessRef()).pid;
    kill(pid, SIGKILL);  // it has closed its output, and is of no use if it lives
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return absl::FailedPreconditionError(
        absl::StrCat("the program ", Ending(status), ": ", LogTail(log_file_)));
  }
}

}  // namespace seinpost::client
