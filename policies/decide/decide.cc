// SPDX-License-Identifier: EUPL-1.2
#include "policies/decide/decide.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "policies/decide/rules.h"
#include "policies/document/fields.h"

namespace seinpost::policies {
namespace {

std::vector<std::string> DutiesOf(const SendRequest& request, const Facts& facts, absl::Time now) {
  std::vector<std::string> duties;
  if (request.kind == SignalKind::kAlert) {
    const bool named = std::any_of(request.parts.begin(), request.parts.end(),
                                   [](const PartRequest& part) { return part.kind == PartKind::kIdentity; });
    if (named) duties.emplace_back(kDutyJustifyAlert);
    if (!request.emergency_called.has_value()) duties.emplace_back(kDutyEmergencyCall);
    if (IsLapsedAlert(request, facts, now)) duties.emplace_back(kDutyLapsed);
  }
  if (request.level == Level::kL2 && request.informed == Informed::kNotYet) duties.emplace_back(kDutyInform);
  const bool unreached = std::any_of(request.parts.begin(), request.parts.end(),
                                     [](const PartRequest& part) { return !part.unreached.empty(); });
  if (unreached) duties.emplace_back(kDutyReach);
  if (request.forwards) duties.emplace_back(kDutyTellOrigin);
  return duties;
}

template <typename T>
std::vector<std::string> KeysOf(const ByName<T>& map) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : map) keys.push_back(key);
  return keys;
}

absl::Status Unknown(absl::string_view what, absl::string_view name, const std::vector<std::string>& known) {
  return absl::InvalidArgumentError(absl::StrCat("unknown ", what, " \"", name.substr(0, 64), "\"",
                                                 DidYouMean(name, known), "; there are: ", ListOf(known)));
}

absl::Status ValidateMember(const MemberId& member, const Facts& facts) {
  if (!member.convenant.empty() || facts.convenant->FindParty(member.party) == nullptr)
    return absl::OkStatus();
  const auto it = facts.members.find(member);
  if (it != facts.members.end() && it->second.known) return absl::OkStatus();
  std::vector<std::string> known;
  for (const auto& [id, member_facts] : facts.members) {
    if (id.party == member.party && id.convenant.empty() && member_facts.known) known.push_back(id.handle);
  }
  return Unknown(absl::StrCat("member of ", member.party), member.handle, known);
}

}  // namespace

std::string Decision::Sentence(Language language) const {
  const bool dutch = language == Language::kDutch;
  if (allowed) {
    return absl::StrCat(dutch ? "Dit mag volgens " : "This is allowed by ", convenant_id,
                        dutch ? ", versie " : ", version ", convenant_version, ".");
  }
  std::string text = dutch ? "Dit mag niet." : "This is not allowed.";
  for (const Reason& reason : reasons) {
    absl::StrAppend(&text, " ", ToString(reason.code), " (", reason.rule, ", ", reason.clause.file, ":",
                    reason.clause.line, "): ", dutch ? reason.sentence_nl : reason.sentence_en, ".");
  }
  return text;
}

Decision DecideSend(const SendRequest& request, const Facts& facts, absl::Time now) {
  Decision decision;
  decision.convenant_id = facts.convenant->id();
  decision.convenant_version = facts.convenant->version();
  SendCase send(request, facts, now);
  Refusals refusals(*facts.convenant, decision);
  for (const SendRule& rule : SendRules()) {
    refusals.Speak(rule.rule, rule.needs);
    rule.judge(send, refusals);
  }
  decision.verdicts.reserve(send.recipients.size());
  for (const RecipientCase& recipient : send.recipients) {
    decision.verdicts.push_back({recipient.part, recipient.index, !recipient.denied});
  }
  decision.allowed = decision.reasons.empty();
  if (decision.allowed) decision.duties = DutiesOf(request, facts, now);
  return decision;
}

Decision DecideOpen(const OpenRequest& request, const Facts& facts, absl::Time now) {
  Decision decision;
  decision.convenant_id = facts.convenant->id();
  decision.convenant_version = facts.convenant->version();
  const OpenCase open(request, facts, now);
  Refusals refusals(*facts.convenant, decision);
  for (const OpenRule& rule : OpenRules()) {
    refusals.Speak(rule.rule, rule.needs);
    rule.judge(open, refusals);
  }
  decision.allowed = decision.reasons.empty();
  return decision;
}

std::vector<MemberId> ChannelMembers(absl::string_view instance, Level level, const MemberId& sender,
                                     const Facts& facts, absl::Time now) {
  const Convenant& convenant = *facts.convenant;
  std::vector<MemberId> members;
  const Channel* channel = convenant.FindChannel(instance);
  if (channel == nullptr) return members;
  const absl::string_view scope = Convenant::ScopeOf(instance);
  for (const auto& [id, member] : facts.members) {
    const Party* party = id.convenant.empty() && !(id == sender) ? convenant.FindParty(id.party) : nullptr;
    if (party == nullptr) continue;
    const bool sits = convenant.IsMemberOf(*party, *channel, scope) ||
                      (level == Level::kL0 && convenant.IsGuestOf(*party, *channel, scope));
    const Reach reach = sits ? ReachOf(convenant, *party, member, channel, scope, now) : Reach{};
    if (reach.mandated && reach.level >= PartLevel(PartKind::kNarrative, level)) members.push_back(id);
  }
  return members;
}

absl::Status ValidateRequestNames(const SendRequest& request, const Facts& facts) {
  const Convenant& convenant = *facts.convenant;
  if (convenant.FindChannel(request.channel) == nullptr) {
    return Unknown("channel", request.channel, convenant.ChannelInstances());
  }
  if (convenant.FindPurpose(request.purpose) == nullptr) {
    return Unknown("purpose", request.purpose, KeysOf(convenant.purposes()));
  }
  if (convenant.FindCategory(request.category) == nullptr) {
    return Unknown("category", request.category, KeysOf(convenant.categories()));
  }
  for (const PartRequest& part : request.parts) {
    for (const MemberId& member : part.recipients) {
      if (absl::Status status = ValidateMember(member, facts); !status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

}  // namespace seinpost::policies
