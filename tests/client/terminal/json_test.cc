// SPDX-License-Identifier: EUPL-1.2
#include "client/terminal/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/testing/json.h"

namespace seinpost::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Json, IsBuiltFromWhatItHolds) {
  const std::vector<std::string> texts = {"b", "a"};
  const std::set<int> numbers = {2, 1};
  const std::map<std::string, bool> flags = {{"y", true}, {"x", false}};
  Json json{{"null", nullptr},
            {"flag", true},
            {"most", std::numeric_limits<uint64_t>::max()},
            {"least", std::numeric_limits<int64_t>::min()},
            {"half", 0.5},
            {"text", "é\"\n"},
            {"texts", texts},
            {"numbers", numbers},
            {"flags", flags},
            {"none", Json::array()},
            {"empty", Json::object()}};
  json["more"].push_back(1);
  EXPECT_EQ(json.Dump(),
            "{\"null\":null,\"flag\":true,\"most\":18446744073709551615,\"least\":-9223372036854775808,"
            "\"half\":0.5,\"text\":\"é\\\"\\n\",\"texts\":[\"b\",\"a\"],\"numbers\":[1,2],"
            "\"flags\":{\"x\":false,\"y\":true},\"none\":[],\"empty\":{},\"more\":[1]}");
  EXPECT_EQ(Json::Parse(json.Dump()).value(), json);
  EXPECT_EQ(json.Find("flag")->flag(), true);
  EXPECT_EQ(json.Find("none")->size(), 0u);
  EXPECT_EQ(json.Find("nowhere"), nullptr);
  json.update(Json{{"flag", false}, {"last", 1u}});
  EXPECT_FALSE(json.Find("flag")->flag());
  EXPECT_EQ(json.members().back().name, "last");
}

TEST(Json, RefusesWhatIsNoValue) {
  for (const char* text :
       {"", "{", "[1,]", "{\"a\":1,}", "nul", "1 2", "\"\\x\"", "\"\xFF\"", "{\"a\" 1}", "NaN"}) {
    EXPECT_EQ(Json::Parse(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
  EXPECT_TRUE(absl::IsAlreadyExists(Json::Parse(R"({"a":1,"a":1})").status()));
  EXPECT_TRUE(absl::IsAlreadyExists(Json::Parse(R"([{"b":{"a":1,"c":2,"a":3}}])").status()));
  EXPECT_TRUE(Json::Parse(R"({"a":{"a":1}})").ok());
}

TEST(Json, IsNestedOnlySoDeep) {
  const auto nested = [](size_t depth) {
    return Json::Parse(absl::StrCat(std::string(depth, '['), std::string(depth, ']'))).status();
  };
  EXPECT_TRUE(nested(64).ok());
  EXPECT_EQ(nested(65).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(nested(1'000'000).code(), absl::StatusCode::kInvalidArgument);
}

// Values by seed, as our type and as the library's: what both print is the same.
class Twins {
 public:
  explicit Twins(uint32_t seed) : random_(seed) {}
  std::pair<Json, ParsedJson> Make(int depth) {
    switch (random_() % (depth > 0 ? 8 : 6)) {
      case 0:
        return {nullptr, nullptr};
      case 1:
        return Both(random_() % 2 == 0);
      case 2:
        return Both(static_cast<int64_t>(random_()) - (1LL << 31));
      case 3:
        return Both(static_cast<uint64_t>(random_()) << (random_() % 32));
      case 4:
        return Both(static_cast<double>(random_()) / 977.0);
      case 5:
        return Both(Text());
      case 6: {
        std::pair<Json, ParsedJson> list(Json::array(), ParsedJson::array());
        for (uint32_t i = random_() % 5; i > 0; --i) {
          const auto [ours, theirs] = Make(depth - 1);
          list.first.push_back(ours);
          list.second.push_back(theirs);
        }
        return list;
      }
      default: {
        std::pair<Json, ParsedJson> object(Json::object(), ParsedJson::object());
        for (uint32_t i = random_() % 5; i > 0; --i) {
          const auto [ours, theirs] = Make(depth - 1);
          const std::string name = absl::StrCat("n", i, "\"");
          object.first[name] = ours;
          object.second[name] = theirs;
        }
        return object;
      }
    }
  }

 private:
  template <typename T>
  static std::pair<Json, ParsedJson> Both(const T& value) {
    return {Json(value), ParsedJson(value)};
  }
  // Bytes of all kinds, many of them not UTF-8.
  std::string Text() {
    std::string text;
    for (uint32_t i = random_() % 8; i > 0; --i) text += static_cast<char>(random_() % 256);
    return random_() % 2 == 0 ? "plain text" : text;
  }
  std::mt19937 random_;
};

TEST(Json, PrintsWhatTheLibraryPrints) {
  for (uint32_t seed = 0; seed < 2000; ++seed) {
    const auto [ours, theirs] = Twins(seed).Make(4);
    for (const int indent : {-1, 1, 2}) {
      EXPECT_EQ(ours.Dump(indent), theirs.dump(indent, ' ', false, ParsedJson::error_handler_t::replace))
          << seed;
    }
    EXPECT_EQ(Json::Parse(ours.Dump()).value().Dump(), ours.Dump()) << seed;
  }
}

TEST(JsonFields, TakeAnObjectApart) {
  const Json json{{"text", "t"},
                  {"number", 7u},
                  {"flag", true},
                  {"hex", "0aff"},
                  {"none", nullptr},
                  {"base64", "AQI="},
                  {"ids", std::vector<std::string>{"01", "02"}},
                  {"object", Json{{"a", 1}}}};
  JsonFields fields(json, "file");
  EXPECT_EQ(fields.Text("text"), "t");
  EXPECT_EQ(fields.TextOrNull("none"), "");
  EXPECT_EQ(fields.Number("number"), 7u);
  EXPECT_EQ(fields.Time("number"), absl::FromUnixSeconds(7));
  EXPECT_TRUE(fields.Flag("flag"));
  EXPECT_EQ(fields.Hex("hex", 2), "\x0A\xFF");
  EXPECT_EQ(fields.Base64("base64"), "\x01\x02");
  EXPECT_THAT(fields.Texts("ids"), ElementsAre("01", "02"));
  EXPECT_THAT(fields.HexSet("ids", 1), ElementsAre("\x01", "\x02"));
  EXPECT_EQ(fields.Object("object").size(), 1u);
  EXPECT_TRUE(fields.Has("none"));
  EXPECT_TRUE(fields.IsNull("none"));
  EXPECT_TRUE(fields.ok()) << fields.status();
}

TEST(JsonFields, NameTheFirstThatIsMissingOrWrong) {
  const Json json{
      {"text", 1}, {"negative", -1}, {"hex", "0g"}, {"ids", std::vector<std::string>{"01", "01"}}};
  const struct {
    const char* name;
    void (*take)(JsonFields&);
  } kCases[] = {{"text", [](JsonFields& f) { f.Text("text"); }},
                {"gone", [](JsonFields& f) { f.Text("gone"); }},
                {"negative", [](JsonFields& f) { f.Number("negative"); }},
                {"text", [](JsonFields& f) { f.Flag("text"); }},
                {"hex", [](JsonFields& f) { f.Hex("hex", 1); }},
                {"hex", [](JsonFields& f) { f.Hash("hex"); }},
                {"hex",
                 [](JsonFields& f) {
                   f.Base64("hex");
                   f.List("hex");
                 }},
                {"ids", [](JsonFields& f) { f.HexSet("ids", 1); }},
                {"text", [](JsonFields& f) { f.List("text"); }},
                {"text", [](JsonFields& f) { f.Object("text"); }}};
  for (const auto& test : kCases) {
    JsonFields fields(json, "file");
    test.take(fields);
    fields.Fail("later");
    EXPECT_EQ(fields.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(fields.status().message()),
                HasSubstr(absl::StrCat("file: field \"", test.name, "\"")))
        << test.name;
  }
  // What is no object has no fields.
  const Json list = Json::array();
  JsonFields fields(list, "file");
  EXPECT_THAT(fields.List("any"), IsEmpty());
  EXPECT_FALSE(fields.ok());
}

}  // namespace
}  // namespace seinpost::client
