// SPDX-License-Identifier: EUPL-1.2
// How far: the ceilings of channel, partner kind, function and mandate (R4), and what an order lowered (R31).
#include "absl/strings/str_cat.h"
#include "policies/decide/rules.h"

namespace seinpost::policies {

namespace {

void RefuseSender(const SendCase& send, const Reach& reach, Refusals& refusals) {
  refusals.Signal(
      RefusalCode::kLevelExceeded, *reach.clause,
      {absl::StrCat(ToString(send.request.sender), " mag hier delen tot ", ToString(reach.level)),
       absl::StrCat(ToString(send.request.sender), " may share up to ", ToString(reach.level), " here")});
}

void RefuseRecipient(SendCase& send, RecipientCase& recipient, const Reach& reach, Refusals& refusals) {
  const PartRequest& part = send.PartOf(recipient);
  const Text name = PartName(part.kind);
  refusals.Recipient(send, recipient, RefusalCode::kLevelExceeded, *reach.clause,
                     {absl::StrCat(ToString(*recipient.id), " mag hier ontvangen tot ", ToString(reach.level),
                                   "; ", name.nl, " is ", ToString(send.LevelOf(part))),
                      absl::StrCat(ToString(*recipient.id), " may receive up to ", ToString(reach.level),
                                   " here; ", name.en, " is ", ToString(send.LevelOf(part)))});
}

// Whether a tied ceiling can hold at all, as far as everybody sees: a case that exists, and in a sealed
// signal the claim of an action or role in it.
bool MayBeTied(const SendCase& send, const RecipientCase& recipient) {
  if (!send.request.has_case_ref || send.request.new_case) return false;
  if (!send.request.sealed) return true;
  const std::optional<Tie> claim = send.ClaimOf(recipient);
  return claim == Tie::kAction || claim == Tie::kCase;
}

// The reach of the sender, unless R24 takes the place of partner ceilings or R3 has told that he has none.
Reach ReachOfSender(const SendCase& send) {
  if (send.channel == nullptr || send.sender_party == nullptr || send.sender == nullptr || send.IsAlert())
    return {};
  return ReachOf(send.convenant, *send.sender_party, *send.sender, send.channel, send.scope, send.now);
}

// The same of a recipient whose part has a level of its own: a source is R21's alone.
Reach ReachOfRecipient(const SendCase& send, const RecipientCase& recipient) {
  const PartKind kind = send.PartOf(recipient).kind;
  if (send.channel == nullptr || !send.IsJudgedAtHome(recipient) || recipient.facts == nullptr) return {};
  if (kind == PartKind::kSource || (send.IsAlert() && kind == PartKind::kIdentity)) return {};
  return ReachOf(send.convenant, *recipient.party, *recipient.facts, send.channel, send.scope, send.now);
}

}  // namespace

// R4: no higher than channel, partner kind, function and mandate allow; for the sender by the signal's level,
// for a recipient by his part's. (The kind of convenant is R1's.) A tied ceiling is judged by JudgeTiedLevels
// where it can hold.
void JudgeLevels(SendCase& send, Refusals& refusals) {
  if (send.channel == nullptr) return;
  const Level level = send.request.level;
  if (level > send.channel->ceiling) {
    refusals.Signal(RefusalCode::kLevelExceeded, send.channel->ceiling_at,
                    {absl::StrCat("het kanaal ", send.request.channel, " gaat tot ",
                                  ToString(send.channel->ceiling), "; dit signaal is ", ToString(level)),
                     absl::StrCat("the channel ", send.request.channel, " goes up to ",
                                  ToString(send.channel->ceiling), "; this signal is ", ToString(level))});
  }
  const Reach sender = ReachOfSender(send);
  const bool sender_tied = send.request.has_case_ref && !send.request.new_case;
  if (sender.mandated && level > (sender_tied ? sender.tied : sender.level))
    RefuseSender(send, sender, refusals);
  for (RecipientCase& recipient : send.recipients) {
    const Reach reach = ReachOfRecipient(send, recipient);
    if (!reach.mandated) continue;
    const Level most = MayBeTied(send, recipient) ? reach.tied : reach.level;
    if (send.LevelOf(send.PartOf(recipient)) > most) {
      RefuseRecipient(send, recipient, reach, refusals);
    }
  }
}

// R4: a tied ceiling holds with an action or role in this case only; school, ward and competence do not lift
// it.
void JudgeTiedLevels(SendCase& send, Refusals& refusals) {
  const Level level = send.request.level;
  const Reach sender = ReachOfSender(send);
  if (sender.mandated && level > sender.level && level <= sender.tied && !send.HasRole(send.request.sender)) {
    RefuseSender(send, sender, refusals);
  }
  for (RecipientCase& recipient : send.recipients) {
    const Reach reach = ReachOfRecipient(send, recipient);
    const Level part_level = send.LevelOf(send.PartOf(recipient));
    if (!reach.mandated || part_level <= reach.level || part_level > reach.tied) continue;
    if (!send.HasRole(*recipient.id)) RefuseRecipient(send, recipient, reach, refusals);
  }
}

// R31: ... nor than an order of the controller that lowered the channel, or the sender's or a recipient's
// party. Justifications are exempt, as from R4: the officers must be able to read why.
void JudgeRestrictions(SendCase& send, Refusals& refusals) {
  if (send.channel == nullptr) return;
  const Level level = send.request.level;
  const Restriction* order = RestrictionOfChannel(send.facts, *send.channel);
  if (order != nullptr && level > order->ceiling) {
    const Text why = LoweredBy(*order);
    refusals.Signal(RefusalCode::kLevelExceeded, send.channel->ceiling_at,
                    {absl::StrCat(why.nl, "; dit signaal is ", ToString(level)),
                     absl::StrCat(why.en, "; this signal is ", ToString(level))});
  }
  order = send.sender_party == nullptr ? nullptr : RestrictionOfParty(send.facts, *send.sender_party);
  if (order != nullptr && level > order->ceiling) {
    const Text why = LoweredBy(*order);
    refusals.Signal(RefusalCode::kLevelExceeded, send.sender_party->at,
                    {absl::StrCat(why.nl, "; dit signaal is ", ToString(level)),
                     absl::StrCat(why.en, "; this signal is ", ToString(level))});
  }
  for (RecipientCase& recipient : send.recipients) {
    const PartKind kind = send.PartOf(recipient).kind;
    if (!send.IsJudgedAtHome(recipient) || kind == PartKind::kSource) continue;
    order = RestrictionOfParty(send.facts, *recipient.party);
    const Level part_level = send.LevelOf(send.PartOf(recipient));
    if (order == nullptr || part_level <= order->ceiling) continue;
    const Text why = LoweredBy(*order);
    const Text name = PartName(kind);
    refusals.Recipient(send, recipient, RefusalCode::kLevelExceeded, recipient.party->at,
                       {absl::StrCat(why.nl, "; ", name.nl, " is ", ToString(part_level)),
                        absl::StrCat(why.en, "; ", name.en, " is ", ToString(part_level))});
  }
}

}  // namespace seinpost::policies
