// SPDX-License-Identifier: EUPL-1.2
// Runs a fuzz target without a fuzzer: on each file of the corpus directories given, on truncations of it (at
// most 300, evenly spaced) and on it with one bit flipped (at most 2,000, evenly spaced). A target that finds
// something wrong aborts. Exits 1 if there is no corpus.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "crypto/process.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

constexpr size_t kMaxTruncations = 300;
constexpr size_t kMaxFlips = 2000;

// From a buffer of exactly that size, so that AddressSanitizer sees a read past its end.
void RunOne(const uint8_t* data, size_t size) {
  const std::unique_ptr<uint8_t[]> exact(new uint8_t[size]);
  std::copy(data, data + size, exact.get());
  LLVMFuzzerTestOneInput(exact.get(), size);
}

// Calls `step` with at most `most` numbers from 0 to below `count`, evenly spaced.
template <typename Step>
size_t Spaced(size_t count, size_t most, Step step) {
  const size_t steps = std::min(count, most);
  for (size_t i = 0; i < steps; ++i) step(i * count / steps);
  return steps;
}

size_t RunAround(std::vector<uint8_t> bytes) {
  RunOne(bytes.data(), bytes.size());
  size_t runs = 1;
  runs += Spaced(bytes.size(), kMaxTruncations, [&bytes](size_t size) { RunOne(bytes.data(), size); });
  runs += Spaced(bytes.size() * 8, kMaxFlips, [&bytes](size_t bit) {
    const auto mask = static_cast<uint8_t>(1u << (bit % 8));
    bytes[bit / 8] ^= mask;
    RunOne(bytes.data(), bytes.size());
    bytes[bit / 8] ^= mask;
  });
  return runs;
}

}  // namespace

int main(int argc, char** argv) {
  seinpost::crypto::StartProcess();
  size_t files = 0;
  size_t runs = 0;
  for (int i = 1; i < argc; ++i) {
    std::error_code error;
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(argv[i], error)) {
      if (entry.is_regular_file()) paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    for (const auto& path : paths) {
      std::ifstream in(path, std::ios::binary);
      if (!in) {
        std::fprintf(stderr, "cannot read %s\n", path.c_str());
        return 1;
      }
      const std::vector<uint8_t> bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
      runs += RunAround(bytes);
      ++files;
    }
  }
  std::printf("%zu files, %zu inputs\n", files, runs);
  if (files == 0) {
    std::fprintf(stderr, "no corpus\n");
    return 1;
  }
  return 0;
}
