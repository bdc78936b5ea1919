// SPDX-License-Identifier: EUPL-1.2
#include "client/profile/profile.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <set>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/test_member.h"
#include "tests/testing/worked.h"
#include "util/secure_file.h"

namespace seinpost::client {
namespace {

using crypto::PassphraseStrength;

absl::StatusOr<Profile> Make(const std::string& directory) {
  return Profile::Create(directory, "school", "zorgcoordinator", "geheim", PassphraseStrength::kInteractive);
}

PrekeySecret MakePrekey(absl::string_view id, absl::Time delete_after) {
  PrekeySecret prekey{.prekey_id = Bytes(id), .pair = crypto::HpkeKeyPair::Generate()};
  prekey.convenant = "plaats";
  prekey.retention_class = "naam";
  prekey.seal_from = absl::FromUnixSeconds(1'700'000'000);
  prekey.seal_until = absl::FromUnixSeconds(1'702'000'000);
  prekey.delete_after = delete_after;
  return prekey;
}

const Bytes kOneId(32, '1');
const Bytes kTwoId(32, '2');

TEST(Profile, ComesBackAsItWas) {
  const test::TempDir temp;
  absl::StatusOr<Profile> made = Make(temp / "p");
  ASSERT_TRUE(made.ok()) << made.status();
  const absl::Time later = absl::FromUnixSeconds(1'800'000'000);
  const ConvenantEntry entry{.id = "plaats", .hash = {7}, .broker = "127.0.0.1:4", .tls_ca_pem = "PEM"};
  ASSERT_TRUE(made->Update([&](Profile& profile) {
                    profile.AddPrekey(MakePrekey(kOneId, later));
                    return profile.AddConvenant(entry);
                  })
                  .ok());

  const absl::StatusOr<Profile> opened = Profile::Open(temp / "p", "geheim");
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->address(), "school/zorgcoordinator");
  EXPECT_EQ(opened->device_key().public_key(), made->device_key().public_key());
  ASSERT_EQ(opened->convenants().size(), 1u);
  EXPECT_EQ(opened->convenants()[0].hash, entry.hash);
  EXPECT_EQ(opened->convenants()[0].broker, entry.broker);
  EXPECT_EQ(opened->convenants()[0].tls_ca_pem, entry.tls_ca_pem);
  ASSERT_EQ(opened->prekeys().size(), 1u);
  EXPECT_EQ(opened->prekeys()[0].delete_after, later);
  ASSERT_NE(opened->FindPrekey(kOneId), nullptr);
  EXPECT_TRUE(opened->FindPrekey(kOneId)->secret.Equals(made->FindPrekey(kOneId)->secret));
  EXPECT_EQ(opened->FindPrekey(kTwoId), nullptr);
}

TEST(Profile, IsForItsOwnerAloneAndNamesNobody) {
  const test::TempDir temp;
  ASSERT_TRUE(Make(temp / "p").ok());
  struct stat info{};
  ASSERT_EQ(stat((temp / "p/profile.sealed").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  ASSERT_EQ(stat((temp / "p").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
  EXPECT_FALSE(absl::StrContains(*ReadFile(temp / "p/profile.sealed", 1 << 20), "school"));
}

TEST(Profile, RefusesWrongPassphraseAndOtherFiles) {
  const test::TempDir temp;
  ASSERT_TRUE(Make(temp / "p").ok());
  const std::string path = temp / "p/profile.sealed";
  const Bytes good = *ReadFile(path, 1 << 20);

  EXPECT_EQ(ExitCodeOf(Profile::Open(temp / "p", "geheim?").status()), kFailed);
  EXPECT_EQ(ExitCodeOf(Profile::Open(temp / "nergens", "geheim").status()), kUsage);
  EXPECT_EQ(Make(temp / "p").status().code(), absl::StatusCode::kAlreadyExists);

  for (const Bytes& broken : {Bytes(), Bytes("not a profile"), good.substr(0, 20)}) {
    ASSERT_TRUE(WriteFileAtomically(path, broken).ok());
    EXPECT_EQ(ExitCodeOf(Profile::Open(temp / "p", "geheim").status()), kUsage) << broken.size();
  }
  Bytes flipped = good;
  flipped.back() = static_cast<char>(flipped.back() ^ 1);
  ASSERT_TRUE(WriteFileAtomically(path, flipped).ok());
  EXPECT_FALSE(Profile::Open(temp / "p", "geheim").ok());
}

TEST(Profile, RefusesContentThatItDoesNotWrite) {
  const test::TempDir temp;
  ASSERT_TRUE(Make(temp / "p").ok());
  const std::string path = temp / "p/profile.sealed";
  const crypto::WipedBytes opened = *crypto::OpenWithPassphrase("geheim", *ReadFile(path, 1 << 20));
  const Bytes plaintext(opened.ExposeSecretView());
  const auto refused = [&](const Bytes& content) {
    const Bytes sealed = *crypto::SealWithPassphrase("geheim", content, PassphraseStrength::kInteractive);
    EXPECT_TRUE(WriteFileAtomically(path, sealed).ok());
    return ExitCodeOf(Profile::Open(temp / "p", "geheim").status()) == kUsage;
  };
  EXPECT_FALSE(refused(plaintext));
  EXPECT_TRUE(refused(plaintext + "x"));                            // something follows
  EXPECT_TRUE(refused(plaintext.substr(0, plaintext.size() - 1)));  // it breaks off
  EXPECT_TRUE(refused("S" + plaintext.substr(1)));                  // another magic
  Bytes version = plaintext;
  version[16] = 3;
  EXPECT_TRUE(refused(version));
}

// What the first version of this program wrote pins version 1 of its convenant.
TEST(Profile, ReadsTheOldLayout) {
  const test::TempDir temp;
  ASSERT_TRUE(Make(temp / "p").ok());
  const Bytes old = Bytes("seinpost-profile") + U8(1) + U8(0) + Lp("school") + Lp("mentor") +
                    Bytes(32, '\1') + U32(1) + Lp("plaats") + Bytes(32, '\2') + Lp("127.0.0.1:7443") +
                    Lp("PEM") + U32(1) + Bytes(32, '\3') + Bytes(32, '\4') + Lp("plaats") + Lp("naam") +
                    U64(1) + U64(2) + U64(3);
  ASSERT_TRUE(
      WriteFileAtomically(temp / "p/profile.sealed",
                          *crypto::SealWithPassphrase("geheim", old, PassphraseStrength::kInteractive))
          .ok());
  absl::StatusOr<Profile> profile = Profile::Open(temp / "p", "geheim");
  ASSERT_TRUE(profile.ok()) << profile.status();
  EXPECT_EQ(profile->convenants().at(0).version, 1u);
  EXPECT_EQ(profile->prekeys().at(0).delete_after, absl::FromUnixSeconds(3));
}

TEST(Profile, RaisesAPinAndNeverLowersIt) {
  const test::TempDir temp;
  absl::StatusOr<Profile> profile = Make(temp / "p");
  ASSERT_TRUE(profile.ok());
  const auto update = [&](const std::function<absl::Status(Profile&)>& change) {
    return profile->Update(change);
  };
  ASSERT_TRUE(update([](Profile& newest) { return newest.AddConvenant({.id = "ede", .hash = {1}}); }).ok());
  ASSERT_TRUE(update([](Profile& newest) { return newest.RaisePin("ede", 3, {3}); }).ok());
  EXPECT_TRUE(update([](Profile& newest) { return newest.RaisePin("ede", 2, {2}); }).ok());
  EXPECT_EQ(profile->convenants().back().version, 3u);
  EXPECT_EQ(profile->convenants().back().hash, Digest{3});
  EXPECT_EQ(update([](Profile& newest) { return newest.RaisePin("ede", 3, {4}); }).code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(update([](Profile& newest) { return newest.RaisePin("elders", 3, {4}); }).code(),
            absl::StatusCode::kNotFound);
  // Nor does naming the convenant again.
  EXPECT_EQ(update([](Profile& newest) { return newest.AddConvenant({.id = "ede", .hash = {1}}); }).code(),
            absl::StatusCode::kFailedPrecondition);
}

// Cut at any length it is a sentence, and the file stays as it is. The sealed file's own parser is tested in
// tests/crypto; here each way to fail is met once, and every length of what is inside.
TEST(Profile, RefusesAFileCutAtAnyLength) {
  const test::TempDir temp;
  ASSERT_TRUE(Make(temp / "p").ok());
  const std::string path = temp / "p/profile.sealed";
  const Bytes good = *ReadFile(path, 1 << 20);
  for (size_t cut = 0; cut < good.size(); cut += cut < 64 ? 1 : good.size() / 8) {
    ASSERT_TRUE(WriteFileAtomically(path, good.substr(0, cut)).ok());
    const absl::Status opened = Profile::Open(temp / "p", "geheim").status();
    EXPECT_TRUE(ExitCodeOf(opened) == kUsage || ExitCodeOf(opened) == kFailed) << cut << ": " << opened;
    EXPECT_EQ(*ReadFile(path, 1 << 20), good.substr(0, cut)) << cut;
  }
}

// A disk that is full: the sentence says so, and the old file is still there.
TEST(Profile, KeepsTheOldFileWhenTheDiskIsFull) {
  const test::TempDir temp;
  absl::StatusOr<Profile> profile = Make(temp / "p");
  ASSERT_TRUE(profile.ok());
  const Bytes before = *ReadFile(temp / "p/profile.sealed", 1 << 20);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit none{100, 100};  // bytes that a file may have
    setrlimit(RLIMIT_FSIZE, &none);
    const absl::Status written =
        profile->Update([](Profile& newest) { return newest.AddConvenant({.id = "ede", .hash = {1}}); });
    const bool said =
        absl::StrContains(written.message(), "too large") || absl::StrContains(written.message(), "No space");
    _exit(!written.ok() && ExitCodeOf(written) == kFailed && said ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_EQ(*ReadFile(temp / "p/profile.sealed", 1 << 20), before);
  EXPECT_TRUE(Profile::Open(temp / "p", "geheim").ok());
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(temp / "p"), {}), 2);  // and its lock
}

// Two commands at once: both succeed, and neither loses what the other did.
TEST(Profile, TakesChangesOfTwoCommandsAtOnce) {
  const test::TempDir temp;
  ASSERT_TRUE(Make(temp / "p").ok());
  const auto work = [&](const std::string& name) {
    absl::StatusOr<Profile> profile = Profile::Open(temp / "p", "geheim");
    ASSERT_TRUE(profile.ok());
    for (int i = 0; i < 4; ++i) {
      EXPECT_TRUE(profile
                      ->Update([&](Profile& newest) {
                        return newest.AddConvenant({.id = absl::StrCat(name, i), .hash = {1}});
                      })
                      .ok());
    }
  };
  std::thread one(work, "a"), two(work, "b");
  one.join();
  two.join();
  const absl::StatusOr<Profile> profile = Profile::Open(temp / "p", "geheim");
  ASSERT_TRUE(profile.ok());
  std::set<std::string> ids;
  for (const ConvenantEntry& entry : profile->convenants()) ids.insert(entry.id);
  for (const std::string name : {"a", "b"}) {
    for (int i = 0; i < 4; ++i) EXPECT_EQ(ids.count(absl::StrCat(name, i)), 1u) << name << i;
  }
}

TEST(Profile, IsLaidOutAsDocumented) {
  const Bytes worked = test::ReadWorked("docs/formats/profile.md").at("profile");
  const test::TempDir temp;
  ASSERT_TRUE(Make(temp / "p").ok());
  const std::string path = temp / "p/profile.sealed";
  ASSERT_TRUE(WriteFileAtomically(
                  path, *crypto::SealWithPassphrase("geheim", worked, PassphraseStrength::kInteractive))
                  .ok());
  absl::StatusOr<Profile> profile = Profile::Open(temp / "p", "geheim");
  ASSERT_TRUE(profile.ok()) << profile.status();
  EXPECT_EQ(profile->address(), "school/mentor");
  EXPECT_TRUE(profile->device_key().seed().Equals(*crypto::Secret<32>::FromBytes(Bytes(32, '\1'))));
  EXPECT_EQ(profile->convenants().at(0).broker, "127.0.0.1:7443");
  EXPECT_EQ(profile->convenants().at(0).hash[31], 2);
  EXPECT_EQ(profile->convenants().at(0).version, 3u);
  const PrekeySecret& prekey = profile->prekeys().at(0);
  EXPECT_EQ(prekey.prekey_id, Bytes(32, '\3'));
  EXPECT_TRUE(prekey.pair.secret.Equals(*crypto::Secret<32>::FromBytes(Bytes(32, '\4'))));
  EXPECT_EQ(prekey.retention_class, "naam");
  EXPECT_EQ(prekey.seal_from, absl::FromUnixSeconds(1793491200));     // 2026-11-01
  EXPECT_EQ(prekey.seal_until, absl::FromUnixSeconds(1796083200));    // 2026-12-01
  EXPECT_EQ(prekey.delete_after, absl::FromUnixSeconds(1843430400));  // 2028-06-01

  EXPECT_EQ(prekey.request, "");

  // Written again it is the same.
  ASSERT_TRUE(profile->Update([](Profile&) { return absl::OkStatus(); }).ok());
  EXPECT_EQ(crypto::OpenWithPassphrase("geheim", *ReadFile(path, 1 << 20))->ExposeSecretView(), worked);
}

TEST(Profile, KeepsAndDropsOneOffPrekeys) {
  const test::TempDir temp;
  absl::StatusOr<Profile> profile = Make(temp / "p");
  ASSERT_TRUE(profile.ok());
  const absl::Time now = absl::FromUnixSeconds(1793491200);
  ASSERT_TRUE(profile
                  ->Update([&](Profile& newest) {
                    for (const char id : {'a', 'b'}) {
                      PrekeySecret secret{.pair = crypto::HpkeKeyPair::Generate()};
                      secret.prekey_id = Bytes(32, id);
                      secret.convenant = "plaats";
                      secret.retention_class = "naam";
                      secret.seal_from = secret.seal_until = now;
                      secret.delete_after = now + absl::Hours(1);
                      secret.request = Bytes("request ") + id;
                      newest.AddPrekey(std::move(secret));
                    }
                    return absl::OkStatus();
                  })
                  .ok());
  absl::StatusOr<Profile> again = Profile::Open(temp / "p", "geheim");
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->prekeys().at(1).request, "request b");
  ASSERT_TRUE(again
                  ->Update([](Profile& newest) {
                    newest.DropPrekey(Bytes(32, 'a'));
                    newest.DropPrekey(Bytes(32, 'c'));  // never had
                    return absl::OkStatus();
                  })
                  .ok());
  EXPECT_EQ(again->prekeys().size(), 1u);
  EXPECT_NE(again->FindPrekey(Bytes(32, 'b')), nullptr);
  // They are destroyed like the others.
  ASSERT_TRUE(again
                  ->Update([&](Profile& newest) {
                    EXPECT_EQ(newest.DestroyExpiredPrekeys(now + absl::Hours(1)), 1u);
                    return absl::OkStatus();
                  })
                  .ok());
  EXPECT_TRUE(Profile::Open(temp / "p", "geheim")->prekeys().empty());
}

TEST(Profile, UpdatesOnTopOfWhatAnotherCommandWrote) {
  const test::TempDir temp;
  absl::StatusOr<Profile> one = Make(temp / "p");
  ASSERT_TRUE(one.ok());
  absl::StatusOr<Profile> two = Profile::Open(temp / "p", "geheim");
  const absl::Time later = absl::FromUnixSeconds(1'800'000'000);
  const auto add = [&](const Bytes& id) {
    return [&, id](Profile& profile) {
      profile.AddPrekey(MakePrekey(id, later));
      return absl::OkStatus();
    };
  };
  ASSERT_TRUE(one->Update(add(kOneId)).ok());
  ASSERT_TRUE(two->Update(add(kTwoId)).ok());
  EXPECT_NE(two->FindPrekey(kOneId), nullptr);
  EXPECT_NE(two->FindPrekey(kTwoId), nullptr);

  EXPECT_FALSE(two->Update([&](Profile& profile) {
                    profile.DestroyExpiredPrekeys(absl::InfiniteFuture());
                    return absl::InternalError("changed my mind");
                  })
                   .ok());
  EXPECT_EQ(two->prekeys().size(), 2u);
  EXPECT_EQ(Profile::Open(temp / "p", "geheim")->prekeys().size(), 2u);
}

TEST(Profile, DestroysPrekeysWhenTheirTimeIsOver) {
  const test::TempDir temp;
  absl::StatusOr<Profile> profile = Make(temp / "p");
  const absl::Time end = absl::FromUnixSeconds(1'750'000'000);
  ASSERT_TRUE(profile
                  ->Update([&](Profile& newest) {
                    newest.AddPrekey(MakePrekey(kOneId, end));
                    newest.AddPrekey(MakePrekey(kTwoId, end + absl::Seconds(1)));
                    EXPECT_EQ(newest.DestroyExpiredPrekeys(end - absl::Seconds(1)), 0u);
                    EXPECT_EQ(newest.DestroyExpiredPrekeys(end), 1u);
                    return absl::OkStatus();
                  })
                  .ok());
  const absl::StatusOr<Profile> opened = Profile::Open(temp / "p", "geheim");
  EXPECT_EQ(opened->FindPrekey(kOneId), nullptr);
  EXPECT_NE(opened->FindPrekey(kTwoId), nullptr);
}

TEST(Profile, ChangesItsPassphrase) {
  const test::TempDir temp;
  absl::StatusOr<Profile> profile = Make(temp / "p");
  ASSERT_TRUE(profile->ChangePassphrase("nieuw").ok());
  EXPECT_FALSE(Profile::Open(temp / "p", "geheim").ok());
  const absl::StatusOr<Profile> opened = Profile::Open(temp / "p", "nieuw");
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened->device_id(), profile->device_id());
}

// Bytes 26 to 41 (docs/formats/sealed_file.md). The same salt means that Argon2id did not run again.
Bytes SaltOf(const std::string& directory) {
  return ReadFile(directory + "/profile.sealed", 1 << 20)->substr(26, 16);
}

TEST(Profile, KeepsItsSaltUntilItsPassphraseChanges) {
  test::TempDir temp;
  Profile profile = *Make(temp / "p");
  const Bytes salt = SaltOf(temp / "p");
  ASSERT_TRUE(profile.Update([](Profile&) { return absl::OkStatus(); }).ok());
  EXPECT_EQ(SaltOf(temp / "p"), salt);
  ASSERT_TRUE(profile.ChangePassphrase("nieuw").ok());
  EXPECT_NE(SaltOf(temp / "p"), salt);
}

TEST(Profile, UpdatesAFileThatAnotherSealedUnderAnotherSaltOrPassphrase) {
  test::TempDir temp;
  Profile profile = *Make(temp / "p");
  const std::string path = temp / "p" + "/profile.sealed";
  const crypto::WipedBytes content = *crypto::OpenWithPassphrase("geheim", *ReadFile(path, 1 << 20));
  for (const char* passphrase : {"geheim", "nieuw"}) {
    ASSERT_TRUE(WriteFileAtomically(path, *crypto::SealWithPassphrase(passphrase, content.ExposeSecretView(),
                                                                      PassphraseStrength::kInteractive))
                    .ok());
    const absl::Status updated = profile.Update([](Profile&) { return absl::OkStatus(); });
    EXPECT_EQ(updated.code(), passphrase == std::string("geheim") ? absl::StatusCode::kOk
                                                                  : absl::StatusCode::kUnauthenticated);
  }
}

TEST(Profile, PinsOneVersionOfAConvenant) {
  const test::TempDir temp;
  absl::StatusOr<Profile> profile = Make(temp / "p");
  EXPECT_EQ(ExitCodeOf(profile->FindConvenant("").status()), kUsage);
  const auto add = [&](const char* id, uint8_t hash) {
    return profile->Update([&](Profile& newest) { return newest.AddConvenant({.id = id, .hash = {hash}}); });
  };
  ASSERT_TRUE(add("plaats", 1).ok());
  EXPECT_TRUE(add("plaats", 1).ok());
  EXPECT_EQ(add("plaats", 2).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(profile->FindConvenant("")->id, "plaats");
  ASSERT_TRUE(add("elders", 3).ok());
  EXPECT_EQ(ExitCodeOf(profile->FindConvenant("").status()), kUsage);
  EXPECT_THAT(std::string(profile->FindConvenant("ginds").status().message()),
              testing::HasSubstr("plaats, elders"));
  EXPECT_EQ(profile->FindConvenant("elders")->hash[0], 3);
}

}  // namespace
}  // namespace seinpost::client
