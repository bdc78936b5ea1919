// SPDX-License-Identifier: EUPL-1.2
// The three YAML files of policies/: a convenant, and beside a fixed one a lab file and an expect file.
#include "absl/strings/str_split.h"
#include "policies/decide.h"
#include "policies/lab_file.h"
#include "policies/questions.h"
#include "tests/fuzz/fuzz_check.h"

namespace {

using seinpost::ByteView;
using seinpost::FuzzCheck;
namespace policies = seinpost::policies;

constexpr char kFixed[] =
    "convenant: {id: klein, title: K, kind: CONVENANT, version: 1, valid_from: 2026-01-01, valid_until: "
    "2026-12-31, "
    "controller: stad}\n"
    "scopes: {school-a: school}\n"
    "parties:\n  stad: {kind: municipality, host: yes}\n  school: {kind: school, scopes: [school-a], under: "
    "stad}\n"
    "purposes:\n  veilig: {ground: taak, may_use: all}\n"
    "categories:\n  wapen: {kind: criminal}\n"
    "levels:\n  municipality: {ceiling: L1, functions: {leider: L1}}\n  school: {ceiling: L2, functions: "
    "{zorg: L2}}\n"
    "retention:\n  kort: {after_close: 30 days, cap: 60 days}\n"
    "channels:\n  case: {kind: case, per: school, members: [school, municipality], ceiling: L2, identity: "
    "yes, "
    "retention: kort}\n"
    "oversight: {privacy_officers: [stad]}\n"
    "thresholds: {max_recipients: 3}\n";

const policies::Convenant& Fixed() {
  static const policies::Convenant* const kConvenant =
      new policies::Convenant(*policies::Convenant::Parse(kFixed, "klein.yaml"));
  return *kConvenant;
}

void CheckError(const absl::Status& status) {
  FuzzCheck(status.code() == absl::StatusCode::kInvalidArgument, "a bad file is the caller's mistake");
  for (absl::string_view line : absl::StrSplit(status.message(), '\n')) {
    FuzzCheck(line.substr(0, 7) == "x.yaml:", "every line of the message names the file");
  }
}

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
    CheckError(convenant.status());
  }
  const auto lab = policies::ParseLabFile(input, "x.yaml", Fixed());
  if (!lab.ok()) CheckError(lab.status());
  const auto report = policies::RunQuestions(input, "x.yaml", Fixed(), policies::LabFile{});
  if (!report.ok()) CheckError(report.status());
  return 0;
}
