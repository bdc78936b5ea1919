// SPDX-License-Identifier: EUPL-1.2
#include "client/terminal/prompt.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "client/terminal/output.h"
#include "crypto/wiped.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

termios before_asking{};             // what RestoreTerminal() restores
std::atomic<bool> is_asking{false};  // before_asking is set
volatile sig_atomic_t asked_to_stop = 0;

extern "C" void OnTerminalStop(int /*signal*/) { asked_to_stop = 1; }

// Switches off the echo of the terminal for as long as it lives, and holds Ctrl-Z back but while Await()
// waits.
class NoEcho {
 public:
  NoEcho() { Begin(); }
  ~NoEcho() { Leave(/*stop=*/false); }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;

  // The mask to wait with.
  const sigset_t& mask() const { return mask_; }

  // Stops this process as Ctrl-Z does, and comes back when it is told to go on.
  void Stop() {
    Leave(/*stop=*/true);
    Begin();
  }

 private:
  void Begin() {
    asked_to_stop = 0;
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTSTP);
    pthread_sigmask(SIG_BLOCK, &stop, &mask_);
    struct sigaction action{};
    action.sa_handler = OnTerminalStop;
    sigemptyset(&action.sa_mask);
    sigaction(SIGTSTP, &action, &action_);
    Off();
  }

  void Leave(bool stop) {
    RestoreTerminal();
    is_asking = false;
    sigaction(SIGTSTP, &action_, nullptr);
    if (stop) raise(SIGTSTP);  // held back till the next line
    pthread_sigmask(SIG_SETMASK, &mask_, nullptr);
  }

  static void Off() {
    if (tcgetattr(STDIN_FILENO, &before_asking) != 0) return;
    is_asking = true;
    termios silent = before_asking;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent.c_lflag |= ECHONL;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }

  sigset_t mask_{};
  struct sigaction action_{};
};

absl::Status Interrupted() { return absl::CancelledError("nothing was read"); }

// Until something can be read from `input`. kCancelled: interrupted. kAborted: this process is to stop. With
// `mask`, if given, for as long as it takes.
absl::Status Await(const Context& context, const sigset_t* mask = nullptr, int input = STDIN_FILENO) {
  while (true) {
    if (context.Stopped()) return Interrupted();
    if (asked_to_stop != 0) return absl::AbortedError("stop");
    pollfd wait[2] = {{input, POLLIN, 0}, {context.stop == nullptr ? -1 : context.stop->fd(), POLLIN, 0}};
    const int ready = ppoll(wait, 2, nullptr, mask);
    if (ready < 0 && errno != EINTR) return absl::InternalError("the input cannot be read");
    if (ready > 0 && wait[0].revents != 0 && wait[1].revents == 0) return absl::OkStatus();
  }
}

// From a pipe that was opened without waiting: poll() waits for its first writer, and tells of its last.
absl::StatusOr<Bytes> ReadPipe(const Context& context, int source, size_t max_bytes) {
  Bytes all;
  all.reserve(max_bytes + 1);  // so that no copy is left behind
  while (all.size() <= max_bytes) {
    RETURN_IF_ERROR(Await(context, nullptr, source));
    char byte = 0;
    const ssize_t got = read(source, &byte, 1);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0) return absl::FailedPreconditionError("the pipe cannot be read");
    if (got == 0) return all;
    all.push_back(byte);
  }
  crypto::Wipe(all);
  return absl::ResourceExhaustedError("too much comes out of the pipe");
}

bool IsStandardInput(const Context& context) { return &context.in == &std::cin; }

}  // namespace

void RestoreTerminal() noexcept {
  if (is_asking) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_asking);
}

absl::StatusOr<Bytes> AskSecretly(const Context& context, absl::string_view question, size_t max_bytes) {
  NoEcho no_echo;
  const auto ask = [&] { context.err << Printable(question) << ": " << std::flush; };
  ask();
  Bytes line;
  line.reserve(max_bytes);
  char byte = 0;
  while (line.size() < max_bytes) {
    const absl::Status ready = Await(context, &no_echo.mask());
    if (absl::IsAborted(ready)) {
      no_echo.Stop();
      crypto::Wipe(line);
      line.clear();
      ask();
      continue;
    }
    if (!ready.ok()) {
      crypto::Wipe(line);
      context.err << "\n" << std::flush;
      return ready;
    }
    const ssize_t got = read(STDIN_FILENO, &byte, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got != 1) {
      context.err << "\n" << std::flush;
      break;
    }
    if (byte == '\n') break;
    line.push_back(byte);
  }
  return line;
}

absl::StatusOr<Bytes> ReadSecretFile(const Context& context, const std::string& path, size_t max_bytes) {
  struct stat info{};
  if (stat(path.c_str(), &info) != 0 || !S_ISFIFO(info.st_mode)) return ReadFile(path, max_bytes);
  const int source = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (source < 0) return absl::FailedPreconditionError("the pipe cannot be opened");
  absl::StatusOr<Bytes> content = ReadPipe(context, source, max_bytes);
  close(source);
  return content;
}

absl::StatusOr<std::string> ReadLine(const Context& context) {
  std::string line;
  if (!IsStandardInput(context)) {
    std::getline(context.in, line);
    return line;
  }
  constexpr size_t kMaxLineBytes = 4096;
  char byte = 0;
  while (line.size() < kMaxLineBytes) {
    RETURN_IF_ERROR(Await(context));
    const ssize_t got = read(STDIN_FILENO, &byte, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got != 1 || byte == '\n') break;
    line.push_back(byte);
  }
  return line;
}

absl::StatusOr<Bytes> ReadInput(const Context& context, size_t max_bytes) {
  Bytes all;
  char buffer[4096];
  while (all.size() <= max_bytes) {
    size_t got = 0;
    if (IsStandardInput(context)) {
      RETURN_IF_ERROR(Await(context));
      const ssize_t bytes = read(STDIN_FILENO, buffer, sizeof buffer);
      if (bytes < 0 && errno == EINTR) continue;
      if (bytes < 0) return absl::FailedPreconditionError("the input cannot be read");
      got = static_cast<size_t>(bytes);
    } else {
      context.in.read(buffer, sizeof buffer);
      got = static_cast<size_t>(context.in.gcount());
    }
    if (got == 0) return all;
    all.append(buffer, got);
  }
  return absl::ResourceExhaustedError("the text is too long");
}

}  // namespace seinpost::client
