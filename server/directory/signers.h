// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_DIRECTORY_SIGNERS_H_
#define SEINPOST_SERVER_DIRECTORY_SIGNERS_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "seinpost/v1/trust.pb.h"
#include "trust/directory.h"
#include "trust/succession.h"
#include "util/bytes.h"

namespace seinpost::server {

// SignerCheck says who signed the objects of one publication, before anything is spent on them: a signature
// by a key that the directory knows, or that an object before it in the same publication introduces. Whether
// the object may be added the directory says (trust::Directory::Add); this only tells strangers from those
// who can be counted. An object that is refused here is one that the directory refuses too. Costs one
// verification of an object. Not thread-safe; `directory` must outlive it and have a convenant.
class SignerCheck {
 public:
  explicit SignerCheck(const trust::Directory& directory) : directory_(directory) {}

  // Who signed, as the object names him: a party or a device. Of an object that several sign: the first of
  // them whose root key is in the version in force.
  //   kPermissionDenied   signed by nobody whose signature has a place there, or wrongly
  //   kNotFound           no such issuer or device
  //   kInvalidArgument    the body is malformed
  absl::StatusOr<std::string> Check(const v1::SignedObject& object);

 private:
  absl::Status CheckIssuerCertificate(const v1::SignedObject& object);
  absl::Status CheckDeviceCertificate(const v1::SignedObject& object);
  absl::Status CheckPrekey(const v1::SignedObject& object) const;
  absl::Status CheckByIssuer(const v1::SignedObject& object, absl::string_view organisation) const;

  const trust::Directory& directory_;
  // Keys that earlier objects of this publication introduce.
  std::map<std::string, Bytes, std::less<>> issuers_;
  std::map<trust::DeviceId, Bytes, std::less<>> devices_;
};

// The first signer of `object` who is one of `roots` and signed it rightly. kPermissionDenied: none of them
// signed, or the first of them that did signed something else. `what` begins the text.
absl::StatusOr<std::string> FirstRootSigner(const v1::SignedObject& object, const trust::SignerKeys& roots,
                                            absl::string_view what);

// Whether one of the first 128 signatures of `object` is by `key`, whoever it names. For a convenant that is
// the first of its name: only the host's key is known then.
bool IsSignedBy(const v1::SignedObject& object, ByteView key);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_DIRECTORY_SIGNERS_H_
