// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_GATE_CHALLENGES_H_
#define SEINPOST_SERVER_GATE_CHALLENGES_H_

#include <cstddef>
#include <set>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "crypto/secret.h"
#include "util/bytes.h"

namespace seinpost::server {

inline constexpr absl::Duration kNonceLife = absl::Seconds(60);
// By so much a clock may be put right while logins go on.
inline constexpr absl::Duration kClockSlack = absl::Seconds(5);

// Challenges gives out nonces for logins and remembers none of them before somebody has logged in with it:
//
//   nonce (32 bytes) = u64be unix milliseconds || 8 random bytes || HMAC-SHA256(key, the 16 bytes
//   before)[:16]
//
// The key is drawn by this process and never leaves it, so a restart voids what was given out. Whoever asks
// for challenges without end costs no memory; who spends one has signed it, and is counted by the caller.
//
// When the clock is set back by more than kClockSlack a new key is drawn: what was given out before is void,
// so that nothing spent can come again at its old time. Thread-safe.
class Challenges {
 public:
  Challenges();

  // 32 bytes.
  Bytes Make(absl::Time now);
  // Whether this object made `nonce` less than kNonceLife ago and nobody has spent it. Costs one hash.
  bool IsGood(ByteView nonce, absl::Time now);
  // Spends it. False, and nothing changes: not good any more. Only for a nonce that a known device has
  // signed: each is remembered until it would be stale anyhow.
  bool Spend(ByteView nonce, absl::Time now);

  size_t spent() const;  // how many are remembered

 private:
  void Watch(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Bytes Tag(ByteView head) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  bool Good(ByteView nonce, absl::Time now) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  crypto::Secret<32> key_ ABSL_GUARDED_BY(mutex_);
  absl::Time latest_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();  // that the clock ever said
  std::set<Bytes, std::less<>> spent_ ABSL_GUARDED_BY(mutex_);  // a nonce begins with its time: oldest first
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_GATE_CHALLENGES_H_
