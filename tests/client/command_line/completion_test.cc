// SPDX-License-Identifier: EUPL-1.2
#include "client/command_line/completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/lab/process.h"
#include "tests/client/admin_testing.h"

namespace seinpost::client {
namespace {

using testing::HasSubstr;

CommandNode TestTree() {
  return {"seinpost",
          "",
          {"--json"},
          {{"signal", "", {}, {{"send", "", {"--channel"}, {}}, {"list", "", {"--unread"}, {}}}},
           {"whoami", "", {}, {}}}};
}

TEST(Completion, ScriptsNameEveryCommandAndFlag) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const std::string script = CompletionScript(shell, TestTree()).value();
    for (const char* word : {"signal", "send", "list", "whoami", "--json", "--channel", "--unread"}) {
      EXPECT_THAT(script, HasSubstr(word)) << shell;
    }
    EXPECT_EQ(script.find('@'), std::string::npos) << shell;
  }
  EXPECT_EQ(CompletionScript("tcsh", TestTree()).status().code(), absl::StatusCode::kInvalidArgument);
}

struct Case {
  const char* words;  // as COMP_WORDS
  int at;             // COMP_CWORD
  const char* want;
};

TEST(Completion, BashCompletesWhereTheCursorIs) {
  const TemporaryDirectory directory;
  const std::string file = directory.Write("seinpost.bash", CompletionScript("bash", TestTree()).value());
  const Case kCases[] = {{"seinpost wh", 1, "whoami"},
                         {"seinpost si", 1, "signal"},
                         {"seinpost signal s", 2, "send"},
                         {"seinpost --json signal l", 3, "list"},
                         {"seinpost signal send --ch", 3, "--channel"},
                         {"seinpost signal list --ch", 3, ""}};
  for (const Case& one : kCases) {
    const std::string command = ". " + file + "; COMP_WORDS=(" + one.words +
                                "); COMP_CWORD=" + std::to_string(one.at) +
                                "; _seinpost; printf '%s' \"${COMPREPLY[*]}\"";
    EXPECT_EQ(RunProgram({"/bin/bash", "-c", command}, absl::Seconds(30)).value(), one.want) << one.words;
  }
}

}  // namespace
}  // namespace seinpost::client
