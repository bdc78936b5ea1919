// SPDX-License-Identifier: EUPL-1.2
#include "server/realm/log_keys.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/realm/key_files.h"
#include "trust/log_identity.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::server {

const LogPeriod& PeriodOfLeaf(const LogPeriods& periods, uint64_t index) {
  size_t at = periods.size() - 1;
  while (at > 0 && periods[at].first > index) --at;
  return periods[at];
}

absl::StatusOr<std::unique_ptr<LogKeys>> LogKeys::Open(const std::string& directory) {
  auto keys = std::unique_ptr<LogKeys>(new LogKeys(directory));
  ASSIGN_OR_RETURN(keys->at_start_, keys->Learn(LogKeyPathIn(directory)));
  RETURN_IF_ERROR(keys->Next().status());
  for (size_t number = 1;; ++number) {
    const absl::Status learnt = keys->Learn(keys->NumberedPath(number)).status();
    if (absl::IsNotFound(learnt)) return keys;
    RETURN_IF_ERROR(learnt);
  }
}

absl::StatusOr<crypto::PublicKey> LogKeys::Learn(const std::string& path) {
  ASSIGN_OR_RETURN(crypto::SigningKey key, ReadKeyFile(path));
  const crypto::PublicKey public_key = key.public_key();
  absl::MutexLock lock(&mutex_);
  keys_.emplace(public_key, std::make_shared<const crypto::SigningKey>(std::move(key)));
  return public_key;
}

std::string LogKeys::NumberedPath(size_t number) const {
  return absl::StrCat(directory_, "/log-", number, ".key");
}

std::vector<crypto::PublicKey> LogKeys::PublicKeys() const {
  std::vector<crypto::PublicKey> keys;
  absl::MutexLock lock(&mutex_);
  for (const auto& entry : keys_) keys.push_back(entry.first);
  return keys;
}

absl::StatusOr<std::optional<crypto::PublicKey>> LogKeys::Next() {
  absl::StatusOr<crypto::PublicKey> next = Learn(NextLogKeyPathIn(directory_));
  if (absl::IsNotFound(next.status())) return std::optional<crypto::PublicKey>();
  RETURN_IF_ERROR(next.status());
  return std::optional<crypto::PublicKey>(*next);
}

absl::StatusOr<LogPeriods> LogKeys::PeriodsOf(const trust::Directory& directory,
                                              absl::string_view convenant_id) const {
  LogPeriods periods;
  absl::MutexLock lock(&mutex_);
  if (directory.convenant() == nullptr) {
    periods.push_back({0, trust::LogOrigin(convenant_id), keys_.at(at_start_)});
    return periods;
  }
  for (const trust::LogIdentity& identity : directory.log_identities()) {
    const auto key = keys_.find(identity.key);
    if (key == keys_.end()) {
      return absl::NotFoundError(
          absl::StrCat("no key file holds log key ", periods.size() + 1, ", ", ToHex(View(identity.key))));
    }
    periods.push_back(
        {periods.empty() ? 0 : directory.leaf_indexes()[identity.seq], identity.origin, key->second});
  }
  return periods;
}

absl::Status LogKeys::TakeOver(const LogPeriods& periods) {
  for (size_t number = 1; number < periods.size(); ++number) {
    const crypto::SigningKey& key = *periods[number - 1].key;
    const std::string path = NumberedPath(number);
    const absl::StatusOr<crypto::PublicKey> there = Learn(path);
    if (absl::IsNotFound(there.status())) {
      RETURN_IF_ERROR(WriteKeyFile(path, key));
    } else if (!there.ok()) {
      return there.status();
    } else if (*there != key.public_key()) {
      return absl::FailedPreconditionError(absl::StrCat("'", path, "' is not log key ", number));
    }
  }
  const crypto::PublicKey in_force = periods.back().key->public_key();
  const std::string path = LogKeyPathIn(directory_);
  ASSIGN_OR_RETURN(const crypto::PublicKey current, Learn(path));
  if (current == in_force) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::optional<crypto::PublicKey> next, Next());
  const bool earlier = std::any_of(periods.begin(), periods.end(), [&](const LogPeriod& period) {
    return period.key->public_key() == current;
  });
  if (!earlier || next != in_force) {
    return absl::FailedPreconditionError(absl::StrCat("'", path, "' is not the log key in force"));
  }
  return RenameDurably(NextLogKeyPathIn(directory_), path);
}

}  // namespace seinpost::server
