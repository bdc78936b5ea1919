// SPDX-License-Identifier: EUPL-1.2
// The worked bytes of docs/formats/encoding.md and docs/formats/directory.md, computed again.
#include "tests/testing/worked.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "trust/directory.h"
#include "trust/labels.h"
#include "trust/objects.h"
#include "trust/strict.h"

namespace seinpost::trust {
namespace {

namespace pb = seinpost::v1;

// The key whose seed is 32 times one letter.
crypto::SigningKey KeyOf(char letter) {
  return crypto::SigningKey::FromSeed(crypto::Secret<32>::FromBytes(Bytes(32, letter)).value());
}

constexpr int64_t kFrom = 1'767'225'600;  // 2026-01-01T00:00:00Z
constexpr int64_t kDaySeconds = 86'400;

pb::IssuerCertificate Issuer() {
  pb::IssuerCertificate body;
  body.set_version(1);
  body.set_organisation("school");
  body.set_issuer_pk(ToBytes(KeyOf('i').public_key()));
  body.set_not_before(kFrom);
  body.set_not_after(kFrom + 365 * kDaySeconds);
  body.set_serial(1);
  return body;
}

TEST(EncodingDocument, HasTheBytesOfTheCode) {
  std::map<std::string, Bytes> worked;
  worked["lp"] = Lp("sein");
  worked["integers"] = absl::StrCat(U8(0x01), U16(0x0203), U32(0x04050607), U64(0x08090a0b0c0d0e0f));
  const Bytes message = StrictSerialize(Issuer());
  worked["message"] = message;
  worked["signed"] = absl::StrCat("seinpost/v1/issuer-certificate", Bytes(1, '\0'), Lp(message));
  worked["public-key"] = ToBytes(KeyOf('r').public_key());
  worked["signature"] = crypto::Sign(KeyOf('r'), kIssuerCertificateLabel, message);
  EXPECT_EQ(worked["signature"], crypto::SignRaw(KeyOf('r'), worked["signed"]));
  test::ExpectWorked("docs/formats/encoding.md", worked);
}

TEST(DirectoryDocument, HasTheBytesOfTheCode) {
  std::map<std::string, Bytes> worked;
  worked["issuer-certificate"] = StrictSerialize(Issuer());
  const Bytes issuer = SignObject(pb::OBJECT_KIND_ISSUER_CERTIFICATE, worked["issuer-certificate"],
                                  "schoolbestuur", KeyOf('r'));
  worked["issuer-object"] = issuer;

  const crypto::SigningKey device = KeyOf('d');
  const SignedDeviceRequest request =
      MakeDeviceRequest("school", "zorgcoordinator", absl::FromUnixSeconds(kFrom), device);
  worked["device-request"] = request.request;
  worked["device-id"] = DeviceIdOf(View(device.public_key()));
  const Bytes certificate =
      IssueDeviceCertificate(request, Bytes(16, 'm'), 1, absl::FromUnixSeconds(kFrom),
                             absl::FromUnixSeconds(kFrom + 365 * kDaySeconds), KeyOf('i'))
          .value();
  worked["device-certificate"] = ParseSignedObject(certificate)->body();

  pb::Mandate mandate;
  mandate.set_version(1);
  mandate.set_convenant_id("plaats");
  mandate.set_organisation("school");
  mandate.set_member_ref(Bytes(16, 'm'));
  mandate.set_function("care_coordinator");
  mandate.add_scopes("school-a");
  mandate.set_max_level(pb::LEVEL_L2);
  mandate.set_from(kFrom);
  mandate.set_until(kFrom + 200 * kDaySeconds);
  mandate.set_mandate_id(Bytes(16, 'a'));
  worked["mandate"] = StrictSerialize(mandate);

  pb::Prekey prekey;
  prekey.set_version(1);
  prekey.set_suite_id(1);
  prekey.set_convenant_id("plaats");
  prekey.set_device_id(worked["device-id"]);
  prekey.set_hpke_pk(Bytes(32, 'p'));
  prekey.set_retention_class("naam");
  prekey.set_seal_from(kFrom);
  prekey.set_seal_until(kFrom + 31 * kDaySeconds);
  prekey.set_delete_after(kFrom + 31 * kDaySeconds + 540 * kDaySeconds);
  worked["prekey"] = StrictSerialize(prekey);
  worked["prekey-id"] = ToBytes(crypto::Sha256(worked["prekey"]));
  const Bytes prekey_object =
      SignObject(pb::OBJECT_KIND_PREKEY, worked["prekey"], ToHex(worked["device-id"]), device);

  pb::Revocation revocation;
  revocation.set_version(1);
  revocation.set_organisation("school");
  revocation.set_number(1);
  revocation.set_device_id(worked["device-id"]);
  revocation.set_time(kFrom + 10 * kDaySeconds);
  worked["revocation"] = StrictSerialize(revocation);

  Digest chain{};
  uint64_t seq = 0;
  for (const Bytes& object :
       {issuer, certificate, SignObject(pb::OBJECT_KIND_MANDATE, worked["mandate"], "school", KeyOf('i')),
        prekey_object, SignObject(pb::OBJECT_KIND_REVOCATION, worked["revocation"], "school", KeyOf('i'))}) {
    chain = Directory::ChainHash(seq++, chain, object);
    if (seq == 1) worked["chain-1"] = ToBytes(chain);
  }
  worked["chain-5"] = ToBytes(chain);
  test::ExpectWorked("docs/formats/directory.md", worked);
}

}  // namespace
}  // namespace seinpost::trust
