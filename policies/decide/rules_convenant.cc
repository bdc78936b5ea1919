// SPDX-License-Identifier: EUPL-1.2
// Who may take part at all: the convenant holds (R1, R31), parties and guests (R2, R12), mandates (R3).
#include "absl/strings/str_cat.h"
#include "policies/decide/rules.h"

namespace seinpost::policies {

// R1: no exchange outside an active version; its kind caps the level.
void JudgeConvenant(SendCase& send, Refusals& refusals) {
  const Convenant& c = send.convenant;
  Text why;
  if (!ConvenantHolds(send.facts, send.now, why) && !IsLapsedAlert(send.request, send.facts, send.now)) {
    refusals.Signal(RefusalCode::kNoConvenant, c.validity_at(), std::move(why));
  }
  if (send.request.convenant_id != c.id()) {
    refusals.Signal(
        RefusalCode::kNoConvenant, c.kind_at(),
        {"dit signaal valt onder een ander convenant", "this signal falls under another convenant"});
  }
  if (send.request.level > LevelCap(c.kind())) {
    refusals.Signal(RefusalCode::kLevelExceeded, c.kind_at(),
                    {absl::StrCat("een afspraak van de soort ", ToString(c.kind()), " gaat hooguit tot ",
                                  ToString(LevelCap(c.kind()))),
                     absl::StrCat("an agreement of kind ", ToString(c.kind()), " goes no higher than ",
                                  ToString(LevelCap(c.kind())))});
  }
}

// R31, as far as it concerns a send: a signal is judged by the version in force, and made under that one.
void JudgeVersion(SendCase& send, Refusals& refusals) {
  const uint32_t version = send.convenant.version();
  if (send.request.convenant_id != send.convenant.id() || send.request.convenant_version == version) return;
  const uint32_t made_under = send.request.convenant_version;
  const Text text =
      made_under < version
          ? Text{absl::StrCat("dit is gemaakt onder versie ", made_under, ", die door versie ", version,
                              " is vervangen; maak het opnieuw, dan geldt versie ", version),
                 absl::StrCat("this was made under version ", made_under, ", which version ", version,
                              " has replaced; make it again, so that version ", version, " holds")}
          : Text{absl::StrCat("versie ", made_under, " is niet in werking; het convenant is aan versie ",
                              version),
                 absl::StrCat("version ", made_under, " is not in force; the convenant is at version ",
                              version)};
  refusals.Signal(RefusalCode::kVersionStale, send.convenant.version_at(), text);
}

// A channel, purpose or category that the convenant does not declare cannot be judged. Callers tell people so
// by ValidateRequestNames; this keeps such a request from passing.
void JudgeNames(SendCase& send, Refusals& refusals) {
  const Convenant& c = send.convenant;
  if (send.channel == nullptr) {
    refusals.Signal(RefusalCode::kNotAParty, c.channels_at(),
                    {"dit kanaal bestaat niet in het convenant", "the convenant has no such channel"});
  }
  if (c.FindPurpose(send.request.purpose) == nullptr) {
    refusals.Signal(RefusalCode::kPurposeNotAllowed, c.purposes_at(),
                    {"dit doel staat niet in het convenant", "the convenant lists no such purpose"});
  }
  if (c.FindCategory(send.request.category) == nullptr) {
    refusals.Signal(RefusalCode::kCategoryNotAllowed, c.categories_at(),
                    {"deze categorie staat niet in het convenant", "the convenant lists no such category"});
  }
}

// R2: sender and every receiving organisation are parties of this version.
void JudgeParties(SendCase& send, Refusals& refusals) {
  if (send.sender_party == nullptr) {
    refusals.Signal(RefusalCode::kNotAParty, send.convenant.parties_at(),
                    {absl::StrCat(send.request.sender.party, " is geen partij bij dit convenant"),
                     absl::StrCat(send.request.sender.party, " is no party to this convenant")});
  }
  for (RecipientCase& recipient : send.recipients) {
    if (recipient.sender || recipient.settled || recipient.foreign || recipient.party != nullptr) continue;
    refusals.Member(send, recipient, RefusalCode::kNotAParty, send.convenant.parties_at(),
                    {absl::StrCat(recipient.id->party, " is geen partij bij dit convenant"),
                     absl::StrCat(recipient.id->party, " is no party to this convenant")});
  }
}

// R2: ... and sit in the channel, as members or admitted guests.
void JudgeChannelMembers(SendCase& send, Refusals& refusals) {
  if (send.channel == nullptr) return;
  const auto in_channel = [&](const Party& party) {
    return send.convenant.IsMemberOf(party, *send.channel, send.scope) ||
           send.convenant.IsGuestOf(party, *send.channel, send.scope);
  };
  const auto text = [&](const std::string& party) {
    return Text{absl::StrCat(party, " zit niet in het kanaal ", send.request.channel),
                absl::StrCat(party, " is not in the channel ", send.request.channel)};
  };
  if (send.sender_party != nullptr && !in_channel(*send.sender_party)) {
    refusals.Signal(RefusalCode::kNotAParty, send.channel->members_at, text(send.sender_party->id));
  }
  for (RecipientCase& recipient : send.recipients) {
    if (!send.IsJudgedAtHome(recipient) || in_channel(*recipient.party)) continue;
    refusals.Member(send, recipient, RefusalCode::kNotAParty, send.channel->members_at,
                    text(recipient.party->id));
  }
}

// R12: guests read and write L0 only.
void JudgeGuests(SendCase& send, Refusals& refusals) {
  if (send.channel == nullptr || send.request.level == Level::kL0) return;
  const auto is_guest = [&](const Party& party) {
    return !send.convenant.IsMemberOf(party, *send.channel, send.scope) &&
           send.convenant.IsGuestOf(party, *send.channel, send.scope);
  };
  const auto text = [&](const std::string& party) {
    return Text{absl::StrCat(party, " is gast in ", send.request.channel, " en blijft op L0"),
                absl::StrCat(party, " is a guest in ", send.request.channel, " and stays at L0")};
  };
  if (send.sender_party != nullptr && is_guest(*send.sender_party)) {
    refusals.Signal(RefusalCode::kGuestLevel, send.channel->at, text(send.sender_party->id));
  }
  for (RecipientCase& recipient : send.recipients) {
    if (!send.IsJudgedAtHome(recipient) || !is_guest(*recipient.party)) continue;
    refusals.Member(send, recipient, RefusalCode::kGuestLevel, send.channel->at, text(recipient.party->id));
  }
}

// R3: sender and every recipient hold a mandate that is valid now and covers this school or ward.
void JudgeMandates(SendCase& send, Refusals& refusals) {
  if (send.channel == nullptr) return;
  const auto mandated = [&](const Party& party, const MemberFacts* member) {
    return member != nullptr &&
           ReachOf(send.convenant, party, *member, send.channel, send.scope, send.now).mandated;
  };
  const auto clause = [&](const Party& party) { return send.convenant.FindLevels(party.kind)->at; };
  const auto text = [&](const MemberId& member) {
    return Text{absl::StrCat(ToString(member), " heeft nu geen geldig mandaat voor ", send.request.channel),
                absl::StrCat(ToString(member), " has no valid mandate for ", send.request.channel, " now")};
  };
  if (send.sender_party != nullptr && !mandated(*send.sender_party, send.sender)) {
    refusals.Signal(RefusalCode::kNoMandate, clause(*send.sender_party), text(send.request.sender));
  }
  for (RecipientCase& recipient : send.recipients) {
    if (!send.IsJudgedAtHome(recipient) || mandated(*recipient.party, recipient.facts)) continue;
    refusals.Member(send, recipient, RefusalCode::kNoMandate, clause(*recipient.party), text(*recipient.id));
  }
}

}  // namespace seinpost::policies
