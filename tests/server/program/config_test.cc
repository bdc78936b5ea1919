// SPDX-License-Identifier: EUPL-1.2
// Configuration, keys and certificates, quotas: what stands around the broker.
#include "server/program/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/gate/quota.h"
#include "server/program/init.h"
#include "server/program/tls_files.h"
#include "server/realm/key_files.h"
#include "tests/server/harness.h"
#include "util/secure_file.h"

namespace seinpost::server {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr char kConfig[] = R"(listen: 0.0.0.0:7443
metrics_listen: 127.0.0.1:0
data_dir: data
keys_dir: /var/lib/seinpost/keys
anchor_dir: anchor
log_file: broker.log
tls:
  cert: server.pem
  key: server.key
convenants:
  - id: plaats
    host_root: 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
limits:
  submits_per_minute: 5
  streams_per_device: 2
  unclaimed_mib_per_device: 3
  unclaimed_mib_per_organisation: 4
  unclaimed_mib: 6
  min_free_mib: 7
  opens_per_minute: 8
  uploads_per_minute: 9
  questions_per_minute: 10
  publications_per_minute: 11
  grants_per_day: 12
  kilobytes_per_minute: 13
  cpu_milliseconds_per_minute: 14
  organisation_times: 15
)";

TEST(Config, ReadsEveryKey) {
  const absl::StatusOr<ServerConfig> config = ParseConfig(kConfig, "/etc/seinpost/broker.yaml");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->listen, "0.0.0.0:7443");
  EXPECT_EQ(config->metrics_listen, "127.0.0.1:0");
  EXPECT_EQ(config->data_dir, "/etc/seinpost/data") << "relative to the file";
  EXPECT_EQ(config->keys_dir, "/var/lib/seinpost/keys");
  EXPECT_EQ(config->anchor_dir, "/etc/seinpost/anchor");
  EXPECT_EQ(config->log_file, "/etc/seinpost/broker.log");
  EXPECT_EQ(TlsCertificatePath(*config), "/etc/seinpost/server.pem");
  EXPECT_EQ(TlsKeyPath(*config), "/etc/seinpost/server.key");
  ASSERT_EQ(config->convenants.size(), 1u);
  EXPECT_EQ(config->convenants[0].id, "plaats");
  EXPECT_EQ(config->convenants[0].host_root.size(), 32u);
  EXPECT_EQ(config->limits.submits, 5u);
  EXPECT_EQ(config->limits.streams_per_device, 2u);
  EXPECT_EQ(config->limits.unclaimed_mib_per_device, 3u);
  EXPECT_EQ(config->limits.unclaimed_mib_per_organisation, 4u);
  EXPECT_EQ(config->limits.unclaimed_mib, 6u);
  EXPECT_EQ(config->limits.min_free_mib, 7u);
  EXPECT_EQ(config->limits.opens, 8u);
  EXPECT_EQ(config->limits.uploads, 9u);
  EXPECT_EQ(config->limits.questions, 10u);
  EXPECT_EQ(config->limits.publications, 11u);
  EXPECT_EQ(config->limits.grants, 12u);
  EXPECT_EQ(config->limits.kilobytes, 13u);
  EXPECT_EQ(config->limits.cpu_milliseconds, 14u);
  EXPECT_EQ(config->limits.organisation_times, 15u);
  const std::string silent = absl::StrReplaceAll(kConfig, {{"  opens_per_minute: 8\n", ""}});
  EXPECT_EQ(ParseConfig(silent, "broker.yaml")->limits.opens, Limits().opens)
      << "what is not said keeps its default";
}

TEST(Config, SaysFileLineAndWhatIsWrong) {
  const struct {
    const char* from;
    const char* to;
    const char* where;
    const char* what;
  } rows[] = {
      {"listen: 0.0.0.0:7443", "listen: 7443", "broker.yaml:1:", "listen"},
      {"listen: 0.0.0.0:7443", "listen: localhost:70000", "broker.yaml:1:", "listen"},
      {"log_file", "logfile", "broker.yaml:6:", "log_file"},
      {"data_dir: data\n", "", "broker.yaml:", "data_dir"},
      {"  key: server.key\n", "", "broker.yaml:", "key"},
      {"host_root: 00", "host_root: 0", "broker.yaml:12:", "host_root"},
      {"  - id: plaats", "  - id: Plaats!", "broker.yaml:11:", "id"},
      {"submits_per_minute: 5", "submits_per_minute: veel", "broker.yaml:14:", "submits_per_minute"},
      {"organisation_times: 15", "organisation_times: 0", "broker.yaml:27:", "organisation_times"},
      {"organisation_times: 15", "organisation_times: 1001", "broker.yaml:27:", "organisation_times"},
      {"min_free_mib: 7", "min_free_mib: -7", "broker.yaml:19:", "min_free_mib"},
      {"kilobytes_per_minute: 13", "kilobytes_per_minute: 100000001", "broker.yaml:25:", "kilobytes"},
      {"data_dir: data", "data_dir: data\ndata_dir: data", "broker.yaml:4:", "data_dir"},
      {"anchor_dir: anchor", "anchor_dir: data/anchor", "broker.yaml:5:", "outside of data_dir"},
      {"limits:\n", "limits: [", "broker.yaml:1", ""},
  };
  for (const auto& row : rows) {
    const std::string yaml = absl::StrReplaceAll(kConfig, {{row.from, row.to}});
    ASSERT_NE(yaml, kConfig);
    const absl::Status status = ParseConfig(yaml, "broker.yaml").status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << row.to;
    EXPECT_THAT(std::string(status.message()), StartsWith(row.where)) << row.to;
    EXPECT_THAT(std::string(status.message()), HasSubstr(row.what)) << row.to;
  }
  const std::string twice = absl::StrCat(absl::StrReplaceAll(kConfig, {{"limits:", "x:"}}));
  EXPECT_FALSE(ParseConfig(twice, "broker.yaml").ok());
  EXPECT_EQ(ReadConfig("/nowhere/broker.yaml").status().code(), absl::StatusCode::kNotFound);
}

TEST(DoorConfig, IsReadAndBounded) {
  constexpr char kDoor[] =
      "door:\n"
      "  connections: 20000\n"
      "  connections_per_address: 64\n"
      "  connections_without_session: 100\n"
      "  memory_mib: 256\n"
      "  probe_seconds: 5\n";
  const absl::StatusOr<ServerConfig> config = ParseConfig(absl::StrCat(kConfig, kDoor), "broker.yaml");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->door.connections, 20'000u);
  EXPECT_EQ(config->door.per_address, 64u);
  EXPECT_EQ(config->door.without_session, 100u);
  EXPECT_EQ(config->memory_mib, 256u);
  EXPECT_EQ(config->probe_seconds, 5u);
  const absl::StatusOr<ServerConfig> silent = ParseConfig(kConfig, "broker.yaml");
  ASSERT_TRUE(silent.ok());
  EXPECT_FALSE(silent->door.connections.has_value());
  EXPECT_EQ(silent->memory_mib, 512u);
  for (const auto& [from, to] : {std::pair("20000", "63"), std::pair("20000", "1000001"),
                                 std::pair("64", "0"), std::pair("100\n", "15\n"), std::pair("256", "63"),
                                 std::pair("256", "many"), std::pair(": 5", ": 21")}) {
    const std::string text = absl::StrReplaceAll(kDoor, {{from, to}});
    const absl::Status status = ParseConfig(absl::StrCat(kConfig, text), "broker.yaml").status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(status.message()), HasSubstr("broker.yaml:")) << text;
  }
}

TEST(Init, MakesKeysOnceWithPrivateModes) {
  const std::string directory = test::MakeTemporaryDirectory();
  ServerConfig config;
  config.data_dir = directory + "/data";
  config.keys_dir = directory + "/keys";
  config.anchor_dir = directory + "/anchor";
  config.convenants = {{"plaats", Bytes(32, 'r')}, {"verder", Bytes(32, 'r')}};
  const absl::StatusOr<BrokerIdentity> made = InitBroker(config, absl::Now());
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->log_keys.size(), 2u);
  EXPECT_NE(made->log_keys.at("plaats"), made->log_keys.at("verder"));
  const absl::StatusOr<Bytes> certificate = ReadFile(made->tls_certificate, 1 << 16);
  ASSERT_TRUE(certificate.ok());
  const absl::StatusOr<BrokerIdentity> again = InitBroker(config, absl::Now());
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->identity, made->identity);
  EXPECT_EQ(again->log_keys, made->log_keys);
  EXPECT_EQ(*ReadFile(again->tls_certificate, 1 << 16), *certificate);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    struct stat info;
    ASSERT_EQ(stat(entry.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0077, 0u) << entry.path();
  }
  std::filesystem::remove_all(directory);
}

TEST(KeyFiles, RefusesWhatIsNoKey) {
  const std::string directory = test::MakeTemporaryDirectory();
  ASSERT_TRUE(WriteFileAtomically(directory + "/short.key", Bytes(31, 'k')).ok());
  EXPECT_EQ(ReadKeyFile(directory + "/short.key").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(ReadKeyFile(directory + "/none.key").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReadOrMakeKeyFile(directory + "/short.key").status().code(), absl::StatusCode::kDataLoss)
      << "a broken key is never replaced";
  std::filesystem::remove_all(directory);
}

TEST(Quota, RefillsEvenlyPerKey) {
  const absl::Time start = absl::FromUnixSeconds(1'800'000'000);
  Quota quota(60);
  for (int i = 0; i < 60; ++i) EXPECT_TRUE(quota.Take("a", start).ok());
  EXPECT_EQ(RetryAfter(quota.Take("a", start)), absl::Seconds(1));
  EXPECT_TRUE(quota.Take("b", start).ok()) << "others have their own";
  EXPECT_FALSE(quota.Take("a", start - absl::Hours(1)).ok()) << "a clock set back refills nothing";
  EXPECT_TRUE(quota.Take("a", start + absl::Seconds(1)).ok());
  EXPECT_FALSE(quota.Take("a", start + absl::Seconds(1)).ok());
  for (int i = 0; i < 60; ++i) EXPECT_TRUE(quota.Take("a", start + absl::Minutes(5)).ok());
  EXPECT_FALSE(quota.Take("a", start + absl::Minutes(5)).ok()) << "no more than a minute is saved up";
  Quota unlimited(0);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(unlimited.Take("a", start).ok());
}

}  // namespace
}  // namespace seinpost::server
