// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_REALM_RECEIPT_SIGNER_H_
#define SEINPOST_SERVER_REALM_RECEIPT_SIGNER_H_

#include <cstdint>
#include <map>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "audit/receipt.h"
#include "server/realm/log_keys.h"

namespace seinpost::server {

// ReceiptSigner signs receipts of leaves and remembers the last few thousand, since recipients get the same
// one as the sender. Thread-safe.
class ReceiptSigner {
 public:
  // Signs under the origin and by the key of the period that the leaf lies in; body.origin need not be set.
  audit::Receipt Sign(audit::ReceiptBody body, const LogPeriods& periods);

 private:
  absl::Mutex mutex_;
  std::map<uint64_t, audit::Receipt> remembered_ ABSL_GUARDED_BY(mutex_);  // by leaf index
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_REALM_RECEIPT_SIGNER_H_
