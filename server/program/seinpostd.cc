// SPDX-License-Identifier: EUPL-1.2
// seinpostd: the broker as a program. Standard output carries one line of JSON for whoever started it;
// everything else goes to the log. The only file of server/ that includes CLI11, which is slow to compile.
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <csignal>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "crypto/process.h"
#include "server/broker/broker.h"
#include "server/grpc/bounds.h"
#include "server/grpc/grpc_server.h"
#include "server/program/check.h"
#include "server/program/config.h"
#include "server/program/init.h"
#include "server/program/logging.h"
#include "util/clock.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::server {
namespace {

constexpr char kVersion[] = "seinpostd 0.1.0";
constexpr size_t kMaxPemBytes = 64 * 1024;
constexpr int kFailed = 1;
constexpr int kUsage = 2;
constexpr int kDeaf = 6;
constexpr unsigned kDeafGraceSeconds = 15;

// The broker found out that it accepts nobody any more (server/grpc/self_probe.h).
std::atomic<bool> is_deaf{false};

// Ends as if told to, and after a while in any case.
void EndDeaf() {
  is_deaf = true;
  std::signal(SIGALRM, [](int) { _exit(kDeaf); });
  alarm(kDeafGraceSeconds);
  kill(getpid(), SIGTERM);
}

struct RunArguments {
  std::string config;
  std::string ready_file;
  std::string log_file;
};

struct InitArguments {
  std::string config;
  std::string next_log_key;  // convenant id
};

struct CheckArguments {
  std::string config;
  bool json = false;
};

absl::Status Init(const InitArguments& arguments) {
  ASSIGN_OR_RETURN(const ServerConfig config, ReadConfig(arguments.config));
  ASSIGN_OR_RETURN(const BrokerIdentity made, InitBroker(config, absl::Now(), arguments.next_log_key));
  nlohmann::json json = {{"identity", ToHex(made.identity)},
                         {"log_keys", nlohmann::json::object()},
                         {"next_log_keys", nlohmann::json::object()},
                         {"tls_ca", made.tls_certificate},
                         {"data_dir", config.data_dir},
                         {"keys_dir", config.keys_dir},
                         {"anchor_dir", config.anchor_dir}};
  for (const auto& [id, key] : made.log_keys) json["log_keys"][id] = ToHex(key);
  for (const auto& [id, key] : made.next_log_keys) json["next_log_keys"][id] = ToHex(key);
  std::cout << json.dump() << std::endl;
  return absl::OkStatus();
}

nlohmann::ordered_json JsonOf(const RealmReport& report) {
  nlohmann::ordered_json json = {{"convenant", report.convenant}, {"size", report.size}, {"anchor", nullptr}};
  if (report.anchor_size) json["anchor"] = {{"size", *report.anchor_size}, {"note", report.anchor_note}};
  json["writable"] = report.writable.ok();
  json["reason"] = std::string(report.writable.message());
  json["history"] = std::string(report.history.message());
  json["lost"] = nullptr;
  if (report.lost) json["lost"] = {{"first", report.lost->first}, {"end", report.lost->second}};
  json["directory_size"] = report.directory_size;
  json["log_key"] = ToHex(View(report.log_key));
  json["next_log_key"] = nullptr;
  if (report.next_log_key) json["next_log_key"] = ToHex(View(*report.next_log_key));
  return json;
}

void PrintReport(const RealmReport& report) {
  std::cout << report.convenant << ": " << report.size << " leaves, " << report.directory_size
            << " objects in the directory\n";
  std::cout << "  " << (report.writable.ok() ? "writable" : report.writable.message()) << "\n";
  if (!report.history.ok()) std::cout << "  warning: " << report.history.message() << "\n";
  if (report.lost) {
    std::cout << "  lost: leaves " << report.lost->first << " to " << report.lost->second - 1 << "\n";
  }
  std::cout << "  anchor: "
            << (report.anchor_size ? absl::StrCat("signed over ", *report.anchor_size, " leaves") : "none")
            << "\n";
  std::cout << "  log key: " << ToHex(View(report.log_key)) << "\n";
  std::cout << "  next log key: " << (report.next_log_key ? ToHex(View(*report.next_log_key)) : "none")
            << "\n";
}

// One line of JSON, or one paragraph, for each convenant.
absl::Status Check(const CheckArguments& arguments) {
  ASSIGN_OR_RETURN(const ServerConfig config, ReadConfig(arguments.config));
  ASSIGN_OR_RETURN(const std::vector<RealmReport> reports, CheckBroker(config));
  for (const RealmReport& report : reports) {
    if (arguments.json) {
      std::cout << JsonOf(report).dump() << "\n";
    } else {
      PrintReport(report);
    }
  }
  std::cout << std::flush;
  return absl::OkStatus();
}

absl::Status TellReady(const std::string& listening, const std::string& metrics,
                       const std::string& ready_file) {
  const std::string line = nlohmann::json({{"listening", listening}, {"metrics", metrics}}).dump();
  std::cout << line << std::endl;
  if (ready_file.empty()) return absl::OkStatus();
  return WriteFileAtomically(ready_file, line + "\n");
}

BrokerOptions OptionsOf(const ServerConfig& config) {
  BrokerOptions options;
  options.data_dir = config.data_dir;
  options.keys_dir = config.keys_dir;
  options.anchor_dir = config.anchor_dir;
  options.convenants = config.convenants;
  options.limits = config.limits;
  options.error_log = [](absl::string_view what, const absl::Status& status) {
    LogError(absl::StrCat(what, ": ", status.ToString()));
  };
  return options;
}

absl::StatusOr<std::string> ReadPem(const std::string& path) {
  absl::StatusOr<std::string> pem = ReadFile(path, kMaxPemBytes);
  if (!absl::IsNotFound(pem.status())) return pem;
  return absl::NotFoundError(absl::StrCat("no file ", path, ", `seinpostd init` makes what is missing"));
}

absl::StatusOr<GrpcServerOptions> GrpcOptionsOf(const ServerConfig& config) {
  GrpcServerOptions options;
  options.listen = config.listen;
  ASSIGN_OR_RETURN(options.door, FitBounds(config.door, RaiseFileLimit()));
  options.memory_mib = config.memory_mib;
  options.probe_pace = absl::Seconds(config.probe_seconds);
  options.log = [](absl::string_view line) { LogError(line); };
  options.deaf = EndDeaf;
  ASSIGN_OR_RETURN(options.tls_certificate, ReadPem(TlsCertificatePath(config)));
  ASSIGN_OR_RETURN(options.tls_key, ReadPem(TlsKeyPath(config)));
  return options;
}

// Serves until SIGTERM or SIGINT, which `stop_signals` holds and every thread has blocked.
absl::Status Serve(const ServerConfig& config, const RunArguments& arguments, const sigset_t& stop_signals) {
  const SystemClock clock;
  ASSIGN_OR_RETURN(const GrpcServerOptions grpc_options, GrpcOptionsOf(config));
  ASSIGN_OR_RETURN(const std::unique_ptr<Broker> broker, Broker::Open(OptionsOf(config), clock));
  ASSIGN_OR_RETURN(const std::string metrics, broker->metrics().Listen(config.metrics_listen));
  if (!IsLoopback(metrics))
    LogError(absl::StrCat("warning: metrics on ", metrics, ", where others can read them"));
  ASSIGN_OR_RETURN(const std::unique_ptr<GrpcServer> server, GrpcServer::Start(*broker, grpc_options));
  LogInfo(absl::StrCat("listening on ", server->address(), ", metrics on ", metrics, ", at most ",
                       grpc_options.door.connections, " connections, ", grpc_options.door.without_session,
                       " of them without a session"));
  RETURN_IF_ERROR(TellReady(server->address(), metrics, arguments.ready_file));
  int signal = 0;
  sigwait(&stop_signals, &signal);
  LogInfo("stopping");
  server->Shutdown();
  return absl::OkStatus();
}

absl::Status Run(const RunArguments& arguments) {
  // Before the first thread: all of them inherit the mask, and sigwait() gets the signals.
  sigset_t stop_signals;
  sigemptyset(&stop_signals);
  sigaddset(&stop_signals, SIGTERM);
  sigaddset(&stop_signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop_signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  ASSIGN_OR_RETURN(const ServerConfig config, ReadConfig(arguments.config));
  RETURN_IF_ERROR(OpenLog(arguments.log_file.empty() ? config.log_file : arguments.log_file));
  const absl::Status served = Serve(config, arguments, stop_signals);
  if (served.ok()) LogInfo("stopped");
  if (!served.ok()) LogError(absl::StrCat("stopped: ", served.ToString()));
  return served;
}

int ExitCodeOf(const absl::Status& status) {
  if (status.ok()) return 0;
  std::cerr << "seinpostd: " << status.message() << std::endl;
  return absl::IsInvalidArgument(status) ? kUsage : kFailed;
}

int Main(int argc, char** argv) {
  umask(0077);
  CLI::App app("seinpostd: passes on signals that it cannot read, under the rules of a convenant");
  app.set_version_flag("--version", std::string(kVersion));
  app.require_subcommand(1);
  InitArguments init_arguments;
  CheckArguments check_arguments;
  RunArguments run_arguments;
  CLI::App* init =
      app.add_subcommand("init", "make the keys this broker needs, print their public halves as JSON");
  init->add_option("--config", init_arguments.config, "configuration file")->required();
  init->add_option("--next-log-key", init_arguments.next_log_key,
                   "also make the key that is to follow the log key of this convenant");
  CLI::App* check = app.add_subcommand("check", "tell how each log stands; the broker must not be running");
  check->add_option("--config", check_arguments.config, "configuration file")->required();
  check->add_flag("--json", check_arguments.json, "one line of JSON per convenant");
  CLI::App* run = app.add_subcommand("run", "serve until SIGTERM or SIGINT");
  run->add_option("--config", run_arguments.config, "configuration file")->required();
  run->add_option("--ready-file", run_arguments.ready_file,
                  "write the line that tells the ports to this file too");
  run->add_option("--log-file", run_arguments.log_file, "append the log to this file");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  if (init->parsed()) return ExitCodeOf(Init(init_arguments));
  if (check->parsed()) return ExitCodeOf(Check(check_arguments));
  const int code = ExitCodeOf(Run(run_arguments));
  return is_deaf ? kDeaf : code;
}

}  // namespace
}  // namespace seinpost::server

int main(int argc, char** argv) {
  seinpost::crypto::StartProcess();
  return seinpost::server::Main(argc, argv);
}
