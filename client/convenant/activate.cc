// SPDX-License-Identifier: EUPL-1.2
#include "client/convenant/activate.h"

#include <optional>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "audit/checkpoint.h"
#include "audit/signed_note.h"
#include "client/broker/connection.h"
#include "client/broker/in_force.h"
#include "client/broker/published.h"
#include "client/terminal/arguments.h"
#include "trust/directory.h"
#include "trust/objects.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

// A document with its signatures and the broker that is to have it.
struct Filing {
  Document document;
  Bytes object;                           // FILE.sig
  std::optional<ConvenantFile> in_force;  // as the broker says; none: version 1 is to come
  Bytes checkpoint;                       // of that moment
};

std::string ProposedFile(const Document& document) { return document.path + ".proposed"; }

absl::StatusOr<Connection*> Connect(const Context& context, const ConvenantActivateArgs& args,
                                    std::optional<Connection>& connection) {
  ASSIGN_OR_RETURN(const Bytes tls_ca, ReadArgumentFile(args.tls_ca, kMaxCaBytes));
  connection.emplace(args.broker, tls_ca, context);
  return &*connection;
}

bool IsEpoch(const Document& document) { return document.kind == v1::OBJECT_KIND_LOG_EPOCH; }

// What is in force, by the broker's word: enough to say what is missing before it is sent. The broker and
// every client check it all again.
//
// A broker whose log lost its tail is read-only and may have nothing to show; what makes it writable again,
// an epoch, is for it alone to check.
absl::Status AskWhatIsInForce(Connection& connection, Filing& filing) {
  absl::StatusOr<InForce> in_force = AskInForce(connection, filing.document.convenant_id());
  if (absl::IsNotFound(in_force.status()) || absl::IsFailedPrecondition(in_force.status()) ||
      (IsEpoch(filing.document) && absl::IsUnavailable(in_force.status()))) {
    return absl::OkStatus();
  }
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
  return Filing{std::move(document), std::move(object), std::nullopt, Bytes()};
}

// What of versions is wrong whatever the signatures say.
absl::Status CheckVersion(const Filing& filing) {
  if (!filing.document.convenant) {
    return filing.in_force || IsEpoch(filing.document)
               ? absl::OkStatus()
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

// Which convenant the log must be of: of an act the version that it speaks of, of a version the one it
// follows or, if that is nothing yet, itself.
PublishTrust TrustOf(const Filing& filing) {
  PublishTrust trust;
  trust.convenant_id = filing.document.convenant_id();
  if (filing.document.act) {
    trust.convenant_hash =
        std::visit([](const auto& act) { return act.convenant_hash(); }, *filing.document.act);
  } else {
    trust.convenant_hash = ToBytes(filing.in_force ? filing.in_force->hash : filing.document.convenant->hash);
  }
  return trust;
}

absl::Status MissingError(const Standing& standing) {
  return absl::PermissionDeniedError(absl::StrCat(
      "signatures are missing: ", absl::StrJoin(standing.missing, ", "),
      standing.lacking < standing.missing.size() ? absl::StrCat(" (", standing.lacking, " of them)") : "",
      !standing.lost.empty() ? "; if that root key is lost: convenant propose, and activate 72 hours later"
                             : ""));
}

// How long a proposal is in public already.
struct PublicDelay {
  absl::Time since;
  absl::Duration left;  // until it may be activated; zero or less: it may
};

// Adds the two checkpoints, once they are 72 hours apart.
absl::StatusOr<PublicDelay> AddEvidence(const Standing& standing, Filing& filing) {
  const absl::StatusOr<Proposed> proposed = ReadProposed(filing.document);
  if (absl::IsNotFound(proposed.status())) return MissingError(standing);
  RETURN_IF_ERROR(proposed.status());
  ASSIGN_OR_RETURN(const audit::Checkpoint now, ReadNote(filing.checkpoint));
  const PublicDelay delay{proposed->since, proposed->since + trust::kPublicDelay - *now.time};
  if (delay.left > absl::ZeroDuration()) return delay;
  ASSIGN_OR_RETURN(const Bytes proposal, trust::MakeProposal(filing.object));
  ASSIGN_OR_RETURN(filing.object, trust::MakeActivation(proposal, proposed->first, filing.checkpoint));
  return delay;
}

DocumentActivated Active(Filing filing) {
  return DocumentActivated{
      .document = std::move(filing.document), .active = true, .proposed = {}, .earliest = {}, .wait = {}};
}

DocumentActivated StillPublic(Filing filing, const PublicDelay& delay) {
  return DocumentActivated{.document = std::move(filing.document),
                           .active = false,
                           .proposed = delay.since,
                           .earliest = delay.since + trust::kPublicDelay,
                           .wait = delay.left};
}

// The proposal that FILE.proposed is about; made, if there is none yet.
absl::StatusOr<Proposed> Propose(Connection& connection, const Filing& filing) {
  absl::StatusOr<Proposed> proposed = ReadProposed(filing.document);
  if (!absl::IsNotFound(proposed.status())) return proposed;
  ASSIGN_OR_RETURN(const Bytes proposal, trust::MakeProposal(filing.object));
  ASSIGN_OR_RETURN(const v1::PublishReply reply,
                   connection.Publish(filing.document.convenant_id(), {proposal}));
  ASSIGN_OR_RETURN(PublishedProof proof, ProvePublished(connection, TrustOf(filing), {proposal}, reply));
  RETURN_IF_ERROR(WriteFileAtomically(ProposedFile(filing.document), proof.note));
  return Proposed{std::move(proof.note), *proof.checkpoint.time};
}

// Whether all have signed who must; how long it is still to be in public, where a key is lost and it is too
// early.
absl::StatusOr<std::optional<PublicDelay>> CheckStanding(Filing& filing) {
  ASSIGN_OR_RETURN(const Standing standing, StandingOf(filing));
  if (!standing.lost.empty()) {
    ASSIGN_OR_RETURN(const PublicDelay delay, AddEvidence(standing, filing));
    if (delay.left > absl::ZeroDuration()) return std::make_optional(delay);
  } else if (!standing.complete()) {
    return MissingError(standing);
  }
  return std::optional<PublicDelay>();
}

// It is in force once the log shows it.
absl::StatusOr<DocumentActivated> Send(Connection& connection, Filing filing) {
  const absl::StatusOr<v1::PublishReply> reply =
      filing.document.convenant ? connection.Activate(filing.object)
                                : connection.Publish(filing.document.convenant_id(), {filing.object});
  RETURN_IF_ERROR(reply.status());
  RETURN_IF_ERROR(ProvePublished(connection, TrustOf(filing), {filing.object}, *reply).status());
  return Active(std::move(filing));
}

}  // namespace

absl::StatusOr<DocumentActivated> ActivateDocument(const Context& context,
                                                   const ConvenantActivateArgs& args) {
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
    RETURN_IF_ERROR(ProvePublished(*connection, TrustOf(filing), {}, {}).status());
    return Active(std::move(filing));
  }
  RETURN_IF_ERROR(version);
  if (filing.in_force || filing.document.convenant) {
    ASSIGN_OR_RETURN(const std::optional<PublicDelay> delay, CheckStanding(filing));
    if (delay.has_value()) return StillPublic(std::move(filing), *delay);
  }
  return Send(*connection, std::move(filing));
}

absl::StatusOr<VersionProposed> ProposeVersion(const Context& context, const ConvenantActivateArgs& args) {
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
  ASSIGN_OR_RETURN(const Proposed proposed, Propose(*connection, filing));
  std::string file = ProposedFile(filing.document);
  return VersionProposed{.document = std::move(filing.document),
                         .lost = standing.lost,
                         .proposed = proposed.since,
                         .earliest = proposed.since + trust::kPublicDelay,
                         .checkpoint = std::move(file)};
}

}  // namespace seinpost::client
