// SPDX-License-Identifier: EUPL-1.2
// What a broker makes up: everything that takes the log key and no other. For tests only: aborts on what must
// not fail.
#ifndef SEINPOST_TESTS_HOSTILE_FORGE_H_
#define SEINPOST_TESTS_HOSTILE_FORGE_H_

#include <functional>

#include "audit/checkpoint.h"
#include "audit/event.h"
#include "audit/receipt.h"
#include "seinpost/v1/signal.pb.h"
#include "tests/testing/network.h"

namespace seinpost::test {

// A signed note with something changed, and signed anew.
Bytes ForgedCheckpoint(const TestNetwork& network, ByteView note,
                       const std::function<void(audit::Checkpoint&)>& change);
audit::Checkpoint ReadCheckpoint(const TestNetwork& network, ByteView note);

// Changes what a receipt says, and signs it anew.
void ForgeReceipt(const TestNetwork& network, v1::Receipt& receipt,
                  const std::function<void(audit::ReceiptBody&)>& change);
// The receipt of an event that nobody logged, at leaf `index`: as a recipient gets it for a signal with these
// header bytes, or as the caller gets it whose request bytes hash to the event's request hash.
v1::Receipt ReceiptForHeader(const TestNetwork& network, ByteView header, uint64_t index, absl::Time time);
v1::Receipt ReceiptForCaller(const TestNetwork& network, const audit::Event& event, uint64_t index,
                             absl::Time time);

// What `device` would be delivered of `envelope`, had it been logged at leaf `index`.
v1::Delivery ForgedDelivery(const TestNetwork& network, const v1::Envelope& envelope, ByteView device,
                            uint64_t index, absl::Time time);

// Flips one bit of the last byte.
void Flip(std::string* bytes);

}  // namespace seinpost::test

#endif  // SEINPOST_TESTS_HOSTILE_FORGE_H_
