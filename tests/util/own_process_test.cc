// SPDX-License-Identifier: EUPL-1.2
#include "util/own_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <link.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace seinpost {
namespace {

// Each in a process of its own, which tells by its exit code.
TEST(OwnProcess, ClosedStandardStreamsLeadNowhereAndStillFail) {
  EXPECT_EXIT(
      {
        for (int fd = 0; fd <= 2; ++fd) close(fd);
        OccupyStandardStreams();
        if (open("/dev/null", O_RDWR) <= 2) std::_Exit(1);
        if (write(1, "x", 1) != -1 || errno != EBADF) std::_Exit(2);
        if (write(2, "x", 1) != -1 || errno != EBADF) std::_Exit(3);
        char byte = 0;
        std::_Exit(read(0, &byte, 1) == -1 && errno == EBADF ? 7 : 4);
      },
      testing::ExitedWithCode(7), "");
}

TEST(OwnProcess, OpenStandardStreamsAreLeftAsTheyAre) {
  EXPECT_EXIT(
      {
        close(0);
        OccupyStandardStreams();
        std::_Exit(write(2, "told\n", 5) == 5 ? 7 : 1);
      },
      testing::ExitedWithCode(7), "told");
}

TEST(OwnProcess, LeavesNoCoreAndIsNotRead) {
  EXPECT_EXIT(
      {
        ForbidCoreDumps();
        rlimit limit;
        limit.rlim_cur = 1;
        if (getrlimit(RLIMIT_CORE, &limit) != 0 || limit.rlim_cur != 0 || limit.rlim_max != 0) std::_Exit(1);
        std::_Exit(prctl(PR_GET_DUMPABLE) == 0 ? 7 : 2);
      },
      testing::ExitedWithCode(7), "");
}

// Every program is linked alike: what is bound later keeps the registers of that moment on the stack.
TEST(OwnProcess, FunctionsAreBoundAtTheStart) {
  bool now = false;
  for (const ElfW(Dyn)* entry = _DYNAMIC; entry->d_tag != DT_NULL; ++entry) {
    now = now || (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_BIND_NOW) != 0);
  }
  EXPECT_TRUE(now);
}

}  // namespace
}  // namespace seinpost
