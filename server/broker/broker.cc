// SPDX-License-Identifier: EUPL-1.2
#include "server/broker/broker.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/realm/anchored_store.h"
#include "server/realm/key_files.h"
#include "server/realm/key_fingerprints.h"
#include "server/rows/records.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

constexpr int kWorkers = 4;
constexpr size_t kNoncesAtOnce = 32 * 1024;
constexpr uint64_t kMib = 1024 * 1024;

std::vector<Realm*> PointersTo(const Realms& realms) {
  std::vector<Realm*> pointers;
  for (const auto& entry : realms) pointers.push_back(entry.second.get());
  return pointers;
}

UnclaimedBytes::Limits UnclaimedLimits(const Limits& limits) {
  return {limits.unclaimed_mib_per_device * kMib, limits.unclaimed_mib_per_organisation * kMib,
          limits.unclaimed_mib * kMib};
}

absl::Status Truncated(const std::string& cut, const Realms& realms) {
  std::string left;
  for (const auto& [id, realm] : realms) {
    absl::StrAppend(&left, left.empty() ? "" : ", ", "the log of ", id, " has ", realm->log().head().size,
                    " leaves left");
  }
  return absl::DataLossError(absl::StrCat(
      "the end of the write-ahead log was cut off (", cut, "): ", left,
      ". After a power failure that is the write that was under way; otherwise what was acknowledged last "
      "may be missing: compare with the newest receipts that members hold"));
}

class ForgetNonces final : public Operation {
 public:
  ForgetNonces(Metrics& metrics, std::vector<Bytes> keys) : metrics_(metrics), keys_(std::move(keys)) {}
  void Apply(Transaction& transaction) override {
    for (const Bytes& key : keys_) transaction.Delete(Family::kNonce, key);
  }
  void Complete(const absl::Status& commit) override {
    if (!commit.ok()) metrics_.UnexpectedError("forgetting nonces", commit);
  }

 private:
  Metrics& metrics_;
  const std::vector<Bytes> keys_;
};

// A batch that changes nothing: it deletes a row that is never there.
class PulseOperation final : public Operation {
 public:
  void Apply(Transaction& transaction) override { transaction.Delete(Family::kMeta, "broker/pulse"); }
  void Complete(const absl::Status& /*commit*/) override {}
};

}  // namespace

absl::StatusOr<std::unique_ptr<Broker>> Broker::Open(BrokerOptions options, const Clock& clock) {
  RETURN_IF_ERROR(MakePrivateDirectory(options.data_dir));
  const absl::StatusOr<crypto::SigningKey> identity = ReadKeyFile(IdentityKeyPath(options.keys_dir));
  if (!identity.ok()) {
    return absl::Status(identity.status().code(), absl::StrCat("the broker's keys (run `seinpostd init`): ",
                                                               identity.status().message()));
  }
  ASSIGN_OR_RETURN(
      std::unique_ptr<Store> store,
      OpenAnchoredStore(options.data_dir + "/db", options.anchor_dir, options.convenants, options.store));
  RETURN_IF_ERROR(CheckKeyFingerprints(*store, options.keys_dir, options.convenants));
  Realms realms;
  for (const HostedConvenant& hosted : options.convenants) {
    absl::StatusOr<std::unique_ptr<Realm>> realm =
        Realm::Open(hosted, *store, options.keys_dir, options.anchor_dir, clock.Now());
    if (!realm.ok()) {
      return absl::Status(realm.status().code(),
                          absl::StrCat("convenant ", hosted.id, ": ", Explain(realm.status())));
    }
    realms[hosted.id] = *std::move(realm);
  }
  RETURN_IF_ERROR(RecordKeyFingerprints(*store, options.keys_dir, options.convenants));
  return std::unique_ptr<Broker>(
      new Broker(std::move(options), clock, std::move(store), std::move(realms), identity->public_key()));
}

Broker::Broker(BrokerOptions options, const Clock& clock, std::unique_ptr<Store> store, Realms realms,
               const crypto::PublicKey& identity)
    : clock_(clock),
      metrics_(std::move(options.error_log)),
      condition_(metrics_, clock_),
      store_(std::move(store)),
      realms_(std::move(realms)),
      quotas_(options.limits),
      streams_(options.limits.streams_per_device),
      unclaimed_(UnclaimedLimits(options.limits)),
      space_(options.free_space ? std::move(options.free_space) : FreeSpaceOf(options.data_dir),
             options.limits.min_free_mib * kMib, clock_),
      workers_(kWorkers),
      publisher_(PointersTo(realms_), clock_,
                 [this](const Realm& realm, const absl::Status& status) {
                   if (!status.ok()) metrics_.CountDiskError();
                   condition_.Set(Cause::kAnchor, realm.id(), realm.Anchored());
                 }),
      sequencer_(*store_, {.synced =
                               [this](size_t operations) {
                                 ++batches_;
                                 metrics_.CountSync(operations);
                               },
                           .failed =
                               [this](const absl::Status& status) {
                                 if (sequencer_.Healthy().ok()) {
                                   return metrics_.UnexpectedError("committing", status);
                                 }
                                 metrics_.CountDiskError();
                                 Look();
                               },
                           .after_batch = [this] { publisher_.Notify(); }}),
      context_{realms_,  *store_, sequencer_, workers_,   clock_,
               metrics_, quotas_, streams_,   unclaimed_, space_},
      sessions_(realms_, clock_),
      mailbox_(context_),
      submission_(context_, mailbox_),
      denials_(context_),
      attachments_(context_),
      deliveries_(context_),
      reading_(context_),
      devices_(context_),
      rewraps_(context_),
      asking_(context_),
      review_(context_),
      transparency_(context_),
      retention_(context_, options.limits.log_months),
      publication_(std::make_unique<Publication>(
          context_, mailbox_, identity,
          PublicationLimits{options.limits.publications, options.limits.grants})) {
  for (const auto& [id, realm] : realms_) condition_.Set(Cause::kHistory, id, realm->History());
  if (const std::string cut = store_->truncated(); !cut.empty()) {
    condition_.Set(Cause::kHistory, "", Truncated(cut, realms_));
  }
  Look();
  maintenance_ = std::thread([this, every = options.maintenance_every] { MaintenanceLoop(every); });
}

Broker::~Broker() {
  BeginShutdown();
  {
    absl::MutexLock lock(&maintenance_mutex_);
    stopping_ = true;
  }
  maintenance_.join();
  // Whatever waits for something is stopped before what it waits for.
  publication_->Stop();
  workers_.Stop();
  sequencer_.Stop();
  publisher_.Stop();
}

absl::Status Broker::Writable() const {
  RETURN_IF_ERROR(sequencer_.Healthy());
  for (const auto& entry : realms_) RETURN_IF_ERROR(entry.second->Writable());
  return absl::OkStatus();
}

void Broker::Look() {
  const absl::Time now = clock_.Now();
  const absl::Status disk = sequencer_.Healthy();
  condition_.Set(Cause::kDisk, "",
                 disk.ok() ? disk : absl::UnavailableError(absl::StrCat("read-only: ", Explain(disk))));
  condition_.Set(Cause::kSpace, "", space_.CheckFloor());
  for (const auto& [id, realm] : realms_) {
    condition_.Set(Cause::kLog, id, realm->Sound());
    condition_.Set(Cause::kAnchor, id, realm->Anchored());
    condition_.Set(Cause::kClock, id, realm->CheckClock(now));
  }
}

absl::Status Broker::ReopenStore() {
  RETURN_IF_ERROR(store_->Reopen());
  for (const auto& [id, realm] : realms_) {
    const absl::StatusOr<bool> reloaded = realm->Reload(*store_);
    RETURN_IF_ERROR(reloaded.status());
    if (!*reloaded) continue;
    mailbox_.EndRevoked(*realm, *realm->directory(), clock_.Now());
    mailbox_.WakeAll(*realm);
  }
  return absl::OkStatus();
}

void Broker::TryToRecover(absl::Time now) {
  absl::MutexLock lock(&recovery_mutex_);
  if (gave_up_) return;
  if (sequencer_.Healthy().ok()) return retry_.Reset();
  if (!retry_.Due(now)) return;
  const absl::Status recovered = sequencer_.Recover([this] { return ReopenStore(); });
  if (recovered.ok()) return retry_.Reset();
  retry_.Failed(now);
  if (!absl::IsDataLoss(recovered)) return;
  // What was acknowledged is not there any more: the start checks will say what that means.
  gave_up_ = true;
  metrics_.UnexpectedError("opening the database anew; a restart is needed", recovered);
}

void Broker::Pulse() {
  const uint64_t batches = batches_;
  {
    absl::MutexLock lock(&recovery_mutex_);
    if (batches != std::exchange(batches_before_, batches)) return;
  }
  sequencer_.Enqueue(std::make_unique<PulseOperation>());
}

void Broker::BeginShutdown() {
  const absl::Status ending = absl::UnavailableError("the broker is shutting down");
  mailbox_.Shutdown(ending);
  for (const auto& entry : realms_) entry.second->EndWaits(ending);
}

void Broker::RunMaintenance() {
  const absl::Time now = clock_.Now();
  TryToRecover(now);
  Look();
  attachments_.EndOverdue(now);
  if (!sequencer_.Healthy().ok()) return;
  Sweep(now);
  Pulse();
}

void Broker::Sweep(absl::Time now) {
  for (const auto& entry : realms_) {
    Realm& realm = *entry.second;
    if (!realm.MayWrite().ok()) continue;
    attachments_.Sweep(realm, now);
    retention_.Sweep(realm, now);
    std::vector<Bytes> spent;
    const absl::Status scanned =
        store_->Scan(Family::kNonce, realm.prefix(), NonceBucketKey(realm.prefix(), NonceBucket(now) - 1),
                     [&spent](ByteView key, ByteView) {
                       spent.emplace_back(key);
                       return spent.size() < kNoncesAtOnce;
                     });
    if (!scanned.ok()) metrics_.UnexpectedError("looking for spent nonces", scanned);
    if (!spent.empty()) sequencer_.Enqueue(std::make_unique<ForgetNonces>(metrics_, std::move(spent)));
  }
}

void Broker::MaintenanceLoop(absl::Duration every) {
  const auto stopping = [this]() ABSL_SHARED_LOCKS_REQUIRED(maintenance_mutex_) { return stopping_; };
  while (true) {
    {
      absl::MutexLock lock(&maintenance_mutex_);
      if (maintenance_mutex_.AwaitWithTimeout(absl::Condition(&stopping), every)) return;
    }
    RunMaintenance();
  }
}

}  // namespace seinpost::server
