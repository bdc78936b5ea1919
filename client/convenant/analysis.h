// SPDX-License-Identifier: EUPL-1.2
// What a convenant's file means, for those who draw it up or are to sign it. Offline; needs no profile.
#ifndef SEINPOST_CLIENT_CONVENANT_ANALYSIS_H_
#define SEINPOST_CLIENT_CONVENANT_ANALYSIS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/terminal/context.h"
#include "policies/analysis/compare.h"
#include "policies/analysis/domain.h"
#include "policies/analysis/explain.h"
#include "policies/analysis/findings.h"
#include "policies/analysis/matrix.h"
#include "policies/document/convenant.h"
#include "policies/questions/lab_file.h"
#include "policies/questions/questions.h"
#include "util/bytes.h"

namespace seinpost::client {

// The members beside FILE: its .lab.yaml.
absl::StatusOr<policies::LabFile> ReadLabBeside(const std::string& file,
                                                const policies::Convenant& convenant);

struct ConvenantProblem {
  std::string file;  // empty, and then the rest too but the sentence: the file as a whole
  int line = 0, column = 0;
  std::string sentence;
};
struct ConvenantChecked {
  std::string file;
  Digest hash{};
  std::vector<ConvenantProblem> problems;
  std::optional<policies::Convenant> convenant;  // absent: there are problems
  std::vector<policies::Finding> findings;       // what is odd about it

  bool ok() const { return convenant.has_value(); }
  bool HasWarning() const;
};
// A file that is not in order is no error.
absl::StatusOr<ConvenantChecked> CheckConvenant(const std::string& file,
                                                const policies::Progress& progress = {});

struct ConvenantMatrixArgs {
  std::string file;
  std::string format = "text";    // text | csv | html
  std::string out;                // empty: no file is written
  std::vector<std::string> with;  // convenants at the other end of bridges
};
struct MatrixMade {
  policies::Matrix matrix;
  std::string format;
  std::string file;  // empty: none was written
};
// Who may tell whom what; a file is written in the caller's language.
absl::StatusOr<MatrixMade> MakeMatrix(const Context& context, const ConvenantMatrixArgs& args,
                                      const policies::Progress& progress = {});
// A matrix as a document in one of the formats.
std::string MatrixDocument(const policies::Matrix& matrix, absl::string_view format, Language language);

struct ConvenantDiffArgs {
  std::string old_file, new_file;
  bool no_widening = false;
};
struct VersionsCompared {
  policies::Comparison comparison;
};
// What changes between two versions. A usage error: they are of different convenants.
absl::StatusOr<VersionsCompared> CompareVersions(const ConvenantDiffArgs& args,
                                                 const policies::Progress& progress = {});

struct ConvenantExplainArgs {
  std::string file;
  std::string clause;  // "channels.case.ceiling", or a line number
};
struct ClauseExplained {
  std::string file;
  policies::Explanation explanation;
};
// What a clause says, and whom it lets and stops.
absl::StatusOr<ClauseExplained> ExplainClause(const ConvenantExplainArgs& args,
                                              const policies::Progress& progress = {});

struct QuestionsAsked {
  std::string file;  // with the questions
  policies::QuestionReport report;
};
// Asks the questions beside FILE (FILE without .yaml, then .expect.yaml) with the members of its .lab.yaml,
// and the peers it names in the same folder.
absl::StatusOr<QuestionsAsked> AskQuestions(const std::string& file);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_CONVENANT_ANALYSIS_H_
