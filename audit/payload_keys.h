// SPDX-License-Identifier: EUPL-1.2
// PayloadKeys encrypts the openings that lie beside the leaves, under keys kept outside the database and its
// backups: destroying a key destroys what it sealed, and the log still verifies.
#ifndef SEINPOST_AUDIT_PAYLOAD_KEYS_H_
#define SEINPOST_AUDIT_PAYLOAD_KEYS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "crypto/secret.h"
#include "util/bytes.h"

namespace seinpost::audit {

// Year * 100 + month, in UTC: 202611.
uint32_t MonthOf(absl::Time time);

// Thread-safe. A retention class is a name of 1 to 32 characters of [a-z0-9_-].
class PayloadKeys {
 public:
  virtual ~PayloadKeys() = default;

  // Encrypts what belongs to leaf `index`. OK means that the key it takes to open it again is on disk.
  // May be called again for the same index, as when a batch was abandoned. kInvalidArgument: class or month.
  // kUnavailable: the key cannot be stored.
  virtual absl::StatusOr<Bytes> Seal(absl::string_view retention_class, uint32_t month, uint64_t index,
                                     ByteView plaintext) = 0;
  // kNotFound: the key has been destroyed. kDataLoss: `sealed` was altered or belongs to another leaf.
  virtual absl::StatusOr<Bytes> Open(absl::string_view retention_class, uint32_t month, uint64_t index,
                                     ByteView sealed) = 0;
  // Makes everything sealed for that class and month unreadable, at once and for good. OK if there was
  // nothing.
  virtual absl::Status Destroy(absl::string_view retention_class, uint32_t month) = 0;
  // Names the key without telling it. kNotFound: there is none, or it has been destroyed. kDataLoss: what is
  // there is no key.
  virtual absl::StatusOr<Digest> Fingerprint(absl::string_view retention_class, uint32_t month) = 0;
  // Whether what lies there says that Destroy() was called for the key of that fingerprint.
  virtual bool WasDestroyed(absl::string_view retention_class, uint32_t month,
                            const Digest& fingerprint) const = 0;
  // There are openings under a key of that class and month, so another is never made in its place: where it
  // is missing, Seal() is kDataLoss.
  virtual void MarkMade(absl::string_view retention_class, uint32_t month) = 0;
  // Every class and month of which there is a key, in no particular order; not those that were destroyed.
  virtual absl::StatusOr<std::vector<std::pair<std::string, uint32_t>>> List() const = 0;
};

// One random key file per retention class and month, "<class>.<month>.key", mode 0600, in a directory of its
// own. A key is on disk (fsynced, directory too) before it is first used.
class PayloadKeyFiles final : public PayloadKeys {
 public:
  // `origin` names the log and is bound into each ciphertext. Creates the directory (0700).
  // kUnavailable: cannot create it.
  static absl::StatusOr<std::unique_ptr<PayloadKeyFiles>> Open(const std::string& directory,
                                                               absl::string_view origin);

  absl::StatusOr<Bytes> Seal(absl::string_view retention_class, uint32_t month, uint64_t index,
                             ByteView plaintext) override;
  absl::StatusOr<Bytes> Open(absl::string_view retention_class, uint32_t month, uint64_t index,
                             ByteView sealed) override;
  absl::Status Destroy(absl::string_view retention_class, uint32_t month) override;
  absl::StatusOr<Digest> Fingerprint(absl::string_view retention_class, uint32_t month) override;
  bool WasDestroyed(absl::string_view retention_class, uint32_t month,
                    const Digest& fingerprint) const override;
  void MarkMade(absl::string_view retention_class, uint32_t month) override;
  absl::StatusOr<std::vector<std::pair<std::string, uint32_t>>> List() const override;

 private:
  using Slot = std::pair<std::string, uint32_t>;  // class, month
  struct MonthKey;
  PayloadKeyFiles(std::string directory, absl::string_view origin);
  // Loads the key, or creates it if `create`. kNotFound: there is none.
  absl::StatusOr<std::shared_ptr<MonthKey>> Find(absl::string_view retention_class, uint32_t month,
                                                 bool create);
  std::string PathOf(const Slot& slot) const;
  Bytes AadFor(const Slot& slot, uint64_t index) const;

  const std::string directory_;
  const Bytes origin_;
  absl::Mutex mutex_;
  std::map<Slot, std::shared_ptr<MonthKey>> keys_ ABSL_GUARDED_BY(mutex_);
  std::set<Slot> made_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace seinpost::audit

#endif  // SEINPOST_AUDIT_PAYLOAD_KEYS_H_
