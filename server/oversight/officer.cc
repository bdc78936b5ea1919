// SPDX-License-Identifier: EUPL-1.2
#include "server/oversight/officer.h"

#include "policies/acts/acts.h"
#include "trust/facts.h"

namespace seinpost::server {

policies::Decision DecideReviewBy(const trust::Device& device, const trust::Directory& directory,
                                  absl::string_view organisation, absl::Time now) {
  const trust::Member& member = *directory.FindMember(device.member_ref);
  policies::Facts facts;
  facts.convenant = directory.convenant();
  policies::ReviewRequest request;
  request.reader = trust::ToMemberId(member);
  request.organisation = std::string(organisation);
  facts.members.emplace(request.reader, trust::MemberFactsOf(directory, member, now));
  return policies::DecideReview(request, {}, facts, now);
}

std::optional<OfficerScope> OfficerScopeOf(const trust::Device& device, const trust::Directory& directory,
                                           absl::Time now) {
  if (!DecideReviewBy(device, directory, device.organisation, now).allowed) return std::nullopt;
  return OfficerScope{device.organisation, DecideReviewBy(device, directory, {}, now).allowed};
}

}  // namespace seinpost::server
