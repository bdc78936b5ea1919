// SPDX-License-Identifier: EUPL-1.2
// Who has to do with it (R9): whoever gets something named has a tie to the school or ward, an action or role
// in the case, or the competence to intervene; and they are not too many.

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "policies/decide/rules.h"

namespace seinpost::policies {
namespace {

bool IsRole(Tie tie) { return tie == Tie::kAction || tie == Tie::kCase; }

// Whether the matter plays in this scope, as far as one can see.
bool PlaysIn(const Place& place, absl::string_view scope) {
  if (place.channel != nullptr && !place.channel->per.empty()) return scope == place.scope;
  return place.sender != nullptr && absl::c_linear_search(place.sender->scopes, scope);
}

void Refuse(SendCase& send, RecipientCase& recipient, const Text& why, Refusals& refusals) {
  refusals.Recipient(
      send, recipient, RefusalCode::kNoInvolvement,
      send.channel != nullptr ? send.channel->at : send.convenant.channels_at(),
      {absl::StrCat(ToString(*recipient.id), why.nl), absl::StrCat(ToString(*recipient.id), why.en)});
}

const Text kNoTie{" heeft met deze school of wijk, deze casus en dit doel niets te maken",
                  " has nothing to do with this school or ward, this case or this purpose"};

}  // namespace

bool IsTiedToPlace(const Convenant& convenant, const KindLevels& levels, const MemberFacts& member,
                   const Place& place, Tie tie, absl::Time now) {
  for (const MandateFacts& mandate : member.mandates) {
    if (!IsInOffice(mandate, levels, now)) continue;
    for (const std::string& own : mandate.scopes) {
      const auto scope = convenant.scopes().find(own);  // "*" is no scope: it names no place
      if (scope == convenant.scopes().end() || !PlaysIn(place, own)) continue;
      if ((scope->second == "school") == (tie == Tie::kSchool)) return true;
    }
  }
  return false;
}

bool ShowsTie(const SendCase& send, const RecipientCase& recipient, Tie tie) {
  if (recipient.party == nullptr || recipient.facts == nullptr || !recipient.facts->known) return false;
  const KindLevels* levels = recipient.home->FindLevels(recipient.party->kind);
  if (tie == Tie::kCompetence) return absl::c_linear_search(levels->competence, send.request.purpose);
  if (IsRole(tie) || recipient.foreign) return false;
  const Place place{send.channel, send.scope, send.sender_party};
  return IsTiedToPlace(send.convenant, *levels, *recipient.facts, place, tie, send.now);
}

std::optional<Tie> TieOf(const SendRequest& request, const MemberId& recipient, const Facts& facts,
                         absl::Time now) {
  const SendCase send(request, facts, now);
  for (const RecipientCase& one : send.recipients) {
    if (!(*one.id == recipient)) continue;
    for (const Tie tie : {Tie::kSchool, Tie::kWard, Tie::kCompetence}) {
      if (ShowsTie(send, one, tie)) return tie;
    }
    return send.HasRole(recipient) ? std::optional<Tie>(Tie::kCase) : std::nullopt;
  }
  return std::nullopt;
}

// R9: no more organisations than the convenant says get something named, unless the chair approved.
void JudgeCount(SendCase& send, Refusals& refusals) {
  if (send.facts.broker.chair_approved) return;
  absl::InlinedVector<const Party*, 16> organisations;
  for (const RecipientCase& recipient : send.recipients) {
    if (!send.IsNamed(recipient) || recipient.party == send.sender_party) continue;
    if (!absl::c_linear_search(organisations, recipient.party)) organisations.push_back(recipient.party);
  }
  const uint32_t most = send.convenant.max_recipients();
  if (organisations.size() <= most) return;
  refusals.Signal(RefusalCode::kTooManyRecipients, send.convenant.max_recipients_at(),
                  {absl::StrCat(organisations.size(),
                                " organisaties krijgen iets op naam; zonder de voorzitter hooguit ", most),
                   absl::StrCat(organisations.size(),
                                " organisations get something named; without the chair at most ", most)});
}

// R9, as far as everybody sees it: a sealed signal says what ties each recipient, and that a place or a
// competence does is true. A false action or case is the broker's to find (JudgeRoles).
void JudgeTies(SendCase& send, Refusals& refusals) {
  if (!send.request.sealed) return;
  for (RecipientCase& recipient : send.recipients) {
    if (!send.IsOwed(recipient)) continue;
    const std::optional<Tie> claim = send.ClaimOf(recipient);
    if (!claim.has_value()) {
      Refuse(send, recipient, kNoTie, refusals);
    } else if (!IsRole(*claim) && !ShowsTie(send, recipient, *claim)) {
      Refuse(send, recipient,
             {absl::StrCat(" heeft niet de band die de afzender noemt: ", ToString(*claim)),
              absl::StrCat(" has not the tie that the sender claims: ", ToString(*claim))},
             refusals);
    }
  }
}

// R9: ... or an action or role in the case, which the broker knows.
void JudgeRoles(SendCase& send, Refusals& refusals) {
  for (RecipientCase& recipient : send.recipients) {
    if (!send.IsOwed(recipient) || send.HasRole(*recipient.id)) continue;
    if (send.request.sealed) {
      const std::optional<Tie> claim = send.ClaimOf(recipient);
      if (claim.has_value() && IsRole(*claim)) Refuse(send, recipient, kNoTie, refusals);
      continue;
    }
    const bool tied = ShowsTie(send, recipient, Tie::kSchool) || ShowsTie(send, recipient, Tie::kWard) ||
                      ShowsTie(send, recipient, Tie::kCompetence);
    if (!tied) Refuse(send, recipient, kNoTie, refusals);
  }
}

}  // namespace seinpost::policies
