// SPDX-License-Identifier: EUPL-1.2
#include "server/signals/mailbox.h"

#include <algorithm>
#include <utility>

#include "policies/document/convenant.h"
#include "server/gate/caller.h"
#include "server/rows/records.h"
#include "server/signals/original.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {
constexpr size_t kMaxPageRows = 32;

// Changes with everything that may take the right to act from a device: a version of the convenant, which may
// leave out a party, and a revocation by a party.
std::pair<size_t, uint64_t> RevokedIn(const trust::Directory& directory) {
  uint64_t revocations = 0;
  if (const policies::Convenant* convenant = directory.convenant(); convenant != nullptr) {
    for (const auto& party : convenant->parties()) {
      revocations += directory.NextRevocationNumber(party.first);
    }
  }
  return {directory.versions().size(), revocations};
}

}  // namespace

Mailbox::~Mailbox() { Shutdown(absl::UnavailableError("the broker is shutting down")); }

absl::StatusOr<std::shared_ptr<Source<v1::Delivery>>> Mailbox::Subscribe(
    const Session& session, const v1::SubscribeRequest& request) {
  ASSIGN_OR_RETURN(const Caller caller, FindCaller(context_.realms, session, context_.clock.Now()));
  RETURN_IF_ERROR(CheckConvenant(session, request.convenant_id()));
  ASSIGN_OR_RETURN(StreamPlace place, context_.streams.Take(session));
  auto subscription = std::make_shared<Subscription>(*this, context_, *caller.realm, session.device,
                                                     std::move(place), request.cursor());
  absl::MutexLock lock(&mutex_);
  RETURN_IF_ERROR(closed_);
  streams_[subscription->key()].push_back(subscription);
  return std::shared_ptr<Source<v1::Delivery>>(std::move(subscription));
}

void Mailbox::Wake(const Realm& realm, const std::vector<trust::DeviceId>& devices) {
  std::vector<std::shared_ptr<Subscription>> woken;
  {
    absl::MutexLock lock(&mutex_);
    for (const trust::DeviceId& device : devices) {
      const auto found = streams_.find(MailboxPrefix(realm.prefix(), device));
      if (found == streams_.end()) continue;
      for (const std::weak_ptr<Subscription>& stream : found->second) {
        if (std::shared_ptr<Subscription> alive = stream.lock()) woken.push_back(std::move(alive));
      }
    }
  }
  for (const std::shared_ptr<Subscription>& stream : woken) stream->Wake();
}

void Mailbox::WakeAll(const Realm& realm) {
  for (const std::shared_ptr<Subscription>& stream : AllStreams()) {
    if (&stream->realm() == &realm) stream->Wake();
  }
}

std::vector<std::shared_ptr<Subscription>> Mailbox::AllStreams() {
  std::vector<std::shared_ptr<Subscription>> all;
  absl::MutexLock lock(&mutex_);
  for (const auto& entry : streams_) {
    for (const std::weak_ptr<Subscription>& stream : entry.second) {
      if (std::shared_ptr<Subscription> alive = stream.lock()) all.push_back(std::move(alive));
    }
  }
  return all;
}

void Mailbox::EndRevoked(const Realm& realm, const trust::Directory& directory, absl::Time now) {
  {
    absl::MutexLock lock(&mutex_);
    std::pair<size_t, uint64_t>& known = revoked_[&realm];
    const std::pair<size_t, uint64_t> now_revoked = RevokedIn(directory);
    if (now_revoked == known) return;
    known = now_revoked;
  }
  for (const std::shared_ptr<Subscription>& stream : AllStreams()) {
    if (&stream->realm() != &realm) continue;
    const absl::Status may_act = CheckMayAct(directory, stream->device(), now);
    if (!may_act.ok()) stream->End(may_act);
  }
}

void Mailbox::Shutdown(const absl::Status& status) {
  {
    absl::MutexLock lock(&mutex_);
    closed_ = status;
  }
  for (const std::shared_ptr<Subscription>& stream : AllStreams()) stream->End(status);
}

void Mailbox::Remove(const Subscription& subscription) {
  absl::MutexLock lock(&mutex_);
  const auto found = streams_.find(subscription.key());
  if (found == streams_.end()) return;
  auto& streams = found->second;
  // The caller is being destroyed, so its own entry has expired already.
  streams.erase(
      std::remove_if(streams.begin(), streams.end(), [](const auto& stream) { return stream.expired(); }),
      streams.end());
  if (streams.empty()) streams_.erase(found);
}

Subscription::Subscription(Mailbox& mailbox, const Context& context, Realm& realm, trust::DeviceId device,
                           StreamPlace place, uint64_t cursor)
    : mailbox_(mailbox),
      context_(context),
      realm_(realm),
      device_(std::move(device)),
      key_(MailboxPrefix(realm.prefix(), device_)),
      place_(std::move(place)),
      cursor_(cursor) {
  context_.metrics.StreamOpened();
}

Subscription::~Subscription() {
  mailbox_.Remove(*this);
  context_.metrics.StreamClosed();
}

// Judged anew for every delivery, by what is committed: a page that was read just before a revocation is not
// handed out after it.
absl::Status Subscription::MayTake() const {
  return CheckMayAct(*realm_.directory(), device_, context_.clock.Now());
}

void Subscription::Next(Done<std::optional<v1::Delivery>> done) {
  const absl::Status may_take = MayTake();
  if (!may_take.ok()) End(may_take);
  absl::Status ended;
  std::optional<v1::Delivery> ready;
  {
    absl::MutexLock lock(&mutex_);
    ended = ended_;
    if (ended.ok() && page_.empty()) {
      waiting_ = std::move(done);
      if (dirty_ && !reading_) StartReading();
      return;
    }
    if (ended.ok()) {
      ready = std::move(page_.front());
      page_.pop_front();
    }
  }
  if (!ended.ok()) return done(ended);
  done(std::move(ready));
}

void Subscription::Cancel() { End(absl::CancelledError("cancelled")); }

void Subscription::Wake() {
  absl::MutexLock lock(&mutex_);
  dirty_ = true;
  if (waiting_ && !reading_) StartReading();
}

void Subscription::End(const absl::Status& status) {
  Done<std::optional<v1::Delivery>> waiting;
  {
    absl::MutexLock lock(&mutex_);
    if (!ended_.ok()) return;
    ended_ = status;
    page_.clear();
    waiting.swap(waiting_);
  }
  if (waiting) waiting(status);
}

void Subscription::StartReading() {
  reading_ = true;
  context_.workers.Schedule([self = shared_from_this()] { self->Read(); });
}

void Subscription::Read() {
  uint64_t cursor = 0;
  bool live = false;
  {
    absl::MutexLock lock(&mutex_);
    dirty_ = false;
    cursor = cursor_;
    live = live_;
  }
  // Directory and log of one moment: what is committed later, as a revocation and whatever lies behind it, is
  // for another reading.
  const CommittedState state = realm_.committed();
  ReadResult result{{}, cursor, false, CheckMayAct(*state.directory, device_, context_.clock.Now())};
  if (result.status.ok()) result = ReadPage(cursor, state.log_size, live);
  if (result.status.ok()) result.status = MayTake();
  Done<std::optional<v1::Delivery>> waiting;
  v1::Delivery first;
  {
    absl::MutexLock lock(&mutex_);
    reading_ = false;
    if (!ended_.ok()) return;
    if (result.status.ok()) {
      cursor_ = result.cursor;
      page_ = std::move(result.page);
      dirty_ = dirty_ || result.more;
      if (!live_ && !result.more) {
        // The marker: a delivery without header says that the backlog has ended.
        live_ = true;
        v1::Delivery& marker = page_.emplace_back();
        marker.set_cursor(cursor_);
        marker.set_live(true);
      }
      if (page_.empty()) {
        if (dirty_ && waiting_) StartReading();
        return;
      }
      if (!waiting_) return;
      waiting.swap(waiting_);
      first = std::move(page_.front());
      page_.pop_front();
    }
  }
  if (result.status.ok()) return waiting(std::move(first));
  if (absl::IsUnauthenticated(result.status)) return End(result.status);
  context_.metrics.UnexpectedError("reading a mailbox", result.status);
  End(absl::InternalError("internal error"));
}

Subscription::ReadResult Subscription::ReadPage(uint64_t cursor, uint64_t limit, bool live) const {
  ReadResult result{{}, cursor, false, {}};
  if (cursor >= limit) return result;
  size_t rows = 0;
  size_t bytes = 0;
  absl::Status loaded;
  // A cursor is a leaf index + 1, so it is itself the first index to be read.
  const Bytes first = MailboxKey(realm_.prefix(), device_, cursor);
  const Bytes last = MailboxKey(realm_.prefix(), device_, limit);
  const absl::Status scanned =
      context_.store.Scan(Family::kMailbox, first, last, [&](ByteView key, ByteView row) {
        if (rows == kMaxPageRows || bytes >= kStreamPageBytes) {
          result.more = true;
          return false;
        }
        absl::StatusOr<uint64_t> leaf_index = MailboxLeafIndex(key);
        absl::StatusOr<std::optional<v1::Delivery>> delivery =
            leaf_index.ok() ? Load(*leaf_index, row, live) : leaf_index.status();
        loaded = delivery.status();
        if (!loaded.ok()) return false;
        ++rows;
        result.cursor = *leaf_index + 1;
        if (*delivery) {
          bytes += (*delivery)->ByteSizeLong();
          result.page.push_back(**std::move(delivery));
        }
        return true;
      });
  result.status = scanned.ok() ? loaded : scanned;
  return result;
}

// Nothing: the signal has been destroyed since.
absl::StatusOr<std::optional<v1::Delivery>> Subscription::Load(uint64_t leaf_index, ByteView row_bytes,
                                                               bool live) const {
  ASSIGN_OR_RETURN(const MailboxRow row, MailboxRow::Decode(row_bytes));
  ASSIGN_OR_RETURN(std::optional<v1::Delivery> delivery,
                   LoadDelivery(context_.store, realm_, row.signal_id, row.part_indexes));
  if (delivery) {
    delivery->set_cursor(leaf_index + 1);
    delivery->set_live(live);
  }
  return delivery;
}

}  // namespace seinpost::server
