// SPDX-License-Identifier: EUPL-1.2
// certificate -> mandate, revocation and prekey, broken in one way at a time. Every object is signed properly
// unless its signature is what is broken, and every failure has a sentence of its own.
#include "absl/time/civil_time.h"
#include "tests/trust/links.h"

namespace seinpost::trust {
namespace {

namespace pb = seinpost::v1;
using absl::StatusCode;
using test::TestNetwork;

// ---- certificate -> mandate

pb::Mandate GoodMandate() {
  pb::Mandate body;
  body.set_version(1);
  body.set_convenant_id("plaats");
  body.set_organisation("school");
  body.set_member_ref(Net().member("school/teamleider"));
  body.set_function("director");
  body.add_scopes("school-a");
  body.add_scopes("school-b");
  body.set_max_level(pb::LEVEL_L2);
  body.set_from(At(-kDay));
  body.set_until(At(kDay));
  body.set_mandate_id(Bytes(16, 'i'));
  return body;
}

Bytes SignMandate(const pb::Mandate& body, absl::string_view signer = "school",
                  const crypto::SigningKey& key = Net().issuer("school")) {
  return SignObject(pb::OBJECT_KIND_MANDATE, StrictSerialize(body), signer, key);
}

TEST(Mandate, IsTakenFromTheIssuer) {
  ExpectTaken(SignMandate(GoodMandate()), "as granted");
  pb::Mandate officer = GoodMandate();
  officer.set_function("privacy_officer");
  officer.clear_scopes();
  officer.add_scopes("*");
  ExpectTaken(SignMandate(officer), "privacy officer of any organisation");
}

TEST(Mandate, RefusesEveryBrokenField) {
  using B = pb::Mandate;
  const Broken<B> cases[] = {
      {"version", [](B& b) { b.set_version(3); }, StatusCode::kInvalidArgument, "version"},
      {"convenant", [](B& b) { b.set_convenant_id("ginds"); }, StatusCode::kInvalidArgument, "convenant_id"},
      {"strange organisation", [](B& b) { b.set_organisation("elders"); }, StatusCode::kPermissionDenied,
       "no party of the convenant"},
      {"unknown member", [](B& b) { b.set_member_ref(Bytes(16, 'x')); }, StatusCode::kNotFound,
       "no such member"},
      {"short member_ref", [](B& b) { b.set_member_ref("x"); }, StatusCode::kInvalidArgument, "member_ref"},
      {"member of another", [](B& b) { b.set_member_ref(Net().member("politie/wijkagent")); },
       StatusCode::kPermissionDenied, "member of another organisation"},
      {"no function", [](B& b) { b.clear_function(); }, StatusCode::kInvalidArgument, "function: empty"},
      {"function of another kind", [](B& b) { b.set_function("ward_officer"); }, StatusCode::kInvalidArgument,
       "declares no \"ward_officer\""},
      {"no scopes", [](B& b) { b.clear_scopes(); }, StatusCode::kInvalidArgument, "scopes: none"},
      {"unknown scope", [](B& b) { b.set_scopes(1, "school-c"); }, StatusCode::kInvalidArgument,
       "no scope \"school-c\""},
      {"empty scope", [](B& b) { b.set_scopes(0, ""); }, StatusCode::kInvalidArgument, "scopes: empty"},
      {"scopes unsorted", [](B& b) { b.mutable_scopes()->SwapElements(0, 1); }, StatusCode::kInvalidArgument,
       "scopes: not sorted"},
      {"scope twice", [](B& b) { b.set_scopes(1, "school-a"); }, StatusCode::kInvalidArgument,
       "scopes: not sorted"},
      {"too many scopes",
       [](B& b) {
         while (b.scopes_size() < 65) b.add_scopes("school-c");
       },
       StatusCode::kInvalidArgument, "more than 64"},
      {"no level", [](B& b) { b.clear_max_level(); }, StatusCode::kInvalidArgument, "max_level"},
      {"unknown level", [](B& b) { b.set_max_level(static_cast<pb::Level>(4)); },
       StatusCode::kInvalidArgument, "max_level"},
      {"no from", [](B& b) { b.clear_from(); }, StatusCode::kInvalidArgument, "from"},
      {"ends before it begins", [](B& b) { b.set_until(b.from()); }, StatusCode::kInvalidArgument,
       "not after from"},
      {"short id", [](B& b) { b.set_mandate_id("i"); }, StatusCode::kInvalidArgument, "mandate_id"},
      {"short deputy_for", [](B& b) { b.set_deputy_for("d"); }, StatusCode::kInvalidArgument, "deputy_for"},
      {"his own deputy", [](B& b) { b.set_deputy_for(b.member_ref()); }, StatusCode::kInvalidArgument,
       "deputy_for: the member himself"},
      {"deputy of nobody", [](B& b) { b.set_deputy_for(Bytes(16, 'x')); }, StatusCode::kNotFound,
       "deputy_for: no such member"},
      {"deputy of another organisation", [](B& b) { b.set_deputy_for(Net().member("politie/wijkagent")); },
       StatusCode::kPermissionDenied, "deputy_for: a member of another organisation"},
      {"id taken",
       [](B& b) {
         b.set_mandate_id(Net().directory().MandatesOf(Net().member("politie/wijkagent"))[0]->mandate_id);
       },
       StatusCode::kFailedPrecondition, "mandate_id: taken"},
  };
  for (const Broken<B>& c : cases) {
    B body = GoodMandate();
    c.spoil(body);
    ExpectRefused(SignMandate(body), c.code, c.text, c.name);
  }
}

TEST(Mandate, NamesWhomADeputyStandsInFor) {
  pb::Mandate deputy = GoodMandate();
  deputy.set_deputy_for(Net().member("school/zorgcoordinator"));
  Directory directory = Net().directory();
  ASSERT_TRUE(directory.Add(SignMandate(deputy), kNow).ok());
  EXPECT_EQ(directory.FindMandate(deputy.mandate_id())->deputy_for, Net().member("school/zorgcoordinator"));
  EXPECT_FALSE(Net().directory().MandatesOf(deputy.member_ref())[0]->deputy_for);
}

TEST(Mandate, RefusesEveryOtherSigner) {
  ExpectRefused(SignMandate(GoodMandate(), "school", Net().device("school/teamleider").key),
                StatusCode::kPermissionDenied, "does not fit the issuer", "the member himself");
  ExpectRefused(SignMandate(GoodMandate(), "politie", Net().issuer("politie")), StatusCode::kPermissionDenied,
                "another party than the organisation", "another organisation");
}

// ---- revocations

pb::Revocation GoodRevocation() {
  pb::Revocation body;
  body.set_version(1);
  body.set_organisation("school");
  body.set_number(1);
  body.set_device_id(Net().device("school/teamleider").id);
  body.set_time(At(absl::ZeroDuration()));
  return body;
}

Bytes SignRevocation(const pb::Revocation& body, const crypto::SigningKey& key = Net().issuer("school")) {
  return SignObject(pb::OBJECT_KIND_REVOCATION, StrictSerialize(body), body.organisation(), key);
}

TEST(Revocation, IsTakenFromTheIssuer) { ExpectTaken(SignRevocation(GoodRevocation()), "as it should be"); }

TEST(Revocation, RefusesEveryBrokenField) {
  using B = pb::Revocation;
  const Broken<B> cases[] = {
      {"version", [](B& b) { b.set_version(9); }, StatusCode::kInvalidArgument, "version"},
      {"gap", [](B& b) { b.set_number(2); }, StatusCode::kFailedPrecondition, "number: 2 where 1 is next"},
      {"zero", [](B& b) { b.set_number(0); }, StatusCode::kFailedPrecondition, "where 1 is next"},
      {"no subject", [](B& b) { b.clear_subject(); }, StatusCode::kInvalidArgument, "subject: none"},
      {"unknown device", [](B& b) { b.set_device_id(Bytes(16, 'x')); }, StatusCode::kNotFound,
       "no such device"},
      {"device of another", [](B& b) { b.set_device_id(Net().device("politie/wijkagent").id); },
       StatusCode::kPermissionDenied, "device of another organisation"},
      {"unknown mandate", [](B& b) { b.set_mandate_id(Bytes(16, 'x')); }, StatusCode::kNotFound,
       "no such mandate"},
      {"mandate of another",
       [](B& b) {
         b.set_mandate_id(Net().directory().MandatesOf(Net().member("politie/wijkagent"))[0]->mandate_id);
       },
       StatusCode::kPermissionDenied, "mandate of another organisation"},
      {"no time", [](B& b) { b.clear_time(); }, StatusCode::kInvalidArgument, "time"},
  };
  for (const Broken<B>& c : cases) {
    B body = GoodRevocation();
    c.spoil(body);
    ExpectRefused(SignRevocation(body), c.code, c.text, c.name);
  }
  ExpectRefused(SignRevocation(GoodRevocation(), Net().issuer("politie")), StatusCode::kPermissionDenied,
                "does not fit the issuer", "another issuer");
}

TEST(Revocation, HappensOnce) {
  Directory directory = Net().directory();
  ASSERT_TRUE(directory.Add(SignRevocation(GoodRevocation()), kNow).ok());
  pb::Revocation again = GoodRevocation();
  again.set_number(2);
  const absl::Status status = directory.Add(SignRevocation(again), kNow);
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(absl::StrContains(status.message(), "revoked already"));
}

// ---- certificate -> prekey

pb::Prekey GoodPrekey() {
  const auto& device = Net().device("school/teamleider");
  const absl::Duration cap = Net().convenant().FindRetention("naam")->cap;
  pb::Prekey body;
  body.set_version(1);
  body.set_suite_id(1);
  body.set_convenant_id("plaats");
  body.set_device_id(device.id);
  body.set_hpke_pk(
      ToBytes(crypto::HpkeKeyPair::FromSecret(TestNetwork::SecretNamed("new prekey")).public_key));
  body.set_retention_class("naam");
  body.set_seal_from(At(absl::ZeroDuration()));
  body.set_seal_until(At(30 * kDay));
  body.set_delete_after(At(30 * kDay + cap));
  return body;
}

Bytes SignPrekey(const pb::Prekey& body) {
  const auto& device = Net().device("school/teamleider");
  return SignObject(pb::OBJECT_KIND_PREKEY, StrictSerialize(body), ToHex(device.id), device.key);
}

TEST(Prekey, IsTakenFromItsDevice) { ExpectTaken(SignPrekey(GoodPrekey()), "as it should be"); }

// Stale or foreign prekey, of no use to anybody or to somebody else.
TEST(Prekey, RefusesEveryBrokenField) {
  using B = pb::Prekey;
  const PrekeyEntry* old = Net().directory().PrekeyFor(Net().device("school/teamleider").id, "naam", kNow);
  const Broken<B> cases[] = {
      {"version", [](B& b) { b.set_version(0); }, StatusCode::kInvalidArgument, "version"},
      {"suite", [](B& b) { b.set_suite_id(2); }, StatusCode::kInvalidArgument, "suite_id"},
      {"convenant", [](B& b) { b.set_convenant_id("ginds"); }, StatusCode::kInvalidArgument, "convenant_id"},
      {"unknown device", [](B& b) { b.set_device_id(Bytes(16, 'x')); }, StatusCode::kNotFound,
       "no such device"},
      {"another device", [](B& b) { b.set_device_id(Net().device("politie/wijkagent").id); },
       StatusCode::kPermissionDenied, "signer is another device"},
      {"short key", [](B& b) { b.set_hpke_pk("k"); }, StatusCode::kInvalidArgument, "hpke_pk"},
      {"zero key", [](B& b) { b.set_hpke_pk(Bytes(32, '\0')); }, StatusCode::kInvalidArgument, "low order"},
      {"key one", [](B& b) { b.set_hpke_pk("\x01" + Bytes(31, '\0')); }, StatusCode::kInvalidArgument,
       "low order"},
      {"key of order 8",
       [](B& b) {
         b.set_hpke_pk(FromHex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800").value());
       },
       StatusCode::kInvalidArgument, "low order"},
      {"key p-1 ",
       [](B& b) {
         b.set_hpke_pk(FromHex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f").value());
       },
       StatusCode::kInvalidArgument, "low order"},
      {"no class", [](B& b) { b.clear_retention_class(); }, StatusCode::kInvalidArgument,
       "retention_class: empty"},
      {"unknown class", [](B& b) { b.set_retention_class("eeuwig"); }, StatusCode::kInvalidArgument,
       "no such class"},
      {"window too long", [](B& b) { b.set_seal_until(b.seal_from() + 62 * 86400 + 1); },
       StatusCode::kInvalidArgument, "62 days"},
      {"window inside out", [](B& b) { b.set_seal_until(b.seal_from()); }, StatusCode::kInvalidArgument,
       "not after seal_from"},
      {"kept too long", [](B& b) { b.set_delete_after(b.delete_after() + 1); }, StatusCode::kInvalidArgument,
       "delete_after"},
      {"kept too short", [](B& b) { b.set_delete_after(b.delete_after() - 1); }, StatusCode::kInvalidArgument,
       "delete_after"},
      {"for one signal only", [](B& b) { b.set_header_hash(Bytes(32, 'h')); }, StatusCode::kInvalidArgument,
       "header_hash"},
      {"past",
       [](B& b) {
         b.set_seal_from(b.seal_from() - 60 * 86400);
         b.set_seal_until(b.seal_until() - 60 * 86400);
         b.set_delete_after(b.delete_after() - 60 * 86400);
       },
       StatusCode::kFailedPrecondition, "seal_until: past"},
      {"same key again", [old](B& b) { b.set_hpke_pk(old->hpke_pk); }, StatusCode::kFailedPrecondition,
       "hpke_pk: used before"},
      {"same month again", [old](B& b) { b.set_seal_from(absl::ToUnixSeconds(old->seal_from)); },
       StatusCode::kFailedPrecondition, "has a prekey of this class"},
  };
  for (const Broken<B>& c : cases) {
    B body = GoodPrekey();
    c.spoil(body);
    ExpectRefused(SignPrekey(body), c.code, c.text, c.name);
  }
}

// Brokers take in one; whoever is shown more by another broker walks through so many and no more.
TEST(MemberPrekeys, NoDirectoryHoldsMoreThanSoManyOfOneMonth) {
  Directory directory = Net().directory();
  const auto add = [&](size_t i, absl::Duration later) {
    pb::Prekey body = GoodPrekey();
    const absl::Duration cap = Net().convenant().FindRetention("naam")->cap;
    const absl::Time from =
        absl::FromCivil(absl::ToCivilMonth(kNow, absl::UTCTimeZone()) + 8, absl::UTCTimeZone()) + later +
        static_cast<int64_t>(i) * absl::Seconds(1);
    body.set_hpke_pk(ToBytes(crypto::HpkeKeyPair::FromSecret(TestNetwork::SecretNamed(absl::StrCat(
                                                                 "month ", i, absl::FormatDuration(later))))
                                 .public_key));
    body.set_seal_from(absl::ToUnixSeconds(from));
    body.set_seal_until(absl::ToUnixSeconds(from + 30 * kDay));
    body.set_delete_after(absl::ToUnixSeconds(from + 30 * kDay + cap));
    return directory.Add(SignPrekey(body), kNow);
  };
  for (size_t i = 0; i < kMaxPrekeysPerMonth; ++i) ASSERT_TRUE(add(i, absl::ZeroDuration()).ok()) << i;
  const absl::Status refused = add(kMaxPrekeysPerMonth, absl::ZeroDuration());
  EXPECT_EQ(refused.code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(absl::StrContains(refused.message(), "that month")) << refused;
  EXPECT_TRUE(add(0, 31 * kDay).ok()) << "another month";
  const PrekeyEntry* found = directory.PrekeyFor(
      Net().device("school/teamleider").id, "naam",
      absl::FromCivil(absl::ToCivilMonth(kNow, absl::UTCTimeZone()) + 8, absl::UTCTimeZone()) + kDay);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->seq, Net().directory().size() + kMaxPrekeysPerMonth - 1) << "the latest to begin";
}

TEST(Prekey, RefusesEveryOtherSigner) {
  const auto& device = Net().device("school/teamleider");
  const Bytes body = StrictSerialize(GoodPrekey());
  ExpectRefused(SignObject(pb::OBJECT_KIND_PREKEY, body, ToHex(device.id), Net().issuer("school")),
                StatusCode::kPermissionDenied, "does not fit its device", "the issuer");
  ExpectRefused(SignObject(pb::OBJECT_KIND_PREKEY, body, "school", device.key), StatusCode::kPermissionDenied,
                "signer is another device", "under the name of the organisation");
}

TEST(Prekey, RefusesADeviceThatIsRevokedOrExpired) {
  Directory directory = Net().directory();
  ASSERT_TRUE(directory.Add(Net().RevokeDeviceObject(Net().device("school/teamleider")), kNow).ok());
  const absl::Status status = directory.Add(SignPrekey(GoodPrekey()), kNow);
  EXPECT_EQ(status.code(), StatusCode::kPermissionDenied);
  EXPECT_TRUE(absl::StrContains(status.message(), "is revoked"));
  EXPECT_EQ(directory.Add(SignPrekey(GoodPrekey()), absl::InfinitePast()).code(),
            StatusCode::kPermissionDenied);
  ExpectRefused(SignPrekey(GoodPrekey()), StatusCode::kPermissionDenied, "not valid now", "expired device",
                kNow + 365 * kDay);
}

}  // namespace
}  // namespace seinpost::trust
