// SPDX-License-Identifier: EUPL-1.2
#include "policies/draft.h"

#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "policies/convenant.h"
#include "policies/yaml_tree.h"
#include "util/status_macros.h"

namespace seinpost::policies {
namespace {

constexpr size_t kKeyBytes = 32;

std::vector<std::string> SignatoriesOf(const Convenant& convenant) {
  std::vector<std::string> ids;
  for (const auto& [id, party] : convenant.parties()) {
    if (party.under.empty()) ids.push_back(id);
  }
  return ids;
}

absl::Status CheckKeys(const Convenant& convenant, const DraftKeys& keys) {
  if (convenant.trust().has_value())
    return absl::InvalidArgumentError("the convenant has a trust section already");
  const std::vector<std::string> signatories = SignatoriesOf(convenant);
  for (const std::string& id : signatories) {
    if (convenant.FindParty(id)->root.has_value()) {
      return absl::InvalidArgumentError(absl::StrCat("party \"", id, "\" has a root key already"));
    }
    const auto it = keys.party_roots.find(id);
    if (it == keys.party_roots.end())
      return absl::InvalidArgumentError(absl::StrCat("no root key for party \"", id, "\""));
    if (it->second.size() != kKeyBytes)
      return WrongSize(absl::StrCat("root key of ", id), kKeyBytes, it->second.size());
  }
  for (const auto& [id, key] : keys.party_roots) {
    const Party* party = convenant.FindParty(id);
    if (party == nullptr || !party->under.empty()) {
      return absl::InvalidArgumentError(absl::StrCat("\"", id, "\" does not sign this convenant for itself"));
    }
  }
  if (keys.broker_key.size() != kKeyBytes) return WrongSize("broker key", kKeyBytes, keys.broker_key.size());
  if (keys.log_key.size() != kKeyBytes) return WrongSize("log key", kKeyBytes, keys.log_key.size());
  return absl::OkStatus();
}

std::string TrustSection(const DraftKeys& keys) {
  std::string text = absl::StrCat(
      "\n# Sleutels van de dienst; ingevuld door `seinpost convenant draft`.\ntrust:\n  suite: 1\n",
      "  broker_key: ", ToHex(keys.broker_key), "\n  log_key: ", ToHex(keys.log_key), "\n");
  if (!keys.voprf_broker_key.empty()) {
    absl::StrAppend(&text, "  voprf_broker_key: ", ToHex(keys.voprf_broker_key),
                    "\n  voprf_steward_key: ", ToHex(keys.voprf_steward_key), "\n");
  }
  return text;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> SignatoryParties(absl::string_view yaml,
                                                          absl::string_view filename) {
  ASSIGN_OR_RETURN(const Convenant convenant, Convenant::Parse(yaml, filename));
  return SignatoriesOf(convenant);
}

absl::StatusOr<std::string> Instantiate(absl::string_view yaml, absl::string_view filename,
                                        const DraftKeys& keys) {
  ASSIGN_OR_RETURN(const Convenant example, Convenant::Parse(yaml, filename));
  RETURN_IF_ERROR(CheckKeys(example, keys));
  Problems problems(filename);
  const YamlNode root = ParseYaml(yaml, kMaxConvenantBytes, problems);

  std::map<int, std::string> inserts;  // 1-based line → text that goes before it
  for (const YamlNode::Entry& party : root.Find("parties")->value.entries) {
    const auto key = keys.party_roots.find(party.key);
    if (key == keys.party_roots.end()) continue;
    if (party.value.flow) {
      return absl::InvalidArgumentError(
          absl::StrCat(filename, ":", party.line, ":", party.column, ": party \"", party.key,
                       "\" is written in one line; give each of its keys a line of its own"));
    }
    const YamlNode::Entry& first = party.value.entries.front();
    absl::StrAppend(&inserts[first.line], std::string(static_cast<size_t>(first.column - 1), ' '),
                    "root: ", ToHex(key->second), "\n");
  }

  std::string text;
  int line = 0;
  for (absl::string_view content : absl::StrSplit(yaml, '\n')) {
    const auto insert = inserts.find(++line);
    if (insert != inserts.end()) text += insert->second;
    absl::StrAppend(&text, content, "\n");
  }
  if (!yaml.empty() && yaml.back() == '\n') text.pop_back();
  text += TrustSection(keys);

  ASSIGN_OR_RETURN(const Convenant result, Convenant::Parse(text, filename));
  if (!result.HasKeys()) return absl::InvalidArgumentError("a party that signs for itself got no root key");
  return text;
}

}  // namespace seinpost::policies
