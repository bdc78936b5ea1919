// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_COMMIT_PREPARED_EVENT_H_
#define SEINPOST_SERVER_COMMIT_PREPARED_EVENT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "audit/commitment.h"
#include "audit/event.h"
#include "audit/search_index.h"
#include "util/bytes.h"

namespace seinpost::server {

// An event ready to become a leaf: committed to and encoded before it reaches the commit thread, which has
// other things to do.
struct PreparedEvent {
  audit::CommittedEvent committed;
  Bytes opening;       // encoded
  Bytes request_hash;  // the event's, empty if it has none
  Digest leaf_hash{};
  absl::Time time;
  std::vector<audit::SearchTerm> terms;
  // Of the opening: events outlive what they speak of and hold no content.
  std::string retention_class = "event";

  // kInternal: the event is out of bounds, which is a bug of ours.
  static absl::StatusOr<PreparedEvent> Make(audit::Event event);
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_COMMIT_PREPARED_EVENT_H_
