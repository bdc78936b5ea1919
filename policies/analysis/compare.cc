// SPDX-License-Identifier: EUPL-1.2
#include "policies/analysis/compare.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace seinpost::policies {
namespace {

// What makes two changes one group.
using GroupKey =
    std::tuple<bool, std::string, std::string, std::string, Item, bool, bool, std::vector<std::string>>;

std::vector<std::string> CodesOf(const Decision& decision) {
  std::set<std::string> codes;
  for (const Reason& reason : decision.reasons) codes.emplace(ToString(reason.code));
  return {codes.begin(), codes.end()};
}

class Comparer {
 public:
  Comparer(const Convenant& old_version, const Convenant& new_version)
      : domain_({&old_version, &new_version}), old_(old_version), new_(new_version) {}

  void Run(const Progress& progress) {
    domain_.Visit([&](const Share& share) { Visit(share); }, progress);
  }

  std::vector<RequestChange> Changes() {
    std::vector<RequestChange> changes;
    for (auto& [key, change] : groups_) changes.push_back(std::move(change));
    std::stable_sort(changes.begin(), changes.end(), [](const RequestChange& a, const RequestChange& b) {
      return static_cast<int>(a.effect()) < static_cast<int>(b.effect());
    });
    return changes;
  }
  size_t asked() const { return asked_; }

 private:
  void Visit(const Share& share) {
    SendRequest before = old_.RequestFor(share, "", "");
    SendRequest after = new_.RequestFor(share, "", "");
    for (const std::vector<std::string>& purposes : domain_.purposes()) {
      for (const std::vector<std::string>& categories : domain_.categories()) {
        before.purpose = after.purpose = purposes.front();
        before.category = after.category = categories.front();
        Judge(share, before, after);
      }
    }
  }

  struct Answers {
    Conditions conditions;
    Decision was, is;
    bool Changed(bool allowed) const { return was.allowed != is.allowed && is.allowed == allowed; }
  };

  // A role in the case never takes anything away: what is refused with both is refused with fewer, and what
  // is allowed with none is allowed with more. Only what lies between is asked about.
  void Judge(const Share& share, const SendRequest& before, const SendRequest& after) {
    const Answers both = Ask(share, before, after, {});
    if (TraitsOf(share.item).level == Level::kL0) return Tell(share, before, after, {&both});
    if (!both.was.allowed && !both.is.allowed) return;
    const Answers none = Ask(share, before, after, {.sender_role = false, .recipient_role = false});
    if (none.was.allowed && none.is.allowed) return;
    const Answers sender = Ask(share, before, after, {.recipient_role = false});
    const Answers recipient = Ask(share, before, after, {.sender_role = false});
    Tell(share, before, after, {&none, &sender, &recipient, &both});
  }

  Answers Ask(const Share& share, const SendRequest& before, const SendRequest& after,
              const Conditions& conditions) {
    asked_ += 2;
    return {conditions, old_.Ask(before, share, conditions), new_.Ask(after, share, conditions)};
  }

  // Tells what says most: allowed from now on with the fewest roles, refused from now on with the most. The
  // rest follows from it. `answers` go from no role to both.
  void Tell(const Share& share, const SendRequest& before, const SendRequest& after,
            std::vector<const Answers*> answers) {
    TellOne(share, after, answers, true);
    std::reverse(answers.begin(), answers.end());
    TellOne(share, before, answers, false);
  }

  void TellOne(const Share& share, const SendRequest& request, const std::vector<const Answers*>& answers,
               bool allowed) {
    bool told = false;
    for (size_t i = 0; i < answers.size(); ++i) {
      // The two with one role say different things; the last follows from any before it.
      const bool follows = told && (i + 1 == answers.size() || answers.front()->Changed(allowed));
      if (!answers[i]->Changed(allowed) || follows) continue;
      Add(share, request, *answers[i], allowed);
      told = true;
    }
  }

  void Add(const Share& share, const SendRequest& request, const Answers& answers, bool allowed) {
    const std::string channel = share.instance->substr(0, share.instance->find('@'));
    const Conditions& conditions = answers.conditions;
    const Decision& denial = allowed ? answers.was : answers.is;
    const bool roles = TraitsOf(share.item).level > Level::kL0;
    const bool sender_role = roles && conditions.sender_role,
               recipient_role = roles && conditions.recipient_role;
    std::vector<std::string> codes = CodesOf(denial);
    RequestChange& change = groups_[{!allowed, channel, share.sender->kind, share.recipient->kind, share.item,
                                     !sender_role, !recipient_role, codes}];
    if (change.count++ > 0) return;
    change.channel = channel;
    change.from_kind = share.sender->kind;
    change.to_kind = share.recipient->kind;
    change.item = share.item;
    change.allowed = allowed;
    change.sender_role = sender_role;
    change.recipient_role = recipient_role;
    change.codes = std::move(codes);
    change.example = request;
    const Clause& clause = denial.reasons.front().clause;
    change.clause = absl::StrCat(clause.file, ":", clause.line);
    change.flags = MayIFlags(request);
    Write(change);
  }

  static void Write(RequestChange& change) {
    const SendRequest& request = change.example;
    const ItemTraits& traits = TraitsOf(change.item);
    const std::string from = ToString(request.sender),
                      to = ToString(request.parts.front().recipients.front());
    std::string roles_nl, roles_en;
    if (TraitsOf(change.item).level > Level::kL0) {
      roles_nl = change.sender_role ? (change.recipient_role ? ", beiden met een rol in de casus"
                                                             : ", waarin alleen de afzender een rol heeft")
                                    : (change.recipient_role ? ", waarin alleen de ontvanger een rol heeft"
                                                             : ", zonder rol in de casus");
      roles_en = change.sender_role ? (change.recipient_role ? ", both with a role in the case"
                                                             : ", in which only the sender has a role")
                                    : (change.recipient_role ? ", in which only the recipient has a role"
                                                             : ", without a role in the case");
    }
    change.sentence_nl = absl::StrCat(from, change.allowed ? " mag voortaan aan " : " mag niet meer aan ", to,
                                      " via ", request.channel, ": ", traits.nl, " over ", request.category,
                                      ", doel ", request.purpose, roles_nl, " (", change.clause, ")");
    change.sentence_en =
        absl::StrCat(from, change.allowed ? " may from now on tell " : " may no longer tell ", to, " along ",
                     request.channel, ": ", traits.en, " about ", request.category, ", purpose ",
                     request.purpose, roles_en, " (", change.clause, ")");
  }

  Domain domain_;
  Asker old_, new_;
  std::map<GroupKey, RequestChange> groups_;
  size_t asked_ = 0;
};

}  // namespace

const char* ToString(Effect effect) {
  switch (effect) {
    case Effect::kWidening:
      return "widening";
    case Effect::kNarrowing:
      return "narrowing";
    case Effect::kNeutral:
      return "neutral";
  }
  return "widening";
}

bool Comparison::Widens() const {
  return std::any_of(requests.begin(), requests.end(),
                     [](const RequestChange& one) { return one.allowed; }) ||
         std::any_of(terms.begin(), terms.end(),
                     [](const TermChange& one) { return one.effect == Effect::kWidening; });
}

std::vector<std::string> MayIFlags(const SendRequest& request) {
  if (request.kind != SignalKind::kSignal) return {};
  std::vector<std::string> flags = {
      "--channel",  request.channel,  "--level",   std::string(ToString(request.level)),
      "--category", request.category, "--purpose", request.purpose};
  for (const PartRequest& part : request.parts) {
    const std::string to = absl::StrJoin(part.recipients, ",", [](std::string* out, const MemberId& member) {
      absl::StrAppend(out, ToString(member));
    });
    const auto add = [&](std::vector<std::string> more) {
      flags.insert(flags.end(), more.begin(), more.end());
    };
    switch (part.kind) {
      case PartKind::kNarrative:
        add({"--to", to});
        break;
      case PartKind::kIdentity:
        add(part.kept ? std::vector<std::string>{"--kept-identity", "FILE"}
                      : std::vector<std::string>{"--identity", "FILE", "--identity-to", to});
        break;
      case PartKind::kCare:
        add({"--care", "FILE", "--care-to", to});
        break;
      case PartKind::kSource:
        add({"--source", "FILE", "--source-to", to});
        break;
      case PartKind::kAttachment:
        add({"--attach", "FILE", "--attach-to", to});
        break;
      case PartKind::kJustification:
        add({"--justify", "TEXT"});
        break;
    }
  }
  if (request.informed == Informed::kYes) flags.insert(flags.end(), {"--informed", "yes"});
  return flags;
}

Comparison Compare(const Convenant& old_version, const Convenant& new_version, const Progress& progress) {
  Comparison comparison;
  Comparer comparer(old_version, new_version);
  comparer.Run(progress);
  comparison.requests = comparer.Changes();
  comparison.asked = comparer.asked();
  comparison.terms = CompareTerms(old_version, new_version);
  std::stable_sort(comparison.terms.begin(), comparison.terms.end(),
                   [](const TermChange& a, const TermChange& b) { return a.effect < b.effect; });
  return comparison;
}

}  // namespace seinpost::policies
