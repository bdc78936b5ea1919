// SPDX-License-Identifier: EUPL-1.2
// lab.json, and what only needs it.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/broker/connection.h"
#include "client/lab/lab.h"
#include "client/lab/words.h"
#include "client/terminal/arguments.h"
#include "client/terminal/json.h"
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
  Connection connection(info.broker, *tls_ca, context, absl::Seconds(5));
  return connection.GetConvenant(info.convenant_id).ok();
}

}  // namespace

std::string EncodeLabInfo(const LabInfo& info) { return absl::StrCat(ToJson(info).Dump(2), "\n"); }

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

absl::StatusOr<LabState> CheckLab(const Context& context, const std::string& directory) {
  LabState state;
  ASSIGN_OR_RETURN(state.info, ReadLabInfo(directory));
  const std::vector<ProcessRef>& processes = state.info.processes;
  state.running = !processes.empty() && std::all_of(processes.begin(), processes.end(), IsRunning);
  state.answers = state.running && Answers(context, state.info);
  return state;
}

absl::StatusOr<LabStopped> StopLab(const std::string& directory) {
  ASSIGN_OR_RETURN(LabInfo info, ReadLabInfo(directory));
  absl::Status failure;
  LabStopped stopped{directory, {}};
  for (const ProcessRef& process : info.processes) {
    const absl::Status status = Stop(process, kStopGrace);
    if (status.ok()) stopped.pids.push_back(process.pid);
    failure.Update(status);
  }
  RETURN_IF_ERROR(failure);
  info.processes.clear();
  RETURN_IF_ERROR(WriteLabInfo(info));
  return stopped;
}

}  // namespace seinpost::client
