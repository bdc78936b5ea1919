// SPDX-License-Identifier: EUPL-1.2
#include "client/org/publish.h"

#include <sys/stat.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "client/broker/grpc_status.h"
#include "client/terminal/arguments.h"
#include "client/terminal/output.h"
#include "crypto/hash.h"
#include "trust/strict.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

// Whether the broker has judged an object, which its text then names, and will say the same tomorrow.
// Whatever else is the matter, busy, broken, or the convenant not in force yet, is no reason to drop what was
// signed.
bool IsForGood(const absl::Status& status) {
  absl::string_view told = status.message();
  absl::ConsumePrefix(&told, kBrokerSays);
  if (ExitCodeOf(status) == kUnreachable || !absl::StartsWith(told, "objects[")) return false;
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
      return true;
    default:
      return false;
  }
}

// The number that a refusal says is next: "number: 2 where 1 is next" (trust/directory.h). It is the broker's
// word, and a wrong one only leads to another refusal.
std::optional<uint64_t> NextNumber(absl::string_view message) {
  const size_t at = message.find("number: ");
  if (at == absl::string_view::npos) return std::nullopt;
  const std::vector<absl::string_view> words = absl::StrSplit(message.substr(at), ' ');
  uint64_t next = 0;
  if (words.size() < 4 || words[2] != "where" || !absl::SimpleAtoi(words[3], &next) || next == 0) {
    return std::nullopt;
  }
  return next;
}

// One by one, from the first: what is refused does not hold up what comes after it.
class OneByOne {
 public:
  OneByOne(const Context& context, Connection& connection, OrgStore& store, const crypto::SigningKey& issuer)
      : context_(context), connection_(connection), store_(store), issuer_(issuer) {}

  absl::Status Run() {
    while (!store_.data().pending.empty()) {
      const Bytes first = store_.data().pending[0];
      const absl::StatusOr<v1::PublishReply> reply = connection_.Publish(store_.data().convenant, {first});
      if (reply.ok()) {
        RETURN_IF_ERROR(SettlePublished(connection_, store_, 1, *reply));
        again_ = 0;
      } else if (!IsForGood(reply.status())) {
        return reply.status();
      } else {
        RETURN_IF_ERROR(Refused(first, reply.status()));
      }
    }
    return absl::OkStatus();
  }

  size_t dropped() const { return dropped_; }

  static absl::Status SettlePublished(Connection& connection, OrgStore& store, size_t count,
                                      const v1::PublishReply& reply) {
    const std::vector<Bytes> objects(store.data().pending.begin(),
                                     store.data().pending.begin() + static_cast<ptrdiff_t>(count));
    ASSIGN_OR_RETURN(const PublishedProof proof,
                     ProvePublished(connection, TrustOf(store.data()), objects, reply));
    return store.MarkPublished(count, View(proof.convenant_hash));
  }

 private:
  static constexpr int kMostTries = 64;  // of one object under other numbers

  // Numbers it anew if that is what is wrong, and drops it otherwise.
  absl::Status Refused(const Bytes& bytes, const absl::Status& status) {
    ASSIGN_OR_RETURN(const v1::SignedObject object, trust::ParseSignedObject(bytes));
    const bool again = ++again_ <= kMostTries;
    const std::optional<uint64_t> next = NextNumber(status.message());
    if (object.kind() == v1::OBJECT_KIND_REVOCATION && next.has_value()) {
      return again ? store_.RenumberPending(*next, issuer_) : status;  // a number is no reason to drop it
    }
    if (object.kind() == v1::OBJECT_KIND_DEVICE_CERTIFICATE && again &&
        absl::StrContains(status.message(), "serial: taken")) {
      return store_.ReissuePending(0, issuer_);
    }
    again_ = 0;
    RETURN_IF_ERROR(store_.DropPending(0, status.message(), context_.clock.Now()));
    ++dropped_;
    if (object.kind() != v1::OBJECT_KIND_REVOCATION) return absl::OkStatus();
    v1::Revocation revocation;
    RETURN_IF_ERROR(trust::StrictParse(object.body(), trust::kMaxObjectBytes, "revocation", revocation));
    return store_.RenumberPending(revocation.number(), issuer_);
  }

  const Context& context_;
  Connection& connection_;
  OrgStore& store_;
  const crypto::SigningKey& issuer_;
  int again_ = 0;
  size_t dropped_ = 0;
};

// What was refused now, the last `count`: an error if it is the command's own, else told.
absl::Status TellRefused(const Context& context, const OrgData& data, size_t count,
                         const std::set<Bytes>& own) {
  absl::Status error;
  for (size_t i = data.refused.size() - std::min(count, data.refused.size()); i < data.refused.size(); ++i) {
    const OrgData::Refused& refused = data.refused[i];
    const std::string sentence = absl::StrCat("the broker refuses it: ", refused.reason);
    if (own.count(refused.id) > 0) {
      error.Update(absl::FailedPreconditionError(sentence));
    } else {
      Note(context, absl::StrCat(refused.what, " (", ToHex(refused.id), ") was still waiting; ", sentence));
    }
  }
  return error;
}

}  // namespace

bool IsSameDirectory(const std::string& a, const std::string& b) {
  struct stat first{}, second{};
  return stat(a.c_str(), &first) == 0 && stat(b.c_str(), &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

absl::StatusOr<OrgStore> OpenOrgStore(const Context& context, const OrgArgs& args) {
  absl::StatusOr<OrgStore> store = OrgStore::Open(args.dir);
  RETURN_IF_ERROR(store.status());
  Bytes tls_ca;
  if (!args.tls_ca.empty()) {
    ASSIGN_OR_RETURN(tls_ca, ReadArgumentFile(args.tls_ca, kMaxCaBytes));
  }
  if (!context.convenant.empty() || !args.broker.empty() || !tls_ca.empty()) {
    RETURN_IF_ERROR(store->SetBroker(context.convenant, args.broker, tls_ca));
  }
  return store;
}

absl::StatusOr<crypto::SigningKey> UnlockIssuer(const Context& context, const OrgStore& store) {
  ASSIGN_OR_RETURN(const crypto::WipedBytes passphrase, ReadPassphrase(context));
  return store.Issuer(passphrase.ExposeSecretView());
}

PublishTrust TrustOf(const OrgData& data) {
  PublishTrust trust{.convenant_id = data.convenant,
                     .convenant_hash = data.convenant_hash,
                     .party = data.organisation,
                     .root_keys = {}};
  for (const Bytes& key : {data.root_key, data.next_root_key}) {
    if (!key.empty()) trust.root_keys.push_back(key);
  }
  return trust;
}

absl::Status PublishPendingTo(const Context& context, Connection& connection, OrgStore& store,
                              const crypto::SigningKey& issuer, const std::set<Bytes>& own) {
  const OrgData& data = store.data();
  if (data.pending.empty()) return absl::OkStatus();
  const absl::StatusOr<v1::PublishReply> reply = connection.Publish(data.convenant, data.pending);
  if (reply.ok()) return OneByOne::SettlePublished(connection, store, data.pending.size(), *reply);
  if (!IsForGood(reply.status())) return reply.status();
  OneByOne one_by_one(context, connection, store, issuer);
  const absl::Status published = one_by_one.Run();
  const absl::Status refused = TellRefused(context, store.data(), one_by_one.dropped(), own);
  return published.ok() ? refused : published;
}

absl::StatusOr<bool> PublishPending(const Context& context, OrgStore& store, const crypto::SigningKey& issuer,
                                    const std::set<Bytes>& own) {
  const OrgData& data = store.data();
  if (data.broker.empty() || data.tls_ca_pem.empty() || data.convenant.empty()) return false;
  Connection connection(data.broker, data.tls_ca_pem, context);
  RETURN_IF_ERROR(PublishPendingTo(context, connection, store, issuer, own));
  return true;
}

}  // namespace seinpost::client
