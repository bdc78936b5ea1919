// SPDX-License-Identifier: EUPL-1.2
// A key that is passed on goes to exactly the device and prekey that asked, and is the key of the part.
#include "crypto/hash.h"
#include "envelope/part_crypto.h"
#include "tests/envelope/rewrap_testing.h"
#include "trust/labels.h"
#include "trust/strict.h"

namespace seinpost::envelope {
namespace {

namespace pb = seinpost::v1;
using absl::StatusCode;
using test::ExpectError;
using test::kLater;
using test::kReader;
using test::RewrapScene;
using test::Scene;
using test::TestDevice;
using test::TestNetwork;

SignedStatement AlteredRewrap(const SignedStatement& made, const TestDevice& signer,
                              const std::function<void(pb::Rewrap&)>& change) {
  pb::Rewrap changed;
  EXPECT_TRUE(changed.ParseFromString(made.statement));
  change(changed);
  SignedStatement altered;
  altered.statement = trust::StrictSerialize(changed);
  altered.signature = crypto::Sign(signer.key, trust::kRewrapLabel, altered.statement);
  return altered;
}

TEST(Rewrap, AnswersThatDoNotHoldAreRefused) {
  const RewrapScene& f = Scene();
  using W = pb::Rewrap;
  const auto request = f.Check(f.Ask(*f.phone).value()).value();
  const TestDevice& giver = f.network.device(kReader);
  const SignedStatement given = f.Give(request, giver).value();
  const struct {
    const char* name;
    std::function<void(W&)> change;
    StatusCode code;
    const char* text;
  } cases[] = {
      {"version", [](W& w) { w.set_version(0); }, StatusCode::kInvalidArgument, "version"},
      {"convenant", [](W& w) { w.set_convenant_id("ginds"); }, StatusCode::kPermissionDenied, "convenant_id"},
      {"signal", [](W& w) { w.set_signal_id(Bytes(16, 's')); }, StatusCode::kPermissionDenied,
       "another signal"},
      {"header", [](W& w) { w.set_header_hash(Bytes(32, 'h')); }, StatusCode::kPermissionDenied,
       "another signal"},
      {"part", [](W& w) { w.set_part(w.part() ^ 1); }, StatusCode::kPermissionDenied, "another part"},
      {"group", [](W& w) { w.set_group(1); }, StatusCode::kPermissionDenied, "group: shared keys"},
      {"short giver", [](W& w) { w.set_giver_device("g"); }, StatusCode::kInvalidArgument, "giver_device"},
      {"unknown giver", [](W& w) { w.set_giver_device(Bytes(16, 'g')); }, StatusCode::kUnauthenticated,
       "giver_device: not certified"},
      {"another giver", [&](W& w) { w.set_giver_device(f.stranger->id); }, StatusCode::kUnauthenticated,
       "signature"},
      {"another target", [&](W& w) { w.set_target_device(f.stranger->id); }, StatusCode::kPermissionDenied,
       "target_device"},
      {"another prekey", [](W& w) { w.set_prekey_id(Bytes(32, 'p')); }, StatusCode::kPermissionDenied,
       "prekey_id"},
      {"short wrap", [](W& w) { w.mutable_wrap()->pop_back(); }, StatusCode::kInvalidArgument, "wrap"},
      {"longer", [](W& w) { w.set_expires(w.expires() + 1); }, StatusCode::kPermissionDenied,
       "expires: not that of the part"},
      {"as long as the request", [&](W& w) { w.set_expires(request.request.expires()); },
       StatusCode::kPermissionDenied, "expires: not that of the part"},
      {"before the request", [](W& w) { w.set_time(w.time() - 301); }, StatusCode::kFailedPrecondition,
       "time: before the request"},
      {"ahead", [](W& w) { w.set_time(w.time() + 301); }, StatusCode::kFailedPrecondition,
       "time: lies ahead"},
  };
  for (const auto& c : cases) {
    ExpectError(f.Receive(AlteredRewrap(given, giver, c.change), request).status(), c.code, c.text, c.name);
  }
  EXPECT_TRUE(f.Receive(given, request).ok()) << "but for these";
  // Somebody the part is not for gives what he does not have.
  const SignedStatement forged =
      AlteredRewrap(given, *f.stranger, [&](W& w) { w.set_giver_device(f.stranger->id); });
  ExpectError(f.Receive(forged, request).status(), StatusCode::kPermissionDenied, "recipients: not this",
              "of a stranger");
  ExpectError(f.Give(request, *f.stranger).status(), StatusCode::kUnauthenticated, "the part does not open",
              "a stranger cannot give");
}

// A replacement device asks once: what was given on the last day but one still opens a month later.
TEST(Rewrap, AnAnswerHoldsAsLongAsThePart) {
  const RewrapScene& f = Scene();
  const pb::PartKind kind = pb::PART_KIND_NARRATIVE;
  const absl::Time day29 = kLater + absl::Hours(24 * 29), day60 = kLater + absl::Hours(24 * 60);
  const absl::Time end = absl::FromUnixSeconds(f.Part(kind).descriptor.expires());
  ASSERT_LT(day60, end);
  const SignedStatement request = f.Ask(*f.phone).value();
  const auto checked = f.Check(request, kind, day29);
  ASSERT_TRUE(checked.ok()) << checked.status();
  const SignedStatement given = f.Give(*checked, f.network.device(kReader), kind, day29).value();
  EXPECT_FALSE(f.Check(request, kind, day60).ok()) << "it can be answered no more";
  for (const absl::Time now : {day29, day60, end - absl::Seconds(1)}) {
    const auto rewrap = f.ReceiveOwn(given, request, now);
    ASSERT_TRUE(rewrap.ok()) << rewrap.status();
    EXPECT_EQ(rewrap->expires(), absl::ToUnixSeconds(end));
    EXPECT_EQ(f.Open(*rewrap).value(), "hij had een mes bij zich");
  }
  ExpectError(f.ReceiveOwn(given, request, end).status(), StatusCode::kFailedPrecondition,
              "expires: the part has expired", "after the part");
  ExpectError(f.Receive(given, *checked, kind, end).status(), StatusCode::kFailedPrecondition,
              "expires: the part has expired", "after the part");
}

TEST(Rewrap, ALateAnswerIsNone) {
  const RewrapScene& f = Scene();
  const pb::PartKind kind = pb::PART_KIND_NARRATIVE;
  const SignedStatement request = f.Ask(*f.phone).value();
  const auto checked = f.Check(request).value();
  const TestDevice& giver = f.network.device(kReader);
  const auto given_at = [&](absl::Time time) { return f.Give(checked, giver, kind, time).value(); };
  const absl::Time end = kLater + kMaxRewrapRequestLife, day60 = kLater + absl::Hours(24 * 60);
  ExpectError(f.Receive(given_at(end), checked, kind, end).status(), StatusCode::kFailedPrecondition,
              "time: the request had expired", "as broker");
  ExpectError(f.ReceiveOwn(given_at(end), request, day60).status(), StatusCode::kFailedPrecondition,
              "expires: the request has expired", "as receiver");
  EXPECT_TRUE(f.ReceiveOwn(given_at(end - absl::Seconds(1)), request, day60).ok()) << "just in time";
  // Clocks differ.
  EXPECT_TRUE(f.ReceiveOwn(given_at(kLater - trust::kClockSkew), request, day60).ok());
  ExpectError(f.ReceiveOwn(given_at(kLater - trust::kClockSkew - absl::Seconds(1)), request, day60).status(),
              StatusCode::kFailedPrecondition, "time: before the request", "before it was asked for");
  ExpectError(f.ReceiveOwn(given_at(kLater), f.Ask(*f.phone).value(), day60).status(),
              StatusCode::kPermissionDenied, "request_hash", "an answer to another request");
  ExpectError(f.ReceiveOwn(given_at(kLater), {request.statement, Bytes(64, 's')}, day60).status(),
              StatusCode::kUnauthenticated, "signature", "a request that nobody signed");
  ExpectError(f.ReceiveOwn(AlteredRewrap(given_at(kLater), giver, [](pb::Rewrap& w) { w.set_time(-1); }),
                           request, day60)
                  .status(),
              StatusCode::kInvalidArgument, "time", "no time");
}

// Whoever alters a bit of either statement, or of its signature, is refused.
TEST(Rewrap, NoBitCanBeAltered) {
  const RewrapScene& f = Scene();
  const SignedStatement request = f.Ask(*f.phone).value();
  const auto checked = f.Check(request).value();
  const SignedStatement given = f.Give(checked, f.network.device(kReader)).value();
  const auto flip_all = [](const SignedStatement& whole, const auto& holds) {
    for (const bool in_statement : {true, false}) {
      const size_t size = in_statement ? whole.statement.size() : whole.signature.size();
      for (size_t bit = 0; bit < 8 * size; ++bit) {
        SignedStatement altered = whole;
        (in_statement ? altered.statement : altered.signature)[bit / 8] ^= static_cast<char>(1 << bit % 8);
        EXPECT_FALSE(holds(altered)) << (in_statement ? "statement bit " : "signature bit ") << bit;
      }
    }
  };
  flip_all(request, [&](const SignedStatement& altered) { return f.Check(altered).ok(); });
  flip_all(given, [&](const SignedStatement& altered) { return f.Receive(altered, checked).ok(); });
}

TEST(Rewrap, StatementsHaveOneEncoding) {
  const RewrapScene& f = Scene();
  const SignedStatement request = f.Ask(*f.phone).value();
  const auto checked = f.Check(request).value();
  const TestDevice& giver = f.network.device(kReader);
  const SignedStatement given = f.Give(checked, giver).value();
  const Bytes unknown_field = FromHex("f80701").value();
  const Bytes asked = request.statement + unknown_field;
  ExpectError(f.Check({asked, crypto::Sign(f.phone->key, trust::kRewrapRequestLabel, asked)}).status(),
              StatusCode::kInvalidArgument, "rewrap request: not in its one strict encoding", "request");
  const Bytes answered = given.statement + unknown_field;
  ExpectError(f.Receive({answered, crypto::Sign(giver.key, trust::kRewrapLabel, answered)}, checked).status(),
              StatusCode::kInvalidArgument, "rewrap: not in its one strict encoding", "answer");
  ExpectError(f.Check({Bytes(kMaxRewrapStatementBytes + 1, 'x'), request.signature}).status(),
              StatusCode::kResourceExhausted, "rewrap request", "too large");
  ExpectError(f.Check({request.statement, crypto::Sign(f.phone->key, trust::kRewrapLabel, request.statement)})
                  .status(),
              StatusCode::kUnauthenticated, "signature", "under another label");
}

// A giver who wraps another key is found out, and his signature proves it.
TEST(Rewrap, ALyingGiverIsFoundOut) {
  const RewrapScene& f = Scene();
  const auto request = f.Check(f.Ask(*f.phone).value()).value();
  const TestDevice& giver = f.network.device(kReader);
  const VerifiedPart& part = f.Part(pb::PART_KIND_NARRATIVE);
  WrapContext context;
  context.h = f.header->h();
  context.index = static_cast<uint16_t>(part.index);
  context.group = 0;
  context.device_id = f.phone->id;
  context.prekey_id = ToBytes(crypto::Sha256(request.request.prekey()));
  context.commit = ToFixed<32>(part.descriptor.commit(), "commit").value();
  context.ct_hash = ToFixed<32>(part.descriptor.ct_hash(), "ct_hash").value();
  context.recipient_set_hash = part.recipient_set_hash;
  const auto lie = [&](const WrapContext& bound) {
    return AlteredRewrap(f.Give(request, giver).value(), giver, [&](pb::Rewrap& rewrap) {
      rewrap.set_wrap(
          SealWrap(bound, request.prekey.hpke_pk(), TestNetwork::SecretNamed("another key")).value());
    });
  };
  const auto reason = [&](const SignedStatement& rewrap) {
    const auto received = f.Receive(rewrap, request);
    EXPECT_TRUE(received.ok()) << received.status();
    const absl::Status status = f.Open(*received).status();
    EXPECT_EQ(status.code(), StatusCode::kUnauthenticated);
    EXPECT_EQ(status.message(), "the part does not open");
    return std::string(status.GetPayload(kOpenReason).value_or(absl::Cord()));
  };
  EXPECT_EQ(reason(lie(context)), "step 9: the key is not the committed one");
  // What was wrapped for another list of recipients does not open at all.
  WrapContext elsewhere = context;
  elsewhere.recipient_set_hash[0] ^= 1;
  EXPECT_EQ(reason(lie(elsewhere)), "step 9: the wrap does not open");
  const SignedStatement proof = lie(context);
  EXPECT_TRUE(
      crypto::Verify(View(giver.key.public_key()), trust::kRewrapLabel, proof.statement, proof.signature)
          .ok());
}

TEST(Rewrap, AWrapOpensForNoOtherKeyOrCiphertext) {
  const RewrapScene& f = Scene();
  const auto request = f.Check(f.Ask(*f.phone).value()).value();
  const auto rewrap = f.Receive(f.Give(request, f.network.device(kReader)).value(), request).value();
  const VerifiedPart& part = f.Part(pb::PART_KIND_NARRATIVE);
  Bytes ciphertext = test::CiphertextOf(f.sealed, part);
  const crypto::HpkeKeyPair other = crypto::HpkeKeyPair::FromSecret(TestNetwork::SecretNamed("other"));
  EXPECT_FALSE(OpenRewrapped(*f.header, part, rewrap, other, ciphertext).ok());
  ciphertext[0] ^= 1;
  EXPECT_FALSE(OpenRewrapped(*f.header, part, rewrap, f.pair, ciphertext).ok());
  EXPECT_FALSE(f.Open(rewrap, pb::PART_KIND_IDENTITY).ok());
}

}  // namespace
}  // namespace seinpost::envelope
