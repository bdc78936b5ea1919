// SPDX-License-Identifier: EUPL-1.2
#include "client/lab/lab.h"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <optional>
#include <thread>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "client/broker/connection.h"
#include "client/broker/convenant_file.h"
#include "client/broker/published.h"
#include "client/convenant/analysis.h"
#include "client/lab/broker.h"
#include "client/org/store.h"
#include "client/profile/prekeys.h"
#include "client/profile/profile.h"
#include "client/terminal/arguments.h"
#include "crypto/hash.h"
#include "policies/document/draft.h"
#include "policies/questions/lab_file.h"
#include "trust/directory.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

constexpr auto kStrength = crypto::PassphraseStrength::kInteractive;
constexpr absl::Duration kCertificateLife = absl::Hours(365 * 24);

constexpr char kNothingRuns[] = "nothing is left running";
// The broker that was started is stopped first.
constexpr unsigned kUndoSeconds = 15;

// Runs work(0) to work(count - 1) on a few threads: a passphrase costs a tenth of a second each time. The
// first error, or an interrupt, stops what has not begun.
absl::Status InParallel(const Context& context, size_t count, absl::FunctionRef<absl::Status(size_t)> work) {
  std::atomic<size_t> next{0};
  absl::Mutex mutex;
  absl::Status failure;
  const auto loop = [&] {
    for (size_t i = next++; i < count; i = next++) {
      const absl::Status status = context.Stopped() ? absl::CancelledError(kNothingRuns) : work(i);
      if (status.ok()) continue;
      absl::MutexLock lock(&mutex);
      failure.Update(status);
      next = count;
    }
  };
  const size_t threads = std::clamp<size_t>(std::thread::hardware_concurrency(), 1, 4);
  std::vector<std::thread> others;
  for (size_t i = 1; i < std::min(threads, count); ++i) others.emplace_back(loop);
  loop();
  for (std::thread& other : others) other.join();
  return failure;
}

absl::Status CheckEmpty(const std::string& directory) {
  const std::unique_ptr<DIR, int (*)(DIR*)> open(opendir(directory.c_str()), closedir);
  if (open == nullptr) {
    if (errno == ENOENT) return absl::OkStatus();
    return UsageError("--dir: not a directory that can be read");
  }
  while (const dirent* entry = readdir(open.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") return UsageError("--dir: not empty; a lab wants a new directory");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> AbsolutePath(const std::string& path) {
  const std::unique_ptr<char, void (*)(void*)> real(realpath(path.c_str(), nullptr), std::free);
  if (real == nullptr) return absl::UnavailableError(absl::StrCat(path, ": cannot be found"));
  return std::string(real.get());
}

// A party's administrator in the lab, with his keys at hand.
struct LabParty {
  std::string id;
  std::optional<OrgStore> store;
  std::optional<crypto::SigningKey> root, issuer;
};

// One step after the other; each needs those before it.
class LabBuilder {
 public:
  LabBuilder(const Context& context, std::string convenant_file)
      : context_(context), source_(std::move(convenant_file)) {}

  absl::Status Read();
  absl::Status MakeDirectory(const std::string& directory);
  absl::Status MakeKeys();
  absl::Status InitBroker();
  absl::Status SignConvenant();
  absl::Status StartBroker();
  absl::Status MakeProfiles();
  absl::Status Enrol();
  absl::Status MakePrekeys();
  absl::StatusOr<LabInfo> Finish();

 private:
  void Step(absl::string_view text) const;
  std::string Path(absl::string_view name) const { return absl::StrCat(info_.directory, "/", name); }
  absl::string_view Secret() const { return passphrase_->ExposeSecretView(); }
  LabParty* Find(absl::string_view id);
  absl::Status MakeParty(LabParty& party);
  absl::Status MakeIssuer(LabParty& party);
  absl::Status EnrolMember(const policies::LabMember& member, const Profile& profile);
  absl::Status AddToDirectory(const std::vector<Bytes>& objects);
  absl::Status PublishAll(const std::vector<Bytes>& objects);

  const Context& context_;
  const std::string source_;  // the convenant file
  Bytes yaml_;
  std::optional<policies::Convenant> convenant_;
  policies::LabFile lab_;
  LabInfo info_;
  std::optional<crypto::WipedBytes> passphrase_;
  std::vector<LabParty> parties_;
  std::optional<LabBroker> broker_;
  Bytes object_;  // the signed convenant
  Digest hash_{};
  std::optional<RunningBroker> running_;
  std::unique_ptr<Connection> connection_;
  trust::Directory directory_;
  std::vector<std::optional<Profile>> profiles_;  // as lab_.members
};

void LabBuilder::Step(absl::string_view text) const {
  if (context_.progress) context_.err << "lab: " << std::string(text) << std::endl;
}

LabParty* LabBuilder::Find(absl::string_view id) {
  for (LabParty& party : parties_) {
    if (party.id == id) return &party;
  }
  return nullptr;
}

absl::Status LabBuilder::Read() {
  ASSIGN_OR_RETURN(ConvenantFile read, ReadConvenantFile(source_));
  yaml_ = std::move(read.yaml);
  convenant_.emplace(std::move(read.convenant));
  ASSIGN_OR_RETURN(lab_, ReadLabBeside(source_, *convenant_));
  return absl::OkStatus();
}

absl::Status LabBuilder::MakeDirectory(const std::string& directory) {
  RETURN_IF_ERROR(CheckEmpty(directory));
  RETURN_IF_ERROR(MakePrivateDirectory(directory));
  ASSIGN_OR_RETURN(info_.directory, AbsolutePath(directory));
  info_.convenant_id = convenant_->id();
  info_.passphrase_file = Path("passphrase");
  const std::string passphrase = ToHex(crypto::RandomBytes(16));
  passphrase_ = crypto::WipedBytes::Copy(passphrase);
  return WriteFileAtomically(info_.passphrase_file, passphrase + "\n");
}

absl::Status LabBuilder::MakeParty(LabParty& party) {
  const bool signs = convenant_->SignatoryOf(*convenant_->FindParty(party.id)).id == party.id;
  if (signs) party.root.emplace(crypto::SigningKey::Generate());
  ASSIGN_OR_RETURN(OrgStore store, OrgStore::Create(Path("keys/" + party.id), party.id,
                                                    signs ? &*party.root : nullptr, Secret(), kStrength));
  party.store.emplace(std::move(store));
  return absl::OkStatus();
}

absl::Status LabBuilder::MakeIssuer(LabParty& party) {
  LabParty* signer = Find(convenant_->SignatoryOf(*convenant_->FindParty(party.id)).id);
  if (signer == nullptr || !signer->root) return absl::InternalError("a party without a root key above it");
  ASSIGN_OR_RETURN(
      crypto::SigningKey issuer,
      party.store->MakeIssuer(signer->id, *signer->root, context_.clock.Now(), Secret(), kStrength));
  party.issuer.emplace(std::move(issuer));
  return absl::OkStatus();
}

absl::Status LabBuilder::MakeKeys() {
  for (const auto& entry : convenant_->parties()) {
    parties_.emplace_back();
    parties_.back().id = entry.first;
  }
  Step(absl::StrCat("keys of ", parties_.size(), " parties"));
  RETURN_IF_ERROR(MakePrivateDirectory(Path("keys")));
  RETURN_IF_ERROR(InParallel(context_, parties_.size(), [&](size_t i) { return MakeParty(parties_[i]); }));
  return InParallel(context_, parties_.size(), [&](size_t i) { return MakeIssuer(parties_[i]); });
}

absl::Status LabBuilder::InitBroker() {
  Step("broker: keys and database");
  const policies::Party& signatory = convenant_->SignatoryOf(convenant_->host());
  const LabParty* host = Find(signatory.id);
  if (host == nullptr || !host->root) return UsageError("the convenant's host has no root key above it");
  ASSIGN_OR_RETURN(broker_, InitLabBroker(Path("broker"), convenant_->id(), View(host->root->public_key()),
                                          context_.stop));
  info_.tls_ca = broker_->tls_ca;
  info_.data_dirs = broker_->data_dirs;
  info_.log_files = {broker_->log_file};
  return absl::OkStatus();
}

absl::Status LabBuilder::SignConvenant() {
  policies::DraftKeys keys;
  keys.broker_key = broker_->keys.broker_key;
  keys.log_key = broker_->keys.log_key;
  for (const LabParty& party : parties_) {
    if (party.root) keys.party_roots[party.id] = ToBytes(party.root->public_key());
  }
  Step(absl::StrCat("convenant: ", keys.party_roots.size(), " signatures"));
  ASSIGN_OR_RETURN(const std::string draft, policies::Instantiate(yaml_, source_, keys));
  for (const LabParty& party : parties_) {
    if (!party.root) continue;
    ASSIGN_OR_RETURN(object_, trust::AddConvenantSignature(draft, object_, party.id, *party.root));
  }
  hash_ = crypto::Sha256(draft);
  info_.convenant = Path(absl::StrCat(convenant_->id(), ".yaml"));
  RETURN_IF_ERROR(WriteFileAtomically(info_.convenant, draft));
  RETURN_IF_ERROR(WriteFileAtomically(info_.convenant + ".sig", object_));
  return AddToDirectory({object_});
}

absl::Status LabBuilder::StartBroker() {
  Step("broker: start");
  ASSIGN_OR_RETURN(RunningBroker running, StartLabBroker(*broker_, context_.stop));
  running_.emplace(std::move(running));
  info_.broker = running_->address;
  info_.metrics = running_->metrics;
  info_.processes = {running_->process.process()};
  ASSIGN_OR_RETURN(const Bytes tls_ca, ReadFile(info_.tls_ca, kMaxCaBytes));
  for (LabParty& party : parties_) {
    RETURN_IF_ERROR(party.store->SetBroker(convenant_->id(), info_.broker, tls_ca));
  }
  connection_ = std::make_unique<Connection>(info_.broker, tls_ca, context_);
  return connection_->Activate(object_).status();
}

absl::Status LabBuilder::MakeProfiles() {
  Step(absl::StrCat("profiles of ", lab_.members.size(), " members"));
  ASSIGN_OR_RETURN(const Bytes tls_ca, ReadFile(info_.tls_ca, kMaxCaBytes));
  profiles_.resize(lab_.members.size());
  RETURN_IF_ERROR(MakePrivateDirectory(Path("profiles")));
  for (const policies::LabMember& member : lab_.members) {
    info_.profiles[member.profile()] = Path("profiles/" + member.profile());
    RETURN_IF_ERROR(MakePrivateDirectory(Path("profiles/" + member.party)));
  }
  return InParallel(context_, lab_.members.size(), [&](size_t i) -> absl::Status {
    const policies::LabMember& member = lab_.members[i];
    ASSIGN_OR_RETURN(Profile profile, Profile::Create(Path("profiles/" + member.profile()), member.party,
                                                      member.handle, Secret(), kStrength));
    RETURN_IF_ERROR(profile.Update([&](Profile& changed) {
      return changed.AddConvenant({convenant_->id(), hash_, info_.broker, tls_ca});
    }));
    profiles_[i].emplace(std::move(profile));
    return absl::OkStatus();
  });
}

absl::Status LabBuilder::EnrolMember(const policies::LabMember& member, const Profile& profile) {
  LabParty* party = Find(member.party);
  if (party == nullptr || !party->issuer) return absl::InternalError("a party of the lab has no issuer");
  const absl::Time now = context_.clock.Now();
  const trust::SignedDeviceRequest request =
      trust::MakeDeviceRequest(member.party, member.handle, now, profile.device_key());
  RETURN_IF_ERROR(party->store->Issue(request, now, now + kCertificateLife, *party->issuer).status());
  for (const policies::LabMandate& mandate : member.mandates) {
    GrantRequest grant;
    grant.handle = member.handle;
    grant.function = mandate.function;
    grant.scopes = mandate.scopes;
    grant.max_level = mandate.max_level;
    grant.from = mandate.from.value_or(now);
    grant.until = mandate.until.value_or(convenant_->valid_until());
    RETURN_IF_ERROR(party->store->Grant(grant, *party->issuer).status());
  }
  return absl::OkStatus();
}

absl::Status LabBuilder::AddToDirectory(const std::vector<Bytes>& objects) {
  for (const Bytes& object : objects) {
    RETURN_IF_ERROR(directory_.Add(object, context_.clock.Now()));
  }
  return absl::OkStatus();
}

absl::Status LabBuilder::PublishAll(const std::vector<Bytes>& objects) {
  RETURN_IF_ERROR(AddToDirectory(objects));
  ASSIGN_OR_RETURN(const v1::PublishReply reply, connection_->Publish(convenant_->id(), objects));
  PublishTrust trust;
  trust.convenant_id = convenant_->id();
  trust.convenant_hash = ToBytes(directory_.convenant_hash());
  return ProvePublished(*connection_, trust, objects, reply).status();
}

absl::Status LabBuilder::Enrol() {
  Step("certificates and mandates");
  for (size_t i = 0; i < lab_.members.size(); ++i) {
    RETURN_IF_ERROR(EnrolMember(lab_.members[i], *profiles_[i]));
  }
  std::vector<Bytes> objects;
  for (const LabParty& party : parties_) {
    const std::vector<Bytes>& pending = party.store->data().pending;
    objects.insert(objects.end(), pending.begin(), pending.end());
  }
  RETURN_IF_ERROR(PublishAll(objects));
  for (LabParty& party : parties_)
    RETURN_IF_ERROR(party.store->MarkPublished(party.store->data().pending.size()));
  return absl::OkStatus();
}

absl::Status LabBuilder::MakePrekeys() {
  Step("prekeys");
  std::vector<std::vector<Bytes>> made(profiles_.size());
  RETURN_IF_ERROR(InParallel(context_, profiles_.size(), [&](size_t i) -> absl::Status {
    ASSIGN_OR_RETURN(made[i], RenewPrekeys(*profiles_[i], directory_, context_.clock.Now()));
    return absl::OkStatus();
  }));
  std::vector<Bytes> objects;
  for (const std::vector<Bytes>& of_one : made) objects.insert(objects.end(), of_one.begin(), of_one.end());
  return PublishAll(objects);
}

absl::StatusOr<LabInfo> LabBuilder::Finish() {
  RETURN_IF_ERROR(WriteLabInfo(info_));
  running_->process.Release();
  return info_;
}

}  // namespace

absl::StatusOr<LabInfo> BuildLab(const Context& context, const std::string& convenant_file,
                                 const std::string& directory) {
  if (context.stop != nullptr) context.stop->GiveTime(kUndoSeconds);
  LabBuilder builder(context, convenant_file);
  RETURN_IF_ERROR(builder.Read());
  RETURN_IF_ERROR(builder.MakeDirectory(directory));
  using StepFunction = absl::Status (LabBuilder::*)();
  constexpr StepFunction kSteps[] = {&LabBuilder::MakeKeys,      &LabBuilder::InitBroker,
                                     &LabBuilder::SignConvenant, &LabBuilder::StartBroker,
                                     &LabBuilder::MakeProfiles,  &LabBuilder::Enrol,
                                     &LabBuilder::MakePrekeys};
  for (const StepFunction step : kSteps) {
    if (context.Stopped()) return absl::CancelledError(kNothingRuns);
    RETURN_IF_ERROR((builder.*step)());
  }
  return builder.Finish();
}

}  // namespace seinpost::client
