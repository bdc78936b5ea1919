// SPDX-License-Identifier: EUPL-1.2
// The rule table, and what rules share.
#include "policies/decide/rules.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace seinpost::policies {
namespace {

constexpr SendRule kSendRules[] = {
    {"convenant", "R1", FactNeed::kPublic, JudgeConvenant},
    {"version", "R31", FactNeed::kPublic, JudgeVersion},
    {"names", "R1", FactNeed::kPublic, JudgeNames},
    {"bridge", "R13", FactNeed::kPublic, JudgeBridge},
    {"parties", "R2", FactNeed::kPublic, JudgeParties},
    {"alert raiser", "R24", FactNeed::kPublic, JudgeAlertRaiser},
    {"alert recipients", "R24", FactNeed::kPublic, JudgeAlertRecipients},
    {"alert identity", "R24", FactNeed::kPublic, JudgeAlertIdentity},
    {"emergency call", "R25", FactNeed::kPublic, JudgeEmergencyCall},
    {"onward", "R14", FactNeed::kBroker, JudgeOnward},
    {"case scope", "R23", FactNeed::kBroker, JudgeCaseScope},
    {"broadcast", "R8", FactNeed::kPublic, JudgeBroadcast},
    {"thematic", "R5", FactNeed::kPublic, JudgeThematic},
    {"contributed", "R5", FactNeed::kPublic, JudgeContributed},
    {"pseudonymous", "R6", FactNeed::kPublic, JudgePseudonymous},
    {"kept identity", "R6", FactNeed::kPublic, JudgeKeptIdentity},
    {"kept identity required", "R6", FactNeed::kWholeSignal, JudgeKeptRequired},
    {"matching", "R20", FactNeed::kPublic, JudgeMatching},
    {"named text", "R7", FactNeed::kPublic, JudgeNamedText},
    {"parts", "R11", FactNeed::kPublic, JudgeParts},
    {"one text", "R11", FactNeed::kWholeSignal, JudgeOneText},
    {"source", "R21", FactNeed::kPublic, JudgeSource},
    {"channel members", "R2", FactNeed::kPublic, JudgeChannelMembers},
    {"guests", "R12", FactNeed::kPublic, JudgeGuests},
    {"mandates", "R3", FactNeed::kPublic, JudgeMandates},
    {"details", "R22", FactNeed::kPublic, JudgeDetails},
    {"levels", "R4", FactNeed::kPublic, JudgeLevels},
    {"tied levels", "R4", FactNeed::kBroker, JudgeTiedLevels},
    {"restrictions", "R31", FactNeed::kPublic, JudgeRestrictions},
    {"identity recipients", "R7", FactNeed::kPublic, JudgeIdentityRecipients},
    {"part recipients", "R11", FactNeed::kPublic, JudgePartRecipients},
    {"count", "R9", FactNeed::kBroker, JudgeCount},
    {"ties", "R9", FactNeed::kPublic, JudgeTies},
    {"roles", "R9", FactNeed::kBroker, JudgeRoles},
    {"purpose", "R10", FactNeed::kPublic, JudgePurpose},
    {"justification", "R10", FactNeed::kWholeSignal, JudgeJustification},
    {"officers", "R10", FactNeed::kPublic, JudgeOfficers},
    {"informed", "R34", FactNeed::kPublic, JudgeInformed},
    {"alert justification", "R24", FactNeed::kBroker, JudgeAlertJustification},
    {"key sets", "R18", FactNeed::kPublic, JudgeKeySets},
    {"retention", "R32", FactNeed::kPublic, JudgeRetention},
};

constexpr OpenRule kOpenRules[] = {
    {"convenant", "R1", FactNeed::kPublic, JudgeOpenConvenant},
    {"recipient", "R19", FactNeed::kPublic, JudgeOpenRecipient},
    {"state", "R19", FactNeed::kBroker, JudgeOpenState},
    {"purpose", "R19", FactNeed::kPublic, JudgeOpenPurpose},
    {"mandate", "R19", FactNeed::kPublic, JudgeOpenMandate},
    {"tied level", "R4", FactNeed::kBroker, JudgeOpenTiedLevel},
    {"restrictions", "R31", FactNeed::kPublic, JudgeOpenRestrictions},
    {"source", "R21", FactNeed::kPublic, JudgeOpenSource},
    {"details", "R22", FactNeed::kPublic, JudgeOpenDetails},
    {"tie", "R9", FactNeed::kBroker, JudgeOpenTie},
    {"justification", "R10", FactNeed::kPublic, JudgeOpenJustification},
    {"conflict", "R29", FactNeed::kPublic, JudgeOpenConflict},
};

const MemberFacts* FindMember(const Facts& facts, const MemberId& id) {
  const auto it = facts.members.find(id);
  return it == facts.members.end() ? nullptr : &it->second;
}

constexpr absl::Duration kLapse = absl::Hours(24 * 30);

// Null: no such convenant is known here, or it is not in force.
const Convenant* PeerOf(const Facts& facts, const std::string& id) {
  const auto it = facts.peers.find(id);
  return it == facts.peers.end() || !it->second.active ? nullptr : it->second.convenant;
}

// The lower of a reach and a clause's level; where they are equal the first stays, so that the broader clause
// is named.
void Lower(Reach& reach, Level level, const Position& clause) {
  reach.tied = std::min(reach.tied, level);
  if (level >= reach.level) return;
  reach.level = level;
  reach.clause = &clause;
}

}  // namespace

absl::Span<const SendRule> SendRules() { return kSendRules; }
absl::Span<const OpenRule> OpenRules() { return kOpenRules; }

SendCase::SendCase(const SendRequest& send_request, const Facts& send_facts, absl::Time send_now)
    : request(send_request), facts(send_facts), convenant(*send_facts.convenant), now(send_now) {
  channel = convenant.FindChannel(request.channel);
  scope = Convenant::ScopeOf(request.channel);
  if (request.sender.convenant.empty()) sender_party = convenant.FindParty(request.sender.party);
  sender = FindMember(facts, request.sender);
  size_t count = 0;
  for (const PartRequest& part : request.parts) count += part.recipients.size();
  recipients.reserve(count);
  for (size_t part = 0; part < request.parts.size(); ++part) {
    for (size_t index = 0; index < request.parts[part].recipients.size(); ++index) {
      const MemberId& id = request.parts[part].recipients[index];
      RecipientCase recipient{.part = part, .index = index, .id = &id};
      recipient.foreign = !id.convenant.empty();
      recipient.home = recipient.foreign ? PeerOf(facts, id.convenant) : &convenant;
      if (recipient.home != nullptr) recipient.party = recipient.home->FindParty(id.party);
      recipient.facts = FindMember(facts, id);
      recipient.sender = id == request.sender;
      recipients.push_back(recipient);
    }
  }
  const bool justified = std::any_of(request.parts.begin(), request.parts.end(), [](const PartRequest& part) {
    return part.kind == PartKind::kJustification || policies::IsNamed(part);
  });
  if (justified) officers = OfficersFor(request.sender, facts, now);
}

bool SendCase::HasText() const {
  return std::any_of(request.parts.begin(), request.parts.end(),
                     [](const PartRequest& part) { return part.kind == PartKind::kNarrative; });
}

bool SendCase::IsJudged(const RecipientCase& recipient) const {
  if (recipient.sender || recipient.settled || recipient.party == nullptr) return false;
  const PartRequest& part = PartOf(recipient);
  return part.kind != PartKind::kJustification && !(part.kind == PartKind::kIdentity && part.kept);
}

bool SendCase::IsJudgedAtHome(const RecipientCase& recipient) const {
  return IsJudged(recipient) && !recipient.foreign;
}

bool SendCase::IsNamed(const RecipientCase& recipient) const {
  return IsJudged(recipient) && policies::IsNamed(PartOf(recipient));
}

bool SendCase::IsOwed(const RecipientCase& recipient) const {
  return IsNamed(recipient) && !(IsAlert() && PartOf(recipient).kind == PartKind::kIdentity);
}

bool SendCase::HasRole(const MemberId& member) const {
  return request.has_case_ref && !request.new_case && facts.broker.case_roles.count(member) > 0;
}

std::optional<Tie> SendCase::ClaimOf(const RecipientCase& recipient) const {
  const std::map<std::string, Tie>& ties = PartOf(recipient).ties;
  const auto it =
      recipient.id->ref.empty() ? ties.find(ToString(*recipient.id)) : ties.find(recipient.id->ref);
  return it == ties.end() ? std::nullopt : std::optional<Tie>(it->second);
}

OpenCase::OpenCase(const OpenRequest& open_request, const Facts& open_facts, absl::Time open_now)
    : request(open_request),
      facts(open_facts),
      convenant(*open_facts.convenant),
      made_under(open_facts.made_under != nullptr ? *open_facts.made_under : *open_facts.convenant),
      now(open_now) {
  if (request.reader.convenant.empty()) reader_party = convenant.FindParty(request.reader.party);
  reader = FindMember(facts, request.reader);
  if (!facts.original.has_value()) return;
  original = &*facts.original;
  channel = made_under.FindChannel(original->channel);
  scope = Convenant::ScopeOf(original->channel);
  is_sender = request.reader == original->sender;
  if (reader_party != nullptr && channel != nullptr) {
    member = made_under.IsMemberOf(*reader_party, *channel, scope);
    guest = !member && made_under.IsGuestOf(*reader_party, *channel, scope);
  }
  if (request.part_index < original->parts.size() &&
      original->parts[request.part_index].kind == request.part) {
    part = &original->parts[request.part_index];
  }
}

Reach OpenCase::ReachOfReader() const {
  if (reader == nullptr || !(member || guest)) return {};
  return ReachOf(made_under, *reader_party, *reader, channel, scope, now);
}

bool OpenCase::IsNamed() const {
  if (part == nullptr || is_sender) return false;
  return part->kind == PartKind::kCare || part->kind == PartKind::kAttachment ||
         (part->kind == PartKind::kIdentity && !part->kept);
}

bool OpenCase::HasRole() const { return facts.broker.case_roles.count(request.reader) > 0; }

bool OpenCase::IsAlertIdentity() const {
  return part != nullptr && original->kind == SignalKind::kAlert && part->kind == PartKind::kIdentity;
}

void Refusals::Add(Reason reason, RefusalCode code, const Position& clause, Text text) {
  reason.code = code;
  reason.rule = std::string(rule_);
  reason.clause = {clause.path, convenant_.file(), clause.line, clause.column};
  reason.sentence_nl = std::move(text.nl);
  reason.sentence_en = std::move(text.en);
  reason.needs = needs_;
  reason.decided_by_broker = needs_ == FactNeed::kBroker;
  const bool told = std::any_of(decision_.reasons.begin(), decision_.reasons.end(), [&](const Reason& other) {
    return other.code == reason.code && other.part == reason.part && other.recipient == reason.recipient &&
           other.sentence_en == reason.sentence_en;
  });
  if (!told) decision_.reasons.push_back(std::move(reason));
}

void Refusals::Signal(RefusalCode code, const Position& clause, Text text) {
  Add(Reason{}, code, clause, std::move(text));
}

void Refusals::Part(SendCase& send, size_t part, RefusalCode code, const Position& clause, Text text) {
  for (RecipientCase& recipient : send.recipients) {
    if (recipient.part == part) recipient.settled = recipient.denied = true;
  }
  Reason reason;
  reason.part = part;
  reason.part_kind = send.request.parts[part].kind;
  Add(std::move(reason), code, clause, std::move(text));
}

void Refusals::Recipient(SendCase& send, RecipientCase& recipient, RefusalCode code, const Position& clause,
                         Text text) {
  recipient.denied = true;
  Reason reason;
  reason.part = recipient.part;
  reason.part_kind = send.PartOf(recipient).kind;
  reason.recipient = ToString(*recipient.id);
  Add(std::move(reason), code, clause, std::move(text));
}

void Refusals::Member(SendCase& send, RecipientCase& recipient, RefusalCode code, const Position& clause,
                      Text text) {
  for (RecipientCase& other : send.recipients) {
    if (*other.id == *recipient.id && send.PartOf(other).kind != PartKind::kJustification) {
      other.settled = other.denied = true;
    }
  }
  recipient.settled = recipient.denied = true;
  Reason reason;
  reason.recipient = ToString(*recipient.id);
  Add(std::move(reason), code, clause, std::move(text));
}

bool IsInOffice(const MandateFacts& mandate, const KindLevels& levels, absl::Time now) {
  return now >= mandate.from && now < mandate.until &&
         levels.functions.find(mandate.function) != levels.functions.end();
}

bool IsValidMandate(const MandateFacts& mandate, const KindLevels& levels, const Channel& channel,
                    absl::string_view scope, absl::Time now) {
  if (!IsInOffice(mandate, levels, now)) return false;
  if (channel.per.empty()) return true;
  return std::any_of(mandate.scopes.begin(), mandate.scopes.end(),
                     [&](const std::string& own) { return own == "*" || own == scope; });
}

bool IsOfficer(const MemberFacts& member, absl::Time now) {
  if (!member.known || member.revoked) return false;
  return std::any_of(member.mandates.begin(), member.mandates.end(), [&](const MandateFacts& mandate) {
    return mandate.function == kPrivacyOfficer && now >= mandate.from && now < mandate.until;
  });
}

bool TakesPart(const MemberFacts& member, absl::Time now) {
  return std::any_of(member.mandates.begin(), member.mandates.end(), [&](const MandateFacts& mandate) {
    return mandate.function != kPrivacyOfficer && now >= mandate.from && now < mandate.until;
  });
}

Text TakesPartText() {
  return {"wie toezicht houdt, doet niet zelf mee: er is nog een ander mandaat",
          "who oversees takes no part: there is another mandate"};
}

Reach ReachOf(const Convenant& convenant, const Party& party, const MemberFacts& member,
              const Channel* channel, absl::string_view scope, absl::Time now) {
  Reach best;
  const KindLevels* levels = convenant.FindLevels(party.kind);
  if (levels == nullptr || !member.known || member.revoked) return best;
  for (const MandateFacts& mandate : member.mandates) {
    const bool valid = channel == nullptr ? IsInOffice(mandate, *levels, now)
                                          : IsValidMandate(mandate, *levels, *channel, scope, now);
    if (!valid) continue;
    Reach reach{.mandated = true,
                .level = levels->ceiling,
                .tied = levels->tied.value_or(levels->ceiling),
                .clause = &levels->ceiling_at};
    const KindLevels::Function& function = levels->functions.find(mandate.function)->second;
    Lower(reach, function.ceiling, function.at);
    Lower(reach, mandate.max_level, function.at);
    reach.tied = std::max(reach.tied, best.tied);
    if (best.mandated && reach.level <= best.level) {
      best.tied = reach.tied;
    } else {
      best = reach;
    }
  }
  return best;
}

namespace {

template <typename Applies>
const Restriction* LowestOf(const Facts& facts, Applies applies) {
  const Restriction* lowest = nullptr;
  for (const Restriction& restriction : facts.restrictions) {
    if (!applies(restriction) || (lowest != nullptr && lowest->ceiling <= restriction.ceiling)) continue;
    lowest = &restriction;
  }
  return lowest;
}

}  // namespace

const Restriction* RestrictionOfChannel(const Facts& facts, const Channel& channel) {
  return LowestOf(facts, [&](const Restriction& order) { return order.channel == channel.name; });
}

const Restriction* RestrictionOfParty(const Facts& facts, const Party& party) {
  return LowestOf(facts, [&](const Restriction& order) { return order.party == party.id; });
}

Text LoweredBy(const Restriction& order) {
  const bool channel = !order.channel.empty();
  const std::string& subject = channel ? order.channel : order.party;
  return {absl::StrCat("beperkingsbevel ", order.number, " heeft ", channel ? "het kanaal " : "", subject,
                       " verlaagd tot ", ToString(order.ceiling)),
          absl::StrCat("restriction order ", order.number, " lowered ", channel ? "the channel " : "",
                       subject, " to ", ToString(order.ceiling))};
}

bool ConvenantHolds(const Facts& facts, absl::Time now, Text& why) {
  const Convenant& convenant = *facts.convenant;
  if (!facts.convenant_active) {
    why = {"deze versie van het convenant is niet in werking", "this version of the convenant is not active"};
  } else if (!facts.all_signatures) {
    why = {"nog niet alle partijen hebben het convenant ondertekend",
           "not every party has signed the convenant"};
  } else if (now < convenant.valid_from()) {
    why = {"het convenant geldt nog niet", "the convenant is not yet in force"};
  } else if (now >= convenant.valid_until()) {
    why = {"het convenant is verlopen", "the convenant has expired"};
  } else {
    return true;
  }
  return false;
}

bool IsLapsed(const Facts& facts, absl::Time now) {
  const absl::Time last = facts.convenant->valid_until();
  return facts.convenant_active && facts.all_signatures && now >= last && now < last + kLapse;
}

bool IsLapsedAlert(const SendRequest& request, const Facts& facts, absl::Time now) {
  return request.kind == SignalKind::kAlert && request.level == Level::kL0 && IsLapsed(facts, now);
}

Text PartName(PartKind kind) {
  switch (kind) {
    case PartKind::kNarrative:
      return {"de tekst", "the text"};
    case PartKind::kIdentity:
      return {"het identiteitsdeel", "the identity part"};
    case PartKind::kCare:
      return {"het zorgdeel", "the care part"};
    case PartKind::kSource:
      return {"het brondeel", "the source part"};
    case PartKind::kJustification:
      return {"de onderbouwing", "the justification"};
    case PartKind::kAttachment:
      return {"de bijlage", "the attachment"};
  }
  return {"dit deel", "this part"};
}

}  // namespace seinpost::policies
