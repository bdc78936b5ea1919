// SPDX-License-Identifier: EUPL-1.2
#include "client/lab/words.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "client/terminal/say.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

std::string ProfilesText(const LabInfo& info) {
  std::string text;
  for (const auto& [name, profile] : info.profiles) absl::StrAppend(&text, "  ", name, "  ", profile, "\n");
  return text;
}

}  // namespace

Json ToJson(const LabInfo& info) {
  Json pids = Json::array(), processes = Json::array();
  for (const ProcessRef& process : info.processes) {
    pids.push_back(process.pid);
    processes.push_back(Json{{"pid", process.pid}, {"start_ticks", process.start_ticks}});
  }
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
              {"profiles", info.profiles}};
}

std::string ToText(const LabInfo& info, Language /*language*/) {
  return absl::StrCat("the lab is up: broker ", info.broker, ", convenant ", info.convenant_id, "\n",
                      ProfilesText(info), "passphrase of all: ", info.passphrase_file,
                      "\nstop it with: seinpost lab down --dir ", info.directory, "\n");
}

Json ToJson(const LabState& state) {
  Json profiles = Json::array();
  for (const auto& [name, profile] : state.info.profiles) profiles.push_back(name);
  return Json{{"running", state.running},
              {"answers", state.answers},
              {"broker", state.info.broker},
              {"convenant_id", state.info.convenant_id},
              {"profiles", std::move(profiles)}};
}

std::string ToText(const LabState& state, Language /*language*/) {
  const LabInfo& info = state.info;
  return absl::StrCat(
      "broker ", info.broker, ": ",
      state.answers ? "answers" : (state.running ? "runs but does not answer" : "is not running"),
      "\nconvenant ", info.convenant_id, ", ", info.profiles.size(), " profiles:\n", ProfilesText(info));
}

Json ToJson(const LabStopped& stopped) { return Json{{"stopped", stopped.pids}}; }

std::string ToText(const LabStopped& stopped, Language /*language*/) {
  return absl::StrCat("the lab in ", stopped.directory, " is down\n");
}

absl::Status LabUp(Context& context, const std::string& convenant_file, const std::string& directory) {
  return Say(context, BuildLab(context, convenant_file, directory));
}

absl::Status LabStatus(Context& context, const std::string& directory) {
  const absl::StatusOr<LabState> state = CheckLab(context, directory);
  RETURN_IF_ERROR(Say(context, state));
  return state->answers ? absl::OkStatus() : PrintedError(kFailed);
}

absl::Status LabDown(Context& context, const std::string& directory) {
  return Say(context, StopLab(directory));
}

}  // namespace seinpost::client
