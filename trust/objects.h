// SPDX-License-Identifier: EUPL-1.2
// Making the signed objects of a directory (proto/seinpost/v1/trust.proto). Checking them is directory.h.
// Every function is pure; thread-safe.
#ifndef SEINPOST_TRUST_OBJECTS_H_
#define SEINPOST_TRUST_OBJECTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "crypto/sign.h"
#include "seinpost/v1/trust.pb.h"
#include "util/bytes.h"

namespace seinpost::trust {

using DeviceId = Bytes;   // 16 bytes
using MemberRef = Bytes;  // 16 bytes

inline constexpr size_t kMaxObjectBytes = 256 * 1024;
inline constexpr size_t kMaxSignerBytes = 68;  // a party id with "/new"
inline constexpr absl::Duration kMaxCertificateLife = absl::Hours(366 * 24);

DeviceId DeviceIdOf(ByteView sig_pk);  // SHA-256(label || sig_pk)[:16]

// Each returns an encoded SignedObject. The body's own fields must already be filled in; they are not checked
// here.
Bytes SignObject(v1::ObjectKind kind, ByteView body, absl::string_view signer, const crypto::SigningKey& key);

// The label of a kind. kInvalidArgument: no such kind.
absl::StatusOr<std::string> LabelOf(v1::ObjectKind kind);

// Whether several parties sign objects of this kind.
bool TakesManySignatures(v1::ObjectKind kind);

// Splits an encoded SignedObject. kInvalidArgument: malformed, unsorted or repeated signers, unknown kind,
// evidence where none belongs.
absl::StatusOr<v1::SignedObject> ParseSignedObject(ByteView object);

// Objects of several parties are signed one after the other, on files that go round: an encoded SignedObject
// with the signatures so far, as `FILE.sig` holds it. SignObject makes the first.
//
// Adds or replaces the signature of `signer`, whatever he has to do with the object
// (trust/succession.h says that). kInvalidArgument: malformed, or a kind that takes one signature only.
absl::StatusOr<Bytes> AddSignature(ByteView object_so_far, absl::string_view signer,
                                   const crypto::SigningKey& key);
// All signatures of both. kFailedPrecondition: not of the same kind, body and evidence, or one signer signed
// them differently.
absl::StatusOr<Bytes> MergeSignatures(ByteView a, ByteView b);
// The same for a convenant, by its YAML file: `object_so_far` is empty, or of this file (kFailedPrecondition
// otherwise).
absl::StatusOr<Bytes> AddConvenantSignature(ByteView yaml, ByteView object_so_far, absl::string_view signer,
                                            const crypto::SigningKey& root);
// A successor that replaces a lost root key is first logged as a proposal, of the same bytes and signatures;
// MakeActivation is then the convenant again, with the two notes of the log that show the delay
// (docs/formats/convenant_signatures.md). kInvalidArgument: malformed, or neither kind.
absl::StatusOr<Bytes> MakeProposal(ByteView convenant);
absl::StatusOr<Bytes> MakeActivation(ByteView proposal, ByteView first_note, ByteView second_note);

// A device's request for a certificate: the encoded request and the device's signature over it.
struct SignedDeviceRequest {
  Bytes request;    // a v1::DeviceRequest
  Bytes signature;  // 64 bytes
};
SignedDeviceRequest MakeDeviceRequest(absl::string_view organisation, absl::string_view handle,
                                      absl::Time now, const crypto::SigningKey& device);

// The request, if the device that it names made it: what an administrator looks at before he issues.
// kPermissionDenied: not signed by the key it names. kInvalidArgument: malformed, or a handle that is not
// [a-z0-9-]{1,32}.
absl::StatusOr<v1::DeviceRequest> CheckDeviceRequest(const SignedDeviceRequest& request);

// Certifies the device that signed `request`. kPermissionDenied: the request is not signed by the key it
// names. kInvalidArgument: malformed, or a handle that is not [a-z0-9-]{1,32}.
absl::StatusOr<Bytes> IssueDeviceCertificate(const SignedDeviceRequest& request, ByteView member_ref,
                                             uint64_t serial, absl::Time from, absl::Time until,
                                             const crypto::SigningKey& issuer);

}  // namespace seinpost::trust

#endif  // SEINPOST_TRUST_OBJECTS_H_
