// SPDX-License-Identifier: EUPL-1.2
// Passing on what one received (R14): a new signal with its own decision, never wider than the first.
#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "policies/decide/rules.h"

namespace seinpost::policies {
namespace {

bool Received(const OriginalFacts& original, const MemberId& member) {
  if (original.sender == member) return true;
  return std::any_of(original.parts.begin(), original.parts.end(), [&](const OriginalFacts::Part& part) {
    return absl::c_linear_search(part.recipients, member);
  });
}

// Nobody outside `instance` is reached.
void JudgeReach(SendCase& send, const std::string& instance, Refusals& refusals) {
  const Channel* channel = send.convenant.FindChannel(instance);
  const absl::string_view scope = Convenant::ScopeOf(instance);
  for (RecipientCase& recipient : send.recipients) {
    if (!send.IsJudged(recipient)) continue;
    if (channel != nullptr && !recipient.foreign &&
        (send.convenant.IsMemberOf(*recipient.party, *channel, scope) ||
         send.convenant.IsGuestOf(*recipient.party, *channel, scope))) {
      continue;
    }
    refusals.Recipient(
        send, recipient, RefusalCode::kOnwardForbidden,
        channel != nullptr ? channel->members_at : send.convenant.channels_at(),
        {absl::StrCat(recipient.party->id, " zit niet in ", instance, ", waar dit signaal vandaan komt"),
         absl::StrCat(recipient.party->id, " is not in ", instance, ", where this signal came from")});
  }
}

}  // namespace

void JudgeOnward(SendCase& send, Refusals& refusals) {
  if (!send.request.forwards) return;
  const Convenant& c = send.convenant;
  if (!send.facts.original.has_value()) {
    return refusals.Signal(
        RefusalCode::kOnwardForbidden, c.channels_at(),
        {"het oorspronkelijke signaal is hier niet bekend", "the original signal is not known here"});
  }
  const OriginalFacts& original = *send.facts.original;
  const Party* origin = original.sender.convenant.empty() ? c.FindParty(original.sender.party) : nullptr;
  if (origin == nullptr) {
    return refusals.Signal(RefusalCode::kOnwardForbidden, c.parties_at(),
                           {"de oorspronkelijke afzender is geen partij", "the original sender is no party"});
  }
  if (origin->kind == kPolice && origin->id != send.request.sender.party) {
    refusals.Signal(RefusalCode::kOnwardForbidden, c.FindLevels(origin->kind)->at,
                    {"wat van de politie komt, wordt niet doorgestuurd; de politie kan het zelf delen",
                     "what comes from the police is not passed on; the police can share it themselves"});
  }
  if (!Received(original, send.request.sender)) {
    refusals.Signal(RefusalCode::kOnwardForbidden, c.channels_at(),
                    {"de afzender heeft het oorspronkelijke signaal niet ontvangen",
                     "the sender did not receive the original signal"});
  }
  if (original.withdrawn) {
    refusals.Signal(RefusalCode::kWithdrawn, c.channels_at(),
                    {"het oorspronkelijke signaal is ingetrokken", "the original signal was withdrawn"});
  }
  if (send.request.purpose != original.purpose) {
    const Purpose* purpose = c.FindPurpose(original.purpose);
    refusals.Signal(
        RefusalCode::kOnwardForbidden, purpose != nullptr ? purpose->at : c.purposes_at(),
        {absl::StrCat("het doel verandert: eerst ", original.purpose, ", nu ", send.request.purpose),
         absl::StrCat("the purpose changes: first ", original.purpose, ", now ", send.request.purpose)});
  }
  if (send.request.level > original.level) {
    const Channel* channel = c.FindChannel(original.channel);
    refusals.Signal(RefusalCode::kOnwardForbidden, channel != nullptr ? channel->ceiling_at : c.channels_at(),
                    {absl::StrCat("het niveau gaat omhoog, van ", ToString(original.level), " naar ",
                                  ToString(send.request.level)),
                     absl::StrCat("the level rises from ", ToString(original.level), " to ",
                                  ToString(send.request.level))});
  }
  JudgeReach(send, original.channel, refusals);
  // Passing on what was passed on leads no further than the first signal did.
  for (const std::string& instance : original.earlier_channels) JudgeReach(send, instance, refusals);
  if (original.earlier_unknown) {
    refusals.Signal(RefusalCode::kOnwardForbidden, c.channels_at(),
                    {"het signaal waar dit uit voortkwam is hier niet meer bekend",
                     "the signal that this came from is not known here any more"});
  }
}

}  // namespace seinpost::policies
