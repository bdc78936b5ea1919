// SPDX-License-Identifier: EUPL-1.2
// main() of every Google Benchmark program.
#include "benchmark/benchmark.h"
#include "crypto/process.h"

int main(int argc, char** argv) {
  seinpost::crypto::StartProcess();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
