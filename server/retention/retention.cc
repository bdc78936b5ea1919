// SPDX-License-Identifier: EUPL-1.2
#include "server/retention/retention.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "seinpost/v1/device.pb.h"
#include "server/retention/expiring_signal.h"
#include "server/retention/row_operation.h"
#include "server/rows/device_records.h"
#include "server/rows/records.h"
#include "server/signals/original.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

// Bounds of one pass.
constexpr size_t kDueAtOnce = 256;                     // signals, rewraps, ...
constexpr size_t kRowsAtOnce = 16 * 1024;              // that are deleted
constexpr size_t kReadAtOnce = 32 * 1024 * 1024;       // bytes of parts that are read
constexpr size_t kIndexedAtOnce = 256;                 // rows of an earlier version
constexpr absl::Duration kClockKept = absl::Hours(1);  // how often the clock's row is written
constexpr absl::Duration kCompactedEvery = absl::Hours(24);
constexpr absl::Duration kFirstCompaction = absl::Hours(1);  // after the start

absl::Time ExpiryOf(int64_t seconds) { return absl::FromUnixSeconds(seconds); }

// When a statement in a row of kDevice expires. kDataLoss.
template <typename Message>
absl::StatusOr<absl::Time> ExpiryIn(ByteView row_bytes) {
  ASSIGN_OR_RETURN(const LoggedStatement row, LoggedStatement::Decode(row_bytes));
  Message message;
  if (!message.ParseFromString(row.statement))
    return absl::DataLossError("a stored statement does not parse");
  return ExpiryOf(message.expires());
}

}  // namespace

Retention::Retention(const Context& context, uint32_t log_months)
    : context_(context), log_months_(log_months) {}
Retention::~Retention() = default;

void Retention::Sweep(Realm& realm, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  const auto state = states_.try_emplace(&realm, context_, realm, log_months_).first;
  const absl::Status swept = SweepOrFail(realm, state->second, now);
  if (!swept.ok()) context_.metrics.UnexpectedError("destroying what has expired", swept);
}

absl::Status Retention::SweepOrFail(Realm& realm, State& state, absl::Time now) {
  if (!state.running.expired()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const bool holds, ClockHolds(realm, state, now));
  if (!holds) return absl::OkStatus();
  if (!state.due_complete) return Index(realm, state);
  const absl::StatusOr<bool> nothing_due = DestroyDue(realm, state, now);
  const absl::Status ended = state.keys.Go(now);
  const absl::Status compacted = Compact(now);
  RETURN_IF_ERROR(nothing_due.status());
  RETURN_IF_ERROR(ended);
  if (*nothing_due && state.keys.idle()) state.done = now - kGrace;
  TellDone();
  return compacted;
}

void Retention::TellDone() {
  absl::Time done = absl::InfiniteFuture();
  for (const auto& [realm, state] : states_) done = std::min(done, state.done);
  context_.metrics.SetRetentionDone(done);
}

// Deleting a row leaves its bytes on the disk until the files they are in are written anew, which may be
// months where little happens.
absl::Status Retention::Compact(absl::Time now) {
  if (compacted_ == absl::InfinitePast()) compacted_ = now - kCompactedEvery + kFirstCompaction;
  if (now - compacted_ < kCompactedEvery) return absl::OkStatus();
  compacted_ = now;
  return context_.store.Compact({Family::kSignal, Family::kPart, Family::kMailbox, Family::kAttachment,
                                 Family::kDevice, Family::kCase, Family::kAuditPayload, Family::kAuditIndex});
}

// Whether the clock may be believed.
absl::StatusOr<bool> Retention::ClockHolds(Realm& realm, State& state, absl::Time now) {
  const Bytes key = RetentionClockKey(realm.prefix());
  if (!state.clock_read) {
    const absl::StatusOr<Bytes> row = context_.store.Get(Family::kMeta, key);
    if (row.ok()) {
      ASSIGN_OR_RETURN(state.clock, RetentionClockRow::Decode(*row));
    } else if (!absl::IsNotFound(row.status())) {
      return row.status();
    }
    state.stored_clock = state.clock;
    state.clock_read = true;
  }
  const ClockVerdict verdict = JudgeClock(state.clock, now);
  if (verdict.newly_held) {
    context_.metrics.UnexpectedError(
        "destroying what has expired",
        absl::FailedPreconditionError(absl::StrCat(
            "the clock is more than ", absl::FormatDuration(kFarAhead), " ahead of ",
            absl::FormatTime(absl::RFC3339_sec, verdict.row.trusted, absl::UTCTimeZone()),
            ", the last time at which it was believed: nothing is destroyed for ",
            absl::FormatDuration(kHeldFor), ". Is the clock right? If the broker only stood still, wait.")));
  }
  context_.metrics.SetRetentionHeld(!verdict.go);
  state.clock = verdict.row;
  const std::optional<RetentionClockRow>& stored = state.stored_clock;
  if (!stored || (stored->held_since == absl::UnixEpoch()) != verdict.go || verdict.newly_held ||
      absl::AbsDuration(verdict.row.trusted - stored->trusted) >= kClockKept ||
      absl::AbsDuration(verdict.row.held_at - stored->held_at) >= kClockKept) {
    state.stored_clock = state.clock;
    auto operation = std::make_unique<RowOperation>(context_, realm, nullptr);
    operation->Put(Family::kMeta, key, verdict.row.Encode());
    context_.sequencer.Enqueue(std::move(operation));
  }
  return verdict.go;
}

// Gives what an earlier version wrote its due rows: signals, then requests and rewraps, some at a time.
absl::Status Retention::Index(Realm& realm, State& state) {
  const Bytes& prefix = realm.prefix();
  ASSIGN_OR_RETURN(state.due_complete, context_.store.Contains(Family::kMeta, DueCompleteKey(prefix)));
  if (state.due_complete) return absl::OkStatus();
  const auto running = std::make_shared<int>();
  auto operation = std::make_unique<RowOperation>(context_, realm, running);
  size_t rows = 0;
  absl::Status read;
  const auto add_signal = [&](ByteView key) -> absl::Status {
    const ByteView signal_id = key.substr(prefix.size());
    const absl::StatusOr<Original> original = LoadOriginal(context_.store, prefix, signal_id);
    if (absl::IsNotFound(original.status())) return absl::OkStatus();  // remains
    RETURN_IF_ERROR(original.status());
    absl::Time last = absl::UnixEpoch();
    for (const Original::Part& part : original->parts) {
      const absl::Time expires = ExpiryOf(part.descriptor.expires());
      last = std::max(last, expires);
      operation->Put(Family::kMeta, DueKey(prefix, expires, DueKind::kParts, signal_id), "");
      if (part.descriptor.kind() == v1::PART_KIND_ATTACHMENT) {
        operation->KeepAttachment(part.descriptor.ct_hash(), expires);
      }
    }
    if (!original->core.case_ref().empty()) {
      operation->KeepCase(original->core.case_ref(), last + kRemainsLife);
    }
    return absl::OkStatus();
  };
  const auto visit = [&](ByteView key, const auto& add) {
    state.indexed = absl::StrCat(key, ByteView("\0", 1));
    const absl::Status added = add();
    if (!added.ok()) read = added;  // a broken row stops no other
    return ++rows < kIndexedAtOnce;
  };
  // The place in the walk: signals first, then requests and rewraps, whose keys carry the kind behind the
  // prefix. Family by family, so it is kept with the family's letter before it.
  const auto walk = [&](char letter, Family family, const Bytes& first, const auto& add) -> absl::Status {
    const Bytes mark(1, letter);
    if (state.indexed > mark && state.indexed[0] > letter) return absl::OkStatus();
    const Bytes from =
        state.indexed.size() > 1 && state.indexed[0] == letter ? state.indexed.substr(1) : first;
    RETURN_IF_ERROR(context_.store.Scan(family, from, PrefixLimit(first), [&](ByteView key, ByteView value) {
      const bool more = visit(key, [&] { return add(key, value); });
      state.indexed = absl::StrCat(mark, state.indexed);
      return more;
    }));
    return absl::OkStatus();
  };
  const auto add_statement = [&](DueKind kind, ByteView key,
                                 const absl::StatusOr<absl::Time>& expires) -> absl::Status {
    RETURN_IF_ERROR(expires.status());
    ASSIGN_OR_RETURN(const DevicePart of, ParseDevicePart(key));
    operation->Put(Family::kMeta, DueKey(prefix, *expires, kind, DueOf(of)), "");
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(walk('1', Family::kSignal, prefix,
                       [&](ByteView key, ByteView) -> absl::Status { return add_signal(key); }));
  if (rows < kIndexedAtOnce) {
    RETURN_IF_ERROR(
        walk('2', Family::kDevice, RewrapRequestPrefix(prefix), [&](ByteView key, ByteView value) {
          return add_statement(DueKind::kRequest, key, ExpiryIn<v1::RewrapRequest>(value));
        }));
  }
  if (rows < kIndexedAtOnce) {
    RETURN_IF_ERROR(walk('3', Family::kDevice, RewrapPrefix(prefix), [&](ByteView key, ByteView value) {
      return add_statement(DueKind::kRewrap, key, ExpiryIn<v1::Rewrap>(value));
    }));
  }
  if (rows < kIndexedAtOnce) operation->Put(Family::kMeta, DueCompleteKey(prefix), "1");
  state.running = running;
  context_.sequencer.Enqueue(std::move(operation));
  return read;
}

absl::StatusOr<bool> Retention::DestroyDue(Realm& realm, State& state, absl::Time now) {
  const Bytes& prefix = realm.prefix();
  const absl::Time limit = now - kGrace;
  std::vector<std::pair<Bytes, DueName>> due;
  absl::Status parsed;
  RETURN_IF_ERROR(context_.store.Scan(Family::kMeta, DuePrefix(prefix), DueLimit(prefix, limit),
                                      [&](ByteView key, ByteView) {
                                        absl::StatusOr<DueName> name = ParseDueKey(prefix, key);
                                        parsed = name.status();
                                        if (name.ok()) due.emplace_back(Bytes(key), *std::move(name));
                                        return name.ok() && due.size() < kDueAtOnce;
                                      }));
  RETURN_IF_ERROR(parsed);
  if (due.empty()) return true;
  const auto running = std::make_shared<int>();
  state.running = running;
  auto others = std::make_unique<RowOperation>(context_, realm, running);
  std::set<Bytes> signals;
  size_t rows = 0, read = 0;
  absl::Status failed;
  for (const auto& [key, name] : due) {
    if (rows >= kRowsAtOnce || read >= kReadAtOnce) break;
    if (name.kind != DueKind::kParts) {
      others->Expire(key, name, limit);
      continue;
    }
    // Twice in one pass: the second time is for the next, which sees what the first left.
    if (!signals.insert(name.of).second) continue;
    absl::StatusOr<std::unique_ptr<ExpiringSignal>> signal =
        ExpiringSignal::Prepare(context_, realm, name.of, key, limit, now, running);
    if (!signal.ok()) {
      failed = signal.status();
    } else if (*signal == nullptr) {
      others->Delete(Family::kMeta, key);
    } else {
      rows += (*signal)->rows();
      read += (*signal)->read_bytes();
      context_.sequencer.Enqueue(*std::move(signal));
    }
  }
  if (!others->empty()) context_.sequencer.Enqueue(std::move(others));
  RETURN_IF_ERROR(failed);
  return false;
}

}  // namespace seinpost::server
