// SPDX-License-Identifier: EUPL-1.2
// How devices come in and go: requests, codes, deputies, lost devices, passphrases.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <set>

#include "client/device/commands.h"
#include "client/org/commands.h"
#include "client/org/device_request.h"
#include "client/org/store.h"
#include "client/profile/profile.h"
#include "client/terminal/fingerprint.h"
#include "tests/client/ceremony_testing.h"
#include "tests/testing/worked.h"

namespace seinpost::client {
namespace {

using testing::HasSubstr;

trust::SignedDeviceRequest RequestOf(absl::string_view organisation, absl::string_view handle) {
  return trust::MakeDeviceRequest(organisation, handle, absl::FromUnixSeconds(1'795'000'000),
                                  crypto::SigningKey::Generate());
}

TEST(DeviceCode, IsTwelveCharactersOfCrockfordsAlphabet) {
  std::set<std::string> codes;
  for (int i = 0; i < 200; ++i) {
    const std::string code = DeviceCode(RequestOf("politie", "wijkagent"));
    ASSERT_EQ(code.size(), 14u);
    for (size_t at = 0; at < code.size(); ++at) {
      if (at == 4 || at == 9) {
        EXPECT_EQ(code[at], '-');
      } else {
        EXPECT_NE(absl::string_view("0123456789ABCDEFGHJKMNPQRSTVWXYZ").find(code[at]),
                  absl::string_view::npos)
            << code;
      }
    }
    codes.insert(code);
  }
  EXPECT_EQ(codes.size(), 200u);
}

TEST(DeviceCode, IsReadAsPeopleReadIt) {
  const std::string code = "01AB-CDEF-GHJK";
  for (const char* typed : {"01AB-CDEF-GHJK", "01abcdefghjk", "OIab cdef ghjk", " oLAB CDEF-GHJK "}) {
    EXPECT_TRUE(IsDeviceCode(typed, code)) << typed;
  }
  for (const char* typed : {"", "01AB-CDEF-GHJ", "01AB-CDEF-GHJKK", "01AB-CDEF-GHJM", "01AB"}) {
    EXPECT_FALSE(IsDeviceCode(typed, code)) << typed;
  }
}

class DeviceEnrolTest : public CeremonyTest {
 protected:
  DeviceEnrolTest() {
    EXPECT_TRUE(Draft().ok());
    Context context = bench_.context();
    OrgIssuerArgs args;
    args.dir = Keys("politie");
    EXPECT_TRUE(OrgIssuer(context, args).ok());
    EXPECT_TRUE(OrgStore::Open(Keys("politie"))->SetBroker("plaats", "", "").ok());
    bench_.Printed();
  }
  std::string WriteRequest(const std::string& name, const trust::SignedDeviceRequest& request) {
    return directory_.Write(name, EncodeDeviceRequest(request));
  }
  absl::Status Issue(const std::string& file, const std::string& code, bool add_device = false) {
    Context context = bench_.context();
    DeviceIssueArgs args;
    args.dir = Keys("politie");
    args.request_file = file;
    args.code = code;
    args.add_device = add_device;
    return DeviceIssue(context, args);
  }
  // A device of politie/HANDLE; its id.
  std::string Certify(const std::string& handle, bool add_device = false) {
    const trust::SignedDeviceRequest request = RequestOf("politie", handle);
    EXPECT_TRUE(Issue(WriteRequest("request", request), DeviceCode(request), add_device).ok());
    return bench_.Printed()["device_id"];
  }
  absl::Status Grant(OrgGrantArgs args) {
    Context context = bench_.context();
    args.dir = Keys("politie");
    return OrgGrant(context, args);
  }
  DeviceRequestArgs Request(const std::string& handle) const {
    DeviceRequestArgs args;
    args.organisation = "politie";
    args.handle = handle;
    args.convenant_file = Path("v1.yaml");
    args.broker = "127.0.0.1:1";
    args.tls_ca = Path("passphrase");
    return args;
  }
  absl::Status Ask(const std::string& profile, const DeviceRequestArgs& args) {
    Context context = bench_.context();
    context.profile_dir = Path(profile);
    return DeviceRequest(context, args);
  }
};

TEST_F(DeviceEnrolTest, RequestPrintsTheCodeThatIssueAsksFor) {
  ASSERT_TRUE(Ask("profile", Request("wijkagent")).ok());
  const ParsedJson asked = bench_.Printed();
  EXPECT_EQ(asked["request"], Path("profile") + "/request.json");
  EXPECT_EQ(ExitCodeOf(Issue(asked["request"], "0000-0000-0000")), kTampered);
  EXPECT_EQ(ExitCodeOf(Issue(asked["request"], "")), kUsage);  // nobody can be asked here
  EXPECT_TRUE(OrgStore::Open(Keys("politie"))->data().devices.empty());
  bench_.Printed();
  ASSERT_TRUE(Issue(asked["request"], asked["code"]).ok());
  const ParsedJson issued = bench_.Printed();
  EXPECT_EQ(issued["device_id"], asked["device_id"]);
  EXPECT_EQ(issued["added"], false);
}

TEST_F(DeviceEnrolTest, AnotherRequestUnderTheSameCodeIsRefused) {
  const trust::SignedDeviceRequest mine = RequestOf("politie", "wijkagent");
  const std::string swapped = WriteRequest("swapped", RequestOf("politie", "wijkagent"));
  const absl::Status status = Issue(swapped, DeviceCode(mine));
  EXPECT_EQ(ExitCodeOf(status), kTampered);
  EXPECT_THAT(std::string(status.message()), HasSubstr("altered on its way"));
}

TEST_F(DeviceEnrolTest, SecondDeviceIsNoAccident) {
  Certify("wijkagent");
  const trust::SignedDeviceRequest second = RequestOf("politie", "wijkagent");
  const std::string file = WriteRequest("second", second);
  const absl::Status refused = Issue(file, DeviceCode(second));
  EXPECT_EQ(ExitCodeOf(refused), kUsage);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("politie/wijkagent"));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("--add-device"));
  ASSERT_TRUE(Issue(file, DeviceCode(second), /*add_device=*/true).ok());
  const ParsedJson issued = bench_.Printed();
  EXPECT_EQ(issued["member"], "politie/wijkagent");
  EXPECT_EQ(issued["added"], true);
  const OrgData data = OrgStore::Open(Keys("politie"))->data();
  EXPECT_EQ(data.members.size(), 1u);
  EXPECT_EQ(data.devices.size(), 2u);
  const trust::SignedDeviceRequest nobody = RequestOf("politie", "recherche");
  EXPECT_EQ(ExitCodeOf(Issue(WriteRequest("nobody", nobody), DeviceCode(nobody), true)), kUsage);
}

TEST_F(DeviceEnrolTest, RequestThatFailsLeavesNothingBehind) {
  struct Case {
    const char* what;
    std::function<void(DeviceRequestArgs&)> spoil;
    ExitCode code;
  };
  const std::string ill = directory_.Write("ill.json", "{}");
  const Case cases[] = {
      {"handle", [](auto& args) { args.handle = "Jan Jansen"; }, kUsage},
      {"party", [](auto& args) { args.organisation = "nobody"; }, kUsage},
      {"example", [](auto& args) { args.convenant_file = kExample; }, kUsage},
      {"fingerprint", [](auto& args) { args.fingerprint = "ab12 cd34"; }, kTampered},
      {"other fingerprint", [](auto& args) { args.fingerprint = Fingerprint("another file"); }, kTampered},
      {"certificate authority", [](auto& args) { args.tls_ca = "/nonexistent"; }, kUsage},
      {"request file", [](auto& args) { args.out = "/nonexistent/request"; }, kUsage},
      {"no broker", [](auto& args) { args.broker = ""; }, kUsage},
      {"invitation and flags", [&](auto& args) { args.invite = ill; }, kUsage},
      {"no invitation", [&](auto& args) { args = {.invite = ill, .handle = "wijkagent"}; }, kUsage},
  };
  for (const Case& one : cases) {
    DeviceRequestArgs args = Request("wijkagent");
    one.spoil(args);
    const absl::Status status = Ask("profile", args);
    EXPECT_EQ(ExitCodeOf(status), one.code) << one.what << ": " << status;
    EXPECT_FALSE(std::filesystem::exists(Path("profile"))) << one.what;
  }
  DeviceRequestArgs good = Request("wijkagent");
  good.fingerprint = Fingerprint(ReadWholeFile(Path("v1.yaml")));
  EXPECT_TRUE(Ask("profile", good).ok());
  // A profile that is there is left alone.
  const std::string sealed = ReadWholeFile(Path("profile/profile.sealed"));
  EXPECT_FALSE(Ask("profile", good).ok());
  EXPECT_EQ(ReadWholeFile(Path("profile/profile.sealed")), sealed);
}

TEST_F(DeviceEnrolTest, LostDeviceIsRevokedAndWhatFollowsIsSaid) {
  const std::string device = Certify("wijkagent");
  Context context = bench_.context();
  DeviceRevokeArgs args;
  args.dir = Keys("politie");
  args.device = device;
  ASSERT_TRUE(DeviceLost(context, args).ok());
  const ParsedJson printed = bench_.Printed();
  EXPECT_EQ(printed["member"], "politie/wijkagent");
  EXPECT_THAT(printed["next"].dump(), HasSubstr("exposure"));
  EXPECT_THAT(printed["next"].dump(), HasSubstr("restore"));
  EXPECT_THAT(printed["next"].dump(), HasSubstr(device));
  EXPECT_TRUE(OrgStore::Open(Keys("politie"))->data().devices[0].revoked);
  EXPECT_TRUE(DeviceLost(context, args).ok()) << "nobody was there to publish it: it waits";
  args.device = std::string(32, '0');
  EXPECT_EQ(ExitCodeOf(DeviceLost(context, args)), kUsage);
  args.device = "mine";
  EXPECT_EQ(ExitCodeOf(DeviceLost(context, args)), kUsage);
}

TEST_F(DeviceEnrolTest, DeputyGetsTheSameMandatesAsHisOwnForNoLonger) {
  Certify("wijkagent");
  Certify("vervanger");
  const auto grant = [&](const std::string& function, const std::string& school, const std::string& until) {
    OrgGrantArgs args;
    args.member = "wijkagent";
    args.function = function;
    args.scopes = {school};
    args.level = "L2";
    args.until = until;
    ASSERT_TRUE(Grant(args).ok());
    bench_.Printed();
  };
  grant("ward_officer", "school-a", "2027-06-30");
  grant("ward_officer", "school-b", "2027-06-30");
  grant("youth_officer", "school-a", "2026-12-31");
  OrgGrantArgs deputy;
  deputy.member = "vervanger";
  deputy.deputy_for = "wijkagent";
  deputy.function = "ward_officer";
  deputy.from = "2026-12-01";
  deputy.until = "2027-01-15";
  ASSERT_TRUE(Grant(deputy).ok());
  const ParsedJson printed = bench_.Printed();
  ASSERT_EQ(printed["mandates"].size(), 2u);
  const OrgData data = OrgStore::Open(Keys("politie"))->data();
  for (size_t i = 3; i < 5; ++i) {
    EXPECT_EQ(data.mandates[i].handle, "vervanger");
    EXPECT_EQ(data.mandates[i].deputy_for, "wijkagent");
    EXPECT_EQ(data.mandates[i].function, data.mandates[i - 3].function);
    EXPECT_EQ(data.mandates[i].scopes, data.mandates[i - 3].scopes);
    EXPECT_EQ(data.mandates[i].max_level, data.mandates[i - 3].max_level);
    EXPECT_EQ(FormatUtc(data.mandates[i].until), "2027-01-15T00:00:00Z");
  }
  v1::Mandate body;
  ASSERT_TRUE(body.ParseFromString(trust::ParseSignedObject(data.pending.back())->body()));
  EXPECT_EQ(body.member_ref(), data.FindMember("vervanger")->ref);
  EXPECT_EQ(body.deputy_for(), data.FindMember("wijkagent")->ref);
}

TEST_F(DeviceEnrolTest, DeputyIsRefusedWhatNobodyHas) {
  Certify("wijkagent");
  Certify("vervanger");
  OrgGrantArgs own;
  own.member = "wijkagent";
  own.function = "ward_officer";
  own.scopes = {"school-a"};
  own.level = "L2";
  own.until = "2026-12-31";
  ASSERT_TRUE(Grant(own).ok());
  const auto refused = [&](const std::function<void(OrgGrantArgs&)>& change) {
    OrgGrantArgs args;
    args.member = "vervanger";
    args.deputy_for = "wijkagent";
    change(args);
    EXPECT_EQ(ExitCodeOf(Grant(args)), kUsage);
    EXPECT_EQ(OrgStore::Open(Keys("politie"))->data().mandates.size(), 1u);
  };
  refused([](OrgGrantArgs& args) { args.until = "2027-01-01"; });  // longer than who he stands in for
  refused([](OrgGrantArgs& args) { args.level = "L1"; });
  refused([](OrgGrantArgs& args) { args.scopes = {"school-b"}; });
  refused([](OrgGrantArgs& args) { args.function = "youth_officer"; });
  refused([](OrgGrantArgs& args) { args.deputy_for = "nobody"; });
  refused([](OrgGrantArgs& args) { args.deputy_for = "vervanger"; });
  refused([](OrgGrantArgs& args) { args.member = "wijkagent", args.deputy_for = "vervanger"; });
  refused([](OrgGrantArgs& args) { args.from = "2026-12-31"; });
  bench_.clock.Advance(absl::Hours(24 * 60));
  refused([](OrgGrantArgs&) {});  // over by now
}

TEST_F(DeviceEnrolTest, PassphraseOfBeforeNoLongerOpens) {
  ASSERT_TRUE(Ask("profile", Request("wijkagent")).ok());
  Context context = bench_.context();
  context.profile_dir = Path("profile");
  EXPECT_EQ(ExitCodeOf(DevicePassphrase(context, {""})), kUsage);  // nobody can be asked
  ASSERT_TRUE(DevicePassphrase(context, {directory_.Write("new", "battery staple\n")}).ok());
  EXPECT_EQ(Profile::Open(Path("profile"), kOrgPassphrase).status().code(),
            absl::StatusCode::kUnauthenticated);
  EXPECT_TRUE(Profile::Open(Path("profile"), "battery staple").ok());
  EXPECT_FALSE(DevicePassphrase(context, {Path("new")}).ok());  // the context still has the old one
}

TEST_F(DeviceEnrolTest, CrashWhilePassphraseChangesLeavesOneThatOpens) {
  ASSERT_TRUE(Ask("profile", Request("wijkagent")).ok());
  Context context = bench_.context();
  context.profile_dir = Path("profile");
  const std::string with_new = directory_.Write("new", "battery staple\n");
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    // The system ends it in the middle of the first file that it writes.
    rlimit limit{64, 64};
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) _exit(1);
    std::signal(SIGXFSZ, SIG_DFL);
    const absl::Status changed = DevicePassphrase(context, {with_new});
    _exit(changed.ok() ? 2 : 3);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status)) << status;
  EXPECT_TRUE(Profile::Open(Path("profile"), kOrgPassphrase).ok());
  EXPECT_FALSE(Profile::Open(Path("profile"), "battery staple").ok());
  // And it can be changed after all.
  ASSERT_TRUE(DevicePassphrase(context, {with_new}).ok());
  EXPECT_TRUE(Profile::Open(Path("profile"), "battery staple").ok());
}

TEST(DeviceRequestDocument, ShowsTheCodeOfItsExample) {
  const auto seed = crypto::Secret<32>::FromBytes(Bytes(32, 'd')).value();
  const trust::SignedDeviceRequest request = trust::MakeDeviceRequest(
      "school", "zorgcoordinator", absl::FromUnixSeconds(1767225600), crypto::SigningKey::FromSeed(seed));
  test::ExpectWorked("docs/formats/device_request.md", {{"request", request.request}});
  EXPECT_THAT(ReadWholeFile("docs/formats/device_request.md"), HasSubstr(DeviceCode(request)));
}

}  // namespace
}  // namespace seinpost::client
