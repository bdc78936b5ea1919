// SPDX-License-Identifier: EUPL-1.2
// `seinpost audit log` in words.
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "client/audit/commands.h"
#include "client/audit/export.h"
#include "client/audit/words.h"
#include "client/terminal/output.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

using audit::EventType;
using audit::Tag;

std::string NameOf(ByteView member_ref, const MemberNames& names) {
  const auto name = names.find(Bytes(member_ref));
  if (name != names.end()) return name->second;
  return absl::StrCat("?", ToHex(member_ref.substr(0, 4)));
}

std::string ActorOf(const audit::Event& event, const MemberNames& names, bool nl) {
  if (const auto ref = event.Text(Tag::kActorMember)) return NameOf(*ref, names);
  if (const auto organisation = event.Text(Tag::kActorOrganisation)) return *organisation;
  return nl ? "de broker" : "the broker";
}

// ", doel dreiging" for a field that is there.
std::string And(const audit::Event& event, Tag tag, absl::string_view word) {
  const std::optional<Bytes> value = event.Text(tag);
  return value && !value->empty() ? absl::StrCat(", ", word, word.empty() ? "" : " ", *value) : "";
}

constexpr size_t kMostNamed = 6;

// Whom it was meant for, besides the actor himself: by name if they are few.
std::string Recipients(const audit::Event& event, const MemberNames& names, bool nl) {
  const Bytes actor = event.Text(Tag::kActorMember).value_or(Bytes());
  const std::vector<audit::RecipientVerdict> verdicts =
      event.Recipients().value_or(std::vector<audit::RecipientVerdict>());
  std::set<std::string> to;
  for (const audit::RecipientVerdict& verdict : verdicts) {
    if (verdict.member_ref != actor) to.insert(NameOf(verdict.member_ref, names));
  }
  if (const auto member = event.Text(Tag::kOnBehalfOf)) to.insert(NameOf(*member, names));
  if (to.empty()) return "";
  if (to.size() > kMostNamed)
    return absl::StrCat(nl ? ", aan " : ", to ", to.size(), nl ? " leden" : " members");
  return absl::StrCat(nl ? ", aan " : ", to ", absl::StrJoin(to, ", "));
}

std::string SignalId(const audit::Event& event) {
  const std::optional<Bytes> object = event.Text(Tag::kObject);
  return object ? ToHex(*object).substr(0, 8) : "?";
}

struct Phrase {
  EventType type;
  const char* nl;
  const char* en;
};
// $0 actor, $1 object
constexpr Phrase kPhrases[] = {
    {EventType::kSubmit, "$0 stuurde signaal $1", "$0 sent signal $1"},
    {EventType::kRead, "$0 las signaal $1", "$0 read signal $1"},
    {EventType::kKeyReleased, "$0 kreeg de sleutel van signaal $1", "$0 got the key of signal $1"},
    {EventType::kDeliver, "signaal $1 is bezorgd bij $0", "signal $1 was delivered to $0"},
    {EventType::kDecisionDeny, "$0 is geweigerd", "$0 was refused"},
    {EventType::kAuditQuery, "$0 raadpleegde het logboek", "$0 queried the log"},
    {EventType::kConvenantActivated, "het convenant is van kracht geworden", "the convenant came into force"},
    {EventType::kMandateGranted, "$0 gaf een mandaat", "$0 granted a mandate"},
    {EventType::kMandateEnded, "$0 beëindigde een mandaat", "$0 ended a mandate"},
    {EventType::kDirectory, "$0 voegde iets toe aan het register", "$0 added to the directory"},
    {EventType::kExpired, "signaal $1 is verlopen", "signal $1 has expired"},
    {EventType::kErased, "de inhoud van een maand van het logboek is gewist",
     "what a month of the log told was erased"},
    {EventType::kWithdrawn, "$0 trok signaal $1 in", "$0 withdrew signal $1"},
};

}  // namespace

std::string EventSentence(const audit::Event& event, const MemberNames& names, Language language) {
  const bool nl = language == Language::kDutch;
  const EventType type = event.Type().value_or(EventType{});
  std::string sentence;
  for (const Phrase& phrase : kPhrases) {
    if (phrase.type == type) {
      sentence = absl::Substitute(nl ? phrase.nl : phrase.en, ActorOf(event, names, nl), SignalId(event));
    }
  }
  if (sentence.empty()) {
    sentence = absl::StrCat(audit::EventTypeName(type), ": ", ActorOf(event, names, nl));
  }
  if (const auto part = event.Number(Tag::kPart))
    absl::StrAppend(&sentence, nl ? ", deel " : ", part ", *part);
  absl::StrAppend(&sentence, And(event, Tag::kChannel, nl ? "kanaal" : "channel"),
                  And(event, Tag::kLevel, ""), And(event, Tag::kPurpose, nl ? "doel" : "purpose"));
  absl::StrAppend(&sentence, Recipients(event, names, nl));
  if (const auto rules = event.Texts(Tag::kRules); rules && !rules->empty()) {
    absl::StrAppend(&sentence, ": ", absl::StrJoin(*rules, ", "));
    if (const auto clause = event.Text(Tag::kClause)) absl::StrAppend(&sentence, " (", *clause, ")");
  }
  return sentence;
}

Json ToJson(const LogRead& log, Language language) {
  Json list = Json::array();
  for (const LogRead::Entry& entry : log.entries) {
    const audit::Event& event = entry.opening.event();
    Json json{{"index", entry.index}};
    json.update(EventJson(entry.opening));
    if (const auto ref = event.Text(Tag::kActorMember)) json["actor"] = NameOf(*ref, log.names);
    json["sentence"] = EventSentence(event, log.names, language);
    list.push_back(std::move(json));
  }
  return list;
}

std::string ToText(const LogRead& log, Language language) {
  std::vector<std::vector<std::string>> table{{"#", language == Language::kDutch ? "tijd" : "time", ""}};
  for (const LogRead::Entry& entry : log.entries) {
    const audit::Event& event = entry.opening.event();
    table.push_back({absl::StrCat(entry.index), FormatLocal(event.Time().value_or(absl::UnixEpoch())),
                     EventSentence(event, log.names, language)});
  }
  return Table(table);
}

absl::Status AuditLog(Context& context, const AuditLogArgs& args) {
  ASSIGN_OR_RETURN(const LogRead log, ReadLog(context, args));
  Print(context, ToJson(log, context.language), ToText(log, context.language));
  return absl::OkStatus();
}

}  // namespace seinpost::client
