// SPDX-License-Identifier: EUPL-1.2
// Combinations of weak signals: who is told, and from when on (R20).
#include <algorithm>
#include <map>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "policies/acts/rules.h"

namespace seinpost::policies {
namespace {

// Whether the signal is one that the convenant compares at `now`: its own, of a key that its sender's kind
// may compute, and inside the window.
bool Counts(const MatchSignal& signal, const Matching& matching, const Convenant& convenant, absl::Time now) {
  if (!signal.convenant.empty() && signal.convenant != convenant.id()) return false;
  if (signal.key == kSoundKey) return false;  // a hint only
  if (signal.created > now || now - signal.created > matching.window) return false;
  const auto key = matching.keys.find(signal.key);
  if (key == matching.keys.end()) return false;
  const std::vector<std::string>& kinds = key->second.kinds;
  return key->second.everyone || absl::c_linear_search(kinds, signal.kind);
}

// R20: the convenant provides for it.
void JudgeMatchProvided(const MatchAsk& ask, Refusals& refusals) {
  if (ask.convenant.matching().has_value()) return;
  refusals.Signal(RefusalCode::kMatchNotAllowed, ask.convenant.channels_at(),
                  {"dit convenant vergelijkt geen signalen", "this convenant compares no signals"});
}

// R20: the director alone is told: a valid mandate for that function, of that kind, somewhere.
void JudgeTold(const MatchAsk& ask, Refusals& refusals) {
  if (!ask.convenant.matching().has_value()) return;
  const Matching& matching = *ask.convenant.matching();
  const MemberFacts* reader = ask.actor.facts;
  const bool told =
      ask.actor.party != nullptr && ask.actor.party->kind == matching.told_kind && reader != nullptr &&
      reader->known && !reader->revoked &&
      std::any_of(reader->mandates.begin(), reader->mandates.end(), [&](const MandateFacts& mandate) {
        return mandate.function == matching.told_function && ask.now >= mandate.from &&
               ask.now < mandate.until;
      });
  if (told) return;
  refusals.Signal(RefusalCode::kMatchNotAllowed, matching.told_at,
                  {absl::StrCat("alleen de regisseur hoort van een combinatie: ", matching.told_function,
                                " van ", matching.told_kind),
                   absl::StrCat("only the director is told of a combination: ", matching.told_function,
                                " of ", matching.told_kind)});
}

// R20: enough signals of enough kinds of partners, under one key. How many there are is not said.
void JudgeThreshold(const MatchAsk& ask, Refusals& refusals) {
  if (!ask.convenant.matching().has_value()) return;
  const Matching& matching = *ask.convenant.matching();
  struct Count {
    size_t signals = 0;
    std::set<std::string> kinds;
  };
  std::map<std::string, Count> by_key;
  for (const MatchSignal& signal : ask.request.signals) {
    if (!Counts(signal, matching, ask.convenant, ask.now)) continue;
    Count& count = by_key[signal.key];
    ++count.signals;
    count.kinds.insert(signal.kind);
  }
  const bool reached = std::any_of(by_key.begin(), by_key.end(), [&](const auto& entry) {
    return entry.second.signals >= matching.min_signals && entry.second.kinds.size() >= matching.min_kinds;
  });
  if (reached) return;
  refusals.Signal(RefusalCode::kMatchNotAllowed, matching.threshold_at,
                  {absl::StrCat("er is geen combinatie van ", matching.min_signals, " signalen van ",
                                matching.min_kinds, " soorten partijen"),
                   absl::StrCat("there is no combination of ", matching.min_signals, " signals of ",
                                matching.min_kinds, " kinds of partners")});
}

constexpr ActRule<MatchAsk> kMatchRules[] = {
    {"in force", "R1", FactNeed::kPublic, Shared<MatchAsk, JudgeActInForce>},
    {"provided", "R20", FactNeed::kPublic, JudgeMatchProvided},
    {"told", "R20", FactNeed::kPublic, JudgeTold},
    {"threshold", "R20", FactNeed::kBroker, JudgeThreshold},
};

}  // namespace

// A combination belongs to no channel.
MatchAsk::MatchAsk(const MatchRequest& match_request, const Facts& known, absl::Time at)
    : Act(match_request.reader, {}, known, at), request(match_request) {}

absl::Span<const ActRule<MatchAsk>> MatchRules() { return kMatchRules; }

Decision DecideMatch(const MatchRequest& request, const Facts& facts, absl::Time now) {
  return Judge(MatchAsk(request, facts, now), MatchRules());
}

}  // namespace seinpost::policies
