// SPDX-License-Identifier: EUPL-1.2
#include "trust/strict.h"

#include <gtest/gtest.h>

#include <random>

#include "absl/strings/match.h"
#include "seinpost/v1/envelope.pb.h"
#include "seinpost/v1/trust.pb.h"

namespace seinpost::trust {
namespace {

namespace pb = seinpost::v1;

Bytes Hex(absl::string_view hex) { return FromHex(hex).value(); }

struct Case {
  const char* name;
  const char* hex;
  bool accepted;
};

// IssuerCertificate: version 1 (varint), organisation 2 (string), issuer_pk 3, not_before 4, not_after 5,
// serial 6.
constexpr Case kCases[] = {
    {"TheOneEncoding",
     "0801"
     "120161"
     "3005",
     true},
    {"NothingAtAll", "", true},
    {"RepeatedSingularVarint",
     "0801"
     "0801"
     "120161",
     false},
    {"RepeatedSingularVarintLastWins",
     "0802"
     "0801",
     false},
    {"RepeatedSingularString",
     "120161"
     "120161",
     false},
    {"OverlongVarint",
     "088100"
     "120161",
     false},
    {"OverlongTag",
     "888000"
     "01",
     false},
    {"OverlongLength", "12810061", false},
    {"UnknownField",
     "0801"
     "3a0161",
     false},
    {"UnknownFieldInFront",
     "3a0161"
     "0801",
     false},
    {"UnknownVarintField",
     "0801"
     "3801",
     false},
    {"FieldsOutOfOrder",
     "120161"
     "0801",
     false},
    {"ExplicitDefaultVarint", "0800", false},
    {"ExplicitDefaultString", "1200", false},
    {"WrongWireType", "0d01000000", false},
    {"GroupField",
     "0801"
     "3b3c",
     false},
    {"Truncated",
     "0801"
     "120261",
     false},
    {"LengthBeyondEnd", "12ff01", false},
    {"TrailingZero",
     "0801"
     "00",
     false},
    {"VarintAbove32Bits", "088180808010", false},
    {"NegativeAsTenBytes", "20ffffffffffffffffff01", true},
    {"InvalidUtf8", "1201ff", false},
};

TEST(StrictParse, AcceptsOneEncodingOnly) {
  for (const Case& c : kCases) {
    pb::IssuerCertificate message;
    const absl::Status status = StrictParse(Hex(c.hex), 100, "issuer certificate", message);
    EXPECT_EQ(status.ok(), c.accepted) << c.name << ": " << status;
    if (!c.accepted) {
      EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.name;
      EXPECT_TRUE(absl::StrContains(status.message(), "issuer certificate")) << c.name;
    }
  }
}

TEST(StrictParse, RefusesUnknownFieldInsideNestedMessage) {
  pb::PartDescriptor descriptor;
  descriptor.add_recipients()->set_device_id("0123456789abcdef");
  Bytes bytes = StrictSerialize(descriptor);
  pb::PartDescriptor parsed;
  ASSERT_TRUE(StrictParse(bytes, 1000, "descriptor", parsed).ok());
  // recipients[0] grows by field 15, varint 1.
  bytes[1] = static_cast<char>(bytes[1] + 2);
  bytes += Hex("7801");
  EXPECT_FALSE(StrictParse(bytes, 1000, "descriptor", parsed).ok());
}

TEST(StrictParse, SaysTooLargeBeforeItParses) {
  pb::IssuerCertificate message;
  EXPECT_EQ(StrictParse(Bytes(101, '\xff'), 100, "thing", message).code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(StrictParse(Bytes(100, '\xff'), 100, "thing", message).code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(StrictParse, NeverShowsContent) {
  pb::IssuerCertificate message;
  const absl::Status status = StrictParse("Yusuf", 100, "thing", message);
  EXPECT_FALSE(status.ok());
  EXPECT_FALSE(absl::StrContains(status.message(), "Yusuf"));
}

// Whatever is accepted is what encoding it again gives, and a changed byte is another message or none.
TEST(StrictParse, ReencodesToTheSameBytesUnderRandomChange) {
  std::mt19937 random(20260310);
  pb::PartDescriptor descriptor;
  descriptor.set_kind(pb::PART_KIND_IDENTITY);
  descriptor.set_retention_class("naam");
  descriptor.set_expires(1'800'000'000);
  descriptor.set_padded_len(512);
  for (int i = 0; i < 3; ++i) {
    pb::Recipient* recipient = descriptor.add_recipients();
    recipient->set_group(static_cast<uint32_t>(i));
    recipient->set_device_id(Bytes(16, static_cast<char>('a' + i)));
  }
  const Bytes bytes = StrictSerialize(descriptor);
  int accepted = 0;
  for (int i = 0; i < 20000; ++i) {
    Bytes changed = bytes;
    const int changes = 1 + static_cast<int>(random() % 3);
    for (int j = 0; j < changes; ++j) changed[random() % changed.size()] = static_cast<char>(random());
    if (random() % 4 == 0) changed.resize(random() % changed.size());
    pb::PartDescriptor parsed;
    if (!StrictParse(changed, 10000, "descriptor", parsed).ok()) continue;
    ++accepted;
    EXPECT_EQ(StrictSerialize(parsed), changed);
    if (changed != bytes) {
      EXPECT_NE(StrictSerialize(parsed), bytes);
    }
  }
  EXPECT_GT(accepted, 100);
}

}  // namespace
}  // namespace seinpost::trust
