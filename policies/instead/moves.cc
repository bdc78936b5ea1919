// SPDX-License-Identifier: EUPL-1.2
#include "policies/instead/moves.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/algorithm/container.h"

namespace seinpost::policies {
namespace {

bool HasPart(const SendRequest& request, PartKind kind) {
  return std::any_of(request.parts.begin(), request.parts.end(),
                     [&](const PartRequest& part) { return part.kind == kind; });
}

Change LevelChange(Level level) {
  Change change{.kind = Change::Kind::kSetLevel};
  change.level = level;
  return change;
}
Change ValueChange(Change::Kind kind, std::string value) {
  Change change{.kind = kind};
  change.value = std::move(value);
  return change;
}
Change PartChange(Change::Kind kind, PartKind part) {
  Change change{.kind = kind};
  change.part = part;
  return change;
}
Change InformedChange() {
  Change change{.kind = Change::Kind::kSetInformed};
  change.informed = Informed::kNotYet;
  return change;
}

// Lower: without the parts that only L2 has. Higher: with what L2 asks for.
void LevelMoves(const SendRequest& request, std::vector<Move>& moves) {
  for (Level level : {Level::kL0, Level::kL1, Level::kL2}) {
    if (level == request.level) continue;
    Move move{{LevelChange(level)},
              level < request.level ? 4 * (static_cast<int>(request.level) - static_cast<int>(level)) : 6};
    if (level < Level::kL2) {
      for (PartKind kind :
           {PartKind::kIdentity, PartKind::kCare, PartKind::kAttachment, PartKind::kJustification}) {
        if (HasPart(request, kind)) move.changes.push_back(PartChange(Change::Kind::kDropPart, kind));
      }
      if (level == Level::kL0 && HasPart(request, PartKind::kSource)) {
        move.changes.push_back(PartChange(Change::Kind::kDropPart, PartKind::kSource));
      }
    } else {
      if (request.informed == Informed::kNotStated) move.changes.push_back(InformedChange());
      if (std::any_of(request.parts.begin(), request.parts.end(),
                      [](const auto& part) { return NeedsL2(part.kind); })) {
        move.changes.push_back(Change{.kind = Change::Kind::kAddJustification});
      }
    }
    moves.push_back(std::move(move));
  }
}

// Fewer organisations: the first of them, without the others. Only where there are too many, since it takes
// long.
void CountMoves(const SendRequest& request, const Decision& decision, Effort& effort,
                std::vector<Move>& moves) {
  if (std::none_of(decision.reasons.begin(), decision.reasons.end(),
                   [](const Reason& reason) { return reason.code == RefusalCode::kTooManyRecipients; })) {
    return;
  }
  std::vector<std::pair<std::string, std::string>> organisations;
  for (const PartRequest& part : request.parts) {
    if (!NeedsL2(part.kind) || part.kind == PartKind::kJustification) continue;
    for (const MemberId& member : part.recipients) {
      const std::pair organisation(member.party, member.convenant);
      if (!absl::c_linear_search(organisations, organisation)) organisations.push_back(organisation);
    }
  }
  for (size_t keep = 1; keep < organisations.size(); ++keep) {
    if (!effort.Spend(EffortFor(request))) return;
    Move move;
    for (const PartRequest& part : request.parts) {
      if (!NeedsL2(part.kind) || part.kind == PartKind::kJustification) continue;
      for (const MemberId& member : part.recipients) {
        const auto kept_end = organisations.begin() + static_cast<std::ptrdiff_t>(keep);
        if (std::find(organisations.begin(), kept_end, std::pair(member.party, member.convenant)) != kept_end)
          continue;
        Change change = PartChange(Change::Kind::kDropRecipient, part.kind);
        change.member = member;
        move.changes.push_back(std::move(change));
      }
    }
    move.cost = static_cast<int>(organisations.size() - keep);
    moves.push_back(std::move(move));
  }
}

// Without the recipients that were denied, part by part; without a whole part.
void PartMoves(const SendRequest& request, const Decision& decision, std::vector<Move>& moves) {
  for (size_t i = 0; i < request.parts.size(); ++i) {
    const PartRequest& part = request.parts[i];
    Move drop;
    for (const Verdict& verdict : decision.verdicts) {
      if (verdict.part != i || verdict.allowed) continue;
      Change change = PartChange(Change::Kind::kDropRecipient, part.kind);
      change.member = part.recipients[verdict.recipient];
      drop.changes.push_back(std::move(change));
    }
    drop.cost = 2 * static_cast<int>(drop.changes.size());
    if (!drop.changes.empty() && drop.changes.size() < part.recipients.size())
      moves.push_back(std::move(drop));
    if (part.kind != PartKind::kNarrative)
      moves.push_back({{PartChange(Change::Kind::kDropPart, part.kind)}, 3});
  }
}

// "@channel" written out as the members who may have this part.
void BroadcastMoves(const SendRequest& request, const Facts& facts, absl::Time now, Effort& effort,
                    std::vector<Move>& moves) {
  if (std::none_of(request.parts.begin(), request.parts.end(),
                   [](const PartRequest& part) { return part.broadcast; })) {
    return;
  }
  if (!effort.Spend(EffortFor(request))) return;
  SendRequest named = request;
  for (PartRequest& other : named.parts) other.broadcast = false;
  const Decision decision = DecideSend(named, facts, now);
  std::set<std::string> denied;  // for another reason than that nothing justifies it yet
  for (const Reason& reason : decision.reasons) {
    if (reason.code != RefusalCode::kNoJustification) denied.insert(reason.recipient);
  }
  for (const PartRequest& part : request.parts) {
    if (!part.broadcast) continue;
    if (!effort.Spend(EffortFor(request))) return;
    Change change = PartChange(Change::Kind::kExpandBroadcast, part.kind);
    for (const Verdict& verdict : decision.verdicts) {
      const PartRequest& judged = named.parts[verdict.part];
      if (judged.kind != part.kind) continue;
      const bool only_unjustified =
          !verdict.allowed && denied.count(ToString(judged.recipients[verdict.recipient])) == 0;
      if (verdict.allowed || only_unjustified) change.members.push_back(judged.recipients[verdict.recipient]);
    }
    if (change.members.empty()) continue;
    Move move{{std::move(change)}, 2};
    if (NeedsL2(part.kind) && request.level == Level::kL2) {
      move.changes.push_back(Change{.kind = Change::Kind::kAddJustification});
    }
    moves.push_back(std::move(move));
  }
}

void WordMoves(const SendRequest& request, const Facts& facts, std::vector<Move>& moves) {
  for (const std::string& channel : facts.convenant->ChannelInstances()) {
    if (channel != request.channel) moves.push_back({{ValueChange(Change::Kind::kSetChannel, channel)}, 3});
  }
  for (const auto& [code, purpose] : facts.convenant->purposes()) {
    if (code != request.purpose) moves.push_back({{ValueChange(Change::Kind::kSetPurpose, code)}, 5});
  }
  if (request.level == Level::kL2) {
    moves.push_back({{InformedChange()}, 1});
    moves.push_back({{Change{.kind = Change::Kind::kAddJustification}}, 1});
  }
  if (request.kind == SignalKind::kAlert && !request.emergency_called.has_value()) {
    moves.push_back({{Change{.kind = Change::Kind::kAskEmergencyCall}}, 1});
  }
  if (request.has_case_ref && !request.new_case && facts.case_scope.has_value()) {
    moves.push_back({{Change{.kind = Change::Kind::kNewCase}}, 1});
  }
  if (request.forwards && facts.original.has_value() && !(facts.original->sender == request.sender)) {
    Change change{.kind = Change::Kind::kAskOriginalSender};
    change.member = facts.original->sender;
    moves.push_back({{std::move(change)}, 4});
  }
}

}  // namespace

size_t EffortFor(const SendRequest& request) {
  size_t members = 16;
  for (const PartRequest& part : request.parts) members += part.recipients.size() + part.justifies.size();
  return members;
}

std::vector<Move> MovesFrom(const SendRequest& request, const Decision& decision, const Facts& facts,
                            absl::Time now, Effort& effort) {
  std::vector<Move> moves;
  if (!effort.Spend(EffortFor(request))) return moves;
  PartMoves(request, decision, moves);
  CountMoves(request, decision, effort, moves);
  LevelMoves(request, moves);
  BroadcastMoves(request, facts, now, effort, moves);
  WordMoves(request, facts, moves);
  return moves;
}

}  // namespace seinpost::policies
