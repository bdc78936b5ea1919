// SPDX-License-Identifier: EUPL-1.2
// What the sender owes: a purpose and a justification (R10), and telling parents or pupil (R34).
#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "policies/decide/rules.h"

namespace seinpost::policies {
namespace {

constexpr size_t kMinOfficers = 2;  // persons, so that nobody reviews alone

bool IsIn(const std::vector<MemberId>& members, const MemberId& member) {
  return absl::c_linear_search(members, member);
}

// Whether `part` is a justification that every officer can read and that covers `member`.
bool Justifies(const SendCase& send, const PartRequest& part, const MemberId& member) {
  if (part.kind != PartKind::kJustification) return false;
  const bool readable = std::all_of(send.officers.begin(), send.officers.end(),
                                    [&](const MemberId* officer) { return IsIn(part.recipients, *officer); });
  if (!readable) return false;
  return member.ref.empty() ? absl::c_linear_search(part.justifies, ToString(member))
                            : absl::c_linear_search(part.justifies, member.ref);
}

// Whether his party is one of the convenant's oversight, the sender's, or one that signs for the sender's.
bool Oversees(const Convenant& convenant, const MemberId& sender, const MemberId& officer) {
  if (absl::c_linear_search(convenant.oversight(), officer.party)) return true;
  for (const Party* party = convenant.FindParty(sender.party); party != nullptr;
       party = convenant.FindParty(party->under)) {
    if (party->id == officer.party) return true;
  }
  return false;
}

}  // namespace

absl::InlinedVector<const MemberId*, 8> OfficersFor(const MemberId& sender, const Facts& facts,
                                                    absl::Time now) {
  absl::InlinedVector<const MemberId*, 8> officers;
  for (const MemberId& officer : facts.officers) {
    if (!Oversees(*facts.convenant, sender, officer)) continue;
    const auto member = facts.members.find(officer);
    if (member == facts.members.end() || !IsOfficer(member->second, now) || TakesPart(member->second, now))
      continue;
    const bool seen = std::any_of(officers.begin(), officers.end(),
                                  [&](const MemberId* other) { return *other == officer; });
    if (!seen) officers.push_back(&officer);
  }
  return officers;
}

std::vector<MemberId> JustificationOfficers(const MemberId& sender, const Facts& facts, absl::Time now) {
  std::vector<MemberId> officers;
  for (const MemberId* officer : OfficersFor(sender, facts, now)) officers.push_back(*officer);
  std::sort(officers.begin(), officers.end());
  return officers;
}

// R10: the purpose is one that the sender's kind of partner may use.
void JudgePurpose(SendCase& send, Refusals& refusals) {
  const Purpose* purpose = send.convenant.FindPurpose(send.request.purpose);
  if (purpose == nullptr || send.sender_party == nullptr) return;  // Told by R1 and R2.
  if (purpose->everyone_may_use || absl::c_linear_search(purpose->may_use, send.sender_party->kind)) return;
  refusals.Signal(RefusalCode::kPurposeNotAllowed, purpose->may_use_at,
                  {absl::StrCat(send.sender_party->id, " mag het doel ", purpose->code, " niet gebruiken"),
                   absl::StrCat(send.sender_party->id, " may not use the purpose ", purpose->code)});
}

// R10: everyone who gets a part judged at L2 is justified towards the privacy officers of the sender's
// organisation and of the convenant, at least two persons.
void JudgeJustification(SendCase& send, Refusals& refusals) {
  if (std::none_of(send.recipients.begin(), send.recipients.end(),
                   [&](const RecipientCase& recipient) { return send.IsOwed(recipient); })) {
    return;
  }
  const Position& clause = send.convenant.oversight_at();
  if (send.officers.size() < kMinOfficers) {
    refusals.Signal(RefusalCode::kNoJustification, clause,
                    {"er zijn geen twee privacy officers die de onderbouwing kunnen lezen",
                     "there are no two privacy officers to read the justification"});
    return;
  }
  for (RecipientCase& recipient : send.recipients) {
    if (!send.IsOwed(recipient)) continue;
    const bool justified =
        std::any_of(send.request.parts.begin(), send.request.parts.end(),
                    [&](const PartRequest& part) { return Justifies(send, part, *recipient.id); });
    if (justified) continue;
    refusals.Recipient(
        send, recipient, RefusalCode::kNoJustification, clause,
        {absl::StrCat("een onderbouwing ontbreekt waarom ", ToString(*recipient.id), " dit op naam krijgt"),
         absl::StrCat("a justification is missing why ", ToString(*recipient.id), " gets this named")});
  }
}

// R10: a justification is read by those officers and nobody else.
void JudgeOfficers(SendCase& send, Refusals& refusals) {
  for (RecipientCase& recipient : send.recipients) {
    if (send.PartOf(recipient).kind != PartKind::kJustification || recipient.sender || recipient.settled)
      continue;
    const bool officer = std::any_of(send.officers.begin(), send.officers.end(),
                                     [&](const MemberId* one) { return *one == *recipient.id; });
    if (officer) continue;
    refusals.Recipient(send, recipient, RefusalCode::kPartNotAllowed, send.convenant.oversight_at(),
                       {absl::StrCat("een onderbouwing gaat alleen naar de privacy officers, niet naar ",
                                     ToString(*recipient.id)),
                        absl::StrCat("a justification goes to the privacy officers only, not to ",
                                     ToString(*recipient.id))});
  }
}

// R34: an L2 signal says whether parents or pupil were informed: yes, no with a reason code, or not yet. An
// alert has no time for it.
void JudgeInformed(SendCase& send, Refusals& refusals) {
  if (send.request.level != Level::kL2 || send.channel == nullptr || send.IsAlert()) return;
  if (send.request.informed == Informed::kNotStated) {
    refusals.Signal(RefusalCode::kInformedMissing, send.channel->ceiling_at,
                    {"er staat niet bij of ouders of leerling zijn geïnformeerd",
                     "it does not say whether parents or pupil were informed"});
  } else if (send.request.informed == Informed::kNo && send.request.informed_code.empty()) {
    refusals.Signal(RefusalCode::kInformedMissing, send.channel->ceiling_at,
                    {"er staat niet bij waarom ouders of leerling niet zijn geïnformeerd",
                     "it does not say why parents or pupil were not informed"});
  }
}

}  // namespace seinpost::policies
