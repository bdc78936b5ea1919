// SPDX-License-Identifier: EUPL-1.2
// The sections a convenant can do without: thresholds beside the first, reveal, matching, alerts, bridges.
// Each is read by itself, then checked against the rest.
#include <algorithm>
#include <set>
#include <utility>

#include "absl/algorithm/container.h"
#include "policies/document/convenant_parser.h"

namespace seinpost::policies {
namespace {

// What the rules ask for where a convenant says nothing; it can only ask for more (R17 apart).
constexpr uint32_t kAgendaDays = 5;
constexpr uint32_t kSmallCell = 5;
constexpr uint32_t kTrendSchools = 3;
constexpr uint32_t kMatchSignals = 3;
constexpr uint32_t kMatchKinds = 2;
constexpr absl::Duration kMatchWindow = absl::Hours(24 * 90);
constexpr size_t kMaxAlertSteps = 10;

}  // namespace

void ConvenantParser::ReadThresholds(Fields fields) {
  Convenant& c = convenant_;
  c.max_recipients_ = fields.Number("max_recipients", Need::kRequired, 1, 150).value_or(0);
  c.max_recipients_at_ = fields.At("max_recipients");
  c.agenda_days_ = fields.Number("agenda_days", Need::kOptional, 1, 30).value_or(kAgendaDays);
  c.agenda_days_at_ = fields.At("agenda_days");
  c.small_cell_ = fields.Number("small_cell", Need::kOptional, kSmallCell, 100).value_or(kSmallCell);
  c.small_cell_at_ = fields.At("small_cell");
  c.trend_schools_ =
      fields.Number("trend_schools", Need::kOptional, kTrendSchools, 100).value_or(kTrendSchools);
  c.trend_schools_at_ = fields.At("trend_schools");
  fields.Finish();
}

Reveal ConvenantParser::ReadReveal(Fields fields) {
  Reveal reveal;
  reveal.at = fields.at();
  reveal.ask = fields.Words("ask", Need::kRequired);
  reveal.ask_at = fields.At("ask");
  reveal.purposes = fields.Words("purposes", Need::kRequired);
  reveal.purposes_at = fields.At("purposes");
  reveal.expires = fields.Days("expires", Need::kRequired).value_or(absl::ZeroDuration());
  reveal.expires_at = fields.At("expires");
  ReadNamed(fields, "approval_groups", Need::kRequired, reveal.groups, reveal.groups_at,
            &ConvenantParser::ReadApprovalGroup);
  fields.Finish();
  return reveal;
}

ApprovalGroup ConvenantParser::ReadApprovalGroup(const std::string& name, Fields fields) {
  ApprovalGroup group;
  group.name = name;
  group.at = fields.at();
  const YamlNode::Entry* of = fields.Entry("of", Need::kRequired);
  group.of_sender =
      of != nullptr && of->value.kind == YamlNode::Kind::kScalar && of->value.scalar == "sender";
  if (of != nullptr && !group.of_sender) {
    group.parties = fields.Words("of", Need::kRequired);
    if (group.parties.empty()) {
      fields.Complain(fields.At("of"),
                      absl::StrCat("\"", group.at.path, ".of\" is sender, or a list of parties"));
    }
  }
  group.function = fields.Word("function", Need::kRequired);
  fields.Finish();
  return group;
}

Matching ConvenantParser::ReadMatching(Fields fields) {
  Matching matching;
  matching.at = fields.at();
  matching.channels = fields.Words("channels", Need::kRequired);
  matching.channels_at = fields.At("channels");
  matching.keys_at = fields.At("keys");
  if (const auto* keys = fields.Entry("keys", Need::kRequired)) {
    Fields inner(keys->value, matching.keys_at, problems_);
    for (const absl::string_view name : {"name_dob", "sound_dob", "pupil_number"}) {
      const YamlNode::Entry* entry = inner.Entry(name, Need::kOptional);
      if (entry == nullptr) continue;
      Matching::Key key;
      key.at = inner.At(name);
      key.everyone = entry->value.kind == YamlNode::Kind::kScalar && entry->value.scalar == "all";
      if (!key.everyone) key.kinds = inner.Words(name, Need::kRequired);
      matching.keys.emplace(std::string(name), std::move(key));
    }
    inner.Finish();
  }
  matching.threshold_at = fields.At("threshold");
  if (const auto* threshold = fields.Entry("threshold", Need::kRequired)) {
    Fields inner(threshold->value, matching.threshold_at, problems_);
    matching.min_signals =
        inner.Number("signals", Need::kRequired, kMatchSignals, 50).value_or(kMatchSignals);
    matching.min_kinds = inner.Number("kinds", Need::kRequired, kMatchKinds, 50).value_or(kMatchKinds);
    inner.Finish();
  }
  matching.window = fields.Days("window", Need::kRequired).value_or(kMatchWindow);
  matching.window_at = fields.At("window");
  if (matching.window > kMatchWindow)
    Complain(matching.window_at, "signals are compared over at most 90 days");
  matching.told_at = fields.At("told");
  if (const auto* told = fields.Entry("told", Need::kRequired)) {
    Fields inner(told->value, matching.told_at, problems_);
    matching.told_kind = inner.Word("kind", Need::kRequired);
    matching.told_function = inner.Word("function", Need::kRequired);
    inner.Finish();
  }
  fields.Finish();
  return matching;
}

AlertChain ConvenantParser::ReadAlertChain(const std::string& name, Fields fields) {
  AlertChain chain;
  chain.name = name;
  chain.at = fields.at();
  chain.channel = fields.Word("channel", Need::kRequired);
  chain.raise_at = fields.At("raise");
  if (const auto* raise = fields.Entry("raise", Need::kRequired)) {
    Fields inner(raise->value, chain.raise_at, problems_);
    for (const YamlNode::Entry& entry : raise->value.entries) {
      if (!IsName(entry.key)) {
        problems_.Add(entry.line, entry.column,
                      "a partner kind is a name of lower-case letters, digits, - and _");
        continue;
      }
      chain.raise.emplace(entry.key, inner.Words(entry.key, Need::kRequired));
    }
  }
  chain.steps_at = fields.At("steps");
  if (const auto* steps = fields.Entry("steps", Need::kRequired)) {
    if (steps->value.kind != YamlNode::Kind::kList || steps->value.items.empty() ||
        steps->value.items.size() > kMaxAlertSteps) {
      Complain(chain.steps_at, absl::StrCat("\"", chain.steps_at.path, "\" must be a list of 1 to ",
                                            kMaxAlertSteps, " steps, each starting with a dash"));
    } else {
      for (const YamlNode& item : steps->value.items) {
        const Position at{item.line, item.column,
                          absl::StrCat(chain.steps_at.path, "[", chain.steps.size(), "]")};
        chain.steps.push_back(ReadAlertStep(Fields(item, at, problems_)));
      }
    }
  }
  chain.identity_at = fields.At("identity_to");
  chain.identity_to = fields.Words("identity_to", Need::kOptional);
  const Need justify = chain.identity_to.empty() ? Need::kOptional : Need::kRequired;
  chain.justify_within = fields.Wait("justify_within", justify).value_or(absl::ZeroDuration());
  chain.drill_every = fields.Days("drill_every", Need::kOptional);
  fields.Finish();
  return chain;
}

AlertStep ConvenantParser::ReadAlertStep(Fields fields) {
  AlertStep step;
  step.at = fields.at();
  step.kind = fields.Word("kind", Need::kOptional);
  step.party = fields.Word("party", Need::kOptional);
  step.function = fields.Word("function", Need::kOptional);
  step.within = fields.Wait("within", Need::kRequired).value_or(absl::ZeroDuration());
  if (step.kind.empty() == step.party.empty()) {
    Complain(step.at, absl::StrCat("\"", step.at.path, "\" calls a kind or a party: write one of the two"));
  }
  fields.Finish();
  return step;
}

Bridge ConvenantParser::ReadBridge(const std::string& name, Fields fields) {
  Bridge bridge;
  bridge.name = name;
  bridge.at = fields.at();
  bridge.convenant = fields.Word("convenant", Need::kRequired);
  bridge.ceiling = fields.Choice("ceiling", Need::kRequired, &ParseLevel).value_or(Level::kL1);
  bridge.ceiling_at = fields.At("ceiling");
  bridge.purposes = fields.Words("purposes", Need::kRequired);
  bridge.purposes_at = fields.At("purposes");
  bridge.kinds = fields.Words("kinds", Need::kRequired);
  bridge.kinds_at = fields.At("kinds");
  bridge.their_kinds = fields.Words("their_kinds", Need::kRequired);
  bridge.channels = fields.Words("channels", Need::kRequired);
  bridge.channels_at = fields.At("channels");
  bridge.from = fields.Date("from", Need::kRequired).value_or(absl::InfinitePast());
  // The file names the last day on which it holds.
  bridge.until = fields.Date("until", Need::kRequired).value_or(absl::InfinitePast()) + absl::Hours(24);
  bridge.until_at = fields.At("until");
  fields.Finish();
  return bridge;
}

void ConvenantParser::CheckReveal() {
  if (!convenant_.reveal_.has_value()) return;
  const Reveal& reveal = *convenant_.reveal_;
  if (LevelCap(convenant_.kind_) < Level::kL2) {
    Complain(reveal.at, absl::StrCat("to reveal a kept identity is to share it by name, which a ",
                                     ToString(convenant_.kind_), " cannot do"));
  }
  CheckNotEmpty(reveal.ask, reveal.ask_at);
  CheckKnown(reveal.ask, convenant_.levels_, "partner kind", reveal.ask_at);
  CheckNotEmpty(reveal.purposes, reveal.purposes_at);
  CheckKnown(reveal.purposes, convenant_.purposes_, "purpose", reveal.purposes_at);
  if (reveal.groups.size() < 2) {
    Complain(reveal.groups_at,
             "a kept identity needs two approval groups or more, so that nobody reveals it alone");
  }
  std::set<std::string> signatories;
  for (const auto& [name, group] : reveal.groups) {
    CheckApprovalGroup(group);
    std::set<std::string> own;
    for (const std::string& id : group.parties) own.insert(SignatoryOf(id));
    own.erase("");
    if (group.of_sender) own.insert("");  // Whoever that is.
    for (const std::string& signatory : own) {
      if (!signatories.insert(signatory).second) {
        Complain(Below(group.at, "of"),
                 absl::StrCat("\"", name,
                              "\" lies under the same signatory as another approval group, which "
                              "could then reveal an identity by itself"));
      }
    }
  }
}

void ConvenantParser::CheckApprovalGroup(const ApprovalGroup& group) {
  const Position at = Below(group.at, "function");
  CheckKnown(group.parties, convenant_.parties_, "party", Below(group.at, "of"));
  CheckNoGuests(group.parties, Below(group.at, "of"));
  for (const std::string& id : group.parties) {
    if (const Party* party = convenant_.FindParty(id)) CheckFunction(party->kind, group.function, at);
  }
  if (!group.of_sender || group.function == kPrivacyOfficer) return;
  std::vector<std::string> functions;
  for (const auto& [kind, levels] : convenant_.levels_) {
    for (const auto& entry : levels.functions) functions.push_back(entry.first);
  }
  CheckOneOf({group.function}, functions, "function", at);
}

void ConvenantParser::CheckMatching() {
  if (!convenant_.matching_.has_value()) return;
  const Matching& matching = *convenant_.matching_;
  CheckNotEmpty(matching.channels, matching.channels_at);
  CheckKnown(matching.channels, convenant_.channels_, "channel", matching.channels_at);
  for (const std::string& name : matching.channels) {
    const auto channel = convenant_.channels_.find(name);
    if (channel == convenant_.channels_.end() || channel->second.ceiling > Level::kL0) continue;
    Complain(WordIn(matching.channels_at, name),
             absl::StrCat("\"", name, "\" is about no person, so there is nobody to compare"));
  }
  if (matching.keys.empty()) Complain(matching.keys_at, "\"matching.keys\" must name at least one key");
  for (const auto& [name, key] : matching.keys) {
    CheckKnown(key.kinds, convenant_.levels_, "partner kind", key.at);
    if (!key.everyone && key.kinds.empty())
      Complain(key.at, absl::StrCat("nobody may compute \"", name, "\""));
  }
  if (matching.min_kinds > matching.min_signals) {
    Complain(Below(matching.threshold_at, "kinds"), "there cannot be more kinds of partner than signals");
  }
  const Position kind_at = Below(matching.told_at, "kind");
  CheckKnown({matching.told_kind}, convenant_.levels_, "partner kind", kind_at);
  CheckReader(matching.told_kind, matching.told_function, Below(matching.told_at, "function"));
  const KindLevels* told = convenant_.FindLevels(matching.told_kind);
  if (told != nullptr && std::max(told->ceiling, told->tied.value_or(Level::kL0)) < Level::kL1) {
    Complain(kind_at, absl::StrCat("who is told of a match learns of a case, and \"", matching.told_kind,
                                   "\" stays at L0"));
  }
}

void ConvenantParser::CheckAlerts() {
  std::set<std::string> channels;
  for (const auto& [name, chain] : convenant_.alerts_) {
    const Position channel_at = Below(chain.at, "channel");
    CheckKnown({chain.channel}, convenant_.channels_, "channel", channel_at);
    const auto found = convenant_.channels_.find(chain.channel);
    if (found == convenant_.channels_.end()) continue;
    const Channel& channel = found->second;
    if (!channels.insert(chain.channel).second) {
      Complain(channel_at, absl::StrCat("\"", chain.channel, "\" has two alert chains"));
    }
    if (chain.raise.empty()) Complain(chain.raise_at, absl::StrCat("nobody may raise \"", name, "\""));
    for (const auto& [kind, functions] : chain.raise) {
      const Position at = Below(chain.raise_at, kind);
      CheckOneOf({kind}, channel.members, absl::StrCat("member of ", chain.channel), at);
      CheckNotEmpty(functions, at);
      for (const std::string& function : functions) CheckReader(kind, function, at);
    }
    for (const AlertStep& step : chain.steps) CheckAlertStep(chain, channel, step);
    CheckAlertIdentity(chain, channel);
  }
}

void ConvenantParser::CheckAlertStep(const AlertChain& chain, const Channel& channel, const AlertStep& step) {
  std::string kind = step.kind;
  bool member = absl::c_linear_search(channel.members, kind);
  if (!step.party.empty()) {
    const Position at = Below(step.at, "party");
    CheckKnown({step.party}, convenant_.parties_, "party", at);
    CheckNoGuests({step.party}, at);
    const Party* party = convenant_.FindParty(step.party);
    if (party == nullptr) return;
    kind = party->kind;
    member =
        absl::c_linear_search(channel.members, kind) || absl::c_linear_search(channel.parties, party->id);
  } else {
    CheckKnown({kind}, convenant_.levels_, "partner kind", Below(step.at, "kind"));
    if (convenant_.FindLevels(kind) == nullptr) return;
  }
  if (!member) {
    Complain(step.at, absl::StrCat("\"", step.at.path, "\" calls \"", step.party.empty() ? kind : step.party,
                                   "\", which is no member of \"", chain.channel, "\""));
  }
  if (!step.function.empty()) CheckReader(kind, step.function, Below(step.at, "function"));
}

void ConvenantParser::CheckAlertIdentity(const AlertChain& chain, const Channel& channel) {
  if (chain.identity_to.empty()) return;
  CheckKnown(chain.identity_to, convenant_.levels_, "partner kind", chain.identity_at);
  std::vector<std::string> called;
  for (const AlertStep& step : chain.steps) {
    const Party* party = convenant_.FindParty(step.party);
    called.push_back(party == nullptr ? step.kind : party->kind);
  }
  for (const std::string& kind : chain.identity_to) {
    if (!absl::c_linear_search(called, kind)) {
      Complain(WordIn(chain.identity_at, kind),
               absl::StrCat("\"", chain.name, "\" names somebody to \"", kind, "\", which no step calls"));
    }
    if (kind == kPolice || kind == kEnforcement) continue;
    Complain(WordIn(chain.identity_at, kind), absl::StrCat("an alert names somebody to ", kPolice, " or ",
                                                           kEnforcement, " only, not to \"", kind, "\""));
  }
  if (channel.ceiling < Level::kL2 || !channel.identity) {
    Complain(chain.identity_at,
             absl::StrCat("an alert with a name needs a channel that goes up to L2 with identity: "
                          "yes, and \"",
                          channel.name, "\" does not"));
  }
}

void ConvenantParser::CheckBridges() {
  for (const auto& [name, bridge] : convenant_.bridges_) {
    if (bridge.convenant == convenant_.id_)
      Complain(Below(bridge.at, "convenant"), "a bridge leads to another convenant");
    if (bridge.ceiling > LevelCap(convenant_.kind_)) {
      Complain(bridge.ceiling_at,
               absl::StrCat("a ", ToString(convenant_.kind_), " goes no higher than ",
                            ToString(LevelCap(convenant_.kind_)), ", nor does a bridge from it"));
    }
    if (bridge.ceiling == Level::kL0) Complain(bridge.ceiling_at, "L0 needs no bridge");
    for (const auto& [words, at] :
         {std::pair(&bridge.purposes, bridge.purposes_at), std::pair(&bridge.kinds, bridge.kinds_at),
          std::pair(&bridge.their_kinds, Below(bridge.at, "their_kinds")),
          std::pair(&bridge.channels, bridge.channels_at)}) {
      CheckNotEmpty(*words, at);
    }
    CheckKnown(bridge.purposes, convenant_.purposes_, "purpose", bridge.purposes_at);
    CheckKnown(bridge.kinds, convenant_.levels_, "partner kind", bridge.kinds_at);
    CheckKnown(bridge.channels, convenant_.channels_, "channel", bridge.channels_at);
    const bool early = bridge.from < convenant_.valid_from_;
    if (early || bridge.until <= bridge.from || bridge.until > convenant_.valid_until_) {
      Complain(early ? Below(bridge.at, "from") : bridge.until_at,
               absl::StrCat("\"", name, "\" must lie within the time that the convenant holds"));
    }
    for (const auto& [other_name, other] : convenant_.bridges_) {
      if (other_name <= name || other.convenant != bridge.convenant) continue;
      if (bridge.from < other.until && other.from < bridge.until) {
        Complain(other.at, absl::StrCat("\"", other_name,
                                        "\" leads to the same convenant at the same time as \"", name, "\""));
      }
    }
  }
}

}  // namespace seinpost::policies
