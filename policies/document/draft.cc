// SPDX-License-Identifier: EUPL-1.2
#include "policies/document/draft.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "policies/document/convenant.h"
#include "policies/document/yaml_tree.h"
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

// Every key of `roots` has the right size and is of a party that signs for itself.
absl::Status CheckSignatories(const Convenant& convenant, const std::map<std::string, Bytes>& roots) {
  for (const auto& [id, key] : roots) {
    const Party* party = convenant.FindParty(id);
    if (party == nullptr || !party->under.empty()) {
      return absl::InvalidArgumentError(absl::StrCat("\"", id, "\" does not sign this convenant for itself"));
    }
    if (key.size() != kKeyBytes) return WrongSize(absl::StrCat("root key of ", id), kKeyBytes, key.size());
  }
  return absl::OkStatus();
}

absl::Status CheckKeys(const Convenant& convenant, const DraftKeys& keys) {
  if (convenant.trust().has_value())
    return absl::InvalidArgumentError("the convenant has a trust section already");
  for (const std::string& id : SignatoriesOf(convenant)) {
    if (convenant.FindParty(id)->root.has_value()) {
      return absl::InvalidArgumentError(absl::StrCat("party \"", id, "\" has a root key already"));
    }
    if (keys.party_roots.find(id) == keys.party_roots.end())
      return absl::InvalidArgumentError(absl::StrCat("no root key for party \"", id, "\""));
  }
  RETURN_IF_ERROR(CheckSignatories(convenant, keys.party_roots));
  if (keys.broker_key.size() != kKeyBytes) return WrongSize("broker key", kKeyBytes, keys.broker_key.size());
  if (keys.log_key.size() != kKeyBytes) return WrongSize("log key", kKeyBytes, keys.log_key.size());
  return absl::OkStatus();
}

uint32_t MajorityOf(size_t signatories) { return static_cast<uint32_t>(signatories / 2 + 1); }

Trust TrustOf(const DraftKeys& keys) {
  Trust trust;
  trust.broker_key = keys.broker_key;
  trust.log_key = keys.log_key;
  if (!keys.voprf_broker_key.empty()) {
    trust.voprf_broker_key = keys.voprf_broker_key;
    trust.voprf_steward_key = keys.voprf_steward_key;
  }
  trust.change_quorum = keys.change_quorum != 0 ? keys.change_quorum : MajorityOf(keys.party_roots.size());
  return trust;
}

// As the file writes a time to wait: it knows minutes and hours.
std::string WaitText(absl::Duration wait) {
  const int64_t minutes = absl::ToInt64Minutes(wait);
  return minutes % 60 == 0 ? absl::StrCat(minutes / 60, " hours") : absl::StrCat(minutes, " minutes");
}

std::string TrustSection(const Trust& trust) {
  std::string text = absl::StrCat(
      "\n# Sleutels van de dienst; ingevuld door `seinpost convenant draft`.\ntrust:\n  suite: ", trust.suite,
      "\n  broker_key: ", ToHex(trust.broker_key), "\n  log_key: ", ToHex(trust.log_key), "\n");
  if (trust.voprf_broker_key.has_value() && trust.voprf_steward_key.has_value()) {
    absl::StrAppend(&text, "  voprf_broker_key: ", ToHex(*trust.voprf_broker_key),
                    "\n  voprf_steward_key: ", ToHex(*trust.voprf_steward_key), "\n");
  }
  if (!trust.witnesses.empty()) absl::StrAppend(&text, "  witnesses:\n");
  for (const Witness& witness : trust.witnesses) {
    absl::StrAppend(&text, "    ", witness.name, ": ", ToHex(witness.key), "\n");
  }
  if (trust.witness_quorum != 0) absl::StrAppend(&text, "  witness_quorum: ", trust.witness_quorum, "\n");
  if (trust.change_quorum != 0) absl::StrAppend(&text, "  change_quorum: ", trust.change_quorum, "\n");
  // What is not written is read as the default, which may be longer.
  const Trust usual;
  if (trust.witness_alarm_after != usual.witness_alarm_after) {
    absl::StrAppend(&text, "  witness_alarm_after: ", WaitText(trust.witness_alarm_after), "\n");
  }
  if (trust.witness_stop_after != usual.witness_stop_after) {
    absl::StrAppend(&text, "  witness_stop_after: ", WaitText(trust.witness_stop_after), "\n");
  }
  return text;
}

bool SameWitnesses(const Trust& a, const Trust& b) {
  return a.witness_quorum == b.witness_quorum &&
         std::equal(a.witnesses.begin(), a.witnesses.end(), b.witnesses.begin(), b.witnesses.end(),
                    [](const Witness& x, const Witness& y) { return x.name == y.name && x.key == y.key; });
}

absl::Status At(absl::string_view filename, int line, int column, absl::string_view sentence) {
  return absl::InvalidArgumentError(absl::StrCat(filename, ":", line, ":", column, ": ", sentence));
}

// TextEdits changes single values of a YAML text and adds whole lines; everything else stays byte for byte.
// Lines are those of the text as it was. At most one value per line may be set.
class TextEdits {
 public:
  explicit TextEdits(absl::string_view yaml) : lines_(absl::StrSplit(yaml, '\n')) {}

  void InsertBefore(int line, std::string text) { inserts_.emplace(line, std::move(text)); }
  // Adds `key: value` as the first line of a map. kInvalidArgument: the map is written as {…}.
  absl::Status InsertInto(absl::string_view filename, const YamlNode::Entry& map, absl::string_view what,
                          absl::string_view line) {
    if (map.value.flow) {
      return At(filename, map.line, map.column,
                absl::StrCat(what, " is written in one line; give each of its keys a line of its own"));
    }
    const YamlNode::Entry& first = map.value.entries.front();
    InsertBefore(first.line, absl::StrCat(std::string(static_cast<size_t>(first.column - 1), ' '), line));
    return absl::OkStatus();
  }
  // kInvalidArgument: the value does not stand there plainly.
  absl::Status Set(absl::string_view filename, const YamlNode& value, absl::string_view text) {
    std::string& line = lines_[static_cast<size_t>(value.line - 1)];
    const auto start = static_cast<size_t>(value.column - 1);
    if (value.scalar.empty() || start > line.size() ||
        line.compare(start, value.scalar.size(), value.scalar) != 0) {
      return At(filename, value.line, value.column, "write this value plainly, without quotes");
    }
    line.replace(start, value.scalar.size(), std::string(text));
    return absl::OkStatus();
  }
  std::string Text() const {
    std::vector<absl::string_view> out;
    for (size_t i = 0; i <= lines_.size(); ++i) {
      const auto [first, last] = inserts_.equal_range(static_cast<int>(i) + 1);
      for (auto it = first; it != last; ++it) out.push_back(it->second);
      if (i < lines_.size()) out.push_back(lines_[i]);
    }
    return absl::StrJoin(out, "\n");
  }

 private:
  std::vector<std::string> lines_;
  std::multimap<int, std::string> inserts_;  // 1-based line → whole line that goes before it
};

absl::StatusOr<YamlNode> TreeOf(absl::string_view yaml, absl::string_view filename) {
  Problems problems(filename);
  YamlNode root = ParseYaml(yaml, kMaxConvenantBytes, problems);
  if (!problems.empty()) return absl::InvalidArgumentError(problems.Join());
  return root;
}

std::string PartyNamed(absl::string_view id) { return absl::StrCat("party \"", id, "\""); }
std::string RootLine(const Bytes& key) { return absl::StrCat("root: ", ToHex(key)); }

// `text` if it is what the parties can sign.
absl::StatusOr<std::string> Finished(std::string text, absl::string_view filename) {
  ASSIGN_OR_RETURN(const Convenant convenant, Convenant::Parse(text, filename));
  if (!convenant.HasKeys()) {
    return absl::InvalidArgumentError("a party that signs for itself got no root key");
  }
  return text;
}

// Sets `version` and `previous`, whatever they say.
absl::Status SetHead(absl::string_view filename, const YamlNode& root, uint32_t version,
                     const Bytes& previous, TextEdits& edits) {
  const YamlNode::Entry* head = root.Find("convenant");
  const YamlNode::Entry* stated = head == nullptr ? nullptr : head->value.Find("version");
  if (stated == nullptr) return At(filename, 1, 1, "\"convenant.version\" is missing");
  const YamlNode::Entry* link = head->value.Find("previous");
  const std::string hash = ToHex(previous);
  if (link == nullptr) {
    RETURN_IF_ERROR(edits.InsertInto(filename, *head, "\"convenant\"", absl::StrCat("previous: ", hash)));
  } else if (link->value.line == stated->value.line) {
    return At(filename, stated->line, stated->column, "give \"version\" and \"previous\" a line each");
  } else {
    RETURN_IF_ERROR(edits.Set(filename, link->value, hash));
  }
  return edits.Set(filename, stated->value, absl::StrCat(version));
}

// Parses the text that was given, with its own lines in the messages. It may state any version, also one that
// lacks its `previous`: then it is read as a first version.
absl::StatusOr<Convenant> ParseEdited(absl::string_view yaml, absl::string_view filename,
                                      const YamlNode& root) {
  TextEdits edits(yaml);
  const YamlNode& head = root.Find("convenant")->value;
  RETURN_IF_ERROR(
      edits.Set(filename, head.Find("version")->value, head.Find("previous") == nullptr ? "1" : "2"));
  return Convenant::Parse(edits.Text(), filename);
}

// Gives every party that signs for itself its key: the one in `roots`, or the one that `previous` states.
absl::Status SetRoots(absl::string_view filename, const YamlNode& root, const Convenant& edited,
                      const Convenant& previous, const std::map<std::string, Bytes>& roots,
                      TextEdits& edits) {
  RETURN_IF_ERROR(CheckSignatories(edited, roots));
  for (const YamlNode::Entry& entry : root.Find("parties")->value.entries) {
    const Party& party = *edited.FindParty(entry.key);
    if (!party.under.empty()) continue;
    const Party* before = previous.FindParty(party.id);
    const Bytes* old_key = before != nullptr && before->root.has_value() ? &*before->root : nullptr;
    const auto given = roots.find(party.id);
    const Bytes* key = given != roots.end() ? &given->second : old_key;
    if (key == nullptr) {
      return At(filename, entry.line, entry.column,
                absl::StrCat("no root key for the new ", PartyNamed(party.id)));
    }
    if (!party.root.has_value()) {
      RETURN_IF_ERROR(edits.InsertInto(filename, entry, PartyNamed(party.id), RootLine(*key)));
    } else if (old_key != nullptr && *party.root == *old_key) {
      RETURN_IF_ERROR(edits.Set(filename, entry.value.Find("root")->value, ToHex(*key)));
    } else if (*party.root != *key) {
      return At(filename, entry.line, entry.column,
                absl::StrCat(PartyNamed(party.id), " states a root key that is neither that of version ",
                             previous.version(), " nor a given one"));
    }
  }
  return absl::OkStatus();
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
  ASSIGN_OR_RETURN(const YamlNode root, TreeOf(yaml, filename));
  TextEdits edits(yaml);
  for (const YamlNode::Entry& party : root.Find("parties")->value.entries) {
    const auto key = keys.party_roots.find(party.key);
    if (key == keys.party_roots.end()) continue;
    RETURN_IF_ERROR(edits.InsertInto(filename, party, PartyNamed(party.key), RootLine(key->second)));
  }
  return Finished(edits.Text() + TrustSection(TrustOf(keys)), filename);
}

absl::StatusOr<std::string> InstantiateSuccessor(absl::string_view yaml, absl::string_view filename,
                                                 const Convenant& previous, const SuccessorKeys& keys) {
  if (keys.previous_hash.size() != kKeyBytes) {
    return WrongSize("hash of the previous version", kKeyBytes, keys.previous_hash.size());
  }
  ASSIGN_OR_RETURN(const YamlNode root, TreeOf(yaml, filename));
  TextEdits edits(yaml);
  RETURN_IF_ERROR(SetHead(filename, root, previous.version() + 1, keys.previous_hash, edits));
  ASSIGN_OR_RETURN(const Convenant edited, ParseEdited(yaml, filename, root));
  if (edited.id() != previous.id()) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", edited.id(), "\" is another convenant than \"", previous.id(), "\""));
  }
  RETURN_IF_ERROR(SetRoots(filename, root, edited, previous, keys.party_roots, edits));
  if (!edited.trust().has_value()) return Finished(edits.Text() + TrustSection(keys.trust), filename);
  if (!SameWitnesses(*edited.trust(), keys.trust) && previous.trust().has_value() &&
      SameWitnesses(*edited.trust(), *previous.trust())) {
    return At(
        filename, edited.trust()->at.line, edited.trust()->at.column,
        absl::StrCat("these witnesses are those of version ", previous.version(),
                     ", which a trust update has replaced; leave out the section to carry over what is in "
                     "force"));
  }
  RETURN_IF_ERROR(
      edits.Set(filename, root.Find("trust")->value.Find("log_key")->value, ToHex(keys.trust.log_key)));
  return Finished(edits.Text(), filename);
}

std::string MatchKeysRemark(const Convenant& convenant, Language language) {
  if (!convenant.matching().has_value()) return "";
  if (convenant.trust().has_value() && convenant.trust()->voprf_steward_key.has_value()) return "";
  return language == Language::kDutch
             ? "\"matching\" is afgesproken, maar \"trust\" mist voprf_broker_key en voprf_steward_key: elk "
               "vergelijkkenmerk wordt geweigerd (R20) tot een versie ze beide noemt"
             : "\"matching\" is agreed on, but \"trust\" lacks voprf_broker_key and voprf_steward_key: every "
               "match tag "
               "is refused (R20) until a version names both";
}

}  // namespace seinpost::policies
