// SPDX-License-Identifier: EUPL-1.2
// Opening: the rules at reading time, the leaf before the keys, no second use of a statement.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/harness.h"
#include "trust/labels.h"

namespace seinpost::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::SizeIs;

class ReadingTest : public testing::Test {
 protected:
  void SetUp() override {
    sealed_ = test_.Seal(NamedPlan(test_.network()));
    for (const auto& [ct_hash, bytes] : sealed_.attachments) ASSERT_TRUE(test_.Upload(ct_hash, bytes).ok());
    ASSERT_TRUE(test_.Submit(sealed_.envelope).ok());
  }
  v1::OpenStatement StatementFor(v1::PartKind kind, absl::string_view profile = kReader) {
    return test_.OpenStatementOf(sealed_.envelope, PlaceOf(sealed_.envelope, kind), profile);
  }

  TestBroker test_;
  envelope::SealedSignal sealed_;
};

TEST_F(ReadingTest, ReleasesTheWrapsOfTheCallersDeviceOnly) {
  const auto& reader = test_.network().device(kReader);
  const absl::StatusOr<v1::OpenReply> opened = test_.Open(StatementFor(v1::PART_KIND_IDENTITY), kReader);
  ASSERT_TRUE(opened.ok()) << opened.status();
  const std::vector<envelope::Wrap> wraps =
      WrapsFor(sealed_.envelope, PlaceOf(sealed_.envelope, v1::PART_KIND_IDENTITY), reader);
  ASSERT_THAT(opened->wraps(), SizeIs(1));
  EXPECT_EQ(opened->wraps(0).wrap(), wraps[0].bytes);
  EXPECT_EQ(opened->wraps(0).prekey_id(), wraps[0].prekey_id);
  const std::optional<audit::Event> event = test_.EventAt(test_.LogSize() - 1);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->Type(), audit::EventType::kRead);
  EXPECT_EQ(event->Text(audit::Tag::kActorMember), reader.member_ref);
  EXPECT_EQ(event->Number(audit::Tag::kPart), PlaceOf(sealed_.envelope, v1::PART_KIND_IDENTITY));
}

TEST_F(ReadingTest, AnswersAlikeForAPartOfOthersAndForNone) {
  // The source part is there, but not for the police; of the sixteen places most are empty.
  std::set<uint32_t> used;
  for (const v1::Part& part : sealed_.envelope.parts()) used.insert(part.index());
  uint32_t unused = 0;
  while (used.count(unused) != 0) ++unused;
  const absl::Status others = test_.Open(StatementFor(v1::PART_KIND_SOURCE), kReader).status();
  EXPECT_THAT(test_.LastEvent(), HasSubstr("DECISION_DENY"));
  const absl::Status none =
      test_.Open(test_.OpenStatementOf(sealed_.envelope, unused, kReader), kReader).status();
  EXPECT_THAT(test_.LastEvent(), HasSubstr("DECISION_DENY"));
  EXPECT_EQ(others.code(), absl::StatusCode::kPermissionDenied) << others;
  ASSERT_TRUE(server::RefusalOf(others) && server::RefusalOf(none));
  EXPECT_EQ(server::RefusalOf(others)->SerializeAsString(), server::RefusalOf(none)->SerializeAsString());
}

TEST_F(ReadingTest, TakesAStatementOnce) {
  const v1::OpenStatement statement = StatementFor(v1::PART_KIND_NARRATIVE);
  ASSERT_TRUE(test_.Open(statement, kReader).ok());
  const uint64_t size = test_.LogSize();
  EXPECT_EQ(test_.Open(statement, kReader).status().message(), "statement.nonce: was used before");
  ASSERT_TRUE(test_.Restart().ok());
  EXPECT_EQ(test_.Open(statement, kReader).status().code(), absl::StatusCode::kAlreadyExists);
  // Just before the window closes, and after the sweep, which must not have forgotten it.
  test_.clock().Advance(absl::Minutes(5));
  test_.broker().RunMaintenance();
  EXPECT_EQ(test_.Open(statement, kReader).status().code(), absl::StatusCode::kAlreadyExists);
  test_.clock().Advance(absl::Seconds(1));
  EXPECT_EQ(test_.Open(statement, kReader).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(test_.LogSize(), size);
}

TEST_F(ReadingTest, ForgetsSpentNoncesAfterTwentyMinutes) {
  ASSERT_TRUE(test_.Open(StatementFor(v1::PART_KIND_NARRATIVE), kReader).ok());
  const auto stored = [&] {
    size_t count = 0;
    EXPECT_TRUE(test_.broker()
                    .store()
                    .Scan(Family::kNonce, {}, {},
                          [&](ByteView, ByteView) {
                            ++count;
                            return true;
                          })
                    .ok());
    return count;
  };
  EXPECT_EQ(stored(), 1u);
  test_.clock().Advance(absl::Minutes(30));
  test_.broker().RunMaintenance();
  test_.broker().sequencer().Stop();
  EXPECT_EQ(stored(), 0u);
}

TEST_F(ReadingTest, NamesTheFieldThatIsWrong) {
  struct Row {
    const char* text;
    std::function<void(v1::OpenStatement&)> change;
  };
  const Row rows[] = {
      {"statement.convenant_id", [](auto& s) { s.set_convenant_id("elders"); }},
      {"statement.device_id", [&](auto& s) { s.set_device_id(test_.network().device(kSender).id); }},
      {"statement.header_hash", [](auto& s) { s.mutable_header_hash()->back() ^= 1; }},
      {"statement.header_hash", [](auto& s) { s.mutable_header_hash()->pop_back(); }},
      {"statement.signal_id", [](auto& s) { s.mutable_signal_id()->back() ^= 1; }},
      {"statement.signal_id", [](auto& s) { s.clear_signal_id(); }},
      {"statement.part", [](auto& s) { s.set_part(16); }},
      {"statement.purpose", [](auto& s) { s.set_purpose("nieuwsgierigheid"); }},
      {"statement.time", [](auto& s) { s.set_time(s.time() - 301); }},
      {"statement.time", [](auto& s) { s.set_time(s.time() + 301); }},
      {"statement.nonce", [](auto& s) { s.set_nonce("kort"); }},
  };
  const uint64_t size = test_.LogSize();
  for (const Row& row : rows) {
    v1::OpenStatement statement = StatementFor(v1::PART_KIND_NARRATIVE);
    row.change(statement);
    const absl::Status status = test_.Open(statement, kReader).status();
    EXPECT_FALSE(status.ok());
    EXPECT_THAT(std::string(status.message()), HasSubstr(row.text));
  }
  auto forged = Signed<v1::OpenRequest>(StatementFor(v1::PART_KIND_NARRATIVE), trust::kOpenLabel,
                                        test_.network().device(kSender));
  EXPECT_THAT(std::string(Await<v1::OpenReply>([&](auto done) {
                            test_.broker().reading().Open(test_.SessionOf(kReader), forged, done);
                          })
                              .status()
                              .message()),
              HasSubstr("signature"));
  EXPECT_EQ(test_.LogSize(), size) << "faults of form are no leaves";
}

TEST_F(ReadingTest, R19ReleasesNothingAfterTheMandateEnded) {
  const trust::MandateEntry mandate =
      *test_.network().directory().MandatesOf(test_.network().member(kReader)).front();
  ASSERT_TRUE(test_.Publish({test_.network().RevokeMandateObject(mandate)}).ok());
  const absl::Status refused = test_.Open(StatementFor(v1::PART_KIND_NARRATIVE), kReader).status();
  EXPECT_THAT(CodesOf(refused), Contains("NO_MANDATE")) << refused;
  EXPECT_THAT(test_.LastEvent(), HasSubstr("NO_MANDATE"));
}

TEST_F(ReadingTest, R19ReleasesNothingAfterExpiry) {
  v1::PartDescriptor descriptor;
  for (const v1::Part& part : sealed_.envelope.parts()) {
    if (DescriptorOf(part).kind() == v1::PART_KIND_NARRATIVE) descriptor = DescriptorOf(part);
  }
  test_.clock().Set(absl::FromUnixSeconds(descriptor.expires()) + absl::Seconds(1));
  const absl::Status refused = test_.Open(StatementFor(v1::PART_KIND_NARRATIVE), kReader).status();
  EXPECT_THAT(CodesOf(refused), Contains("EXPIRED")) << refused;
}

TEST_F(ReadingTest, FetchesAttachmentsForTheirRecipientsOnly) {
  const uint32_t place = PlaceOf(sealed_.envelope, v1::PART_KIND_ATTACHMENT);
  v1::FetchAttachmentRequest request;
  request.set_convenant_id("plaats");
  request.set_signal_id(StatementFor(v1::PART_KIND_NARRATIVE).signal_id());
  request.set_part(place);
  const auto fetch = [&](absl::string_view profile) {
    return Await<std::shared_ptr<server::Source<v1::FetchAttachmentReply>>>(
        [&](auto done) { test_.broker().attachments().Fetch(test_.SessionOf(profile), request, done); });
  };
  const auto source = fetch(kReader);
  ASSERT_TRUE(source.ok()) << source.status();
  Bytes bytes;
  while (true) {
    const auto chunk = Pull(**source);
    ASSERT_TRUE(chunk.ok()) << chunk.status();
    if (!*chunk) break;
    bytes += (*chunk)->chunk();
  }
  EXPECT_EQ(bytes, sealed_.attachments.begin()->second);
  EXPECT_EQ(fetch("school/teamleider").status().code(), absl::StatusCode::kNotFound);
  request.set_part(PlaceOf(sealed_.envelope, v1::PART_KIND_NARRATIVE));
  EXPECT_EQ(fetch(kReader).status().code(), absl::StatusCode::kNotFound);
}

TEST(Attachments, AreNeededBeforeTheirSignalAndDeletedWithoutOne) {
  TestBroker test;
  const envelope::SealedSignal sealed = test.Seal(NamedPlan(test.network()));
  const auto& [ct_hash, bytes] = *sealed.attachments.begin();
  const uint64_t size = test.LogSize();
  EXPECT_THAT(std::string(test.Submit(sealed.envelope).status().message()), HasSubstr("was not uploaded"));
  EXPECT_EQ(test.LogSize(), size);
  Bytes altered = bytes;
  altered.back() ^= 1;
  EXPECT_EQ(test.Upload(ct_hash, altered).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(test.Upload(Bytes(31, 'x'), bytes).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(test.Upload(ct_hash, Bytes(7 * 1024 * 1024, 'x')).code(), absl::StatusCode::kInvalidArgument);

  const auto rows = [&] {
    size_t count = 0;
    EXPECT_TRUE(test.broker()
                    .store()
                    .Scan(Family::kAttachment, {}, {},
                          [&](ByteView, ByteView) {
                            ++count;
                            return true;
                          })
                    .ok());
    return count;
  };
  ASSERT_TRUE(test.Upload(ct_hash, bytes).ok());
  ASSERT_TRUE(test.Upload(ct_hash, bytes).ok()) << "the same bytes again are fine";
  EXPECT_GT(rows(), 0u);
  test.clock().Advance(absl::Hours(25));
  test.broker().RunMaintenance();
  // What is enqueued after the sweep is done after it.
  ASSERT_TRUE(test.Submit(test.Seal(SmallPlan(test.network())).envelope).ok());
  EXPECT_EQ(rows(), 0u);

  const envelope::SealedSignal kept = test.Seal(NamedPlan(test.network()));
  const auto& attachment = *kept.attachments.begin();
  ASSERT_TRUE(test.Upload(attachment.first, attachment.second).ok());
  const absl::Status submitted = test.Submit(kept.envelope).status();
  ASSERT_TRUE(submitted.ok()) << submitted;
  const size_t claimed = rows();
  test.clock().Advance(absl::Hours(25));
  test.broker().RunMaintenance();
  ASSERT_TRUE(test.Submit(test.Seal(SmallPlan(test.network())).envelope).ok());
  EXPECT_EQ(rows(), claimed) << "what a signal speaks of is no orphan";
}

}  // namespace
}  // namespace seinpost::test
