// SPDX-License-Identifier: EUPL-1.2
#include "client/profile/state.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/profile/disk.h"
#include "client/profile/records.h"
#include "client/profile/state_json.h"
#include "client/terminal/context.h"
#include "client/terminal/output.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

// docs/formats/profile.md
constexpr size_t kMaxStateBytes = 64 * 1024 * 1024;
constexpr size_t kMaxDirectoryBytes = 512 * 1024 * 1024;
constexpr size_t kMaxDeliveryBytes = 4 * 1024 * 1024;
constexpr size_t kMaxQueuedBytes = 128 * 1024 * 1024;
constexpr absl::string_view kDirectoryMagic = "seinpost-directory\x02";
constexpr absl::string_view kOldDirectoryMagic = "seinpost-directory\x01";  // without leaf indexes
constexpr absl::string_view kQueuedMagic = "seinpost-queued\x01";

absl::Status Damaged(absl::string_view path) {
  return WithExit(absl::DataLossError(absl::StrCat("file is damaged: ", path)), kUsage);
}

absl::Status Delete(const std::string& path) {
  std::error_code error;
  std::filesystem::remove(path, error);
  if (error) return DiskError(absl::UnavailableError(absl::StrCat("cannot delete ", path)));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Bytes>> IdsIn(const std::string& directory) {
  std::vector<Bytes> ids;
  std::error_code error;
  for (std::filesystem::directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error)) {
    const absl::StatusOr<Bytes> id = FromHex(it->path().filename().string());
    if (id.ok() && id->size() == 16) ids.push_back(*id);
  }
  if (error) return DiskError(absl::UnavailableError(absl::StrCat("cannot read ", directory)));
  std::sort(ids.begin(), ids.end());
  return ids;
}

Bytes EncodeQueued(const Queued& queued) {
  Bytes encoded(kQueuedMagic);
  encoded += Lp(queued.signal_id) + U64(static_cast<uint64_t>(absl::ToUnixSeconds(queued.created)));
  encoded += U8(queued.personal ? 1 : 0) + Lp(queued.channel) + Lp(queued.envelope.SerializeAsString());
  encoded += U32(static_cast<uint32_t>(queued.attachments.size()));
  for (const auto& [hash, ciphertext] : queued.attachments) encoded += Lp(hash) + Lp(ciphertext);
  return encoded;
}

bool DecodeQueued(ByteView encoded, Queued& queued) {
  RecordReader in(encoded);
  if (in.Fixed(kQueuedMagic.size()) != kQueuedMagic) return false;
  queued.signal_id = Bytes(in.Lp());
  queued.created = absl::FromUnixSeconds(static_cast<int64_t>(in.U64()));
  queued.personal = in.U8() != 0;
  queued.channel = std::string(in.Lp());
  const ByteView envelope = in.Lp();
  if (!queued.envelope.ParseFromArray(envelope.data(), static_cast<int>(envelope.size()))) return false;
  const uint32_t attachments = in.U32();
  for (uint32_t i = 0; i < attachments && in.ok(); ++i) {
    Bytes hash(in.Lp());
    queued.attachments[hash] = Bytes(in.Lp());
  }
  return in.ok() && in.at_end();
}

// Whether `longer` begins with all of `objects`.
bool GoesOnFrom(const std::vector<HeldObject>& longer, const std::vector<HeldObject>& objects) {
  return objects.size() <= longer.size() && std::equal(objects.begin(), objects.end(), longer.begin());
}

}  // namespace

absl::StatusOr<State> State::Open(const std::string& directory) {
  RETURN_IF_ERROR(DiskError(MakePrivateDirectory(directory)));
  RETURN_IF_ERROR(DiskError(MakePrivateDirectory(directory + "/inbox")));
  RETURN_IF_ERROR(DiskError(MakePrivateDirectory(directory + "/outbox")));
  return State(directory);
}

absl::StatusOr<StateData> State::Load() const {
  const std::string path = directory_ + "/state.json";
  const absl::StatusOr<Bytes> text = ReadFile(path, kMaxStateBytes);
  if (text.status().code() == absl::StatusCode::kNotFound) return StateData();
  if (!text.ok()) return DiskError(text.status());
  absl::StatusOr<StateData> data = DecodeState(*text);
  if (!data.ok()) return Damaged(path);
  return data;
}

absl::Status State::Update(absl::FunctionRef<absl::Status(StateData&)> change) {
  const absl::StatusOr<FileLock> lock = FileLock::AcquireBlocking(directory_ + "/state.lock");
  if (!lock.ok()) return DiskError(lock.status());
  ASSIGN_OR_RETURN(StateData data, Load());
  RETURN_IF_ERROR(change(data));
  return DiskError(WriteFileAtomically(directory_ + "/state.json", EncodeState(data)));
}

absl::StatusOr<std::vector<HeldObject>> State::LoadDirectory() const {
  const std::string path = directory_ + "/directory";
  const absl::StatusOr<Bytes> file = ReadFile(path, kMaxDirectoryBytes);
  std::vector<HeldObject> objects;
  if (file.status().code() == absl::StatusCode::kNotFound) return objects;
  if (!file.ok()) return DiskError(file.status());
  RecordReader in(*file);
  const ByteView magic = in.Fixed(kDirectoryMagic.size());
  if (magic == kOldDirectoryMagic) return objects;  // it is fetched anew
  if (magic != kDirectoryMagic) return Damaged(path);
  while (in.ok() && !in.at_end()) {
    HeldObject held;
    held.object = Bytes(in.Lp());
    held.leaf_index = in.U64();
    objects.push_back(std::move(held));
  }
  if (!in.ok()) return Damaged(path);
  return objects;
}

absl::Status State::SaveDirectory(const std::vector<HeldObject>& objects, Save save) {
  const absl::StatusOr<FileLock> lock = FileLock::AcquireBlocking(directory_ + "/state.lock");
  if (!lock.ok()) return DiskError(lock.status());
  ASSIGN_OR_RETURN(const std::vector<HeldObject> stored, LoadDirectory());
  if (GoesOnFrom(stored, objects)) return absl::OkStatus();
  if (save == Save::kAppend && !GoesOnFrom(objects, stored)) return absl::OkStatus();
  Bytes file(kDirectoryMagic);
  for (const HeldObject& held : objects) file += Lp(held.object) + U64(held.leaf_index);
  return DiskError(WriteFileAtomically(directory_ + "/directory", file));
}

absl::Status State::PutDelivery(ByteView signal_id, const v1::Delivery& delivery) {
  return DiskError(WriteFileAtomically(absl::StrCat(directory_, "/inbox/", ToHex(signal_id)),
                                       delivery.SerializeAsString()));
}

absl::StatusOr<v1::Delivery> State::GetDelivery(ByteView signal_id) const {
  const std::string path = absl::StrCat(directory_, "/inbox/", ToHex(signal_id));
  const absl::StatusOr<Bytes> file = ReadFile(path, kMaxDeliveryBytes);
  if (file.status().code() == absl::StatusCode::kNotFound) {
    return absl::NotFoundError(absl::StrCat("no signal ", ToHex(signal_id), " in this mailbox"));
  }
  if (!file.ok()) return DiskError(file.status());
  v1::Delivery delivery;
  if (!delivery.ParseFromString(*file)) return Damaged(path);
  return delivery;
}

absl::Status State::DeleteDelivery(ByteView signal_id) {
  return Delete(absl::StrCat(directory_, "/inbox/", ToHex(signal_id)));
}

absl::StatusOr<std::vector<Bytes>> State::ListDeliveries() const { return IdsIn(directory_ + "/inbox"); }

absl::Status State::PutQueued(const Queued& queued) {
  return DiskError(WriteFileAtomically(absl::StrCat(directory_, "/outbox/", ToHex(queued.signal_id)),
                                       EncodeQueued(queued)));
}

bool State::HasQueued(ByteView signal_id) const {
  return access(absl::StrCat(directory_, "/outbox/", ToHex(signal_id)).c_str(), F_OK) == 0;
}

absl::StatusOr<FileLock> State::LockOutbox() const { return FileLock::Acquire(directory_ + "/outbox.lock"); }

absl::StatusOr<std::vector<Queued>> State::ListQueued() const {
  ASSIGN_OR_RETURN(const std::vector<Bytes> ids, IdsIn(directory_ + "/outbox"));
  std::vector<Queued> all;
  for (const Bytes& id : ids) {
    const std::string path = absl::StrCat(directory_, "/outbox/", ToHex(id));
    const absl::StatusOr<Bytes> file = ReadFile(path, kMaxQueuedBytes);
    if (file.status().code() == absl::StatusCode::kNotFound) continue;  // another command has just sent it
    if (!file.ok()) return DiskError(file.status());
    Queued queued;
    if (!DecodeQueued(*file, queued) || queued.signal_id != id) return Damaged(path);
    all.push_back(std::move(queued));
  }
  std::sort(all.begin(), all.end(), [](const Queued& a, const Queued& b) {
    return std::tie(a.created, a.signal_id) < std::tie(b.created, b.signal_id);
  });
  return all;
}

absl::Status State::DeleteQueued(ByteView signal_id) {
  return Delete(absl::StrCat(directory_, "/outbox/", ToHex(signal_id)));
}

void State::Log(absl::Time time, absl::string_view text) const {
  const int file = open((directory_ + "/log").c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return;
  const std::string line = absl::StrCat(FormatUtc(time), " ", Printable(text), "\n");
  [[maybe_unused]] const ssize_t written = write(file, line.data(), line.size());  // nobody could be told
  close(file);
}

}  // namespace seinpost::client
