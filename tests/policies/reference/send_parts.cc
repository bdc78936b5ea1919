// SPDX-License-Identifier: EUPL-1.2
// Sending: which part may go to whom. By level, detail, source and text.
#include "tests/policies/reference/send_judge.h"
#include "tests/policies/reference/world.h"

namespace seinpost::policies::reference {

void SendJudge::R8() {
  for (size_t part = 0; part < request_.parts.size(); ++part) {
    const bool text = request_.parts[part].kind == PartKind::kNarrative;
    const bool may = text && (request_.level != Level::kL2 || IsAlert());
    if (request_.parts[part].broadcast && !may) SettlePart(RefusalCode::kBroadcastNamed, part);
  }
}

void SendJudge::R5() {
  if (request_.level == Level::kL0) {
    if (request_.has_case_ref || request_.has_match_tag || !request_.identifier_hits.empty())
      Refuse(RefusalCode::kSubjectAtThematic);
    for (size_t part = 0; part < request_.parts.size(); ++part) {
      if (request_.parts[part].kind == PartKind::kIdentity) SettlePart(RefusalCode::kSubjectAtThematic, part);
    }
  }
  if (request_.kind == SignalKind::kContributed) {
    if (request_.level != Level::kL0) Refuse(RefusalCode::kSubjectAtThematic);
    if (channel_->chair.empty() || SenderKind() != channel_->chair) Refuse(RefusalCode::kNoMandate);
  }
}

// Wrapped to exactly those who may approve: two groups or more of two persons or more, nobody in two of them,
// and no two under one signature.
bool SendJudge::KeptAsAgreed(const PartRequest& part) {
  const std::vector<std::set<MemberId>> groups = ApprovalGroups(convenant_, facts_, request_.sender, now_);
  std::set<MemberId> all;
  std::set<std::string> signers_before;
  for (const std::set<MemberId>& group : groups) {
    if (group.size() < 2) return false;
    std::set<std::string> signers;
    for (const MemberId& member : group) {
      if (!all.insert(member).second) return false;
      signers.insert(SignerOf(convenant_, member.party));
    }
    for (const std::string& signer : signers) {
      if (!signers_before.insert(signer).second) return false;
    }
  }
  const std::set<MemberId> recipients(part.recipients.begin(), part.recipients.end());
  return groups.size() >= 2 && recipients == all;
}

void SendJudge::R6() {
  if (request_.level != Level::kL1) return;
  if (!request_.has_case_ref || !request_.identifier_hits.empty())
    Refuse(RefusalCode::kIdentifierInPseudonymous);
  bool kept_something = false;
  for (size_t part = 0; part < request_.parts.size(); ++part) {
    if (request_.parts[part].kind != PartKind::kIdentity) continue;
    if (!request_.parts[part].kept || channel_->kept_identity == KeptIdentity::kForbidden) {
      SettlePart(RefusalCode::kIdentifierInPseudonymous, part);
      continue;
    }
    kept_something = true;
    if (!KeptAsAgreed(request_.parts[part])) SettlePart(RefusalCode::kIdentityKeysetMismatch, part);
  }
  if (channel_->kept_identity == KeptIdentity::kRequired && !kept_something)
    Refuse(RefusalCode::kIdentityKeysetMismatch);
}

void SendJudge::R20() {
  if (!request_.has_match_tag || request_.level == Level::kL0) return;
  bool allowed = false;
  if (convenant_.matching() && Has(convenant_.matching()->channels, channel_->name)) {
    bool some_key = false, every_key = true;
    for (const auto& [name, key] : convenant_.matching()->keys) {
      if (key.everyone || Has(key.kinds, SenderKind())) some_key = true;
    }
    for (const std::string& asked : request_.match_keys) {
      const auto key = convenant_.matching()->keys.find(asked);
      if (key == convenant_.matching()->keys.end() ||
          !(key->second.everyone || Has(key->second.kinds, SenderKind()))) {
        every_key = false;
      }
    }
    allowed = request_.match_keys.empty() ? some_key : every_key;
  }
  const std::optional<Trust>& trust = convenant_.trust();
  if (trust && (!trust->voprf_broker_key || !trust->voprf_steward_key)) allowed = false;
  if (!allowed) Refuse(RefusalCode::kMatchNotAllowed);
}

void SendJudge::R7Text() {
  if (request_.level == Level::kL2 && !request_.identifier_hits.empty())
    Refuse(RefusalCode::kIdentifierInPseudonymous);
}

void SendJudge::R11Parts() {
  int texts = 0;
  for (size_t part = 0; part < request_.parts.size(); ++part) {
    const PartRequest& asked = request_.parts[part];
    bool fits = true;
    switch (asked.kind) {
      case PartKind::kNarrative:
        for (const MemberId& member : asked.recipients) {
          if (member != request_.sender) {
            ++texts;
            break;
          }
        }
        break;
      case PartKind::kIdentity:
        if (request_.level == Level::kL2) {
          fits = !asked.kept && (channel_->identity || channel_->ceiling < Level::kL2);
        }
        break;
      case PartKind::kSource:
        fits = request_.level != Level::kL0;
        break;
      case PartKind::kCare:
      case PartKind::kAttachment:
      case PartKind::kJustification:
        fits = request_.level == Level::kL2;
        break;
    }
    if (!fits) SettlePart(RefusalCode::kPartNotAllowed, part);
  }
  int narratives = 0;
  for (const PartRequest& part : request_.parts) narratives += part.kind == PartKind::kNarrative ? 1 : 0;
  if (texts != 1 || narratives != 1) Refuse(RefusalCode::kPartNotAllowed);
}

void SendJudge::R21() {
  for (const Pair& pair : Unsettled()) {
    if (!IsKind(pair, PartKind::kSource)) continue;
    if (Foreign(At(pair)) || At(pair).party != request_.sender.party)
      Refuse(RefusalCode::kSourceProtected, pair);
  }
}

void SendJudge::R22() {
  const auto purpose = convenant_.purposes().find(request_.purpose);
  const bool acute = purpose != convenant_.purposes().end() && purpose->second.acute_danger;
  const auto category = convenant_.categories().find(request_.category);
  if (category == convenant_.categories().end()) return;
  for (const Pair& pair : Unsettled()) {
    if (!Named(pair)) continue;
    const MemberId& member = At(pair);
    const Convenant& his = Foreign(member) ? *facts_.peers.at(member.convenant).convenant : convenant_;
    const auto levels = his.levels().find(KindOf(his, member));
    const bool care = levels != his.levels().end() && levels->second.care;
    const bool criminal = levels != his.levels().end() && levels->second.criminal;
    const bool about_care = IsKind(pair, PartKind::kCare) || category->second.kind == CategoryKind::kCare;
    const bool about_crime =
        IsKind(pair, PartKind::kAttachment) && category->second.kind == CategoryKind::kCriminal;
    if ((about_care && !care && !acute) || (about_crime && !criminal))
      Refuse(RefusalCode::kCategoryNotAllowed, pair);
  }
}

// In a case that exists already.
bool SendJudge::HasRole(const MemberId& member) {
  return request_.has_case_ref && !request_.new_case && facts_.broker.case_roles.count(member) == 1;
}

// Whether the second ceiling of the recipient's kind holds for him.
bool SendJudge::TiedHolds(const PartRequest& part, const MemberId& member) {
  if (!HasRole(member)) return false;
  if (!request_.sealed) return true;
  const auto claimed = part.ties.find(KeyOf(member));
  return claimed != part.ties.end() && (claimed->second == Tie::kAction || claimed->second == Tie::kCase);
}

void SendJudge::R4() {
  if (request_.level > channel_->ceiling) Refuse(RefusalCode::kLevelExceeded);
  const std::optional<Level> reach =
      Reach(convenant_, facts_, request_.sender, now_, request_.channel, HasRole(request_.sender));
  if (reach && request_.level > *reach && !IsAlert()) Refuse(RefusalCode::kLevelExceeded);
  for (const Pair& pair : Judged()) {
    if (Foreign(At(pair)) || AlertIdentity(pair)) continue;
    const bool tied = TiedHolds(PartOf(pair), At(pair));
    if (LevelOf(pair) > *Reach(convenant_, facts_, At(pair), now_, request_.channel, tied))
      Refuse(RefusalCode::kLevelExceeded, pair);
  }
}

void SendJudge::R31Orders() {
  for (const Restriction& order : facts_.restrictions) {
    const bool here = order.channel == channel_->name || order.party == request_.sender.party;
    if (here && request_.level > order.ceiling) Refuse(RefusalCode::kLevelExceeded);
    for (const Pair& pair : Judged()) {
      if (!Foreign(At(pair)) && order.party == At(pair).party && LevelOf(pair) > order.ceiling)
        Refuse(RefusalCode::kLevelExceeded, pair);
    }
  }
}

void SendJudge::R7Identity() {
  for (const Pair& pair : Unsettled()) {
    if (IsKind(pair, PartKind::kIdentity) && !PartOf(pair).kept && !GetsText(At(pair)))
      Refuse(RefusalCode::kIdentityKeysetMismatch, pair);
  }
}

void SendJudge::R11Readers() {
  for (const Pair& pair : Unsettled()) {
    const bool with_text = IsKind(pair, PartKind::kCare) || IsKind(pair, PartKind::kAttachment);
    if (with_text && !GetsText(At(pair))) Refuse(RefusalCode::kPartNotAllowed, pair);
  }
}

}  // namespace seinpost::policies::reference
