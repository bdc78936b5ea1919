// SPDX-License-Identifier: EUPL-1.2
#include "tests/client/disk_crash.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace seinpost::test {
namespace {

constexpr int kEndedThere = 99;
int writes_left = -1;  // -1: nothing is counted

void CountWrite() {
  if (writes_left < 0) return;
  if (writes_left-- == 0) _exit(kEndedThere);
}

}  // namespace

bool EndsAtWrite(int n, const std::function<void()>& act) {
  const pid_t child = fork();
  if (child < 0) std::abort();
  if (child == 0) {
    writes_left = n;
    act();
    _exit(0);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) std::abort();
  if (WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != kEndedThere) std::abort();
  return WEXITSTATUS(status) == kEndedThere;
}

}  // namespace seinpost::test

// In the place of the C library's, for this program and what it links.
extern "C" int rename(const char* from, const char* to) noexcept {
  seinpost::test::CountWrite();
  return static_cast<int>(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}

extern "C" int remove(const char* path) noexcept {
  seinpost::test::CountWrite();
  if (syscall(SYS_unlinkat, AT_FDCWD, path, 0) == 0) return 0;
  return static_cast<int>(syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR));
}
