// SPDX-License-Identifier: EUPL-1.2
#include "server/gate/member_streams.h"

#include "absl/time/time.h"
#include "server/gate/quota.h"

namespace seinpost::server {

namespace {
// Nobody knows when a reader will be done: long enough not to be asked all the time.
constexpr absl::Duration kStreamsComeBack = absl::Seconds(2);
}  // namespace

class MemberStreams::Place {
 public:
  Place(std::shared_ptr<State> state, Key key) : state_(std::move(state)), key_(std::move(key)) {}
  ~Place() {
    absl::MutexLock lock(&state_->mutex);
    const auto found = state_->open.find(key_);
    if (--found->second == 0) state_->open.erase(found);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

 private:
  const std::shared_ptr<State> state_;
  const Key key_;
};

absl::StatusOr<std::shared_ptr<const MemberStreams::Place>> MemberStreams::Take(const Session& session) {
  Key key(session.convenant_id, session.device);
  {
    absl::MutexLock lock(&state_->mutex);
    uint32_t& open = state_->open[key];
    if (state_->per_device != 0 && open >= state_->per_device) return OverQuota(kStreamsComeBack);
    ++open;
  }
  return std::make_shared<const Place>(state_, std::move(key));
}

}  // namespace seinpost::server
