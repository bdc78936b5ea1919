// SPDX-License-Identifier: EUPL-1.2
#include "trust/changes.h"

#include "trust/log_identity.h"

namespace seinpost::trust {

namespace pb = seinpost::v1;

namespace {

// What all three kinds begin with.
template <typename Body>
Body Begin(const Directory& directory, uint64_t number) {
  Body body;
  body.set_version(1);
  body.set_convenant_id(directory.convenant()->id());
  body.set_convenant_hash(ToBytes(directory.convenant_hash()));
  body.set_number(number);
  return body;
}

}  // namespace

pb::TrustUpdate NewTrustUpdate(const Directory& directory) {
  return Begin<pb::TrustUpdate>(directory, directory.NextTrustUpdateNumber());
}

pb::RestrictionOrder NewRestrictionOrder(const Directory& directory, absl::Time now) {
  auto order = Begin<pb::RestrictionOrder>(directory, directory.NextRestrictionNumber());
  order.set_time(absl::ToUnixSeconds(now));
  return order;
}

pb::LogEpoch NewLogEpoch(const Directory& directory, absl::Time now) {
  auto epoch = Begin<pb::LogEpoch>(directory, directory.NextEpochNumber());
  epoch.set_directory_size(directory.size());
  epoch.set_origin(EpochOrigin(directory.convenant()->id(), epoch.number()));
  epoch.set_time(absl::ToUnixSeconds(now));
  return epoch;
}

}  // namespace seinpost::trust
