// SPDX-License-Identifier: EUPL-1.2
// Step 7, the exact key set (R18): every device that the sender could know of stands where it belongs. What a
// hostile sender can sign is signed properly, so that only this step can object.
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "crypto/hash.h"
#include "envelope/limits.h"
#include "envelope/verify.h"
#include "tests/envelope/expect_step.h"
#include "tests/envelope/signals.h"
#include "trust/objects.h"
#include "trust/strict.h"

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
using test::VerifyAll;

// Takes a device out of the recipients.
void Drop(pb::PartDescriptor& descriptor, const TestDevice& device) {
  for (int i = 0; i < descriptor.recipients_size(); ++i) {
    if (descriptor.recipients(i).device_id() != device.id) continue;
    descriptor.mutable_recipients()->DeleteSubrange(i, 1);
    return;
  }
}

// Puts a device among the recipients, in its place.
void Insert(pb::PartDescriptor& descriptor, const TestDevice& device, const Bytes& prekey_id) {
  pb::Recipient* added = descriptor.add_recipients();
  added->set_device_id(device.id);
  added->set_prekey_id(prekey_id);
  added->set_wrap_hash(Bytes(32, 'w'));
  for (int i = descriptor.recipients_size() - 1; i > 0; --i) {
    if (descriptor.recipients(i - 1).device_id() < descriptor.recipients(i).device_id()) break;
    descriptor.mutable_recipients()->SwapElements(i - 1, i);
  }
}

void SetUnreached(pb::PartDescriptor& descriptor, std::set<Bytes> ids) {
  ids.insert(descriptor.unreached().begin(), descriptor.unreached().end());
  descriptor.mutable_unreached()->Assign(ids.begin(), ids.end());
}

// A prekey whose window began a day after the month.
Bytes LaterPrekey(const TestNetwork& network, const TestDevice& of) {
  const trust::PrekeyEntry* monthly = network.directory().PrekeyFor(of.id, "casus", kNow);
  pb::Prekey prekey;
  prekey.set_version(1);
  prekey.set_suite_id(1);
  prekey.set_convenant_id("plaats");
  prekey.set_device_id(of.id);
  prekey.set_hpke_pk(ToBytes(crypto::HpkeKeyPair::FromSecret(TestNetwork::SecretNamed("later")).public_key));
  prekey.set_retention_class("casus");
  prekey.set_seal_from(absl::ToUnixSeconds(monthly->seal_from + absl::Hours(24)));
  prekey.set_seal_until(absl::ToUnixSeconds(monthly->seal_until));
  prekey.set_delete_after(absl::ToUnixSeconds(monthly->delete_after));
  return trust::SignObject(pb::OBJECT_KIND_PREKEY, trust::StrictSerialize(prekey), ToHex(of.id), of.key);
}

// The reader has two devices that can be reached, one without prekeys, and one that was lost.
struct Fixture {
  Fixture() {
    network.Add(network.RevokeDeviceObject(lost));
    envelope = SealOrDie(network, SmallPlan(network)).envelope;
  }
  absl::Status Verify(const pb::Envelope& changed, const trust::AsOf& as_of = {}) const {
    VerifyOptions options = AsBroker(network);
    options.as_of = as_of;
    return VerifyAll(changed, network.directory(), options).status();
  }
  const Bytes& PrekeyOf(const TestDevice& device) const {
    return network.directory().PrekeyFor(device.id, "casus", kNow)->prekey_id;
  }

  TestNetwork network = TestNetwork::Example(kNow);
  const TestDevice& reader = network.device(kReader);
  const TestDevice& own = network.AddDevice(kSender);
  const TestDevice& phone = network.AddDevice(kReader);
  const TestDevice& bare = network.AddDevice(kReader, /*with_prekeys=*/false);
  const TestDevice& lost = network.AddDevice(kReader);
  const TestDevice& stranger = network.device("wijkteam/medewerker");
  pb::Envelope envelope;
};

const Fixture& Fixed() {
  static const Fixture* fixture = new Fixture();
  return *fixture;
}

// Signed anew with spoiled descriptors, and with as many wraps as these have recipients.
pb::Envelope Spoiled(const TestNetwork& network, const pb::Envelope& envelope,
                     const std::function<void(pb::PartDescriptor&)>& spoil) {
  const Bytes wrap(kWrapBytes, 'w');
  pb::Envelope changed = Resigned(network, envelope, {}, [&](pb::PartDescriptor& descriptor) {
    spoil(descriptor);
    for (pb::Recipient& recipient : *descriptor.mutable_recipients()) {
      recipient.set_wrap_hash(ToBytes(crypto::Sha256(wrap)));
    }
  });
  for (pb::Part& part : *changed.mutable_parts()) {
    part.clear_wraps();
    for (int i = 0; i < test::DescriptorOf(part).recipients_size(); ++i) part.add_wraps(wrap);
  }
  return changed;
}

TEST(R18, EveryDeviceStandsWhereItBelongs) {
  const Fixture& f = Fixed();
  using D = pb::PartDescriptor;
  const struct {
    const char* name;
    std::function<void(D&)> spoil;
    const char* text;
  } cases[] = {
      {"a device of a recipient is left out", [&](D& d) { Drop(d, f.phone); },
       "recipients: a device of a chosen member is missing"},
      {"a device of the sender is left out", [&](D& d) { Drop(d, f.own); },
       "recipients: a device of a chosen member is missing"},
      {"the sender is left out altogether",
       [&](D& d) {
         Drop(d, f.own);
         Drop(d, f.network.device(kSender));
       },
       "recipients: a device of a chosen member is missing"},
      {"an unreached device is left out", [](D& d) { d.clear_unreached(); },
       "recipients: a device of a chosen member is missing"},
      {"a device with a prekey counts as unreached",
       [&](D& d) {
         Drop(d, f.phone);
         SetUnreached(d, {f.phone.id});
       },
       "unreached: a device that has a prekey"},
      {"in both", [&](D& d) { SetUnreached(d, {f.phone.id}); }, "unreached: a device that is a recipient"},
      {"only one device of a member is named", [&](D& d) { SetUnreached(d, {f.stranger.id}); },
       "unreached: a device that has a prekey"},
      {"a lost device is sealed to", [&](D& d) { Insert(d, f.lost, f.PrekeyOf(f.lost)); },
       "recipients.device_id: not valid at that time"},
      {"a lost device counts as unreached", [&](D& d) { SetUnreached(d, {f.lost.id}); },
       "unreached: not valid at that time"},
      {"a device without prekey by another's",
       [&](D& d) {
         d.clear_unreached();
         Insert(d, f.bare, f.PrekeyOf(f.phone));
       },
       "recipients.prekey_id: of another device"},
  };
  ASSERT_TRUE(f.Verify(f.envelope).ok());
  for (const auto& c : cases) {
    const pb::Envelope changed = Spoiled(f.network, f.envelope, c.spoil);
    ExpectStep(f.Verify(changed), StatusCode::kPermissionDenied, absl::StrCat("step 7: ", c.text), c.name);
    // Whoever gets it sees it too, though he is not the one left out.
    ExpectStep(
        VerifyAll(Delivered(changed, f.reader), f.network.directory(), AsRecipient(f.network)).status(),
        StatusCode::kPermissionDenied, absl::StrCat("step 7: ", c.text), c.name);
  }
}

TEST(R18, TheNewestPrekeyIsSealedTo) {
  Fixture f;
  f.network.Add(LaterPrekey(f.network, f.phone));
  ExpectStep(f.Verify(f.envelope), StatusCode::kPermissionDenied,
             "step 7: recipients.prekey_id: not the newest of its device", "it has a later one");
  EXPECT_TRUE(f.Verify(SealOrDie(f.network, SmallPlan(f.network)).envelope).ok());
}

// The sender is held to what he had seen: no more, no less.
TEST(R18, KeySetsAreJudgedAsOfTheSendersCheckpoint) {
  TestNetwork network = TestNetwork::Example(kNow);
  const trust::DirSize before = network.directory().size();
  SignalPlan plan = SmallPlan(network);
  const TestDevice& phone = network.AddDevice(kReader, /*with_prekeys=*/false);
  const trust::DirSize certified = network.directory().size();
  network.Add(network.PrekeyObject(phone, "casus", 0));
  const trust::DirSize published = network.directory().size();
  network.Add(network.RevokeDeviceObject(phone));
  const trust::DirSize sizes[] = {before, certified, published, network.directory().size()};
  for (const trust::DirSize sealed_on : sizes) {
    plan.keys = sealed_on;
    const SealedSignal sealed = SealOrDie(network, plan);
    EXPECT_EQ(sealed.unreached.size(), sealed_on == certified ? 1u : 0u);
    for (const trust::DirSize judged_by : sizes) {
      VerifyOptions options = AsBroker(network);
      options.as_of.keys = judged_by;
      // Once it was revoked things are as they were before it came.
      const auto view = [&](trust::DirSize size) { return size == sizes[3] ? before : size; };
      EXPECT_EQ(VerifyAll(sealed.envelope, network.directory(), options).ok(),
                view(sealed_on) == view(judged_by))
          << sealed_on << " judged by " << judged_by;
    }
  }
  // What came after the sender looked is no part of what he could seal to.
  plan.keys = published;
  const pb::Envelope ghost = SealOrDie(network, plan).envelope;
  VerifyOptions options = AsBroker(network);
  options.as_of.keys = before;
  ExpectStep(VerifyAll(ghost, network.directory(), options).status(), StatusCode::kPermissionDenied,
             "step 7: recipients.device_id: not certified", "a device from nowhere");
  options.as_of.keys = certified;
  ExpectStep(VerifyAll(ghost, network.directory(), options).status(), StatusCode::kPermissionDenied,
             "step 7: recipients.prekey_id: not in the directory", "a prekey from nowhere");
  plan.keys = certified;
  options.as_of.keys = before;
  ExpectStep(VerifyAll(SealOrDie(network, plan).envelope, network.directory(), options).status(),
             StatusCode::kPermissionDenied, "step 7: unreached: not certified", "unreached from nowhere");
}

}  // namespace
}  // namespace seinpost::envelope
