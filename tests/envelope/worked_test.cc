// SPDX-License-Identifier: EUPL-1.2
// The worked bytes of docs/formats/envelope.md, computed again and opened.
#include "tests/testing/worked.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "crypto/hash.h"
#include "crypto/hpke_internal.h"
#include "crypto/sign.h"
#include "envelope/part_crypto.h"
#include "trust/labels.h"
#include "trust/objects.h"
#include "trust/strict.h"

namespace seinpost::envelope {
namespace {

namespace pb = seinpost::v1;

constexpr int64_t kCreated = 1'767'607'200;  // 2026-01-05T10:00:00Z
constexpr uint16_t kPlace = 5;

// 32 times one letter.
crypto::Secret<32> SecretOf(char letter) { return crypto::Secret<32>::FromBytes(Bytes(32, letter)).value(); }

pb::Core Core(const crypto::SigningKey& device) {
  pb::Core core;
  core.set_version(1);
  core.set_suite_id(1);
  core.set_signal_id(Bytes(16, 's'));
  core.set_kind(pb::SIGNAL_KIND_SIGNAL);
  core.set_convenant_id("arnhem");
  core.set_convenant_version(1);
  core.set_convenant_hash(Bytes(32, 'h'));
  core.set_channel("direct@school-a");
  core.set_category("wapen");
  core.set_purpose("dreiging");
  core.set_level(pb::LEVEL_L2);
  core.set_informed(pb::INFORMED_YES);
  core.set_sender_device(trust::DeviceIdOf(View(device.public_key())));
  core.set_sender_cert_hash(Bytes(32, 'z'));
  core.set_case_ref(Bytes(16, 'c'));
  core.set_created(kCreated);
  core.set_checkpoint("checkpoint\n");
  return core;
}

pb::PartDescriptor Descriptor(ByteView ciphertext, const PartKeys& keys) {
  pb::PartDescriptor descriptor;
  descriptor.set_kind(pb::PART_KIND_IDENTITY);
  descriptor.set_retention_class("naam");
  descriptor.set_expires(kCreated + 180 * 86'400);
  descriptor.set_padded_len(512);
  descriptor.set_ct_hash(ToBytes(crypto::Sha256(ciphertext)));
  descriptor.set_commit(ToBytes(keys.commit));
  pb::Recipient* recipient = descriptor.add_recipients();
  recipient->set_device_id(Bytes(16, 'r'));
  recipient->set_prekey_id(Bytes(32, 'q'));
  pb::Tie* tie = descriptor.add_ties();
  tie->set_member_ref(Bytes(16, 'm'));
  tie->set_tie("school");
  return descriptor;
}

TEST(EnvelopeDocument, HasTheBytesOfTheCode) {
  std::map<std::string, Bytes> worked;
  const crypto::SigningKey device = crypto::SigningKey::FromSeed(SecretOf('d'));
  const Bytes core = trust::StrictSerialize(Core(device));
  const Digest h = crypto::Sha256(core);
  worked["core"] = core;
  worked["h"] = ToBytes(h);

  const PartKeys keys = DerivePartKeys(SecretOf('k'), h, kPlace);
  worked["key"] = Bytes(keys.key.ExposeSecretView());
  worked["nonce"] = ToBytes(keys.nonce);
  worked["commit"] = ToBytes(keys.commit);
  worked["stream"] = Bytes(keys.stream.ExposeSecretView());

  pb::Identity identity;
  identity.add_first("Voornaam");
  identity.add_last("Achternaam");
  identity.set_birth_date("2010-05-04");
  worked["identity"] = trust::StrictSerialize(identity);
  const Bytes ciphertext =
      SealContent(keys, core, kPlace, Bytes(16, 's'), pb::PART_KIND_IDENTITY, worked["identity"]).value();
  worked["ciphertext"] = ciphertext;

  pb::PartDescriptor descriptor = Descriptor(ciphertext, keys);
  const Digest recipient_set = RecipientSetHash(descriptor);
  worked["recipient-set-hash"] = ToBytes(recipient_set);
  const WrapContext context{
      h, kPlace, 0, Bytes(16, 'r'), Bytes(32, 'q'), keys.commit, crypto::Sha256(ciphertext), recipient_set};
  worked["wrap-info"] = WrapInfo(context);
  worked["wrap-aad"] = WrapAad(context);
  const crypto::HpkeKeyPair prekey = crypto::HpkeKeyPair::FromSecret(SecretOf('p'));
  const crypto::HpkeKeyPair ephemeral = crypto::HpkeKeyPair::FromSecret(SecretOf('e'));
  absl::StatusOr<crypto::HpkeSender> sender = crypto::internal::SetupS(
      crypto::internal::HpkeMode::kBase, View(prekey.public_key), WrapInfo(context), "", "", ephemeral);
  ASSERT_TRUE(sender.ok()) << sender.status();
  const Bytes wrap = absl::StrCat(
      View(sender->enc), sender->context.Seal(WrapAad(context), SecretOf('k').ExposeSecretView()).value());
  worked["wrap"] = wrap;

  descriptor.mutable_recipients(0)->set_wrap_hash(ToBytes(crypto::Sha256(wrap)));
  worked["descriptor"] = trust::StrictSerialize(descriptor);
  pb::Header header;
  header.set_core(core);
  for (int place = 0; place < 16; ++place) {
    header.add_part_hash(place == kPlace ? ToBytes(crypto::Sha256(worked["descriptor"]))
                                         : Bytes(32, static_cast<char>(place)));
  }
  const Bytes header_bytes = trust::StrictSerialize(header);
  worked["header-hash"] = ToBytes(crypto::Sha256(header_bytes));
  worked["header-sig"] = crypto::Sign(device, trust::kHeaderLabel, header_bytes);

  const crypto::Secret<32> s1 = SecretOf('1'), s2 = SecretOf('2');
  worked["shared-cek"] = Bytes(CombineShares({&s1, &s2}).ExposeSecretView());
  worked["share-commit-1"] = ToBytes(ShareCommit(h, kPlace, 1, s1));
  worked["share-commit-2"] = ToBytes(ShareCommit(h, kPlace, 2, s2));

  // And it opens.
  EXPECT_TRUE(OpenWrap(context, prekey, wrap)->Equals(SecretOf('k')));
  EXPECT_EQ(OpenContent(keys, core, kPlace, Bytes(16, 's'), pb::PART_KIND_IDENTITY, ciphertext).value(),
            worked["identity"]);
  test::ExpectWorked("docs/formats/envelope.md", worked);
}

}  // namespace
}  // namespace seinpost::envelope
