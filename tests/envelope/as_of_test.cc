// SPDX-License-Identifier: EUPL-1.2
// A signal is judged by what the log held before its own leaf: who could act, and which version of the
// convenant was in force (steps 2 and 4); by what its sender had seen where he could know no more (step 7).
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "crypto/hash.h"
#include "envelope/verify.h"
#include "tests/envelope/expect_step.h"
#include "tests/envelope/signals.h"

namespace seinpost::envelope {
namespace {

namespace pb = seinpost::v1;
using absl::StatusCode;
using test::AsBroker;
using test::AsRecipient;
using test::Delivered;
using test::ExpectStep;
using test::kNow;
using test::kReader;
using test::kSender;
using test::Resigned;
using test::SealOrDie;
using test::SmallPlan;
using test::TestDevice;
using test::TestNetwork;

absl::Status AtReader(const TestNetwork& network, const pb::Envelope& sent, const trust::AsOf& as_of) {
  VerifyOptions options = AsRecipient(network);
  options.as_of = as_of;
  return VerifyEnvelope(Delivered(sent, network.device(kReader)), network.directory(), options).status();
}

// Revoked later is fine, revoked before the signal's own leaf is not, and neither is certified after it.
TEST(Step2, JudgesTheSenderAsOfTheSignalsLeaf) {
  TestNetwork network = TestNetwork::Example(kNow);
  const trust::DirSize before = network.directory().size();
  const TestDevice& sender = network.AddDevice(kSender);
  const trust::DirSize enrolled = network.directory().size();
  const absl::StatusOr<SealedSignal> sealed =
      Seal(SmallPlan(network), network.directory(), sender.id, sender.key);
  ASSERT_TRUE(sealed.ok()) << sealed.status();
  network.Add(network.RevokeDeviceObject(sender));
  const trust::DirSize revoked = network.directory().size();
  const auto as_of = [&](trust::DirSize authority) {
    return AtReader(network, sealed->envelope, {.authority = authority, .keys = enrolled});
  };
  EXPECT_TRUE(as_of(enrolled).ok()) << as_of(enrolled);
  ExpectStep(as_of(revoked), StatusCode::kUnauthenticated, "step 2: sender_device: revoked", "revoked");
  ExpectStep(as_of(before), StatusCode::kUnauthenticated, "step 2: sender_device: not certified",
             "backdated");
}

// A recipient's device that was lost after the sender looked, but before the signal was logged.
TEST(Step7, ADeviceRevokedMeanwhileIsNoFault) {
  TestNetwork network = TestNetwork::Example(kNow);
  const TestDevice& phone = network.AddDevice(kReader);
  const trust::DirSize seen = network.directory().size();
  const pb::Envelope sent = SealOrDie(network, SmallPlan(network)).envelope;
  network.Add(network.RevokeDeviceObject(phone));
  const trust::DirSize logged = network.directory().size();
  EXPECT_TRUE(AtReader(network, sent, {.authority = logged, .keys = seen}).ok());
  ExpectStep(AtReader(network, sent, {.authority = logged, .keys = logged}), StatusCode::kPermissionDenied,
             "step 7: recipients.device_id: not valid at that time", "had the sender seen it");
}

TEST(Step1, NothingIsVerifiedBeforeTheFirstConvenant) {
  const TestNetwork network = TestNetwork::Example(kNow);
  const pb::Envelope sent = SealOrDie(network, SmallPlan(network)).envelope;
  ExpectStep(AtReader(network, sent, {.authority = 0}), StatusCode::kFailedPrecondition,
             "step 1: the directory has no convenant", "as of nothing");
}

// What was sent under a version stays right when the next one comes, and nobody sends under another one.
TEST(Step4, AsksForTheVersionInForceWhenTheSignalWasLogged) {
  TestNetwork network = TestNetwork::Example(kNow);
  const pb::Envelope first = SealOrDie(network, SmallPlan(network)).envelope;
  const Digest first_hash = network.directory().convenant_hash();
  const trust::DirSize before = network.directory().size();
  network.Add(network.SuccessorObject());
  const trust::DirSize after = network.directory().size();
  const pb::Envelope second = SealOrDie(network, SmallPlan(network)).envelope;
  const std::string stale = "step 4: convenant_version: not the one in force";

  EXPECT_TRUE(AtReader(network, first, {.authority = before}).ok());
  EXPECT_TRUE(AtReader(network, second, {.authority = after}).ok());
  EXPECT_TRUE(VerifyEnvelope(second, network.directory(), AsBroker(network)).ok());
  ExpectStep(VerifyEnvelope(first, network.directory(), AsBroker(network)).status(),
             StatusCode::kFailedPrecondition, stale, "the broker takes the newest only");
  ExpectStep(AtReader(network, first, {.authority = after}), StatusCode::kFailedPrecondition, stale,
             "an old version");
  ExpectStep(AtReader(network, second, {.authority = before}), StatusCode::kFailedPrecondition, stale,
             "a version before its time");
  // The number of one, the file of another.
  const auto mixed = [&](pb::Core& core) { core.set_convenant_hash(ToBytes(first_hash)); };
  ExpectStep(AtReader(network, Resigned(network, second, mixed), {.authority = after}),
             StatusCode::kFailedPrecondition, "step 4: convenant_hash", "another file");
}

// Takes a party out of the text of a convenant.
void Leave(const std::string& party, std::string& yaml) {
  const size_t begin = yaml.find(absl::StrCat("\n  ", party, ":\n")) + 1;
  size_t end = begin;
  do {
    end = yaml.find('\n', end) + 1;
  } while (yaml.compare(end, 3, "   ") == 0);
  yaml.erase(begin, end - begin);
}

TEST(Step2, WhoseOrganisationHasLeftSendsNothing) {
  TestNetwork network = TestNetwork::Example(kNow);
  const TestDevice& sender = network.device("jongerenwerk/jongerenwerker");
  const pb::Envelope first =
      Seal(SmallPlan(network), network.directory(), sender.id, sender.key).value().envelope;
  const trust::DirSize before = network.directory().size();
  network.Add(network.SuccessorObject([](std::string& yaml) { Leave("jongerenwerk", yaml); }));
  ASSERT_EQ(network.convenant().FindParty("jongerenwerk"), nullptr);
  const auto under_second = [&](pb::Core& core) {
    core.set_convenant_version(2);
    core.set_convenant_hash(ToBytes(network.directory().convenant_hash()));
  };
  const pb::Envelope second = Resigned(network, first, under_second, {}, &sender.key);
  EXPECT_TRUE(AtReader(network, first, {.authority = before, .keys = before}).ok());
  ExpectStep(AtReader(network, second, {.authority = network.directory().size(), .keys = before}),
             StatusCode::kUnauthenticated, "step 2: sender_device: revoked", "left");
}

// The cap is that of the version the signal was sent under.
TEST(Step7, ExpiresIsJudgedByTheVersionOfThen) {
  TestNetwork network = TestNetwork::Example(kNow);
  SignalPlan plan = SmallPlan(network);
  plan.parts[0].expires = kNow + network.convenant().FindRetention("casus")->cap;
  const pb::Envelope first = SealOrDie(network, plan).envelope;
  const trust::DirSize before = network.directory().size();
  const absl::Duration cap = network.convenant().FindRetention("casus")->cap;
  network.Add(network.SuccessorObject([](std::string& yaml) {
    const size_t casus = yaml.find("\n  casus:");
    const size_t digits = yaml.find("cap:", casus) + 5;
    yaml.replace(digits, yaml.find_first_not_of("0123456789", digits) - digits, "23");
  }));
  ASSERT_LT(network.convenant().FindRetention("casus")->cap, cap);
  EXPECT_TRUE(AtReader(network, first, {.authority = before}).ok());
  const auto as_second = [&](pb::Core& core) {
    core.set_convenant_version(2);
    core.set_convenant_hash(ToBytes(network.directory().convenant_hash()));
  };
  ExpectStep(AtReader(network, Resigned(network, first, as_second), {.authority = before + 1}),
             StatusCode::kPermissionDenied, "step 7: expires: later than the cap", "a shorter cap");
}

}  // namespace
}  // namespace seinpost::envelope
