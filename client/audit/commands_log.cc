// SPDX-License-Identifier: EUPL-1.2
// `seinpost audit log` and `seinpost audit proof`.
#include <deque>
#include <memory>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/substitute.h"
#include "audit/tree.h"
#include "client/audit/commands.h"
#include "client/audit/export.h"
#include "client/mail/sync.h"
#include "client/terminal/arguments.h"
#include "client/terminal/output.h"
#include "crypto/hash.h"
#include "crypto/merkle.h"
#include "crypto/sign.h"
#include "trust/fields.h"
#include "trust/labels.h"
#include "trust/strict.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

using audit::EventType;
using audit::Tag;

struct Filter {
  std::optional<EventType> type;
  Bytes member_ref;
  std::string organisation, channel;
  absl::Time since = absl::InfinitePast(), until = absl::InfiniteFuture();

  bool Matches(const audit::Event& event) const {
    if (type && event.Type() != type) return false;
    if (!member_ref.empty() && event.Text(Tag::kActorMember) != member_ref) return false;
    if (!organisation.empty() && event.Text(Tag::kActorOrganisation) != organisation) return false;
    if (!channel.empty() && event.Text(Tag::kChannel) != channel) return false;
    const absl::Time time = event.Time().value_or(absl::UnixEpoch());
    return since <= time && time < until;
  }
};

absl::StatusOr<Filter> MakeFilter(const AuditLogArgs& args, const Session& session) {
  Filter filter;
  if (!args.event.empty()) {
    filter.type = audit::EventTypeFromName(args.event);
    if (!filter.type)
      return UsageError("--event: no such event; examples: SUBMIT, READ, DECISION_DENY, AUDIT_QUERY");
  }
  if (!args.member.empty()) {
    const std::vector<absl::string_view> halves = absl::StrSplit(args.member, absl::MaxSplits('/', 1));
    const trust::Member* member =
        halves.size() == 2 ? session.directory().FindMember(halves[0], halves[1]) : nullptr;
    if (member == nullptr) return UsageError("--member: nobody of that name in this convenant");
    filter.member_ref = member->ref;
  }
  if (!args.organisation.empty() && session.convenant().FindParty(args.organisation) == nullptr) {
    return UsageError("--organisation: no party of this convenant");
  }
  if (!args.channel.empty() && session.convenant().FindChannel(args.channel) == nullptr) {
    return UsageError(absl::StrCat("--channel: unknown; there are: ",
                                   absl::StrJoin(session.convenant().ChannelInstances(), ", ")));
  }
  filter.organisation = args.organisation;
  filter.channel = args.channel;
  if (!args.since.empty()) {
    ASSIGN_OR_RETURN(filter.since, ParseTimeFlag(args.since, "--since"));
  }
  if (!args.until.empty()) {
    ASSIGN_OR_RETURN(filter.until, ParseTimeFlag(args.until, "--until"));
  }
  return filter;
}

std::string NameOf(ByteView member_ref, const trust::Directory& directory) {
  const trust::Member* member = directory.FindMember(member_ref);
  if (member != nullptr) return member->address();
  return absl::StrCat("?", ToHex(member_ref.substr(0, 4)));
}

std::string ActorOf(const audit::Event& event, const trust::Directory& directory, bool nl) {
  if (const auto ref = event.Text(Tag::kActorMember)) return NameOf(*ref, directory);
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
std::string Recipients(const audit::Event& event, const trust::Directory& directory, bool nl) {
  const Bytes actor = event.Text(Tag::kActorMember).value_or(Bytes());
  const std::vector<audit::RecipientVerdict> verdicts =
      event.Recipients().value_or(std::vector<audit::RecipientVerdict>());
  std::set<std::string> names;
  for (const audit::RecipientVerdict& verdict : verdicts) {
    if (verdict.member_ref != actor) names.insert(NameOf(verdict.member_ref, directory));
  }
  if (const auto member = event.Text(Tag::kOnBehalfOf)) names.insert(NameOf(*member, directory));
  if (names.empty()) return "";
  if (names.size() > kMostNamed)
    return absl::StrCat(nl ? ", aan " : ", to ", names.size(), nl ? " leden" : " members");
  return absl::StrCat(nl ? ", aan " : ", to ", absl::StrJoin(names, ", "));
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
    {EventType::kWithdrawn, "$0 trok signaal $1 in", "$0 withdrew signal $1"},
};

struct Shown {
  uint64_t index;
  audit::Opening opening;
};

void PrintLog(const Context& context, const Session& session, const std::deque<Shown>& shown) {
  if (context.json) {
    Json list = Json::array();
    for (const Shown& one : shown) {
      Json entry{{"index", one.index}};
      entry.update(EventJson(one.opening));
      if (const auto ref = one.opening.event().Text(Tag::kActorMember)) {
        entry["actor"] = NameOf(*ref, session.directory());
      }
      entry["sentence"] = EventSentence(one.opening.event(), session.directory(), context.language);
      list.push_back(std::move(entry));
    }
    PrintJson(context, list);
    return;
  }
  std::vector<std::vector<std::string>> table{
      {"#", context.language == Language::kDutch ? "tijd" : "time", ""}};
  for (const Shown& one : shown) {
    const absl::Time time = one.opening.event().Time().value_or(absl::UnixEpoch());
    table.push_back({absl::StrCat(one.index), FormatLocal(time),
                     EventSentence(one.opening.event(), session.directory(), context.language)});
  }
  PrintText(context, Table(table));
}

}  // namespace

std::string EventSentence(const audit::Event& event, const trust::Directory& directory, Language language) {
  const bool nl = language == Language::kDutch;
  const EventType type = event.Type().value_or(EventType{});
  std::string sentence;
  for (const Phrase& phrase : kPhrases) {
    if (phrase.type == type) {
      sentence = absl::Substitute(nl ? phrase.nl : phrase.en, ActorOf(event, directory, nl), SignalId(event));
    }
  }
  if (sentence.empty()) {
    sentence = absl::StrCat(audit::EventTypeName(type), ": ", ActorOf(event, directory, nl));
  }
  if (const auto part = event.Number(Tag::kPart))
    absl::StrAppend(&sentence, nl ? ", deel " : ", part ", *part);
  absl::StrAppend(&sentence, And(event, Tag::kChannel, nl ? "kanaal" : "channel"),
                  And(event, Tag::kLevel, ""), And(event, Tag::kPurpose, nl ? "doel" : "purpose"));
  absl::StrAppend(&sentence, Recipients(event, directory, nl));
  if (const auto rules = event.Texts(Tag::kRules); rules && !rules->empty()) {
    absl::StrAppend(&sentence, ": ", absl::StrJoin(*rules, ", "));
    if (const auto clause = event.Text(Tag::kClause)) absl::StrAppend(&sentence, " (", *clause, ")");
  }
  return sentence;
}

absl::Status FetchLog(Session& session, ByteView case_ref,
                      absl::FunctionRef<absl::Status(const v1::ExportEntry&)> each) {
  const audit::Checkpoint checkpoint = *session.checkpoint();
  v1::AuditQueryStatement query;
  query.set_convenant_id(session.entry().id);
  query.set_from(0);
  query.set_to(checkpoint.size);
  query.set_reason("review");
  query.set_device_id(session.profile().device_id());
  query.set_time(absl::ToUnixSeconds(session.context().clock.Now()));
  query.set_nonce(crypto::RandomBytes(trust::kIdBytes));
  query.set_case_ref(ToHex(case_ref));
  const Bytes statement = trust::StrictSerialize(query);
  const Bytes signature = crypto::Sign(session.profile().device_key(), trust::kAuditQueryLabel, statement);

  audit::RightEdge tree;
  bool receipt_seen = false;
  const absl::Status fetched =
      session.connection().Export(statement, signature, [&](const v1::ExportReply& reply) -> absl::Status {
        if (reply.has_receipt()) {
          RETURN_IF_ERROR(session.CheckReceipt(reply.receipt(), crypto::Sha256(statement)).status());
          receipt_seen = true;
        }
        if (session.context().Stopped()) return absl::CancelledError("interrupted");
        if (!receipt_seen) return TamperedError("the broker gives no receipt for a query of the log");
        for (const v1::ExportEntry& entry : reply.entries()) {
          if (entry.index() != tree.size() || entry.index() >= checkpoint.size) {
            return TamperedError(absl::StrCat("the broker leaves out entry ", tree.size(), " of the log"));
          }
          tree.Append(crypto::LeafHash(entry.leaf()));
          RETURN_IF_ERROR(each(entry));
        }
        return absl::OkStatus();
      });
  RETURN_IF_ERROR(fetched);
  if (tree.size() != checkpoint.size || tree.Root() != checkpoint.root) {
    return TamperedError("the entries are not those of the log that the checkpoint speaks of");
  }
  return absl::OkStatus();
}

absl::Status AuditLog(Context& context, const AuditLogArgs& args) {
  Bytes case_ref;
  if (!args.case_ref.empty()) {
    ASSIGN_OR_RETURN(case_ref, ParseId(args.case_ref, "--case: not a case reference"));
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, OpenOnline(context));
  ASSIGN_OR_RETURN(const Filter filter, MakeFilter(args, *session));
  std::deque<Shown> shown;
  RETURN_IF_ERROR(FetchLog(*session, case_ref, [&](const v1::ExportEntry& entry) -> absl::Status {
    if (entry.opening().empty()) return absl::OkStatus();
    absl::StatusOr<audit::Opening> opening = audit::Opening::Decode(entry.opening());
    if (!opening.ok() || !audit::VerifyOpening(entry.leaf(), *opening).ok()) {
      return TamperedError(absl::StrCat("entry ", entry.index(), " of the log does not fit its opening"));
    }
    if (!filter.Matches(opening->event())) return absl::OkStatus();
    shown.push_back({entry.index(), *std::move(opening)});
    if (args.last > 0 && shown.size() > args.last) shown.pop_front();
    return absl::OkStatus();
  }));
  PrintLog(context, *session, shown);
  return absl::OkStatus();
}

absl::Status AuditProof(Context& context, uint64_t index) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, OpenOnline(context));
  const audit::Checkpoint checkpoint = *session->checkpoint();
  if (index >= checkpoint.size) {
    return UsageError(absl::StrCat("the log has no entry ", index, ": it has ", checkpoint.size));
  }
  ASSIGN_OR_RETURN(const v1::ProveInclusionReply reply,
                   session->connection().ProveInclusion(index, checkpoint.size));
  std::vector<Digest> proof;
  Json hashes = Json::array();
  for (const std::string& hash : reply.hashes()) {
    const absl::StatusOr<Digest> digest = ToFixed<32>(hash, "hash");
    if (!digest.ok()) return TamperedError("the proof is malformed");
    proof.push_back(*digest);
    hashes.push_back(ToHex(*digest));
  }
  const Digest leaf_hash = crypto::LeafHash(reply.leaf());
  if (!crypto::VerifyInclusion(index, checkpoint.size, leaf_hash, proof, checkpoint.root).ok()) {
    return TamperedError(absl::StrCat("entry ", index, " is not in the log that the checkpoint speaks of"));
  }
  Print(
      context,
      Json{{"ok", true},
           {"index", index},
           {"size", checkpoint.size},
           {"leaf", ToHex(reply.leaf())},
           {"leaf_hash", ToHex(leaf_hash)},
           {"hashes", std::move(hashes)},
           {"root", ToHex(checkpoint.root)},
           {"checkpoint", session->checkpoint_note()}},
      absl::StrCat(context.language == Language::kDutch ? "regel " : "entry ", index,
                   context.language == Language::kDutch ? " staat in het logboek van " : " is in the log of ",
                   checkpoint.size, context.language == Language::kDutch ? " regels" : " entries", "\n",
                   session->checkpoint_note()));
  return absl::OkStatus();
}

}  // namespace seinpost::client
