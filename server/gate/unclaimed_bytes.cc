// SPDX-License-Identifier: EUPL-1.2
#include "server/gate/unclaimed_bytes.h"

#include "absl/time/time.h"
#include "server/gate/quota.h"

namespace seinpost::server {

namespace {

// What lies unclaimed is deleted by the hour or claimed at any moment.
constexpr absl::Duration kClaimsComeBack = absl::Minutes(1);

Bytes DeviceKey(ByteView realm, ByteView device) { return Bytes(realm) + Bytes(device); }

bool Exceeds(uint64_t used, uint64_t more, uint64_t limit) {
  return limit != 0 && (more > limit || used > limit - more);
}

template <typename Sums>
uint64_t SumOf(const Sums& sums, ByteView key) {
  const auto found = sums.find(key);
  return found == sums.end() ? 0 : found->second;
}

template <typename Sums>
void Subtract(Sums& sums, ByteView key, uint64_t bytes) {
  const auto found = sums.find(key);
  if (found == sums.end()) return;
  found->second -= bytes;
  if (found->second == 0) sums.erase(found);
}

}  // namespace

UnclaimedBytes::Charge::~Charge() {
  absl::MutexLock lock(&bytes_.mutex_);
  bytes_.Release(owner_, charged_);
}

absl::Status UnclaimedBytes::Charge::Add(uint64_t bytes) {
  absl::Status taken = bytes_.Take(owner_, bytes);
  if (taken.ok()) charged_ += bytes;
  return taken;
}

void UnclaimedBytes::Charge::Keep(const Bytes& key) {
  absl::MutexLock lock(&bytes_.mutex_);
  bytes_.Put(key, owner_, charged_);
  charged_ = 0;
}

absl::Status UnclaimedBytes::Take(const Owner& owner, uint64_t bytes) {
  absl::MutexLock lock(&mutex_);
  if (Exceeds(SumOf(devices_, DeviceKey(owner.realm, owner.device)), bytes, limits_.per_device) ||
      Exceeds(SumOf(organisations_, owner.realm + owner.organisation), bytes, limits_.per_organisation) ||
      Exceeds(in_all_, bytes, limits_.in_all)) {
    return OverQuota(kClaimsComeBack);
  }
  Count(owner, bytes);
  return absl::OkStatus();
}

void UnclaimedBytes::Restore(const Bytes& key, const Owner& owner, uint64_t bytes) {
  absl::MutexLock lock(&mutex_);
  Count(owner, bytes);
  Put(key, owner, bytes);
}

void UnclaimedBytes::Forget(ByteView key) {
  absl::MutexLock lock(&mutex_);
  const auto found = kept_.find(key);
  if (found == kept_.end()) return;
  Release(found->second.owner, found->second.bytes);
  kept_.erase(found);
}

// What is counted already becomes that of the attachment.
void UnclaimedBytes::Put(const Bytes& key, const Owner& owner, uint64_t bytes) {
  const auto found = kept_.find(key);
  if (found != kept_.end()) {
    Release(found->second.owner, found->second.bytes);
    kept_.erase(found);
  }
  kept_.emplace(key, Kept{owner, bytes});
}

void UnclaimedBytes::Count(const Owner& owner, uint64_t bytes) {
  in_all_ += bytes;
  if (!owner.device.empty()) devices_[DeviceKey(owner.realm, owner.device)] += bytes;
  if (!owner.organisation.empty()) organisations_[owner.realm + owner.organisation] += bytes;
}

void UnclaimedBytes::Release(const Owner& owner, uint64_t bytes) {
  in_all_ -= bytes;
  if (!owner.device.empty()) Subtract(devices_, DeviceKey(owner.realm, owner.device), bytes);
  if (!owner.organisation.empty()) Subtract(organisations_, owner.realm + owner.organisation, bytes);
}

uint64_t UnclaimedBytes::in_all() const {
  absl::MutexLock lock(&mutex_);
  return in_all_;
}

uint64_t UnclaimedBytes::OfDevice(ByteView realm, ByteView device) const {
  absl::MutexLock lock(&mutex_);
  return SumOf(devices_, DeviceKey(realm, device));
}

}  // namespace seinpost::server
