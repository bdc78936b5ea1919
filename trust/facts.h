// SPDX-License-Identifier: EUPL-1.2
// From a directory to the facts that policies/decide/decide.h asks for. Used alike by broker and client.
#ifndef SEINPOST_TRUST_FACTS_H_
#define SEINPOST_TRUST_FACTS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "policies/decide/decide.h"
#include "trust/directory.h"

namespace seinpost::trust {

// How policies name a member of the directory: with party, ref and handle filled in.
policies::MemberId ToMemberId(const Member& member);

// What counts when something is judged afterwards. Authority (certificates, mandates, convenant, orders) is
// what the log held when the signal came in; keys (devices and prekeys to seal to) are what its sender had
// seen, by the directory line of his checkpoint.
struct AsOf {
  DirSize authority = kNewest;
  DirSize keys = kNewest;
};

// What the directory knows of one member at `at`: mandates that stand, and his valid devices with the
// retention classes for which each has a prekey.
policies::MemberFacts MemberFactsOf(const Directory& directory, const Member& member, absl::Time at,
                                    const AsOf& as_of = {});

// The convenant in force (with its signatures, or it would not be in the directory), the orders that restrict
// it, all officers, and these members. REQUIRES: the directory has its convenant. It must outlive the result.
policies::Facts FactsAbout(const Directory& directory, const std::vector<const Member*>& members,
                           absl::Time at, const AsOf& as_of = {});
// The same about everybody: what a client needs to ask DecideSend with any recipients.
policies::Facts AllFacts(const Directory& directory, absl::Time at);

// All officers (function privacy_officer with a mandate at `at`) who must be able to read the justification
// of a signal sent by `sender`: his organisation's and the convenant's, each once, sorted (R10).
std::vector<const Member*> JustificationReaders(const Directory& directory, const Member& sender,
                                                absl::Time at);

// Whom "@channel" stands for at `level` when `sender` addresses it, sorted (policies::ChannelMembers).
// kInvalidArgument: no such channel or scope; the text lists what exists.
absl::StatusOr<std::vector<const Member*>> ChannelMembers(const Directory& directory,
                                                          absl::string_view channel, policies::Level level,
                                                          const Member& sender, absl::Time at);

}  // namespace seinpost::trust

#endif  // SEINPOST_TRUST_FACTS_H_
