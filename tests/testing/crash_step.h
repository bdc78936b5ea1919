// SPDX-License-Identifier: EUPL-1.2
// Crash tests go through every file operation. Under AddressSanitizer, which looks at how code behaves and
// not at what the disk holds, they go through every fourth: the release build has had them all.
#ifndef SEINPOST_TESTS_TESTING_CRASH_STEP_H_
#define SEINPOST_TESTS_TESTING_CRASH_STEP_H_

#include <cstdint>

namespace seinpost {

#ifdef __SANITIZE_ADDRESS__
inline constexpr int64_t kCrashStep = 4;
#else
inline constexpr int64_t kCrashStep = 1;
#endif

}  // namespace seinpost

#endif  // SEINPOST_TESTS_TESTING_CRASH_STEP_H_
