// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_BENCH_DECIDE_SCENE_H_
#define SEINPOST_BENCH_DECIDE_SCENE_H_

#include <cstddef>
#include <string>

#include "policies/decide/decide.h"

namespace seinpost::bench {

// A sealed L2 signal of a school to `recipients` police officers, each with text and identity, justified and
// tied, as the broker judges it: allowed. Made from the tests' example convenant; run from the source tree.
// Exits the program where that cannot be read.
struct DecideScene {
  explicit DecideScene(size_t recipients);
  DecideScene(const DecideScene&) = delete;  // the facts borrow the convenant

  policies::MemberId Recipient(size_t n) const;

  policies::Convenant convenant;
  policies::Facts facts;
  absl::Time now;
  policies::SendRequest send;
};

// The text of a convenant in the source tree, and the largest of policies/convenants/.
std::string ConvenantText(const std::string& path);
std::string LargestConvenant();

}  // namespace seinpost::bench

#endif  // SEINPOST_BENCH_DECIDE_SCENE_H_
