// SPDX-License-Identifier: EUPL-1.2
// Where signals can go when they are passed on (R14): what follows from a convenant without standing in it.
// Part of the matrix; internal to policies/.
#ifndef SEINPOST_POLICIES_ANALYSIS_ONWARD_H_
#define SEINPOST_POLICIES_ANALYSIS_ONWARD_H_

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "policies/analysis/domain.h"
#include "policies/analysis/matrix.h"
#include "policies/document/convenant.h"

namespace seinpost::policies {

// One allowed share of each channel, pair of partner kinds, level and purpose: text at L1, identity at L2; at
// L0 there is nobody to protect. Only between organisations of this convenant.
struct AllowedShares {
  struct Example {
    Share share;
    std::string category;
  };
  using From = std::pair<std::string, std::string>;                      // channel with scope, sender's kind
  using To = std::map<std::string, Example>;                             // by recipient's kind
  std::map<std::pair<Level, std::string>, std::map<From, To>> by_level;  // and purpose
  size_t asked = 0;                                                      // decisions that OnwardOf took

  void Add(const Share& share, const std::string& purpose, const std::string& category);
};

// Sorted by channel, kind and level; channels without scope. Changes the asker's facts and puts them back.
std::vector<OnwardRow> OnwardOf(Asker& asker, AllowedShares& allowed);

}  // namespace seinpost::policies

#endif  // SEINPOST_POLICIES_ANALYSIS_ONWARD_H_
