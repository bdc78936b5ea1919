// SPDX-License-Identifier: EUPL-1.2
// Code Oranje (R24, R25): who raises an alert, whom its chain calls, who may learn a name, and whether 112
// was called.
#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "policies/decide/rules.h"

namespace seinpost::policies {
namespace {

// Null: the signal is no alert, or its channel has no chain.
const AlertChain* ChainOf(const SendCase& send) {
  if (!send.IsAlert() || send.channel == nullptr) return nullptr;
  return send.convenant.FindAlertChain(send.channel->name);
}

// Whether a mandate that is valid in the channel is for one of these functions.
template <typename Wanted>
bool HoldsFunction(const SendCase& send, const Party& party, const MemberFacts& member, Wanted wanted) {
  const KindLevels* levels = send.convenant.FindLevels(party.kind);
  return member.known && !member.revoked && levels != nullptr &&
         std::any_of(member.mandates.begin(), member.mandates.end(), [&](const MandateFacts& mandate) {
           return wanted(mandate.function) &&
                  IsValidMandate(mandate, *levels, *send.channel, send.scope, send.now);
         });
}

bool IsCalled(const SendCase& send, const AlertChain& chain, const RecipientCase& recipient) {
  if (recipient.foreign) return false;
  return std::any_of(chain.steps.begin(), chain.steps.end(), [&](const AlertStep& step) {
    if (step.party.empty() ? step.kind != recipient.party->kind : step.party != recipient.party->id)
      return false;
    if (step.function.empty() || recipient.facts == nullptr) return true;  // without mandate: told by R3
    return HoldsFunction(send, *recipient.party, *recipient.facts,
                         [&](const std::string& function) { return function == step.function; });
  });
}

}  // namespace

// R24: an alert is raised where the convenant has a chain, by the functions it names.
void JudgeAlertRaiser(SendCase& send, Refusals& refusals) {
  if (!send.IsAlert() || send.channel == nullptr) return;
  const AlertChain* chain = ChainOf(send);
  if (chain == nullptr) {
    return refusals.Signal(RefusalCode::kNoMandate, send.channel->at,
                           {absl::StrCat("in ", send.request.channel, " worden geen alarmen gegeven"),
                            absl::StrCat("no alerts are raised in ", send.request.channel)});
  }
  if (send.sender_party == nullptr || send.sender == nullptr) return;  // told by R2 and R3
  const auto functions = chain->raise.find(send.sender_party->kind);
  const bool may = functions != chain->raise.end() &&
                   HoldsFunction(send, *send.sender_party, *send.sender, [&](const std::string& function) {
                     return absl::c_linear_search(functions->second, function);
                   });
  if (may) return;
  refusals.Signal(
      RefusalCode::kNoMandate, chain->raise_at,
      {absl::StrCat(ToString(send.request.sender), " mag in ", send.request.channel, " geen alarm geven"),
       absl::StrCat(ToString(send.request.sender), " may not raise an alert in ", send.request.channel)});
}

// R24: ... to those whom the chain calls.
void JudgeAlertRecipients(SendCase& send, Refusals& refusals) {
  const AlertChain* chain = ChainOf(send);
  if (chain == nullptr) return;
  for (RecipientCase& recipient : send.recipients) {
    if (!send.IsJudged(recipient) || send.PartOf(recipient).kind == PartKind::kSource) continue;
    if (IsCalled(send, *chain, recipient)) continue;
    refusals.Member(send, recipient, RefusalCode::kNotAParty, chain->steps_at,
                    {absl::StrCat(ToString(*recipient.id), " staat in geen stap van deze alarmketen"),
                     absl::StrCat(ToString(*recipient.id), " is in no step of this alert chain")});
  }
}

// R24: ... and names somebody only to those whom the convenant lists.
void JudgeAlertIdentity(SendCase& send, Refusals& refusals) {
  const AlertChain* chain = ChainOf(send);
  if (chain == nullptr) return;
  for (RecipientCase& recipient : send.recipients) {
    if (!send.IsJudged(recipient) || send.PartOf(recipient).kind != PartKind::kIdentity) continue;
    if (absl::c_linear_search(chain->identity_to, recipient.party->kind)) continue;
    refusals.Recipient(send, recipient, RefusalCode::kLevelExceeded, chain->identity_at,
                       {absl::StrCat("een alarm noemt niemand bij naam aan ", ToString(*recipient.id)),
                        absl::StrCat("an alert names nobody to ", ToString(*recipient.id))});
  }
}

// R25: an alert never takes the place of 112, so it asks. One that is raised all the same is let through by
// the broker and marked: help comes first.
void JudgeEmergencyCall(SendCase& send, Refusals& refusals) {
  if (!send.IsAlert() || send.request.sealed || send.request.emergency_called.has_value()) return;
  const AlertChain* chain = ChainOf(send);
  refusals.Signal(RefusalCode::kEmergencyCallMissing,
                  chain != nullptr ? chain->at : send.convenant.channels_at(),
                  {"er staat niet bij of 112 is gebeld; bij direct gevaar: bel 112",
                   "it does not say whether 112 was called; in immediate danger call 112"});
}

// R24: who named somebody in an alert and did not say why in time, shares nothing by name until he does.
void JudgeAlertJustification(SendCase& send, Refusals& refusals) {
  if (send.request.level != Level::kL2 || !send.facts.broker.alert_justification_overdue) return;
  refusals.Signal(RefusalCode::kAlertJustificationDue,
                  send.channel != nullptr ? send.channel->at : send.convenant.channels_at(),
                  {"de onderbouwing van een eerder alarm op naam is te laat; geef die eerst",
                   "the justification of an earlier alert that named somebody is overdue; give it first"});
}

}  // namespace seinpost::policies
