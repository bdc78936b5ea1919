// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_SIGNALS_JUDGED_OPERATION_H_
#define SEINPOST_SERVER_SIGNALS_JUDGED_OPERATION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "envelope/decision_message.h"
#include "policies/decide/decide.h"
#include "server/gate/context.h"
#include "server/gate/refusal.h"
#include "server/gate/sessions.h"
#include "server/realm/leaf_receipt.h"
#include "server/stream/source.h"
#include "util/status_macros.h"

namespace seinpost::server {

// What was decided on a request, by which directory, and the event that tells of it.
struct Judgement {
  DirectorySnapshot directory;
  policies::Decision decision;
  envelope::DecidedParts parts;  // of the request, for the answer to a refused one
  PreparedEvent event;
};

// JudgedOperation is a request at the commit thread, in the one order that there is:
//
//   judged before it came here, off the commit thread, by the directory of that moment;
//   Recheck(): judged again if that is not the one in force any more;
//   Stage(): the leaf that tells of the judgement, whatever it was; with it what an allowed request changes;
//   then, on the disk, the answer: receipt or refusal.
//
// So nothing is logged behind a revocation that was decided before it. Reply has a receipt.
template <typename Reply>
class JudgedOperation : public Operation {
 public:
  void Apply(Transaction& transaction) final { outcome_ = ApplyOrRefuse(transaction); }

  size_t bytes() const override { return held_bytes_; }

  void Complete(const absl::Status& commit) final {
    if (!commit.ok()) return done_(commit);
    if (!outcome_.ok()) return done_(outcome_);
    if (logged_before_) return GiveAgain();
    if (!judged_.decision.allowed) return Refuse(done_);
    *reply_.mutable_receipt() = MakeReceipt(realm_, leaf_index_, judged_.event);
    done_(std::move(reply_));
  }

 protected:
  // `reply` is given with its receipt, once the leaf is on the disk.
  JudgedOperation(const Context& context, Realm& realm, Session session, Judgement judged, absl::Time now,
                  Reply reply, Done<Reply> done)
      : context_(context),
        realm_(realm),
        session_(std::move(session)),
        now_(now),
        held_bytes_(Operation::bytes() + judged.event.opening.size() + reply.ByteSizeLong()),
        judged_(std::move(judged)),
        reply_(std::move(reply)),
        done_(std::move(done)) {}

  // On the commit thread, cheap: rechecks, stages, writes. An error is the answer, and then nothing must have
  // been written.
  virtual absl::Status ApplyOrRefuse(Transaction& transaction) = 0;
  // On the commit thread: the judgement by `directory`, which is the one in force.
  virtual absl::StatusOr<Judgement> JudgeBy(DirectorySnapshot directory) = 0;
  // On a completer thread, the leaf is on the disk: answers that the judgement is no. Whatever takes long is
  // a worker's.
  virtual void Refuse(const Done<Reply>& done) {
    done(Refused(context_.metrics, judged_.decision, judged_.parts));
  }

  // Makes the judgement one by the directory in force. `changed`: something else it rests on did.
  absl::Status Recheck(bool changed = false) {
    if (!changed && judged_.directory == realm_.staged_directory()) return absl::OkStatus();
    ASSIGN_OR_RETURN(judged_, JudgeBy(realm_.staged_directory()));
    return absl::OkStatus();
  }
  // Returns the index of the leaf.
  uint64_t Stage(Transaction& transaction) {
    leaf_index_ = transaction.Stage(realm_, judged_.event);
    return leaf_index_;
  }
  // Instead of Stage(): the same request was allowed before, and gets the same receipt.
  void WasLogged(Logged logged) { logged_before_ = std::move(logged); }
  const Judgement& judged() const { return judged_; }

  const Context& context_;
  Realm& realm_;
  const Session session_;
  const absl::Time now_;

 private:
  // A receipt is made again from what the database has: a worker reads, a completer has others to answer.
  void GiveAgain() {
    const auto reply = std::make_shared<Reply>(std::move(reply_));
    const auto give = [reply, done = done_, &realm = realm_, logged = *logged_before_] {
      absl::StatusOr<v1::Receipt> receipt = ReceiptAgain(realm, logged);
      if (!receipt.ok()) return done(receipt.status());
      *reply->mutable_receipt() = *std::move(receipt);
      done(std::move(*reply));
    };
    context_.workers.Schedule({Priority::kOrdinary, reply->ByteSizeLong(), give,
                               [done = done_](const absl::Status& why) { done(why); }});
  }

  const size_t held_bytes_;
  Judgement judged_;
  Reply reply_;
  const Done<Reply> done_;
  absl::Status outcome_;
  uint64_t leaf_index_ = 0;
  std::optional<Logged> logged_before_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_SIGNALS_JUDGED_OPERATION_H_
