// SPDX-License-Identifier: EUPL-1.2
#include "server/program/config.h"

#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "policies/document/fields.h"
#include "policies/document/yaml_tree.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

using policies::Fields;
using policies::Need;
using policies::Position;
using policies::YamlNode;

constexpr size_t kMaxConfigBytes = 64 * 1024;
constexpr uint32_t kMostPerMinute = 100'000'000;
constexpr uint32_t kMostMib = 16 * 1024 * 1024;
constexpr uint32_t kMostConnections = 1'000'000;
constexpr uint32_t kFewestStrangers = 16;
constexpr uint32_t kSlowestProbe = 20;  // three times in a minute
constexpr uint32_t kFewestMemoryMib = 64;
constexpr uint32_t kMostMemoryMib = 1024 * 1024;

std::string DirectoryOf(const std::string& filename) {
  std::error_code ignored;
  return std::filesystem::absolute(filename, ignored).parent_path().string();
}

// Without ".", ".." and symbolic links, so that two names of one place are seen to be one. What is not there
// yet is taken as it is written.
std::string Canonical(const std::string& path) {
  if (path.empty()) return path;
  std::error_code error;
  std::filesystem::path canonical = std::filesystem::weakly_canonical(path, error);
  if (error) canonical = std::filesystem::path(path).lexically_normal();
  if (!canonical.has_filename()) canonical = canonical.parent_path();
  return canonical.string();
}

std::string Resolve(const std::string& path, const std::string& directory) {
  return path.empty() || path[0] == '/' ? path : absl::StrCat(directory, "/", path);
}

// "host:port", the host an address or a name, IPv6 in brackets.
bool IsAddress(absl::string_view text) {
  const size_t colon = text.rfind(':');
  uint32_t port = 0;
  if (colon == absl::string_view::npos || colon == 0) return false;
  const absl::string_view digits = text.substr(colon + 1);
  return absl::SimpleAtoi(digits, &port) && port <= 65535;
}

class ConfigReader {
 public:
  ConfigReader(const YamlNode& root, const std::string& filename, policies::Problems& problems)
      : root_(root), directory_(DirectoryOf(filename)), problems_(problems) {}

  ServerConfig Read() {
    Fields fields(root_, Position{1, 1, ""}, problems_);
    ServerConfig config;
    config.listen = Address(fields, "listen", config.listen);
    config.metrics_listen = Address(fields, "metrics_listen", config.metrics_listen);
    config.data_dir = Canonical(Path(fields, "data_dir", Need::kRequired));
    config.keys_dir = Canonical(Path(fields, "keys_dir", Need::kRequired));
    config.anchor_dir = Canonical(Path(fields, "anchor_dir", Need::kRequired));
    config.log_file = Path(fields, "log_file", Need::kOptional);
    ReadTls(fields, config);
    ReadConvenants(fields, config);
    ReadLimits(fields, config.limits);
    ReadDoor(fields, config);
    fields.Finish();
    CheckApart(fields, config);
    return config;
  }

 private:
  std::string Address(Fields& fields, absl::string_view key, const std::string& otherwise) {
    const std::string text = fields.Text(key, Need::kOptional);
    if (text.empty()) return otherwise;
    if (!IsAddress(text)) fields.Complain(fields.At(key), absl::StrCat(key, ": not \"host:port\""));
    return text;
  }

  std::string Path(Fields& fields, absl::string_view key, Need need) {
    return Resolve(fields.Text(key, need), directory_);
  }

  void ReadTls(Fields& fields, ServerConfig& config) {
    const YamlNode::Entry* entry = fields.Entry("tls", Need::kOptional);
    if (entry == nullptr) return;
    Fields tls(entry->value, fields.At("tls"), problems_);
    config.tls_certificate = Path(tls, "cert", Need::kRequired);
    config.tls_key = Path(tls, "key", Need::kRequired);
    tls.Finish();
  }

  void ReadConvenants(Fields& fields, ServerConfig& config) {
    const YamlNode::Entry* entry = fields.Entry("convenants", Need::kRequired);
    if (entry == nullptr) return;
    if (entry->value.kind != YamlNode::Kind::kList || entry->value.items.empty()) {
      return fields.Complain(entry->value, "convenants: a list of at least one {id, host_root} is wanted");
    }
    std::set<std::string> seen;
    for (const YamlNode& item : entry->value.items) {
      Fields convenant(item, Position{item.line, item.column, "convenants"}, problems_);
      HostedConvenant hosted;
      hosted.id = convenant.Word("id", Need::kRequired);
      hosted.host_root = convenant.Hex32("host_root", Need::kRequired).value_or(Bytes());
      convenant.Finish();
      if (!hosted.id.empty() && !seen.insert(hosted.id).second) {
        convenant.Complain(convenant.At("id"),
                           absl::StrCat("convenants: \"", hosted.id, "\" stands here twice"));
      }
      config.convenants.push_back(std::move(hosted));
    }
  }

  void ReadLimits(Fields& fields, Limits& limits) {
    const YamlNode::Entry* entry = fields.Entry("limits", Need::kOptional);
    if (entry == nullptr) return;
    Fields read(entry->value, fields.At("limits"), problems_);
    const auto number = [&read](absl::string_view key, uint32_t most, uint32_t& limit) {
      limit = read.Number(key, Need::kOptional, 0, most).value_or(limit);
    };
    number("submits_per_minute", kMostPerMinute, limits.submits);
    number("opens_per_minute", kMostPerMinute, limits.opens);
    number("uploads_per_minute", kMostPerMinute, limits.uploads);
    number("questions_per_minute", kMostPerMinute, limits.questions);
    number("publications_per_minute", kMostPerMinute, limits.publications);
    number("grants_per_day", kMostPerMinute, limits.grants);
    number("streams_per_device", 1000, limits.streams_per_device);
    number("kilobytes_per_minute", kMostPerMinute, limits.kilobytes);
    number("cpu_milliseconds_per_minute", kMostPerMinute, limits.cpu_milliseconds);
    limits.organisation_times =
        read.Number("organisation_times", Need::kOptional, 1, 1000).value_or(limits.organisation_times);
    number("unclaimed_mib_per_device", kMostMib, limits.unclaimed_mib_per_device);
    number("unclaimed_mib_per_organisation", kMostMib, limits.unclaimed_mib_per_organisation);
    number("unclaimed_mib", kMostMib, limits.unclaimed_mib);
    number("min_free_mib", kMostMib, limits.min_free_mib);
    number("log_months", 1200, limits.log_months);
    read.Finish();
  }

  void ReadDoor(Fields& fields, ServerConfig& config) {
    const YamlNode::Entry* entry = fields.Entry("door", Need::kOptional);
    if (entry == nullptr) return;
    Fields read(entry->value, fields.At("door"), problems_);
    DoorWish& door = config.door;
    door.connections = read.Number("connections", Need::kOptional, kFewestConnections, kMostConnections);
    door.per_address = read.Number("connections_per_address", Need::kOptional, 1, kMostConnections);
    door.without_session =
        read.Number("connections_without_session", Need::kOptional, kFewestStrangers, kMostConnections);
    config.memory_mib = read.Number("memory_mib", Need::kOptional, kFewestMemoryMib, kMostMemoryMib)
                            .value_or(config.memory_mib);
    config.probe_seconds =
        read.Number("probe_seconds", Need::kOptional, 1, kSlowestProbe).value_or(config.probe_seconds);
    read.Finish();
  }

  // Whoever copies or restores one of them must not take the others along: see docs/operations.md.
  void CheckApart(Fields& fields, const ServerConfig& config) {
    const std::pair<absl::string_view, const std::string&> places[] = {
        {"data_dir", config.data_dir}, {"keys_dir", config.keys_dir}, {"anchor_dir", config.anchor_dir}};
    for (const auto& [key, path] : places) {
      for (const auto& [other_key, other] : places) {
        if (key == other_key || path.empty() || other.empty()) continue;
        if (!absl::StartsWith(path + "/", other + "/") || (path == other && key < other_key)) continue;
        fields.Complain(fields.At(key), absl::StrCat(key, ": must lie outside of ", other_key));
      }
    }
    if (!config.tls_key.empty() && !config.data_dir.empty() &&
        absl::StartsWith(Canonical(config.tls_key), config.data_dir + "/")) {
      fields.Complain(fields.At("tls"), "tls: key must lie outside of data_dir");
    }
  }

  const YamlNode& root_;
  const std::string directory_;
  policies::Problems& problems_;
};

}  // namespace

absl::StatusOr<ServerConfig> ParseConfig(absl::string_view yaml, const std::string& filename) {
  policies::Problems problems(filename);
  const YamlNode root = policies::ParseYaml(yaml, kMaxConfigBytes, problems);
  if (!problems.empty()) return absl::InvalidArgumentError(problems.Join());
  ServerConfig config = ConfigReader(root, filename, problems).Read();
  if (!problems.empty()) return absl::InvalidArgumentError(problems.Join());
  return config;
}

absl::StatusOr<ServerConfig> ReadConfig(const std::string& path) {
  const absl::StatusOr<Bytes> text = ReadFile(path, kMaxConfigBytes);
  if (!text.ok())
    return absl::Status(text.status().code(), absl::StrCat("configuration: ", text.status().message()));
  return ParseConfig(*text, path);
}

}  // namespace seinpost::server
