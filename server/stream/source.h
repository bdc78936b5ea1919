// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_STREAM_SOURCE_H_
#define SEINPOST_SERVER_STREAM_SOURCE_H_

#include <functional>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace seinpost::server {

// How an answer comes back: called exactly once, on any thread, perhaps before the asking call returns.
template <typename Reply>
using Done = std::function<void(absl::StatusOr<Reply>)>;

// Source is a stream of replies that its reader pulls, so that a slow reader holds back no memory. Nothing is
// the end, a status an early end. One Next() at a time; Cancel() at any time, from any thread: an outstanding
// Next() ends soon, with kCancelled if it had not ended otherwise.
template <typename Reply>
class Source {
 public:
  virtual ~Source() = default;
  virtual void Next(Done<std::optional<Reply>> done) = 0;
  virtual void Cancel() {}
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_STREAM_SOURCE_H_
