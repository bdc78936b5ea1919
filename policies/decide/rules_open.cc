// SPDX-License-Identifier: EUPL-1.2
// Reading (R19): judged anew at the moment of reading, by mandate, state and orders of that moment. A signal
// keeps the channel, ceilings and purposes of the version it was made under (R31). What some parts ask
// besides is in rules_open_parts.cc.
#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "policies/decide/rules.h"

namespace seinpost::policies {

void JudgeOpenConvenant(const OpenCase& open, Refusals& refusals) {
  Text why;
  if (ConvenantHolds(open.facts, open.now, why)) return;
  refusals.Signal(RefusalCode::kNoConvenant, open.convenant.validity_at(), std::move(why));
}

// R19: only whom the sender chose holds a key.
void JudgeOpenRecipient(const OpenCase& open, Refusals& refusals) {
  if (open.part == nullptr) {
    return refusals.Signal(RefusalCode::kKeysetMismatch, open.convenant.channels_at(),
                           {"dit signaal heeft zo'n deel niet", "this signal has no such part"});
  }
  if (open.part->kept) {
    return refusals.Signal(
        RefusalCode::kKeysetMismatch,
        open.channel != nullptr ? open.channel->at : open.convenant.channels_at(),
        {"een bewaarde identiteit wordt niet geopend maar onthuld, met goedkeuring van elke groep",
         "a kept identity is not opened but revealed, with the approval of each group"});
  }
  const std::vector<MemberId>& recipients = open.part->recipients;
  if (open.is_sender || absl::c_linear_search(recipients, open.request.reader)) return;
  refusals.Signal(RefusalCode::kKeysetMismatch,
                  open.channel != nullptr ? open.channel->members_at : open.convenant.channels_at(),
                  {"dit deel is niet aan deze lezer gericht", "this part is not addressed to this reader"});
}

// R19: nothing is released after expiry or withdrawal.
void JudgeOpenState(const OpenCase& open, Refusals& refusals) {
  if (open.part == nullptr) return;
  if (open.original->withdrawn) {
    refusals.Signal(RefusalCode::kWithdrawn,
                    open.channel != nullptr ? open.channel->at : open.convenant.channels_at(),
                    {"de afzender heeft dit signaal ingetrokken", "the sender withdrew this signal"});
  }
  if (open.now < open.part->expires) return;
  refusals.Signal(RefusalCode::kExpired,
                  open.channel != nullptr ? open.channel->retention_at : open.convenant.channels_at(),
                  {"de bewaartermijn van dit deel is voorbij", "the retention period of this part is over"});
}

// R19: read for the purpose it was shared for.
void JudgeOpenPurpose(const OpenCase& open, Refusals& refusals) {
  if (open.original == nullptr || open.request.purpose.empty()) return;
  if (open.request.purpose == open.original->purpose) return;
  const Purpose* purpose = open.made_under.FindPurpose(open.original->purpose);
  refusals.Signal(RefusalCode::kPurposeNotAllowed,
                  purpose != nullptr ? purpose->at : open.convenant.purposes_at(),
                  {absl::StrCat("dit is gedeeld voor ", open.original->purpose, " en voor niets anders"),
                   absl::StrCat("this was shared for ", open.original->purpose, " and for nothing else")});
}

// R19: a mandate of this moment, within the channel and the ceilings of the signal's version (R2, R3, R4,
// R12). Justifications and kept identities have rules of their own.
void JudgeOpenMandate(const OpenCase& open, Refusals& refusals) {
  if (open.part == nullptr || open.part->kind == PartKind::kJustification || open.part->kept) return;
  const Convenant& c = open.made_under;
  if (!open.member && !open.guest) {
    const Text text{absl::StrCat(open.request.reader.party, " zit niet meer in dit kanaal"),
                    absl::StrCat(open.request.reader.party, " is not in this channel any more")};
    return refusals.Signal(RefusalCode::kNotAParty,
                           open.channel != nullptr ? open.channel->members_at : c.channels_at(), text);
  }
  const Level level = PartLevel(open.part->kind, open.original->level, open.original->kind);
  if (open.guest && level > Level::kL0) {
    refusals.Signal(RefusalCode::kGuestLevel, open.channel->at,
                    {"een gast leest alleen L0", "a guest reads L0 only"});
  }
  const Reach reach = open.ReachOfReader();
  if (!reach.mandated) {
    const KindLevels* levels = c.FindLevels(open.reader_party->kind);
    return refusals.Signal(RefusalCode::kNoMandate, levels != nullptr ? levels->at : c.levels_at(),
                           {"de lezer heeft nu geen geldig mandaat voor dit kanaal",
                            "the reader has no valid mandate for this channel now"});
  }
  if (open.part->kind == PartKind::kSource || open.IsAlertIdentity()) return;  // R21's and R24's alone.
  const Level most = std::min({reach.tied, open.channel->ceiling, LevelCap(c.kind())});
  if (level <= most) return;
  const Position& clause = reach.tied == most ? *reach.clause : open.channel->ceiling_at;
  refusals.Signal(RefusalCode::kLevelExceeded, clause,
                  {absl::StrCat("de lezer mag hier nu lezen tot ", ToString(most)),
                   absl::StrCat("the reader may read up to ", ToString(most), " here now")});
}

// R4: what only a tied ceiling lets through is read with an action or role in the case only; what he sent
// himself, by the role of then.
void JudgeOpenTiedLevel(const OpenCase& open, Refusals& refusals) {
  if (open.part == nullptr || open.is_sender || open.part->kept || open.IsAlertIdentity() || open.HasRole())
    return;
  if (open.part->kind == PartKind::kSource || open.part->kind == PartKind::kJustification) return;
  const Reach reach = open.ReachOfReader();
  const Level level = PartLevel(open.part->kind, open.original->level, open.original->kind);
  if (!reach.mandated || level <= reach.level || level > reach.tied) return;
  refusals.Signal(RefusalCode::kLevelExceeded, *reach.clause,
                  {absl::StrCat("de lezer mag hier nu lezen tot ", ToString(reach.level)),
                   absl::StrCat("the reader may read up to ", ToString(reach.level), " here now")});
}

// R31: what an order of the controller lowered is not read either, whenever it was sent. As in R4, a source
// is R21's alone and a justification R10's: the officers must be able to read why.
void JudgeOpenRestrictions(const OpenCase& open, Refusals& refusals) {
  if (open.part == nullptr || open.channel == nullptr) return;
  if (open.part->kind == PartKind::kSource || open.part->kind == PartKind::kJustification) return;
  const Level level = PartLevel(open.part->kind, open.original->level, open.original->kind);
  const auto judge = [&](const Restriction* order, const Position& clause) {
    if (order == nullptr || level <= order->ceiling) return;
    const Text why = LoweredBy(*order);
    const Text name = PartName(open.part->kind);
    refusals.Signal(RefusalCode::kLevelExceeded, clause,
                    {absl::StrCat(why.nl, "; ", name.nl, " is ", ToString(level)),
                     absl::StrCat(why.en, "; ", name.en, " is ", ToString(level))});
  };
  judge(RestrictionOfChannel(open.facts, *open.channel), open.channel->ceiling_at);
  if (open.reader_party != nullptr) {
    judge(RestrictionOfParty(open.facts, *open.reader_party), open.reader_party->at);
  }
}

}  // namespace seinpost::policies
