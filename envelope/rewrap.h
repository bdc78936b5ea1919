// SPDX-License-Identifier: EUPL-1.2
// Rewraps: how a device that was enrolled later gets at the older signals of its member. A device that can
// open a part passes its key on, to exactly the device and prekey of a signed request
// (docs/formats/rewrap.md; protocol section 3, "Rewrap"). Broker, giver and receiver make the same checks.
// Pure; thread-safe.
#ifndef SEINPOST_ENVELOPE_REWRAP_H_
#define SEINPOST_ENVELOPE_REWRAP_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "crypto/hpke.h"
#include "crypto/secret.h"
#include "crypto/sign.h"
#include "envelope/open.h"
#include "envelope/verify.h"
#include "seinpost/v1/envelope.pb.h"
#include "trust/directory.h"

namespace seinpost::envelope {

inline constexpr absl::Duration kMaxRewrapRequestLife = absl::Hours(30 * 24);
inline constexpr size_t kMaxRewrapStatementBytes = 2048;  // either of the two

// A signed statement as it travels.
struct SignedStatement {
  Bytes statement;
  Bytes signature;  // 64 bytes
};

// Asks for the key of `part` (group 0) for `device`, to a fresh prekey whose class and delete_after are those
// of the part: `delete_after` is that of the latest prekey among the part's recipients, so that the part does
// not outlive its term. `pair` goes into the profile before the request is sent. The request can be answered
// for 30 days, or until the part's keys are gone; the answer holds as long as the part. Errors as
// CheckRewrapRequest: nobody asks for what nobody would give him.
absl::StatusOr<SignedStatement> MakeRewrapRequest(const VerifiedHeader& header, const VerifiedPart& part,
                                                  const trust::Directory& directory, ByteView device,
                                                  const crypto::SigningKey& device_key,
                                                  const crypto::HpkeKeyPair& pair, absl::Time now);

// A request that holds: well formed, signed by its device, which may act at `now`, about this part, with a
// fitting prekey, and of a device that may have it: one of a member with a device among the part's
// recipients, or, for a justification part, one of an officer who would have to be able to read it were it
// sent at `now` (trust::JustificationReaders): so oversight passes to successors. Whether the rules let him
// read today is asked when he opens. kInvalidArgument malformed, names the field · kUnauthenticated
// signature, or a device that may not act · kPermissionDenied another person, signal, part or prekey than can
// be · kFailedPrecondition expired.
struct CheckedRewrapRequest {
  v1::RewrapRequest request;
  v1::Prekey prekey;
  Digest hash{};  // SHA-256 of the statement
};
absl::StatusOr<CheckedRewrapRequest> CheckRewrapRequest(const SignedStatement& signed_request,
                                                        const VerifiedHeader& header,
                                                        const VerifiedPart& part,
                                                        const trust::Directory& directory, absl::Time now);

// Answers a checked request: opens the giver's own wrap, compares it with the part's commitment, and wraps
// the key anew, for as long as the part holds. Errors as OpenPart; kInvalidArgument: the prekey is no public
// key.
absl::StatusOr<SignedStatement> MakeRewrap(const CheckedRewrapRequest& request, const VerifiedHeader& header,
                                           const VerifiedPart& part, ByteView giver_device,
                                           const crypto::SigningKey& giver_key,
                                           const std::vector<Wrap>& wraps, PrekeyLookup prekeys,
                                           absl::Time now);

// A rewrap that answers `request`: well formed, signed by a device that is a recipient of the part, for the
// request's device and prekey, made within the request's term, of a part that has not expired at `now`. A
// giver who was revoked since is no matter: what is wrapped shows when it is opened. Errors as
// CheckRewrapRequest.
absl::StatusOr<v1::Rewrap> CheckRewrap(const SignedStatement& signed_rewrap,
                                       const CheckedRewrapRequest& request, const VerifiedHeader& header,
                                       const VerifiedPart& part, const trust::Directory& directory,
                                       absl::Time now);
// The same for the one who asked and now opens, however long ago that was: the request held when it was
// answered.
absl::StatusOr<v1::Rewrap> CheckOwnRewrap(const SignedStatement& signed_rewrap,
                                          const SignedStatement& signed_request, const VerifiedHeader& header,
                                          const VerifiedPart& part, const trust::Directory& directory,
                                          absl::Time now);

// As OpenPart and OpenAttachmentPart, with a rewrap in place of the device's own wrap: step 7 is then the
// rewrap that was checked, step 8 its signature. kUnauthenticated also when what was wrapped is not the key
// that the part commits to: then the giver lied, which his signature proves.
absl::StatusOr<Bytes> OpenRewrapped(const VerifiedHeader& header, const VerifiedPart& part,
                                    const v1::Rewrap& rewrap, const crypto::HpkeKeyPair& pair,
                                    ByteView ciphertext);
absl::StatusOr<AttachmentContent> OpenRewrappedAttachment(const VerifiedHeader& header,
                                                          const VerifiedPart& part, const v1::Rewrap& rewrap,
                                                          const crypto::HpkeKeyPair& pair,
                                                          ByteView ciphertext);

}  // namespace seinpost::envelope

#endif  // SEINPOST_ENVELOPE_REWRAP_H_
