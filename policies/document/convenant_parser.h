// SPDX-License-Identifier: EUPL-1.2
// ConvenantParser turns a strict YAML tree into a Convenant: first every section by itself
// (convenant_parser.cc), then what the sections say about each other (convenant_check.cc). The sections that
// a convenant can do without are read and checked in convenant_sections.cc. Internal to policies/.
#ifndef SEINPOST_POLICIES_DOCUMENT_CONVENANT_PARSER_H_
#define SEINPOST_POLICIES_DOCUMENT_CONVENANT_PARSER_H_

#include <algorithm>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "policies/document/convenant.h"
#include "policies/document/fields.h"
#include "policies/document/yaml_tree.h"

namespace seinpost::policies {

// Parses one file; not reusable.
class ConvenantParser {
 public:
  explicit ConvenantParser(absl::string_view filename) : problems_(filename) {}
  absl::StatusOr<Convenant> Parse(absl::string_view yaml);

 private:
  void ReadFile(Fields file);
  void ReadHead(Fields fields);
  void ReadScopes(const YamlNode& node, const Position& at);
  Party ReadParty(const std::string& id, Fields fields);
  Purpose ReadPurpose(const std::string& code, Fields fields);
  Category ReadCategory(const std::string& code, Fields fields);
  KindLevels ReadLevels(const std::string& kind, Fields fields);
  Channel ReadChannel(const std::string& name, Fields fields);
  void ReadChannelRetention(Channel& channel, Fields& fields);
  RetentionClass ReadRetention(const std::string& name, Fields fields);
  Trust ReadTrust(Fields fields);
  void ReadWitnesses(Trust& trust, Fields& fields);
  void ReadDetails(KindLevels& levels, Fields& fields);
  void ReadThresholds(Fields fields);
  Reveal ReadReveal(Fields fields);
  ApprovalGroup ReadApprovalGroup(const std::string& name, Fields fields);
  Matching ReadMatching(Fields fields);
  AlertChain ReadAlertChain(const std::string& name, Fields fields);
  AlertStep ReadAlertStep(Fields fields);
  Bridge ReadBridge(const std::string& name, Fields fields);

  // Reads a section whose keys are names: each entry by `read`.
  template <typename T>
  void ReadNamed(Fields& file, absl::string_view section, Need need, ByName<T>& into, Position& at,
                 T (ConvenantParser::*read)(const std::string&, Fields)) {
    const YamlNode::Entry* entry = file.Entry(section, need);
    if (entry == nullptr) return;
    at = file.At(section);
    if (entry->value.kind != YamlNode::Kind::kMap || entry->value.entries.empty()) {
      return file.Complain(entry->value,
                           absl::StrCat("\"", at.path, "\" must hold at least one name: value"));
    }
    for (const YamlNode::Entry& child : entry->value.entries) {
      const Position position{child.line, child.column, absl::StrCat(at.path, ".", child.key)};
      if (!IsName(child.key)) {
        Complain(position, absl::StrCat("\"", at.path,
                                        "\" must name its entries with lower-case letters, digits, - and _"));
        continue;
      }
      into.emplace(child.key, (this->*read)(child.key, Fields(child.value, position, problems_)));
    }
  }

  void CheckHead();
  void CheckParties();
  void CheckPartyChain(const Party& party);
  void CheckRoots();
  void CheckPurposes();
  void CheckLevels();
  void CheckChannels();
  void CheckChannel(const Channel& channel);
  void CheckChannelPeople(const Channel& channel);
  void CheckRetention(const Channel& channel);
  void CheckOversight();
  void CheckTrust();
  void CheckReveal();
  void CheckApprovalGroup(const ApprovalGroup& group);
  void CheckMatching();
  void CheckAlerts();
  void CheckAlertStep(const AlertChain& chain, const Channel& channel, const AlertStep& step);
  void CheckAlertIdentity(const AlertChain& chain, const Channel& channel);
  void CheckBridges();
  void CheckFunction(const std::string& kind, const std::string& function, const Position& at);
  void CheckReader(const std::string& kind, const std::string& function, const Position& at);
  void CheckNotMeant(absl::string_view word, const std::vector<std::string>& fixed, const Position& at);
  void CheckNotEmpty(const std::vector<std::string>& words, const Position& at);
  void CheckNoGuests(const std::vector<std::string>& parties, const Position& at);
  void CheckWitnesses(const Trust& trust);
  std::string SignatoryOf(const std::string& party) const;

  // Where `key` stands below the clause at `at`, and where `word` stands in it; `at` itself if it does not.
  Position Below(const Position& at, absl::string_view key) const;
  Position WordIn(const Position& at, absl::string_view word) const;
  const YamlNode* NodeAt(absl::string_view path) const;

  // Each adds a problem for every word that is not a key of `known`, at its place in the clause at `at`.
  template <typename T>
  void CheckKnown(const std::vector<std::string>& words, const ByName<T>& known, absl::string_view what,
                  const Position& at) {
    std::vector<std::string> names;
    for (const auto& entry : known) names.push_back(entry.first);
    CheckOneOf(words, names, what, at);
  }
  void CheckOneOf(const std::vector<std::string>& words, const std::vector<std::string>& known,
                  absl::string_view what, const Position& at);
  void Complain(const Position& at, absl::string_view sentence);

  Problems problems_;
  YamlNode root_;
  Convenant convenant_;
};

}  // namespace seinpost::policies

#endif  // SEINPOST_POLICIES_DOCUMENT_CONVENANT_PARSER_H_
