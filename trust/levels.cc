// SPDX-License-Identifier: EUPL-1.2
#include "trust/levels.h"

namespace seinpost::trust {

policies::Level LevelFromProto(v1::Level level) {
  switch (level) {
    case v1::LEVEL_L0:
      return policies::Level::kL0;
    case v1::LEVEL_L1:
      return policies::Level::kL1;
    default:
      return policies::Level::kL2;
  }
}

v1::Level LevelToProto(policies::Level level) {
  switch (level) {
    case policies::Level::kL0:
      return v1::LEVEL_L0;
    case policies::Level::kL1:
      return v1::LEVEL_L1;
    case policies::Level::kL2:
      break;
  }
  return v1::LEVEL_L2;
}

}  // namespace seinpost::trust
