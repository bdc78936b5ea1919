// SPDX-License-Identifier: EUPL-1.2
// `seinpost lab`: a whole local network from a convenant file, for demonstrations, tests and training.
// Everything is real (keys, TLS, disks, processes); only the passphrase lies beside what it protects, and
// everything listens on loopback alone. Layout of the directory and of lab.json: docs/formats/lab.md.
#ifndef SEINPOST_CLIENT_LAB_LAB_H_
#define SEINPOST_CLIENT_LAB_LAB_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/lab/process.h"
#include "client/terminal/context.h"

namespace seinpost::client {

// What lab.json says.
struct LabInfo {
  std::string directory;
  std::string broker;     // "127.0.0.1:port"
  std::string metrics;    // "127.0.0.1:port", or empty
  std::string tls_ca;     // file
  std::string convenant;  // file that the parties signed
  std::string convenant_id;
  std::string passphrase_file;
  std::vector<std::string> data_dirs, log_files;
  std::vector<ProcessRef> processes;
  std::map<std::string, std::string> profiles;  // "party/handle" -> directory
};

std::string EncodeLabInfo(const LabInfo& info);
// kInvalidArgument: not a lab.json.
absl::StatusOr<LabInfo> DecodeLabInfo(absl::string_view text, const std::string& directory);
// DIR/lab.json. kNotFound: there is no lab in `directory`.
absl::StatusOr<LabInfo> ReadLabInfo(const std::string& directory);
absl::Status WriteLabInfo(const LabInfo& info);

// Builds and starts a lab; when it returns OK every profile can be used. On any error nothing is left
// running. kFailedPrecondition: `directory` is not empty. A usage error: the convenant or the lab file beside
// it is wrong.
absl::StatusOr<LabInfo> BuildLab(const Context& context, const std::string& convenant_file,
                                 const std::string& directory);

struct LabState {
  LabInfo info;
  bool running = false;  // every process
  bool answers = false;  // the broker, over the lab's TLS
};
// A usage error: there is no lab in `directory`.
absl::StatusOr<LabState> CheckLab(const Context& context, const std::string& directory);

struct LabStopped {
  std::string directory;
  std::vector<pid_t> pids;  // that ran, or had ended before
};
// Stops every process and takes it out of lab.json. A usage error: there is no lab in `directory`.
absl::StatusOr<LabStopped> StopLab(const std::string& directory);

// The commands: each does one of the above and says it (words.h).
absl::Status LabUp(Context& context, const std::string& convenant_file, const std::string& directory);
absl::Status LabStatus(Context& context, const std::string& directory);  // exit 1 if it does not answer
absl::Status LabDown(Context& context, const std::string& directory);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_LAB_LAB_H_
