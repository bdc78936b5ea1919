// SPDX-License-Identifier: EUPL-1.2
// The rules once more, for tests: a second implementation of the decision about sending and opening, written
// from docs/formats/convenant.md, "Rules", and from nothing else. It shares the parsed document with
// policies/decide/decide.h, not the deciding: it calls no function of policies/ that judges anything, and
// looks up everything in the document's own lists. Slow, plain, and without clauses, sentences or
// alternatives.
//
// Where the two differ, at least one is wrong. Pure functions; callable from any thread.
#ifndef SEINPOST_TESTS_POLICIES_REFERENCE_REFERENCE_H_
#define SEINPOST_TESTS_POLICIES_REFERENCE_REFERENCE_H_

#include <cstddef>
#include <set>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "policies/decide/request.h"
#include "policies/document/vocabulary.h"

namespace seinpost::policies::reference {

struct Answer {
  bool allowed = false;  // if and only if `codes` is empty
  std::set<RefusalCode> codes;
  // (part, recipient): indices into the request, of whom a rule spoke. Empty for an open.
  std::set<std::pair<size_t, size_t>> denied;
};

// REQUIRES: !request.forwards. What is passed on (R14) does not belong to the domain that tests enumerate.
Answer Send(const SendRequest& request, const Facts& facts, absl::Time now);

Answer Open(const OpenRequest& request, const Facts& facts, absl::Time now);

// "LEVEL_EXCEEDED NO_MANDATE"; "allowed" for none.
std::string ToString(const std::set<RefusalCode>& codes);

}  // namespace seinpost::policies::reference

#endif  // SEINPOST_TESTS_POLICIES_REFERENCE_REFERENCE_H_
