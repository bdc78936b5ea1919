// SPDX-License-Identifier: EUPL-1.2
#include "server/gate/sessions.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "server/gate/caller.h"
#include "server/gate/statement.h"
#include "trust/labels.h"
#include "trust/strict.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

constexpr size_t kMaxStatementBytes = 1024;
// So many expired tokens are forgotten by each login, which adds one.
constexpr int kForgottenAtOnce = 16;

absl::Status LoginRefused() { return absl::UnauthenticatedError("login refused"); }

// A device id has 16 bytes, so the split is plain.
Bytes DeviceKeyOf(const Session& session) { return absl::StrCat(session.device, session.convenant_id); }

}  // namespace

absl::Status NoValidSession() { return absl::UnauthenticatedError("no valid session"); }

v1::ChallengeReply Sessions::Challenge() {
  const absl::Time now = clock_.Now();
  v1::ChallengeReply reply;
  reply.set_nonce(challenges_.Make(now));
  reply.set_time(absl::ToUnixSeconds(now));
  return reply;
}

absl::StatusOr<v1::LoginReply> Sessions::Login(const v1::LoginRequest& request) {
  const absl::Time now = clock_.Now();
  v1::SessionStatement statement;
  if (!trust::StrictParse(request.statement(), kMaxStatementBytes, "statement", statement).ok()) {
    return LoginRefused();
  }
  absl::StatusOr<Session> session = CheckLogin(statement, request, now);
  if (!session.ok()) return LoginRefused();
  // From here on a certified device has asked for it: only he pays, and only he is remembered.
  RETURN_IF_ERROR(logins_.Take(DeviceKeyOf(*session), now));
  if (!challenges_.Spend(statement.nonce(), now)) return LoginRefused();
  v1::LoginReply reply;
  reply.set_token(crypto::RandomBytes(32));
  reply.set_expires(absl::ToUnixSeconds(now + kSessionLife));
  Add(reply.token(), *std::move(session), now);
  return reply;
}

absl::StatusOr<Session> Sessions::CheckLogin(const v1::SessionStatement& statement,
                                             const v1::LoginRequest& request, absl::Time now) {
  if (!challenges_.IsGood(statement.nonce(), now)) return absl::UnauthenticatedError("nonce");
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

void Sessions::Add(const Bytes& token, Session session, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  for (int i = 0; i < kForgottenAtOnce && !by_expiry_.empty() && by_expiry_.begin()->first <= now; ++i) {
    const Bytes expired = by_expiry_.begin()->second;
    Remove(expired);
  }
  std::deque<Bytes>& own = by_device_[DeviceKeyOf(session)];
  if (own.size() >= kTokensPerDevice) {
    const Bytes oldest = own.front();
    Remove(oldest);
  }
  own.push_back(token);
  by_expiry_.emplace(now + kSessionLife, token);
  tokens_[token] = Token{std::move(session), now + kSessionLife};
}

void Sessions::Remove(ByteView token) {
  const auto found = tokens_.find(token);
  if (found == tokens_.end()) return;
  by_expiry_.erase(std::make_pair(found->second.expires, found->first));
  const auto device = by_device_.find(DeviceKeyOf(found->second.session));
  std::erase(device->second, found->first);
  if (device->second.empty()) by_device_.erase(device);
  tokens_.erase(found);
}

size_t Sessions::tokens() const {
  absl::MutexLock lock(&mutex_);
  return tokens_.size();
}

absl::StatusOr<Session> Sessions::Authenticate(ByteView token) {
  const absl::Time now = clock_.Now();
  Session session;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = tokens_.find(token);
    if (found == tokens_.end()) return NoValidSession();
    if (found->second.expires <= now) {
      Remove(token);
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
