// SPDX-License-Identifier: EUPL-1.2
// The wire's numbers and the words of policies/document/vocabulary.h for the same things. A number that the
// wire does not know must be refused before: these functions map it to the strictest word.
#ifndef SEINPOST_TRUST_LEVELS_H_
#define SEINPOST_TRUST_LEVELS_H_

#include "policies/document/vocabulary.h"
#include "seinpost/v1/trust.pb.h"

namespace seinpost::trust {

policies::Level LevelFromProto(v1::Level level);
v1::Level LevelToProto(policies::Level level);

}  // namespace seinpost::trust

#endif  // SEINPOST_TRUST_LEVELS_H_
