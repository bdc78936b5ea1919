// SPDX-License-Identifier: EUPL-1.2
// What is true of members, parties and channels, for the reference rules: each question answered by looking
// in the lists of the document and the facts. Pure functions; what they return points into what they get.
#ifndef SEINPOST_TESTS_POLICIES_REFERENCE_WORLD_H_
#define SEINPOST_TESTS_POLICIES_REFERENCE_WORLD_H_

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "policies/decide/request.h"

namespace seinpost::policies::reference {

// "core@school-a" is the channel "core" at the scope "school-a".
absl::string_view ChannelName(absl::string_view instance);
absl::string_view ScopeName(absl::string_view instance);
// Null: there is no such channel, or it does not exist at that scope.
const Channel* ChannelAt(const Convenant& convenant, const std::string& instance);

// Null: no such party.
const Party* PartyOf(const Convenant& convenant, const MemberId& member);
// Empty: no such party.
const std::string& KindOf(const Convenant& convenant, const MemberId& member);
// The party that signs for this one, itself if it signs.
const std::string& SignerOf(const Convenant& convenant, const std::string& party);

enum class Seat { kNone, kGuest, kMember };
Seat SeatOf(const Convenant& convenant, const MemberId& member, const std::string& instance);

// The mandates that give him something: he is certified and not revoked, the mandate holds now, and
// `convenant` declares its function for his kind. With `instance`: for a channel that exists per scope, those
// for everywhere or for its scope.
using Mandates = absl::InlinedVector<const MandateFacts*, 4>;
Mandates MandatesOf(const Convenant& convenant, const Facts& facts, const MemberId& member, absl::Time now,
                    const std::optional<absl::string_view>& instance = std::nullopt);

// How far he gets by his best mandate: the least of kind, function and mandate. Absent: no mandate. `tied`:
// by the kind's second ceiling, where it has one.
std::optional<Level> Reach(const Convenant& convenant, const Facts& facts, const MemberId& member,
                           absl::Time now, const std::optional<absl::string_view>& instance, bool tied);

// Whether place or competence really tie `member` to a signal of `sender` in `instance` for `purpose` (R9).
// Actions and cases are for the caller to judge: false.
bool HoldsTie(Tie tie, const Convenant& convenant, const Facts& facts, const MemberId& member,
              const MemberId& sender, const std::string& instance, const std::string& purpose,
              absl::Time now);

bool IsOfficer(const Facts& facts, const MemberId& member, absl::Time now);
// Whether he has anything else to do here than to oversee (R29).
bool HasAnotherOffice(const Facts& facts, const MemberId& member, absl::Time now);
// Those who read what `sender` justifies (R10).
std::set<MemberId> OfficersFor(const Convenant& convenant, const Facts& facts, const MemberId& sender,
                               absl::Time now);
// Those who approve of revealing what `sender` keeps, by group (R6).
std::vector<std::set<MemberId>> ApprovalGroups(const Convenant& convenant, const Facts& facts,
                                               const MemberId& sender, absl::Time now);

// The level at which a part of a signal is judged.
Level LevelOfPart(PartKind part, Level signal, SignalKind kind);
// Identity that is not kept, care, attachment: what names a person to its recipient.
bool NamesSomebody(PartKind part, bool kept);

// How a recipient is written in lists of ties and justified members.
std::string KeyOf(const MemberId& member);

bool Has(const std::vector<std::string>& words, absl::string_view word);

}  // namespace seinpost::policies::reference

#endif  // SEINPOST_TESTS_POLICIES_REFERENCE_WORLD_H_
