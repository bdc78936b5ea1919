// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_REALM_CHECKPOINT_BOARD_H_
#define SEINPOST_SERVER_REALM_CHECKPOINT_BOARD_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "audit/checkpoint.h"
#include "util/bytes.h"

namespace seinpost::server {

// A checkpoint that the world may see: signed, and anchored before.
struct PublishedCheckpoint {
  Bytes note;
  audit::Checkpoint checkpoint;
};

// CheckpointBoard is where a log's newest published checkpoint hangs, for all to see, and where people wait
// for the next one. Thread-safe; callbacks run without its lock.
class CheckpointBoard {
 public:
  using Published = std::shared_ptr<const PublishedCheckpoint>;
  using PublishedDone = std::function<void(absl::StatusOr<Published>)>;

  // nullptr until the first was put up.
  Published newest() const;
  // The checkpoint of a note that was put up here not long ago, and so need not be verified.
  std::optional<audit::Checkpoint> Recall(ByteView note) const;

  // Replaces the newest and calls back who waited for it.
  void Put(PublishedCheckpoint checkpoint);
  // Hangs up what an earlier run of this program published, of a log that cannot be signed now. Recall() does
  // not know it: that log may have gone on without its leaves.
  void Show(PublishedCheckpoint checkpoint);
  // What hangs here is given up: nothing does until the next is put up, which may cover less.
  void TakeDown();

  // What somebody gets who waits in vain.
  enum class InVain {
    kError,
    kNewest,  // the newest there is, or the error if there is none
  };
  // Calls `done` as soon as the newest checkpoint covers `size` leaves, perhaps at once, on another thread.
  // At once too if `refusal` is an error, which says that there will be none: then he waits in vain.
  void WhenCovered(uint64_t size, absl::Status refusal, PublishedDone done, InVain in_vain = InVain::kError);
  // Everybody who waits now waits in vain.
  void GiveUp(const absl::Status& why);
  // Ends every wait, present and future, with `status`.
  void EndWaits(const absl::Status& status);

 private:
  mutable absl::Mutex mutex_;
  Published newest_ ABSL_GUARDED_BY(mutex_);
  std::map<Bytes, audit::Checkpoint, std::less<>> known_ ABSL_GUARDED_BY(mutex_);
  struct Wait {
    uint64_t size;
    PublishedDone done;
    InVain in_vain;
  };
  std::vector<Wait> waits_ ABSL_GUARDED_BY(mutex_);
  absl::Status waits_ended_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_REALM_CHECKPOINT_BOARD_H_
