// SPDX-License-Identifier: EUPL-1.2
#include "client/org/invitation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/org/commands.h"
#include "client/org/store.h"
#include "client/terminal/fingerprint.h"
#include "tests/client/ceremony_testing.h"

namespace seinpost::client {
namespace {

Invitation Example() {
  Invitation invitation;
  invitation.organisation = "politie";
  invitation.convenant = "plaats";
  invitation.version = 2;
  invitation.hash.fill(0x02);
  invitation.broker = "broker.example:7443";
  invitation.tls_ca_pem = "PEM";
  invitation.fingerprints = {{"gemeente", "ab12 cd34"}, {"politie", "ef56"}};
  return invitation;
}

TEST(Invitation, ReadsBackAndRefusesDamage) {
  const std::string text = EncodeInvitation(Example());
  EXPECT_EQ(EncodeInvitation(DecodeInvitation(text).value()), text);
  for (const char* name :
       {"format", "organisation", "convenant", "version", "hash", "broker", "tls_ca", "fingerprints"}) {
    const std::string other = Replaced(text, absl::StrCat("\"", name, "\""), "\"x\"");
    EXPECT_EQ(DecodeInvitation(other).status().code(), absl::StatusCode::kInvalidArgument) << name;
  }
  for (const auto& [before, after] : std::initializer_list<std::pair<const char*, const char*>>{
           {"\"version\": 2", "\"version\": 0"},
           {"\"version\": 2", "\"version\": -2"},
           {"\"version\": 2", "\"version\": 4294967296"},
           {"0202", "02"},
           {"\"politie\",", "\"\","},
           {"seinpost-invitation/1", "seinpost-invitation/2"},
           {"\"ef56\"", "56"}}) {
    EXPECT_FALSE(DecodeInvitation(Replaced(text, before, after)).ok()) << before;
  }
  EXPECT_FALSE(DecodeInvitation("").ok());
  EXPECT_FALSE(DecodeInvitation("[]").ok());
}

TEST(Invitation, FingerprintIsComparedAsPeopleTypeIt) {
  const std::string fingerprint = Fingerprint(Bytes(32, '\0'));
  std::string typed = fingerprint;
  EXPECT_TRUE(IsFingerprint(typed, fingerprint));
  for (char& c : typed) c = c == ' ' ? ':' : static_cast<char>(toupper(c));
  EXPECT_TRUE(IsFingerprint(typed, fingerprint));
  EXPECT_FALSE(IsFingerprint(fingerprint.substr(0, 30), fingerprint));  // a part of it is not enough
  EXPECT_FALSE(IsFingerprint("", fingerprint));
  typed.back() = typed.back() == '0' ? '1' : '0';
  EXPECT_FALSE(IsFingerprint(typed, fingerprint));
}

class OrgInviteTest : public CeremonyTest {
 protected:
  OrgInviteTest() {
    MakeFirst();
    ca_ = directory_.Write("ca.pem", "PEM");
  }
  absl::Status Invite(const std::string& broker, const std::string& convenant_file) {
    Context context = bench_.context();
    OrgInviteArgs args;
    args.dir = Keys("politie");
    args.broker = broker;
    args.tls_ca = broker.empty() ? "" : ca_;
    args.convenant_file = convenant_file;
    args.out = Path("invitation.json");
    return OrgInvite(context, args);
  }
  std::string ca_;
};

TEST_F(OrgInviteTest, NamesConvenantBrokerAndFingerprints) {
  ASSERT_TRUE(Invite("127.0.0.1:7443", Path("v1.yaml")).ok());
  const ParsedJson printed = bench_.Printed();
  const Invitation invitation = DecodeInvitation(ReadWholeFile(Path("invitation.json"))).value();
  EXPECT_EQ(invitation.organisation, "politie");
  EXPECT_EQ(invitation.convenant, "plaats");
  EXPECT_EQ(invitation.version, 1u);
  EXPECT_EQ(invitation.broker, "127.0.0.1:7443");
  EXPECT_EQ(invitation.tls_ca_pem, "PEM");
  EXPECT_EQ(invitation.fingerprints.size(), parties_.size());
  EXPECT_EQ(invitation.fingerprints.at("politie"), Fingerprint(View(roots_.at("politie").public_key())));
  EXPECT_EQ(printed["convenant_fingerprint"], GroupedHex(invitation.hash));
}

TEST_F(OrgInviteTest, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(ExitCodeOf(Invite("", Path("v1.yaml"))), kUsage);
  EXPECT_EQ(ExitCodeOf(Invite("127.0.0.1:1", "")), kUnreachable);
  EXPECT_EQ(ExitCodeOf(Invite("127.0.0.1:1", kExample)), kUsage);
  EXPECT_EQ(ExitCodeOf(Invite("127.0.0.1:1", Path("nowhere"))), kUsage);
}

}  // namespace
}  // namespace seinpost::client
