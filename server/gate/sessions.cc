// SPDX-License-Identifier: EUPL-1.2
#include "server/gate/sessions.h"

#include <utility>

#include "crypto/hash.h"
#include "crypto/sign.h"
#include "server/gate/caller.h"
#include "server/gate/statement.h"
#include "trust/labels.h"
#include "trust/strict.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

constexpr size_t kMaxNonces = 16 * 1024;
constexpr size_t kMaxTokens = 256 * 1024;
constexpr size_t kMaxStatementBytes = 1024;

template <typename Map, typename IsOld>
void Forget(Map& map, IsOld is_old) {
  for (auto it = map.begin(); it != map.end();) it = is_old(it->second) ? map.erase(it) : std::next(it);
}

}  // namespace

absl::Status NoValidSession() { return absl::UnauthenticatedError("no valid session"); }

absl::StatusOr<v1::ChallengeReply> Sessions::Challenge() {
  const absl::Time now = clock_.Now();
  v1::ChallengeReply reply;
  reply.set_nonce(crypto::RandomBytes(32));
  reply.set_time(absl::ToUnixSeconds(now));
  absl::MutexLock lock(&mutex_);
  if (nonces_.size() >= kMaxNonces) {
    Forget(nonces_, [now](absl::Time expires) { return expires <= now; });
  }
  if (nonces_.size() >= kMaxNonces) return absl::ResourceExhaustedError("too many logins are waiting");
  nonces_[reply.nonce()] = now + kNonceLife;
  return reply;
}

absl::StatusOr<v1::LoginReply> Sessions::Login(const v1::LoginRequest& request) {
  const absl::Time now = clock_.Now();
  absl::StatusOr<Session> session = CheckLogin(request, now);
  if (!session.ok()) return absl::UnauthenticatedError("login refused");
  v1::LoginReply reply;
  reply.set_token(crypto::RandomBytes(32));
  reply.set_expires(absl::ToUnixSeconds(now + kSessionLife));
  absl::MutexLock lock(&mutex_);
  if (tokens_.size() >= kMaxTokens) {
    Forget(tokens_, [now](const Token& token) { return token.expires <= now; });
  }
  if (tokens_.size() >= kMaxTokens) return absl::ResourceExhaustedError("too many sessions");
  tokens_[reply.token()] = Token{*std::move(session), now + kSessionLife};
  return reply;
}

absl::StatusOr<Session> Sessions::CheckLogin(const v1::LoginRequest& request, absl::Time now) {
  v1::SessionStatement statement;
  RETURN_IF_ERROR(trust::StrictParse(request.statement(), kMaxStatementBytes, "statement", statement));
  // The nonce is spent by any attempt, so that a signature cannot be tried twice.
  if (!TakeNonce(statement.nonce(), now)) return absl::UnauthenticatedError("nonce");
  if (statement.role() != "broker") return absl::UnauthenticatedError("role");
  const absl::Duration off = absl::FromUnixSeconds(statement.time()) - now;
  if (off > kStatementWindow || off < -kStatementWindow) return absl::UnauthenticatedError("time");
  const auto realm = realms_.find(statement.convenant_id());
  if (realm == realms_.end()) return absl::UnauthenticatedError("convenant");
  // Who has been away knows this broker by an earlier log key, and learns the new one once he is in.
  if (!realm->second->IsLogKey(statement.service_identity())) {
    return absl::UnauthenticatedError("service identity");
  }
  const DirectorySnapshot directory = realm->second->directory();
  RETURN_IF_ERROR(CheckMayAct(*directory, statement.device_id(), now));
  RETURN_IF_ERROR(crypto::Verify(directory->FindDevice(statement.device_id())->sig_pk, trust::kSessionLabel,
                                 request.statement(), request.signature()));
  return Session{statement.convenant_id(), statement.device_id()};
}

bool Sessions::TakeNonce(const Bytes& nonce, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  const auto found = nonces_.find(nonce);
  if (found == nonces_.end()) return false;
  const bool fresh = now < found->second;
  nonces_.erase(found);
  return fresh;
}

absl::StatusOr<Session> Sessions::Authenticate(ByteView token) {
  const absl::Time now = clock_.Now();
  Session session;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = tokens_.find(token);
    if (found == tokens_.end()) return NoValidSession();
    if (found->second.expires <= now) {
      tokens_.erase(found);
      return NoValidSession();
    }
    session = found->second.session;
  }
  const auto realm = realms_.find(session.convenant_id);
  if (realm == realms_.end()) return NoValidSession();
  RETURN_IF_ERROR(CheckMayAct(*realm->second->directory(), session.device, now));
  return session;
}

}  // namespace seinpost::server
