// SPDX-License-Identifier: EUPL-1.2
// NAME.lab.yaml beside a convenant: the members, functions and mandates that `seinpost lab up` enrols. No
// secrets.
#ifndef SEINPOST_POLICIES_QUESTIONS_LAB_FILE_H_
#define SEINPOST_POLICIES_QUESTIONS_LAB_FILE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "policies/document/convenant.h"
#include "policies/document/vocabulary.h"

namespace seinpost::policies {

struct LabMandate {
  std::string function;
  std::vector<std::string> scopes;  // keys of `scopes`, or "*" for the whole convenant
  Level max_level = Level::kL0;
  std::optional<absl::Time> from;   // absent: when the lab is made
  std::optional<absl::Time> until;  // the first moment it no longer holds; absent: as long as the convenant
};

struct LabMember {
  std::string party;
  std::string handle;  // [a-z0-9-]
  std::vector<LabMandate> mandates;
  Position at;
  std::string profile() const { return party + "/" + handle; }
};

struct LabFile {
  std::vector<LabMember> members;  // in the file's order; no profile twice
};

// Parses `yaml` strictly and checks every party, function and scope against `convenant`.
// kInvalidArgument: one line per problem, "file:line:column: sentence".
absl::StatusOr<LabFile> ParseLabFile(absl::string_view yaml, absl::string_view filename,
                                     const Convenant& convenant);

}  // namespace seinpost::policies

#endif  // SEINPOST_POLICIES_QUESTIONS_LAB_FILE_H_
