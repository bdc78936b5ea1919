// SPDX-License-Identifier: EUPL-1.2
// What programs print is read by another library than the one type they print with (client/terminal/json.h).
#ifndef SEINPOST_TESTS_TESTING_JSON_H_
#define SEINPOST_TESTS_TESTING_JSON_H_

#include "nlohmann/json.hpp"

namespace seinpost {

using ParsedJson = nlohmann::ordered_json;

}  // namespace seinpost

#endif  // SEINPOST_TESTS_TESTING_JSON_H_
