// SPDX-License-Identifier: EUPL-1.2
// lab.json, and the commands that only need it.
#include "absl/strings/str_cat.h"
#include "client/broker/connection.h"
#include "client/lab/lab.h"
#include "client/terminal/arguments.h"
#include "client/terminal/output.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

constexpr absl::string_view kLabFile = "lab.json";
constexpr size_t kMaxLabFileBytes = 4 * 1024 * 1024;
constexpr absl::Duration kStopGrace = absl::Seconds(20);

std::string PathIn(const std::string& directory) { return absl::StrCat(directory, "/", kLabFile); }

// Whether the broker answers, over the lab's TLS.
bool Answers(const Context& context, const LabInfo& info) {
  const absl::StatusOr<Bytes> tls_ca = ReadFile(info.tls_ca, kMaxCaBytes);
  if (!tls_ca.ok()) return false;
  Connection connection(info.broker, *tls_ca, context.clock, absl::Seconds(5));
  return connection.GetConvenant(info.convenant_id).ok();
}

}  // namespace

Json LabInfoJson(const LabInfo& info) {
  Json pids = Json::array(), processes = Json::array();
  for (const ProcessRef& process : info.processes) {
    pids.push_back(process.pid);
    processes.push_back(Json{{"pid", process.pid}, {"start_ticks", process.start_ticks}});
  }
  Json profiles = Json::object();
  for (const auto& [name, directory] : info.profiles) profiles[name] = directory;
  return Json{{"broker", info.broker},
              {"steward", nullptr},
              {"metrics", OrNull(info.metrics)},
              {"tls_ca", info.tls_ca},
              {"convenant", info.convenant},
              {"convenant_id", info.convenant_id},
              {"passphrase_file", info.passphrase_file},
              {"data_dirs", info.data_dirs},
              {"log_files", info.log_files},
              {"pids", std::move(pids)},
              {"processes", std::move(processes)},
              {"profiles", std::move(profiles)}};
}

std::string EncodeLabInfo(const LabInfo& info) { return absl::StrCat(LabInfoJson(info).Dump(2), "\n"); }

absl::StatusOr<LabInfo> DecodeLabInfo(absl::string_view text, const std::string& directory) {
  const absl::StatusOr<Json> object = Json::Parse(text);
  if (!object.ok() || !object->is_object()) {
    return absl::InvalidArgumentError(absl::StrCat(kLabFile, ": not a JSON object"));
  }
  JsonFields fields(*object, kLabFile);
  LabInfo info;
  info.directory = directory;
  info.broker = fields.Text("broker");
  info.metrics = fields.TextOrNull("metrics");
  info.tls_ca = fields.Text("tls_ca");
  info.convenant = fields.Text("convenant");
  info.convenant_id = fields.Text("convenant_id");
  info.passphrase_file = fields.Text("passphrase_file");
  info.data_dirs = fields.Texts("data_dirs");
  info.log_files = fields.Texts("log_files");
  for (const Json& item : fields.List("processes")) {
    JsonFields process(item, kLabFile);
    info.processes.push_back({static_cast<pid_t>(process.Number("pid")), process.Number("start_ticks")});
    if (!process.ok()) fields.Fail("processes");
  }
  for (const Json::Member& profile : fields.Object("profiles").members()) {
    if (!profile.value.is_text()) fields.Fail("profiles");
    info.profiles[profile.name] = profile.value.text();
  }
  RETURN_IF_ERROR(fields.status());
  return info;
}

absl::StatusOr<LabInfo> ReadLabInfo(const std::string& directory) {
  absl::StatusOr<Bytes> text = ReadFile(PathIn(directory), kMaxLabFileBytes);
  if (absl::IsNotFound(text.status())) return UsageError("--dir: there is no lab in that directory");
  RETURN_IF_ERROR(text.status());
  return DecodeLabInfo(*text, directory);
}

absl::Status WriteLabInfo(const LabInfo& info) {
  return WriteFileAtomically(PathIn(info.directory), EncodeLabInfo(info));
}

absl::Status LabStatus(Context& context, const std::string& directory) {
  ASSIGN_OR_RETURN(const LabInfo info, ReadLabInfo(directory));
  bool running = !info.processes.empty();
  for (const ProcessRef& process : info.processes) running = running && IsRunning(process);
  const bool answers = running && Answers(context, info);
  Json profiles = Json::array();
  for (const auto& [name, profile] : info.profiles) profiles.push_back(name);
  std::string text =
      absl::StrCat("broker ", info.broker, ": ",
                   answers ? "answers" : (running ? "runs but does not answer" : "is not running"),
                   "\nconvenant ", info.convenant_id, ", ", info.profiles.size(), " profiles:\n");
  for (const auto& [name, profile] : info.profiles) absl::StrAppend(&text, "  ", name, "  ", profile, "\n");
  Print(context,
        Json{{"running", running},
             {"answers", answers},
             {"broker", info.broker},
             {"convenant_id", info.convenant_id},
             {"profiles", std::move(profiles)}},
        text);
  return answers ? absl::OkStatus() : PrintedError(kFailed);
}

absl::Status LabDown(Context& context, const std::string& directory) {
  ASSIGN_OR_RETURN(LabInfo info, ReadLabInfo(directory));
  absl::Status failure;
  Json stopped = Json::array();
  for (const ProcessRef& process : info.processes) {
    const absl::Status status = Stop(process, kStopGrace);
    if (status.ok()) stopped.push_back(process.pid);
    failure.Update(status);
  }
  RETURN_IF_ERROR(failure);
  info.processes.clear();
  RETURN_IF_ERROR(WriteLabInfo(info));
  Print(context, Json{{"stopped", std::move(stopped)}}, absl::StrCat("the lab in ", directory, " is down\n"));
  return absl::OkStatus();
}

}  // namespace seinpost::client
