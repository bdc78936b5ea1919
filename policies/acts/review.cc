// SPDX-License-Identifier: EUPL-1.2
// Review: the log and the justifications, for privacy officers who have no part in what they review (R29).
#include <algorithm>

#include "absl/algorithm/container.h"
#include "policies/acts/rules.h"

namespace seinpost::policies {
namespace {

void RefuseScope(const ReviewAsk& ask, Refusals& refusals, Text text) {
  refusals.Signal(RefusalCode::kAuditScope, ask.convenant.oversight_at(), std::move(text));
}

// R29: a privacy officer in office.
void JudgeOffice(const ReviewAsk& ask, Refusals& refusals) {
  if (ask.actor.party != nullptr && ask.actor.facts != nullptr && IsOfficer(*ask.actor.facts, ask.now))
    return;
  RefuseScope(ask, refusals,
              {"alleen een privacyfunctionaris met een geldig mandaat mag het logboek inzien",
               "only a privacy officer with a valid mandate may read the log"});
}

// R29: metadata and justifications, never content.
void JudgeContent(const ReviewAsk& ask, Refusals& refusals) {
  if (ask.request.what != ReviewOf::kContent) return;
  RefuseScope(ask, refusals, {"wie toezicht houdt, leest geen inhoud", "who oversees reads no content"});
}

// R29: of his own organisation; of the others only where his has the oversight; never of another convenant.
void JudgeWhose(const ReviewAsk& ask, Refusals& refusals) {
  const ReviewRequest& request = ask.request;
  if (!request.convenant.empty() && request.convenant != ask.convenant.id()) {
    RefuseScope(ask, refusals, {"dit is een ander convenant", "this is another convenant"});
  }
  const std::vector<std::string>& oversight = ask.convenant.oversight();
  const bool whole = absl::c_linear_search(oversight, request.reader.party);
  if (whole || request.organisation == request.reader.party) return;
  RefuseScope(ask, refusals,
              {"alleen het toezicht van het convenant kijkt bij een andere organisatie",
               "only the convenant's oversight reviews another organisation"});
}

// R29: he has no part in what he reviews.
void JudgeConflict(const ReviewAsk& ask, Refusals& refusals) {
  const auto refuse = [&](const Text& why) {
    refusals.Signal(RefusalCode::kRoleConflict, ask.convenant.oversight_at(), why);
  };
  const MemberFacts* officer = ask.actor.facts;
  // Who is no officer was told above.
  if (officer != nullptr && IsOfficer(*officer, ask.now) && TakesPart(*officer, ask.now))
    refuse(TakesPartText());
  if (ask.state.administers)
    refuse({"wie de server of de sleutels beheert, houdt geen toezicht",
            "who administers the broker or the keys does not oversee"});
  if (ask.state.approved)
    refuse(
        {"wie een onthulling goedkeurde, beoordeelt die niet", "who approved a reveal does not review it"});
}

constexpr ActRule<ReviewAsk> kReviewRules[] = {
    {"office", "R29", FactNeed::kBroker, JudgeOffice},
    {"content", "R29", FactNeed::kBroker, JudgeContent},
    {"whose", "R29", FactNeed::kBroker, JudgeWhose},
    {"conflict", "R29", FactNeed::kBroker, JudgeConflict},
};

}  // namespace

// The log belongs to no channel. It is reviewed after the convenant's last day too, so R1 is not asked.
ReviewAsk::ReviewAsk(const ReviewRequest& review_request, const ReviewFacts& review_state, const Facts& known,
                     absl::Time at)
    : Act(review_request.reader, {}, known, at), request(review_request), state(review_state) {}

absl::Span<const ActRule<ReviewAsk>> ReviewRules() { return kReviewRules; }

Decision DecideReview(const ReviewRequest& request, const ReviewFacts& state, const Facts& facts,
                      absl::Time now) {
  return Judge(ReviewAsk(request, state, facts, now), ReviewRules());
}

}  // namespace seinpost::policies
