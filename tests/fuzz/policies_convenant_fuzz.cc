// SPDX-License-Identifier: EUPL-1.2
// A convenant file. What lies beside it: policies_lab_fuzz, policies_expect_fuzz.
#include "policies/decide/decide.h"
#include "tests/fuzz/fuzz_check.h"
#include "tests/fuzz/policies_fixed.h"

namespace {

using seinpost::ByteView;
using seinpost::FuzzCheck;
namespace policies = seinpost::policies;

void CheckConvenant(const policies::Convenant& convenant) {
  for (const std::string& instance : convenant.ChannelInstances()) {
    FuzzCheck(convenant.FindChannel(instance) != nullptr, "a channel that is listed is found");
  }
  FuzzCheck(convenant.host().host, "there is a host");
  for (const auto& [id, party] : convenant.parties()) {
    FuzzCheck(convenant.SignatoryOf(party).under.empty(), "every party has a signatory");
    FuzzCheck(convenant.FindLevels(party.kind) != nullptr, "every party has levels");
  }
  policies::Facts facts;
  facts.convenant = &convenant;
  const policies::Decision decision = policies::DecideSend({}, facts, convenant.valid_from());
  FuzzCheck(!decision.allowed && !decision.reasons.empty(), "an empty request is refused with a reason");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteView input = seinpost::FuzzView(data, size);
  const auto convenant = policies::Convenant::Parse(input, "x.yaml");
  if (convenant.ok()) {
    CheckConvenant(*convenant);
  } else {
    seinpost::CheckYamlError(convenant.status());
  }
  return 0;
}
