// SPDX-License-Identifier: EUPL-1.2
#include "server/retention/log_keys_end.h"

#include <vector>

#include "server/commit/operation.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

constexpr size_t kCountedAtOnce = 16 * 1024;  // rows looked at
constexpr size_t kErasedAtOnce = 512;         // openings, each with the rows that find it

absl::CivilMonth MonthAfter(uint32_t month) { return absl::CivilMonth(month / 100, month % 100) + 1; }

absl::Time EndOf(const audit::KeyPeriod& period, uint32_t months) {
  return absl::FromCivil(MonthAfter(period.month) + months, absl::UTCTimeZone());
}

// Whether an opening lies behind all of that period. Time goes on from leaf to leaf, but for what was on its
// way at the end of a month.
bool IsBeyond(const audit::KeyPeriod& period, absl::string_view retention_class, uint32_t month) {
  return retention_class != audit::kLastingClass &&
         absl::CivilMonth(month / 100, month % 100) > MonthAfter(period.month);
}

// Puts what the log knows of keys, behind a leaf if there is one.
class PutKeys final : public Operation {
 public:
  PutKeys(const Context& context, Realm& realm, std::vector<audit::KeyPeriod> periods,
          std::optional<PreparedEvent> erased, std::shared_ptr<void> running)
      : context_(context),
        realm_(realm),
        periods_(std::move(periods)),
        erased_(std::move(erased)),
        running_(std::move(running)) {}

  void Apply(Transaction& transaction) override {
    for (audit::KeyPeriod& period : periods_) {
      if (erased_) period.erased_by = transaction.Stage(realm_, *erased_);
      const audit::Log::Row row = realm_.log().KeyRow(period);
      transaction.Put(row.family, row.key, row.value);
    }
  }
  void Committed() override {
    for (const audit::KeyPeriod& period : periods_) realm_.sequenced_log().KnowKey(period);
    running_.reset();
  }
  void Complete(const absl::Status& commit) override {
    if (!commit.ok()) context_.metrics.UnexpectedError("ending a key of the log", commit);
  }

 private:
  const Context& context_;
  Realm& realm_;
  std::vector<audit::KeyPeriod> periods_;  // one, if there is a leaf
  const std::optional<PreparedEvent> erased_;
  std::shared_ptr<void> running_;
};

class DeleteOpenings final : public Operation {
 public:
  DeleteOpenings(const Context& context, std::vector<audit::Log::Row> rows, std::shared_ptr<void> running)
      : context_(context), rows_(std::move(rows)), running_(std::move(running)) {}
  void Apply(Transaction& transaction) override {
    for (const audit::Log::Row& row : rows_) transaction.Delete(row.family, row.key);
  }
  void Committed() override { running_.reset(); }
  void Complete(const absl::Status& commit) override {
    if (!commit.ok()) context_.metrics.UnexpectedError("deleting erased openings", commit);
  }

 private:
  const Context& context_;
  const std::vector<audit::Log::Row> rows_;
  std::shared_ptr<void> running_;
};

}  // namespace

LogKeysEnd::LogKeysEnd(const Context& context, Realm& realm, uint32_t months)
    : context_(context), realm_(realm), months_(months) {}

absl::Status LogKeysEnd::Go(absl::Time now) {
  idle_ = false;
  if (!running_.expired()) return absl::OkStatus();
  if (!unknown_seen_) return TakeNoteOfUnknown();
  if (!current_) RETURN_IF_ERROR(Choose(now));
  idle_ = !current_;
  if (idle_) return absl::OkStatus();
  return current_->erased_by ? Delete() : Count(now);
}

// In a database of an earlier version: the keys that are there are taken for the right ones.
absl::Status LogKeysEnd::TakeNoteOfUnknown() {
  ASSIGN_OR_RETURN(std::vector<audit::KeyPeriod> unknown, realm_.log().UnknownKeys());
  unknown_seen_ = true;
  if (unknown.empty()) return absl::OkStatus();
  const auto running = std::make_shared<int>();
  running_ = running;
  context_.sequencer.Enqueue(
      std::make_unique<PutKeys>(context_, realm_, std::move(unknown), std::nullopt, running));
  return absl::OkStatus();
}

absl::Status LogKeysEnd::Choose(absl::Time now) {
  for (const audit::KeyPeriod& period : realm_.log().Keys()) {
    const std::pair<std::string, uint32_t> name(period.retention_class, period.month);
    if (period.retention_class == audit::kLastingClass || over_.count(name) > 0) continue;
    // What a leaf speaks of already was begun before, perhaps by an earlier run: whether anything is left to
    // do shows when it is looked at once more.
    const bool ended = months_ > 0 && now >= EndOf(period, months_);
    if (!period.erased_by && !ended && !realm_.log().WasDestroyedUnnamed(period)) continue;
    current_ = period;
    next_ = 0;
    counted_ = {period.retention_class, period.month, period.fingerprint};
    return absl::OkStatus();
  }
  return absl::OkStatus();
}

absl::Status LogKeysEnd::Count(absl::Time now) {
  bool beyond = false;
  const auto visit = [&](uint64_t index, absl::string_view retention_class, uint32_t month) {
    beyond = IsBeyond(*current_, retention_class, month);
    if (retention_class == current_->retention_class && month == current_->month) {
      if (counted_.count++ == 0) counted_.first = index;
      counted_.last = index;
    }
    return !beyond;
  };
  ASSIGN_OR_RETURN(const std::optional<uint64_t> next,
                   realm_.log().VisitSealed(next_, kCountedAtOnce, visit));
  if (next && !beyond) {
    next_ = *next;
    return absl::OkStatus();
  }
  const audit::KeyPeriod ended = *current_;
  current_.reset();
  if (counted_.count == 0) {
    over_.emplace(ended.retention_class, ended.month);  // it opens nothing
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(PreparedEvent event, PreparedEvent::Make(audit::ErasedEvent(counted_, now)));
  event.retention_class = audit::kLastingClass;
  const auto running = std::make_shared<int>();
  running_ = running;
  context_.sequencer.Enqueue(std::make_unique<PutKeys>(context_, realm_, std::vector<audit::KeyPeriod>{ended},
                                                       std::move(event), running));
  return absl::OkStatus();
}

absl::Status LogKeysEnd::Delete() {
  std::vector<audit::Log::Row> rows;
  std::vector<uint64_t> openings;
  bool beyond = false;
  const auto visit = [&](uint64_t index, absl::string_view retention_class, uint32_t month) {
    beyond = IsBeyond(*current_, retention_class, month);
    if (retention_class == current_->retention_class && month == current_->month) openings.push_back(index);
    return !beyond && openings.size() < kErasedAtOnce;
  };
  ASSIGN_OR_RETURN(const std::optional<uint64_t> next,
                   realm_.log().VisitSealed(next_, kCountedAtOnce, visit));
  if (openings.empty() && next && !beyond) {
    next_ = *next;
    return absl::OkStatus();
  }
  if (openings.empty()) {
    RETURN_IF_ERROR(realm_.DestroyPayloadKey(current_->retention_class, current_->month));
    over_.emplace(current_->retention_class, current_->month);
    current_.reset();
    return absl::OkStatus();
  }
  for (const uint64_t index : openings) {
    for (audit::Log::Row& row : realm_.log().RowsOfOpening(index)) rows.push_back(std::move(row));
  }
  const auto running = std::make_shared<int>();
  running_ = running;
  context_.sequencer.Enqueue(std::make_unique<DeleteOpenings>(context_, std::move(rows), running));
  return absl::OkStatus();
}

}  // namespace seinpost::server
