// SPDX-License-Identifier: EUPL-1.2
// Dry runs: the rules are asked, and nothing is sent.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

#include "absl/strings/str_cat.h"
#include "tests/server/harness.h"
#include "util/secure_file.h"

namespace seinpost::test {
namespace {

using testing::HasSubstr;

TEST(R35, ADryRunIsAnsweredAsTheRealThingAndLeavesNoLeaf) {
  TestBroker test;
  v1::DecideSendRequest request;
  request.set_convenant_id("plaats");
  request.set_convenant_version(1);
  request.set_channel("core@school-a");
  request.set_category("wapen");
  request.set_purpose("dreiging");
  request.set_level(v1::LEVEL_L1);
  request.set_has_case_ref(true);
  v1::AskedPart& narrative = *request.add_parts();
  narrative.set_kind(v1::PART_KIND_NARRATIVE);
  narrative.add_recipients(kReader);
  const uint64_t size = test.LogSize();
  const auto ask = [&] {
    return Await<v1::Decision>(
        [&](const auto& done) { test.broker().asking().DecideSend(test.SessionOf(kSender), request, done); });
  };
  absl::StatusOr<v1::Decision> decision = ask();
  ASSERT_TRUE(decision.ok()) << decision.status();
  EXPECT_TRUE(decision->allowed());

  request.set_level(v1::LEVEL_L2);
  request.set_informed(v1::INFORMED_YES);
  decision = ask();
  ASSERT_TRUE(decision.ok()) << decision.status();
  EXPECT_FALSE(decision->allowed());
  envelope::SignalPlan plan = SmallPlan(test.network());
  plan.core.set_level(v1::LEVEL_L2);
  plan.core.set_informed(v1::INFORMED_YES);
  EXPECT_EQ(test.LogSize(), size);
  EXPECT_EQ(CodesOf(test.Submit(test.Seal(plan).envelope).status()), [&] {
    std::vector<std::string> codes;
    for (const v1::Reason& reason : decision->reasons()) codes.push_back(reason.code());
    return codes;
  }());

  request.set_channel("kern@school-a");
  const absl::Status unknown = ask().status();
  EXPECT_EQ(unknown.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(unknown.message()), HasSubstr("core@school-a")) << "names what exists";
}

// Two keepers of the school, and of police and youth work together three.
TestNetwork KeepingNetwork() {
  const auto text = [](const char* path) { return *ReadFile(path, 1 << 20); };
  const auto put = [](Bytes& yaml, const std::string& before, const std::string& line) {
    const size_t at = yaml.find(before);
    EXPECT_NE(at, Bytes::npos) << before;
    yaml.insert(at, line);
  };
  Bytes yaml = text("tests/testing/convenants/plaats.yaml");
  put(yaml, "      youth_worker: L2", "      youth_officer: L2\n");
  put(yaml, "    ceiling: L1                # casussen", "    kept_identity: allowed\n");
  yaml += R"(
reveal:
  ask: [police]
  purposes: [dreiging]
  expires: 14 days
  approval_groups:
    school: {of: sender, function: safety_officer}
    keten: {of: [politie, jongerenwerk], function: youth_officer}
)";
  Bytes lab = text("tests/testing/convenants/plaats.lab.yaml");
  for (const auto& [party, handle, function] : {std::tuple("school", "bewaarder-1", "safety_officer"),
                                                {"school", "bewaarder-2", "safety_officer"},
                                                {"politie", "bewaarder-1", "youth_officer"},
                                                {"politie", "bewaarder-2", "youth_officer"},
                                                {"jongerenwerk", "bewaarder-1", "youth_officer"}}) {
    absl::StrAppend(&lab, "  - party: ", party, "\n    handle: ", handle,
                    "\n    mandates:\n      - {function: ", function, ", scopes: [school-a], level: L1}\n");
  }
  return TestNetwork::Make(yaml, lab, TestNetwork::AnyTime());
}

TEST(R06, ADryRunKnowsApproversThatItDoesNotName) {
  TestBrokerOptions options;
  options.network = KeepingNetwork;
  TestBroker test(options);
  v1::DecideSendRequest request;
  request.set_convenant_id("plaats");
  request.set_convenant_version(1);
  request.set_channel("core@school-a");
  request.set_category("wapen");
  request.set_purpose("dreiging");
  request.set_level(v1::LEVEL_L1);
  request.set_has_case_ref(true);
  v1::AskedPart& narrative = *request.add_parts();
  narrative.set_kind(v1::PART_KIND_NARRATIVE);
  narrative.add_recipients("sass/coordinator");
  v1::AskedPart& identity = *request.add_parts();
  identity.set_kind(v1::PART_KIND_IDENTITY);
  identity.set_kept(true);
  for (const char* keeper :
       {"school/bewaarder-1", "school/bewaarder-2", "politie/bewaarder-1", "politie/bewaarder-2"}) {
    identity.add_recipients(keeper);
  }
  const auto ask = [&] {
    return Await<v1::Decision>(
        [&](const auto& done) { test.broker().asking().DecideSend(test.SessionOf(kSender), request, done); });
  };
  const absl::StatusOr<v1::Decision> without = ask();
  ASSERT_TRUE(without.ok()) << without.status();
  ASSERT_FALSE(without->allowed()) << "youth work keeps it too";
  EXPECT_EQ(without->reasons(0).code(), "IDENTITY_KEYSET_MISMATCH");
  request.mutable_parts(1)->add_recipients("jongerenwerk/bewaarder-1");
  const absl::StatusOr<v1::Decision> whole = ask();
  ASSERT_TRUE(whole.ok()) << whole.status();
  EXPECT_TRUE(whole->allowed()) << whole->DebugString();
}

}  // namespace
}  // namespace seinpost::test
