// SPDX-License-Identifier: EUPL-1.2
// Which part to whom: no broadcast of names (R8), minimal content per recipient (R11), the source stays at
// home (R21).
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "policies/decide/rules.h"

namespace seinpost::policies {
namespace {

bool IsInNarrative(const SendCase& send, const MemberId& member) {
  return std::any_of(send.recipients.begin(), send.recipients.end(), [&](const RecipientCase& other) {
    return send.PartOf(other).kind == PartKind::kNarrative && *other.id == member;
  });
}

}  // namespace

// R8: recipients of an L2 signal are chosen by name. Only the asker's side sees how they were addressed; a
// sealed signal lists members.
void JudgeBroadcast(SendCase& send, Refusals& refusals) {
  if (send.channel == nullptr) return;
  for (size_t part = 0; part < send.request.parts.size(); ++part) {
    const PartRequest& request = send.request.parts[part];
    if (!request.broadcast) continue;
    const bool named = request.kind != PartKind::kNarrative || send.request.level == Level::kL2;
    if (!named || (send.IsAlert() && request.kind == PartKind::kNarrative))
      continue;  // an alert calls its chain
    const Text name = PartName(request.kind);
    refusals.Part(send, part, RefusalCode::kBroadcastNamed, send.channel->members_at,
                  {absl::StrCat("wie iets op naam krijgt, wordt één voor één gekozen; ", name.nl,
                                " kan niet naar het hele kanaal"),
                   absl::StrCat("who gets something named is chosen one by one; ", name.en,
                                " cannot go to the whole channel")});
  }
}

// R11: which parts a signal of this level can have. Everything but the text and the source belongs to L2.
void JudgeParts(SendCase& send, Refusals& refusals) {
  if (send.channel == nullptr) return;
  for (size_t part = 0; part < send.request.parts.size(); ++part) {
    const PartKind kind = send.request.parts[part].kind;
    // Below an L2 ceiling the level says it already (R4).
    if (kind == PartKind::kIdentity && send.request.level == Level::kL2 &&
        send.channel->ceiling == Level::kL2 && !send.channel->identity) {
      refusals.Part(send, part, RefusalCode::kPartNotAllowed, send.channel->identity_at,
                    {absl::StrCat("in het kanaal ", send.request.channel, " gaan geen namen"),
                     absl::StrCat("the channel ", send.request.channel, " carries no names")});
    }
    if (kind == PartKind::kIdentity && send.request.level == Level::kL2 && send.request.parts[part].kept) {
      refusals.Part(send, part, RefusalCode::kPartNotAllowed, send.channel->at,
                    {"een bewaarde identiteit hoort niet in een signaal op naam",
                     "a kept identity does not belong in a named signal"});
    }
    const bool needs_l2 =
        kind == PartKind::kAttachment || kind == PartKind::kCare || kind == PartKind::kJustification;
    const bool too_low = (needs_l2 && send.request.level < Level::kL2) ||
                         (kind == PartKind::kSource && send.request.level == Level::kL0);
    if (!too_low) continue;
    const Text name = PartName(kind);
    refusals.Part(
        send, part, RefusalCode::kPartNotAllowed, send.channel->ceiling_at,
        {absl::StrCat(name.nl, " hoort niet in een signaal op ", ToString(send.request.level)),
         absl::StrCat(name.en, " does not belong in an ", ToString(send.request.level), " signal")});
  }
}

// R11: ... and one text.
void JudgeOneText(SendCase& send, Refusals& refusals) {
  if (send.channel == nullptr) return;
  const auto narratives =
      std::count_if(send.request.parts.begin(), send.request.parts.end(),
                    [](const PartRequest& part) { return part.kind == PartKind::kNarrative; });
  const bool addressed = std::any_of(
      send.recipients.begin(), send.recipients.end(),
      [&](const RecipientCase& r) { return !r.sender && send.PartOf(r).kind == PartKind::kNarrative; });
  if (narratives == 1 && addressed) return;
  refusals.Signal(RefusalCode::kPartNotAllowed, send.channel->at,
                  {"een signaal heeft precies één tekst, met minstens één ontvanger",
                   "a signal has exactly one text, with at least one recipient"});
}

// R11: care and attachments go to recipients of the text only. (Identity is R7's; a source stays at home by
// R21; a justification goes to the officers by R10.)
void JudgePartRecipients(SendCase& send, Refusals& refusals) {
  if (send.channel == nullptr || !send.HasText()) return;
  for (RecipientCase& recipient : send.recipients) {
    const PartKind kind = send.PartOf(recipient).kind;
    if (!send.IsJudged(recipient) || (kind != PartKind::kCare && kind != PartKind::kAttachment)) continue;
    if (IsInNarrative(send, *recipient.id)) continue;
    const Text name = PartName(kind);
    refusals.Recipient(send, recipient, RefusalCode::kPartNotAllowed, send.channel->members_at,
                       {absl::StrCat(ToString(*recipient.id), " krijgt ", name.nl, ", maar niet de tekst"),
                        absl::StrCat(ToString(*recipient.id), " gets ", name.en, " but not the text")});
  }
}

// R21: who told it is known to the reporting organisation alone.
void JudgeSource(SendCase& send, Refusals& refusals) {
  for (RecipientCase& recipient : send.recipients) {
    if (!send.IsJudged(recipient) || send.PartOf(recipient).kind != PartKind::kSource) continue;
    if (recipient.party == send.sender_party) continue;
    refusals.Recipient(
        send, recipient, RefusalCode::kSourceProtected,
        recipient.foreign ? send.convenant.parties_at() : recipient.party->at,
        {absl::StrCat("wie het meldde, blijft bij de meldende organisatie en gaat niet naar ",
                      ToString(*recipient.id)),
         absl::StrCat("who reported it stays with the reporting organisation and does not go to ",
                      ToString(*recipient.id))});
  }
}

}  // namespace seinpost::policies
