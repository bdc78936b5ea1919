// SPDX-License-Identifier: EUPL-1.2
#include "bench/decide_scene.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "policies/questions/lab_file.h"
#include "policies/questions/questions.h"
#include "util/secure_file.h"

namespace seinpost::bench {
namespace {

using policies::MemberFacts;
using policies::MemberId;
using policies::PartKind;
using policies::PartRequest;

constexpr char kConvenant[] = "tests/testing/convenants/plaats.yaml";
constexpr char kLab[] = "tests/testing/convenants/plaats.lab.yaml";

template <typename T>
T OrExit(absl::StatusOr<T> value) {
  if (value.ok()) return *std::move(value);
  std::fprintf(stderr, "%s\n", std::string(value.status().message()).c_str());
  std::exit(1);
}

}  // namespace

std::string ConvenantText(const std::string& path) {
  return OrExit(ReadFile(path, policies::kMaxConvenantBytes));
}

std::string LargestConvenant() {
  std::string largest;
  uintmax_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator("policies/convenants")) {
    const std::string path = entry.path().string();
    const bool convenant = entry.path().extension() == ".yaml" && entry.path().stem().extension().empty();
    if (!convenant || entry.file_size() <= bytes) continue;
    bytes = entry.file_size();
    largest = path;
  }
  return largest;
}

DecideScene::DecideScene(size_t recipients)
    : convenant(OrExit(policies::Convenant::Parse(ConvenantText(kConvenant), kConvenant))),
      facts(policies::LabFacts(convenant,
                               OrExit(policies::ParseLabFile(ConvenantText(kLab), kLab, convenant)))),
      now(convenant.valid_from() + absl::Hours(1000)) {
  send.sender = *policies::ParseMemberId("school/zorgcoordinator");
  send.convenant_id = convenant.id();
  send.convenant_version = convenant.version();
  send.channel = "direct@school-a";
  send.category = "wapen";
  send.purpose = "dreiging";
  send.level = policies::Level::kL2;
  send.informed = policies::Informed::kYes;
  send.has_case_ref = true;
  send.created = now;
  send.sealed = true;
  const MemberFacts officer = facts.members.at(*policies::ParseMemberId("politie/wijkagent"));
  PartRequest narrative, identity, justification;
  identity.kind = PartKind::kIdentity;
  justification.kind = PartKind::kJustification;
  for (size_t i = 0; i < recipients; ++i) {
    const MemberId member = Recipient(i);
    MemberFacts member_facts = officer;
    member_facts.devices[0].id = "device " + std::to_string(i);
    facts.members[member] = member_facts;
    narrative.recipients.push_back(member);
    identity.ties[member.ref] = policies::Tie::kSchool;
    justification.justifies.push_back(member.ref);
  }
  identity.recipients = narrative.recipients;
  justification.recipients = policies::JustificationOfficers(send.sender, facts, now);
  send.parts = {narrative, identity, justification};
  const policies::Channel& channel = *convenant.FindChannel(send.channel);
  for (PartRequest& part : send.parts) {
    part.retention_class = *channel.RetentionClass(part.kind, send.level);
    part.devices.push_back(facts.members.at(send.sender).devices[0].id);
    for (const MemberId& member : part.recipients)
      part.devices.push_back(facts.members.at(member).devices[0].id);
  }
}

MemberId DecideScene::Recipient(size_t n) const {
  MemberId member;
  member.party = "politie";
  member.handle = "wijkagent-" + std::to_string(n);
  member.ref = "ref of " + member.handle;
  return member;
}

}  // namespace seinpost::bench
