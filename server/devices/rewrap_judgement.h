// SPDX-License-Identifier: EUPL-1.2
// Requests for keys and their answers, judged: by the checks of envelope/rewrap.h and by the rules of
// reading. Inside of Rewraps only. Thread-safe.
#ifndef SEINPOST_SERVER_DEVICES_REWRAP_JUDGEMENT_H_
#define SEINPOST_SERVER_DEVICES_REWRAP_JUDGEMENT_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "envelope/rewrap.h"
#include "seinpost/v1/envelope.pb.h"
#include "server/rows/device_records.h"
#include "server/signals/judged_operation.h"
#include "server/signals/original.h"

namespace seinpost::server {

// The signal that a request or an answer is about, as it is stored and as it was verified.
struct RewrapSubject {
  Original original;
  envelope::VerifiedHeader header;
};
// kNotFound: no such signal. kInvalidArgument: another header hash. `name` is the statement's, for the text.
absl::StatusOr<RewrapSubject> LoadRewrapSubject(const Store& store, const Realm& realm,
                                                const trust::Directory& directory, ByteView signal_id,
                                                ByteView header_hash, absl::string_view name);

// A request or an answer with its subject, on its way to the commit thread.
template <typename Message>
struct Stated {
  Message message;
  envelope::SignedStatement signed_statement;
  RewrapSubject subject;
};
using RewrapQuestion = Stated<v1::RewrapRequest>;
using RewrapAnswer = Stated<v1::Rewrap>;

// Whether `device` may have the key: the checks that everybody makes, then the rules of reading. A part that
// is not there is refused as one that is somebody else's. kUnauthenticated: the device may not act.
// kInvalidArgument, kFailedPrecondition: what is wrong with the request.
absl::StatusOr<Judgement> JudgeRewrapRequest(const RewrapQuestion& question, ByteView device,
                                             DirectorySnapshot directory, absl::Time now);

// Whether the answer of `device` fits `open`, the request as it is stored, and both hold. Errors as above;
// kFailedPrecondition: the request no longer holds, or its device may not act.
absl::StatusOr<Judgement> JudgeRewrap(const RewrapAnswer& answer, const LoggedStatement& open,
                                      ByteView device, DirectorySnapshot directory, absl::Time now);

absl::Status NoSuchRewrapRequest();

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_DEVICES_REWRAP_JUDGEMENT_H_
