// SPDX-License-Identifier: EUPL-1.2
// The worked bytes of what several parties say together, computed again.
#include <gtest/gtest.h>

#include "audit/checkpoint.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "tests/testing/worked.h"
#include "trust/log_identity.h"
#include "trust/objects.h"
#include "trust/strict.h"

namespace seinpost::trust {
namespace {

namespace pb = seinpost::v1;

constexpr int64_t kStart = 1'767'225'600;  // 2026-01-01T00:00:00Z

// The key whose seed is 32 times one letter.
crypto::SigningKey KeyOfLetter(char letter) {
  return crypto::SigningKey::FromSeed(crypto::Secret<32>::FromBytes(Bytes(32, letter)).value());
}

TEST(ConvenantSignaturesDocument, HasTheBytesOfTheCode) {
  std::map<std::string, Bytes> worked;
  const Bytes gemeente = SignObject(pb::OBJECT_KIND_CONVENANT, "version: 2\n", "gemeente", KeyOfLetter('g'));
  const Bytes with_new = AddSignature(gemeente, "politie/new", KeyOfLetter('n')).value();
  worked["successor"] = AddSignature(with_new, "politie", KeyOfLetter('p')).value();
  worked["proposal"] = MakeProposal(with_new).value();
  worked["activation"] = MakeActivation(worked["proposal"], "note 1", "note 2").value();
  test::ExpectWorked("docs/formats/convenant_signatures.md", worked);
}

TEST(TrustUpdateDocument, HasTheBytesOfTheCode) {
  std::map<std::string, Bytes> worked;
  pb::TrustUpdate update;
  update.set_version(1);
  update.set_convenant_id("plaats");
  update.set_convenant_hash(Bytes(32, 'h'));
  update.set_number(1);
  update.set_log_key(ToBytes(KeyOfLetter('k').public_key()));
  update.set_replaces_witnesses(true);
  pb::WitnessKey* witness = update.add_witnesses();
  witness->set_name("w1");
  witness->set_key(ToBytes(KeyOfLetter('w').public_key()));
  update.set_witness_quorum(1);
  worked["trust-update"] = StrictSerialize(update);
  worked["trust-update-object"] =
      AddSignature(
          SignObject(pb::OBJECT_KIND_TRUST_UPDATE, worked["trust-update"], "politie", KeyOfLetter('p')),
          "gemeente", KeyOfLetter('g'))
          .value();
  test::ExpectWorked("docs/formats/trust_update.md", worked);
}

TEST(RestrictionOrderDocument, HasTheBytesOfTheCode) {
  std::map<std::string, Bytes> worked;
  pb::RestrictionOrder order;
  order.set_version(1);
  order.set_convenant_id("plaats");
  order.set_convenant_hash(Bytes(32, 'h'));
  order.set_number(1);
  order.set_channel("case");
  order.set_ceiling(pb::LEVEL_L1);
  order.set_time(kStart);
  worked["restriction-order"] = StrictSerialize(order);
  worked["restriction-order-object"] = SignObject(pb::OBJECT_KIND_RESTRICTION_ORDER,
                                                  worked["restriction-order"], "gemeente", KeyOfLetter('g'));
  test::ExpectWorked("docs/formats/restriction_order.md", worked);
}

TEST(LogEpochDocument, HasTheBytesOfTheCode) {
  std::map<std::string, Bytes> worked;
  audit::Checkpoint last;
  last.origin = LogOrigin("plaats");
  last.size = 1000;
  last.root = crypto::Sha256("root");
  last.directory = audit::DirectoryHead{12, crypto::Sha256("directory")};
  last.time = absl::FromUnixSeconds(kStart);
  pb::LogEpoch epoch;
  epoch.set_version(1);
  epoch.set_convenant_id("plaats");
  epoch.set_convenant_hash(Bytes(32, 'h'));
  epoch.set_number(2);
  epoch.set_last_checkpoint(audit::SignCheckpoint(last, KeyOfLetter('k')));
  epoch.set_first_lost(900);
  epoch.set_directory_size(11);
  epoch.set_origin(EpochOrigin("plaats", 2));
  epoch.set_log_key(ToBytes(KeyOfLetter('l').public_key()));
  epoch.set_time(kStart + 3600);
  worked["log-epoch"] = StrictSerialize(epoch);
  test::ExpectWorked("docs/formats/log_epoch.md", worked);
}

}  // namespace
}  // namespace seinpost::trust
