// SPDX-License-Identifier: EUPL-1.2
// How close to a person: ceilings (R4, R31), clean L0 and L1 (R5, R6), named signals (R7), match tags (R20).
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "policies/rules.h"

namespace seinpost::policies {

// R4: no higher than channel, partner kind, function and mandate allow; for the sender by the signal's level,
// for a recipient by his part's. (The kind of convenant is R1's.)
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
  if (send.sender_party != nullptr && send.sender != nullptr) {
    const Reach reach =
        ReachOf(send.convenant, *send.sender_party, *send.sender, *send.channel, send.scope, send.now);
    if (reach.mandated && level > reach.level) {
      refusals.Signal(
          RefusalCode::kLevelExceeded, *reach.clause,
          {absl::StrCat(ToString(send.request.sender), " mag hier delen tot ", ToString(reach.level)),
           absl::StrCat(ToString(send.request.sender), " may share up to ", ToString(reach.level), " here")});
    }
  }
  for (RecipientCase& recipient : send.recipients) {
    const PartRequest& part = send.PartOf(recipient);
    if (!send.IsJudged(recipient) || part.kind == PartKind::kSource || recipient.facts == nullptr) continue;
    const Reach reach =
        ReachOf(send.convenant, *recipient.party, *recipient.facts, *send.channel, send.scope, send.now);
    if (!reach.mandated || PartLevel(part.kind, level) <= reach.level) continue;
    const Text name = PartName(part.kind);
    refusals.Recipient(
        send, recipient, RefusalCode::kLevelExceeded, *reach.clause,
        {absl::StrCat(ToString(*recipient.id), " mag hier ontvangen tot ", ToString(reach.level), "; ",
                      name.nl, " is ", ToString(PartLevel(part.kind, level))),
         absl::StrCat(ToString(*recipient.id), " may receive up to ", ToString(reach.level), " here; ",
                      name.en, " is ", ToString(PartLevel(part.kind, level)))});
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
    if (!send.IsJudged(recipient) || kind == PartKind::kSource) continue;
    order = RestrictionOfParty(send.facts, *recipient.party);
    const Level part_level = PartLevel(kind, level);
    if (order == nullptr || part_level <= order->ceiling) continue;
    const Text why = LoweredBy(*order);
    const Text name = PartName(kind);
    refusals.Recipient(send, recipient, RefusalCode::kLevelExceeded, recipient.party->at,
                       {absl::StrCat(why.nl, "; ", name.nl, " is ", ToString(part_level)),
                        absl::StrCat(why.en, "; ", name.en, " is ", ToString(part_level))});
  }
}

// R5: an L0 signal is about no person: no case reference, no match tag, no identity.
void JudgeThematic(SendCase& send, Refusals& refusals) {
  if (send.request.level != Level::kL0 || send.channel == nullptr) return;
  const Position& clause = send.channel->ceiling_at;
  if (send.request.has_case_ref) {
    refusals.Signal(RefusalCode::kSubjectAtThematic, clause,
                    {"een signaal op L0 gaat niet over een casus", "an L0 signal is about no case"});
  }
  if (send.request.has_match_tag) {
    refusals.Signal(
        RefusalCode::kSubjectAtThematic, clause,
        {"een signaal op L0 heeft geen vergelijkingskenmerk", "an L0 signal carries no match tag"});
  }
  for (size_t part = 0; part < send.request.parts.size(); ++part) {
    if (send.request.parts[part].kind != PartKind::kIdentity) continue;
    refusals.Part(send, part, RefusalCode::kSubjectAtThematic, clause,
                  {"een signaal op L0 gaat niet over een persoon", "an L0 signal is about no person"});
  }
  if (!send.request.identifier_hits.empty()) {
    refusals.Signal(
        RefusalCode::kSubjectAtThematic, clause,
        {absl::StrCat("in de tekst staat wie het is: ", absl::StrJoin(send.request.identifier_hits, ", ")),
         absl::StrCat("the text tells who it is: ", absl::StrJoin(send.request.identifier_hits, ", "))});
  }
}

// R6: an L1 signal holds exactly an opaque case reference, and no identity but a kept one.
void JudgePseudonymous(SendCase& send, Refusals& refusals) {
  if (send.request.level != Level::kL1 || send.channel == nullptr) return;
  const Position& clause = send.channel->ceiling_at;
  if (!send.request.has_case_ref) {
    refusals.Signal(RefusalCode::kIdentifierInPseudonymous, clause,
                    {"een signaal op L1 verwijst naar een casus met een betekenisloos kenmerk",
                     "an L1 signal refers to a case by a meaningless reference"});
  }
  for (size_t part = 0; part < send.request.parts.size(); ++part) {
    if (send.request.parts[part].kind != PartKind::kIdentity) continue;
    // A kept identity is wrapped to approval groups, and the convenant names none yet: nothing to check it
    // by.
    refusals.Part(send, part, RefusalCode::kIdentifierInPseudonymous, clause,
                  {"een signaal op L1 bevat geen identiteit", "an L1 signal holds no identity"});
  }
  if (!send.request.identifier_hits.empty()) {
    refusals.Signal(
        RefusalCode::kIdentifierInPseudonymous, clause,
        {absl::StrCat("in de tekst staat wie het is: ", absl::StrJoin(send.request.identifier_hits, ", ")),
         absl::StrCat("the text tells who it is: ", absl::StrJoin(send.request.identifier_hits, ", "))});
  }
}

// R20: a match tag needs the convenant's match keys, threshold and director; it names none yet.
void JudgeMatching(SendCase& send, Refusals& refusals) {
  if (!send.request.has_match_tag || send.request.level == Level::kL0) return;  // L0 is R5's.
  refusals.Signal(RefusalCode::kMatchNotAllowed, send.convenant.channels_at(),
                  {"dit convenant regelt het vergelijken van signalen niet",
                   "this convenant does not provide for matching signals"});
}

// R7: in an L2 signal the identity stands in its own part; the rest of the text stays L1-clean.
void JudgeNamedText(SendCase& send, Refusals& refusals) {
  if (send.request.level != Level::kL2 || send.channel == nullptr) return;
  if (send.request.identifier_hits.empty()) return;
  refusals.Signal(RefusalCode::kIdentifierInPseudonymous, send.channel->identity_at,
                  {absl::StrCat("wie het is, hoort in het identiteitsdeel en niet in de tekst: ",
                                absl::StrJoin(send.request.identifier_hits, ", ")),
                   absl::StrCat("who it is belongs in the identity part and not in the text: ",
                                absl::StrJoin(send.request.identifier_hits, ", "))});
}

// R7: whoever gets the identity gets the text as well.
void JudgeIdentityRecipients(SendCase& send, Refusals& refusals) {
  if (send.channel == nullptr || !send.HasText()) return;
  for (RecipientCase& recipient : send.recipients) {
    const PartRequest& part = send.PartOf(recipient);
    if (!send.IsJudged(recipient) || part.kind != PartKind::kIdentity || part.kept) continue;
    const bool listed =
        std::any_of(send.recipients.begin(), send.recipients.end(), [&](const RecipientCase& other) {
          return send.PartOf(other).kind == PartKind::kNarrative && *other.id == *recipient.id;
        });
    if (listed) continue;
    refusals.Recipient(send, recipient, RefusalCode::kIdentityKeysetMismatch, send.channel->identity_at,
                       {absl::StrCat(ToString(*recipient.id), " krijgt de identiteit, maar niet de tekst"),
                        absl::StrCat(ToString(*recipient.id), " gets the identity but not the text")});
  }
}

}  // namespace seinpost::policies
