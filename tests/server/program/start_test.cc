// SPDX-License-Identifier: EUPL-1.2
// What seinpostd checks before it serves, and how it treats its own process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <signal.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/program/config.h"
#include "server/program/init.h"
#include "server/program/tls_certificate.h"
#include "server/program/tls_files.h"
#include "tests/server/program/program_testing.h"

namespace seinpost::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

class StartTest : public ProgramTest {
 protected:
  void Init() { ASSERT_EQ(RunToEnd({"init", "--config", Config()}), 0) << Read("err"); }
  // Serves once, so that there is a database, and ends as nobody wants.
  void ServeAndKill() {
    std::string line;
    int out = -1;
    const pid_t child = StartServing(line, out);
    ASSERT_FALSE(line.empty()) << Read("err") << Read("log");
    kill(child, SIGKILL);
    Wait(child);
    close(out);
  }
  std::string Path(const std::string& name) const { return directory_ + "/" + name; }
  void Chmod(const std::string& name, mode_t mode) { ASSERT_EQ(chmod(Path(name).c_str(), mode), 0); }
  void FlipBit(const std::string& name) {
    Bytes content = *ReadFile(Path(name), 1 << 16);
    content[0] = static_cast<char>(content[0] ^ 1);
    ASSERT_TRUE(WriteFileAtomically(Path(name), content).ok());
  }
  // Expects `run` and `check` to end with `code`, saying `what`.
  void ExpectRefused(int code, const std::string& what) {
    for (const char* command : {"run", "check"}) {
      EXPECT_EQ(RunToEnd({command, "--config", Config()}), code) << command << " " << what << Read("err");
      EXPECT_THAT(Read("err"), HasSubstr(what)) << command;
      EXPECT_EQ(Read("out"), "") << command;
    }
  }
  void UseTls(const std::string& certificate, const std::string& key) {
    ASSERT_TRUE(WriteFileAtomically(Path("keys/tls/cert.pem"), certificate).ok());
    ASSERT_TRUE(WriteFileAtomically(Path("keys/tls/key.pem"), key).ok());
  }
  // Names, modes, times of change and bytes of all below the test's directory but what a program prints.
  std::map<std::string, std::string> Look() const {
    std::map<std::string, std::string> look;
    for (const auto& entry : fs::recursive_directory_iterator(directory_)) {
      const std::string name = entry.path().lexically_relative(directory_);
      if (name == "out" || name == "err") continue;
      struct stat info{};
      EXPECT_EQ(lstat(entry.path().c_str(), &info), 0);
      look[name] =
          absl::StrCat(info.st_mode, " ", info.st_mtim.tv_sec, ".", info.st_mtim.tv_nsec, " ",
                       entry.is_regular_file() ? ReadFile(entry.path(), 64 << 20).value_or("?") : "");
    }
    return look;
  }
};

server::TlsCertificate CertificateOf(absl::Time now) {
  return server::MakeSelfSignedCertificate({"localhost"}, now).value();
}

std::string Encrypted(const std::string& key_pem) {
  BIO* const in = BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size()));
  EVP_PKEY* const key = PEM_read_bio_PrivateKey(in, nullptr, nullptr, nullptr);
  BIO* const out = BIO_new(BIO_s_mem());
  char passphrase[] = "x";
  EXPECT_EQ(PEM_write_bio_PKCS8PrivateKey(out, key, EVP_aes_256_cbc(), passphrase, 1, nullptr, nullptr), 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out, &data);
  std::string pem(data, static_cast<size_t>(size));
  BIO_free(in);
  BIO_free(out);
  EVP_PKEY_free(key);
  return pem;
}

TEST_F(StartTest, RefusesModesThatLetOthersAtTheKeys) {
  Init();
  const struct {
    const char* name;
    mode_t loose, right;
    const char* command;
  } rows[] = {{"keys/plaats/log.key", 0666, 0600, "chmod 600 '"},
              {"keys/identity.key", 0640, 0600, "chmod 600 '"},
              {"keys/tls/key.pem", 0604, 0600, "chmod 600 '"},
              {"keys", 0777, 0700, "chmod 700 '"},
              {"keys/plaats", 0770, 0700, "chmod 700 '"},
              {"data", 0777, 0700, "chmod 700 '"},
              {"anchor", 0702, 0700, "chmod 700 '"}};
  for (const auto& row : rows) {
    Chmod(row.name, row.loose);
    ExpectRefused(2, absl::StrCat(row.command, Path(row.name), "'"));
    EXPECT_EQ(RunToEnd({"init", "--config", Config()}), 2) << row.name;
    Chmod(row.name, row.right);
  }
  Chmod("keys/tls/cert.pem", 0644);
  Chmod("keys", 0755);
  ServeAndKill();
}

TEST_F(StartTest, RefusesKeysThatTheDatabaseDoesNotGoWith) {
  Init();
  ServeAndKill();
  for (const char* name : {"keys/identity.key", "keys/plaats/index.key", "keys/plaats/log.key"}) {
    FlipBit(name);
    ExpectRefused(1, "copy of keys_dir");
    FlipBit(name);
  }
  const Bytes index = *ReadFile(Path("keys/plaats/index.key"), 64);
  fs::remove(Path("keys/plaats/index.key"));
  ExpectRefused(1, Path("keys/plaats/index.key"));
  EXPECT_FALSE(fs::exists(Path("keys/plaats/index.key"))) << "none is made in its place";
  ASSERT_TRUE(WriteFileAtomically(Path("keys/plaats/index.key"), index).ok());
  EXPECT_EQ(RunToEnd({"check", "--config", Config()}), 0) << Read("err");
}

TEST_F(StartTest, SaysWhatIsWrongWithTheTlsFiles) {
  Init();
  const absl::Time now = absl::Now();
  const server::TlsCertificate good = CertificateOf(now), other = CertificateOf(now);
  const server::TlsCertificate expired = CertificateOf(now - 6 * 365 * absl::Hours(24));
  const server::TlsCertificate future = CertificateOf(now + absl::Hours(48));
  const struct {
    const std::string certificate, key;
    const char* what;
  } rows[] = {{good.certificate_pem, other.key_pem, "does not belong to the certificate"},
              {good.certificate_pem, Encrypted(good.key_pem), "is encrypted"},
              {good.certificate_pem, "-----BEGIN PRIVATE KEY-----\n", "holds no private key"},
              {"", good.key_pem, "holds no certificate"},
              {expired.certificate_pem, expired.key_pem, "expired on 20"},
              {future.certificate_pem, future.key_pem, "is not valid before 20"}};
  for (const auto& row : rows) {
    UseTls(row.certificate, row.key);
    ExpectRefused(2, row.what);
  }
  UseTls(good.certificate_pem, good.key_pem);
  ServeAndKill();
}

TEST_F(StartTest, CheckWritesNothing) {
  Init();
  ServeAndKill();
  const auto before = Look();
  ASSERT_EQ(RunToEnd({"check", "--config", Config()}), 0) << Read("err");
  EXPECT_EQ(Look(), before);
  ASSERT_EQ(RunToEnd({"check", "--config", Config(), "--deep", "--json"}), 0) << Read("err");
  EXPECT_EQ(Look(), before);
  const nlohmann::json report = nlohmann::json::parse(Read("out"));
  EXPECT_EQ(report["deep"]["leaves"], 0);
  EXPECT_TRUE(report["deep"]["faults"].empty());
  EXPECT_THAT(Read("err"), HasSubstr("rows of a_entry"));
}

TEST_F(StartTest, ADatabaseIsNeverMadeOverFilesOrAnAnchor) {
  Init();
  ServeAndKill();
  ServeAndKill();
  fs::rename(Path("data/db/CURRENT"), Path("CURRENT"));
  auto before = Look();
  ExpectRefused(1, "restore");
  EXPECT_EQ(Look(), before);
  fs::rename(Path("data/db"), Path("moved"));
  before = Look();
  ExpectRefused(1, "seinpostd restore");
  EXPECT_EQ(Look(), before);
  fs::rename(Path("CURRENT"), Path("moved/CURRENT"));
  fs::rename(Path("moved"), Path("data/db"));
  ServeAndKill();
}

TEST_F(StartTest, WhatDoesNotOpenIsDamageToADeepCheck) {
  Init();
  ServeAndKill();
  ServeAndKill();
  for (const auto& entry : fs::directory_iterator(Path("data/db"))) {
    if (entry.path().filename().string().rfind("MANIFEST-", 0) != 0) continue;
    std::ofstream(entry.path(), std::ios::binary) << std::string(4096, 'x');
  }
  const auto before = Look();
  EXPECT_EQ(RunToEnd({"check", "--config", Config()}), 1) << Read("err");
  EXPECT_EQ(RunToEnd({"check", "--config", Config(), "--deep"}), 5) << Read("err");
  EXPECT_EQ(Look(), before);
}

TEST_F(StartTest, GoesOnWithoutStandardStreams) {
  Init();
  closed_ = {0, 1, 2};
  const pid_t child = Start({"run", "--config", Config(), "--ready-file", Path("ready.json")});
  AwaitFile("ready.json");
  kill(child, SIGTERM);
  EXPECT_EQ(Wait(child), 0);
  closed_.clear();
  EXPECT_EQ(fs::file_size(Path("data/db/LOCK")), 0u) << "its log went into a file of the database";
  EXPECT_EQ(RunToEnd({"check", "--config", Config(), "--deep"}), 0) << Read("err");
}

TEST_F(StartTest, OpensItsLogAgainOnSighup) {
  Init();
  std::string line;
  int out = -1;
  const pid_t child = StartServing(line, out);
  fs::rename(Path("log"), Path("log.1"));
  kill(child, SIGHUP);
  AwaitFile("log");
  kill(child, SIGTERM);
  EXPECT_EQ(Wait(child), 0);
  close(out);
  EXPECT_THAT(Read("log.1"), AllOf(HasSubstr("listening on"), testing::Not(HasSubstr("stopping"))));
  EXPECT_THAT(Read("log"), AllOf(HasSubstr("log opened again"), HasSubstr("stopping")));
}

TEST_F(StartTest, LeavesNoCoreFile) {
  Init();
  std::string line;
  int out = -1;
  const pid_t child = StartServing(line, out);
  std::ifstream limits(absl::StrCat("/proc/", child, "/limits"));
  std::string found;
  for (std::string row; std::getline(limits, row);) {
    if (row.find("Max core file size") == 0) found = row;
  }
  EXPECT_THAT(found, testing::ContainsRegex("size +0 +0 "));
  kill(child, SIGTERM);
  EXPECT_EQ(Wait(child), 0);
  close(out);
}

TEST_F(StartTest, InitNamesTheHostsOfTheCertificate) {
  EXPECT_EQ(RunToEnd({"init", "--config", Config(), "--hostname", "bad_name!"}), 2);
  EXPECT_EQ(RunToEnd({"init", "--config", Config(), "--hostname", "0.0.0.0"}), 2);
  EXPECT_FALSE(fs::exists(Path("keys/tls")));
  ASSERT_EQ(
      RunToEnd({"init", "--config", Config(), "--hostname", "seinpost.example.nl,192.0.2.7,2001:db8::7"}), 0)
      << Read("err");
  const std::string certificate = Read("keys/tls/cert.pem");
  EXPECT_THAT(server::HostsNotNamed(certificate, {"seinpost.example.nl", "192.0.2.7", "2001:db8::7",
                                                  "localhost", "127.0.0.1", "elders.nl", "192.0.2.8"})
                  .value(),
              testing::ElementsAre("elders.nl", "192.0.2.8"));
  EXPECT_EQ(RunToEnd({"init", "--config", Config(), "--hostname", "seinpost.example.nl"}), 0)
      << "again is fine";
  EXPECT_EQ(RunToEnd({"init", "--config", Config(), "--hostname", "elders.nl"}), 2);
  EXPECT_THAT(Read("err"), AllOf(HasSubstr("elders.nl"), HasSubstr("'" + Path("keys/tls/cert.pem") + "'")));
  EXPECT_EQ(Read("keys/tls/cert.pem"), certificate);
}

TEST_F(StartTest, InitSaysWhenOthersCannotConnect) {
  const std::string everywhere =
      absl::StrReplaceAll(Read("broker.yaml"), {{"listen: 127.0.0.1:0\nmet", "listen: 0.0.0.0:0\nmet"}});
  ASSERT_TRUE(WriteFileAtomically(Config(), everywhere).ok());
  ASSERT_EQ(RunToEnd({"init", "--config", Config()}), 0);
  EXPECT_THAT(Read("err"), AllOf(HasSubstr("--hostname"), HasSubstr("0.0.0.0")));
  fs::remove_all(Path("keys/tls"));
  ASSERT_EQ(RunToEnd({"init", "--config", Config(), "--hostname", "seinpost.example.nl"}), 0);
  EXPECT_EQ(Read("err"), "");
}

TEST(Places, AreComparedByWhatTheyAreAndNotByTheirNames) {
  const std::string directory = MakeTemporaryDirectory();
  const std::string file = directory + "/broker.yaml";
  fs::create_directory(directory + "/data");
  fs::create_symlink(directory + "/data", directory + "/link");
  const auto parse = [&](const std::string& data, const std::string& keys, const std::string& anchor) {
    return server::ParseConfig(
        absl::StrCat("data_dir: ", data, "\nkeys_dir: ", keys, "\nanchor_dir: ", anchor,
                     "\nconvenants:\n  - id: plaats\n    host_root: ", std::string(64, '0'), "\n"),
        file);
  };
  const absl::StatusOr<server::ServerConfig> config = parse("./data", "x/../keys/", "./anchor/.");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->data_dir, directory + "/data");
  EXPECT_EQ(config->keys_dir, directory + "/keys");
  EXPECT_EQ(config->anchor_dir, directory + "/anchor");
  const std::vector<std::string> wrong[] = {{"data", "./x/../data/keys", "anchor"},
                                            {"data", "link/keys", "anchor"},
                                            {"data", "keys", "data/anchor"},
                                            {"data", "keys", "keys/anchor"},
                                            {"keys/data", "keys", "anchor"},
                                            {"anchor/data", "keys", "anchor"},
                                            {"data", "data", "anchor"},
                                            {"data", "keys", "keys"}};
  for (const auto& row : wrong) {
    const absl::Status refused = parse(row[0], row[1], row[2]).status();
    EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument) << row[0] << " " << row[1] << " " << row[2];
    EXPECT_THAT(std::string(refused.message()), HasSubstr("must lie outside of")) << row[1];
  }
  fs::remove_all(directory);
}

TEST(CertificateWatch, WarnsFromThirtyDaysBeforeAndEachDayOnce) {
  const absl::Time end = absl::FromUnixSeconds(1'800'000'000);
  const absl::Duration day = absl::Hours(24);
  server::CertificateWatch watch(end);
  EXPECT_EQ(watch.Look(end - 31 * day), std::nullopt);
  EXPECT_THAT(watch.Look(end - 30 * day).value_or(""),
              AllOf(HasSubstr("2027-01-15"), HasSubstr("in 30 days")));
  EXPECT_EQ(watch.Look(end - 30 * day + absl::Hours(23)), std::nullopt);
  EXPECT_THAT(watch.Look(end - 29 * day).value_or(""), HasSubstr("in 29 days"));
  EXPECT_THAT(watch.Look(end + absl::Hours(1)).value_or(""), HasSubstr("nobody can connect"));
}

}  // namespace
}  // namespace seinpost::test
