// SPDX-License-Identifier: EUPL-1.2
// Breaking one link of the chain of trust at a time: shared by directory_issuer_test.cc and
// directory_grant_test.cc.
#ifndef SEINPOST_TESTS_TRUST_LINKS_H_
#define SEINPOST_TESTS_TRUST_LINKS_H_

#include <gtest/gtest.h>

#include <functional>

#include "absl/strings/match.h"
#include "tests/testing/network.h"
#include "trust/directory.h"
#include "trust/strict.h"

namespace seinpost::trust {

using test::kNow;
inline constexpr absl::Duration kDay = absl::Hours(24);

inline const test::TestNetwork& Net() {
  static const auto* network = new test::TestNetwork(test::TestNetwork::Example(kNow));
  return *network;
}

inline crypto::SigningKey Key(absl::string_view name) {
  return crypto::SigningKey::FromSeed(test::TestNetwork::SecretNamed(name));
}

inline int64_t At(absl::Duration after) { return absl::ToUnixSeconds(kNow + after); }

// One way to break a body, and what the directory says to it.
template <typename Body>
struct Broken {
  const char* name;
  std::function<void(Body&)> spoil;
  absl::StatusCode code;
  const char* text;
};

inline void ExpectRefused(const Bytes& object, absl::StatusCode code, absl::string_view text,
                          absl::string_view name, absl::Time now = kNow) {
  Directory directory = Net().directory();
  const absl::Status status = directory.Add(object, now);
  EXPECT_EQ(status.code(), code) << name << ": " << status;
  EXPECT_TRUE(absl::StrContains(status.message(), text)) << name << ": " << status;
  EXPECT_EQ(directory.chain_hash(), Net().directory().chain_hash()) << name;
  EXPECT_EQ(directory.size(), Net().directory().size()) << name;
}

inline void ExpectTaken(const Bytes& object, absl::string_view name, absl::Time now = kNow) {
  Directory directory = Net().directory();
  const absl::Status status = directory.Add(object, now);
  EXPECT_TRUE(status.ok()) << name << ": " << status;
}

}  // namespace seinpost::trust

#endif  // SEINPOST_TESTS_TRUST_LINKS_H_
