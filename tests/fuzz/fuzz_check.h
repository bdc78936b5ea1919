// SPDX-License-Identifier: EUPL-1.2
// What all fuzz targets use.
#ifndef SEINPOST_TESTS_FUZZ_FUZZ_CHECK_H_
#define SEINPOST_TESTS_FUZZ_FUZZ_CHECK_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "util/bytes.h"

namespace seinpost {

inline ByteView FuzzView(const uint8_t* data, size_t size) {
  return ByteView(reinterpret_cast<const char*>(data), size);
}

// A property that must hold for every input. Aborts, which a fuzzer reports with the input.
inline void FuzzCheck(bool holds, const char* property) {
  if (holds) return;
  std::fprintf(stderr, "violated: %s\n", property);
  std::abort();
}

}  // namespace seinpost

#endif  // SEINPOST_TESTS_FUZZ_FUZZ_CHECK_H_
