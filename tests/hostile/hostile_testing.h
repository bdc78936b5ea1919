// SPDX-License-Identifier: EUPL-1.2
// What the tests of hostile brokers share: a liar before an honest broker, clients who reach the liar, and
// what it means to be caught.
#ifndef SEINPOST_TESTS_HOSTILE_HOSTILE_TESTING_H_
#define SEINPOST_TESTS_HOSTILE_HOSTILE_TESTING_H_

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/envelope/signals.h"
#include "tests/hostile/forge.h"
#include "tests/hostile/hostile_broker.h"
#include "tests/testing/live.h"

namespace seinpost::test {

// Another member of the example network whose device key the test knows, and who is no live member: whoever
// the broker has on its side.
inline constexpr char kAccomplice[] = "school/teamleider";

// A leaf that the log never comes to, so that its receipt is not due for ten minutes.
inline constexpr uint64_t kNeverLeaf = 1'000'000;

class Hostile : public testing::Test {
 protected:
  TestNetwork& network() { return broker_.network(); }
  absl::Time now() { return broker_.clock().Now(); }
  uint64_t NextLeaf() { return broker_.test().LogSize(); }

  // `plan` sealed and signed by `profile`'s device of the lab, to those who are in the directory now; not
  // submitted.
  v1::Envelope SealedBy(absl::string_view profile, const envelope::SignalPlan& plan);
  v1::Envelope SealedBy(absl::string_view profile) { return SealedBy(profile, SmallPlan(network())); }
  // The delivery that `member` would get with the next `signal list`, which gets nothing instead.
  v1::Delivery Intercept(LiveMember& member);
  // From now on whoever asks for mail gets these and nothing else. Their cursors are made to rise from call
  // to call.
  void DeliverOnly(std::vector<v1::Delivery> deliveries);
  // Instead: what the liar makes for `member` of an envelope that was never submitted, with a receipt for the
  // leaf that comes next.
  void Slip(const v1::Envelope& envelope, const LiveMember& member);
  // `signal open` of such a signal is answered: the reading looks logged, the wraps are those of the
  // envelope.
  void AnswerOpenOf(const v1::Envelope& envelope, const LiveMember& member);
  // A good receipt for a request to open, and nothing else.
  v1::OpenReply LoggedReading(const v1::OpenRequest& request);

  // The command ended with exit code 5 and a sentence that says `sentence`, and showed nothing else.
  static void ExpectCaught(const Ran& ran, const std::string& sentence);
  // `signal list` tells that something was delivered that does not verify, keeps no more than there was, and
  // the local log says why.
  static void ExpectRefused(LiveMember& member, const std::string& reason);
  static size_t Kept(const LiveMember& member) { return member.OpenState().ListDeliveries()->size(); }
  LiveBroker broker_;
  uint64_t cursor_ = 1'000'000;  // of deliveries made up
  HostileBroker liar_{broker_};
};

}  // namespace seinpost::test

#endif  // SEINPOST_TESTS_HOSTILE_HOSTILE_TESTING_H_
