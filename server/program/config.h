// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_PROGRAM_CONFIG_H_
#define SEINPOST_SERVER_PROGRAM_CONFIG_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/gate/limits.h"
#include "server/grpc/bounds.h"
#include "server/realm/hosted_convenant.h"

namespace seinpost::server {

// The configuration file of `seinpostd`: strict YAML, each key explained in docs/operations.md.
struct ServerConfig {
  std::string listen = "127.0.0.1:7443";
  std::string metrics_listen = "127.0.0.1:9443";
  std::string data_dir;
  std::string keys_dir;
  std::string anchor_dir;
  std::string log_file;         // empty: standard error
  std::string tls_certificate;  // paths; empty: what `init` makes in keys_dir/tls
  std::string tls_key;
  std::vector<HostedConvenant> convenants;
  Limits limits;
  DoorWish door;
  uint32_t memory_mib = 512;    // for what is read from connections, all together
  uint32_t probe_seconds = 20;  // how often the broker tries whether it accepts connections
};

// Relative paths in the file are relative to its directory. kInvalidArgument: one line per problem, each
// "file:line:column: sentence".
absl::StatusOr<ServerConfig> ParseConfig(absl::string_view yaml, const std::string& filename);
// kNotFound: no such file.
absl::StatusOr<ServerConfig> ReadConfig(const std::string& path);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_PROGRAM_CONFIG_H_
