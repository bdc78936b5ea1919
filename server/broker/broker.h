// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_BROKER_BROKER_H_
#define SEINPOST_SERVER_BROKER_BROKER_H_

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/devices/devices.h"
#include "server/devices/rewraps.h"
#include "server/directory/publication.h"
#include "server/gate/context.h"
#include "server/gate/sessions.h"
#include "server/health/condition.h"
#include "server/health/retry_pace.h"
#include "server/oversight/review.h"
#include "server/oversight/transparency.h"
#include "server/realm/publisher.h"
#include "server/retention/retention.h"
#include "server/signals/asking.h"
#include "server/signals/attachments.h"
#include "server/signals/delivered.h"
#include "server/signals/denials.h"
#include "server/signals/mailbox.h"
#include "server/signals/reading.h"
#include "server/signals/submission.h"

namespace seinpost::server {

inline constexpr absl::Duration kMaintenanceEvery = absl::Seconds(10);

struct BrokerOptions {
  std::string data_dir;    // the database lies in data_dir/db
  std::string keys_dir;    // made by `seinpostd init`
  std::string anchor_dir;  // outside data_dir, best on another disk
  std::vector<HostedConvenant> convenants;
  Limits limits;
  StoreOptions store;  // another file system, in tests
  Metrics::ErrorLog error_log;
  FreeSpace::Measure free_space;  // empty: of the disk that data_dir lies on
  absl::Duration maintenance_every = kMaintenanceEvery;
};

// Broker is everything that `seinpostd` does, without the network: it takes messages and calls back with
// replies. It sees no content and no identity; what it does see is in docs/threat_model.md.
//
// Asking methods check and decide on the caller's thread, never block it on the disk, and call `done` once,
// on any thread. Thread-safe. All calls must have ended before it is destroyed: BeginShutdown() makes them
// end.
class Broker {
 public:
  // Opens the database and every convenant's log, and makes the start checks. A convenant whose log
  // contradicts its anchor is served read-only: see Writable(). kNotFound: keys are missing, `seinpostd init`
  // makes them. kUnavailable: another process is at work in these directories. Borrows `clock`.
  static absl::StatusOr<std::unique_ptr<Broker>> Open(BrokerOptions options, const Clock& clock);
  ~Broker();
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  // Each does what the RPC of that name does: proto/seinpost/v1/*.proto.
  Sessions& sessions() { return sessions_; }
  Publication& publication() { return *publication_; }
  Submission& submission() { return submission_; }
  Denials& denials() { return denials_; }
  Attachments& attachments() { return attachments_; }
  Mailbox& mailbox() { return mailbox_; }
  Deliveries& deliveries() { return deliveries_; }
  Reading& reading() { return reading_; }
  Devices& devices() { return devices_; }
  Rewraps& rewraps() { return rewraps_; }
  Asking& asking() { return asking_; }
  Review& review() { return review_; }
  Transparency& transparency() { return transparency_; }
  Metrics& metrics() { return metrics_; }

  // OK, or why some convenant cannot be written: kUnavailable, for whoever runs the broker.
  absl::Status Writable() const;
  // What it can do now, as of the last Look().
  Condition& condition() { return condition_; }
  // Asks disk, logs, anchors, space and clock how they are, and tells condition().
  void Look();
  const Realms& realms() const { return realms_; }
  const Store& store() const { return *store_; }
  const Clock& clock() const { return clock_; }
  // The one way to change anything.
  Sequencer& sequencer() { return sequencer_; }

  // Publishes what is committed without waiting for the pace of 100 ms.
  void PublishCheckpoints() { publisher_.Flush(); }
  // Ends overdue uploads, forgets spent nonces, deletes orphaned attachments and what has expired, a bounded
  // piece of it; tries whether the disk still takes a write, or takes one again, as RetryPace has it; runs
  // by itself every `maintenance_every`.
  void RunMaintenance();
  // Ends streams and waits for a checkpoint with kUnavailable and refuses new ones; other calls go on.
  void BeginShutdown();

 private:
  Broker(BrokerOptions options, const Clock& clock, std::unique_ptr<Store> store, Realms realms,
         const crypto::PublicKey& identity);
  void MaintenanceLoop(absl::Duration every);
  void Sweep(absl::Time now);
  // Nothing was committed for a while: finds out whether it could be.
  void Pulse();
  void TryToRecover(absl::Time now);
  absl::Status ReopenStore();

  const Clock& clock_;
  Metrics metrics_;
  Condition condition_;
  std::unique_ptr<Store> store_;
  Realms realms_;
  Quotas quotas_;
  MemberStreams streams_;
  UnclaimedBytes unclaimed_;
  FreeSpace space_;
  Workers workers_;
  Publisher publisher_;
  Sequencer sequencer_;
  const Context context_;

  Sessions sessions_;
  Mailbox mailbox_;
  Submission submission_;
  Denials denials_;
  Attachments attachments_;
  Deliveries deliveries_;
  Reading reading_;
  Devices devices_;
  Rewraps rewraps_;
  Asking asking_;
  Review review_;
  Transparency transparency_;
  Retention retention_;
  std::unique_ptr<Publication> publication_;

  std::atomic<uint64_t> batches_{0};
  absl::Mutex recovery_mutex_;
  uint64_t batches_before_ ABSL_GUARDED_BY(recovery_mutex_) = 0;
  RetryPace retry_ ABSL_GUARDED_BY(recovery_mutex_);
  bool gave_up_ ABSL_GUARDED_BY(recovery_mutex_) = false;

  absl::Mutex maintenance_mutex_;
  bool stopping_ ABSL_GUARDED_BY(maintenance_mutex_) = false;
  std::thread maintenance_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_BROKER_BROKER_H_
