// SPDX-License-Identifier: EUPL-1.2
#include "server/signals/events.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "policies/document/convenant.h"
#include "trust/levels.h"

namespace seinpost::server {

namespace {

using audit::Tag;

// NEN 7513 outcomes.
constexpr uint64_t kSuccess = 0;
constexpr uint64_t kSeriousFailure = 8;

// Why a recipient was refused a part: the first reason of the decision that speaks of him and of it. Reasons
// are put in order once, since a refusal may have as many as there are recipients.
class FirstReasons {
 public:
  explicit FirstReasons(const std::vector<policies::Reason>& reasons) : reasons_(reasons) {
    for (size_t at = 0; at < reasons.size(); ++at) {
      first_.emplace(Key(reasons[at].part, reasons[at].recipient), at);
    }
  }

  // Empty: no reason does.
  std::string CodeFor(size_t part, const std::string& recipient) const {
    size_t first = reasons_.size();
    for (const Key& key :
         {Key(part, recipient), Key(part, ""), Key(std::nullopt, recipient), Key(std::nullopt, "")}) {
      const auto found = first_.find(key);
      if (found != first_.end()) first = std::min(first, found->second);
    }
    return first == reasons_.size() ? std::string() : std::string(policies::ToString(reasons_[first].code));
  }

 private:
  using Key = std::pair<std::optional<size_t>, std::string>;  // nothing, empty: of every part, of everybody

  const std::vector<policies::Reason>& reasons_;
  std::map<Key, size_t> first_;
};

std::vector<audit::RecipientVerdict> Verdicts(const envelope::VerifiedHeader& header,
                                              const policies::SendRequest& request,
                                              const policies::Decision& decision) {
  std::set<std::pair<size_t, size_t>> denied;
  for (const policies::Verdict& decided : decision.verdicts) {
    if (!decided.allowed) denied.emplace(decided.part, decided.recipient);
  }
  const FirstReasons reasons(decision.reasons);
  std::vector<audit::RecipientVerdict> verdicts;
  for (size_t i = 0; i < request.parts.size(); ++i) {
    const uint8_t place = i < header.parts().size() ? static_cast<uint8_t>(header.parts()[i].index) : 0;
    for (size_t j = 0; j < request.parts[i].recipients.size(); ++j) {
      const policies::MemberId& recipient = request.parts[i].recipients[j];
      audit::RecipientVerdict verdict{recipient.ref, place, denied.count({i, j}) == 0, {}};
      if (!verdict.allowed) verdict.code = reasons.CodeFor(i, policies::ToString(recipient));
      verdicts.push_back(std::move(verdict));
    }
  }
  if (verdicts.size() > audit::kMaxRecipients) verdicts.resize(audit::kMaxRecipients);
  return verdicts;
}

}  // namespace

std::string FunctionOf(const trust::Directory& directory, ByteView member_ref, absl::string_view channel,
                       absl::Time now) {
  const absl::string_view scope = policies::Convenant::ScopeOf(channel);
  std::string any;
  for (const trust::MandateEntry* mandate : directory.MandatesOf(member_ref)) {
    if (!mandate->Stands() || now < mandate->from || now >= mandate->until) continue;
    const auto& scopes = mandate->scopes;
    const bool fits = std::find(scopes.begin(), scopes.end(), "*") != scopes.end() ||
                      std::find(scopes.begin(), scopes.end(), scope) != scopes.end();
    if (fits && !scope.empty()) return mandate->function;
    if (any.empty()) any = mandate->function;
  }
  return any;
}

audit::Event ActorEvent(audit::EventType type, absl::string_view action, const trust::Directory& directory,
                        const trust::Device& actor, absl::string_view channel, absl::Time now) {
  audit::Event event;
  event.SetType(type)
      .SetTime(now)
      .SetText(Tag::kAction, action)
      .SetNumber(Tag::kOutcome, kSuccess)
      .SetText(Tag::kActorOrganisation, actor.organisation)
      .SetText(Tag::kActorMember, actor.member_ref)
      .SetText(Tag::kActorDevice, actor.id)
      .SetText(Tag::kSource, "broker");
  const std::string function = FunctionOf(directory, actor.member_ref, channel, now);
  if (!function.empty()) event.SetText(Tag::kActorFunction, function);
  if (!channel.empty()) event.SetText(Tag::kChannel, channel);
  if (const policies::Convenant* convenant = directory.convenant(); convenant != nullptr) {
    event.SetText(Tag::kConvenant, convenant->id()).SetNumber(Tag::kConvenantVersion, convenant->version());
  }
  return event;
}

void SetDecision(const policies::Decision& decision, audit::Event& event) {
  if (decision.allowed) return;
  event.SetType(audit::EventType::kDecisionDeny).SetNumber(Tag::kOutcome, kSeriousFailure);
  std::vector<std::string> codes;
  for (const policies::Reason& reason : decision.reasons) {
    const std::string code(policies::ToString(reason.code));
    if (std::find(codes.begin(), codes.end(), code) == codes.end()) codes.push_back(code);
  }
  event.SetTexts(Tag::kRules, codes);
  if (!decision.reasons.empty()) {
    const policies::Clause& clause = decision.reasons[0].clause;
    event.SetText(Tag::kClause, absl::StrCat(clause.path, ":", clause.line));
  }
}

void SetSignal(const v1::Core& core, audit::Event& event) {
  event.SetText(Tag::kObject, core.signal_id())
      .SetText(Tag::kObjectType, "signal")
      .SetText(Tag::kLevel, policies::ToString(trust::LevelFromProto(core.level())))
      .SetText(Tag::kCategory, core.category());
  if (!core.case_ref().empty()) event.SetText(Tag::kCaseRef, core.case_ref());
}

audit::Event SubmitEvent(const envelope::VerifiedHeader& header, const policies::SendRequest& request,
                         const policies::Decision& decision, const trust::Directory& directory,
                         absl::Time now) {
  const v1::Core& core = header.core();
  audit::Event event =
      ActorEvent(audit::EventType::kSubmit, "C", directory, header.sender(), core.channel(), now);
  SetSignal(core, event);
  event.SetText(Tag::kPurpose, core.purpose())
      .SetRecipients(Verdicts(header, request, decision))
      .SetText(Tag::kRequestHash, View(header.header_hash()));
  if (request.informed != policies::Informed::kNotStated) {
    event.SetText(Tag::kInformed, policies::ToString(request.informed));
  }
  SetDecision(decision, event);
  return event;
}

}  // namespace seinpost::server
