// SPDX-License-Identifier: EUPL-1.2
// What the rules about sending share, inside the reference. One function per rule; send.cc has their order.
//
// Some refusals settle a part for a recipient, and no later rule speaks of the two again: who does not belong
// here (R13, R2, R12) or has no mandate (R3) is told just that, and of a part that may not exist at all (R5,
// R6, R8, R11) nothing else is said. All others leave the rest of the table its say.
//
// Judges once, and borrows what it is given.
#ifndef SEINPOST_TESTS_POLICIES_REFERENCE_SEND_JUDGE_H_
#define SEINPOST_TESTS_POLICIES_REFERENCE_SEND_JUDGE_H_

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/policies/reference/reference.h"
#include "tests/policies/reference/world.h"

namespace seinpost::policies::reference {

class SendJudge {
 public:
  SendJudge(const SendRequest& request, const Facts& facts, absl::Time now);

  Answer Answered();

 private:
  using Pair = std::pair<size_t, size_t>;
  using Pairs = absl::InlinedVector<Pair, 16>;

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
    settled_.push_back(pair);
  }
  void SettleMember(RefusalCode code, const MemberId& member) {
    for (const Pair& pair : Everyone()) {
      if (At(pair) == member) Settle(code, pair);
    }
  }
  // ... in all but justifications, which he may read as an officer.
  void SettleHere(RefusalCode code, const MemberId& member) {
    for (const Pair& pair : Everyone()) {
      if (At(pair) == member && !IsKind(pair, PartKind::kJustification)) Settle(code, pair);
    }
  }
  // Nobody gets the part, the sender where he addressed himself as little as others.
  void SettlePart(RefusalCode code, size_t part) {
    Refuse(code);
    for (size_t i = 0; i < request_.parts[part].recipients.size(); ++i) Settle(code, {part, i});
  }

  bool IsSettled(const Pair& pair) const {
    return std::find(settled_.begin(), settled_.end(), pair) != settled_.end();
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
  static bool Foreign(const MemberId& member) { return !member.convenant.empty(); }
  // Empty: of no party here.
  const std::string& SenderKind() const { return sender_kind_; }

  // Every recipient but the sender.
  const Pairs& Everyone() const { return everyone_; }
  // ... but those that are settled.
  Pairs Unsettled() const {
    Pairs pairs;
    for (const Pair& pair : Everyone()) {
      if (!IsSettled(pair)) pairs.push_back(pair);
    }
    return pairs;
  }
  // ... of the parts whose recipients have to belong here: all but what officers and approvers get.
  Pairs Present() const {
    Pairs pairs;
    for (const Pair& pair : Unsettled()) {
      if (!IsKind(pair, PartKind::kJustification) && !PartOf(pair).kept) pairs.push_back(pair);
    }
    return pairs;
  }
  // ... of those that ceilings hold for: a source has none, R21 says all.
  Pairs Judged() const {
    Pairs pairs;
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
  const Channel* const channel_;  // null: no such channel
  std::string sender_kind_;
  Pairs everyone_;
  Pairs settled_;
  Answer answer_;
};

}  // namespace seinpost::policies::reference

#endif  // SEINPOST_TESTS_POLICIES_REFERENCE_SEND_JUDGE_H_
