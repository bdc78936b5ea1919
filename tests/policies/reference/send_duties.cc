// SPDX-License-Identifier: EUPL-1.2
// Sending: what is owed besides. A tie, a reason, an answer to a question, and the right keys.
#include <algorithm>

#include "tests/policies/reference/send_judge.h"
#include "tests/policies/reference/world.h"

namespace seinpost::policies::reference {

void SendJudge::R25() {
  if (IsAlert() && !request_.sealed && !request_.emergency_called) Refuse(RefusalCode::kEmergencyCallMissing);
}

void SendJudge::R23() {
  if (request_.has_case_ref && !request_.new_case && facts_.case_scope &&
      *facts_.case_scope != ScopeName(request_.channel)) {
    Refuse(RefusalCode::kScopeMismatch);
  }
}

void SendJudge::R9Organisations() {
  std::set<std::string> organisations;
  for (const Pair& pair : Everyone()) {
    if (!Named(pair) || AlertIdentity(pair)) continue;
    if (!Foreign(At(pair)) && At(pair).party == request_.sender.party) continue;
    organisations.insert(At(pair).party + "@" + At(pair).convenant);
  }
  if (organisations.size() > convenant_.max_recipients() && !facts_.broker.chair_approved)
    Refuse(RefusalCode::kTooManyRecipients);
}

// A dry run claims nothing: any tie will do.
bool SendJudge::IsTied(const PartRequest& part, const MemberId& member) {
  for (const Tie tie : {Tie::kSchool, Tie::kWard, Tie::kAction, Tie::kCase, Tie::kCompetence}) {
    if (request_.sealed) {
      const auto claimed = part.ties.find(KeyOf(member));
      if (claimed == part.ties.end() || claimed->second != tie) continue;
    }
    const bool by_role = tie == Tie::kAction || tie == Tie::kCase;
    if (by_role && HasRole(member)) return true;
    if (!by_role && HoldsTie(tie, convenant_, facts_, member, request_.sender, request_.channel,
                             request_.purpose, now_)) {
      return true;
    }
  }
  return false;
}

void SendJudge::R9Ties() {
  for (const Pair& pair : Unsettled()) {
    if (Named(pair) && !AlertIdentity(pair) && !IsTied(PartOf(pair), At(pair)))
      Refuse(RefusalCode::kNoInvolvement, pair);
  }
}

void SendJudge::R10Purpose() {
  const auto purpose = convenant_.purposes().find(request_.purpose);
  if (purpose == convenant_.purposes().end() || SenderKind().empty()) return;
  if (!purpose->second.everyone_may_use && !Has(purpose->second.may_use, SenderKind()))
    Refuse(RefusalCode::kPurposeNotAllowed);
}

void SendJudge::R10Justification() {
  Pairs to_justify;
  for (const Pair& pair : Unsettled()) {
    if (Named(pair) && !AlertIdentity(pair)) to_justify.push_back(pair);
  }
  if (to_justify.empty()) return;
  const std::set<MemberId> officers = OfficersFor(convenant_, facts_, request_.sender, now_);
  if (officers.size() < 2) return Refuse(RefusalCode::kNoJustification);
  for (const Pair& pair : to_justify) {
    bool justified = false;
    for (const PartRequest& part : request_.parts) {
      if (part.kind != PartKind::kJustification || !Has(part.justifies, KeyOf(At(pair)))) continue;
      bool all_read = true;
      for (const MemberId& officer : officers) {
        const auto& readers = part.recipients;
        // Who sends reads his own parts anyhow.
        if (officer != request_.sender && std::find(readers.begin(), readers.end(), officer) == readers.end())
          all_read = false;
      }
      if (all_read) justified = true;
    }
    if (!justified) Refuse(RefusalCode::kNoJustification, pair);
  }
}

void SendJudge::R10Officers() {
  Pairs told;
  for (const Pair& pair : Everyone()) {
    if (IsKind(pair, PartKind::kJustification)) told.push_back(pair);
  }
  if (told.empty()) return;
  const std::set<MemberId> officers = OfficersFor(convenant_, facts_, request_.sender, now_);
  for (const Pair& pair : told) {
    // Of somebody of no party, or of another convenant and kept out by R13, everything is said.
    const bool stranger = Foreign(At(pair)) || PartyOf(convenant_, At(pair)) == nullptr;
    if (stranger && IsSettled(pair)) continue;
    if (officers.count(At(pair)) == 0) Refuse(RefusalCode::kPartNotAllowed, pair);
  }
}

void SendJudge::R34() {
  if (request_.level != Level::kL2 || IsAlert()) return;
  const bool said = request_.informed == Informed::kYes || request_.informed == Informed::kNotYet ||
                    (request_.informed == Informed::kNo && !request_.informed_code.empty());
  if (!said) Refuse(RefusalCode::kInformedMissing);
}

void SendJudge::R24Overdue() {
  if (request_.level == Level::kL2 && facts_.broker.alert_justification_overdue)
    Refuse(RefusalCode::kAlertJustificationDue);
}

// The devices of the chosen members, and the sender's own unless the identity is kept from him too: each with
// a prekey of the class among those wrapped to, each without among those told as unreached, once, and nobody
// else.
void SendJudge::R18() {
  if (!request_.sealed) return;
  for (size_t i = 0; i < request_.parts.size(); ++i) {
    const PartRequest& part = request_.parts[i];
    std::set<MemberId> members(part.recipients.begin(), part.recipients.end());
    if (part.kept) {
      members.erase(request_.sender);
    } else {
      members.insert(request_.sender);
    }
    bool all_known = true;
    std::vector<DeviceId> reached, unreached;
    for (const MemberId& member : members) {
      const auto known = facts_.members.find(member);
      // A member of whom nothing is known: nobody can say that the devices are his.
      const bool is_sender = member == request_.sender;
      if (known == facts_.members.end() || (!is_sender && (!known->second.known || known->second.revoked))) {
        all_known = false;
        continue;
      }
      for (const DeviceFacts& device : known->second.devices) {
        (Has(device.prekey_classes, part.retention_class) ? reached : unreached).push_back(device.id);
      }
    }
    std::vector<DeviceId> got = part.devices, got_unreached = part.unreached;
    for (std::vector<DeviceId>* devices : {&reached, &unreached, &got, &got_unreached})
      std::sort(devices->begin(), devices->end());
    if (!all_known || reached != got || unreached != got_unreached)
      SettlePart(RefusalCode::kKeysetMismatch, i);
  }
}

void SendJudge::R32() {
  for (size_t i = 0; i < request_.parts.size(); ++i) {
    const PartRequest& part = request_.parts[i];
    const std::string* name = nullptr;
    if (part.kind == PartKind::kJustification) {
      if (!channel_->justification_retention.empty()) name = &channel_->justification_retention;
    } else {
      Level level = LevelOfPart(part.kind, request_.level, request_.kind);
      // A source, or an identity kept in an L1 signal, also travels in a channel that never goes to L2.
      const bool bends = part.kind == PartKind::kSource ||
                         (part.kind == PartKind::kIdentity && request_.level == Level::kL1);
      if (bends && level > channel_->ceiling) level = channel_->ceiling;
      const std::optional<std::string>& found = channel_->retention[static_cast<size_t>(level)];
      if (found) name = &*found;
    }
    // A channel keeps nothing above its ceiling, and says so (R4).
    if (name == nullptr) continue;
    if (request_.sealed && *name != part.retention_class) SettlePart(RefusalCode::kKeysetMismatch, i);
    if (!part.expires) continue;
    const absl::Time cap = request_.created + convenant_.retention().at(*name).cap;
    const bool shortened = part.kind == PartKind::kJustification && *part.expires != cap;
    if (*part.expires <= now_ || *part.expires > cap || shortened) SettlePart(RefusalCode::kExpired, i);
  }
}

}  // namespace seinpost::policies::reference
