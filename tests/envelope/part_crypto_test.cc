// SPDX-License-Identifier: EUPL-1.2
// The formulas of docs/formats/envelope.md, written a second time with plain crypto calls.
#include "envelope/part_crypto.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/hkdf.h"
#include "crypto/stream.h"
#include "envelope/limits.h"
#include "tests/testing/network.h"

namespace seinpost::envelope {
namespace {

namespace pb = seinpost::v1;
using test::TestNetwork;

crypto::Secret<32> Named(absl::string_view name) { return TestNetwork::SecretNamed(name); }
Bytes BytesOf(const crypto::Secret<32>& secret) { return Bytes(secret.ExposeSecretView()); }

const Digest kH = crypto::Sha256("core");
const Bytes kSignalId = Bytes(16, 's');

TEST(PartKeys, FollowTheFormula) {
  const crypto::Secret<32> cek = Named("cek");
  const PartKeys keys = DerivePartKeys(cek, kH, 11);
  const Bytes salt = absl::StrCat("seinpost/v1/part", View(kH), Bytes("\x00\x0b", 2));
  const crypto::Secret<32> prk = crypto::HkdfExtract(salt, cek.ExposeSecretView());
  EXPECT_EQ(BytesOf(keys.key), crypto::HkdfExpandPublic(prk, "key", 32).value());
  EXPECT_EQ(ToBytes(keys.nonce), crypto::HkdfExpandPublic(prk, "nonce", 12).value());
  EXPECT_EQ(ToBytes(keys.commit), crypto::HkdfExpandPublic(prk, "commit", 32).value());
  EXPECT_EQ(BytesOf(keys.stream), crypto::HkdfExpandPublic(prk, "stream", 32).value());
}

TEST(PartKeys, DependOnSignalPlaceAndKey) {
  const Digest other = crypto::Sha256("another core");
  const PartKeys keys = DerivePartKeys(Named("cek"), kH, 3);
  EXPECT_NE(DerivePartKeys(Named("cek"), other, 3).commit, keys.commit);
  EXPECT_NE(DerivePartKeys(Named("cek"), kH, 4).commit, keys.commit);
  EXPECT_NE(DerivePartKeys(Named("cek2"), kH, 3).commit, keys.commit);
}

TEST(Shares, CombineInGroupOrder) {
  const crypto::Secret<32> a = Named("a"), b = Named("b"), c = Named("c");
  const crypto::Secret<32> expected =
      crypto::HkdfExtract("seinpost/v1/shares", absl::StrCat(BytesOf(a), BytesOf(b), BytesOf(c)));
  EXPECT_TRUE(CombineShares({&a, &b, &c}).Equals(expected));
  EXPECT_FALSE(CombineShares({&b, &a, &c}).Equals(expected));
  EXPECT_FALSE(CombineShares({&a, &b}).Equals(expected));
  EXPECT_TRUE(CombineShares({&a}).Equals(crypto::HkdfExtract("seinpost/v1/shares", BytesOf(a))));
}

TEST(Shares, CommitNamesSignalPlaceAndGroup) {
  const crypto::Secret<32> share = Named("share");
  const Digest commit = ShareCommit(kH, 258, 2, share);
  EXPECT_EQ(commit, crypto::Sha256(absl::StrCat("seinpost/v1/share", View(kH), Bytes("\x01\x02\x02", 3),
                                                BytesOf(share))));
  EXPECT_NE(commit, ShareCommit(kH, 258, 1, share));
  EXPECT_NE(commit, ShareCommit(kH, 2, 2, share));
  EXPECT_NE(commit, ShareCommit(kH, 258, 2, Named("false share")));
}

pb::PartDescriptor TwoRecipients() {
  pb::PartDescriptor descriptor;
  for (const char* id : {"aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"}) {
    pb::Recipient* recipient = descriptor.add_recipients();
    recipient->set_device_id(id);
    recipient->set_prekey_id(Bytes(32, id[0]));
  }
  return descriptor;
}

TEST(RecipientSetHash, FollowsTheFormula) {
  Bytes list = absl::StrCat("seinpost/v1/recipient-set", Bytes("\x00\x02", 2));
  for (char c : {'a', 'b'}) absl::StrAppend(&list, Bytes(1, '\0'), Lp(Bytes(16, c)), Lp(Bytes(32, c)));
  EXPECT_EQ(RecipientSetHash(TwoRecipients()), crypto::Sha256(list));
}

TEST(RecipientSetHash, ChangesWithEveryRecipientButNotWithTheWraps) {
  const Digest hash = RecipientSetHash(TwoRecipients());
  pb::PartDescriptor changed = TwoRecipients();
  changed.mutable_recipients(0)->set_wrap_hash(Bytes(32, 'w'));
  EXPECT_EQ(RecipientSetHash(changed), hash);
  changed.mutable_recipients(0)->set_group(1);
  EXPECT_NE(RecipientSetHash(changed), hash);
  changed = TwoRecipients();
  changed.mutable_recipients()->RemoveLast();
  EXPECT_NE(RecipientSetHash(changed), hash);
  changed = TwoRecipients();
  changed.mutable_recipients(1)->set_prekey_id(Bytes(32, 'c'));
  EXPECT_NE(RecipientSetHash(changed), hash);
}

TEST(Content, FollowsTheFormula) {
  const PartKeys keys = DerivePartKeys(Named("cek"), kH, 2);
  const Bytes ciphertext = SealContent(keys, "core", 2, kSignalId, pb::PART_KIND_CARE, "zorgen").value();
  Bytes padded = absl::StrCat(Bytes("\0\0\0\x10", 4), kSignalId, Bytes("\x03", 1), Bytes("\0\0\0\x06", 4),
                              "zorgen", Bytes("\x80", 1));
  padded.resize(1024, '\0');
  const Bytes aad = absl::StrCat("content", Bytes("\0\0\0\x04", 4), "core", Bytes("\0\x02", 2));
  EXPECT_EQ(ciphertext, crypto::AeadSeal(keys.key, keys.nonce, aad, padded));
  EXPECT_EQ(OpenContent(keys, "core", 2, kSignalId, pb::PART_KIND_CARE, ciphertext).value(), "zorgen");
}

TEST(Content, OpensOnlyAsWhatItWasSealed) {
  const PartKeys keys = DerivePartKeys(Named("cek"), kH, 2);
  const Bytes ciphertext = SealContent(keys, "core", 2, kSignalId, pb::PART_KIND_CARE, "zorgen").value();
  const auto code = [&](ByteView core, uint16_t index, ByteView id, pb::PartKind kind, ByteView bytes) {
    return OpenContent(keys, core, index, id, kind, bytes).status().code();
  };
  constexpr auto kNo = absl::StatusCode::kUnauthenticated;
  EXPECT_EQ(code("core2", 2, kSignalId, pb::PART_KIND_CARE, ciphertext), kNo);
  EXPECT_EQ(code("core", 3, kSignalId, pb::PART_KIND_CARE, ciphertext), kNo);
  EXPECT_EQ(code("core", 2, Bytes(16, 't'), pb::PART_KIND_CARE, ciphertext), kNo);
  EXPECT_EQ(code("core", 2, kSignalId, pb::PART_KIND_NARRATIVE, ciphertext), kNo);
  EXPECT_EQ(code("core", 2, kSignalId, pb::PART_KIND_IDENTITY, ciphertext), kNo);
  EXPECT_EQ(code("core", 2, kSignalId, pb::PART_KIND_CARE, ""), kNo);
  const PartKeys other = DerivePartKeys(Named("cek2"), kH, 2);
  EXPECT_EQ(OpenContent(other, "core", 2, kSignalId, pb::PART_KIND_CARE, ciphertext).status().code(), kNo);
}

// What a hostile sender could put under the padding.
TEST(Content, RefusesAMalformedInside) {
  const PartKeys keys = DerivePartKeys(Named("cek"), kH, 2);
  const Bytes aad = absl::StrCat("content", Lp("core"), U16(2));
  const Bytes good = absl::StrCat(Lp(kSignalId), U8(1), Lp("tekst"));
  const Bytes cases[] = {"",
                         Lp(kSignalId),
                         absl::StrCat(Lp(kSignalId), U8(1)),
                         good.substr(0, good.size() - 1),
                         absl::StrCat(good, "x"),
                         absl::StrCat(U32(0xffffffff), kSignalId, U8(1), Lp("tekst"))};
  for (const Bytes& inside : cases) {
    Bytes padded = absl::StrCat(inside, Bytes("\x80", 1));
    padded.resize(1024, '\0');
    const Bytes ciphertext = crypto::AeadSeal(keys.key, keys.nonce, aad, padded);
    EXPECT_EQ(OpenContent(keys, "core", 2, kSignalId, pb::PART_KIND_NARRATIVE, ciphertext).status().code(),
              absl::StatusCode::kUnauthenticated)
        << inside.size();
  }
}

AttachmentContent Photo(size_t size) {
  AttachmentContent content;
  content.head.set_name("foto-1.jpg");
  content.head.set_content_type("image/jpeg");
  content.bytes = Bytes(size, 'j');
  return content;
}

TEST(Attachment, RoundTripsAtTheEdgesOfItsChunks) {
  const PartKeys keys = DerivePartKeys(Named("cek"), kH, 5);
  const size_t head = 4 + 16 + 1 + 4;
  for (size_t size :
       {size_t{0}, size_t{1}, 65536 - head - 30, size_t{65536}, size_t{200'000}, kMaxAttachmentBytes}) {
    const absl::StatusOr<Bytes> sealed = SealAttachment(keys, kH, 5, kSignalId, Photo(size));
    ASSERT_TRUE(sealed.ok()) << size << ": " << sealed.status();
    EXPECT_EQ(sealed->size() % crypto::kStreamSealedChunkBytes, 0u);
    EXPECT_LE(sealed->size(), kMaxAttachmentCiphertextBytes);
    const absl::StatusOr<AttachmentContent> opened = OpenAttachment(keys, kH, 5, kSignalId, *sealed);
    ASSERT_TRUE(opened.ok()) << size;
    EXPECT_EQ(opened->bytes.size(), size);
    EXPECT_EQ(opened->head.name(), "foto-1.jpg");
    EXPECT_EQ(opened->head.size(), size);
  }
  EXPECT_EQ(SealAttachment(keys, kH, 5, kSignalId, Photo(kMaxAttachmentBytes + 1)).status().code(),
            absl::StatusCode::kResourceExhausted);
}

TEST(Attachment, RefusesHeadsItCannotHave) {
  const PartKeys keys = DerivePartKeys(Named("cek"), kH, 5);
  for (const char* type : {"", "text/html", "image/svg+xml", "IMAGE/JPEG"}) {
    AttachmentContent content = Photo(10);
    content.head.set_content_type(type);
    EXPECT_EQ(SealAttachment(keys, kH, 5, kSignalId, content).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
  AttachmentContent content = Photo(10);
  content.head.set_name("");
  EXPECT_EQ(SealAttachment(keys, kH, 5, kSignalId, content).status().code(),
            absl::StatusCode::kInvalidArgument);
  content.head.set_name(Bytes(kMaxAttachmentNameBytes + 1, 'n'));
  EXPECT_EQ(SealAttachment(keys, kH, 5, kSignalId, content).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(Attachment, RefusesEveryFlippedCutSwappedOrForeignChunk) {
  const PartKeys keys = DerivePartKeys(Named("cek"), kH, 5);
  const Bytes sealed = SealAttachment(keys, kH, 5, kSignalId, Photo(150'000)).value();
  const auto refused = [&](const Bytes& bytes) {
    return OpenAttachment(keys, kH, 5, kSignalId, bytes).status().code() ==
           absl::StatusCode::kUnauthenticated;
  };
  constexpr size_t kChunk = crypto::kStreamSealedChunkBytes;
  ASSERT_EQ(sealed.size(), 3 * kChunk);
  for (size_t at : {size_t{0}, kChunk - 1, kChunk, 2 * kChunk + 7, sealed.size() - 1}) {
    Bytes changed = sealed;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_TRUE(refused(changed)) << at;
  }
  EXPECT_TRUE(refused(sealed.substr(0, 2 * kChunk)));
  EXPECT_TRUE(refused(sealed.substr(0, sealed.size() - 1)));
  EXPECT_TRUE(refused(sealed + sealed.substr(0, kChunk)));
  EXPECT_TRUE(refused(sealed.substr(kChunk, kChunk) + sealed.substr(0, kChunk) + sealed.substr(2 * kChunk)));
  EXPECT_TRUE(refused(""));
  EXPECT_FALSE(OpenAttachment(keys, kH, 6, kSignalId, sealed).ok());
  EXPECT_FALSE(OpenAttachment(keys, crypto::Sha256("other"), 5, kSignalId, sealed).ok());
  EXPECT_FALSE(OpenAttachment(keys, kH, 5, Bytes(16, 't'), sealed).ok());
}

WrapContext Context() {
  WrapContext context;
  context.h = kH;
  context.index = 9;
  context.group = 0;
  context.device_id = Bytes(16, 'd');
  context.prekey_id = Bytes(32, 'p');
  context.commit = crypto::Sha256("commit");
  context.ct_hash = crypto::Sha256("ct");
  context.recipient_set_hash = crypto::Sha256("set");
  return context;
}

TEST(Wrap, FollowsTheFormula) {
  const crypto::HpkeKeyPair prekey = crypto::HpkeKeyPair::FromSecret(Named("prekey"));
  const crypto::Secret<32> cek = Named("cek");
  const Bytes wrap = SealWrap(Context(), View(prekey.public_key), cek).value();
  EXPECT_EQ(wrap.size(), kWrapBytes);
  const Bytes info = absl::StrCat("seinpost/v1/wrap", View(kH), Bytes("\0\x09\0", 3));
  const Bytes aad =
      absl::StrCat(Bytes("\0\0\0\x10", 4), Bytes(16, 'd'), Bytes("\0\0\0\x20", 4), Bytes(32, 'p'),
                   View(crypto::Sha256("commit")), View(crypto::Sha256("ct")), View(crypto::Sha256("set")));
  EXPECT_EQ(crypto::OpenBase(prekey, info, aad, wrap).value(), BytesOf(cek));
  EXPECT_TRUE(OpenWrap(Context(), prekey, wrap)->Equals(cek));
  EXPECT_NE(SealWrap(Context(), View(prekey.public_key), cek).value(), wrap)
      << "a fresh ephemeral key each time";
}

TEST(Wrap, OpensInItsContextOnly) {
  const crypto::HpkeKeyPair prekey = crypto::HpkeKeyPair::FromSecret(Named("prekey"));
  const Bytes wrap = SealWrap(Context(), View(prekey.public_key), Named("cek")).value();
  const std::pair<const char*, void (*)(WrapContext&)> changes[] = {
      {"signal", [](WrapContext& c) { c.h = crypto::Sha256("other"); }},
      {"place", [](WrapContext& c) { c.index = 10; }},
      {"group", [](WrapContext& c) { c.group = 1; }},
      {"device", [](WrapContext& c) { c.device_id = Bytes(16, 'e'); }},
      {"prekey id", [](WrapContext& c) { c.prekey_id = Bytes(32, 'q'); }},
      {"commit", [](WrapContext& c) { c.commit = crypto::Sha256("other"); }},
      {"ciphertext", [](WrapContext& c) { c.ct_hash = crypto::Sha256("other"); }},
      {"recipients", [](WrapContext& c) { c.recipient_set_hash = crypto::Sha256("other"); }},
  };
  for (const auto& [name, change] : changes) {
    WrapContext context = Context();
    change(context);
    EXPECT_EQ(OpenWrap(context, prekey, wrap).status().code(), absl::StatusCode::kUnauthenticated) << name;
  }
  EXPECT_FALSE(OpenWrap(Context(), crypto::HpkeKeyPair::FromSecret(Named("other")), wrap).ok());
  for (size_t bit = 0; bit < wrap.size() * 8; ++bit) {
    Bytes changed = wrap;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    // X25519 ignores the top bit of a public key, but HPKE binds enc into its key schedule.
    EXPECT_FALSE(OpenWrap(Context(), prekey, changed).ok()) << bit;
  }
  for (size_t size = 0; size < wrap.size(); ++size) {
    EXPECT_FALSE(OpenWrap(Context(), prekey, wrap.substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(OpenWrap(Context(), prekey, wrap + "x").ok());
}

TEST(Wrap, RefusesAKeyThatIsNone) {
  EXPECT_FALSE(SealWrap(Context(), Bytes(32, '\0'), Named("cek")).ok());
  EXPECT_FALSE(SealWrap(Context(), "short", Named("cek")).ok());
}

}  // namespace
}  // namespace seinpost::envelope
