// SPDX-License-Identifier: EUPL-1.2
// The worked bytes of docs/formats/envelope.md and rewrap.md, computed again and opened.
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
  core.set_convenant_id("plaats");
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

// The example of docs/formats/envelope.md, which that of docs/formats/rewrap.md goes on from.
struct Example {
  Example() {
    pb::Identity identity;
    identity.add_first("Voornaam");
    identity.add_last("Achternaam");
    identity.set_birth_date("2010-05-04");
    content = trust::StrictSerialize(identity);
    ciphertext = SealContent(keys, core, kPlace, Bytes(16, 's'), pb::PART_KIND_IDENTITY, content).value();
    descriptor = Descriptor(ciphertext, keys);
    recipient_set = RecipientSetHash(descriptor);
    wrap = Wrap(ContextFor(Bytes(16, 'r'), Bytes(32, 'q')), SecretOf('p'), SecretOf('e'));
    descriptor.mutable_recipients(0)->set_wrap_hash(ToBytes(crypto::Sha256(wrap)));
    pb::Header parts;
    parts.set_core(core);
    for (int place = 0; place < 16; ++place) {
      parts.add_part_hash(place == kPlace ? ToBytes(crypto::Sha256(trust::StrictSerialize(descriptor)))
                                          : Bytes(32, static_cast<char>(place)));
    }
    header = trust::StrictSerialize(parts);
  }
  WrapContext ContextFor(const Bytes& device_id, const Bytes& prekey_id) const {
    return {h, kPlace, 0, device_id, prekey_id, keys.commit, crypto::Sha256(ciphertext), recipient_set};
  }
  // With a fixed ephemeral key.
  static Bytes Wrap(const WrapContext& context, crypto::Secret<32> prekey, crypto::Secret<32> ephemeral) {
    const crypto::HpkeKeyPair pair = crypto::HpkeKeyPair::FromSecret(std::move(prekey));
    absl::StatusOr<crypto::HpkeSender> sender =
        crypto::internal::SetupS(crypto::internal::HpkeMode::kBase, View(pair.public_key), WrapInfo(context),
                                 "", "", crypto::HpkeKeyPair::FromSecret(std::move(ephemeral)));
    return absl::StrCat(View(sender->enc),
                        sender->context.Seal(WrapAad(context), SecretOf('k').ExposeSecretView()).value());
  }

  const crypto::SigningKey device = crypto::SigningKey::FromSeed(SecretOf('d'));
  const Bytes core = trust::StrictSerialize(Core(device));
  const Digest h = crypto::Sha256(core);
  const PartKeys keys = DerivePartKeys(SecretOf('k'), h, kPlace);
  Bytes content, ciphertext, wrap, header;
  pb::PartDescriptor descriptor;
  Digest recipient_set;
};

TEST(EnvelopeDocument, HasTheBytesOfTheCode) {
  const Example example;
  std::map<std::string, Bytes> worked;
  worked["core"] = example.core;
  worked["h"] = ToBytes(example.h);
  worked["key"] = Bytes(example.keys.key.ExposeSecretView());
  worked["nonce"] = ToBytes(example.keys.nonce);
  worked["commit"] = ToBytes(example.keys.commit);
  worked["stream"] = Bytes(example.keys.stream.ExposeSecretView());
  worked["identity"] = example.content;
  worked["ciphertext"] = example.ciphertext;
  worked["recipient-set-hash"] = ToBytes(example.recipient_set);
  const WrapContext context = example.ContextFor(Bytes(16, 'r'), Bytes(32, 'q'));
  worked["wrap-info"] = WrapInfo(context);
  worked["wrap-aad"] = WrapAad(context);
  worked["wrap"] = example.wrap;
  worked["descriptor"] = trust::StrictSerialize(example.descriptor);
  worked["header-hash"] = ToBytes(crypto::Sha256(example.header));
  worked["header-sig"] = crypto::Sign(example.device, trust::kHeaderLabel, example.header);

  const crypto::Secret<32> s1 = SecretOf('1'), s2 = SecretOf('2');
  worked["shared-cek"] = Bytes(CombineShares({&s1, &s2}).ExposeSecretView());
  worked["share-commit-1"] = ToBytes(ShareCommit(example.h, kPlace, 1, s1));
  worked["share-commit-2"] = ToBytes(ShareCommit(example.h, kPlace, 2, s2));

  // And it opens.
  const crypto::HpkeKeyPair prekey = crypto::HpkeKeyPair::FromSecret(SecretOf('p'));
  EXPECT_TRUE(OpenWrap(context, prekey, example.wrap)->Equals(SecretOf('k')));
  EXPECT_EQ(OpenContent(example.keys, example.core, kPlace, Bytes(16, 's'), pb::PART_KIND_IDENTITY,
                        example.ciphertext)
                .value(),
            example.content);
  test::ExpectWorked("docs/formats/envelope.md", worked);
}

TEST(RewrapDocument, HasTheBytesOfTheCode) {
  const Example example;
  std::map<std::string, Bytes> worked;
  const crypto::SigningKey asking = crypto::SigningKey::FromSeed(SecretOf('n'));
  const trust::DeviceId target = trust::DeviceIdOf(View(asking.public_key()));
  const Bytes header_hash = ToBytes(crypto::Sha256(example.header));
  constexpr int64_t kAsked = kCreated + 2 * 86'400;
  constexpr int64_t kExpires = kAsked + 30 * 86'400;

  pb::Prekey prekey;
  prekey.set_version(1);
  prekey.set_suite_id(1);
  prekey.set_convenant_id("plaats");
  prekey.set_device_id(target);
  prekey.set_hpke_pk(ToBytes(crypto::HpkeKeyPair::FromSecret(SecretOf('o')).public_key));
  prekey.set_retention_class("naam");
  prekey.set_seal_from(kAsked);
  prekey.set_seal_until(kExpires);
  prekey.set_delete_after(1'817'424'000);  // 2027-08-05
  prekey.set_header_hash(header_hash);
  worked["prekey"] = trust::StrictSerialize(prekey);
  const Bytes prekey_id = ToBytes(crypto::Sha256(worked["prekey"]));

  pb::RewrapRequest request;
  request.set_version(1);
  request.set_convenant_id("plaats");
  request.set_signal_id(Bytes(16, 's'));
  request.set_header_hash(header_hash);
  request.set_part(kPlace);
  request.set_prekey(worked["prekey"]);
  request.set_prekey_sig(crypto::Sign(asking, trust::kPrekeyLabel, worked["prekey"]));
  request.set_time(kAsked);
  request.set_expires(kExpires);
  request.set_nonce(Bytes(16, 'y'));
  worked["request"] = trust::StrictSerialize(request);
  worked["request-sig"] = crypto::Sign(asking, trust::kRewrapRequestLabel, worked["request"]);
  worked["request-hash"] = ToBytes(crypto::Sha256(worked["request"]));

  const crypto::SigningKey giver = crypto::SigningKey::FromSeed(SecretOf('g'));
  const WrapContext context = example.ContextFor(target, prekey_id);
  worked["rewrap-aad"] = WrapAad(context);
  pb::Rewrap rewrap;
  rewrap.set_version(1);
  rewrap.set_convenant_id("plaats");
  rewrap.set_signal_id(Bytes(16, 's'));
  rewrap.set_header_hash(header_hash);
  rewrap.set_part(kPlace);
  rewrap.set_request_hash(worked["request-hash"]);
  rewrap.set_giver_device(trust::DeviceIdOf(View(giver.public_key())));
  rewrap.set_target_device(target);
  rewrap.set_prekey_id(prekey_id);
  rewrap.set_wrap(Example::Wrap(context, SecretOf('o'), SecretOf('f')));
  rewrap.set_time(kAsked + 3600);
  rewrap.set_expires(example.descriptor.expires());
  worked["rewrap"] = trust::StrictSerialize(rewrap);
  worked["rewrap-sig"] = crypto::Sign(giver, trust::kRewrapLabel, worked["rewrap"]);

  EXPECT_TRUE(OpenWrap(context, crypto::HpkeKeyPair::FromSecret(SecretOf('o')), rewrap.wrap())
                  ->Equals(SecretOf('k')));
  test::ExpectWorked("docs/formats/rewrap.md", worked);
}

}  // namespace
}  // namespace seinpost::envelope
