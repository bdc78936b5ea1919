// SPDX-License-Identifier: EUPL-1.2
// Receipts: the log's word that a leaf is there, checked when it is given and again when a checkpoint shows
// the leaf.
#ifndef SEINPOST_CLIENT_BROKER_RECEIPTS_H_
#define SEINPOST_CLIENT_BROKER_RECEIPTS_H_

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "audit/commitment.h"
#include "audit/receipt.h"
#include "client/profile/state.h"
#include "client/terminal/context.h"
#include "seinpost/v1/common.pb.h"
#include "seinpost/v1/directory.pb.h"
#include "trust/directory.h"

namespace seinpost::client {

// kOwn: of a call of this device; its opening shows the event. kDelivered: of a signal of somebody else; its
// request proof shows the request hash alone.
enum class ReceiptKind { kOwn, kDelivered };

struct CheckedReceipt {
  audit::ReceiptBody body;
  std::optional<audit::Opening> opening;  // kOwn
};

// The signature of whoever is the log at the receipt's index; that the receipt is for the request with this
// hash; that the leaf it names holds that hash. kDataLoss (exit 5): it does not verify.
absl::StatusOr<CheckedReceipt> VerifyReceipt(const trust::Directory& directory, const v1::Receipt& receipt,
                                             const Digest& request_hash, ReceiptKind kind, Language language);

// What is remembered of a receipt until a checkpoint shows its leaf. `now`: when it was given.
PendingReceipt PromiseOf(const audit::ReceiptBody& body, absl::Time now);

// The same for receipts of published objects, whose leaves are the directory's own and have no opening: one
// for each object that `directory` does not hold, in any order, and none for anything else. kDataLoss (exit
// 5): a receipt does not verify. kNotFound: there is none for an object that the directory does not hold.
absl::StatusOr<std::vector<PendingReceipt>> VerifyPublished(const trust::Directory& directory,
                                                            const v1::PublishReply& reply,
                                                            const std::vector<Bytes>& objects, absl::Time now,
                                                            Language language);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_BROKER_RECEIPTS_H_
