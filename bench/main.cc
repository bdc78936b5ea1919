// SPDX-License-Identifier: EUPL-1.2
// seinpost_bench [NAME…] [--json] [--rounds N] [--list]
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "bench/report.h"
#include "crypto/process.h"

namespace seinpost::bench {
namespace {

int Main(const std::vector<std::string>& arguments) {
  const std::map<std::string, std::function<absl::Status(const Options&)>> benchmarks = {
      {"decide", RunDecide},
      {"echo", RunEcho},
      {"submit", RunSubmit},
      {"verify", RunVerify},
  };
  Options options;
  std::vector<std::string> names;
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--json") {
      options.json = true;
    } else if (arguments[i] == "--rounds" && i + 1 < arguments.size() &&
               absl::SimpleAtoi(arguments[i + 1], &options.rounds) && options.rounds > 0) {
      ++i;
    } else if (arguments[i] == "--list") {
      for (const auto& [name, run] : benchmarks) std::cout << name << "\n";
      return 0;
    } else if (benchmarks.count(arguments[i]) > 0) {
      names.push_back(arguments[i]);
    } else {
      std::cerr << "bench: no benchmark '" << arguments[i] << "'; --list names them\n";
      return 2;
    }
  }
  if (names.empty()) {
    for (const auto& [name, run] : benchmarks) names.push_back(name);
  }
  for (const std::string& name : names) {
    if (absl::Status status = benchmarks.at(name)(options); !status.ok()) {
      std::cerr << "bench: " << name << ": " << status.message() << "\n";
      return 1;
    }
  }
  return 0;
}

}  // namespace
}  // namespace seinpost::bench

int main(int argc, char** argv) {
  seinpost::crypto::KeepLibcryptoAtExit();
  return seinpost::bench::Main({argv + 1, argv + argc});
}
