// SPDX-License-Identifier: EUPL-1.2
#include "client/signal/identity_json.h"

#include "client/terminal/context.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace seinpost::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kFull[] = R"({"first": ["Jelle", "Jean-Luc"], "last": ["van der Meulen"], "nick": ["JJ"],
  "birth_date": "2009-03-04", "numbers": ["123.456.782"], "address": "Dorpsstraat 12", "handles": ["@jelle_09"]})";

TEST(IdentityFile, IsReadField) {
  const absl::StatusOr<v1::Identity> identity = ParseIdentity(kFull);
  ASSERT_TRUE(identity.ok()) << identity.status();
  EXPECT_THAT(identity->first(), ElementsAre("Jelle", "Jean-Luc"));
  EXPECT_THAT(identity->last(), ElementsAre("van der Meulen"));
  EXPECT_EQ(identity->birth_date(), "2009-03-04");
  EXPECT_EQ(IdentityToJson(*identity), Json::Parse(kFull).value());
  // What is null or missing says nothing.
  EXPECT_EQ(IdentityToJson(*ParseIdentity(R"({"first":["A"],"birth_date":null,"address":null,"nick":[]})")),
            Json::Parse(R"({"first":["A"]})").value());
}

TEST(IdentityFile, WithAnythingElseIsRefusedWithoutQuotingIt) {
  const struct {
    const char* file;
    const char* says;
  } kCases[] = {
      {"", "not a JSON object"},
      {"[]", "not a JSON object"},
      {"{\"first\":[\"Jelle\"]", "not a JSON object"},
      {"{\"first\":[\"Jelle\"]} x", "not a JSON object"},
      {"{}", "says nothing"},
      {"{\"first\":[]}", "says nothing"},
      {"{\"first\":[\"Jelle\"],\"bsn\":[\"1\"]}", "unknown field"},
      {"{\"first\":[\"Jelle\"],\"first\":[\"Jelle\"]}", "twice"},
      {"{\"first\":\"Jelle\"}", "first: not a list"},
      {"{\"first\":[1]}", "first: not a text"},
      {"{\"first\":[\"\"]}", "first: an empty text"},
      {"{\"first\":[[\"Jelle\"]]}", "first: not a text"},
      {"{\"nick\":[\"Jelle\\u001b[2J\"]}", "nick: control characters"},
      {"{\"birth_date\":\"4-3-2009\"}", "birth_date: not a date"},
      {"{\"birth_date\":\"2009-02-30\"}", "birth_date: not a date"},
      {"{\"birth_date\":20090304}", "birth_date: not a text"},
      {"{\"address\":[\"Jelle\"]}", "address: not a text"},
  };
  for (const auto& test : kCases) {
    const absl::Status status = ParseIdentity(test.file).status();
    EXPECT_EQ(ExitCodeOf(status), kUsage) << test.file;
    EXPECT_THAT(std::string(status.message()), HasSubstr(test.says)) << test.file;
    EXPECT_THAT(std::string(status.message()), testing::Not(HasSubstr("Jelle")));
  }
}

TEST(IdentityFile, FitsItsPart) {
  const auto with_address = [](size_t size) {
    return ParseIdentity(Json{{"first", std::vector<std::string>{std::string(199, 'a')}},
                              {"last", std::vector<std::string>{std::string(199, 'b')}},
                              {"address", std::string(size, 'c')}}
                             .Dump())
        .status();
  };
  EXPECT_TRUE(with_address(70).ok());
  EXPECT_EQ(with_address(100).code(), absl::StatusCode::kResourceExhausted);
}

TEST(R06, FindsWhatStandsInTheIdentityFile) {
  const v1::Identity identity = *ParseIdentity(kFull);
  const struct {
    const char* text;
    std::vector<std::string> hits;
  } kCases[] = {
      {"Een leerling had een mes bij zich.", {}},
      {"Jelle had een mes bij zich.", {"first"}},
      {"JELLE had een mes", {"first"}},
      {"de tas van jélle.", {"first"}},
      {"Jelles moeder belde", {"first"}},
      {"Jelle's moeder belde", {"first"}},
      {"jean luc was erbij", {"first"}},
      {"een geel jellebad", {}},
      {"dhr. Van der\nMeulen", {"last"}},
      {"de heer Meulen", {}},  // a part of a name is for the leak guard
      {"alias jj", {"nick"}},
      {"geboren 2009-03-04", {"birth_date"}},
      {"geboren 4-3-2009", {"birth_date"}},
      {"geboren 04/03/2009", {"birth_date"}},
      {"geboren 4 maart", {}},
      {"bsn 123456782", {"numbers"}},
      {"bsn 123 456 782!", {"numbers"}},
      {"bsn 123456", {}},
      {"woont dorpsstraat 12", {"address"}},
      {"woont dorpsstraat 120", {}},
      {"snap: jelle_09", {"first", "handles"}},
      {"Jelle van der Meulen (JJ), 4.3.2009", {"first", "last", "nick", "birth_date"}},
  };
  for (const auto& test : kCases) EXPECT_EQ(IdentifierHits(identity, test.text), test.hits) << test.text;
}

TEST(R06, DoesNotFindASingleLetterEverywhere) {
  v1::Identity identity;
  identity.add_first("J");
  EXPECT_THAT(IdentifierHits(identity, "a j b"), IsEmpty());
}

}  // namespace
}  // namespace seinpost::client
