// SPDX-License-Identifier: EUPL-1.2
// Taking a signal back, or putting another text in its place (R33).
#include "absl/strings/str_cat.h"
#include "policies/acts/rules.h"

namespace seinpost::policies {
namespace {

// R1: a correction shares something anew, withdrawing never does.
void JudgeWithdrawInForce(const WithdrawAsk& ask, Refusals& refusals) {
  if (ask.request.act == WithdrawAct::kCorrect) JudgeActInForce(ask, refusals);
}

// R33: the sender alone, with a mandate for the channel.
void JudgeSender(const WithdrawAsk& ask, Refusals& refusals) {
  const bool own = ask.facts.original.has_value() && ask.facts.original->sender == ask.request.actor;
  if (!own) {
    refusals.Signal(RefusalCode::kNoMandate, ask.channel_at(),
                    {"alleen de afzender trekt een signaal in of verbetert het",
                     "only its sender withdraws or corrects a signal"});
  } else if (!ask.actor.reach.mandated) {
    refusals.Signal(RefusalCode::kNoMandate, ask.channel_at(),
                    {"de afzender heeft nu geen geldig mandaat voor dit kanaal",
                     "the sender has no valid mandate for this channel now"});
  }
}

// R33: something is still there to be withdrawn.
void JudgeThere(const WithdrawAsk& ask, Refusals& refusals) {
  JudgeOriginalState(ask, std::nullopt, refusals);
}

// R33: a correction stays in the channel and at the level of what it corrects.
void JudgeSamePlace(const WithdrawAsk& ask, Refusals& refusals) {
  if (ask.request.act != WithdrawAct::kCorrect || !ask.facts.original.has_value()) return;
  const OriginalFacts& original = *ask.facts.original;
  if (ask.request.channel != original.channel) {
    refusals.Signal(RefusalCode::kScopeMismatch, ask.channel_at(),
                    {absl::StrCat("een verbetering blijft in het kanaal ", original.channel),
                     absl::StrCat("a correction stays in the channel ", original.channel)});
  }
  if (ask.request.level != original.level) {
    refusals.Signal(RefusalCode::kLevelExceeded,
                    ask.actor.channel != nullptr ? ask.actor.channel->ceiling_at : ask.channel_at(),
                    {absl::StrCat("een verbetering blijft ", ToString(original.level)),
                     absl::StrCat("a correction stays ", ToString(original.level))});
  }
}

constexpr ActRule<WithdrawAsk> kRules[] = {
    {"in force", "R1", FactNeed::kPublic, JudgeWithdrawInForce},
    {"sender", "R33", FactNeed::kPublic, JudgeSender},
    {"there", "R33", FactNeed::kBroker, JudgeThere},
    {"same place", "R33", FactNeed::kPublic, JudgeSamePlace},
};

}  // namespace

WithdrawAsk::WithdrawAsk(const WithdrawRequest& withdraw_request, const Facts& known, absl::Time at)
    : Act(withdraw_request.actor,
          known.original.has_value() ? absl::string_view(known.original->channel) : absl::string_view(),
          known, at),
      request(withdraw_request) {}

absl::Span<const ActRule<WithdrawAsk>> WithdrawRules() { return kRules; }

Decision DecideWithdraw(const WithdrawRequest& request, const Facts& facts, absl::Time now) {
  return Judge(WithdrawAsk(request, facts, now), WithdrawRules());
}

}  // namespace seinpost::policies
