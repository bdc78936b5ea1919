// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_DIRECTORY_PUBLISH_OPERATION_H_
#define SEINPOST_SERVER_DIRECTORY_PUBLISH_OPERATION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "seinpost/v1/directory.pb.h"
#include "server/commit/operation.h"
#include "server/commit/prepared_event.h"
#include "server/gate/context.h"
#include "server/realm/realm.h"
#include "server/signals/mailbox.h"
#include "trust/directory.h"
#include "util/bytes.h"

namespace seinpost::server {

// An object that is new, and what the log tells of it.
struct NewObject {
  Bytes bytes;
  uint64_t seq;
  Digest chain_hash;
  std::optional<PreparedEvent> event;  // beside the directory leaf
};

// PublishOperation writes objects that were judged, each with its directory leaf, and puts the directory that
// holds them in force; streams of who was revoked end with it. All that is passed by reference must outlive
// it.
class PublishOperation final : public Operation {
 public:
  // `next`: the directory with `objects` added; nobody else's until it is committed. `finished` is notified
  // when `result` is set.
  PublishOperation(const Context& context, Mailbox& mailbox, Realm& realm,
                   std::shared_ptr<trust::Directory> next, const std::vector<NewObject>& objects,
                   absl::Time now, absl::Notification& finished, absl::StatusOr<v1::PublishReply>& result);

  void Apply(Transaction& transaction) override;
  size_t bytes() const override;
  // All of them: there is one at a time, and the revocation that waits for it should not wait for others too.
  bool urgent() const override { return true; }
  void Committed() override;
  void Complete(const absl::Status& commit) override;

 private:
  v1::PublishReply Reply() const;

  const Context& context_;
  Mailbox& mailbox_;
  Realm& realm_;
  const std::shared_ptr<trust::Directory> next_;
  const std::vector<NewObject>& objects_;
  const absl::Time now_;
  absl::Notification& finished_;
  absl::StatusOr<v1::PublishReply>& result_;
  std::vector<uint64_t> indexes_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_DIRECTORY_PUBLISH_OPERATION_H_
