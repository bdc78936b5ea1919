// SPDX-License-Identifier: EUPL-1.2
// The matrix of a convenant: who may tell whom what, along which channel, for which purpose, and what else
// must be there. Found by asking DecideSend about the whole domain (policies/analysis/domain.h): first with
// everything met, then with each condition taken away. What no row says is never allowed. Sorted; the same
// convenant gives the same bytes. Pure.
#ifndef SEINPOST_POLICIES_ANALYSIS_MATRIX_H_
#define SEINPOST_POLICIES_ANALYSIS_MATRIX_H_

#include <compare>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "policies/analysis/domain.h"
#include "policies/decide/decide.h"
#include "policies/document/convenant.h"

namespace seinpost::policies {

// What a row needs; bits.
enum NeedBit : uint32_t {
  kNeedsJustification = 1 << 0,
  kNeedsInformed = 1 << 1,
  kNeedsSenderRole = 1 << 2,     // action or case role of the sender
  kNeedsRecipientRole = 1 << 3,  // ... of the recipient
  kNeedsSchool = 1 << 4,         // the recipient's mandate names the school
  kNeedsWard = 1 << 5,           // ... the ward or another place
  kNeedsCompetence = 1 << 6,     // levels.K.competence lists the purpose
  kNeedsAcuteDanger = 1 << 7,    // only for a purpose of acute danger
  kNeedsBridge = 1 << 8,
  kNeedsApprovers = 1 << 9,  // goes to the approval groups, not to the recipient
  kNeedsEmergencyCall = 1 << 10,
};
// Its bits in order, as words: "justification", and for people.
std::vector<std::string> NeedNames(uint32_t needs);
std::vector<std::string> NeedSentences(uint32_t needs, Language language);

struct Someone {
  std::string kind;
  std::string function;
  Standing place = Standing::kHere;  // of a recipient, as seen from the sender
  std::string convenant;             // empty: this one
  auto operator<=>(const Someone&) const = default;
};

// Everyone of `from` may tell everyone of `to` each of `items`, for each purpose, about each category. Whom
// `to` says is here may be in the sender's own organisation as well.
struct MatrixRow {
  std::vector<std::string> channels;  // "case", or "case@school-a" where not every scope is alike
  std::vector<Someone> from, to;
  std::vector<Item> items;
  std::vector<std::string> purposes, categories;
  uint32_t needs = 0;
};

// Whom a signal can come to when its recipients pass it on at its own level (R14). L0 is about nobody and
// left out.
struct OnwardRow {
  std::string channel;
  std::string from;  // partner kind of the first sender
  Level level = Level::kL0;
  std::vector<std::string> direct;  // partner kinds that he can send it to
  std::vector<std::string> onward;  // ... that only somebody who got it can, in any number of steps
};

// A channel in which identities can be kept, and who may have them opened (R6).
struct RevealRow {
  std::string channel;
  std::vector<std::string> keepers;   // partner kinds that may keep one there
  std::vector<std::string> askers;    // partner kinds in the channel that may ask
  std::vector<std::string> purposes;  // codes for which
  std::vector<std::string> groups;    // all of which must approve: "school_board of bestuur"
};

struct Matrix {
  std::string convenant;
  std::string title;
  uint32_t version = 0;
  std::vector<std::string> peers;  // asked about
  std::vector<MatrixRow> rows;
  std::vector<OnwardRow> onward;
  std::vector<RevealRow> reveals;
  // Bridges to convenants that were not given, and so not asked about.
  std::vector<std::string> unasked_bridges;
  uint32_t max_recipients = 0;
  size_t asked = 0;  // decisions

  // The rows that allow it, by names; empty function: any.
  std::vector<const MatrixRow*> Allows(absl::string_view channel, absl::string_view from_kind,
                                       absl::string_view from_function, absl::string_view to_kind,
                                       absl::string_view to_function, Item item) const;
};

// Costs a few decisions for each point of the domain: seconds for the largest convenants.
Matrix MatrixOf(const Convenant& convenant, const std::vector<const Convenant*>& peers = {},
                const Progress& progress = {});

// For people, and for spreadsheets. HTML: one file, no scripts, every name escaped.
std::string MatrixText(const Matrix& matrix, Language language);
std::string MatrixCsv(const Matrix& matrix);
std::string MatrixHtml(const Matrix& matrix, Language language);

// "school (allen: director, concierge), politie: …"; for rendering.
std::string Names(const std::vector<Someone>& people, Language language);

}  // namespace seinpost::policies

#endif  // SEINPOST_POLICIES_ANALYSIS_MATRIX_H_
