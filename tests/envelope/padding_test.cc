// SPDX-License-Identifier: EUPL-1.2
#include "envelope/padding.h"

#include <gtest/gtest.h>

#include "envelope/limits.h"

namespace seinpost::envelope {
namespace {

namespace pb = seinpost::v1;

constexpr size_t kKiB = 1024;

TEST(Pad, GoesToTheNextSizeOfTheKind) {
  struct Case {
    pb::PartKind kind;
    size_t size;
    size_t padded;  // 0: too long
  };
  const Case cases[] = {
      {pb::PART_KIND_IDENTITY, 0, 512},
      {pb::PART_KIND_IDENTITY, 511, 512},
      {pb::PART_KIND_IDENTITY, 512, 0},
      {pb::PART_KIND_NARRATIVE, 0, kKiB},
      {pb::PART_KIND_NARRATIVE, kKiB - 1, kKiB},
      {pb::PART_KIND_NARRATIVE, kKiB, 4 * kKiB},
      {pb::PART_KIND_CARE, 4 * kKiB - 1, 4 * kKiB},
      {pb::PART_KIND_CARE, 4 * kKiB, 16 * kKiB},
      {pb::PART_KIND_SOURCE, 16 * kKiB, 64 * kKiB},
      {pb::PART_KIND_JUSTIFICATION, 64 * kKiB - 1, 64 * kKiB},
      {pb::PART_KIND_JUSTIFICATION, 64 * kKiB, 0},
      {pb::PART_KIND_ATTACHMENT, 0, 64 * kKiB},
      {pb::PART_KIND_ATTACHMENT, 64 * kKiB - 1, 64 * kKiB},
      {pb::PART_KIND_ATTACHMENT, 64 * kKiB, 128 * kKiB},
      {pb::PART_KIND_ATTACHMENT, kMaxAttachmentBytes + 64 * kKiB - 1, kMaxAttachmentBytes + 64 * kKiB},
      {pb::PART_KIND_ATTACHMENT, kMaxAttachmentBytes + 64 * kKiB, 0},
  };
  for (const Case& c : cases) {
    const absl::StatusOr<Bytes> padded = Pad(c.kind, Bytes(c.size, 'x'));
    if (c.padded == 0) {
      EXPECT_EQ(padded.status().code(), absl::StatusCode::kResourceExhausted) << c.kind << " " << c.size;
      continue;
    }
    ASSERT_TRUE(padded.ok()) << c.kind << " " << c.size;
    EXPECT_EQ(padded->size(), c.padded) << c.kind << " " << c.size;
    EXPECT_TRUE(IsPaddedLength(c.kind, padded->size()));
    EXPECT_EQ(Unpad(c.kind, *padded).value(), Bytes(c.size, 'x'));
  }
}

TEST(Pad, KeepsWhatLooksLikePadding) {
  const Bytes tricky("\x80\x00\x80\x00\x00", 5);
  EXPECT_EQ(Unpad(pb::PART_KIND_NARRATIVE, Pad(pb::PART_KIND_NARRATIVE, tricky).value()).value(), tricky);
}

TEST(Unpad, RefusesWhatPadDoesNotMake) {
  const Bytes padded = Pad(pb::PART_KIND_NARRATIVE, "tekst").value();
  Bytes changed = padded;
  changed[5] = '\x81';
  EXPECT_FALSE(Unpad(pb::PART_KIND_NARRATIVE, changed).ok()) << "another mark";
  changed = padded;
  changed.back() = 1;
  EXPECT_FALSE(Unpad(pb::PART_KIND_NARRATIVE, changed).ok()) << "not zero to the end";
  EXPECT_FALSE(Unpad(pb::PART_KIND_NARRATIVE, Bytes(kKiB, '\0')).ok()) << "no mark";
  EXPECT_FALSE(Unpad(pb::PART_KIND_NARRATIVE, "").ok()) << "nothing";
  EXPECT_FALSE(Unpad(pb::PART_KIND_NARRATIVE, padded + Bytes(3 * kKiB, '\0')).ok()) << "padded too far";
  EXPECT_FALSE(Unpad(pb::PART_KIND_IDENTITY, padded).ok()) << "the size of another kind";
}

TEST(IsPaddedLength, KnowsOnlyTheSizesOfTheKind) {
  for (uint64_t size : {0ull, 1ull, 511ull, 513ull, 1023ull, 2048ull, 65536ull, ~0ull}) {
    EXPECT_FALSE(IsPaddedLength(pb::PART_KIND_IDENTITY, size)) << size;
  }
  for (uint64_t size : {0ull, 512ull, 1023ull, 1025ull, 2048ull, 131072ull, ~0ull}) {
    EXPECT_FALSE(IsPaddedLength(pb::PART_KIND_NARRATIVE, size)) << size;
  }
  for (uint64_t size : {0ull, 1024ull, 65535ull, 65537ull, 6ull * 1024 * 1024, ~0ull}) {
    EXPECT_FALSE(IsPaddedLength(pb::PART_KIND_ATTACHMENT, size)) << size;
  }
}

}  // namespace
}  // namespace seinpost::envelope
