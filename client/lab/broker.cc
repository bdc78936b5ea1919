// SPDX-License-Identifier: EUPL-1.2
#include "client/lab/broker.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "client/terminal/context.h"
#include "client/terminal/json.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

constexpr absl::Duration kInitTimeout = absl::Seconds(60);
constexpr absl::Duration kReadyTimeout = absl::Seconds(60);

// Texts of the JSON object that seinpostd prints, in the order of `names`.
absl::StatusOr<std::vector<std::string>> TextsOf(absl::string_view printed,
                                                 const std::vector<std::string>& names) {
  const Json object = Json::Parse(printed).value_or(Json());
  JsonFields fields(object, "seinpostd");
  std::vector<std::string> texts;
  for (const std::string& name : names) texts.push_back(fields.Text(name));
  // What our own program says wrongly is a failure, no mistake of whoever called.
  if (!fields.ok()) return absl::FailedPreconditionError(fields.status().message());
  return texts;
}

}  // namespace

std::string LabBrokerConfig(absl::string_view convenant_id, ByteView host_root) {
  return absl::StrCat(
      R"(# The broker of a laboratory. Paths are relative to this file; the system chooses the ports.
listen: "127.0.0.1:0"
metrics_listen: "127.0.0.1:0"
data_dir: data
keys_dir: keys
anchor_dir: anchor
convenants:
  - id: )",
      convenant_id, "\n    host_root: \"", ToHex(host_root), "\"\n");
}

absl::StatusOr<LabBroker> InitLabBroker(const std::string& directory, absl::string_view convenant_id,
                                        ByteView host_root, const Interrupt* stop) {
  LabBroker broker;
  ASSIGN_OR_RETURN(broker.program, FindProgram("seinpostd", "SEINPOSTD"));
  broker.directory = directory;
  broker.config_file = directory + "/seinpostd.yaml";
  broker.log_file = directory + "/seinpostd.log";
  RETURN_IF_ERROR(MakePrivateDirectory(directory));
  RETURN_IF_ERROR(WriteFileAtomically(broker.config_file, LabBrokerConfig(convenant_id, host_root)));
  ASSIGN_OR_RETURN(const std::string printed,
                   RunProgram({broker.program, "init", "--config", broker.config_file}, kInitTimeout, stop));
  ASSIGN_OR_RETURN(broker.keys, ParseBrokerKeys(printed, convenant_id));
  ASSIGN_OR_RETURN(broker.data_dirs, TextsOf(printed, {"data_dir", "anchor_dir", "keys_dir"}));
  ASSIGN_OR_RETURN(std::vector<std::string> tls_ca, TextsOf(printed, {"tls_ca"}));
  broker.tls_ca = std::move(tls_ca[0]);
  return broker;
}

absl::StatusOr<RunningBroker> StartLabBroker(const LabBroker& broker, const Interrupt* stop) {
  ASSIGN_OR_RETURN(
      DaemonProcess process,
      DaemonProcess::Start({broker.program, "run", "--config", broker.config_file}, broker.log_file));
  ASSIGN_OR_RETURN(const std::string line, process.ReadyLine(kReadyTimeout, stop));
  ASSIGN_OR_RETURN(const std::vector<std::string> said, TextsOf(line, {"listening", "metrics"}));
  return RunningBroker{std::move(process), said[0], said[1]};
}

}  // namespace seinpost::client
