// SPDX-License-Identifier: EUPL-1.2
// How close to a person: no person at L0 (R5), a case at L1 (R6), a name in a part of its own at L2 (R7);
// match tags (R20).
#include <algorithm>
#include <set>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "policies/decide/rules.h"

namespace seinpost::policies {
namespace {

constexpr size_t kMinApprovers = 2;  // persons in a group, so that nobody approves alone

bool IsApprover(const MemberId& id, const MemberFacts& member, const ApprovalGroup& group,
                const MemberId& sender, absl::Time now) {
  if (!member.known || member.revoked || !id.convenant.empty() || id == sender) return false;
  if (group.of_sender ? id.party != sender.party : !absl::c_linear_search(group.parties, id.party))
    return false;
  return std::any_of(member.mandates.begin(), member.mandates.end(), [&](const MandateFacts& mandate) {
    return mandate.function == group.function && now >= mandate.from && now < mandate.until;
  });
}

// Whether no group can release an identity by itself, nor two groups by one person or under one signatory.
bool AreApart(const SendCase& send, const std::vector<std::vector<MemberId>>& groups) {
  std::set<MemberId> persons;
  std::set<const Party*> signatories;
  for (const std::vector<MemberId>& group : groups) {
    if (group.size() < kMinApprovers) return false;
    std::set<const Party*> own;
    for (const MemberId& member : group) {
      if (!persons.insert(member).second) return false;
      own.insert(&send.convenant.SignatoryOf(*send.convenant.FindParty(member.party)));
    }
    for (const Party* signatory : own) {
      if (!signatories.insert(signatory).second) return false;
    }
  }
  return groups.size() >= 2;
}

bool AreExactly(const std::vector<MemberId>& recipients, const std::vector<std::vector<MemberId>>& groups,
                const MemberId& sender) {
  std::set<MemberId> expected, got(recipients.begin(), recipients.end());
  for (const std::vector<MemberId>& group : groups) expected.insert(group.begin(), group.end());
  return got == expected && got.count(sender) == 0;
}

// Whether this kind of partner may compute all of `keys`, or where none is named any.
bool MayCompute(const Matching& matching, const std::vector<std::string>& keys, const std::string& kind) {
  const auto may = [&](const Matching::Key& key) {
    return key.everyone || absl::c_linear_search(key.kinds, kind);
  };
  if (keys.empty()) {
    return std::any_of(matching.keys.begin(), matching.keys.end(),
                       [&](const auto& key) { return may(key.second); });
  }
  return std::all_of(keys.begin(), keys.end(), [&](const std::string& name) {
    const auto key = matching.keys.find(name);
    return key != matching.keys.end() && may(key->second);
  });
}

}  // namespace

std::vector<std::vector<MemberId>> ApproversOf(const MemberId& sender, const Facts& facts, absl::Time now) {
  std::vector<std::vector<MemberId>> groups;
  if (!facts.convenant->reveal().has_value()) return groups;
  for (const auto& [name, group] : facts.convenant->reveal()->groups) {
    std::vector<MemberId>& members = groups.emplace_back();
    for (const auto& [id, member] : facts.members) {
      const bool party = facts.convenant->FindParty(id.party) != nullptr;
      if (party && IsApprover(id, member, group, sender, now)) members.push_back(id);
    }
  }
  return groups;
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

// R5: a school that stays hidden tells the chair alone; his device publishes what he makes of it.
void JudgeContributed(SendCase& send, Refusals& refusals) {
  if (send.request.kind != SignalKind::kContributed || send.channel == nullptr) return;
  if (send.request.level != Level::kL0) {
    refusals.Signal(RefusalCode::kSubjectAtThematic, send.channel->at,
                    {"een bijdrage namens een school die verborgen blijft, gaat over geen persoon",
                     "a contribution for a school that stays hidden is about no person"});
  }
  if (send.sender_party == nullptr || send.sender_party->kind == send.channel->chair) return;
  refusals.Signal(
      RefusalCode::kNoMandate, send.channel->at,
      {absl::StrCat("alleen de voorzitter van ", send.request.channel, " deelt een bijdrage van een ander"),
       absl::StrCat("only the chair of ", send.request.channel, " shares a contribution of another")});
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
    const PartRequest& request = send.request.parts[part];
    if (request.kind != PartKind::kIdentity) continue;
    if (request.kept && send.channel->kept_identity != KeptIdentity::kForbidden) continue;
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

// R6: a kept identity is sealed to the approval groups, each of two persons or more under an issuer of its
// own.
void JudgeKeptIdentity(SendCase& send, Refusals& refusals) {
  if (send.request.level != Level::kL1 || send.channel == nullptr || !send.convenant.reveal().has_value())
    return;
  if (send.channel->kept_identity == KeptIdentity::kForbidden) return;  // told by JudgePseudonymous
  for (size_t part = 0; part < send.request.parts.size(); ++part) {
    const PartRequest& request = send.request.parts[part];
    if (request.kind != PartKind::kIdentity || !request.kept) continue;
    const Position& clause = send.convenant.reveal()->groups_at;
    const std::vector<std::vector<MemberId>> groups = ApproversOf(send.request.sender, send.facts, send.now);
    if (!AreApart(send, groups)) {
      refusals.Part(
          send, part, RefusalCode::kIdentityKeysetMismatch, clause,
          {"er zijn nu geen goedkeuringsgroepen van elk minstens twee personen onder verschillende partijen",
           "there are no approval groups now of at least two persons each under different parties"});
    } else if (!AreExactly(request.recipients, groups, send.request.sender)) {
      refusals.Part(send, part, RefusalCode::kIdentityKeysetMismatch, clause,
                    {"een bewaarde identiteit gaat precies naar de goedkeuringsgroepen",
                     "a kept identity goes to exactly the approval groups"});
    }
  }
}

// R6: ... and where the channel asks for one, it is there.
void JudgeKeptRequired(SendCase& send, Refusals& refusals) {
  if (send.request.level != Level::kL1 || send.channel == nullptr) return;
  if (send.channel->kept_identity != KeptIdentity::kRequired) return;
  const bool kept =
      std::any_of(send.request.parts.begin(), send.request.parts.end(),
                  [](const PartRequest& part) { return part.kind == PartKind::kIdentity && part.kept; });
  if (kept) return;
  refusals.Signal(
      RefusalCode::kIdentityKeysetMismatch, send.channel->at,
      {absl::StrCat("in ", send.request.channel, " wordt bij elk signaal op L1 de identiteit bewaard"),
       absl::StrCat("in ", send.request.channel, " every L1 signal keeps the identity")});
}

// R20: match tags, where the convenant provides for them, with keys that neither broker nor steward holds
// alone.
void JudgeMatching(SendCase& send, Refusals& refusals) {
  if (!send.request.has_match_tag || send.request.level == Level::kL0) return;  // L0 is R5's.
  const std::optional<Matching>& matching = send.convenant.matching();
  if (!matching.has_value()) {
    return refusals.Signal(RefusalCode::kMatchNotAllowed, send.convenant.channels_at(),
                           {"dit convenant regelt het vergelijken van signalen niet",
                            "this convenant does not provide for matching signals"});
  }
  const std::optional<Trust>& trust = send.convenant.trust();
  if (trust.has_value() && !trust->voprf_broker_key.has_value()) {
    refusals.Signal(RefusalCode::kMatchNotAllowed, trust->at,
                    {"de sleutels om signalen te vergelijken zijn niet afgesproken",
                     "the keys to match signals by are not agreed"});
  }
  if (send.channel != nullptr && !absl::c_linear_search(matching->channels, send.channel->name)) {
    refusals.Signal(RefusalCode::kMatchNotAllowed, matching->channels_at,
                    {absl::StrCat("in ", send.request.channel, " worden signalen niet vergeleken"),
                     absl::StrCat("signals in ", send.request.channel, " are not matched")});
  }
  if (send.sender_party == nullptr || MayCompute(*matching, send.request.match_keys, send.sender_party->kind))
    return;
  refusals.Signal(RefusalCode::kMatchNotAllowed, matching->keys_at,
                  {absl::StrCat(send.sender_party->id, " mag dit vergelijkingskenmerk niet maken"),
                   absl::StrCat(send.sender_party->id, " may not compute this match tag")});
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
