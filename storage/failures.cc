// SPDX-License-Identifier: EUPL-1.2
#include "storage/failures.h"

#include <cstdio>
#include <memory>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "storage/store.h"

namespace seinpost {

namespace {
constexpr size_t kTried = 1024 * 1024;  // bytes
// The text of RocksDB's errors names files and sizes, no keys or values.
constexpr char kCauseUrl[] = "seinpost/storage";
}  // namespace

absl::Status ToStatus(const rocksdb::Status& status) {
  if (status.ok()) return absl::OkStatus();
  if (status.IsNotFound()) return absl::NotFoundError("no such key");
  if (status.IsCorruption())
    return absl::DataLossError(absl::StrCat("database is damaged: ", status.ToString()));
  absl::Status unavailable = absl::UnavailableError("the database cannot be read or written");
  unavailable.SetPayload(kCauseUrl, absl::Cord(status.ToString()));
  return unavailable;
}

std::string Explain(const absl::Status& status) {
  const absl::optional<absl::Cord> cause = status.GetPayload(kCauseUrl);
  if (!cause.has_value()) return std::string(status.message());
  return absl::StrCat(status.message(), ": ", std::string(*cause));
}

bool IsStoreFailure(const absl::Status& status) { return status.GetPayload(kCauseUrl).has_value(); }

rocksdb::Status TryDisk(rocksdb::Env& env, const std::string& directory) {
  const std::string path = directory + "/try";  // RocksDB passes over files of names that it does not give
  std::unique_ptr<rocksdb::WritableFile> file;
  rocksdb::Status status = env.NewWritableFile(path, &file, rocksdb::EnvOptions());
  if (status.ok()) status = file->Append(std::string(kTried, 't'));
  if (status.ok()) status = file->Sync();
  if (status.ok()) status = file->Close();
  const rocksdb::Status deleted = env.DeleteFile(path);
  return status.ok() ? deleted : status;
}

void OpeningLog::Logv(const char* format, va_list arguments) {
  if (!absl::StrContains(format, "dropping %d bytes")) return;
  char text[512];
  vsnprintf(text, sizeof text, format, arguments);
  // Before it stands where in RocksDB's source it was said.
  const absl::string_view said = text;
  const size_t end = said.rfind("] ");
  absl::MutexLock lock(&mutex_);
  if (truncated_.empty()) truncated_ = std::string(end == said.npos ? said : said.substr(end + 2));
}

std::string OpeningLog::truncated() const {
  absl::MutexLock lock(&mutex_);
  return truncated_;
}

absl::Status WriteHealth::failure() const {
  absl::MutexLock lock(&mutex_);
  return failure_;
}

void WriteHealth::Fail(const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  if (failure_.ok()) failure_ = status;
}

void WriteHealth::Recovered() {
  absl::MutexLock lock(&mutex_);
  failure_ = absl::OkStatus();
}

void WriteHealth::OnBackgroundError(rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status* error) {
  Fail(ToStatus(*error));
}

void WriteHealth::OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status /*error*/,
                                       bool* by_itself) {
  *by_itself = false;
}

}  // namespace seinpost
