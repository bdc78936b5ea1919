// SPDX-License-Identifier: EUPL-1.2
// A device that was enrolled later asks for a key: who may, for what, and how long.
#include "absl/strings/str_cat.h"
#include "crypto/hash.h"
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
using test::kSender;
using test::RewrapScene;
using test::Scene;
using test::TestDevice;
using test::TestNetwork;

constexpr char kOfficer[] = "schoolbestuur/privacy-officer";

// The request for the narrative as its phone makes it, changed and signed anew by `signer`.
SignedStatement Altered(const SignedStatement& made, const TestDevice& signer,
                        const std::function<void(pb::RewrapRequest&)>& request,
                        const std::function<void(pb::Prekey&)>& prekey = {}) {
  pb::RewrapRequest changed;
  EXPECT_TRUE(changed.ParseFromString(made.statement));
  if (prekey) {
    pb::Prekey key;
    EXPECT_TRUE(key.ParseFromString(changed.prekey()));
    prekey(key);
    changed.set_prekey(trust::StrictSerialize(key));
    changed.set_prekey_sig(crypto::Sign(signer.key, trust::kPrekeyLabel, changed.prekey()));
  }
  if (request) request(changed);
  SignedStatement altered;
  altered.statement = trust::StrictSerialize(changed);
  altered.signature = crypto::Sign(signer.key, trust::kRewrapRequestLabel, altered.statement);
  return altered;
}

TEST(Rewrap, ANewDeviceReadsWhatAnOldOnePassesOn) {
  const RewrapScene& f = Scene();
  // His own other device can, and so can anybody else the part is for.
  for (const char* giver : {kReader, kSender}) {
    const auto asked = f.Ask(*f.phone);
    ASSERT_TRUE(asked.ok()) << asked.status();
    const auto checked = f.Check(*asked);
    ASSERT_TRUE(checked.ok()) << checked.status();
    EXPECT_EQ(checked->hash, crypto::Sha256(asked->statement));
    const auto given = f.Give(*checked, f.network.device(giver));
    ASSERT_TRUE(given.ok()) << given.status();
    const auto rewrap = f.Receive(*given, *checked);
    ASSERT_TRUE(rewrap.ok()) << rewrap.status();
    EXPECT_EQ(f.Open(*rewrap).value(), "hij had een mes bij zich");
  }
}

TEST(Rewrap, AttachmentsPassToo) {
  const RewrapScene& f = Scene();
  const pb::PartKind kind = pb::PART_KIND_ATTACHMENT;
  const auto checked = f.Check(f.Ask(*f.phone, kind).value(), kind);
  ASSERT_TRUE(checked.ok()) << checked.status();
  const auto rewrap = f.Receive(f.Give(*checked, f.network.device(kReader), kind).value(), *checked, kind);
  ASSERT_TRUE(rewrap.ok()) << rewrap.status();
  const auto content = OpenRewrappedAttachment(*f.header, f.Part(kind), *rewrap, f.pair,
                                               test::CiphertextOf(f.sealed, f.Part(kind)));
  ASSERT_TRUE(content.ok()) << content.status();
  EXPECT_EQ(content->bytes, Bytes(70'000, 'j'));
  EXPECT_FALSE(f.Open(*rewrap, kind).ok()) << "an attachment is no text";
  EXPECT_FALSE(OpenRewrappedAttachment(*f.header, f.Part(pb::PART_KIND_NARRATIVE), *rewrap, f.pair, "").ok());
}

TEST(Rewrap, TheOneOffPrekeyEndsWithThePart) {
  const RewrapScene& f = Scene();
  const auto checked = f.Check(f.Ask(*f.phone).value());
  ASSERT_TRUE(checked.ok()) << checked.status();
  absl::Time latest = absl::InfinitePast();
  for (const pb::Recipient& recipient : f.Part(pb::PART_KIND_NARRATIVE).descriptor.recipients()) {
    latest = std::max(latest, f.network.directory().FindPrekey(recipient.prekey_id())->delete_after);
  }
  EXPECT_EQ(checked->prekey.delete_after(), absl::ToUnixSeconds(latest));
  EXPECT_EQ(checked->prekey.header_hash(), View(f.header->header_hash()));
  EXPECT_EQ(checked->prekey.retention_class(), "casus");
  EXPECT_EQ(checked->request.expires(), absl::ToUnixSeconds(kLater + kMaxRewrapRequestLife));
}

TEST(Rewrap, OnlyWhomThePartIsForMayAsk) {
  const RewrapScene& f = Scene();
  const std::string why = "of nobody the part is for";
  ExpectError(f.Ask(*f.stranger).status(), StatusCode::kPermissionDenied, why, "wrong person");
  ExpectError(f.Ask(f.network.device("school/teamleider")).status(), StatusCode::kPermissionDenied, why,
              "recipient of another part");
  ExpectError(f.Ask(*f.phone, pb::PART_KIND_SOURCE).status(), StatusCode::kPermissionDenied, why,
              "police and the source");
  ExpectError(f.Ask(f.network.device(kOfficer)).status(), StatusCode::kPermissionDenied, why,
              "an officer and the narrative");
  // Signed by the stranger for the phone's own place, and the other way round.
  const SignedStatement request = f.Ask(*f.phone).value();
  const auto of_stranger = [&](pb::Prekey& key) { key.set_device_id(f.stranger->id); };
  ExpectError(f.Check(Altered(request, *f.stranger, {}, of_stranger)).status(), StatusCode::kPermissionDenied,
              why, "somebody else's prekey in it");
  ExpectError(f.Check(Altered(request, *f.stranger, {})).status(), StatusCode::kUnauthenticated, "signature",
              "forged");
}

TEST(Rewrap, RequestsThatDoNotHoldAreRefused) {
  const RewrapScene& f = Scene();
  using R = pb::RewrapRequest;
  using K = pb::Prekey;
  const SignedStatement request = f.Ask(*f.phone).value();
  const struct {
    const char* name;
    std::function<void(R&)> change;
    std::function<void(K&)> prekey;
    StatusCode code;
    const char* text;
  } cases[] = {
      {"version", [](R& r) { r.set_version(2); }, {}, StatusCode::kInvalidArgument, "version"},
      {"convenant",
       [](R& r) { r.set_convenant_id("ginds"); },
       {},
       StatusCode::kPermissionDenied,
       "convenant_id"},
      {"short signal", [](R& r) { r.set_signal_id("s"); }, {}, StatusCode::kInvalidArgument, "signal_id"},
      {"other signal",
       [](R& r) { r.set_signal_id(Bytes(16, 's')); },
       {},
       StatusCode::kPermissionDenied,
       "another signal"},
      {"short header", [](R& r) { r.set_header_hash("h"); }, {}, StatusCode::kInvalidArgument, "header_hash"},
      {"other header",
       [](R& r) { r.set_header_hash(Bytes(32, 'h')); },
       {},
       StatusCode::kPermissionDenied,
       "another signal"},
      {"other part",
       [](R& r) { r.set_part(r.part() ^ 1); },
       {},
       StatusCode::kPermissionDenied,
       "another part"},
      {"share group",
       [](R& r) { r.set_group(1); },
       {},
       StatusCode::kPermissionDenied,
       "group: shared keys are not in use"},
      {"short nonce", [](R& r) { r.set_nonce("n"); }, {}, StatusCode::kInvalidArgument, "nonce"},
      {"no time", [](R& r) { r.clear_time(); }, {}, StatusCode::kInvalidArgument, "time"},
      {"no expiry", [](R& r) { r.clear_expires(); }, {}, StatusCode::kInvalidArgument, "expires"},
      {"no term",
       [](R& r) { r.set_expires(r.time()); },
       {},
       StatusCode::kInvalidArgument,
       "expires: not after time"},
      {"too long",
       [](R& r) { r.set_expires(r.expires() + 1); },
       {},
       StatusCode::kInvalidArgument,
       "expires: more than 30 days"},
      {"ahead",
       [](R& r) { r.set_time(r.time() + 301); },
       {},
       StatusCode::kFailedPrecondition,
       "time: lies ahead"},
      {"no prekey", [](R& r) { r.clear_prekey(); }, {}, StatusCode::kUnauthenticated, "prekey"},
      {"short prekey_sig",
       [](R& r) { r.mutable_prekey_sig()->pop_back(); },
       {},
       StatusCode::kInvalidArgument,
       "prekey_sig"},
      {"bad prekey_sig",
       [](R& r) { (*r.mutable_prekey_sig())[9] ^= 1; },
       {},
       StatusCode::kUnauthenticated,
       "prekey_sig"},
      {"prekey version", {}, [](K& k) { k.set_version(2); }, StatusCode::kInvalidArgument, "version"},
      {"prekey suite", {}, [](K& k) { k.set_suite_id(2); }, StatusCode::kInvalidArgument, "prekey.suite_id"},
      {"prekey convenant",
       {},
       [](K& k) { k.set_convenant_id("ginds"); },
       StatusCode::kPermissionDenied,
       "prekey.convenant_id"},
      {"prekey device",
       {},
       [](K& k) { k.set_device_id(Bytes(16, 'd')); },
       StatusCode::kUnauthenticated,
       "prekey.device_id"},
      {"prekey key", {}, [](K& k) { k.set_hpke_pk("k"); }, StatusCode::kInvalidArgument, "prekey.hpke_pk"},
      {"ordinary prekey",
       {},
       [](K& k) { k.clear_header_hash(); },
       StatusCode::kPermissionDenied,
       "prekey.header_hash"},
      {"prekey of another signal",
       {},
       [](K& k) { k.set_header_hash(Bytes(32, 'h')); },
       StatusCode::kPermissionDenied,
       "prekey.header_hash"},
      {"prekey class",
       {},
       [](K& k) { k.set_retention_class("naam"); },
       StatusCode::kPermissionDenied,
       "prekey.retention_class"},
      {"prekey outlives the part",
       {},
       [](K& k) { k.set_delete_after(k.delete_after() + 1); },
       StatusCode::kPermissionDenied,
       "prekey.delete_after"},
      {"prekey ends too early",
       {},
       [](K& k) { k.set_delete_after(k.delete_after() - 1); },
       StatusCode::kPermissionDenied,
       "prekey.delete_after"},
      {"prekey window begins",
       {},
       [](K& k) { k.set_seal_from(k.seal_from() - 1); },
       StatusCode::kInvalidArgument,
       "prekey.seal_from"},
      {"prekey window ends",
       {},
       [](K& k) { k.set_seal_until(k.seal_until() + 1); },
       StatusCode::kInvalidArgument,
       "prekey.seal_from"},
  };
  for (const auto& c : cases) {
    ExpectError(f.Check(Altered(request, *f.phone, c.change, c.prekey)).status(), c.code, c.text, c.name);
  }
  EXPECT_TRUE(f.Check(Altered(request, *f.phone, {})).ok()) << "but for these";
}

TEST(Rewrap, RequestsExpire) {
  const RewrapScene& f = Scene();
  const SignedStatement request = f.Ask(*f.phone).value();
  const absl::Time end = kLater + kMaxRewrapRequestLife;
  EXPECT_TRUE(f.Check(request, pb::PART_KIND_NARRATIVE, end - absl::Seconds(1)).ok());
  ExpectError(f.Check(request, pb::PART_KIND_NARRATIVE, end).status(), StatusCode::kFailedPrecondition,
              "the request has expired", "30 days later");
  const absl::Time gone = test::kSentAt + absl::Hours(24 * 90);
  ExpectError(f.Ask(*f.phone, pb::PART_KIND_NARRATIVE, gone).status(), StatusCode::kFailedPrecondition,
              "part: has expired", "the part is gone");
}

TEST(Rewrap, ALostDeviceMayNotAsk) {
  RewrapScene f;
  const SignedStatement request = f.Ask(*f.phone).value();
  f.network.Add(f.network.RevokeDeviceObject(*f.phone));
  ExpectError(f.Check(request).status(), StatusCode::kUnauthenticated, "not a device that is valid now",
              "revoked");
}

// One request is for one part: it cannot be taken for another.
TEST(Rewrap, RequestsAndAnswersCannotBeReplayedToAnotherPart) {
  const RewrapScene& f = Scene();
  const SignedStatement request = f.Ask(*f.phone).value();
  ExpectError(f.Check(request, pb::PART_KIND_IDENTITY).status(), StatusCode::kPermissionDenied,
              "another part", "request");
  const auto narrative = f.Check(request).value();
  const SignedStatement given = f.Give(narrative, f.network.device(kReader)).value();
  const auto identity =
      f.Check(f.Ask(*f.phone, pb::PART_KIND_IDENTITY).value(), pb::PART_KIND_IDENTITY).value();
  ExpectError(f.Receive(given, identity, pb::PART_KIND_IDENTITY).status(), StatusCode::kPermissionDenied,
              "another part", "answer");
  ExpectError(f.Give(narrative, f.network.device(kReader), pb::PART_KIND_IDENTITY).status(),
              StatusCode::kPermissionDenied, "another part", "given for another part");
  // The same device asks again for the same part: an answer to the first is none to the second.
  const auto again = f.Check(f.Ask(*f.phone).value()).value();
  ExpectError(f.Receive(given, again).status(), StatusCode::kPermissionDenied,
              "request_hash: answers another request", "answer to another request");
}

TEST(Rewrap, APrekeyThatIsNoKeyIsNotSealedTo) {
  const RewrapScene& f = Scene();
  const SignedStatement request = Altered(f.Ask(*f.phone).value(), *f.phone, {},
                                          [](pb::Prekey& key) { key.set_hpke_pk(Bytes(32, '\0')); });
  const auto checked = f.Check(request);
  ASSERT_TRUE(checked.ok()) << checked.status();
  EXPECT_EQ(f.Give(*checked, f.network.device(kReader)).status().code(), StatusCode::kInvalidArgument);
}

// Justifications are read by whoever is officer, also after a change of persons.
TEST(R10, JustificationsPassToTheOfficersSuccessor) {
  RewrapScene f;
  const pb::PartKind kind = pb::PART_KIND_JUSTIFICATION;
  const TestDevice& successor = f.network.AddDevice("schoolbestuur/fg");
  const auto mandate = [&](absl::Time from) {
    return f.network.MandateObject("schoolbestuur/fg", policies::kPrivacyOfficer, {"*"}, policies::Level::kL2,
                                   from, f.network.convenant().valid_until());
  };
  ExpectError(f.Ask(successor, kind).status(), StatusCode::kPermissionDenied, "of nobody the part is for",
              "without the mandate");
  f.network.Add(mandate(kLater + absl::Hours(1)));
  ExpectError(f.Ask(successor, kind).status(), StatusCode::kPermissionDenied, "of nobody the part is for",
              "before his time");
  const absl::Time now = kLater + absl::Hours(2);
  const auto asked = f.Ask(successor, kind, now);
  ASSERT_TRUE(asked.ok()) << asked.status();
  const auto checked = f.Check(*asked, kind, now);
  ASSERT_TRUE(checked.ok()) << checked.status();
  const auto given = f.Give(*checked, f.network.device(kOfficer), kind, now);
  ASSERT_TRUE(given.ok()) << given.status();
  const auto rewrap = f.Receive(*given, *checked, kind, now);
  ASSERT_TRUE(rewrap.ok()) << rewrap.status();
  EXPECT_EQ(f.Open(*rewrap, kind).value(), "om ingrijpen mogelijk te maken");
  // An officer of an organisation that has nothing to do with it does not succeed anybody here.
  const TestDevice& elsewhere = f.network.AddDevice("politie/fg");
  f.network.Add(f.network.MandateObject("politie/fg", policies::kPrivacyOfficer, {"*"}, policies::Level::kL2,
                                        test::kSentAt, f.network.convenant().valid_until()));
  ExpectError(f.Ask(elsewhere, kind, now).status(), StatusCode::kPermissionDenied,
              "of nobody the part is for", "officer of the police");
}

}  // namespace
}  // namespace seinpost::envelope
