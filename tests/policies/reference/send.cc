// SPDX-License-Identifier: EUPL-1.2
// Sending. One function per rule, in the order of the table in docs/formats/convenant.md.
//
// Some refusals settle a part for a recipient, and no later rule speaks of the two again: who does not belong
// here (R13, R2, R12) or has no mandate (R3) is told just that, and of a part that may not exist at all (R5,
// R6, R8, R11) nothing else is said. All others leave the rest of the table its say.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/policies/reference/reference.h"
#include "tests/policies/reference/world.h"

namespace seinpost::policies::reference {
namespace {

class Judge {
 public:
  Judge(const SendRequest& request, const Facts& facts, absl::Time now)
      : request_(request), facts_(facts), convenant_(*facts.convenant), now_(now) {}

  Answer Answered() {
    R1Convenant();
    R31Version();
    R1Names();
    channel_ = ChannelAt(convenant_, request_.channel);
    if (channel_ != nullptr) {
      R13();
      R2Parties();
      R24Chain();
      R25();
      R23();
      R8();
      R5();
      R6();
      R20();
      R7Text();
      R11Parts();
      R21();
      R2Channel();
      R12();
      R3();
      R22();
      R4();
      R31Orders();
      R7Identity();
      R11Readers();
      R9Organisations();
      R9Ties();
      R10Purpose();
      R10Justification();
      R10Officers();
      R34();
      R24Overdue();
      R18();
      R32();
    }
    answer_.allowed = answer_.codes.empty();
    return answer_;
  }

 private:
  using Pair = std::pair<size_t, size_t>;

  void R1Convenant();
  void R31Version();
  void R1Names();
  void R13();
  void R2Parties();
  void R24Chain();
  void R25();
  void R23();
  void R8();
  void R5();
  void R6();
  void R20();
  void R7Text();
  void R11Parts();
  void R21();
  void R2Channel();
  void R12();
  void R3();
  void R22();
  void R4();
  void R31Orders();
  void R7Identity();
  void R11Readers();
  void R9Organisations();
  void R9Ties();
  void R10Purpose();
  void R10Justification();
  void R10Officers();
  void R34();
  void R24Overdue();
  void R18();
  void R32();

  // Foreigners: what keeps this pair from crossing; absent: nothing.
  std::optional<RefusalCode> Crossing(const PartRequest& part, const MemberId& member);
  bool OutsideBridge(const Bridge& ours, const Bridge& theirs, const Convenant& peer, const PartRequest& part,
                     const std::string& their_kind);
  bool KeptAsAgreed(const PartRequest& part);
  bool HasRole(const MemberId& member);
  bool TiedHolds(const PartRequest& part, const MemberId& member);
  bool IsTied(const PartRequest& part, const MemberId& member);

  void Refuse(RefusalCode code) { answer_.codes.insert(code); }
  void Refuse(RefusalCode code, const Pair& pair) {
    Refuse(code);
    answer_.denied.insert(pair);
  }
  void Settle(RefusalCode code, const Pair& pair) {
    Refuse(code, pair);
    settled_.insert(pair);
  }
  void SettleMember(RefusalCode code, const MemberId& member) {
    for (const Pair& pair : Everyone()) {
      if (At(pair) == member) Settle(code, pair);
    }
  }
  void SettlePart(RefusalCode code, size_t part) {
    Refuse(code);
    for (const Pair& pair : Everyone()) {
      if (pair.first == part) Settle(code, pair);
    }
  }

  const PartRequest& PartOf(const Pair& pair) const { return request_.parts[pair.first]; }
  const MemberId& At(const Pair& pair) const { return PartOf(pair).recipients[pair.second]; }
  Level LevelOf(const Pair& pair) const {
    return LevelOfPart(PartOf(pair).kind, request_.level, request_.kind);
  }
  bool IsAlert() const { return request_.kind == SignalKind::kAlert; }
  bool IsKind(const Pair& pair, PartKind kind) const { return PartOf(pair).kind == kind; }
  bool Named(const Pair& pair) const { return NamesSomebody(PartOf(pair).kind, PartOf(pair).kept); }
  // The identity part of an alert, which R24 judges instead of others.
  bool AlertIdentity(const Pair& pair) const { return IsAlert() && IsKind(pair, PartKind::kIdentity); }
  static bool Foreign(const MemberId& member) { return member.convenant != ""; }
  std::string SenderKind() const {
    return Foreign(request_.sender) ? "" : KindOf(convenant_, request_.sender);
  }

  // Every recipient but the sender.
  std::vector<Pair> Everyone() const {
    std::vector<Pair> pairs;
    for (size_t part = 0; part < request_.parts.size(); ++part) {
      for (size_t i = 0; i < request_.parts[part].recipients.size(); ++i) {
        if (request_.parts[part].recipients[i] != request_.sender) pairs.push_back({part, i});
      }
    }
    return pairs;
  }
  // ... but those that are settled.
  std::vector<Pair> Unsettled() const {
    std::vector<Pair> pairs;
    for (const Pair& pair : Everyone()) {
      if (settled_.count(pair) == 0) pairs.push_back(pair);
    }
    return pairs;
  }
  // ... of the parts whose recipients have to belong here: all but what officers and approvers get.
  std::vector<Pair> Present() const {
    std::vector<Pair> pairs;
    for (const Pair& pair : Unsettled()) {
      if (!IsKind(pair, PartKind::kJustification) && !PartOf(pair).kept) pairs.push_back(pair);
    }
    return pairs;
  }
  // ... of those that ceilings hold for: a source has none, R21 says all.
  std::vector<Pair> Judged() const {
    std::vector<Pair> pairs;
    for (const Pair& pair : Unsettled()) {
      if (IsKind(pair, PartKind::kNarrative) || Named(pair)) pairs.push_back(pair);
    }
    return pairs;
  }
  bool GetsText(const MemberId& member) const {
    for (const Pair& pair : Everyone()) {
      if (IsKind(pair, PartKind::kNarrative) && At(pair) == member) return true;
    }
    return false;
  }

  const SendRequest& request_;
  const Facts& facts_;
  const Convenant& convenant_;
  const absl::Time now_;
  const Channel* channel_ = nullptr;
  std::set<Pair> settled_;
  Answer answer_;
};

void Judge::R1Convenant() {
  absl::Time end = convenant_.valid_until();
  if (IsAlert() && request_.level == Level::kL0) end += absl::Hours(24 * 30);
  const bool in_force = facts_.convenant_active && facts_.all_signatures && now_ >= convenant_.valid_from() &&
                        now_ < end && request_.convenant_id == convenant_.id();
  if (!in_force) Refuse(RefusalCode::kNoConvenant);
  const bool named_agreement = convenant_.kind() == ConvenantKind::kConvenant;
  const bool case_agreement = named_agreement || convenant_.kind() == ConvenantKind::kWorkingAgreement;
  if (request_.level == Level::kL2 && !named_agreement) Refuse(RefusalCode::kLevelExceeded);
  if (request_.level == Level::kL1 && !case_agreement) Refuse(RefusalCode::kLevelExceeded);
}

void Judge::R31Version() {
  if (request_.convenant_version != convenant_.version()) Refuse(RefusalCode::kVersionStale);
}

void Judge::R1Names() {
  if (ChannelAt(convenant_, request_.channel) == nullptr) Refuse(RefusalCode::kNotAParty);
  if (convenant_.purposes().count(request_.purpose) == 0) Refuse(RefusalCode::kPurposeNotAllowed);
  if (convenant_.categories().count(request_.category) == 0) Refuse(RefusalCode::kCategoryNotAllowed);
}

bool Judge::OutsideBridge(const Bridge& ours, const Bridge& theirs, const Convenant& peer,
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

std::optional<RefusalCode> Judge::Crossing(const PartRequest& part, const MemberId& member) {
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

void Judge::R13() {
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

void Judge::R2Parties() {
  if (Foreign(request_.sender) || PartyOf(convenant_, request_.sender) == nullptr)
    Refuse(RefusalCode::kNotAParty);
  for (const Pair& pair : Unsettled()) {
    if (!Foreign(At(pair)) && PartyOf(convenant_, At(pair)) == nullptr)
      SettleMember(RefusalCode::kNotAParty, At(pair));
  }
}

void Judge::R24Chain() {
  if (!IsAlert()) return;
  const AlertChain* chain = nullptr;
  for (const auto& [name, one] : convenant_.alerts()) {
    if (one.channel == ChannelName(request_.channel)) chain = &one;
  }
  if (chain == nullptr) return Refuse(RefusalCode::kNoMandate);
  bool may_raise = false;
  const auto raise = chain->raise.find(SenderKind());
  for (const MandateFacts& mandate :
       MandatesOf(convenant_, facts_, request_.sender, now_, request_.channel)) {
    if (raise != chain->raise.end() && Has(raise->second, mandate.function)) may_raise = true;
  }
  if (!may_raise) Refuse(RefusalCode::kNoMandate);
  for (const Pair& pair : Unsettled()) {
    if (!IsKind(pair, PartKind::kNarrative) && !Named(pair)) continue;
    bool called = false;
    for (const AlertStep& step : chain->steps) {
      if (Foreign(At(pair))) continue;
      if (step.party != At(pair).party && step.kind != KindOf(convenant_, At(pair))) continue;
      if (step.function == "") called = true;
      for (const MandateFacts& mandate : MandatesOf(convenant_, facts_, At(pair), now_, request_.channel)) {
        if (mandate.function == step.function) called = true;
      }
    }
    if (!called) {
      SettleMember(RefusalCode::kNotAParty, At(pair));
    } else if (IsKind(pair, PartKind::kIdentity) && !Has(chain->identity_to, KindOf(convenant_, At(pair)))) {
      Refuse(RefusalCode::kLevelExceeded, pair);
    }
  }
}

void Judge::R25() {
  if (IsAlert() && !request_.sealed && !request_.emergency_called) Refuse(RefusalCode::kEmergencyCallMissing);
}

void Judge::R23() {
  if (request_.has_case_ref && !request_.new_case && facts_.case_scope &&
      *facts_.case_scope != ScopeName(request_.channel)) {
    Refuse(RefusalCode::kScopeMismatch);
  }
}

void Judge::R8() {
  for (size_t part = 0; part < request_.parts.size(); ++part) {
    const bool text = request_.parts[part].kind == PartKind::kNarrative;
    const bool may = text && (request_.level != Level::kL2 || IsAlert());
    if (request_.parts[part].broadcast && !may) SettlePart(RefusalCode::kBroadcastNamed, part);
  }
}

void Judge::R5() {
  if (request_.level == Level::kL0) {
    if (request_.has_case_ref || request_.has_match_tag || !request_.identifier_hits.empty())
      Refuse(RefusalCode::kSubjectAtThematic);
    for (size_t part = 0; part < request_.parts.size(); ++part) {
      if (request_.parts[part].kind == PartKind::kIdentity) SettlePart(RefusalCode::kSubjectAtThematic, part);
    }
  }
  if (request_.kind == SignalKind::kContributed) {
    if (request_.level != Level::kL0) Refuse(RefusalCode::kSubjectAtThematic);
    if (channel_->chair == "" || SenderKind() != channel_->chair) Refuse(RefusalCode::kNoMandate);
  }
}

// Wrapped to exactly those who may approve: two groups or more of two persons or more, nobody in two of them,
// and no two under one signature.
bool Judge::KeptAsAgreed(const PartRequest& part) {
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

void Judge::R6() {
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

void Judge::R20() {
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

void Judge::R7Text() {
  if (request_.level == Level::kL2 && !request_.identifier_hits.empty())
    Refuse(RefusalCode::kIdentifierInPseudonymous);
}

void Judge::R11Parts() {
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

void Judge::R21() {
  for (const Pair& pair : Unsettled()) {
    if (!IsKind(pair, PartKind::kSource)) continue;
    if (Foreign(At(pair)) || At(pair).party != request_.sender.party)
      Refuse(RefusalCode::kSourceProtected, pair);
  }
}

void Judge::R2Channel() {
  if (PartyOf(convenant_, request_.sender) != nullptr && !Foreign(request_.sender) &&
      SeatOf(convenant_, request_.sender, request_.channel) == Seat::kNone) {
    Refuse(RefusalCode::kNotAParty);
  }
  for (const Pair& pair : Present()) {
    if (!Foreign(At(pair)) && SeatOf(convenant_, At(pair), request_.channel) == Seat::kNone)
      Settle(RefusalCode::kNotAParty, pair);
  }
}

void Judge::R12() {
  if (SeatOf(convenant_, request_.sender, request_.channel) == Seat::kGuest && request_.level != Level::kL0)
    Refuse(RefusalCode::kGuestLevel);
  for (const Pair& pair : Present()) {
    if (!Foreign(At(pair)) && SeatOf(convenant_, At(pair), request_.channel) == Seat::kGuest &&
        request_.level != Level::kL0) {
      Settle(RefusalCode::kGuestLevel, pair);
    }
  }
}

void Judge::R3() {
  if (SenderKind() != "" && MandatesOf(convenant_, facts_, request_.sender, now_, request_.channel).empty())
    Refuse(RefusalCode::kNoMandate);
  for (const Pair& pair : Present()) {
    if (!Foreign(At(pair)) && MandatesOf(convenant_, facts_, At(pair), now_, request_.channel).empty())
      Settle(RefusalCode::kNoMandate, pair);
  }
}

void Judge::R22() {
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
bool Judge::HasRole(const MemberId& member) {
  return request_.has_case_ref && !request_.new_case && facts_.broker.case_roles.count(member) == 1;
}

// Whether the second ceiling of the recipient's kind holds for him.
bool Judge::TiedHolds(const PartRequest& part, const MemberId& member) {
  if (!HasRole(member)) return false;
  if (!request_.sealed) return true;
  const auto claimed = part.ties.find(KeyOf(member));
  return claimed != part.ties.end() && (claimed->second == Tie::kAction || claimed->second == Tie::kCase);
}

void Judge::R4() {
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

void Judge::R31Orders() {
  for (const Restriction& order : facts_.restrictions) {
    const bool here = order.channel == channel_->name || order.party == request_.sender.party;
    if (here && request_.level > order.ceiling) Refuse(RefusalCode::kLevelExceeded);
    for (const Pair& pair : Judged()) {
      if (!Foreign(At(pair)) && order.party == At(pair).party && LevelOf(pair) > order.ceiling)
        Refuse(RefusalCode::kLevelExceeded, pair);
    }
  }
}

void Judge::R7Identity() {
  for (const Pair& pair : Unsettled()) {
    if (IsKind(pair, PartKind::kIdentity) && !PartOf(pair).kept && !GetsText(At(pair)))
      Refuse(RefusalCode::kIdentityKeysetMismatch, pair);
  }
}

void Judge::R11Readers() {
  for (const Pair& pair : Unsettled()) {
    const bool with_text = IsKind(pair, PartKind::kCare) || IsKind(pair, PartKind::kAttachment);
    if (with_text && !GetsText(At(pair))) Refuse(RefusalCode::kPartNotAllowed, pair);
  }
}

void Judge::R9Organisations() {
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
bool Judge::IsTied(const PartRequest& part, const MemberId& member) {
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

void Judge::R9Ties() {
  for (const Pair& pair : Unsettled()) {
    if (Named(pair) && !AlertIdentity(pair) && !IsTied(PartOf(pair), At(pair)))
      Refuse(RefusalCode::kNoInvolvement, pair);
  }
}

void Judge::R10Purpose() {
  const auto purpose = convenant_.purposes().find(request_.purpose);
  if (purpose == convenant_.purposes().end() || SenderKind() == "") return;
  if (!purpose->second.everyone_may_use && !Has(purpose->second.may_use, SenderKind()))
    Refuse(RefusalCode::kPurposeNotAllowed);
}

void Judge::R10Justification() {
  const std::set<MemberId> officers = OfficersFor(convenant_, facts_, request_.sender, now_);
  std::vector<Pair> to_justify;
  for (const Pair& pair : Unsettled()) {
    if (Named(pair) && !AlertIdentity(pair)) to_justify.push_back(pair);
  }
  if (to_justify.empty()) return;
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

void Judge::R10Officers() {
  const std::set<MemberId> officers = OfficersFor(convenant_, facts_, request_.sender, now_);
  for (const Pair& pair : Everyone()) {
    // Of somebody of no party, or of another convenant and kept out by R13, everything is said.
    const bool stranger = Foreign(At(pair)) || PartyOf(convenant_, At(pair)) == nullptr;
    if (stranger && settled_.count(pair) == 1) continue;
    if (IsKind(pair, PartKind::kJustification) && officers.count(At(pair)) == 0)
      Refuse(RefusalCode::kPartNotAllowed, pair);
  }
}

void Judge::R34() {
  if (request_.level != Level::kL2 || IsAlert()) return;
  const bool said = request_.informed == Informed::kYes || request_.informed == Informed::kNotYet ||
                    (request_.informed == Informed::kNo && request_.informed_code != "");
  if (!said) Refuse(RefusalCode::kInformedMissing);
}

void Judge::R24Overdue() {
  if (request_.level == Level::kL2 && facts_.broker.alert_justification_overdue)
    Refuse(RefusalCode::kAlertJustificationDue);
}

// The devices of the chosen members, and the sender's own unless the identity is kept from him too: each with
// a prekey of the class among those wrapped to, each without among those told as unreached, once, and nobody
// else.
void Judge::R18() {
  if (!request_.sealed) return;
  for (size_t i = 0; i < request_.parts.size(); ++i) {
    const PartRequest& part = request_.parts[i];
    std::set<MemberId> members(part.recipients.begin(), part.recipients.end());
    if (!part.kept) members.insert(request_.sender);
    std::vector<DeviceId> reached, unreached;
    for (const MemberId& member : members) {
      const auto known = facts_.members.find(member);
      if (known == facts_.members.end()) continue;
      for (const DeviceFacts& device : known->second.devices) {
        (Has(device.prekey_classes, part.retention_class) ? reached : unreached).push_back(device.id);
      }
    }
    std::vector<DeviceId> got = part.devices, got_unreached = part.unreached;
    for (std::vector<DeviceId>* devices : {&reached, &unreached, &got, &got_unreached})
      std::sort(devices->begin(), devices->end());
    if (reached != got || unreached != got_unreached) Refuse(RefusalCode::kKeysetMismatch);
  }
}

void Judge::R32() {
  for (const PartRequest& part : request_.parts) {
    const std::string* name = nullptr;
    if (part.kind == PartKind::kJustification) {
      if (channel_->justification_retention != "") name = &channel_->justification_retention;
    } else {
      Level level = LevelOfPart(part.kind, request_.level, request_.kind);
      // A source, or an identity kept in an L1 signal, also travels in a channel that never goes to L2.
      const bool bends = part.kind == PartKind::kSource ||
                         (part.kind == PartKind::kIdentity && request_.level == Level::kL1);
      if (bends && level > channel_->ceiling) level = channel_->ceiling;
      const std::optional<std::string>& found = channel_->retention[static_cast<size_t>(level)];
      if (found) name = &*found;
    }
    if (request_.sealed && (name == nullptr || *name != part.retention_class))
      Refuse(RefusalCode::kKeysetMismatch);
    if (name == nullptr || !part.expires) continue;
    const absl::Time cap = request_.created + convenant_.retention().at(*name).cap;
    const bool shortened = part.kind == PartKind::kJustification && *part.expires != cap;
    if (*part.expires <= now_ || *part.expires > cap || shortened) Refuse(RefusalCode::kExpired);
  }
}

}  // namespace

Answer Send(const SendRequest& request, const Facts& facts, absl::Time now) {
  return Judge(request, facts, now).Answered();
}

std::string ToString(const std::set<RefusalCode>& codes) {
  std::string text;
  for (const RefusalCode code : codes)
    absl::StrAppend(&text, text.empty() ? "" : " ", policies::ToString(code));
  return text.empty() ? "allowed" : text;
}

}  // namespace seinpost::policies::reference
