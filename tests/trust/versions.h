// SPDX-License-Identifier: EUPL-1.2
// Editing a convenant's text into its next version, and breaking what all parties say together in one way at
// a time.
#ifndef SEINPOST_TESTS_TRUST_VERSIONS_H_
#define SEINPOST_TESTS_TRUST_VERSIONS_H_

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tests/testing/network.h"
#include "trust/directory.h"

namespace seinpost::trust {

inline void ExpectRefusedBy(const Directory& directory, const Bytes& object, absl::StatusCode code,
                            absl::string_view text, absl::string_view name,
                            absl::Time now = test::TestNetwork::AnyTime()) {
  Directory copy = directory;
  const absl::Status status = copy.Add(object, now);
  EXPECT_EQ(status.code(), code) << name << ": " << status;
  EXPECT_TRUE(absl::StrContains(status.message(), text)) << name << ": " << status;
  EXPECT_EQ(copy.chain_hash(), directory.chain_hash()) << name;
  EXPECT_EQ(copy.versions().size(), directory.versions().size()) << name;
  EXPECT_EQ(copy.proposals().size(), directory.proposals().size()) << name;
  EXPECT_EQ(copy.log_identities().size(), directory.log_identities().size()) << name;
  EXPECT_EQ(copy.RestrictionsAsOf().size(), directory.RestrictionsAsOf().size()) << name;
}

inline void ExpectTakenBy(const Directory& directory, const Bytes& object, absl::string_view name,
                          absl::Time now = test::TestNetwork::AnyTime()) {
  Directory copy = directory;
  const absl::Status status = copy.Add(object, now);
  EXPECT_TRUE(status.ok()) << name << ": " << status;
}

// Takes the block of a party out of the text.
inline void RemoveParty(std::string& yaml, absl::string_view party) {
  const size_t begin = yaml.find(absl::StrCat("\n  ", party, ":\n")) + 1;
  size_t end = yaml.find('\n', begin) + 1;
  while (yaml.compare(end, 4, "    ") == 0) end = yaml.find('\n', end) + 1;
  yaml.erase(begin, end - begin);
}

// Puts a party first, with these lines.
inline void AddParty(std::string& yaml, absl::string_view party, absl::string_view lines) {
  const absl::string_view head = "\nparties:\n";
  yaml.insert(yaml.find(head.data()) + head.size(), absl::StrCat("  ", party, ":\n", lines));
}

}  // namespace seinpost::trust

#endif  // SEINPOST_TESTS_TRUST_VERSIONS_H_
