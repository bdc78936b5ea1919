// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_CLIENT_BROKER_DIRECTORY_SYNC_H_
#define SEINPOST_CLIENT_BROKER_DIRECTORY_SYNC_H_

#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/broker/connection.h"
#include "client/broker/log_view.h"
#include "client/profile/profile.h"
#include "client/profile/state.h"
#include "client/terminal/context.h"
#include "trust/directory.h"

namespace seinpost::client {

// The directory as this device holds it, with the leaves that hold its objects.
struct HeldDirectory {
  explicit HeldDirectory(const ConvenantEntry& entry);

  // Checks an object and the place of its leaf, and takes both. Unchanged if it fails. `now` as
  // trust::Directory::Add.
  absl::Status Add(HeldObject held, absl::Time now);

  trust::Directory directory;
  std::vector<HeldObject> objects;
};

// As it was stored. kDataLoss with exit code 2: the file is damaged.
absl::StatusOr<HeldDirectory> LoadHeld(const State& state, const ConvenantEntry& entry);

// One run of fetching what the directory has grown by. Everything is checked before anything is kept: each
// object, the chain against the checkpoint, the checkpoint against the last one seen, the place of every
// object that bound something in the log, and the pinned version of the convenant.
class DirectorySync {
 public:
  // All borrowed. `entry` is the pin.
  DirectorySync(const Context& context, Connection& connection, LogView& log, const ConvenantEntry& entry,
                const HeldDirectory& held)
      : context_(context), connection_(connection), log_(log), entry_(entry), held_(held) {}

  // kDataLoss (exit 5): something does not verify.
  absl::Status Run();

  // After Run():
  const HeldDirectory& directory() const { return next_.has_value() ? *next_ : held_; }
  // The same, if there is anything new in it; once.
  std::optional<HeldDirectory> TakeNew() { return std::exchange(next_, std::nullopt); }
  const Bytes& note() const { return note_; }
  const audit::Checkpoint& checkpoint() const { return checkpoint_; }
  // The log has lost its tail since, as the parties have signed; nullptr: it has not. If the tail held
  // objects of the directory, the directory is not the old one with more, and `lost` are those that are gone.
  const trust::LostTail* lost_tail() const;
  bool replaced() const { return replaced_; }
  const std::vector<Bytes>& lost() const { return lost_; }

 private:
  struct Fetched {
    std::vector<HeldObject> objects;
    Bytes note;
  };
  absl::StatusOr<Fetched> Fetch(uint64_t from);
  bool IsOfOtherLog(const Fetched& fetched) const;
  absl::Status CheckHistory();
  absl::Status Append(std::vector<HeldObject> objects);
  absl::Status StartOver();
  absl::Status CheckLost() const;
  absl::Status CheckHead() const;
  absl::Status CheckLeaves(size_t from);
  absl::Status CheckPin() const;

  const Context& context_;
  Connection& connection_;
  LogView& log_;
  const ConvenantEntry& entry_;
  const HeldDirectory& held_;
  std::optional<HeldDirectory> next_;  // a copy is only made when there is something to add
  Bytes note_;
  audit::Checkpoint checkpoint_;
  bool replaced_ = false;
  bool joined_ = false;  // the checkpoint goes on from the last one seen
  std::vector<Bytes> lost_;
};

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_BROKER_DIRECTORY_SYNC_H_
