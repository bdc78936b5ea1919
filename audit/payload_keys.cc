// SPDX-License-Identifier: EUPL-1.2
#include "audit/payload_keys.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "audit/reader.h"
#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/hkdf.h"
#include "crypto/wiped.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::audit {
namespace {

constexpr uint8_t kVersion = 1;
constexpr size_t kKeyBytes = crypto::Secret<32>::kSize;
// What stands in the file of a key that was destroyed, before its fingerprint.
constexpr absl::string_view kDestroyed = "seinpost payload key destroyed\n";
constexpr size_t kMaxFileBytes = kDestroyed.size() + sizeof(Digest);

using KeyName = FixedBytes<8>;
using Session = FixedBytes<16>;

bool IsClass(absl::string_view name) {
  return !name.empty() && name.size() <= kMaxClassBytes && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

bool IsMonth(uint32_t month) {
  return month >= 197001 && month <= 999912 && month % 100 >= 1 && month % 100 <= 12;
}

crypto::Secret<32> SessionKey(const crypto::Secret<32>& month_key, const Session& session) {
  return crypto::HkdfExpand<32>(month_key, absl::StrCat("seinpost/v1/payload", View(session)));
}

crypto::AeadNonce NonceOf(uint64_t counter) {
  crypto::AeadNonce nonce{};
  const Bytes bytes = U64(counter);
  std::copy(bytes.begin(), bytes.end(), nonce.end() - 8);
  return nonce;
}

}  // namespace

// The nonce must be new for each sealing, also when an index is sealed again and when a database is set back.
// So each process draws a session for each key it loads, derives a key for it, and counts.
struct PayloadKeyFiles::MonthKey {
  explicit MonthKey(crypto::Secret<32> month_key)
      : root(std::move(month_key)),
        name(crypto::HkdfExpandFixed<8>(root, "seinpost/v1/payload-key-name")),
        fingerprint(crypto::HkdfExpandFixed<32>(root, "seinpost/v1/payload-key-fingerprint")),
        session(crypto::RandomFixed<16>()),
        session_key(SessionKey(root, session)) {}

  const crypto::Secret<32> root;
  const KeyName name;
  const Digest fingerprint;
  const Session session;
  const crypto::Secret<32> session_key;
  std::atomic<uint64_t> next{0};
};

uint32_t MonthOf(absl::Time time) {
  const absl::CivilMonth month = absl::ToCivilMonth(time, absl::UTCTimeZone());
  return static_cast<uint32_t>(std::clamp<int64_t>(month.year(), 1970, 9999) * 100 + month.month());
}

PayloadKeyFiles::PayloadKeyFiles(std::string directory, absl::string_view origin)
    : directory_(std::move(directory)), origin_(origin) {}

absl::StatusOr<std::unique_ptr<PayloadKeyFiles>> PayloadKeyFiles::Open(const std::string& directory,
                                                                       absl::string_view origin) {
  RETURN_IF_ERROR(MakePrivateDirectory(directory));
  return std::unique_ptr<PayloadKeyFiles>(new PayloadKeyFiles(directory, origin));
}

std::string PayloadKeyFiles::PathOf(const Slot& slot) const {
  return absl::StrFormat("%s/%s.%06d.key", directory_, slot.first, slot.second);
}

Bytes PayloadKeyFiles::AadFor(const Slot& slot, uint64_t index) const {
  return Lp("seinpost/v1/payload") + Lp(origin_) + Lp(slot.first) + U32(slot.second) + U64(index);
}

absl::StatusOr<std::shared_ptr<PayloadKeyFiles::MonthKey>> PayloadKeyFiles::Find(
    absl::string_view retention_class, uint32_t month, bool create) {
  if (!IsClass(retention_class))
    return absl::InvalidArgumentError("payload keys: bad name of a retention class");
  if (!IsMonth(month)) return absl::InvalidArgumentError("payload keys: not a month");
  const Slot slot(std::string(retention_class), month);
  absl::MutexLock lock(&mutex_);
  if (const auto found = keys_.find(slot); found != keys_.end()) return found->second;

  absl::StatusOr<Bytes> content = ReadFile(PathOf(slot), kMaxFileBytes);
  if (absl::IsNotFound(content.status()) && create) {
    if (made_.count(slot) > 0) return absl::DataLossError("payload keys: a key that was made is missing");
    crypto::Secret<32> key = crypto::Secret<32>::Random();
    RETURN_IF_ERROR(WriteFileAtomically(PathOf(slot), key.ExposeSecretView()));
    return keys_[slot] = std::make_shared<MonthKey>(std::move(key));
  }
  if (absl::IsResourceExhausted(content.status()))
    return absl::DataLossError("payload keys: key file is too large");
  RETURN_IF_ERROR(content.status());
  if (content->empty() || absl::StartsWith(*content, kDestroyed)) {
    return absl::NotFoundError("payload keys: the key has been destroyed");
  }
  absl::StatusOr<crypto::Secret<32>> key = crypto::Secret<32>::FromBytes(*content);
  crypto::Wipe(*content);
  if (!key.ok()) return absl::DataLossError("payload keys: key file has the wrong size");
  return keys_[slot] = std::make_shared<MonthKey>(*std::move(key));
}

absl::StatusOr<Bytes> PayloadKeyFiles::Seal(absl::string_view retention_class, uint32_t month, uint64_t index,
                                            ByteView plaintext) {
  const absl::StatusOr<std::shared_ptr<MonthKey>> key = Find(retention_class, month, /*create=*/true);
  if (absl::IsNotFound(key.status())) return absl::FailedPreconditionError(key.status().message());
  RETURN_IF_ERROR(key.status());
  const uint64_t counter = (*key)->next.fetch_add(1);
  return U8(kVersion) + ToBytes((*key)->name) + ToBytes((*key)->session) + U64(counter) +
         crypto::AeadSeal((*key)->session_key, NonceOf(counter),
                          AadFor({std::string(retention_class), month}, index), plaintext);
}

absl::StatusOr<Bytes> PayloadKeyFiles::Open(absl::string_view retention_class, uint32_t month, uint64_t index,
                                            ByteView sealed) {
  Reader reader(sealed);
  const uint64_t version = reader.Number(1);
  const ByteView name = reader.Take(sizeof(KeyName));
  const ByteView session_bytes = reader.Take(sizeof(Session));
  const uint64_t counter = reader.Number(8);
  if (reader.failed() || version != kVersion) return absl::DataLossError("audit payload: malformed");
  const ByteView ciphertext = sealed.substr(1 + sizeof(KeyName) + sizeof(Session) + 8);
  ASSIGN_OR_RETURN(const std::shared_ptr<MonthKey> key, Find(retention_class, month, /*create=*/false));
  if (View(key->name) != name) return absl::NotFoundError("payload keys: sealed under a key that is gone");
  ASSIGN_OR_RETURN(const Session session, ToFixed<sizeof(Session)>(session_bytes, "payload session"));
  absl::StatusOr<Bytes> plaintext =
      crypto::AeadOpen(SessionKey(key->root, session), NonceOf(counter),
                       AadFor({std::string(retention_class), month}, index), ciphertext);
  if (!plaintext.ok()) return absl::DataLossError("audit payload: altered, or of another leaf");
  return plaintext;
}

// A file stays behind: it says that the key was destroyed and which it was, and keeps it from being made
// anew.
absl::Status PayloadKeyFiles::Destroy(absl::string_view retention_class, uint32_t month) {
  if (!IsClass(retention_class) || !IsMonth(month))
    return absl::InvalidArgumentError("payload keys: no such key");
  const absl::StatusOr<std::shared_ptr<MonthKey>> key = Find(retention_class, month, /*create=*/false);
  const Slot slot(std::string(retention_class), month);
  absl::MutexLock lock(&mutex_);
  keys_.erase(slot);
  if (!key.ok()) {
    absl::StatusOr<Bytes> content = ReadFile(PathOf(slot), kMaxFileBytes);
    if (absl::IsNotFound(content.status())) return absl::OkStatus();
    if (content.ok() && absl::StartsWith(*content, kDestroyed)) return absl::OkStatus();
    if (content.ok()) crypto::Wipe(*content);
    return WriteFileAtomically(PathOf(slot), "");  // it was no key
  }
  return WriteFileAtomically(PathOf(slot), absl::StrCat(kDestroyed, View((*key)->fingerprint)));
}

bool PayloadKeyFiles::WasDestroyed(absl::string_view retention_class, uint32_t month,
                                   const Digest& fingerprint) const {
  const absl::StatusOr<Bytes> content =
      ReadFile(PathOf(Slot(std::string(retention_class), month)), kMaxFileBytes);
  return content.ok() && *content == absl::StrCat(kDestroyed, View(fingerprint));
}

absl::StatusOr<Digest> PayloadKeyFiles::Fingerprint(absl::string_view retention_class, uint32_t month) {
  ASSIGN_OR_RETURN(const std::shared_ptr<MonthKey> key, Find(retention_class, month, /*create=*/false));
  return key->fingerprint;
}

void PayloadKeyFiles::MarkMade(absl::string_view retention_class, uint32_t month) {
  absl::MutexLock lock(&mutex_);
  made_.emplace(retention_class, month);
}

absl::StatusOr<std::vector<std::pair<std::string, uint32_t>>> PayloadKeyFiles::List() const {
  namespace fs = std::filesystem;
  std::vector<Slot> slots;
  std::error_code error;
  fs::directory_iterator files(directory_, error);
  for (; !error && files != fs::directory_iterator(); files.increment(error)) {
    const std::string name = files->path().filename().string();
    const std::vector<std::string> words = absl::StrSplit(name, '.');
    uint32_t month = 0;
    std::error_code unreadable;
    if (words.size() != 3 || words[2] != "key" || !IsClass(words[0]) || !absl::SimpleAtoi(words[1], &month) ||
        !IsMonth(month) || fs::file_size(files->path(), unreadable) != kKeyBytes || unreadable) {
      continue;
    }
    slots.emplace_back(words[0], month);
  }
  if (error) return absl::UnavailableError("payload keys: the directory cannot be read");
  return slots;
}

}  // namespace seinpost::audit
