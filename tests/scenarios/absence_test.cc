// SPDX-License-Identifier: EUPL-1.2
// Who stays away: through a holiday nothing is lost, after a year the sender is told before he sends, and
// what has reached the end of its retention opens for nobody, whatever the broker kept.
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/profile/prekeys.h"
#include "crypto/password_file.h"
#include "envelope/open.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/envelope/signals.h"
#include "tests/testing/live.h"
#include "trust/labels.h"
#include "util/secure_file.h"

namespace seinpost::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr absl::Duration kDay = absl::Hours(24);
constexpr absl::Duration kWeek = absl::Hours(7 * 24);

// The example, in which cases are kept for two months at most.
TestNetwork WithShortRetention() {
  const Bytes yaml = ReadFile("tests/testing/convenants/plaats.yaml", 1 << 20).value();
  const Bytes lab = ReadFile("tests/testing/convenants/plaats.lab.yaml", 1 << 20).value();
  const std::string long_kept = "    after_close: 12 months\n    cap: 24 months\n";
  if (yaml.find(long_kept) == std::string::npos) std::abort();
  return TestNetwork::Make(
      absl::StrReplaceAll(yaml, {{long_kept, "    after_close: 1 month\n    cap: 2 months\n"}}), lab,
      TestNetwork::AnyTime());
}
constexpr absl::Duration kShortCap = absl::Hours(60 * 24);

// Lets `by` pass, while `member` looks in every four weeks and so stays reachable.
void Pass(LiveBroker& broker, LiveMember& member, absl::Duration by) {
  for (absl::Duration left = by; left > absl::ZeroDuration(); left -= 4 * kWeek) {
    broker.Advance(std::min(left, 4 * kWeek));
    const Ran ran = member.Run({"status"});
    ASSERT_EQ(ran.code, client::kOk) << ran.out << ran.err;
  }
}

std::string TextOfFirstPart(const Ran& opened) {
  const ParsedJson json = opened.json();
  if (opened.code != client::kOk || !json.contains("parts") || json["parts"].empty()) {
    return absl::StrCat("code ", opened.code, ": ", opened.out, opened.err);
  }
  return json["parts"][0].value("text", "");
}

TEST(Absence, SevenWeeksAwayAndEverythingCanBeRead) {
  LiveBroker broker;
  LiveMember sender(broker, kSender);
  LiveMember reader(broker, kReader);
  EXPECT_THAT(reader.List(), IsEmpty());

  std::vector<std::string> ids;
  for (int week = 1; week <= 7; ++week) {
    Pass(broker, sender, kWeek);
    ids.push_back(sender.Send(kReader, absl::StrCat("in week ", week)));
  }
  const ParsedJson letters = reader.List();
  ASSERT_THAT(letters, SizeIs(ids.size()));
  for (size_t i = 0; i < ids.size(); ++i) {
    EXPECT_EQ(letters[i]["signal_id"], ids[i]);
    EXPECT_EQ(letters[i]["unread"], true);
    EXPECT_EQ(TextOfFirstPart(reader.Open(ids[i])), absl::StrCat("in week ", i + 1));
  }
}

class YearAway : public testing::Test {
 protected:
  YearAway() {
    reader_.List();
    Pass(broker_, sender_, 51 * kWeek);  // certificates last a year
  }
  std::vector<std::string> Flags() const {
    return {"signal", "send",      "--channel", "core@school-a", "--level", "L1",     "--category",
            "wapen",  "--purpose", "dreiging",  "--to",          kReader,   "--text", "is er iemand?"};
  }
  // The devices that the signed descriptors of a signal name as unreached, as the sender's own copy has them.
  std::set<Bytes> UnreachedIn(const std::string& signal_id) {
    sender_.List();
    const absl::StatusOr<v1::Delivery> own = sender_.OpenState().GetDelivery(*FromHex(signal_id));
    EXPECT_TRUE(own.ok()) << own.status();
    std::set<Bytes> unreached;
    for (const v1::Part& part : own->parts()) {
      const v1::PartDescriptor descriptor = DescriptorOf(part);
      unreached.insert(descriptor.unreached().begin(), descriptor.unreached().end());
      for (const v1::Recipient& recipient : descriptor.recipients()) {
        EXPECT_NE(recipient.device_id(), reader_.device_id()) << "sealed to a key that is out of its time";
      }
    }
    return unreached;
  }

  // Kind and signal of what the sender still has to do.
  std::vector<std::pair<std::string, std::string>> DutiesOfSender() {
    std::vector<std::pair<std::string, std::string>> duties;
    const Ran status = sender_.Run({"--json", "status"});
    EXPECT_EQ(status.code, client::kOk) << status.out << status.err;
    const ParsedJson told = status.json();
    for (const ParsedJson& duty : told.at("duties")) {
      duties.emplace_back(duty.value("kind", ""), duty.value("signal_id", ""));
    }
    return duties;
  }

  LiveBroker broker_;
  LiveMember sender_{broker_, kSender};
  LiveMember reader_{broker_, kReader};
};

TEST_F(YearAway, IsNamedToTheSenderAndInTheSignedList) {
  std::vector<std::string> flags = Flags();
  flags.insert(flags.begin(), "--json");
  const Ran sent = sender_.Run(flags);
  ASSERT_EQ(sent.code, client::kOk) << sent.out << sent.err;
  EXPECT_THAT(sent.err, HasSubstr(kReader)) << "said to people";
  EXPECT_THAT(sent.json()["unreached"], Contains(kReader));
  EXPECT_THAT(UnreachedIn(sent.json()["signal_id"]), Contains(reader_.device_id()));
  // He is not told of it, and it is not there for him: nothing was sealed to his device.
  EXPECT_THAT(reader_.List(), IsEmpty());
}

TEST_F(YearAway, IsNamedBeforeAnythingIsSent) {
  // Nobody answers at the broker, so that what is said is said before the broker has the signal.
  ASSERT_EQ(sender_.Run({"status"}).code, client::kOk);
  broker_.Stop();
  std::vector<std::string> flags = Flags();
  flags.push_back("--queued");
  const Ran queued = sender_.Run(flags);
  ASSERT_EQ(queued.code, client::kOk) << queued.out << queued.err;
  EXPECT_THAT(queued.err, HasSubstr(kReader));
}

TEST_F(YearAway, IsReachedAgainOnceHeIsBack) {
  const std::string lost = sender_.Send(kReader, "niet voor hem");
  EXPECT_THAT(DutiesOfSender(),
              Not(Contains(std::pair<std::string, std::string>("send_again_unreached", lost))));
  reader_.List();  // publishes prekeys of now
  EXPECT_THAT(DutiesOfSender(), Contains(std::pair<std::string, std::string>("send_again_unreached", lost)));
  const std::string id = sender_.Send(kReader, "welkom terug");
  EXPECT_EQ(TextOfFirstPart(reader_.Open(id)), "welkom terug");
  EXPECT_NE(reader_.Open(lost).code, client::kOk);
}

class AfterTheCap : public testing::Test {
 protected:
  static TestBrokerOptions ShortRetention() {
    TestBrokerOptions options;
    options.network = WithShortRetention;
    return options;
  }

  // What the reader's device holds of a signal once it was delivered, and what an attacker would like.
  struct Copy {
    v1::Delivery delivery;
    std::optional<envelope::VerifiedHeader> header;
    std::string disk;  // a copy of everything that the broker keeps
    absl::Time taken;
    Bytes prekey_id;
    std::optional<crypto::HpkeKeyPair> secret;  // of that prekey, as nobody should still have it
    absl::Time delete_after;
  };

  Copy TakeCopy(const std::string& signal_id) {
    Copy copy;
    const absl::StatusOr<v1::Delivery> delivery = reader_.OpenState().GetDelivery(*FromHex(signal_id));
    EXPECT_TRUE(delivery.ok()) << delivery.status();
    copy.delivery = *delivery;
    v1::Envelope envelope;
    envelope.set_header(delivery->header());
    envelope.set_header_sig(delivery->header_sig());
    *envelope.mutable_parts() = delivery->parts();
    const absl::StatusOr<envelope::VerifiedHeader> header =
        envelope::VerifyEnvelope(envelope, broker_.network().directory(),
                                 {.verifier = envelope::Verifier::kRecipient,
                                  .own_device = reader_.device_id(),
                                  .now = broker_.clock().Now()});
    EXPECT_TRUE(header.ok()) << header.status();
    copy.header = *header;
    for (const v1::Recipient& recipient : Part(copy).descriptor.recipients()) {
      if (recipient.device_id() == reader_.device_id()) copy.prekey_id = recipient.prekey_id();
    }
    const client::Profile profile = reader_.OpenProfile();
    for (const client::PrekeySecret& prekey : profile.prekeys()) {
      if (prekey.prekey_id != copy.prekey_id) continue;
      copy.secret = crypto::HpkeKeyPair::FromSecret(
          *crypto::Secret<32>::FromBytes(prekey.pair.secret.ExposeSecretView()));
      copy.delete_after = prekey.delete_after;
    }
    EXPECT_TRUE(copy.secret.has_value());
    copy.taken = broker_.clock().Now();
    copy.disk = MakeTemporaryDirectory();
    std::filesystem::copy(
        broker_.test().directory(), copy.disk,
        std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
    return copy;
  }
  static const envelope::VerifiedPart& Part(const Copy& copy) { return copy.header->parts()[0]; }

  // The reader's wraps out of the broker's copy, which runs as if no time had passed.
  std::vector<envelope::Wrap> WrapsOf(const Copy& copy) {
    SimulatedClock then(copy.taken);
    LiveFork fork(broker_.network(), copy.disk, then);
    v1::OpenStatement statement;
    statement.set_convenant_id(broker_.network().convenant().id());
    statement.set_header_hash(ToBytes(copy.header->header_hash()));
    statement.set_signal_id(copy.header->core().signal_id());
    statement.set_part(Part(copy).index);
    statement.set_purpose(copy.header->core().purpose());
    statement.set_device_id(reader_.device_id());
    statement.set_time(absl::ToUnixSeconds(copy.taken));
    statement.set_nonce(Bytes(16, 'n'));
    const client::Profile profile = reader_.OpenProfile();
    v1::OpenRequest request;
    request.set_statement(statement.SerializeAsString());
    request.set_signature(crypto::Sign(profile.device_key(), trust::kOpenLabel, request.statement()));
    const absl::StatusOr<v1::OpenReply> reply = Await<v1::OpenReply>([&](auto done) {
      fork.broker().reading().Open({statement.convenant_id(), reader_.device_id()}, request, done);
    });
    EXPECT_TRUE(reply.ok()) << reply.status();
    std::vector<envelope::Wrap> wraps;
    if (!reply.ok()) return wraps;
    for (const v1::ReleasedWrap& wrap : reply->wraps()) {
      wraps.push_back({.group = wrap.group(), .prekey_id = wrap.prekey_id(), .bytes = wrap.wrap()});
    }
    return wraps;
  }
  absl::StatusOr<Bytes> OpenWith(const Copy& copy, const std::vector<envelope::Wrap>& wraps,
                                 envelope::PrekeyLookup prekeys) {
    return envelope::OpenPart(*copy.header, Part(copy), reader_.device_id(), wraps, prekeys,
                              copy.delivery.parts(0).ciphertext());
  }
  // Whether the sealed file, opened, holds these bytes anywhere.
  bool ProfileHolds(ByteView bytes) {
    const Bytes passphrase = ReadFile(reader_.passphrase_file(), 1024).value();
    const Bytes sealed = ReadFile(reader_.profile_directory() + "/profile.sealed", 1 << 24).value();
    const absl::StatusOr<crypto::WipedBytes> plain = crypto::OpenWithPassphrase(passphrase, sealed);
    EXPECT_TRUE(plain.ok()) << plain.status();
    return plain->ExposeSecretView().find(bytes) != ByteView::npos;
  }

  LiveBroker broker_{ShortRetention()};
  LiveMember sender_{broker_, kSender};
  LiveMember reader_{broker_, kReader};
};

TEST_F(AfterTheCap, NothingOpensAlthoughTheBrokerKeptEverything) {
  const std::string id = sender_.Send(kReader, "een mes gevonden");
  reader_.List();
  const Copy copy = TakeCopy(id);
  EXPECT_TRUE(ProfileHolds(copy.secret->secret.ExposeSecretView()));

  Pass(broker_, reader_, copy.delete_after - kDay - broker_.clock().Now());
  EXPECT_TRUE(ProfileHolds(copy.secret->secret.ExposeSecretView())) << "not before its time";
  Pass(broker_, reader_, 2 * kDay);

  const Ran opened = reader_.Open(id);
  EXPECT_NE(opened.code, client::kOk);
  EXPECT_THAT(opened.out + opened.err, Not(HasSubstr("een mes gevonden")));
  EXPECT_THAT(reader_.List(), IsEmpty());

  // The secret is gone from the device.
  const client::Profile profile = reader_.OpenProfile();
  EXPECT_EQ(profile.FindPrekey(copy.prekey_id), nullptr);
  EXPECT_FALSE(ProfileHolds(copy.secret->secret.ExposeSecretView()));
  EXPECT_FALSE(ProfileHolds(copy.prekey_id));

  // The broker's copy of then gives the wrap once more, and the reader has every byte of the signal. With the
  // secret it would open, so it is the secret alone that is missing.
  const std::vector<envelope::Wrap> wraps = WrapsOf(copy);
  ASSERT_THAT(wraps, SizeIs(1));
  const absl::StatusOr<Bytes> now =
      OpenWith(copy, wraps, [&](ByteView prekey_id) { return profile.FindPrekey(prekey_id); });
  EXPECT_EQ(now.status().code(), absl::StatusCode::kNotFound) << now.status();
  const absl::StatusOr<Bytes> with_secret =
      OpenWith(copy, wraps, [&](ByteView prekey_id) -> const crypto::HpkeKeyPair* {
        return prekey_id == copy.prekey_id ? &*copy.secret : nullptr;
      });
  ASSERT_TRUE(with_secret.ok()) << with_secret.status();
  EXPECT_EQ(*with_secret, "een mes gevonden");
}

TEST_F(AfterTheCap, WhoWasAwayForAllOfItFindsNothingEither) {
  const std::string id = sender_.Send(kReader, "een mes gevonden");
  reader_.List();
  const Copy copy = TakeCopy(id);
  Pass(broker_, sender_, copy.delete_after + kDay - broker_.clock().Now());
  // Nothing ran on his device, so the secret is still there; the first command that the log tells the time
  // destroys it.
  EXPECT_TRUE(ProfileHolds(copy.secret->secret.ExposeSecretView()));
  broker_.Stop();
  EXPECT_NE(reader_.Open(id).code, client::kOk);
  EXPECT_TRUE(ProfileHolds(copy.secret->secret.ExposeSecretView()));
  broker_.Start();
  EXPECT_NE(reader_.Open(id).code, client::kOk);
  EXPECT_FALSE(ProfileHolds(copy.secret->secret.ExposeSecretView()));
  std::filesystem::remove_all(copy.disk);
}

// The cap of a part ends before the secret does: what still could be opened is refused.
TEST_F(AfterTheCap, BrokerReleasesNothingFromTheCapOn) {
  const std::string id = sender_.Send(kReader, "een mes gevonden");
  Pass(broker_, reader_, kShortCap - absl::Hours(1));
  EXPECT_EQ(TextOfFirstPart(reader_.Open(id)), "een mes gevonden");
  broker_.Advance(absl::Hours(1));
  EXPECT_NE(reader_.Open(id).code, client::kOk);
}

}  // namespace
}  // namespace seinpost::test
