// SPDX-License-Identifier: EUPL-1.2
// A broker of few files, crowded by strangers, with members who have something to say: D1 and D2 in processes
// of their own.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/integration/programs.h"
#include "tests/testing/stranger.h"

namespace seinpost::test {
namespace {

namespace fs = std::filesystem;

constexpr char kFriend[] = "school/zorgcoordinator";
constexpr char kOtherFriend[] = "politie/wijkagent";

// seinpostd with so many files, for SEINPOSTD.
class FewFiles {
 public:
  explicit FewFiles(int files) {
    program_ = testing::TempDir() + "/seinpostd_of_few_files." + std::to_string(getpid());
    std::ofstream(program_) << "#!/bin/sh\nulimit -n " << files << "\nexec " << Program("seinpostd")
                            << " \"$@\"\n";
    fs::permissions(program_, fs::perms::owner_all);
  }
  ~FewFiles() { fs::remove(program_); }
  std::string environment() const { return "SEINPOSTD=" + program_; }

 private:
  std::string program_;
};

TEST(Door, MembersAreServedWhileStrangersTakeEveryPlaceTheyMay) {
  const FewFiles few(1024);
  const Lab lab("tests/testing/convenants/plaats.yaml", {few.environment()});
  const std::string broker = lab.info()["broker"];
  const auto send = [&lab] {
    return lab.As(kFriend, {"signal", "send", "--channel", "core@school-a", "--level", "L1", "--category",
                            "wapen", "--purpose", "dreiging", "--to", kOtherFriend, "--text", "In een tas."});
  };
  const Ran before = send();
  ASSERT_EQ(before.code, 0) << before.out << before.err;
  Crowd crowd(broker);
  EXPECT_EQ(crowd.Come(1044), 1044u);
  const Ran during = send();
  EXPECT_EQ(during.code, 0) << during.out << during.err;
  crowd.Leave();
  const Ran after = send();
  EXPECT_EQ(after.code, 0) << after.out << after.err;
  EXPECT_EQ(lab.As(kOtherFriend, {"signal", "list"}).json().size(), 3u) << "the store took all of them";
}

}  // namespace
}  // namespace seinpost::test
