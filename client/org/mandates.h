// SPDX-License-Identifier: EUPL-1.2
// What members may do, and for how long.
#ifndef SEINPOST_CLIENT_ORG_MANDATES_H_
#define SEINPOST_CLIENT_ORG_MANDATES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/org/publish.h"
#include "client/terminal/context.h"
#include "util/bytes.h"

namespace seinpost::client {

// A mandate of one's own; or, with `deputy_for`, the same mandates as that member has, each as the deputy's
// own, from now and until they end unless told otherwise. `function` then picks among them.
struct OrgGrantArgs : OrgArgs {
  std::string member;  // handle
  std::string function;
  std::vector<std::string> scopes;
  std::string level;
  std::string from, until;  // dates; empty: now, and a year from `from`
  std::string deputy_for;   // handle
};
struct MandatesGranted {
  std::string organisation;
  std::vector<OrgData::Mandate> mandates;  // at least one; exactly one unless `as_deputy`
  bool as_deputy = false;
  bool published = false;
};
// Signs them and, if the broker is known, publishes them. Asks for the passphrase. A usage error: what the
// convenant in force does not know, as far as the broker can be asked.
absl::StatusOr<MandatesGranted> GrantMandates(const Context& context, const OrgGrantArgs& args);

struct OrgEndArgs : OrgArgs {
  std::string mandate;  // hexadecimal id
};
struct MandateEnded {
  Bytes mandate_id;
  bool published = false;  // until then it holds
};
// Asks for the passphrase. A usage error: no mandate of this organisation.
absl::StatusOr<MandateEnded> EndMandate(const Context& context, const OrgEndArgs& args);

// The mandates that a key directory granted, as far as it knows. Offline.
struct OrgMandatesArgs {
  std::string dir;
  std::string member;  // handle; empty: of all
};
// kWaiting: granted, and not published yet. kEnding: holds until its end is published. kRefused: the broker
// refused it, and it never was.
enum class MandateState { kWaiting, kNotYet, kInForce, kEnding, kEnded, kExpired, kRefused };
struct MandatesListed {
  std::string organisation;
  struct One {
    OrgData::Mandate mandate;
    MandateState state = MandateState::kInForce;
  };
  std::vector<One> mandates;  // as they were granted
};
// A usage error: no such member.
absl::StatusOr<MandatesListed> ListMandates(const Context& context, const OrgMandatesArgs& args);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_ORG_MANDATES_H_
