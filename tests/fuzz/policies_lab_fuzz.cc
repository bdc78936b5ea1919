// SPDX-License-Identifier: EUPL-1.2
// NAME.lab.yaml beside a fixed convenant.
#include "policies/questions/lab_file.h"
#include "policies/questions/questions.h"
#include "tests/fuzz/policies_fixed.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace policies = seinpost::policies;
  const auto lab =
      policies::ParseLabFile(seinpost::FuzzView(data, size), "x.yaml", seinpost::FixedConvenant());
  if (!lab.ok()) {
    seinpost::CheckYamlError(lab.status());
    return 0;
  }
  for (const policies::LabMember& member : lab->members) {
    seinpost::FuzzCheck(seinpost::FixedConvenant().FindParty(member.party) != nullptr,
                        "every member has a party");
  }
  const policies::Facts facts = policies::LabFacts(seinpost::FixedConvenant(), *lab);
  seinpost::FuzzCheck(facts.members.size() == lab->members.size(), "nobody stands in it twice");
  return 0;
}
