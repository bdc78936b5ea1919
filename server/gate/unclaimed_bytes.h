// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_GATE_UNCLAIMED_BYTES_H_
#define SEINPOST_SERVER_GATE_UNCLAIMED_BYTES_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "util/bytes.h"

namespace seinpost::server {

// What every attachment counts for beside its bytes, so that many small ones are bounded too.
inline constexpr uint64_t kAttachmentOverheadBytes = 4096;

// UnclaimedBytes counts the attachments that no signal speaks of, from the first byte of an upload until a
// signal claims it or it is deleted: for each device, for each organisation, and in all. Thread-safe.
class UnclaimedBytes {
 public:
  // 0: no limit.
  struct Limits {
    uint64_t per_device = 0;
    uint64_t per_organisation = 0;
    uint64_t in_all = 0;
  };
  explicit UnclaimedBytes(const Limits& limits) : limits_(limits) {}

  // Who uploads, of which convenant. Empty fields, of what an earlier version stored, count in all only.
  struct Owner {
    Bytes realm;  // Realm::prefix()
    Bytes device;
    std::string organisation;
  };

  // Bytes that are counted for their owner until this dies, or they are kept. Not thread-safe. Borrows what
  // it comes from.
  class Charge {
   public:
    Charge(UnclaimedBytes& bytes, Owner owner) : bytes_(bytes), owner_(std::move(owner)) {}
    ~Charge();
    Charge(const Charge&) = delete;
    Charge& operator=(const Charge&) = delete;

    // kResourceExhausted with the time to wait: that is more than may lie unclaimed; then nothing was added.
    absl::Status Add(uint64_t bytes);
    // From now on they are counted as those of the attachment under `key`, in place of what was.
    void Keep(const Bytes& key);

   private:
    UnclaimedBytes& bytes_;
    const Owner owner_;
    uint64_t charged_ = 0;
  };

  // What lies in the database at the start, beyond the limits or not.
  void Restore(const Bytes& key, const Owner& owner, uint64_t bytes);
  // The attachment under `key` was claimed or deleted; nothing, if it is not counted.
  void Forget(ByteView key);

  uint64_t in_all() const;
  uint64_t OfDevice(ByteView realm, ByteView device) const;

 private:
  using Sums = std::map<Bytes, uint64_t, std::less<>>;
  struct Kept {
    Owner owner;
    uint64_t bytes;
  };
  absl::Status Take(const Owner& owner, uint64_t bytes);
  void Put(const Bytes& key, const Owner& owner, uint64_t bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Count(const Owner& owner, uint64_t bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Release(const Owner& owner, uint64_t bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Limits limits_;
  mutable absl::Mutex mutex_;
  std::map<Bytes, Kept, std::less<>> kept_ ABSL_GUARDED_BY(mutex_);  // by key of the attachment
  Sums devices_ ABSL_GUARDED_BY(mutex_);
  Sums organisations_ ABSL_GUARDED_BY(mutex_);
  uint64_t in_all_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_GATE_UNCLAIMED_BYTES_H_
