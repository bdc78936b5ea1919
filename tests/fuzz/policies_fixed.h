// SPDX-License-Identifier: EUPL-1.2
// For the fuzz targets of the YAML files: what a refusal looks like, and a small convenant to lay files
// beside.
#ifndef SEINPOST_TESTS_FUZZ_POLICIES_FIXED_H_
#define SEINPOST_TESTS_FUZZ_POLICIES_FIXED_H_

#include "absl/status/status.h"
#include "absl/strings/str_split.h"
#include "policies/document/convenant.h"
#include "policies/questions/lab_file.h"
#include "tests/fuzz/fuzz_check.h"

namespace seinpost {

inline void CheckYamlError(const absl::Status& status) {
  FuzzCheck(status.code() == absl::StatusCode::kInvalidArgument, "a bad file is the caller's mistake");
  for (absl::string_view line : absl::StrSplit(status.message(), '\n')) {
    FuzzCheck(line.substr(0, 7) == "x.yaml:", "every line of the message names the file");
  }
}

inline constexpr char kFixed[] =
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

inline const policies::Convenant& FixedConvenant() {
  static const policies::Convenant* const kConvenant =
      new policies::Convenant(*policies::Convenant::Parse(kFixed, "klein.yaml"));
  return *kConvenant;
}

// Who takes part beside it.
inline const policies::LabFile& FixedLab() {
  static const policies::LabFile* const kLab = new policies::LabFile(*policies::ParseLabFile(
      "lab: klein\nmembers:\n"
      "  - {party: school, handle: zorg, mandates: [{function: zorg, scopes: all, level: L2}]}\n"
      "  - {party: stad, handle: leider, mandates: [{function: leider, scopes: all, level: L1}]}\n"
      "  - {party: stad, handle: toezicht, mandates: [{function: privacy_officer, scopes: all, level: "
      "L2}]}\n",
      "klein.lab.yaml", FixedConvenant()));
  return *kLab;
}

}  // namespace seinpost

#endif  // SEINPOST_TESTS_FUZZ_POLICIES_FIXED_H_
