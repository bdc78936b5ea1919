// SPDX-License-Identifier: EUPL-1.2
#include "server/program/tls_files.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/program/openssl_owned.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

constexpr size_t kMaxTlsFileBytes = 64 * 1024;
constexpr absl::Duration kDay = absl::Hours(24);
constexpr absl::Duration kWarnBefore = absl::Hours(30 * 24);

using OwnedX509 = Owned<X509, X509_free>;

absl::Status Wrong(absl::string_view what, const std::string& path, absl::string_view sentence) {
  return absl::InvalidArgumentError(absl::StrCat(what, " '", path, "' ", sentence));
}

absl::StatusOr<std::string> ReadTlsFile(absl::string_view what, const std::string& path) {
  absl::StatusOr<std::string> pem = ReadFile(path, kMaxTlsFileBytes);
  if (absl::IsNotFound(pem.status())) {
    return absl::NotFoundError(absl::StrCat("no file '", path, "', `seinpostd init` makes what is missing"));
  }
  if (!pem.ok()) return absl::InvalidArgumentError(absl::StrCat(what, ": ", pem.status().message()));
  return pem;
}

Owned<BIO, BIO_free_all> Reading(const std::string& pem) {
  return Owned<BIO, BIO_free_all>(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

std::vector<OwnedX509> CertificatesIn(const std::string& pem) {
  const Owned<BIO, BIO_free_all> bio = Reading(pem);
  std::vector<OwnedX509> chain;
  while (X509* one = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) chain.emplace_back(one);
  ERR_clear_error();
  return chain;
}

// Whoever asks for a passphrase gets none: seinpostd starts without anybody there.
int NoPassphrase(char*, int, int, void*) { return -1; }

absl::Time TimeOf(const ASN1_TIME* time) {
  std::tm fields{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &fields) != 1) return absl::InfinitePast();
  return absl::FromTM(fields, absl::UTCTimeZone());
}

std::string DateTime(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M UTC", time, absl::UTCTimeZone());
}

absl::Status CheckTlsKey(const std::string& key_path, const std::string& key_pem,
                         const std::string& certificate_path, X509* certificate) {
  const Owned<BIO, BIO_free_all> bio = Reading(key_pem);
  const Owned<EVP_PKEY, EVP_PKEY_free> key(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr));
  ERR_clear_error();
  if (key == nullptr && absl::StrContains(key_pem, "ENCRYPTED")) {
    return Wrong(
        "tls key", key_path,
        "is encrypted, and nobody is there to give its passphrase at start: store it without one, mode 0600");
  }
  if (key == nullptr) return Wrong("tls key", key_path, "holds no private key in PEM that can be read");
  if (X509_check_private_key(certificate, key.get()) != 1) {
    ERR_clear_error();
    return Wrong("tls key", key_path,
                 absl::StrCat("does not belong to the certificate '", certificate_path,
                              "': put the two together that were made together"));
  }
  return absl::OkStatus();
}

}  // namespace

std::string TlsCertificatePath(const ServerConfig& config) {
  return config.tls_certificate.empty() ? config.keys_dir + "/tls/cert.pem" : config.tls_certificate;
}

std::string TlsKeyPath(const ServerConfig& config) {
  return config.tls_key.empty() ? config.keys_dir + "/tls/key.pem" : config.tls_key;
}

absl::StatusOr<TlsFiles> ReadTlsFiles(const ServerConfig& config, absl::Time now) {
  const std::string path = TlsCertificatePath(config);
  TlsFiles files;
  ASSIGN_OR_RETURN(files.certificate_pem, ReadTlsFile("tls certificate", path));
  ASSIGN_OR_RETURN(files.key_pem, ReadTlsFile("tls key", TlsKeyPath(config)));
  const std::vector<OwnedX509> chain = CertificatesIn(files.certificate_pem);
  if (chain.empty()) return Wrong("tls certificate", path, "holds no certificate in PEM that can be read");
  RETURN_IF_ERROR(CheckTlsKey(TlsKeyPath(config), files.key_pem, path, chain.front().get()));
  files.not_after = absl::InfiniteFuture();
  for (const OwnedX509& one : chain) {
    const absl::Time from = TimeOf(X509_get0_notBefore(one.get()));
    if (now < from) {
      return Wrong("tls certificate", path,
                   absl::StrCat("is not valid before ", DateTime(from), ", and it is ", DateTime(now),
                                ": nobody would connect; set the clock, or take another certificate"));
    }
    files.not_after = std::min(files.not_after, TimeOf(X509_get0_notAfter(one.get())));
  }
  if (now > files.not_after) {
    return Wrong(
        "tls certificate", path,
        absl::StrCat("expired on ", DateTime(files.not_after),
                     ": nobody would connect; install a new one, or move both files away and let `seinpostd "
                     "init` make them"));
  }
  return files;
}

absl::StatusOr<std::vector<std::string>> HostsNotNamed(const std::string& certificate_pem,
                                                       const std::vector<std::string>& hosts) {
  const std::vector<OwnedX509> chain = CertificatesIn(certificate_pem);
  if (chain.empty()) return absl::InvalidArgumentError("no certificate in PEM that can be read");
  std::vector<std::string> missing;
  for (const std::string& host : hosts) {
    X509* const certificate = chain.front().get();
    const int named = IsIpAddress(host) ? X509_check_ip_asc(certificate, host.c_str(), 0)
                                        : X509_check_host(certificate, host.data(), host.size(), 0, nullptr);
    if (named != 1) missing.push_back(host);
  }
  return missing;
}

bool NamesOnlyThisMachine(const std::string& certificate_pem) {
  const std::vector<OwnedX509> chain = CertificatesIn(certificate_pem);
  if (chain.empty()) return false;
  const Owned<GENERAL_NAMES, GENERAL_NAMES_free> names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(chain.front().get(), NID_subject_alt_name, nullptr, nullptr)));
  return sk_GENERAL_NAME_num(names.get()) == 2 &&
         HostsNotNamed(certificate_pem, {"localhost", "127.0.0.1"})->empty();
}

std::optional<std::string> CertificateWatch::Look(absl::Time now) {
  if (now < not_after_ - kWarnBefore || now - last_said_ < kDay) return std::nullopt;
  last_said_ = now;
  if (now > not_after_) {
    return absl::StrCat("the tls certificate expired on ", DateTime(not_after_),
                        ": nobody can connect any more; install a new one and start again");
  }
  return absl::StrCat("warning: the tls certificate ends on ", DateTime(not_after_), ", in ",
                      absl::ToInt64Hours(not_after_ - now) / 24,
                      " days: install a new one and start again before that");
}

}  // namespace seinpost::server
