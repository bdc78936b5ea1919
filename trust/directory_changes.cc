// SPDX-License-Identifier: EUPL-1.2
// What several parties say together: versions of the convenant, proposals, trust updates, restriction orders
// and log epochs, one function per kind of object. Each checks everything before it changes anything.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "audit/checkpoint.h"
#include "crypto/hash.h"
#include "trust/change_fields.h"
#include "trust/directory.h"
#include "trust/log_identity.h"
#include "trust/succession.h"
#include "util/status_macros.h"

namespace seinpost::trust {

namespace pb = seinpost::v1;

namespace {

absl::Status CheckNumber(uint64_t number, uint64_t next) {
  if (number == next) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("number: ", number, " where ", next, " is next"));
}

// At least as many root keys as the convenant's change quorum signed, and nobody else.
absl::Status CheckQuorum(const policies::Convenant& convenant, const pb::SignedObject& object,
                         absl::string_view what) {
  const uint32_t quorum = convenant.trust()->change_quorum;
  if (quorum == 0) {
    return absl::PermissionDeniedError(absl::StrCat(what, ": the convenant states no change_quorum"));
  }
  RETURN_IF_ERROR(CheckSignatures(object, RootKeys(convenant), what).status());
  if (static_cast<uint32_t>(object.signatures_size()) < quorum) {
    return absl::PermissionDeniedError(absl::StrCat(
        what, ": ", object.signatures_size(), " signatures of the ", quorum, " that change_quorum asks for"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<policies::Convenant> Directory::ParseNext(const pb::SignedObject& object,
                                                         const Digest& hash) const {
  ASSIGN_OR_RETURN(policies::Convenant next, ParseConvenant(object, convenant_file_));
  if (versions_.empty()) {
    if (next.version() != 1) {
      return absl::FailedPreconditionError(
          absl::StrCat("convenant: version ", next.version(), " where 1 is next"));
    }
  } else {
    RETURN_IF_ERROR(CheckSuccession(versions_.back(), next));
    if (next.trust()->log_key != View(LogIdentityAsOf().key)) {
      return absl::FailedPreconditionError("convenant: trust.log_key is not the key of the log in force");
    }
  }
  if (pin_ && pin_->version == next.version() && pin_->hash != hash) {
    return absl::FailedPreconditionError("the convenant is not the pinned one: its file hashes differently");
  }
  return next;
}

absl::Status Directory::AddConvenant(const pb::SignedObject& object, ByteView encoded, absl::Time now) {
  const Digest hash = crypto::Sha256(object.body());
  ASSIGN_OR_RETURN(policies::Convenant next, ParseNext(object, hash));
  ASSIGN_OR_RETURN(const std::string lost, CheckConvenantSignatures(object, next));
  if (!lost.empty()) {
    RETURN_IF_ERROR(CheckPublicDelay(object, hash, lost, now));
  } else if (!object.evidence().empty()) {
    return absl::InvalidArgumentError("evidence: given where no key was lost");
  }
  if (versions_.empty()) {
    ASSIGN_OR_RETURN(const FixedBytes<32> log_key, LogKey(next));
    log_identities_.push_back(LogIdentity{LogOrigin(next.id()), log_key, seq_});
  } else {
    LetGo(next);
  }
  proposals_.clear();
  witnesses_ = next.trust()->witnesses;
  witness_quorum_ = next.trust()->witness_quorum;
  Version version;
  version.convenant = std::make_shared<const policies::Convenant>(std::move(next));
  version.hash = hash;
  version.object = Bytes(encoded);
  version.seq = seq_;
  versions_.push_back(std::move(version));
  return absl::OkStatus();
}

absl::StatusOr<std::string> Directory::CheckConvenantSignatures(const pb::SignedObject& object,
                                                                const policies::Convenant& next) const {
  const policies::Convenant* previous = convenant();
  ASSIGN_OR_RETURN(const std::vector<std::string> missing,
                   CheckSignatures(object, ConvenantSigners(previous, next), "convenant"));
  return LostKeyOf(previous, next, missing);
}

// The key of `lost` is replaced without the old signature: its proposal must have been in the log for the
// public delay, which two notes of the log show.
absl::Status Directory::CheckPublicDelay(const pb::SignedObject& object, const Digest& hash,
                                         absl::string_view lost, absl::Time now) const {
  const auto proposal = std::find_if(proposals_.begin(), proposals_.end(),
                                     [&](const Proposal& open) { return open.hash == hash; });
  if (proposal == proposals_.end()) {
    return absl::PermissionDeniedError(absl::StrCat("convenant: the signature of party \"", lost,
                                                    "\" is missing, and no proposal to do without it was "
                                                    "logged"));
  }
  if (object.evidence().empty()) {
    return absl::FailedPreconditionError("evidence: none that the proposal was public for 72 hours");
  }
  ASSIGN_OR_RETURN(const audit::Checkpoint first, CheckEvidence(object.evidence(0)));
  ASSIGN_OR_RETURN(const audit::Checkpoint second, CheckEvidence(object.evidence(1)));
  if (first.directory->seq <= proposal->seq) {
    return absl::FailedPreconditionError("evidence: the first note does not hold the proposal");
  }
  if (second.size < first.size || second.directory->seq < first.directory->seq) {
    return absl::FailedPreconditionError("evidence: the second note is older than the first");
  }
  if (*second.time < *first.time + kPublicDelay) {
    return absl::FailedPreconditionError("evidence: less than 72 hours between the notes");
  }
  if (now != absl::InfinitePast() && now + kClockSkew < *second.time) {
    return absl::FailedPreconditionError("evidence: the second note is of a time yet to come");
  }
  return absl::OkStatus();
}

// A note of the log in force about this very directory, which does not hold more than it.
absl::StatusOr<audit::Checkpoint> Directory::CheckEvidence(ByteView note) const {
  const LogIdentity& log = LogIdentityAsOf();
  absl::StatusOr<audit::Checkpoint> checkpoint =
      audit::VerifyCheckpoint(note, audit::LogKey(log.origin, log.key));
  if (!checkpoint.ok()) {
    return absl::PermissionDeniedError(
        absl::StrCat("evidence: not a note of this log: ", checkpoint.status().message()));
  }
  if (checkpoint->directory->seq > size()) {
    return absl::FailedPreconditionError("evidence: of a longer directory");
  }
  // Of objects that were skipped there is no hash to compare.
  const Digest* chain = ChainHashAt(checkpoint->directory->seq);
  if (chain != nullptr && *chain != checkpoint->directory->hash) {
    return absl::FailedPreconditionError("evidence: of another directory");
  }
  return checkpoint;
}

// A party that leaves takes its devices and mandates with it.
void Directory::LetGo(const policies::Convenant& next) {
  const auto leaves = [&](absl::string_view party) { return next.FindParty(party) == nullptr; };
  for (auto& [id, device] : devices_) {
    if (!device.revoked_at_seq && leaves(device.organisation)) device.revoked_at_seq = seq_;
  }
  for (auto& [id, mandate] : mandates_) {
    if (!mandate.revoked_at_seq && leaves(mandate.organisation)) mandate.revoked_at_seq = seq_;
  }
  std::erase_if(issuers_, [&](const auto& issuer) { return leaves(issuer.first); });
}

absl::Status Directory::AddProposal(const pb::SignedObject& object) {
  const Digest hash = crypto::Sha256(object.body());
  ASSIGN_OR_RETURN(const policies::Convenant next, ParseNext(object, hash));
  ASSIGN_OR_RETURN(std::string lost, CheckConvenantSignatures(object, next));
  if (lost.empty()) {
    return absl::FailedPreconditionError("proposal: no signature is missing; activate the convenant itself");
  }
  proposals_.push_back(Proposal{hash, next.version(), {std::move(lost)}, seq_});
  return absl::OkStatus();
}

absl::Status Directory::CheckFreshLogKey(const FixedBytes<32>& key) const {
  const bool used = std::any_of(log_identities_.begin(), log_identities_.end(),
                                [&](const LogIdentity& log) { return log.key == key; });
  return used ? absl::FailedPreconditionError("log_key: used before") : absl::OkStatus();
}

absl::Status Directory::AddTrustUpdate(const pb::SignedObject& object) {
  ASSIGN_OR_RETURN(TrustUpdateFields fields, CheckTrustUpdateFields(versions_.back(), object.body()));
  RETURN_IF_ERROR(CheckQuorum(*convenant(), object, "trust update"));
  RETURN_IF_ERROR(CheckNumber(fields.number, NextTrustUpdateNumber()));
  if (fields.log_key) RETURN_IF_ERROR(CheckFreshLogKey(*fields.log_key));

  ++trust_updates_;
  if (fields.log_key) {
    log_identities_.push_back(LogIdentity{log_identities_.back().origin, *fields.log_key, seq_});
  }
  if (fields.replaces_witnesses) {
    witnesses_ = std::move(fields.witnesses);
    witness_quorum_ = fields.witness_quorum;
  }
  return absl::OkStatus();
}

policies::Level Directory::CeilingInForce(const policies::Restriction& subject) const {
  policies::Level ceiling;
  if (!subject.channel.empty()) {
    ceiling = convenant()->channels().find(subject.channel)->second.ceiling;
  } else {
    const policies::KindLevels* levels = convenant()->FindLevels(convenant()->FindParty(subject.party)->kind);
    ceiling = std::max(levels->ceiling, levels->tied.value_or(levels->ceiling));
  }
  for (const policies::Restriction& order : RestrictionsAsOf()) {
    if (order.channel == subject.channel && order.party == subject.party) {
      ceiling = std::min(ceiling, order.ceiling);
    }
  }
  return ceiling;
}

absl::Status Directory::AddRestriction(const pb::SignedObject& object) {
  ASSIGN_OR_RETURN(policies::Restriction restriction,
                   CheckRestrictionFields(versions_.back(), object.body()));
  // There is exactly one signature: the kind takes no more.
  RETURN_IF_ERROR(CheckSignatures(object, ControllerKey(*convenant()), "restriction order").status());
  RETURN_IF_ERROR(CheckNumber(restriction.number, NextRestrictionNumber()));
  if (restriction.ceiling >= CeilingInForce(restriction)) {
    return absl::FailedPreconditionError("ceiling: not lower than what holds");
  }
  restrictions_.push_back(RestrictionEntry{std::move(restriction), convenant()->version(), seq_});
  return absl::OkStatus();
}

absl::Status Directory::AddLogEpoch(const pb::SignedObject& object) {
  ASSIGN_OR_RETURN(const LogEpochFields fields, CheckLogEpochFields(versions_.back(), object.body()));
  RETURN_IF_ERROR(CheckQuorum(*convenant(), object, "log epoch"));
  RETURN_IF_ERROR(CheckNumber(fields.number, NextEpochNumber()));
  RETURN_IF_ERROR(CheckFreshLogKey(fields.log_key));
  if (fields.directory_size != size()) {
    return absl::FailedPreconditionError("directory_size: not the objects that there are");
  }
  const LogIdentity& log = log_identities_.back();
  const absl::StatusOr<audit::Checkpoint> last =
      audit::VerifyCheckpoint(fields.last_checkpoint, audit::LogKey(log.origin, log.key));
  if (!last.ok()) {
    return absl::PermissionDeniedError(
        absl::StrCat("last_checkpoint: not a note of this log: ", last.status().message()));
  }
  if (last->size <= fields.first_lost) return absl::FailedPreconditionError("first_lost: nothing was lost");
  if (last->directory->seq < size()) {
    return absl::FailedPreconditionError("last_checkpoint: of a shorter directory than what is left");
  }
  if (last->directory->seq == size() && last->directory->hash != chain_hash()) {
    return absl::FailedPreconditionError("last_checkpoint: of another directory");
  }
  lost_tails_.push_back(
      LostTail{fields.first_lost, last->size, last->root, fields.directory_size, fields.number, seq_});
  log_identities_.push_back(LogIdentity{fields.origin, fields.log_key, seq_});
  return absl::OkStatus();
}

uint64_t Directory::NextTrustUpdateNumber() const { return trust_updates_ + 1; }

uint64_t Directory::NextRestrictionNumber() const { return RestrictionsAsOf().size() + 1; }

// The first epoch is number 1 and has no object.
uint64_t Directory::NextEpochNumber() const { return lost_tails_.size() + 2; }

std::vector<policies::Restriction> Directory::RestrictionsAsOf(DirSize as_of) const {
  std::vector<policies::Restriction> restrictions;
  const Version* version = VersionAsOf(as_of);
  if (version == nullptr) return restrictions;
  for (const RestrictionEntry& entry : restrictions_) {
    if (entry.version == version->convenant->version() && entry.seq < as_of) {
      restrictions.push_back(entry.restriction);
    }
  }
  return restrictions;
}

}  // namespace seinpost::trust
