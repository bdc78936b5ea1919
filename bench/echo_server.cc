// SPDX-License-Identifier: EUPL-1.2
#include "bench/echo_server.h"

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"

namespace seinpost::bench {
namespace {

constexpr size_t kBytes = 2048;

std::string ReadBio(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<size_t>(size));
  BIO_free(bio);
  return text;
}

// Answers each call with the bytes it got.
class EchoReactor final : public grpc::ServerGenericBidiReactor {
 public:
  EchoReactor() { StartRead(&buffer_); }
  void OnReadDone(bool ok) override {
    if (ok) {
      StartWriteAndFinish(&buffer_, grpc::WriteOptions(), grpc::Status::OK);
    } else {
      Finish(grpc::Status::OK);
    }
  }
  void OnDone() override { delete this; }

 private:
  grpc::ByteBuffer buffer_;
};

class EchoService final : public grpc::CallbackGenericService {
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext*) override {
    return new EchoReactor;
  }
};

}  // namespace

TlsPair MakeTlsPair() {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 24 * 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("bench"), -1,
                             -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_EXTENSION* names =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost");
  X509_add_ext(certificate, names, -1);
  X509_EXTENSION_free(names);
  if (X509_sign(certificate, key, EVP_sha256()) == 0) std::abort();
  BIO* certificate_bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(certificate_bio, certificate);
  BIO* key_bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(key_bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  TlsPair pair{ReadBio(certificate_bio), ReadBio(key_bio)};
  X509_free(certificate);
  EVP_PKEY_free(key);
  return pair;
}

struct EchoServer::State {
  EchoService service;
  std::unique_ptr<grpc::Server> server;
};

EchoServer::EchoServer() : state_(std::make_unique<State>()) {
  const TlsPair tls = MakeTlsPair();
  grpc::SslServerCredentialsOptions options;
  options.pem_key_cert_pairs.push_back({tls.key, tls.certificate});
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(options), &port);
  builder.RegisterCallbackGenericService(&state_->service);
  state_->server = builder.BuildAndStart();
  if (state_->server == nullptr) std::abort();
  door_ = {.address = absl::StrCat("127.0.0.1:", port), .certificate = tls.certificate};
}

EchoServer::~EchoServer() {
  state_->server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1));
}

struct EchoCaller::State {
  std::unique_ptr<grpc::GenericStub> stub;
};

EchoCaller::EchoCaller(const Door& door) : state_(std::make_unique<State>()) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = door.certificate;
  state_->stub =
      std::make_unique<grpc::GenericStub>(grpc::CreateChannel(door.address, grpc::SslCredentials(options)));
}

EchoCaller::~EchoCaller() = default;

absl::StatusOr<Load> EchoCaller::Call(size_t count, size_t outstanding) {
  struct Exchange {
    grpc::ClientContext context;
    grpc::ByteBuffer request, reply;
  };
  const grpc::Slice slice(std::string(kBytes, 'x'));
  return Drive(count, outstanding, [&](size_t, std::function<void(absl::Status)> done) {
    auto exchange = std::make_shared<Exchange>();
    exchange->request = grpc::ByteBuffer(&slice, 1);
    state_->stub->UnaryCall(
        &exchange->context, "/bench.Echo/Echo", grpc::StubOptions(), &exchange->request, &exchange->reply,
        [exchange, done = std::move(done)](const grpc::Status& status) mutable {
          exchange.reset();  // see Drive()
          done(status.ok() ? absl::OkStatus() : absl::UnavailableError(status.error_message()));
        });
  });
}

}  // namespace seinpost::bench
