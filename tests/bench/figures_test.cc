// SPDX-License-Identifier: EUPL-1.2
// Every benchmark runs, for one short round, and prints each figure that it declares. How large they are is
// no matter here: the machine is busy with other tests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "tests/integration/programs.h"

namespace seinpost::test {
namespace {

using testing::ElementsAreArray;
using testing::SizeIs;

std::vector<Json> LinesOf(const Ran& ran) {
  std::vector<Json> lines;
  for (const absl::string_view line : absl::StrSplit(ran.out, '\n', absl::SkipEmpty())) {
    lines.push_back(Json::parse(line, nullptr, false));
    EXPECT_TRUE(lines.back().is_object()) << line;
  }
  return lines;
}

// JSON has no way to write what is not finite, and the library writes null.
bool IsMeasured(const Json& figure, const std::string& field) {
  const auto value = figure.find(field);
  return value != figure.end() && value->is_number() && std::isfinite(value->get<double>()) &&
         value->get<double>() > 0;
}

TEST(Figures, EveryBenchmarkPrintsWhatItDeclares) {
  const Ran list = Execute({Program("seinpost_bench"), "--list", "--json"});
  ASSERT_EQ(list.code, 0) << list.err;
  const std::vector<Json> benchmarks = LinesOf(list);
  EXPECT_FALSE(benchmarks.empty());
  for (const Json& benchmark : benchmarks) {
    const std::string name = benchmark.at("name");
    SCOPED_TRACE(name);
    EXPECT_FALSE(benchmark.at("figures").empty());
    const Ran ran = Execute({Program("seinpost_bench"), name, "--short", "--json"});
    EXPECT_EQ(ran.code, 0) << ran.err;
    std::vector<std::string> printed;
    for (const Json& figure : LinesOf(ran)) {
      printed.push_back(figure.at("name").get<std::string>());
      for (const char* field : {"ratio", "left", "right"}) {
        EXPECT_TRUE(IsMeasured(figure, field)) << field << " in " << figure;
      }
      for (const char* field : {"floor", "goal", "unit"}) EXPECT_TRUE(figure.contains(field)) << figure;
    }
    EXPECT_THAT(printed, ElementsAreArray(benchmark.at("figures").get<std::vector<std::string>>()));
  }
}

TEST(Figures, AnUnknownNameAndAStrangersJobAreRefused) {
  EXPECT_EQ(Execute({Program("seinpost_bench"), "no-such-benchmark"}).code, 2);
  EXPECT_EQ(Execute({Program("seinpost_bench"), "--load", "nothing"}).code, 2);
}

class GoogleBench : public testing::TestWithParam<std::string> {};

TEST_P(GoogleBench, MeasuresWhatItLists) {
  const std::string program = Program(GetParam());
  const Ran list = Execute({program, "--benchmark_list_tests"});
  const std::vector<std::string> names = absl::StrSplit(list.out, '\n', absl::SkipEmpty());
  const Ran ran = Execute({program, "--benchmark_min_time=0.001", "--benchmark_format=json"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  ASSERT_TRUE(ran.json().is_object()) << ran.out;
  const Json benchmarks = ran.json().at("benchmarks");
  EXPECT_FALSE(names.empty());
  EXPECT_THAT(benchmarks, SizeIs(names.size()));
  for (const Json& benchmark : benchmarks) {
    EXPECT_FALSE(benchmark.value("error_occurred", false)) << benchmark;
    EXPECT_TRUE(IsMeasured(benchmark, "real_time")) << benchmark;
  }
}

INSTANTIATE_TEST_SUITE_P(Every, GoogleBench,
                         testing::ValuesIn(std::vector<std::string>(absl::StrSplit(GOOGLE_BENCHES, ','))),
                         [](const auto& bench) { return bench.param; });

}  // namespace
}  // namespace seinpost::test
