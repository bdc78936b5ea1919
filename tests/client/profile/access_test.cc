// SPDX-License-Identifier: EUPL-1.2
// A profile that may not be read, and one that others can get at.
#include <sys/stat.h>
#include <unistd.h>

#include "client/profile/profile.h"
#include "client/terminal/context.h"
#include "gmock/gmock.h"
#include "tests/client/test_member.h"

namespace seinpost::client {
namespace {

using test::TestMember;
using test::TestNetwork;
using testing::HasSubstr;
using testing::Not;

// The rights of somebody else for as long as it lives: for root nothing is forbidden.
class AsNobody {
 public:
  AsNobody() {
    if (geteuid() == 0) {
      EXPECT_EQ(seteuid(65534), 0);
    }
  }
  ~AsNobody() {
    if (getuid() == 0) {
      EXPECT_EQ(seteuid(0), 0);
    }
  }
};

class AccessTest : public testing::Test {
 protected:
  std::string FileOf(const std::string& name) const { return member_.directory() + "/" + name; }
  std::string Fault() {
    const absl::Status status = Profile::Open(member_.context()).status();
    EXPECT_EQ(ExitCodeOf(status), kUsage) << status;
    return std::string(status.message());
  }

  TestNetwork network_ = TestNetwork::Example(TestNetwork::AnyTime());
  TestMember member_{network_, "politie/wijkagent"};
};

TEST_F(AccessTest, AnUnreadableProfileIsNotCalledAbsent) {
  for (const std::string& closed : {member_.directory(), FileOf("profile.sealed")}) {
    ASSERT_EQ(chmod(closed.c_str(), 0), 0);
    {
      const AsNobody nobody;
      EXPECT_THAT(Fault(), HasSubstr("Permission denied")) << closed;
      EXPECT_THAT(Fault(), Not(HasSubstr("there is no profile"))) << closed;
      EXPECT_THAT(std::string(Profile::Open(member_.directory(), test::kPassphrase).status().message()),
                  HasSubstr("Permission denied"));
    }
    ASSERT_EQ(chmod(closed.c_str(), 0700), 0);
  }
  member_.context().profile_dir += "-elsewhere";
  EXPECT_THAT(Fault(), HasSubstr("there is no profile in '"));
}

TEST_F(AccessTest, AProfileThatOthersCanGetAtIsWarnedOf) {
  ASSERT_TRUE(Profile::Open(member_.context()).ok());
  EXPECT_THAT(member_.err(), Not(HasSubstr("chmod")));
  ASSERT_EQ(chmod(FileOf("profile.sealed").c_str(), 0644), 0);
  ASSERT_TRUE(Profile::Open(member_.context()).ok());
  EXPECT_THAT(member_.err(), HasSubstr("(rechten 0644)"));
  EXPECT_THAT(member_.err(), HasSubstr("chmod go-rwx '" + FileOf("profile.sealed") + "'"));
  ASSERT_EQ(chmod(member_.directory().c_str(), 0750), 0);
  ASSERT_TRUE(Profile::Open(member_.context()).ok());
  EXPECT_THAT(member_.err(), HasSubstr("(rechten 0750)"));
}

}  // namespace
}  // namespace seinpost::client
