// SPDX-License-Identifier: EUPL-1.2
// What stays within one school or ward (R23).
#include "absl/strings/str_cat.h"
#include "policies/decide/rules.h"

namespace seinpost::policies {
namespace {

Text NameOfScope(absl::string_view scope) {
  if (scope.empty()) return {"een kanaal zonder werkgebied", "a channel without scope"};
  return {std::string(scope), std::string(scope)};
}

}  // namespace

// R23: a case reference belongs to the scope in which it was first used. Whoever serves several schools does
// not carry it from one to the other, not even by accident.
void JudgeCaseScope(SendCase& send, Refusals& refusals) {
  if (!send.request.has_case_ref || send.request.new_case || send.channel == nullptr) return;
  if (!send.facts.case_scope.has_value() || *send.facts.case_scope == send.scope) return;
  const Text home = NameOfScope(*send.facts.case_scope);
  refusals.Signal(RefusalCode::kScopeMismatch, send.channel->at,
                  {absl::StrCat("dit casuskenmerk hoort bij ", home.nl, " en gaat niet mee naar ",
                                send.request.channel, "; begin hier een eigen casus"),
                   absl::StrCat("this case reference belongs to ", home.en, " and is not carried to ",
                                send.request.channel, "; begin a case of its own here")});
}

}  // namespace seinpost::policies
