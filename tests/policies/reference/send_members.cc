// SPDX-License-Identifier: EUPL-1.2
// Sending: who may take part. By organisation, seat in the channel, mandate and bridge.
#include <algorithm>

#include "tests/policies/reference/send_judge.h"
#include "tests/policies/reference/world.h"

namespace seinpost::policies::reference {

bool SendJudge::OutsideBridge(const Bridge& ours, const Bridge& theirs, const Convenant& peer,
                              const PartRequest& part, const std::string& their_kind) {
  const Level level = std::max(LevelOfPart(part.kind, request_.level, request_.kind), request_.level);
  if (level > ours.ceiling || level > theirs.ceiling) return true;
  if (peer.kind() == ConvenantKind::kNetwork) return true;
  if (peer.kind() == ConvenantKind::kWorkingAgreement && level > Level::kL1) return true;
  if (!Has(ours.purposes, request_.purpose) || !Has(theirs.purposes, request_.purpose)) return true;
  if (!Has(ours.kinds, SenderKind()) || !Has(theirs.their_kinds, SenderKind())) return true;
  if (!Has(ours.their_kinds, their_kind) || !Has(theirs.kinds, their_kind)) return true;
  return !Has(ours.channels, ChannelName(request_.channel));
}

std::optional<RefusalCode> SendJudge::Crossing(const PartRequest& part, const MemberId& member) {
  const auto entry = facts_.peers.find(member.convenant);
  if (request_.level == Level::kL0) {
    if (entry == facts_.peers.end() || !entry->second.active) return RefusalCode::kNotAParty;
  } else {
    const Bridge *ours = nullptr, *theirs = nullptr;
    for (const auto& [name, bridge] : convenant_.bridges()) {
      if (bridge.convenant == member.convenant && bridge.from <= now_ && now_ < bridge.until) ours = &bridge;
    }
    if (entry != facts_.peers.end() && entry->second.active) {
      for (const auto& [name, bridge] : entry->second.convenant->bridges()) {
        if (bridge.convenant == convenant_.id() && bridge.from <= now_ && now_ < bridge.until)
          theirs = &bridge;
      }
    }
    if (ours == nullptr || theirs == nullptr) return RefusalCode::kNoBridge;
    const Convenant& peer = *entry->second.convenant;
    if (OutsideBridge(*ours, *theirs, peer, part, KindOf(peer, member))) return RefusalCode::kBridgeScope;
  }
  const Convenant& peer = *entry->second.convenant;
  if (PartyOf(peer, member) == nullptr) return RefusalCode::kNotAParty;
  const std::optional<Level> reach = Reach(peer, facts_, member, now_, std::nullopt, false);
  if (!reach) return RefusalCode::kNoMandate;
  // A source goes by R21 alone.
  if (part.kind == PartKind::kSource) return std::nullopt;
  if (*reach < LevelOfPart(part.kind, request_.level, request_.kind)) return RefusalCode::kLevelExceeded;
  return std::nullopt;
}

void SendJudge::R13() {
  for (const Pair& pair : Unsettled()) {
    if (!Foreign(At(pair))) continue;
    const std::optional<RefusalCode> refusal = Crossing(PartOf(pair), At(pair));
    if (!refusal) continue;
    // Like the ceilings here (R4), his reach there leaves the other rules their say.
    if (*refusal == RefusalCode::kLevelExceeded) {
      Refuse(*refusal, pair);
    } else {
      Settle(*refusal, pair);
    }
  }
}

void SendJudge::R2Parties() {
  if (Foreign(request_.sender) || PartyOf(convenant_, request_.sender) == nullptr)
    Refuse(RefusalCode::kNotAParty);
  for (const Pair& pair : Unsettled()) {
    if (!Foreign(At(pair)) && PartyOf(convenant_, At(pair)) == nullptr)
      SettleMember(RefusalCode::kNotAParty, At(pair));
  }
}

void SendJudge::R24Chain() {
  if (!IsAlert()) return;
  const AlertChain* chain = nullptr;
  for (const auto& [name, one] : convenant_.alerts()) {
    if (one.channel == ChannelName(request_.channel)) chain = &one;
  }
  if (chain == nullptr) return Refuse(RefusalCode::kNoMandate);
  bool may_raise = false;
  const auto raise = chain->raise.find(SenderKind());
  for (const MandateFacts* mandate :
       MandatesOf(convenant_, facts_, request_.sender, now_, request_.channel)) {
    if (raise != chain->raise.end() && Has(raise->second, mandate->function)) may_raise = true;
  }
  if (!may_raise) Refuse(RefusalCode::kNoMandate);
  for (const Pair& pair : Unsettled()) {
    if (!IsKind(pair, PartKind::kNarrative) && !Named(pair)) continue;
    bool called = false;
    for (const AlertStep& step : chain->steps) {
      if (Foreign(At(pair))) continue;
      if (step.party != At(pair).party && step.kind != KindOf(convenant_, At(pair))) continue;
      if (step.function.empty()) called = true;
      for (const MandateFacts* mandate : MandatesOf(convenant_, facts_, At(pair), now_, request_.channel)) {
        if (mandate->function == step.function) called = true;
      }
    }
    if (!called) {
      SettleMember(RefusalCode::kNotAParty, At(pair));
    } else if (IsKind(pair, PartKind::kIdentity) && !Has(chain->identity_to, KindOf(convenant_, At(pair)))) {
      Refuse(RefusalCode::kLevelExceeded, pair);
    }
  }
}

void SendJudge::R2Channel() {
  if (PartyOf(convenant_, request_.sender) != nullptr && !Foreign(request_.sender) &&
      SeatOf(convenant_, request_.sender, request_.channel) == Seat::kNone) {
    Refuse(RefusalCode::kNotAParty);
  }
  for (const Pair& pair : Present()) {
    if (!Foreign(At(pair)) && SeatOf(convenant_, At(pair), request_.channel) == Seat::kNone)
      SettleHere(RefusalCode::kNotAParty, At(pair));
  }
}

void SendJudge::R12() {
  if (SeatOf(convenant_, request_.sender, request_.channel) == Seat::kGuest && request_.level != Level::kL0)
    Refuse(RefusalCode::kGuestLevel);
  for (const Pair& pair : Present()) {
    if (!Foreign(At(pair)) && SeatOf(convenant_, At(pair), request_.channel) == Seat::kGuest &&
        request_.level != Level::kL0) {
      SettleHere(RefusalCode::kGuestLevel, At(pair));
    }
  }
}

void SendJudge::R3() {
  if (!SenderKind().empty() &&
      MandatesOf(convenant_, facts_, request_.sender, now_, request_.channel).empty())
    Refuse(RefusalCode::kNoMandate);
  for (const Pair& pair : Present()) {
    if (!Foreign(At(pair)) && MandatesOf(convenant_, facts_, At(pair), now_, request_.channel).empty())
      SettleHere(RefusalCode::kNoMandate, At(pair));
  }
}

}  // namespace seinpost::policies::reference
