// SPDX-License-Identifier: EUPL-1.2
// What one clause of a convenant says and does: its text, its meaning, the rules that quote it, and whom it
// lets and stops. Pure.
#ifndef SEINPOST_POLICIES_ANALYSIS_EXPLAIN_H_
#define SEINPOST_POLICIES_ANALYSIS_EXPLAIN_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "policies/analysis/domain.h"
#include "policies/analysis/matrix.h"
#include "policies/document/convenant.h"

namespace seinpost::policies {

// Requests that a rule refuses quoting the clause, with every condition met.
struct Stopped {
  std::string channel;    // without scope
  std::string from_kind;  // of the sender
  std::string to_kind;
  std::vector<Item> items;
  std::vector<std::string> codes;  // refusal codes
  std::vector<std::string> rules;
  size_t count = 0;                      // points of the domain
  std::string sentence_nl, sentence_en;  // of one of them
};

struct Explanation {
  Position at;
  std::string text;  // the lines of the file
  std::string meaning_nl, meaning_en;
  std::vector<std::string> rules;  // that can quote it: "R4"
  std::vector<MatrixRow> lets;     // that concern what it is about
  std::vector<Stopped> stops;      // sorted by channel and kinds
};

// `clause` is a path such as "channels.case.ceiling", or a line number. `yaml` is the text that `convenant`
// was parsed from. kInvalidArgument: no such clause; the text names the nearest.
absl::StatusOr<Explanation> Explain(const Convenant& convenant, absl::string_view yaml,
                                    absl::string_view clause, const Progress& progress = {});

}  // namespace seinpost::policies

#endif  // SEINPOST_POLICIES_ANALYSIS_EXPLAIN_H_
