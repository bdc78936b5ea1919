// SPDX-License-Identifier: EUPL-1.2
#include "policies/questions/lab_file.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "policies/document/fields.h"
#include "policies/document/yaml_tree.h"

namespace seinpost::policies {
namespace {

constexpr size_t kMaxLabBytes = 256 * 1024;

class LabParser {
 public:
  LabParser(absl::string_view filename, const Convenant& convenant)
      : problems_(filename), convenant_(convenant) {}

  absl::StatusOr<LabFile> Parse(absl::string_view yaml) {
    const YamlNode root = ParseYaml(yaml, kMaxLabBytes, problems_);
    if (problems_.empty()) ReadFile(Fields(root, {1, 1, ""}, problems_));
    if (!problems_.empty()) return absl::InvalidArgumentError(problems_.Join());
    return std::move(lab_);
  }

 private:
  void ReadFile(Fields file) {
    const std::string lab = file.Word("lab", Need::kRequired);
    if (!lab.empty() && lab != convenant_.id()) {
      file.Complain(file.At("lab"), absl::StrCat("this lab belongs to the convenant \"", lab, "\", not \"",
                                                 convenant_.id(), "\""));
    }
    const YamlNode::Entry* members = file.Entry("members", Need::kRequired);
    if (members != nullptr &&
        (members->value.kind != YamlNode::Kind::kList || members->value.items.empty())) {
      file.Complain(members->value, "\"members\" must be a list, each member starting with a dash");
    } else if (members != nullptr) {
      for (size_t i = 0; i < members->value.items.size(); ++i) {
        const YamlNode& item = members->value.items[i];
        ReadMember(Fields(item, {item.line, item.column, absl::StrCat("members[", i, "]")}, problems_));
      }
    }
    file.Finish();
  }

  void ReadMember(Fields fields) {
    LabMember member;
    member.at = fields.at();
    member.party = fields.Word("party", Need::kRequired);
    member.handle = fields.Word("handle", Need::kRequired);
    if (member.handle.find('_') != std::string::npos) {
      fields.Complain(fields.At("handle"), "a handle has lower-case letters, digits and - only");
    }
    const Party* party = convenant_.FindParty(member.party);
    if (party == nullptr && !member.party.empty()) {
      std::vector<std::string> ids;
      for (const auto& entry : convenant_.parties()) ids.push_back(entry.first);
      fields.Complain(fields.At("party"),
                      absl::StrCat("unknown party \"", member.party, "\"", DidYouMean(member.party, ids),
                                   "; there are: ", ListOf(ids)));
    }
    if (!seen_.insert(member.profile()).second) {
      fields.Complain(fields.at(), absl::StrCat("\"", member.profile(), "\" stands here twice"));
    }
    const YamlNode::Entry* mandates = fields.Entry("mandates", Need::kRequired);
    if (mandates != nullptr && mandates->value.kind != YamlNode::Kind::kList) {
      fields.Complain(mandates->value, "\"mandates\" must be a list, each mandate starting with a dash");
    } else if (mandates != nullptr) {
      for (const YamlNode& item : mandates->value.items) {
        ReadMandate(member, party,
                    Fields(item, {item.line, item.column, fields.at().path + ".mandates"}, problems_));
      }
    }
    fields.Finish();
    lab_.members.push_back(std::move(member));
  }

  void ReadMandate(LabMember& member, const Party* party, Fields fields) {
    LabMandate mandate;
    mandate.function = fields.Word("function", Need::kRequired);
    CheckFunction(mandate.function, party, fields);
    const YamlNode::Entry* scopes = fields.Entry("scopes", Need::kRequired);
    if (scopes != nullptr && scopes->value.kind == YamlNode::Kind::kScalar && scopes->value.scalar == "all") {
      mandate.scopes = {"*"};
    } else if (scopes != nullptr) {
      mandate.scopes = fields.Words("scopes", Need::kRequired);
      CheckScopes(mandate.scopes, fields);
    }
    mandate.max_level = fields.Choice("level", Need::kRequired, &ParseLevel).value_or(Level::kL0);
    mandate.from = fields.Date("from", Need::kOptional);
    mandate.until = fields.Date("until", Need::kOptional);
    if (mandate.until.has_value()) *mandate.until += absl::Hours(24);  // The file names the last day.
    fields.Finish();
    member.mandates.push_back(std::move(mandate));
  }

  void CheckFunction(const std::string& function, const Party* party, Fields& fields) {
    if (party == nullptr || function.empty() || function == kPrivacyOfficer) return;
    const KindLevels& levels = *convenant_.FindLevels(party->kind);
    if (levels.functions.find(function) != levels.functions.end()) return;
    std::vector<std::string> known = {std::string(kPrivacyOfficer)};
    for (const auto& entry : levels.functions) known.push_back(entry.first);
    fields.Complain(fields.At("function"),
                    absl::StrCat("the kind \"", party->kind, "\" has no function \"", function, "\"",
                                 DidYouMean(function, known), "; there are: ", ListOf(known)));
  }

  void CheckScopes(const std::vector<std::string>& scopes, Fields& fields) {
    for (const std::string& scope : scopes) {
      if (convenant_.scopes().find(scope) != convenant_.scopes().end()) continue;
      std::vector<std::string> known;
      for (const auto& entry : convenant_.scopes()) known.push_back(entry.first);
      fields.Complain(fields.At("scopes"),
                      absl::StrCat("unknown scope \"", scope, "\"", DidYouMean(scope, known),
                                   "; there are: ", ListOf(known)));
    }
  }

  Problems problems_;
  const Convenant& convenant_;
  LabFile lab_;
  std::set<std::string> seen_;
};

}  // namespace

absl::StatusOr<LabFile> ParseLabFile(absl::string_view yaml, absl::string_view filename,
                                     const Convenant& convenant) {
  return LabParser(filename, convenant).Parse(yaml);
}

}  // namespace seinpost::policies
