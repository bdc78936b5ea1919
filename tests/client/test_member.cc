// SPDX-License-Identifier: EUPL-1.2
#include "tests/client/test_member.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/profile/prekeys.h"
#include "client/profile/state.h"
#include "tests/testing/or_die.h"
#include "trust/objects.h"
#include "util/secure_file.h"

namespace seinpost::test {
TempDir::TempDir() {
  std::string pattern = (std::filesystem::temp_directory_path() / "seinpost-test-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) std::abort();
  path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempDir::operator/(absl::string_view name) const { return absl::StrCat(path_, "/", name); }

TestMember::TestMember(TestNetwork& network, absl::string_view address)
    : clock_(network.now()), context_{.in = in_, .out = out_, .err = err_, .clock = clock_} {
  const std::pair<std::string, std::string> name = absl::StrSplit(address, absl::MaxSplits('/', 1));
  context_.profile_dir = temp_ / "profile";
  context_.passphrase.file = temp_ / "passphrase";
  context_.json = true;
  CheckOk(WriteFileAtomically(context_.passphrase.file, kPassphrase));
  client::Profile profile = OrDie(client::Profile::Create(
      context_.profile_dir, name.first, name.second, kPassphrase, crypto::PassphraseStrength::kInteractive));
  CheckOk(profile.Update([&](client::Profile& newest) {
    return newest.AddConvenant({.id = network.convenant().id(),
                                .hash = network.directory().convenant_hash(),
                                .broker = "127.0.0.1:1",  // nobody listens there
                                .tls_ca_pem = "none"});
  }));
  const trust::Member* member = network.directory().FindMember(name.first, name.second);
  if (member == nullptr) std::abort();
  const trust::SignedDeviceRequest request =
      trust::MakeDeviceRequest(name.first, name.second, network.now(), profile.device_key());
  network.Add(OrDie(trust::IssueDeviceCertificate(request, member->ref, 900, network.now() - absl::Hours(1),
                                                  network.now() + absl::Hours(24 * 300),
                                                  network.issuer(name.first))));
  for (const Bytes& prekey : OrDie(client::RenewPrekeys(profile, network.directory(), network.now()))) {
    network.Add(prekey);
  }
}

void TestMember::Synchronise(const TestNetwork& network, const TestLog& log) {
  client::State state =
      OrDie(client::State::Open(absl::StrCat(context_.profile_dir, "/", network.convenant().id())));
  std::vector<client::HeldObject> objects;
  for (size_t i = 0; i < log.leaf_indexes().size(); ++i) {
    objects.push_back({.object = network.objects()[i], .leaf_index = log.leaf_indexes()[i]});
  }
  CheckOk(state.SaveDirectory(objects));
  CheckOk(state.Update([&](client::StateData& data) {
    data.checkpoint = log.Note(clock_.Now());
    return absl::OkStatus();
  }));
}

std::unique_ptr<client::Session> TestMember::OpenSession() { return OrDie(client::Session::Open(context_)); }
std::unique_ptr<client::Session> TestMember::OpenSession(FakeBroker& broker) {
  return OrDie(client::Session::OpenWith(context_, broker.Connect()));
}
client::Profile TestMember::OpenProfile() { return OrDie(client::Profile::Open(context_)); }

}  // namespace seinpost::test
