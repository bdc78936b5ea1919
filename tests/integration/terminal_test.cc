// SPDX-License-Identifier: EUPL-1.2
// The real client as people and scripts have it: on a terminal, in a pipe, on a full disk, and interrupted.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/profile/profile.h"
#include "server/program/tls_certificate.h"
#include "tests/integration/programs.h"
#include "tests/testing/relay.h"
#include "util/secure_file.h"

namespace seinpost::test {
namespace {

using testing::HasSubstr;

constexpr char kPlaats[] = "tests/testing/convenants/plaats.yaml";
constexpr char kTypedPassphrase[] = "vier fietsen in de regen";

// A program on a terminal of its own.
class Typed {
 public:
  explicit Typed(const std::vector<std::string>& argv, const std::vector<std::string>& environment = {}) {
    if (openpty(&master_, &slave_, nullptr, nullptr, nullptr) != 0) std::abort();
    pid_ = fork();
    if (pid_ < 0) std::abort();
    if (pid_ > 0) return;
    setsid();
    ioctl(slave_, TIOCSCTTY, 0);
    for (const int number : {0, 1, 2}) dup2(slave_, number);
    close(master_);
    close(slave_);
    unsetenv("SEINPOST_PASSPHRASE");
    for (const std::string& variable : environment) putenv(const_cast<char*>(variable.c_str()));
    std::vector<char*> words;
    for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    execv(words[0], words.data());
    _exit(127);
  }
  ~Typed() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    close(master_);
    close(slave_);
  }
  Typed(const Typed&) = delete;
  Typed& operator=(const Typed&) = delete;

  // Reads on until it has shown `text`, from where the last one ended.
  bool Shows(const std::string& text) {
    while (true) {
      const size_t at = shown_.find(text, seen_);
      if (at != std::string::npos) {
        seen_ = at + text.size();
        return true;
      }
      pollfd wait{master_, POLLIN, 0};
      if (poll(&wait, 1, 60'000) <= 0) return false;
      char bytes[1024];
      const ssize_t got = read(master_, bytes, sizeof bytes);
      if (got <= 0) return false;
      shown_.append(bytes, static_cast<size_t>(got));
    }
  }
  void Type(const std::string& keys) {
    if (write(master_, keys.data(), keys.size()) != static_cast<ssize_t>(keys.size())) std::abort();
  }
  void Send(int signal) { kill(pid_, signal); }
  bool Echo() const {
    termios now{};
    return tcgetattr(slave_, &now) == 0 && (now.c_lflag & ECHO) != 0;
  }
  // Its exit code, or minus the signal that killed it.
  int Code() {
    int status = 0;
    if (waitpid(pid_, &status, 0) != pid_) std::abort();
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  const std::string& shown() const { return shown_; }

 private:
  int master_ = -1, slave_ = -1;
  pid_t pid_ = 0;
  std::string shown_;
  size_t seen_ = 0;
};

// A profile whose broker is somebody who accepts connections and says nothing.
class TerminalTest : public testing::Test {
 protected:
  TerminalTest() {
    std::string path = testing::TempDir() + "/seinpost_terminal.XXXXXX";
    if (mkdtemp(path.data()) == nullptr) std::abort();
    directory_ = path;
    passphrase_file_ = directory_ + "/passphrase";
    if (!WriteFileAtomically(passphrase_file_, kTypedPassphrase).ok()) std::abort();
    profile_ = MakeProfile(silent_);
  }
  ~TerminalTest() override { std::filesystem::remove_all(directory_); }

  std::string MakeProfile(const Relay& broker) {
    const std::string made = directory_ + "/profile" + std::to_string(++profiles_);
    client::Profile profile = client::Profile::Create(made, "politie", "wijkagent", kTypedPassphrase,
                                                      crypto::PassphraseStrength::kInteractive)
                                  .value();
    client::ConvenantEntry entry;
    entry.id = "plaats";
    entry.version = 1;
    entry.broker = broker.address();
    entry.tls_ca_pem = server::MakeSelfSignedCertificate({"127.0.0.1"}, absl::Now())->certificate_pem;
    if (!profile.Update([&](client::Profile& newest) { return newest.AddConvenant(entry); }).ok())
      std::abort();
    return made;
  }

  std::vector<std::string> Command(const std::vector<std::string>& more) const {
    std::vector<std::string> argv{Program("seinpost"), "--lang", "en", "--profile", profile_};
    argv.insert(argv.end(), more.begin(), more.end());
    return argv;
  }
  // `command`, a line of shell in which "$@" is the client.
  Ran Shell(const std::string& command, const std::vector<std::string>& client) const {
    std::vector<std::string> argv{"/bin/bash", "-c", command, "shell"};
    argv.insert(argv.end(), client.begin(), client.end());
    return Execute(argv);
  }

  Relay silent_{""};
  int profiles_ = 0;
  std::string directory_, profile_, passphrase_file_;
};

TEST_F(TerminalTest, AnInterruptEndsThePromptAndTheEchoIsBack) {
  const struct {
    const char* keys;
    int signal;
    int code;
  } cases[] = {{"\x03", 0, 130},
               {"half a passphrase\x03", 0, 130},
               {"\x1C", 0, 131},
               {"", SIGTERM, 143},
               {"", SIGHUP, 129}};
  for (const auto& one : cases) {
    Typed typed(Command({"signal", "list"}));
    ASSERT_TRUE(typed.Shows("Passphrase: "));
    EXPECT_FALSE(typed.Echo());
    if (one.signal != 0) typed.Send(one.signal);
    typed.Type(one.keys);
    EXPECT_TRUE(typed.Shows("Interrupted: ")) << typed.shown();
    EXPECT_EQ(typed.Code(), one.code);
    EXPECT_TRUE(typed.Echo());
    EXPECT_EQ(typed.shown().find("half"), std::string::npos);
  }
}

TEST_F(TerminalTest, AnInterruptEndsTheSecondQuestionToo) {
  Typed typed(Command({"--passphrase-file", passphrase_file_, "device", "passphrase"}));
  ASSERT_TRUE(typed.Shows("New passphrase: "));
  typed.Type("nieuwe fietsen in de zon\n");
  ASSERT_TRUE(typed.Shows("Again: "));
  typed.Type("\x03");
  EXPECT_EQ(typed.Code(), 130);
  EXPECT_TRUE(typed.Echo());
  // It is still the old one.
  EXPECT_TRUE(client::Profile::Open(profile_, kTypedPassphrase).ok());
}

TEST_F(TerminalTest, TheEndOfTheInputIsNoPassphrase) {
  Typed typed(Command({"signal", "list"}));
  ASSERT_TRUE(typed.Shows("Passphrase: "));
  typed.Type("\x04");
  EXPECT_EQ(typed.Code(), 1);
  EXPECT_TRUE(typed.Echo());
}

TEST_F(TerminalTest, WhoStopsItAtThePromptHasHisTerminalAndIsAskedAnew) {
  std::vector<std::string> argv{"/bin/bash", "-c",
                                R"(set -m; "$@"; echo STOPPED; read answer; fg; echo ENDED $?)", "shell"};
  const std::vector<std::string> client = Command({"signal", "list"});
  argv.insert(argv.end(), client.begin(), client.end());
  Typed typed(argv);
  ASSERT_TRUE(typed.Shows("Passphrase: "));
  typed.Type("abc\x1A");
  ASSERT_TRUE(typed.Shows("STOPPED")) << typed.shown();
  EXPECT_TRUE(typed.Echo());
  typed.Type("\n");
  ASSERT_TRUE(typed.Shows("Passphrase: ")) << typed.shown();
  EXPECT_FALSE(typed.Echo());
  typed.Type("\x03");
  EXPECT_TRUE(typed.Shows("ENDED 130")) << typed.shown();
}

TEST_F(TerminalTest, AnInterruptCutsOffACommandThatWaitsForItsBroker) {
  const std::string out = directory_ + "/export.jsonl";
  const std::vector<std::vector<std::string>> commands{
      {"signal", "list"},
      {"signal", "send", "--channel", "core@school-a", "--level", "L1", "--category", "wapen", "--purpose",
       "dreiging", "--to", "politie/wijkagent", "--text", "een mes"},
      {"audit", "export", out},
      {"signal", "watch"}};
  for (const std::vector<std::string>& command : commands) {
    Relay silent("");
    const std::string profile = MakeProfile(silent);
    std::vector<std::string> argv{Program("seinpost"), "--lang",         "en",        "--json",
                                  "--passphrase-file", passphrase_file_, "--profile", profile};
    argv.insert(argv.end(), command.begin(), command.end());
    Typed typed(argv);
    silent.WaitForConnection();
    typed.Type("\x03");
    // It ends by itself, and says so: what is ended by force says nothing.
    EXPECT_TRUE(typed.Shows("\"before the broker answered\"")) << typed.shown();
    EXPECT_EQ(typed.Code(), 130) << command.back();
  }
  EXPECT_FALSE(std::filesystem::exists(out));
  EXPECT_FALSE(std::filesystem::exists(out + ".part"));
}

TEST_F(TerminalTest, APassphraseMayComeOutOfAPipe) {
  const Ran ran =
      Shell(absl::StrCat(R"("$@" --passphrase-file <(printf '%s\n' ')", kTypedPassphrase, "') whoami"),
            Command({"--json"}));
  EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
  const std::string fifo = directory_ + "/nobody";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  Typed typed(Command({"--passphrase-file", fifo, "whoami"}));
  const int writer = open(fifo.c_str(), O_WRONLY | O_CLOEXEC);  // comes back when the other side reads
  typed.Type("\x03");
  EXPECT_TRUE(typed.Shows("Interrupted: ")) << typed.shown();
  EXPECT_EQ(typed.Code(), 130);
  close(writer);
}

TEST_F(TerminalTest, WhatDoesNotEndByItselfIsEnded) {
  // Somebody else writes the profile, and never gets done.
  const FileLock held = FileLock::Acquire(profile_ + "/profile.lock").value();
  Typed typed(Command({"--passphrase-file", passphrase_file_, "device", "passphrase"}));
  const std::string typed_twice = "nieuwe fietsen in de zon\n";
  ASSERT_TRUE(typed.Shows("New passphrase: "));
  typed.Type(typed_twice);
  ASSERT_TRUE(typed.Shows("Again: "));
  typed.Type(typed_twice);
  while (!typed.Echo()) sched_yield();  // till it has read that
  typed.Type("\x03");
  EXPECT_EQ(typed.Code(), 130);
}

TEST_F(TerminalTest, AResultThatIsNotWrittenIsAFailure) {
  const std::vector<std::vector<std::string>> commands{
      {Program("seinpost"), "--lang", "en", "--version"},
      {Program("seinpost"), "--lang", "en", "completion", "bash"},
      {Program("seinpost"), "--lang", "en", "convenant", "check", kPlaats},
      {Program("seinpost"), "--lang", "en", "--json", "convenant", "check", kPlaats}};
  for (const std::vector<std::string>& command : commands) {
    // A full disk, a closed output, a pipe whose reader has gone.
    for (const char* shell : {R"("$@" >/dev/full)", R"("$@" >&-)", R"(exec 3> >(:); wait $!; "$@" >&3)"}) {
      const Ran ran = Shell(shell, command);
      EXPECT_THAT(ran.err,
                  testing::AnyOf(HasSubstr("could not be written"), HasSubstr("niet worden geschreven")))
          << shell;
      EXPECT_EQ(ran.code, 1) << shell << command.back();
    }
  }
}

TEST_F(TerminalTest, FilesNeverGetTheNumberOfAStreamThatWasClosed) {
  const std::string before = ReadWholeFile(profile_ + "/profile.sealed");
  const Ran ran =
      Shell(R"("$@" <&- >&- 2>&-)", Command({"--passphrase-file", passphrase_file_, "--json", "whoami"}));
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ReadWholeFile(profile_ + "/profile.sealed"), before);
}

// And progress is shown to people. (Lab.ThatDoesNotComeUpLeavesNothingRunning: to nobody else.)
TEST_F(TerminalTest, AnInterruptedLabLeavesNothingRunning) {
  const std::string lab = directory_ + "/lab";
  Typed typed({Program("seinpost"), "--lang", "en", "lab", "up", kPlaats, "--dir", lab});
  ASSERT_TRUE(typed.Shows("lab: profiles of "));  // the broker runs
  typed.Type("\x03");
  EXPECT_TRUE(typed.Shows("Interrupted: nothing is left running")) << typed.shown();
  EXPECT_EQ(typed.Code(), 130);
  EXPECT_FALSE(std::filesystem::exists(lab + "/lab.json"));
  // The database is free, so nobody has it open.
  const Ran check = Execute({Program("seinpostd"), "check", "--config", lab + "/broker/seinpostd.yaml"});
  EXPECT_EQ(check.code, 0) << check.out << check.err;
}

}  // namespace
}  // namespace seinpost::test
