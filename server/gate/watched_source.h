// SPDX-License-Identifier: EUPL-1.2
// Streams of members, of whatever kind: each takes one of its device's places, and asks at every page whether
// its reader may still act.
#ifndef SEINPOST_SERVER_GATE_WATCHED_SOURCE_H_
#define SEINPOST_SERVER_GATE_WATCHED_SOURCE_H_

#include <memory>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "server/gate/caller.h"
#include "server/gate/context.h"
#include "server/gate/member_streams.h"
#include "server/stream/source.h"

namespace seinpost::server {

// WatchedSource gives what `source` gives, for as long as the device may act: asked before each page is read,
// and again before it is handed over. Ends with kUnauthenticated otherwise. Borrows context and realm.
template <typename Reply>
class WatchedSource final : public Source<Reply>, public std::enable_shared_from_this<WatchedSource<Reply>> {
 public:
  WatchedSource(const Context& context, const Realm& realm, trust::DeviceId device, StreamPlace place,
                std::shared_ptr<Source<Reply>> source)
      : context_(context),
        realm_(realm),
        device_(std::move(device)),
        source_(std::move(source)),
        place_(std::move(place)) {}

  void Next(Done<std::optional<Reply>> done) override {
    if (const absl::Status may = MayTake(); !may.ok()) return End(may, done);
    source_->Next(
        [self = this->shared_from_this(), done = std::move(done)](absl::StatusOr<std::optional<Reply>> next) {
          if (!next.ok() || !*next) return self->End(std::move(next), done);
          if (const absl::Status may = self->MayTake(); !may.ok()) return self->End(may, done);
          done(std::move(next));
        });
  }

  void Cancel() override { source_->Cancel(); }

 private:
  absl::Status MayTake() const { return CheckMayAct(*realm_.directory(), device_, context_.clock.Now()); }

  // Gives the place back first: whoever is told that his stream has ended may open another.
  void End(absl::StatusOr<std::optional<Reply>> last, const Done<std::optional<Reply>>& done) {
    StreamPlace place;
    {
      absl::MutexLock lock(&mutex_);
      place.swap(place_);
    }
    place.reset();
    done(std::move(last));
  }

  const Context& context_;
  const Realm& realm_;
  const trust::DeviceId device_;
  const std::shared_ptr<Source<Reply>> source_;
  absl::Mutex mutex_;
  StreamPlace place_ ABSL_GUARDED_BY(mutex_);
};

// How every method that streams goes on once its caller is admitted: `done` is called with what the result is
// called with, watched. kResourceExhausted: the device has too many streams; then nothing was done with
// `done`.
template <typename Reply>
absl::StatusOr<Done<std::shared_ptr<Source<Reply>>>> Watch(const Context& context, const Realm& realm,
                                                           const Session& session,
                                                           const Done<std::shared_ptr<Source<Reply>>>& done) {
  absl::StatusOr<StreamPlace> taken = context.streams.Take(session);
  if (!taken.ok()) return taken.status();
  // Held by the stream alone once there is one, or by nobody, whatever still holds this callback.
  auto place = std::make_shared<StreamPlace>(*std::move(taken));
  return Done<std::shared_ptr<Source<Reply>>>([&context, &realm, device = session.device, place,
                                               done](absl::StatusOr<std::shared_ptr<Source<Reply>>> source) {
    StreamPlace held = std::move(*place);
    if (!source.ok()) {
      held.reset();
      return done(source.status());
    }
    done(std::shared_ptr<Source<Reply>>(
        std::make_shared<WatchedSource<Reply>>(context, realm, device, std::move(held), *std::move(source))));
  });
}

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_GATE_WATCHED_SOURCE_H_
