// SPDX-License-Identifier: EUPL-1.2
#include "client/audit/log.h"

#include <deque>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "audit/tree.h"
#include "client/mail/sync.h"
#include "client/terminal/arguments.h"
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

// Takes up the names of the members that occur in an event.
void AddNames(const audit::Event& event, const trust::Directory& directory, MemberNames& names) {
  const auto add = [&](const Bytes& ref) {
    const trust::Member* member = directory.FindMember(ref);
    if (member != nullptr) names.emplace(ref, member->address());
  };
  for (const Tag tag : {Tag::kActorMember, Tag::kOnBehalfOf}) {
    if (const auto ref = event.Text(tag)) add(*ref);
  }
  for (const audit::RecipientVerdict& verdict :
       event.Recipients().value_or(std::vector<audit::RecipientVerdict>())) {
    add(verdict.member_ref);
  }
}

}  // namespace

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

absl::StatusOr<LogRead> ReadLog(const Context& context, const AuditLogArgs& args) {
  Bytes case_ref;
  if (!args.case_ref.empty()) {
    ASSIGN_OR_RETURN(case_ref, ParseId(args.case_ref, "--case: not a case reference"));
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, OpenOnline(context));
  ASSIGN_OR_RETURN(const Filter filter, MakeFilter(args, *session));
  std::deque<LogRead::Entry> found;
  RETURN_IF_ERROR(FetchLog(*session, case_ref, [&](const v1::ExportEntry& entry) -> absl::Status {
    if (entry.opening().empty()) return absl::OkStatus();
    absl::StatusOr<audit::Opening> opening = audit::Opening::Decode(entry.opening());
    if (!opening.ok() || !audit::VerifyOpening(entry.leaf(), *opening).ok()) {
      return TamperedError(absl::StrCat("entry ", entry.index(), " of the log does not fit its opening"));
    }
    if (!filter.Matches(opening->event())) return absl::OkStatus();
    found.push_back({entry.index(), *std::move(opening)});
    if (args.last > 0 && found.size() > args.last) found.pop_front();
    return absl::OkStatus();
  }));
  LogRead log;
  for (LogRead::Entry& entry : found) {
    AddNames(entry.opening.event(), session->directory(), log.names);
    log.entries.push_back(std::move(entry));
  }
  return log;
}

absl::StatusOr<EntryProven> ProveEntry(const Context& context, uint64_t index) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, OpenOnline(context));
  const audit::Checkpoint checkpoint = *session->checkpoint();
  if (index >= checkpoint.size) {
    return UsageError(absl::StrCat("the log has no entry ", index, ": it has ", checkpoint.size));
  }
  ASSIGN_OR_RETURN(const v1::ProveInclusionReply reply,
                   session->connection().ProveInclusion(index, checkpoint.size));
  EntryProven proven;
  proven.index = index;
  proven.size = checkpoint.size;
  proven.leaf = reply.leaf();
  proven.leaf_hash = crypto::LeafHash(reply.leaf());
  proven.root = checkpoint.root;
  proven.checkpoint = session->checkpoint_note();
  for (const std::string& hash : reply.hashes()) {
    const absl::StatusOr<Digest> digest = ToFixed<32>(hash, "hash");
    if (!digest.ok()) return TamperedError("the proof is malformed");
    proven.hashes.push_back(*digest);
  }
  if (!crypto::VerifyInclusion(index, proven.size, proven.leaf_hash, proven.hashes, proven.root).ok()) {
    return TamperedError(absl::StrCat("entry ", index, " is not in the log that the checkpoint speaks of"));
  }
  return proven;
}

}  // namespace seinpost::client
