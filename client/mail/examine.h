// SPDX-License-Identifier: EUPL-1.2
// The recipient's ten steps (docs/formats/envelope.md) but for the opening itself.
#ifndef SEINPOST_CLIENT_MAIL_EXAMINE_H_
#define SEINPOST_CLIENT_MAIL_EXAMINE_H_

#include "absl/status/statusor.h"
#include "audit/receipt.h"
#include "client/session/session.h"
#include "envelope/verify.h"
#include "seinpost/v1/signal.pb.h"

namespace seinpost::client {

struct Examined {
  envelope::VerifiedHeader header;
  audit::ReceiptBody receipt;
};

// kArriving: as the broker hands it over; asks the network where a check needs it. kRestoring: the same of
// parts that are for others, whose keys this device asks for. kStored: taken in before either way, verified
// anew with what is known now; whether this device has a key of a part shows when it is opened.
enum class Examination { kArriving, kRestoring, kStored };

// Steps 1 to 8, in order. What the delivery fails is marked as a verdict on it and carries the step in its
// text, for the local log only; kOutOfRange: all of it has expired. Everything else is about the way there
// and says so itself: kUnavailable, the broker was needed and is not there; kDataLoss, a fork;
// kFailedPrecondition, a clock that is off.
absl::StatusOr<Examined> Examine(Session& session, const v1::Delivery& delivery, const StateData& data,
                                 Examination examination);

// Whether an error is a verdict on one delivery: it says nothing of the mail behind it.
bool IsVerdict(const absl::Status& status);
// The same error, marked as one.
absl::Status Verdict(absl::Status status);

// What a delivery says of itself, nothing verified.
v1::Envelope EnvelopeOf(const v1::Delivery& delivery);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_MAIL_EXAMINE_H_
