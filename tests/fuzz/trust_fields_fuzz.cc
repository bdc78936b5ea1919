// SPDX-License-Identifier: EUPL-1.2
// Bodies of signed objects without their signatures, so that a fuzzer gets at every field: whatever is taken
// has one encoding. The first byte chooses the kind; for a convenant and a proposal the rest is a whole
// object, of which one asks who has yet to sign.
#include "seinpost/v1/trust.pb.h"
#include "tests/fuzz/trust_world.h"
#include "trust/change_fields.h"
#include "trust/object_fields.h"
#include "trust/strict.h"

using seinpost::Bytes;
using seinpost::ByteView;
using seinpost::FuzzCheck;
namespace pb = seinpost::v1;
namespace trust = seinpost::trust;

namespace {

template <typename Message>
void ExpectOneEncoding(bool taken, ByteView body) {
  if (!taken) return;
  Message message;
  FuzzCheck(message.ParseFromArray(body.data(), static_cast<int>(body.size())), "what is taken parses");
  FuzzCheck(trust::StrictSerialize(message) == body, "one encoding");
}

void CheckObject(const trust::Version& version, ByteView bytes) {
  const auto object = trust::ParseSignedObject(bytes);
  if (!object.ok()) return;
  FuzzCheck(trust::StrictSerialize(*object) == bytes, "one encoding of an object");
  FuzzCheck(trust::MergeSignatures(bytes, bytes).value() == bytes, "merging with itself changes nothing");
  const auto next = trust::ParseConvenant(*object, "fuzz.yaml");
  if (!next.ok()) return;
  trust::CheckSuccession(version, *next).IgnoreError();
  const auto missing =
      trust::CheckSignatures(*object, trust::ConvenantSigners(version.convenant.get(), *next), "fuzz");
  if (missing.ok()) trust::LostKeyOf(version.convenant.get(), *next, *missing).status().IgnoreError();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto* const world = new seinpost::test::TrustWorld();
  if (size == 0) return 0;
  const ByteView body = seinpost::FuzzView(data + 1, size - 1);
  const trust::Version& version = world->network.directory().versions().back();
  const seinpost::policies::Convenant& convenant = *version.convenant;
  pb::DeviceCertificate certificate;
  switch (data[0] % 11) {
    case pb::OBJECT_KIND_ISSUER_CERTIFICATE:
      ExpectOneEncoding<pb::IssuerCertificate>(trust::CheckIssuerFields(convenant, body).ok(), body);
      break;
    case pb::OBJECT_KIND_DEVICE_CERTIFICATE:
      ExpectOneEncoding<pb::DeviceCertificate>(trust::CheckDeviceFields(body, certificate).ok(), body);
      break;
    case pb::OBJECT_KIND_MANDATE:
      ExpectOneEncoding<pb::Mandate>(trust::CheckMandateFields(convenant, body).ok(), body);
      break;
    case pb::OBJECT_KIND_REVOCATION:
      ExpectOneEncoding<pb::Revocation>(trust::CheckRevocationFields(body).ok(), body);
      break;
    case pb::OBJECT_KIND_PREKEY:
      ExpectOneEncoding<pb::Prekey>(trust::CheckPrekeyFields(convenant, body).ok(), body);
      break;
    case pb::OBJECT_KIND_TRUST_UPDATE:
      ExpectOneEncoding<pb::TrustUpdate>(trust::CheckTrustUpdateFields(version, body).ok(), body);
      break;
    case pb::OBJECT_KIND_RESTRICTION_ORDER:
      ExpectOneEncoding<pb::RestrictionOrder>(trust::CheckRestrictionFields(version, body).ok(), body);
      break;
    case pb::OBJECT_KIND_LOG_EPOCH:
      ExpectOneEncoding<pb::LogEpoch>(trust::CheckLogEpochFields(version, body).ok(), body);
      break;
    default:
      CheckObject(version, body);
  }
  return 0;
}
