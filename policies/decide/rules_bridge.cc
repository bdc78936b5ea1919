// SPDX-License-Identifier: EUPL-1.2
// Members of another convenant (R13): over a bridge that both convenants declare, each by a version that all
// its parties signed. What R2, R3 and R4 say at home, R13 says of them. Never transitive: what came over a
// bridge is not passed on (R14).
#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "policies/decide/rules.h"

namespace seinpost::policies {
namespace {

// The two declarations of one bridge; null: that side has none open now.
struct Sides {
  const Bridge* ours = nullptr;
  const Bridge* theirs = nullptr;
};

Sides FindSides(const SendCase& send, const RecipientCase& recipient) {
  Sides sides{.ours = send.convenant.FindBridge(recipient.id->convenant, send.now)};
  const Convenant* peer = recipient.home;
  const bool holds = peer != nullptr && send.now >= peer->valid_from() && send.now < peer->valid_until();
  if (holds) sides.theirs = peer->FindBridge(send.convenant.id(), send.now);
  return sides;
}

// What of this signal the bridge does not carry, and our clause about it; nullptr: it carries it.
const Position* NotCarried(const SendCase& send, const RecipientCase& recipient, const Sides& sides) {
  const Level level = std::max(send.request.level, send.LevelOf(send.PartOf(recipient)));
  const Level most = std::min({sides.ours->ceiling, sides.theirs->ceiling, LevelCap(recipient.home->kind())});
  if (level > most) return &sides.ours->ceiling_at;
  if (!absl::c_linear_search(sides.ours->purposes, send.request.purpose) ||
      !absl::c_linear_search(sides.theirs->purposes, send.request.purpose)) {
    return &sides.ours->purposes_at;
  }
  if (send.sender_party != nullptr &&
      (!absl::c_linear_search(sides.ours->kinds, send.sender_party->kind) ||
       !absl::c_linear_search(sides.theirs->their_kinds, send.sender_party->kind))) {
    return &sides.ours->kinds_at;
  }
  if (recipient.party != nullptr && (!absl::c_linear_search(sides.ours->their_kinds, recipient.party->kind) ||
                                     !absl::c_linear_search(sides.theirs->kinds, recipient.party->kind))) {
    return &sides.ours->at;
  }
  if (send.channel != nullptr && !absl::c_linear_search(sides.ours->channels, send.channel->name))
    return &sides.ours->channels_at;
  return nullptr;
}

void RefuseAsStranger(SendCase& send, RecipientCase& recipient, Refusals& refusals) {
  refusals.Member(
      send, recipient, RefusalCode::kNotAParty, send.convenant.parties_at(),
      {absl::StrCat(recipient.id->party, " is geen partij bij dit convenant, en niet bij een convenant dat ",
                    "hier bekend is"),
       absl::StrCat(recipient.id->party, " is no party to this convenant, nor to one that is known here")});
}

// R2, R3 and R4 by the convenant of the recipient.
void JudgeThere(SendCase& send, RecipientCase& recipient, const Position& clause, Refusals& refusals) {
  if (recipient.party == nullptr) return RefuseAsStranger(send, recipient, refusals);
  const Reach reach = recipient.facts == nullptr ? Reach{}
                                                 : ReachOf(*recipient.home, *recipient.party,
                                                           *recipient.facts, nullptr, "", send.now);
  const PartRequest& part = send.PartOf(recipient);
  if (!reach.mandated) {
    return refusals.Member(send, recipient, RefusalCode::kNoMandate, clause,
                           {absl::StrCat(ToString(*recipient.id), " heeft daar nu geen geldig mandaat"),
                            absl::StrCat(ToString(*recipient.id), " has no valid mandate there now")});
  }
  if (part.kind == PartKind::kSource || send.LevelOf(part) <= reach.level) return;
  const Text name = PartName(part.kind);
  refusals.Recipient(send, recipient, RefusalCode::kLevelExceeded, clause,
                     {absl::StrCat(ToString(*recipient.id), " mag daar ontvangen tot ", ToString(reach.level),
                                   "; ", name.nl, " is ", ToString(send.LevelOf(part))),
                      absl::StrCat(ToString(*recipient.id), " may receive up to ", ToString(reach.level),
                                   " there; ", name.en, " is ", ToString(send.LevelOf(part)))});
}

void JudgeCrossing(SendCase& send, RecipientCase& recipient, Refusals& refusals) {
  if (send.request.level == Level::kL0) {
    if (recipient.home == nullptr) return RefuseAsStranger(send, recipient, refusals);
    return JudgeThere(send, recipient, send.convenant.parties_at(), refusals);
  }
  const Sides sides = FindSides(send, recipient);
  if (sides.ours == nullptr || sides.theirs == nullptr) {
    const Text why = sides.ours == nullptr ? Text{"er is geen brug daarheen", "there is no bridge to it"}
                                           : Text{"de brug daarheen is aan de andere kant niet open",
                                                  "the bridge to it is not open on the other side"};
    return refusals.Member(
        send, recipient, RefusalCode::kNoBridge,
        sides.ours == nullptr ? send.convenant.parties_at() : sides.ours->at,
        {absl::StrCat(ToString(*recipient.id), " valt onder een ander convenant, en ", why.nl),
         absl::StrCat(ToString(*recipient.id), " is under another convenant, and ", why.en)});
  }
  if (const Position* clause = NotCarried(send, recipient, sides)) {
    return refusals.Member(
        send, recipient, RefusalCode::kBridgeScope, *clause,
        {absl::StrCat("de brug naar ", recipient.id->convenant, " draagt dit signaal niet"),
         absl::StrCat("the bridge to ", recipient.id->convenant, " does not carry this signal")});
  }
  JudgeThere(send, recipient, sides.ours->at, refusals);
}

}  // namespace

void JudgeBridge(SendCase& send, Refusals& refusals) {
  for (RecipientCase& recipient : send.recipients) {
    if (recipient.foreign && !recipient.sender && !recipient.settled)
      JudgeCrossing(send, recipient, refusals);
  }
}

}  // namespace seinpost::policies
