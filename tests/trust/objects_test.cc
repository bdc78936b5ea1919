// SPDX-License-Identifier: EUPL-1.2
#include "trust/objects.h"

#include <gtest/gtest.h>

#include <set>

#include "absl/strings/match.h"
#include "tests/testing/network.h"
#include "trust/fields.h"
#include "trust/labels.h"
#include "trust/strict.h"

namespace seinpost::trust {
namespace {

namespace pb = seinpost::v1;
using test::TestNetwork;

crypto::SigningKey Key(absl::string_view name) {
  return crypto::SigningKey::FromSeed(TestNetwork::SecretNamed(name));
}

TEST(Labels, DifferForEveryKind) {
  std::set<std::string> labels = {kDeviceRequestLabel, kSessionLabel,    kHeaderLabel,  kOpenLabel,
                                  kDenialLabel,        kAuditQueryLabel, kDeviceIdLabel};
  const size_t others = labels.size();
  for (int kind = 1; kind <= 6; ++kind) labels.insert(LabelOf(static_cast<pb::ObjectKind>(kind)).value());
  EXPECT_EQ(labels.size(), others + 6);
  for (const std::string& label : labels) EXPECT_TRUE(absl::StartsWith(label, "seinpost/v1/")) << label;
  EXPECT_FALSE(LabelOf(pb::OBJECT_KIND_UNSPECIFIED).ok());
  EXPECT_FALSE(LabelOf(static_cast<pb::ObjectKind>(7)).ok());
}

TEST(DeviceId, IsBoundToTheKey) {
  EXPECT_EQ(DeviceIdOf(View(Key("a").public_key())).size(), 16u);
  EXPECT_NE(DeviceIdOf(View(Key("a").public_key())), DeviceIdOf(View(Key("b").public_key())));
}

TEST(SignObject, GivesWhatParsesAndVerifies) {
  const crypto::SigningKey key = Key("issuer");
  const Bytes object = SignObject(pb::OBJECT_KIND_MANDATE, "body", "school", key);
  const absl::StatusOr<pb::SignedObject> parsed = ParseSignedObject(object);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->signatures(0).signer(), "school");
  EXPECT_TRUE(
      crypto::Verify(View(key.public_key()), kMandateLabel, "body", parsed->signatures(0).signature()).ok());
  EXPECT_FALSE(
      crypto::Verify(View(key.public_key()), kPrekeyLabel, "body", parsed->signatures(0).signature()).ok());
}

struct BadObject {
  const char* name;
  void (*spoil)(pb::SignedObject& object);
  const char* text;
};

TEST(ParseSignedObject, RefusesWhatIsNotOne) {
  const BadObject cases[] = {
      {"no kind", [](pb::SignedObject& o) { o.set_kind(pb::OBJECT_KIND_UNSPECIFIED); }, "kind"},
      {"unknown kind", [](pb::SignedObject& o) { o.set_kind(static_cast<pb::ObjectKind>(99)); }, "kind"},
      {"no body", [](pb::SignedObject& o) { o.clear_body(); }, "body"},
      {"no signature", [](pb::SignedObject& o) { o.clear_signatures(); }, "signatures"},
      {"two signatures",
       [](pb::SignedObject& o) {
         *o.add_signatures() = o.signatures(0);
         o.mutable_signatures(1)->set_signer("zz");
       },
       "more than one"},
      {"same signer twice",
       [](pb::SignedObject& o) {
         o.set_kind(pb::OBJECT_KIND_CONVENANT);
         *o.add_signatures() = o.signatures(0);
       },
       "not sorted"},
      {"unsorted signers",
       [](pb::SignedObject& o) {
         o.set_kind(pb::OBJECT_KIND_CONVENANT);
         *o.add_signatures() = o.signatures(0);
         o.mutable_signatures(1)->set_signer("aa");
       },
       "not sorted"},
      {"empty signer", [](pb::SignedObject& o) { o.mutable_signatures(0)->clear_signer(); }, "signer: empty"},
      {"long signer", [](pb::SignedObject& o) { o.mutable_signatures(0)->set_signer(Bytes(65, 'a')); },
       "longer"},
      {"unprintable signer", [](pb::SignedObject& o) { o.mutable_signatures(0)->set_signer("a b"); },
       "space"},
      {"short signature", [](pb::SignedObject& o) { o.mutable_signatures(0)->set_signature(Bytes(63, 'a')); },
       "63"},
      {"long signature", [](pb::SignedObject& o) { o.mutable_signatures(0)->set_signature(Bytes(65, 'a')); },
       "65"},
  };
  for (const BadObject& c : cases) {
    pb::SignedObject object;
    ASSERT_TRUE(object.ParseFromString(SignObject(pb::OBJECT_KIND_MANDATE, "body", "school", Key("k"))));
    c.spoil(object);
    const absl::Status status = ParseSignedObject(StrictSerialize(object)).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.name;
    EXPECT_TRUE(absl::StrContains(status.message(), c.text)) << c.name << ": " << status;
  }
  EXPECT_EQ(ParseSignedObject(Bytes(kMaxObjectBytes + 1, 'a')).status().code(),
            absl::StatusCode::kResourceExhausted);
}

TEST(AddConvenantSignature, SortsAndReplaces) {
  Bytes object;
  for (const char* party : {"politie", "gemeente", "sass"}) {
    object = AddConvenantSignature("yaml", object, party, Key(party)).value();
  }
  pb::SignedObject parsed = ParseSignedObject(object).value();
  ASSERT_EQ(parsed.signatures_size(), 3);
  EXPECT_EQ(parsed.signatures(0).signer(), "gemeente");
  EXPECT_EQ(parsed.signatures(2).signer(), "sass");
  const Bytes before = parsed.signatures(1).signature();
  object = AddConvenantSignature("yaml", object, "politie", Key("another")).value();
  parsed = ParseSignedObject(object).value();
  ASSERT_EQ(parsed.signatures_size(), 3);
  EXPECT_NE(parsed.signatures(1).signature(), before);
}

TEST(AddConvenantSignature, RefusesSignaturesOverAnotherFile) {
  const Bytes object = AddConvenantSignature("yaml", "", "politie", Key("a")).value();
  EXPECT_EQ(AddConvenantSignature("yaml2", object, "sass", Key("b")).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(AddConvenantSignature("yaml", "not an object", "sass", Key("b")).status().code(),
            absl::StatusCode::kInvalidArgument);
  const Bytes mandate = SignObject(pb::OBJECT_KIND_MANDATE, "yaml", "politie", Key("a"));
  EXPECT_EQ(AddConvenantSignature("yaml", mandate, "sass", Key("b")).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(DeviceRequest, ProvesPossessionOfTheKey) {
  const crypto::SigningKey device = Key("device");
  const SignedDeviceRequest request = MakeDeviceRequest("school", "mentor", TestNetwork::AnyTime(), device);
  ASSERT_TRUE(CheckDeviceRequest(request).ok());
  EXPECT_EQ(CheckDeviceRequest(request)->handle(), "mentor");

  SignedDeviceRequest forged = request;
  forged.signature = crypto::Sign(Key("somebody else"), kDeviceRequestLabel, request.request);
  EXPECT_EQ(CheckDeviceRequest(forged).status().code(), absl::StatusCode::kPermissionDenied);
  forged.signature = crypto::Sign(device, kHeaderLabel, request.request);
  EXPECT_EQ(CheckDeviceRequest(forged).status().code(), absl::StatusCode::kPermissionDenied);
  forged.signature.clear();
  EXPECT_EQ(CheckDeviceRequest(forged).status().code(), absl::StatusCode::kPermissionDenied);

  for (const char* handle :
       {"", "Mentor", "a b", "me_ntor", "mentör", "a/b", "012345678901234567890123456789012"}) {
    const SignedDeviceRequest bad = MakeDeviceRequest("school", handle, TestNetwork::AnyTime(), device);
    EXPECT_EQ(CheckDeviceRequest(bad).status().code(), absl::StatusCode::kInvalidArgument) << handle;
  }
}

TEST(IssueDeviceCertificate, CarriesWhatWasAsked) {
  const crypto::SigningKey device = Key("device");
  const crypto::SigningKey issuer = Key("issuer");
  const absl::Time now = TestNetwork::AnyTime();
  const SignedDeviceRequest request = MakeDeviceRequest("school", "mentor", now, device);
  const Bytes ref(16, 'm');
  const absl::StatusOr<Bytes> object =
      IssueDeviceCertificate(request, ref, 7, now, now + absl::Hours(1), issuer);
  ASSERT_TRUE(object.ok()) << object.status();
  const pb::SignedObject parsed = ParseSignedObject(*object).value();
  pb::DeviceCertificate certificate;
  ASSERT_TRUE(StrictParse(parsed.body(), 1000, "certificate", certificate).ok());
  EXPECT_EQ(certificate.handle(), "mentor");
  EXPECT_EQ(certificate.device_id(), DeviceIdOf(View(device.public_key())));
  EXPECT_EQ(certificate.serial(), 7u);
  EXPECT_EQ(certificate.member_ref(), ref);

  SignedDeviceRequest forged = request;
  forged.signature[0] = static_cast<char>(forged.signature[0] ^ 1);
  EXPECT_EQ(IssueDeviceCertificate(forged, ref, 7, now, now + absl::Hours(1), issuer).status().code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(IssueDeviceCertificate(request, "short", 7, now, now + absl::Hours(1), issuer).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace seinpost::trust
