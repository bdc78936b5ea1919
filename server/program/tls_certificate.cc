// SPDX-License-Identifier: EUPL-1.2
#include "server/program/tls_certificate.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <set>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/program/openssl_owned.h"

namespace seinpost::server {

namespace {

constexpr int64_t kLifeDays = 5 * 365;

std::string AlternativeNames(const std::vector<std::string>& hosts) {
  std::set<std::string> names;
  for (const std::string& host : hosts) {
    // An address that means "all of them" names none.
    if (host.empty() || host == "0.0.0.0" || host == "::") continue;
    names.insert(absl::StrCat(IsIpAddress(host) ? "IP:" : "DNS:", host));
  }
  return absl::StrJoin(names, ",");
}

bool AddExtension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const Owned<X509_EXTENSION, X509_EXTENSION_free> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool SetSerial(X509* certificate) {
  const Owned<BIGNUM, BN_free> serial(BN_new());
  return serial != nullptr && BN_rand(serial.get(), 126, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool FillIn(X509* certificate, EVP_PKEY* key, const std::vector<std::string>& hosts, absl::Time now) {
  const time_t from = absl::ToTimeT(now - absl::Hours(24));
  const time_t until = absl::ToTimeT(now + absl::Hours(24 * kLifeDays));
  X509_NAME* name = X509_get_subject_name(certificate);
  return X509_set_version(certificate, 2) == 1 && SetSerial(certificate) &&
         ASN1_TIME_set(X509_getm_notBefore(certificate), from) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), until) != nullptr &&
         X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                    reinterpret_cast<const unsigned char*>("seinpostd"), -1, -1, 0) == 1 &&
         X509_set_issuer_name(certificate, name) == 1 && X509_set_pubkey(certificate, key) == 1 &&
         AddExtension(certificate, NID_subject_alt_name, AlternativeNames(hosts)) &&
         AddExtension(certificate, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
         AddExtension(certificate, NID_key_usage, "critical,digitalSignature,keyCertSign") &&
         AddExtension(certificate, NID_ext_key_usage, "serverAuth") &&
         X509_sign(certificate, key, EVP_sha256()) > 0;
}

std::string Content(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<size_t>(size));
}

}  // namespace

absl::StatusOr<TlsCertificate> MakeSelfSignedCertificate(const std::vector<std::string>& hosts,
                                                         absl::Time now) {
  const Owned<EVP_PKEY, EVP_PKEY_free> key(EVP_EC_gen("P-256"));
  const Owned<X509, X509_free> certificate(X509_new());
  const Owned<BIO, BIO_free_all> certificate_pem(BIO_new(BIO_s_mem()));
  const Owned<BIO, BIO_free_all> key_pem(BIO_new(BIO_s_secmem()));
  if (key == nullptr || certificate == nullptr || certificate_pem == nullptr || key_pem == nullptr ||
      !FillIn(certificate.get(), key.get(), hosts, now) ||
      PEM_write_bio_X509(certificate_pem.get(), certificate.get()) != 1 ||
      PEM_write_bio_PrivateKey(key_pem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return absl::InternalError("OpenSSL could not make a certificate");
  }
  return TlsCertificate{Content(certificate_pem.get()), Content(key_pem.get())};
}

}  // namespace seinpost::server
