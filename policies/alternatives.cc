// SPDX-License-Identifier: EUPL-1.2
// "No, but you may": a search among neighbouring requests, each judged by DecideSend itself. Nothing here
// knows a rule; it only knows how requests can differ.
#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "policies/decide.h"
#include "policies/rules.h"

namespace seinpost::policies {
namespace {

constexpr size_t kMaxAlternatives = 4;
constexpr int kMaxMoves = 4;        // moves combined in one alternative
constexpr size_t kMaxFrontier = 6;  // requests looked at further after each move
constexpr int kMaxQuestions = 600;

// One step: changes that belong together, and how much it gives up.
struct Move {
  std::vector<Change> changes;
  int cost = 0;
};

struct Candidate {
  std::vector<Change> changes;
  int cost = 0;
  SendRequest request;
  Decision decision;
  int order = 0;  // when it was found, so that sorting does not depend on chance
};

bool NeedsL2(PartKind kind) {
  return kind == PartKind::kIdentity || kind == PartKind::kCare || kind == PartKind::kAttachment ||
         kind == PartKind::kJustification;
}

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
void CountMoves(const Candidate& from, std::vector<Move>& moves) {
  if (std::none_of(from.decision.reasons.begin(), from.decision.reasons.end(),
                   [](const Reason& reason) { return reason.code == RefusalCode::kTooManyRecipients; })) {
    return;
  }
  std::vector<std::pair<std::string, std::string>> organisations;
  for (const PartRequest& part : from.request.parts) {
    if (!NeedsL2(part.kind) || part.kind == PartKind::kJustification) continue;
    for (const MemberId& member : part.recipients) {
      const std::pair organisation(member.party, member.convenant);
      if (std::find(organisations.begin(), organisations.end(), organisation) == organisations.end())
        organisations.push_back(organisation);
    }
  }
  for (size_t keep = 1; keep < organisations.size(); ++keep) {
    Move move;
    for (const PartRequest& part : from.request.parts) {
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
void PartMoves(const Candidate& from, std::vector<Move>& moves) {
  for (size_t i = 0; i < from.request.parts.size(); ++i) {
    const PartRequest& part = from.request.parts[i];
    Move drop;
    for (const Verdict& verdict : from.decision.verdicts) {
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
void BroadcastMoves(const Candidate& from, const Facts& facts, absl::Time now, std::vector<Move>& moves) {
  for (const PartRequest& part : from.request.parts) {
    if (!part.broadcast) continue;
    SendRequest named = from.request;
    for (PartRequest& other : named.parts) other.broadcast = false;
    const Decision decision = DecideSend(named, facts, now);
    Change change = PartChange(Change::Kind::kExpandBroadcast, part.kind);
    for (const Verdict& verdict : decision.verdicts) {
      const PartRequest& judged = named.parts[verdict.part];
      if (judged.kind != part.kind) continue;
      const bool only_unjustified =
          !verdict.allowed &&
          std::all_of(decision.reasons.begin(), decision.reasons.end(), [&](const Reason& reason) {
            return reason.recipient != ToString(judged.recipients[verdict.recipient]) ||
                   reason.code == RefusalCode::kNoJustification;
          });
      if (verdict.allowed || only_unjustified) change.members.push_back(judged.recipients[verdict.recipient]);
    }
    if (change.members.empty()) continue;
    Move move{{std::move(change)}, 2};
    if (NeedsL2(part.kind) && from.request.level == Level::kL2) {
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

Text Describe(const Change& change) {
  const Text part = PartName(change.part);
  switch (change.kind) {
    case Change::Kind::kSetLevel:
      return {absl::StrCat("deel op niveau ", ToString(change.level)),
              absl::StrCat("share at level ", ToString(change.level))};
    case Change::Kind::kSetChannel:
      return {absl::StrCat("gebruik het kanaal ", change.value),
              absl::StrCat("use the channel ", change.value)};
    case Change::Kind::kSetPurpose:
      return {absl::StrCat("gebruik het doel ", change.value, ", als dat werkelijk het doel is"),
              absl::StrCat("use the purpose ", change.value, ", if that truly is the purpose")};
    case Change::Kind::kSetInformed:
      return {"leg vast of ouders of leerling zijn geïnformeerd (ja, nee met reden, of nog niet)",
              "state whether parents or pupil were informed (yes, no with a reason, or not yet)"};
    case Change::Kind::kDropRecipient:
      return {absl::StrCat("stuur ", part.nl, " niet naar ", ToString(change.member)),
              absl::StrCat("do not send ", part.en, " to ", ToString(change.member))};
    case Change::Kind::kDropPart:
      return {absl::StrCat("laat ", part.nl, " weg"), absl::StrCat("leave out ", part.en)};
    case Change::Kind::kAddJustification:
      return {"onderbouw voor elke ontvanger van iets op naam waarom hij het krijgt",
              "justify for every recipient of something named why he gets it"};
    case Change::Kind::kExpandBroadcast: {
      std::vector<std::string> names;
      names.reserve(change.members.size());
      for (const MemberId& member : change.members) names.push_back(ToString(member));
      const std::string list = absl::StrJoin(names, ", ");
      return {absl::StrCat("kies voor ", part.nl, " de ontvangers bij naam, uit: ", list),
              absl::StrCat("choose the recipients of ", part.en, " by name, out of: ", list)};
    }
    case Change::Kind::kAskOriginalSender:
      return {absl::StrCat("vraag ", ToString(change.member), " om dit zelf te delen"),
              absl::StrCat("ask ", ToString(change.member), " to share this himself")};
    case Change::Kind::kNewCase:
      return {"begin een eigen casus, zonder dit kenmerk", "begin a case of its own, without this reference"};
    case Change::Kind::kKeepIdentity:
      return {
          "bewaar de identiteit bij de goedkeuringsgroepen; wie haar nodig heeft, vraagt een onthulling aan",
          "keep the identity with the approval groups; whoever needs it asks for a reveal"};
    case Change::Kind::kAskEmergencyCall:
      return {"vermeld of 112 is gebeld", "state whether 112 was called"};
  }
  return {};
}

Alternative Describe(const std::vector<Change>& changes) {
  std::vector<std::string> nl, en;
  for (const Change& change : changes) {
    Text text = Describe(change);
    nl.push_back(std::move(text.nl));
    en.push_back(std::move(text.en));
  }
  return {absl::StrJoin(nl, "; "), absl::StrJoin(en, "; "), changes};
}

// Whether `a` is `b` or gives up more of the same: a lower level.
bool Covers(const Change& a, const Change& b) {
  if (a.kind == Change::Kind::kSetLevel && b.kind == Change::Kind::kSetLevel) return a.level <= b.level;
  return Describe(a).en == Describe(b).en;
}

// Whether `more` changes all that `less` does: then it gives up too much.
bool Contains(const std::vector<Change>& more, const std::vector<Change>& less) {
  return std::all_of(less.begin(), less.end(), [&](const Change& change) {
    return std::any_of(more.begin(), more.end(), [&](const Change& other) { return Covers(other, change); });
  });
}

class Search {
 public:
  Search(const Facts& facts, absl::Time now) : facts_(facts), now_(now) {}

  std::vector<Alternative> Run(const SendRequest& request) {
    frontier_.push_back({{}, 0, request, DecideSend(request, facts_, now_)});
    if (frontier_.front().decision.allowed) return {};
    for (int moves = 0; moves < kMaxMoves && !frontier_.empty(); ++moves) Expand();
    std::sort(found_.begin(), found_.end(), [](const Candidate& a, const Candidate& b) {
      return std::pair(a.cost, a.order) < std::pair(b.cost, b.order);
    });
    std::vector<Alternative> alternatives;
    for (size_t i = 0; i < found_.size() && alternatives.size() < kMaxAlternatives; ++i) {
      const bool wider =
          std::any_of(found_.begin(), found_.begin() + static_cast<std::ptrdiff_t>(i),
                      [&](const Candidate& other) { return Contains(found_[i].changes, other.changes); });
      if (!wider) alternatives.push_back(Describe(found_[i].changes));
    }
    return alternatives;
  }

 private:
  void Expand() {
    std::vector<Candidate> next;
    for (const Candidate& from : frontier_) {
      for (const Move& move : MovesFrom(from)) {
        if (++questions_ > kMaxQuestions) break;
        Candidate candidate{from.changes, from.cost + move.cost, {}, {}};
        candidate.changes.insert(candidate.changes.end(), move.changes.begin(), move.changes.end());
        candidate.request = Apply(from.request, move.changes, facts_, now_);
        candidate.decision = DecideSend(candidate.request, facts_, now_);
        candidate.order = questions_;
        if (candidate.decision.allowed) {
          found_.push_back(std::move(candidate));
        } else if (candidate.decision.reasons.size() < from.decision.reasons.size()) {
          next.push_back(std::move(candidate));
        }
      }
    }
    std::sort(next.begin(), next.end(), [](const Candidate& a, const Candidate& b) {
      return std::tuple(a.decision.reasons.size(), a.cost, a.order) <
             std::tuple(b.decision.reasons.size(), b.cost, b.order);
    });
    if (next.size() > kMaxFrontier) next.resize(kMaxFrontier);
    frontier_ = std::move(next);
  }

  std::vector<Move> MovesFrom(const Candidate& from) const {
    std::vector<Move> moves;
    PartMoves(from, moves);
    CountMoves(from, moves);
    LevelMoves(from.request, moves);
    BroadcastMoves(from, facts_, now_, moves);
    WordMoves(from.request, facts_, moves);
    return moves;
  }

  const Facts& facts_;
  const absl::Time now_;
  int questions_ = 0;
  std::vector<Candidate> frontier_;
  std::vector<Candidate> found_;
};

void DropMember(PartRequest& part, const MemberId& member) {
  part.recipients.erase(std::remove(part.recipients.begin(), part.recipients.end(), member),
                        part.recipients.end());
  part.broadcast = false;
}

void DropRecipient(SendRequest& request, const Change& change) {
  for (PartRequest& part : request.parts) {
    const bool everywhere = change.part == PartKind::kNarrative && part.kind != PartKind::kJustification;
    if (everywhere || part.kind == change.part) DropMember(part, change.member);
  }
  request.parts.erase(std::remove_if(request.parts.begin(), request.parts.end(),
                                     [](const PartRequest& part) {
                                       return part.kind != PartKind::kNarrative && part.recipients.empty();
                                     }),
                      request.parts.end());
}

void DropParts(SendRequest& request, PartKind kind) {
  request.parts.erase(std::remove_if(request.parts.begin(), request.parts.end(),
                                     [&](const PartRequest& part) { return part.kind == kind; }),
                      request.parts.end());
}

void AddJustification(SendRequest& request, const Facts& facts, absl::Time now) {
  PartRequest justification;
  justification.kind = PartKind::kJustification;
  justification.recipients = JustificationOfficers(request.sender, facts, now);
  for (const PartRequest& part : request.parts) {
    if (!NeedsL2(part.kind) || part.kind == PartKind::kJustification) continue;
    for (const MemberId& member : part.recipients) {
      justification.justifies.push_back(member.ref.empty() ? ToString(member) : member.ref);
    }
  }
  request.parts.push_back(std::move(justification));
}

void KeepIdentity(SendRequest& request, const Facts& facts, absl::Time now) {
  for (PartRequest& part : request.parts) {
    if (part.kind != PartKind::kIdentity) continue;
    part.kept = true;
    part.broadcast = false;
    part.recipients.clear();
    for (const std::vector<MemberId>& group : ApproversOf(request.sender, facts, now)) {
      part.recipients.insert(part.recipients.end(), group.begin(), group.end());
    }
  }
}

void ApplyOne(SendRequest& request, const Change& change, const Facts& facts, absl::Time now) {
  switch (change.kind) {
    case Change::Kind::kSetLevel:
      request.level = change.level;
      request.has_case_ref = change.level != Level::kL0;
      if (change.level == Level::kL0) request.has_match_tag = false;
      break;
    case Change::Kind::kSetChannel:
      request.channel = change.value;
      break;
    case Change::Kind::kSetPurpose:
      request.purpose = change.value;
      break;
    case Change::Kind::kSetInformed:
      request.informed = change.informed;
      break;
    case Change::Kind::kDropRecipient:
      DropRecipient(request, change);
      break;
    case Change::Kind::kDropPart:
      DropParts(request, change.part);
      break;
    case Change::Kind::kAddJustification:
      AddJustification(request, facts, now);
      break;
    case Change::Kind::kExpandBroadcast:
      for (PartRequest& part : request.parts) {
        if (part.kind != change.part) continue;
        part.broadcast = false;
        part.recipients = change.members;
      }
      break;
    case Change::Kind::kAskOriginalSender:
      request.sender = change.member;
      request.forwards = false;
      break;
    case Change::Kind::kNewCase:
      request.new_case = true;
      break;
    case Change::Kind::kKeepIdentity:
      KeepIdentity(request, facts, now);
      break;
    case Change::Kind::kAskEmergencyCall:
      request.emergency_called = true;
      break;
  }
}

}  // namespace

SendRequest Apply(const SendRequest& request, const std::vector<Change>& changes, const Facts& facts,
                  absl::Time now) {
  SendRequest result = request;
  result.sealed = false;  // Another request would be sealed anew.
  for (const Change& change : changes) ApplyOne(result, change, facts, now);
  return result;
}

std::vector<Alternative> Alternatives(const SendRequest& request, const Facts& facts, absl::Time now) {
  return Search(facts, now).Run(request);
}

}  // namespace seinpost::policies
