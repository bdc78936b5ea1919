// SPDX-License-Identifier: EUPL-1.2
// Who reviews (R29): privacy officers, each of his own organisation, or of the whole convenant. Pure;
// thread-safe.
#ifndef SEINPOST_SERVER_OVERSIGHT_OFFICER_H_
#define SEINPOST_SERVER_OVERSIGHT_OFFICER_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "policies/decide/decide.h"
#include "trust/directory.h"

namespace seinpost::server {

struct OfficerScope {
  std::string organisation;
  bool whole_convenant = false;  // his organisation is one of the convenant's oversight

  bool Includes(absl::string_view of) const { return whole_convenant || organisation == of; }
};
// Nothing: the device's member is no privacy officer at `now`.
std::optional<OfficerScope> OfficerScopeOf(const trust::Device& device, const trust::Directory& directory,
                                           absl::Time now);

// May the device's member review the metadata of `organisation`; empty: of the whole convenant?
policies::Decision DecideReviewBy(const trust::Device& device, const trust::Directory& directory,
                                  absl::string_view organisation, absl::Time now);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_OVERSIGHT_OFFICER_H_
