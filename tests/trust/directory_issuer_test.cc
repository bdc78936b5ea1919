// SPDX-License-Identifier: EUPL-1.2
// root -> issuer -> certificate, broken in one way at a time. Every object is signed properly unless its
// signature is what is broken, and every failure has a sentence of its own.
#include "tests/trust/links.h"

namespace seinpost::trust {
namespace {

namespace pb = seinpost::v1;
using absl::StatusCode;
using test::TestNetwork;

// ---- root -> issuer

pb::IssuerCertificate GoodIssuer() {
  pb::IssuerCertificate body;
  body.set_version(1);
  body.set_organisation("school");
  body.set_issuer_pk(ToBytes(Key("new issuer").public_key()));
  body.set_not_before(At(-kDay));
  body.set_not_after(At(300 * kDay));
  body.set_serial(2);
  return body;
}

Bytes SignIssuer(const pb::IssuerCertificate& body, absl::string_view signer = "schoolbestuur",
                 const crypto::SigningKey& key = Net().root("schoolbestuur")) {
  return SignObject(pb::OBJECT_KIND_ISSUER_CERTIFICATE, StrictSerialize(body), signer, key);
}

TEST(IssuerCertificate, IsTakenFromTheRootThatVouches) {
  ExpectTaken(SignIssuer(GoodIssuer()), "school under its board");
  pb::IssuerCertificate own = GoodIssuer();
  own.set_organisation("politie");
  ExpectTaken(SignIssuer(own, "politie", Net().root("politie")), "own root");
}

TEST(IssuerCertificate, RefusesEveryBrokenField) {
  using B = pb::IssuerCertificate;
  const Broken<B> cases[] = {
      {"version", [](B& b) { b.set_version(2); }, StatusCode::kInvalidArgument, "version"},
      {"no version", [](B& b) { b.clear_version(); }, StatusCode::kInvalidArgument, "version"},
      {"no organisation", [](B& b) { b.clear_organisation(); }, StatusCode::kInvalidArgument,
       "organisation: empty"},
      {"strange organisation", [](B& b) { b.set_organisation("elders"); }, StatusCode::kPermissionDenied,
       "no party of the convenant"},
      {"other organisation", [](B& b) { b.set_organisation("politie"); }, StatusCode::kPermissionDenied,
       "another party than \"politie\""},
      {"short key", [](B& b) { b.set_issuer_pk(Bytes(31, 'k')); }, StatusCode::kInvalidArgument, "issuer_pk"},
      {"no not_before", [](B& b) { b.clear_not_before(); }, StatusCode::kInvalidArgument, "not_before"},
      {"negative not_before", [](B& b) { b.set_not_before(-1); }, StatusCode::kInvalidArgument, "not_before"},
      {"far not_after", [](B& b) { b.set_not_after(253402300800); }, StatusCode::kInvalidArgument,
       "not_after"},
      {"ends before it begins", [](B& b) { b.set_not_after(b.not_before()); }, StatusCode::kInvalidArgument,
       "not after not_before"},
      {"longer than a year", [](B& b) { b.set_not_after(b.not_before() + 366 * 86400 + 1); },
       StatusCode::kInvalidArgument, "366 days"},
      {"no serial", [](B& b) { b.clear_serial(); }, StatusCode::kInvalidArgument, "serial: 0"},
      {"old serial", [](B& b) { b.set_serial(1); }, StatusCode::kFailedPrecondition, "serial: not higher"},
      {"not yet", [](B& b) { b.set_not_before(At(kDay)); }, StatusCode::kFailedPrecondition, "not valid now"},
      {"no longer", [](B& b) { b.set_not_before(At(-9 * kDay)), b.set_not_after(At(-kDay)); },
       StatusCode::kFailedPrecondition, "not valid now"},
  };
  for (const Broken<B>& c : cases) {
    B body = GoodIssuer();
    c.spoil(body);
    ExpectRefused(SignIssuer(body), c.code, c.text, c.name);
  }
}

TEST(IssuerCertificate, RefusesEveryOtherSigner) {
  const pb::IssuerCertificate body = GoodIssuer();
  ExpectRefused(SignIssuer(body, "school", Net().issuer("school")), StatusCode::kPermissionDenied,
                "signed by another party than \"schoolbestuur\"", "the school itself");
  ExpectRefused(SignIssuer(body, "politie", Net().root("politie")), StatusCode::kPermissionDenied,
                "signed by another party", "another party");
  ExpectRefused(SignIssuer(body, "schoolbestuur", Net().root("politie")), StatusCode::kPermissionDenied,
                "does not fit the root key of \"schoolbestuur\"", "another party in its name");
  ExpectRefused(SignObject(pb::OBJECT_KIND_MANDATE, StrictSerialize(body), "schoolbestuur",
                           Net().root("schoolbestuur")),
                StatusCode::kInvalidArgument, "mandate", "as another kind");
}

TEST(IssuerCertificate, ReplacesTheOneBefore) {
  TestNetwork network = TestNetwork::Example(kNow);
  network.Add(SignIssuer(GoodIssuer()));
  EXPECT_EQ(network.directory().IssuerKey("school").value(), ToBytes(Key("new issuer").public_key()));
  EXPECT_EQ(network.directory().NextIssuerSerial("school"), 3u);
  // What the old one signs from now on counts no more; what it signed before stays.
  Directory directory = network.directory();
  const absl::Status status =
      directory.Add(network.MandateObject("school/teamleider", "director", {"school-a"}, policies::Level::kL1,
                                          kNow, kNow + kDay),
                    kNow);
  EXPECT_EQ(status.code(), StatusCode::kPermissionDenied);
  EXPECT_TRUE(absl::StrContains(status.message(), "does not fit the issuer of \"school\""));
  EXPECT_NE(directory.FindMember("school", "teamleider"), nullptr);
  EXPECT_FALSE(directory.IssuerKey("elders").ok());
}

// ---- issuer -> certificate

pb::DeviceCertificate GoodDevice() {
  const crypto::SigningKey key = Key("new device");
  pb::DeviceCertificate body;
  body.set_version(1);
  body.set_organisation("school");
  body.set_member_ref(Bytes(16, 'n'));
  body.set_handle("nieuw");
  body.set_device_id(DeviceIdOf(View(key.public_key())));
  body.set_sig_pk(ToBytes(key.public_key()));
  body.set_not_before(At(-absl::Hours(1)));
  body.set_not_after(At(300 * kDay));
  body.set_serial(77);
  body.set_request_hash(Bytes(32, 'r'));
  return body;
}

Bytes SignDevice(const pb::DeviceCertificate& body, absl::string_view signer = "school",
                 const crypto::SigningKey& key = Net().issuer("school")) {
  return SignObject(pb::OBJECT_KIND_DEVICE_CERTIFICATE, StrictSerialize(body), signer, key);
}

TEST(DeviceCertificate, IsTakenFromTheIssuer) {
  ExpectTaken(SignDevice(GoodDevice()), "new member");
  pb::DeviceCertificate second = GoodDevice();
  second.set_member_ref(Net().member("school/teamleider"));
  second.set_handle("teamleider");
  ExpectTaken(SignDevice(second), "second device of a member");
  pb::DeviceCertificate same_handle = GoodDevice();
  same_handle.set_handle("wijkagent");
  ExpectTaken(SignDevice(same_handle), "a handle of another organisation");
}

TEST(DeviceCertificate, RefusesEveryBrokenField) {
  using B = pb::DeviceCertificate;
  const Broken<B> cases[] = {
      {"version", [](B& b) { b.set_version(0); }, StatusCode::kInvalidArgument, "version"},
      {"strange organisation", [](B& b) { b.set_organisation("elders"); }, StatusCode::kPermissionDenied,
       "no party of the convenant"},
      {"other organisation", [](B& b) { b.set_organisation("politie"); }, StatusCode::kPermissionDenied,
       "another party than the organisation"},
      {"short member_ref", [](B& b) { b.set_member_ref("m"); }, StatusCode::kInvalidArgument, "member_ref"},
      {"handle in capitals", [](B& b) { b.set_handle("Nieuw"); }, StatusCode::kInvalidArgument,
       "handle: not"},
      {"no handle", [](B& b) { b.clear_handle(); }, StatusCode::kInvalidArgument, "handle: not"},
      {"short device_id", [](B& b) { b.set_device_id("d"); }, StatusCode::kInvalidArgument, "device_id"},
      {"foreign device_id", [](B& b) { b.set_device_id(Bytes(16, 'd')); }, StatusCode::kInvalidArgument,
       "device_id: not the one of sig_pk"},
      {"short key", [](B& b) { b.set_sig_pk("k"); }, StatusCode::kInvalidArgument, "sig_pk"},
      {"no request_hash", [](B& b) { b.clear_request_hash(); }, StatusCode::kInvalidArgument, "request_hash"},
      {"ends before it begins", [](B& b) { b.set_not_after(b.not_before() - 1); },
       StatusCode::kInvalidArgument, "not after not_before"},
      {"longer than a year", [](B& b) { b.set_not_after(b.not_before() + 366 * 86400 + 1); },
       StatusCode::kInvalidArgument, "366 days"},
      {"not yet", [](B& b) { b.set_not_before(At(kDay)); }, StatusCode::kFailedPrecondition,
       "device certificate: not valid now"},
      {"no longer", [](B& b) { b.set_not_before(At(-9 * kDay)), b.set_not_after(At(-kDay)); },
       StatusCode::kFailedPrecondition, "device certificate: not valid now"},
      {"no serial", [](B& b) { b.clear_serial(); }, StatusCode::kInvalidArgument, "serial: 0"},
      {"serial taken", [](B& b) { b.set_serial(1); }, StatusCode::kFailedPrecondition, "serial: taken"},
      {"member of another organisation", [](B& b) { b.set_member_ref(Net().member("politie/wijkagent")); },
       StatusCode::kFailedPrecondition, "a member of another organisation"},
      {"member with another handle", [](B& b) { b.set_member_ref(Net().member("school/teamleider")); },
       StatusCode::kFailedPrecondition, "handle: this member has another"},
      {"handle of another member", [](B& b) { b.set_handle("teamleider"); }, StatusCode::kFailedPrecondition,
       "handle: taken"},
      {"device certified already",
       [](B& b) {
         const auto& device = Net().device("school/teamleider");
         b.set_sig_pk(ToBytes(device.key.public_key()));
         b.set_device_id(device.id);
       },
       StatusCode::kFailedPrecondition, "certified already"},
  };
  for (const Broken<B>& c : cases) {
    B body = GoodDevice();
    c.spoil(body);
    ExpectRefused(SignDevice(body), c.code, c.text, c.name);
  }
}

// Ghost device: nobody but the issuer of the organisation makes one.
TEST(DeviceCertificate, RefusesEveryOtherSigner) {
  const pb::DeviceCertificate body = GoodDevice();
  ExpectRefused(SignDevice(body, "school", Net().issuer("politie")), StatusCode::kPermissionDenied,
                "does not fit the issuer of \"school\"", "another issuer");
  ExpectRefused(SignDevice(body, "school", Net().root("schoolbestuur")), StatusCode::kPermissionDenied,
                "does not fit the issuer of \"school\"", "the root itself");
  ExpectRefused(SignDevice(body, "politie", Net().issuer("politie")), StatusCode::kPermissionDenied,
                "another party than the organisation", "another organisation in its own name");
}

TEST(DeviceCertificate, RefusesAnIssuerThatHasExpired) {
  pb::DeviceCertificate body = GoodDevice();
  const absl::Time later = kNow + 367 * kDay;
  body.set_not_before(absl::ToUnixSeconds(later));
  body.set_not_after(absl::ToUnixSeconds(later + kDay));
  ExpectRefused(SignDevice(body), StatusCode::kPermissionDenied, "issuer of \"school\" is not valid now",
                "expired issuer", later);
  ExpectTaken(SignDevice(body), "the same when loaded from a chain", absl::InfinitePast());
}

TEST(DeviceCertificate, WaitsForTheIssuer) {
  Directory directory;
  ASSERT_TRUE(directory.Add(Net().objects()[0], kNow).ok());
  const absl::Status status = directory.Add(SignDevice(GoodDevice()), kNow);
  EXPECT_EQ(status.code(), StatusCode::kNotFound);
  EXPECT_TRUE(absl::StrContains(status.message(), "has no issuer"));
}

}  // namespace
}  // namespace seinpost::trust
