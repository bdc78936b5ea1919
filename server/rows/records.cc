// SPDX-License-Identifier: EUPL-1.2
#include "server/rows/records.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

constexpr char kSignalFormat = 1;
constexpr char kRemainsFormat = 2;  // in place of a signal

absl::Status Broken(absl::string_view what) {
  return absl::DataLossError(absl::StrCat("a stored row is malformed: ", what));
}

// Takes fields off the front of a row. Once it failed, every field is empty and Done() says so.
class RowReader {
 public:
  explicit RowReader(ByteView bytes) : rest_(bytes) {}

  ByteView Fixed(size_t size) {
    if (rest_.size() < size) failed_ = true;
    if (failed_) return {};
    const ByteView field = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return field;
  }
  uint64_t Number(size_t size) {
    uint64_t value = 0;
    for (const char c : Fixed(size)) value = value << 8 | static_cast<uint8_t>(c);
    return value;
  }
  Bytes Prefixed() { return Bytes(Fixed(Number(4))); }
  bool Done() const { return !failed_ && rest_.empty(); }
  bool failed() const { return failed_; }

 private:
  ByteView rest_;
  bool failed_ = false;
};

uint64_t Seconds(absl::Time time) { return static_cast<uint64_t>(absl::ToUnixSeconds(time)); }
absl::Time FromSeconds(uint64_t seconds) { return absl::FromUnixSeconds(static_cast<int64_t>(seconds)); }

}  // namespace

Bytes RealmPrefix(absl::string_view convenant_id) {
  return absl::StrCat(U8(static_cast<uint8_t>(convenant_id.size())), convenant_id);
}

Bytes DirectoryKey(ByteView prefix, uint64_t dir_seq) { return absl::StrCat(prefix, U64(dir_seq)); }

absl::StatusOr<DirectoryRow> DirectoryRow::Decode(ByteView bytes) {
  RowReader reader(bytes);
  DirectoryRow row;
  row.leaf_index = reader.Number(8);
  if (reader.failed() || reader.Done()) return Broken("directory");
  row.object = Bytes(bytes.substr(8));
  return row;
}

Bytes SignalKey(ByteView prefix, ByteView signal_id) { return absl::StrCat(prefix, signal_id); }

Bytes StoredSignal::Encode() const {
  return absl::StrCat(ByteView(&kSignalFormat, 1), Lp(header), Lp(header_sig), sender_device, U64(leaf_index),
                      View(leaf_hash), U64(Seconds(time)), Lp(request_proof), Lp(part_indexes));
}

absl::StatusOr<StoredSignal> StoredSignal::Decode(ByteView bytes) {
  RowReader reader(bytes);
  StoredSignal row;
  const ByteView format = reader.Fixed(1);
  if (format == ByteView(&kRemainsFormat, 1)) return absl::NotFoundError("the signal has been destroyed");
  const bool known = format == ByteView(&kSignalFormat, 1);
  row.header = reader.Prefixed();
  row.header_sig = reader.Prefixed();
  row.sender_device = Bytes(reader.Fixed(kIdBytes));
  row.leaf_index = reader.Number(8);
  const absl::StatusOr<Digest> leaf_hash = ToFixed<32>(reader.Fixed(32), "leaf hash");
  row.time = FromSeconds(reader.Number(8));
  row.request_proof = reader.Prefixed();
  row.part_indexes = reader.Prefixed();
  if (!known || !leaf_hash.ok() || !reader.Done()) return Broken("signal");
  row.leaf_hash = *leaf_hash;
  return row;
}

Bytes SignalRemains::Encode() const {
  return absl::StrCat(ByteView(&kRemainsFormat, 1), View(header_hash), U64(leaf_index), U64(expired_by),
                      Lp(channel));
}

absl::StatusOr<SignalRemains> SignalRemains::Decode(ByteView bytes) {
  RowReader reader(bytes);
  const ByteView format = reader.Fixed(1);
  if (format == ByteView(&kSignalFormat, 1)) return absl::NotFoundError("the signal is still there");
  SignalRemains row;
  const absl::StatusOr<Digest> header_hash = ToFixed<32>(reader.Fixed(32), "header hash");
  row.leaf_index = reader.Number(8);
  row.expired_by = reader.Number(8);
  row.channel = reader.Prefixed();
  if (format != ByteView(&kRemainsFormat, 1) || !header_hash.ok() || !reader.Done()) {
    return Broken("remains of a signal");
  }
  row.header_hash = *header_hash;
  return row;
}

Bytes PartKey(ByteView prefix, ByteView signal_id, uint32_t index) {
  return absl::StrCat(prefix, signal_id, U8(static_cast<uint8_t>(index)), "d");
}

Bytes WrapsKey(ByteView prefix, ByteView signal_id, uint32_t index) {
  return absl::StrCat(prefix, signal_id, U8(static_cast<uint8_t>(index)), "w");
}

Bytes StoredPart::Encode(ByteView descriptor, ByteView ciphertext) {
  return absl::StrCat(U32(static_cast<uint32_t>(descriptor.size())), descriptor, ciphertext);
}

absl::StatusOr<StoredPart> StoredPart::Decode(ByteView bytes) {
  RowReader reader(bytes);
  StoredPart part;
  part.descriptor = reader.Prefixed();
  if (reader.failed()) return Broken("part");
  part.ciphertext = Bytes(bytes.substr(4 + part.descriptor.size()));
  return part;
}

Bytes MailboxPrefix(ByteView prefix, ByteView device_id) { return absl::StrCat(prefix, device_id); }

Bytes MailboxKey(ByteView prefix, ByteView device_id, uint64_t leaf_index) {
  return absl::StrCat(prefix, device_id, U64(leaf_index));
}

absl::StatusOr<uint64_t> MailboxLeafIndex(ByteView key) {
  if (key.size() < 8) return Broken("mailbox key");
  return ReadU64(key.substr(key.size() - 8));
}

absl::StatusOr<MailboxRow> MailboxRow::Decode(ByteView bytes) {
  if (bytes.size() <= kIdBytes) return Broken("mailbox");
  return MailboxRow{Bytes(bytes.substr(0, kIdBytes)), Bytes(bytes.substr(kIdBytes))};
}

Bytes NonceKey(ByteView prefix, uint64_t bucket, ByteView device_id, ByteView nonce) {
  return absl::StrCat(prefix, U64(bucket), device_id, nonce);
}

Bytes NonceBucketKey(ByteView prefix, uint64_t bucket) { return absl::StrCat(prefix, U64(bucket)); }

uint64_t NonceBucket(absl::Time now) { return Seconds(now) / 600; }

Bytes AttachmentKey(ByteView prefix, ByteView ct_hash) { return absl::StrCat(prefix, "m", ct_hash); }

Bytes ChunkKey(ByteView prefix, ByteView ct_hash, uint32_t chunk) {
  return absl::StrCat(prefix, "c", ct_hash, U32(chunk));
}

Bytes OrphanPrefix(ByteView prefix) { return absl::StrCat(prefix, "o"); }

Bytes OrphanKey(ByteView prefix, absl::Time uploaded, ByteView ct_hash) {
  return absl::StrCat(OrphanPrefix(prefix), U64(Seconds(uploaded)), ct_hash);
}

absl::StatusOr<OrphanName> ParseOrphanKey(ByteView prefix, ByteView key) {
  const size_t skip = OrphanPrefix(prefix).size();
  if (key.size() != skip + 8 + 32) return Broken("orphan key");
  ASSIGN_OR_RETURN(const uint64_t seconds, ReadU64(key.substr(skip, 8)));
  return OrphanName{FromSeconds(seconds), Bytes(key.substr(skip + 8))};
}

Bytes OrphanRow::Encode() const { return absl::StrCat(device_id, U64(size), U32(chunks)); }

absl::StatusOr<OrphanRow> OrphanRow::Decode(ByteView bytes) {
  OrphanRow row;
  if (bytes.empty()) return row;
  RowReader reader(bytes);
  row.device_id = Bytes(reader.Fixed(kIdBytes));
  row.size = reader.Number(8);
  row.chunks = static_cast<uint32_t>(reader.Number(4));
  if (!reader.Done()) return Broken("orphan");
  return row;
}

Bytes AttachmentRow::Encode() const {
  return absl::StrCat(U64(size), U32(chunks), U64(Seconds(uploaded)), U64(Seconds(keep_until)));
}

absl::StatusOr<AttachmentRow> AttachmentRow::Decode(ByteView bytes) {
  RowReader reader(bytes);
  AttachmentRow row;
  row.size = reader.Number(8);
  row.chunks = static_cast<uint32_t>(reader.Number(4));
  row.uploaded = FromSeconds(reader.Number(8));
  if (!reader.Done()) row.keep_until = FromSeconds(reader.Number(8));
  if (!reader.Done()) return Broken("attachment");
  return row;
}

}  // namespace seinpost::server
