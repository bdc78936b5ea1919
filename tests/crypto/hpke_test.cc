// SPDX-License-Identifier: EUPL-1.2
// RFC 9180's own vectors run in vectors_test.cc.
#include "crypto/hpke.h"

#include <limits>
#include <utility>
#include <vector>

#include "crypto/hpke_internal.h"
#include "crypto/x25519.h"
#include "gtest/gtest.h"

namespace seinpost::crypto {
namespace {

using internal::HpkeMode;
using internal::VerifyPskInputs;

const Bytes kPsk(32, 'k');

TEST(Hpke, OpensWhatItSealedInOrder) {
  const HpkeKeyPair recipient = HpkeKeyPair::Generate();
  HpkeSender sender = *SetupBaseS(View(recipient.public_key), "info");
  HpkeOpenContext context = *SetupBaseR(View(sender.enc), recipient, "info");
  std::vector<Bytes> sealed;
  sealed.reserve(300);
  for (int i = 0; i < 300; ++i) sealed.push_back(*sender.context.Seal("aad", std::to_string(i)));
  for (int i = 0; i < 300; ++i) EXPECT_EQ(*context.Open("aad", sealed[i]), std::to_string(i));
  EXPECT_EQ(*sender.context.Export("e", 40), *context.Export("e", 40));
  EXPECT_NE(*sender.context.Export("e", 40), *context.Export("f", 40));
}

TEST(Hpke, AFailedOpenDoesNotMoveTheSequence) {
  const HpkeKeyPair recipient = HpkeKeyPair::Generate();
  HpkeSender sender = *SetupBaseS(View(recipient.public_key), "");
  HpkeOpenContext context = *SetupBaseR(View(sender.enc), recipient, "");
  const Bytes first = *sender.context.Seal("", "first");
  const Bytes second = *sender.context.Seal("", "second");
  EXPECT_EQ(context.Open("", second).status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(*context.Open("", first), "first");
  EXPECT_EQ(context.Open("", first).status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(*context.Open("", second), "second");
}

TEST(Hpke, PskModeNeedsTheSamePsk) {
  const HpkeKeyPair recipient = HpkeKeyPair::Generate();
  HpkeSender sender = *SetupPskS(View(recipient.public_key), "info", kPsk, "id");
  const Bytes sealed = *sender.context.Seal("aad", "text");
  EXPECT_EQ(*SetupPskR(View(sender.enc), recipient, "info", kPsk, "id")->Open("aad", sealed), "text");
  EXPECT_FALSE(
      SetupPskR(View(sender.enc), recipient, "info", Bytes(32, 'x'), "id")->Open("aad", sealed).ok());
  EXPECT_FALSE(SetupPskR(View(sender.enc), recipient, "info", kPsk, "other")->Open("aad", sealed).ok());
  EXPECT_FALSE(SetupBaseR(View(sender.enc), recipient, "info")->Open("aad", sealed).ok());
}

TEST(Hpke, PskAndIdentifierGoTogether) {
  const Bytes short_psk(31, 'k');
  const struct {
    HpkeMode mode;
    ByteView psk, psk_id;
    bool ok;
  } cases[] = {
      {HpkeMode::kBase, "", "", true},          {HpkeMode::kBase, kPsk, "id", false},
      {HpkeMode::kBase, kPsk, "", false},       {HpkeMode::kBase, "", "id", false},
      {HpkeMode::kPsk, kPsk, "id", true},       {HpkeMode::kPsk, "", "", false},
      {HpkeMode::kPsk, kPsk, "", false},        {HpkeMode::kPsk, "", "id", false},
      {HpkeMode::kPsk, short_psk, "id", false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(VerifyPskInputs(c.mode, c.psk, c.psk_id).ok(), c.ok) << c.psk.size() << "/" << c.psk_id.size();
  }
}

TEST(Hpke, RefusesAnAllZeroSharedPoint) {
  const HpkeKeyPair recipient = HpkeKeyPair::Generate();
  // Points of small order (RFC 7748 Section 6.1): 0, 1 and one of order 8, also in non-canonical form.
  const Bytes zero(32, '\0');
  const Bytes one = "\x01" + Bytes(31, '\0');
  const Bytes order8 = *FromHex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800");
  const Bytes p = "\xed" + Bytes(30, '\xff') + "\x7f";
  for (const Bytes& point : {zero, one, order8, p}) {
    EXPECT_EQ(SetupBaseS(point, "").status().code(), absl::StatusCode::kInvalidArgument) << ToHex(point);
    EXPECT_EQ(SetupBaseR(point, recipient, "").status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(OpenBase(recipient, "", "", point + Bytes(20, 'c')).status().code(),
              absl::StatusCode::kInvalidArgument);
    uint8_t out[32];
    EXPECT_FALSE(X25519(recipient.secret.ExposeSecret().data(), point, out).ok());
    EXPECT_EQ(internal::SecretEquals(out, reinterpret_cast<const uint8_t*>(zero.data()), 32), true);
  }
}

TEST(Hpke, RefusesKeysOfTheWrongSize) {
  const HpkeKeyPair recipient = HpkeKeyPair::Generate();
  for (size_t size : {0, 31, 33}) {
    EXPECT_EQ(SetupBaseS(Bytes(size, 'x'), "").status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(SetupBaseR(Bytes(size, 'x'), recipient, "").status().code(),
              absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(HpkeKeyPair::DeriveKeyPair(Bytes(31, 'x')).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(Hpke, MessageLimitIsAnErrorNotAWrap) {
  const HpkeKeyPair recipient = HpkeKeyPair::Generate();
  const HpkeKeyPair ephemeral = HpkeKeyPair::Generate();
  const ByteView pk = View(recipient.public_key);
  internal::HpkeSchedule s = *internal::ScheduleS(HpkeMode::kBase, pk, "", {}, {}, ephemeral);
  internal::HpkeSchedule r =
      *internal::ScheduleR(HpkeMode::kBase, View(ephemeral.public_key), recipient, "", {}, {});
  s.seq = r.seq = std::numeric_limits<uint64_t>::max() - 1;
  HpkeSealContext sealer(std::move(s));
  HpkeOpenContext opener(std::move(r));
  const Bytes last = *sealer.Seal("", "last");
  EXPECT_EQ(sealer.Seal("", "too much").status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(*opener.Open("", last), "last");
  EXPECT_EQ(opener.Open("", last).status().code(), absl::StatusCode::kResourceExhausted);
}

TEST(Hpke, ExportStopsAtTheRfcsLimit) {
  const HpkeKeyPair recipient = HpkeKeyPair::Generate();
  const HpkeSender sender = *SetupBaseS(View(recipient.public_key), "");
  EXPECT_EQ(sender.context.Export("", 255 * 32)->size(), 255u * 32);
  EXPECT_EQ(sender.context.Export("", 255 * 32 + 1).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(HpkeSingleShot, OpensWhatItSealed) {
  const HpkeKeyPair recipient = HpkeKeyPair::Generate();
  const Bytes sealed = *SealBase(View(recipient.public_key), "info", "aad", "text");
  EXPECT_EQ(sealed.size(), 4 + kHpkeOverheadBytes);
  EXPECT_EQ(*OpenBase(recipient, "info", "aad", sealed), "text");
  EXPECT_NE(*SealBase(View(recipient.public_key), "info", "aad", "text"), sealed);  // Fresh ephemeral key.
}

TEST(HpkeSingleShot, IsTheFirstMessageOfAContext) {
  const HpkeKeyPair recipient = HpkeKeyPair::Generate();
  const Bytes sealed = *SealBase(View(recipient.public_key), "info", "aad", "text");
  HpkeOpenContext context = *SetupBaseR(sealed.substr(0, kHpkeEncBytes), recipient, "info");
  EXPECT_EQ(*context.Open("aad", sealed.substr(kHpkeEncBytes)), "text");
}

TEST(HpkeSingleShot, RefusesAnotherRecipientInfoOrAad) {
  const HpkeKeyPair recipient = HpkeKeyPair::Generate();
  const Bytes sealed = *SealBase(View(recipient.public_key), "info", "aad", "text");
  EXPECT_EQ(OpenBase(HpkeKeyPair::Generate(), "info", "aad", sealed).status().code(),
            absl::StatusCode::kUnauthenticated);
  EXPECT_FALSE(OpenBase(recipient, "infx", "aad", sealed).ok());
  EXPECT_FALSE(OpenBase(recipient, "info", "aax", sealed).ok());
}

TEST(HpkeSingleShot, RefusesEveryBitFlipAndTruncation) {
  const HpkeKeyPair recipient = HpkeKeyPair::Generate();
  const Bytes sealed = *SealBase(View(recipient.public_key), "info", "aad", Bytes(32, 's'));
  for (size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Bytes flipped = sealed;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(OpenBase(recipient, "info", "aad", flipped).ok()) << bit;
  }
  for (size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_FALSE(OpenBase(recipient, "info", "aad", ByteView(sealed).substr(0, size)).ok()) << size;
  }
}

}  // namespace
}  // namespace seinpost::crypto
