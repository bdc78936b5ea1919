// SPDX-License-Identifier: EUPL-1.2
// How a command ends that was interrupted, or whose result could not be written.
#include "client/terminal/interrupt.h"

#include <poll.h>

#include <csignal>
#include <sstream>
#include <streambuf>
#include <string>
#include <vector>

#include "client/command_line/command_line.h"
#include "client/terminal/output.h"
#include "client/terminal/prompt.h"
#include "client/terminal/texts.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/json.h"

namespace seinpost::client {
namespace {

using testing::HasSubstr;

// Takes so many bytes, and then nothing more, as a disk that is full.
class FullDisk : public std::streambuf {
 public:
  explicit FullDisk(size_t room) : room_(room) {}
  const std::string& taken() const { return taken_; }

 private:
  int overflow(int byte) override {
    if (room_ == 0) return traits_type::eof();
    --room_;
    taken_.push_back(static_cast<char>(byte));
    return byte;
  }
  size_t room_;
  std::string taken_;
};

class EndTest : public testing::Test {
 protected:
  SimulatedClock clock_{absl::UnixEpoch()};
  std::istringstream in_;
  std::ostringstream out_, err_;
  Interrupt stop_;
};

TEST_F(EndTest, IsRaisedOnceAndStays) {
  EXPECT_FALSE(stop_.raised());
  EXPECT_FALSE(stop_.WaitFor(absl::Milliseconds(1)));
  EXPECT_TRUE(stop_.Raise(SIGTERM));
  EXPECT_FALSE(stop_.Raise(SIGINT));
  EXPECT_EQ(stop_.signal(), SIGTERM);
  EXPECT_TRUE(stop_.WaitFor(absl::InfiniteDuration()));
  pollfd wait{stop_.fd(), POLLIN, 0};
  EXPECT_EQ(poll(&wait, 1, 0), 1);
}

TEST_F(EndTest, WhatFailedBecauseItWasInterruptedHasTheCodeOfThat) {
  Context context{.json = true, .in = in_, .out = out_, .err = err_, .clock = clock_};
  context.stop = &stop_;
  EXPECT_EQ(End(context, UnreachableError("x")), kUnreachable);
  stop_.Raise(SIGINT);
  EXPECT_EQ(End(context, UnreachableError("x")), 130);
  EXPECT_EQ(End(context, absl::CancelledError("x")), 130);
  EXPECT_EQ(End(context, PrintedError(kUnreachable)), 130);
  // What is so, is so.
  EXPECT_EQ(End(context, absl::OkStatus()), kOk);
  EXPECT_EQ(End(context, TamperedError("x")), kTampered);
  EXPECT_EQ(End(context, UsageError("x")), kUsage);
  context.json = false;
  context.language = Language::kEnglish;
  End(context, UnreachableError("before the broker answered"));
  EXPECT_THAT(err_.str(), HasSubstr("Interrupted: before the broker answered\n"));
  Interrupt terminated;
  terminated.Raise(SIGTERM);
  context.stop = &terminated;
  EXPECT_EQ(End(context, UnreachableError("x")), 143);
}

TEST_F(EndTest, ReadsWhatIsGiven) {
  in_.str("yes\n");
  Context context{.in = in_, .out = out_, .err = err_, .clock = clock_};
  EXPECT_EQ(*ReadLine(context), "yes");
  in_.str("a\nb");
  in_.clear();
  EXPECT_EQ(*ReadInput(context, 3), "a\nb");
  in_.str("long");
  in_.clear();
  EXPECT_TRUE(absl::IsResourceExhausted(ReadInput(context, 3).status()));
}

TEST_F(EndTest, AResultThatCannotBeWrittenIsAFailure) {
  for (const bool json : {false, true}) {
    FullDisk disk(3);
    std::ostream out(&disk);
    const Context context{
        .json = json, .language = Language::kEnglish, .in = in_, .out = out, .err = err_, .clock = clock_};
    err_.str("");
    Print(context, Json{{"a", true}}, "more than three bytes");
    EXPECT_EQ(End(context, absl::OkStatus()), kFailed);
    EXPECT_EQ(err_.str(),
              "Failed: the result could not be written: the output is closed, or the disk is full\n");
    EXPECT_EQ(disk.taken().size(), 3u);
  }
}

TEST_F(EndTest, AnErrorThatCannotBeWrittenIsToldElsewhere) {
  FullDisk disk(0);
  std::ostream out(&disk);
  const Context context{
      .json = true, .language = Language::kEnglish, .in = in_, .out = out, .err = err_, .clock = clock_};
  EXPECT_EQ(End(context, UsageError("no such flag")), kUsage);
  EXPECT_EQ(err_.str(), "Usage: no such flag\n");
}

TEST_F(EndTest, HoldsForEveryCommandAndForHelp) {
  const std::vector<std::vector<std::string>> commands{
      {"--version"},
      {"--help"},
      {"completion", "bash"},
      {"convenant", "check", "tests/testing/convenants/plaats.yaml"},
      {"--json", "convenant", "check", "tests/testing/convenants/plaats.yaml"}};
  for (const std::vector<std::string>& arguments : commands) {
    FullDisk disk(1);
    std::ostream out(&disk);
    err_.str("");
    EXPECT_EQ(RunCommandLine(arguments, in_, out, err_, clock_, nullptr), kFailed) << arguments.back();
    EXPECT_THAT(err_.str(), HasSubstr(std::string(TextOf(Text::kNotWritten, Language::kDutch))));
  }
}

TEST_F(EndTest, ShowsProgressOnATerminalOnly) {
  Context context{.in = in_, .out = out_, .err = err_, .clock = clock_};
  EXPECT_FALSE(ProgressOf(context, "upload"));
  context.progress = true;
  const TellProgress tell = ProgressOf(context, "upload");
  tell(1, 200);
  tell(1, 200);
  tell(100, 200);
  tell(200, 200);
  EXPECT_EQ(err_.str(), "\rupload 0 %\rupload 50 %\rupload 100 %\n");
}

}  // namespace
}  // namespace seinpost::client
