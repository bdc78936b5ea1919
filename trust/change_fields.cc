// SPDX-License-Identifier: EUPL-1.2
#include "trust/change_fields.h"

#include "absl/strings/str_cat.h"
#include "audit/signed_note.h"
#include "trust/fields.h"
#include "trust/levels.h"
#include "trust/log_identity.h"
#include "trust/object_fields.h"
#include "trust/strict.h"
#include "util/status_macros.h"

namespace seinpost::trust {

namespace pb = seinpost::v1;

namespace {

constexpr size_t kMaxEpochBytes = audit::kMaxNoteBytes + kMaxBodyBytes;
constexpr int kMaxWitnesses = 100;

// What all three kinds begin with.
template <typename Body>
absl::Status CheckBinding(const Version& in_force, const Body& body) {
  RETURN_IF_ERROR(CheckVersion(body.version()));
  if (body.convenant_id() != in_force.convenant->id()) {
    return absl::InvalidArgumentError("convenant_id: another convenant");
  }
  RETURN_IF_ERROR(CheckSize(body.convenant_hash(), kHashBytes, "convenant_hash"));
  if (body.convenant_hash() != View(in_force.hash)) {
    return absl::FailedPreconditionError("convenant_hash: not the version in force");
  }
  if (body.number() == 0) return absl::InvalidArgumentError("number: 0");
  return absl::OkStatus();
}

absl::Status CheckWitnesses(const pb::TrustUpdate& update) {
  if (!update.replaces_witnesses()) {
    if (update.witnesses().empty() && update.witness_quorum() == 0) return absl::OkStatus();
    return absl::InvalidArgumentError("witnesses: given where they stay");
  }
  if (update.witnesses_size() > kMaxWitnesses) return absl::InvalidArgumentError("witnesses: more than 100");
  for (int i = 0; i < update.witnesses_size(); ++i) {
    const pb::WitnessKey& witness = update.witnesses(i);
    RETURN_IF_ERROR(CheckText(witness.name(), "witnesses.name"));
    RETURN_IF_ERROR(CheckSize(witness.key(), kKeyBytes, "witnesses.key"));
    if (i > 0 && !(update.witnesses(i - 1).name() < witness.name())) {
      return absl::InvalidArgumentError("witnesses: not sorted by name, or one name twice");
    }
    for (int other = 0; other < i; ++other) {
      if (update.witnesses(other).key() == witness.key()) {
        return absl::InvalidArgumentError("witnesses: one key twice");
      }
    }
  }
  if (update.witness_quorum() > static_cast<uint32_t>(update.witnesses_size())) {
    return absl::InvalidArgumentError("witness_quorum: more than there are witnesses");
  }
  return absl::OkStatus();
}

absl::Status CheckSubject(const policies::Convenant& convenant, const pb::RestrictionOrder& order) {
  switch (order.subject_case()) {
    case pb::RestrictionOrder::kChannel:
      if (convenant.channels().count(order.channel()) > 0) return absl::OkStatus();
      return absl::InvalidArgumentError("channel: the convenant has no such channel");
    case pb::RestrictionOrder::kParty:
      if (convenant.FindParty(order.party()) != nullptr) return absl::OkStatus();
      return absl::InvalidArgumentError("party: the convenant has no such party");
    default:
      return absl::InvalidArgumentError("subject: none");
  }
}

}  // namespace

absl::StatusOr<TrustUpdateFields> CheckTrustUpdateFields(const Version& in_force, ByteView body) {
  pb::TrustUpdate update;
  RETURN_IF_ERROR(StrictParse(body, kMaxBodyBytes, "trust update", update));
  RETURN_IF_ERROR(CheckBinding(in_force, update));
  RETURN_IF_ERROR(CheckWitnesses(update));
  if (update.log_key().empty() && !update.replaces_witnesses()) {
    return absl::InvalidArgumentError("log_key: nothing is changed");
  }
  TrustUpdateFields fields;
  fields.number = update.number();
  if (!update.log_key().empty()) {
    ASSIGN_OR_RETURN(fields.log_key, ToFixed<32>(update.log_key(), "log_key"));
  }
  fields.replaces_witnesses = update.replaces_witnesses();
  for (const pb::WitnessKey& witness : update.witnesses()) {
    fields.witnesses.push_back(policies::Witness{witness.name(), witness.key(), {}});
  }
  fields.witness_quorum = update.witness_quorum();
  return fields;
}

absl::StatusOr<policies::Restriction> CheckRestrictionFields(const Version& in_force, ByteView body) {
  pb::RestrictionOrder order;
  RETURN_IF_ERROR(StrictParse(body, kMaxBodyBytes, "restriction order", order));
  RETURN_IF_ERROR(CheckBinding(in_force, order));
  RETURN_IF_ERROR(CheckSubject(*in_force.convenant, order));
  if (order.ceiling() < pb::LEVEL_L0 || order.ceiling() > pb::LEVEL_L2) {
    return absl::InvalidArgumentError("ceiling: not a level");
  }
  RETURN_IF_ERROR(CheckTime(order.time(), "time").status());
  policies::Restriction restriction;
  restriction.channel = order.channel();
  restriction.party = order.party();
  restriction.ceiling = LevelFromProto(order.ceiling());
  restriction.number = order.number();
  return restriction;
}

absl::StatusOr<LogEpochFields> CheckLogEpochFields(const Version& in_force, ByteView body) {
  pb::LogEpoch epoch;
  RETURN_IF_ERROR(StrictParse(body, kMaxEpochBytes, "log epoch", epoch));
  RETURN_IF_ERROR(CheckBinding(in_force, epoch));
  if (epoch.last_checkpoint().empty()) return absl::InvalidArgumentError("last_checkpoint: empty");
  if (epoch.origin() != EpochOrigin(in_force.convenant->id(), epoch.number())) {
    return absl::InvalidArgumentError("origin: not that of this convenant and number");
  }
  RETURN_IF_ERROR(CheckTime(epoch.time(), "time").status());
  LogEpochFields fields;
  fields.number = epoch.number();
  fields.last_checkpoint = epoch.last_checkpoint();
  fields.first_lost = epoch.first_lost();
  fields.directory_size = epoch.directory_size();
  fields.origin = epoch.origin();
  ASSIGN_OR_RETURN(fields.log_key, ToFixed<32>(epoch.log_key(), "log_key"));
  return fields;
}

}  // namespace seinpost::trust
