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

// The same for receipts of published objects, whose leaves are the directory's own and have no opening.
absl::StatusOr<std::vector<PendingReceipt>> VerifyPublished(const trust::Directory& directory,
                                                            const v1::PublishReply& reply,
                                                            const std::vector<Bytes>& objects,
                                                            Language language);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_BROKER_RECEIPTS_H_
