// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_GATE_SESSIONS_H_
#define SEINPOST_SERVER_GATE_SESSIONS_H_

#include <cstddef>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "seinpost/v1/session.pb.h"
#include "server/gate/challenges.h"
#include "server/gate/quota.h"
#include "server/realm/realms.h"
#include "trust/objects.h"
#include "util/clock.h"

namespace seinpost::server {

inline constexpr absl::Duration kSessionLife = absl::Minutes(15);
// Of one device at once, as many as programs may run under one profile; the oldest goes when another is made.
inline constexpr size_t kTokensPerDevice = 8;
// Of one device: every command of the client logs in. Counted after its signature was checked.
inline constexpr uint32_t kLoginsPerMinute = 120;

// An authenticated caller.
struct Session {
  std::string convenant_id;
  trust::DeviceId device;
};

// kUnauthenticated, with the one text for all that may be wrong with a session.
absl::Status NoValidSession();

// Sessions gives out challenges and tokens and says whose token it is. All of it is in memory: a restart asks
// everybody to prove himself again. A stranger leaves nothing in it: nonces carry their own proof
// (Challenges), and tokens are made for a signature of a certified device, few for each. Thread-safe. Borrows
// `realms` and `clock`.
class Sessions {
 public:
  Sessions(const Realms& realms, const Clock& clock) : realms_(realms), clock_(clock) {}

  // A nonce good for one login within 60 seconds. Never refused, and nothing is kept of it.
  v1::ChallengeReply Challenge();
  // kUnauthenticated for whatever is wrong, with one text. kResourceExhausted: over kLoginsPerMinute, and the
  // nonce is not spent.
  absl::StatusOr<v1::LoginReply> Login(const v1::LoginRequest& request);
  // kUnauthenticated: no such token, expired, or the device may not act any more (CheckMayAct).
  absl::StatusOr<Session> Authenticate(ByteView token);

  // How much is remembered.
  size_t spent_nonces() const { return challenges_.spent(); }
  size_t tokens() const;

 private:
  struct Token {
    Session session;
    absl::Time expires;
  };
  // kUnauthenticated with the true reason, which stays inside. The nonce is good, and not spent.
  absl::StatusOr<Session> CheckLogin(const v1::SessionStatement& statement, const v1::LoginRequest& request,
                                     absl::Time now);
  void Add(const Bytes& token, Session session, absl::Time now);
  void Remove(ByteView token) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Realms& realms_;
  const Clock& clock_;
  Challenges challenges_;
  Quota logins_{kLoginsPerMinute};
  mutable absl::Mutex mutex_;
  std::map<Bytes, Token, std::less<>> tokens_ ABSL_GUARDED_BY(mutex_);
  std::map<Bytes, std::deque<Bytes>> by_device_ ABSL_GUARDED_BY(mutex_);  // oldest first
  std::set<std::pair<absl::Time, Bytes>> by_expiry_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_GATE_SESSIONS_H_
