// SPDX-License-Identifier: EUPL-1.2
#include "tests/integration/site.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "client/org/device_request.h"
#include "client/org/invitation.h"
#include "client/org/store.h"
#include "client/terminal/fingerprint.h"

namespace seinpost::test {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(60);

std::string TemporaryDirectory() {
  std::string path = testing::TempDir() + "/seinpost_site.XXXXXX";
  if (mkdtemp(path.data()) == nullptr) std::abort();
  return path;
}

// Lines between the one that is `from` and the next "```".
std::vector<std::string> Block(const std::string& file, const std::string& from) {
  std::istringstream text(ReadWholeFile(file));
  std::vector<std::string> lines;
  bool inside = false;
  for (std::string line; std::getline(text, line);) {
    if (inside && line == "```") return lines;
    if (inside) lines.push_back(line);
    inside = inside || line == from;
  }
  std::fprintf(stderr, "%s: no block %s\n", file.c_str(), from.c_str());
  std::abort();
}

void ReplaceIn(std::string& text, const std::string& before, const std::string& after) {
  const size_t at = text.find(before);
  if (at == std::string::npos) std::abort();
  text.replace(at, before.size(), after);
}

}  // namespace

std::vector<std::string> Commands(const std::string& name, const std::string& document) {
  return Block(document, "```sh name=" + name);
}

Site::Site(Time time)
    : directory_(TemporaryDirectory()),
      programs_(time == Time::kReal ? Program("") : Program("simulated/")),
      clock_(Path("clock")) {
  std::string yaml;
  for (const std::string& line : Block("docs/formats/convenant.md", "```yaml")) yaml += line + "\n";
  ReplaceIn(yaml, "valid_until: 2029-12-31", "valid_until: 2099-12-31");
  ReplaceIn(yaml, "  politie:\n", "  stichting:\n    kind: municipality\n  politie:\n");
  Write("agreed.yaml", yaml);
}

Site::~Site() {
  broker_.reset();
  std::filesystem::remove_all(directory_);
}

std::string Site::Write(const std::string& name, const std::string& content) const {
  std::filesystem::create_directories(std::filesystem::path(Path(name)).parent_path());
  std::ofstream(Path(name), std::ios::binary) << content;
  return Path(name);
}

Ran Site::Line(const std::string& line) const {
  std::vector<std::string> environment{"PATH=" + programs_ + ":/usr/bin:/bin",
                                       std::string(kClockVariable) + "=" + Path("clock"),
                                       std::string("SEINPOST_PASSPHRASE=") + kSitePassphrase};
  for (const auto& [name, value] : variables_) environment.push_back(name + "=" + value);
  return Execute({"/bin/sh", "-c", "cd '" + directory_ + "' && " + line}, environment);
}

void Site::Run(const std::string& name, const std::string& document) {
  for (const std::string& line : Commands(name, document)) {
    const Ran ran = Line(line);
    ASSERT_EQ(ran.code, 0) << line << "\n" << ran.out << ran.err;
  }
}

void Site::SetRoot(const std::string& variable, const std::string& keys) {
  const auto store = client::OrgStore::Open(Path("keys/" + keys));
  ASSERT_TRUE(store.ok()) << store.status();
  const client::OrgData& data = store->data();
  Set(variable, ToHex(data.next_root_key.empty() ? data.root_key : data.next_root_key));
}

void Site::SetFingerprint(const std::string& invitation) {
  const auto read = client::DecodeInvitation(Read(invitation));
  ASSERT_TRUE(read.ok()) << read.status();
  Set("FINGERPRINT", client::GroupedHex(read->hash));
}

void Site::SetCode(const std::string& request) {
  const auto read = client::DecodeDeviceRequest(Read(request));
  ASSERT_TRUE(read.ok()) << read.status();
  Set("CODE", client::DeviceCode(*read));
}

void Site::StartBroker() {
  auto process =
      client::DaemonProcess::Start({"/usr/bin/env", std::string(kClockVariable) + "=" + Path("clock"),
                                    programs_ + "seinpostd", "run", "--config", Path("broker.yaml")},
                                   Path("broker.log"));
  ASSERT_TRUE(process.ok()) << process.status();
  broker_.emplace(*std::move(process));
  const auto ready = broker_->ReadyLine(kPatience);
  ASSERT_TRUE(ready.ok()) << ready.status();
  Set("BROKER", Json::parse(*ready)["listening"].get<std::string>());
  Set("METRICS", Json::parse(*ready)["metrics"].get<std::string>());
}

void Site::MakeKeysQuickly() {
  std::filesystem::create_directories(Path("keys"));
  for (const std::string party : {"gemeente", "bestuur", "politie", "stichting", "school"}) {
    const crypto::SigningKey root = crypto::SigningKey::Generate();
    const auto made =
        client::OrgStore::Create(Path("keys/" + party), party, party == "school" ? nullptr : &root,
                                 kSitePassphrase, crypto::PassphraseStrength::kInteractive);
    ASSERT_TRUE(made.ok()) << made.status();
  }
}

void Site::MakeFirstVersion(How how) {
  if (how == How::kAsWritten) {
    Run("first-keys");
  } else {
    MakeKeysQuickly();
  }
  for (const auto& [variable, keys] : std::map<std::string, std::string>{{"GEMEENTE", "gemeente"},
                                                                         {"BESTUUR", "bestuur"},
                                                                         {"POLITIE", "politie"},
                                                                         {"STICHTING", "stichting"}}) {
    SetRoot(variable, keys);
  }
  Write("broker.yaml",
        "listen: \"127.0.0.1:0\"\nmetrics_listen: \"127.0.0.1:0\"\ndata_dir: data\nkeys_dir: broker-keys\n"
        "anchor_dir: anchor\nconvenants:\n  - id: voorbeeld\n    host_root: \"" +
            variables_.at("GEMEENTE") + "\"\n");
  Run("first-draft");
  Set("CA", Json::parse(Read("broker.json"))["tls_ca"].get<std::string>());
  Run("first-fingerprints");
  Write("police/v1.yaml", Read("v1.yaml"));
  Run("first-sign");
  StartBroker();
  if (how == How::kAsWritten) return Run("first-activate");
  for (const std::string& line : Commands("first-activate")) {
    if (line.find("org issuer") != std::string::npos && line.find("keys/politie") == std::string::npos)
      continue;
    const Ran ran = Line(line);
    ASSERT_EQ(ran.code, 0) << line << "\n" << ran.out << ran.err;
  }
}

}  // namespace seinpost::test
