// SPDX-License-Identifier: EUPL-1.2
#include "client/mail/watch.h"

#include <algorithm>

#include "client/mail/examine.h"
#include "client/mail/sync.h"
#include "client/terminal/output.h"
#include "client/terminal/texts.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

constexpr absl::Duration kFirstPause = absl::Seconds(1);
constexpr absl::Duration kLongestPause = absl::Seconds(30);
constexpr absl::Duration kVerifyAnew = absl::Hours(1);

// Trying again may help: the broker is away, busy, or has trouble of its own.
bool MayComeBack(const absl::Status& status) {
  return ExitCodeOf(status) == kUnreachable ||
         (ExitCodeOf(status) == kFailed &&
          (status.code() == absl::StatusCode::kResourceExhausted ||
           status.code() == absl::StatusCode::kAborted || status.code() == absl::StatusCode::kInternal));
}

class Watch {
 public:
  Watch(Session& session, absl::Time until, absl::FunctionRef<absl::StatusOr<bool>(const Letter&)> each)
      : session_(session), until_(until), each_(each) {}

  absl::Status Run() {
    while (true) {
      absl::Status status = Listen();
      if (enough_ || !ended_.ok()) return ended_;
      // The hour is over, or the connection was lost: either way the log is looked at before going on.
      while (true) {
        if (session_.context().Stopped()) return absl::OkStatus();
        const absl::Time now = session_.context().clock.Now();
        if (status.ok()) {
          if (now >= until_) return absl::OkStatus();
        } else {
          if (!MayComeBack(status)) return status;
          if (now >= until_) return status;
          Tell(Text::kWatchAway, /*away=*/true);
          session_.connection().Pause(std::min(pause_, until_ - now));
          pause_ = std::min(2 * pause_, kLongestPause);
          if (session_.context().Stopped()) return absl::OkStatus();
        }
        status = Sync(session_);
        if (status.ok()) break;
      }
      Tell(Text::kWatchBack, /*away=*/false);
    }
  }

 private:
  void Tell(Text text, bool away) {
    if (away_ == away) return;
    away_ = away;
    Note(session_.context(), TextOf(text, session_.context().language));
  }

  // From the cursor on until something ends it.
  absl::Status Listen() {
    ASSIGN_OR_RETURN(const StateData data, session_.state().Load());
    caught_up_ = false;
    const absl::Time anew = session_.context().clock.Now() + kVerifyAnew;
    return session_.connection().Subscribe(data.cursor, std::min(until_, anew),
                                           [this](const v1::Delivery& delivery) -> absl::StatusOr<bool> {
                                             pause_ = kFirstPause;  // it speaks
                                             if (delivery.header().empty()) {
                                               caught_up_ = true;
                                               RETURN_IF_ERROR(ConfirmWhatCame(session_));
                                               return true;
                                             }
                                             return Take(delivery);
                                           });
  }

  absl::StatusOr<bool> Take(const v1::Delivery& delivery) {
    const Context& context = session_.context();
    const absl::StatusOr<Letter> letter = Accept(session_, delivery);
    if (!letter.ok()) {
      if (!IsVerdict(letter.status())) return letter.status();
      if (!absl::IsOutOfRange(letter.status())) {
        Note(context, TextOf(Text::kWatchRefused, context.language));
      }
      return true;
    }
    const absl::StatusOr<bool> more = each_(*letter);
    ended_ = more.status();
    enough_ = more.ok() && !*more;
    // What waits from before is signed for in one go, when all of it has come.
    if (caught_up_ || enough_) RETURN_IF_ERROR(ConfirmWhatCame(session_));
    return more;
  }

  Session& session_;
  const absl::Time until_;
  const absl::FunctionRef<absl::StatusOr<bool>(const Letter&)> each_;
  absl::Duration pause_ = kFirstPause;
  absl::Status ended_;      // by `each`
  bool enough_ = false;     // it said so
  bool caught_up_ = false;  // all that waited has come
  bool away_ = false;       // and this was told
};

}  // namespace

absl::Status WatchMail(Session& session, absl::Time until,
                       absl::FunctionRef<absl::StatusOr<bool>(const Letter&)> each) {
  return Watch(session, until, each).Run();
}

}  // namespace seinpost::client
