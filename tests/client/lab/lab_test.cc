// SPDX-License-Identifier: EUPL-1.2
// What of a lab needs no broker; the whole is in tests/integration/lab_test.cc.
#include "client/lab/lab.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "client/lab/broker.h"
#include "client/lab/process.h"
#include "tests/client/admin_testing.h"
#include "tests/testing/json.h"

namespace seinpost::client {
namespace {

using testing::HasSubstr;

constexpr absl::Duration kSoon = absl::Seconds(30);

LabInfo TestInfo(const std::string& directory) {
  LabInfo info;
  info.directory = directory;
  info.broker = "127.0.0.1:7443";
  info.metrics = "127.0.0.1:9443";
  info.tls_ca = "/l/ca.pem";
  info.convenant = "/l/plaats.yaml";
  info.convenant_id = "plaats";
  info.passphrase_file = "/l/passphrase";
  info.data_dirs = {"/l/data"};
  info.log_files = {"/l/log"};
  info.processes = {{12, 345}};
  info.profiles = {{"school/zorgcoordinator", "/l/profiles/school/zorgcoordinator"}};
  return info;
}

TEST(LabInfo, HasTheMembersThatOthersRelyOn) {
  const ParsedJson json = ParsedJson::parse(EncodeLabInfo(TestInfo("/l")), nullptr, false);
  for (const char* name : {"broker", "steward", "metrics", "tls_ca", "convenant", "passphrase_file",
                           "data_dirs", "log_files", "pids", "profiles"}) {
    EXPECT_TRUE(json.contains(name)) << name;
  }
  EXPECT_TRUE(json["steward"].is_null());
  EXPECT_EQ(json["pids"], ParsedJson::array({12}));
  EXPECT_EQ(json["profiles"]["school/zorgcoordinator"], "/l/profiles/school/zorgcoordinator");
}

TEST(LabInfo, ReadsBackAndRefusesDamage) {
  const std::string text = EncodeLabInfo(TestInfo("/l"));
  EXPECT_EQ(EncodeLabInfo(DecodeLabInfo(text, "/l").value()), text);
  for (const char* name : {"broker", "tls_ca", "processes", "profiles", "data_dirs"}) {
    std::string other = text;
    other.replace(other.find(name), 1, "x");
    EXPECT_EQ(DecodeLabInfo(other, "/l").status().code(), absl::StatusCode::kInvalidArgument) << name;
  }
  EXPECT_FALSE(DecodeLabInfo("", "/l").ok());
}

TEST(LabBrokerConfig, StaysOnLoopbackWithPortsOfTheSystem) {
  const std::string config = LabBrokerConfig("plaats", Bytes(32, '\x0a'));
  EXPECT_THAT(config, HasSubstr("listen: \"127.0.0.1:0\""));
  EXPECT_THAT(config, HasSubstr("metrics_listen: \"127.0.0.1:0\""));
  EXPECT_THAT(config, HasSubstr("id: plaats"));
  EXPECT_THAT(config, HasSubstr("0a0a0a0a"));
}

// What our own program says wrongly is no mistake of whoever typed the command.
TEST(LabBroker, ThatDoesNotSayWhereItListensIsAFailure) {
  const TemporaryDirectory directory;
  LabBroker broker;
  broker.program = directory.Write("broker", "#!/bin/sh\necho '{\"listening\":7}'\nexec sleep 600\n");
  ASSERT_EQ(chmod(broker.program.c_str(), 0700), 0);
  broker.config_file = directory.Path("config");
  broker.log_file = directory.Path("log");
  const absl::Status status = StartLabBroker(broker).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  EXPECT_EQ(ExitCodeOf(status), kFailed);
  EXPECT_THAT(std::string(status.message()), HasSubstr("\"listening\""));
}

TEST(Lab, RefusesADirectoryWithSomethingInIt) {
  const TemporaryDirectory directory;
  directory.Write("mine", "precious");
  AdminBench bench(absl::Now());
  Context context = bench.context();
  EXPECT_EQ(ExitCodeOf(LabUp(context, "tests/testing/convenants/plaats.yaml", directory.path())), kUsage);
  EXPECT_EQ(ReadWholeFile(directory.Path("mine")), "precious");
  EXPECT_EQ(ExitCodeOf(LabUp(context, directory.Path("none.yaml"), directory.Path("new"))), kUsage);
  EXPECT_EQ(ExitCodeOf(LabStatus(context, directory.path())), kUsage);
  EXPECT_EQ(ExitCodeOf(LabDown(context, directory.path())), kUsage);
}

TEST(LabProcess, GivesOutputOrTheReasonOfFailure) {
  EXPECT_EQ(RunProgram({"/bin/sh", "-c", "printf hello; echo noise >&2"}, kSoon).value(), "hello");
  const absl::Status failed = RunProgram({"/bin/sh", "-c", "echo why >&2; exit 3"}, kSoon).status();
  EXPECT_EQ(failed.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(failed.message()), HasSubstr("code 3: why"));
  EXPECT_EQ(RunProgram({"/nonexistent/program"}, kSoon).status().code(), absl::StatusCode::kNotFound);
}

TEST(LabProcess, EndsAProgramThatTakesTooLong) {
  EXPECT_EQ(RunProgram({"/bin/sh", "-c", "exec sleep 600"}, absl::Milliseconds(50)).status().code(),
            absl::StatusCode::kDeadlineExceeded);
}

TEST(LabProcess, DaemonSaysThatItIsReadyAndOutlivesItsStarterOnlyWhenReleased) {
  const TemporaryDirectory directory;
  const std::vector<std::string> argv{"/bin/sh", "-c", "echo '{\"ready\":1}'; exec sleep 600"};
  ProcessRef released;
  {
    DaemonProcess one = DaemonProcess::Start(argv, directory.Path("log")).value();
    EXPECT_EQ(one.ReadyLine(kSoon).value(), "{\"ready\":1}");
    EXPECT_TRUE(IsRunning(one.process()));
    one.Release();
    released = one.process();
  }
  EXPECT_TRUE(IsRunning(released));
  EXPECT_TRUE(Stop(released, kSoon).ok());
  EXPECT_FALSE(IsRunning(released));
  EXPECT_TRUE(Stop(released, kSoon).ok());  // nothing left to stop

  ProcessRef kept;
  {
    DaemonProcess two = DaemonProcess::Start(argv, directory.Path("log")).value();
    ASSERT_TRUE(two.ReadyLine(kSoon).ok());
    kept = two.process();
  }
  EXPECT_FALSE(IsRunning(kept));
}

TEST(LabProcess, DaemonThatEndsAtOnceIsAnErrorWithTheEndOfItsLog) {
  const TemporaryDirectory directory;
  DaemonProcess process =
      DaemonProcess::Start({"/bin/sh", "-c", "echo no room >&2; exit 7"}, directory.Path("log")).value();
  const absl::Status status = process.ReadyLine(kSoon).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("no room"));
}

TEST(LabProcess, DaemonThatSaysNothingIsEnded) {
  const TemporaryDirectory directory;
  DaemonProcess process =
      DaemonProcess::Start({"/bin/sh", "-c", "exec sleep 600"}, directory.Path("log")).value();
  EXPECT_EQ(process.ReadyLine(absl::Milliseconds(50)).status().code(), absl::StatusCode::kDeadlineExceeded);
}

TEST(LabProcess, StopKillsWhatIgnoresTheTermination) {
  const TemporaryDirectory directory;
  DaemonProcess process =
      DaemonProcess::Start({"/bin/sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"},
                           directory.Path("log"))
          .value();
  ASSERT_TRUE(process.ReadyLine(kSoon).ok());
  const ProcessRef running = process.process();
  EXPECT_TRUE(Stop(running, absl::Milliseconds(50)).ok());
  EXPECT_FALSE(IsRunning(running));
}

TEST(LabProcess, AProcessWithTheSameNumberIsAnother) {
  const ProcessRef other{getpid(), 1};
  EXPECT_FALSE(IsRunning(other));
  EXPECT_TRUE(Stop(other, kSoon).ok());  // and so we still run
}

}  // namespace
}  // namespace seinpost::client
