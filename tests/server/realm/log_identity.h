// SPDX-License-Identifier: EUPL-1.2
// A broker whose log changes its name and keys.
#ifndef SEINPOST_TESTS_SERVER_REALM_LOG_IDENTITY_H_
#define SEINPOST_TESTS_SERVER_REALM_LOG_IDENTITY_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "server/realm/key_files.h"
#include "tests/server/harness.h"
#include "trust/changes.h"

namespace seinpost::test {

// A broker whose whole state lies on the machine's own disk, so that parts of it can be set back.
class LogIdentityTest : public testing::Test {
 protected:
  LogIdentityTest() : test_(OnDisk()) {}
  static TestBrokerOptions OnDisk() {
    TestBrokerOptions options;
    options.file_system = MakeCrashingEnv(0)->handle();
    return options;
  }

  std::string Keys() const { return test_.directory() + "/keys/plaats"; }
  crypto::PublicKey MakeNextKey(const std::string& name) {
    const auto key = crypto::SigningKey::FromSeed(TestNetwork::SecretNamed(name));
    EXPECT_TRUE(server::WriteKeyFile(server::NextLogKeyPathIn(Keys()), key).ok());
    return key.public_key();
  }
  absl::Status Publish(const Bytes& object) { return test_.Publish({object}); }
  Bytes UpdateTo(const crypto::PublicKey& key) {
    v1::TrustUpdate update = trust::NewTrustUpdate(*test_.realm().directory());
    update.set_log_key(ToBytes(key));
    return test_.network().TrustUpdateObject(update);
  }
  absl::Status ChangeKey(const crypto::PublicKey& key) { return Publish(UpdateTo(key)); }
  v1::SubmitReply SubmitOne() {
    const auto reply = test_.Submit(test_.Seal(SmallPlan(test_.network())).envelope);
    EXPECT_TRUE(reply.ok()) << reply.status();
    return reply.value_or(v1::SubmitReply());
  }
  static bool SignedBy(const v1::Receipt& receipt, absl::string_view origin, const crypto::PublicKey& key) {
    return audit::VerifyReceipt({receipt.body(), receipt.signature()}, origin, key).ok();
  }
  static bool SignedBy(const Bytes& note, absl::string_view origin, const crypto::PublicKey& key) {
    return audit::VerifyCheckpoint(note, audit::LogKey(origin, key)).ok();
  }
  static crypto::PublicKey KeyIn(const std::string& path) {
    const auto key = server::ReadKeyFile(path);
    EXPECT_TRUE(key.ok()) << key.status();
    return key.ok() ? key->public_key() : crypto::PublicKey{};
  }

  void Save(const std::string& part, const std::string& name) {
    std::filesystem::remove_all(test_.directory() + name);
    std::filesystem::copy(test_.directory() + part, test_.directory() + name,
                          std::filesystem::copy_options::recursive);
  }
  void Restore(const std::string& part, const std::string& name) { Save(name, part); }
  // Stops, and starts again on the database as it was when it was saved.
  void SetBack() {
    test_.Stop();
    Restore("/data", "/data-saved");
    ASSERT_TRUE(test_.Restart().ok());
  }
  void SaveData() {
    test_.Stop();
    Save("/data", "/data-saved");
    ASSERT_TRUE(test_.Restart().ok());
  }
  v1::LogEpoch NewEpoch() { return trust::NewLogEpoch(*test_.realm().directory(), test_.clock().Now()); }
  // The epoch that a report asks for.
  v1::LogEpoch EpochOf(const server::RealmReport& report) {
    v1::LogEpoch epoch = NewEpoch();
    epoch.set_last_checkpoint(report.anchor_note);
    epoch.set_first_lost(report.lost->first);
    epoch.set_directory_size(report.directory_size);
    epoch.set_log_key(ToBytes(report.next_log_key.value_or(crypto::PublicKey{})));
    return epoch;
  }
  server::RealmReport Report() { return *test_.realm().Report(); }

  TestBroker test_;
  const crypto::PublicKey first_ = test_.network().log_key().public_key();
  const std::string origin_ = "seinpost/plaats";
};

}  // namespace seinpost::test

#endif  // SEINPOST_TESTS_SERVER_REALM_LOG_IDENTITY_H_
