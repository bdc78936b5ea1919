// SPDX-License-Identifier: EUPL-1.2
#include "server/broker/officer.h"

#include <algorithm>
#include <utility>

namespace seinpost::server {

std::optional<OfficerScope> OfficerScopeOf(const trust::Device& device, const trust::Directory& directory,
                                           absl::Time now) {
  for (const trust::MandateEntry* mandate : directory.MandatesOf(device.member_ref)) {
    if (!mandate->Stands() || now < mandate->from || now >= mandate->until) continue;
    if (mandate->function != policies::kPrivacyOfficer) continue;
    const std::vector<std::string>& oversight = directory.convenant()->oversight();
    const bool whole = std::find(oversight.begin(), oversight.end(), device.organisation) != oversight.end();
    return OfficerScope{device.organisation, whole};
  }
  return std::nullopt;
}

policies::Decision OutOfScope(const policies::Convenant& convenant) {
  const policies::Position& at = convenant.oversight_at();
  policies::Reason reason;
  reason.code = policies::RefusalCode::kAuditScope;
  reason.rule = "R29";
  reason.clause = {at.path, convenant.file(), at.line, at.column};
  reason.sentence_nl = "alleen een privacyfunctionaris met een geldig mandaat mag het logboek inzien";
  reason.sentence_en = "only a privacy officer with a valid mandate may read the log";
  reason.decided_by_broker = true;
  policies::Decision decision;
  decision.convenant_id = convenant.id();
  decision.convenant_version = convenant.version();
  decision.reasons.push_back(std::move(reason));
  return decision;
}

}  // namespace seinpost::server
