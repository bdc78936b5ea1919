// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_COMMIT_OPERATION_H_
#define SEINPOST_SERVER_COMMIT_OPERATION_H_

#include <cstddef>

#include "absl/status/status.h"
#include "server/commit/transaction.h"

namespace seinpost::server {

// One change: state and the leaf that tells of it.
class Operation {
 public:
  virtual ~Operation() = default;
  // On the commit thread: decides what is written, and writes it to `transaction`. Must be cheap: everybody
  // waits. May write nothing, if the change turns out to be refused or done already.
  virtual void Apply(Transaction& transaction) = 0;
  // On the commit thread, after the sync: wakes whoever waits for this change. Not called if the commit
  // failed.
  virtual void Committed() {}
  // How many bytes it holds from Enqueue() until it was completed, to a few kilobytes. Any thread; always the
  // same.
  virtual size_t bytes() const { return 4 * 1024; }
  // Goes before others that wait: revocations and orders that restrict.
  virtual bool urgent() const { return false; }
  // On a completer thread, once, always: OK if what Apply wrote is durable, kResourceExhausted if too
  // much was waiting to take it in, otherwise kUnavailable.
  virtual void Complete(const absl::Status& commit) = 0;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_COMMIT_OPERATION_H_
