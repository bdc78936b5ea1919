// SPDX-License-Identifier: EUPL-1.2
#include "audit/receipt.h"

#include <gtest/gtest.h>

#include "tests/audit/audit_testing.h"

namespace seinpost::audit {
namespace {

ReceiptBody ExampleBody() {
  return {.origin = kOrigin,
          .index = 41,
          .leaf_hash = crypto::Sha256("leaf"),
          .request_hash = crypto::Sha256("request"),
          .time = absl::FromUnixSeconds(1795000000)};
}

TEST(Receipt, VerifiesAndGivesBackTheBody) {
  const crypto::SigningKey key = TestKey('k');
  const Receipt receipt = MakeReceipt(ExampleBody(), key);
  EXPECT_EQ(VerifyReceipt(receipt, kOrigin, key.public_key()).value(), ExampleBody());
  EXPECT_EQ(ReceiptBody::Decode(ExampleBody().Encode()).value(), ExampleBody());
}

TEST(Receipt, EveryDamageIsRefused) {
  const crypto::SigningKey key = TestKey('k');
  const Receipt receipt = MakeReceipt(ExampleBody(), key);
  ForEachDamage(receipt.body, [&](const Bytes& body) {
    EXPECT_FALSE(VerifyReceipt({body, receipt.signature}, kOrigin, key.public_key()).ok());
    const absl::StatusOr<ReceiptBody> decoded = ReceiptBody::Decode(body);
    EXPECT_TRUE(!decoded.ok() || *decoded != ExampleBody());
  });
  ForEachDamage(receipt.signature, [&](const Bytes& signature) {
    EXPECT_FALSE(VerifyReceipt({receipt.body, signature}, kOrigin, key.public_key()).ok());
  });
}

TEST(Receipt, RefusesAnotherKeyLogOrLabel) {
  const crypto::SigningKey key = TestKey('k');
  const Receipt receipt = MakeReceipt(ExampleBody(), key);
  EXPECT_TRUE(absl::IsPermissionDenied(VerifyReceipt(receipt, kOrigin, TestKey('x').public_key()).status()));
  EXPECT_TRUE(
      absl::IsPermissionDenied(VerifyReceipt(receipt, "seinpost.example/ede", key.public_key()).status()));
  const Receipt relabelled{receipt.body, crypto::Sign(key, "seinpost/v1/other", receipt.body)};
  EXPECT_TRUE(absl::IsPermissionDenied(VerifyReceipt(relabelled, kOrigin, key.public_key()).status()));
}

TEST(Receipt, RefusesImpossibleBodiesEvenWhenSigned) {
  const crypto::SigningKey key = TestKey('k');
  const Bytes rest = U64(1) + Bytes(64, 'x');
  for (const Bytes& body : {Lp("") + rest + U64(1), Lp("two words") + rest + U64(1),
                            Lp(Bytes(257, 'o')) + rest + U64(1), Lp(kOrigin) + rest + U64(253402300800)}) {
    const Receipt receipt{body, crypto::Sign(key, kReceiptLabel, body)};
    EXPECT_TRUE(absl::IsInvalidArgument(VerifyReceipt(receipt, kOrigin, key.public_key()).status()));
  }
}

}  // namespace
}  // namespace seinpost::audit
