// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_GATE_SESSIONS_H_
#define SEINPOST_SERVER_GATE_SESSIONS_H_

#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "seinpost/v1/session.pb.h"
#include "server/realm/realms.h"
#include "trust/objects.h"
#include "util/clock.h"

namespace seinpost::server {

inline constexpr absl::Duration kNonceLife = absl::Seconds(60);
inline constexpr absl::Duration kSessionLife = absl::Minutes(15);

// An authenticated caller.
struct Session {
  std::string convenant_id;
  trust::DeviceId device;
};

// kUnauthenticated, with the one text for all that may be wrong with a session.
absl::Status NoValidSession();

// Sessions gives out challenges and tokens and says whose token it is. All of it is in memory: a restart asks
// everybody to prove himself again. Thread-safe. Borrows `realms` and `clock`.
class Sessions {
 public:
  Sessions(const Realms& realms, const Clock& clock) : realms_(realms), clock_(clock) {}

  // A nonce good for one login within 60 seconds. kResourceExhausted: too many are unused.
  absl::StatusOr<v1::ChallengeReply> Challenge();
  // kUnauthenticated for whatever is wrong, with one text.
  absl::StatusOr<v1::LoginReply> Login(const v1::LoginRequest& request);
  // kUnauthenticated: no such token, expired, or the device may not act any more (CheckMayAct).
  absl::StatusOr<Session> Authenticate(ByteView token);

 private:
  struct Token {
    Session session;
    absl::Time expires;
  };
  // kUnauthenticated with the true reason, which stays inside.
  absl::StatusOr<Session> CheckLogin(const v1::LoginRequest& request, absl::Time now);
  bool TakeNonce(const Bytes& nonce, absl::Time now);

  const Realms& realms_;
  const Clock& clock_;
  absl::Mutex mutex_;
  std::map<Bytes, absl::Time> nonces_ ABSL_GUARDED_BY(mutex_);  // -> expiry
  std::map<Bytes, Token, std::less<>> tokens_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_GATE_SESSIONS_H_
