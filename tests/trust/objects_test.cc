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

crypto::SigningKey KeyNamed(absl::string_view name) {
  return crypto::SigningKey::FromSeed(TestNetwork::SecretNamed(name));
}

TEST(Labels, DifferForEveryKind) {
  std::set<std::string> labels = {kDeviceRequestLabel, kSessionLabel,    kHeaderLabel,   kOpenLabel,
                                  kDenialLabel,        kAuditQueryLabel, kDeviceIdLabel, kDeliveredLabel,
                                  kRewrapRequestLabel, kRewrapLabel};
  const size_t others = labels.size();
  for (int kind = 1; kind <= 10; ++kind) labels.insert(LabelOf(static_cast<pb::ObjectKind>(kind)).value());
  EXPECT_EQ(labels.size(), others + 9);
  EXPECT_EQ(LabelOf(pb::OBJECT_KIND_PROPOSAL), LabelOf(pb::OBJECT_KIND_CONVENANT));  // signed once for both
  for (const std::string& label : labels) EXPECT_TRUE(absl::StartsWith(label, "seinpost/v1/")) << label;
  EXPECT_FALSE(LabelOf(pb::OBJECT_KIND_UNSPECIFIED).ok());
  EXPECT_FALSE(LabelOf(static_cast<pb::ObjectKind>(11)).ok());
}

TEST(DeviceId, IsBoundToTheKey) {
  EXPECT_EQ(DeviceIdOf(View(KeyNamed("a").public_key())).size(), 16u);
  EXPECT_NE(DeviceIdOf(View(KeyNamed("a").public_key())), DeviceIdOf(View(KeyNamed("b").public_key())));
}

TEST(SignObject, GivesWhatParsesAndVerifies) {
  const crypto::SigningKey key = KeyNamed("issuer");
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
      {"evidence with another kind",
       [](pb::SignedObject& o) { o.add_evidence("note"), o.add_evidence("note"); },
       "evidence: only a convenant"},
      {"one note",
       [](pb::SignedObject& o) {
         o.set_kind(pb::OBJECT_KIND_CONVENANT);
         o.add_evidence("note");
       },
       "evidence: not two notes"},
      {"an empty note",
       [](pb::SignedObject& o) {
         o.set_kind(pb::OBJECT_KIND_CONVENANT);
         o.add_evidence("note");
         o.add_evidence("");
       },
       "evidence: an empty note"},
      {"empty signer", [](pb::SignedObject& o) { o.mutable_signatures(0)->clear_signer(); }, "signer: empty"},
      {"long signer", [](pb::SignedObject& o) { o.mutable_signatures(0)->set_signer(Bytes(69, 'a')); },
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
    ASSERT_TRUE(object.ParseFromString(SignObject(pb::OBJECT_KIND_MANDATE, "body", "school", KeyNamed("k"))));
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
    object = AddConvenantSignature("yaml", object, party, KeyNamed(party)).value();
  }
  pb::SignedObject parsed = ParseSignedObject(object).value();
  ASSERT_EQ(parsed.signatures_size(), 3);
  EXPECT_EQ(parsed.signatures(0).signer(), "gemeente");
  EXPECT_EQ(parsed.signatures(2).signer(), "sass");
  const Bytes before = parsed.signatures(1).signature();
  object = AddConvenantSignature("yaml", object, "politie", KeyNamed("another")).value();
  parsed = ParseSignedObject(object).value();
  ASSERT_EQ(parsed.signatures_size(), 3);
  EXPECT_NE(parsed.signatures(1).signature(), before);
}

TEST(AddConvenantSignature, RefusesSignaturesOverAnotherFile) {
  const Bytes object = AddConvenantSignature("yaml", "", "politie", KeyNamed("a")).value();
  EXPECT_EQ(AddConvenantSignature("yaml2", object, "sass", KeyNamed("b")).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(AddConvenantSignature("yaml", "not an object", "sass", KeyNamed("b")).status().code(),
            absl::StatusCode::kInvalidArgument);
  const Bytes mandate = SignObject(pb::OBJECT_KIND_MANDATE, "yaml", "politie", KeyNamed("a"));
  EXPECT_EQ(AddConvenantSignature("yaml", mandate, "sass", KeyNamed("b")).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(AddSignature, TakesEveryKindOfSeveralParties) {
  for (const pb::ObjectKind kind : {pb::OBJECT_KIND_CONVENANT, pb::OBJECT_KIND_PROPOSAL,
                                    pb::OBJECT_KIND_TRUST_UPDATE, pb::OBJECT_KIND_LOG_EPOCH}) {
    const Bytes one = SignObject(kind, "body", "politie", KeyNamed("a"));
    const absl::StatusOr<Bytes> two = AddSignature(one, "gemeente", KeyNamed("b"));
    ASSERT_TRUE(two.ok()) << two.status();
    const pb::SignedObject parsed = ParseSignedObject(*two).value();
    ASSERT_EQ(parsed.signatures_size(), 2);
    EXPECT_EQ(parsed.signatures(0).signer(), "gemeente");
    EXPECT_TRUE(crypto::Verify(View(KeyNamed("b").public_key()), LabelOf(kind).value(), "body",
                               parsed.signatures(0).signature())
                    .ok());
    EXPECT_EQ(AddSignature(*two, "gemeente", KeyNamed("b")).value(), *two);
    EXPECT_EQ(MergeSignatures(one, SignObject(kind, "body", "gemeente", KeyNamed("b"))).value(), *two);
    EXPECT_EQ(MergeSignatures(*two, one).value(), *two);
  }
  for (const pb::ObjectKind kind : {pb::OBJECT_KIND_RESTRICTION_ORDER, pb::OBJECT_KIND_MANDATE}) {
    const Bytes one = SignObject(kind, "body", "politie", KeyNamed("a"));
    EXPECT_EQ(AddSignature(one, "gemeente", KeyNamed("b")).status().code(),
              absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(MergeSignatures(one, one).value(), one);
    EXPECT_EQ(MergeSignatures(one, SignObject(kind, "body", "gemeente", KeyNamed("b"))).status().code(),
              absl::StatusCode::kFailedPrecondition);
  }
  EXPECT_FALSE(AddSignature("not an object", "gemeente", KeyNamed("b")).ok());
  EXPECT_FALSE(
      AddSignature(SignObject(pb::OBJECT_KIND_LOG_EPOCH, "body", "a", KeyNamed("a")), "a b", KeyNamed("b"))
          .ok());
}

TEST(MergeSignatures, RefusesWhatIsNotOneObject) {
  const Bytes one = SignObject(pb::OBJECT_KIND_TRUST_UPDATE, "body", "politie", KeyNamed("a"));
  for (const Bytes& other : {SignObject(pb::OBJECT_KIND_LOG_EPOCH, "body", "gemeente", KeyNamed("b")),
                             SignObject(pb::OBJECT_KIND_TRUST_UPDATE, "other", "gemeente", KeyNamed("b")),
                             SignObject(pb::OBJECT_KIND_TRUST_UPDATE, "body", "politie", KeyNamed("b"))}) {
    EXPECT_EQ(MergeSignatures(one, other).status().code(), absl::StatusCode::kFailedPrecondition);
  }
  const Bytes convenant = SignObject(pb::OBJECT_KIND_CONVENANT, "body", "politie", KeyNamed("a"));
  EXPECT_EQ(MergeSignatures(convenant, MakeActivation(convenant, "1", "2").value()).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(MergeSignatures(one, "not an object").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(MakeProposal, KeepsTheSignaturesAndComesBack) {
  const Bytes convenant = SignObject(pb::OBJECT_KIND_CONVENANT, "body", "politie", KeyNamed("a"));
  const Bytes proposal = MakeProposal(convenant).value();
  EXPECT_EQ(proposal, SignObject(pb::OBJECT_KIND_PROPOSAL, "body", "politie", KeyNamed("a")));
  const pb::SignedObject activation =
      ParseSignedObject(MakeActivation(proposal, "first", "second").value()).value();
  EXPECT_EQ(activation.kind(), pb::OBJECT_KIND_CONVENANT);
  EXPECT_EQ(activation.signatures_size(), 1);
  ASSERT_EQ(activation.evidence_size(), 2);
  EXPECT_EQ(activation.evidence(1), "second");
  EXPECT_EQ(MakeProposal(StrictSerialize(activation)).value(), proposal);
  EXPECT_FALSE(MakeActivation(proposal, "", "second").ok());
  EXPECT_FALSE(MakeProposal(SignObject(pb::OBJECT_KIND_MANDATE, "body", "politie", KeyNamed("a"))).ok());
}

TEST(DeviceRequest, ProvesPossessionOfTheKey) {
  const crypto::SigningKey device = KeyNamed("device");
  const SignedDeviceRequest request = MakeDeviceRequest("school", "mentor", TestNetwork::AnyTime(), device);
  ASSERT_TRUE(CheckDeviceRequest(request).ok());
  EXPECT_EQ(CheckDeviceRequest(request)->handle(), "mentor");

  SignedDeviceRequest forged = request;
  forged.signature = crypto::Sign(KeyNamed("somebody else"), kDeviceRequestLabel, request.request);
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
  const crypto::SigningKey device = KeyNamed("device");
  const crypto::SigningKey issuer = KeyNamed("issuer");
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
