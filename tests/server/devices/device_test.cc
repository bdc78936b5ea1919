// SPDX-License-Identifier: EUPL-1.2
// What a device could read, and what a new one cannot read yet.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/server/harness.h"
#include "tests/server/realm/log_identity.h"
#include "trust/labels.h"

namespace seinpost::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

constexpr char kOversight[] = "gemeente/privacy-officer";

class DeviceTest : public testing::Test {
 protected:
  void SetUp() override {
    sealed_ = test_.Seal(NamedPlan(test_.network()));
    for (const auto& [ct_hash, bytes] : sealed_.attachments) ASSERT_TRUE(test_.Upload(ct_hash, bytes).ok());
    ASSERT_TRUE(test_.Submit(sealed_.envelope).ok());
  }
  const TestDevice& reader() { return test_.network().device(kReader); }
  v1::ListExposureRequest ExposureOf(const TestDevice& device) {
    v1::ListExposureRequest request;
    request.set_convenant_id("plaats");
    request.set_device_id(device.id);
    return request;
  }
  absl::StatusOr<std::vector<v1::Exposure>> Ask(const v1::ListExposureRequest& request,
                                                const TestDevice& caller) {
    return PullAll<v1::Exposure>([&](auto done) {
      test_.broker().devices().ListExposure(test_.SessionOf(caller), request, std::move(done));
    });
  }
  absl::StatusOr<std::vector<v1::Exposure>> Ask(const TestDevice& of, absl::string_view profile) {
    return Ask(ExposureOf(of), test_.network().device(profile));
  }
  absl::StatusOr<std::vector<v1::Delivery>> Restorable(const TestDevice& device) {
    v1::ListRestorableRequest request;
    request.set_convenant_id("plaats");
    return PullAll<v1::Delivery>([&](auto done) {
      test_.broker().devices().ListRestorable(test_.SessionOf(device), request, std::move(done));
    });
  }
  static std::vector<v1::PartKind> KindsOf(const v1::Delivery& delivery) {
    std::vector<v1::PartKind> kinds;
    for (const v1::Part& part : delivery.parts()) kinds.push_back(DescriptorOf(part).kind());
    return kinds;
  }

  TestBroker test_;
  envelope::SealedSignal sealed_;
};

TEST_F(DeviceTest, TellsEveryPartThatADeviceHadAndWhichItWasGivenTheKeyOf) {
  const uint32_t identity = PlaceOf(sealed_.envelope, v1::PART_KIND_IDENTITY);
  ASSERT_TRUE(test_.Open(test_.OpenStatementOf(sealed_.envelope, identity, kReader), kReader).ok());
  ASSERT_TRUE(test_.PutInForce(test_.network().RevokeDeviceObject(reader())).ok());
  const TestDevice& later = test_.AddDevice(kReader);
  const uint64_t size = test_.LogSize();
  const auto exposed = Ask(ExposureOf(reader()), later);
  ASSERT_TRUE(exposed.ok()) << exposed.status();
  std::map<v1::PartKind, v1::Exposure> by_kind;
  for (const v1::Exposure& exposure : *exposed) by_kind[exposure.kind()] = exposure;
  ASSERT_THAT(*exposed, SizeIs(3));
  ASSERT_THAT(by_kind, SizeIs(3)) << "narrative, identity, attachment; not the source, not the justification";
  EXPECT_TRUE(by_kind.at(v1::PART_KIND_IDENTITY).released());
  EXPECT_FALSE(by_kind.at(v1::PART_KIND_NARRATIVE).released());
  EXPECT_FALSE(by_kind.at(v1::PART_KIND_ATTACHMENT).released());
  const v1::Exposure& narrative = by_kind.at(v1::PART_KIND_NARRATIVE);
  const v1::Core core = CoreOf(sealed_.envelope);
  EXPECT_EQ(narrative.signal_id(), core.signal_id());
  EXPECT_EQ(narrative.channel(), core.channel());
  EXPECT_EQ(narrative.level(), core.level());
  EXPECT_EQ(narrative.category(), core.category());
  EXPECT_EQ(narrative.purpose(), core.purpose());
  EXPECT_EQ(narrative.case_ref(), core.case_ref());
  EXPECT_EQ(narrative.created(), core.created());
  EXPECT_EQ(narrative.part(), PlaceOf(sealed_.envelope, v1::PART_KIND_NARRATIVE));
  EXPECT_GT(narrative.expires(), core.created());

  EXPECT_EQ(test_.LogSize(), size + 1) << "the question is a leaf";
  const std::optional<audit::Event> event = test_.EventAt(size);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->Type(), audit::EventType::kAuditQuery);
  EXPECT_EQ(event->Text(audit::Tag::kActorDevice), later.id);
  EXPECT_EQ(event->Text(audit::Tag::kObject), reader().id);
  EXPECT_EQ(event->Text(audit::Tag::kObjectType), "device");
  EXPECT_EQ(event->Text(audit::Tag::kOnBehalfOf), reader().member_ref);
}

TEST_F(DeviceTest, ExposureSurvivesARestart) {
  const uint32_t identity = PlaceOf(sealed_.envelope, v1::PART_KIND_IDENTITY);
  ASSERT_TRUE(test_.Open(test_.OpenStatementOf(sealed_.envelope, identity, kReader), kReader).ok());
  ASSERT_TRUE(test_.Restart().ok());
  const auto exposed = Ask(reader(), kReader);
  ASSERT_TRUE(exposed.ok()) << exposed.status();
  size_t released = 0;
  for (const v1::Exposure& exposure : *exposed) released += exposure.released();
  EXPECT_EQ(released, 1u);
}

TEST_F(DeviceTest, ExposureIsForTheMemberAndThePrivacyOfficers) {
  EXPECT_TRUE(Ask(reader(), kOversight).ok()) << "oversight sees the whole convenant";
  EXPECT_TRUE(Ask(test_.network().device(kSender), kOversight).ok());
  const uint64_t size = test_.LogSize();
  const absl::Status refused = Ask(reader(), kSender).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kNotFound) << refused;
  EXPECT_EQ(test_.LogSize(), size + 1);
  EXPECT_EQ(test_.LastEvent(), "DECISION_DENY AUDIT_SCOPE") << "that somebody tried is a leaf";
  const auto grant = [&](absl::string_view profile) {
    return test_.PutInForce(test_.network().MandateObject(profile, "privacy_officer", {"*"},
                                                          policies::Level::kL2, test_.clock().Now(),
                                                          test_.clock().Now() + absl::Hours(24)));
  };
  test_.AddDevice("school/toezicht");
  ASSERT_TRUE(grant("school/toezicht").ok());
  EXPECT_TRUE(Ask(test_.network().device(kSender), "school/toezicht").ok()) << "his own organisation";
  EXPECT_EQ(Ask(reader(), "school/toezicht").status().code(), absl::StatusCode::kNotFound);
  test_.clock().Advance(absl::Hours(25));
  EXPECT_EQ(Ask(test_.network().device(kSender), "school/toezicht").status().code(),
            absl::StatusCode::kNotFound)
      << "the mandate is over";
}

TEST_F(DeviceTest, ExposureNamesTheFieldThatIsWrong) {
  const uint64_t size = test_.LogSize();
  v1::ListExposureRequest request = ExposureOf(reader());
  request.set_convenant_id("elders");
  EXPECT_THAT(std::string(Ask(request, reader()).status().message()), HasSubstr("convenant_id"));
  request = ExposureOf(reader());
  request.set_device_id("short");
  EXPECT_THAT(std::string(Ask(request, reader()).status().message()), HasSubstr("device_id"));
  request.set_device_id(Bytes(16, 'x'));
  EXPECT_EQ(Ask(request, reader()).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(test_.LogSize(), size) << "a device that does not exist is no leaf";
}

TEST_F(DeviceTest, ListsMoreThanAPageInTheOrderOfTheLog) {
  for (int i = 0; i < 150; ++i) {
    ASSERT_TRUE(test_.Submit(test_.Seal(SmallPlan(test_.network())).envelope).ok());
  }
  std::vector<Bytes> sent;
  for (const v1::Delivery& delivery : test_.Backlog(kReader)) sent.push_back(delivery.header());
  ASSERT_THAT(sent, SizeIs(151));
  const auto exposed = Ask(reader(), kReader);
  ASSERT_TRUE(exposed.ok()) << exposed.status();
  EXPECT_THAT(*exposed, SizeIs(3 + 150)) << "three parts of the first signal, one of each other";
  const TestDevice& later = test_.AddDevice(kReader);
  const auto found = Restorable(later);
  ASSERT_TRUE(found.ok()) << found.status();
  std::vector<Bytes> restorable;
  for (const v1::Delivery& delivery : *found) restorable.push_back(delivery.header());
  EXPECT_TRUE(restorable == sent);
}

TEST_F(DeviceTest, ARevokedDeviceAsksNothing) {
  ASSERT_TRUE(test_.PutInForce(test_.network().RevokeDeviceObject(reader())).ok());
  const uint64_t size = test_.LogSize();
  EXPECT_EQ(Ask(reader(), kReader).status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(Restorable(reader()).status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(test_.LogSize(), size);
}

TEST_F(DeviceTest, AStreamEndsWhenItsDeviceIsRevoked) {
  const TestDevice& later = test_.AddDevice(kReader);
  v1::ListRestorableRequest request;
  request.set_convenant_id("plaats");
  const auto source = Await<std::shared_ptr<server::Source<v1::Delivery>>>([&](auto done) {
    test_.broker().devices().ListRestorable(test_.SessionOf(later), request, std::move(done));
  });
  ASSERT_TRUE(source.ok()) << source.status();
  ASSERT_TRUE(test_.PutInForce(test_.network().RevokeDeviceObject(later)).ok());
  EXPECT_EQ(Pull(**source).status().code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(DeviceTest, ListsWhatTheMembersOtherDevicesHave) {
  EXPECT_THAT(*Restorable(reader()), IsEmpty()) << "the member has one device";
  const TestDevice& later = test_.AddDevice(kReader);
  const uint64_t size = test_.LogSize();
  auto found = Restorable(later);
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_THAT(*found, SizeIs(1));
  const v1::Delivery& delivery = (*found)[0];
  EXPECT_THAT(KindsOf(delivery), UnorderedElementsAre(v1::PART_KIND_NARRATIVE, v1::PART_KIND_IDENTITY,
                                                      v1::PART_KIND_ATTACHMENT));
  EXPECT_EQ(delivery.header(), sealed_.envelope.header());
  EXPECT_EQ(delivery.cursor(), 0u);
  for (const v1::Part& part : delivery.parts()) EXPECT_TRUE(part.wraps().empty());
  EXPECT_FALSE(delivery.receipt().request_proof().empty());
  EXPECT_EQ(test_.LogSize(), size) << "a list of what is one's own is no leaf";

  // Signals from now on are sealed to the new device.
  ASSERT_TRUE(test_.Submit(test_.Seal(SmallPlan(test_.network())).envelope).ok());
  EXPECT_THAT(*Restorable(later), SizeIs(1));
  EXPECT_THAT(*Restorable(reader()), IsEmpty());
  ASSERT_TRUE(test_.PutInForce(test_.network().RevokeDeviceObject(reader())).ok());
  EXPECT_THAT(*Restorable(later), SizeIs(1)) << "also what a lost device had";
  EXPECT_THAT(*Restorable(test_.network().device("sass/coordinator")), IsEmpty());
  test_.clock().Advance(absl::Hours(24 * 91));
  EXPECT_THAT(*Restorable(later), IsEmpty()) << "everything has expired";
}

TEST_F(DeviceTest, ListsJustificationsToAnOfficersSuccessor) {
  // Another officer at the municipality: the same organisation, another member.
  const size_t before = test_.network().objects().size();
  const TestDevice& successor = test_.AddDevice("gemeente/opvolger");
  EXPECT_GT(test_.network().objects().size(), before);
  EXPECT_THAT(*Restorable(successor), IsEmpty()) << "no officer yet";
  ASSERT_TRUE(test_
                  .PutInForce(test_.network().MandateObject("gemeente/opvolger", "privacy_officer", {"*"},
                                                            policies::Level::kL2, test_.clock().Now(),
                                                            test_.clock().Now() + absl::Hours(24)))
                  .ok());
  const auto found = Restorable(successor);
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_THAT(*found, SizeIs(1));
  EXPECT_THAT(KindsOf((*found)[0]), ElementsAre(v1::PART_KIND_JUSTIFICATION));
}

// A database that was set back is only read: what needs a leaf is refused, what needs none goes on.
class ReadOnlyTest : public LogIdentityTest {};

TEST_F(ReadOnlyTest, NothingIsConfirmedAskedOrGiven) {
  const TestDevice& reader = test_.network().device(kReader);
  const v1::Envelope envelope = test_.Seal(SmallPlan(test_.network())).envelope;
  ASSERT_TRUE(test_.Submit(envelope).ok());
  const TestDevice& later = test_.AddDevice(kReader);
  const v1::AskRewrapRequest open = test_.RewrapRequestOf(envelope, v1::PART_KIND_NARRATIVE, later);
  ASSERT_TRUE(test_.Ask(open, later).ok());
  const v1::GiveRewrapRequest answer = test_.RewrapOf(open, envelope, v1::PART_KIND_NARRATIVE, reader);
  SaveData();
  SubmitOne();
  test_.Checkpoint();
  SetBack();
  ASSERT_FALSE(test_.broker().Writable().ok());
  const auto& unavailable = absl::StatusCode::kUnavailable;
  EXPECT_EQ(test_.Confirm({test_.DeliveredOf(envelope, reader)}, reader).status().code(), unavailable);
  EXPECT_EQ(test_.Ask(open, later).status().code(), unavailable);
  EXPECT_EQ(test_.Give(answer, reader).status().code(), unavailable);
  server::Devices& devices = test_.broker().devices();
  v1::ListExposureRequest exposure;
  exposure.set_convenant_id("plaats");
  exposure.set_device_id(reader.id);
  EXPECT_EQ(PullAll<v1::Exposure>(
                [&](auto done) { devices.ListExposure(test_.SessionOf(reader), exposure, std::move(done)); })
                .status()
                .code(),
            unavailable);

  v1::ListRestorableRequest restorable;
  restorable.set_convenant_id("plaats");
  const auto deliveries = PullAll<v1::Delivery>(
      [&](auto done) { devices.ListRestorable(test_.SessionOf(later), restorable, std::move(done)); });
  ASSERT_TRUE(deliveries.ok()) << deliveries.status();
  EXPECT_THAT(*deliveries, SizeIs(1));
  v1::ListRewrapRequestsRequest requests;
  requests.set_convenant_id("plaats");
  const auto requested = PullAll<v1::RewrapRequested>([&](auto done) {
    test_.broker().rewraps().ListRequests(test_.SessionOf(reader), requests, std::move(done));
  });
  ASSERT_TRUE(requested.ok()) << requested.status();
  EXPECT_THAT(*requested, SizeIs(1));
  v1::GetDeliveredRequest delivered;
  delivered.set_convenant_id("plaats");
  delivered.add_signal_ids(CoreOf(envelope).signal_id());
  EXPECT_TRUE(Await<v1::GetDeliveredReply>([&](auto done) {
                test_.broker().deliveries().Get(test_.SessionOf(kSender), delivered, done);
              }).ok());
}

TEST(Devices, ListingHasAQuota) {
  TestBrokerOptions options;
  options.limits.questions = 1;
  TestBroker test(options);
  const TestDevice& reader = test.network().device(kReader);
  v1::ListRestorableRequest request;
  request.set_convenant_id("plaats");
  const auto list = [&] {
    return PullAll<v1::Delivery>([&](auto done) {
             test.broker().devices().ListRestorable(test.SessionOf(reader), request, std::move(done));
           })
        .status();
  };
  EXPECT_TRUE(list().ok());
  EXPECT_EQ(list().code(), absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace seinpost::test
