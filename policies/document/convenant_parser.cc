// SPDX-License-Identifier: EUPL-1.2
#include "policies/document/convenant_parser.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace seinpost::policies {

absl::StatusOr<Convenant> ConvenantParser::Parse(absl::string_view yaml) {
  convenant_.file_ = problems_.file();
  root_ = ParseYaml(yaml, kMaxConvenantBytes, problems_);
  if (problems_.empty()) ReadFile(Fields(root_, {1, 1, ""}, problems_));
  if (problems_.empty()) {  // References are only checked between sections that are whole.
    CheckHead();
    CheckParties();
    CheckPurposes();
    CheckLevels();
    CheckChannels();
    CheckOversight();
    CheckTrust();
    CheckReveal();
    CheckMatching();
    CheckAlerts();
    CheckBridges();
  }
  if (!problems_.empty()) return absl::InvalidArgumentError(problems_.Join());
  return std::move(convenant_);
}

void ConvenantParser::ReadFile(Fields file) {
  if (const auto* head = file.Entry("convenant", Need::kRequired)) {
    ReadHead(Fields(head->value, file.At("convenant"), problems_));
  }
  if (const auto* scopes = file.Entry("scopes", Need::kOptional))
    ReadScopes(scopes->value, file.At("scopes"));
  Position unused;
  ReadNamed(file, "parties", Need::kRequired, convenant_.parties_, convenant_.parties_at_,
            &ConvenantParser::ReadParty);
  ReadNamed(file, "purposes", Need::kRequired, convenant_.purposes_, convenant_.purposes_at_,
            &ConvenantParser::ReadPurpose);
  ReadNamed(file, "categories", Need::kRequired, convenant_.categories_, convenant_.categories_at_,
            &ConvenantParser::ReadCategory);
  ReadNamed(file, "levels", Need::kRequired, convenant_.levels_, convenant_.levels_at_,
            &ConvenantParser::ReadLevels);
  ReadNamed(file, "retention", Need::kRequired, convenant_.retention_, unused,
            &ConvenantParser::ReadRetention);
  ReadNamed(file, "channels", Need::kRequired, convenant_.channels_, convenant_.channels_at_,
            &ConvenantParser::ReadChannel);
  convenant_.oversight_at_ = {1, 1, "oversight"};
  if (const auto* oversight = file.Entry("oversight", Need::kOptional)) {
    Fields fields(oversight->value, file.At("oversight"), problems_);
    convenant_.oversight_ = fields.Words("privacy_officers", Need::kRequired);
    convenant_.oversight_at_ = fields.At("privacy_officers");
    fields.Finish();
  }
  if (const auto* thresholds = file.Entry("thresholds", Need::kRequired)) {
    ReadThresholds(Fields(thresholds->value, file.At("thresholds"), problems_));
  }
  if (const auto* reveal = file.Entry("reveal", Need::kOptional)) {
    convenant_.reveal_ = ReadReveal(Fields(reveal->value, file.At("reveal"), problems_));
  }
  if (const auto* matching = file.Entry("matching", Need::kOptional)) {
    convenant_.matching_ = ReadMatching(Fields(matching->value, file.At("matching"), problems_));
  }
  ReadNamed(file, "alerts", Need::kOptional, convenant_.alerts_, unused, &ConvenantParser::ReadAlertChain);
  ReadNamed(file, "bridges", Need::kOptional, convenant_.bridges_, unused, &ConvenantParser::ReadBridge);
  if (const auto* trust = file.Entry("trust", Need::kOptional)) {
    convenant_.trust_ = ReadTrust(Fields(trust->value, file.At("trust"), problems_));
  }
  file.Finish();
}

void ConvenantParser::ReadHead(Fields fields) {
  convenant_.id_ = fields.Word("id", Need::kRequired);
  convenant_.title_ = fields.Text("title", Need::kRequired);
  convenant_.kind_ =
      fields.Choice("kind", Need::kRequired, &ParseConvenantKind).value_or(ConvenantKind::kNetwork);
  convenant_.kind_at_ = fields.At("kind");
  convenant_.version_ = fields.Number("version", Need::kRequired, 1, 999999).value_or(0);
  convenant_.version_at_ = fields.At("version");
  convenant_.previous_ = fields.Hex32("previous", Need::kOptional);
  convenant_.previous_at_ = fields.At("previous");
  convenant_.valid_from_ = fields.Date("valid_from", Need::kRequired).value_or(absl::InfinitePast());
  // The file names the last day on which it holds.
  convenant_.valid_until_ =
      fields.Date("valid_until", Need::kRequired).value_or(absl::InfinitePast()) + absl::Hours(24);
  convenant_.validity_at_ = fields.At("valid_until");
  convenant_.controller_ = fields.Word("controller", Need::kRequired);
  convenant_.controller_at_ = fields.At("controller");
  convenant_.illustrative_ = fields.Flag("illustrative", Need::kOptional);
  fields.Finish();
}

void ConvenantParser::ReadScopes(const YamlNode& node, const Position& at) {
  Fields fields(node, at, problems_);
  for (const YamlNode::Entry& entry : node.entries) {
    if (!IsName(entry.key)) {
      problems_.Add(entry.line, entry.column,
                    "\"scopes\" must name its entries with lower-case letters, digits, - and _");
      continue;
    }
    convenant_.scopes_.emplace(entry.key, fields.Word(entry.key, Need::kRequired));
  }
}

Party ConvenantParser::ReadParty(const std::string& id, Fields fields) {
  Party party;
  party.id = id;
  party.at = fields.at();
  party.title = fields.Text("title", Need::kOptional);
  party.kind = fields.Word("kind", Need::kRequired);
  party.scopes = fields.Words("scopes", Need::kOptional);
  party.root = fields.Hex32("root", Need::kOptional);
  party.under = fields.Word("under", Need::kOptional);
  party.host = fields.Flag("host", Need::kOptional);
  party.guest = fields.Flag("guest", Need::kOptional);
  fields.Finish();
  return party;
}

Purpose ConvenantParser::ReadPurpose(const std::string& code, Fields fields) {
  Purpose purpose;
  purpose.code = code;
  purpose.at = fields.at();
  purpose.title = fields.Text("title", Need::kOptional);
  purpose.ground = fields.Text("ground", Need::kRequired);
  purpose.acute_danger = fields.Flag("acute_danger", Need::kOptional);
  const YamlNode::Entry* may_use = fields.Entry("may_use", Need::kRequired);
  purpose.may_use_at = fields.At("may_use");
  if (may_use != nullptr && may_use->value.kind == YamlNode::Kind::kScalar &&
      may_use->value.scalar == "all") {
    purpose.everyone_may_use = true;
  } else if (may_use != nullptr) {
    purpose.may_use = fields.Words("may_use", Need::kRequired);
  }
  fields.Finish();
  return purpose;
}

Category ConvenantParser::ReadCategory(const std::string& code, Fields fields) {
  Category category;
  category.code = code;
  category.at = fields.at();
  category.title = fields.Text("title", Need::kOptional);
  category.kind =
      fields.Choice("kind", Need::kRequired, &ParseCategoryKind).value_or(CategoryKind::kCriminal);
  fields.Finish();
  return category;
}

KindLevels ConvenantParser::ReadLevels(const std::string& kind, Fields fields) {
  KindLevels levels;
  levels.kind = kind;
  levels.at = fields.at();
  levels.ceiling = fields.Choice("ceiling", Need::kRequired, &ParseLevel).value_or(Level::kL0);
  levels.ceiling_at = fields.At("ceiling");
  levels.tied = fields.Choice("tied", Need::kOptional, &ParseLevel);
  levels.tied_at = fields.At("tied");
  ReadDetails(levels, fields);
  levels.competence = fields.Words("competence", Need::kOptional);
  levels.contact = fields.Word("contact", Need::kOptional);
  if (const auto* functions = fields.Entry("functions", Need::kRequired)) {
    Fields inner(functions->value, fields.At("functions"), problems_);
    for (const YamlNode::Entry& entry : functions->value.entries) {
      if (!IsName(entry.key)) {
        problems_.Add(entry.line, entry.column,
                      "a function is a name of lower-case letters, digits, - and _");
        continue;
      }
      KindLevels::Function function;
      function.ceiling = inner.Choice(entry.key, Need::kRequired, &ParseLevel).value_or(Level::kL0);
      function.at = inner.At(entry.key);
      levels.functions.emplace(entry.key, std::move(function));
    }
  }
  fields.Finish();
  return levels;
}

void ConvenantParser::ReadDetails(KindLevels& levels, Fields& fields) {
  levels.details_at = fields.At("details");
  for (const std::string& word : fields.Words("details", Need::kOptional)) {
    levels.care = levels.care || word == "care";
    levels.criminal = levels.criminal || word == "criminal";
    CheckOneOf({word}, {"care", "criminal"}, "kind of details", levels.details_at);
  }
}

Channel ConvenantParser::ReadChannel(const std::string& name, Fields fields) {
  Channel channel;
  channel.name = name;
  channel.at = fields.at();
  channel.title = fields.Text("title", Need::kOptional);
  channel.kind = fields.Word("kind", Need::kRequired);
  channel.per = fields.Word("per", Need::kOptional);
  channel.members = fields.Words("members", Need::kRequired);
  channel.members_at = fields.At("members");
  channel.parties = fields.Words("parties", Need::kOptional);
  channel.guests = fields.Words("guests", Need::kOptional);
  channel.chair = fields.Word("chair", Need::kOptional);
  channel.ceiling = fields.Choice("ceiling", Need::kRequired, &ParseLevel).value_or(Level::kL0);
  channel.ceiling_at = fields.At("ceiling");
  channel.identity = fields.Flag("identity", Need::kOptional);
  channel.identity_at = fields.At("identity");
  channel.kept_identity =
      fields.Choice("kept_identity", Need::kOptional, &ParseKeptIdentity).value_or(KeptIdentity::kForbidden);
  ReadChannelRetention(channel, fields);
  fields.Finish();
  return channel;
}

void ConvenantParser::ReadChannelRetention(Channel& channel, Fields& fields) {
  const YamlNode::Entry* entry = fields.Entry("retention", Need::kRequired);
  channel.retention_at = fields.At("retention");
  if (entry == nullptr) return;
  if (entry->value.kind == YamlNode::Kind::kScalar) {  // One class for everything.
    const std::string word = fields.Word("retention", Need::kRequired);
    for (size_t level = 0; level <= static_cast<size_t>(channel.ceiling); ++level)
      channel.retention[level] = word;
    if (channel.ceiling == Level::kL2) channel.justification_retention = word;
    return;
  }
  Fields inner(entry->value, channel.retention_at, problems_);
  for (Level level : {Level::kL0, Level::kL1, Level::kL2}) {
    const Need need = level <= channel.ceiling ? Need::kRequired : Need::kOptional;
    const std::string word = inner.Word(ToString(level), need);
    if (!word.empty()) channel.retention[static_cast<size_t>(level)] = word;
  }
  const Need need = channel.ceiling == Level::kL2 ? Need::kRequired : Need::kOptional;
  channel.justification_retention = inner.Word("justification", need);
  inner.Finish();
}

RetentionClass ConvenantParser::ReadRetention(const std::string& name, Fields fields) {
  RetentionClass retention;
  retention.name = name;
  retention.at = fields.at();
  retention.after_close = fields.Days("after_close", Need::kRequired).value_or(absl::ZeroDuration());
  retention.cap = fields.Days("cap", Need::kRequired).value_or(absl::ZeroDuration());
  fields.Finish();
  if (retention.after_close > retention.cap) {
    Complain(Below(retention.at, "after_close"),
             absl::StrCat("\"", name, "\" keeps longer after closing than its cap"));
  }
  return retention;
}

Trust ConvenantParser::ReadTrust(Fields fields) {
  Trust trust;
  trust.at = fields.at();
  trust.suite = fields.Number("suite", Need::kRequired, 0, 65535).value_or(1);
  // With a second suite, trust::CheckSuccession must refuse one that goes down.
  if (trust.suite != 1) Complain(fields.At("suite"), "unknown suite; this version knows suite 1");
  trust.broker_key = fields.Hex32("broker_key", Need::kRequired).value_or("");
  trust.log_key = fields.Hex32("log_key", Need::kRequired).value_or("");
  trust.voprf_broker_key = fields.Hex32("voprf_broker_key", Need::kOptional);
  trust.voprf_steward_key = fields.Hex32("voprf_steward_key", Need::kOptional);
  ReadWitnesses(trust, fields);
  trust.witness_quorum = fields.Number("witness_quorum", Need::kOptional, 1, 100).value_or(0);
  trust.change_quorum = fields.Number("change_quorum", Need::kOptional, 1, 100).value_or(0);
  trust.witness_alarm_after =
      fields.Wait("witness_alarm_after", Need::kOptional).value_or(trust.witness_alarm_after);
  trust.witness_stop_after =
      fields.Wait("witness_stop_after", Need::kOptional).value_or(trust.witness_stop_after);
  fields.Finish();
  return trust;
}

void ConvenantParser::ReadWitnesses(Trust& trust, Fields& fields) {
  const YamlNode::Entry* entry = fields.Entry("witnesses", Need::kOptional);
  if (entry == nullptr) return;
  Fields inner(entry->value, fields.At("witnesses"), problems_);
  for (const YamlNode::Entry& child : entry->value.entries) {
    Witness witness;
    witness.name = child.key;
    witness.at = inner.At(child.key);
    witness.key = inner.Hex32(child.key, Need::kRequired).value_or("");
    if (!IsName(child.key))
      Complain(witness.at, "a witness is named with lower-case letters, digits, - and _");
    trust.witnesses.push_back(std::move(witness));
  }
}

}  // namespace seinpost::policies
