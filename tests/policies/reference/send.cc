// SPDX-License-Identifier: EUPL-1.2
// Sending: the rules in the order of the table in docs/formats/convenant.md, and those by which nothing can
// be sent at all.
#include "absl/strings/str_cat.h"
#include "tests/policies/reference/reference.h"
#include "tests/policies/reference/send_judge.h"
#include "tests/policies/reference/world.h"

namespace seinpost::policies::reference {

SendJudge::SendJudge(const SendRequest& request, const Facts& facts, absl::Time now)
    : request_(request),
      facts_(facts),
      convenant_(*facts.convenant),
      now_(now),
      channel_(ChannelAt(convenant_, request.channel)) {
  if (!Foreign(request.sender)) sender_kind_ = KindOf(convenant_, request.sender);
  for (size_t part = 0; part < request.parts.size(); ++part) {
    for (size_t i = 0; i < request.parts[part].recipients.size(); ++i) {
      if (request.parts[part].recipients[i] != request.sender) everyone_.push_back({part, i});
    }
  }
}

Answer SendJudge::Answered() {
  R1Convenant();
  R31Version();
  R1Names();
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

void SendJudge::R1Convenant() {
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

void SendJudge::R31Version() {
  if (request_.convenant_version != convenant_.version()) Refuse(RefusalCode::kVersionStale);
}

void SendJudge::R1Names() {
  if (channel_ == nullptr) Refuse(RefusalCode::kNotAParty);
  if (convenant_.purposes().count(request_.purpose) == 0) Refuse(RefusalCode::kPurposeNotAllowed);
  if (convenant_.categories().count(request_.category) == 0) Refuse(RefusalCode::kCategoryNotAllowed);
}

Answer Send(const SendRequest& request, const Facts& facts, absl::Time now) {
  return SendJudge(request, facts, now).Answered();
}

std::string ToString(const std::set<RefusalCode>& codes) {
  std::string text;
  for (const RefusalCode code : codes)
    absl::StrAppend(&text, text.empty() ? "" : " ", policies::ToString(code));
  return text.empty() ? "allowed" : text;
}

}  // namespace seinpost::policies::reference
