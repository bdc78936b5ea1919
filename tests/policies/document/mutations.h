// SPDX-License-Identifier: EUPL-1.2
// A table of mistakes in a convenant file that holds every key there is.
#ifndef SEINPOST_TESTS_POLICIES_DOCUMENT_MUTATIONS_H_
#define SEINPOST_TESTS_POLICIES_DOCUMENT_MUTATIONS_H_

#include <string>
#include <vector>

#include "policies/document/yaml_tree.h"
#include "tests/policies/example.h"

namespace seinpost::policies {

inline constexpr char kComplete[] = "tests/testing/convenants/volledig.yaml";

// Replaces `from`, which stands once in the file, by `to`; an empty `from` replaces the whole file. The
// problem is expected where `to` has a ^, which is left out; without one at `at` (or at its own ^), which
// stands once in the result, or at 1:1.
struct Mutation {
  std::string name;
  std::string from;
  std::string to;
  std::string problem;  // the start of the sentence
  std::string at = "";
};

struct Mutated {
  std::string yaml;
  int line = 1;
  int column = 1;
};

Mutated Apply(const Mutation& mutation);

// The file as text, the kinds of value, the names.
std::vector<Mutation> ShapeMutations();
// What the sections say about each other.
std::vector<Mutation> SenseMutations();
std::vector<Mutation> Mutations();

}  // namespace seinpost::policies

#endif  // SEINPOST_TESTS_POLICIES_DOCUMENT_MUTATIONS_H_
