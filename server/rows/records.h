// SPDX-License-Identifier: EUPL-1.2
// Rows of the broker's state outside the audit log: keys and values byte by byte, as in
// docs/formats/broker_state.md; change the two together. Pure; thread-safe.
#ifndef SEINPOST_SERVER_ROWS_RECORDS_H_
#define SEINPOST_SERVER_ROWS_RECORDS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "util/bytes.h"

namespace seinpost::server {

inline constexpr size_t kIdBytes = 16;  // of a signal and of a device

// What every key of a convenant starts with: u8 length || convenant id.
Bytes RealmPrefix(absl::string_view convenant_id);

// Family kDirectory: prefix || u64be dir_seq -> DirectoryRow.
Bytes DirectoryKey(ByteView prefix, uint64_t dir_seq);
struct DirectoryRow {
  uint64_t leaf_index = 0;  // of its directory leaf
  Bytes object;             // a SignedObject

  Bytes Encode() const { return U64(leaf_index) + object; }
  static absl::StatusOr<DirectoryRow> Decode(ByteView bytes);  // kDataLoss
};

// Family kSignal: prefix || signal_id -> StoredSignal.
Bytes SignalKey(ByteView prefix, ByteView signal_id);
struct StoredSignal {
  Bytes header;
  Bytes header_sig;
  Bytes sender_device;
  uint64_t leaf_index = 0;  // of its SUBMIT leaf
  Digest leaf_hash{};
  absl::Time time;      // whole seconds; the receipt's
  Bytes request_proof;  // audit::FieldProof of the request hash
  Bytes part_indexes;   // one byte per part, ascending

  Bytes Encode() const;
  // kNotFound: what is there are SignalRemains. kDataLoss.
  static absl::StatusOr<StoredSignal> Decode(ByteView bytes);
};
// Under the same key, of a signal that has expired and was destroyed: enough to refuse it when it is sent
// again, and to say what became of it.
struct SignalRemains {
  Digest header_hash{};
  uint64_t leaf_index = 0;  // of its SUBMIT leaf
  uint64_t expired_by = 0;  // of its last EXPIRED leaf
  Bytes channel;

  Bytes Encode() const;
  // kNotFound: the signal is still there. kDataLoss.
  static absl::StatusOr<SignalRemains> Decode(ByteView bytes);
};

// Family kPart: prefix || signal_id || u8 index || 'd' -> StoredPart, and ... || 'w' -> the wraps, one after
// the other in the order of the descriptor's recipients. Only Open reads the second.
Bytes PartKey(ByteView prefix, ByteView signal_id, uint32_t index);
Bytes WrapsKey(ByteView prefix, ByteView signal_id, uint32_t index);
struct StoredPart {
  Bytes descriptor;
  Bytes ciphertext;  // empty for attachments

  static Bytes Encode(ByteView descriptor, ByteView ciphertext);
  static absl::StatusOr<StoredPart> Decode(ByteView bytes);  // kDataLoss
};

// Family kMailbox: prefix || device_id || u64be leaf index -> MailboxRow.
Bytes MailboxPrefix(ByteView prefix, ByteView device_id);
Bytes MailboxKey(ByteView prefix, ByteView device_id, uint64_t leaf_index);
absl::StatusOr<uint64_t> MailboxLeafIndex(ByteView key);
struct MailboxRow {
  Bytes signal_id;
  Bytes part_indexes;  // of the parts addressed to the device; one byte each, ascending

  Bytes Encode() const { return signal_id + part_indexes; }
  static absl::StatusOr<MailboxRow> Decode(ByteView bytes);  // kDataLoss
};

// Family kNonce: prefix || u64be bucket of ten minutes || device_id || nonce -> nothing. Arrival time counts.
Bytes NonceKey(ByteView prefix, uint64_t bucket, ByteView device_id, ByteView nonce);
Bytes NonceBucketKey(ByteView prefix, uint64_t bucket);
uint64_t NonceBucket(absl::Time now);

// Family kAttachment: prefix || 'm' || ct_hash -> AttachmentRow; prefix || 'c' || ct_hash || u32be n ->
// chunk; prefix || 'o' || u64be unix seconds || ct_hash -> OrphanRow, while no signal speaks of it.
Bytes AttachmentKey(ByteView prefix, ByteView ct_hash);
Bytes ChunkKey(ByteView prefix, ByteView ct_hash, uint32_t chunk);
Bytes OrphanKey(ByteView prefix, absl::Time uploaded, ByteView ct_hash);
Bytes OrphanPrefix(ByteView prefix);
struct OrphanName {
  absl::Time uploaded;
  Bytes ct_hash;
};
absl::StatusOr<OrphanName> ParseOrphanKey(ByteView prefix, ByteView key);
// Who uploaded it, and what there is of it even where the row of the attachment was never written. An earlier
// version wrote none of it, which reads as all empty.
struct OrphanRow {
  Bytes device_id;
  uint64_t size = 0;
  uint32_t chunks = 0;

  Bytes Encode() const;
  static absl::StatusOr<OrphanRow> Decode(ByteView bytes);  // kDataLoss
};
struct AttachmentRow {
  uint64_t size = 0;
  uint32_t chunks = 0;
  absl::Time uploaded;  // whole seconds; UnixEpoch: a signal speaks of it
  // The latest expiry of the parts that speak of it; UnixEpoch: none does, or an earlier version wrote it.
  absl::Time keep_until = absl::UnixEpoch();

  Bytes Encode() const;
  static absl::StatusOr<AttachmentRow> Decode(ByteView bytes);  // kDataLoss
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_ROWS_RECORDS_H_
