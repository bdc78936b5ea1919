// SPDX-License-Identifier: EUPL-1.2
#include "client/profile/profile.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "client/profile/disk.h"
#include "client/profile/records.h"
#include "client/terminal/output.h"
#include "client/terminal/texts.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

// docs/formats/profile.md
constexpr absl::string_view kMagic = "seinpost-profile";
constexpr uint8_t kNewestVersion = 2;
constexpr uint8_t kOldestVersion = 1;  // whose pins are of version 1 of their convenant
constexpr size_t kMaxPrekeys = 100'000;
constexpr size_t kMaxConvenants = 1000;

uint64_t ToSeconds(absl::Time time) { return static_cast<uint64_t>(absl::ToUnixSeconds(time)); }
absl::Time FromSeconds(uint64_t seconds) { return absl::FromUnixSeconds(static_cast<int64_t>(seconds)); }

absl::Status Damaged() {
  return UsageError("the profile is damaged: its content is not what this program writes");
}

absl::Status NoProfile(const std::string& directory) {
  return UsageError(absl::StrCat("there is no profile in '", directory, "'"));
}

// Nobody is asked for the passphrase of nothing, nor of what he may not read.
absl::Status CheckReadable(const std::string& directory) {
  if (faccessat(AT_FDCWD, absl::StrCat(directory, "/profile.sealed").c_str(), R_OK, AT_EACCESS) == 0) {
    return absl::OkStatus();
  }
  if (errno == ENOENT || errno == ENOTDIR) return NoProfile(directory);
  return UsageError(absl::StrCat("cannot read the profile in '", directory, "': ", std::strerror(errno)));
}

void WarnIfLoose(const Context& context, const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0 || (info.st_mode & 0077) == 0) return;
  Note(context, absl::Substitute(TextOf(Text::kLooseMode, context.language), path,
                                 absl::StrFormat("%04o", info.st_mode & 07777)));
}

}  // namespace

Profile::Profile(std::string directory, crypto::SigningKey device_key, crypto::WipedBytes passphrase,
                 crypto::PassphraseKey file_key, crypto::PassphraseStrength strength)
    : directory_(std::move(directory)),
      device_key_(std::move(device_key)),
      passphrase_(std::move(passphrase)),
      file_key_(std::move(file_key)),
      strength_(strength) {}

std::string Profile::FilePath() const { return absl::StrCat(directory_, "/profile.sealed"); }

trust::DeviceId Profile::device_id() const { return trust::DeviceIdOf(View(device_key_.public_key())); }

absl::StatusOr<Profile> Profile::Create(const std::string& directory, absl::string_view organisation,
                                        absl::string_view handle, ByteView passphrase,
                                        crypto::PassphraseStrength strength) {
  RETURN_IF_ERROR(DiskError(MakePrivateDirectory(directory)));
  absl::StatusOr<FileLock> lock = FileLock::AcquireBlocking(absl::StrCat(directory, "/profile.lock"));
  if (!lock.ok()) return DiskError(lock.status());
  ASSIGN_OR_RETURN(crypto::PassphraseKey file_key, crypto::PassphraseKey::Make(passphrase, strength));
  Profile profile(directory, crypto::SigningKey::Generate(), crypto::WipedBytes::Copy(passphrase),
                  std::move(file_key), strength);
  if (ReadFile(profile.FilePath(), crypto::kMaxSealedFileBytes).status().code() !=
      absl::StatusCode::kNotFound) {
    return absl::AlreadyExistsError(absl::StrCat("there is a profile in ", directory, " already"));
  }
  profile.organisation_ = std::string(organisation);
  profile.handle_ = std::string(handle);
  RETURN_IF_ERROR(profile.Write());
  return profile;
}

absl::StatusOr<Profile> Profile::Open(const std::string& directory, ByteView passphrase) {
  return Open(directory, passphrase, nullptr);
}

absl::StatusOr<Profile> Profile::Open(const std::string& directory, ByteView passphrase,
                                      const crypto::PassphraseKey* known) {
  const std::string path = absl::StrCat(directory, "/profile.sealed");
  absl::StatusOr<Bytes> sealed = ReadFile(path, crypto::kMaxSealedFileBytes + 4096);
  if (sealed.status().code() == absl::StatusCode::kNotFound) {
    return NoProfile(directory);
  }
  if (!sealed.ok()) return WithExit(sealed.status(), kUsage);
  absl::StatusOr<crypto::PassphraseKey> file_key =
      known != nullptr && known->IsOf(*sealed) ? *known : crypto::PassphraseKey::Of(passphrase, *sealed);
  absl::StatusOr<crypto::WipedBytes> plaintext =
      file_key.ok() ? file_key->Open(*sealed) : absl::StatusOr<crypto::WipedBytes>(file_key.status());
  if (plaintext.status().code() == absl::StatusCode::kUnauthenticated) {
    return absl::UnauthenticatedError("wrong passphrase, or the profile was altered");
  }
  if (plaintext.status().code() == absl::StatusCode::kInvalidArgument) {
    return UsageError(
        absl::StrCat("the profile in ", directory, " is damaged: ", plaintext.status().message()));
  }
  if (!plaintext.ok()) return plaintext.status();
  return Decode(directory, plaintext->ExposeSecretView(), passphrase, *file_key);
}

absl::StatusOr<Profile> Profile::Open(const Context& context) {
  if (context.profile_dir.empty()) return UsageError("this command needs --profile DIR");
  RETURN_IF_ERROR(CheckReadable(context.profile_dir));
  ASSIGN_OR_RETURN(const crypto::WipedBytes passphrase, ReadPassphrase(context));
  ASSIGN_OR_RETURN(Profile profile, Open(context.profile_dir, passphrase.ExposeSecretView()));
  WarnIfLoose(context, context.profile_dir);
  WarnIfLoose(context, profile.FilePath());
  for (const ConvenantEntry& entry : profile.convenants_) {
    const std::string state = absl::StrCat(context.profile_dir, "/", entry.id);
    WarnIfLoose(context, state);
    WarnIfLoose(context, absl::StrCat(state, "/state.json"));
  }
  return profile;
}

absl::Status Profile::Update(absl::FunctionRef<absl::Status(Profile&)> change) {
  absl::StatusOr<FileLock> lock = FileLock::AcquireBlocking(absl::StrCat(directory_, "/profile.lock"));
  if (!lock.ok()) return DiskError(lock.status());
  ASSIGN_OR_RETURN(Profile newest, Open(directory_, passphrase_.ExposeSecretView(), &file_key_));
  RETURN_IF_ERROR(change(newest));
  RETURN_IF_ERROR(newest.Write());
  *this = std::move(newest);
  return absl::OkStatus();
}

absl::Status Profile::Reload() {
  ASSIGN_OR_RETURN(Profile newest, Open(directory_, passphrase_.ExposeSecretView(), &file_key_));
  *this = std::move(newest);
  return absl::OkStatus();
}

absl::Status Profile::ChangePassphrase(ByteView passphrase) {
  return Update([passphrase](Profile& newest) {
    ASSIGN_OR_RETURN(newest.file_key_, crypto::PassphraseKey::Make(passphrase, newest.strength_));
    newest.passphrase_ = crypto::WipedBytes::Copy(passphrase);
    return absl::OkStatus();
  });
}

absl::Status Profile::Write() const {
  const crypto::WipedBytes plaintext = Encode();
  ASSIGN_OR_RETURN(const Bytes sealed, file_key_.Seal(plaintext.ExposeSecretView()));
  return DiskError(WriteFileAtomically(FilePath(), sealed));
}

crypto::WipedBytes Profile::Encode() const {
  const crypto::Secret<32> seed = device_key_.seed();
  const auto write = [this, &seed](RecordWriter& out) {
    out.Raw(kMagic);
    out.U8(kNewestVersion);
    out.U8(static_cast<uint8_t>(strength_));
    out.Lp(organisation_);
    out.Lp(handle_);
    out.Raw(seed.ExposeSecretView());
    out.U32(static_cast<uint32_t>(convenants_.size()));
    for (const ConvenantEntry& entry : convenants_) {
      out.Lp(entry.id);
      out.U32(entry.version);
      out.Raw(View(entry.hash));
      out.Lp(entry.broker);
      out.Lp(entry.tls_ca_pem);
    }
    out.U32(static_cast<uint32_t>(prekeys_.size()));
    for (const PrekeySecret& prekey : prekeys_) {
      out.Raw(prekey.prekey_id);
      out.Raw(prekey.pair.secret.ExposeSecretView());
      out.Lp(prekey.convenant);
      out.Lp(prekey.retention_class);
      out.U64(ToSeconds(prekey.seal_from));
      out.U64(ToSeconds(prekey.seal_until));
      out.U64(ToSeconds(prekey.delete_after));
      out.Lp(prekey.request);
    }
  };
  RecordWriter counter;
  write(counter);
  crypto::WipedBytes plaintext(counter.size());
  RecordWriter writer(plaintext);
  write(writer);
  return plaintext;
}

absl::StatusOr<Profile> Profile::Decode(const std::string& directory, ByteView plaintext, ByteView passphrase,
                                        const crypto::PassphraseKey& file_key) {
  RecordReader in(plaintext);
  if (in.Fixed(kMagic.size()) != kMagic) return Damaged();
  const uint8_t version = in.U8();
  if (version < kOldestVersion || version > kNewestVersion) return Damaged();
  const uint8_t strength = in.U8();
  if (strength > static_cast<uint8_t>(crypto::PassphraseStrength::kModerate)) return Damaged();
  const std::string organisation(in.Lp());
  const std::string handle(in.Lp());
  const absl::StatusOr<crypto::Secret<32>> seed = crypto::Secret<32>::FromBytes(in.Fixed(32));
  if (!seed.ok() || !in.ok()) return Damaged();
  Profile profile(directory, crypto::SigningKey::FromSeed(*seed), crypto::WipedBytes::Copy(passphrase),
                  file_key, static_cast<crypto::PassphraseStrength>(strength));
  profile.organisation_ = organisation;
  profile.handle_ = handle;
  const uint32_t convenants = in.U32();
  if (convenants > kMaxConvenants) return Damaged();
  for (uint32_t i = 0; i < convenants && in.ok(); ++i) {
    ConvenantEntry entry;
    entry.id = std::string(in.Lp());
    if (version >= 2) entry.version = in.U32();
    const absl::StatusOr<Digest> hash = ToFixed<32>(in.Fixed(32), "convenant hash");
    if (!hash.ok()) return Damaged();
    entry.hash = *hash;
    entry.broker = std::string(in.Lp());
    entry.tls_ca_pem = std::string(in.Lp());
    profile.convenants_.push_back(std::move(entry));
  }
  const uint32_t prekeys = in.U32();
  if (prekeys > kMaxPrekeys) return Damaged();
  for (uint32_t i = 0; i < prekeys && in.ok(); ++i) {
    Bytes id(in.Fixed(32));
    absl::StatusOr<crypto::Secret<32>> secret = crypto::Secret<32>::FromBytes(in.Fixed(32));
    if (!secret.ok()) return Damaged();
    PrekeySecret prekey{.prekey_id = std::move(id),
                        .pair = crypto::HpkeKeyPair::FromSecret(*std::move(secret))};
    prekey.convenant = std::string(in.Lp());
    prekey.retention_class = std::string(in.Lp());
    prekey.seal_from = FromSeconds(in.U64());
    prekey.seal_until = FromSeconds(in.U64());
    prekey.delete_after = FromSeconds(in.U64());
    if (version >= 2) prekey.request = Bytes(in.Lp());
    profile.prekeys_.push_back(std::move(prekey));
  }
  if (!in.ok() || !in.at_end()) return Damaged();
  return profile;
}

absl::StatusOr<ConvenantEntry> Profile::FindConvenant(absl::string_view id) const {
  if (convenants_.empty()) return UsageError("this profile takes part in no convenant yet");
  std::vector<std::string> ids;
  for (const ConvenantEntry& entry : convenants_) {
    if (entry.id == id || (id.empty() && convenants_.size() == 1)) return entry;
    ids.push_back(entry.id);
  }
  return UsageError(absl::StrCat(id.empty() ? "several convenants, give --convenant; there are: "
                                            : "no such convenant in this profile; there are: ",
                                 absl::StrJoin(ids, ", ")));
}

absl::Status Profile::AddConvenant(ConvenantEntry entry) {
  for (ConvenantEntry& old : convenants_) {
    if (old.id != entry.id) continue;
    if (old.version != entry.version || old.hash != entry.hash) {
      return absl::FailedPreconditionError("another version of this convenant is pinned already");
    }
    old = std::move(entry);
    return absl::OkStatus();
  }
  convenants_.push_back(std::move(entry));
  return absl::OkStatus();
}

absl::Status Profile::RaisePin(absl::string_view id, uint32_t version, const Digest& hash) {
  for (ConvenantEntry& entry : convenants_) {
    if (entry.id != id) continue;
    if (entry.version > version) return absl::OkStatus();
    if (entry.version == version && entry.hash != hash) {
      return absl::FailedPreconditionError("another file is pinned for this version of the convenant");
    }
    entry.version = version;
    entry.hash = hash;
    return absl::OkStatus();
  }
  return absl::NotFoundError("this profile does not take part in that convenant");
}

const crypto::HpkeKeyPair* Profile::FindPrekey(ByteView prekey_id) const {
  for (const PrekeySecret& prekey : prekeys_) {
    if (prekey.prekey_id == prekey_id) return &prekey.pair;
  }
  return nullptr;
}

void Profile::AddPrekey(PrekeySecret prekey) { prekeys_.push_back(std::move(prekey)); }

void Profile::DropPrekey(ByteView prekey_id) {
  std::erase_if(prekeys_, [prekey_id](const PrekeySecret& prekey) { return prekey.prekey_id == prekey_id; });
}

size_t Profile::DestroyExpiredPrekeys(absl::Time until) {
  return std::erase_if(prekeys_,
                       [until](const PrekeySecret& prekey) { return prekey.delete_after <= until; });
}

}  // namespace seinpost::client
