// SPDX-License-Identifier: EUPL-1.2
// Keys that are passed on: who may ask and who may give, each a leaf, and what the target gets on opening.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "server/rows/device_records.h"
#include "tests/server/devices/rewrap_fixture.h"
#include "tests/server/retention/retention_testing.h"

namespace seinpost::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(RewrapTest, PassesAKeyOnFromRequestToOpening) {
  EXPECT_THAT(CodesOf(Open(*later_).status()), Contains("KEYSET_MISMATCH")) << "not without";
  const v1::AskRewrapRequest request = Request();
  const auto asked = test_.Ask(request, *later_);
  ASSERT_TRUE(asked.ok()) << asked.status();
  const uint64_t ask_leaf = test_.LogSize() - 1;
  EXPECT_EQ(audit::ReceiptBody::Decode(asked->receipt().body())->index, ask_leaf);
  const std::optional<audit::Event> question = test_.EventAt(ask_leaf);
  ASSERT_TRUE(question);
  EXPECT_EQ(question->Type(), audit::EventType::kDecisionAllow);
  EXPECT_EQ(question->Text(audit::Tag::kObjectType), "rewrap");
  EXPECT_EQ(question->Text(audit::Tag::kObject), CoreOf(sealed_.envelope).signal_id());
  EXPECT_EQ(question->Text(audit::Tag::kActorDevice), later_->id);
  EXPECT_EQ(question->Text(audit::Tag::kRequestHash), ToBytes(crypto::Sha256(request.request())));
  EXPECT_THAT(CodesOf(Open(*later_).status()), Contains("KEYSET_MISMATCH")) << "asked is not given";

  const auto requests = Requests(reader());
  ASSERT_TRUE(requests.ok()) << requests.status();
  ASSERT_THAT(*requests, SizeIs(1));
  EXPECT_EQ((*requests)[0].request(), request.request());
  EXPECT_EQ((*requests)[0].signature(), request.signature());
  EXPECT_EQ((*requests)[0].leaf_index(), ask_leaf);
  EXPECT_THAT(*Requests(*later_), IsEmpty()) << "not one's own";
  EXPECT_THAT(*Requests(test_.network().device("school/teamleider")), IsEmpty())
      << "no recipient of the part";
  EXPECT_EQ(RestorableParts(), 3u);

  const v1::GiveRewrapRequest answer = AnswerTo(request);
  const auto given = test_.Give(answer, reader());
  ASSERT_TRUE(given.ok()) << given.status();
  const uint64_t give_leaf = test_.LogSize() - 1;
  const std::optional<audit::Event> passed = test_.EventAt(give_leaf);
  ASSERT_TRUE(passed);
  EXPECT_EQ(passed->Type(), audit::EventType::kKeyReleased);
  EXPECT_EQ(passed->Text(audit::Tag::kActorDevice), reader().id);
  EXPECT_EQ(passed->Text(audit::Tag::kOnBehalfOf), later_->member_ref);
  EXPECT_EQ(passed->Number(audit::Tag::kPart), PlaceOf(sealed_.envelope, v1::PART_KIND_IDENTITY));
  EXPECT_EQ(passed->Text(audit::Tag::kPrevious),
            ToBytes(audit::ReceiptBody::Decode(asked->receipt().body())->leaf_hash));
  EXPECT_THAT(*Requests(reader()), IsEmpty());
  EXPECT_EQ(RestorableParts(), 2u);

  const auto opened = Open(*later_);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_THAT(opened->wraps(), IsEmpty());
  ASSERT_THAT(opened->rewraps(), SizeIs(1));
  EXPECT_EQ(opened->rewraps(0).leaf_index(), give_leaf);
  EXPECT_EQ(opened->rewraps(0).rewrap(), answer.rewrap());
  EXPECT_EQ(opened->rewraps(0).signature(), answer.signature());
  EXPECT_EQ(test_.EventAt(test_.LogSize() - 1)->Type(), audit::EventType::kRead);
  v1::Rewrap rewrap;
  ASSERT_TRUE(rewrap.ParseFromString(opened->rewraps(0).rewrap()));
  const envelope::VerifiedHeader header = Verified(sealed_.envelope, *test_.realm().directory());
  const envelope::VerifiedPart& part = *header.FindPart(rewrap.part());
  EXPECT_TRUE(envelope::OpenRewrapped(header, part, rewrap, OneOffPair(), CiphertextOf(sealed_, part)).ok());
}

TEST_F(RewrapTest, ADryRunKnowsOfIt) {
  v1::DecideOpenRequest asking;
  asking.set_convenant_id("plaats");
  asking.set_signal_id(CoreOf(sealed_.envelope).signal_id());
  asking.set_part(PlaceOf(sealed_.envelope, v1::PART_KIND_IDENTITY));
  asking.set_purpose("dreiging");
  const auto dry = [&] {
    return Await<v1::Decision>([&](auto done) {
      test_.broker().asking().DecideOpen(test_.SessionOf(*later_), asking, std::move(done));
    });
  };
  EXPECT_EQ(dry().status().code(), absl::StatusCode::kNotFound);
  const v1::AskRewrapRequest request = Request();
  ASSERT_TRUE(test_.Ask(request, *later_).ok());
  ASSERT_TRUE(test_.Give(AnswerTo(request), reader()).ok());
  const uint64_t size = test_.LogSize();
  const auto decision = dry();
  ASSERT_TRUE(decision.ok()) << decision.status();
  EXPECT_TRUE(decision->allowed());
  EXPECT_EQ(test_.LogSize(), size) << "a dry run is no leaf";
}

TEST_F(RewrapTest, GivesTheAttachmentsBytesWithItsKey) {
  v1::FetchAttachmentRequest fetch;
  fetch.set_convenant_id("plaats");
  fetch.set_signal_id(CoreOf(sealed_.envelope).signal_id());
  fetch.set_part(PlaceOf(sealed_.envelope, v1::PART_KIND_ATTACHMENT));
  const auto fetched = [&] {
    return PullAll<v1::FetchAttachmentReply>([&](auto done) {
             test_.broker().attachments().Fetch(test_.SessionOf(*later_), fetch, std::move(done));
           })
        .status();
  };
  EXPECT_EQ(fetched().code(), absl::StatusCode::kNotFound);
  const v1::AskRewrapRequest request = Request(v1::PART_KIND_ATTACHMENT);
  ASSERT_TRUE(test_.Ask(request, *later_).ok());
  ASSERT_TRUE(test_.Give(AnswerTo(request, v1::PART_KIND_ATTACHMENT), reader()).ok());
  EXPECT_TRUE(fetched().ok());
  EXPECT_TRUE(Open(*later_, v1::PART_KIND_ATTACHMENT).ok());
}

TEST_F(RewrapTest, SameBytesGetTheSameReceiptAlsoAfterARestart) {
  const v1::AskRewrapRequest request = Request();
  const auto asked = test_.Ask(request, *later_);
  ASSERT_TRUE(asked.ok()) << asked.status();
  uint64_t size = test_.LogSize();
  ASSERT_TRUE(test_.Restart().ok());
  auto asked_again = test_.Ask(request, *later_);
  ASSERT_TRUE(asked_again.ok()) << asked_again.status();
  EXPECT_EQ(asked_again->SerializeAsString(), asked->SerializeAsString());
  EXPECT_EQ(test_.LogSize(), size);
  EXPECT_THAT(*Requests(reader()), SizeIs(1));

  const v1::GiveRewrapRequest answer = AnswerTo(request);
  const auto given = test_.Give(answer, reader());
  ASSERT_TRUE(given.ok()) << given.status();
  size = test_.LogSize();
  ASSERT_TRUE(test_.Restart().ok());
  const auto given_again = test_.Give(answer, reader());
  ASSERT_TRUE(given_again.ok()) << given_again.status();
  EXPECT_EQ(given_again->SerializeAsString(), given->SerializeAsString());
  EXPECT_EQ(test_.Ask(request, *later_).status().code(), absl::StatusCode::kAlreadyExists)
      << "it was answered";
  EXPECT_EQ(test_.LogSize(), size);
  EXPECT_TRUE(Open(*later_).ok());
}

TEST_F(RewrapTest, AnswersOnlyTheNewestOpenRequest) {
  const v1::AskRewrapRequest first = Request();
  const v1::AskRewrapRequest second = Request();
  ASSERT_TRUE(test_.Ask(first, *later_).ok());
  ASSERT_TRUE(test_.Ask(second, *later_).ok());
  EXPECT_THAT(*Requests(reader()), SizeIs(1));
  EXPECT_EQ(test_.Give(AnswerTo(first), reader()).status().code(), absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(test_.Give(AnswerTo(second), reader()).ok());
  const TestDevice& sender = test_.network().device(kSender);
  const v1::GiveRewrapRequest late = test_.RewrapOf(second, sealed_.envelope, v1::PART_KIND_IDENTITY, sender);
  EXPECT_EQ(test_.Give(late, sender).status().code(), absl::StatusCode::kFailedPrecondition) << "answered";
  const v1::AskRewrapRequest unasked = Request();
  EXPECT_EQ(test_.Give(AnswerTo(unasked), reader()).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(RewrapTest, R19IsJudgedAgainOnOpening) {
  const v1::AskRewrapRequest request = Request();
  ASSERT_TRUE(test_.Ask(request, *later_).ok());
  ASSERT_TRUE(test_.Give(AnswerTo(request), reader()).ok());
  const trust::MandateEntry mandate =
      *test_.network().directory().MandatesOf(test_.network().member(kReader)).front();
  ASSERT_TRUE(test_.PutInForce(test_.network().RevokeMandateObject(mandate)).ok());
  EXPECT_THAT(CodesOf(Open(*later_).status()), Contains("NO_MANDATE"));
  EXPECT_THAT(CodesOf(test_.Ask(Request(v1::PART_KIND_NARRATIVE), *later_).status()), Contains("NO_MANDATE"));
  EXPECT_THAT(test_.LastEvent(), HasSubstr("NO_MANDATE"));
}

TEST_F(RewrapTest, RequestsLapseAfterThirtyDaysAndAnswersHoldAsLongAsThePart) {
  // By a clock that goes on, day by day.
  const auto pass_to = [&](absl::Time time) { PassTime(test_, time - test_.clock().Now()); };
  const auto swept_rows = [&](const Bytes& prefix) {
    test_.clock().Advance(server::kGrace);
    Maintain(test_.broker());
    size_t count = 0;
    EXPECT_TRUE(test_.broker()
                    .store()
                    .Scan(Family::kDevice, prefix, PrefixLimit(prefix),
                          [&](ByteView, ByteView) {
                            ++count;
                            return true;
                          })
                    .ok());
    return count;
  };
  const Bytes requests = server::RewrapRequestPrefix(test_.realm().prefix());
  const Bytes answers = server::RewrapPrefix(test_.realm().prefix());
  const absl::Time asked = test_.clock().Now();
  const v1::AskRewrapRequest answered = Request();
  const v1::AskRewrapRequest open = Request(v1::PART_KIND_NARRATIVE);
  ASSERT_TRUE(test_.Ask(answered, *later_).ok());
  ASSERT_TRUE(test_.Ask(open, *later_).ok());

  pass_to(asked + absl::Hours(24 * 29));
  ASSERT_TRUE(test_.Give(AnswerTo(answered), reader()).ok());
  EXPECT_EQ(swept_rows(requests), 1u);
  EXPECT_EQ(swept_rows(answers), 1u);
  pass_to(asked + absl::Hours(24 * 30) - absl::Seconds(1));
  const v1::GiveRewrapRequest late = AnswerTo(open, v1::PART_KIND_NARRATIVE);
  test_.clock().Set(asked + absl::Hours(24 * 30));
  EXPECT_EQ(test_.Give(late, reader()).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(*Requests(reader()), IsEmpty());
  EXPECT_EQ(swept_rows(requests), 0u);
  EXPECT_EQ(swept_rows(answers), 1u);

  pass_to(asked + absl::Hours(24 * 60));
  const auto opened = Open(*later_);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_THAT(opened->rewraps(), SizeIs(1));
  EXPECT_EQ(RestorableParts(), 2u) << "nor need it be asked for again";

  const envelope::VerifiedHeader header = Verified(sealed_.envelope, *test_.realm().directory());
  const uint32_t place = PlaceOf(sealed_.envelope, v1::PART_KIND_IDENTITY);
  pass_to(absl::FromUnixSeconds(header.FindPart(place)->descriptor.expires()));
  const absl::Status expired = Open(*later_).status();
  EXPECT_THAT(CodesOf(expired), testing::ElementsAreArray(CodesOf(Open(reader()).status())))
      << "it is told what a recipient is told: " << expired;
  EXPECT_FALSE(expired.ok());
  EXPECT_EQ(swept_rows(answers), 0u);
  EXPECT_FALSE(Open(*later_).ok());
}

TEST_F(RewrapTest, PassesJustificationsToAnOfficersSuccessor) {
  const TestDevice& officer = test_.network().device("gemeente/privacy-officer");
  const TestDevice& successor = test_.AddDevice("gemeente/opvolger");
  ASSERT_TRUE(test_
                  .PutInForce(test_.network().MandateObject("gemeente/opvolger", "privacy_officer", {"*"},
                                                            policies::Level::kL2, test_.clock().Now(),
                                                            test_.clock().Now() + absl::Hours(24)))
                  .ok());
  const v1::AskRewrapRequest request =
      test_.RewrapRequestOf(sealed_.envelope, v1::PART_KIND_JUSTIFICATION, successor);
  const absl::Status asked = test_.Ask(request, successor).status();
  ASSERT_TRUE(asked.ok()) << asked;
  ASSERT_THAT(*Requests(officer), SizeIs(1));
  const absl::Status given =
      test_.Give(test_.RewrapOf(request, sealed_.envelope, v1::PART_KIND_JUSTIFICATION, officer), officer)
          .status();
  ASSERT_TRUE(given.ok()) << given;
  const auto opened = Open(successor, v1::PART_KIND_JUSTIFICATION);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_THAT(opened->rewraps(), SizeIs(1));
  EXPECT_THAT(CodesOf(Open(successor, v1::PART_KIND_IDENTITY).status()), Contains("KEYSET_MISMATCH"));
  test_.clock().Advance(absl::Hours(25));
  EXPECT_THAT(CodesOf(Open(successor, v1::PART_KIND_JUSTIFICATION).status()), Contains("NO_MANDATE"));
}

TEST_F(RewrapTest, CountsAsExposure) {
  const v1::AskRewrapRequest request = Request();
  ASSERT_TRUE(test_.Ask(request, *later_).ok());
  ASSERT_TRUE(test_.Give(AnswerTo(request), reader()).ok());
  const auto exposed = [&] {
    v1::ListExposureRequest list;
    list.set_convenant_id("plaats");
    list.set_device_id(later_->id);
    return PullAll<v1::Exposure>([&](auto done) {
      test_.broker().devices().ListExposure(test_.SessionOf(reader()), list, std::move(done));
    });
  };
  ASSERT_THAT(*exposed(), SizeIs(1));
  EXPECT_FALSE((*exposed())[0].released());
  ASSERT_TRUE(Open(*later_).ok());
  test_.clock().Advance(absl::Hours(24 * 31));
  test_.broker().RunMaintenance();
  ASSERT_THAT(*exposed(), SizeIs(1)) << "what was given out stays given out";
  EXPECT_TRUE((*exposed())[0].released());
}

TEST(Rewraps, HaveAQuota) {
  TestBrokerOptions options;
  options.limits.opens = 1;
  TestBroker test(options);
  const v1::Envelope envelope = test.Seal(SmallPlan(test.network())).envelope;
  ASSERT_TRUE(test.Submit(envelope).ok());
  const TestDevice& later = test.AddDevice(kReader);
  const TestDevice& reader = test.network().device(kReader);
  const v1::AskRewrapRequest request = test.RewrapRequestOf(envelope, v1::PART_KIND_NARRATIVE, later);
  const v1::GiveRewrapRequest answer = test.RewrapOf(request, envelope, v1::PART_KIND_NARRATIVE, reader);
  EXPECT_TRUE(test.Ask(request, later).ok());
  EXPECT_EQ(test.Ask(request, later).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(test.Give(answer, reader).ok());
  EXPECT_EQ(test.Give(answer, reader).status().code(), absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace seinpost::test
