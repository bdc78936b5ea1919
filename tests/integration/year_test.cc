// SPDX-License-Identifier: EUPL-1.2
// A year in the life of one broker and the devices of its members, with the real programs, but for the clock
// they live by: months away, a new log key, a restore, an epoch, a colleague who leaves and one who comes, a
// device lost and one put back, two weeks without power. Nothing that was acknowledged is lost in silence,
// every export ever made verifies, and what has expired cannot be read at the broker. Takes two minutes for
// that.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>

#include "crypto/password_file.h"
#include "storage/store.h"
#include "tests/integration/site.h"
#include "util/secure_file.h"

namespace seinpost::test {
namespace {

using testing::AnyOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;
using testing::SizeIs;

constexpr char kOperations[] = "docs/operations.md";
constexpr absl::Duration kDay = absl::Hours(24);
constexpr absl::Duration kStep = absl::Hours(40);  // less than what the broker takes for a jump
constexpr int kLooks = 20'000;                     // at metrics, each some milliseconds
constexpr char kThere[] = " --broker $BROKER --tls-ca $CA";
constexpr char kWardOfficer[] = "politie/wijkagent";

class Year : public testing::Test {
 protected:
  struct Sent {
    std::string id, text;
  };

  void SetUp() override {
    std::string yaml = site_.Read("agreed.yaml");
    const std::string kept = "{after_close: 6 months, cap: 12 months}";
    yaml.replace(yaml.find(kept), kept.size(), "{after_close: 1 months, cap: 3 months}");
    site_.Write("agreed.yaml", yaml);
    site_.MakeFirstVersion(Site::How::kQuick);
    site_.StopBroker();
    site_.Write("broker.yaml", site_.Read("broker.yaml") + "limits:\n  log_months: 3\n");
    site_.StartBroker();
    Must(
        "seinpost --convenant voorbeeld org issuer --org keys/school --root keys/bestuur --broker $BROKER "
        "--tls-ca $CA");
    site_.Set("FIRST_KEY",
              Json::parse(site_.Read("broker.json"))["log_keys"]["voorbeeld"].get<std::string>());
  }

  Ran Must(const std::string& line) {
    Ran ran = site_.Line(line);
    EXPECT_EQ(ran.code, 0) << "day " << day_ << ": " << line << "\n" << ran.out << ran.err;
    return ran;
  }
  Ran As(const std::string& profile, const std::string& arguments) {
    return site_.Line("seinpost --json --lang en --profile " + profile + " " + arguments);
  }
  Json MustAs(const std::string& profile, const std::string& arguments) {
    return Must("seinpost --json --lang en --profile " + profile + " " + arguments).json();
  }
  // A device, in a profile of that name.
  void Enrol(const std::string& party, const std::string& profile, const std::string& handle,
             const std::string& how = "") {
    Must("seinpost org invite --org keys/" + party + " --out " + party + ".json" + kThere);
    Must("seinpost --profile " + profile + " device request --invite " + party + ".json --handle " + handle);
    SealWeakly(profile);
    site_.SetCode(profile + "/request.json");
    Must("seinpost device issue " + profile + "/request.json --org keys/" + party + " --code \"$CODE\"" +
         how + kThere);
    profiles_.insert(profile);
  }
  void Join(const std::string& party, const std::string& profile, const std::string& handle,
            const std::string& mandate) {
    Enrol(party, profile, handle);
    Must("seinpost org grant --org keys/" + party + " --member " + handle + " " + mandate + kThere);
  }
  void End(const std::string& party, const std::string& handle) {
    const Json mandates = Must("seinpost --json org mandates --org keys/" + party).json();
    for (const Json& mandate : mandates) {
      if (mandate["member"] != party + "/" + handle) continue;
      Must("seinpost org end " + mandate["mandate_id"].get<std::string>() + " --org keys/" + party + kThere);
    }
  }
  void Leave(const std::string& profile) { profiles_.erase(profile); }
  std::string DeviceOf(const std::string& profile) { return MustAs(profile, "whoami")["device_id"]; }
  // A profile whose passphrase costs less at each command: this is about something else.
  void SealWeakly(const std::string& profile) {
    const std::string path = site_.Path(profile + "/profile.sealed");
    const auto content = crypto::OpenWithPassphrase(kSitePassphrase, ReadWholeFile(path));
    ASSERT_TRUE(content.ok()) << content.status();
    const auto sealed = crypto::SealWithPassphrase(kSitePassphrase, content->ExposeSecretView(),
                                                   crypto::PassphraseStrength::kInteractive);
    ASSERT_TRUE(sealed.ok()) << sealed.status();
    ASSERT_TRUE(WriteFileAtomically(path, *sealed).ok());
  }
  // The broker is somewhere else since it was started again.
  void Follow(const std::string& profile) {
    Must("seinpost --profile " + profile + " profile set-broker $BROKER --ca $CA");
  }
  void FollowAll() {
    for (const std::string& profile : profiles_) {
      if (away_.count(profile) == 0) Follow(profile);
    }
  }
  // As docs/operations.md says.
  void RestoreAndGoOn() {
    site_.StopBroker();
    std::filesystem::remove_all(site_.Path("data"));
    Must("seinpostd restore --config broker.yaml --from copies --keys-from copied-keys");
    site_.Run("lost-tail-key", kOperations);
    site_.Run("lost-tail-check", kOperations);
    EXPECT_TRUE(Json::parse(site_.Read("check.json"))["lost"].is_object()) << site_.Read("check.json");
    site_.StartBroker();
    site_.Run("lost-tail-epoch", kOperations);
    FollowAll();
  }

  double Gauge(const std::string& name) {
    const std::string all = site_
                                .Line(
                                    "bash -c 'exec 3<>/dev/tcp/${METRICS/://}; printf \"GET /metrics "
                                    "HTTP/1.0\\r\\n\\r\\n\" >&3; cat <&3'")
                                .out;
    const size_t at = all.find("\n" + name + " ");
    return at == std::string::npos ? -1 : std::stod(all.substr(at + name.size() + 2));
  }
  // Until the broker has done what is due by its clock, or destroys nothing for fear of it.
  enum Awaited { kDone, kHeld };
  void AwaitRetention(Awaited awaited = kDone) {
    const double until = static_cast<double>(absl::ToUnixSeconds(site_.clock().Now())) - 600;
    for (int look = 0; look < kLooks; ++look) {
      if (awaited == kHeld ? Gauge("seinpost_retention_held") == 1
                           : Gauge("seinpost_retention_done_seconds") >= until)
        return;
    }
    FAIL() << "day " << day_ << ": " << site_.Read("broker.log");
  }
  // The broker lives on until that day.
  void GoTo(int day) {
    while (day_ < day) {
      const absl::Duration to = std::min(site_.clock().ahead() + kStep, day * kDay);
      site_.clock().SetAhead(to);
      day_ = static_cast<int>(to / kDay);
      AwaitRetention();
    }
  }

  // The same, and everybody who is there looks in.
  void Month(int day) {
    GoTo(day);
    for (const std::string& profile : profiles_) {
      if (away_.count(profile) == 0) MustAs(profile, "status");
    }
    Export();
  }

  static std::string SendArguments(const std::string& to, const std::string& text) {
    return "signal send --channel case@school-a --level L1 --category wapen --purpose veiligheid --to " + to +
           " --text '" + text + "'";
  }
  Sent Send(const std::string& profile, const std::string& to, const std::string& text) {
    const Json sent = MustAs(profile, SendArguments(to, text));
    EXPECT_TRUE(sent["receipt"].is_object()) << sent;
    EXPECT_THAT(sent["unreached"], IsEmpty()) << sent;
    to_be_read_.insert(sent.value("signal_id", ""));
    return {sent.value("signal_id", ""), text};
  }
  void ExpectReads(const std::string& profile, const Sent& sent) {
    const Json opened = MustAs(profile, "signal open " + sent.id);
    ASSERT_THAT(opened["parts"], SizeIs(1)) << "day " << day_ << ": " << sent.text << opened;
    EXPECT_EQ(opened["parts"][0]["text"], sent.text);
    to_be_read_.erase(sent.id);
  }
  // The device has destroyed it, or the broker refuses it as expired.
  void ExpectGone(const std::string& profile, const Sent& sent) {
    const Ran ran = As(profile, "signal open " + sent.id);
    EXPECT_NE(ran.code, 0) << "day " << day_ << ": " << sent.text;
    EXPECT_THAT(ran.out, AnyOf(HasSubstr("EXPIRED"), HasSubstr("NOT_FOUND")));
    EXPECT_THAT(ran.out + ran.err, Not(HasSubstr(sent.text)));
  }
  std::set<std::string> Listed(const std::string& profile) {
    std::set<std::string> ids;
    const Json list = MustAs(profile, "signal list");
    for (const Json& row : list) ids.insert(row["signal_id"].get<std::string>());
    return ids;
  }

  // What a member still has to do about signals he sent.
  std::map<std::string, std::string> Duties(const std::string& profile) {
    std::map<std::string, std::string> duties;
    const Json status = MustAs(profile, "status");
    for (const Json& duty : status["duties"]) duties[duty["signal_id"]] = duty["kind"];
    return duties;
  }

  void Export() {
    const std::string file = "export-" + std::to_string(exports_.size()) + ".jsonl";
    MustAs("officer", "audit export " + file);
    exports_.push_back(file);
  }
  void ExpectExportsVerify() {
    for (const std::string& file : exports_) {
      for (const std::string pin : {"", " --convenant-file v1.yaml", " --log-key $FIRST_KEY"}) {
        const Json report = Must("seinpost --json audit verify " + file + pin).json();
        EXPECT_EQ(report["ok"], true) << file << pin << report;
      }
    }
  }

  // Some bytes out of each ciphertext and each wrap in a copy of the database.
  std::vector<Bytes> SealedBytes(const std::string& copy) {
    std::vector<Bytes> samples;
    const auto store = Store::OpenForReading(copy);
    EXPECT_TRUE(store.ok()) << store.status();
    if (!store.ok()) return samples;
    const absl::Status read =
        (*store)->Scan(Family::kPart, "", Bytes(1, '\xff'), [&](ByteView, ByteView value) {
          samples.emplace_back(value.substr(value.size() - 24));
          return true;
        });
    EXPECT_TRUE(read.ok()) << read;
    return samples;
  }
  // How many of them lie in files of a directory.
  size_t Found(const std::vector<Bytes>& samples, const std::string& directory) {
    std::set<Bytes> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(site_.Path(directory))) {
      if (!entry.is_regular_file()) continue;
      const std::string content = ReadWholeFile(entry.path().string());
      for (const Bytes& sample : samples) {
        if (content.find(sample) != std::string::npos) found.insert(sample);
      }
    }
    return found.size();
  }

  Site site_{Site::Time::kSimulated};
  int day_ = 0;
  std::set<std::string> profiles_, away_;
  std::set<std::string> to_be_read_;  // acknowledged signals
  std::vector<std::string> exports_;
};

TEST_F(Year, NothingAcknowledgedIsLostAndNothingExpiredIsLeft) {
  Join("politie", "profile", "wijkagent", "--function ward_officer --scope school-a --level L2");
  Join("politie", "officer", "fg", "--function privacy_officer --scope '*' --level L0");
  Join("school", "coord", "zorgcoordinator", "--function care_coordinator --scope school-a --level L2");
  Join("school", "lead", "teamleider", "--function concierge --scope school-a --level L1");
  Join("school", "concierge", "concierge", "--function concierge --scope school-a --level L1");
  Month(0);
  const Sent first = Send("coord", kWardOfficer, "een mes bij de kluisjes");
  ExpectReads("profile", first);
  GoTo(20);
  const Sent second = Send("concierge", kWardOfficer, "ruzie bij de poort");
  ExpectReads("profile", second);

  // A new key of the log. After that the ward officer is away.
  Month(30);
  site_.Run("log-key-next", kOperations);
  site_.Set("LOG_KEY", Json::parse(site_.Read("next.json"))["next_log_keys"]["voorbeeld"].get<std::string>());
  site_.Run("log-key-update", kOperations);
  const Sent answer = Send("profile", "school/zorgcoordinator,school/teamleider", "de wijkagent gaat langs");
  ExpectReads("coord", answer);
  Export();
  away_.insert("profile");
  GoTo(40);
  const Sent unread = Send("coord", kWardOfficer, "weer een mes");

  // A copy is made, a day goes by, and the disk is lost.
  Month(60);
  const Sent copied = Send("coord", kWardOfficer, "nog steeds onrust");
  const Json copy = Must("seinpostd backup --config broker.yaml --to copies --keys-to copied-keys").json();
  EXPECT_EQ(copy["whole"], true) << copy;
  const std::vector<Bytes> sealed = SealedBytes(copy["data"].get<std::string>() + "/db");
  EXPECT_THAT(sealed, SizeIs(10)) << "five signals, each with a part and its wraps";
  EXPECT_EQ(Found(sealed, "copies"), sealed.size()) << "the search finds what is there";
  EXPECT_EQ(Found(sealed, "data"), sealed.size());
  GoTo(61);
  const Sent lost = Send("coord", kWardOfficer, "vandaag een vuurwapen");
  Export();
  RestoreAndGoOn();
  EXPECT_EQ(Duties("coord")[lost.id], "send_again_lost");
  to_be_read_.erase(lost.id);
  const Sent again = Send("coord", kWardOfficer, lost.text);
  Export();
  GoTo(75);
  const Sent due_in_the_dark = Send("coord", "school/teamleider", "alles rustig");
  ExpectReads("lead", due_in_the_dark);

  // A colleague leaves, another comes.
  Month(90);
  End("school", "concierge");
  EXPECT_NE(As("concierge", SendArguments(kWardOfficer, "nog iets")).code, 0);
  EXPECT_NE(As("concierge", "signal open " + second.id).code, 0);
  Leave("concierge");
  Join("school", "successor", "conciergehulp", "--function concierge --scope school-a --level L1");
  const Sent by_successor = Send("successor", kWardOfficer, "een kluisje is open");

  // The coordinator's telephone is lost, with another she reads what she had.
  GoTo(100);
  Must("seinpost device lost " + DeviceOf("coord") + " --org keys/school" + kThere);
  EXPECT_NE(As("coord", "signal open " + answer.id).code, 0);
  Leave("coord");
  Enrol("school", "coord2", "zorgcoordinator", " --add-device");
  EXPECT_EQ(MustAs("coord2", "device restore")["asked"], 5) << "four of them she sent herself";
  EXPECT_EQ(MustAs("lead", "device pass-on --yes")[0]["passed_on"], 2);
  ExpectReads("coord2", answer);

  // The ward officer is back, after three months.
  away_.clear();
  Follow("profile");
  Month(120);
  EXPECT_THAT(Listed("profile"), IsSupersetOf({unread.id, copied.id, again.id, by_successor.id}));
  for (const Sent& sent : {unread, copied, again, by_successor}) ExpectReads("profile", sent);
  EXPECT_THAT(Listed("profile"), Not(Contains(first.id)));

  // His profile is put back from a copy.
  const std::string profile = site_.Path("profile");
  std::filesystem::copy(profile, site_.Path("copy"), std::filesystem::copy_options::recursive);
  const Sent after_copy = Send("coord2", kWardOfficer, "het kluisje is leeg");
  ExpectReads("profile", after_copy);
  MustAs("profile", "signal list");
  std::filesystem::remove_all(profile);
  std::filesystem::rename(site_.Path("copy"), profile);
  site_.clock().SetAhead(site_.clock().ahead() + absl::Minutes(1));
  EXPECT_THAT(As("profile", "signal list").err, HasSubstr("copied or put back"));
  ExpectReads("profile", after_copy);

  // What he read is gone when it has expired.
  Month(140);
  ExpectGone("profile", unread);
  ExpectReads("profile", copied);

  // Two weeks without power.
  Month(160);
  site_.StopBroker();
  day_ = 174;
  site_.clock().SetAhead(day_ * kDay);
  site_.StartBroker();
  AwaitRetention(kHeld);
  FollowAll();
  ExpectGone("lead", due_in_the_dark);
  ExpectReads("profile", by_successor);
  site_.clock().SetAhead(site_.clock().ahead() + kStep);
  AwaitRetention(kHeld);
  site_.clock().SetAhead(site_.clock().ahead() + kStep);
  AwaitRetention();

  for (const int day : {200, 250, 300, 350}) Month(day);
  const Sent last = Send("successor", "school/zorgcoordinator", "een rustig jaar");
  ExpectReads("coord2", last);
  GoTo(364);  // mandates are for a year
  ExpectReads("coord2", last);
  Export();

  EXPECT_THAT(to_be_read_, IsEmpty());
  ExpectExportsVerify();
  const Json final_copy =
      Must("seinpostd backup --config broker.yaml --to copies --keys-to copied-keys").json();
  EXPECT_THAT(final_copy["removed"], Not(IsEmpty()));
  EXPECT_EQ(Found(sealed, "data"), 0u);
  EXPECT_EQ(Found(sealed, "copies"), 0u);
  site_.StopBroker();
  Must("seinpostd check --config broker.yaml --deep");
}

}  // namespace
}  // namespace seinpost::test
