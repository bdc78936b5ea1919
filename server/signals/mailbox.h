// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_SIGNALS_MAILBOX_H_
#define SEINPOST_SERVER_SIGNALS_MAILBOX_H_

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "seinpost/v1/signal.pb.h"
#include "server/gate/context.h"
#include "server/gate/sessions.h"
#include "server/stream/source.h"

namespace seinpost::server {

class Subscription;

// Mailbox delivers signals to the devices they are addressed to, in the order of the log: what lies there
// first, then what comes. It holds nothing itself: rows are in the database, and a commit wakes the streams
// of its devices, which read on from where they were. Thread-safe.
//
// A device that may not act any more gets nothing that is logged behind the leaf that says so, and nothing at
// all once that leaf is committed, be it that what was handed over just before is still on its way.
class Mailbox {
 public:
  explicit Mailbox(const Context& context) : context_(context) {}
  ~Mailbox();

  // kResourceExhausted with the time to wait: too many streams of this device, of any kind. kUnavailable:
  // shutting down.
  absl::StatusOr<std::shared_ptr<Source<v1::Delivery>>> Subscribe(const Session& session,
                                                                  const v1::SubscribeRequest& request);
  // There is something new for these devices. Cheap.
  void Wake(const Realm& realm, const std::vector<trust::DeviceId>& devices);
  // The same for every device.
  void WakeAll(const Realm& realm);
  // Ends the streams of devices that may not act by `directory`, one of the realm's that was just committed.
  // Looks at no stream if that revokes nothing that the one before did not.
  void EndRevoked(const Realm& realm, const trust::Directory& directory, absl::Time now);
  // Ends every stream, present and future.
  void Shutdown(const absl::Status& status);

 private:
  friend class Subscription;
  void Remove(const Subscription& subscription);
  std::vector<std::shared_ptr<Subscription>> AllStreams();

  const Context& context_;
  absl::Mutex mutex_;
  absl::Status closed_ ABSL_GUARDED_BY(mutex_);
  std::map<Bytes, std::vector<std::weak_ptr<Subscription>>> streams_
      ABSL_GUARDED_BY(mutex_);  // by mailbox prefix
  // Versions of the convenant and revocations when the streams of a realm were last looked at.
  std::map<const Realm*, std::pair<size_t, uint64_t>> revoked_ ABSL_GUARDED_BY(mutex_);
};

// One stream. Reads its rows in small pages on a worker, never ahead of what its reader takes.
class Subscription final : public Source<v1::Delivery>, public std::enable_shared_from_this<Subscription> {
 public:
  Subscription(Mailbox& mailbox, const Context& context, Realm& realm, trust::DeviceId device,
               StreamPlace place, uint64_t cursor);
  ~Subscription() override;

  void Next(Done<std::optional<v1::Delivery>> done) override;
  void Cancel() override;

  const trust::DeviceId& device() const { return device_; }
  const Bytes& key() const { return key_; }
  const Realm& realm() const { return realm_; }
  void Wake();
  void End(const absl::Status& status);

 private:
  using Page = std::deque<v1::Delivery>;
  struct ReadResult {
    Page page;
    uint64_t cursor;    // after the last row read
    bool more = false;  // the page is full
    absl::Status status;
  };

  void StartReading() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Read();  // on a worker
  // Rows of leaves [cursor, limit).
  ReadResult ReadPage(uint64_t cursor, uint64_t limit, bool live) const;
  absl::Status MayTake() const;
  absl::StatusOr<std::optional<v1::Delivery>> Load(uint64_t leaf_index, ByteView row, bool live) const;

  Mailbox& mailbox_;
  const Context& context_;
  Realm& realm_;
  const trust::DeviceId device_;
  const Bytes key_;  // its mailbox prefix
  const StreamPlace place_;

  absl::Mutex mutex_;
  uint64_t cursor_ ABSL_GUARDED_BY(mutex_);
  Page page_ ABSL_GUARDED_BY(mutex_);
  bool dirty_ ABSL_GUARDED_BY(mutex_) = true;     // rows may lie after cursor_
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;  // a worker is at it
  bool live_ ABSL_GUARDED_BY(mutex_) = false;     // the backlog has ended
  absl::Status ended_ ABSL_GUARDED_BY(mutex_);
  Done<std::optional<v1::Delivery>> waiting_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_SIGNALS_MAILBOX_H_
