// SPDX-License-Identifier: EUPL-1.2
// The only file that includes spdlog, which is slow to compile.
#include "server/program/logging.h"

#include <fcntl.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <mutex>

#include "absl/strings/str_cat.h"

namespace seinpost::server {

namespace {

// Where lines go: a descriptor, under which another file can be put while others write (dup2(2) is atomic).
int log_descriptor = STDERR_FILENO;
std::string* log_path = nullptr;

// Writes each line whole. A log that cannot be written is no reason to stop, and there is nobody to tell.
class DescriptorSink final : public spdlog::sinks::base_sink<std::mutex> {
 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    size_t written = 0;
    while (written < line.size()) {
      const ssize_t size = write(log_descriptor, line.data() + written, line.size() - written);
      if (size < 0 && errno == EINTR) continue;
      if (size <= 0) return;
      written += static_cast<size_t>(size);
    }
  }
  void flush_() override {}
};

spdlog::logger& Logger() {
  static spdlog::logger* const logger = [] {
    auto* made = new spdlog::logger("seinpostd", std::make_shared<DescriptorSink>());
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    return made;
  }();
  return *logger;
}

int OpenToAppend(const std::string& path) {
  return open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

absl::Status CannotOpen(const std::string& path) {
  return absl::UnavailableError(
      absl::StrCat("cannot open the log file '", path, "': ", std::strerror(errno)));
}

}  // namespace

absl::Status OpenLog(const std::string& path) {
  if (path.empty()) return absl::OkStatus();
  const int fd = OpenToAppend(path);
  if (fd < 0) return CannotOpen(path);
  log_descriptor = fd;
  log_path = new std::string(path);
  return absl::OkStatus();
}

absl::Status ReopenLog() {
  if (log_path == nullptr) return absl::OkStatus();
  const int fd = OpenToAppend(*log_path);
  if (fd < 0) return CannotOpen(*log_path);
  const int put = dup3(fd, log_descriptor, O_CLOEXEC);
  const absl::Status status = put < 0 ? CannotOpen(*log_path) : absl::OkStatus();
  close(fd);
  return status;
}

void LogInfo(absl::string_view line) { Logger().info("{}", std::string(line)); }
void LogError(absl::string_view line) { Logger().error("{}", std::string(line)); }

}  // namespace seinpost::server
