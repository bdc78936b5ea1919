// SPDX-License-Identifier: EUPL-1.2
#include "client/convenant/acts.h"

#include <map>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/broker/connection.h"
#include "client/broker/published.h"
#include "client/org/store.h"
#include "client/session/session.h"
#include "client/terminal/arguments.h"
#include "trust/fields.h"
#include "trust/levels.h"
#include "trust/objects.h"
#include "trust/strict.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

constexpr uint32_t kOrderVersion = 1;
constexpr uint64_t kMaxOrders = 256;  // of one version

absl::StatusOr<v1::RestrictionOrder> OrderOf(const ConvenantRestrictArgs& args, const ConvenantFile& in_force,
                                             absl::Time now) {
  if (args.channel.empty() == args.party.empty()) return UsageError("restrict: give --channel or --party");
  v1::RestrictionOrder order;
  order.set_version(kOrderVersion);
  order.set_convenant_id(in_force.convenant.id());
  order.set_convenant_hash(ToBytes(in_force.hash));
  if (!args.channel.empty()) {
    if (in_force.convenant.channels().count(args.channel) == 0) {
      return UsageError("--channel: the convenant has none of that name; write it without its scope");
    }
    order.set_channel(args.channel);
  } else {
    if (in_force.convenant.FindParty(args.party) == nullptr)
      return UsageError("--party: no party of this convenant");
    order.set_party(args.party);
  }
  ASSIGN_OR_RETURN(const policies::Level ceiling, policies::ParseLevel(args.ceiling));
  order.set_ceiling(trust::LevelToProto(ceiling));
  order.set_time(absl::ToUnixSeconds(now));
  return order;
}

// Whether the broker refused an object for its number. It has one code for everything that does not follow
// what there is (trust/directory.h); the text begins with the field.
bool IsAboutNumber(const absl::Status& status) {
  return absl::IsFailedPrecondition(status) && absl::StrContains(status.message(), "number: ");
}

// Orders are numbered without gaps, and who signs one has no directory at hand: asks with one number after
// the other until the broker takes it.
absl::Status PublishOrder(Connection& connection, const std::string& signer, const crypto::SigningKey& root,
                          v1::RestrictionOrder& order) {
  PublishTrust trust;
  trust.convenant_id = order.convenant_id();
  trust.convenant_hash = order.convenant_hash();
  absl::Status status;
  for (uint64_t number = 1; number <= kMaxOrders; ++number) {
    order.set_number(number);
    const Bytes object =
        trust::SignObject(v1::OBJECT_KIND_RESTRICTION_ORDER, trust::StrictSerialize(order), signer, root);
    const absl::StatusOr<v1::PublishReply> reply = connection.Publish(order.convenant_id(), {object});
    if (reply.ok()) return ProvePublished(connection, trust, {object}, *reply).status();
    status = reply.status();
    if (!IsAboutNumber(status)) break;
  }
  return status;
}

// The number that follows, as the directory of the profile knows it, if one is given.
absl::StatusOr<uint64_t> NumberOf(const Context& context, uint64_t given,
                                  uint64_t (trust::Directory::*next)() const) {
  if (given > 0) return given;
  if (context.profile_dir.empty()) {
    return UsageError("--number: needed without --profile; convenant show says which is next");
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, Session::Open(context));
  RETURN_IF_ERROR(session->SyncDirectory());
  return (session->directory().*next)();
}

absl::Status AddWitnesses(const ConvenantTrustUpdateArgs& args, v1::TrustUpdate& update) {
  update.set_replaces_witnesses(true);
  std::map<std::string, Bytes> witnesses;
  for (const std::string& word : args.witnesses) {
    const std::vector<std::string> halves = absl::StrSplit(word, absl::MaxSplits('=', 1));
    if (halves.size() != 2) return UsageError("--witness: not NAME=KEY");
    RETURN_IF_ERROR(trust::CheckText(halves[0], "--witness"));
    ASSIGN_OR_RETURN(const Bytes key, ParseKeyFlag(halves[1], "--witness"));
    if (!witnesses.emplace(halves[0], key).second) return UsageError("--witness: one name twice");
  }
  if (args.witness_quorum > witnesses.size() || (args.witness_quorum == 0 && !witnesses.empty())) {
    return UsageError("--witness-quorum: from 1 up to the number of witnesses");
  }
  for (const auto& [name, key] : witnesses) {
    v1::WitnessKey& witness = *update.add_witnesses();
    witness.set_name(name);
    witness.set_key(key);
  }
  update.set_witness_quorum(args.witness_quorum);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ActMade> WriteAct(const std::string& out, Act act, const ConvenantFile& in_force) {
  if (out.empty()) return UsageError("--out: name the file to be signed");
  Document document = MakeDocument(out, std::move(act));
  ASSIGN_OR_RETURN(const Needed needed, NeededFor(document, &in_force));
  RETURN_IF_ERROR(WriteFileAtomically(out, EncodeAct(document)));
  return ActMade{std::move(document), in_force.hash, needed.quorum, needed.keys.size()};
}

absl::StatusOr<RestrictionPublished> PublishRestriction(const Context& context,
                                                        const ConvenantRestrictArgs& args) {
  ASSIGN_OR_RETURN(const ConvenantFile in_force, ReadSignableConvenant(args.convenant_file));
  ASSIGN_OR_RETURN(v1::RestrictionOrder order, OrderOf(args, in_force, context.clock.Now()));
  const policies::Convenant& convenant = in_force.convenant;
  const policies::Party& signatory = convenant.SignatoryOf(*convenant.FindParty(convenant.controller()));
  ASSIGN_OR_RETURN(const OrgStore store, OpenOrgStore(context, args));
  const OrgData& data = store.data();
  if (data.organisation != signatory.id) {
    return UsageError(absl::StrCat("this order is signed by ", signatory.id,
                                   ", and the key directory is that of ", data.organisation));
  }
  if (data.broker.empty() || data.tls_ca_pem.empty())
    return UsageError("--broker and --tls-ca: where to publish it");
  ASSIGN_OR_RETURN(const crypto::WipedBytes passphrase, ReadPassphrase(context));
  absl::StatusOr<crypto::SigningKey> root = store.RootFor(*signatory.root, passphrase.ExposeSecretView());
  if (absl::IsNotFound(root.status())) {
    return UsageError(
        "the convenant names another root key for this organisation than this key directory holds");
  }
  RETURN_IF_ERROR(root.status());
  Connection connection(data.broker, data.tls_ca_pem, context);
  RETURN_IF_ERROR(PublishOrder(connection, signatory.id, *root, order));
  return RestrictionPublished{convenant.id(), order.number(), order.channel(), order.party(),
                              trust::LevelFromProto(order.ceiling())};
}

absl::StatusOr<ActMade> MakeTrustUpdate(const Context& context, const ConvenantTrustUpdateArgs& args) {
  ASSIGN_OR_RETURN(const ConvenantFile in_force, ReadSignableConvenant(args.convenant_file));
  v1::TrustUpdate update;
  update.set_version(kOrderVersion);
  update.set_convenant_id(in_force.convenant.id());
  update.set_convenant_hash(ToBytes(in_force.hash));
  if (!args.log_key.empty()) {
    ASSIGN_OR_RETURN(*update.mutable_log_key(), ParseKeyFlag(args.log_key, "--log-key"));
  }
  if (args.no_witnesses && !args.witnesses.empty()) return UsageError("--no-witnesses: and yet --witness");
  if (args.no_witnesses || !args.witnesses.empty()) RETURN_IF_ERROR(AddWitnesses(args, update));
  if (update.log_key().empty() && !update.replaces_witnesses()) {
    return UsageError("trust-update: give --log-key, --witness or --no-witnesses");
  }
  ASSIGN_OR_RETURN(const uint64_t number,
                   NumberOf(context, args.number, &trust::Directory::NextTrustUpdateNumber));
  update.set_number(number);
  return WriteAct(args.out, std::move(update), in_force);
}

}  // namespace seinpost::client
