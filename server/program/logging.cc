// SPDX-License-Identifier: EUPL-1.2
// The only file that includes spdlog, which is slow to compile.
#include "server/program/logging.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"

namespace seinpost::server {

namespace {

std::shared_ptr<spdlog::logger> MakeLogger(spdlog::sink_ptr sink) {
  auto logger = std::make_shared<spdlog::logger>("seinpostd", std::move(sink));
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  logger->flush_on(spdlog::level::info);
  return logger;
}

std::shared_ptr<spdlog::logger>& Logger() {
  static std::shared_ptr<spdlog::logger> logger =
      MakeLogger(std::make_shared<spdlog::sinks::stderr_sink_mt>());
  return logger;
}

}  // namespace

absl::Status OpenLog(const std::string& path) {
  if (path.empty()) return absl::OkStatus();
  try {
    Logger() = MakeLogger(std::make_shared<spdlog::sinks::basic_file_sink_mt>(path));
    return absl::OkStatus();
  } catch (const spdlog::spdlog_ex& error) {
    return absl::UnavailableError(absl::StrCat("cannot open the log file: ", error.what()));
  }
}

void LogInfo(absl::string_view line) { Logger()->info("{}", std::string(line)); }
void LogError(absl::string_view line) { Logger()->error("{}", std::string(line)); }

}  // namespace seinpost::server
