// SPDX-License-Identifier: EUPL-1.2
#include "server/directory/allowances.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "server/gate/quota.h"
#include "trust/directory.h"
#include "trust/fields.h"
#include "trust/objects.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

// What several parties sign holds a whole convenant, which takes long to judge, and nobody signs many.
constexpr uint32_t kJointPerMinute = 60;
// What lacks less than this is there: a bucket is a sum of many small numbers.
constexpr double kNothing = 1e-6;
constexpr absl::Duration kDay = absl::Hours(24);

bool IsGrant(v1::ObjectKind kind) {
  return kind == v1::OBJECT_KIND_ISSUER_CERTIFICATE || kind == v1::OBJECT_KIND_DEVICE_CERTIFICATE ||
         kind == v1::OBJECT_KIND_MANDATE;
}

// A prefix of rows has one size, and a kind and a span one byte.
Bytes KeyOf(ByteView realm, v1::ObjectKind kind, char span, absl::string_view signer) {
  return absl::StrCat(realm, U8(static_cast<uint8_t>(kind)), absl::string_view(&span, 1), signer);
}

}  // namespace

std::vector<Allowances::Span> Allowances::SpansOf(v1::ObjectKind kind) const {
  std::vector<Span> spans;
  if (limits_.per_minute > 0) {
    const uint32_t full =
        trust::TakesManySignatures(kind) ? std::min(limits_.per_minute, kJointPerMinute) : limits_.per_minute;
    spans.push_back({'m', static_cast<double>(full), absl::Minutes(1)});
  }
  if (limits_.grants_per_day > 0 && IsGrant(kind)) {
    spans.push_back({'d', static_cast<double>(limits_.grants_per_day), kDay});
  }
  return spans;
}

// A clock set back refills nothing.
double Allowances::Bucket::LeftAt(absl::Time now) const {
  const absl::Duration since = std::max(now - at, absl::ZeroDuration());
  return std::min(span.full, left + span.full * absl::FDivDuration(since, span.refill));
}

absl::Status Allowances::Check(ByteView realm, v1::ObjectKind kind, absl::string_view signer,
                               uint32_t objects, absl::Time now) const {
  absl::MutexLock lock(&mutex_);
  for (const Span& span : SpansOf(kind)) {
    const auto found = buckets_.find(KeyOf(realm, kind, span.name, signer));
    if (found == buckets_.end()) continue;
    const double lacking = std::min<double>(objects, span.full) - found->second.LeftAt(now);
    if (lacking <= kNothing) continue;
    const absl::Duration wait = span.refill * (lacking / span.full);
    return OverQuota(absl::Ceil(wait - absl::Microseconds(1), absl::Milliseconds(1)));
  }
  return absl::OkStatus();
}

void Allowances::Spend(ByteView realm, v1::ObjectKind kind, absl::string_view signer, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  if (now - forgotten_at_ >= absl::Minutes(1)) ForgetFull(now);
  for (const Span& span : SpansOf(kind)) {
    Bucket& bucket =
        buckets_.emplace(KeyOf(realm, kind, span.name, signer), Bucket{span, span.full, now}).first->second;
    bucket.left = bucket.LeftAt(now) - 1;
    bucket.at = std::max(now, bucket.at);
  }
}

void Allowances::ForgetFull(absl::Time now) {
  forgotten_at_ = now;
  std::erase_if(buckets_,
                [now](const auto& entry) { return entry.second.LeftAt(now) >= entry.second.span.full; });
}

size_t Allowances::signers() const {
  absl::MutexLock lock(&mutex_);
  return buckets_.size();
}

absl::Status CheckPrekeyMonth(const v1::Prekey& prekey, absl::Time now) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  ASSIGN_OR_RETURN(const absl::Time from, trust::CheckTime(prekey.seal_from(), "seal_from"));
  const absl::CivilMonth month = absl::ToCivilMonth(from, utc);
  if (from > absl::FromCivil(month, utc) + absl::Seconds(trust::kMaxPrekeyReplacements) ||
      absl::FromCivil(month + 1, utc) != absl::FromUnixSeconds(prekey.seal_until())) {
    return absl::InvalidArgumentError(
        "seal_from: with seal_until not the window of one calendar month (UTC)");
  }
  if (month - absl::ToCivilMonth(now, utc) > kPrekeyMonthsAhead) {
    return absl::FailedPreconditionError(
        absl::StrCat("seal_from: more than ", kPrekeyMonthsAhead, " months ahead"));
  }
  return absl::OkStatus();
}

}  // namespace seinpost::server
