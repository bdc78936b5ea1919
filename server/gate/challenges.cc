// SPDX-License-Identifier: EUPL-1.2
#include "server/gate/challenges.h"

#include <algorithm>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "crypto/hash.h"

namespace seinpost::server {

namespace {

constexpr size_t kTimeBytes = 8;
constexpr size_t kHeadBytes = 16;
constexpr size_t kTagBytes = 16;

// When a nonce whose tag was right was made.
absl::Time MadeAt(ByteView nonce) {
  const absl::StatusOr<uint64_t> milliseconds = ReadU64(nonce.substr(0, kTimeBytes));
  return milliseconds.ok() ? absl::FromUnixMillis(static_cast<int64_t>(*milliseconds)) : absl::InfinitePast();
}

}  // namespace

Challenges::Challenges() : key_(crypto::Secret<32>::Random()) {}

Bytes Challenges::Make(absl::Time now) {
  const int64_t milliseconds = std::max<int64_t>(0, absl::ToUnixMillis(now));
  Bytes nonce =
      absl::StrCat(U64(static_cast<uint64_t>(milliseconds)), crypto::RandomBytes(kHeadBytes - kTimeBytes));
  absl::MutexLock lock(&mutex_);
  Watch(now);
  return absl::StrCat(nonce, Tag(nonce));
}

bool Challenges::IsGood(ByteView nonce, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  Watch(now);
  return Good(nonce, now);
}

bool Challenges::Spend(ByteView nonce, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  Watch(now);
  if (!Good(nonce, now)) return false;
  // Whatever the clock says later is no more than the slack before `latest_`: these are stale for good.
  while (!spent_.empty() && latest_ - MadeAt(*spent_.begin()) >= kNonceLife + kClockSlack) {
    spent_.erase(spent_.begin());
  }
  return spent_.emplace(nonce).second;
}

size_t Challenges::spent() const {
  absl::MutexLock lock(&mutex_);
  return spent_.size();
}

void Challenges::Watch(absl::Time now) {
  if (now < latest_ - kClockSlack) {
    key_ = crypto::Secret<32>::Random();
    spent_.clear();
    latest_ = now;
  }
  latest_ = std::max(latest_, now);
}

Bytes Challenges::Tag(ByteView head) const {
  return Bytes(View(crypto::HmacSha256(key_.ExposeSecretView(), head)).substr(0, kTagBytes));
}

bool Challenges::Good(ByteView nonce, absl::Time now) const {
  if (nonce.size() != kHeadBytes + kTagBytes) return false;
  if (!crypto::ConstantTimeEquals(Tag(nonce.substr(0, kHeadBytes)), nonce.substr(kHeadBytes))) return false;
  const absl::Duration age = now - MadeAt(nonce);
  return -kClockSlack <= age && age < kNonceLife && spent_.find(nonce) == spent_.end();
}

}  // namespace seinpost::server
