// SPDX-License-Identifier: EUPL-1.2
// Step 7, one failure at a time. Whatever a hostile sender can sign is signed properly, so that only
// the step under test can object.
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
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
using test::Net;
using test::Resigned;
using test::SealOrDie;
using test::Small;
using test::SmallPlan;
using test::TestNetwork;
using test::VerifyAll;

absl::Status AllAtBroker(const pb::Envelope& envelope) {
  return VerifyAll(envelope, Net().directory(), AsBroker(Net())).status();
}

absl::Status AllAtRecipient(const pb::Envelope& envelope) {
  return VerifyAll(envelope, Net().directory(), AsRecipient(Net())).status();
}

TEST(Step7, RefusesEveryBrokenDescriptor) {
  using D = pb::PartDescriptor;
  const Bytes officer = Net().member("gemeente/privacy-officer");
  const auto& reader = Net().device(kReader);
  const trust::PrekeyEntry* other_class = Net().directory().PrekeyFor(reader.id, "naam", kNow);
  const trust::PrekeyEntry* other_month =
      Net().directory().PrekeyFor(reader.id, "casus", kNow + absl::Hours(31 * 24));
  const auto of_reader = [&reader](D& d) {
    for (pb::Recipient& recipient : *d.mutable_recipients()) {
      if (recipient.device_id() == reader.id) return &recipient;
    }
    std::abort();
  };
  const struct {
    const char* name;
    std::function<void(D&)> spoil;
    StatusCode code;
    const char* text;
  } cases[] = {
      {"no kind", [](D& d) { d.clear_kind(); }, StatusCode::kInvalidArgument, "descriptor.kind"},
      {"unknown kind", [](D& d) { d.set_kind(static_cast<pb::PartKind>(7)); }, StatusCode::kInvalidArgument,
       "descriptor.kind"},
      {"short ct_hash", [](D& d) { d.set_ct_hash("x"); }, StatusCode::kInvalidArgument, "ct_hash"},
      {"short commit", [](D& d) { d.set_commit("x"); }, StatusCode::kInvalidArgument, "commit"},
      {"padded_len", [](D& d) { d.set_padded_len(1000); }, StatusCode::kPermissionDenied, "padded_len"},
      {"share_commits", [](D& d) { d.add_share_commits(Bytes(32, 's')); }, StatusCode::kPermissionDenied,
       "share_commits"},
      {"no class", [](D& d) { d.clear_retention_class(); }, StatusCode::kInvalidArgument, "retention_class"},
      {"unknown class", [](D& d) { d.set_retention_class("eeuwig"); }, StatusCode::kPermissionDenied,
       "retention_class"},
      {"expired when made", [](D& d) { d.set_expires(absl::ToUnixSeconds(kNow)); },
       StatusCode::kPermissionDenied, "expires: not after created"},
      {"kept beyond the cap",
       [](D& d) { d.set_expires(absl::ToUnixSeconds(kNow + absl::Hours(24 * 366 * 3))); },
       StatusCode::kPermissionDenied, "expires: later than the cap"},
      {"no recipients", [](D& d) { d.clear_recipients(); }, StatusCode::kInvalidArgument, "recipients: none"},
      {"401 recipients",
       [](D& d) {
         while (d.recipients_size() < 401) d.add_recipients()->set_group(1);
       },
       StatusCode::kResourceExhausted, "recipients: more than 400"},
      {"recipients unsorted", [](D& d) { d.mutable_recipients()->SwapElements(0, 1); },
       StatusCode::kInvalidArgument, "recipients: not sorted"},
      {"recipient twice", [](D& d) { *d.add_recipients() = d.recipients(1); }, StatusCode::kPermissionDenied,
       "recipients: one device twice"},
      {"share group", [](D& d) { d.mutable_recipients(1)->set_group(1); }, StatusCode::kPermissionDenied,
       "recipients.group"},
      {"uncertified device", [](D& d) { d.mutable_recipients(1)->set_device_id(Bytes(16, '\xff')); },
       StatusCode::kPermissionDenied, "recipients.device_id: not certified"},
      {"short device", [](D& d) { d.mutable_recipients(1)->set_device_id("d"); },
       StatusCode::kInvalidArgument, "recipients.device_id"},
      {"unlogged prekey", [](D& d) { d.mutable_recipients(1)->set_prekey_id(Bytes(32, 'x')); },
       StatusCode::kPermissionDenied, "recipients.prekey_id: not in the directory"},
      {"foreign prekey", [](D& d) { d.mutable_recipients(1)->set_prekey_id(d.recipients(0).prekey_id()); },
       StatusCode::kPermissionDenied, "recipients.prekey_id: of another device"},
      {"prekey of another class", [&](D& d) { of_reader(d)->set_prekey_id(other_class->prekey_id); },
       StatusCode::kPermissionDenied, "recipients.prekey_id: of another retention class"},
      {"prekey of another month", [&](D& d) { of_reader(d)->set_prekey_id(other_month->prekey_id); },
       StatusCode::kPermissionDenied, "recipients.prekey_id: not open for sealing"},
      {"short wrap_hash", [](D& d) { d.mutable_recipients(0)->set_wrap_hash("w"); },
       StatusCode::kInvalidArgument, "recipients.wrap_hash"},
      {"unreached unsorted",
       [](D& d) {
         d.add_unreached(Bytes(16, 'b'));
         d.add_unreached(Bytes(16, 'a'));
       },
       StatusCode::kInvalidArgument, "unreached: not sorted"},
      {"unreached unknown", [](D& d) { d.add_unreached(Bytes(16, 'b')); }, StatusCode::kPermissionDenied,
       "unreached: not certified"},
      {"unreached and reached", [&](D& d) { d.add_unreached(reader.id); }, StatusCode::kPermissionDenied,
       "unreached: a device that is a recipient"},
      {"justifies in a narrative", [&](D& d) { d.add_justifies(officer); }, StatusCode::kPermissionDenied,
       "justifies: in a part that is no justification"},
      {"justifies one twice",
       [&](D& d) {
         d.add_justifies(officer);
         d.add_justifies(officer);
       },
       StatusCode::kInvalidArgument, "justifies: not sorted"},
      {"tie in a narrative",
       [&](D& d) {
         d.add_ties()->set_member_ref(reader.member_ref);
         d.mutable_ties(0)->set_tie("school");
       },
       StatusCode::kPermissionDenied, "ties: in a part that is not judged at L2"},
      {"unknown tie",
       [&](D& d) {
         d.set_kind(pb::PART_KIND_CARE);
         d.add_ties()->set_member_ref(reader.member_ref);
         d.mutable_ties(0)->set_tie("friend");
       },
       StatusCode::kInvalidArgument, "ties.tie"},
      {"tie of a stranger",
       [&](D& d) {
         d.set_kind(pb::PART_KIND_CARE);
         d.add_ties()->set_member_ref(officer);
         d.mutable_ties(0)->set_tie("school");
       },
       StatusCode::kPermissionDenied, "ties.member_ref: not a recipient"},
      {"tie twice",
       [&](D& d) {
         d.set_kind(pb::PART_KIND_CARE);
         for (int i = 0; i < 2; ++i) d.add_ties()->set_member_ref(reader.member_ref);
         for (int i = 0; i < 2; ++i) d.mutable_ties(i)->set_tie("school");
       },
       StatusCode::kInvalidArgument, "ties: not sorted"},
  };
  for (const auto& c : cases) {
    const pb::Envelope envelope = Resigned(Net(), Small().envelope, {}, c.spoil);
    ExpectStep(AllAtBroker(envelope), c.code, absl::StrCat("step 7: ", c.text), c.name);
  }
  pb::Envelope envelope = Small().envelope;
  envelope.mutable_parts(0)->mutable_descriptor_bytes()->append(FromHex("6001").value());
  ExpectStep(AllAtBroker(envelope), StatusCode::kInvalidArgument, "step 7: descriptor", "unknown field");
}

TEST(Step7, RefusesRecipientsWhoseCertificateHadEnded) {
  // Queued yesterday, before the network's certificates began.
  const pb::Envelope envelope = Resigned(Net(), Small().envelope, [](pb::Core& c) {
    c.set_queued(true);
    c.set_created(absl::ToUnixSeconds(kNow - absl::Hours(24)) - 60);
  });
  VerifyOptions options = AsBroker(Net());
  options.now = kNow - absl::Hours(1);
  ExpectStep(VerifyAll(envelope, Net().directory(), options).status(), StatusCode::kPermissionDenied,
             "step 7: recipients.device_id: not valid at that time", "before the certificate");
}

TEST(Step7, RefusesADeliveryToAnotherDevice) {
  const pb::Envelope delivered = Delivered(Small().envelope, Net().device(kReader));
  EXPECT_TRUE(AllAtRecipient(delivered).ok());
  ExpectStep(VerifyAll(delivered, Net().directory(), AsRecipient(Net(), "wijkteam/medewerker")).status(),
             StatusCode::kPermissionDenied, "step 7: recipients: not this device",
             "delivered to the wrong one");
}

}  // namespace
}  // namespace seinpost::envelope
