// SPDX-License-Identifier: EUPL-1.2
// Every shipped example becomes a working network: one signal that its questions allow is sent and read, one
// that they refuse is refused with the same codes. Which ones, NAME.expect.yaml says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>

#include "tests/integration/programs.h"

namespace seinpost::test {
namespace {

constexpr char kFolder[] = "policies/convenants";

// A question that a command line can ask.
struct Question {
  std::string name, from;
  std::vector<std::string> flags;
  std::vector<std::string> to;  // empty: the whole channel
  std::set<std::string> codes;  // none: allowed
};

std::string Joined(const YAML::Node& node) {
  if (node.IsScalar()) return node.as<std::string>();
  std::string text;
  for (const YAML::Node& item : node) text += (text.empty() ? "" : ",") + item.as<std::string>();
  return text;
}

// Nothing: it speaks of what a lab just made does not have, or of members of another convenant.
std::optional<Question> ToQuestion(const YAML::Node& node, const std::map<std::string, std::string>& files) {
  static const std::set<std::string> kPlain = {
      "name",  "ask",      "expect",  "codes",    "instead", "from",        "to",      "channel",
      "level", "category", "purpose", "informed", "justify", "identity_to", "care_to", "source_to"};
  if (node["ask"].as<std::string>() != "send") return std::nullopt;
  Question question;
  question.name = node["name"].as<std::string>();
  for (const auto& entry : node) {
    if (kPlain.count(entry.first.as<std::string>()) == 0) return std::nullopt;
  }
  question.from = node["from"].as<std::string>();
  for (const char* key : {"channel", "level", "category", "purpose", "to", "informed"}) {
    if (node[key]) question.flags.insert(question.flags.end(), {"--" + std::string(key), Joined(node[key])});
  }
  for (const char* part : {"identity", "care", "source"}) {
    const YAML::Node to = node[std::string(part) + "_to"];
    if (!to) continue;
    const std::string flag = "--" + std::string(part);
    question.flags.insert(question.flags.end(), {flag, files.at(part), flag + "-to", Joined(to)});
  }
  if (const YAML::Node justify = node["justify"]) {
    const std::string text = "om te kunnen ingrijpen";
    if (justify.IsScalar()) question.flags.insert(question.flags.end(), {"--justify", text});
    for (const YAML::Node& member : justify) {
      question.flags.insert(question.flags.end(), {"--justify", member.as<std::string>() + "=" + text});
    }
  }
  if (std::any_of(question.flags.begin(), question.flags.end(), [](const std::string& flag) {
        return flag.find('/') != std::string::npos && flag.find('@') != std::string::npos;
      })) {
    return std::nullopt;
  }
  if (node["to"].IsSequence()) question.to = node["to"].as<std::vector<std::string>>();
  for (const YAML::Node& code : node["codes"]) question.codes.insert(code.as<std::string>());
  return question;
}

class Municipality : public testing::TestWithParam<std::string> {};

TEST_P(Municipality, BecomesANetwork) {
  const Lab lab(std::string(kFolder) + "/" + GetParam() + ".yaml");
  const std::map<std::string, std::string> files = {
      {"identity",
       lab.Write("identity.json", R"({"first":["Noor"],"last":["Voorbeeld"],"birth_date":"2011-02-03"})")},
      {"care", lab.Write("care.txt", "thuis is het onrustig")},
      {"source", lab.Write("source.txt", "een klasgenoot vertelde het")}};
  const YAML::Node expect = YAML::LoadFile(std::string(kFolder) + "/" + GetParam() + ".expect.yaml");
  std::optional<Question> allowed, refused;
  for (const YAML::Node& node : expect["questions"]) {
    const std::optional<Question> question = ToQuestion(node, files);
    if (!question.has_value()) continue;
    std::optional<Question>& wanted = question->codes.empty() ? allowed : refused;
    if (question->codes.empty() && question->to.empty()) continue;  // one that somebody by name can read
    if (!wanted.has_value()) wanted = question;
  }
  ASSERT_TRUE(allowed.has_value());
  ASSERT_TRUE(refused.has_value());
  const auto send = [&](const Question& question, std::vector<std::string> command) {
    command.insert(command.end(), question.flags.begin(), question.flags.end());
    command.insert(command.end(), {"--text", "er is iets gevonden bij de fietsenstalling"});
    return lab.As(question.from, command);
  };

  const Ran sent = send(*allowed, {"signal", "send"});
  ASSERT_EQ(sent.code, 0) << allowed->name << sent.out << sent.err;
  const Ran opened = lab.As(allowed->to[0], {"signal", "open", sent.json()["signal_id"]});
  ASSERT_EQ(opened.code, 0) << allowed->name << opened.out << opened.err;
  EXPECT_EQ(opened.json()["parts"][0]["text"], "er is iets gevonden bij de fietsenstalling");

  const Ran denied = send(*refused, {"signal", "send"});
  EXPECT_EQ(denied.code, 3) << refused->name << denied.out << denied.err;
  std::set<std::string> codes;
  const Json answer = denied.json();
  for (const Json& reason : answer["reasons"]) codes.insert(reason["code"].get<std::string>());
  EXPECT_EQ(codes, refused->codes) << refused->name;
  // A dry run says the same, to the letter.
  EXPECT_EQ(send(*refused, {"may-i"}).json(), answer);
}

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    const std::string file = entry.path().filename().string();
    const std::string ending = ".lab.yaml";
    if (file.size() > ending.size() && file.compare(file.size() - ending.size(), ending.size(), ending) == 0)
      names.push_back(file.substr(0, file.size() - ending.size()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

INSTANTIATE_TEST_SUITE_P(Shipped, Municipality, testing::ValuesIn(Names()), [](const auto& tested) {
  std::string name = tested.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace seinpost::test
