// SPDX-License-Identifier: EUPL-1.2
// seinpost_bench [NAME…] [--json] [--rounds N | --short]
// seinpost_bench --list [--json]: the names, or one JSON object {name, figures} a line
// Run from the root of the tree. Exit codes: 0 every figure of the named benchmarks (all without a name) was
// measured · 1 one was not · 2 usage.
#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "bench/load_process.h"
#include "bench/report.h"
#include "crypto/process.h"
#include "nlohmann/json.hpp"
#include "util/status_macros.h"

namespace seinpost::bench {
namespace {

struct Arguments {
  std::vector<std::string> names;
  bool list = false;
  Options options;
};

absl::StatusOr<Arguments> Parse(const std::vector<std::string>& words) {
  Arguments arguments;
  Options& options = arguments.options;
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--json") {
      options.json = true;
    } else if (words[i] == "--short") {
      options.brief = true;
      options.rounds = 1;
    } else if (words[i] == "--list") {
      arguments.list = true;
    } else if (words[i] == "--rounds") {
      if (++i == words.size() || !absl::SimpleAtoi(words[i], &options.rounds) || options.rounds < 1) {
        return absl::InvalidArgumentError("--rounds wants a number above 0");
      }
    } else {
      arguments.names.push_back(words[i]);
    }
  }
  return arguments;
}

void List(const std::vector<Benchmark>& benchmarks, bool json) {
  for (const Benchmark& benchmark : benchmarks) {
    if (!json) {
      std::cout << benchmark.name << "\n";
      continue;
    }
    nlohmann::ordered_json object = {{"name", benchmark.name}, {"figures", nlohmann::json::array()}};
    for (const Figure& figure : benchmark.figures) object["figures"].push_back(figure.name);
    std::cout << object.dump() << "\n";
  }
}

absl::Status RunAndReport(const Benchmark& benchmark, const Options& options) {
  Report report(benchmark.figures, options);
  RETURN_IF_ERROR(benchmark.run(options, report));
  return report.Complete();
}

int Main(const std::vector<std::string>& words) {
  if (words.size() == 2 && words[0] == "--load") return RunLoadProcess(words[1]);
  const std::vector<Benchmark> all = {DecideBenchmark(), DoorBenchmark(), EchoBenchmark(), SubmitBenchmark(),
                                      VerifyBenchmark()};
  const absl::StatusOr<Arguments> arguments = Parse(words);
  if (!arguments.ok()) {
    std::cerr << "bench: " << arguments.status().message() << "\n";
    return 2;
  }
  if (arguments->list) {
    List(all, arguments->options.json);
    return 0;
  }
  std::vector<Benchmark> chosen;
  for (const std::string& name : arguments->names) {
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.name == name; });
    if (found == all.end()) {
      std::cerr << "bench: no benchmark '" << name << "'; --list names them\n";
      return 2;
    }
    chosen.push_back(*found);
  }
  for (const Benchmark& benchmark : chosen.empty() ? all : chosen) {
    if (absl::Status status = RunAndReport(benchmark, arguments->options); !status.ok()) {
      std::cerr << "bench: " << benchmark.name << ": " << status.message() << "\n";
      return 1;
    }
  }
  return 0;
}

}  // namespace
}  // namespace seinpost::bench

int main(int argc, char** argv) {
  seinpost::crypto::StartProcess();
  return seinpost::bench::Main({argv + 1, argv + argc});
}
