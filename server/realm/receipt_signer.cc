// SPDX-License-Identifier: EUPL-1.2
#include "server/realm/receipt_signer.h"

namespace seinpost::server {

namespace {
constexpr size_t kRemembered = 8192;
}  // namespace

audit::Receipt ReceiptSigner::Sign(audit::ReceiptBody body, const LogPeriods& periods) {
  {
    absl::MutexLock lock(&mutex_);
    const auto found = remembered_.find(body.index);
    if (found != remembered_.end()) return found->second;
  }
  const LogPeriod& period = PeriodOfLeaf(periods, body.index);
  body.origin = period.origin;
  audit::Receipt receipt = audit::MakeReceipt(body, *period.key);
  absl::MutexLock lock(&mutex_);
  remembered_[body.index] = receipt;
  if (remembered_.size() > kRemembered) remembered_.erase(remembered_.begin());
  return receipt;
}

}  // namespace seinpost::server
