// SPDX-License-Identifier: EUPL-1.2
#include "client/lab/broker.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "client/terminal/output.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

constexpr absl::Duration kInitTimeout = absl::Seconds(60);
constexpr absl::Duration kReadyTimeout = absl::Seconds(60);

absl::StatusOr<std::string> TextIn(const Json& object, const char* name) {
  if (!object.is_object() || !object.contains(name) || !object[name].is_string()) {
    return absl::FailedPreconditionError(absl::StrCat("seinpostd does not say its \"", name, "\""));
  }
  return object[name].get<std::string>();
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
                                        ByteView host_root) {
  LabBroker broker;
  ASSIGN_OR_RETURN(broker.program, FindProgram("seinpostd", "SEINPOSTD"));
  broker.directory = directory;
  broker.config_file = directory + "/seinpostd.yaml";
  broker.log_file = directory + "/seinpostd.log";
  RETURN_IF_ERROR(MakePrivateDirectory(directory));
  RETURN_IF_ERROR(WriteFileAtomically(broker.config_file, LabBrokerConfig(convenant_id, host_root)));
  ASSIGN_OR_RETURN(const std::string printed,
                   RunProgram({broker.program, "init", "--config", broker.config_file}, kInitTimeout));
  ASSIGN_OR_RETURN(broker.keys, ParseBrokerKeys(printed, convenant_id));
  const Json said = Json::parse(printed, nullptr, false);
  ASSIGN_OR_RETURN(broker.tls_ca, TextIn(said, "tls_ca"));
  for (const char* name : {"data_dir", "anchor_dir", "keys_dir"}) {
    ASSIGN_OR_RETURN(const std::string path, TextIn(said, name));
    broker.data_dirs.push_back(path);
  }
  return broker;
}

absl::StatusOr<RunningBroker> StartLabBroker(const LabBroker& broker) {
  ASSIGN_OR_RETURN(
      DaemonProcess process,
      DaemonProcess::Start({broker.program, "run", "--config", broker.config_file}, broker.log_file));
  ASSIGN_OR_RETURN(const std::string line, process.ReadyLine(kReadyTimeout));
  const Json said = Json::parse(line, nullptr, false);
  ASSIGN_OR_RETURN(const std::string address, TextIn(said, "listening"));
  ASSIGN_OR_RETURN(const std::string metrics, TextIn(said, "metrics"));
  return RunningBroker{std::move(process), address, metrics};
}

}  // namespace seinpost::client
