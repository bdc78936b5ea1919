// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_OVERSIGHT_LOGGED_QUESTION_H_
#define SEINPOST_SERVER_OVERSIGHT_LOGGED_QUESTION_H_

#include <cstdint>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "policies/decide/decide.h"
#include "server/gate/caller.h"
#include "server/gate/context.h"
#include "server/gate/sessions.h"
#include "server/gate/statement.h"
#include "server/signals/events.h"
#include "server/stream/source.h"
#include "util/status_macros.h"

namespace seinpost::server {

// LoggedQuestion is a question about what others did: a leaf first, whether the caller may ask it or not, and
// answered when that leaf is on the disk. It is decided on the commit thread, which it is cheap enough for,
// and so always by the directory in force.
template <typename Reply>
class LoggedQuestion : public Operation {
 public:
  void Apply(Transaction& transaction) final { outcome_ = ApplyOrRefuse(transaction); }

  void Complete(const absl::Status& commit) final {
    if (!commit.ok()) return done_(commit);
    if (!outcome_.ok()) return done_(outcome_);
    if (!decision_.allowed) return done_(Refusal(decision_));
    Answer(leaf_index_, *event_, done_);
  }

 protected:
  // `nonce`: of the statement that the question was signed in; nothing if it is none.
  LoggedQuestion(const Context& context, Realm& realm, Session session, std::optional<Bytes> nonce,
                 absl::Time now, Done<Reply> done)
      : context_(context),
        realm_(realm),
        session_(std::move(session)),
        now_(now),
        nonce_(std::move(nonce)),
        done_(std::move(done)) {}

  // On the commit thread: decides, and adds to `event`, which says who asks, what it is that he asks. An
  // error is the answer, without a leaf.
  virtual absl::StatusOr<policies::Decision> Decide(const DirectorySnapshot& directory,
                                                    const trust::Device& caller, audit::Event& event) = 0;
  // On a completer thread, with the leaf on the disk, one of the two.
  virtual absl::Status Refusal(const policies::Decision& decision) = 0;
  virtual void Answer(uint64_t leaf_index, const PreparedEvent& event, const Done<Reply>& done) = 0;

  const Context& context_;
  Realm& realm_;
  const Session session_;
  const absl::Time now_;

 private:
  absl::Status ApplyOrRefuse(Transaction& transaction) {
    const DirectorySnapshot& directory = realm_.staged_directory();
    RETURN_IF_ERROR(CheckMayAct(*directory, session_.device, now_));
    const trust::Device& caller = *directory->FindDevice(session_.device);
    audit::Event event = ActorEvent(audit::EventType::kAuditQuery, "R", *directory, caller, {}, now_);
    ASSIGN_OR_RETURN(decision_, Decide(directory, caller, event));
    SetDecision(decision_, event);
    ASSIGN_OR_RETURN(event_, PreparedEvent::Make(event));
    if (nonce_) RETURN_IF_ERROR(UseNonce(transaction, realm_, session_.device, *nonce_, now_));
    leaf_index_ = transaction.Stage(realm_, *event_);
    return absl::OkStatus();
  }

  const std::optional<Bytes> nonce_;
  const Done<Reply> done_;
  absl::Status outcome_;
  policies::Decision decision_;
  std::optional<PreparedEvent> event_;
  uint64_t leaf_index_ = 0;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_OVERSIGHT_LOGGED_QUESTION_H_
