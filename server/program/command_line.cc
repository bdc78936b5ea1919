// SPDX-License-Identifier: EUPL-1.2
// Standard output carries one line of JSON for whoever started the broker; everything else goes to the log.
// The only file of server/ that includes CLI11, which is slow to compile.
#include "server/program/command_line.h"

#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <csignal>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "server/broker/broker.h"
#include "server/copies/control.h"
#include "server/grpc/bounds.h"
#include "server/grpc/grpc_server.h"
#include "server/program/backup.h"
#include "server/program/check.h"
#include "server/program/config.h"
#include "server/program/init.h"
#include "server/program/logging.h"
#include "server/program/places.h"
#include "server/program/restore.h"
#include "server/program/tls_files.h"
#include "server/realm/anchored_store.h"
#include "storage/store.h"
#include "util/clock.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::server {
namespace {

constexpr char kVersion[] = "seinpostd 0.1.0";
constexpr int kFailed = 1;
constexpr int kUsage = 2;
constexpr int kDamaged = 5;
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
  std::string hostnames;     // NAME[,NAME|IP…]
};

struct CheckArguments {
  std::string config;
  bool json = false;
  bool deep = false;
};

struct BackupArguments {
  std::string config;
  BackupWish wish;
};

struct RestoreArguments {
  std::string config;
  RestoreWish wish;
};

// For whoever sits at the terminal; scripts read standard output.
void Remark(absl::string_view line) { std::cerr << "seinpostd: " << line << std::endl; }

// What ends with kDamaged.
constexpr char kDamagedUrl[] = "seinpost/damaged";
absl::Status Damaged(absl::string_view sentence) {
  absl::Status status = absl::DataLossError(sentence);
  status.SetPayload(kDamagedUrl, absl::Cord());
  return status;
}

// What is asked of every start, whatever is to be done.
absl::StatusOr<ServerConfig> ReadSafeConfig(const std::string& path) {
  ASSIGN_OR_RETURN(const ServerConfig config, ReadConfig(path));
  RETURN_IF_ERROR(CheckPlaces(config));
  return config;
}

absl::Status Init(const InitArguments& arguments, absl::Time now) {
  ASSIGN_OR_RETURN(const ServerConfig config, ReadSafeConfig(arguments.config));
  InitWish wish{arguments.next_log_key, {}};
  if (!arguments.hostnames.empty()) {
    ASSIGN_OR_RETURN(wish.hosts, ParseHosts(arguments.hostnames));
  }
  ASSIGN_OR_RETURN(const BrokerIdentity made, InitBroker(config, now, wish));
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
  if (!made.warning.empty()) Remark(absl::StrCat("warning: ", made.warning));
  return absl::OkStatus();
}

nlohmann::ordered_json JsonOf(const CheckedRealm& checked) {
  const RealmReport& report = checked.report;
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
  if (checked.deep) {
    json["deep"] = {{"leaves", checked.deep->leaves},
                    {"openings", checked.deep->openings},
                    {"faults", checked.deep->faults}};
  }
  return json;
}

void PrintReport(const CheckedRealm& checked) {
  const RealmReport& report = checked.report;
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
  if (!checked.deep) return;
  std::cout << "  read: " << checked.deep->leaves << " leaves, " << checked.deep->openings << " openings, "
            << (checked.deep->faults.empty() ? "all sound" : "and found:") << "\n";
  for (const std::string& fault : checked.deep->faults) std::cout << "    " << fault << "\n";
}

// One line of JSON, or one paragraph, for each convenant.
absl::Status Check(const CheckArguments& arguments, absl::Time now) {
  ASSIGN_OR_RETURN(const ServerConfig config, ReadSafeConfig(arguments.config));
  RETURN_IF_ERROR(ReadTlsFiles(config, now).status());
  const absl::StatusOr<BrokerCheck> checked = CheckBroker(
      PlacesOf(config), config.convenants, arguments.deep ? CheckDepth::kEverything : CheckDepth::kStart,
      arguments.deep ? Remark : CheckProgress());
  absl::Status opened = WithRemedy(checked.status());
  if (arguments.deep && absl::IsDataLoss(opened)) opened.SetPayload(kDamagedUrl, absl::Cord());
  RETURN_IF_ERROR(opened);
  const BrokerCheck& check = *checked;
  for (const CheckedRealm& realm : check.realms) {
    if (arguments.json) {
      std::cout << JsonOf(realm).dump() << "\n";
    } else {
      PrintReport(realm);
    }
  }
  std::cout << std::flush;
  if (!check.truncated.empty() && !arguments.deep) {
    Remark(absl::StrCat("warning: ", TruncatedSentence(check.truncated)));
  }
  if (check.sound()) return absl::OkStatus();
  return Damaged(
      "what is stored is damaged: stop using it, keep it, and `seinpostd restore` a backup into an empty "
      "place");
}

// One line of JSON; what has to be thought of goes to standard error.
absl::Status Backup(const BackupArguments& arguments, absl::Time now) {
  ASSIGN_OR_RETURN(const ServerConfig config, ReadSafeConfig(arguments.config));
  ASSIGN_OR_RETURN(const BackupMade made, MakeBackup(config, arguments.wish, now, Remark));
  nlohmann::ordered_json json = {{"copy", made.stamp},
                                 {"data", made.data},
                                 {"keys", made.keys},
                                 {"online", made.online},
                                 {"whole", made.whole.ok()},
                                 {"removed", made.removed},
                                 {"convenants", nlohmann::ordered_json::array()}};
  for (const CheckedRealm& realm : made.realms) json["convenants"].push_back(JsonOf(realm));
  std::cout << json.dump() << std::endl;
  Remark(
      absl::StrCat("the keys lie apart, in '", made.keys,
                   "': keep them away from the copy of the database, and neither longer than thirty days"));
  if (made.whole.ok()) return absl::OkStatus();
  return Damaged(
      absl::StrCat("the copy was kept, but does not hold all that was signed, and no older one was removed: ",
                   made.whole.message()));
}

absl::Status Restore(const RestoreArguments& arguments, absl::Time now) {
  ASSIGN_OR_RETURN(const ServerConfig config, ReadSafeConfig(arguments.config));
  ASSIGN_OR_RETURN(const Restored restored, RestoreBackup(config, arguments.wish, now, Remark));
  nlohmann::ordered_json json = {{"copy", restored.stamp},
                                 {"keys_restored", restored.keys},
                                 {"convenants", nlohmann::ordered_json::array()}};
  for (const CheckedRealm& realm : restored.realms) {
    json["convenants"].push_back(JsonOf(realm));
    if (!realm.report.writable.ok()) {
      Remark(absl::StrCat(realm.report.convenant, ": ", realm.report.writable.message(),
                          ". See \"Read-only\" in docs/operations.md"));
    }
  }
  std::cout << json.dump() << std::endl;
  return absl::OkStatus();
}

absl::Status TellReady(const std::string& listening, const std::string& metrics,
                       const std::string& ready_file) {
  const std::string line = nlohmann::json({{"listening", listening}, {"metrics", metrics}}).dump();
  std::cout << line << std::endl;
  if (ready_file.empty()) return absl::OkStatus();
  return WriteFileAtomically(ready_file, line + "\n");
}

BrokerOptions OptionsOf(const ServerConfig& config, const Rhythm& rhythm) {
  BrokerOptions options;
  options.data_dir = config.data_dir;
  options.keys_dir = config.keys_dir;
  options.anchor_dir = config.anchor_dir;
  options.convenants = config.convenants;
  options.limits = config.limits;
  options.maintenance_every = rhythm.maintenance_every;
  options.error_log = [](absl::string_view what, const absl::Status& status) {
    LogError(absl::StrCat(what, ": ", status.ToString()));
  };
  return options;
}

absl::StatusOr<GrpcServerOptions> GrpcOptionsOf(const ServerConfig& config, const TlsFiles& tls) {
  GrpcServerOptions options;
  options.listen = config.listen;
  ASSIGN_OR_RETURN(options.door, FitBounds(config.door, RaiseFileLimit()));
  options.memory_mib = config.memory_mib;
  options.probe_pace = absl::Seconds(config.probe_seconds);
  options.log = [](absl::string_view line) { LogError(line); };
  options.deaf = EndDeaf;
  options.tls_certificate = tls.certificate_pem;
  options.tls_key = tls.key_pem;
  return options;
}

// SIGHUP. The certificate is not read again: gRPC serves with what it was given at start.
void GoOnInNewLog() {
  const absl::Status reopened = ReopenLog();
  if (reopened.ok()) LogInfo("log opened again; configuration and certificate are read at start only");
  if (!reopened.ok()) LogError(absl::StrCat("going on in the old log: ", reopened.message()));
}

// Waits for SIGTERM or SIGINT; what comes up by the hour or by SIGHUP is done meanwhile. `signals` are
// blocked in every thread.
void AwaitStop(const sigset_t& signals, CertificateWatch& certificate, const Clock& clock) {
  while (true) {
    if (const std::optional<std::string> line = certificate.Look(clock.Now())) LogError(*line);
    const timespec hour{3600, 0};
    const int signal = sigtimedwait(&signals, nullptr, &hour);
    if (signal == SIGTERM || signal == SIGINT) return;
    if (signal == SIGHUP) GoOnInNewLog();
  }
}

// Serves until it is told to stop.
absl::Status Serve(const ServerConfig& config, const RunArguments& arguments, const sigset_t& signals,
                   const Rhythm& rhythm) {
  const Clock& clock = rhythm.clock;
  ASSIGN_OR_RETURN(const TlsFiles tls, ReadTlsFiles(config, clock.Now()));
  ASSIGN_OR_RETURN(const GrpcServerOptions grpc_options, GrpcOptionsOf(config, tls));
  ASSIGN_OR_RETURN(const std::unique_ptr<Broker> broker, Broker::Open(OptionsOf(config, rhythm), clock));
  broker->metrics().SetCertificateEnd(tls.not_after);
  ASSIGN_OR_RETURN(const std::unique_ptr<ControlSocket> control,
                   ControlSocket::Start(config.data_dir, broker->store(), LogInfo));
  ASSIGN_OR_RETURN(const std::string metrics, broker->metrics().Listen(config.metrics_listen));
  if (!IsLoopback(metrics))
    LogError(absl::StrCat("warning: metrics on ", metrics, ", where others can read them"));
  ASSIGN_OR_RETURN(const std::unique_ptr<GrpcServer> server, GrpcServer::Start(*broker, grpc_options));
  LogInfo(absl::StrCat("listening on ", server->address(), ", metrics on ", metrics, ", at most ",
                       grpc_options.door.connections, " connections, ", grpc_options.door.without_session,
                       " of them without a session"));
  RETURN_IF_ERROR(TellReady(server->address(), metrics, arguments.ready_file));
  CertificateWatch certificate(tls.not_after);
  AwaitStop(signals, certificate, clock);
  LogInfo("stopping");
  server->Shutdown();
  return absl::OkStatus();
}

absl::Status Run(const RunArguments& arguments, const Rhythm& rhythm) {
  // Before the first thread: all of them inherit the mask, and AwaitStop() gets the signals.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  ASSIGN_OR_RETURN(const ServerConfig config, ReadSafeConfig(arguments.config));
  RETURN_IF_ERROR(OpenLog(arguments.log_file.empty() ? config.log_file : arguments.log_file));
  const absl::Status served = WithRemedy(Serve(config, arguments, signals, rhythm));
  if (served.ok()) LogInfo("stopped");
  if (!served.ok()) LogError(absl::StrCat("stopped: ", served.ToString()));
  return served;
}

int ExitCodeOf(const absl::Status& status) {
  if (status.ok()) return 0;
  std::cerr << "seinpostd: " << Explain(status) << std::endl;
  if (status.GetPayload(kDamagedUrl)) return kDamaged;
  return absl::IsInvalidArgument(status) ? kUsage : kFailed;
}

}  // namespace

int RunCommandLine(int argc, char** argv, const Rhythm& rhythm) {
  umask(0077);
  CLI::App app("seinpostd: passes on signals that it cannot read, under the rules of a convenant");
  app.set_version_flag("--version", std::string(kVersion));
  app.require_subcommand(1);
  InitArguments init_arguments;
  CheckArguments check_arguments;
  RunArguments run_arguments;
  BackupArguments backup_arguments;
  RestoreArguments restore_arguments;
  CLI::App* init =
      app.add_subcommand("init", "make the keys this broker needs, print their public halves as JSON");
  init->add_option("--config", init_arguments.config, "configuration file")->required();
  init->add_option("--next-log-key", init_arguments.next_log_key,
                   "also make the key that is to follow the log key of this convenant");
  init->add_option(
      "--hostname", init_arguments.hostnames,
      "names and addresses by which others reach this broker, with commas between, for its certificate");
  CLI::App* check = app.add_subcommand("check", "tell how each log stands; the broker must not be running");
  check->add_option("--config", check_arguments.config, "configuration file")->required();
  check->add_flag("--json", check_arguments.json, "one line of JSON per convenant");
  check->add_flag("--deep", check_arguments.deep, "read every block, row, leaf and opening");
  CLI::App* backup =
      app.add_subcommand("backup", "make a verified copy of database and keys, while the broker runs or not");
  BackupWish& backup_wish = backup_arguments.wish;
  backup->add_option("--config", backup_arguments.config, "configuration file")->required();
  backup->add_option("--to", backup_wish.to, "directory of the copies")->required();
  backup->add_option("--keys-to", backup_wish.keys_to,
                     "directory of the copies of the keys; DIR/keys otherwise");
  backup->add_option("--keep-days", backup_wish.keep_days, "remove copies that are older, 1 to 29");
  CLI::App* restore = app.add_subcommand("restore", "put a copy where there is no database, and no keys");
  RestoreWish& restore_wish = restore_arguments.wish;
  restore->add_option("--config", restore_arguments.config, "configuration file")->required();
  restore->add_option("--from", restore_wish.from, "directory of the copies")->required();
  restore->add_option("--keys-from", restore_wish.keys_from,
                      "directory of the copies of the keys; DIR/keys otherwise");
  restore->add_option("--copy", restore_wish.copy, "name of the copy; the newest otherwise");
  restore->add_option("--checkpoint", restore_wish.checkpoints,
                      "CONVENANT=FILE: the newest checkpoint that anybody has, where the anchor is lost");
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
  if (init->parsed()) return ExitCodeOf(Init(init_arguments, rhythm.clock.Now()));
  if (check->parsed()) return ExitCodeOf(Check(check_arguments, rhythm.clock.Now()));
  if (backup->parsed()) return ExitCodeOf(Backup(backup_arguments, rhythm.clock.Now()));
  if (restore->parsed()) return ExitCodeOf(Restore(restore_arguments, rhythm.clock.Now()));
  const int code = ExitCodeOf(Run(run_arguments, rhythm));
  return is_deaf ? kDeaf : code;
}

}  // namespace seinpost::server
