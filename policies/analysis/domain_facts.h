// SPDX-License-Identifier: EUPL-1.2
// The synthetic members of a domain. Internal to policies/.
#ifndef SEINPOST_POLICIES_ANALYSIS_DOMAIN_FACTS_H_
#define SEINPOST_POLICIES_ANALYSIS_DOMAIN_FACTS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "policies/decide/request.h"
#include "policies/document/convenant.h"

namespace seinpost::policies {

// Person number `index` who holds `function` in `party`, by his function: "school/director",
// "school/director-2". `peer` is empty for this convenant.
MemberId SyntheticMember(const std::string& peer, const std::string& party, const std::string& function,
                         size_t index);

// The scopes that a full mandate of `party` names: its own, and every scope of a kind that it is not bound
// to.
std::vector<std::string> MandateScopes(const Convenant& convenant, const Party& party);

}  // namespace seinpost::policies

#endif  // SEINPOST_POLICIES_ANALYSIS_DOMAIN_FACTS_H_
