// SPDX-License-Identifier: EUPL-1.2
#include "client/device/restore.h"

#include <memory>
#include <utility>
#include <vector>

#include "client/mail/inbox.h"
#include "client/mail/key_release.h"
#include "client/mail/sync.h"
#include "client/session/logged.h"
#include "client/session/session.h"
#include "crypto/hash.h"
#include "envelope/rewrap.h"
#include "trust/strict.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

// One part whose key is asked for.
struct Wish {
  Bytes signal_id;
  uint32_t part = 0;
  envelope::SignedStatement request;
};

// The secret of a request as the profile keeps it.
absl::StatusOr<PrekeySecret> SecretOf(const envelope::SignedStatement& request, crypto::HpkeKeyPair pair) {
  v1::RewrapRequest statement;
  v1::Prekey body;
  if (!statement.ParseFromString(request.statement) || !body.ParseFromString(statement.prekey())) {
    return absl::InternalError("the request cannot be read back");
  }
  PrekeySecret secret{.pair = std::move(pair)};
  secret.prekey_id = ToBytes(crypto::Sha256(statement.prekey()));
  secret.convenant = body.convenant_id();
  secret.retention_class = body.retention_class();
  secret.seal_from = absl::FromUnixSeconds(body.seal_from());
  secret.seal_until = absl::FromUnixSeconds(body.seal_until());
  secret.delete_after = absl::FromUnixSeconds(body.delete_after());
  secret.request = request.statement;
  return secret;
}

// Takes in what can be restored; `first_bad` is the first delivery that did not verify.
absl::StatusOr<std::vector<envelope::VerifiedHeader>> TakeIn(Session& session, absl::Status& first_bad) {
  std::vector<v1::Delivery> deliveries;
  RETURN_IF_ERROR(session.connection().ListRestorable([&](const v1::Delivery& delivery) {
    deliveries.push_back(delivery);
    return absl::OkStatus();
  }));
  std::vector<envelope::VerifiedHeader> headers;
  for (const v1::Delivery& delivery : deliveries) {
    absl::StatusOr<envelope::VerifiedHeader> header = AcceptRestorable(session, delivery);
    if (header.ok()) {
      headers.push_back(*std::move(header));
    } else if (ExitCodeOf(header.status()) == kTampered) {
      first_bad.Update(header.status());
    } else if (header.status().code() != absl::StatusCode::kOutOfRange) {
      return header.status();
    }
  }
  return headers;
}

// The requests for all of it: those that stand, and new ones, whose secrets go into the profile first. They
// take the place of requests that lapsed: the broker lists what nobody answered. The secrets of answered
// requests stay until they are destroyed as all others.
absl::StatusOr<std::vector<Wish>> MakeWishes(Session& session,
                                             const std::vector<envelope::VerifiedHeader>& headers) {
  const absl::Time now = session.context().clock.Now();
  std::vector<Wish> wishes;
  std::vector<PrekeySecret> secrets;
  std::vector<Bytes> lapsed;
  for (const envelope::VerifiedHeader& header : headers) {
    for (const envelope::VerifiedPart& part : header.parts()) {
      Wish wish{.signal_id = header.core().signal_id(), .part = part.index, .request = {}};
      for (const PrekeySecret* own : OwnRewrapRequests(session.profile(), header, part.index)) {
        if (own->seal_until > now) {
          wish.request = SignedAgain(session.profile(), *own);
        } else {
          lapsed.push_back(own->prekey_id);
        }
      }
      if (wish.request.statement.empty()) {
        crypto::HpkeKeyPair pair = crypto::HpkeKeyPair::Generate();
        ASSIGN_OR_RETURN(wish.request, envelope::MakeRewrapRequest(
                                           header, part, session.directory(), session.own_device_id(),
                                           session.profile().device_key(), pair, now));
        ASSIGN_OR_RETURN(PrekeySecret secret, SecretOf(wish.request, std::move(pair)));
        secrets.push_back(std::move(secret));
      }
      wishes.push_back(std::move(wish));
    }
  }
  if (secrets.empty()) return wishes;
  RETURN_IF_ERROR(session.profile().Update([&](Profile& newest) {
    for (const Bytes& prekey_id : lapsed) newest.DropPrekey(prekey_id);
    for (PrekeySecret& secret : secrets) newest.AddPrekey(std::move(secret));
    return absl::OkStatus();
  }));
  return wishes;
}

// The same bytes again give the same receipt: what was asked for before is not asked for anew.
absl::Status Ask(Session& session, const Wish& wish) {
  ASSIGN_OR_RETURN(const v1::Receipt receipt,
                   session.connection().AskRewrap(wish.request.statement, wish.request.signature));
  return CheckLogged(session, receipt, crypto::Sha256(wish.request.statement),
                     {.name = "asked for", .signal_id = wish.signal_id, .part = wish.part})
      .status();
}

absl::Status AskForAll(Session& session, const std::vector<Wish>& wishes, KeysAskedFor& keys) {
  for (const Wish& wish : wishes) {
    const absl::Status asked = Ask(session, wish);
    if (!asked.ok() && !IsRefusal(asked)) return asked;
    ++(asked.ok() ? keys.asked : keys.refused);
    if (asked.ok()) keys.signals.insert(wish.signal_id);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<KeysAskedFor> AskForKeys(const Context& context) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, OpenOnline(context));
  KeysAskedFor keys;
  keys.device_id = session->own_device_id();
  keys.unverified = FetchMail(*session);  // what is for this device itself comes first
  if (!keys.unverified.ok() && ExitCodeOf(keys.unverified) != kTampered) return keys.unverified;
  ASSIGN_OR_RETURN(const std::vector<envelope::VerifiedHeader> headers, TakeIn(*session, keys.unverified));
  ASSIGN_OR_RETURN(const std::vector<Wish> wishes, MakeWishes(*session, headers));
  RETURN_IF_ERROR(AskForAll(*session, wishes, keys));
  return keys;
}

}  // namespace seinpost::client
