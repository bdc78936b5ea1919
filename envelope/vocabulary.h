// SPDX-License-Identifier: EUPL-1.2
// The wire's numbers and the words of policies/document/vocabulary.h for the same things (levels:
// trust/levels.h).
#ifndef SEINPOST_ENVELOPE_VOCABULARY_H_
#define SEINPOST_ENVELOPE_VOCABULARY_H_

#include "absl/strings/string_view.h"
#include "policies/document/vocabulary.h"
#include "seinpost/v1/envelope.pb.h"

namespace seinpost::envelope {

// Whether the wire's number is one that this version knows; "unspecified" is not.
bool IsKnown(v1::PartKind kind);
// REQUIRES: IsKnown(kind).
policies::PartKind PartKindFromProto(v1::PartKind kind);
v1::PartKind PartKindToProto(policies::PartKind kind);
// "narrative", "identity", …; "unknown" for a number that is none.
absl::string_view NameOf(v1::PartKind kind);

// An unknown number becomes kNotStated.
policies::Informed InformedFromProto(v1::Informed informed);
v1::Informed InformedToProto(policies::Informed informed);

// The ties that a sender can claim (R9): school, ward, action, case, competence.
bool IsTie(absl::string_view word);

}  // namespace seinpost::envelope

#endif  // SEINPOST_ENVELOPE_VOCABULARY_H_
