// SPDX-License-Identifier: EUPL-1.2
// The broker of a lab: its configuration file, `seinpostd init` and `seinpostd run`
// (docs/operations.md).
#ifndef SEINPOST_CLIENT_LAB_BROKER_H_
#define SEINPOST_CLIENT_LAB_BROKER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/convenant/broker_keys.h"
#include "client/lab/process.h"
#include "util/bytes.h"

namespace seinpost::client {

struct LabBroker {
  std::string program;  // seinpostd
  std::string directory;
  std::string config_file, log_file, tls_ca;
  std::vector<std::string> data_dirs;
  BrokerKeys keys;
};

// Writes the configuration below `directory` and runs `seinpostd init`, which makes the broker's keys: this
// process reads the public ones from its output and never touches a secret one. `host_root`: root key of the
// host, 32 bytes. `stop` ends the wait, here and below (client/lab/process.h).
absl::StatusOr<LabBroker> InitLabBroker(const std::string& directory, absl::string_view convenant_id,
                                        ByteView host_root, const Interrupt* stop = nullptr);

struct RunningBroker {
  DaemonProcess process;
  std::string address;  // "127.0.0.1:port"
  std::string metrics;
};
// Starts it and waits until it says that it is ready.
absl::StatusOr<RunningBroker> StartLabBroker(const LabBroker& broker, const Interrupt* stop = nullptr);

// The text of the configuration: loopback and ports chosen by the system.
std::string LabBrokerConfig(absl::string_view convenant_id, ByteView host_root);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_LAB_BROKER_H_
