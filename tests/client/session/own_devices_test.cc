// SPDX-License-Identifier: EUPL-1.2
#include "client/session/own_devices.h"

#include "client/device/commands.h"
#include "client/signal/info_commands.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/test_member.h"

namespace seinpost::client {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kMember[] = "politie/wijkagent";

class OwnDevicesTest : public testing::Test {
 protected:
  test::TestNetwork network_ = test::TestNetwork::Example(test::TestNetwork::AnyTime());
  test::TestMember member_{network_, kMember};
  test::TestLog log_{network_};
  test::FakeBroker broker_{network_, log_, member_.clock()};
};

TEST_F(OwnDevicesTest, TheFirstVisitTakesWhatIsThereAsKnownAndSaysSo) {
  const std::unique_ptr<Session> session = member_.OpenSession(broker_);
  ASSERT_TRUE(session->SyncDirectory().ok());
  const std::string there = ToHex(network_.device(kMember).id);
  EXPECT_THAT(member_.err(), HasSubstr("als bekend aangenomen: " + there));
  EXPECT_THAT(member_.err(), Not(HasSubstr(ToHex(session->own_device_id()))));
  EXPECT_THAT(member_.err(), Not(HasSubstr("ALARM")));
  const size_t said = member_.err().size();
  ASSERT_TRUE(session->SyncDirectory().ok());
  member_.OpenSession();
  EXPECT_EQ(member_.err().size(), said);  // once
}

TEST_F(OwnDevicesTest, HostileGhostDeviceIsAnAlarmUntilItIsAcknowledged) {
  const std::unique_ptr<Session> session = member_.OpenSession(broker_);
  ASSERT_TRUE(session->SyncDirectory().ok());
  const std::string ghost = ToHex(network_.AddDevice(kMember).id);
  const std::string elsewhere = ToHex(network_.AddDevice("school/zorgcoordinator").id);
  log_.TakeObjects();
  ASSERT_TRUE(session->SyncDirectory().ok());
  EXPECT_THAT(member_.err(), HasSubstr("ALARM: er is een apparaat op uw naam dat u niet kent: " + ghost));
  EXPECT_THAT(member_.err(), Not(HasSubstr(elsewhere)));
  // Every command says so, also one without the broker.
  size_t said = member_.err().size();
  ASSERT_TRUE(WhoAmI(member_.context()).ok());
  EXPECT_THAT(member_.err().substr(said), HasSubstr("ALARM"));

  EXPECT_EQ(ExitCodeOf(DeviceAcknowledge(member_.context(), "zz")), kUsage);
  EXPECT_EQ(ExitCodeOf(DeviceAcknowledge(member_.context(), elsewhere)), kUsage);
  EXPECT_EQ(DeviceAcknowledge(member_.context(), ghost), absl::OkStatus());
  said = member_.err().size();
  ASSERT_TRUE(WhoAmI(member_.context()).ok());
  EXPECT_EQ(member_.err().substr(said), "");
}

// Prekeys are destroyed by any command, with or without a broker, once the log has said what time it is.
TEST_F(OwnDevicesTest, AnyCommandDestroysPrekeysWhoseTimeHasCome) {
  member_.Synchronise(network_, log_);
  ASSERT_FALSE(member_.OpenProfile().prekeys().empty());
  member_.clock().Advance(absl::Hours(24 * 365 * 12));
  member_.OpenSession();
  EXPECT_FALSE(member_.OpenProfile().prekeys().empty()) << "the clock alone says so";
  member_.Synchronise(network_, log_);
  member_.OpenSession();
  EXPECT_TRUE(member_.OpenProfile().prekeys().empty());
}

TEST_F(OwnDevicesTest, ASyncPublishesPrekeysOfANewMonth) {
  const std::unique_ptr<Session> session = member_.OpenSession(broker_);
  ASSERT_TRUE(session->SyncDirectory().ok());
  EXPECT_EQ(broker_.publications, 0);
  EXPECT_FALSE(session->PrekeysDue());
  member_.clock().Advance(absl::Hours(24 * 31));
  EXPECT_TRUE(session->PrekeysDue());
  ASSERT_TRUE(session->SyncDirectory().ok());
  EXPECT_EQ(broker_.publications, 1);
  EXPECT_FALSE(session->PrekeysDue());
  EXPECT_EQ(session->directory().size(), network_.objects().size());
}

// Two commands at once on one profile: each ends well, and neither undoes what the other did.
TEST_F(OwnDevicesTest, TwoSessionsOfOneProfileLoseNothing) {
  const std::unique_ptr<Session> one = member_.OpenSession(broker_), two = member_.OpenSession(broker_);
  ASSERT_TRUE(one->SyncDirectory().ok());
  ASSERT_TRUE(two->SyncDirectory().ok());
  member_.clock().Advance(absl::Hours(24 * 31));
  ASSERT_TRUE(one->SyncDirectory().ok());  // publishes the new month
  ASSERT_TRUE(two->SyncDirectory().ok());  // finds it there
  EXPECT_EQ(broker_.publications, 1);
  log_.Append(Digest{1});
  ASSERT_TRUE(two->SyncDirectory().ok());
  ASSERT_TRUE(one->state()
                  .Update([](StateData& data) {
                    data.cursor = 7;
                    return absl::OkStatus();
                  })
                  .ok());
  const std::unique_ptr<Session> later = member_.OpenSession(broker_);
  EXPECT_EQ(later->checkpoint()->size, log_.size());
  EXPECT_EQ(later->directory().size(), network_.objects().size());
  EXPECT_EQ(later->state().Load()->cursor, 7u);
  // Every published prekey of this device has its secret.
  for (const trust::PrekeyEntry* prekey : later->directory().PrekeysOf(later->own_device_id())) {
    EXPECT_NE(later->profile().FindPrekey(prekey->prekey_id), nullptr);
  }
}

}  // namespace
}  // namespace seinpost::client
