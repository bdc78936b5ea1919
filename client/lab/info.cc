// SPDX-License-Identifier: EUPL-1.2
// lab.json, and the commands that only need it.
#include "absl/strings/str_cat.h"
#include "client/broker/connection.h"
#include "client/lab/lab.h"
#include "client/terminal/output.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

constexpr size_t kMaxLabFileBytes = 4 * 1024 * 1024;
constexpr size_t kMaxCaBytes = 64 * 1024;
constexpr absl::Duration kStopGrace = absl::Seconds(20);

std::string PathIn(const std::string& directory) { return absl::StrCat(directory, "/lab.json"); }

Json OrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

absl::Status Bad(absl::string_view field) {
  return absl::InvalidArgumentError(absl::StrCat("lab.json: field \"", field, "\" is missing or wrong"));
}

absl::Status TakeText(const Json& object, const char* name, bool optional, std::string& text) {
  const auto found = object.find(name);
  if (found == object.end() || (!found->is_string() && !(optional && found->is_null()))) return Bad(name);
  text = found->is_string() ? found->get<std::string>() : "";
  return absl::OkStatus();
}

absl::Status TakeTexts(const Json& object, const char* name, std::vector<std::string>& texts) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_array()) return Bad(name);
  for (const Json& item : *found) {
    if (!item.is_string()) return Bad(name);
    texts.push_back(item.get<std::string>());
  }
  return absl::OkStatus();
}

absl::Status TakeProcesses(const Json& object, std::vector<ProcessRef>& processes) {
  const auto found = object.find("processes");
  if (found == object.end() || !found->is_array()) return Bad("processes");
  for (const Json& item : *found) {
    if (!item.is_object() || !item.contains("pid") || !item.contains("start_ticks") ||
        !item["pid"].is_number_unsigned() || !item["start_ticks"].is_number_unsigned()) {
      return Bad("processes");
    }
    processes.push_back({item["pid"].get<pid_t>(), item["start_ticks"].get<uint64_t>()});
  }
  return absl::OkStatus();
}

// Whether the broker answers, over the lab's TLS.
bool Answers(const Context& context, const LabInfo& info) {
  const absl::StatusOr<Bytes> tls_ca = ReadFile(info.tls_ca, kMaxCaBytes);
  if (!tls_ca.ok()) return false;
  Connection connection(info.broker, *tls_ca, context.clock, absl::Seconds(5));
  return connection.GetConvenant(info.convenant_id).ok();
}

}  // namespace

std::string EncodeLabInfo(const LabInfo& info) {
  Json pids = Json::array(), processes = Json::array();
  for (const ProcessRef& process : info.processes) {
    pids.push_back(process.pid);
    processes.push_back(Json{{"pid", process.pid}, {"start_ticks", process.start_ticks}});
  }
  Json profiles = Json::object();
  for (const auto& [name, directory] : info.profiles) profiles[name] = directory;
  const Json object{{"broker", info.broker},
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
  return absl::StrCat(object.dump(2, ' ', false, Json::error_handler_t::replace), "\n");
}

absl::StatusOr<LabInfo> DecodeLabInfo(absl::string_view text, const std::string& directory) {
  const Json object = Json::parse(text.begin(), text.end(), nullptr, false);
  if (!object.is_object()) return absl::InvalidArgumentError("lab.json: not a JSON object");
  LabInfo info;
  info.directory = directory;
  RETURN_IF_ERROR(TakeText(object, "broker", false, info.broker));
  RETURN_IF_ERROR(TakeText(object, "metrics", true, info.metrics));
  RETURN_IF_ERROR(TakeText(object, "tls_ca", false, info.tls_ca));
  RETURN_IF_ERROR(TakeText(object, "convenant", false, info.convenant));
  RETURN_IF_ERROR(TakeText(object, "convenant_id", false, info.convenant_id));
  RETURN_IF_ERROR(TakeText(object, "passphrase_file", false, info.passphrase_file));
  RETURN_IF_ERROR(TakeTexts(object, "data_dirs", info.data_dirs));
  RETURN_IF_ERROR(TakeTexts(object, "log_files", info.log_files));
  RETURN_IF_ERROR(TakeProcesses(object, info.processes));
  const auto profiles = object.find("profiles");
  if (profiles == object.end() || !profiles->is_object()) return Bad("profiles");
  for (const auto& [name, profile] : profiles->items()) {
    if (!profile.is_string()) return Bad("profiles");
    info.profiles[name] = profile.get<std::string>();
  }
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
