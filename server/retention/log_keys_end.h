// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_RETENTION_LOG_KEYS_END_H_
#define SEINPOST_SERVER_RETENTION_LOG_KEYS_END_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "audit/erasure.h"
#include "audit/log.h"
#include "server/gate/context.h"
#include "server/realm/realm.h"

namespace seinpost::server {

// LogKeysEnd ends the keys of a log's openings: `months` after the end of their month. In this order, each
// step taken up again after a crash: a leaf, ERASED, names key and leaves; the sealed openings and what finds
// them are deleted; the key's file goes. From the leaf on everybody can tell what was erased from what is
// missing.
//
// One thread at a time; not for the commit thread.
class LogKeysEnd {
 public:
  // 0 months: never.
  LogKeysEnd(const Context& context, Realm& realm, uint32_t months);

  // The next bounded piece of work, if there is any and the last one is over.
  absl::Status Go(absl::Time now);
  // The last Go() found nothing to do.
  bool idle() const { return idle_; }

 private:
  absl::Status TakeNoteOfUnknown();
  absl::Status Choose(absl::Time now);
  absl::Status Count(absl::Time now);
  absl::Status Delete();

  const Context& context_;
  Realm& realm_;
  const uint32_t months_;
  bool unknown_seen_ = false;
  bool idle_ = false;
  std::optional<audit::KeyPeriod> current_;
  uint64_t next_ = 0;                                // the first leaf that was not counted
  audit::Erasure counted_{};                         // of current_
  std::set<std::pair<std::string, uint32_t>> over_;  // nothing is left to do
  std::weak_ptr<void> running_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_RETENTION_LOG_KEYS_END_H_
