// SPDX-License-Identifier: EUPL-1.2
#include "server/program/init.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/program/tls_certificate.h"
#include "server/realm/key_files.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

constexpr size_t kMaxPemBytes = 64 * 1024;

std::string HostOf(const std::string& listen) {
  std::string host = listen.substr(0, listen.rfind(':'));
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  return host;
}

absl::Status MakeTls(const ServerConfig& config, absl::Time now) {
  if (!config.tls_certificate.empty()) return absl::OkStatus();
  if (ReadFile(TlsCertificatePath(config), kMaxPemBytes).ok() &&
      ReadFile(TlsKeyPath(config), kMaxPemBytes).ok()) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const TlsCertificate made,
                   MakeSelfSignedCertificate({HostOf(config.listen), "localhost", "127.0.0.1"}, now));
  RETURN_IF_ERROR(MakePrivateDirectory(config.keys_dir + "/tls"));
  RETURN_IF_ERROR(WriteFileAtomically(TlsKeyPath(config), made.key_pem));
  return WriteFileAtomically(TlsCertificatePath(config), made.certificate_pem);
}

}  // namespace

std::string TlsCertificatePath(const ServerConfig& config) {
  return config.tls_certificate.empty() ? config.keys_dir + "/tls/cert.pem" : config.tls_certificate;
}

std::string TlsKeyPath(const ServerConfig& config) {
  return config.tls_key.empty() ? config.keys_dir + "/tls/key.pem" : config.tls_key;
}

absl::StatusOr<BrokerIdentity> InitBroker(const ServerConfig& config, absl::Time now,
                                          const std::string& next_log_key) {
  const bool hosted =
      std::any_of(config.convenants.begin(), config.convenants.end(),
                  [&](const HostedConvenant& convenant) { return convenant.id == next_log_key; });
  if (!next_log_key.empty() && !hosted) {
    return absl::InvalidArgumentError(
        absl::StrCat("next log key: the configuration names no convenant \"", next_log_key, "\""));
  }
  for (const std::string& directory : {config.data_dir, config.keys_dir, config.anchor_dir}) {
    RETURN_IF_ERROR(MakePrivateDirectory(directory));
  }
  BrokerIdentity made;
  ASSIGN_OR_RETURN(const crypto::SigningKey identity, ReadOrMakeKeyFile(IdentityKeyPath(config.keys_dir)));
  made.identity = ToBytes(identity.public_key());
  for (const HostedConvenant& convenant : config.convenants) {
    ASSIGN_OR_RETURN(const crypto::SigningKey log_key,
                     ReadOrMakeKeyFile(LogKeyPath(config.keys_dir, convenant.id)));
    made.log_keys[convenant.id] = ToBytes(log_key.public_key());
    const std::string next = NextLogKeyPathIn(RealmKeyDirectory(config.keys_dir, convenant.id));
    const absl::StatusOr<crypto::SigningKey> next_key =
        convenant.id == next_log_key ? ReadOrMakeKeyFile(next) : ReadKeyFile(next);
    if (absl::IsNotFound(next_key.status())) continue;
    RETURN_IF_ERROR(next_key.status());
    made.next_log_keys[convenant.id] = ToBytes(next_key->public_key());
  }
  RETURN_IF_ERROR(MakeTls(config, now));
  made.tls_certificate = TlsCertificatePath(config);
  made.tls_key = TlsKeyPath(config);
  return made;
}

}  // namespace seinpost::server
