// SPDX-License-Identifier: EUPL-1.2
// What changes between two versions of a convenant: every request of both domains whose answer changes, and
// every term that is no request. Each is a widening, a narrowing or neutral; in doubt a widening. Pure.
#ifndef SEINPOST_POLICIES_ANALYSIS_COMPARE_H_
#define SEINPOST_POLICIES_ANALYSIS_COMPARE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "policies/analysis/domain.h"
#include "policies/decide/decide.h"
#include "policies/document/convenant.h"

namespace seinpost::policies {

enum class Effect { kWidening, kNarrowing, kNeutral };
const char* ToString(Effect effect);  // "widening"

// Requests whose answer changes alike, with one of them.
struct RequestChange {
  std::string channel;    // without scope
  std::string from_kind;  // as the new version has it
  std::string to_kind;
  Item item = Item::kThemeText;
  bool allowed = false;            // by the new version; the old one said the opposite
  bool sender_role = false;        // asked with an action or role of the sender in the case
  bool recipient_role = false;     // ... of the recipient
  std::vector<std::string> codes;  // refusal codes of the version that refuses, sorted
  size_t count = 0;                // points of the domain
  // The counterexample: the request as each version is asked, and in words.
  SendRequest example;
  std::string clause;  // "file:line" that refuses it
  std::string sentence_nl, sentence_en;
  // Its flags for `seinpost may-i`; empty where that command does not ask about such signals.
  std::vector<std::string> flags;
  Effect effect() const { return allowed ? Effect::kWidening : Effect::kNarrowing; }
};

// A term that is no request.
struct TermChange {
  std::string path;                // "thresholds.max_recipients"
  int old_line = 0, new_line = 0;  // 0: not there
  Effect effect = Effect::kWidening;
  std::string sentence_nl, sentence_en;
};

struct Comparison {
  std::vector<RequestChange> requests;  // widenings first, then by channel, kinds and item
  std::vector<TermChange> terms;        // widenings first, then by path
  size_t asked = 0;                     // decisions

  bool Widens() const;
  bool empty() const { return requests.empty() && terms.empty(); }
};

Comparison Compare(const Convenant& old_version, const Convenant& new_version, const Progress& progress = {});

// The terms alone, in the order of their paths.
std::vector<TermChange> CompareTerms(const Convenant& old_version, const Convenant& new_version);

// The flags of `seinpost may-i` for a request about a synthetic member; empty for what it does not ask about.
std::vector<std::string> MayIFlags(const SendRequest& request);

}  // namespace seinpost::policies

#endif  // SEINPOST_POLICIES_ANALYSIS_COMPARE_H_
