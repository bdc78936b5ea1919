// SPDX-License-Identifier: EUPL-1.2
// Publication and activation of a directory; what the start checks notice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/harness.h"

namespace seinpost::test {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

TEST(Publication, KeepsTheDirectoryInItsOrderThroughARestart) {
  TestBroker test;
  const trust::Directory& directory = test.network().directory();
  EXPECT_EQ(test.realm().directory()->chain_hash(), directory.chain_hash());
  ASSERT_TRUE(test.Restart().ok());
  EXPECT_EQ(test.realm().directory()->chain_hash(), directory.chain_hash());
  ASSERT_TRUE(test.broker().Writable().ok()) << test.broker().Writable();

  v1::GetDirectoryRequest request;
  request.set_convenant_id("plaats");
  request.set_from(5);
  using Pages = std::shared_ptr<server::Source<v1::GetDirectoryReply>>;
  const auto pages = Await<Pages>(
      [&](auto done) { test.broker().publication().GetDirectory(test.SessionOf(kSender), request, done); });
  ASSERT_TRUE(pages.ok()) << pages.status();
  std::vector<Bytes> objects;
  Bytes checkpoint;
  while (true) {
    const auto page = Pull(**pages);
    ASSERT_TRUE(page.ok()) << page.status();
    if (!*page) break;
    EXPECT_EQ((*page)->first_seq(), 5 + objects.size());
    objects.insert(objects.end(), (*page)->objects().begin(), (*page)->objects().end());
    checkpoint = (*page)->checkpoint();
  }
  EXPECT_EQ(objects,
            std::vector<Bytes>(test.network().objects().begin() + 5, test.network().objects().end()));
  EXPECT_EQ(checkpoint, test.realm().published()->note);
}

TEST(Publication, IsAllOrNothingAndSaysWhichObjectIsWrong) {
  TestBroker test;
  const uint64_t size = test.LogSize();
  const Bytes good = test.network().PrekeyObject(test.network().device(kSender), "casus", 6);
  Bytes bad = test.network().PrekeyObject(test.network().device(kSender), "casus", 7);
  bad.back() ^= 1;
  const absl::Status refused = test.Publish({good, bad});
  EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("objects[1]"));
  EXPECT_EQ(test.LogSize(), size);
  ASSERT_TRUE(test.Publish({good}).ok());
  EXPECT_EQ(test.LogSize(), size + 1);
  ASSERT_TRUE(test.Publish({good}).ok()) << "what is there is skipped";
  EXPECT_EQ(test.LogSize(), size + 1);
}

TEST(Publication, ActivatesOnlyWhatTheConfigurationNames) {
  TestBroker other({{}, nullptr, false});
  const Bytes& object = other.network().objects()[0];
  const auto activate = [](TestBroker& test, const Bytes& bytes) {
    v1::ActivateRequest request;
    request.set_object(bytes);
    return Await<v1::PublishReply>([&](auto done) { test.broker().publication().Activate(request, done); });
  };
  v1::GetConvenantRequest get;
  const auto active = [&] {
    return Await<v1::GetConvenantReply>(
        [&](auto done) { other.broker().publication().GetConvenant(get, done); });
  };
  EXPECT_EQ(active().status().code(), absl::StatusCode::kNotFound);
  Bytes flipped = object;
  flipped.back() ^= 1;
  EXPECT_FALSE(activate(other, flipped).ok());
  const absl::StatusOr<v1::PublishReply> done = activate(other, object);
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_THAT(done->receipts(), SizeIs(1));
  EXPECT_EQ(other.LastEvent(), "CONVENANT_ACTIVATED ");
  EXPECT_TRUE(activate(other, object).ok()) << "again is fine";
  ASSERT_TRUE(active().ok());
  EXPECT_EQ(active()->object(), object);
}

TEST(Publisher, SignsAnewAfterFiveIdleMinutesAndNotBefore) {
  TestBroker test;
  const Bytes first = test.Checkpoint();
  test.clock().Advance(absl::Minutes(5) - absl::Seconds(1));
  EXPECT_EQ(test.Checkpoint(), first);
  test.clock().Advance(absl::Seconds(1));
  const Bytes second = test.Checkpoint();
  EXPECT_NE(second, first);
  const auto key = audit::LogKey(test.realm().origin(), test.realm().log_public_key());
  const audit::Checkpoint before = *audit::VerifyCheckpoint(first, key);
  const audit::Checkpoint after = *audit::VerifyCheckpoint(second, key);
  EXPECT_EQ(after.root, before.root);
  EXPECT_EQ(*after.time - *before.time, absl::Minutes(5));
  // The clock set back: nothing older is published after it, and a restart goes on from what is anchored.
  test.clock().Advance(-absl::Hours(1));
  ASSERT_TRUE(test.Restart().ok());
  EXPECT_EQ(test.Checkpoint(), second);
}

}  // namespace
}  // namespace seinpost::test
