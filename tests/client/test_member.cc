// SPDX-License-Identifier: EUPL-1.2
#include "tests/client/test_member.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "audit/checkpoint.h"
#include "audit/commitment.h"
#include "audit/receipt.h"
#include "client/prekeys.h"
#include "client/state.h"
#include "crypto/hash.h"
#include "trust/log_identity.h"
#include "trust/objects.h"
#include "util/secure_file.h"

namespace seinpost::test {
namespace {

void CheckOk(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "test set-up: %s\n", status.ToString().c_str());
  std::abort();
}

template <typename T>
T OrDie(absl::StatusOr<T> value) {
  CheckOk(value.status());
  return *std::move(value);
}

}  // namespace

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

void TestMember::Synchronise(const TestNetwork& network) {
  client::State state =
      OrDie(client::State::Open(absl::StrCat(context_.profile_dir, "/", network.convenant().id())));
  CheckOk(state.SaveDirectory(network.objects()));
  CheckOk(state.Update([&](client::StateData& data) {
    data.checkpoint = TestLog{network}.Checkpoint(clock_.Now());
    return absl::OkStatus();
  }));
}

std::unique_ptr<client::Session> TestMember::OpenSession() { return OrDie(client::Session::Open(context_)); }
client::Profile TestMember::OpenProfile() { return OrDie(client::Profile::Open(context_)); }

Bytes TestLog::Checkpoint(absl::Time time) const {
  audit::Checkpoint checkpoint;
  checkpoint.origin = trust::LogOrigin(network.convenant().id());
  checkpoint.size = size;
  checkpoint.root = crypto::Sha256("a root");
  checkpoint.directory =
      audit::DirectoryHead{.seq = network.directory().size(), .hash = network.directory().chain_hash()};
  checkpoint.time = time;
  return audit::SignCheckpoint(checkpoint, network.log_key());
}

v1::Receipt TestLog::Receipt(const Digest& request_hash, uint64_t index, bool own, absl::Time time) const {
  audit::Event event;
  event.SetType(audit::EventType::kSubmit)
      .SetTime(time)
      .SetText(audit::Tag::kRequestHash, View(request_hash));
  const audit::CommittedEvent committed = OrDie(audit::CommitEvent(event));
  audit::ReceiptBody body;
  body.origin = trust::LogOrigin(network.convenant().id());
  body.index = index;
  body.leaf_hash = audit::LeafHashOf(audit::LeafClass::kEvent, committed.opening.Commitment());
  body.request_hash = request_hash;
  body.time = time;
  const audit::Receipt made = audit::MakeReceipt(body, network.log_key());
  v1::Receipt receipt;
  receipt.set_body(made.body);
  receipt.set_signature(made.signature);
  if (own) {
    receipt.set_opening(committed.opening.Encode());
  } else {
    receipt.set_request_proof(OrDie(committed.opening.Prove(audit::Tag::kRequestHash)).Encode());
  }
  return receipt;
}

}  // namespace seinpost::test
