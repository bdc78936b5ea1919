// SPDX-License-Identifier: EUPL-1.2
// `seinpost convenant activate` and `propose`: what was signed goes to the broker.
#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "audit/checkpoint.h"
#include "audit/signed_note.h"
#include "client/broker/connection.h"
#include "client/broker/in_force.h"
#include "client/convenant/bundle.h"
#include "client/convenant/commands.h"
#include "client/terminal/arguments.h"
#include "client/terminal/output.h"
#include "trust/directory.h"
#include "trust/objects.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

constexpr absl::Duration kCheckpointPatience = absl::Seconds(30);  // the broker makes one within 100 ms

// A document with its signatures and the broker that is to have it.
struct Filing {
  Document document;
  Bytes object;  // FILE.sig
  std::string convenant_id;
  std::optional<ConvenantFile> in_force;  // as the broker says; none: version 1 is to come
  Bytes checkpoint;                       // of that moment
};

std::string ProposedFile(const Document& document) { return document.path + ".proposed"; }

std::string ConvenantIdOf(const Document& document) {
  if (document.convenant) return document.convenant->convenant.id();
  v1::TrustUpdate update;
  v1::LogEpoch epoch;
  v1::RestrictionOrder order;
  switch (document.kind) {
    case v1::OBJECT_KIND_TRUST_UPDATE:
      return update.ParseFromString(document.body) ? update.convenant_id() : "";
    case v1::OBJECT_KIND_LOG_EPOCH:
      return epoch.ParseFromString(document.body) ? epoch.convenant_id() : "";
    default:
      return order.ParseFromString(document.body) ? order.convenant_id() : "";
  }
}

absl::StatusOr<Connection*> Connect(const Context& context, const ConvenantActivateArgs& args,
                                    std::optional<Connection>& connection) {
  ASSIGN_OR_RETURN(const Bytes tls_ca, ReadArgumentFile(args.tls_ca, kMaxCaBytes));
  connection.emplace(args.broker, tls_ca, context.clock);
  return &*connection;
}

// What is in force, by the broker's word: enough to say what is missing before it is sent. The broker and
// every client check it all again.
absl::Status AskWhatIsInForce(Connection& connection, Filing& filing) {
  absl::StatusOr<InForce> in_force = AskInForce(connection, filing.convenant_id);
  if (absl::IsNotFound(in_force.status()) || absl::IsFailedPrecondition(in_force.status()))
    return absl::OkStatus();
  RETURN_IF_ERROR(in_force.status());
  filing.in_force.emplace(std::move(in_force->file));
  filing.checkpoint = in_force->checkpoint;
  return absl::OkStatus();
}

absl::StatusOr<Filing> ReadFiling(const std::string& path) {
  ASSIGN_OR_RETURN(Document document, ReadDocument(path));
  ASSIGN_OR_RETURN(Bytes object, ReadSignatures(document));
  if (object.empty()) {
    return UsageError(absl::StrCat(document.SignatureFile(), ": nobody has signed yet"));
  }
  std::string id = ConvenantIdOf(document);
  return Filing{std::move(document), std::move(object), std::move(id), std::nullopt, Bytes()};
}

// What of versions is wrong whatever the signatures say.
absl::Status CheckVersion(const Filing& filing) {
  if (!filing.document.convenant) {
    return filing.in_force ? absl::OkStatus()
                           : absl::FailedPreconditionError("this broker has no such convenant in force");
  }
  const ConvenantFile& file = *filing.document.convenant;
  const uint32_t version = file.convenant.version();
  if (!filing.in_force) {
    return version == 1 ? absl::OkStatus() : absl::FailedPreconditionError("version 1 comes first");
  }
  const uint32_t now = filing.in_force->convenant.version();
  if (file.hash == filing.in_force->hash) return absl::AlreadyExistsError("in force already");
  if (version == now) {
    return absl::FailedPreconditionError(
        absl::StrCat("another text of version ", now, " is in force already: the first valid one counts"));
  }
  if (version < now) {
    return absl::FailedPreconditionError(absl::StrCat("version ", now, " is in force, which is newer"));
  }
  if (version > now + 1) {
    return absl::FailedPreconditionError(
        absl::StrCat("version ", now, " is in force: version ", now + 1, " comes first"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Standing> StandingOf(const Filing& filing) {
  ASSIGN_OR_RETURN(const Needed needed,
                   NeededFor(filing.document, filing.in_force ? &*filing.in_force : nullptr));
  return CheckSignatures(filing.object, filing.document, needed);
}

// A proposal counts from the first checkpoint that holds it.
struct Proposed {
  Bytes first;  // signed note
  absl::Time since;
};

absl::StatusOr<audit::Checkpoint> ReadNote(ByteView note) {
  const absl::StatusOr<audit::SignedNote> parsed = audit::SignedNote::Parse(note);
  if (!parsed.ok()) return TamperedError("not a checkpoint of a log");
  absl::StatusOr<audit::Checkpoint> checkpoint = audit::ParseCheckpointText(parsed->text);
  if (!checkpoint.ok() || !checkpoint->time || !checkpoint->directory) {
    return TamperedError("not a checkpoint of a log");
  }
  return checkpoint;
}

absl::StatusOr<Proposed> ReadProposed(const Document& document) {
  absl::StatusOr<Bytes> note = ReadFile(ProposedFile(document), audit::kMaxNoteBytes);
  if (!note.ok()) return note.status();
  const absl::StatusOr<audit::Checkpoint> checkpoint = ReadNote(*note);
  if (!checkpoint.ok())
    return UsageError(absl::StrCat(ProposedFile(document), ": not a checkpoint of a log"));
  return Proposed{*std::move(note), *checkpoint->time};
}

// The first checkpoint whose directory has at least `objects` objects.
absl::StatusOr<Proposed> WaitForCheckpoint(Connection& connection, const std::string& convenant_id,
                                           uint64_t objects) {
  const absl::Time give_up = absl::Now() + kCheckpointPatience;
  while (true) {
    ASSIGN_OR_RETURN(const v1::GetConvenantReply reply, connection.GetConvenant(convenant_id));
    ASSIGN_OR_RETURN(const audit::Checkpoint checkpoint, ReadNote(reply.checkpoint()));
    if (checkpoint.directory->seq >= objects) return Proposed{reply.checkpoint(), *checkpoint.time};
    if (absl::Now() > give_up)
      return UnreachableError("the broker publishes no checkpoint with the proposal");
    absl::SleepFor(absl::Milliseconds(50));
  }
}

void PrintActive(const Context& context, const Filing& filing) {
  const Document& document = filing.document;
  Json json{{"convenant", filing.convenant_id}};
  if (document.convenant) {
    json["version"] = document.convenant->convenant.version();
    json["hash"] = ToHex(document.convenant->hash);
  }
  json["says"] = Describe(document);
  json["active"] = true;
  Print(context, json, absl::StrCat(Describe(document), "\nis in force\n"));
}

// Not yet: says until when.
absl::Status StillPublic(const Context& context, const Filing& filing, absl::Time since,
                         absl::Duration left) {
  const absl::Time earliest = since + trust::kPublicDelay;
  Print(context,
        Json{{"convenant", filing.convenant_id},
             {"active", false},
             {"proposed", FormatUtc(since)},
             {"earliest", FormatUtc(earliest)},
             {"wait_seconds", absl::ToInt64Seconds(absl::Ceil(left, absl::Seconds(1)))}},
        absl::StrCat("proposed ", FormatLocal(since), ", to be in public for 72 hours; activate it after ",
                     FormatLocal(earliest), "\n"));
  return PrintedError(kFailed);
}

absl::Status MissingError(const Standing& standing) {
  return absl::PermissionDeniedError(absl::StrCat(
      "signatures are missing: ", absl::StrJoin(standing.missing, ", "),
      standing.lacking < standing.missing.size() ? absl::StrCat(" (", standing.lacking, " of them)") : "",
      !standing.lost.empty() ? "; if that root key is lost: convenant propose, and activate 72 hours later"
                             : ""));
}

// Adds the two checkpoints. Not yet 72 hours apart: prints until when, and fails.
absl::Status AddEvidence(const Context& context, const Standing& standing, Filing& filing) {
  const absl::StatusOr<Proposed> proposed = ReadProposed(filing.document);
  if (absl::IsNotFound(proposed.status())) return MissingError(standing);
  RETURN_IF_ERROR(proposed.status());
  ASSIGN_OR_RETURN(const audit::Checkpoint now, ReadNote(filing.checkpoint));
  const absl::Duration left = proposed->since + trust::kPublicDelay - *now.time;
  if (left > absl::ZeroDuration()) return StillPublic(context, filing, proposed->since, left);
  ASSIGN_OR_RETURN(const Bytes proposal, trust::MakeProposal(filing.object));
  ASSIGN_OR_RETURN(filing.object, trust::MakeActivation(proposal, proposed->first, filing.checkpoint));
  return absl::OkStatus();
}

}  // namespace

absl::Status ConvenantActivate(Context& context, const ConvenantActivateArgs& args) {
  ASSIGN_OR_RETURN(Filing filing, ReadFiling(args.file));
  // Version 1 states all that it is checked with: no need to reach anybody to say what is missing.
  if (filing.document.convenant && filing.document.convenant->convenant.version() == 1) {
    ASSIGN_OR_RETURN(const Standing first, StandingOf(filing));
    if (!first.complete()) return MissingError(first);
  }
  std::optional<Connection> open;
  ASSIGN_OR_RETURN(Connection* const connection, Connect(context, args, open));
  RETURN_IF_ERROR(AskWhatIsInForce(*connection, filing));
  const absl::Status version = CheckVersion(filing);
  if (absl::IsAlreadyExists(version)) {
    PrintActive(context, filing);
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(version);
  ASSIGN_OR_RETURN(const Standing standing, StandingOf(filing));
  if (!standing.lost.empty()) {
    RETURN_IF_ERROR(AddEvidence(context, standing, filing));
  } else if (!standing.complete()) {
    return MissingError(standing);
  }
  if (filing.document.convenant) {
    RETURN_IF_ERROR(connection->Activate(filing.object).status());
  } else {
    RETURN_IF_ERROR(connection->Publish(filing.convenant_id, {filing.object}).status());
  }
  PrintActive(context, filing);
  return absl::OkStatus();
}

absl::Status ConvenantPropose(Context& context, const ConvenantActivateArgs& args) {
  ASSIGN_OR_RETURN(Filing filing, ReadFiling(args.file));
  if (!filing.document.convenant || filing.document.convenant->convenant.version() == 1) {
    return UsageError("only a version that replaces a lost root key is proposed; activate anything else");
  }
  std::optional<Connection> open;
  ASSIGN_OR_RETURN(Connection* const connection, Connect(context, args, open));
  RETURN_IF_ERROR(AskWhatIsInForce(*connection, filing));
  RETURN_IF_ERROR(CheckVersion(filing));
  ASSIGN_OR_RETURN(const Standing standing, StandingOf(filing));
  if (standing.complete()) return UsageError("every key has signed: no need to propose it, activate it");
  if (standing.lost.empty()) return MissingError(standing);
  absl::StatusOr<Proposed> proposed = ReadProposed(filing.document);
  if (absl::IsNotFound(proposed.status())) {
    ASSIGN_OR_RETURN(const Bytes proposal, trust::MakeProposal(filing.object));
    ASSIGN_OR_RETURN(const v1::PublishReply reply, connection->Publish(filing.convenant_id, {proposal}));
    proposed = WaitForCheckpoint(*connection, filing.convenant_id, reply.dir_size());
    RETURN_IF_ERROR(proposed.status());
    RETURN_IF_ERROR(WriteFileAtomically(ProposedFile(filing.document), proposed->first));
  }
  RETURN_IF_ERROR(proposed.status());
  const absl::Time earliest = proposed->since + trust::kPublicDelay;
  Print(context,
        Json{{"convenant", filing.convenant_id},
             {"version", filing.document.convenant->convenant.version()},
             {"hash", ToHex(filing.document.convenant->hash)},
             {"lost", standing.lost},
             {"proposed", FormatUtc(proposed->since)},
             {"earliest", FormatUtc(earliest)},
             {"checkpoint", ProposedFile(filing.document)}},
        absl::StrCat("proposed; everybody's client shows it\nkeep ", ProposedFile(filing.document),
                     " and activate after ", FormatLocal(earliest), "\n"));
  return absl::OkStatus();
}

}  // namespace seinpost::client
