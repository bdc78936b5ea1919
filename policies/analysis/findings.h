// SPDX-License-Identifier: EUPL-1.2
// What is odd about a convenant that is in order as a file: clauses that nothing uses, ceilings that nobody
// reaches, chains that end nowhere, controls that cannot work. Pure.
#ifndef SEINPOST_POLICIES_ANALYSIS_FINDINGS_H_
#define SEINPOST_POLICIES_ANALYSIS_FINDINGS_H_

#include <string>
#include <vector>

#include "policies/analysis/domain.h"
#include "policies/document/convenant.h"

namespace seinpost::policies {

enum class Severity {
  kWarning,  // most likely not meant
  kNote,     // can be meant; somebody should have thought of it
};
const char* ToString(Severity severity);  // "warning"

struct Finding {
  std::string code;  // docs/convenant_analysis.md lists them: "dead-purpose"
  Severity severity = Severity::kWarning;
  Position at;
  std::string sentence_nl, sentence_en;
};

// Sorted by line, then code. Asks about the whole domain, as MatrixOf does.
std::vector<Finding> FindingsOf(const Convenant& convenant, const Progress& progress = {});

// The part that needs no questions: chains, contact points, retention, approval groups, match keys, words.
std::vector<Finding> ClauseFindings(const Convenant& convenant);

}  // namespace seinpost::policies

#endif  // SEINPOST_POLICIES_ANALYSIS_FINDINGS_H_
