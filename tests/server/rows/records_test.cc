// SPDX-License-Identifier: EUPL-1.2
// The rows of docs/formats/broker_state.md, byte by byte, and what their decoders refuse.
#include "server/rows/records.h"

#include <gtest/gtest.h>

#include "server/rows/device_records.h"
#include "server/rows/due_records.h"
#include "tests/testing/worked.h"

namespace seinpost::server {
namespace {

const Bytes kPrefix = RealmPrefix("plaats");
const Bytes kSignalId(16, '\x51');
const Bytes kDevice(16, '\xd1');
const absl::Time kTime = absl::FromUnixSeconds(1'773'135'000);

StoredSignal Example() {
  StoredSignal row;
  row.header = "header";
  row.header_sig = "signature";
  row.sender_device = kDevice;
  row.leaf_index = 258;
  row.leaf_hash.fill(0x1e);
  row.time = kTime;
  row.request_proof = "proof";
  row.part_indexes = Bytes("\x03\x0b", 2);
  return row;
}

const DevicePart kDevicePart{kDevice, kSignalId, 3};

LoggedStatement ExampleStatement() {
  LoggedStatement row{"statement", Bytes(64, '\x60'), 258, {}, kTime};
  row.leaf_hash.fill(0x1e);
  return row;
}

SignalRemains ExampleRemains() {
  SignalRemains remains{{}, 258, 515, "core@school-a"};
  remains.header_hash.fill(0x4e);
  return remains;
}

TEST(Records, AreTheDocumentedBytes) {
  const Bytes ct_hash(32, '\xc7');
  test::ExpectWorked("docs/formats/broker_state.md",
                     {{"directory-key", DirectoryKey(kPrefix, 5)},
                      {"directory-value", DirectoryRow{258, "object"}.Encode()},
                      {"signal-key", SignalKey(kPrefix, kSignalId)},
                      {"signal-value", Example().Encode()},
                      {"part-key", PartKey(kPrefix, kSignalId, 3)},
                      {"part-value", StoredPart::Encode("descriptor", "ciphertext")},
                      {"wraps-key", WrapsKey(kPrefix, kSignalId, 3)},
                      {"mailbox-key", MailboxKey(kPrefix, kDevice, 258)},
                      {"mailbox-value", MailboxRow{kSignalId, Bytes("\x03", 1)}.Encode()},
                      {"nonce-key", NonceKey(kPrefix, NonceBucket(kTime), kDevice, Bytes(16, '\x0c'))},
                      {"attachment-key", AttachmentKey(kPrefix, ct_hash)},
                      {"attachment-value", AttachmentRow{70'177, 1, kTime}.Encode()},
                      {"chunk-key", ChunkKey(kPrefix, ct_hash, 0)},
                      {"orphan-key", OrphanKey(kPrefix, kTime, ct_hash)},
                      {"orphan-value", OrphanRow{kDevice, 70'177, 1}.Encode()},
                      {"case-key", CaseKey(kPrefix, Bytes(16, '\xc5'))},
                      {"case-value", CaseRow{"school-a", kTime}.Encode()},
                      {"remains-value", ExampleRemains().Encode()},
                      {"due-key", DueKey(kPrefix, kTime, DueKind::kParts, kSignalId)},
                      {"due-rewrap-key", DueKey(kPrefix, kTime, DueKind::kRewrap, DueOf(kDevicePart))},
                      {"due-complete-key", DueCompleteKey(kPrefix)},
                      {"retention-clock-key", RetentionClockKey(kPrefix)},
                      {"retention-clock-value", RetentionClockRow{kTime}.Encode()},
                      {"statement-value", ExampleStatement().Encode()},
                      {"delivered-key", DeliveredKey(kPrefix, kSignalId, kDevice)},
                      {"released-key", ReleasedKey(kPrefix, kDevicePart)},
                      {"rewrap-request-key", RewrapRequestKey(kPrefix, kDevicePart)},
                      {"rewrap-key", RewrapKey(kPrefix, kDevicePart)}});
}

TEST(Records, ReadBackWhatWasWritten) {
  const absl::StatusOr<StoredSignal> signal = StoredSignal::Decode(Example().Encode());
  ASSERT_TRUE(signal.ok()) << signal.status();
  EXPECT_EQ(signal->Encode(), Example().Encode());
  EXPECT_EQ(signal->leaf_index, 258u);
  EXPECT_EQ(signal->time, kTime);
  const absl::StatusOr<DirectoryRow> object = DirectoryRow::Decode(DirectoryRow{7, "object"}.Encode());
  ASSERT_TRUE(object.ok());
  EXPECT_EQ(object->leaf_index, 7u);
  EXPECT_EQ(object->object, "object");
  const absl::StatusOr<StoredPart> part = StoredPart::Decode(StoredPart::Encode("d", "c"));
  ASSERT_TRUE(part.ok());
  EXPECT_EQ(part->descriptor + part->ciphertext, "dc");
  EXPECT_EQ(*MailboxLeafIndex(MailboxKey(kPrefix, kDevice, 7)), 7u);
  const absl::StatusOr<OrphanName> orphan =
      ParseOrphanKey(kPrefix, OrphanKey(kPrefix, kTime, Bytes(32, 'c')));
  ASSERT_TRUE(orphan.ok());
  EXPECT_EQ(orphan->uploaded, kTime);
  EXPECT_EQ(orphan->ct_hash, Bytes(32, 'c'));
  const absl::StatusOr<OrphanRow> uploaded = OrphanRow::Decode(OrphanRow{kDevice, 70'177, 2}.Encode());
  ASSERT_TRUE(uploaded.ok());
  EXPECT_EQ(uploaded->device_id, kDevice);
  EXPECT_EQ(uploaded->size, 70'177u);
  EXPECT_EQ(uploaded->chunks, 2u);
  EXPECT_EQ(OrphanRow::Decode("")->device_id, "") << "as earlier versions wrote it";
}

TEST(Records, TellASignalFromItsRemains) {
  const Bytes remains = ExampleRemains().Encode();
  EXPECT_TRUE(absl::IsNotFound(StoredSignal::Decode(remains).status()));
  EXPECT_TRUE(absl::IsNotFound(SignalRemains::Decode(Example().Encode()).status()));
  const absl::StatusOr<SignalRemains> again = SignalRemains::Decode(remains);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->Encode(), remains);
  for (size_t size = 0; size < remains.size(); ++size) {
    EXPECT_TRUE(absl::IsDataLoss(SignalRemains::Decode(remains.substr(0, size)).status())) << size;
  }
}

TEST(Records, ReadWhatEarlierVersionsWrote) {
  const Bytes attachment = AttachmentRow{70'177, 1, kTime, kTime}.Encode();
  const absl::StatusOr<AttachmentRow> old =
      AttachmentRow::Decode(attachment.substr(0, attachment.size() - 8));
  ASSERT_TRUE(old.ok()) << old.status();
  EXPECT_EQ(old->keep_until, absl::UnixEpoch());
  EXPECT_EQ(AttachmentRow::Decode(attachment)->keep_until, kTime);
  EXPECT_EQ(CaseRow::Decode("school-a")->scope, "school-a");
  EXPECT_EQ(CaseRow::Decode("")->scope, "");
  const CaseRow row = *CaseRow::Decode(CaseRow{"school-a", kTime}.Encode());
  EXPECT_EQ(row.scope, "school-a");
  EXPECT_EQ(row.keep_until, kTime);
}

TEST(DueRecords, ReadBackAndSortByTime) {
  const Bytes key = DueKey(kPrefix, kTime, DueKind::kRewrap, DueOf(kDevicePart));
  const absl::StatusOr<DueName> name = ParseDueKey(kPrefix, key);
  ASSERT_TRUE(name.ok()) << name.status();
  EXPECT_EQ(name->time, kTime);
  EXPECT_EQ(name->kind, DueKind::kRewrap);
  EXPECT_EQ(name->of, DueOf(kDevicePart));
  EXPECT_LT(key, DueLimit(kPrefix, kTime));
  EXPECT_GT(key, DueLimit(kPrefix, kTime - absl::Seconds(1)));
  EXPECT_LT(DueKey(kPrefix, absl::InfinitePast(), DueKind::kCase, "x"), key);
  EXPECT_FALSE(ParseDueKey(kPrefix, DuePrefix(kPrefix)).ok());
}

TEST(DeviceRecords, ReadBackWhatWasWrittenAndNothingElse) {
  const Bytes encoded = ExampleStatement().Encode();
  const absl::StatusOr<LoggedStatement> row = LoggedStatement::Decode(encoded);
  ASSERT_TRUE(row.ok()) << row.status();
  EXPECT_EQ(row->Encode(), encoded);
  EXPECT_EQ(row->statement, "statement");
  EXPECT_EQ(row->leaf_index, 258u);
  EXPECT_EQ(row->time, kTime);
  const size_t fixed = encoded.size() - row->statement.size();
  for (size_t size = 0; size <= fixed; ++size) {
    EXPECT_EQ(LoggedStatement::Decode(encoded.substr(0, size)).status().code(), absl::StatusCode::kDataLoss);
  }
  Bytes unknown = encoded;
  unknown[0] = 2;
  EXPECT_FALSE(LoggedStatement::Decode(unknown).ok());
  const absl::StatusOr<DevicePart> of = ParseDevicePart(ReleasedKey(kPrefix, kDevicePart));
  ASSERT_TRUE(of.ok());
  EXPECT_EQ(of->device_id, kDevice);
  EXPECT_EQ(of->signal_id, kSignalId);
  EXPECT_EQ(of->part, 3u);
  EXPECT_FALSE(ParseDevicePart(Bytes(32, 'x')).ok());
}

TEST(Records, SortAsTheyAreRead) {
  EXPECT_LT(MailboxKey(kPrefix, kDevice, 255), MailboxKey(kPrefix, kDevice, 256));
  EXPECT_LT(OrphanKey(kPrefix, kTime, Bytes(32, 'z')),
            OrphanKey(kPrefix, kTime + absl::Seconds(1), Bytes(32, 'a')));
  EXPECT_NE(RealmPrefix("plaats").substr(0, 4), RealmPrefix("plaats2").substr(0, 4))
      << "no prefix of another";
}

TEST(Records, RefuseEveryTruncationAndAddition) {
  const Bytes signal = Example().Encode();
  for (size_t size = 0; size < signal.size(); ++size) {
    EXPECT_EQ(StoredSignal::Decode(signal.substr(0, size)).status().code(), absl::StatusCode::kDataLoss)
        << size;
  }
  EXPECT_FALSE(StoredSignal::Decode(signal + "x").ok());
  Bytes unknown = signal;
  unknown[0] = 3;
  EXPECT_FALSE(StoredSignal::Decode(unknown).ok());
  EXPECT_FALSE(DirectoryRow::Decode(Bytes(7, 'x')).ok());
  EXPECT_FALSE(DirectoryRow::Decode(Bytes(8, 'x')).ok()) << "no object";
  EXPECT_FALSE(StoredPart::Decode(Bytes("\0\0\0\5abc", 7)).ok());
  EXPECT_FALSE(MailboxRow::Decode(kSignalId).ok());
  const Bytes attachment = AttachmentRow{1, 1, kTime}.Encode();
  EXPECT_FALSE(AttachmentRow::Decode(attachment.substr(1)).ok());
  EXPECT_FALSE(AttachmentRow::Decode(attachment + "x").ok());
  EXPECT_FALSE(ParseOrphanKey(kPrefix, OrphanKey(kPrefix, kTime, "short")).ok());
  const Bytes uploaded = OrphanRow{kDevice, 1, 1}.Encode();
  EXPECT_FALSE(OrphanRow::Decode(uploaded.substr(1)).ok());
  EXPECT_FALSE(OrphanRow::Decode(uploaded + "x").ok());
}

}  // namespace
}  // namespace seinpost::server
