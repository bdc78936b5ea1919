// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_GATE_MEMBER_STREAMS_H_
#define SEINPOST_SERVER_GATE_MEMBER_STREAMS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "server/gate/sessions.h"

namespace seinpost::server {

// No page of a stream is larger, unless it is one single thing that is.
inline constexpr size_t kStreamPageBytes = 64 * 1024;

// MemberStreams counts the streams that each device has open, of every kind together: an open stream holds a
// page in memory for as long as its reader does not take it. Thread-safe.
class MemberStreams {
 public:
  // 0: no limit.
  explicit MemberStreams(uint32_t per_device) : state_(std::make_shared<State>(per_device)) {}

  // One stream, counted as long as this lives. May outlive MemberStreams.
  class Place;
  // kResourceExhausted with the time to wait: the device has as many as it may have.
  absl::StatusOr<std::shared_ptr<const Place>> Take(const Session& session);

 private:
  using Key = std::pair<std::string, trust::DeviceId>;  // convenant, device
  struct State {
    explicit State(uint32_t most) : per_device(most) {}
    const uint32_t per_device;
    absl::Mutex mutex;
    std::map<Key, uint32_t> open ABSL_GUARDED_BY(mutex);
  };
  const std::shared_ptr<State> state_;
};
using StreamPlace = std::shared_ptr<const MemberStreams::Place>;

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_GATE_MEMBER_STREAMS_H_
