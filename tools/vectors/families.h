// SPDX-License-Identifier: EUPL-1.2
// One function for each family of vector files (tests/vectors/README.md gives their shapes). Each takes the
// parsed file, or one case of it, runs what Seinpost has and reports the rest as skipped.
#ifndef SEINPOST_TOOLS_VECTORS_FAMILIES_H_
#define SEINPOST_TOOLS_VECTORS_FAMILIES_H_

#include "absl/strings/string_view.h"
#include "tools/vectors/json.h"
#include "tools/vectors/report.h"

namespace seinpost::vectors {

// Whole files.
void RunHpkeRfc9180(const Json& file, Report& report);
void RunOprfRfc9497(const Json& file, Report& report);
void RunExpandRfc9380(const Json& file, Report& report);
void RunMerkleInclusion(const Json& file, Report& report);
void RunMerkleConsistency(const Json& file, Report& report);
void RunMerkleReferenceTree(const Json& file, Report& report);
void RunRistrettoBadEncodings(const Json& file, Report& report);
void RunEd25519EdgeCases(const Json& file, Report& report);
void RunSignedNotes(const Json& file, Report& report);
// False: a Wycheproof file for an algorithm that is not ours; nothing is reported then.
bool RunWycheproof(const Json& file, Report& report);

// Independent cases: each says whether it must be accepted. `where` names the case in failures.
void RunHpkeCase(const Json& test, absl::string_view where, Report& report);
void RunVoprfCase(const Json& test, absl::string_view where, Report& report);
void RunSplitCase(const Json& test, absl::string_view where, Report& report);

}  // namespace seinpost::vectors

#endif  // SEINPOST_TOOLS_VECTORS_FAMILIES_H_
