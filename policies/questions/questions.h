// SPDX-License-Identifier: EUPL-1.2
// NAME.expect.yaml beside a convenant: questions with the answers they should get, run by `seinpost convenant
// test` against decide.h and acts.h. Facts come from the lab file: every member is certified and reachable.
// docs/formats/convenant.md, "NAME.expect.yaml", lists the keys.
#ifndef SEINPOST_POLICIES_QUESTIONS_QUESTIONS_H_
#define SEINPOST_POLICIES_QUESTIONS_QUESTIONS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "policies/decide/decide.h"
#include "policies/document/convenant.h"
#include "policies/questions/lab_file.h"

namespace seinpost::policies {

struct QuestionResult {
  std::string name;
  int line = 0;  // in the expect file
  bool passed = false;
  Decision decision;   // with `instead` filled on a denial
  std::string detail;  // what differs; empty if passed
};

struct QuestionReport {
  std::vector<QuestionResult> results;
  bool passed() const;
};

// The facts of a lab just made: everyone enrolled, every mandate granted, convenant active and signed.
// `convenant` is borrowed.
Facts LabFacts(const Convenant& convenant, const LabFile& lab);

// Another convenant that the questions speak of, with its lab.
struct QuestionPeer {
  Convenant convenant;
  LabFile lab;
};
// Finds the peer that the expect file calls `name`; an error becomes a problem of the file.
using PeerLoader = std::function<absl::StatusOr<QuestionPeer>(absl::string_view name)>;

// kInvalidArgument: the expect file itself is wrong, "file:line:column: sentence" for each problem. A wrong
// answer is not an error but a failed result. The questions are asked at noon of the convenant's first day,
// or of the day they name. Without `load_peer` a file that names peers is wrong.
absl::StatusOr<QuestionReport> RunQuestions(absl::string_view yaml, absl::string_view filename,
                                            const Convenant& convenant, const LabFile& lab,
                                            const PeerLoader& load_peer = {});

}  // namespace seinpost::policies

#endif  // SEINPOST_POLICIES_QUESTIONS_QUESTIONS_H_
