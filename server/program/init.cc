// SPDX-License-Identifier: EUPL-1.2
#include "server/program/init.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/program/openssl_owned.h"
#include "server/program/places.h"
#include "server/program/tls_certificate.h"
#include "server/program/tls_files.h"
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

bool IsWildcard(const std::string& host) { return host == "0.0.0.0" || host == "::"; }

// RFC 1123: labels of letters, digits and hyphens.
bool IsHostName(absl::string_view host) {
  if (host.empty() || host.size() > 253) return false;
  for (const absl::string_view label : absl::StrSplit(host, '.')) {
    const bool plain =
        std::all_of(label.begin(), label.end(), [](char c) { return absl::ascii_isalnum(c) || c == '-'; });
    if (label.empty() || label.size() > 63 || !plain || label.front() == '-' || label.back() == '-')
      return false;
  }
  return true;
}

absl::Status MakeTls(const ServerConfig& config, absl::Time now, const std::vector<std::string>& hosts) {
  const std::string path = TlsCertificatePath(config);
  if (!config.tls_certificate.empty()) {
    if (hosts.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(
        "hostname: the configuration names a certificate under tls, so none is made");
  }
  const absl::StatusOr<std::string> there = ReadFile(path, kMaxPemBytes);
  if (there.ok() && ReadFile(TlsKeyPath(config), kMaxPemBytes).ok()) {
    ASSIGN_OR_RETURN(const std::vector<std::string> missing, HostsNotNamed(*there, hosts));
    if (missing.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(
        "hostname: the certificate '", path, "' is there already and does not name ", missing.front(),
        ": move it and its key away to have them made anew; every profile must then be given the new one"));
  }
  std::vector<std::string> names = {HostOf(config.listen), "localhost", "127.0.0.1"};
  names.insert(names.end(), hosts.begin(), hosts.end());
  ASSIGN_OR_RETURN(const TlsCertificate made, MakeSelfSignedCertificate(names, now));
  RETURN_IF_ERROR(MakePrivateDirectory(config.keys_dir + "/tls"));
  RETURN_IF_ERROR(WriteFileAtomically(TlsKeyPath(config), made.key_pem));
  return WriteFileAtomically(path, made.certificate_pem);
}

// Of the certificate that `init` made, now or before.
std::string CertificateWarning(const ServerConfig& config) {
  if (!config.tls_certificate.empty() || !IsWildcard(HostOf(config.listen))) return "";
  const absl::StatusOr<std::string> pem = ReadFile(TlsCertificatePath(config), kMaxPemBytes);
  if (!pem.ok() || !NamesOnlyThisMachine(*pem)) return "";
  return absl::StrCat(
      "the certificate names localhost and 127.0.0.1 alone, though listen is ", config.listen,
      ": others cannot connect. Give the names and addresses by which they reach this broker: seinpostd "
      "init --hostname NAME[,NAME|IP]; a certificate that is there already must be moved away first");
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ParseHosts(absl::string_view list) {
  std::vector<std::string> hosts;
  for (const absl::string_view part : absl::StrSplit(list, ',')) {
    std::string host(part);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    if (IsWildcard(host) || (!IsIpAddress(host) && !IsHostName(host))) {
      return absl::InvalidArgumentError(
          absl::StrCat("hostname: \"", host, "\" is neither a host name nor the address of one machine"));
    }
    hosts.push_back(std::move(host));
  }
  return hosts;
}

absl::StatusOr<BrokerIdentity> InitBroker(const ServerConfig& config, absl::Time now, const InitWish& wish) {
  const std::string& next_log_key = wish.next_log_key;
  const bool hosted =
      std::any_of(config.convenants.begin(), config.convenants.end(),
                  [&](const HostedConvenant& convenant) { return convenant.id == next_log_key; });
  if (!next_log_key.empty() && !hosted) {
    return absl::InvalidArgumentError(
        absl::StrCat("next log key: the configuration names no convenant \"", next_log_key, "\""));
  }
  RETURN_IF_ERROR(CheckPlaces(config));
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
  RETURN_IF_ERROR(MakeTls(config, now, wish.hosts));
  made.tls_certificate = TlsCertificatePath(config);
  made.tls_key = TlsKeyPath(config);
  made.warning = CertificateWarning(config);
  return made;
}

}  // namespace seinpost::server
