// SPDX-License-Identifier: EUPL-1.2
#include "client/convenant/analysis.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "client/broker/convenant_file.h"
#include "client/terminal/arguments.h"
#include "crypto/hash.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

constexpr size_t kMaxExpectBytes = 4 * 1024 * 1024;

// One "file:line:column: sentence".
ConvenantProblem ParseProblem(absl::string_view line) {
  // The file's name may hold a colon: look for ":<line>:<column>: ".
  for (size_t at = line.find(':'); at != absl::string_view::npos; at = line.find(':', at + 1)) {
    const std::vector<absl::string_view> rest = absl::StrSplit(line.substr(at + 1), absl::MaxSplits(':', 2));
    ConvenantProblem problem;
    if (rest.size() == 3 && absl::SimpleAtoi(rest[0], &problem.line) &&
        absl::SimpleAtoi(rest[1], &problem.column)) {
      problem.file = std::string(line.substr(0, at));
      problem.sentence = std::string(absl::StripLeadingAsciiWhitespace(rest[2]));
      return problem;
    }
  }
  return ConvenantProblem{"", 0, 0, std::string(line)};
}

// The convenant in `file` and the lab beside it.
absl::StatusOr<policies::QuestionPeer> ReadWithLab(const std::string& file) {
  ASSIGN_OR_RETURN(ConvenantFile read, ReadConvenantFile(file));
  ASSIGN_OR_RETURN(policies::LabFile lab, ReadLabBeside(file, read.convenant));
  return policies::QuestionPeer{std::move(read.convenant), std::move(lab)};
}

}  // namespace

absl::StatusOr<policies::LabFile> ReadLabBeside(const std::string& file,
                                                const policies::Convenant& convenant) {
  const std::string lab_file = BesideConvenant(file, ".lab.yaml");
  ASSIGN_OR_RETURN(const Bytes yaml, ReadArgumentFile(lab_file, policies::kMaxConvenantBytes));
  return policies::ParseLabFile(yaml, lab_file, convenant);
}

bool ConvenantChecked::HasWarning() const {
  return std::any_of(findings.begin(), findings.end(), [](const policies::Finding& finding) {
    return finding.severity == policies::Severity::kWarning;
  });
}

absl::StatusOr<ConvenantChecked> CheckConvenant(const std::string& file, const policies::Progress& progress) {
  ASSIGN_OR_RETURN(const Bytes yaml, ReadArgumentFile(file, policies::kMaxConvenantBytes));
  ConvenantChecked checked;
  checked.file = file;
  checked.hash = crypto::Sha256(yaml);
  absl::StatusOr<policies::Convenant> convenant = policies::Convenant::Parse(yaml, file);
  if (!convenant.ok()) {
    for (const absl::string_view line :
         absl::StrSplit(convenant.status().message(), '\n', absl::SkipEmpty())) {
      checked.problems.push_back(ParseProblem(line));
    }
    return checked;
  }
  checked.findings = policies::FindingsOf(*convenant, progress);
  checked.convenant.emplace(*std::move(convenant));
  return checked;
}

std::string MatrixDocument(const policies::Matrix& matrix, absl::string_view format, Language language) {
  if (format == "csv") return policies::MatrixCsv(matrix);
  if (format == "html") return policies::MatrixHtml(matrix, language);
  return policies::MatrixText(matrix, language);
}

absl::StatusOr<MatrixMade> MakeMatrix(const Context& context, const ConvenantMatrixArgs& args,
                                      const policies::Progress& progress) {
  if (args.format != "text" && args.format != "csv" && args.format != "html") {
    return UsageError("--format: text, csv or html");
  }
  ASSIGN_OR_RETURN(const ConvenantFile read, ReadConvenantFile(args.file));
  std::vector<ConvenantFile> peers;
  for (const std::string& file : args.with) {
    ASSIGN_OR_RETURN(ConvenantFile peer, ReadConvenantFile(file));
    if (peer.convenant.id() == read.convenant.id()) return UsageError("--with: names the convenant itself");
    peers.push_back(std::move(peer));
  }
  std::vector<const policies::Convenant*> others;
  for (const ConvenantFile& peer : peers) others.push_back(&peer.convenant);
  MatrixMade made{policies::MatrixOf(read.convenant, others, progress), args.format, args.out};
  if (!args.out.empty()) {
    RETURN_IF_ERROR(
        WriteFileAtomically(args.out, MatrixDocument(made.matrix, made.format, context.language)));
  }
  return made;
}

absl::StatusOr<VersionsCompared> CompareVersions(const ConvenantDiffArgs& args,
                                                 const policies::Progress& progress) {
  ASSIGN_OR_RETURN(const ConvenantFile before, ReadConvenantFile(args.old_file));
  ASSIGN_OR_RETURN(const ConvenantFile after, ReadConvenantFile(args.new_file));
  if (before.convenant.id() != after.convenant.id()) {
    return UsageError("these are not two versions of one convenant: they have different ids");
  }
  return VersionsCompared{policies::Compare(before.convenant, after.convenant, progress)};
}

absl::StatusOr<ClauseExplained> ExplainClause(const ConvenantExplainArgs& args,
                                              const policies::Progress& progress) {
  ASSIGN_OR_RETURN(const ConvenantFile read, ReadConvenantFile(args.file));
  ASSIGN_OR_RETURN(policies::Explanation explanation,
                   policies::Explain(read.convenant, read.yaml, args.clause, progress));
  return ClauseExplained{args.file, std::move(explanation)};
}

absl::StatusOr<QuestionsAsked> AskQuestions(const std::string& file) {
  ASSIGN_OR_RETURN(const policies::QuestionPeer own, ReadWithLab(file));
  std::string expect_file = BesideConvenant(file, ".expect.yaml");
  ASSIGN_OR_RETURN(const Bytes expect, ReadArgumentFile(expect_file, kMaxExpectBytes));
  ASSIGN_OR_RETURN(
      policies::QuestionReport report,
      policies::RunQuestions(expect, expect_file, own.convenant, own.lab, [&](absl::string_view name) {
        return ReadWithLab(file.substr(0, file.rfind('/') + 1) + std::string(name) + ".yaml");
      }));
  return QuestionsAsked{std::move(expect_file), std::move(report)};
}

}  // namespace seinpost::client
