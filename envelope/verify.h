// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_ENVELOPE_VERIFY_H_
#define SEINPOST_ENVELOPE_VERIFY_H_

#include <functional>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "policies/decide/decide.h"
#include "seinpost/v1/envelope.pb.h"
#include "trust/directory.h"
#include "trust/facts.h"

namespace seinpost::envelope {

struct VerifiedPart {
  uint32_t index;
  v1::PartDescriptor descriptor;
  Digest recipient_set_hash;
  // The broker's verdict on the key set (R18), for CheckKeySets; OK at everybody else.
  absl::Status key_set;
};

// VerifiedHeader is an envelope whose signature, structure and hashes hold. The only way to get one is
// VerifyEnvelope.
class VerifiedHeader {
 public:
  const v1::Core& core() const { return core_; }
  const Bytes& core_bytes() const { return core_bytes_; }
  const Digest& h() const { return h_; }                      // SHA-256 of core_bytes
  const Digest& header_hash() const { return header_hash_; }  // SHA-256 of the header bytes
  const trust::Device& sender() const { return sender_; }     // a copy: outlives the directory
  const std::vector<VerifiedPart>& parts() const { return parts_; }
  const VerifiedPart* FindPart(uint32_t index) const;

 private:
  friend class EnvelopeVerifier;
  VerifiedHeader() = default;
  v1::Core core_;
  Bytes core_bytes_;
  Digest h_{};
  Digest header_hash_{};
  trust::Device sender_;
  std::vector<VerifiedPart> parts_;
};

enum class Verifier {
  kBroker,     // holds every part with its wraps; judges `created` by the clock
  kRecipient,  // holds the parts addressed to `own_device`, without wraps
  kSuccessor,  // holds parts addressed to other devices, whose keys it asks for (rewrap.h), without wraps
};

struct VerifyOptions {
  Verifier verifier = Verifier::kBroker;
  Bytes own_device;  // kRecipient
  // The time to judge by: the clock at the broker, the receipt's time at a recipient. `created` must lie
  // within 5 minutes of it, or up to 24 hours before it when queued.
  absl::Time now;
  // A recipient: authority as of the leaf in the receipt (Directory::SizeAtLeaf), keys as of core.checkpoint.
  // The broker: authority now, keys as of core.checkpoint.
  trust::AsOf as_of;
  // Called when a step was passed, with what is known by then, so that a caller's own steps take their place
  // in the order: 5 and 6 once 4 was passed, his part of 7 once 7 was. An error ends the verification.
  std::function<absl::Status(int step, const VerifiedHeader& so_far)> passed = nullptr;
};

// Checks an envelope in the order of docs/formats/envelope.md, and fails closed at the first that does not
// hold: (1) sizes and outer shape, (2) the sender's certificate by hash up to the root: valid at `now`, not
// revoked and of a party, all as of as_of.authority, (3) the signature over the exact header bytes, (4)
// strict parse, suite and convenant in force as of as_of.authority, created, (7) for every part the exact key
// set as of as_of.keys (envelope/audience.h, R18), `expires` within the cap; a recipient's own device exactly
// once per group, (8) part_hash, ct_hash, wrap_hash and sizes. Steps 5 and 6 (receipt, replay) are the
// caller's, 9 and 10 open.h's. Ciphertexts of attachments are not in the envelope: the caller checks their
// ct_hash.
//
// Errors carry the step in their text, as "step 3: …", for the local log only.
//   kResourceExhausted too large · kInvalidArgument malformed, names the field · kUnauthenticated signature
//   or certificate · kPermissionDenied structure or key set that the protocol forbids · kFailedPrecondition
//   another convenant, version or suite, or `created` outside its window
//
// The broker goes on where a key set is not the exact one, since that is for the rules to refuse, with a
// leaf; it calls CheckKeySets once they allowed the signal, in case they saw nothing (another prekey of the
// right device).
absl::StatusOr<VerifiedHeader> VerifyEnvelope(const v1::Envelope& envelope, const trust::Directory& directory,
                                              const VerifyOptions& options);

// OK, or why the first part whose key set is not the exact one was let through to the rules.
absl::Status CheckKeySets(const VerifiedHeader& header);

// The part of step 5 that broker and recipient judge by the same formula, so that what the one takes the
// other shows: the checkpoint that the sender had seen is at most kCheckpointAge older than `created`,
// whether or not the signal was queued. By `created`, which is in the signed core, and not by anybody's
// clock. `seen`: the time of core.checkpoint, if it says one. kFailedPrecondition: it is too old; starts with
// "core.checkpoint: ".
absl::Status CheckCheckpointAge(const v1::Core& core, std::optional<absl::Time> seen);

// What DecideSend is asked about a verified envelope (sealed = true), recipients expanded to members.
policies::SendRequest ToSendRequest(const VerifiedHeader& header, const trust::Directory& directory);

// The facts that DecideSend needs about everybody the envelope speaks of, as the directory knows them: valid
// devices and open prekeys at `at` (pass core.created, when the sender chose them), mandates with their
// times, which DecideSend judges. The caller adds what only it knows (the original of a forwarded signal).
policies::Facts LoadFacts(const VerifiedHeader& header, const trust::Directory& directory, absl::Time at,
                          const trust::AsOf& as_of = {});

}  // namespace seinpost::envelope

#endif  // SEINPOST_ENVELOPE_VERIFY_H_
