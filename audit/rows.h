// SPDX-License-Identifier: EUPL-1.2
// Inside of audit/ only: the keys of the log's rows, docs/formats/audit_log.md.
#ifndef SEINPOST_AUDIT_ROWS_H_
#define SEINPOST_AUDIT_ROWS_H_

#include <cstdint>

#include "crypto/hash.h"
#include "util/bytes.h"

namespace seinpost::audit {

// The first 8 bytes of each key: SHA-256(LP("seinpost/v1/log") || LP(origin))[:8].
inline Bytes LogPrefix(absl::string_view origin) {
  const Digest hash = crypto::Sha256Concat({Lp("seinpost/v1/log"), Lp(origin)});
  return Bytes(View(hash).substr(0, 8));
}

// a_entry, a_payload.
inline Bytes LeafKey(ByteView prefix, uint64_t index) { return Bytes(prefix) + U64(index); }
// a_tile: full tiles; a_head: the hashes of tiles of level 1 and up that are not full yet.
inline Bytes TileKey(ByteView prefix, int tile_level, uint64_t index) {
  return Bytes(prefix) + U8(static_cast<uint8_t>(tile_level)) + U64(index);
}

// a_head: what the log knows of the keys of its openings; behind it the class and u32be month.
inline Bytes KeyRowPrefix(ByteView prefix) { return Bytes(prefix) + "k"; }

}  // namespace seinpost::audit

#endif  // SEINPOST_AUDIT_ROWS_H_
